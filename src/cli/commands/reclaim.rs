//! `reclaim`: bytes in databases that no conversation needs.

use super::prune::pack;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::lifecycle::{self as shared, Meant};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, deed, table};
use crate::error::{Error, Result};
use crate::lifecycle::Desk;
use crate::lifecycle::opencode::orphans;
use crate::lifecycle::opencode::prune::{self, Which};
use crate::lifecycle::opencode::reclaim::{self, Plan};
use crate::lifecycle::opencode::{Forest, Places};
use crate::model::{Quiet, Receipt, shown_name};
use serde_json::json;
use std::collections::BTreeSet;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    meant: Meant,
    /// The diffs of user messages as well, which opencode shows: `summary.diffs`
    #[arg(long)]
    diffs: bool,
    #[command(flatten)]
    gone: Gone,
    /// Pack the databases afterwards, so that the space is free
    #[arg(long)]
    vacuum: bool,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Debug, clap::Args)]
struct Gone {
    /// Rows whose session or message is gone as well: opencode shows them nowhere, and they exist only there
    #[arg(long)]
    orphans: bool,
    /// With `--orphans` and without a terminal: take what exists only there
    #[arg(long, requires = "orphans")]
    include_at_risk: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "reclaim", self.acting.dry_run)?;
        let mut todo = Vec::new();
        for places in shared::opencode(ctx, &self.meant.store)? {
            let which = reclaim::Which { sessions: self.sessions(ctx, &places)?, diffs: self.diffs };
            for at in 0..places.databases.len() {
                todo.push((places.clone(), at, which.clone()));
            }
        }
        let desk = Desk::here(&ctx.world, &Quiet);
        if !self.acting.dry_run {
            todo.iter().filter_map(|(places, at, _)| places.databases.get(*at)).try_for_each(|path| desk.quiet(path))?;
        }
        let mut plans = Vec::new();
        for (places, at, which) in &todo {
            plans.push(reclaim::plan(&desk, places, *at, which)?);
        }
        let mut gone = BTreeSet::new();
        for ((places, at, _), plan) in todo.iter().zip(&mut plans).filter(|_| self.gone.orphans) {
            let found = orphans::plan(&desk, places, *at)?.found;
            gone.extend((!found.is_empty()).then(|| (places.root.clone(), *at)));
            plan.found.extend(found);
        }
        let all: u64 = plans.iter().map(|plan| plan.all().rows).sum();
        let text = text(ctx, &todo, &plans);
        if self.acting.dry_run {
            let mut receipt = Receipt::new("reclaim");
            receipt.dry_run = true;
            receipt.moved = all;
            receipt.bytes = plans.iter().map(|plan| plan.all().bytes).sum();
            receipt.skipped = plans.into_iter().flat_map(|plan| plan.skipped).collect();
            if !ctx.global.json {
                ctx.out.text(&text);
            }
            return shared::end(ctx, &receipt, "removed from the databases");
        }
        if all > 0 {
            let items: Vec<_> = plans
                .iter()
                .flat_map(|plan| &plan.found)
                .map(|(kind, f)| json!({"kind": kind, "rows": f.rows, "bytes": f.bytes, "action": "reclaim"}))
                .collect();
            let data = json!({"schema": "lifeboat.plan/1", "created": ctx.world.now(), "items": items, "skipped": []});
            shared::show(ctx, &text, &data, self.acting.yes)?;
            if !gone.is_empty() && !self.gone.include_at_risk && (self.acting.yes || !ctx.here.stdin) {
                let what = "rows of sessions that are gone would go, which exist only there; nothing has happened";
                return Err(Error::refused(what).hint("back the database up first; --include-at-risk takes them all the same"));
            }
            if !ctx.confirmed(self.acting.yes, "Remove this? It is kept in the vault until a purge.")? {
                return Ok(Exit::Refused);
            }
        }
        let watch = ctx.watch();
        let desk = Desk::here(&ctx.world, &watch);
        let mut whole = Receipt::new("reclaim");
        for ((places, at, which), plan) in todo.iter().zip(plans) {
            if plan.all().rows > 0 {
                whole.join(reclaim::carry_out(&desk, places, *at, which)?);
            } else {
                whole.skipped.extend(plan.skipped);
            }
            if gone.contains(&(places.root.clone(), *at)) && !whole.interrupted {
                whole.join(orphans::carry_out(&desk, places, *at)?);
            }
            if let Some(database) = places.databases.get(*at).filter(|_| self.vacuum && !whole.interrupted && whole.failed.is_empty()) {
                pack(&desk, database, &mut whole);
            }
        }
        watch.over();
        if whole.moved > 0 && !self.vacuum {
            whole.notes.push("the databases are as large as before; `lifeboat vacuum` makes their free pages free space".to_owned());
        }
        // Sessions that are in use keep what they have; that is no failure of the others.
        shared::end(ctx, &whole, "removed from the databases; `lifeboat undo` puts it back, `lifeboat purge` lets it go for good")
    }

    /// The sessions that are meant; `None`: all.
    fn sessions(&self, ctx: &Ctx, places: &Places) -> Result<Option<BTreeSet<String>>> {
        if !self.meant.sessions.is_empty() {
            let forest = Forest::read(places);
            let named = shared::sessions(ctx, &self.meant.store, &self.meant.sessions)?;
            let trees = named.iter().filter(|s| s.root == places.root).flat_map(|s| forest.tree(&s.id));
            return Ok(Some(trees.map(|m| m.id.clone()).collect()));
        }
        let Some(than) = self.meant.older_than else { return Ok(None) };
        let desk = Desk::here(&ctx.world, &Quiet);
        let plan = prune::plan(&desk, &places.root, &Which::Older { than, children: true })?;
        Ok(Some(plan.units.into_iter().flat_map(|unit| unit.sessions).collect()))
    }
}

fn text(ctx: &Ctx, todo: &[(Places, usize, reclaim::Which)], plans: &[Plan]) -> String {
    let mut out = String::new();
    for ((places, at, _), plan) in todo.iter().zip(plans) {
        let path = places.databases.get(*at).map(|path| ctx.world.short(path)).unwrap_or_default();
        out.extend([&ctx.style.bold(&size(plan.all().bytes)), " in ", &path, "\n"]);
        let rows: Vec<Vec<String>> =
            plan.found.iter().map(|(kind, f)| vec![format!("  {kind}"), size(f.bytes), count(f.rows, "row")]).collect();
        out += &table::table(&["", ">", ">"], &rows);
        for s in &plan.skipped {
            out.extend(["  left alone: ", &shown_name(s.path.path.as_ref()), ": ", &shown_name(s.reason.as_ref()), "\n"]);
        }
    }
    out
}
