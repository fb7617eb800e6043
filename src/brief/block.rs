//! A brief in a file of the user's (CLAUDE.md, AGENTS.md): a block between two marks, and nothing else of the file touched.

use crate::error::{Error, Result};
use crate::settings::Planned;
use std::path::PathBuf;

/// The line that begins the block.
pub const BEGIN: &str = "<!-- lifeboat brief: begin. What stands between these marks is written anew by `lifeboat brief --into` -->";

/// The line that ends it.
pub const END: &str = "<!-- lifeboat brief: end -->";

/// What marks of ours begin with.
const MARK: &str = "<!-- lifeboat brief: ";

/// The change that puts a brief into a file, in the place of the one there or at the end; `None`: it is there as it is.
pub fn into(file: PathBuf, brief: &str) -> Result<Option<Planned>> {
    let planned = Planned::of(file, |before| placed(before, brief).map(Some))?;
    Ok(planned.filter(|p| p.before != p.after))
}

/// A file's text with the brief in it.
fn placed(before: &str, brief: &str) -> Result<String> {
    let broken = |what: &str| {
        Error::refused(format!("{what}, so where the brief belongs cannot be told; nothing was changed"))
            .hint("take the marks `<!-- lifeboat brief: … -->` out, and do it again")
    };
    let end = if before.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = format!("{BEGIN}\n{}\n{END}\n", brief.trim_end());
    if lines.matches(MARK).count() != 2 {
        return Err(Error::refused("the brief quotes a mark of a brief, so it would not be found again"));
    }
    let block = lines.replace('\n', end);
    let mut marks = before.match_indices(MARK).map(|(at, _)| at);
    match (marks.next(), marks.next(), marks.next()) {
        (None, ..) if before.trim().is_empty() => Ok(format!("{before}{block}")),
        (None, ..) => {
            // A blank line before it, whatever the last line ends with.
            let gap = if before.ends_with('\n') { end.to_owned() } else { end.repeat(2) };
            let gap = if before.ends_with(&end.repeat(2)) { String::new() } else { gap };
            Ok(format!("{before}{gap}{block}"))
        }
        (Some(from), Some(to), None) => {
            let starts = |at: usize| at == 0 || before.get(..at).is_some_and(|head| head.ends_with('\n'));
            let (head, tail) = (before.get(..from).unwrap_or_default(), before.get(to..).unwrap_or_default());
            let (is_begin, rest) = (before.get(from..).is_some_and(|t| t.starts_with(BEGIN)), tail.strip_prefix(END));
            let rest = rest.filter(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']));
            let (true, true, true, Some(rest)) = (is_begin, starts(from), starts(to), rest) else {
                return Err(broken("the marks of the brief in it are broken"));
            };
            let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
            // Where the file ended right after the mark, it still does.
            let block = if tail == END { block.trim_end() } else { &block };
            Ok(format!("{head}{block}{rest}"))
        }
        (Some(_), None, _) => Err(broken("one mark of the brief is missing in it")),
        (Some(_), Some(_), Some(_)) => Err(broken("there are more marks of a brief in it than one begins and ends")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(before: &str) -> (String, String) {
        let one = placed(before, "# One\n- a\n").unwrap();
        let two = placed(&one, "# Two\n").unwrap();
        (one, two)
    }

    #[test]
    fn the_block_is_put_at_the_end_and_written_anew_where_it_stands_and_the_rest_stays_to_the_byte() {
        for before in ["", "# Mine\n", "# Mine", "# Mine\n\n", "\u{feff}# Mine\r\nx\r\n"] {
            let (one, two) = twice(before);
            assert!(one.starts_with(before) && two.starts_with(before), "{one:?}");
            assert!(!two.contains("One") && two.matches(MARK).count() == 2, "{two:?}");
            assert_eq!(placed(&two, "# Two\n").unwrap(), two);
            assert_eq!(one.contains("\r\n"), before.contains("\r\n"));
            assert!(!before.contains("\r\n") || one.matches('\n').count() == one.matches("\r\n").count());
            let moved = format!("top\n{one}bottom\n");
            let end = placed(&moved, "# Two\n").unwrap();
            assert!(end.starts_with(&format!("top\n{before}")) && end.ends_with("bottom\n"), "{end:?}");
        }
    }

    #[test]
    fn broken_missing_and_doubled_marks_are_refused() {
        let (one, _) = twice("# Mine\n");
        let end_first = format!("{END}\n{BEGIN}\n");
        let (no_end, in_line) = (one.replace(END, ""), one.replace(END, &format!("x {END}")));
        for odd in [no_end, format!("{one}{one}"), format!("{one}{BEGIN}\n"), end_first, in_line, one.replace("begin.", "begun.")] {
            let told = placed(&odd, "# Two").unwrap_err();
            assert_eq!((told.exit_code(), told.hint.is_some()), (3, true), "{odd}");
        }
        assert_eq!(placed("", &format!("`{BEGIN}`")).unwrap_err().exit_code(), 3);
    }
}
