//! A file of a conversation after the first reading: what its records are, and where they are read again.

use super::content::Piece;
use super::dialect::Dialect;
use super::facts::SourceFile;
use super::index::{self, Index};
use super::lines::{Extent, FEW, LONGEST, Lines, MANY, Source};
use super::place::Place;
use super::strand::Strand;
use super::tap::{self, Tap};
use super::trail::Shut;
use crate::error::{Error, Result};
use std::io;
use std::sync::Arc;

/// A file of a conversation after the first reading.
pub struct File<'s> {
    /// Where it is.
    pub place: Place,
    /// How it is written.
    pub dialect: &'static Dialect,
    /// What the first reading gave.
    pub index: Index,
    /// What it was laid out from, where it was.
    pub again: Option<Strand>,
    /// Its number among the files of the conversation, where a trail is kept.
    pub volume: u32,
    /// How many bytes it read, and their hash, where it read all there is.
    read: (u64, String),
    pub(super) lines: Lines<'s>,
    /// For records that are looked up while another one is read.
    pub(super) aside: Lines<'s>,
}

impl<'s> File<'s> {
    /// Reads a file for the first time. It is opened twice, to be read at two places.
    pub fn read(
        place: Place,
        dialect: &'static Dialect,
        within: bool,
        (extent, cap): (Extent, usize),
        open: impl Fn() -> io::Result<Box<dyn Source + 's>>,
    ) -> Result<Self> {
        let failed = |e| Error::io("cannot read the conversation", place.path(), e);
        let lines = Lines::new(open().map_err(failed)?, extent.end(), cap, MANY);
        let mut lines = if extent == Extent::Hashed { lines.hashing() } else { lines };
        let aside = Lines::new(open().map_err(failed)?, extent.end(), cap, FEW);
        let index = index::read(&mut lines, dialect, within).map_err(failed)?;
        let read = lines.hash();
        Ok(Self { place, dialect, index, again: None, volume: 0, read, lines, aside })
    }

    /// Reads a file for the first time, while somebody watches.
    pub fn of(place: Place, dialect: &'static Dialect, within: bool, extent: Extent, tap: &Arc<dyn Tap + 's>) -> Result<Self> {
        let from = place.clone();
        Self::read(place, dialect, within, (extent, LONGEST), || from.open(tap))
    }

    /// Opens a file that was read before.
    pub fn open(shut: Shut) -> Result<Self> {
        let Shut { place, again, dialect, index } = shut;
        let tap: Arc<dyn Tap + 's> = Arc::new(tap::Open);
        let place = match (&place, &again) {
            (Some(place), _) => place.clone(),
            (None, Some(strand)) => strand.again(&tap)?,
            (None, None) => return Err(Error::refused("a file of the conversation was not kept")),
        };
        let open = || place.open(&tap).map_err(|e| Error::io("cannot read the conversation", place.path(), e));
        let lines = Lines::new(open()?, u64::MAX, LONGEST, FEW);
        let aside = Lines::new(open()?, u64::MAX, LONGEST, FEW);
        Ok(Self { place, dialect, index, again, volume: 0, read: <(u64, String)>::default(), lines, aside })
    }

    /// Closes it.
    pub fn shut(self) -> Shut {
        // Of many sub-agents not every one keeps a file open.
        let place = Some(self.place).filter(|_| self.again.is_none());
        Shut { place, again: self.again, dialect: self.dialect, index: self.index }
    }

    /// The file, as it is named among the sources.
    pub fn source(&self) -> SourceFile {
        match &self.place {
            Place::File { path, .. } => SourceFile { path: path.clone(), bytes: self.read.0, blake3: self.read.1.clone() },
            Place::Laid(laid) => laid.of.clone(),
        }
    }
}

impl File<'_> {
    /// The id of a record, or empty.
    pub(super) fn id_of(&mut self, number: u32) -> Result<String> {
        let Some(node) = self.index.nodes.get(number as usize) else { return Ok(String::new()) };
        let line = self.aside.line(node.at()).map_err(|e| Error::io("cannot read the conversation", self.place.path(), e))?;
        let id = line.and_then(|l| (self.dialect.said)(l.bytes).ok()).map(|s| s.uuid.into_owned()).unwrap_or_default();
        Ok(if id.is_empty() { format!("record-{number}") } else { id })
    }

    /// The first text of a record, or empty.
    pub fn text_of(&mut self, number: u32) -> Result<String> {
        let node = self.index.node(number);
        let line = self.aside.line(node.at()).map_err(|e| Error::io("cannot read the conversation", self.place.path(), e))?;
        let pieces = line.and_then(|l| (self.dialect.said)(l.bytes).ok()).map(|s| s.pieces).unwrap_or_default();
        Ok(pieces.into_iter().find_map(|p| if let Piece::Text(t) = p { Some(t.into_owned()) } else { None }).unwrap_or_default())
    }
}
