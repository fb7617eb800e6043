//! What every acting verb does: mend what was interrupted, tell the plan, act, tell what was done.

use super::Ended;
use super::ctx::{Ctx, Exit};
use super::sizes::{count, size};
use crate::error::Result;
use crate::model::{Class, Failed, Plan, Receipt, Skipped, shown_name};
use crate::vault;
use std::collections::BTreeMap;

/// The beginning of every acting verb.
pub(super) fn begin(ctx: &mut Ctx, verb: &str, dry_run: bool) -> Result<()> {
    ctx.may_act(verb)?;
    if !dry_run {
        for sentence in vault::recover(&ctx.world)? {
            ctx.note(&sentence);
        }
        vault::set_aside(&ctx.world);
    }
    Ok(())
}

/// How a deed with these counts ended.
pub(super) fn exit(interrupted: bool, done: u64, trouble: bool) -> Exit {
    match (interrupted, done, trouble) {
        (true, 0, _) => Exit::Unstarted,
        (true, _, _) => Exit::Interrupted,
        (false, _, true) => Exit::Partly,
        (false, _, false) => Exit::Done,
    }
}

/// Names what was left alone and what failed, on stderr.
pub(super) fn name_all(ctx: &mut Ctx, skipped: &[Skipped], failed: &[Failed]) {
    for s in skipped {
        let (path, reason) = (shown_name(s.path.path.as_ref()), shown_name(s.reason.as_ref()));
        ctx.note(&format!("skipped: {path}: {reason}"));
    }
    for f in failed {
        let (path, error) = (shown_name(f.path.path.as_ref()), shown_name(f.error.as_ref()));
        let head = ctx.style.bad("failed");
        ctx.note(&format!("{head}: {path}: {error}"));
    }
}

/// Tells a receipt and how the deed ended.
pub(super) fn end(ctx: &mut Ctx, receipt: &Receipt, done: &str) -> Ended {
    name_all(ctx, &receipt.skipped, &receipt.failed);
    for note in &receipt.notes {
        ctx.note(note);
    }
    if ctx.global.json {
        ctx.json(receipt)?;
    } else if receipt.moved > 0 || receipt.notes.is_empty() {
        let what = format!("{} ({})", count(receipt.moved, "item"), size(receipt.bytes));
        let would = if receipt.dry_run { "would have been " } else { "" };
        let stopped = if receipt.interrupted { "Stopped: " } else { "" };
        ctx.say(&format!("{stopped}{what} {would}{done}."));
        if let (false, false, Some(vault)) = (receipt.operation.is_empty(), receipt.dry_run, &receipt.vault) {
            let vault = ctx.world.short(vault);
            ctx.say(&format!("Operation {}, vault {vault}.", receipt.operation));
        }
    }
    Ok(exit(receipt.interrupted, receipt.moved, !receipt.skipped.is_empty() || !receipt.failed.is_empty()))
}

/// A plan for people: groups first, then what is left alone.
pub(super) fn plan_text(ctx: &Ctx, plan: &Plan, every_path: bool) -> String {
    let all = plan.totals.all();
    let mut out = format!("{} in {}\n", ctx.style.bold(&size(all.bytes)), count(plan.items.len() as u64, "item"));
    let mut groups: BTreeMap<(Class, &str, &str), (u64, u64, u64)> = BTreeMap::new();
    for item in &plan.items {
        let group = if item.group.is_empty() { "other files" } else { &item.group };
        let sum = groups.entry((item.class, group, item.comes_back.as_deref().unwrap_or(""))).or_default();
        *sum = (sum.0 + 1, sum.1 + item.files, sum.2 + item.bytes);
    }
    let rows: Vec<Vec<String>> = groups
        .into_iter()
        .map(|((class, group, back), (_, files, bytes))| {
            let sign = ctx.style.class(class, &format!("  {} {}", class.sign(), class.label()));
            let back = if class == Class::AtRisk && back.is_empty() { "ONLY COPY" } else { back };
            vec![sign, shown_name(group.as_ref()), size(bytes), count(files, "file"), shown_name(back.as_ref())]
        })
        .collect();
    out += &super::table::table(&["", "", ">", ">", ""], &rows);
    if every_path {
        let rows: Vec<Vec<String>> =
            plan.items.iter().map(|i| vec![format!("  {}", i.class.sign()), size(i.bytes), shown_name(i.path.path.as_ref())]).collect();
        out += &super::table::table(&["", ">", ""], &rows);
    }
    for s in &plan.skipped {
        let (path, reason) = (shown_name(s.path.path.as_ref()), shown_name(s.reason.as_ref()));
        out.extend(["  left alone: ", &path, ": ", &reason, "\n"]);
    }
    out
}
