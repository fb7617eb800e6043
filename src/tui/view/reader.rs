//! A conversation: whose it is and where in it one is, the rows, a bar for the place.

use super::{put, rule};
use crate::tui::app::App;
use crate::tui::reader::{Kind, Part, Reading, Row, Tone};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::view::layout;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(app: &App, reading: &Reading, area: Rect, buffer: &mut Buffer) {
    put(buffer, area, area.x, area.y, &head(app, reading, usize::from(area.width)));
    rule(app, area.y + 1, None, area, buffer);
    let (columns, rows) = layout::reader(app.size);
    let body = Rect { y: area.y + layout::READER_HEAD, height: u16::try_from(rows).unwrap_or(0), ..area };
    if reading.list.entries.is_empty() {
        put(buffer, body, body.x + 2, body.y + 1, &Line::raw(app.theme().spell(&empty(reading, columns))));
    }
    let (mut at, mut skip, mut y) = (Some(reading.top.entry), reading.top.row as usize, body.y);
    while let Some(entry) = at.filter(|_| y < body.y + body.height) {
        for (n, row) in reading.laid(entry).iter().enumerate().skip(skip) {
            if y >= body.y + body.height {
                break;
            }
            let here = entry == reading.at.entry && n == (reading.at.row as usize).min(reading.laid(entry).len() - 1);
            let beside = entry == reading.at.entry && reading.row().is_some_and(|r| r.piece == row.piece) && row.kind != Kind::Blank;
            draw_row(app, row, (here, beside), Rect { y, height: 1, ..body }, buffer);
            y += 1;
        }
        skip = 0;
        at = reading.list.next(entry, &reading.folds);
    }
    bar(app, reading, body, buffer);
    rule(app, body.y + body.height, None, area, buffer);
}

fn empty(reading: &Reading, columns: usize) -> String {
    match &reading.failed {
        Some(why) => text::fit(why, columns, "…"),
        None if reading.list.whole => "Nobody says anything in this conversation.".to_owned(),
        None => "Reading…".to_owned(),
    }
}

fn draw_row(app: &App, row: &Row, (here, beside): (bool, bool), area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let mut line = match (here, beside) {
        (true, _) => Line::styled(theme.sign("▌ ", "> "), theme.speaker()),
        (_, true) => Line::styled(theme.sign("▏ ", ": "), theme.faint()),
        _ => Line::raw("  "),
    };
    for part in &row.parts {
        line.push_span(Span::styled(theme.spell(&part.text), style(theme, row, part)));
    }
    // What the user says begins with a line that is seen from afar.
    if row.kind == Kind::Heading && row.text().starts_with("You") {
        let room = usize::from(area.width).saturating_sub(line.width() + 4);
        line.push_span(Span::styled(format!(" {}", theme.sign("─", "-").repeat(room)), theme.faint()));
    }
    put(buffer, area, area.x, area.y, &line);
}

fn style(theme: Theme, row: &Row, part: &Part) -> Style {
    let style = match part.tone {
        Tone::Plain => theme.text(),
        Tone::Faint => theme.faint(),
        Tone::Strong => theme.heading(),
        // In a block a bar says that it is code.
        Tone::Code if matches!(row.kind, Kind::Code(_)) => theme.text(),
        Tone::Code => theme.code(),
        Tone::Speaker => theme.speaker(),
        Tone::Added => theme.good().remove_modifier(Modifier::BOLD),
        Tone::Gone | Tone::Bad => theme.bad().remove_modifier(Modifier::BOLD),
    };
    if part.found { style.add_modifier(Modifier::REVERSED) } else { style }
}

/// Whose conversation it is, and where in it one is.
fn head(app: &App, reading: &Reading, width: usize) -> Line<'static> {
    let theme = app.theme();
    let list = &reading.list;
    let turn = list.get(reading.at.entry).map_or(0, |e| e.turn.max(1));
    let place = match (&reading.failed, list.whole) {
        (Some(_), _) => "not all of it could be read · i says why".to_owned(),
        (None, false) => format!("turn {} · reading {} %", text::count(turn.into()), reading.progress / 10),
        (None, true) => {
            let complete = match list.told.missing.len() {
                0 => "complete".to_owned(),
                n => format!("{} missing · i", text::counted(n as u64, "thing", "things")),
            };
            format!("turn {} of {} · {complete}", text::count(turn.into()), text::count(list.turns().into()))
        }
    };
    let place = theme.spell(&place);
    let room = width.saturating_sub(text::width(&place) + 4);
    let title = text::fit(&text::harmless(&reading.session.title), room, theme.cut());
    let gap = " ".repeat(width.saturating_sub(text::width(&title) + text::width(&place) + 3));
    let style = if list.told.missing.is_empty() || !list.whole { theme.faint() } else { theme.text() };
    Line::from(vec![Span::raw(" "), Span::styled(title, theme.heading()), Span::raw(gap), Span::styled(place, style)])
}

/// Where in the conversation the screen is.
fn bar(app: &App, reading: &Reading, body: Rect, buffer: &mut Buffer) {
    let all = usize::try_from(reading.list.len()).unwrap_or(0);
    let rows = usize::from(body.height);
    if all == 0 || rows == 0 {
        return;
    }
    let theme = app.theme();
    let thumb = (rows / 12).clamp(1, 3).min(rows);
    let last = reading.list.seen(reading.list.len() - 1, &reading.folds).max(1);
    let at = (reading.at.entry as usize * (rows - thumb)).div_ceil(last as usize).min(rows - thumb);
    for n in 0..rows {
        let on = n >= at && n < at + thumb;
        let sign = if on { theme.sign("█", "#") } else { theme.sign("│", "|") };
        let style = if on { theme.text() } else { theme.faint() };
        buffer.set_string(body.x + body.width - 1, body.y + u16::try_from(n).unwrap_or(0), sign, style);
    }
}

/// What the status line says: a search, or what the cursor is on.
pub fn status(app: &App, reading: &Reading) -> Line<'static> {
    let theme = app.theme();
    let Some(search) = &reading.search else {
        let says = match reading.row().map(|r| r.kind) {
            Some(Kind::Fold { open: false }) => "Enter unfolds",
            Some(Kind::Fold { open: true }) => "Enter folds · y copies it",
            Some(Kind::Code(_)) => "y copies the code",
            _ if reading.goal.is_some() && !reading.list.whole => "going there as soon as all of it is read",
            _ => "y copies the turn",
        };
        return Line::styled(theme.spell(&format!(" {says}")), theme.faint());
    };
    let (number, total) = reading.hit_number().unwrap_or_default();
    let counted = match (&search.needle, search.per_mille) {
        (None, _) => String::new(),
        (_, Some(per_mille)) => format!("  {} found · {} %", text::count(total), per_mille / 10),
        (_, None) if total == 0 => "  nothing found".to_owned(),
        (_, None) => format!(
            "  {} of {} in {}",
            text::count(number),
            text::count(total),
            text::counted(search.hits.len() as u64, "message", "messages")
        ),
    };
    let typed = text::tail(search.input.value(), usize::from(app.size.0).saturating_sub(counted.len() + 6), theme.cut());
    let mut line = Line::from(vec![Span::styled(" /", theme.key()), Span::raw(typed)]);
    if search.editing {
        line.push_span(Span::styled(" ", theme.selected()));
    }
    line.push_span(Span::styled(
        theme.spell(&counted),
        if total == 0 && search.per_mille.is_none() { theme.bad() } else { theme.heading() },
    ));
    line
}

/// What is known of the conversation, a line each.
pub fn about(app: &App, reading: &Reading) -> Vec<Line<'static>> {
    let theme = app.theme();
    let told = &reading.list.told;
    let width = usize::from(app.size.0).saturating_sub(6);
    let mut lines = Vec::new();
    let mut says = |text: &str, style: Style| {
        for (n, part) in text::wrap(&theme.spell(&text::harmless(text)), width).into_iter().enumerate() {
            lines.push(Line::styled(format!("{}{part}", if n == 0 { "   " } else { "     " }), style));
        }
    };
    if let Some(why) = &reading.failed {
        says(why, theme.bad());
    }
    match (reading.list.whole, told.missing.as_slice()) {
        (false, _) => says("Only its beginning was read so far.", theme.text()),
        (true, []) => says("Complete: nothing is known to be missing.", theme.good()),
        (true, missing) => {
            says("Missing:", theme.heading());
            for sentence in missing {
                says(&format!("- {sentence}"), theme.text());
            }
        }
    }
    says("What it is:", theme.heading());
    let counts = [
        (told.turns, "message", "messages"),
        (told.calls, "tool call", "tool calls"),
        (told.agents, "sub-agent", "sub-agents"),
        (told.left, "branch that was left", "branches that were left"),
        (told.repeats, "record that only repeats another", "records that only repeat others"),
    ];
    for (n, one, many) in counts.into_iter().filter(|(n, ..)| *n > 0) {
        says(&text::counted(n, one, many), theme.text());
    }
    if let Some(model) = &told.model {
        says(&format!("the model: {model}"), theme.text());
    }
    for (name, when) in [("began", told.began), ("last", told.ended)] {
        if let Some(when) = when {
            says(&format!("{name}: {}", text::exact(when)), theme.text());
        }
    }
    for (kind, n) in &told.unknown {
        says(&format!("{} of a kind not known here: {kind}", text::counted(*n, "record", "records")), theme.text());
    }
    says("Read from:", theme.heading());
    for source in told.sources.iter().take(200) {
        says(&app.short(&source.path), theme.text());
    }
    lines
}
