//! What a text is as markdown, told without parsing it: for nearly every text, that nothing in it has to change.
//!
//! It goes by lines, as `CommonMark` tells blocks. Whatever it is not sure of it leaves to the parser.

use super::signs::{may_open, opens_no_code};
use super::starts::{Start, begins, indent, run};
use memchr::{memchr, memchr_iter, memchr2, memchr3, memmem, memrchr};
use std::sync::LazyLock;

/// A fence of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Its sign.
    pub mark: u8,
    /// How often.
    pub length: usize,
}

impl Fence {
    /// Whether a line ends it, for one viewer at least.
    pub fn is_closed_by(self, line: &str) -> bool {
        let (columns, words) = indent(line.trim_end().as_bytes());
        columns < 4 && words.len() >= self.length && words.iter().all(|b| *b == self.mark)
    }
}

/// What is told of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// No raw HTML, no heading that passes for a turn; and the fence that is open at its end.
    Harmless(Option<Fence>),
    /// Only the parser can tell.
    Unsure,
}

/// What the page's own headings begin with.
pub const NAMES: [&str; 7] = ["You", "Claude", "Codex", "Gemini", "opencode", "Asked", "Answered"];

static LABEL: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("]:"));
static TICKS: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("```"));
static WAVES: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("~~~"));

/// Tells of a text what can be told at a glance.
pub fn skim(text: &str) -> Told {
    let text = text.as_bytes();
    if memchr3(b'\r', 0x0B, 0x0C, text).is_some() {
        return Told::Unsure;
    }
    if defines(text) {
        return Told::Unsure;
    }
    let signs = has_signs(text);
    let fences = TICKS.find(text).is_some() || WAVES.find(text).is_some();
    if !signs && !fences && memchr(b'#', text).is_none() && !underlined(text) {
        return Told::Harmless(None);
    }
    if fences && has_tabbed_fence(text) {
        return Told::Unsure;
    }
    let mut lines = Lines {
        text,
        at: 0,
        signs,
        fences,
        label: None,
        item: Item::None,
        after_blank: true,
        heads: None,
        odd: false,
        link: false,
        sign: false,
        loose: false,
    };
    lines.read()
}

/// Whether something in a text may be a tag, or code with the sign of one in it.
fn has_signs(text: &[u8]) -> bool {
    memchr(b'<', text).is_some() && (memchr(b'`', text).is_some() || memchr_iter(b'<', text).any(|at| may_open(text, at)))
}

/// Whether a text may define what a link or a footnote leads to: a label at the beginning of a line, but for the signs of
/// quotes and lists.
fn defines(text: &[u8]) -> bool {
    let (mut from, mut line) = (0, 0);
    // The last `[` so far, and where its line begins.
    let mut label = None;
    LABEL.find_iter(text).any(|end| {
        let part = text.get(from..end).unwrap_or_default();
        let begins = |before: &[u8]| memrchr(b'\n', before).map_or(line, |at| from + at + 1);
        if let Some(at) = memrchr(b'[', part) {
            label = Some((begins(part.get(..at).unwrap_or_default()), from + at));
        }
        (line, from) = (begins(part), end);
        label.is_some_and(|(line, start)| may_define(text, line, start, end))
    })
}

/// Whether what stands between these places may be such a label; `line` is where the one begins in which it does.
fn may_define(text: &[u8], line: usize, start: usize, end: usize) -> bool {
    let sign = |b: &u8| b.is_ascii_digit() || b" \t>.)-*+".contains(b);
    let before = text.get(line..start).unwrap_or_default();
    // To some viewers a footnote's label may hold a `[`.
    let word = text.get(..end).and_then(|text| text.rsplit(|b| b.is_ascii_whitespace() || *b == b']').next()).unwrap_or_default();
    let note = word.get(word.iter().take_while(|b| sign(b)).count()..).is_some_and(|word| word.starts_with(b"[^"));
    note || before.last() == Some(&b'\\') || before.iter().all(sign)
}

/// Whether a tab stands behind what may be a fence.
fn has_tabbed_fence(text: &[u8]) -> bool {
    let tabbed = |finder: &memmem::Finder<'_>| {
        let mut next = 0;
        finder.find_iter(text).any(|at| {
            if at < next {
                return false;
            }
            let behind = at + run(text, at);
            let rest = text.get(behind..).unwrap_or_default();
            let blank = rest.iter().take_while(|b| b.is_ascii_whitespace() && **b != b'\n').count();
            next = behind + blank;
            rest.get(blank).is_none_or(|b| *b == b'\n') && memchr(b'\t', rest.get(..blank).unwrap_or_default()).is_some()
        })
    };
    memchr(b'\t', text).is_some() && (tabbed(&TICKS) || tabbed(&WAVES))
}

/// Whether a line may be the one below a table's heads.
fn may_rule(line: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_digit() || b" \t>.)*+|:-".contains(b);
    let cells = line.first().is_some_and(sign) && memchr(b'-', line).is_some() && memchr2(b'|', b':', line).is_some();
    cells && line.iter().all(sign)
}

/// How many signs part the cells of a line that may hold the heads of a table, and whose cells no viewer tells otherwise.
fn heads(line: &[u8]) -> Option<usize> {
    let line = line.trim_ascii_end();
    let plain = line.len() > 1 && line.starts_with(b"|") && line.ends_with(b"|") && !line.iter().any(|b| b"\\`<\t".contains(b));
    plain.then(|| memchr_iter(b'|', line).count())
}

/// How many signs part the cells of a line that can be nothing but the one below a table's heads.
fn rule(line: &[u8]) -> Option<usize> {
    let cells = line.trim_ascii_end().strip_prefix(b"|")?.strip_suffix(b"|")?;
    let cell = |cell: &[u8]| {
        let cell = cell.trim_ascii();
        let signs = cell.strip_prefix(b":").unwrap_or(cell);
        let signs = signs.strip_suffix(b":").unwrap_or(signs);
        !signs.is_empty() && signs.iter().all(|b| *b == b'-')
    };
    let (mut all, mut plain) = (1, true);
    for one in cells.split(|b| *b == b'|') {
        all += 1;
        plain &= cell(one);
    }
    (plain && memchr(b'\t', line).is_none()).then_some(all)
}

/// The outermost item of a list that a line may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// There is none.
    None,
    /// There is one, and its lines are indented so far.
    At(usize),
    /// Perhaps.
    Perhaps,
}

/// The lines of a text outside the fences that stand in no list and no quote.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether something may be a tag, or code with the sign of one in it.
    signs: bool,
    /// Whether there may be fences.
    fences: bool,
    /// Where the next label of a link may end.
    label: Option<usize>,
    item: Item,
    after_blank: bool,
    /// Of the line above, where it may hold the heads of a table: how many signs part them.
    heads: Option<usize>,
    /// Since the last blank line: a backtick without another one in its line, or else something that makes it hard to
    /// tell what is code.
    odd: bool,
    /// Since the last blank line: a link, which may hold backticks that are none.
    link: bool,
    /// A `<`, and a backtick that may open no code: there the parser is asked.
    sign: bool,
    loose: bool,
}

impl Lines<'_> {
    /// Reads them all.
    fn read(&mut self) -> Told {
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let from = self.at;
            self.at += end + 1;
            let (indent, words) = indent(rest.get(..end).unwrap_or_default());
            if words.is_empty() {
                (self.after_blank, self.odd, self.link, self.heads) = (true, false, false, None);
                continue;
            }
            match self.line(from, words, indent) {
                Told::Unsure => return Told::Unsure,
                Told::Harmless(None) => self.after_blank = false,
                Told::Harmless(Some(fence)) => match self.closed(fence) {
                    Some(true) => (self.item, self.after_blank, self.odd, self.link) = (Item::None, true, false, false),
                    Some(false) => return Told::Harmless(Some(fence)),
                    None => return Told::Unsure,
                },
            }
        }
        Told::Harmless(None)
    }

    /// One line; gives the fence that it opens outside of lists and quotes.
    fn line(&mut self, from: usize, words: &[u8], indent: usize) -> Told {
        if self.fences && self.has_label(from) {
            return Told::Unsure;
        }
        if !harmless_heading(words) || (!self.after_blank && underline(words) && !self.harmless_above(from)) {
            return Told::Unsure;
        }
        let above = self.heads.take();
        if self.signs && may_rule(words) && (above.is_none() || indent > 0 || self.item != Item::None || above != rule(words)) {
            return Told::Unsure;
        }
        let start = begins(words, indent);
        // Fewer columns than the content of the outermost item needs.
        let outside = match self.item {
            Item::None => true,
            Item::At(content) => indent < content,
            Item::Perhaps => indent < 2,
        };
        match (start, self.item) {
            (Start::Odd, _) => return Told::Unsure,
            (Start::Fence(_), Item::Perhaps) if !outside && indent < 4 => return Told::Unsure,
            // Code, or the paragraph goes on.
            (_, Item::None) if indent >= 4 => {}
            _ if !outside => {}
            (Start::Fence(_) | Start::Quote | Start::Item(..), _) if indent >= 4 => return Told::Unsure,
            (Start::Fence(fence), _) => return Told::Harmless(Some(fence)),
            (Start::Item(_, true), Item::None | Item::Perhaps) if !self.after_blank => self.item = Item::Perhaps,
            (Start::Item(content, _), _) => self.item = Item::At(content),
            (Start::Quote, _) => self.item = Item::None,
            (Start::Rule, _) if indent < 4 => self.item = Item::None,
            (Start::Rule | Start::Text, Item::None) => {}
            // A paragraph in the item may go on without its indent.
            (Start::Rule | Start::Text, _) => self.item = if self.after_blank { Item::None } else { Item::Perhaps },
        }
        if self.signs && self.after_blank && indent == 0 {
            self.heads = heads(words);
        }
        if self.signs && !self.spans(words) { Told::Unsure } else { Told::Harmless(None) }
    }

    /// Whether the lines above the one that begins here, up to a blank one, make no heading that could pass for one of the page's.
    fn harmless_above(&self, from: usize) -> bool {
        const MOST: usize = 20;
        let above = self.text.get(..from.saturating_sub(1)).unwrap_or_default();
        let lines = above.rsplit(|b| *b == b'\n').take_while(|line| !line.trim_ascii().is_empty());
        let words = |line: &'_ [u8]| {
            line.iter().position(|b| !b"> \t-*+0123456789.)".contains(b)).and_then(|at| line.get(at..)).unwrap_or_default().to_vec()
        };
        lines.enumerate().all(|(n, line)| n < MOST && harmless_heading(&[b"# ", words(line).as_slice()].concat()))
    }

    /// Whether a link's label may end in the line that begins here.
    fn has_label(&mut self, from: usize) -> bool {
        let label = self
            .label
            .filter(|at| *at >= from)
            .unwrap_or_else(|| self.text.get(from..).and_then(|rest| LABEL.find(rest)).map_or(usize::MAX, |at| from + at));
        self.label = Some(label);
        label < self.at
    }

    /// Whether everything in a line that may be a tag stands in code: between backticks, both in the line.
    fn spans(&mut self, words: &[u8]) -> bool {
        self.link |= memchr_iter(b']', words).any(|at| goes_on(words, at + 1));
        self.sign |= memchr(b'<', words).is_some();
        let (mut at, mut tag) = (0, false);
        while let Some(found) = words.get(at..).and_then(|rest| memchr2(b'`', b'<', rest)) {
            at += found;
            if words.get(at) == Some(&b'<') {
                // To some viewers a backslash may be a part of an address.
                if at > 0 && words.get(at - 1) == Some(&b'\\') {
                    return false;
                }
                let address = address(words, at);
                if address.is_none() && may_open(words, at) {
                    return false;
                }
                self.odd |= address.is_none();
                at = address.unwrap_or(at + 1);
                continue;
            }
            let run = run(words, at);
            let escaped = at > 0 && words.get(at - 1) == Some(&b'\\');
            self.odd |= escaped;
            self.loose |= escaped || opens_no_code(words, at);
            let from = at + run;
            match close(words, from, run) {
                Some(to) => {
                    let code = words.get(from..to).unwrap_or_default();
                    tag |= memchr_iter(b'<', code).any(|n| may_open(words, from + n));
                    self.loose |= memchr(b'|', code).is_some();
                    at = to + run;
                }
                None => {
                    (self.odd, self.loose) = (true, true);
                    at = from;
                }
            }
        }
        self.loose |= self.link;
        if self.sign && self.loose {
            return false;
        }
        // The cells of a table come before the code in them.
        !tag || !(self.odd || self.link || memchr(b'|', words).is_some())
    }

    /// Goes behind the end of a fence; whether it has one.
    fn closed(&mut self, fence: Fence) -> Option<bool> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let finder = if fence.mark == b'`' { &TICKS } else { &WAVES };
        let mut next = 0;
        for found in finder.find_iter(rest) {
            // Only the first in a line may end it.
            if found < next {
                continue;
            }
            next = found + memchr(b'\n', rest.get(found..)?).unwrap_or(rest.len());
            let start = memrchr(b'\n', rest.get(..found)?).map_or(0, |at| at + 1);
            let before = rest.get(start..found)?;
            let length = run(rest, found);
            if before.len() > 3 || before.iter().any(|b| *b != b' ') || length < fence.length {
                continue;
            }
            let after = rest.get(found + length..)?;
            let after = after.get(..memchr(b'\n', after).unwrap_or(after.len()))?;
            if after.iter().all(|b| *b == b' ') {
                self.at += found + length + after.len() + 1;
                return Some(true);
            }
            // Whether tabs may follow is told in two ways.
            if after.iter().all(|b| matches!(b, b' ' | b'\t')) {
                return None;
            }
        }
        Some(false)
    }
}

/// Whether some line may make a heading of the one before it.
fn underlined(text: &[u8]) -> bool {
    let mut from = 0;
    for end in memchr_iter(b'\n', text).chain([text.len()]) {
        let line = text.get(from..end).unwrap_or_default().trim_ascii_end();
        if matches!(line.last(), Some(b'-' | b'=')) && underline(line) {
            return true;
        }
        from = end + 1;
    }
    false
}

/// Whether a line may be drawn below a heading, in a quote or not.
fn underline(line: &[u8]) -> bool {
    let start = line.iter().take_while(|b| b"> \t".contains(b)).count();
    let line = line.get(start..).unwrap_or_default().trim_ascii_end();
    matches!(line.first(), Some(b'-' | b'=')) && line.iter().all(|b| Some(b) == line.first())
}

/// Whether a line is no heading that could pass for one of the page's own.
fn harmless_heading(words: &[u8]) -> bool {
    let before = words.iter().take_while(|b| b"> \t-*+0123456789.)".contains(b)).count();
    let Some(heading) = words.get(before..).filter(|rest| rest.first() == Some(&b'#')) else { return true };
    let sign = |b: &u8| b"*_`~[! \t".contains(b);
    let level = run(heading, 0);
    let rest = heading.get(level..).unwrap_or_default();
    // Signs are shown, or what follows them begins the heading.
    let shown = rest.get(rest.iter().take_while(|b| sign(b)).count()..).unwrap_or_default();
    let word = shown.get(..shown.iter().take_while(|b| b.is_ascii_alphanumeric()).count()).unwrap_or_default();
    let next = shown.get(word.len());
    match shown.first() {
        None => true,
        Some(b'&' | b'\\' | b'<' | b'#') => false,
        // White space may be of other kinds.
        Some(0x80..) => std::str::from_utf8(shown).is_ok_and(|s| !s.starts_with(char::is_whitespace)),
        // A name goes on as a sentence.
        Some(_) if next == Some(&b' ') && shown.get(word.len() + 1).is_some_and(u8::is_ascii_alphanumeric) => true,
        Some(_) => {
            NAMES.map(str::as_bytes).iter().all(|name| word != *name && (!name.starts_with(word) || word.is_empty() || next == Some(&b' ')))
        }
    }
}

/// Whether behind a `]` a link may go on that holds backticks, or does not end in the line.
fn goes_on(words: &[u8], at: usize) -> bool {
    match words.get(at) {
        Some(b'(') => {
            let rest = words.get(at + 1..).unwrap_or_default();
            rest.iter().find(|b| b"()[]\"'<`\\".contains(b)) != Some(&b')')
        }
        Some(b'[' | b':') => true,
        _ => false,
    }
}

/// Where a link between `<` and `>` ends that begins here.
fn address(words: &[u8], at: usize) -> Option<usize> {
    let rest = words.get(at + 1..)?;
    let known = [&b"https://"[..], b"http://", b"mailto:"].iter().any(|scheme| rest.starts_with(scheme));
    let end = rest.iter().position(|b| !b.is_ascii_graphic() || b"<>`\\".contains(b)).filter(|_| known)?;
    (rest.get(end) == Some(&b'>')).then_some(at + end + 2)
}

/// Where the next run of just so many backticks begins.
fn close(words: &[u8], mut from: usize, length: usize) -> Option<usize> {
    loop {
        let at = from + memchr(b'`', words.get(from..)?)?;
        let run = run(words, at);
        if run == length {
            return Some(at);
        }
        from = at + run;
    }
}
