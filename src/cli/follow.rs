//! `export --watch`: goes on exporting as sessions grow and new ones begin.

use super::Ended;
use super::chosen::Chosen;
use super::commands::EXPORT;
use super::ctx::{Ctx, Exit};
use super::each::{object, one, tell};
use super::sizes::count;
use super::stop::Watcher;
use super::words::Narrow;
use crate::error::Result;
use crate::export::{Options, Series, look};
use crate::model::{Catalog, Quiet, SessionIx, Watch};
use crate::watch::ear;
use crate::watch::follow::Follow;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Where nothing is heard, everything is looked at this often.
const LONG: Duration = Duration::from_mins(10);

struct Exports<'a> {
    options: &'a Options,
    follow: Follow,
    /// Sessions whose last export had failures.
    failing: BTreeSet<String>,
    /// The last one was not done to its end.
    cut: bool,
}

/// Exports what is chosen, and again whenever something of it changed, until it is interrupted.
pub(super) fn follow(ctx: &mut Ctx, narrow: &Narrow, options: &Options, every: Duration) -> Ended {
    let follow = Follow::new(&ctx.world, ctx.scan_options(&narrow.choice.store), every, true, &Quiet);
    let sessions = narrow.in_catalog(&follow.catalog)?.all_sessions(&ctx.world, &follow.catalog);
    let watch = ctx.watch();
    let mut this = Exports { options, follow, failing: BTreeSet::new(), cut: false };
    ctx.note(&format!("Watching {}; Ctrl-C ends it.", count(sessions.len() as u64, "session")));
    ctx.err.flush();
    this.export(ctx, &watch, &sessions)?;
    let (world, mut ear) = (ctx.world.clone(), ear());
    // A session that was named and is gone is no reason to end.
    let chosen = |catalog: &Catalog| narrow.in_catalog(catalog).ok();
    let wanted = |catalog: &Catalog, ix: SessionIx| chosen(catalog).is_some_and(|c: Chosen| c.takes_session(&world, catalog, ix));
    while !watch.stopped() {
        let due = this.follow.next(&world, &mut *ear, LONG, &wanted, &watch);
        if due.is_empty() {
            this.follow.wake_all();
        }
        this.export(ctx, &watch, &due)?;
    }
    watch.over();
    Ok(match (this.cut, this.failing.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Done,
    })
}

impl Exports<'_> {
    fn export(&mut self, ctx: &mut Ctx, watch: &Watcher, sessions: &[SessionIx]) -> Result<()> {
        let world = ctx.world.clone();
        let mut series = Series::new(&world, self.options);
        let mut told = Vec::new();
        for (n, ix) in (1..).zip(sessions) {
            if watch.stopped() {
                break;
            }
            let session = self.follow.catalog.session(*ix).clone();
            // As it looked before: what is said meanwhile counts for the next time.
            let (before, began) = (look(&session), Instant::now());
            let of = (sessions.len() > 1).then_some((n, sessions.len() as u64));
            let report = one(&self.follow.catalog, *ix, (&mut series, &EXPORT), (watch, of));
            watch.over();
            self.cut = report.interrupted;
            if report.failed.is_empty() {
                self.failing.remove(&session.id);
            } else {
                self.failing.insert(session.id.clone());
            }
            self.follow.exported(&world, &session.id, before, began.elapsed());
            if !report.up_to_date {
                tell(ctx, &session, &report, (self.options, &EXPORT), false);
                told.push(object(&session, &report));
            }
        }
        if ctx.global.json && !told.is_empty() {
            ctx.json(&json!({"schema": EXPORT.schema, "sessions": told, "dry_run": false, "interrupted": watch.stopped()}))?;
        }
        ctx.out.flush();
        ctx.err.flush();
        Ok(())
    }
}
