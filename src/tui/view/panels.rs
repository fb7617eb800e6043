//! The smaller screens: the purge, history, errors, help, the palette and the question before a deed.

use super::{put, rule};
use crate::model::{OpState, Operation};
use crate::tui::app::{App, Ask, Screen};
use crate::tui::commands::{self, Command, Place};
use crate::tui::confirm::PurgeScreen;
use crate::tui::key::Key;
use crate::tui::marks::LISTED;
use crate::tui::problems::{self, Problem};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use tui_input::Input;

/// Number of lines of the list that is open.
pub fn list_len(app: &App) -> usize {
    match app.screen {
        Screen::History(_) => app.history.len(),
        Screen::Errors(_) => problems::folded(app).len(),
        Screen::Marks(_) => app.marks.len().min(LISTED),
        Screen::Page(ref page) => super::pages::lines(app, page).len(),
        Screen::About(_) => app.reading.as_ref().map_or(0, |r| super::reader::about(app, r).len()),
        Screen::Help(_, ref typed) => help_lines(app, typed.as_ref()).len(),
        _ => 0,
    }
}

/// A title, a rule, lines, a rule above the keys.
pub fn page(app: &App, title: &str, lines: Vec<Line<'static>>, selected: Option<usize>, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    put(buffer, area, area.x, area.y, &Line::styled(theme.spell(&format!(" {title}")), theme.heading()));
    rule(app, area.y + 1, None, area, buffer);
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(5), ..area };
    let height = usize::from(body.height).max(1);
    let top = selected.map_or(0, |at| (at + 1).saturating_sub(height));
    for (at, line) in lines.into_iter().enumerate().skip(top).take(height) {
        let y = body.y + u16::try_from(at - top).unwrap_or(0);
        put(buffer, body, body.x, y, &line);
        if selected == Some(at) {
            for x in body.x..body.x + body.width {
                buffer[(x, y)].set_style(theme.selected());
                buffer[(x, y)].set_fg(ratatui::style::Color::Reset);
                buffer[(x, y)].modifier.remove(ratatui::style::Modifier::DIM);
            }
        }
    }
    rule(app, body.y + body.height, None, area, buffer);
}

/// What the vault holds, before it is emptied.
pub fn purge(app: &App, screen: &PurgeScreen, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let mut lines: Vec<Line<'static>> =
        screen.operations.iter().take(usize::from(area.height).saturating_sub(12)).map(|o| operation(app, o)).collect();
    let more = screen.operations.len() - lines.len();
    if more > 0 {
        lines.push(Line::styled(format!("   and {} more", text::count(more as u64)), theme.faint()));
    }
    lines.push(Line::raw(""));
    lines.push(Line::styled(
        theme.spell(&format!(" {} on disk come back. This cannot be undone.", text::bytes(screen.allocated()))),
        theme.bad(),
    ));
    lines.push(Line::raw(""));
    let mut answer = Line::from(vec![Span::raw(" "), Span::styled("[ No, go back ]", theme.selected()), Span::raw("   ")]);
    answer.push_span(Span::styled("Y", theme.key()));
    answer.push_span(Span::raw(" remove for good"));
    lines.push(answer);
    page(app, "Empty the vault: nothing has happened yet", lines, None, area, buffer);
}

/// Every operation so far.
pub fn history(app: &App, at: usize, area: Rect, buffer: &mut Buffer) {
    let mut lines: Vec<Line<'static>> = app.history.iter().map(|o| operation(app, o)).collect();
    let selected = (!lines.is_empty()).then_some(at);
    if lines.is_empty() {
        lines.push(Line::raw(" Nothing was cleaned yet."));
    }
    page(app, "History, the newest first", lines, selected, area, buffer);
}

fn operation(app: &App, operation: &Operation) -> Line<'static> {
    let theme = app.theme();
    let state = match operation.state {
        OpState::Stands if operation.of.is_some() => "done",
        OpState::Stands => "in the vault",
        OpState::Undone => "put back",
        OpState::PartlyUndone => "partly put back",
        OpState::Purged => "gone for good",
        OpState::Unfinished => "interrupted",
        OpState::Done => "done",
    };
    Line::from(vec![
        Span::raw(format!(" {} ", text::pad(&operation.verb, 7, true))),
        Span::styled(text::pad(&text::age(app.now, operation.when), 12, true), theme.faint()),
        Span::raw(format!(
            "{}  {} ",
            text::pad(&text::bytes(operation.bytes), 10, false),
            text::pad(&text::counted(operation.items, "item", "items"), 14, true)
        )),
        Span::styled(format!("{}  ", text::pad(state, 16, true)), theme.heading()),
        Span::styled(text::harmless(&operation.id), theme.faint()),
    ])
}

/// What could not be read or done.
pub fn errors(app: &App, at: usize, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let width = area.width as usize;
    let folded = problems::folded(app);
    let paths: u64 = folded.iter().map(|p| p.more + 1).sum();
    let mut lines: Vec<Line<'static>> = folded
        .into_iter()
        .map(|Problem { path, more, why }| {
            let why = text::fit(&why, width / 2, theme.cut());
            let more = if more > 0 { format!(" and {} more", text::count(more)) } else { String::new() };
            let path = text::middle(&path, width.saturating_sub(text::width(&why) + text::width(&more) + 4), theme.cut());
            Line::from(vec![Span::raw(format!(" {path}{more}  ")), Span::styled(theme.spell(&why), theme.faint())])
        })
        .collect();
    let selected = (!lines.is_empty()).then_some(at);
    let title = format!("{} not read, left alone or failed", text::counted(paths, "path", "paths"));
    if lines.is_empty() {
        lines.push(Line::raw(" Everything could be read."));
    }
    page(app, &title, lines, selected, area, buffer);
}

/// What is marked, the largest first.
pub fn marks(app: &App, at: usize, area: Rect, buffer: &mut Buffer) {
    let (theme, source, width) = (app.theme(), app.source(), area.width as usize);
    let listed = app.marks.largest(&source);
    let line = |key: Key| {
        let tally = source.tally(key);
        let class = key.class().or_else(|| key.node().and_then(|id| app.catalog.pure(id)));
        let sign = class.map_or(' ', crate::model::Class::sign);
        let files = text::pad(&text::counted(tally.files, "file", "files"), 13, false);
        let files = if width < 80 { String::new() } else { files };
        let figures = format!("{}  {files}", text::pad(&text::sized(tally), 10, false));
        let name = key.node().map_or_else(|| source.name(key, 0), |id| app.short(&app.catalog.path(id)));
        let name = text::middle(&theme.spell(&name), width.saturating_sub(text::width(&figures) + 6), theme.cut());
        Line::from(vec![
            Span::styled(format!(" {sign} "), class.map_or(theme.heading(), |c| theme.class(c).patch(theme.heading()))),
            Span::raw(text::pad(&name, width.saturating_sub(text::width(&figures) + 5), true)),
            Span::styled(figures, theme.faint()),
        ])
    };
    let more = app.marks.len() - listed.len();
    let more = if more > 0 { format!(", and {} smaller ones", text::count(more as u64)) } else { String::new() };
    let title = format!("Marked: {}{more}", text::counted(listed.len() as u64, "thing", "things"));
    page(app, &title, listed.into_iter().map(line).collect(), Some(at), area, buffer);
}

/// What is known of the conversation that is read.
pub fn about(app: &App, at: usize, area: Rect, buffer: &mut Buffer) {
    let lines = app.reading.as_ref().map_or_else(Vec::new, |r| super::reader::about(app, r));
    page(app, "The conversation", lines, Some(at), area, buffer);
}

/// Every key, from the table.
pub fn help(app: &App, at: usize, typed: Option<&Input>, area: Rect, buffer: &mut Buffer) {
    let keys = "Keys: ! only here   = a proven copy is yours   ~ comes back by itself".to_owned();
    let title = typed.map_or(keys, |t| format!("Keys /{}", t.value()));
    page(app, &title, help_lines(app, typed), Some(at), area, buffer);
}

fn help_lines(app: &App, typed: Option<&Input>) -> Vec<Line<'static>> {
    let typed = typed.map_or(String::new(), |t| t.value().to_lowercase());
    let fits = |c: &Command| {
        let text = format!("{} {} {}", c.shown, c.title, c.help).to_lowercase();
        typed.split_whitespace().all(|word| text.contains(word))
    };
    let theme = app.theme();
    let mut lines = Vec::new();
    let mut places = vec![
        (Place::Main, "In the tree"),
        (Place::Reader, "In a conversation"),
        (Place::Plan, "In the plan"),
        (Place::Purge, "Emptying the vault"),
        (Place::List, "In lists"),
    ];
    if app.reading.is_some() {
        places.swap(0, 1);
    }
    let here = if app.reading.is_some() { Place::Reader } else { Place::Main };
    for (place, title) in places {
        if app.options.read_only && matches!(place, Place::Plan | Place::Purge) {
            continue;
        }
        let mut found = commands::commands(app, place).filter(|c| (c.place == place || place == here) && fits(c)).peekable();
        if found.peek().is_some() {
            lines.push(Line::styled(format!(" {title}"), theme.heading()));
        }
        for command in found {
            lines.extend(command_lines(app, command, place == here));
        }
    }
    if !typed.is_empty() {
        if lines.is_empty() {
            lines.push(Line::raw(" No key does that. Esc shows all of them."));
        }
        return lines;
    }
    lines.push(Line::styled(" With the mouse", theme.heading()));
    lines.push(Line::raw(
        theme.spell("   click selects · click at the left edge marks · twice opens · the wheel scrolls · Shift-drag selects text"),
    ));
    lines
}

fn command_lines(app: &App, command: &Command, judged: bool) -> Vec<Line<'static>> {
    let theme = app.theme();
    let blocked = if judged { commands::available(app, command).err() } else { None };
    let style = if blocked.is_some() { theme.faint() } else { theme.text() };
    let why = blocked.map_or(String::new(), |why| format!(" (not now: {why})"));
    let room = usize::from(app.size.0).saturating_sub(34);
    let says = text::wrap(&theme.spell(&format!("{}{why}", command.help)), room);
    let first = |at: usize| {
        if at > 0 {
            return vec![Span::raw(" ".repeat(33))];
        }
        vec![
            Span::styled(format!("   {}", text::pad(&theme.spell(command.shown), 10, true)), style.patch(theme.key())),
            Span::styled(format!("{}  ", text::pad(&theme.spell(command.title), 18, true)), style),
        ]
    };
    let line = |(at, part): (usize, String)| {
        let mut spans = first(at);
        spans.push(Span::styled(part, style));
        Line::from(spans)
    };
    says.into_iter().enumerate().map(line).collect()
}

/// A box over the middle of the screen, emptied; gives what is inside.
fn popup(app: &App, title: &str, height: u16, area: Rect, buffer: &mut Buffer) -> Rect {
    let theme = app.theme();
    let width = area.width.saturating_sub(8).min(76);
    let height = height.min(area.height.saturating_sub(4));
    let at = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    let [across, down, corners @ ..] =
        if theme.ascii { ["-", "|", "+", "+", "+", "+"] } else { ["─", "│", "╭", "╮", "╰", "╯"] };
    let inner = usize::from(width) - 2;
    for y in at.y..at.y + height {
        let line = if y == at.y {
            format!("{}{}{}", corners[0], across.repeat(inner), corners[1])
        } else if y + 1 == at.y + height {
            format!("{}{}{}", corners[2], across.repeat(inner), corners[3])
        } else {
            format!("{down}{}{down}", " ".repeat(inner))
        };
        for x in at.x..at.x + width {
            buffer[(x, y)].reset();
        }
        buffer.set_string(at.x, y, line, Style::default());
    }
    buffer.set_stringn(at.x + 2, at.y, theme.spell(&format!(" {title} ")), inner.saturating_sub(2), theme.heading());
    Rect { x: at.x + 2, y: at.y + 1, width: width - 4, height: height.saturating_sub(2) }
}

/// A deed that destroys nothing, before it begins.
pub fn ask(app: &App, ask: &Ask, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let width = usize::from(area.width.saturating_sub(8).min(76)).saturating_sub(4);
    let lines: Vec<String> = ask.says.iter().flat_map(|s| text::wrap(&theme.spell(s), width)).collect();
    let height = u16::try_from(lines.len() + 5).unwrap_or(10);
    let inside = popup(app, &ask.title, height, area, buffer);
    for (at, line) in lines.iter().enumerate() {
        put(buffer, inside, inside.x, inside.y + 1 + u16::try_from(at).unwrap_or(0), &Line::raw(line.clone()));
    }
    let answer = Line::from(vec![
        Span::styled("[ Enter, do it ]", theme.selected()),
        Span::raw("   "),
        Span::styled("Esc", theme.key()),
        Span::raw(" go back"),
    ]);
    put(buffer, inside, inside.x, inside.y + inside.height.saturating_sub(1), &answer);
}

/// Every command by name; what cannot be used now says why.
pub fn palette(app: &App, input: &Input, at: usize, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let found = crate::tui::update::found(app, input.value());
    let inside = popup(app, "Commands", u16::try_from(found.len() + 4).unwrap_or(16).clamp(8, 18), area, buffer);
    let typed = Line::from(vec![
        Span::styled(": ", theme.key()),
        Span::raw(text::fit(input.value(), usize::from(inside.width).saturating_sub(4), "")),
        Span::styled(" ", theme.selected()),
    ]);
    put(buffer, inside, inside.x, inside.y, &typed);
    let height = usize::from(inside.height.saturating_sub(1)).max(1);
    let top = (at + 1).saturating_sub(height);
    for (row, command) in found.iter().enumerate().skip(top).take(height) {
        let y = inside.y + 1 + u16::try_from(row - top).unwrap_or(0);
        let blocked = commands::available(app, command).err();
        let style = if blocked.is_some() { theme.faint() } else { theme.text() };
        let says = blocked.map_or_else(|| command.help.to_owned(), |why| format!("not now: {why}"));
        let words = format!(
            "{} {} {}",
            text::pad(&theme.spell(command.shown), 8, true),
            text::pad(&theme.spell(command.title), 17, true),
            theme.spell(&says)
        );
        let words = text::pad(&text::fit(&words, usize::from(inside.width), theme.cut()), usize::from(inside.width), true);
        put(buffer, inside, inside.x, y, &Line::styled(words, if row == at { theme.selected() } else { style }));
    }
}
