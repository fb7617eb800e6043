//! Draws the state. Reads it and nothing else.

pub mod detail;
mod footer;
mod header;
pub mod layout;
pub mod life;
pub mod pages;
pub mod panels;
mod plan;
mod reader;
mod seek;
mod tend;
mod three;
mod tree;

use super::app::{App, Screen};
use super::theme::strip_colours;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws one frame.
pub fn view(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    draw(app, area, frame.buffer_mut());
}

/// Draws into a buffer of this area.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    if layout::too_small((area.width, area.height)) {
        too_small(app, area, buffer);
    } else if (area.width, area.height) == app.size {
        whole(app, area, buffer);
    }
    if !app.options.colour {
        strip_colours(buffer);
    }
}

fn whole(app: &App, area: Rect, buffer: &mut Buffer) {
    match &app.screen {
        Screen::Plan(screen) => plan::draw(app, screen, area, buffer),
        Screen::Three(screen) => three::draw(app, screen, area, buffer),
        Screen::Tend(screen) => tend::draw(app, screen, area, buffer),
        Screen::Purge(screen) => panels::purge(app, screen, area, buffer),
        Screen::History(at) => panels::history(app, *at, area, buffer),
        Screen::Errors(at) => panels::errors(app, *at, area, buffer),
        Screen::Marks(at) => panels::marks(app, *at, area, buffer),
        Screen::Help(at, typed) => panels::help(app, *at, typed.as_ref(), area, buffer),
        Screen::Seek => {
            if let Some(seek) = &app.seek {
                seek::draw(app, seek, area, buffer);
            }
        }
        Screen::Page(page) => pages::draw(app, page, area, buffer),
        Screen::About(at) => panels::about(app, *at, area, buffer),
        Screen::Reader | Screen::Main | Screen::Ask(_) | Screen::Palette(..) => under(app, area, buffer),
    }
    footer::draw(app, area, buffer);
    match &app.screen {
        Screen::Ask(ask) => panels::ask(app, ask, area, buffer),
        Screen::Palette(input, at) => panels::palette(app, input, *at, area, buffer),
        _ => {}
    }
}

/// What popups lie over: the conversation that is read, else the tree.
fn under(app: &App, area: Rect, buffer: &mut Buffer) {
    if let Some(reading) = &app.reading {
        return reader::draw(app, reading, area, buffer);
    }
    header::draw(app, area, buffer);
    main(app, area, buffer);
}

fn main(app: &App, area: Rect, buffer: &mut Buffer) {
    let (tree, detail) = layout::panes(app);
    let body = layout::body(app.size);
    let split = tree.filter(|_| detail.is_some()).map(|t| t.x + t.width);
    rule(app, body.y - 1, split.map(|x| (x, "┬")), area, buffer);
    rule(app, body.y + body.height, split.map(|x| (x, "┴")), area, buffer);
    if let Some(x) = split {
        let theme = app.theme();
        for y in body.y..body.y + body.height {
            buffer.set_string(x, y, theme.sign("│", "|"), theme.faint());
        }
    }
    if let Some(tree) = tree {
        tree::draw(app, tree, buffer);
    }
    if let Some(detail) = detail {
        detail::draw(app, detail, buffer);
    }
}

/// A rule across the screen, with a joint where the panes meet.
fn rule(app: &App, y: u16, joint: Option<(u16, &'static str)>, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    buffer.set_string(area.x, y, theme.sign("─", "-").repeat(area.width as usize), theme.faint());
    if let Some((x, sign)) = joint {
        buffer.set_string(x, y, theme.sign(sign, "+"), theme.faint());
    }
}

/// A line at a place, cut to what is there.
fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, line: &Line<'_>) {
    if y < area.y + area.height && x < area.x + area.width {
        buffer.set_line(x, y, line, area.x + area.width - x);
    }
}

fn too_small(app: &App, area: Rect, buffer: &mut Buffer) {
    let says = [format!("terminal too small (now {}×{})", area.width, area.height), "60×15 or more; q quits".to_owned()];
    for (at, text) in says.iter().enumerate() {
        let y = area.y + area.height / 2 + u16::try_from(at).unwrap_or(0);
        let text = super::text::fit(text, area.width as usize, "");
        put(buffer, area, area.x, y.saturating_sub(1), &Line::raw(app.theme().spell(&text)));
    }
}
