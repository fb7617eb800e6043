//! What a watch does: sessions that pause are exported, those that ended flushed, and now and then the chores are done.

use super::backups;
use super::ear::Ear;
use super::follow::Follow;
use super::news::News;
use super::rule::Rule;
use super::shelve::{self, Shelve};
use crate::error::{Error, Result};
use crate::export::{Options, Report, Series, Shelf, look};
use crate::model::{Catalog, Session, SessionIx, Skipped, Watch, shown_name};
use crate::scan;
use crate::world::World;
use crate::{lifecycle, vault};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

/// Between two times that the chores are done.
const CHORES: SignedDuration = SignedDuration::from_hours(1);

/// Between two looks at everything, for what nobody heard of.
const LOOK: SignedDuration = SignedDuration::from_mins(10);

/// A session that is still at work is asked again after so long.
const AGAIN: SignedDuration = SignedDuration::from_mins(2);

/// What failed is tried again after so long.
const LATER: Duration = Duration::from_mins(1);

/// How a watch works.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which stores.
    pub scan: scan::Options,
    /// Only the session with this id, or whose conversation has it.
    pub session: Option<String>,
    /// Between two looks at a session that grows.
    pub every: Duration,
    /// The standing rule, where there is one.
    pub rule: Option<Rule>,
    /// After how long sessions are archived in their own tool.
    pub shelve: Shelve,
    /// Make backups when an update or a reset is in sight.
    pub backups: bool,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// Whoever is told.
pub type Tell<'t> = &'t mut dyn FnMut(News);

/// A watch at work.
pub struct Keeper<'s> {
    settings: &'s Settings,
    follow: Follow,
    /// When a session that was at work is asked whether it has ended.
    ends: BTreeMap<String, Timestamp>,
    /// What the rule was applied to: sessions, and when each was last active.
    judged: HashSet<(String, i64)>,
    /// What was left alone for a reason that was told already.
    told: HashMap<String, String>,
    /// Whose durable folder is where.
    shelf: Shelf,
    chores: Timestamp,
    looked: Timestamp,
    /// How many sessions there were at the beginning.
    pub sessions: usize,
}

impl<'s> Keeper<'s> {
    /// Looks at everything and brings it up to date.
    pub fn begin(world: &World, settings: &'s Settings, tell: Tell<'_>, watch: &dyn Watch) -> Self {
        let mut follow = Follow::new(world, settings.scan.clone(), settings.every, settings.session.is_none(), watch);
        if settings.session.as_ref().is_some_and(|id| follow.catalog.sessions.iter().any(|s| is(s, id))) {
            follow.scan(world, None, watch);
        }
        let now = world.now();
        let mut this = Self {
            settings,
            follow,
            ends: BTreeMap::new(),
            judged: HashSet::new(),
            told: HashMap::new(),
            shelf: Shelf::default(),
            chores: now,
            looked: now,
            sessions: 0,
        };
        let all: Vec<SessionIx> = this.follow.sessions().map(|(ix, _)| ix).filter(|ix| this.wants(&this.follow.catalog, *ix)).collect();
        this.sessions = all.len();
        this.export(world, &all, tell, watch);
        this.flush(world, &all, tell, watch);
        this.chores(world, true, tell, watch);
        this
    }

    /// Goes on from there until it is to end.
    pub fn go_on(&mut self, world: &World, ear: &mut dyn Ear, tell: Tell<'_>, watch: &dyn Watch) {
        while !watch.stopped() {
            self.round(world, ear, tell, watch);
        }
    }

    /// Waits for something to do, and does it.
    pub fn round(&mut self, world: &World, ear: &mut dyn Ear, tell: Tell<'_>, watch: &dyn Watch) {
        let settings = self.settings;
        let wanted = |catalog: &Catalog, ix: SessionIx| settings.session.as_ref().is_none_or(|id| is(catalog.session(ix), id));
        let due = self.follow.next(world, ear, self.until_next(world), &wanted, watch);
        self.export(world, &due, tell, watch);
        let ended: BTreeSet<String> = self.ends.iter().filter(|(_, at)| **at <= world.now()).map(|(id, _)| id.clone()).collect();
        if !ended.is_empty() && !watch.stopped() {
            // Which of its files have a copy elsewhere only a whole scan knows.
            self.follow.scan(world, None, watch);
            let all: Vec<SessionIx> = self.follow.sessions().filter(|(_, s)| ended.contains(&s.id)).map(|(ix, _)| ix).collect();
            if watch.stopped() {
                return;
            }
            self.ends.retain(|id, _| !ended.contains(id));
            self.flush(world, &all, tell, watch);
        }
        if self.chores <= world.now() && !watch.stopped() {
            self.chores(world, !ended.is_empty(), tell, watch);
        }
        if self.looked.saturating_add(LOOK).is_ok_and(|at| at <= world.now()) {
            self.looked = world.now();
            self.follow.wake_all();
        }
    }

    fn wants(&self, catalog: &Catalog, ix: SessionIx) -> bool {
        self.settings.session.as_ref().is_none_or(|id| is(catalog.session(ix), id))
    }

    fn until_next(&self, world: &World) -> Duration {
        let look = self.looked.saturating_add(LOOK).unwrap_or(self.chores);
        let next = self.ends.values().copied().chain([self.chores, look]).min().unwrap_or(self.chores);
        Duration::try_from(next.duration_since(world.now())).unwrap_or_default()
    }

    /// Brings durable folders up to date.
    fn export(&mut self, world: &World, sessions: &[SessionIx], tell: Tell<'_>, watch: &dyn Watch) {
        let options = self.options(world);
        let mut series = Series::going_on(world, &options, std::mem::take(&mut self.shelf));
        for ix in sessions {
            if watch.stopped() {
                break;
            }
            let session = self.follow.catalog.session(*ix).clone();
            let (before, began) = (look(&session), Instant::now());
            let report = series.export(&self.follow.catalog, *ix, watch);
            match &report {
                Ok(report) if report.failed.is_empty() => self.follow.exported(world, &session.id, before, began.elapsed()),
                _ => self.follow.put_off(world, &session.id, LATER),
            }
            // Whether it has ended is asked once it has been quiet for long enough.
            let quiet = SignedDuration::try_from(world.quiet_after()).unwrap_or(AGAIN);
            self.ends.insert(session.id.clone(), world.now().saturating_add(quiet).unwrap_or(world.now()));
            self.tell(world, ("exported", &session), report, tell);
        }
        self.shelf = series.into_shelf();
    }

    /// Flushes those that ended, and asks the others again.
    fn flush(&mut self, world: &World, sessions: &[SessionIx], tell: Tell<'_>, watch: &dyn Watch) {
        let options = self.options(world);
        let mut series = Series::going_on(world, &options, std::mem::take(&mut self.shelf));
        for ix in sessions {
            if watch.stopped() {
                break;
            }
            let session = self.follow.catalog.session(*ix).clone();
            if session.live.is_some() {
                let soon = AGAIN.min(SignedDuration::try_from(world.quiet_after()).unwrap_or(AGAIN)).max(SignedDuration::from_secs(1));
                self.ends.insert(session.id, world.now().saturating_add(soon).unwrap_or(world.now()));
                continue;
            }
            self.ends.remove(&session.id);
            if !Series::is_unflushed(&self.follow.catalog, *ix) {
                continue;
            }
            let report = series.flush(&self.follow.catalog, *ix, watch);
            self.tell(world, ("flushed", &session), report, tell);
        }
        self.shelf = series.into_shelf();
    }

    fn options(&self, world: &World) -> Options {
        Options { to: world.kept_folders().into_iter().next(), dry_run: self.settings.dry_run, ..Options::default() }
    }

    /// Tells of a session, where there is something to tell.
    fn tell(&mut self, world: &World, (event, session): (&'static str, &Session), report: Result<Report>, tell: Tell<'_>) {
        let title = shown_name(session.title.as_ref());
        let report = match report {
            Ok(report) => report,
            Err(e) => {
                let says = format!("{title}: {e}");
                if self.told.insert(format!("{event} {}", session.id), says.clone()).as_ref() != Some(&says) {
                    tell(News::new(world, "failed", says, json!({"session": session.id})));
                }
                return;
            }
        };
        let folder = world.short(&report.folder);
        let would = if self.settings.dry_run { "would be " } else { "" };
        let news = match event {
            "flushed" => report.copied > 0,
            _ => !report.up_to_date && !report.interrupted && (report.transcript.is_some() || report.copied > 0),
        };
        if news {
            let says = format!("{title} {would}{event}: {} turns, {} files copied, {folder}", report.turns, report.copied);
            tell(News::new(world, event, says, json!({"session": session.id, "title": session.title, "report": report})));
        }
        for failed in &report.failed {
            let says = format!("{title}: {}: {}", shown_name(failed.path.path.as_ref()), failed.error);
            if self.told.insert(failed.path.path.clone(), failed.error.clone()).as_ref() != Some(&failed.error) {
                tell(News::new(world, "failed", says, json!({"session": session.id, "path": failed.path})));
            }
        }
        self.left_alone(world, &report.skipped, tell);
    }

    /// Names what was left alone, once for each reason.
    fn left_alone(&mut self, world: &World, skipped: &[Skipped], tell: Tell<'_>) {
        for s in skipped {
            if self.told.insert(s.path.path.clone(), s.reason.clone()).as_ref() != Some(&s.reason) {
                let says = format!("left alone: {}: {}", shown_name(s.path.path.as_ref()), s.reason);
                tell(News::new(world, "note", says, json!({"path": s.path, "reason": s.reason})));
            }
        }
    }

    /// The standing rule, what is old in the vault, and backups.
    fn chores(&mut self, world: &World, scanned: bool, tell: Tell<'_>, watch: &dyn Watch) {
        self.chores = world.now().saturating_add(CHORES).unwrap_or(world.now());
        if self.settings.session.is_some() {
            return;
        }
        if let Some(rule) = &self.settings.rule
            && let Err(e) = self.clean(world, rule, scanned, tell, watch)
        {
            tell(News::new(world, "failed", format!("nothing was cleaned: {e}"), json!({})));
        }
        if self.settings.shelve != Shelve::default() {
            shelve::keep(world, &self.settings.scan.roots, self.settings.shelve, self.settings.dry_run, tell, watch);
        }
        if self.settings.backups
            && let Err(e) = backups::keep(world, &mut self.follow, self.settings.dry_run, tell, watch)
        {
            tell(News::new(world, "failed", format!("no backup was made: {e}"), json!({})));
        }
    }

    fn clean(&mut self, world: &World, rule: &Rule, scanned: bool, tell: Tell<'_>, watch: &dyn Watch) -> Result<()> {
        if !self.settings.dry_run {
            for says in lifecycle::recover(world)? {
                tell(News::new(world, "note", says, json!({})));
            }
            match lifecycle::expire(world) {
                Ok(Some(says)) => tell(News::new(world, "expired", says, json!({}))),
                Ok(None) => {}
                Err(e) => tell(News::new(world, "failed", format!("what is old in the vault could not be removed: {e}"), json!({}))),
            }
            vault::set_aside(world);
        }
        let ripe = rule.ripe(world, &self.follow.catalog);
        if ripe.is_subset(&self.judged) {
            return Ok(());
        }
        if !scanned {
            self.follow.scan(world, None, watch);
        }
        if watch.stopped() {
            return Ok(());
        }
        let plan = rule.plan(world, &self.follow.catalog);
        self.left_alone(world, &plan.skipped, tell);
        if plan.items.is_empty() {
            self.judged = ripe;
            return Ok(());
        }
        let receipt = rule.carry_out(world, &plan, self.settings.dry_run, watch)?;
        if !receipt.interrupted {
            self.judged = ripe;
        }
        self.left_alone(world, &receipt.skipped, tell);
        for failed in &receipt.failed {
            let says = format!("not cleaned: {}: {}", shown_name(failed.path.path.as_ref()), failed.error);
            tell(News::new(world, "failed", says, json!({"path": failed.path})));
        }
        if receipt.moved > 0 {
            let size = humansize::format_size(receipt.bytes, humansize::DECIMAL);
            let would = if receipt.dry_run { "would be " } else { "" };
            let of = if receipt.operation.is_empty() { String::new() } else { format!(", operation {}", receipt.operation) };
            let says = format!("{} rebuildable items ({size}) {would}moved into the vault by the standing rule{of}", receipt.moved);
            tell(News::new(world, "cleaned", says, json!({"receipt": receipt})));
        }
        // What was moved away is no news of the session.
        let cleaned: HashSet<&String> = plan.items.iter().filter_map(|i| i.session.as_ref()).collect();
        let looks: Vec<(String, u64)> =
            self.follow.sessions().filter(|(_, s)| cleaned.contains(&s.id)).map(|(_, s)| (s.id.clone(), look(s))).collect();
        for (id, look) in looks {
            self.follow.exported(world, &id, look, Duration::ZERO);
        }
        Ok(())
    }
}

/// Whether an id is a session's, or that of its conversation.
fn is(session: &Session, id: &str) -> bool {
    session.id == id || session.conversation.as_deref() == Some(id)
}

/// The error of a second watch.
pub fn taken(who: &str) -> Error {
    Error::refused(format!("`lifeboat watch` runs already ({who})")).hint("`lifeboat watch --status` tells of it; it does this by itself")
}
