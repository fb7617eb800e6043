//! The line a hit stands in, with one around it.

use super::fit::Found;
use std::collections::BTreeSet;
use std::ops::Range;

/// Of a longer line only so many characters are shown, around the first place.
const WIDE: usize = 200;

/// The line of a hit and those around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The line before it, or empty.
    pub before: String,
    /// It, or the piece of it around the first place.
    pub line: String,
    /// Which bytes of it are what was asked.
    pub marks: Vec<Range<usize>>,
    /// The line after it, or empty.
    pub after: String,
}

impl Context {
    /// That of what was found in a text: of the line that has the most of it.
    pub fn of(text: &str, found: &Found) -> Self {
        let whole = best(text, found);
        let line = text.get(whole.clone()).unwrap_or_default();
        let first = found.marks.iter().find(|(mark, _)| mark.start >= whole.start).map_or(0, |(mark, _)| mark.start - whole.start);
        let piece = piece(line, first);
        let (cut, from) = (piece.start > 0, whole.start + piece.start);
        let lead = if cut { "…" } else { "" };
        let shown = line.get(piece.clone()).unwrap_or_default();
        let tail = if piece.end < line.len() { "…" } else { "" };
        let marks = found.marks.iter().filter(|(mark, _)| mark.start >= from && mark.start < from + shown.len());
        let inside = |mark: &Range<usize>| lead.len() + mark.start - from..lead.len() + mark.end.min(from + shown.len()) - from;
        Self {
            before: clipped(text.get(..whole.start).unwrap_or_default().lines().rev().find(|l| !l.trim().is_empty())),
            line: format!("{lead}{shown}{tail}"),
            marks: joined(marks.map(|(mark, _)| inside(mark))),
            after: clipped(text.get(whole.end..).unwrap_or_default().lines().find(|l| !l.trim().is_empty())),
        }
    }

    /// The line in pieces, and which of them are what was asked.
    pub fn pieces(&self) -> impl Iterator<Item = (&str, bool)> {
        let ends = self.marks.iter().flat_map(|mark| [(mark.start, false), (mark.end, true)]).chain([(self.line.len(), false)]);
        let pieces = ends.scan(0, |from, (to, is_mark)| {
            let piece = self.line.get(*from..to).unwrap_or_default();
            *from = to;
            Some((piece, is_mark))
        });
        pieces.filter(|(piece, _)| !piece.is_empty())
    }
}

/// The line with the most different things that were asked, the first of such.
fn best(text: &str, found: &Found) -> Range<usize> {
    let mut best: (usize, Range<usize>) = (0, 0..0);
    let mut from = 0;
    for (mark, _) in &found.marks {
        if mark.start < from {
            continue;
        }
        let start = text.get(..mark.start).and_then(|before| before.rfind('\n')).map_or(0, |n| n + 1);
        let end = text.get(mark.start..).and_then(|after| after.find('\n')).map_or(text.len(), |n| mark.start + n);
        from = end;
        let here = found.marks.iter().filter(|(m, _)| (start..end).contains(&m.start));
        let has = here.map(|(_, number)| number).collect::<BTreeSet<_>>().len();
        if has > best.0 {
            best = (has, start..end);
        }
    }
    let line = text.get(best.1.clone()).unwrap_or_default();
    let start = best.1.start + (line.len() - line.trim_start().len());
    start..(best.1.start + line.trim_end().len()).max(start)
}

/// The piece of a line that is shown, around a place.
fn piece(line: &str, first: usize) -> Range<usize> {
    if line.len() <= WIDE {
        return 0..line.len();
    }
    let start = first.saturating_sub(WIDE / 3);
    // Words are not cut where a space is near.
    let at_space = |from: usize| line.get(from..first).and_then(|l| l.find(' ')).map_or(from, |n| from + n + 1);
    let start = line.floor_char_boundary(start);
    let start = if start == 0 { 0 } else { at_space(start) };
    let end = line.char_indices().skip_while(|(at, _)| *at < start).nth(WIDE).map_or(line.len(), |(at, _)| at);
    start..end
}

fn clipped(line: Option<&str>) -> String {
    let line = line.unwrap_or_default().trim();
    match line.char_indices().nth(WIDE) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

/// Ranges in order, those that touch as one.
fn joined(all: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in all {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fit::{Look, Room};
    use super::super::query::{Filter, Query};
    use super::*;

    fn context(query: &str, text: &str) -> Context {
        let found = Query::read(query, Filter::default()).unwrap().look(text, &mut Room::default()).unwrap();
        Context::of(text, &found)
    }

    fn marked(context: &Context) -> String {
        context.pieces().map(|(text, is_mark)| if is_mark { format!("[{text}]") } else { text.to_owned() }).collect()
    }

    #[test]
    fn the_line_with_the_most_of_it_is_shown_and_one_around() {
        let context = context("red fox", "A fox.\n\n  The red fox, redder.  \nIt ran.\n");
        assert_eq!((context.before.as_str(), context.line.as_str(), context.after.as_str()), ("A fox.", "The red fox, redder.", "It ran."));
        assert_eq!(marked(&context), "The [red] [fox], [red]der.");
    }

    #[test]
    fn a_long_line_is_shown_around_the_place_and_cut_at_whole_characters() {
        let text = format!("{}needle{}", "日本語の文 ".repeat(80), " ñandú".repeat(80));
        let context = context("needle", &text);
        assert!(context.line.starts_with('…') && context.line.ends_with('…') && context.line.chars().count() <= WIDE + 2);
        assert_eq!(marked(&context).matches("[needle]").count(), 1);
    }
}
