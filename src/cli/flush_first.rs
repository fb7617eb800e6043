//! `clean --flush-first`: the plan in three columns, the question, and what was done.

use super::ctx::{Ctx, Exit};
use super::sizes::{count, size};
use super::table::table;
use super::words::{Acting, Narrow};
use super::{Ended, deed};
use crate::error::Result;
use crate::model::{Class, shown_name};
use crate::rescue::{self, Rescue};
use crate::vault::Selection;

/// Plans, shows, asks and carries out. Without a class named, all are meant: what is at risk is copied first.
pub(super) fn run(ctx: &mut Ctx, narrow: &Narrow, acting: Acting) -> Ended {
    let (catalog, _) = ctx.look(&narrow.choice.store);
    let mut selection: Selection = narrow.in_catalog(&catalog)?.selection(&catalog);
    if selection.classes.is_empty() {
        selection.classes = Class::ALL.to_vec();
    }
    let rescue = rescue::plan(&ctx.world, &catalog, &[selection]);
    if acting.dry_run && !ctx.global.json {
        let text = text(ctx, &rescue, true);
        ctx.out.text(&text);
    }
    if !acting.dry_run && !rescue.plan.items.is_empty() {
        show(ctx, &rescue, acting.yes)?;
        let question = if rescue.copies.is_empty() { "Move this into the vault?" } else { "Copy, and then move this into the vault?" };
        if !ctx.confirmed(acting.yes, question)? {
            return Ok(Exit::Refused);
        }
    }
    let watch = ctx.watch();
    let done = rescue::carry_out(&ctx.world, &catalog, &rescue, acting.dry_run, &watch);
    watch.over();
    let done = done?;
    let copied = done.copies.iter().filter(|c| c.now).count() as u64;
    let what = "moved into the vault; `lifeboat undo` puts it back, `lifeboat purge` frees the space";
    if ctx.global.json {
        ctx.json(&done)?;
    }
    let exit = deed::told(ctx, &done.receipt, what);
    // Stopped while it copied: nothing moved, and yet something was done.
    if exit == Exit::Unstarted && copied > 0 && !acting.dry_run { Ok(Exit::Interrupted) } else { Ok(exit) }
}

/// Shows what is copied, removed and kept. Once it is confirmed, stdout is for the receipt alone.
fn show(ctx: &mut Ctx, rescue: &Rescue, confirmed: bool) -> Result<()> {
    let text = text(ctx, rescue, !confirmed);
    if confirmed || ctx.global.json && ctx.here.stdin {
        ctx.err.text(&text);
    } else if ctx.global.json {
        ctx.json(rescue)?;
    } else {
        ctx.out.text(&text);
    }
    Ok(())
}

/// The three columns for people: a line a session, then every path.
fn text(ctx: &Ctx, rescue: &Rescue, every_path: bool) -> String {
    let all = rescue.plan.totals.all();
    let copied: u64 = rescue.copies.iter().map(|c| c.bytes).sum();
    let mut out = format!(
        "{}: {} ({}) copied first, then {} removed ({})\n",
        ctx.style.bold("Flush first, then clean"),
        count(rescue.copies.len() as u64, "file"),
        size(copied),
        count(rescue.plan.items.len() as u64, "item"),
        size(all.bytes)
    );
    let cell =
        |n: usize, noun: &str, bytes: u64| if n == 0 { "-".to_owned() } else { format!("{}, {}", count(n as u64, noun), size(bytes)) };
    let rows: Vec<Vec<String>> = rescue
        .rows
        .iter()
        .map(|row| {
            let to = row.folder.as_ref().map_or(String::new(), |folder| format!(" to {folder}"));
            let copied = cell(row.copies.len(), "file", row.copied.bytes) + &to;
            let kept = if row.kept.is_empty() { "-".to_owned() } else { count(row.kept.len() as u64, "line") };
            vec![
                format!("  {}", shown_name(row.name.as_ref())),
                shown_name(copied.as_ref()),
                cell(row.items.len(), "item", row.removed.bytes),
                kept,
            ]
        })
        .collect();
    out += &table(&["  session", "copied to", "removed", "kept"], &rows);
    if every_path {
        let copied =
            |c: &rescue::Copying| format!("  copied   {} to {}\n", shown_name(c.path.path.as_ref()), shown_name(c.copy.path.as_ref()));
        out.extend(rescue.copies.iter().map(copied));
        let removed =
            |i: &crate::model::PlanItem| format!("  removed  {} {}  {}\n", i.class.sign(), shown_name(i.path.path.as_ref()), size(i.bytes));
        out.extend(rescue.plan.items.iter().map(removed));
    }
    for kept in &rescue.plan.skipped {
        let (path, reason) = (shown_name(kept.path.path.as_ref()), shown_name(kept.reason.as_ref()));
        out.extend(["  kept     ", &path, ": ", &reason, "\n"]);
    }
    for note in &rescue.notes {
        out.extend(["  ", note, "\n"]);
    }
    out += "  One operation: `lifeboat undo` puts back what was removed; the copies stay.\n";
    out
}
