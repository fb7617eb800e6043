//! `export --watch`: goes on exporting as sessions grow and new ones begin.

use super::Ended;
use super::commands::EXPORT;
use super::ctx::{Ctx, Exit};
use super::each::{object, one, tell};
use super::sizes::count;
use super::stop::Watcher;
use super::words::Narrow;
use crate::error::Result;
use crate::export::{Growing, Options, Series, look, nests};
use crate::model::{Catalog, SessionIx, Watch};
use crate::{platform, scan};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Between two looks whether it is to end.
const NAP: Duration = Duration::from_millis(50);

/// Looks are never closer together.
const LEAST: Duration = Duration::from_millis(200);

struct Follow<'a> {
    narrow: &'a Narrow,
    options: &'a Options,
    growing: Growing,
    catalog: Catalog,
    /// Where new sessions appear, and when that last changed.
    nests: Vec<(PathBuf, i64)>,
    /// Sessions whose last export had failures.
    failing: BTreeSet<String>,
    /// The last one was not done to its end.
    cut: bool,
}

/// Exports what is chosen, and again whenever something of it changed, until it is interrupted.
pub(super) fn follow(ctx: &mut Ctx, narrow: &Narrow, options: &Options, every: Duration, catalog: Catalog) -> Ended {
    let sessions = narrow.in_catalog(&catalog)?.all_sessions(&ctx.world, &catalog);
    let watch = ctx.watch();
    let (growing, failing, nests) = (Growing::default(), BTreeSet::new(), nests_of(&catalog));
    let mut this = Follow { narrow, options, growing, catalog, nests, failing, cut: false };
    ctx.note(&format!("Watching {}; Ctrl-C ends it.", count(sessions.len() as u64, "session")));
    ctx.err.flush();
    this.export(ctx, &watch, &sessions)?;
    while !slept(every.max(LEAST), &watch) {
        this.look(ctx, &watch)?;
    }
    watch.over();
    Ok(match (this.cut, this.failing.is_empty()) {
        (true, _) => Exit::Interrupted,
        (false, false) => Exit::Partly,
        (false, true) => Exit::Done,
    })
}

/// Sleeps; whether it is to end.
fn slept(span: Duration, watch: &Watcher) -> bool {
    let until = Instant::now() + span;
    while !watch.stopped() && Instant::now() < until {
        std::thread::sleep(NAP);
    }
    watch.stopped()
}

impl Follow<'_> {
    /// Looks once, and exports what grew and pauses now.
    fn look(&mut self, ctx: &mut Ctx, watch: &Watcher) -> Result<()> {
        let nests = self.nests.iter().map(|(path, _)| path.clone());
        if nests_at(nests) != self.nests || self.catalog.stores.is_empty() {
            self.scan(ctx);
        }
        let due = self.due(ctx);
        if due.is_empty() {
            return Ok(());
        }
        // What is to be copied is known anew, and with it every number of a session.
        self.scan(ctx);
        let all = self.chosen(ctx);
        let due: Vec<SessionIx> = all.into_iter().filter(|ix| due.contains(&self.catalog.session(*ix).id)).collect();
        self.export(ctx, watch, &due)
    }

    fn scan(&mut self, ctx: &Ctx) {
        self.catalog = scan::run(&ctx.world, ctx.scan_options(&self.narrow.choice.store));
        self.nests = nests_of(&self.catalog);
    }

    /// A session that was named and is gone is no reason to end.
    fn chosen(&self, ctx: &Ctx) -> Vec<SessionIx> {
        self.narrow.in_catalog(&self.catalog).map(|c| c.all_sessions(&ctx.world, &self.catalog)).unwrap_or_default()
    }

    fn due(&mut self, ctx: &Ctx) -> BTreeSet<String> {
        let mut due = BTreeSet::new();
        for ix in self.chosen(ctx) {
            let session = self.catalog.session(ix);
            if self.growing.is_due(ctx.world.now(), &session.id, look(session)) {
                due.insert(session.id.clone());
            }
        }
        due
    }

    fn export(&mut self, ctx: &mut Ctx, watch: &Watcher, sessions: &[SessionIx]) -> Result<()> {
        let world = ctx.world.clone();
        let mut series = Series::new(&world, self.options);
        let mut told = Vec::new();
        for (n, ix) in (1..).zip(sessions) {
            if watch.stopped() {
                break;
            }
            let session = self.catalog.session(*ix);
            // As it looked before: what is said meanwhile counts for the next time.
            let before = look(session);
            let of = (sessions.len() > 1).then_some((n, sessions.len() as u64));
            let report = one(&self.catalog, *ix, (&mut series, &EXPORT), (watch, of));
            watch.over();
            self.cut = report.interrupted;
            if report.failed.is_empty() {
                self.failing.remove(&session.id);
            } else {
                self.failing.insert(session.id.clone());
            }
            self.growing.exported(&session.id, before);
            if !report.up_to_date {
                tell(ctx, session, &report, (self.options, &EXPORT), false);
                told.push(object(session, &report));
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

fn nests_of(catalog: &Catalog) -> Vec<(PathBuf, i64)> {
    let of = |store: &crate::model::Store| nests(catalog.sessions.iter(), &store.root);
    nests_at(catalog.stores.iter().flat_map(of))
}

fn nests_at(paths: impl Iterator<Item = PathBuf>) -> Vec<(PathBuf, i64)> {
    paths.map(|path| (platform::facts(&path).map_or(0, |f| f.mtime_ns), path)).map(|(time, path)| (path, time)).collect()
}
