//! Reading a conversation: keys, the mouse, what the desk tells.

use super::{acts, lists};
use crate::model::Session;
use crate::tui::app::{App, Screen};
use crate::tui::commands::{self, Id};
use crate::tui::key::Key;
use crate::tui::msg::Effect;
use crate::tui::reader::desk::{Ask, News};
use crate::tui::reader::{Goal, Reading};
use crate::tui::text;
use crate::tui::view::layout;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, MouseEvent};
use std::time::Duration;
use tui_input::backend::crossterm::EventHandler;

const DOUBLE: Duration = Duration::from_millis(400);
/// More than this many terminals do not take (in Base64, xterm's limit).
const TAKEN: usize = 74_994 / 4 * 3;

/// Opens the conversation of the row's session, at a record where one is named.
pub fn open(app: &mut App, record: Option<String>) -> Vec<Effect> {
    let Some(session) = commands::read_session(app).and_then(|ix| app.catalog.sessions.get(ix.index())).cloned() else { return Vec::new() };
    open_session(app, session, record)
}

/// Opens a session's conversation, at a record where one is named.
pub fn open_session(app: &mut App, session: Session, record: Option<String>) -> Vec<Effect> {
    app.ticket += 1;
    let goal = record.map(Goal::Record);
    let ask = Ask::Open(Box::new(session.clone()), goal.clone());
    app.reading = Some(Box::new(Reading::new(session, app.ticket, goal, layout::reader(app.size))));
    app.screen = Screen::Reader;
    vec![Effect::Read(app.ticket, ask)]
}

/// Whether the row is the transcript of its session.
pub fn is_transcript(app: &App) -> bool {
    app.current().and_then(Key::node).is_some_and(|id| app.source().is_transcript(id))
}

fn close(app: &mut App) -> Vec<Effect> {
    let Some(reading) = app.reading.take() else { return Vec::new() };
    app.back();
    // Previews count by the same number.
    app.previewing = None;
    vec![Effect::Read(reading.ticket, Ask::Close)]
}

/// Whether a search is being typed.
pub fn searches(app: &App) -> bool {
    app.reading.as_ref().and_then(|r| r.search.as_ref()).is_some_and(|s| s.editing)
}

/// A key of the table.
pub fn press(app: &mut App, id: Id) -> Vec<Effect> {
    let Some(reading) = &mut app.reading else { return Vec::new() };
    let ticket = reading.ticket;
    let page = isize::try_from(reading.size.1).unwrap_or(2).saturating_sub(1).max(1);
    match id {
        Id::Up => reading.step(-1),
        Id::Down => reading.step(1),
        Id::PageUp => reading.scroll(-page),
        Id::PageDown => reading.scroll(page),
        Id::HalfUp => reading.scroll(-(page / 2).max(1)),
        Id::HalfDown => reading.scroll((page / 2).max(1)),
        Id::First => reading.first(),
        Id::Last => reading.last(),
        Id::Toggle => fold(app, None),
        Id::Right => fold(app, Some(true)),
        Id::Left => fold(app, Some(false)),
        Id::ToggleAll => {
            reading.fold_all();
            let says = if reading.all_open() { "everything is unfolded; O folds it again" } else { "everything is folded" };
            app.say(says, false);
        }
        Id::NextTurn | Id::PreviousTurn | Id::NextHeading | Id::PreviousHeading => turn(app, id),
        Id::Find => reading.search(),
        Id::NextHit | Id::PreviousHit if reading.next_hit(id == Id::NextHit) => {}
        Id::NextHit | Id::PreviousHit => app.say("nothing was found", false),
        Id::Copy => {
            let ask = match reading.copied() {
                Some((what, text)) => Ask::Text(what, text),
                None => Ask::Turn(reading.list.under(reading.at.entry)),
            };
            return vec![Effect::Read(ticket, ask)];
        }
        Id::Export => {
            let session: Vec<_> = commands::exported(app).into_iter().collect();
            app.screen = Screen::Ask(acts::ask(app, id, &session));
        }
        Id::Cancel => return acts::act(app, id),
        Id::Back if reading.search.is_some() => {
            reading.end_search(false);
            return vec![Effect::Read(ticket, Ask::NoSearch)];
        }
        Id::Back => return close(app),
        Id::Help | Id::Palette | Id::About => return lists::open(app, id),
        _ => {}
    }
    Vec::new()
}

fn fold(app: &mut App, open: Option<bool>) {
    let Some(reading) = &mut app.reading else { return };
    if !reading.fold(open) && open.is_none() {
        app.say("nothing is folded here", false);
    }
}

fn turn(app: &mut App, id: Id) {
    let Some(reading) = &mut app.reading else { return };
    let (forward, user) = (matches!(id, Id::NextTurn | Id::NextHeading), matches!(id, Id::NextTurn | Id::PreviousTurn));
    if reading.turn(forward, user) {
        return;
    }
    let says = match (forward, reading.list.whole) {
        (true, false) => "the rest is still being read",
        (true, true) => "nothing more follows; G goes to the end",
        (false, _) => "this is the first",
    };
    app.say(says, false);
}

/// A key while a search is typed.
pub fn typed(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let Some(reading) = &mut app.reading else { return Vec::new() };
    let ticket = reading.ticket;
    let Some(search) = &mut reading.search else { return Vec::new() };
    match key.code {
        KeyCode::Esc => {
            reading.end_search(true);
            return vec![Effect::Read(ticket, Ask::NoSearch)];
        }
        KeyCode::Enter if search.needle.is_none() => reading.end_search(true),
        KeyCode::Enter => search.editing = false,
        KeyCode::Down => drop(reading.next_hit(true)),
        KeyCode::Up => drop(reading.next_hit(false)),
        _ => {
            let changed = search.input.handle_event(&Event::Key(key)).is_some_and(|s| s.value);
            if changed {
                app.ticket += 1;
                let asked = reading.searched(app.ticket);
                let ask = asked.map_or(Ask::NoSearch, |(number, typed)| Ask::Search(number, typed));
                return vec![Effect::Read(ticket, ask)];
            }
        }
    }
    Vec::new()
}

/// What the desk tells.
pub fn news(app: &mut App, ticket: u64, news: News) -> Vec<Effect> {
    let Some(reading) = app.reading.as_mut().filter(|r| r.ticket == ticket) else { return Vec::new() };
    match news {
        News::List(list, found) => {
            let missed = list.whole && found.is_none() && matches!(reading.goal, Some(Goal::Record(_)));
            reading.listed(*list, found);
            if missed {
                app.say("that turn is not in the conversation any more", true);
            }
        }
        News::Progress(per_mille) => reading.progress = per_mille,
        News::Failed(why) => reading.failed = Some(text::harmless(&why)),
        News::Sheets(whole, sheets) if whole == reading.list.whole => reading.loaded(sheets),
        News::Sheets(..) => {}
        News::Hits(number, hits, per_mille) => reading.hit(number, hits, per_mille),
        News::Copy(what, text, secrets) => return copy(app, what, text, secrets),
    }
    Vec::new()
}

fn copy(app: &mut App, what: &str, text: String, secrets: usize) -> Vec<Effect> {
    if text.trim().is_empty() {
        app.say("there are no words here to copy", false);
        return Vec::new();
    }
    let mut says = format!("{what} is copied, {}, through the terminal (OSC 52)", text::bytes(text.len() as u64));
    if text.len() > TAKEN {
        says.push_str("; many terminals take no more than 56 kB");
    } else if app.world.var("TMUX").is_some() {
        says.push_str("; tmux lets it through where set-clipboard is on");
    }
    if secrets > 0 {
        says = format!("it holds {}: {says}", text::counted(secrets as u64, "secret", "secrets"));
    }
    app.say(says, secrets > 0);
    vec![Effect::Clip(text)]
}

/// The terminal has another size.
pub fn resized(app: &mut App) {
    let size = layout::reader(app.size);
    if let Some(reading) = &mut app.reading {
        reading.size = size;
        reading.lay_anew();
    }
}

/// Asks for what is to be seen and not there yet.
pub fn wanted(app: &mut App) -> Option<Effect> {
    let reading = app.reading.as_mut()?;
    let wanted = reading.wanted();
    (!wanted.is_empty()).then_some(Effect::Read(reading.ticket, Ask::Sheets(reading.list.whole, wanted)))
}

/// The wheel turned.
pub fn wheel(app: &mut App, down: bool) {
    if let Some(reading) = &mut app.reading {
        reading.scroll(if down { 3 } else { -3 });
    }
}

/// A click goes to the row; on the sign of a fold, or twice, it unfolds or folds.
pub fn click(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    let Some(row) = usize::from(event.row).checked_sub(usize::from(layout::READER_HEAD)) else { return Vec::new() };
    let twice = app.click.take().is_some_and(|(when, line)| line == event.row && app.clock.saturating_sub(when) < DOUBLE);
    let Some(reading) = app.reading.as_mut().filter(|r| row < r.size.1) else { return Vec::new() };
    if !reading.point(row) {
        return Vec::new();
    }
    let on_fold = reading.row().is_some_and(|r| matches!(r.kind, crate::tui::reader::Kind::Fold { .. }));
    if on_fold || twice {
        reading.fold(None);
    } else {
        app.click = Some((app.clock, event.row));
    }
    Vec::new()
}
