//! The files a conversation wrote: who wrote each last, and what it held then, as far as that can be followed.

use super::cite::Cite;
use crate::transcript::{After, Tool, written};
use std::collections::BTreeMap;

/// Longer texts are not kept for later edits.
const LONGEST: usize = 512 << 10;

/// As much text is kept for later edits at a time.
const MOST: usize = 32 << 20;

/// A file as the conversation left it.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where it was written last.
    pub cite: Cite,
    /// How often it was written or edited.
    pub times: u32,
    /// BLAKE3 and size of what it held then; `None`: that cannot be told.
    pub held: Option<(blake3::Hash, u64)>,
    /// It was removed there.
    pub gone: bool,
    /// When in the conversation, counted in writes.
    pub nth: u32,
    text: Option<String>,
}

/// Every file, by its path in the conversation.
#[derive(Debug, Default)]
pub struct Files {
    /// The files.
    pub all: BTreeMap<String, Made>,
    kept: usize,
    writes: u32,
}

impl Files {
    /// Takes a call in.
    pub fn take(&mut self, tool: &Tool<'_>, cite: &Cite) {
        for (path, after) in written(tool) {
            self.writes += 1;
            let before = self.all.remove(&path);
            let text = after.text(before.as_ref().and_then(|b| b.text.as_deref()));
            let held = text.as_ref().map(|t| (blake3::hash(t.as_bytes()), t.len() as u64));
            self.kept -= before.as_ref().and_then(|b| b.text.as_ref()).map_or(0, String::len);
            let text = text.filter(|t| t.len() <= LONGEST && self.kept + t.len() <= MOST);
            self.kept += text.as_ref().map_or(0, String::len);
            let times = before.map_or(0, |b| b.times) + 1;
            self.all.insert(path, Made { cite: cite.clone(), times, held, gone: after == After::Gone, nth: self.writes, text });
        }
    }
}
