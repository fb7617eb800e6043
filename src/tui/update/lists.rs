//! Help, history, errors, the palette and the question before a deed that destroys nothing.

use super::keys;
use crate::tui::app::{App, Screen};
use crate::tui::commands::{self, Command, Id, Place};
use crate::tui::confirm::in_vault;
use crate::tui::msg::{Deed, Effect};
use crate::tui::problems;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

/// Opens one of them.
pub fn open(app: &mut App, id: Id) -> Vec<Effect> {
    app.screen = match id {
        Id::Help => Screen::Help(0, None),
        Id::Marks => Screen::Marks(0),
        Id::About => Screen::About(0),
        Id::Errors => Screen::Errors(0),
        Id::History => Screen::History(0),
        _ => Screen::Palette(Input::default(), 0),
    };
    if id == Id::History { vec![Effect::History] } else { Vec::new() }
}

/// A key in a list.
pub fn press(app: &mut App, id: Id) -> Vec<Effect> {
    let page = (app.size.1 as usize).saturating_sub(6).max(1);
    let last = crate::tui::view::panels::list_len(app).saturating_sub(1);
    let at = match &mut app.screen {
        Screen::History(at) | Screen::Errors(at) | Screen::Marks(at) | Screen::Help(at, _) | Screen::About(at) => at,
        Screen::Page(page) => &mut page.at,
        _ => return Vec::new(),
    };
    *at = match id {
        Id::Up => at.saturating_sub(1),
        Id::Down => *at + 1,
        Id::PageUp => at.saturating_sub(page),
        Id::PageDown => *at + page,
        Id::First => 0,
        Id::Last => last,
        _ => *at,
    }
    .min(last);
    match id {
        Id::Back => app.back(),
        Id::Copy => {
            let Screen::Page(page) = &app.screen else { return Vec::new() };
            let text = page.text.clone();
            app.say("copied", false);
            return vec![Effect::Clip(text)];
        }
        Id::Undo => return undo_one(app),
        Id::Unmark => unmark_one(app),
        Id::Find => app.screen = Screen::Help(0, Some(Input::default())),
        Id::Write => {
            let all = problems::all(app).into_iter();
            return vec![Effect::WriteList(all.map(|(path, why)| format!("{path}\t{why}")).collect())];
        }
        _ => {}
    }
    Vec::new()
}

fn unmark_one(app: &mut App) {
    let Screen::Marks(at) = app.screen else { return };
    let Some(key) = app.marks.largest(&app.source()).get(at).copied() else { return };
    let catalog = app.catalog.clone();
    app.marks.remove(key, &catalog, &app.index);
    app.screen = if app.marks.is_empty() { Screen::Main } else { Screen::Marks(at.min(app.marks.len() - 1)) };
}

/// A key while the help is narrowed.
pub fn help(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let page = (app.size.1 as usize).saturating_sub(6).max(1);
    let Screen::Help(at, Some(input)) = &mut app.screen else { return Vec::new() };
    match key.code {
        KeyCode::Esc => app.screen = Screen::Help(0, None),
        KeyCode::Enter => app.back(),
        KeyCode::Up => *at = at.saturating_sub(1),
        KeyCode::Down => *at += 1,
        KeyCode::PageUp => *at = at.saturating_sub(page),
        KeyCode::PageDown => *at += page,
        _ => {
            input.handle_event(&Event::Key(key));
            *at = 0;
        }
    }
    let last = crate::tui::view::panels::list_len(app).saturating_sub(1);
    if let Screen::Help(at, _) = &mut app.screen {
        *at = (*at).min(last);
    }
    Vec::new()
}

fn undo_one(app: &mut App) -> Vec<Effect> {
    let Screen::History(at) = app.screen else { return Vec::new() };
    let Some(operation) = app.history.get(at) else { return Vec::new() };
    if !in_vault(operation) {
        app.say("that operation is not in the vault any more", false);
        return Vec::new();
    }
    let id = operation.id.clone();
    app.screen = Screen::Main;
    vec![Effect::Start(Deed::Undo(Some(id)))]
}

/// A key in the question before a deed.
pub fn ask(app: &mut App, id: Id) -> Vec<Effect> {
    let screen = std::mem::replace(&mut app.screen, Screen::Main);
    app.back();
    match screen {
        Screen::Ask(ask) if id == Id::Yes => vec![Effect::Start(ask.deed)],
        Screen::Ask(ask) if id != Id::Back => {
            app.screen = Screen::Ask(ask);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The commands the palette lists for what was typed.
pub fn found(app: &App, typed: &str) -> Vec<&'static Command> {
    let typed = typed.to_lowercase();
    let fits = |c: &&Command| typed.split_whitespace().all(|w| c.title.contains(w) || c.help.to_lowercase().contains(w));
    let place = if app.reading.is_some() { Place::Reader } else { Place::Main };
    commands::commands(app, place).filter(fits).collect()
}

/// A key in the palette.
pub fn palette(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let Screen::Palette(input, at) = &mut app.screen else { return Vec::new() };
    match key.code {
        KeyCode::Esc => app.back(),
        KeyCode::Up => *at = at.saturating_sub(1),
        KeyCode::Down => *at += 1,
        KeyCode::Enter => {
            let (typed, at) = (input.value().to_owned(), *at);
            app.back();
            let chosen = found(app, &typed).get(at).copied();
            return chosen.map_or_else(Vec::new, |command| keys::press(app, command));
        }
        _ => {
            input.handle_event(&Event::Key(key));
            *at = 0;
        }
    }
    if let Screen::Palette(input, at) = &app.screen {
        let (typed, at) = (input.value().to_owned(), *at);
        let last = found(app, &typed).len().saturating_sub(1);
        if let Screen::Palette(_, now) = &mut app.screen {
            *now = at.min(last);
        }
    }
    Vec::new()
}
