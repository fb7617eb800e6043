//! The search in every conversation: what is typed, and below it each place with the line it stands in.

use super::{put, rule};
use crate::find::Hit;
use crate::tui::app::App;
use crate::tui::seek::{MOST, Seek};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Rows of a place: whose it is, and its line.
const ROWS: usize = 2;

/// Draws the screen.
pub fn draw(app: &App, seek: &Seek, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let says = state(app, seek);
    let width = usize::from(area.width);
    let typed = text::tail(seek.input.value(), width.saturating_sub(text::width(&says) + 8), theme.cut());
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled("find ", theme.key()),
        Span::styled(typed, theme.heading()),
        Span::styled(" ", theme.selected()),
    ]);
    put(buffer, area, area.x, area.y, &line);
    let x = area.x + area.width.saturating_sub(u16::try_from(text::width(&says) + 1).unwrap_or(0));
    put(buffer, area, x, area.y, &Line::styled(says, theme.faint()));
    rule(app, area.y + 1, None, area, buffer);
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(5), ..area };
    let places = (usize::from(body.height) / ROWS).max(1);
    let top = (seek.cursor + 1).saturating_sub(places);
    for (at, hit) in seek.hits.iter().enumerate().skip(top).take(places) {
        let y = body.y + u16::try_from((at - top) * ROWS).unwrap_or(0);
        let selected = at == seek.cursor;
        put(buffer, body, body.x, y, &head(app, hit, selected, width));
        put(buffer, body, body.x, y + 1, &said(app, hit, width));
    }
    if seek.hits.is_empty() {
        put(buffer, body, body.x, body.y, &Line::styled(theme.spell(&format!(" {}", hint(seek))), theme.faint()));
    }
    rule(app, body.y + body.height, None, area, buffer);
}

fn hint(seek: &Seek) -> &'static str {
    match (seek.input.value().trim().is_empty(), seek.waits) {
        (true, _) => "words that were said in any session of any tool; \"in quotes\" a phrase",
        (false, true) => "looking…",
        (false, false) if seek.deep => "nothing like it was said",
        (false, false) => "nothing like it was said; Tab looks in what tools answered as well",
    }
}

/// How many places there are, and how far the index is.
fn state(app: &App, seek: &Seek) -> String {
    let theme = app.theme();
    let mut said = Vec::new();
    if let Some(trouble) = &seek.trouble {
        said.push(text::fit(&text::harmless(trouble), usize::from(app.size.0) / 3, theme.cut()));
    }
    if let Some(progress) = &seek.indexing {
        said.push(match progress.bytes_total {
            Some(all) if all > 0 => format!("index {} %", u128::from(progress.bytes) * 100 / u128::from(all)),
            _ => "the index is brought up to date".to_owned(),
        });
    }
    if seek.deep {
        said.push("with tool output".to_owned());
    }
    let shown = seek.hits.len() as u64;
    match seek.total {
        // Places that repeat are shown once and counted each: only where there is no room for more is the rest told.
        Some(all) if all > shown && seek.hits.len() >= MOST => {
            said.push(format!("the best {} of {}", text::count(shown), text::count(all)));
        }
        Some(_) | None if shown > 0 => said.push(text::counted(shown, "place", "places")),
        _ => {}
    }
    theme.spell(&said.join(" · "))
}

/// Whose it is and when it was said.
fn head(app: &App, hit: &Hit, selected: bool, width: usize) -> Line<'static> {
    let theme = app.theme();
    let when = hit.when.map_or_else(String::new, |when| text::age(app.now, when));
    let agent = if hit.agent.is_some() { ", in a sub-agent" } else { "" };
    let facts = theme.spell(&format!("{} · {}{agent} · {when}", hit.store, hit.voice.word()));
    let title = text::middle(&text::harmless(&hit.title), width.saturating_sub(text::width(&facts) + 5), theme.cut());
    let gap = width.saturating_sub(text::width(&title) + text::width(&facts) + 3);
    let style = if selected { theme.selected() } else { theme.heading() };
    let rest = if selected { theme.selected() } else { theme.faint() };
    Line::from(vec![
        Span::styled(format!(" {title}"), style),
        Span::styled(" ".repeat(gap), if selected { rest } else { Style::default() }),
        Span::styled(format!(" {facts} "), rest),
    ])
}

/// The line it stands in, what was asked marked in it, cut so that the first of that is seen.
fn said(app: &App, hit: &Hit, width: usize) -> Line<'static> {
    let theme = app.theme();
    let room = width.saturating_sub(6);
    let first = hit.context.marks.first().map_or(0, |mark| mark.start);
    let before = hit.context.line.get(..first).unwrap_or_default();
    let skipped = text::width(before).saturating_sub(room / 2);
    let (mut left, mut skip) = (room, if text::width(&hit.context.line) > room { skipped } else { 0 });
    let mut line = Line::raw("   ");
    if skip > 0 {
        line.push_span(Span::styled(theme.cut(), theme.faint()));
    }
    for (piece, is_mark) in hit.context.pieces() {
        let piece = text::harmless(piece);
        let wide = text::width(&piece);
        let piece = if skip >= wide { String::new() } else { text::tail(&piece, wide - skip, "") };
        skip = skip.saturating_sub(wide);
        let piece = text::fit(&piece, left, theme.cut());
        left = left.saturating_sub(text::width(&piece));
        line.push_span(Span::styled(piece, if is_mark { theme.mark() } else { theme.text() }));
        if left == 0 {
            break;
        }
    }
    line
}

/// What stands around the line under the cursor.
pub fn says(seek: &Seek) -> String {
    let Some(hit) = seek.hits.get(seek.cursor) else { return String::new() };
    let around = if hit.context.after.trim().is_empty() { &hit.context.before } else { &hit.context.after };
    text::harmless(around.trim())
}
