//! Clean: each item of a plan is looked at once more and moved into the vault.

use super::batch::{Todo, Work, allowed, work};
use super::check::{Why, folder_of, ready};
use super::space::{MOVED_IS_NOT_FREED, change, free};
use super::state::State;
use super::vaulting::Vaulting;
use super::{Consent, Desk, Fs, again};
use crate::error::Result;
use crate::model::{Failed, Plan, PlanItem, Progress, Receipt, Skipped};
use std::path::PathBuf;

/// Who takes an item that was found to be the planned one.
pub(super) trait Hand<F: Fs> {
    /// Takes the item with this name out of its folder.
    fn take(&mut self, fs: &F, todo: &Todo<'_>, parent: &F::Dir, name: &[u8]) -> Result<(), Why>;
}

/// A hand that takes nothing: the dry run.
struct Dry;

impl<F: Fs> Hand<F> for Dry {
    fn take(&mut self, _: &F, _: &Todo<'_>, _: &F::Dir, _: &[u8]) -> Result<(), Why> {
        Ok(())
    }
}

/// Moves what a plan lists into the vault.
pub(super) fn clean<F: Fs>(desk: &Desk<'_, F>, plan: &Plan, consent: Consent) -> Result<Receipt> {
    let mut receipt = Receipt::new("clean");
    receipt.dry_run = consent.dry_run;
    let items = allowed(plan, consent, &mut receipt)?;
    if consent.dry_run {
        let items = still_quiet(desk, plan, items, &mut receipt);
        let work = work(desk.fs, plan, items, &mut receipt);
        let moved = carry(desk, &work, &mut Dry, &mut receipt);
        count(&work, &moved, &mut receipt);
        return Ok(receipt);
    }
    let state = State::of(desk.world, desk.fs);
    let _turn = state.turn()?;
    let items = still_quiet(desk, plan, items, &mut receipt);
    let mut work = work(desk.fs, plan, items, &mut receipt);
    if work.todos.is_empty() {
        return Ok(receipt);
    }
    let disks: Vec<PathBuf> = work.roots.iter().map(|root| root.path.clone()).collect();
    let before = free(&disks);
    let mut vaulting = Vaulting::begin(desk, &state, &mut work, &mut receipt)?;
    let moved = carry(desk, &work, &mut vaulting, &mut receipt);
    vaulting.end(&work, &moved, &mut receipt)?;
    count(&work, &moved, &mut receipt);
    if receipt.moved > 0 {
        receipt.free_change = change(before, free(&disks));
        receipt.notes.push(MOVED_IS_NOT_FREED.to_owned());
    }
    Ok(receipt)
}

fn still_quiet<'p, F: Fs>(desk: &Desk<'_, F>, plan: &Plan, items: Vec<&'p PlanItem>, receipt: &mut Receipt) -> Vec<&'p PlanItem> {
    let (quiet, used) = again::quiet(desk.world, desk.in_use, plan, items);
    receipt.skipped.extend(used);
    quiet
}

/// Gives every item that is still the planned one to the hand; names the rest. Gives the numbers of those taken.
fn carry<F: Fs>(desk: &Desk<'_, F>, work: &Work<'_, F>, hand: &mut dyn Hand<F>, receipt: &mut Receipt) -> Vec<u64> {
    let mut moved = Vec::new();
    let mut progress = Progress {
        verb: "Moving",
        files_total: Some(work.todos.iter().map(|t| t.item.files).sum()),
        bytes_total: Some(work.todos.iter().map(|t| t.item.bytes).sum()),
        ..Progress::default()
    };
    let mut held = None;
    for todo in &work.todos {
        if desk.watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let Some(root) = work.roots.get(todo.root as usize) else { continue };
        let taken = folder_of(desk.fs, root, todo, held.take()).and_then(|folder| {
            let parent = &held.insert(folder).dir;
            ready(desk, root, todo, parent).and_then(|name| hand.take(desk.fs, todo, parent, &name))
        });
        match taken {
            Ok(()) => moved.push(todo.number),
            Err(Why::Skip(reason)) => receipt.skipped.push(Skipped { path: todo.item.path.clone(), reason }),
            Err(Why::Fail(error)) => receipt.failed.push(Failed { path: todo.item.path.clone(), error }),
        }
        progress.skipped = (receipt.skipped.len() + receipt.failed.len()) as u64;
        progress.files += todo.item.files;
        progress.bytes += todo.item.bytes;
        desk.watch.at(&progress);
    }
    moved
}

fn count<F: Fs>(work: &Work<'_, F>, moved: &[u64], receipt: &mut Receipt) {
    let moved: std::collections::HashSet<u64> = moved.iter().copied().collect();
    for todo in work.todos.iter().filter(|t| moved.contains(&t.number)) {
        receipt.moved += 1;
        receipt.bytes += todo.item.bytes;
        receipt.allocated += todo.item.allocated;
    }
}
