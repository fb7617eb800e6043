//! A page of text that was made for reading: a brief.

use crate::tui::app::{App, Page};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the page.
pub fn draw(app: &App, page: &Page, area: Rect, buffer: &mut Buffer) {
    super::panels::page(app, &page.title, lines(app, page), Some(page.at), area, buffer);
}

/// Its lines, broken where the screen ends.
pub fn lines(app: &App, page: &Page) -> Vec<Line<'static>> {
    let (theme, width) = (app.theme(), usize::from(app.size.0).saturating_sub(2));
    let line = |line: &str| {
        let line = text::harmless(line);
        let hash = line.trim_start_matches('#');
        let style = if hash.len() < line.len() && hash.starts_with(' ') { theme.heading() } else { theme.text() };
        let indent = " ".repeat(1 + line.len() - line.trim_start().len());
        let hang = if line.trim_start().starts_with("- ") { format!("{indent}  ") } else { indent.clone() };
        let broken = text::wrap(&theme.spell(line.trim_start()), width.saturating_sub(hang.len()).max(8));
        let with = |(at, part): (usize, String)| Line::styled(format!("{}{part}", if at == 0 { &indent } else { &hang }), style);
        broken.into_iter().enumerate().map(with).collect::<Vec<_>>()
    };
    page.text.lines().flat_map(line).collect()
}
