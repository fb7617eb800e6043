//! Files nobody misses: a flush leaves them aside and says so.

use crate::model::Skipped;
use std::collections::BTreeMap;

/// Why a file of this name and size is not worth a copy; `None`: it is.
pub fn why(name: &[u8], size: u64) -> Option<&'static str> {
    if size == 0 {
        return Some("empty");
    }
    if [&b".pyc"[..], b".pyo"].iter().any(|ending| name.ends_with(ending)) {
        return Some("bytecode");
    }
    [&b".DS_Store"[..], b"Thumbs.db", b"desktop.ini"].contains(&name).then_some("the file manager's own")
}

/// What was left aside, in a sentence; `None` for nothing.
pub fn told(noise: &[Skipped]) -> Option<String> {
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for one in noise {
        *by.entry(&one.reason).or_default() += 1;
    }
    let parts: Vec<String> = by.into_iter().map(|(why, n)| format!("{n} {why}")).collect();
    let (verb, files) = if noise.len() == 1 { ("was", "file") } else { ("were", "files") };
    (!noise.is_empty())
        .then(|| format!("{} {files} that nobody misses {verb} not copied ({}), and stay as they are", noise.len(), parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_or_bytecode_or_the_file_manager_s_is_noise_and_nothing_else_is() {
        assert_eq!(
            ["a.txt", "a.pyc", ".DS_Store", "pyc"].map(|n| why(n.as_bytes(), 9)),
            [None, Some("bytecode"), Some("the file manager's own"), None]
        );
        assert_eq!(why(b"__init__.py", 0), Some("empty"));
    }
}
