//! Whether a command only looks: lists, prints, searches, and leaves everything as it is.

/// Commands that change nothing by themselves.
const LOOKS: &[&str] = &[
    "ls",
    "cat",
    "head",
    "tail",
    "grep",
    "egrep",
    "rg",
    "pwd",
    "cd",
    "echo",
    "printf",
    "which",
    "type",
    "file",
    "stat",
    "wc",
    "du",
    "df",
    "tree",
    "less",
    "more",
    "date",
    "whoami",
    "uname",
    "env",
    "printenv",
    "true",
    "test",
    "[",
    "ps",
    "id",
    "sort",
    "uniq",
    "cut",
    "tr",
    "diff",
    "cmp",
    "md5sum",
    "sha256sum",
    "seq",
    "sleep",
    "hostname",
    "nproc",
    "free",
    "realpath",
    "basename",
    "dirname",
    "jq",
    "column",
    "nl",
    "xxd",
    "od",
    "strings",
];

/// Whether every part of a command only looks. What is not understood may have made something.
pub fn only_looks(command: &str) -> bool {
    let quiet = command.replace("2>&1", " ").replace("2>/dev/null", " ").replace(">/dev/null", " ").replace("> /dev/null", " ");
    if quiet.contains(['>', '`', '(', '{']) {
        return false;
    }
    quiet.split(['\n', ';', '|', '&']).map(str::trim).filter(|part| !part.is_empty() && !part.starts_with('#')).all(|part| {
        let mut words = part.split_whitespace().skip_while(|word| is_assignment(word));
        words.next().is_none_or(|word| LOOKS.contains(&word))
    })
}

/// Whether a word sets a variable before a command.
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_made_something_is_told_from_what_only_looks() {
        for look in ["ls -la", "cd x && cat a.txt | head -3 2>&1", "LC_ALL=C grep -r x . ; wc -l y", "pwd\n# where\nls >/dev/null"] {
            assert!(only_looks(look), "{look}");
        }
        for made in ["cat > x.py", "ls > list", "cd x && python a.py", "echo $(rm x)", "echo `rm x`", "find . -delete", "npm i", "X=1 make"]
        {
            assert!(!only_looks(made), "{made}");
        }
    }
}
