//! Keys: to a text field where one is open, else through the table.

use super::{acts, lists, moves, plan, reader, seek};
use crate::tui::app::{App, Pane, Screen};
use crate::tui::commands::{self, Command, Id};
use crate::tui::msg::Effect;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::EventHandler;

/// A key was pressed.
pub fn key(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.toast = None;
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    if crate::tui::view::layout::too_small(app.size) {
        let leave = key.code == KeyCode::Char('q') || (ctrl && key.code == KeyCode::Char('c'));
        return if leave { acts::quit(app) } else { Vec::new() };
    }
    if matches!(app.screen, Screen::Seek) && !ctrl {
        return seek::key(app, key);
    }
    if let Screen::Palette(..) = app.screen
        && !ctrl
    {
        return lists::palette(app, key);
    }
    if matches!(app.screen, Screen::Help(_, Some(_))) && !ctrl {
        return lists::help(app, key);
    }
    if app.is_typing() && !ctrl {
        return plan::typed(app, key);
    }
    if matches!(app.screen, Screen::Main) && app.filter.as_ref().is_some_and(|f| f.editing) && !ctrl {
        return filter(app, key);
    }
    if matches!(app.screen, Screen::Reader) && reader::searches(app) && !ctrl {
        return reader::typed(app, key);
    }
    let Some(command) = commands::command_of(app, key) else { return unknown(app, key) };
    if !matches!(command.id, Id::Quit | Id::Interrupt) {
        app.leaving = false;
    }
    press(app, command)
}

/// Carries a command out, or says why it cannot be used now.
pub fn press(app: &mut App, command: &'static Command) -> Vec<Effect> {
    if let Err(why) = commands::available(app, command) {
        app.say(format!("{}: {why}", command.title.trim_end_matches('…')), false);
        return Vec::new();
    }
    match command.id {
        Id::Interrupt => return acts::interrupt(app),
        Id::Suspend => return vec![Effect::Suspend],
        Id::Repaint => return vec![Effect::Repaint],
        _ => {}
    }
    match app.screen {
        Screen::Reader => reader::press(app, command.id),
        Screen::Palette(..) if app.reading.is_some() => reader::press(app, command.id),
        Screen::Main | Screen::Palette(..) => main(app, command.id),
        Screen::Seek => Vec::new(),
        Screen::Plan(_) => plan::press(app, command.id),
        Screen::Three(_) => plan::three(app, command.id),
        Screen::Tend(_) => plan::tend(app, command.id),
        Screen::Purge(_) => plan::purge(app, command.id),
        Screen::Ask(_) => lists::ask(app, command.id),
        Screen::History(_) | Screen::Errors(_) | Screen::Marks(_) | Screen::Help(..) | Screen::About(_) | Screen::Page(_) => {
            lists::press(app, command.id)
        }
    }
}

fn main(app: &mut App, id: Id) -> Vec<Effect> {
    if app.pane == Pane::Detail && moves::detail(app, id) {
        return Vec::new();
    }
    match id {
        Id::Find => {
            let filter = app.filter.get_or_insert_with(crate::tui::filter::Filter::new);
            filter.editing = true;
            Vec::new()
        }
        Id::Escape => {
            if app.pane == Pane::Detail {
                app.pane = Pane::Tree;
            } else if app.filter.is_some() {
                end_filter(app);
            } else {
                app.done = None;
            }
            Vec::new()
        }
        Id::Help | Id::Errors | Id::History | Id::Marks | Id::Palette => lists::open(app, id),
        Id::Mark | Id::Safe | Id::Unmark | Id::Due => {
            acts::mark(app, id);
            Vec::new()
        }
        Id::Clean | Id::Rescue | Id::Undo | Id::Purge | Id::Export | Id::Flush | Id::Archive | Id::Backup | Id::Cancel | Id::Rescan => {
            acts::act(app, id)
        }
        Id::Machine => {
            app.planning = true;
            vec![Effect::Machine]
        }
        Id::Seek => seek::open(app),
        Id::Brief => {
            app.say("reading what was said…", false);
            vec![Effect::Brief(commands::sessions(app))]
        }
        Id::Prune | Id::Reclaim | Id::Vacuum | Id::Pack => acts::tend(app, id),
        Id::Quit => acts::quit(app),
        Id::Read => reader::open(app, None),
        Id::Open if reader::is_transcript(app) => reader::open(app, None),
        other => {
            moves::tree(app, other);
            Vec::new()
        }
    }
}

/// A key while the filter's text field is open.
fn filter(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => end_filter(app),
        KeyCode::Enter | KeyCode::Tab => {
            if app.filter.as_ref().is_some_and(crate::tui::filter::Filter::is_empty) {
                end_filter(app);
            } else if let Some(filter) = &mut app.filter {
                filter.editing = false;
            }
        }
        KeyCode::Up => moves::tree(app, Id::Up),
        KeyCode::Down => moves::tree(app, Id::Down),
        _ => {
            let catalog = app.catalog.clone();
            if let Some(filter) = &mut app.filter {
                let changed = filter.input.handle_event(&Event::Key(key)).is_some_and(|s| s.value);
                if changed {
                    filter.restart(&catalog);
                    filter.step(&catalog);
                    app.tree.shut.clear();
                    drop(catalog);
                    app.rebuild();
                }
            }
        }
    }
    Vec::new()
}

fn end_filter(app: &mut App) {
    app.filter = None;
    app.tree.shut.clear();
    reveal_cursor(app);
    app.rebuild();
}

/// Opens what is above the cursor's row, so that it stays where it is when the filter goes.
fn reveal_cursor(app: &mut App) {
    let above = app.tree.above(app.tree.cursor);
    app.tree.open.extend(above.into_iter().map(|r| r.key));
}

/// A key that means nothing here: say so where it is easily taken for one.
fn unknown(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let KeyCode::Char(c) = key.code else { return Vec::new() };
    let elsewhere = |k: &&Command| k.place != commands::Place::Reader && k.keys.contains(&commands::Chord::C(c));
    let everywhere = commands::TABLE.iter().find(elsewhere);
    match (&app.screen, everywhere) {
        (Screen::Main, Some(command)) if app.options.read_only && command.acting => {
            app.say("opened with --read-only: nothing can be changed", false);
        }
        (Screen::Main, Some(command)) => {
            app.say(format!("{c} means \u{201c}{}\u{201d} in the plan; open it with c", command.title), false);
        }
        _ => {}
    }
    Vec::new()
}
