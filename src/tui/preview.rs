//! What is in a file, as far as its first bytes tell. Loaded off the interface's thread, never through a link.

use crate::model::{Catalog, Kind, Marks, NodeId};
use crate::transcript::{self, Block, Conversation, Who};
use crate::{model, platform};
use std::io::Read;
use std::path::PathBuf;

/// Bytes read of a file.
const HEAD: u64 = 64 * 1024;
/// Bytes read of a conversation.
const TALK: u64 = 512 * 1024;
const LINES: usize = 400;

/// How a line of a preview is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Content.
    Plain,
    /// Who speaks.
    Speaker,
    /// About the content.
    Faint,
}

/// A preview: a few words on what it is, and lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// What it is (`1920×1080 png`).
    pub title: String,
    /// Its first lines.
    pub lines: Vec<(Tone, String)>,
}

/// A file whose preview is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Given back with the preview, so that a late one is told from a wanted one.
    pub ticket: u64,
    /// The root below which no link is followed.
    pub root: PathBuf,
    /// The file.
    pub path: PathBuf,
}

/// The request for a node, where it may be opened at all.
pub fn request(ticket: u64, id: NodeId, catalog: &Catalog) -> Option<Request> {
    let node = catalog.node(id);
    if node.kind != Kind::File || node.size == 0 || node.marks.has(Marks::PLACEHOLDER) || node.marks.has(Marks::SECRET) {
        return None;
    }
    let mut top = id;
    while let Some(above) = catalog.parent(top) {
        top = above;
    }
    let path = catalog.path(id);
    let root = if top == id { path.parent()?.to_path_buf() } else { catalog.path(top) };
    Some(Request { ticket, root, path })
}

/// Reads the head of the file and says what it is.
pub fn load(request: &Request) -> Preview {
    let mut head = Vec::new();
    let read = platform::open_beneath(&request.root, &request.path).and_then(|f| f.take(HEAD).read_to_end(&mut head));
    if let Err(e) = read {
        return Preview { title: "cannot be read".into(), lines: vec![(Tone::Faint, e.to_string())] };
    }
    if request.path.extension().is_some_and(|e| e == "jsonl")
        && let Ok(talk) = transcript::peek(&request.path, TALK)
        && !talk.turns.is_empty()
    {
        return conversation(&talk);
    }
    picture(&head).or_else(|| text(&head)).unwrap_or_else(|| Preview { title: "not text".into(), lines: Vec::new() })
}

fn picture(head: &[u8]) -> Option<Preview> {
    let kind = imagesize::image_type(head).ok()?;
    let size = imagesize::blob_size(head).ok()?;
    Some(Preview { title: format!("{}×{} {}", size.width, size.height, format!("{kind:?}").to_lowercase()), lines: Vec::new() })
}

fn text(head: &[u8]) -> Option<Preview> {
    let bad = String::from_utf8_lossy(head).matches('\u{FFFD}').count();
    if head.contains(&0) || bad > head.len() / 50 + 1 {
        return None;
    }
    let text = String::from_utf8_lossy(head);
    let lines: Vec<_> = text.lines().take(LINES).map(|l| (Tone::Plain, harmless(l))).collect();
    Some(Preview { title: "text".into(), lines })
}

/// A conversation as people read one: who, then what; tools as one line.
pub fn conversation(talk: &Conversation) -> Preview {
    let mut lines = Vec::new();
    for turn in talk.turns.iter().filter(|t| t.who != Who::Injected) {
        let who = if turn.who == Who::User { "You" } else { "Claude" };
        let when = turn.when.map(|t| format!(" · {}", t.strftime("%H:%M"))).unwrap_or_default();
        lines.push((Tone::Speaker, format!("{who}{when}")));
        for block in &turn.blocks {
            said(block, &mut lines);
        }
        if lines.len() > LINES {
            lines.push((Tone::Faint, "…".into()));
            break;
        }
    }
    Preview { title: "conversation".into(), lines }
}

fn said(block: &Block<'_>, lines: &mut Vec<(Tone, String)>) {
    match block {
        Block::Text(text) => lines.extend(text.lines().take(60).map(|l| (Tone::Plain, format!("  {}", harmless(l))))),
        Block::Thinking(_) => {}
        Block::Tool(tool) => {
            lines.push((Tone::Faint, format!("  ran {}{}", harmless(&tool.name), if tool.failed { ", which failed" } else { "" })));
        }
        Block::Attachment(picture) => {
            lines.push((Tone::Faint, format!("  attached {} ({})", harmless(&picture.name), super::text::bytes(picture.bytes))));
        }
        Block::Note(note) => lines.push((Tone::Faint, format!("  {}", harmless(note)))),
    }
}

fn harmless(line: &str) -> String {
    let short: String = line.chars().take(2000).collect();
    model::shown_name(std::ffi::OsStr::new(&short.replace('\t', "    ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_not_followed_for_a_preview() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("secret"), "hidden words").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path().join("secret"), dir.path().join("link.txt")).unwrap();
        let request = Request { ticket: 1, root: dir.path().to_path_buf(), path: dir.path().join("link.txt") };
        assert_eq!(load(&request).title, "cannot be read");
    }

    #[test]
    fn text_is_shown_with_nothing_a_terminal_would_act_on() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "plain\n\x1b[31mred\ttab\n").unwrap();
        let request = Request { ticket: 1, root: dir.path().to_path_buf(), path: dir.path().join("a.txt") };
        let lines: Vec<String> = load(&request).lines.into_iter().map(|l| l.1).collect();
        assert_eq!(lines, ["plain", "\u{FFFD}[31mred    tab"]);
    }

    #[test]
    fn a_picture_is_told_by_its_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x07\x80\0\0\x04\x38\x08\x06\0\0\0";
        assert_eq!(picture(png).map(|p| p.title), Some("1920×1080 png".into()));
    }
}
