//! `history`, `undo` and `purge` over all: what the vault has of files, what was kept of databases, and disk images that were
//! cleaned inside.

use super::book::{Book, Line, Record, Shelf};
use super::deed::{Desk, put_back};
use super::opencode::orphans;
use crate::error::{Error, Result};
use crate::model::{Held, OpState, Operation, PathText, Receipt, Skipped};
use crate::repair::{self, Repaired};
use crate::trim;
use crate::vault::{self, PurgeWhat};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// No more rows than this are named one by one.
const NAMED: usize = 20;

/// Every kind of operation.
struct All {
    records: Vec<Record>,
    /// Deeds inside disk images.
    images: Vec<trim::Record>,
    /// Operations of the vault that have files of a deed on a database, or a disk image, by id.
    files: BTreeMap<String, Operation>,
    /// The other operations of the vault.
    others: Vec<Operation>,
    /// Records that were made again; what the vault has of them is among the files.
    repairs: Vec<Repaired>,
}

impl All {
    fn read(world: &World) -> Result<Self> {
        let records = Shelf::of(world).records()?;
        let images = trim::Shelf::of(world).records()?;
        let repairs = repair::all(world)?;
        let of_images = images.iter().flat_map(trim::Record::linked);
        let of_repairs = repairs.iter().flat_map(Repaired::linked);
        let of_rows = records.iter().filter_map(|r| r.moved.as_ref());
        let linked: BTreeSet<&String> = of_rows.chain(of_images).chain(of_repairs).collect();
        let (mut files, mut others) = (BTreeMap::new(), Vec::new());
        for operation in vault::history(world)? {
            if linked.contains(&operation.id) {
                files.insert(operation.id.clone(), operation);
            } else if operation.of.as_ref().is_none_or(|of| !linked.contains(of)) {
                others.push(operation);
            }
        }
        Ok(Self { records, images, files, others, repairs })
    }

    fn files_of(&self, record: &Record) -> Option<&Operation> {
        record.moved.as_ref().and_then(|id| self.files.get(id))
    }

    fn state(&self, record: &Record) -> Option<OpState> {
        record.state(self.files_of(record).map(|o| o.state))
    }

    fn operations(&self) -> Vec<Operation> {
        let ours = self.records.iter().flat_map(|record| record.operations(self.files_of(record)));
        let images = self.images.iter().flat_map(|record| record.operations(&self.files));
        let held = |r: &Repaired| Held::by(&r.linked().filter_map(|id| self.files.get(id)).cloned().collect::<Vec<_>>());
        let repairs = self.repairs.iter().map(|r| r.operation(held(r)));
        let mut all: Vec<Operation> = ours.chain(images).chain(repairs).chain(self.others.iter().cloned()).collect();
        all.sort_by(|a, b| (b.when, &b.id).cmp(&(a.when, &a.id)));
        all
    }

    fn record(&self, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }

    fn repaired(&self, id: &str) -> Option<&Repaired> {
        self.repairs.iter().find(|repaired| repaired.id == id)
    }

    fn image(&self, id: &str) -> Option<&trim::Record> {
        self.images.iter().find(|record| record.id == id)
    }
}

fn stands(state: OpState) -> bool {
    matches!(state, OpState::Stands | OpState::PartlyUndone)
}

/// Every operation, the newest first.
pub fn history(world: &World) -> Result<Vec<Operation>> {
    Ok(All::read(world)?.operations())
}

/// Puts back the last operation that stands, or the named one.
pub fn undo(desk: &Desk<'_>, operation: Option<&str>, dry_run: bool) -> Result<Receipt> {
    let shelf = Shelf::of(desk.world);
    let _turn = if dry_run { None } else { Some(shelf.turn()?) };
    let all = All::read(desk.world)?;
    let operations = all.operations();
    let chosen = match operation {
        None => operations.iter().find(|o| o.of.is_none() && stands(o.state)),
        Some(name) => named(&operations, name)?,
    };
    if operation.is_none() && chosen.is_none() {
        // What the vault has as a part of another deed is not undone by itself.
        let mut receipt = Receipt::new("undo");
        receipt.dry_run = dry_run;
        receipt.notes.push("there is nothing to undo".into());
        return Ok(receipt);
    }
    if let Some(record) = chosen.and_then(|o| all.image(&o.id)) {
        return trim::undo(&trim::Desk::here(desk.world, desk.watch), record, &all.files, dry_run);
    }
    if let Some(repaired) = chosen.and_then(|o| all.repaired(&o.id)) {
        return repair::undo(desk.world, repaired, dry_run, desk.watch);
    }
    match chosen.and_then(|o| all.record(&o.id)) {
        Some(record) => undo_record(desk, &all, record, dry_run),
        None => vault::undo(desk.world, chosen.map(|o| o.id.as_str()).or(operation), dry_run, desk.watch),
    }
}

/// The operation of this name; `None` where the vault may know more of it.
fn named<'o>(operations: &'o [Operation], name: &str) -> Result<Option<&'o Operation>> {
    let known: Vec<&Operation> = operations.iter().filter(|o| o.of.is_none()).collect();
    if let Some(exact) = known.iter().find(|o| o.id == name) {
        return Ok(Some(exact));
    }
    let fits: Vec<&Operation> = known.into_iter().filter(|o| !name.is_empty() && o.id.starts_with(name)).collect();
    match fits.as_slice() {
        [one] => Ok(Some(one)),
        [] => match operations.iter().find(|o| !name.is_empty() && o.id.starts_with(name)) {
            Some(o) => {
                Err(Error::refused(format!("{name} is an {} (of {}), which is not undone", o.verb, o.of.as_deref().unwrap_or_default())))
            }
            None => Ok(None),
        },
        _ => Err(Error::usage(format!("several operations begin with {name}")).hint("`lifeboat history` lists them.")),
    }
}

fn undo_record(desk: &Desk<'_>, all: &All, record: &Record, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("undo");
    receipt.dry_run = dry_run;
    match all.state(record) {
        Some(OpState::Purged) => return Err(Error::refused(format!("{} was purged; it does not come back", record.id))),
        Some(OpState::Unfinished) => {
            return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
        }
        Some(OpState::Done) => {
            let says = format!("{} was a {}: it took nothing away, so that there is nothing to put back", record.id, record.verb);
            receipt.notes.push(says);
            return Ok(receipt);
        }
        Some(OpState::Undone) | None => {
            receipt.notes.push(format!("{} is undone already", record.id));
            return Ok(receipt);
        }
        Some(OpState::Stands | OpState::PartlyUndone) => {}
    }
    let files = all.files_of(record).filter(|o| stands(o.state));
    if dry_run {
        receipt.moved = record.items();
        receipt.bytes = record.held().map(|part| part.kept.bytes).sum::<u64>() + files.map_or(0, |o| o.held.bytes);
        return Ok(receipt);
    }
    let mut book = Book::reopen(record)?;
    // Refused before anything is written where the database is in use.
    if record.held().next().is_some() {
        desk.quiet(&record.database)?;
    }
    receipt.operation = desk.world.new_id();
    book.write(Line::UndoBegin { id: receipt.operation.clone(), when: desk.world.now() })?;
    rows_back(desk, &mut book, &mut receipt)?;
    files_back(desk, &mut book, &mut receipt)?;
    book.write(Line::UndoEnd {})?;
    tidy(&book.record);
    if receipt.bytes > 0 || receipt.skipped.is_empty() {
        receipt.moved = book.record.items();
    }
    Ok(receipt)
}

/// Puts back every chunk that is kept, the last taken first.
pub fn rows_back(desk: &Desk<'_>, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    let parts: Vec<_> = book.record.held().rev().cloned().collect();
    if parts.is_empty() {
        return Ok(());
    }
    let mut pen = desk.pen(&book.record.database)?;
    if book.record.verb == orphans::VERB {
        pen.loosen()?;
    }
    let mut newer: Vec<(String, String)> = Vec::new();
    for part in parts {
        if desk.watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let returned = put_back(desk, &mut pen, book, &part)?;
        receipt.bytes += returned.bytes;
        newer.extend(returned.newer);
    }
    for (table, why) in newer.iter().take(NAMED) {
        let mut path = pen.path().as_os_str().to_owned();
        path.push(format!("!/{table}"));
        receipt.skipped.push(Skipped { path: PathText::new(&PathBuf::from(path)), reason: format!("a row stays kept: {why}") });
    }
    if newer.len() > NAMED {
        receipt.notes.push(format!("{} more rows stay kept for the same reasons", newer.len() - NAMED));
    }
    let _ = pen.checkpoint();
    pen.put_down()
}

/// Puts the files of a deed back.
pub fn files_back(desk: &Desk<'_>, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    let Some(id) = book.record.moved.clone() else { return Ok(()) };
    let back = vault::undo(desk.world, Some(&id), false, desk.watch)?;
    receipt.bytes += back.bytes;
    receipt.allocated += back.allocated;
    receipt.skipped.extend(back.skipped);
    receipt.failed.extend(back.failed);
    receipt.notes.extend(back.notes);
    Ok(())
}

/// The folder of a deed goes when nothing is kept in it any more.
pub fn tidy(record: &Record) {
    if record.held().next().is_none() && record.kept_in.is_dir() {
        vault::own::discard_tree(&record.kept_in);
    }
}

/// Removes for good what the vault has of a record that was made again.
fn purge_repaired(desk: &Desk<'_>, all: &All, repaired: &Repaired, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt { dry_run, ..Receipt::new("purge") };
    for linked in repaired.linked().filter(|id| all.files.get(*id).is_some_and(|o| stands(o.state))) {
        receipt.join(vault::purge(desk.world, &PurgeWhat::One(linked.clone()), dry_run, desk.watch)?);
    }
    Ok(receipt)
}

/// Removes what operations keep for good.
pub fn purge(desk: &Desk<'_>, what: &PurgeWhat, dry_run: bool) -> Result<Receipt> {
    let shelf = Shelf::of(desk.world);
    let _turn = if dry_run { None } else { Some(shelf.turn()?) };
    let all = All::read(desk.world)?;
    let operations = all.operations();
    let now = desk.world.now();
    let meant = |record: &&Record| {
        let standing = all.state(record).is_some_and(stands);
        standing
            && match what {
                PurgeWhat::All => true,
                PurgeWhat::One(_) => false,
                PurgeWhat::OlderThan(age) => now >= record.when && now.duration_since(record.when).unsigned_abs() >= *age,
            }
    };
    if let PurgeWhat::One(name) = what {
        let chosen = named(&operations, name)?;
        if let Some(record) = chosen.and_then(|o| all.image(&o.id)) {
            return purge_image(desk, &all, record, dry_run);
        }
        if let Some(repaired) = chosen.and_then(|o| all.repaired(&o.id)) {
            return purge_repaired(desk, &all, repaired, dry_run);
        }
        let Some(record) = chosen.and_then(|o| all.record(&o.id)) else {
            return vault::purge(desk.world, what, dry_run, desk.watch);
        };
        if all.state(record) == Some(OpState::Unfinished) {
            return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
        }
        let mut receipt = Receipt::new("purge");
        receipt.dry_run = dry_run;
        if all.state(record).is_some_and(stands) {
            purge_record(desk, &all, record, dry_run, &mut receipt)?;
        }
        return Ok(receipt);
    }
    let chosen: Vec<&Record> = all.records.iter().filter(meant).collect();
    // Their files count with them.
    let mut receipt = Receipt::new("purge");
    receipt.dry_run = dry_run;
    for record in &chosen {
        purge_record(desk, &all, record, dry_run, &mut receipt)?;
    }
    let linked = |receipt: &mut Receipt| {
        if dry_run {
            let files = chosen.iter().filter_map(|record| all.files_of(record)).filter(|o| stands(o.state));
            files.for_each(|o| receipt.moved = receipt.moved.saturating_sub(o.held.items));
        }
    };
    let mut rest = vault::purge(desk.world, what, dry_run, desk.watch)?;
    linked(&mut rest);
    if receipt.moved > 0 && rest.moved == 0 {
        rest.notes.retain(|note| !note.contains("nothing to purge"));
    }
    rest.moved += receipt.moved;
    rest.bytes += receipt.bytes;
    rest.allocated += receipt.allocated;
    rest.failed.splice(0..0, receipt.failed);
    rest.operation = if receipt.operation.is_empty() { rest.operation } else { receipt.operation };
    Ok(rest)
}

/// Purges the images that a deed and its undo have in the vault.
fn purge_image(desk: &Desk<'_>, all: &All, record: &trim::Record, dry_run: bool) -> Result<Receipt> {
    if record.state(&all.files) == Some(OpState::Unfinished) {
        return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
    }
    let mut receipt = Receipt::new("purge");
    receipt.dry_run = dry_run;
    for operation in record.linked().filter(|id| all.files.get(*id).is_some_and(|o| stands(o.state))) {
        receipt.join(vault::purge(desk.world, &PurgeWhat::One(operation.clone()), dry_run, desk.watch)?);
    }
    Ok(receipt)
}

fn purge_record(desk: &Desk<'_>, all: &All, record: &Record, dry_run: bool, receipt: &mut Receipt) -> Result<()> {
    let files = all.files_of(record).filter(|o| stands(o.state));
    if !dry_run {
        let mut book = Book::reopen(record)?;
        let id = desk.world.new_id();
        book.write(Line::PurgeBegin { id: id.clone(), when: desk.world.now() })?;
        receipt.operation = if receipt.operation.is_empty() { id } else { std::mem::take(&mut receipt.operation) };
        finish_purge(desk, &mut book, receipt)?;
    }
    receipt.moved += record.items();
    receipt.bytes += record.held().map(|part| part.kept.bytes).sum::<u64>() + files.map_or(0, |o| o.held.bytes);
    receipt.allocated += record.held().map(|part| part.kept.size).sum::<u64>() + files.map_or(0, |o| o.held.allocated);
    Ok(())
}

/// Removes what a deed keeps, and ends its book where nothing stayed.
pub fn finish_purge(desk: &Desk<'_>, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    if let Some(files) = book.record.moved.clone() {
        let purged = vault::purge(desk.world, &PurgeWhat::One(files), false, desk.watch)?;
        receipt.failed.extend(purged.failed);
    }
    let kept_in = book.record.kept_in.clone();
    let left = if kept_in.is_dir() { vault::own::discard_tree(&kept_in) } else { Vec::new() };
    let stayed = left.into_iter().map(|error| crate::model::Failed { path: PathText::new(&kept_in), error });
    receipt.failed.extend(stayed);
    if kept_in.is_dir() { Ok(()) } else { book.write(Line::PurgeEnd {}) }
}
