//! Words and figures for people, and text cut to columns.

use crate::model::Tally;
use jiff::Timestamp;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Bytes for people, three figures at most: `1.2 GB`, `230 MB`.
pub fn bytes(n: u64) -> String {
    let say = |places| humansize::format_size(n, humansize::DECIMAL.decimal_places(places).decimal_zeroes(0));
    let fine = say(1);
    if fine.find('.').is_some_and(|dot| dot >= 3) { say(0) } else { fine }
}

/// What really lies on the disk of so many bytes, where that is much less: of a sparse file, holes take no room.
pub fn on_disk(tally: Tally) -> Option<String> {
    let much_less = tally.bytes.saturating_sub(tally.allocated) >= 64 * 1024 && tally.allocated < tally.bytes / 10 * 9;
    much_less.then(|| format!("{} on disk", bytes(tally.allocated)))
}

/// Bytes, and what of them lies on the disk where that is much less: `3.2 GB, 12 kB on disk`.
pub fn sized(tally: Tally) -> String {
    on_disk(tally).map_or_else(|| bytes(tally.bytes), |disk| format!("{}, {disk}", bytes(tally.bytes)))
}

/// A count with its thousands apart: `12,480`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count with its noun: `1 file`, `12,480 files`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// How long ago, in one unit: `2 d ago`.
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let s = now.as_second() - then.as_second();
    match s {
        ..-60 => "in the future".into(),
        -60..60 => "just now".into(),
        60..3600 => format!("{} min ago", s / 60),
        3600..86_400 => format!("{} h ago", s / 3600),
        86_400..5_184_000 => format!("{} d ago", s / 86_400),
        5_184_000..63_072_000 => format!("{} mo ago", s / 2_592_000),
        _ => format!("{} y ago", s / 31_536_000),
    }
}

/// The moment of a modification time in nanoseconds since 1970.
pub fn moment(ns: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(i128::from(ns)).ok()
}

/// A moment, exactly, as a detail shows it (UTC).
pub fn exact(then: Timestamp) -> String {
    then.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text cut at its end to so many columns.
pub fn fit(text: &str, columns: usize, cut: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(cut));
    let mut out = head(text, room);
    if width(&out) + width(cut) <= columns {
        out.push_str(cut);
    }
    out
}

/// A text cut in its middle to so many columns, both ends kept.
pub fn middle(text: &str, columns: usize, cut: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns < 6 {
        return fit(text, columns, cut);
    }
    let room = columns - width(cut);
    let tail_room = room / 2;
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 0;
    for g in text.graphemes(true).rev() {
        used += width(g);
        if used > tail_room {
            break;
        }
        tail.push(g);
    }
    let mut out = head(text, room - tail_room);
    out.push_str(cut);
    out.extend(tail.into_iter().rev());
    out
}

/// The end of a text in so many columns: of a path, what tells it from its neighbours.
pub fn tail(text: &str, columns: usize, cut: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(width(cut));
    let mut used = 0;
    let fits = |g: &&str| {
        used += width(g);
        used <= room
    };
    let mut end: Vec<&str> = text.graphemes(true).rev().take_while(fits).collect();
    end.reverse();
    if width(cut) <= columns { format!("{cut}{}", end.concat()) } else { String::new() }
}

fn head(text: &str, columns: usize) -> String {
    let mut used = 0;
    let fits = |g: &&str| {
        used += width(g);
        used <= columns
    };
    text.graphemes(true).take_while(fits).collect()
}

/// A text filled with blanks to so many columns, at its right (`left`) or its left.
pub fn pad(text: &str, columns: usize, left: bool) -> String {
    let blanks = " ".repeat(columns.saturating_sub(width(text)));
    if left { format!("{text}{blanks}") } else { format!("{blanks}{text}") }
}

/// A text broken at blanks into lines of so many columns; longer words are broken after a `/` or `\`, else where they must.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let used = lines.last().map_or(0, |l| width(l));
        let gap = usize::from(used > 0);
        if used + gap + width(word) <= columns {
            push(&mut lines, if gap == 1 { " " } else { "" });
            push(&mut lines, word);
            continue;
        }
        if width(word) <= columns {
            lines.push(word.to_owned());
            continue;
        }
        if used > 0 {
            lines.push(String::new());
        }
        for part in word.split_inclusive(['/', '\\']) {
            if lines.last().is_some_and(|l| !l.is_empty() && width(l) + width(part) > columns) {
                lines.push(String::new());
            }
            for g in part.graphemes(true) {
                if lines.last().is_some_and(|l| width(l) + width(g) > columns && !l.is_empty()) {
                    lines.push(String::new());
                }
                push(&mut lines, g);
            }
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(text);
    }
}

/// Text that no terminal acts on, from anything that was read.
pub fn harmless(text: &str) -> String {
    crate::model::shown_name(std::ffi::OsStr::new(&text.replace('\t', "    ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        assert_eq!(middle("a-very-long-name-of-a-report.docx", 16, "…"), "a-very-l…rt.docx");
        assert_eq!(middle("short", 16, "…"), "short");
    }

    #[test]
    fn a_wide_name_never_takes_more_columns_than_it_may() {
        for columns in 0..20 {
            assert!(width(&middle("四半期報告書の最終版.docx", columns, "…")) <= columns, "{columns}");
            assert!(width(&fit("👨‍👩‍👧 family 写真", columns, "…")) <= columns, "{columns}");
        }
    }

    #[test]
    fn figures_read_as_people_say_them() {
        assert_eq!(
            (bytes(16_300_000_000), count(12_480), counted(1, "file", "files")),
            ("16.3 GB".into(), "12,480".into(), "1 file".into())
        );
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        assert_eq!(age(now, "2026-11-18T12:00:00Z".parse().unwrap()), "2 d ago");
        assert_eq!(age(now, "2026-12-18T12:00:00Z".parse().unwrap()), "in the future");
    }

    #[test]
    fn words_wrap_and_an_endless_word_is_broken() {
        assert_eq!(wrap("no copy with these bytes", 10), ["no copy", "with these", "bytes"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("~/Documents/Report/a.txt", 14), ["~/Documents/", "Report/a.txt"]);
    }
}
