//! A copy of a database that is whole, whoever writes to it meanwhile.
//!
//! Copying the files tears one copy in three while somebody writes; `VACUUM INTO` reads one moment of the database
//! (`sqlite.org/lang_vacuum.html`).

use super::family::Family;
use super::open::{Database, failed};
use super::schema::quoted;
use crate::error::{Error, Kind, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// Columns whose content must not be in a copy: a table and a column of it, where they are there.
pub type Scrub = [(&'static str, &'static str)];

/// Writes a whole copy of a database to a place where nothing is, readable by its owner alone, without the content of some
/// columns; checks it; gives its bytes.
pub fn copy(from: &Database, to: &Path, scrub: &Scrub) -> Result<u64> {
    let place = to.to_str().ok_or_else(|| Error::new(Kind::System, "the copy's name is not UTF-8").at(to))?;
    // Made first, so that it is never open to others, and never something that was there.
    let mut how = std::fs::OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let file = how.open(to).map_err(|e| Error::io("cannot make the copy", to, e))?;
    let whole = from.sql.execute_batch("PRAGMA query_only=OFF").and_then(|()| from.sql.execute("VACUUM INTO ?1", [place]));
    let back = from.sql.execute_batch("PRAGMA query_only=ON");
    whole.and(back.map(|()| 0)).map_err(|e| from.error("cannot copy the database", e))?;
    let checked = check(to, scrub).map_err(|e| failed("the copy does not hold", to, e))?;
    if checked != "ok" {
        return Err(Error::new(Kind::System, format!("the copy is not sound: {checked}")).at(to));
    }
    file.sync_all().map_err(|e| Error::io("cannot make the copy last", to, e))?;
    Ok(Family::of(to).total())
}

fn check(copy: &Path, scrub: &Scrub) -> rusqlite::Result<String> {
    let sql = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    sql.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON; PRAGMA journal_mode=MEMORY")?;
    let schema = super::Schema::read(&sql)?;
    for (table, column) in scrub.iter().filter(|(table, column)| schema.has_all(table, &[column])) {
        sql.execute(&format!("UPDATE {} SET {}=''", quoted(table), quoted(column)), [])?;
    }
    sql.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
}
