//! The book of a deed on a disk image: written before anything is done, so that an interrupted one is mended.
//!
//! Lines are those of the vault's journals. The images themselves are kept by the vault, under operations of its own; what a
//! deed here comes to is read from both.

use crate::error::{Error, Result};
use crate::model::{Held, OpState, Operation, PathText};
use crate::vault::{believed, encode};
use crate::world::World;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One line of a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Line {
    /// A deed begins.
    Begin { id: String, when: Timestamp, store: String, root: PathText, image: PathText },
    /// The copy is whole and judged, and takes the image's place in the next moment. Both are told apart by their inodes.
    Exchange { was: u64, new: u64, did: Did },
    /// The image that was is in the vault, under this operation.
    Kept { operation: String },
    /// The deed ended.
    End {},
    /// It was given up: the image is what it was.
    GaveUp {},
    /// An undo begins.
    UndoBegin { id: String, when: Timestamp },
    /// The image that was swapped out is in the vault, under this operation.
    Out { operation: String },
    /// An undo ended.
    UndoEnd {},
}

/// What a deed did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Did {
    /// Items removed from the image.
    pub items: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes they had allocated inside.
    pub allocated: u64,
    /// Bytes the image took on its disk before.
    pub before: u64,
    /// Bytes it takes afterwards.
    pub after: u64,
}

/// What a book tells of its deed.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its file.
    pub file: PathBuf,
    /// Its id.
    pub id: String,
    /// When.
    pub when: Timestamp,
    /// The store the image belongs to.
    pub store: String,
    /// That store's root.
    pub root: PathBuf,
    /// The image.
    pub image: PathBuf,
    /// The inodes of the image that was and of the one in its place, and what was done.
    pub exchange: Option<(u64, u64, Did)>,
    /// The operation of the vault that has the image that was.
    pub kept: Option<String>,
    /// Whether it ended.
    pub ended: bool,
    /// Whether it came to nothing.
    pub gave_up: bool,
    /// Its undo: id, when, ended.
    pub undo: Option<(String, Timestamp, bool)>,
    /// The operation of the vault that has what an undo swapped out.
    pub out: Option<String>,
    /// Bytes of its file that can be believed.
    good: u64,
}

impl Record {
    fn read(file: &Path, bytes: &[u8]) -> Self {
        let (lines, good) = believed::<Line>(bytes);
        let mut record = Self { file: file.to_path_buf(), good, ..Self::default() };
        for line in lines {
            record.take(line);
        }
        record
    }

    fn take(&mut self, line: Line) {
        let path = |text: PathText| text.to_path().unwrap_or_default();
        match line {
            Line::Begin { id, when, store, root, image } => {
                (self.id, self.when, self.store) = (id, when, store);
                (self.root, self.image) = (path(root), path(image));
            }
            Line::Exchange { was, new, did } => self.exchange = Some((was, new, did)),
            Line::Kept { operation } => self.kept = Some(operation),
            Line::End {} => self.ended = true,
            Line::GaveUp {} => self.gave_up = true,
            Line::UndoBegin { id, when } => self.undo = Some((id, when, false)),
            Line::Out { operation } => self.out = Some(operation),
            Line::UndoEnd {} => self.undo.iter_mut().for_each(|undo| undo.2 = true),
        }
    }

    /// The copy that is worked on; after the exchange the image that was, until the vault has it.
    pub fn beside(&self) -> PathBuf {
        self.named("lifeboat")
    }

    /// Another file of ours, there for moments.
    pub fn spare(&self) -> PathBuf {
        self.named("lifeboat-spare")
    }

    fn named(&self, what: &str) -> PathBuf {
        let mut name = self.image.as_os_str().to_owned();
        name.push(format!(".{what}-{}", self.id));
        name.into()
    }

    /// The operations of the vault that are part of it.
    pub fn linked(&self) -> impl Iterator<Item = &String> {
        self.kept.iter().chain(&self.out)
    }

    /// How it stands; `None` where it came to nothing.
    pub fn state(&self, vault: &BTreeMap<String, Operation>) -> Option<OpState> {
        if self.id.is_empty() || self.gave_up {
            return None;
        }
        let kept = self.kept.as_ref().and_then(|id| vault.get(id)).map(|operation| operation.state);
        Some(match &self.undo {
            Some((_, _, true)) => OpState::Undone,
            Some(_) => OpState::Unfinished,
            None if !self.ended => OpState::Unfinished,
            None => kept.unwrap_or(OpState::Purged),
        })
    }

    /// The deed, and its undo, as `history` tells them.
    pub fn operations(&self, vault: &BTreeMap<String, Operation>) -> Vec<Operation> {
        let Some(state) = self.state(vault) else { return Vec::new() };
        let did = self.exchange.map(|(_, _, did)| did).unwrap_or_default();
        let of = |id: &Option<String>| id.as_ref().and_then(|id| vault.get(id));
        let held = |id: &Option<String>| of(id).map_or(Held::default(), |operation| operation.held);
        let deed = Operation {
            id: self.id.clone(),
            verb: "clean".into(),
            when: self.when,
            items: did.items,
            bytes: did.bytes,
            allocated: did.allocated,
            held: held(&self.kept),
            state,
            of: None,
            vault: of(&self.kept).and_then(|operation| operation.vault.clone()),
        };
        let undo = self.undo.as_ref().map(|(id, when, done)| Operation {
            id: id.clone(),
            verb: "undo".into(),
            when: *when,
            held: held(&self.out),
            state: if *done { OpState::Undone } else { OpState::Unfinished },
            of: Some(self.id.clone()),
            vault: of(&self.out).and_then(|operation| operation.vault.clone()),
            ..deed.clone()
        });
        undo.into_iter().chain([deed]).collect()
    }
}

/// The shelf that books stand on.
pub struct Shelf {
    folder: PathBuf,
}

/// Held while a deed on an image is done; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is the open file that holds the lock")] File);

impl Shelf {
    /// The shelf of this world; nothing is made yet.
    pub fn of(world: &World) -> Self {
        Self { folder: world.state_dir.join("images") }
    }

    /// Waits until no other lifeboat works on an image.
    pub fn turn(&self) -> Result<Turn> {
        let lock = self.lock()?;
        lock.lock().map_err(|e| Error::io("cannot take the lock", &self.folder, e))?;
        Ok(Turn(lock))
    }

    /// The same, where no other is at work.
    pub fn turn_if_free(&self) -> Result<Option<Turn>> {
        let lock = self.lock()?;
        Ok(lock.try_lock().is_ok().then_some(Turn(lock)))
    }

    fn lock(&self) -> Result<File> {
        let failed = |e| Error::io("cannot make the folder for journals", &self.folder, e).hint("LIFEBOAT_STATE_DIR can name another");
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut how = File::options();
        how.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        how.open(self.folder.join("lock")).map_err(failed)
    }

    /// Every deed, the oldest first.
    pub fn records(&self) -> Result<Vec<Record>> {
        let failed = |e| Error::io("cannot read the journals", &self.folder, e);
        let mut all = Vec::new();
        let entries = match std::fs::read_dir(&self.folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(all),
            other => other.map_err(failed)?,
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|end| end == "book") {
                all.push(Record::read(&path, &std::fs::read(&path).map_err(failed)?));
            }
        }
        all.sort_by(|a, b| (a.when, &a.id).cmp(&(b.when, &b.id)));
        Ok(all)
    }

    /// Begins a book.
    pub fn begin(&self, world: &World, (store, root, image): (&str, &Path, &Path)) -> Result<Book> {
        let id = world.new_id();
        let file = self.folder.join(format!("{id}.book"));
        let failed = |e| Error::io("cannot begin the journal", &file, e);
        let mut how = File::options();
        how.create_new(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        let out = how.open(&file).map_err(failed)?;
        let mut book = Book { out, record: Record { file: file.clone(), ..Record::default() } };
        let (root, image) = (PathText::new(root), PathText::new(image));
        book.write(Line::Begin { id, when: world.now(), store: store.to_owned(), root, image })?;
        if cfg!(unix) {
            File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(book)
    }
}

/// A book that is being written.
pub struct Book {
    out: File,
    /// What it tells so far.
    pub record: Record,
}

impl Book {
    /// Opens a deed's book for more lines, a torn tail cut off. Only who has the turn may.
    pub fn reopen(record: &Record) -> Result<Self> {
        let failed = |e| Error::io("cannot open the journal", &record.file, e);
        let out = File::options().append(true).open(&record.file).map_err(failed)?;
        out.set_len(record.good).map_err(failed)?;
        Ok(Self { out, record: record.clone() })
    }

    /// Adds a line and makes it last.
    pub fn write(&mut self, line: Line) -> Result<()> {
        let written = encode(std::slice::from_ref(&line)).and_then(|bytes| {
            self.out.write_all(&bytes)?;
            self.out.sync_data()?;
            Ok(bytes.len() as u64)
        });
        match written {
            Ok(bytes) => {
                self.record.good += bytes;
                self.record.take(line);
                Ok(())
            }
            Err(e) => {
                let _ = self.out.set_len(self.record.good);
                Err(Error::io("cannot write the journal", &self.record.file, e))
            }
        }
    }
}
