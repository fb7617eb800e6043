//! The tree: only the rows that are on the screen are made.

use super::{life, put};
use crate::model::{Class, Kind, Marks, Tally, Totals};
use crate::scan::Phase;
use crate::tui::app::{App, Pane};
use crate::tui::key::Key;
use crate::tui::rows::{Grouping, Row};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

/// Draws the rows that are on the screen.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    if app.tree.rows.is_empty() || (app.settled() && app.catalog.is_empty()) {
        empty(app, area, buffer);
        return;
    }
    for (at, line) in window(app, area.width as usize, area.height as usize).into_iter().enumerate() {
        let y = area.y + u16::try_from(at).unwrap_or(0);
        buffer.set_line(area.x, y, &line, area.width);
        if app.tree.top + at == app.tree.cursor {
            let theme = app.theme();
            let style = if app.pane == Pane::Tree { theme.selected() } else { theme.selected_away() };
            for x in area.x..area.x + area.width {
                buffer[(x, y)].set_style(style);
                if app.pane == Pane::Tree {
                    buffer[(x, y)].set_fg(ratatui::style::Color::Reset);
                    buffer[(x, y)].modifier.remove(ratatui::style::Modifier::DIM);
                }
            }
        }
    }
}

/// The lines of the rows from the topmost on the screen, as many as fit.
pub fn window(app: &App, width: usize, height: usize) -> Vec<Line<'static>> {
    let source = app.source();
    // What the row above counts, by depth: a row's bar is its share of it.
    let mut wholes = vec![app.catalog.grand_totals().all().bytes];
    wholes.extend(app.tree.above(app.tree.top).iter().rev().map(|r| source.tally(r.key).bytes));
    let shown = app.tree.rows.iter().skip(app.tree.top).take(height);
    let lines = shown.map(|row| {
        wholes.truncate(usize::from(row.depth) + 1);
        let whole = wholes.last().copied().unwrap_or(0);
        wholes.push(source.tally(row.key).bytes);
        line(app, *row, whole, width)
    });
    lines.collect()
}

fn line(app: &App, row: Row, whole: u64, width: usize) -> Line<'static> {
    let theme = app.theme();
    let source = app.source();
    let totals = source.totals(row.key);
    let tally = totals.all();
    let class = row.key.class().or_else(|| Class::ALL.into_iter().find(|c| totals.of(*c) == tally && tally.files > 0));
    let (right, right_width) = figures(app, row, (tally, whole), class, width);
    let (mark, mark_style) = mark(app, row.key);
    let sign = class.map_or(" ".to_owned(), |c| c.sign().to_string());
    let sign_style = class.map_or(theme.text(), |c| theme.class(c)).patch(theme.heading());
    let indent = " ".repeat((usize::from(row.depth) * 2).min(width / 3));
    let arrow = match (source.opens(row.key), app.tree.is_open(&source, row.key)) {
        (false, _) => "  ",
        (true, true) => theme.sign("▾ ", "v "),
        (true, false) => theme.sign("▸ ", "> "),
    };
    let left = 3 + indent.len() + 2;
    let room = width.saturating_sub(left + right_width + 1);
    let (name, suffix) = (source.name(row.key, row.joined), suffix(app, row.key));
    let name = theme.spell(&name);
    let suffix = if text::width(&suffix) + text::width(&name).min(24) <= room { suffix } else { String::new() };
    let name = text::middle(&name, room.saturating_sub(text::width(&suffix)), theme.cut());
    let blanks = " ".repeat(room.saturating_sub(text::width(&name) + text::width(&suffix)) + 1);
    let mut out = Line::from(vec![
        Span::styled(mark, mark_style),
        Span::styled(sign, sign_style),
        Span::raw(format!(" {indent}")),
        Span::styled(arrow, theme.faint()),
    ]);
    out.spans.extend(self::name(app, row, name, class));
    out.push_span(Span::styled(suffix, theme.faint()));
    out.push_span(Span::raw(blanks));
    out.spans.extend(right);
    out
}

/// The name, with the letters that matched the filter set apart.
fn name(app: &App, row: Row, name: String, class: Option<Class>) -> Vec<Span<'static>> {
    let plain = name_style(app, row, class);
    let Some(filter) = app.filter.as_ref().filter(|f| !f.is_empty() && f.is_hit(row.key)) else { return vec![Span::styled(name, plain)] };
    let letters = filter.letters(&name);
    if letters.is_empty() {
        // What matched is not on the screen: the name was cut, or stands for another.
        return vec![Span::styled(name, app.theme().found())];
    }
    let mut out: Vec<Span<'static>> = Vec::new();
    for (at, letter) in name.graphemes(true).enumerate() {
        let style = if letters.binary_search(&at).is_ok() { app.theme().found() } else { plain };
        match out.last_mut().filter(|s| s.style == style) {
            Some(last) => last.content.to_mut().push_str(letter),
            None => out.push(Span::styled(letter.to_owned(), style)),
        }
    }
    out
}

fn name_style(app: &App, row: Row, class: Option<Class>) -> Style {
    let theme = app.theme();
    match (row.key, class) {
        (Key::Class(c), _) => theme.class(c).patch(theme.heading()),
        (Key::Tool(_) | Key::Session(..) | Key::Group(_) | Key::Loose(..), _) => theme.heading(),
        _ => theme.text(),
    }
}

/// Marked, inside something marked, never to be marked, or nothing.
fn mark(app: &App, key: Key) -> (&'static str, Style) {
    let theme = app.theme();
    if app.marks.has(key) {
        (theme.sign("●", "*"), theme.mark())
    } else if app.marks.covers(key, &app.catalog, &app.index) {
        (theme.sign("•", "+"), theme.mark())
    } else if crate::tui::marks::refusal(key, &app.catalog).is_some() {
        (theme.sign("×", "x"), theme.faint())
    } else {
        (" ", theme.text())
    }
}

fn suffix(app: &App, key: Key) -> String {
    let dot = app.theme().dot();
    match key {
        Key::Session(..) if app.tree.grouping == Grouping::Life => String::new(),
        Key::Session(_, s) | Key::GroupSession(_, s) => {
            let session = app.catalog.session(s);
            let live = if session.live.is_some() { format!(" {dot} in use") } else { String::new() };
            let archived = if session.archived { format!(" {dot} archived") } else { String::new() };
            let several = app.tree.grouping == Grouping::Class && app.index.tools.len() > 1;
            let tool = session.store.filter(|_| several).map_or(String::new(), |s| format!(" {dot} {}", app.catalog.store(s).title));
            format!("{tool}{live}{archived}")
        }
        Key::Node(_, id) => {
            let node = app.catalog.node(id);
            let words = [
                (Marks::CHECKING, "being checked"),
                (Marks::PROTECTED, "protected"),
                (Marks::LIVE, "in use"),
                (Marks::PLACEHOLDER, "in the cloud"),
                (Marks::MOUNT, "another disk"),
            ];
            let mut out: String = words.iter().filter(|w| node.marks.has(w.0)).fold(String::new(), |s, w| s + &format!(" {dot} {}", w.1));
            match node.kind {
                Kind::Symlink => out.extend([" ", dot, " link"]),
                Kind::Other => out.extend([" ", dot, " special"]),
                _ => {}
            }
            out
        }
        _ => String::new(),
    }
}

/// Age, size, bar and count, as many as the width has room for.
fn figures(app: &App, row: Row, (tally, whole): (Tally, u64), class: Option<Class>, width: usize) -> (Vec<Span<'static>>, usize) {
    let theme = app.theme();
    let source = app.source();
    let folder = source.opens(row.key);
    let mut out = Vec::new();
    let mut used = 0;
    let mut push = |text: String, style: Style| {
        used += text::width(&text);
        out.push(Span::styled(text, style));
    };
    let life = app.tree.grouping == Grouping::Life;
    if let (true, Key::Session(_, session)) = (life, row.key) {
        for (text, style) in life::columns(app, session, width) {
            push(text, style);
        }
    }
    if let Some(when) = source.changed(row.key).and_then(text::moment).filter(|_| width >= if life { 66 } else { 54 }) {
        push(text::pad(&text::age(app.now, when), 11, false), theme.faint());
    }
    let growing = matches!(app.phase, Phase::Finding | Phase::Walking) && !app.rescanning && folder;
    let size = if row.key.node().is_some_and(|id| app.catalog.node(id).marks.has(Marks::LINKED)) && tally.bytes == 0 {
        "linked".to_owned()
    } else {
        text::bytes(tally.bytes)
    };
    push(text::pad(&format!("{size}{}", if growing { "+" } else { " " }), 10, false), theme.text());
    if width >= 66 && !life {
        let columns = if width >= 100 { 12 } else { 6 };
        let share = (u128::from(tally.bytes) * 100).checked_div(u128::from(whole)).unwrap_or(0).min(100);
        let share = u8::try_from(share).unwrap_or(100);
        match class {
            Some(class) => push(theme.bar(u64::from(share), 100, columns), theme.class(class)),
            None => mixed(app, &source.totals(row.key), (usize::from(share) * columns).div_ceil(100), columns, &mut push),
        }
    }
    if width >= 44 && !life {
        let files = if folder { text::count(tally.files) } else { String::new() };
        push(text::pad(&files, 8, false), theme.faint());
    }
    push(" ".into(), theme.text());
    (out, used)
}

/// A bar of a row that holds several classes: a stretch for each, at least one column.
fn mixed(app: &App, totals: &Totals, filled: usize, columns: usize, push: &mut impl FnMut(String, Style)) {
    let theme = app.theme();
    let all = totals.all().bytes.max(1);
    let mut left = filled;
    let present: Vec<Class> = Class::ALL.into_iter().filter(|c| totals.of(*c).bytes > 0).collect();
    for (at, class) in present.iter().enumerate() {
        let part = usize::try_from(u128::from(totals.of(*class).bytes) * filled as u128 / u128::from(all)).unwrap_or(0);
        let last = at + 1 == present.len();
        let take = if last { left } else { part.max(1).min(left) };
        left -= take;
        let sign = if theme.ascii { class.sign().to_string() } else { "█".to_owned() };
        push(sign.repeat(take), theme.class(*class));
    }
    push(" ".repeat(columns - (filled - left).min(columns)), theme.text());
}

/// Why there is nothing, and what next.
fn empty(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    if !app.settled() {
        put(buffer, area, area.x + 2, area.y + 1, &Line::styled("looking for stores", theme.faint()));
        return;
    }
    let mut lines: Vec<(Style, String)> = Vec::new();
    if app.filter.as_ref().is_some_and(|f| !f.is_empty()) {
        lines.push((theme.heading(), "No name matches.".into()));
        lines.push((theme.text(), "Esc ends the filter.".into()));
    } else {
        lines.push((theme.heading(), "No sessions of a known tool were found here.".into()));
        for store in &app.catalog.stores {
            lines.push((theme.text(), String::new()));
            lines.push((theme.heading(), format!("{} in {}", store.title, app.short(&store.root))));
            lines.extend(store.notes.iter().map(|n| (theme.text(), n.clone())));
        }
        lines.push((theme.text(), String::new()));
        lines.push((
            theme.text(),
            format!("Looked below {}.", app.roots.iter().map(|r| crate::model::shown(r)).collect::<Vec<_>>().join(", ")),
        ));
        lines.push((theme.text(), "What next:".into()));
        lines.push((theme.text(), "  lifeboat demo          try it on a sample home".into()));
        lines.push((theme.text(), "  lifeboat --root DIR    look somewhere else".into()));
        lines.push((theme.text(), "  lifeboat stores        where it looks, and why".into()));
    }
    let width = (area.width as usize).saturating_sub(4);
    let wrapped = lines.into_iter().flat_map(|(style, text)| {
        let lead: String = text.chars().take_while(|c| *c == ' ').collect();
        if lead.is_empty() { text::wrap(&text, width).into_iter().map(|t| (style, t)).collect() } else { vec![(style, text)] }
    });
    for (at, (style, text)) in wrapped.take(area.height as usize).enumerate() {
        put(buffer, area, area.x + 2, area.y + 1 + u16::try_from(at).unwrap_or(0), &Line::styled(theme.spell(&text), style));
    }
}
