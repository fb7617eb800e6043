//! What an interrupted run left is mended: an unfinished clean goes back, an unfinished undo or purge is finished.

use super::fs::Fs;
use super::journal::{Entry, Spans};
use super::operation::Record;
use super::place::candidates;
use super::purge::empty;
use super::putback::{Trust, open, put_back, tidy, tidy_vault, times_to_give_back};
use super::state::State;
use crate::error::{Error, Result};
use crate::model::{OpState, Quiet, shown};
use crate::world::World;
use std::io::ErrorKind;

/// Mends every unfinished operation; nothing is done while another lifeboat is at work.
pub(super) fn recover<F: Fs>(world: &World, fs: &F) -> Result<Vec<String>> {
    let state = State::of(world, fs);
    let away = state.spares().iter().any(|spare| spare.open(fs).is_ok());
    if !away && state.records()?.iter().all(settled) {
        return Ok(Vec::new());
    }
    let Some(_turn) = state.turn_if_free()? else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    for record in state.records()?.iter().filter(|r| !settled(r)) {
        told.extend(mend(world, &state, record)?);
    }
    state.bring_home();
    Ok(told)
}

fn settled(record: &Record) -> bool {
    record.state().is_some_and(|s| s != OpState::Unfinished) || (record.rolled_back && record.good == record.length)
}

fn mend<F: Fs>(world: &World, state: &State<'_, F>, record: &Record) -> Result<Option<String>> {
    let fs = state.fs;
    let failed = |e| Error::io("cannot write the journal", &world.state_dir, e);
    if record.id.is_empty() {
        // Not even its first line was written: nothing was begun.
        state.forget(record.file.as_bytes());
        return Ok(None);
    }
    let mut journal = state.reopen(record)?;
    if record.purge.is_some() {
        let left = empty(state, record, &mut journal)?;
        let rest = left.first().map(|f| format!(", but not all of it: {}", f.error)).unwrap_or_default();
        return Ok(Some(format!("The interrupted purge of {} was finished{rest}.", record.id)));
    }
    if let (Some(undo), true) = (record.undos.last(), record.commit.is_some()) {
        let items: Vec<_> = record.kept().collect();
        let back = put_back(state, record, &items, &undo.put_back, Trust::Inode, &Quiet);
        // What is back is known only where the vault could be looked into, and stays back only when that lasts.
        if let Some(why) = back.unseen.or_else(|| back.unsure.map(|e| e.to_string())) {
            return Ok(Some(format!("The interrupted undo of {} waits: {why}.", record.id)));
        }
        // What was to be put back and is not in the vault was put back before the interruption.
        let restored = Spans::of(back.restored.iter().chain(&back.missing).copied());
        tidy(fs, record);
        state.write(&mut journal, &[Entry::UndoEnd { restored }]).map_err(failed)?;
        return Ok(Some(format!("The interrupted undo of {} was finished{}.", record.id, but(&back.failed))));
    }
    let mut stays = None;
    for probe in &record.probes {
        let root = record.roots.get(&probe.root).cloned().unwrap_or_default();
        let name = probe.name.as_bytes();
        let tried = open(fs, &root, &probe.folder).and_then(|dir| {
            match fs.facts(&dir, name) {
                Ok(facts) if facts.size == 0 => fs.unlink(&dir, name)?,
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            // Also where the file is gone: the interruption may have come between the two.
            let _ = fs.set_time(&dir, probe.mtime_ns).and_then(|()| fs.sync(&dir));
            Ok(())
        });
        match tried {
            // Where the folder is gone, so is the file.
            Err(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => stays = Some((root.join(&probe.folder), e)),
            _ => {}
        }
        for vault in candidates(fs, world, &root) {
            let _ = fs.top(&vault).and_then(|dir| fs.unlink(&dir, name));
            tidy_vault(fs, &vault);
        }
    }
    let items: Vec<_> = record.intents.iter().collect();
    let back = put_back(state, record, &items, &times_to_give_back(fs, record), Trust::Slot, &Quiet);
    if back.for_good() && stays.is_none() {
        tidy(fs, record);
        state.write(&mut journal, &[Entry::RolledBack {}]).map_err(failed)?;
    }
    if let Some((folder, e)) = stays.filter(|_| back.restored.is_empty() && back.failed.is_empty()) {
        let (id, folder) = (&record.id, shown(&folder));
        return Ok(Some(format!("Nothing is left of the interrupted cleaning {id} but an empty file of ours in {folder}: {e}.")));
    }
    let count = back.restored.len();
    let notes = back.notes.iter().fold(String::new(), |told, note| told + " " + note + ".");
    Ok((count > 0 || !back.failed.is_empty()).then(|| {
        let items = if count == 1 { "1 item was".to_owned() } else { format!("{count} items were") };
        format!("The interrupted cleaning {} was taken back: {items} put back{}.{notes}", record.id, but(&back.failed))
    }))
}

fn but(failed: &[crate::model::Failed]) -> String {
    failed.first().map_or(String::new(), |first| {
        let path = first.path.to_path().unwrap_or_default();
        format!(", but {} could not be ({}: {})", failed.len(), shown(&path), first.error)
    })
}
