//! The files of one database.

use crate::model::Kind;
use crate::platform;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// One file of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// The database itself.
    Main,
    /// What was written last.
    Wal,
    /// The index of the `-wal`.
    Shm,
    /// What a transaction of the older sort changed, until it ends.
    Journal,
}

impl Member {
    /// Every file a database may have.
    pub const ALL: [Self; 4] = [Self::Main, Self::Wal, Self::Shm, Self::Journal];

    /// What its name ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Main => "",
            Self::Wal => "-wal",
            Self::Shm => "-shm",
            Self::Journal => "-journal",
        }
    }
}

/// The files of one database, by size and time, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The database's own path.
    pub path: PathBuf,
    /// Bytes and time of last change (nanoseconds since 1970) of each member, in the order of [`Member::ALL`].
    pub found: [Option<(u64, i64)>; 4],
}

impl Family {
    /// What is there now. A member that is no plain file counts as not there.
    pub fn of(path: &Path) -> Self {
        let found = Member::ALL.map(|member| {
            let facts = platform::facts(&Self::name(path, member)).ok()?;
            (facts.kind == Kind::File).then_some((facts.size, facts.mtime_ns))
        });
        Self { path: path.to_path_buf(), found }
    }

    /// The path of a member.
    pub fn name(path: &Path, member: Member) -> PathBuf {
        let mut name = OsString::from(path);
        name.push(member.suffix());
        name.into()
    }

    /// Bytes of a member; 0 where it is not there.
    pub fn bytes(&self, member: Member) -> u64 {
        self.at(member).map_or(0, |(bytes, _)| bytes)
    }

    /// Whether a member is there, be it empty.
    pub fn has(&self, member: Member) -> bool {
        self.at(member).is_some()
    }

    /// Bytes of all members.
    pub fn total(&self) -> u64 {
        self.found.iter().flatten().map(|(bytes, _)| bytes).sum()
    }

    /// When one of them changed last, nanoseconds since 1970. The index is left out: reading changes it.
    pub fn changed(&self) -> Option<i64> {
        [Member::Main, Member::Wal, Member::Journal].into_iter().filter_map(|m| self.at(m)).map(|(_, time)| time).max()
    }

    /// Whether the database holds the same as at another moment, as far as sizes and times tell.
    pub fn same_content(&self, other: &Self) -> bool {
        [Member::Main, Member::Wal, Member::Journal].into_iter().all(|m| self.at(m) == other.at(m))
    }

    fn at(&self, member: Member) -> Option<(u64, i64)> {
        self.found[member as usize]
    }
}

/// Whether a name is that of a database or of a file beside one, by its end alone: a reason to look, no proof.
pub fn is_database(name: &[u8]) -> bool {
    let main = [&b"-wal"[..], b"-shm", b"-journal"].iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name);
    [&b".db"[..], b".sqlite", b".sqlite3"].iter().any(|end| main.ends_with(end) && main.len() > end.len())
}
