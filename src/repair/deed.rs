//! Makes records again, takes that back, and mends what was interrupted.

use super::Repair;
use super::book::{Repaired, State, all, write};
use crate::error::{Error, Result};
use crate::export::put_new;
use crate::model::{Evidence, Failed, Kind, Receipt, Skipped, Watch};
use crate::platform::facts;
use crate::scan::in_use;
use crate::stores::tool;
use crate::vault::{self, Consent, Named};
use crate::world::World;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The store that is repaired.
const STORE: &str = "cowork";

/// Makes these records again, each an operation of its own.
pub fn carry_out(world: &World, repairs: &[Repair], dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    let mut receipt = Receipt { dry_run, ..Receipt::new("repair") };
    for repair in repairs {
        if watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let record = repair.record.to_path().unwrap_or_default();
        closed(world, &repair.root, &record)?;
        if dry_run {
            receipt.moved += 1;
            receipt.bytes += repair.text.len() as u64;
            continue;
        }
        match one(world, repair, &record, watch) {
            Ok(done) => receipt.join(done),
            Err(e) => receipt.failed.push(Failed { path: repair.record.clone(), error: e.to_string() }),
        }
    }
    Ok(receipt)
}

/// The app keeps records in memory and writes them over: nothing is done while it runs, or where that cannot be told.
fn closed(world: &World, root: &Path, record: &Path) -> Result<()> {
    let refused = |why: String| {
        Error::refused(format!("it is in use, and the app would write over it: {why}"))
            .at(record)
            .hint("quit Claude, then do it again; nothing has happened")
    };
    if let Some(why) = tool(STORE).and_then(|tool| tool.running(world, root)) {
        return Err(refused(why));
    }
    match in_use(world, &[root.to_path_buf()], &[record.to_path_buf()]).into_iter().flatten().next() {
        Some(why) if facts(record).is_ok() => Err(refused(why)),
        _ => Ok(()),
    }
}

fn one(world: &World, repair: &Repair, record: &Path, watch: &dyn Watch) -> Result<Receipt> {
    let hash = blake3::hash(repair.text.as_bytes());
    let mut done = Repaired {
        id: world.new_id(),
        when: world.now(),
        state: State::Begun,
        record: record.to_path_buf(),
        root: repair.root.clone(),
        session: repair.session.clone(),
        blake3: hash.to_hex().to_string(),
        bytes: repair.text.len() as u64,
        replaces: repair.replaces,
        replaced: None,
        removed: None,
    };
    write(world, &done)?;
    let mut receipt = Receipt { operation: done.id.clone(), ..Receipt::new("repair") };
    if repair.replaces {
        done.replaced = Some(away(world, &done, "it is replaced by a record made again", &mut receipt, watch)?);
        write(world, &done)?;
    }
    // Its time is that of what it tells, so that a session does not seem to be in use for it.
    let changed = repair.fields.iter().find(|f| f.name == "lastActivityAt").and_then(|f| f.value.as_u64());
    let changed = changed.map(|ms| SystemTime::UNIX_EPOCH + Duration::from_millis(ms));
    if let Err(e) = put_new(record, &mut repair.text.as_bytes(), hash, changed) {
        if let Some(old) = &done.replaced {
            vault::undo(world, Some(old), false, watch)?;
        }
        write(world, &Repaired { state: State::Undone, ..done })?;
        return Err(Error::io("cannot write the record", record, e).hint("everything is as it was"));
    }
    done.state = State::Done;
    write(world, &done)?;
    (receipt.moved, receipt.bytes) = (1, done.bytes);
    Ok(receipt)
}

/// Moves the record that is there into the vault; gives the operation.
fn away(world: &World, of: &Repaired, why: &'static str, receipt: &mut Receipt, watch: &dyn Watch) -> Result<String> {
    let things = vec![(of.record.clone(), of.session.clone())];
    let why = Evidence::new("repair/record", why);
    let plan = vault::plan_named(world, &Named { store: STORE, root: &of.root, things, why, group: "records" });
    let moved = vault::clean(world, &plan, Consent { at_risk: true, dry_run: false }, watch)?;
    receipt.skipped.extend(moved.skipped.iter().cloned());
    receipt.failed.extend(moved.failed);
    receipt.vault = receipt.vault.take().or(moved.vault);
    if moved.moved == 0 {
        let why = moved.skipped.first().map_or_else(String::new, |s: &Skipped| format!(": {}", s.reason));
        return Err(Error::refused(format!("the record could not be moved into the vault{why}")).at(&of.record));
    }
    Ok(moved.operation)
}

/// Takes a repair back: the record made goes into the vault, the old one comes back.
pub fn undo(world: &World, repaired: &Repaired, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    let mut receipt = Receipt { dry_run, ..Receipt::new("undo") };
    if repaired.state != State::Done {
        receipt.notes.push(format!("{} is undone already", repaired.id));
        return Ok(receipt);
    }
    closed(world, &repaired.root, &repaired.record)?;
    (receipt.moved, receipt.bytes) = (1, repaired.bytes);
    if dry_run {
        return Ok(receipt);
    }
    receipt.operation = world.new_id();
    let mut done = repaired.clone();
    if facts(&done.record).is_ok() {
        if !is_as_written(&done) {
            receipt.notes.push("the record was changed since; what it holds now is in the vault".to_owned());
        }
        done.removed = Some(away(world, &done, "a record made again is taken back", &mut receipt, watch)?);
        write(world, &done)?;
    }
    if let Some(old) = &done.replaced {
        let back = vault::undo(world, Some(old), false, watch)?;
        receipt.skipped.extend(back.skipped);
        receipt.failed.extend(back.failed);
        receipt.notes.extend(back.notes);
    }
    done.state = State::Undone;
    write(world, &done)?;
    Ok(receipt)
}

/// Mends what was interrupted; gives a sentence for each.
pub fn recover(world: &World) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for open in all(world)?.into_iter().filter(|r| r.state == State::Begun) {
        let mut done = open.clone();
        let says = if is_as_written(&open) {
            done.state = State::Done;
            format!("The interrupted repair {} was done.", open.id)
        } else {
            // It may have been interrupted before the vault's operation was written down.
            let kept: Vec<(PathBuf, PathBuf)> = vault::kept(world)?.into_iter().filter(|(was, _)| *was == open.record).collect();
            let last = kept.last().and_then(|(_, now)| now.parent()?.file_name()?.to_str().map(str::to_owned));
            let old = open.replaced.clone().or(last.filter(|_| open.replaces));
            if let (Some(old), true) = (old, facts(&open.record).is_err()) {
                vault::undo(world, Some(&old), false, &crate::model::Quiet)?;
            }
            done.state = State::Undone;
            format!("The interrupted repair {} was taken back.", open.id)
        };
        write(world, &done)?;
        told.push(says);
    }
    Ok(told)
}

/// Whether the record is as it was written.
fn is_as_written(of: &Repaired) -> bool {
    let found = facts(&of.record).ok().filter(|f| f.kind == Kind::File && f.size == of.bytes);
    found.is_some() && std::fs::read(&of.record).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == of.blake3)
}
