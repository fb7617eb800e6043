//! News from the scan, from deeds and from the clock.

use crate::model::{Class, Plan};
use crate::rescue::Rescue;
use crate::scan::Phase;
use crate::tending::{Proposal, Verb};
use crate::tui::app::{App, Page, Screen, Work};
use crate::tui::confirm::PlanScreen;
use crate::tui::confirm::tend::TendScreen;
use crate::tui::confirm::three::ThreeScreen;
use crate::tui::key::Key;
use crate::tui::msg::{Deed, Effect, Msg, Outcome};
use crate::tui::remap::Remap;
use std::sync::Arc;
use std::time::Duration;

/// Rows that are made anew while the scan runs; where more are visible, they wait for its end.
const LIVE_ROWS: usize = 20_000;

/// Work whose end is told also to somebody who looks elsewhere.
const LONG: Duration = Duration::from_secs(10);

/// Takes news in.
pub fn news(app: &mut App, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(at, now) => tick(app, at, now),
        Msg::Scanned(phase, elapsed) => scanned(app, phase, elapsed),
        Msg::Rescanning(phase) => {
            app.rescanning = !matches!(phase, Phase::Done | Phase::Stopped);
            app.phase = phase;
        }
        Msg::Rescanned(catalog) => return rescanned(app, catalog),
        Msg::Progress(progress) => {
            let (since, stopping) = app.work.as_ref().map_or((app.clock, false), |w| (w.since, w.stopping));
            app.work = Some(Work { progress, since, stopping });
        }
        Msg::Finished(outcome) => return finished(app, outcome),
        Msg::Planned(plan) => return planned(app, plan),
        Msg::Rescued(rescue) => rescued(app, rescue),
        Msg::Page(title, Ok(text)) => {
            app.toast = None;
            app.screen = Screen::Page(Page { title: title.to_owned(), text, at: 0 });
        }
        Msg::Page(_, Err(why)) => app.say(why, true),
        Msg::Proposed(proposal) => proposed(app, proposal),
        Msg::Wrote(what, Ok(path)) => app.say(format!("{what} is in {}", app.short(&path)), false),
        Msg::Wrote(_, Err(why)) => app.say(why, true),
        Msg::Room(free) => {
            if let Screen::Plan(screen) = &mut app.screen {
                screen.backup_room = free;
            }
        }
        Msg::Focus(focused) => app.focused = focused,
        Msg::History(history) => {
            app.history_due = false;
            match history {
                Ok(history) => app.history = history,
                Err(why) => app.problems.push(("the journal".into(), why)),
            }
        }
        Msg::Tested(tested) => app.tested = tested,
        Msg::Free(free) => app.free = free,
        Msg::Preview(ticket, preview) if ticket == app.ticket => app.preview = app.previewing.map(|key| (key, preview)),
        Msg::Expired(said) => {
            app.problems.push(("the vault".into(), said.clone()));
            app.done.get_or_insert((said, true));
            return vec![Effect::Free];
        }
        Msg::Recovered(said) => {
            let Some(first) = said.first() else { return Vec::new() };
            app.done = Some((first.clone(), true));
            app.problems.extend(said.into_iter().map(|s| ("an interrupted run".to_owned(), s)));
            return vec![Effect::Rescan];
        }
        _ => {}
    }
    Vec::new()
}

fn tick(app: &mut App, at: Duration, now: jiff::Timestamp) {
    app.clock = at;
    app.now = now;
    if app.toast.as_ref().is_some_and(|t| t.until < at) {
        app.toast = None;
        app.leaving = false;
    }
    let catalog = app.catalog.clone();
    if let Some(filter) = app.filter.as_mut().filter(|f| f.is_pending(&catalog)) {
        filter.step(&catalog);
        let rare = filter.is_pending(&catalog) && app.tree.rows.len() > LIVE_ROWS;
        drop(catalog);
        if !rare {
            app.rebuild();
        }
    }
}

fn scanned(app: &mut App, phase: Phase, elapsed: Duration) {
    let ended = app.phase != phase && matches!(phase, Phase::Done | Phase::Stopped);
    let turned = std::mem::discriminant(&app.phase) != std::mem::discriminant(&phase);
    app.phase = phase;
    app.elapsed = elapsed;
    let pause = Duration::from_millis(250 + app.catalog.len() as u64 / 500);
    let due = app.clock.saturating_sub(app.indexed) >= pause && app.tree.rows.len() < LIVE_ROWS;
    if ended {
        let catalog = app.catalog.clone();
        if let Some(filter) = &mut app.filter {
            filter.restart(&catalog);
        }
    }
    if ended || turned || due {
        app.refresh();
    }
    if ended {
        app.previewing = None;
    }
}

/// A new scan takes the place of the old one; cursor, open rows and marks find their things again.
fn rescanned(app: &mut App, catalog: Arc<crate::model::Catalog>) -> Vec<Effect> {
    let old = std::mem::replace(&mut app.catalog, catalog);
    let new = app.catalog.clone();
    let mut remap = Remap::new(&old, &new);
    app.tree.open = app.tree.open.drain().filter_map(|k| remap.key(k)).collect();
    app.tree.shut = app.tree.shut.drain().filter_map(|k| remap.key(k)).collect();
    let keys: Vec<_> = app.marks.keys().collect();
    let kept: std::collections::HashSet<_> = keys.iter().filter_map(|k| remap.mark(*k)).collect();
    let dropped = keys.len() - kept.len();
    for row in &mut app.tree.rows {
        row.key = remap.key(row.key).unwrap_or(Key::GONE);
    }
    app.marks.replace(kept, &new, &app.index);
    app.rescanning = false;
    app.previewing = None;
    if let Some(filter) = &mut app.filter {
        filter.restart(&new);
        filter.step(&new);
    }
    app.refresh();
    if dropped > 0 {
        app.say(format!("{dropped} marked things changed or went; their marks are gone"), true);
    }
    vec![Effect::Free]
}

fn finished(app: &mut App, outcome: Outcome) -> Vec<Effect> {
    let work = app.work.take();
    let long = work.is_some_and(|w| app.clock.saturating_sub(w.since) >= LONG);
    app.leaving = false;
    app.history_due = true;
    let mut effects = vec![Effect::History, Effect::Free];
    if long && !app.focused {
        effects.push(Effect::Notify(crate::tui::text::harmless(&outcome.line)));
    }
    if app.reading.is_some() {
        app.say(outcome.line.clone(), !outcome.good);
    }
    app.done = Some((outcome.line, outcome.good));
    app.problems = outcome.problems;
    if std::mem::take(&mut app.undo_next) {
        effects.push(Effect::Start(Deed::Undo(None)));
    }
    if outcome.changed {
        effects.push(Effect::Rescan);
    }
    effects
}

fn rescued(app: &mut App, rescue: Result<Rescue, String>) {
    app.planning = false;
    match rescue {
        Err(why) => app.say(why, true),
        Ok(rescue) if rescue.rows.is_empty() => app.say("there is nothing in it to copy or to clean", false),
        Ok(rescue) => app.screen = Screen::Three(Box::new(ThreeScreen::new(rescue, app.clock))),
    }
}

fn proposed(app: &mut App, proposal: Result<Proposal, String>) {
    app.planning = false;
    match proposal {
        Err(why) => app.say(why, true),
        Ok(proposal) if proposal.lines.is_empty() && proposal.skipped.is_empty() => app.say(nothing(proposal.verb), false),
        Ok(proposal) => app.screen = Screen::Tend(Box::new(TendScreen::new(proposal, app.clock))),
    }
}

/// What there is to say where something can be done to nothing.
fn nothing(verb: Verb) -> &'static str {
    match verb {
        Verb::Prune => "there is nothing in it to delete",
        Verb::Reclaim => "every row in the databases is part of a conversation",
        Verb::Vacuum => "there is no database to pack",
        Verb::Pack => "nothing in it is old enough (30 days) and large enough to be packed",
    }
}

fn planned(app: &mut App, plan: Result<Plan, String>) -> Vec<Effect> {
    app.planning = false;
    match plan {
        Err(why) => app.say(why, true),
        Ok(plan) if plan.items.is_empty() && plan.skipped.is_empty() => app.say("there is nothing in it to clean", false),
        Ok(plan) => {
            let stores: std::collections::BTreeSet<&str> = plan.items.iter().map(|i| i.store.as_str()).collect();
            let roots = app.catalog.stores.iter().filter(|s| stores.contains(s.name)).filter_map(|s| s.node);
            let bytes = roots.map(|n| app.catalog.totals(n)).map(|t| t.of(Class::AtRisk).bytes + t.of(Class::Flushed).bytes).sum();
            let titles = app.catalog.sessions.iter().map(|s| (s.id.clone(), s.title.clone())).collect();
            let to = app.world.backup_dir();
            let mut screen = PlanScreen::new(plan, &titles, to.clone(), bytes, app.clock);
            screen.columns = app.size.0.into();
            app.screen = Screen::Plan(Box::new(screen));
            return vec![Effect::Room(to)];
        }
    }
    Vec::new()
}
