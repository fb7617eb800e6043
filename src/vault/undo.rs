//! Undo: what an operation moved goes back.

use super::journal::{Entry, Intent, Spans};
use super::operation::Record;
use super::putback::{Trust, put_back, tidy, times_to_give_back};
use super::state::State;
use super::{Desk, Fs};
use crate::error::{Error, Result};
use crate::model::{Failed, OpState, PathText, Receipt};
use std::path::PathBuf;

/// Puts back the last operation that stands, or the named one.
pub(super) fn undo<F: Fs>(desk: &Desk<'_, F>, operation: Option<&str>, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("undo");
    receipt.dry_run = dry_run;
    let state = State::of(desk.world, desk.fs);
    let _turn = if dry_run { None } else { Some(state.turn()?) };
    let records = state.records()?;
    let record = match operation {
        None => records.iter().rev().find(|r| r.stands()),
        Some(name) => Some(named(&records, name)?),
    };
    let Some(record) = record else {
        receipt.notes.push("there is nothing to undo".into());
        return Ok(receipt);
    };
    match record.state() {
        Some(OpState::Purged) => return Err(Error::refused(format!("{} was purged; it does not come back", record.id))),
        Some(OpState::Unfinished) => {
            return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
        }
        Some(OpState::Undone | OpState::Done) | None => {
            receipt.notes.push(format!("{} is undone already", record.id));
            return Ok(receipt);
        }
        Some(OpState::Stands | OpState::PartlyUndone) => {}
    }
    let items: Vec<_> = record.kept().collect();
    if dry_run {
        receipt.moved = items.len() as u64;
        receipt.bytes = items.iter().map(|i| i.bytes).sum();
        receipt.allocated = items.iter().map(|i| i.allocated).sum();
        return Ok(receipt);
    }
    receipt.operation = desk.world.new_id();
    receipt.vault = record.places().into_iter().next();
    let put_back_times = times_to_give_back(desk.fs, record);
    let mut journal = state.reopen(record)?;
    let begun = Entry::UndoBegin { id: receipt.operation.clone(), when: desk.world.now(), put_back: put_back_times.clone() };
    state
        .write(&mut journal, &[begun])
        .map_err(|e| Error::io("cannot write the journal; nothing was put back", &desk.world.state_dir, e))?;
    let back = put_back(&state, record, &items, &put_back_times, Trust::Inode, desk.watch);
    if let Some(e) = back.unsure {
        let hint = "The next start of an acting verb tries again.";
        return Err(Error::io("what is back could not be made to last", &desk.world.state_dir, e).hint(hint));
    }
    let restored = Spans::of(back.restored.iter().copied());
    for item in &items {
        if restored.has(item.item) {
            receipt.moved += 1;
            receipt.bytes += item.bytes;
            receipt.allocated += item.allocated;
        } else if back.missing.contains(&item.item) {
            let path = record.roots.get(&item.root).cloned().unwrap_or_default().join(item.path.to_path().unwrap_or_default());
            receipt.failed.push(Failed { path: PathText::new(&path), error: "it is no longer in the vault".into() });
        }
    }
    receipt.failed.extend(back.failed);
    receipt.notes.extend(back.notes);
    receipt.notes.extend(in_use(desk, record, &items));
    let returned: Vec<&Intent> = items.iter().copied().filter(|item| restored.has(item.item)).collect();
    let roots: Vec<PathBuf> = record.roots.values().cloned().collect();
    receipt.notes.extend(crate::retention::freshen(desk.world, &roots, &places(record, &returned)));
    receipt.interrupted = back.interrupted;
    tidy(desk.fs, record);
    let ended = state.write(&mut journal, &[Entry::UndoEnd { restored }]);
    ended.map_err(|e| Error::io("everything listed is back, but the journal could not be ended", &desk.world.state_dir, e))?;
    state.bring_home();
    receipt.notes.extend(state.away(&record.file));
    Ok(receipt)
}

/// Where items were, and are again.
fn places(record: &Record, items: &[&Intent]) -> Vec<PathBuf> {
    let place = |item: &&Intent| Some(record.roots.get(&item.root)?.join(item.path.to_path()?));
    items.iter().filter_map(place).collect()
}

/// Putting back only adds, so that it waits for nobody; but what runs may have read its files already.
fn in_use<F: Fs>(desk: &Desk<'_, F>, record: &Record, items: &[&Intent]) -> Vec<String> {
    let paths = places(record, items);
    let roots: Vec<PathBuf> = record.roots.values().cloned().collect();
    let mut why: Vec<String> = (desk.in_use)(desk.world, &roots, &paths).into_iter().flatten().collect();
    why.sort();
    why.dedup();
    why.into_iter().map(|why| format!("put back into what is in use: {why}; it may be seen there only after the next start")).collect()
}

/// The operation with this id, or the only one whose id begins so.
pub(super) fn named<'r>(records: &'r [Record], name: &str) -> Result<&'r Record> {
    if let Some(exact) = records.iter().find(|r| r.id == name) {
        return Ok(exact);
    }
    let known: Vec<&Record> = records.iter().filter(|r| r.state().is_some()).collect();
    let other = |id: &str| !name.is_empty() && id.starts_with(name);
    let mut fits = known.iter().filter(|r| other(&r.id));
    match (fits.next(), fits.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Error::usage(format!("several operations begin with {name}")).hint("`lifeboat history` lists them.")),
        (None, _) => {
            let of_undo = known.iter().find(|r| r.undos.iter().any(|u| other(&u.id)));
            let of_purge = known.iter().find(|r| r.purge.as_ref().is_some_and(|p| other(&p.id)));
            Err(match (of_undo, of_purge) {
                (Some(r), _) => Error::refused(format!("{name} is an undo (of {}), and an undo is not undone", r.id)),
                (_, Some(r)) => Error::refused(format!("{name} is a purge (of {}), and a purge is not undone", r.id)),
                _ => Error::usage(format!("there is no operation {name}")).hint("`lifeboat history` lists them."),
            })
        }
    }
}
