//! Why a disk image, or something on it, is not read.

use crate::error;
use std::borrow::Cow;
use std::io;
use std::path::Path;

/// Why a disk image, or something on it, is not read; in the words people see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The system said no.
    #[error("it cannot be read: {0}")]
    Io(String),
    /// A known format that is not read here.
    #[error("it is {0}, which is not read")]
    NotRead(Cow<'static, str>),
    /// Nothing known stands in it.
    #[error("it holds no file system that is known: neither ext4, nor a partition with it, nor a container of one")]
    Unknown,
    /// A structure contradicts itself.
    #[error("{what} is damaged: {why}")]
    Damaged {
        /// Which structure.
        what: Cow<'static, str>,
        /// How that shows.
        why: Cow<'static, str>,
    },
    /// Something about it is not understood.
    #[error("its file system uses {0}, which is not understood")]
    Feature(Cow<'static, str>),
    /// More than is read of an image.
    #[error("{0}")]
    TooMuch(Cow<'static, str>),
    /// There is no such name.
    #[error("there is no such name on it")]
    NotThere,
    /// It is not what it should be (a folder, a file).
    #[error("{0}")]
    Other(Cow<'static, str>),
    /// Reading was stopped.
    #[error("reading it was stopped")]
    Stopped,
}

impl Trouble {
    /// A structure contradicts itself.
    pub fn damaged(what: impl Into<Cow<'static, str>>, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Damaged { what: what.into(), why: why.into() }
    }

    /// The same as an error about the image at this path.
    pub fn at(self, path: &Path) -> error::Error {
        let hint = match &self {
            Self::Damaged { .. } => "copy the image away before anything repairs it; `e2fsck -n` on the copy says more",
            Self::TooMuch(_) | Self::Stopped => "nothing on it counts as known, so nothing on it is cleaned",
            _ => "it is kept whole, and counts as the only copy of what is on it",
        };
        error::Error::new(error::Kind::System, "cannot read the disk image").at(path).because(self).hint(hint)
    }
}

impl From<io::Error> for Trouble {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::UnexpectedEof => Self::damaged("the image", "it ends before what it points to"),
            _ => Self::Io(e.to_string()),
        }
    }
}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble {
            Trouble::NotThere => io::ErrorKind::NotFound,
            Trouble::TooMuch(_) => io::ErrorKind::FileTooLarge,
            Trouble::Stopped => io::ErrorKind::Interrupted,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, trouble)
    }
}
