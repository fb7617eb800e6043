//! A text in the place of another, line by line, as `diff -u` writes it.

use crate::transcript::{Change, lines};
use similar::{ChangeTag, TextDiff};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Of two texts with more lines than this together, all of one goes and all of the other comes.
const MANY: usize = 4_000;

/// Unchanged lines around a change.
const AROUND: usize = 3;

/// The changes as the text of a diff; every one after the first begins with a line that says where it is, or that it is apart.
pub fn diff(changes: &[Change<'_>]) -> String {
    let mut out = String::new();
    for change in changes {
        match change.at {
            Some((old, new)) => {
                let _ = writeln!(out, "@@ -{old},{} +{new},{} @@", lines(&change.old), lines(&change.new));
            }
            None if changes.len() > 1 => out.push_str("@@\n"),
            None => {}
        }
        // A piece of a file has few unchanged lines around it already.
        let around = if change.at.is_some() { usize::MAX / 4 } else { AROUND };
        one(&change.old, &change.new, around, &mut out);
    }
    out
}

/// One change, with so many unchanged lines around each place.
fn one(old: &str, new: &str, around: usize, out: &mut String) {
    let mut line = |sign: char, text: &str| {
        out.push(sign);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push('\n');
        }
    };
    if lines(old) + lines(new) > MANY {
        old.split_inclusive('\n').for_each(|text| line('-', text));
        new.split_inclusive('\n').for_each(|text| line('+', text));
        return;
    }
    // Whether the last line ends is of no interest: the texts are pieces of files.
    let (old, new) = (ended(old), ended(new));
    let diff = TextDiff::from_lines(&*old, &*new);
    let mut first = true;
    for group in diff.grouped_ops(around) {
        if !std::mem::take(&mut first) {
            line('@', "@");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            line(sign, change.value());
        }
    }
}

fn ended(text: &str) -> Cow<'_, str> {
    if text.is_empty() || text.ends_with('\n') { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change<'a>(at: Option<(u64, u64)>, old: &'a str, new: &'a str) -> Change<'a> {
        Change { at, old: old.into(), new: new.into() }
    }

    #[test]
    fn what_did_not_change_stands_around_what_did() {
        assert_eq!(diff(&[change(None, "a\nb\nc", "a\nx\nc")]), " a\n-b\n+x\n c\n");
        let far = (0..20).map(|n| format!("{n}\n")).collect::<Vec<_>>().concat();
        let new = far.replace("2\n3\n", "2\nthree\n").replace("19\n", "");
        assert_eq!(diff(&[change(None, &far, &new)]), " 0\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@\n 16\n 17\n 18\n-19\n");
        assert_eq!(diff(&[change(Some((12, 13)), "a\n", "a\nb\n")]), "@@ -12,1 +13,2 @@\n a\n+b\n");
    }

    #[test]
    fn edits_apart_are_told_apart_and_a_last_line_that_does_not_end_is_no_change() {
        assert_eq!(diff(&[change(None, "a", "b"), change(None, "", "c\n")]), "@@\n-a\n+b\n@@\n+c\n");
        assert_eq!(diff(&[change(None, "a", "a\nb\n")]), " a\n+b\n");
    }

    #[test]
    fn texts_too_long_to_compare_go_and_come_whole() {
        let old = "x\n".repeat(MANY);
        let out = diff(&[change(None, &old, "x")]);
        assert_eq!((out.lines().count(), out.ends_with("-x\n+x\n")), (MANY + 1, true));
    }
}
