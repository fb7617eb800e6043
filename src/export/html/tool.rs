//! A tool call as one folded piece of an HTML page, and what was attached.

use super::Page;
use super::prose::{escaped, line, prose};
use crate::export::diff::diff;
use crate::export::tools::{grouped, link, place, short_path};
use crate::transcript::{Answer, Change, End, Field, Part, Picture, Tool};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A longer output stands in a file, and both ends of it on the page.
const LONG: usize = 256 << 10;

/// A larger picture, and what comes after so many bytes of them, stands in a file beside the page.
const PICTURE: usize = 4 << 20;
const PICTURES: usize = 48 << 20;

/// Pictures that every browser shows.
const SHOWN: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "image/avif", "image/bmp"];

/// Further fields that are longer than this stand by themselves.
const SHORT: usize = 100;

impl Page<'_> {
    /// The call, folded: what was done in one line, then input and answer.
    pub(super) fn tool(&mut self, tool: &Tool<'_>) -> String {
        let call = tool.call();
        let whole = self.desk.clean(&call.subject).into_owned();
        let short = if call.is_path { short_path(&whole) } else { &*whole };
        let (end, class) = match call.end {
            End::Failed => (" — failed".to_owned(), "tool bad"),
            End::Open => (" — no answer".to_owned(), "tool"),
            End::Answered(lines @ 2..) => (format!(" — {lines} lines"), "tool"),
            End::Answered(_) => (String::new(), "tool"),
        };
        let head = format!("{} <code>{}</code>{end}", call.did, line(short, 120));
        let mut out = format!("<details class=\"{class}\"><summary>{head}</summary>\n");
        let place = if call.is_path { place(&mut self.desk, &whole) } else { None };
        if short.len() < whole.len() || place.is_some() {
            let _ = writeln!(out, "<p class=\"note\"><code>{}</code>{}</p>", escaped(&whole), place.unwrap_or_default());
        }
        for part in &call.parts {
            out.push_str(&match part {
                // What stands above in one line is clean already.
                Part::Code { text, .. } if *text == call.subject => pre(&whole),
                part => self.shown(part),
            });
        }
        self.further(&call.rest, &mut out);
        if let Some(answer) = &tool.answer {
            self.answer(&tool.id, answer, &mut out);
        }
        out + "</details>"
    }

    fn shown(&mut self, part: &Part<'_>) -> String {
        match part {
            Part::Code { text, .. } => pre(&self.desk.clean(text)),
            Part::Prose(text) => prose(&self.desk.clean(text)),
            Part::Diff(changes) => {
                let mut clean = |text| Cow::Owned(self.desk.clean(text).into_owned());
                let changes: Vec<_> = changes.iter().map(|c| Change { at: c.at, old: clean(&c.old), new: clean(&c.new) }).collect();
                coloured(&diff(&changes))
            }
            Part::Json(text) => self.json(text),
        }
    }

    fn json(&mut self, text: &str) -> String {
        let value = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
        pre(&serde_json::to_string_pretty(&self.desk.value(&value)).unwrap_or_default())
    }

    /// Fields that have no place of their own: short ones on one line.
    fn further(&mut self, rest: &[(Cow<'_, str>, Field<'_>)], out: &mut String) {
        let (mut short, mut long) = (Vec::new(), String::new());
        for (name, field) in rest {
            let key = escaped(&self.desk.clean(name));
            let (text, is_json) = match field {
                Field::Text(text) => (self.desk.named(name, text), false),
                Field::Json(text) => (text.to_string(), text.len() > SHORT || text.contains(['"', '\n'])),
            };
            if is_json {
                let _ = write!(long, "<p class=\"note\">{key}:</p>{}", self.json(&text));
            } else if text.len() <= SHORT && !text.contains('\n') {
                short.push(format!("{key}: {}", escaped(&text)));
            } else {
                let _ = write!(long, "<p class=\"note\">{key}:</p>{}", pre(&text));
            }
        }
        if !short.is_empty() {
            let _ = writeln!(out, "<p class=\"note\">{}</p>", short.join(" · "));
        }
        out.push_str(&long);
    }

    fn answer(&mut self, id: &str, answer: &Answer<'_>, out: &mut String) {
        let shown: Vec<(String, String)> = answer.pictures.iter().map(|p| (p.sentence(), self.attached(p))).collect();
        // Where nothing but pictures stands there, they speak for themselves.
        let mut text = answer.text.lines().filter(|line| !shown.iter().any(|(sentence, _)| sentence == line));
        if !text.all(|line| line.trim().is_empty()) {
            out.push_str(&self.output(id, answer));
        }
        for (_, picture) in shown {
            out.push_str(&picture);
        }
    }

    /// An output; of a very long one both ends, and where all of it is.
    fn output(&mut self, id: &str, answer: &Answer<'_>) -> String {
        let text = self.desk.clean(&answer.text).into_owned();
        let hash = || blake3::hash(text.as_bytes()).to_hex().get(..16).unwrap_or_default().to_owned();
        let name = if id.is_empty() { hash() } else { id.to_owned() };
        let aside = match &answer.whole {
            Some(file) => {
                let aside = self.desk.whole(&name, file);
                self.desk.cut += u64::from(aside.is_none());
                aside
            }
            None if text.len() > LONG => self.desk.long(&name, &text),
            None => None,
        };
        let Some(aside) = aside else { return pre(text.trim_end()) };
        let (bytes, lines) = (grouped(aside.bytes), grouped(aside.lines));
        let path = link(&aside.path);
        let note =
            format!("{bytes} bytes, {lines} lines; the whole is in <a href=\"{path}\">{}</a>, and this is its end:", escaped(&aside.path));
        format!("{}<p class=\"note\">{note}</p>{}", pre(&aside.head), pre(&aside.tail))
    }

    /// A picture in the page itself, or a line that says what was attached and where it is.
    pub(super) fn attached(&mut self, picture: &Picture<'_>) -> String {
        let name = line(&self.desk.clean(&picture.name), 200);
        let fits = picture.data.len() <= PICTURE && self.embedded + picture.data.len() <= PICTURES;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if let Some(media) = SHOWN.iter().find(|m| **m == picture.media)
            && !picture.data.is_empty()
            && picture.data.bytes().all(plain)
            && fits
        {
            self.embedded += picture.data.len();
            return format!(
                "<figure><img alt=\"{name}\" src=\"data:{media};base64,{}\"><figcaption>{name}</figcaption></figure>\n",
                picture.data
            );
        }
        let size = match picture.bytes {
            0 => String::new(),
            bytes => format!(", {}", humansize::format_size(bytes, humansize::DECIMAL)),
        };
        match self.desk.picture(picture).map(|path| link(&path)) {
            Some(path) if SHOWN.contains(&&*picture.media) => {
                format!(
                    "<figure><a href=\"{path}\"><img loading=\"lazy\" alt=\"{name}\" src=\"{path}\"></a><figcaption>{name}</figcaption></figure>\n"
                )
            }
            Some(path) => format!("<p class=\"note\">attached: <a href=\"{path}\">{name}</a>{size}</p>\n"),
            None => format!("<p class=\"note\">attached: {name}{size}</p>\n"),
        }
    }
}

fn pre(text: &str) -> String {
    format!("<pre>{}</pre>\n", escaped(text))
}

/// A diff whose lines say by their element what became of them.
fn coloured(diff: &str) -> String {
    let mut out = String::from("<pre class=\"diff\">");
    for text in diff.lines() {
        let text_escaped = escaped(text);
        let _ = match text.bytes().next() {
            Some(b'+') => writeln!(out, "<ins>{text_escaped}</ins>"),
            Some(b'-') => writeln!(out, "<del>{text_escaped}</del>"),
            Some(b'@') => writeln!(out, "<b>{text_escaped}</b>"),
            _ => writeln!(out, "{text_escaped}"),
        };
    }
    out + "</pre>\n"
}
