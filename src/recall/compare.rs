//! Two environments side by side: which files are not the same.

use crate::error::{Error, Result};
use crate::model::Kind;
use crate::platform::facts;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// So many differences are told one by one.
const MOST: usize = 200;

/// What differs between an environment and the one that was made again, as sentences. What every installation writes anew
/// does not count: lists of files (`RECORD`, `REQUESTED`, the installers' own notes), bytecode, and the places that an
/// environment's own scripts name.
pub fn compare(before: &Path, again: &Path) -> Result<Vec<String>> {
    let mut differs = Vec::new();
    let (old, new) = (names(before)?, names(again)?);
    for path in old.union(&new).filter(|p| !is_anew(p)) {
        let told = match (old.contains(path), new.contains(path)) {
            (true, false) => Some("did not come back"),
            (false, true) => Some("was not there before"),
            _ => differ(before, again, path)?.then_some("has other bytes"),
        };
        if let Some(told) = told {
            differs.push(format!("{} {told}", crate::model::shown(path)));
        }
    }
    if differs.len() > MOST {
        let more = differs.len() - MOST;
        differs.truncate(MOST);
        differs.push(format!("and {more} more"));
    }
    Ok(differs)
}

/// Every file and link below a folder.
fn names(top: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut all = BTreeSet::new();
    for found in walkdir::WalkDir::new(top).follow_links(false) {
        let found = found.map_err(|e| Error::io("cannot look into an environment", top, e.into()))?;
        if let Some(path) = found.path().strip_prefix(top).ok().filter(|_| !found.file_type().is_dir()) {
            all.insert(path.to_path_buf());
        }
    }
    Ok(all)
}

/// What is written anew each time.
fn is_anew(path: &Path) -> bool {
    let parts: Vec<&str> = path.iter().filter_map(|p| p.to_str()).collect();
    match parts.as_slice() {
        [.., info, "RECORD" | "REQUESTED"] if info.ends_with(".dist-info") => true,
        [.., "__pycache__", name] if name.ends_with(".pyc") => true,
        ["pyvenv.cfg" | ".gitignore" | "lib64"] => true,
        ["bin" | "Scripts", name] => name.to_lowercase().starts_with("activate") || name.starts_with("python"),
        [".package-lock.json" | ".yarn-integrity" | ".modules.yaml" | ".yarn-state.yml" | ".pnpm-workspace-state.json"] => true,
        [".pnpm-workspace-state-v1.json"] | [".pnpm", "lock.yaml"] => true,
        _ => false,
    }
}

fn differ(before: &Path, again: &Path, path: &Path) -> Result<bool> {
    let (old, new) = (before.join(path), again.join(path));
    let look = |p: &Path| facts(p).map_err(|e| Error::io("cannot look at a file", p, e));
    let (was, is) = (look(&old)?, look(&new)?);
    if was.kind != is.kind {
        return Ok(true);
    }
    if was.kind == Kind::Symlink {
        return Ok(std::fs::read_link(&old).ok() != std::fs::read_link(&new).ok());
    }
    let read = |p: &Path| std::fs::read(p).map_err(|e| Error::io("cannot read a file", p, e));
    let in_bin = path.parent().is_some_and(|p| p == Path::new("bin") || p == Path::new("Scripts"));
    if was.size != is.size && !in_bin {
        return Ok(true);
    }
    let (was, is) = (read(&old)?, read(&new)?);
    Ok(was != is && !(in_bin && placed(unled(&was), before, again) == unled(&is)))
}

/// A script without the lines that find its Python: a long path is written in another way than a short one.
fn unled(script: &[u8]) -> &[u8] {
    let lines = match () {
        () if script.starts_with(b"#!/bin/sh\n'''exec' ") => 3,
        () if script.starts_with(b"#!") => 1,
        () => return script,
    };
    let end = script.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(lines - 1).map_or(0, |(at, _)| at + 1);
    script.get(end..).unwrap_or_default()
}

/// A script's bytes with the place of the one environment named in place of the other.
fn placed(bytes: &[u8], before: &Path, again: &Path) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.replace(&*before.to_string_lossy(), &again.to_string_lossy()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn what_differs_is_told_and_what_is_written_anew_each_time_is_not() {
        let same = [("lib/six.py", "x = 1"), ("lib/six-1.dist-info/METADATA", "Name: six")];
        let old = tree(
            &[&same[..], &[("lib/six-1.dist-info/RECORD", "a"), ("pyvenv.cfg", "1"), ("lib/__pycache__/six.cpython-311.pyc", "1")]]
                .concat(),
        );
        let new = tree(
            &[&same[..], &[("lib/six-1.dist-info/RECORD", "b"), ("pyvenv.cfg", "22"), ("lib/six-1.dist-info/REQUESTED", "")]].concat(),
        );
        assert_eq!(compare(old.path(), new.path()).unwrap(), [""; 0]);
        let script = |dir: &tempfile::TempDir| {
            std::fs::write(dir.path().join("bin/pip"), format!("#!{}/bin/python\n", dir.path().display())).unwrap();
        };
        for dir in [&old, &new] {
            std::fs::create_dir(dir.path().join("bin")).unwrap();
            script(dir);
        }
        assert_eq!(compare(old.path(), new.path()).unwrap(), [""; 0], "a script that names its own environment");
        let long = "#!/bin/sh\n'''exec' \"/a/long/place/bin/python\" \"$0\" \"$@\"\n' '''\nimport sys\n";
        for (dir, text) in [(&old, long), (&new, "#!/b/bin/python\nimport sys\n")] {
            std::fs::write(dir.path().join("bin/wheel"), text).unwrap();
        }
        assert_eq!(compare(old.path(), new.path()).unwrap(), [""; 0], "a path too long for one line");
        for (dir, path, text) in [
            (&old, "lib/notes.txt", "mine"),
            (&new, "lib/extra.py", ""),
            (&old, "lib/six.py", "x = 2"),
            (&old, "bin/pip", "#!/other\nimport os\n"),
        ] {
            std::fs::write(dir.path().join(path), text).unwrap();
        }
        let told: Vec<String> = compare(old.path(), new.path()).unwrap().iter().map(|line| line.replace('\\', "/")).collect();
        assert_eq!(
            told,
            [
                "bin/pip has other bytes",
                "lib/extra.py was not there before",
                "lib/notes.txt did not come back",
                "lib/six.py has other bytes"
            ]
        );
    }
}
