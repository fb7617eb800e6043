//! A Python package's own list of its files: `*.dist-info/RECORD` (PEP 376, PEP 427).

use base64::Engine;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// What a package says of one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// SHA-256 of its content; `None` for the list itself and for bytecode.
    pub sha256: Option<Vec<u8>>,
    /// Its size in bytes, where the list tells it.
    pub size: Option<u64>,
    /// The package (`requests 2.31.0`), as an index into the list of packages.
    pub package: usize,
}

/// Reads a RECORD into `files`, by path below the environment; `site` is the folder the `.dist-info` lies in. Several
/// packages may list the same file.
pub fn read(text: &str, site: &Path, package: usize, files: &mut HashMap<PathBuf, Vec<Listed>>) {
    for line in text.lines() {
        let told = fields(line);
        let [path, rest @ ..] = told.as_slice() else { continue };
        let Some(path) = joined(site, Path::new(path)) else { continue };
        let sha256 = rest.first().and_then(|h| h.strip_prefix("sha256=")).and_then(decoded);
        let size = rest.get(1).and_then(|s| s.parse().ok());
        files.entry(path).or_default().push(Listed { sha256, size, package });
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// A path of the list, relative to the environment; `None` where it leaves it.
fn joined(site: &Path, path: &Path) -> Option<PathBuf> {
    let mut at = site.to_path_buf();
    for part in path.components() {
        match part {
            Component::Normal(name) => at.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !at.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(at)
}

/// The fields of a CSV line, `"` quoting as in Python's csv module.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_site_packages_but_not_the_environment_are_understood() {
        let mut files = HashMap::new();
        let text = "requests/api.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n../../../bin/normalizer,,\n\"odd,name.py\",,3\n../../../../../etc/passwd,,\n";
        read(text, Path::new("lib/python3.11/site-packages"), 0, &mut files);
        assert_eq!(files[Path::new("lib/python3.11/site-packages/requests/api.py")][0].sha256.as_ref().map(Vec::len), Some(32));
        assert!(files.contains_key(Path::new("bin/normalizer")));
        assert_eq!(files[Path::new("lib/python3.11/site-packages/odd,name.py")][0].size, Some(3));
        assert_eq!(files.len(), 3, "what lies outside the environment is not taken");
    }

    proptest::proptest! {
        #[test]
        fn garbage_is_read_without_a_panic(text in ".{0,200}") {
            read(&text, Path::new("a/b"), 0, &mut HashMap::new());
        }
    }
}
