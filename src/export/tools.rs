//! A tool call as one folded piece of a markdown page.

use super::diff::diff;
use super::form::Desk;
use super::prose::{fenced, html_line, plain, prose};
use crate::transcript::{Answer, Change, End, Field, Part, Picture, Tool};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::MAIN_SEPARATOR_STR;

/// Further fields that are longer than this stand by themselves.
const SHORT: usize = 100;

/// The call, folded: what was done in one line, then input and answer in fences.
pub fn folded(desk: &mut Desk<'_>, tool: &Tool<'_>) -> String {
    let call = tool.call();
    let whole = desk.clean(&call.subject);
    let short = if call.is_path { short_path(&whole) } else { &*whole };
    let what = html_line(short, 120);
    let end = match call.end {
        End::Failed => " — failed".to_owned(),
        End::Open => " — no answer".to_owned(),
        End::Answered(lines @ 2..) => format!(" — {lines} lines"),
        End::Answered(_) => String::new(),
    };
    let mut out = format!("<details><summary>{} <code>{what}</code>{end}</summary>\n\n", call.did);
    // What the line above does not say in full stands below it.
    let place = if call.is_path { place(desk, &whole) } else { None };
    desk.in_vm |= desk.about.mounts.iter().any(|(vm, _)| whole.contains(vm.as_str()));
    if short.len() < whole.len() || place.is_some() {
        let place = place.unwrap_or_default();
        let _ = write!(out, "<code>{}</code>{place}\n\n", html_line(&whole, usize::MAX));
    }
    for part in &call.parts {
        let part = match part {
            // What stands above in one line is clean already.
            Part::Code { language, text } if *text == call.subject => fenced(language, &whole),
            part => shown(desk, part),
        };
        let _ = write!(out, "{part}\n\n");
    }
    out.push_str(&further(desk, &call.rest));
    if let Some(answer) = &tool.answer {
        out.push_str(&answered(desk, &tool.id, answer));
    }
    out + "</details>"
}

fn answered(desk: &mut Desk<'_>, id: &str, answer: &Answer<'_>) -> String {
    let mut out = String::new();
    let shown: Vec<(String, String)> = answer.pictures.iter().map(|p| (p.sentence(), attached(desk, p))).collect();
    // Where nothing but pictures stands there, they speak for themselves.
    let says = |line: &str| !line.trim().is_empty() && !shown.iter().any(|(sentence, _)| sentence == line);
    if answer.text.lines().any(says) {
        let _ = write!(out, "{}\n\n", output(desk, id, answer));
    }
    for (_, picture) in &shown {
        let _ = write!(out, "{picture}\n\n");
    }
    out
}

/// An output in a fence; of a long one both ends, and where all of it is.
fn output(desk: &mut Desk<'_>, id: &str, answer: &Answer<'_>) -> String {
    let text = desk.clean(&answer.text);
    let name = if id.is_empty() { blake3::hash(text.as_bytes()).to_hex().as_str()[..16].to_owned() } else { id.to_owned() };
    let aside = match &answer.whole {
        Some(file) => {
            let aside = desk.whole(&name, file);
            desk.cut += u64::from(aside.is_none());
            aside
        }
        None => desk.long(&name, &text),
    };
    let Some(aside) = aside else { return fenced("", text.trim_end()) };
    let size = format!("{} bytes, {} lines", grouped(aside.bytes), grouped(aside.lines));
    let link = format!("{}{}", desk.up, link(&aside.path));
    format!(
        "{}\n\n*({size}; the whole is in [{}]({link}), and this is its end:)*\n\n{}",
        fenced("", &aside.head),
        plain(&aside.path),
        fenced("", &aside.tail)
    )
}

/// A number with its thousands apart.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    parts.join(",")
}

/// A picture, or a line that says what was attached.
pub fn attached(desk: &mut Desk<'_>, picture: &Picture<'_>) -> String {
    let name = plain(&desk.clean(&picture.name));
    let size = match picture.bytes {
        0 => String::new(),
        bytes => format!(", {}", humansize::format_size(bytes, humansize::DECIMAL)),
    };
    match desk.picture(picture).map(|path| format!("{}{}", desk.up, link(&path))) {
        Some(path) if picture.is_image() => format!("![{name}]({path})"),
        Some(path) => format!("*(attached: [{name}]({path}){size})*"),
        None => format!("*(attached: {name}{size})*"),
    }
}

/// A path below the durable folder as the target of a link.
pub fn link(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"/._-".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

fn shown(desk: &mut Desk<'_>, part: &Part<'_>) -> String {
    match part {
        Part::Code { language, text } => fenced(language, &desk.clean(text)),
        Part::Prose(text) => prose(&desk.clean(text)),
        Part::Diff(changes) => {
            // A key over several lines is one only as long as no signs stand before them.
            let changes: Vec<_> = changes.iter().map(|c| Change { at: c.at, old: desk.clean(&c.old), new: desk.clean(&c.new) }).collect();
            fenced("diff", &diff(&changes))
        }
        Part::Json(text) => json(desk, text),
    }
}

/// An input that is no JSON is shown as the text it is.
fn json(desk: &mut Desk<'_>, text: &str) -> String {
    let value = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    fenced("json", &serde_json::to_string_pretty(&desk.value(&value)).unwrap_or_default())
}

/// Fields that have no place of their own: short ones on one line.
fn further(desk: &mut Desk<'_>, rest: &[(Cow<'_, str>, Field<'_>)]) -> String {
    let (mut line, mut out) = (Vec::new(), String::new());
    for (name, field) in rest {
        let key = desk.clean(name).into_owned();
        match field {
            Field::Text(text) => {
                let text = desk.named(name, text);
                if name == "description" {
                    // It says what the call is for, and speaks for itself.
                    line.push(plain(&text));
                } else if text.len() <= SHORT && !text.contains('\n') {
                    line.push(format!("{}: {}", plain(&key), plain(&text)));
                } else {
                    let _ = write!(out, "*{}:*\n\n{}\n\n", plain(&key), fenced("", &text));
                }
            }
            Field::Json(text) if text.len() <= SHORT && !text.contains(['"', '\n']) => {
                line.push(format!("{}: {}", plain(&key), plain(text)));
            }
            Field::Json(text) => {
                let _ = write!(out, "*{}:*\n\n{}\n\n", plain(&key), json(desk, text));
            }
        }
    }
    if line.is_empty() { out } else { format!("*{}*\n\n{out}", line.join(" · ")) }
}

/// What a path of the virtual machine is on this one; `None`: it is no such path.
pub fn place(desk: &mut Desk<'_>, path: &str) -> Option<String> {
    let about = desk.about;
    let within = |vm: &str| path.strip_prefix(vm).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let found = about.mounts.iter().find_map(|(vm, here)| Some(format!("{here}{}", within(vm)?.replace('/', MAIN_SEPARATOR_STR))));
    if let Some(here) = found {
        return Some(format!(" in the virtual machine, <code>{}</code> on this one", html_line(&desk.clean(&here), usize::MAX)));
    }
    path.starts_with("/sessions/").then(|| " in the virtual machine alone".to_owned())
}

/// A path without what is the same for every file of the session.
pub fn short_path(path: &str) -> &str {
    let inside = ["/outputs/", "/uploads/", "\\outputs\\", "\\uploads\\"].iter().filter_map(|part| path.rfind(part)).max();
    let name = || path.rfind(['/', '\\']);
    path.get(inside.or_else(name).map_or(0, |at| at + 1)..).filter(|p| !p.is_empty()).unwrap_or(path)
}
