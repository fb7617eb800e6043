//! The book of deeds on databases: one file a deed, written before anything is done, so that an interrupted one is mended.
//!
//! Lines are those of the vault's journals: JSON and the beginning of its hash.

use super::chunk::{Kept, sync_folder};
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
    Begin {
        /// Its id.
        id: String,
        /// `prune`, `reclaim`, `archive` …
        verb: String,
        /// When it began.
        when: Timestamp,
        /// The database.
        #[serde(flatten)]
        database: PathText,
        /// The folder in the vault that rows are kept in.
        kept_in: PathText,
    },
    /// Rows were kept, and may now be removed.
    Chunk {
        /// Its number, also the name of its file.
        chunk: u64,
        /// Chunks of one group belong together: all of them, or none.
        group: u64,
        /// Whether it is the last of its group.
        last: bool,
        #[serde(flatten)]
        kept: Kept,
    },
    /// The rows of a chunk are out of the database.
    Done { chunk: u64 },
    /// The rows of a chunk are in the database, and its file goes.
    Back { chunk: u64 },
    /// A group of things the deed is about: how many, and the files that go once their rows are gone.
    Group {
        group: u64,
        /// Things, as people count them: sessions.
        items: u64,
        /// The store's root.
        root: PathText,
        /// Each file, and the session it belongs to.
        files: Vec<(PathText, String)>,
    },
    /// Those files were moved by this operation of the vault.
    Moved { operation: String },
    /// A file of ours is about to be made beside the database.
    Beside {
        #[serde(flatten)]
        path: PathText,
    },
    /// It was given up, and nothing came of it.
    GaveUp {},
    /// The deed ended; bytes the database's files have less now.
    End { given_back: i64 },
    /// An undo begins.
    UndoBegin { id: String, when: Timestamp },
    /// An undo ended.
    UndoEnd {},
    /// A purge begins; from here on nothing comes back.
    PurgeBegin { id: String, when: Timestamp },
    /// A purge ended.
    PurgeEnd {},
}

/// A chunk as its book tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its number.
    pub chunk: u64,
    /// Its group.
    pub group: u64,
    /// Whether it is the last of its group.
    pub last: bool,
    /// What was kept.
    pub kept: Kept,
    /// Whether its rows are known to be out of the database.
    pub done: bool,
    /// Whether its rows are in the database again, or never left it.
    pub back: bool,
}

/// Things that go together or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How many things, as people count them.
    pub items: u64,
    /// The root of their store.
    pub root: PathBuf,
    /// Their files, each with the session it belongs to.
    pub files: Vec<(PathBuf, String)>,
}

/// What a book tells of its deed.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its file.
    pub file: PathBuf,
    /// Its id.
    pub id: String,
    /// What was done.
    pub verb: String,
    /// When.
    pub when: Timestamp,
    /// The database.
    pub database: PathBuf,
    /// Where its chunks are.
    pub kept_in: PathBuf,
    /// Its chunks.
    pub parts: BTreeMap<u64, Part>,
    /// What belongs together: things, and files with the session each belongs to.
    pub groups: BTreeMap<u64, Group>,
    /// The operation of the vault that has them.
    pub moved: Option<String>,
    /// Files of ours beside the database.
    pub beside: Vec<PathBuf>,
    /// Whether it ended, and how many bytes the database's files had less.
    pub ended: Option<i64>,
    /// Whether it came to nothing.
    pub gave_up: bool,
    /// Its undos: id, when, ended.
    pub undos: Vec<(String, Timestamp, bool)>,
    /// Its purge.
    pub purge: Option<(String, Timestamp, bool)>,
    /// Bytes of its file that can be believed.
    pub good: u64,
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
            Line::Begin { id, verb, when, database, kept_in } => {
                (self.id, self.verb, self.when) = (id, verb, when);
                (self.database, self.kept_in) = (path(database), path(kept_in));
            }
            Line::Chunk { chunk, group, last, kept } => {
                self.parts.insert(chunk, Part { chunk, group, last, kept, done: false, back: false });
            }
            Line::Done { chunk } => self.with(chunk, |part| part.done = true),
            Line::Back { chunk } => self.with(chunk, |part| part.back = true),
            Line::Group { group, items, root, files } => {
                let files = files.into_iter().map(|(file, session)| (path(file), session)).collect();
                self.groups.insert(group, Group { items, root: path(root), files });
            }
            Line::Moved { operation } => self.moved = Some(operation),
            Line::Beside { path: beside } => self.beside.push(path(beside)),
            Line::GaveUp {} => self.gave_up = true,
            Line::End { given_back } => self.ended = Some(given_back),
            Line::UndoBegin { id, when } => self.undos.push((id, when, false)),
            Line::UndoEnd {} => self.undos.last_mut().into_iter().for_each(|undo| undo.2 = true),
            Line::PurgeBegin { id, when } => self.purge = Some((id, when, false)),
            Line::PurgeEnd {} => self.purge.iter_mut().for_each(|purge| purge.2 = true),
        }
    }

    fn with(&mut self, chunk: u64, change: impl FnOnce(&mut Part)) {
        if let Some(part) = self.parts.get_mut(&chunk) {
            change(part);
        }
    }

    /// The chunks whose rows are kept and out of the database.
    pub fn held(&self) -> impl DoubleEndedIterator<Item = &Part> {
        self.parts.values().filter(|part| part.done && !part.back)
    }

    /// Whether the rows of a group are all out of the database; one that has none counts once its files were moved.
    pub fn is_out(&self, group: u64) -> bool {
        let mut parts = self.parts.values().filter(|part| part.group == group).peekable();
        if parts.peek().is_none() { self.moved.is_some() } else { parts.any(|part| part.last && part.done && !part.back) }
    }

    /// Things it took away, as people count them.
    pub fn items(&self) -> u64 {
        let groups = self.parts.values().filter(|part| part.done).map(|part| part.group).chain(self.groups.keys().copied());
        let groups: std::collections::BTreeSet<u64> = groups.collect();
        groups.iter().map(|group| self.groups.get(group).map_or(1, |g| g.items)).sum()
    }

    /// The file of a chunk.
    pub fn place(&self, chunk: u64) -> PathBuf {
        self.kept_in.join(format!("{chunk}.rows.zst"))
    }

    /// How it stands; `None` where it came to nothing. `files` tells how the operation of the vault stands that has its files.
    pub fn state(&self, files: Option<OpState>) -> Option<OpState> {
        let held = self.held().next().is_some();
        let files_held = matches!(files, Some(OpState::Stands | OpState::PartlyUndone));
        let interrupted = self.ended.is_none() || self.undos.last().is_some_and(|undo| !undo.2);
        Some(match &self.purge {
            _ if self.id.is_empty() || self.gave_up => return None,
            Some((_, _, true)) => OpState::Purged,
            Some(_) => OpState::Unfinished,
            None if interrupted => OpState::Unfinished,
            None if self.verb == "vacuum" => OpState::Done,
            None if !held && !files_held && self.undos.is_empty() => return None,
            None if !held && !files_held => OpState::Undone,
            None if self.undos.is_empty() => OpState::Stands,
            None => OpState::PartlyUndone,
        })
    }

    /// The deed, and each undo and purge of it, as `history` tells them; `files` is the operation of the vault that has its
    /// files.
    pub fn operations(&self, files: Option<&Operation>) -> Vec<Operation> {
        let Some(state) = self.state(files.map(|o| o.state)) else { return Vec::new() };
        let all: Vec<&Part> = self.parts.values().filter(|part| part.done).collect();
        let rows = |parts: &[&Part]| parts.iter().fold((0, 0), |sum, part| (sum.0 + part.kept.bytes, sum.1 + part.kept.size));
        let ((bytes, size), (held, held_size)) = (rows(&all), rows(&self.held().collect::<Vec<_>>()));
        let files_held = files.map_or(Held::default(), |o| o.held);
        let items = self.items();
        let held = Held {
            items: if held > 0 || files_held.items > 0 { items } else { 0 },
            bytes: held + files_held.bytes,
            allocated: held_size + files_held.allocated,
        };
        let purged = state == OpState::Purged;
        let deed = Operation {
            id: self.id.clone(),
            verb: self.verb.clone(),
            when: self.when,
            items,
            bytes: if self.verb == "vacuum" {
                self.ended.unwrap_or(0).max(0).cast_unsigned()
            } else {
                bytes + files.map_or(0, |o| o.bytes)
            },
            allocated: size + files.map_or(0, |o| o.allocated),
            held: if purged { Held::default() } else { held },
            state,
            of: None,
            vault: (!all.is_empty()).then(|| self.kept_in.clone()),
        };
        let of = |id: &str, verb: &str, when: Timestamp, state: OpState| Operation {
            id: id.to_owned(),
            verb: verb.to_owned(),
            when,
            held: Held::default(),
            state,
            of: Some(self.id.clone()),
            ..deed.clone()
        };
        let ended = |done: bool, state: OpState| if done { state } else { OpState::Unfinished };
        let undos = self.undos.iter().map(|(id, when, done)| of(id, "undo", *when, ended(*done, OpState::Undone)));
        let purges = self.purge.iter().map(|(id, when, done)| of(id, "purge", *when, ended(*done, OpState::Purged)));
        undos.chain(purges).chain([deed.clone()]).collect()
    }
}

/// The shelf that books stand on.
pub struct Shelf {
    folder: PathBuf,
}

/// Held while a deed on a database is done; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it is the open file that holds the lock")] File);

impl Shelf {
    /// The shelf of this world; nothing is made yet.
    pub fn of(world: &World) -> Self {
        Self { folder: world.state_dir.join("databases") }
    }

    /// Waits until no other lifeboat works on a database.
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
    pub fn begin(&self, world: &World, verb: &str, database: &Path) -> Result<Book> {
        let id = world.new_id();
        let file = self.folder.join(format!("{id}.book"));
        let kept_in = world.vault_dir().join(&id);
        let mut how = File::options();
        how.create_new(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
        let opened = how.open(&file).map_err(|e| Error::io("cannot begin the journal", &file, e))?;
        let mut book = Book { out: opened, record: Record { file, ..Record::default() } };
        let (database, kept_in) = (PathText::new(database), PathText::new(&kept_in));
        book.write(Line::Begin { id, verb: verb.to_owned(), when: world.now(), database, kept_in })?;
        sync_folder(&book.record.file).map_err(|e| Error::io("cannot begin the journal", &book.record.file, e))?;
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

    /// The place for a new chunk, its folder made.
    pub fn next_place(&self) -> Result<(u64, PathBuf)> {
        let chunk = self.record.parts.keys().next_back().map_or(0, |last| last + 1);
        let folder = &self.record.kept_in;
        let mut how = std::fs::DirBuilder::new();
        how.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
        how.create(folder).map_err(|e| Error::io("cannot make the folder for what is kept", folder, e))?;
        sync_folder(folder).map_err(|e| Error::io("cannot make the folder for what is kept", folder, e))?;
        let place = self.record.place(chunk);
        // What an interrupted run began and did not note is of no use to anybody.
        crate::vault::own::discard(&place);
        Ok((chunk, place))
    }
}
