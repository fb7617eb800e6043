//! The index on disk: an SQLite file in our own state folder that nobody else may read. What is in it can be had again, so one that
//! is torn, of another version or none of ours is made anew.

use crate::error::{Error, Kind, Result};
use crate::vault::own;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the file in the state folder.
pub const NAME: &str = "find.sqlite";

/// Says that a file is ours: `life` in ASCII.
const OURS: i64 = 0x6C69_6665;

/// What is in it is read by this version alone.
const VERSION: i64 = 1;

/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Words are given apart already, and only which blocks have them is kept (`detail=none`): of what is said, and of the rest.
const TABLES: &str = "
CREATE TABLE thread(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
  read INTEGER NOT NULL, tail BLOB NOT NULL);
CREATE TABLE block(id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  first INTEGER, last INTEGER);
CREATE INDEX block_of ON block(thread, start);
CREATE VIRTUAL TABLE said USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE more USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
INSERT INTO said(said, rank) VALUES('hashsize', 16777216);
INSERT INTO more(more, rank) VALUES('hashsize', 16777216);
";

/// Opens the index, or makes it; what is there and no index of this version is made anew.
pub fn open(state: &Path) -> Result<Connection> {
    let path = state.join(NAME);
    match connect(&path) {
        Err(e) if is_torn(&e) => {
            discard(&path);
            connect(&path)
        }
        other => other,
    }
    .map_err(|e| e.into_error(&path))
}

/// Drops an index that turned out to be torn.
pub fn discard(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        own::discard(&PathBuf::from(name));
    }
}

/// Why it cannot be opened.
enum Failed {
    Sql(rusqlite::Error),
    Io(io::Error),
    /// It is something else.
    Foreign,
}

impl From<rusqlite::Error> for Failed {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sql(e)
    }
}

impl Failed {
    fn into_error(self, path: &Path) -> Error {
        match self {
            Self::Sql(e) => failed(path, e),
            Self::Io(e) => Error::io("cannot write the index for searches", path, e),
            Self::Foreign => Error::new(Kind::System, "another program's file is in the place of the index for searches").at(path),
        }
    }
}

fn is_torn(e: &Failed) -> bool {
    match e {
        Failed::Foreign => true,
        Failed::Sql(e) => torn(e),
        Failed::Io(_) => false,
    }
}

/// Whether an error means that the index must be made anew.
pub fn torn(e: &rusqlite::Error) -> bool {
    let by_code = matches!(e.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    by_code || matches!(e, rusqlite::Error::SqlInputError { .. } | rusqlite::Error::InvalidColumnType(..))
}

/// An error about the index.
pub fn failed(path: &Path, e: rusqlite::Error) -> Error {
    Error::new(Kind::System, "cannot use the index for searches").at(path).because(e)
}

fn connect(path: &Path) -> Result<Connection, Failed> {
    make_private(path).map_err(Failed::Io)?;
    let sql = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    sql.busy_timeout(PATIENCE)?;
    // What is removed is overwritten; a crash of the machine may cost the index and nothing else.
    sql.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA secure_delete=ON; PRAGMA synchronous=OFF")?;
    let number = |name: &str| sql.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    match (number("application_id")?, number("user_version")?) {
        (OURS, VERSION) => {}
        (0, 0) if number("schema_version")? == 0 => {
            sql.execute_batch("PRAGMA journal_mode=WAL; BEGIN IMMEDIATE")?;
            if number("schema_version")? == 0 {
                sql.execute_batch(TABLES)?;
                sql.execute_batch(&format!("PRAGMA application_id={OURS}; PRAGMA user_version={VERSION}"))?;
            }
            sql.execute_batch("COMMIT")?;
        }
        _ => return Err(Failed::Foreign),
    }
    Ok(sql)
}

/// Makes the file where there is none, so that from the start nobody else may read it.
fn make_private(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path)?;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    options.open(path).map(drop)
}
