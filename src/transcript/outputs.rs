//! Long tool outputs that the tool moved to files of their own, brought back while those files exist.

use super::gaps::{Gaps, counted};
use super::{Block, Conversation, find};
use crate::platform::open_beneath;
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

/// Of a longer output only so many bytes are brought back.
const MOST: u64 = 1 << 20;

/// Puts each output back where only its beginning stands, and says which are gone.
pub fn fetch(session: &Path, main: &Path, conversation: &mut Conversation, gaps: &mut Gaps) {
    let (mut gone, mut cut) = (0, 0);
    for block in conversation.turns.iter_mut().flat_map(|t| &mut t.blocks) {
        let Block::Tool { result: Some(result), .. } = block else { continue };
        let Some(file) = find::long_output(main, result) else { continue };
        match whole(session, &file) {
            Some((text, size)) => {
                cut += u64::from(size > MOST);
                *result = text;
            }
            None => gone += 1,
        }
    }
    gaps.others.extend(counted(
        gone,
        "long tool output is gone, its beginning is here",
        "long tool outputs are gone, their beginnings are here",
    ));
    gaps.others.extend(counted(
        cut,
        "tool output is longer than 1 MB, its first part is here",
        "tool outputs are longer than 1 MB, their first parts are here",
    ));
}

fn whole(session: &Path, file: &Path) -> Option<(String, u64)> {
    let open = open_beneath(session, file).ok()?;
    let size = open.metadata().ok()?.len();
    let mut bytes = Vec::new();
    open.take(MOST).read_to_end(&mut bytes).ok()?;
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    if size > MOST {
        let _ = write!(text, "\n[the first {MOST} of {size} bytes]");
    }
    Some((text, size))
}
