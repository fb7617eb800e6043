//! Lays an entry out as rows of so many columns.

use super::list::{Folds, List};
use super::needle::Needle;
use super::prose;
use super::row::{Kind, Part, Row, Tone};
use super::sheet::{Detail, Piece, Sheet};
use super::wrap::{Toned, wrap};
use crate::transcript::{Entry, What, Who};
use crate::tui::text;

/// Prose wider than this is hard to read.
const MEASURE: usize = 100;

/// In the place of a piece, what stands for all of them.
const HEADING: u16 = u16::MAX;

/// Where a line may be broken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Break {
    /// Anywhere.
    Signs,
    /// At blanks where it can be.
    Blanks,
    /// At blanks, and before it is too wide to be read well.
    Prose,
}

/// What rows are laid out by.
pub struct Layout<'a> {
    /// The conversation.
    pub list: &'a List,
    /// What is unfolded.
    pub folds: &'a Folds,
    /// What is searched for.
    pub needle: Option<&'a Needle>,
    /// Columns there are.
    pub columns: usize,
}

/// Rows in the making.
struct Page<'a> {
    by: &'a Layout<'a>,
    at: u32,
    indent: usize,
    rows: Vec<Row>,
}

/// The rows of an entry; without its sheet, a row that stands for it.
pub fn lay(by: &Layout<'_>, at: u32, sheet: Option<&Sheet>) -> Vec<Row> {
    let Some(entry) = by.list.get(at) else { return Vec::new() };
    let indent = usize::from(entry.depth.min(4)) * 2;
    let mut page = Page { by, at, indent, rows: Vec::new() };
    match (entry.what, sheet) {
        (What::Agent | What::Left, _) => page.group(entry),
        (_, None) => page.put(0, Kind::Text, &[], &[(Tone::Faint, "…".to_owned())], Break::Signs),
        (What::Turn(Who::Injected), Some(sheet)) => page.injected(sheet),
        (What::Turn(who), Some(sheet)) => page.turn(entry, who, sheet),
    }
    if page.rows.is_empty() {
        page.rows.push(Row::blank(0));
    }
    page.rows
}

impl Page<'_> {
    /// One line, broken into rows; what stands before it on its first row is made of blanks on the others.
    fn put(&mut self, piece: u16, kind: Kind, before: &[(Tone, &str)], parts: &[(Tone, String)], breaks: Break) {
        let text: String = parts.iter().map(|(_, text)| text.as_str()).collect();
        let found = self.by.needle.map_or_else(Vec::new, |needle| needle.places(&text));
        let taken = before.iter().map(|(_, text)| text::width(text)).sum::<usize>() + self.indent;
        let most = if breaks == Break::Prose { self.by.columns.min(MEASURE + self.indent) } else { self.by.columns };
        for (n, row) in wrap(&Toned { parts, found: &found }, most.saturating_sub(taken), breaks != Break::Signs).into_iter().enumerate() {
            let part = |tone, text: String| Part { tone, found: false, text };
            let mut all = vec![part(Tone::Plain, " ".repeat(self.indent))];
            // A bar stands before every row of what it stands beside.
            let again = |text: &str| if text.contains('│') { text.to_owned() } else { " ".repeat(text::width(text)) };
            all.extend(before.iter().map(|(tone, text)| part(*tone, if n == 0 { (*text).to_owned() } else { again(text) })));
            all.extend(row);
            all.retain(|p| !p.text.is_empty());
            self.rows.push(Row { kind, piece, parts: all });
        }
    }

    fn turn(&mut self, entry: &Entry, who: Who, sheet: &Sheet) {
        if entry.heading {
            self.heading(entry, who);
        }
        for (piece, said) in (0_u16..).zip(&sheet.pieces) {
            let before = usize::from(piece).checked_sub(1).and_then(|n| sheet.pieces.get(n));
            let apart = before.map_or(!entry.heading, |before| !matches!(before, Piece::Attached(_)));
            self.piece(piece, said, apart);
        }
    }

    fn heading(&mut self, entry: &Entry, who: Who) {
        let name = match (who, entry.depth) {
            (Who::User, 0) => "You",
            (Who::User, _) => "Asked",
            (_, 0) => self.by.list.speaker,
            (..) => "Answered",
        };
        let format = if self.by.list.begins_day(self.at) { " · %Y-%m-%d %H:%M UTC" } else { " · %H:%M" };
        let when = entry.when.map(|w| w.strftime(format).to_string()).unwrap_or_default();
        if self.at > 0 {
            self.rows.push(Row::blank(HEADING));
        }
        self.put(HEADING, Kind::Heading, &[], &[(Tone::Speaker, name.to_owned()), (Tone::Faint, when)], Break::Signs);
    }

    fn piece(&mut self, piece: u16, said: &Piece, apart: bool) {
        match said {
            Piece::Prose(text) => {
                if apart {
                    self.rows.push(Row::blank(piece));
                }
                self.prose(piece, text, "  ");
            }
            Piece::Thinking(text) => {
                let lines = text.lines().count() as u64;
                let end = if lines > 1 { format!(" — {}", text::counted(lines, "line", "lines")) } else { String::new() };
                if self.fold(piece, vec![(Tone::Faint, "Thinking".to_owned()), (Tone::Faint, end)]) {
                    self.prose(piece, text, "    ");
                }
            }
            Piece::Call { did, subject, end, failed, parts } => {
                let end = (if *failed { Tone::Bad } else { Tone::Faint }, end.clone());
                if self.fold(piece, vec![(Tone::Plain, format!("{did} ")), (Tone::Code, subject.clone()), end]) {
                    for part in parts {
                        self.detail(piece, part);
                    }
                }
            }
            Piece::Attached(name) => {
                let parts = [(Tone::Faint, "attached: ".to_owned()), (Tone::Plain, name.clone())];
                self.put(piece, Kind::Text, &[(Tone::Plain, "  ")], &parts, Break::Prose);
            }
            Piece::Note(note) => self.put(piece, Kind::Text, &[(Tone::Plain, "  ")], &[(Tone::Faint, note.clone())], Break::Prose),
        }
    }

    /// The line of something that folds; gives whether it is unfolded.
    fn fold(&mut self, piece: u16, mut parts: Vec<(Tone, String)>) -> bool {
        let open = self.by.folds.is_open(self.at, piece);
        let room = self.by.columns.saturating_sub(self.indent + 2);
        let from = self.rows.len();
        if !open {
            // What stands at the end is to be seen: how it ended.
            let cut = usize::from(parts.len() > 2);
            let others: usize = parts.iter().enumerate().filter(|(n, _)| *n != cut).map(|(_, (_, text))| text::width(text)).sum();
            if let Some((_, subject)) = parts.get_mut(cut) {
                *subject = text::fit(subject, room.saturating_sub(others).min(MEASURE), "…");
            }
        }
        let breaks = if open { Break::Blanks } else { Break::Signs };
        self.put(piece, Kind::Fold { open }, &[(Tone::Plain, if open { "▾ " } else { "▸ " })], &parts, breaks);
        if !open {
            self.rows.truncate(from + 1);
        }
        open
    }

    fn prose(&mut self, piece: u16, text: &str, before: &str) {
        for line in prose::lines(text.trim_matches('\n')) {
            match line.code {
                Some(code) => self.put(piece, Kind::Code(code), &[(Tone::Plain, before), (Tone::Faint, "│ ")], &line.parts, Break::Blanks),
                None => {
                    let breaks = if line.words { Break::Prose } else { Break::Signs };
                    self.put(piece, Kind::Text, &[(Tone::Plain, before), (Tone::Faint, &line.before)], &line.parts, breaks);
                }
            }
        }
    }

    fn lines(&mut self, piece: u16, tone: Tone, sign: &str, lines: &[&str]) {
        for line in lines {
            self.put(piece, Kind::Text, &[(Tone::Plain, "    "), (tone, sign)], &[(tone, (*line).to_owned())], Break::Blanks);
        }
    }

    fn detail(&mut self, piece: u16, part: &Detail) {
        match part {
            Detail::Text(text) => self.lines(piece, Tone::Plain, "", &text.lines().collect::<Vec<_>>()),
            Detail::Prose(text) => self.prose(piece, text, "    "),
            Detail::Label(text) => self.lines(piece, Tone::Faint, "", &[text]),
            Detail::Diff(text) => {
                for line in text.lines() {
                    let tone = match line.chars().next() {
                        Some('-') => Tone::Gone,
                        Some('+') => Tone::Added,
                        _ => Tone::Faint,
                    };
                    let (sign, rest) = line.split_at_checked(1).unwrap_or_default();
                    self.lines(piece, tone, &format!("{sign} "), &[rest]);
                }
            }
        }
    }

    /// What the tool put in: folded and labelled; a mark alone stands by itself.
    fn injected(&mut self, sheet: &Sheet) {
        let note = |piece: &Piece| if let Piece::Note(note) = piece { Some(note.clone()) } else { None };
        let marks: Vec<String> = sheet.pieces.iter().filter_map(note).collect();
        if marks.len() == sheet.pieces.len() {
            self.rows.push(Row::blank(0));
            for mark in marks {
                self.put(0, Kind::Text, &[(Tone::Faint, "── ")], &[(Tone::Strong, mark)], Break::Prose);
            }
            return;
        }
        let label = sheet.pieces.first().and_then(note).unwrap_or_else(|| "Added by the app".to_owned());
        let by = if label.ends_with("by the app") { "" } else { " — added by the app" };
        if self.fold(0, vec![(Tone::Faint, label), (Tone::Faint, by.to_owned())]) {
            for (piece, said) in (0_u16..).zip(&sheet.pieces).skip(1) {
                match said {
                    // What the model was given is shown as it was given.
                    Piece::Prose(text) => self.lines(piece, Tone::Plain, "", &text.lines().collect::<Vec<_>>()),
                    other => self.piece(piece, other, false),
                }
            }
        }
    }

    fn group(&mut self, entry: &Entry) {
        let messages = text::counted(self.by.list.messages(self.at), "message", "messages");
        let parts = if entry.what == What::Agent {
            let about = self.by.list.about(self.at);
            let name = if about.is_empty() { "Sub-agent".to_owned() } else { format!("Sub-agent: {}", super::sheet::line(about)) };
            vec![(Tone::Strong, name), (Tone::Faint, format!(" — {messages}"))]
        } else {
            self.rows.push(Row::blank(0));
            let why = " — left: the conversation went on from an earlier point instead";
            vec![(Tone::Strong, messages), (Tone::Faint, why.to_owned())]
        };
        self.fold(0, parts);
    }
}
