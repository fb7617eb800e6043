//! Where GitHub's viewer sees nothing begin and others see code, a link or a picture: most of all in a bare address, of which
//! it makes a link up to white space or `<`.

use super::signs::backticks;
use memchr::memmem;
use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// What begins for one viewer alone, in the paragraph or cell that is being read.
#[derive(Debug, Default)]
pub struct Swallowed {
    /// Where it begins.
    opened: Vec<usize>,
    /// Whether something that is no tag to who sees it begin may hold one: code, or where a link goes.
    hidden: bool,
    /// Of each link that is being read, where it begins if that is within an address, and where its words end so far.
    links: Vec<(Option<usize>, usize)>,
}

impl Swallowed {
    /// Takes note of what one viewer sees next. Where a paragraph or cell ends, gives the places where something opens that
    /// opens nothing to another viewer, if tags may be hidden by it.
    pub fn look(&mut self, text: &str, event: &Event<'_>, range: &Range<usize>) -> Vec<usize> {
        match event {
            Event::Start(Tag::Link { link_type, .. } | Tag::Image { link_type, .. }) => {
                let written = text.get(range.clone()).unwrap_or_default();
                let sign = written.find('[').filter(|_| !matches!(link_type, LinkType::Autolink | LinkType::Email));
                let opens = sign.map(|at| range.start + at);
                self.links.push((opens.filter(|_| after_address(text.as_bytes(), range.start)), opens.unwrap_or(range.start) + 1));
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) => {}
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let (opens, words) = self.links.pop().unwrap_or((None, range.end));
                let target = text.get(words..range.end).unwrap_or_default().trim_start_matches(']');
                self.hidden |= target.contains('<');
                // What else it may hold is the same as words.
                self.opened.extend(opens.filter(|_| target.contains(['`', '<', '[', ']'])));
                self.read_to(range.end);
            }
            Event::Code(code) => {
                self.hidden |= code.contains('<');
                if opens_no_code(text.as_bytes(), range.start) {
                    self.opened.extend(backticks(text, range.clone()));
                }
                self.read_to(range.end);
            }
            Event::Start(_) | Event::Rule | Event::End(_) if !inline_end(event) => return std::mem::take(self).edits(),
            _ => self.read_to(range.end),
        }
        Vec::new()
    }

    fn read_to(&mut self, end: usize) {
        if let Some((_, words)) = self.links.last_mut() {
            *words = end;
        }
    }

    fn edits(self) -> Vec<usize> {
        if self.hidden { self.opened } else { Vec::new() }
    }
}

fn inline_end(event: &Event<'_>) -> bool {
    matches!(event, Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough))
}

/// Whether backticks that stand here open no code for GitHub's viewer, whatever follows.
pub fn opens_no_code(text: &[u8], at: usize) -> bool {
    // It counts no further.
    const MOST: usize = 80;
    let run = text.get(at..).unwrap_or_default().iter().take(MOST + 1).take_while(|b| **b == b'`').count();
    run > MOST || after_address(text, at)
}

/// Whether what stands here goes on a word that GitHub's viewer makes a link of.
pub fn after_address(text: &[u8], at: usize) -> bool {
    const LONGEST: usize = 512;
    let before = text.get(..at).unwrap_or_default();
    let length = before.iter().rev().take(LONGEST).take_while(|b| !b.is_ascii_whitespace() && **b != b'<').count();
    let word = before.get(at.saturating_sub(length)..).unwrap_or_default();
    length == LONGEST || memmem::find(word, b"://").is_some() || memmem::find(word, b"www.").is_some()
}
