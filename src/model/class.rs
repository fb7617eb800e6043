//! The three classes, and counts by class.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, SubAssign};

/// What losing a file would mean. Ordered by what matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Class {
    /// The only known copy, or nothing known about it.
    AtRisk,
    /// A proven copy is in the user's own folders.
    Flushed,
    /// It comes back without the user.
    Rebuildable,
}

impl Class {
    /// Every class, what matters most first.
    pub const ALL: [Self; 3] = [Self::AtRisk, Self::Flushed, Self::Rebuildable];

    /// The class as the command line and JSON spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AtRisk => "at-risk",
            Self::Flushed => "flushed",
            Self::Rebuildable => "rebuildable",
        }
    }

    /// The class in a sentence or on a screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::AtRisk => "at risk",
            Self::Flushed => "flushed",
            Self::Rebuildable => "rebuildable",
        }
    }

    /// The one-character sign that stands for the class beside its colour.
    pub fn sign(self) -> char {
        match self {
            Self::AtRisk => '!',
            Self::Flushed => '=',
            Self::Rebuildable => '~',
        }
    }

    /// The class a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// What sort of thing a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Dir,
    /// A symbolic link, or on Windows any reparse point.
    Symlink,
    /// A FIFO, socket, device or anything else.
    Other,
}

/// How much: files, apparent bytes, bytes allocated on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Number of names that are not folders.
    pub files: u64,
    /// Apparent size in bytes; a second name of one inode adds nothing.
    pub bytes: u64,
    /// Bytes allocated on disk; a second name of one inode adds nothing.
    pub allocated: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, o: Self) {
        self.files += o.files;
        self.bytes += o.bytes;
        self.allocated += o.allocated;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, o: Self) {
        self.files = self.files.saturating_sub(o.files);
        self.bytes = self.bytes.saturating_sub(o.bytes);
        self.allocated = self.allocated.saturating_sub(o.allocated);
    }
}

impl Add for Tally {
    type Output = Self;
    fn add(mut self, o: Self) -> Self {
        self += o;
        self
    }
}

/// A tally for each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// What comes back by itself.
    pub rebuildable: Tally,
    /// What has a proven copy.
    pub flushed: Tally,
    /// What exists only here.
    #[serde(rename = "at-risk")]
    pub at_risk: Tally,
}

impl Totals {
    /// The tally of one class.
    pub fn of(&self, class: Class) -> Tally {
        match class {
            Class::AtRisk => self.at_risk,
            Class::Flushed => self.flushed,
            Class::Rebuildable => self.rebuildable,
        }
    }

    /// The tally of one class, to change.
    pub fn of_mut(&mut self, class: Class) -> &mut Tally {
        match class {
            Class::AtRisk => &mut self.at_risk,
            Class::Flushed => &mut self.flushed,
            Class::Rebuildable => &mut self.rebuildable,
        }
    }

    /// All classes together.
    pub fn all(&self) -> Tally {
        self.at_risk + self.flushed + self.rebuildable
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, o: Self) {
        for class in Class::ALL {
            *self.of_mut(class) += o.of(class);
        }
    }
}
