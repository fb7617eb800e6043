//! One name in the catalogue, small enough for millions.

use super::{Class, Kind, SessionIx, VerdictId};

/// The place of a node in the catalogue. Valid for the catalogue that gave it, for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What a place in a store's layout is, as that store numbers them; see `stores::Layout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Spot(pub u8);

/// Yes-or-no facts about a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(u16);

impl Marks {
    /// Secrets, settings, structure the app needs: never selected.
    pub const PROTECTED: Self = Self(1);
    /// In use, or it cannot be told: never selected.
    pub const LIVE: Self = Self(2);
    /// A content check is still to come; until then the node is at risk.
    pub const CHECKING: Self = Self(4);
    /// A folder listed and moved as one thing.
    pub const UNIT: Self = Self(8);
    /// A second name of an inode whose bytes another node already counts.
    pub const LINKED: Self = Self(16);
    /// The content is in a cloud, not here: never opened.
    pub const PLACEHOLDER: Self = Self(32);
    /// Another file system is mounted here: never entered, never moved.
    pub const MOUNT: Self = Self(64);
    /// A secret: left out of backups and exports unless asked for.
    pub const SECRET: Self = Self(128);
    /// A folder whose content is not known, all or some of it: it counts as one thing at risk.
    pub const UNREAD: Self = Self(256);
    /// Inside a file: no file system knows it, so that nothing opens, copies or moves it by its path.
    pub const INSIDE: Self = Self(512);

    /// Whether all of these marks are set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// With these marks as well.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without these marks.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// What the file system says about one name; nothing here was opened or followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What sort of thing it is.
    pub kind: Kind,
    /// Apparent size in bytes.
    pub size: u64,
    /// Bytes allocated on disk.
    pub allocated: u64,
    /// Last change of the content, nanoseconds since 1970, negative before.
    pub mtime_ns: i64,
    /// Device number; 0 where the platform has none at hand.
    pub dev: u64,
    /// Inode or file index; 0 where the platform has none at hand.
    pub ino: u64,
    /// Number of names the inode has.
    pub nlink: u32,
    /// Whether the content is in a cloud and would be fetched by opening.
    pub placeholder: bool,
}

/// A name about to enter the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// Its bytes, as `model::to_bytes` makes them.
    pub name: &'a [u8],
    /// What the file system says about it.
    pub facts: Facts,
    /// What place of the store's layout it is.
    pub spot: Spot,
    /// Why it has its class.
    pub verdict: VerdictId,
    /// The session it belongs to.
    pub session: Option<SessionIx>,
    /// Yes-or-no facts.
    pub marks: Marks,
}

/// One name in the catalogue.
#[derive(Debug, Clone)]
pub struct Node {
    pub(super) parent: u32,
    pub(super) first_child: u32,
    pub(super) next: u32,
    pub(super) name_at: u32,
    pub(super) name_len: u16,
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its class; of a folder, the class its own rule gives (its content has classes of its own).
    pub class: Class,
    /// Yes-or-no facts.
    pub marks: Marks,
    /// What place of the store's layout it is.
    pub spot: Spot,
    /// Why it has its class.
    pub verdict: VerdictId,
    /// The session it belongs to.
    pub session: Option<SessionIx>,
    /// Index of a folder's sums; `u32::MAX` for anything else.
    pub(super) sums: u32,
    /// Index into the catalogue's devices.
    pub(super) dev: u32,
    /// Number of names the inode has.
    pub nlink: u32,
    /// Apparent size in bytes.
    pub size: u64,
    /// Bytes allocated on disk.
    pub allocated: u64,
    /// Last change, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Inode or file index.
    pub ino: u64,
}
