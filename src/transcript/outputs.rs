//! Long tool outputs that the tool moved to files of their own, brought back while those files exist.

use super::event::{Answer, Kept};
use super::find;
use super::gaps::Gaps;
use crate::platform::open_beneath;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Read;
use std::path::PathBuf;

/// Of a longer output only so many bytes are brought back, and where the rest is.
const MOST: u64 = 1 << 20;

/// Where the files are that long outputs were moved to.
#[derive(Debug, Clone, Default)]
pub enum Outputs {
    /// There are none.
    #[default]
    Nowhere,
    /// Beside a transcript; the answers name them.
    Beside {
        /// The folder below which no link is followed.
        root: PathBuf,
        /// The transcript.
        main: PathBuf,
    },
    /// Below a folder; of the path that a record names the last parts count, since the folder may have been moved.
    Below {
        /// The folder.
        root: PathBuf,
        /// How many parts.
        parts: usize,
    },
}

impl Outputs {
    /// Puts an output back where only a part of it stands, and counts it as gone where its file is.
    pub fn fetch(&self, answer: &mut Answer<'_>, kept: &str, gaps: &mut Gaps) {
        let files = self.files(&answer.text, kept);
        match files.iter().find_map(|file| Some((file, whole(file)?))) {
            Some((file, (text, size))) => {
                answer.text = Cow::Owned(text);
                answer.whole = (size > MOST).then(|| file.clone());
            }
            None if !files.is_empty() => gaps.outputs_gone += 1,
            None => gaps.cut += u64::from(is_cut(&answer.text)),
        }
    }

    fn files(&self, text: &str, kept: &str) -> Vec<Kept> {
        match self {
            Self::Nowhere => Vec::new(),
            Self::Beside { root, main } => {
                find::long_outputs(main, text).into_iter().map(|path| Kept { root: root.clone(), path }).collect()
            }
            Self::Below { root, parts } => {
                let is_name = |name: &&str| !name.is_empty() && *name != "." && *name != "..";
                let mut names: Vec<&str> = kept.rsplit(['/', '\\']).take(*parts).filter(is_name).collect();
                names.reverse();
                let there = names.len() == *parts;
                there
                    .then(|| Kept { root: root.clone(), path: names.iter().fold(root.clone(), |path, name| path.join(name)) })
                    .into_iter()
                    .collect()
            }
        }
    }
}

/// Whether a tool says of an output that it kept a part of it.
fn is_cut(text: &str) -> bool {
    const SHORTEST: usize = 4096;
    let start = text.get(..text.floor_char_boundary(400)).unwrap_or_default();
    let within = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    text.len() >= SHORTEST
        && (start.starts_with("Output too large. Showing first")
            || start.contains("\nWarning: truncated output (original token count")
            || within("\n... command output truncated for persistence ..."))
}

fn whole(file: &Kept) -> Option<(String, u64)> {
    let open = open_beneath(&file.root, &file.path).ok()?;
    let size = open.metadata().ok()?.len();
    let mut bytes = Vec::new();
    open.take(MOST).read_to_end(&mut bytes).ok()?;
    let mut text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    if size > MOST {
        let _ = write!(text, "\n[the first {MOST} of {size} bytes]");
    }
    Some((text, size))
}
