//! The journal of an operation: what is to be moved, written before anything moves, and what became of it.
//!
//! One file an operation. Each line is JSON, a space, and the first 8 hex digits of its BLAKE3; the first line that
//! is not so ends what counts. Whether an item was moved is not written item by item: before the commit, looking
//! into the vault tells.

use super::fs::Fs;
use crate::model::PathText;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(super) enum Entry {
    /// An operation begins.
    Begin {
        /// Its id, also the name of its folder in each vault.
        id: String,
        /// When it began.
        when: Timestamp,
    },
    /// A root that items lie below.
    Root {
        /// Its number in this journal.
        root: u32,
        #[serde(flatten)]
        path: PathText,
    },
    /// A file of ours is about to be made in a folder, to find out which vault the folder's things can be moved to.
    Probe {
        root: u32,
        /// The folder, below the root.
        #[serde(flatten)]
        path: PathText,
        name: String,
        /// The folder's time before.
        mtime_ns: i64,
    },
    /// The folder that a root's items are moved to, without the operation's own folder.
    Vault {
        root: u32,
        #[serde(flatten)]
        path: PathText,
    },
    /// A folder on the way to an item, as it was before.
    Folder(FolderWas),
    /// An item that may be moved.
    Intent(Intent),
    /// The operation is done: these items are in the vault.
    Commit { moved: Spans, after: Vec<(u32, i64)> },
    /// The operation was given up and everything is back.
    RolledBack {},
    /// An undo begins; these folders get their old times back at its end.
    UndoBegin { id: String, when: Timestamp, put_back: Spans },
    /// An undo ended: these items are back.
    UndoEnd { restored: Spans },
    /// A purge begins; from here on nothing of the operation comes back.
    PurgeBegin { id: String, when: Timestamp },
    /// A purge ended.
    PurgeEnd {},
}

/// A folder on the way to an item, as it was before the first move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FolderWas {
    /// Its number in this journal.
    pub folder: u32,
    pub root: u32,
    /// Below the root.
    #[serde(flatten)]
    pub path: PathText,
    pub mtime_ns: i64,
    pub mode: u32,
    /// Whether items lie directly in it.
    pub direct: bool,
}

/// An item that may be moved; its number is also its name in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intent {
    pub item: u64,
    pub root: u32,
    /// Below the root.
    #[serde(flatten)]
    pub path: PathText,
    /// Whether it is a folder.
    pub folder: bool,
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
    pub bytes: u64,
    pub allocated: u64,
}

/// Numbers as ranges, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Spans(Vec<(u64, u64)>);

impl Spans {
    /// The ranges that hold these numbers.
    pub(super) fn of(numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut all: Vec<u64> = numbers.into_iter().collect();
        all.sort_unstable();
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for n in all {
            match spans.last_mut() {
                Some(last) if n <= last.1.saturating_add(1) => last.1 = n,
                _ => spans.push((n, n)),
            }
        }
        Self(spans)
    }

    /// Whether a number is in one of the ranges.
    pub(super) fn has(&self, number: u64) -> bool {
        let after = self.0.partition_point(|s| s.0 <= number);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|s| number <= s.1)
    }
}

const SUM: usize = 8;

fn sum(json: &[u8]) -> String {
    blake3::hash(json).to_hex().as_str().get(..SUM).unwrap_or_default().to_owned()
}

/// The most bytes that the lines still to come of an operation take: its commit or its end, an undo, a purge.
pub(super) fn to_come(items: u64, folders: u64) -> u64 {
    const LINE: u64 = 200;
    let digits = |count: u64| u64::from(count.max(1).ilog10() + 1);
    // Every other number: a range each, of `[a,b],`.
    let spans = |count: u64| count.div_ceil(2) * (2 * digits(count) + 4);
    // A folder and its time: `[a,-b],`.
    6 * LINE + 2 * spans(items) + spans(folders) + folders * (digits(folders) + 24)
}

/// Entries as a journal's bytes.
pub(crate) fn encode<E: Serialize>(entries: &[E]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for entry in entries {
        let json = serde_json::to_vec(entry)?;
        out.extend_from_slice(&json);
        out.push(b' ');
        out.extend_from_slice(sum(&json).as_bytes());
        out.push(b'\n');
    }
    Ok(out)
}

/// The entries that can be believed, and how many bytes they take.
pub(super) fn decode(bytes: &[u8]) -> (Vec<Entry>, u64) {
    believed(bytes)
}

/// The lines of any book of ours that can be believed, and how many bytes they take.
pub(crate) fn believed<E: DeserializeOwned>(bytes: &[u8]) -> (Vec<E>, u64) {
    let mut entries = Vec::new();
    let mut good = 0_u64;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let Some(entry) = decode_line(line) else { break };
        entries.push(entry);
        good += line.len() as u64;
    }
    (entries, good)
}

fn decode_line<E: DeserializeOwned>(line: &[u8]) -> Option<E> {
    let line = line.strip_suffix(b"\n")?;
    let (rest, given) = line.split_at_checked(line.len().checked_sub(SUM)?)?;
    let json = rest.strip_suffix(b" ")?;
    (sum(json).as_bytes() == given).then(|| serde_json::from_slice(json).ok())?
}

/// A journal held open for more lines.
pub(super) struct Journal<'a, F: Fs> {
    pub fs: &'a F,
    pub log: F::Log,
    /// Its file's name, and the number of the folder it lies in (see `State::dir`).
    pub name: Vec<u8>,
    pub lies_in: usize,
    /// Bytes of it that are whole lines.
    pub end: u64,
}

impl<'a, F: Fs> Journal<'a, F> {
    /// A journal that is open already.
    pub(super) fn over(fs: &'a F, log: F::Log, name: &[u8], lies_in: usize, end: u64) -> Self {
        Self { fs, log, name: name.to_vec(), lies_in, end }
    }

    /// Its whole lines.
    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = self.fs.read(&self.log)?;
        bytes.truncate(usize::try_from(self.end).unwrap_or_default());
        Ok(bytes)
    }

    /// Makes room for so many more bytes.
    pub(super) fn reserve(&self, bytes: u64) -> io::Result<()> {
        self.fs.reserve(&self.log, bytes)
    }

    /// Adds lines, which the next write makes last.
    pub(super) fn add(&mut self, entries: &[Entry]) -> io::Result<()> {
        let bytes = encode(entries)?;
        self.fs.append(&self.log, &bytes).inspect_err(|_| drop(self.drop_tail()))?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Adds lines and makes them last; when that fails, none of them counts.
    #[track_caller]
    pub(super) fn write(&mut self, entries: &[Entry]) -> io::Result<()> {
        let end = self.end;
        self.add(entries)?;
        self.fs.sync_log(&self.log).inspect_err(|_| {
            self.end = end;
            drop(self.drop_tail());
        })
    }

    /// Cuts off what does not count; only when that lasts is it sure that it never will.
    pub(super) fn drop_tail(&self) -> io::Result<()> {
        self.fs.cut(&self.log, self.end)?;
        self.fs.sync_log(&self.log)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Entry> {
        let path = PathText::new(std::path::Path::new("a\nb"));
        vec![
            Entry::Begin { id: "1".into(), when: Timestamp::UNIX_EPOCH },
            Entry::Root { root: 0, path: path.clone() },
            Entry::Folder(FolderWas { folder: 0, root: 0, path: path.clone(), mtime_ns: -1, mode: 0o755, direct: true }),
            Entry::Intent(Intent {
                item: 7,
                root: 0,
                path,
                folder: true,
                device: u64::MAX,
                inode: 2,
                size: 3,
                mtime_ns: i64::MIN,
                bytes: 5,
                allocated: 6,
            }),
            Entry::Commit { moved: Spans::of([7]), after: vec![(0, -5)] },
        ]
    }

    #[test]
    fn what_was_written_is_read_again() {
        let bytes = encode(&lines()).unwrap();
        assert_eq!(decode(&bytes), (lines(), bytes.len() as u64));
    }

    #[test]
    fn a_journal_cut_anywhere_or_with_any_byte_changed_gives_only_whole_true_lines() {
        let bytes = encode(&lines()).unwrap();
        for cut in 0..bytes.len() {
            let (entries, good) = decode(&bytes[..cut]);
            assert!(good <= cut as u64);
            assert_eq!(entries, lines()[..entries.len()]);
            let mut flipped = bytes.clone();
            flipped[cut] ^= 1;
            let (entries, good) = decode(&flipped);
            assert!(good <= cut as u64, "a line with a changed byte was believed");
            assert_eq!(entries, lines()[..entries.len()]);
        }
    }

    #[test]
    fn the_lines_to_come_fit_into_the_room_made_for_them() {
        for count in [1, 2, 10, 11, 999, 12_345, 99_999] {
            let (id, when) = ("20260101T000000-000-ffffffff".to_owned(), Timestamp::MAX);
            let odd = || Spans::of((0..count).filter(|n| n % 2 == 0));
            let after = (0..u32::try_from(count).unwrap()).map(|n| (n, i64::MIN)).collect();
            let lines = [
                Entry::Commit { moved: odd(), after },
                Entry::UndoBegin { id: id.clone(), when, put_back: odd() },
                Entry::UndoEnd { restored: odd() },
                Entry::PurgeBegin { id, when },
                Entry::PurgeEnd {},
            ];
            let (takes, room) = (encode(&lines).unwrap().len() as u64, to_come(count, count));
            assert!(takes <= room && room < takes + takes / 8 + 1500, "{count}: {takes} bytes, room for {room}");
        }
    }

    #[test]
    fn ranges_hold_what_was_put_in_and_nothing_else() {
        let spans = Spans::of([5, 1, 2, 3, 9]);
        assert_eq!((0..11).filter(|n| spans.has(*n)).collect::<Vec<_>>(), [1, 2, 3, 5, 9]);
        assert!(!Spans::default().has(0));
        assert_eq!(Spans::of([4, 3, 2, 7]), Spans(vec![(2, 4), (7, 7)]), "neighbours are one range");
    }
}
