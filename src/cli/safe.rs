//! `doctor --before … --safe`: what is at risk is backed up, verified and exported; then the safe form of the step is done, as a
//! plan that `undo` takes back.

use super::before::told;
use super::commands::export::EXPORT;
use super::ctx::{Ctx, Exit};
use super::each::each;
use super::sizes::{count, size};
use super::words::Acting;
use super::{Ended, deed};
use crate::backup;
use crate::error::{Error, Result};
use crate::model::{Catalog, Class, Marks, NodeId, Plan, SessionIx, shown};
use crate::preflight::Advice;
use crate::vault::{self, Consent, Selection};
use crate::{export, tested};
use std::path::PathBuf;

pub(super) fn safe(ctx: &mut Ctx, text: &str, acting: Acting) -> Ended {
    deed::begin(ctx, "doctor --safe", acting.dry_run)?;
    let (catalog, _) = ctx.look(&[]);
    let roots: Vec<_> = catalog.stores.iter().map(|s| (s.name, s.root.clone())).collect();
    let understood = told(ctx, &catalog, text).understood;
    let forms = understood.advice.iter().filter_map(|advice| Some((*advice, advice.safe_places(&roots)?)));
    let Some((advice, places)) = forms.into_iter().next() else {
        let hint =
            understood.advice.first().map_or("`lifeboat doctor --before` without `--safe` says what to do first", |advice| advice.safe);
        return Err(Error::refused("no plan does the safe form of this; nothing has happened").hint(hint));
    };
    let plan = plan(ctx, &catalog, advice, &places);
    show(ctx, advice, &plan, acting)?;
    if acting.dry_run {
        return Ok(Exit::Done);
    }
    if !ctx.confirmed(acting.yes, "Back up and export first, and then move this into the vault?")? {
        return Ok(Exit::Refused);
    }
    keep(ctx, &catalog, advice)?;
    let watch = ctx.watch();
    let receipt = vault::clean(&ctx.world, &plan, Consent { at_risk: false, dry_run: false }, &watch);
    watch.over();
    deed::end(ctx, &receipt?, "moved into the vault; `lifeboat undo` puts it back, `lifeboat purge` frees the space")
}

/// What of these places is rebuildable.
fn plan(ctx: &Ctx, catalog: &Catalog, advice: &Advice, places: &[PathBuf]) -> Plan {
    let found = places.iter().filter_map(|place| catalog.find(place));
    // Of a folder that the app needs, what is in it.
    let within = |id: NodeId| {
        let needed = catalog.node(id).marks.has(Marks::PROTECTED) && catalog.parent(id).is_some();
        if needed { catalog.children(id).collect() } else { vec![id] }
    };
    let nodes: Vec<NodeId> = found.flat_map(within).collect();
    let selection = Selection { stores: vec![advice.store.to_owned()], classes: vec![Class::Rebuildable], nodes, ..Selection::default() };
    // Where none of them is there, nothing is meant.
    let empty = selection.nodes.is_empty();
    let mut plan = tested::hold_back(&ctx.world, catalog, vault::plan(&ctx.world, catalog, &selection));
    if empty {
        (plan.items, plan.skipped) = (Vec::new(), Vec::new());
    }
    plan
}

/// Shows what would be done, before anything is.
fn show(ctx: &mut Ctx, advice: &Advice, plan: &Plan, acting: Acting) -> Result<()> {
    if ctx.global.json && (acting.dry_run || !acting.yes && !ctx.here.stdin) {
        return ctx.json(plan);
    }
    let first = format!("first: one archive of all of {} that is not rebuildable, read back; every conversation exported\n", advice.store);
    let then = format!("then, instead of “{}”:\n", advice.title);
    let text = first + &then + &deed::plan_text(ctx, plan, true);
    let out = if acting.yes && !acting.dry_run { &mut *ctx.err } else { &mut *ctx.out };
    out.text(&text);
    Ok(())
}

/// Backs the store up, verifies the archive, and exports its conversations. What fails ends it, before anything is moved.
fn keep(ctx: &mut Ctx, catalog: &Catalog, advice: &Advice) -> Result<()> {
    let options = backup::Options {
        to: None,
        stores: vec![advice.store.to_owned()],
        nodes: Vec::new(),
        with_secrets: false,
        format: backup::Format::TarGz,
        dry_run: false,
    };
    let watch = ctx.watch();
    let report = backup::create(&ctx.world, catalog, &options, &watch);
    watch.over();
    let report = report?;
    deed::name_all(ctx, &report.skipped, &report.failed);
    let not = |what: &str| Error::refused(format!("{what}; nothing was moved")).at(&report.archive);
    if report.interrupted || !report.failed.is_empty() {
        return Err(not("the backup is not whole"));
    }
    backup::verified::remember(&ctx.world, &report.archive)?;
    let watch = ctx.watch();
    let verified = backup::verify(&report.archive, &watch);
    watch.over();
    if !verified?.ok {
        return Err(not("the backup does not hold"));
    }
    ctx.note(&format!("{} ({}) backed up and read back: {}", count(report.files, "file"), size(report.bytes), shown(&report.archive)));
    let store = |ix: &SessionIx| catalog.session(*ix).store.is_some_and(|s| catalog.store(s).name == advice.store);
    let sessions: Vec<SessionIx> = (0..catalog.sessions.len()).map(SessionIx::at).filter(store).collect();
    let json = std::mem::take(&mut ctx.global.json);
    let exported = each(ctx, catalog, &sessions, &export::Options::default(), &EXPORT);
    ctx.global.json = json;
    match exported? {
        Exit::Done | Exit::Partly => Ok(()),
        _ => Err(Error::refused("the export was stopped; nothing was moved")),
    }
}
