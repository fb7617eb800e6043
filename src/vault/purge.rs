//! Purge: an operation's items leave the vault for good.

use super::journal::{Entry, Intent, Journal};
use super::operation::Record;
use super::putback::{AWAY, away, tidy_vault};
use super::remover::remove;
use super::space::{change, free, why_less};
use super::state::State;
use super::undo::named;
use super::{Desk, Fs, PurgeWhat};
use crate::error::{Error, Result};
use crate::model::{Failed, OpState, PathText, Progress, Receipt, to_bytes};
use std::path::Path;

/// Removes operations' items from the vault for good.
pub(super) fn purge<F: Fs>(desk: &Desk<'_, F>, what: &PurgeWhat, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("purge");
    receipt.dry_run = dry_run;
    let state = State::of(desk.world, desk.fs);
    let _turn = if dry_run { None } else { Some(state.turn()?) };
    let records = state.records()?;
    let chosen = choose(desk, &records, what)?;
    let mut freed: Option<i64> = Some(0);
    let total = chosen.iter().flat_map(|r| r.kept()).count() as u64;
    let mut progress = Progress { verb: "Purging", files_total: Some(total), ..Progress::default() };
    for record in &chosen {
        if desk.watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let mut whole = true;
        if !dry_run {
            let before = free(&record.places());
            let mut journal = state.reopen(record)?;
            let id = desk.world.new_id();
            let begun = state.write(&mut journal, &[Entry::PurgeBegin { id: id.clone(), when: desk.world.now() }]);
            begun.map_err(|e| Error::io("cannot write the journal; nothing was removed", &desk.world.state_dir, e))?;
            let failed = empty(&state, record, &mut journal)?;
            whole = failed.is_empty();
            receipt.failed.extend(failed);
            if receipt.operation.is_empty() {
                receipt.operation = id;
            }
            freed = freed.zip(change(before, free(&record.places()))).map(|(sum, change)| sum.saturating_add(change));
        }
        for item in record.kept().filter(|item| whole || is_gone(desk.fs, record, item)) {
            receipt.moved += 1;
            receipt.bytes += item.bytes;
            receipt.allocated += item.allocated;
        }
        (progress.files, progress.bytes) = (receipt.moved, receipt.bytes);
        desk.watch.at(&progress);
    }
    if !dry_run {
        state.bring_home();
        receipt.notes.extend(chosen.iter().find_map(|record| state.away(&record.file)));
    }
    receipt.free_change = freed.filter(|_| !dry_run && receipt.moved > 0);
    receipt.notes.extend(receipt.free_change.and_then(|change| why_less(receipt.allocated, change)));
    if receipt.moved == 0 && !receipt.interrupted {
        receipt.notes.push("the vault holds nothing to purge".into());
    }
    Ok(receipt)
}

/// Whether an item is no longer in the vault.
fn is_gone<F: Fs>(fs: &F, record: &Record, item: &Intent) -> bool {
    let place = record.place(item.root).unwrap_or_default();
    let there = fs.top(&place).and_then(|dir| fs.facts(&dir, item.item.to_string().as_bytes()));
    there.is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
}

fn choose<'r, F: Fs>(desk: &Desk<'_, F>, records: &'r [Record], what: &PurgeWhat) -> Result<Vec<&'r Record>> {
    let standing = || records.iter().filter(|r| r.stands());
    Ok(match what {
        PurgeWhat::All => standing().collect(),
        PurgeWhat::One(name) => {
            let record = named(records, name)?;
            if record.state() == Some(OpState::Unfinished) {
                return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
            }
            Some(record).filter(|r| r.stands()).into_iter().collect()
        }
        PurgeWhat::OlderThan(age) => {
            let now = desk.world.now();
            standing().filter(|r| now.duration_since(r.when).unsigned_abs() >= *age && now >= r.when).collect()
        }
    })
}

/// Removes what an operation has in its vaults, and ends its journal where nothing stayed.
pub(super) fn empty<'a, F: Fs>(state: &State<'a, F>, record: &Record, journal: &mut Journal<'a, F>) -> Result<Vec<Failed>> {
    let fs = state.fs;
    let mut failed = Vec::new();
    for place in record.places() {
        let mut fail = |error: String| failed.push(Failed { path: PathText::new(&place), error });
        if let Some(mount) = mount_in(&fs.mounts(), &place) {
            fail(format!("a file system is mounted in it ({}); nothing was removed", crate::model::shown(&mount)));
            continue;
        }
        let (Some(vault), Some(name)) = (place.parent(), place.file_name()) else { continue };
        let missing = |e: &std::io::Error| e.kind() == std::io::ErrorKind::NotFound;
        match fs.top(vault).map(|dir| (fs.facts(&dir, &to_bytes(name)), dir)) {
            Ok((Ok(_), dir)) => {
                remove(fs, &dir, &to_bytes(name)).into_iter().for_each(&mut fail);
                if let Err(e) = fs.sync(&dir) {
                    fail(format!("whether it is gone for good cannot be told: {e}"));
                }
            }
            // The vault is there, so its disk is, and what is not in it is gone.
            Ok((Err(e), _)) if missing(&e) => {}
            Ok((Err(e), _)) => fail(e.to_string()),
            Err(e) if !missing(&e) => fail(e.to_string()),
            Err(_) if record.roots_of(&place).all(|root| away(fs, root)) => fail(AWAY.to_owned()),
            Err(_) => {}
        }
    }
    if failed.is_empty() {
        let ended = state.write(journal, &[Entry::PurgeEnd {}]);
        ended
            .map_err(|e| Error::new(crate::error::Kind::System, "everything is removed, but the journal could not be ended").because(e))?;
        // Only now: a vault that is there tells a purge that was cut short from a disk that is away.
        record.places().iter().filter_map(|place| place.parent()).for_each(|vault| tidy_vault(fs, vault));
    }
    Ok(failed)
}

/// A mount at or below a folder.
#[expect(clippy::disallowed_methods, reason = "mounts are listed by real path; the answer is only used to refuse")]
pub(super) fn mount_in(mounts: &[std::path::PathBuf], folder: &Path) -> Option<std::path::PathBuf> {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    mounts.iter().find(|m| m.starts_with(&real)).cloned()
}
