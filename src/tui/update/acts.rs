//! Marks, and what begins a deed. Nothing here destroys anything: the plan and the purge open their own screens.

use crate::model::{Class, SessionIx};
use crate::tui::app::{App, Ask, Screen};
use crate::tui::commands::{self, Id};
use crate::tui::confirm::PurgeScreen;
use crate::tui::key::Key;
use crate::tui::marks::{self, chosen};
use crate::tui::msg::{Deed, Effect};
use crate::tui::rows::Grouping;
use crate::tui::text;

/// Marks or unmarks.
pub fn mark(app: &mut App, id: Id) {
    let Some(key) = app.current() else { return };
    match id {
        Id::Mark => {
            toggle(app, key);
            app.tree.step(1);
            app.scroll();
        }
        Id::Safe => mark_safe(app, key),
        Id::Due => mark_due(app),
        _ => app.marks.clear(),
    }
}

/// Marks a row, or takes its mark away.
pub fn toggle(app: &mut App, key: Key) {
    let catalog = app.catalog.clone();
    if app.marks.has(key) {
        app.marks.remove(key, &catalog, &app.index);
        return;
    }
    if app.marks.covers(key, &catalog, &app.index) {
        app.say("covered by the mark on something above it; unmark that first", false);
        return;
    }
    if let Some(why) = marks::refusal(key, &catalog) {
        app.say(why, true);
        return;
    }
    if app.source().tally(key).files == 0 {
        app.say("there is nothing in it to mark", false);
        return;
    }
    let before = app.marks.totals.at_risk;
    app.marks.add([key], &catalog, &app.index);
    let more = app.marks.totals.at_risk.files.saturating_sub(before.files);
    if more > 0 {
        let bytes = text::bytes(app.marks.totals.at_risk.bytes.saturating_sub(before.bytes));
        app.say(format!("! marked {} at risk, {bytes}: they exist only here", text::counted(more, "file", "files")), true);
    }
}

fn mark_safe(app: &mut App, key: Key) {
    let catalog = app.catalog.clone();
    let safe = marks::safe(&chosen(key, &catalog, &app.index), &catalog);
    if safe.is_empty() {
        app.say("nothing below is rebuildable or flushed, quiet and checked", false);
        return;
    }
    app.marks.add(safe, &catalog, &app.index);
}

fn mark_due(app: &mut App) {
    let due = commands::due(app);
    let catalog = app.catalog.clone();
    let class = if app.tree.grouping == Grouping::Class { Some(Class::AtRisk) } else { None };
    app.marks.add(due.iter().map(|s| Key::Session(class, *s)), &catalog, &app.index);
    let count = text::counted(due.len() as u64, "session is", "sessions are");
    app.say(
        format!(
            "{count} removed by their tool within 7 days: e exports them, b backs all up, `lifeboat retention --raise` keeps them longer"
        ),
        true,
    );
}

/// The row that stands for the same thing in the other grouping, with what is above it opened.
pub fn twin(app: &mut App, key: Key) -> Option<Key> {
    let to_class = app.tree.grouping == Grouping::Class;
    let main_class = |app: &App| {
        let totals = app.source().totals(key);
        Class::ALL.into_iter().max_by_key(|c| totals.of(*c).bytes).unwrap_or(Class::AtRisk)
    };
    let class = to_class.then(|| main_class(app));
    let out = match key {
        Key::Session(_, s) | Key::GroupSession(_, s) if class != Some(Class::Rebuildable) => Key::Session(class, s),
        Key::Loose(_, l) if class != Some(Class::Rebuildable) => Key::Loose(class, l),
        Key::Node(_, id) => Key::Node(class, id),
        _ => return None,
    };
    if let Some(id) = out.node() {
        open_above(app, id, class);
    }
    open_tool(app, out);
    Some(out)
}

/// Opens the tool that a row lies below, where the tools are the topmost rows.
fn open_tool(app: &mut App, key: Key) {
    let session = match key {
        Key::Session(_, s) => Some(s),
        Key::Node(_, id) => app.catalog.node(id).session,
        _ => None,
    };
    let tool = app.index.tools.iter().find(|(_, t)| match (session, key) {
        (Some(session), _) => t.sessions.binary_search(&session).is_ok(),
        (None, Key::Loose(_, label)) => t.loose.contains(&label),
        _ => false,
    });
    if let Some((label, _)) = tool {
        app.tree.open.insert(Key::Tool(*label));
    }
}

fn open_above(app: &mut App, id: crate::model::NodeId, class: Option<Class>) {
    let mut open = Vec::new();
    let mut at = app.catalog.parent(id);
    while let Some(above) = at {
        open.push(Key::Node(class, above));
        at = app.catalog.parent(above);
    }
    let session = app.catalog.node(id).session;
    if let Some(s) = session {
        open.push(Key::Session(class, s));
    }
    if class == Some(Class::Rebuildable) {
        let inside = |nodes: &[crate::model::NodeId]| nodes.iter().any(|n| *n == id || open.contains(&Key::Node(class, *n)));
        let groups = app.index.groups.iter().filter(|(_, g)| inside(&g.loose) || g.sessions.values().any(|(n, _)| inside(n)));
        let mut more: Vec<Key> = groups.map(|(l, _)| Key::Group(*l)).collect();
        more.extend(more.clone().into_iter().filter_map(|k| match (k, session) {
            (Key::Group(l), Some(s)) => Some(Key::GroupSession(l, s)),
            _ => None,
        }));
        open.extend(more);
    } else {
        let labels =
            app.index.loose.iter().filter(|(_, (nodes, _))| nodes.iter().any(|n| *n == id || open.contains(&Key::Node(class, *n))));
        let more: Vec<Key> = labels.map(|(l, _)| Key::Loose(class, *l)).collect();
        open.extend(more);
    }
    app.tree.open.extend(open);
}

/// Begins what leads to a deed.
pub fn act(app: &mut App, id: Id) -> Vec<Effect> {
    match id {
        Id::Clean => plan(app, Effect::Plan),
        Id::Rescue => plan(app, Effect::Rescue),
        Id::Undo if app.moving() => {
            app.undo_next = true;
            app.say("undo follows as soon as the work ends; x stops it sooner", false);
            Vec::new()
        }
        Id::Undo => vec![Effect::Start(Deed::Undo(None))],
        Id::Purge => {
            app.screen = Screen::Purge(PurgeScreen::new(&app.history, app.clock));
            Vec::new()
        }
        Id::Export | Id::Flush | Id::Backup => {
            app.screen = Screen::Ask(ask(app, id, &commands::sessions(app)));
            Vec::new()
        }
        Id::Archive => {
            app.screen = Screen::Ask(archive(app, commands::archivable(app)));
            Vec::new()
        }
        Id::Rescan => vec![Effect::Rescan],
        _ => cancel(app),
    }
}

/// Asks what would be done to the chosen sessions.
pub fn tend(app: &mut App, id: Id) -> Vec<Effect> {
    let Some(verb) = commands::verb(id) else { return Vec::new() };
    app.planning = true;
    app.done = None;
    vec![Effect::Propose(verb, commands::tended(app, verb))]
}

/// Asks for a plan of what is marked, else of the row.
fn plan(app: &mut App, of: fn(Vec<marks::Chosen>) -> Effect) -> Vec<Effect> {
    let keys: Vec<Key> = if app.marks.is_empty() { app.current().into_iter().collect() } else { app.marks.keys().collect() };
    if app.marks.is_empty()
        && let Some(why) = app.current().and_then(|k| marks::refusal(k, &app.catalog))
    {
        app.say(why, true);
        return Vec::new();
    }
    let all: Vec<_> = keys.into_iter().flat_map(|k| chosen(k, &app.catalog, &app.index)).collect();
    app.planning = true;
    app.done = None;
    vec![of(all)]
}

/// The question before a deed that destroys nothing, about these sessions.
pub fn ask(app: &App, id: Id, sessions: &[SessionIx]) -> Ask {
    if id == Id::Backup {
        let totals = app.catalog.grand_totals();
        let (bytes, files) = (totals.at_risk.bytes + totals.flushed.bytes, totals.at_risk.files + totals.flushed.files);
        return Ask {
            deed: Deed::Backup,
            title: "Back up".into(),
            says: vec![
                format!("{} in {}: all that is not rebuildable", text::bytes(bytes), text::counted(files, "file", "files")),
                format!("to {}", app.short(&app.world.backup_dir())),
                "one archive any tar opens, secrets left out, read back whole before it is called good".into(),
                "nothing is moved or removed".into(),
            ],
        };
    }
    let mut says: Vec<String> = sessions
        .iter()
        .take(6)
        .map(|s| {
            let session = app.catalog.session(*s);
            let store = session.store.map_or("", |s| app.catalog.store(s).title);
            let to = app.world.documents.join(store);
            format!("{}: its folder in {}", text::harmless(&session.title), app.short(&to))
        })
        .collect();
    if sessions.len() > 6 {
        says.push(format!("and {} more", sessions.len() - 6));
    }
    let (verb, what, deed) = if id == Id::Export {
        ("Export", "transcript.md, outputs and a manifest; files you changed there are never overwritten", Deed::Export(sessions.to_vec()))
    } else {
        ("Flush", "at-risk files are copied, read back, and only then called flushed", Deed::Flush(sessions.to_vec()))
    };
    says.push(what.into());
    says.push("nothing is moved or removed".into());
    Ask { deed, title: format!("{verb} {}", text::counted(sessions.len() as u64, "session", "sessions")), says }
}

/// The question before sessions are put away; where all of them are already, before they are brought back.
fn archive(app: &App, sessions: Vec<SessionIx>) -> Ask {
    let back = sessions.iter().all(|s| app.catalog.session(*s).archived);
    let mut says: Vec<String> = sessions.iter().take(6).map(|s| text::harmless(&app.catalog.session(*s).title)).collect();
    if sessions.len() > 6 {
        says.push(format!("and {} more", sessions.len() - 6));
    }
    says.push("their tool lists them apart, or no longer; nothing is removed, no space comes back, u undoes it".into());
    let (verb, count) = (if back { "Bring back" } else { "Archive" }, text::counted(sessions.len() as u64, "session", "sessions"));
    let deed = if back { Deed::Unarchive(sessions) } else { Deed::Archive(sessions) };
    Ask { deed, title: format!("{verb} {count}"), says }
}

fn cancel(app: &mut App) -> Vec<Effect> {
    if let Some(work) = &mut app.work {
        work.stopping = true;
        return vec![Effect::StopWork];
    }
    vec![Effect::StopScan]
}

/// Ctrl-C: stops what runs; else leaves.
pub fn interrupt(app: &mut App) -> Vec<Effect> {
    if app.work.as_ref().is_some_and(|w| !w.stopping) {
        app.say("stopping after the item in hand", true);
        return cancel(app);
    }
    if app.work.is_some() { vec![Effect::StopWork, Effect::Quit] } else { vec![Effect::Quit] }
}

/// Leaves; asks once where work would be cut short or marks forgotten.
pub fn quit(app: &mut App) -> Vec<Effect> {
    if app.leaving || (app.work.is_none() && app.marks.is_empty()) {
        return if app.work.is_some() { vec![Effect::StopWork, Effect::Quit] } else { vec![Effect::Quit] };
    }
    app.leaving = true;
    if app.work.is_some() {
        app.say("work is running: q again stops it after the item in hand and leaves", true);
    } else {
        app.say(format!("{} would be forgotten: q again leaves", text::counted(app.marks.len() as u64, "mark", "marks")), true);
    }
    Vec::new()
}
