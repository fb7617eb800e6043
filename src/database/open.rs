//! Opens a database for reading.
//!
//! Which way depends on what is there:
//! - a `-wal` with something in it and its `-shm`: as a reader among others, which locks as every reader does and writes
//!   nothing (`readonly_shm`);
//! - a `-wal` without its `-shm`: nobody has it open; a private copy of both files is read, since opening it would make one;
//! - no `-wal`, or an empty one: the file alone, as it is (`immutable`), and [`Database::moved`] tells whether it changed
//!   while it was read.

use super::family::{Family, Member};
use super::header::Header;
use super::schema::Schema;
use crate::error::{Error, Kind, Result};
use crate::model::to_bytes;
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a reader waits for a writer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A copy of so many bytes fits anywhere.
const SMALL: u64 = 16 << 20;

/// A database that is open for reading.
#[derive(Debug)]
pub struct Database {
    /// The connection. Writing through it fails.
    pub sql: Connection,
    /// The files as they were when it was opened.
    pub was: Family,
    /// What its header says.
    pub header: Header,
    // Dropped after the connection: the private copy that is read, where there is one.
    copied: Option<tempfile::TempDir>,
}

impl Database {
    /// The database's own path.
    pub fn path(&self) -> &Path {
        &self.was.path
    }

    /// Its tables and columns.
    pub fn schema(&self) -> Result<Schema> {
        Schema::read(&self.sql).map_err(|e| failed("cannot read the tables of", &self.was.path, e))
    }

    /// Whether the files changed since they were opened, so that what was read may not belong together.
    pub fn moved(&self) -> bool {
        !Family::of(&self.was.path).same_content(&self.was)
    }

    /// Whether a private copy is read.
    pub fn is_copy(&self) -> bool {
        self.copied.is_some()
    }

    #[cfg(test)]
    pub(super) fn copied_to(&self) -> Option<PathBuf> {
        self.copied.as_ref().map(|dir| dir.path().to_path_buf())
    }

    /// An error about this database.
    pub fn error(&self, what: &str, cause: rusqlite::Error) -> Error {
        failed(what, &self.was.path, cause)
    }
}

/// Opens a database for reading; nothing is written, neither to it nor beside it.
pub fn open(path: &Path) -> Result<Database> {
    let was = Family::of(path);
    let cannot = |e: io::Error| Error::io("cannot read the database", path, e);
    if !was.has(Member::Main) {
        return Err(cannot(io::Error::new(io::ErrorKind::NotFound, "there is no such file")));
    }
    let no_database = || Error::new(Kind::System, "it is no SQLite database").at(path);
    let header = Header::read(path).map_err(cannot)?.ok_or_else(no_database)?;
    if !header.wal && was.bytes(Member::Journal) > 0 {
        let says = "a transaction was broken off and its journal must be rolled back first";
        return Err(Error::new(Kind::System, says).at(path).hint("start and end the tool once; it rolls back by itself"));
    }
    let beside = was.bytes(Member::Wal) > 0;
    let (copied, place, how) = match (beside, was.has(Member::Shm)) {
        (true, true) => (None, path.to_path_buf(), "mode=ro&readonly_shm=1"),
        (true, false) => {
            room(&was)?;
            let (dir, place) = private(path).map_err(|e| Error::io("cannot copy the database to read it", path, e))?;
            (Some(dir), place, "mode=rw")
        }
        (false, _) if header.wal => (None, path.to_path_buf(), "mode=ro&immutable=1"),
        (false, _) => (None, path.to_path_buf(), "mode=ro"),
    };
    let sql = connect(&place, how).map_err(|e| failed("cannot open the database", path, e))?;
    Ok(Database { sql, was, header, copied })
}

fn connect(path: &Path, how: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | if how.contains("mode=rw") { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let sql = Connection::open_with_flags(uri(path, how), flags)?;
    sql.busy_timeout(PATIENCE)?;
    // What the file itself brings along (views, triggers, functions in its schema) is not trusted.
    sql.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON; PRAGMA mmap_size=0")?;
    Ok(sql)
}

/// A path as SQLite takes it with settings (sqlite.org/uri.html).
pub(super) fn uri(path: &Path, how: &str) -> String {
    let bytes = to_bytes(path.as_os_str());
    let mut text = String::from(if cfg!(windows) { "file:///" } else { "file:" });
    for byte in bytes.iter() {
        match byte {
            b'\\' if cfg!(windows) => text.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b':' => text.push(char::from(*byte)),
            // Writing to a string never fails.
            other => drop(write!(text, "%{other:02X}")),
        }
    }
    text + "?" + how
}

/// Refuses where a private copy would fill the disk for temporary files.
fn room(was: &Family) -> Result<()> {
    let need = was.bytes(Member::Main) + was.bytes(Member::Wal);
    let Ok((free, _)) = crate::platform::free_space(&std::env::temp_dir()) else { return Ok(()) };
    if need.saturating_mul(2) <= free || need < SMALL {
        return Ok(());
    }
    let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
    let says = format!(
        "its -wal was left without its index, so that a copy would have to be read; that takes {} in the folder for temporary files, and \
         {} are free there",
        size(need),
        size(free)
    );
    Err(Error::new(Kind::System, says)
        .at(&was.path)
        .hint("start and end the tool once, which makes the index, or name another folder by TMPDIR"))
}

/// Copies a database and its `-wal` to a folder that nobody else may enter and that goes away with the answer.
fn private(path: &Path) -> io::Result<(tempfile::TempDir, PathBuf)> {
    let dir = tempfile::Builder::new().prefix("lifeboat-").tempdir()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let place = dir.path().join("copy.db");
    for member in [Member::Main, Member::Wal] {
        let (from, to) = (Family::name(path, member), Family::name(&place, member));
        io::copy(&mut crate::platform::open_beneath(folder, &from)?, &mut std::fs::File::create_new(to)?)?;
    }
    Ok((dir, place))
}

/// An error about a database.
pub(super) fn failed(what: &str, path: &Path, cause: rusqlite::Error) -> Error {
    let code = cause.sqlite_error_code();
    let error = Error::new(Kind::System, what).at(path).because(cause);
    match code {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            error.hint("something writes to it at this moment; try again when it is done")
        }
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            error.hint("the file is damaged; keep it, with its -wal beside it, and restore a backup to another place")
        }
        _ => error,
    }
}
