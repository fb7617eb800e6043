//! Markdown, lightly: headings, lists, quotes, code and what is bold are told apart; every other sign stays as it is.

use super::row::Tone;

/// A line of prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What stands before it on its first row; as many blanks stand before its others.
    pub before: String,
    /// Its parts.
    pub parts: Vec<(Tone, String)>,
    /// Whether it is broken at blanks.
    pub words: bool,
    /// The code block it is in.
    pub code: Option<u16>,
}

/// An open fence: its sign, how many, and how far it is indented.
type Fence = (char, usize, usize);

/// The lines of a text.
pub fn lines(text: &str) -> Vec<Line> {
    let (mut all, mut fence, mut code) = (Vec::new(), None, 0);
    for line in text.lines() {
        match (fence, fence_of(line)) {
            (None, Some((opened, language))) => {
                fence = Some(opened);
                if !language.is_empty() {
                    all.push(Line {
                        before: String::new(),
                        parts: vec![(Tone::Faint, language.to_owned())],
                        words: false,
                        code: Some(code),
                    });
                }
            }
            (Some((sign, n, _)), Some(((closing, m, _), ""))) if sign == closing && m >= n => {
                fence = None;
                code += 1;
            }
            (Some((.., indent)), _) => {
                let blanks = line.bytes().take(indent).take_while(|b| *b == b' ').count();
                let line = line.get(blanks..).unwrap_or_default();
                all.push(Line { before: String::new(), parts: vec![(Tone::Code, line.to_owned())], words: false, code: Some(code) });
            }
            (None, None) => all.push(said(line)),
        }
    }
    all
}

/// The text of a code block, by its number.
pub fn code(text: &str, number: u16) -> String {
    let of = |l: &&Line| l.code == Some(number) && l.parts.iter().all(|(tone, _)| *tone == Tone::Code);
    lines(text).iter().filter(of).fold(String::new(), |all, l| all + &l.parts.iter().map(|(_, t)| t.as_str()).collect::<String>() + "\n")
}

fn fence_of(line: &str) -> Option<(Fence, &str)> {
    let inner = line.trim_start_matches(' ');
    let sign = inner.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let n = inner.chars().take_while(|c| *c == sign).count();
    let language = inner.get(n..)?.trim();
    let is = n >= 3 && !(sign == '`' && language.contains('`'));
    is.then_some(((sign, n, line.len() - inner.len()), language))
}

fn said(line: &str) -> Line {
    let inner = line.trim_start();
    let indent = line.len() - inner.len();
    let blanks = " ".repeat(indent.min(12));
    let hashes = inner.bytes().take_while(|b| *b == b'#').count();
    if let Some(title) = inner.get(hashes..).and_then(|rest| rest.strip_prefix(' ')).filter(|_| (1..=6).contains(&hashes)) {
        let title = title.trim().trim_end_matches('#').trim_end();
        let parts = inline(title).into_iter().map(|(tone, text)| (if tone == Tone::Plain { Tone::Strong } else { tone }, text)).collect();
        return Line { before: String::new(), parts, words: true, code: None };
    }
    let ruled = inner.len() >= 3 && ["-", "*", "_"].iter().any(|sign| inner.replace(' ', "").replace(sign, "").is_empty());
    if ruled {
        return Line { before: String::new(), parts: vec![(Tone::Faint, "—".repeat(3))], words: false, code: None };
    }
    if let Some(rest) = inner.strip_prefix('>') {
        return Line { before: format!("{blanks}│ "), parts: inline(rest.strip_prefix(' ').unwrap_or(rest)), words: true, code: None };
    }
    if let Some(rest) = ["- ", "* ", "+ "].iter().find_map(|sign| inner.strip_prefix(sign)) {
        return Line { before: format!("{blanks}• "), parts: inline(rest), words: true, code: None };
    }
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let number = inner.get(digits..).and_then(|rest| rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") ")));
    if let Some(rest) = number.filter(|_| (1..=9).contains(&digits)) {
        let sign = inner.get(..digits + 1).unwrap_or_default();
        return Line { before: format!("{blanks}{sign} "), parts: inline(rest), words: true, code: None };
    }
    // A table's columns stand under each other only where its rows are whole.
    Line { before: blanks, parts: inline(inner), words: !inner.starts_with('|'), code: None }
}

/// Code and bold words told apart, their signs gone.
fn inline(text: &str) -> Vec<(Tone, String)> {
    let mut parts: Vec<(Tone, String)> = Vec::new();
    let mut put = |tone: Tone, text: &str| match parts.last_mut().filter(|(of, _)| *of == tone) {
        Some((_, all)) => all.push_str(text),
        None if text.is_empty() => {}
        None => parts.push((tone, text.to_owned())),
    };
    let (mut rest, mut tone) = (text, Tone::Plain);
    while let Some(at) = rest.find(['`', '*']) {
        let (before, from) = rest.split_at(at);
        put(tone, before);
        let ticks = from.bytes().take_while(|b| *b == b'`').count();
        let (taken, after) = if ticks > 0 {
            let inside = from.get(ticks..).unwrap_or_default();
            match closing(inside, ticks) {
                Some(end) => {
                    let code = inside.get(..end).unwrap_or_default();
                    put(
                        Tone::Code,
                        code.strip_prefix(' ').and_then(|c| c.strip_suffix(' ')).filter(|c| !c.trim().is_empty()).unwrap_or(code),
                    );
                    ("", inside.get(end + ticks..).unwrap_or_default())
                }
                None => from.split_at(ticks),
            }
        } else if from.starts_with("**") {
            let after = from.get(2..).unwrap_or_default();
            let opens = tone == Tone::Plain && !after.starts_with(char::is_whitespace) && after.contains("**");
            if opens || tone == Tone::Strong && !before.ends_with(char::is_whitespace) {
                tone = if opens { Tone::Strong } else { Tone::Plain };
                ("", after)
            } else {
                ("**", after)
            }
        } else {
            from.split_at(1)
        };
        put(tone, taken);
        rest = after;
    }
    put(tone, rest);
    parts
}

/// Where so many ticks and no more stand.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let (mut at, bytes) = (0, text.as_bytes());
    while let Some(from) = memchr::memchr(b'`', bytes.get(at..)?).map(|n| at + n) {
        let n = bytes.get(from..)?.iter().take_while(|b| **b == b'`').count();
        if n == ticks {
            return Some(from);
        }
        at = from + n;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let tone = |(tone, text): (Tone, String)| match tone {
            Tone::Plain => text,
            Tone::Strong => format!("<{text}>"),
            Tone::Code => format!("[{text}]"),
            _ => format!("({text})"),
        };
        lines(text).into_iter().map(|l| l.before + &l.parts.into_iter().map(tone).collect::<String>()).collect()
    }

    #[test]
    fn headings_lists_quotes_and_words_set_apart_are_told_apart() {
        assert_eq!(
            told("# The `name`\n- **one** and `two`\n  1. deep\n> said\n---\n| a | b |"),
            ["<The >[name]", "• <one> and [two]", "  1. deep", "│ said", "(———)", "| a | b |"]
        );
    }

    #[test]
    fn signs_that_mean_nothing_stay() {
        assert_eq!(told("2 * 3 ** 4 and a ` tick\n#hash\n-1\n``a ` b``"), ["2 * 3 ** 4 and a ` tick", "#hash", "-1", "[a ` b]"]);
    }

    #[test]
    fn code_is_as_it_is_and_can_be_taken_alone() {
        let text = "Look:\n```rust\nfn a() {\n    **b**;\n}\n```\nand\n~~~\n```\n~~~";
        assert_eq!(told(text), ["Look:", "(rust)", "[fn a() {]", "[    **b**;]", "[}]", "and", "[```]"]);
        assert_eq!((code(text, 0), code(text, 1)), ("fn a() {\n    **b**;\n}\n".into(), "```\n".into()));
    }
}
