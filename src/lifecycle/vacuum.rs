//! `vacuum`: the database is written anew beside itself, compared, and put in its own place, so that its free pages are free
//! space. At every moment the old or the new file is there, whole.
//!
//! The order: everything from the `-wal` into the database; room checked; `VACUUM INTO` beside; every table of both compared,
//! row by row; the database for us alone, its `-wal` gone, so that none can ever be taken for one of the new file; the swap;
//! the new one looked at in its place; the old one let go.

use super::book::{Book, Line, Shelf};
use super::compare::same;
use super::deed::Desk;
use super::pen::Pen;
use crate::database::{Family, Header, Member};
use crate::error::{Error, Kind, Result};
use crate::model::{PathText, Progress, Receipt};
use crate::platform::{facts, free_space};
use crate::vault::{own, swap};
use std::path::{Path, PathBuf};

/// How a database is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vacuum {
    /// Written anew beside itself, compared and exchanged.
    #[default]
    Beside,
    /// By SQLite where it is.
    InPlace,
}

/// Bytes left over beyond what a deed needs.
const MARGIN: u64 = 16 << 20;

/// What a vacuum needs and gives, as far as that is known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Bytes of the database and its `-wal` now.
    pub now: u64,
    /// Bytes it has at most afterwards.
    pub then: u64,
    /// Free bytes on its disk.
    pub free: u64,
    /// Free bytes in the folder for temporary files, where that is on another disk.
    pub elsewhere: Option<u64>,
}

impl Outlook {
    /// Looks at a database by its header alone; what is only in its `-wal` counts in full.
    pub fn of(database: &Path) -> Result<Self> {
        let failed = |e| Error::io("cannot read the database", database, e);
        let no = || Error::new(Kind::System, "it is no SQLite database").at(database);
        let header = Header::read(database).map_err(failed)?.ok_or_else(no)?;
        let family = Family::of(database);
        let folder = database.parent().unwrap_or(Path::new("."));
        let (free, _) = free_space(folder).map_err(failed)?;
        let temporary = std::env::temp_dir();
        let apart = matches!((facts(&temporary), facts(folder)), (Ok(a), Ok(b)) if a.dev != b.dev);
        let elsewhere = if apart { free_space(&temporary).ok().map(|(free, _)| free) } else { None };
        let now = family.total() - family.bytes(Member::Shm);
        Ok(Self { now, then: now.saturating_sub(header.free_bytes()), free, elsewhere })
    }

    /// Why a vacuum does not fit; `None` where it does.
    pub fn refusal(&self, how: Vacuum) -> Option<String> {
        let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
        let need = self.then + MARGIN;
        match how {
            Vacuum::Beside if self.free < need => Some(format!(
                "the packed database needs up to {} beside the old one and {} are free, so {} are missing; `lifeboat purge` empties the \
                 vault; `--in-place` needs {} as well while it runs, and as much again in the folder for temporary files, which TMPDIR can \
                 put on another disk",
                size(need),
                size(self.free),
                size(need - self.free),
                size(need),
            )),
            Vacuum::InPlace => {
                let here = if self.elsewhere.is_some() { need } else { 2 * need };
                let lacks = self.free < here || self.elsewhere.is_some_and(|free| free < need);
                lacks.then(|| {
                    let there = self.elsewhere.map_or(String::new(), |free| format!(" ({} are free there)", size(free)));
                    format!(
                        "packing in place writes everything twice: up to {} into the folder for temporary files{there}, and up to {} beside \
                         the database; {} are free",
                        size(need),
                        size(need),
                        size(self.free)
                    )
                })
            }
            Vacuum::Beside => None,
        }
    }
}

/// Packs a database.
pub fn vacuum(desk: &Desk<'_>, database: &Path, how: Vacuum, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("vacuum");
    receipt.dry_run = dry_run;
    desk.quiet(database)?;
    let outlook = Outlook::of(database)?;
    let refuse = |why: String| Error::refused(why).at(database);
    if let Some(why) = outlook.refusal(how) {
        return Err(refuse(why));
    }
    if dry_run {
        receipt.moved = 1;
        receipt.bytes = outlook.now.saturating_sub(outlook.then);
        return Ok(receipt);
    }
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let pen = desk.pen(database)?;
    let mode = pen.mode()?;
    if mode == "wal" && !pen.checkpoint()? {
        return Err(refuse("another program has the database open; it was not packed".into()));
    }
    let before = total(database);
    let mut book = shelf.begin(desk.world, "vacuum", database)?;
    receipt.operation.clone_from(&book.record.id);
    let packed = match how {
        Vacuum::Beside => beside(desk, pen, &mut book, &mode),
        Vacuum::InPlace => pen.pack_in_place().and_then(|()| {
            sound(pen.sql(), database)?;
            pen.checkpoint()?;
            pen.put_down()
        }),
    };
    let after = total(database);
    let given_back = i64::try_from(i128::from(before) - i128::from(after)).unwrap_or(0);
    swap::tidy(&book.record.beside);
    book.write(if packed.is_ok() { Line::End { given_back } } else { Line::GaveUp {} })?;
    packed?;
    receipt.moved = 1;
    receipt.bytes = before.saturating_sub(after);
    receipt.allocated = receipt.bytes;
    receipt.free_change = Some(given_back);
    let size = |bytes| humansize::format_size(bytes, humansize::DECIMAL);
    receipt.notes.push(format!("{}: {} before, {} now", crate::model::shown(database), size(before), size(after)));
    Ok(receipt)
}

/// Bytes that the database's files take on the disk.
fn total(database: &Path) -> u64 {
    let members = [Member::Main, Member::Wal, Member::Journal];
    members.iter().filter_map(|m| facts(&Family::name(database, *m)).ok()).map(|f| f.allocated).sum()
}

/// Writes the packed database beside the old one, compares both, and exchanges them.
fn beside(desk: &Desk<'_>, mut pen: Pen, book: &mut Book, mode: &str) -> Result<()> {
    let database = pen.path().to_path_buf();
    let named = |what: &str| -> PathBuf {
        let mut name = database.as_os_str().to_owned();
        name.push(format!(".lifeboat-{what}-{}", book.record.id));
        name.into()
    };
    let (new, old) = (named("new"), named("old"));
    // Should it be left in the way of SQLite's own files, those are ours too.
    for path in [&new, &old, &Family::name(&new, Member::Journal), &Family::name(&new, Member::Wal), &Family::name(&new, Member::Shm)] {
        book.write(Line::Beside { path: PathText::new(path) })?;
    }
    let told = |verb| desk.watch.at(&Progress { verb, bytes_total: Some(total(&database)), ..Progress::default() });
    pen.begin_reading()?;
    told("Packing");
    let file = empty_like(&database, &new)?;
    pen.pack_into(&new)?;
    told("Comparing");
    {
        let fresh = Pen::take(&new)?;
        if mode == "wal" {
            fresh.set_mode("wal")?;
        }
        sound(fresh.sql(), &new)?;
        same(pen.sql(), fresh.sql(), desk.watch).map_err(|e| e.at(&new))?;
        fresh.put_down()?;
    }
    file.sync_all().map_err(|e| Error::io("cannot make the packed database last", &new, e))?;
    if desk.watch.stopped() {
        return Err(Error::new(Kind::Interrupted, "stopped before the packed database took its place; nothing was changed").at(&database));
    }
    desk.quiet(&database)?;
    exchange(desk, pen, &new, &old, mode)
}

/// Exchanges the files while nobody else can have the old one open.
fn exchange(desk: &Desk<'_>, pen: Pen, new: &Path, old: &Path, mode: &str) -> Result<()> {
    let database = pen.path().to_path_buf();
    let overtaken = || Error::refused("another program wrote to the database meanwhile; it was not packed").at(&database);
    if mode == "wal" && pen.set_mode("delete")? != "delete" {
        return Err(overtaken());
    }
    pen.lock()?;
    let alone = pen.is_overtaken().and_then(|overtaken_now| {
        let wal = Family::of(&database);
        let clean = wal.bytes(Member::Wal) == 0 && wal.bytes(Member::Journal) == 0;
        if overtaken_now || !clean { Err(overtaken()) } else { desk.quiet(&database) }
    });
    // On Windows an open file cannot be exchanged, by anybody: who opens it now makes the exchange fail.
    let held = if cfg!(windows) {
        pen.unlock();
        pen.put_down()?;
        None
    } else {
        Some(pen)
    };
    let swapped = alone.and_then(|()| swap::swap(new, &database, old));
    let swapped = match swapped {
        Ok(swapped) => swapped,
        Err(e) => {
            let pen = match held {
                Some(pen) => Ok(pen),
                None => Pen::take(&database),
            };
            if let Ok(pen) = pen {
                pen.unlock();
                if mode == "wal" {
                    let _ = pen.set_mode("wal");
                }
            }
            return Err(e);
        }
    };
    let looked = Pen::take(&database).and_then(|fresh| {
        let counted = fresh.sql().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
        counted.map_err(|e| super::pen::failed("cannot read the packed database", &database, e))?;
        fresh.put_down()
    });
    match looked {
        Ok(()) => swapped.let_go(),
        Err(e) => {
            swapped.take_back();
            return Err(e);
        }
    }
    drop(held);
    Ok(())
}

/// An empty file of ours that the same may read and write as another, and that belongs to the same.
fn empty_like(like: &Path, path: &Path) -> Result<std::fs::File> {
    let failed = |e| Error::io("cannot make the packed database", path, e);
    own::discard(path);
    let mut how = std::fs::File::options();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let file = how.open(path).map_err(failed)?;
    let was = std::fs::symlink_metadata(like).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let now = file.metadata().map_err(failed)?;
        if (was.uid(), was.gid()) != (now.uid(), now.gid()) {
            std::os::unix::fs::fchown(&file, Some(was.uid()), Some(was.gid())).map_err(failed)?;
        }
    }
    file.set_permissions(was.permissions()).map_err(failed)?;
    Ok(file)
}

/// Refuses a database that SQLite finds fault with.
fn sound(sql: &rusqlite::Connection, path: &Path) -> Result<()> {
    let error = |e| super::pen::failed("cannot check the database", path, e);
    let said: String = sql.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(error)?;
    if said == "ok" { Ok(()) } else { Err(Error::new(Kind::System, format!("the database is not sound: {said}")).at(path)) }
}
