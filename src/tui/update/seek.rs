//! The search in every conversation: keys and news.

use super::reader;
use crate::find::News;
use crate::tui::app::{App, Screen};
use crate::tui::msg::{Effect, Sought};
use crate::tui::seek::Seek;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::backend::crossterm::EventHandler;

/// Opens the search.
pub fn open(app: &mut App) -> Vec<Effect> {
    app.seek = Some(Box::default());
    app.screen = Screen::Seek;
    vec![Effect::Seek(Sought::Open)]
}

/// A key in it: letters are typed, the rest moves.
pub fn key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let page = isize::try_from(app.size.1 / 3).unwrap_or(1).saturating_sub(1).max(1);
    let Some(seek) = &mut app.seek else { return Vec::new() };
    match key.code {
        KeyCode::Esc => return close(app),
        KeyCode::Up => seek.step(-1),
        KeyCode::Down => seek.step(1),
        KeyCode::PageUp => seek.step(-page),
        KeyCode::PageDown => seek.step(page),
        KeyCode::Tab => {
            seek.deep = !seek.deep;
            return ask(seek);
        }
        KeyCode::Enter => return read(app),
        _ => {
            if seek.input.handle_event(&Event::Key(key)).is_some_and(|s| s.value) {
                seek.cursor = 0;
                return ask(seek);
            }
        }
    }
    Vec::new()
}

fn ask(seek: &mut Seek) -> Vec<Effect> {
    seek.question().map(|query| Effect::Seek(Sought::Ask(Box::new(query)))).into_iter().collect()
}

fn close(app: &mut App) -> Vec<Effect> {
    app.seek = None;
    app.back();
    vec![Effect::Seek(Sought::Close)]
}

/// Opens the conversation where the place under the cursor is in it.
fn read(app: &mut App) -> Vec<Effect> {
    let Some(hit) = app.seek.as_ref().and_then(|seek| seek.hits.get(seek.cursor)).cloned() else { return Vec::new() };
    let is = |s: &&crate::model::Session| s.id == hit.session && s.store.is_some_and(|s| app.catalog.store(s).name == hit.store);
    let Some(session) = app.catalog.sessions.iter().find(is).cloned() else {
        app.say("this session is not in the list any more", true);
        return Vec::new();
    };
    let record = Some(hit.record).filter(|id| !id.is_empty() && hit.agent.is_none());
    if record.is_none() {
        app.say("this place is told only by its session; / searches in it", false);
    }
    reader::open_session(app, session, record)
}

/// News of it.
pub fn news(app: &mut App, news: News) -> Vec<Effect> {
    let Some(seek) = &mut app.seek else { return Vec::new() };
    if seek.news(news) { ask(seek) } else { Vec::new() }
}
