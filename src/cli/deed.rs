//! What every acting verb does: mend what was interrupted, tell the plan, act, tell what was done.

use super::Ended;
use super::ctx::{Ctx, Exit};
use super::sizes::{count, size};
use crate::error::Result;
use crate::model::{Class, Failed, Held, Plan, Receipt, Skipped, shown_name};
use crate::{lifecycle, vault};
use std::collections::BTreeMap;

/// The beginning of every acting verb.
pub(super) fn begin(ctx: &mut Ctx, verb: &str, dry_run: bool) -> Result<()> {
    ctx.may_act(verb)?;
    if !dry_run {
        for sentence in lifecycle::recover(&ctx.world)? {
            ctx.note(&sentence);
        }
        // What somebody wants back must not go right before it is asked for.
        if verb != "undo" {
            match lifecycle::expire(&ctx.world) {
                Ok(said) => said.into_iter().for_each(|sentence| ctx.note(&sentence)),
                Err(e) => ctx.warn(&format!("what is old in the vault could not be removed: {e}")),
            }
        }
        vault::set_aside(&ctx.world);
    }
    Ok(())
}

/// What waits in the vault, in a sentence; `None` where it is empty or its journal cannot be read.
pub(super) fn in_vault(ctx: &Ctx) -> Option<String> {
    let operations = lifecycle::history(&ctx.world).ok()?;
    let held = Held::by(&operations);
    let of = count(operations.iter().filter(|o| o.held.items > 0).count() as u64, "operation");
    let room = if held.allocated == held.bytes { String::new() } else { format!(", {} on disk", size(held.allocated)) };
    (held.items > 0).then(|| format!("In the vault: {}{room}, of {of}; `lifeboat purge` gives the space back.", size(held.bytes)))
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
    if ctx.global.json {
        ctx.json(receipt)?;
    }
    Ok(told(ctx, receipt, done))
}

/// Tells people a receipt, and gives how the deed ended.
pub(super) fn told(ctx: &mut Ctx, receipt: &Receipt, done: &str) -> Exit {
    name_all(ctx, &receipt.skipped, &receipt.failed);
    for note in &receipt.notes {
        ctx.note(note);
    }
    if !ctx.global.json && (receipt.moved > 0 || receipt.notes.is_empty()) {
        let what = format!("{} ({})", count(receipt.moved, "item"), size(receipt.bytes));
        let would = if receipt.dry_run { "would have been " } else { "" };
        let stopped = if receipt.interrupted { "Stopped: " } else { "" };
        ctx.say(&format!("{stopped}{what} {would}{done}."));
        if let (false, false, Some(vault)) = (receipt.operation.is_empty(), receipt.dry_run, &receipt.vault) {
            let vault = ctx.world.short(vault);
            ctx.say(&format!("Operation {}, vault {vault}.", receipt.operation));
        }
    }
    exit(receipt.interrupted, receipt.moved, !receipt.skipped.is_empty() || !receipt.failed.is_empty())
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

#[cfg(test)]
mod tests {
    use crate::cli::stop::Interrupts;
    use crate::cli::{Terminals, run_with};
    use crate::model::Held;
    use crate::world::World;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Runs the program in a world; gives the exit code and what it said on stderr.
    fn run(world: &World, words: &[&str]) -> (u8, String) {
        let said = Said::default();
        let words = std::iter::once("lifeboat").chain(words.iter().copied()).map(Into::into).collect();
        let at = (Terminals::default(), Interrupts::default());
        let code = run_with(world.clone(), words, at, Box::new(std::io::sink()), Box::new(said.clone()));
        let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        (code, text)
    }

    #[test]
    fn what_is_old_in_the_vault_goes_at_the_next_deed_but_not_before_an_undo_and_never_where_only_looking_is_allowed() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        let then = "2026-10-02T12:00:00Z".parse().unwrap();
        crate::demo::make(&home, &crate::demo::Shape { now: then, bulk: 0 }).unwrap();
        let world = crate::demo::world(&home).with_clock(then);
        std::fs::create_dir_all(&world.config_dir).unwrap();
        std::fs::write(crate::cli::config::path(&world), "purge_after = \"30d\"\n").unwrap();
        let held = || Held::by(&crate::lifecycle::history(&world).unwrap()).items;
        assert_eq!(run(&world, &["clean", "Tide tables", "--yes"]).0, 0);
        let all = held();
        assert!(all > 2);
        let later = world.clone().with_clock(then + jiff::SignedDuration::from_hours(31 * 24));
        assert_eq!(run(&later, &["scan"]), (0, String::new()));
        assert_eq!(run(&later, &["clean", "Tide tables", "--yes", "--read-only"]).0, 3);
        assert_eq!(run(&later, &["clean", "Tide tables", "--yes", "--dry-run"]).0, 0);
        assert_eq!(held(), all);
        assert_eq!(run(&later, &["undo"]).0, 0);
        assert_eq!(held(), 0);
        assert_eq!(run(&world, &["clean", "Tide tables", "--yes"]).0, 0);
        assert_eq!(held(), all, "it was put back whole, and cleaned again");
        let (code, said) = run(&later, &["clean", "Tide tables", "--yes"]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("had been in the vault for 30 days or more (purge_after) and went for good"), "{said}");
        assert_eq!(held(), 0);
    }
}
