//! Stores and sessions.

use super::{Helper, NodeId, Script};
use jiff::Timestamp;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The place of a session in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionIx(NonZeroU32);

impl SessionIx {
    /// The session at this position, counted from 0.
    pub fn at(index: usize) -> Self {
        let n = u32::try_from(index).unwrap_or(u32::MAX - 1).saturating_add(1);
        Self(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
    }

    /// The position, counted from 0.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// The place of a store in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreIx(pub u16);

/// One tool's data at one root.
#[derive(Debug, Clone)]
pub struct Store {
    /// The store's name on the command line (`cowork`).
    pub name: &'static str,
    /// What people call the tool (`Claude Cowork`); also the folder its durable copies go to.
    pub title: &'static str,
    /// The root on disk.
    pub root: PathBuf,
    /// The layout in a word (`host-loop`, `vm`, `mixed`, `vm-disk-only`, `cloud`, `empty`, `unknown`).
    pub layout: String,
    /// What cannot be seen from here, and why, as sentences.
    pub notes: Vec<String>,
    /// Whether the tool itself runs, or why that cannot be told; `None` when it is known not to.
    pub live: Option<String>,
    /// The root's node, once the walk has begun.
    pub node: Option<NodeId>,
}

/// One piece of work with a tool.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// The id the tool gives it (`local_5a7d4a86-…`).
    pub id: String,
    /// Its title, or the first words of its first message, or its id.
    pub title: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it last did something.
    pub last_active: Option<Timestamp>,
    /// Archived in the tool; archiving deletes nothing.
    pub archived: bool,
    /// Why it counts as in use, in words; `None` when it is known to be quiet.
    pub live: Option<String>,
    /// The user's own folders bound to it, on this machine.
    pub folders: Vec<PathBuf>,
    /// The folder that holds its files, where it has one.
    pub dir: Option<PathBuf>,
    /// The file with its record, where it has one.
    pub record: Option<PathBuf>,
    /// The conversation's id (`cliSessionId`), where the record names one.
    pub conversation: Option<String>,
    /// The name of its home inside the VM (`vmProcessName`).
    pub vm_name: Option<String>,
    /// The model that answered last, where the record names one.
    pub model: Option<String>,
    /// What is odd about it ("folder without a record"), as sentences.
    pub notes: Vec<String>,
    /// The store it belongs to.
    pub store: Option<StoreIx>,
    /// The session that started it, by id: while that is in use, so is this.
    pub starter: Option<String>,
    /// Paths that belong to it besides `dir` and `record`.
    pub extra: Vec<PathBuf>,
    /// What it was begun with and what it was last gone on with (`cli`, `claude-desktop`), where its records tell.
    pub surfaces: Vec<String>,
    /// When its tool removes its conversation by itself: at its first start after this; `None` where it does not, or where
    /// that cannot be told.
    pub deadline: Option<Timestamp>,
    /// Where its conversation stands.
    pub script: Script,
    /// The sessions it started whose conversations are told within its own, where nothing but the list of sessions says so.
    pub helpers: Vec<Helper>,
}

impl Session {
    /// Which of its folders stand where inside its virtual machine, the longer paths there first.
    pub fn mounts(&self) -> Vec<(String, PathBuf)> {
        let (Some(name), Some(dir)) = (&self.vm_name, &self.dir) else { return Vec::new() };
        let own = ["outputs", "uploads", ".claude"].iter().map(|folder| ((*folder).to_owned(), dir.join(folder)));
        // Of two folders with one name nobody can tell which is meant.
        let name_of = |folder: &PathBuf| folder.file_name().map(|n| n.to_string_lossy().into_owned());
        let alone = |folder: &&PathBuf| self.folders.iter().filter(|f| name_of(f) == name_of(folder)).count() == 1;
        let users = self.folders.iter().filter(alone).filter_map(|folder| Some((name_of(folder)?, folder.clone())));
        let users = users.filter(|(folder, _)| !matches!(folder.as_str(), "outputs" | "uploads" | ".claude"));
        own.chain(users).map(|(folder, path)| (format!("/sessions/{name}/mnt/{folder}"), path)).collect()
    }

    /// Whether its tool removes it by itself within so long.
    pub fn is_due(&self, now: Timestamp, within: Duration) -> bool {
        self.deadline.is_some_and(|at| now.checked_add(within).is_ok_and(|end| at <= end))
    }

    /// The folder below which the files of its conversation are named.
    pub fn base(&self) -> Option<&Path> {
        self.script.path().map_or(self.dir.as_deref(), |path| path.parent())
    }

    /// The short id people can type: the first eight characters after the last `_`. Among several sessions
    /// [`Catalog::short_ids`](super::Catalog::short_ids) tells them apart.
    pub fn short_id(&self) -> &str {
        let tail = self.tail();
        tail.get(..SHORT).unwrap_or(tail)
    }

    /// The part of its id after the last `_`.
    fn tail(&self) -> &str {
        self.id.rsplit('_').next().unwrap_or(&self.id)
    }
}

/// Letters of a short id where these suffice.
const SHORT: usize = 8;

/// The short id of each of some sessions, as long as it takes to tell it from those of the others.
pub(super) fn short_ids(sessions: &[Session]) -> Vec<&str> {
    let mut sorted: Vec<&str> = sessions.iter().map(Session::tail).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let common = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let short = |session: &Session| -> usize {
        let tail = session.tail();
        let at = sorted.binary_search(&tail).unwrap_or(0);
        let beside = [at.checked_sub(1), at.checked_add(1)].into_iter().flatten().filter_map(|n| sorted.get(n));
        beside.map(|other| common(tail, other) + 1).max().unwrap_or(0).max(SHORT)
    };
    sessions.iter().map(|s| s.tail().get(..short(s)).unwrap_or(s.tail())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_as_long_as_it_takes_to_tell_sessions_apart() {
        let of = |id: &str| Session { id: id.into(), ..Session::default() };
        let ids = ["ses_e003d66eaffeRMp1", "ses_e003d66eb01eAAAA", "ses_1234", "local_11111111-2222", "ses_e003d66eaffeRMp1"];
        assert_eq!(short_ids(&ids.map(of)), ["e003d66ea", "e003d66eb", "1234", "11111111", "e003d66ea"]);
    }
}
