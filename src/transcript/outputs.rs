//! Long tool outputs that the tool moved to files of their own, brought back while those files exist.

use super::event::Answer;
use super::find;
use super::gaps::Gaps;
use crate::platform::open_beneath;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

/// Of a longer output only so many bytes are brought back, and where the rest is.
const MOST: u64 = 1 << 20;

/// Puts an output back where only its beginning stands, and counts it as gone where its file is.
pub fn fetch(session: &Path, main: &Path, answer: &mut Answer<'_>, gaps: &mut Gaps) {
    let files = find::long_outputs(main, &answer.text);
    let there = files.iter().find_map(|file| Some((file, whole(session, file)?)));
    match there {
        Some((file, (text, size))) => {
            answer.text = Cow::Owned(text);
            answer.whole = (size > MOST).then(|| file.clone());
        }
        None => gaps.outputs_gone += u64::from(!files.is_empty()),
    }
}

fn whole(session: &Path, file: &Path) -> Option<(String, u64)> {
    let open = open_beneath(session, file).ok()?;
    let size = open.metadata().ok()?.len();
    let mut bytes = Vec::new();
    open.take(MOST).read_to_end(&mut bytes).ok()?;
    let mut text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    if size > MOST {
        let _ = write!(text, "\n[the first {MOST} of {size} bytes]");
    }
    Some((text, size))
}
