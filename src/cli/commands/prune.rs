//! `prune`: old sessions, or those named, go from every table and file.

use super::prune_tool::Part;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::lifecycle::{self as shared, Meant};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, deed, table};
use crate::error::{Error, Result};
use crate::lifecycle::opencode::prune::{self, Plan, Which};
use crate::lifecycle::opencode::{Places, inside};
use crate::lifecycle::{Desk, Vacuum, vacuum};
use crate::model::{Quiet, Receipt, shown_name};
use serde_json::{Value, json};
use std::time::Duration;

/// Sessions this old are meant where nothing else is said.
const DEFAULT: Duration = Duration::from_hours(30 * 24);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    meant: Meant,
    /// Sub-sessions that old as well, whose parent stays
    #[arg(long)]
    children: bool,
    /// Pack the databases afterwards, so that the space is free
    #[arg(long)]
    vacuum: bool,
    #[command(flatten)]
    acting: Acting,
    /// Conversations go, which exist only here: needed where nobody types
    #[arg(long)]
    include_at_risk: bool,
}

impl Args {
    pub(crate) fn run(mut self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "prune", self.acting.dry_run)?;
        let words = self.meant.sessions.len();
        let part = Part::choose(ctx, &mut self.meant, DEFAULT, self.children)?;
        let none_left = words > 0 && self.meant.sessions.is_empty();
        let stores = if none_left || Part::alone(&self.meant.store) { Vec::new() } else { shared::opencode(ctx, &self.meant.store)? };
        let plans = if stores.is_empty() && self.meant.sessions.is_empty() { Vec::new() } else { self.plans(ctx, &stores)? };
        let units: Vec<_> = plans.iter().flat_map(|plan| &plan.units).collect();
        let sessions = units.iter().map(|unit| unit.sessions.len()).sum::<usize>() + part.sessions();
        if self.acting.dry_run {
            return self.told(ctx, &plans, &part);
        }
        if sessions > 0 {
            for plan in &plans {
                still(ctx, plan)?;
            }
            let (text, data) = (text(ctx, &plans) + &part.text(ctx), data(ctx, &plans, &part));
            shared::show(ctx, &text, &data, self.acting.yes)?;
            if !self.include_at_risk && (self.acting.yes || !ctx.here.stdin) {
                let what = "conversations would go, which exist only here; nothing has happened";
                return Err(Error::refused(what).hint("export or back them up first; --include-at-risk prunes them all the same"));
            }
            if !ctx.confirmed(self.acting.yes, "Remove these conversations? They are kept in the vault until a purge.")? {
                return Ok(Exit::Refused);
            }
        }
        let watch = ctx.watch();
        let desk = Desk::here(&ctx.world, &watch);
        let mut whole = Receipt::new("prune");
        for plan in plans {
            whole.skipped.extend(plan.skipped.iter().cloned());
            for receipt in prune::carry_out(&desk, &plan)? {
                whole.join(receipt);
            }
            if self.vacuum && whole.failed.is_empty() && !whole.interrupted {
                for (at, database) in plan.places.databases.iter().enumerate() {
                    if plan.units.iter().any(|unit| unit.rows.contains_key(&at)) {
                        pack(&desk, database, &mut whole);
                    }
                }
            }
        }
        watch.over();
        if whole.moved > 0 && !self.vacuum {
            whole.notes.push("the databases are as large as before; `lifeboat vacuum` makes their free pages free space".to_owned());
        }
        if !whole.interrupted {
            whole.join(part.carry_out(ctx, false)?);
        }
        shared::end(ctx, &whole, "removed from their store; `lifeboat undo` puts them back, `lifeboat purge` lets them go for good")
    }

    fn plans(&self, ctx: &mut Ctx, stores: &[Places]) -> Result<Vec<Plan>> {
        let named = shared::sessions(ctx, &self.meant.store, &self.meant.sessions)?;
        let desk = Desk::here(&ctx.world, &Quiet);
        let mut plans = Vec::new();
        for places in stores {
            let which = if self.meant.sessions.is_empty() {
                let than = if self.meant.all { Duration::ZERO } else { self.meant.older_than.unwrap_or(DEFAULT) };
                Which::Older { than, children: self.children }
            } else {
                Which::Named(named.iter().filter(|s| s.root == places.root).map(|s| s.id.clone()).collect())
            };
            plans.push(prune::plan(&desk, &places.root, &which)?);
        }
        Ok(plans)
    }

    /// What would go.
    fn told(&self, ctx: &mut Ctx, plans: &[Plan], part: &Part) -> Ended {
        let mut receipt = Receipt::new("prune");
        receipt.dry_run = true;
        for plan in plans {
            receipt.skipped.extend(plan.skipped.iter().cloned());
            receipt.moved += plan.units.iter().map(|u| u.sessions.len() as u64).sum::<u64>();
            receipt.bytes += plan.units.iter().map(prune::Unit::bytes).sum::<u64>();
            if let Err(e) = still(ctx, plan) {
                receipt.notes.push(format!("it would be refused now: {e}"));
            }
        }
        if self.vacuum {
            receipt.notes.push("the databases would be packed afterwards".to_owned());
        }
        receipt.join(part.carry_out(ctx, true)?);
        if !ctx.global.json {
            let text = text(ctx, plans) + &part.text(ctx);
            ctx.out.text(&text);
        }
        shared::end(ctx, &receipt, "removed from their store")
    }
}

/// Refuses before anybody is asked where a database is in use.
fn still(ctx: &Ctx, plan: &Plan) -> Result<()> {
    let desk = Desk::here(&ctx.world, &Quiet);
    let meant = |at: &usize| plan.units.iter().any(|unit| unit.rows.contains_key(at));
    (0..plan.places.databases.len()).filter(meant).filter_map(|at| plan.places.databases.get(at)).try_for_each(|path| desk.quiet(path))
}

/// Packs a database after a deed; that it could not be is told, and the deed stands.
pub(super) fn pack(desk: &Desk<'_>, database: &std::path::Path, whole: &mut Receipt) {
    match vacuum(desk, database, Vacuum::Beside, false) {
        Ok(packed) => {
            whole.notes.extend(packed.notes);
            whole.free_change = Some(whole.free_change.unwrap_or(0).saturating_add(packed.free_change.unwrap_or(0)));
        }
        Err(e) => {
            let hint = e.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
            whole.notes.push(format!("not packed: {e}{hint}"));
        }
    }
}

fn text(ctx: &Ctx, plans: &[Plan]) -> String {
    let mut out = String::new();
    for plan in plans {
        let bytes: u64 = plan.units.iter().map(prune::Unit::bytes).sum();
        let sessions: usize = plan.units.iter().map(|u| u.sessions.len()).sum();
        let head = ctx.style.bold(&size(bytes));
        out.extend([
            &head,
            " in ",
            &count(sessions as u64, "session"),
            " of ",
            &ctx.world.short(&plan.places.root),
            "
",
        ]);
        let now = ctx.world.now();
        let rows: Vec<Vec<String>> = plan
            .units
            .iter()
            .map(|unit| {
                let children = unit.sessions.len() - 1;
                let queued = if unit.queued > 0 { format!(", {} never sent", count(unit.queued, "queued prompt")) } else { String::new() };
                let with = if children > 0 { format!("and {} started by it", count(children as u64, "session")) } else { String::new() };
                let when = unit.newest.map_or_else(String::new, |t| crate::cli::sizes::ago(now, t));
                let files = if unit.files.is_empty() { String::new() } else { count(unit.files.len() as u64, "file or folder") };
                vec!["  !".into(), unit.top.clone(), shown_name(unit.title.as_ref()), when, size(unit.bytes()), files, with + &queued]
            })
            .collect();
        out += &table::table(&["", "", "", ">", ">", ">", ""], &rows);
        if !plan.logs.is_empty() && !plan.units.is_empty() {
            out.extend(["  and ", &count(plan.logs.len() as u64, "log file"), " that name them\n"]);
        }
        for s in &plan.skipped {
            out.extend(["  left alone: ", &shown_name(s.path.path.as_ref()), ": ", &shown_name(s.reason.as_ref()), "\n"]);
        }
    }
    out
}

fn data(ctx: &Ctx, plans: &[Plan], part: &Part) -> Value {
    let mut items = part.items();
    for plan in plans {
        for unit in &plan.units {
            let database = unit.rows.keys().next().and_then(|at| plan.places.databases.get(*at));
            let path = database.map_or_else(|| plan.places.root.clone(), |path| inside(path, &unit.top));
            items.push(json!({
                "path": path.to_string_lossy(), "store": crate::lifecycle::STORE, "session": unit.top, "title": unit.title, "class": "at-risk",
                "bytes": unit.bytes(), "rows": unit.count(), "files": unit.files.len(), "sessions": unit.sessions,
                "last_active": unit.newest, "queued": unit.queued, "action": "prune",
            }));
        }
    }
    let skipped: Vec<_> = plans.iter().flat_map(|plan| &plan.skipped).collect();
    json!({"schema": "lifeboat.plan/1", "created": ctx.world.now(), "items": items, "skipped": skipped})
}
