//! The mouse: a click selects, on the mark column it marks, twice it opens; the wheel scrolls.

use super::{acts, keys, moves};
use crate::tui::app::{App, Pane, Screen};
use crate::tui::commands::{self, Id};
use crate::tui::msg::Effect;
use crate::tui::view::layout;
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use std::time::Duration;

const DOUBLE: Duration = Duration::from_millis(400);

/// The mouse did something.
pub fn mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::ScrollDown => wheel(app, event, Id::Down),
        MouseEventKind::ScrollUp => wheel(app, event, Id::Up),
        MouseEventKind::Down(MouseButton::Left) if matches!(app.screen, Screen::Reader) => super::reader::click(app, event),
        MouseEventKind::Down(MouseButton::Left) if matches!(app.screen, Screen::Main) => click(app, event),
        _ => Vec::new(),
    }
}

fn wheel(app: &mut App, event: MouseEvent, id: Id) -> Vec<Effect> {
    if matches!(app.screen, Screen::Reader) {
        super::reader::wheel(app, id == Id::Down);
        return Vec::new();
    }
    let on_detail =
        matches!(app.screen, Screen::Main) && layout::panes(app).1.is_some_and(|d| d.contains((event.column, event.row).into()));
    let mut effects = Vec::new();
    for _ in 0..3 {
        if on_detail {
            moves::detail(app, id);
        } else if matches!(app.screen, Screen::Main) {
            moves::tree(app, id);
        } else if let Some(command) = commands::commands(app, commands::place(app)).find(|c| c.id == id) {
            effects.extend(keys::press(app, command));
        }
    }
    effects
}

fn click(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    let (tree, detail) = layout::panes(app);
    let at = (event.column, event.row).into();
    if detail.is_some_and(|d| d.contains(at)) {
        app.pane = Pane::Detail;
        return Vec::new();
    }
    let Some(area) = tree.filter(|t| t.contains(at)) else { return Vec::new() };
    let row = app.tree.top + usize::from(event.row - area.y);
    if row >= app.tree.rows.len() {
        return Vec::new();
    }
    app.pane = Pane::Tree;
    app.tree.cursor = row;
    let twice = app.click.take().is_some_and(|(when, line)| line == event.row && app.clock.saturating_sub(when) < DOUBLE);
    if event.column < area.x + 2 {
        let marking = commands::commands(app, commands::Place::Main).any(|c| c.id == Id::Mark);
        if let Some(key) = app.current().filter(|_| marking) {
            acts::toggle(app, key);
        }
    } else if twice {
        moves::tree(app, Id::Open);
    } else {
        app.click = Some((app.clock, event.row));
    }
    Vec::new()
}
