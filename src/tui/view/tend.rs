//! What would be done to sessions so that they take less room: every line of it, and nothing that has happened.

use super::plan::{head, scrolled, sheet};
use super::put;
use crate::tending::Verb;
use crate::tui::app::App;
use crate::tui::confirm::tend::TendScreen;
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the screen.
pub fn draw(app: &App, screen: &TendScreen, area: Rect, buffer: &mut Buffer) {
    let (theme, width) = (app.theme(), usize::from(area.width));
    head(app, &title(screen), area, buffer);
    let list = sheet(app, area, buffer);
    scrolled(app, (screen.len(), screen.cursor), |at| line(app, screen, at, width), list, buffer);
    let y = list.y + list.height;
    for (at, says) in promises(screen.proposal.verb).into_iter().enumerate() {
        let line = Line::raw(theme.spell(&text::fit(&format!(" {says}"), width, "…")));
        put(buffer, area, area.x, y + 1 + u16::try_from(at).unwrap_or(0), &line);
    }
    put(buffer, area, area.x, y + 4, &answer(app, screen));
}

fn title(screen: &TendScreen) -> String {
    let (bytes, count) = (text::bytes(screen.proposal.bytes()), screen.proposal.lines.len() as u64);
    match screen.proposal.verb {
        Verb::Prune => {
            format!(" Delete {}, {bytes}", text::counted(screen.proposal.at_risk as u64, "conversation", "conversations"))
        }
        Verb::Reclaim => format!(" Reclaim {bytes} that no conversation needs"),
        Verb::Vacuum => format!(" Pack {}, {bytes} come back", text::counted(count, "database", "databases")),
        Verb::Pack => format!(" Keep {} packed, {bytes} smaller", text::counted(count, "conversation", "conversations")),
    }
}

/// Where it goes, and what follows.
fn promises(verb: Verb) -> [&'static str; 2] {
    match verb {
        Verb::Prune => [
            "rows and files go to the vault, kept and read back first; undo with u puts them back as they were",
            "the databases stay as large as they are until V packs them; e exports a conversation before it goes",
        ],
        Verb::Reclaim => [
            "rows go to the vault, kept and read back first; undo with u puts them back as they were",
            "conversations stay whole; the databases stay as large as they are until V packs them",
        ],
        Verb::Vacuum => [
            "each is written anew beside itself, compared row by row, and exchanged; no row changes",
            "the space comes back at once; there is nothing to undo",
        ],
        Verb::Pack => [
            "each is packed and read back; the originals go to the vault, and their space comes back when it is emptied (P)",
            "undo with u; `lifeboat unpack` brings back the exact bytes at any time",
        ],
    }
}

fn line(app: &App, screen: &TendScreen, at: usize, width: usize) -> Line<'static> {
    let theme = app.theme();
    match screen.line(at) {
        Some(Ok(line)) => {
            let sign = if screen.proposal.at_risk > 0 { "! " } else { "~ " };
            let class = if screen.proposal.at_risk > 0 { crate::model::Class::AtRisk } else { crate::model::Class::Rebuildable };
            let size = text::pad(&text::bytes(line.bytes), 10, false);
            let room = width.saturating_sub(text::width(&size) + 10);
            let says = text::fit(&theme.spell(&line.says), room / 2, theme.cut());
            let room = room.saturating_sub(text::width(&says));
            let name = text::middle(&text::harmless(&line.name), room, theme.cut());
            Line::from(vec![
                Span::styled(format!(" {sign}"), theme.class(class).patch(theme.heading())),
                Span::raw(format!("{size}  ")),
                Span::styled(name, theme.heading()),
                Span::styled(format!("  {says}"), theme.faint()),
            ])
        }
        Some(Err(skipped)) => {
            let path = skipped.path.to_path().map_or_else(|| text::harmless(&skipped.path.path), |p| app.short(&p));
            let reason = text::fit(&text::harmless(&skipped.reason), width / 2, theme.cut());
            let path = text::tail(&path, width.saturating_sub(16 + text::width(&reason)), theme.cut());
            Line::from(vec![Span::raw(format!("   left alone  {path}  ")), Span::styled(theme.spell(&reason), theme.faint())])
        }
        None => Line::raw(""),
    }
}

fn answer(app: &App, screen: &TendScreen) -> Line<'static> {
    let theme = app.theme();
    let gone = screen.proposal.at_risk;
    if let Some(typed) = &screen.typing {
        let asks = format!(" {} would go. Type {gone}, then Y: ", text::counted(gone as u64, "conversation", "conversations"));
        return Line::from(vec![
            Span::styled(asks, theme.bad()),
            Span::styled(text::fit(typed.value(), 12, ""), theme.heading()),
            Span::styled(" ", theme.selected()),
        ]);
    }
    let mut line = Line::from(vec![Span::raw(" "), Span::styled("[ No, go back ]", theme.selected()), Span::raw("   ")]);
    if app.options.read_only || screen.proposal.lines.is_empty() {
        return line;
    }
    line.push_span(Span::styled("Y", theme.key()));
    line.push_span(Span::raw(" carry it out"));
    if gone > 0 {
        line.push_span(Span::styled("  (asks once more)", theme.bad()));
    }
    line
}

/// What the line under the cursor is, in full.
pub fn says(app: &App, screen: &TendScreen) -> String {
    match screen.line(screen.cursor) {
        Some(Ok(line)) if line.says.is_empty() => text::harmless(&line.name),
        Some(Ok(line)) => format!("{}: {}", text::harmless(&line.name), line.says),
        Some(Err(skipped)) => {
            let path = skipped.path.to_path().map_or_else(|| text::harmless(&skipped.path.path), |p| app.short(&p));
            format!("{path}: {}", text::harmless(&skipped.reason))
        }
        None => String::new(),
    }
}
