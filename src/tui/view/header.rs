//! The top of the screen: stores and free space, the three totals, how the tree is ordered and what the scan does.

use super::put;
use crate::model::{Class, Held};
use crate::scan::Phase;
use crate::tui::app::App;
use crate::tui::rows::{Grouping, Sort};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the three lines.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let width = area.width as usize;
    let free = free(app);
    both(area.y, &title(app, width.saturating_sub(free.width() + 2)), &free, area, buffer);
    put(buffer, area, area.x, area.y + 1, &totals(app, width));
    both(area.y + 2, &order(app), &scan(app), area, buffer);
}

/// A line with a left and a right part; where both do not fit, the left is cut.
fn both(y: u16, left: &Line<'static>, right: &Line<'static>, area: Rect, buffer: &mut Buffer) {
    let right_width = u16::try_from(right.width()).unwrap_or(0).min(area.width);
    let room = area.width.saturating_sub(right_width + 2);
    buffer.set_line(area.x, y, left, room);
    put(buffer, area, area.x + area.width - right_width.min(area.width), y, right);
}

fn title(app: &App, room: usize) -> Line<'static> {
    let theme = app.theme();
    let mut line = Line::from(vec![Span::raw(" "), Span::styled("lifeboat", theme.brand()), Span::raw("   ")]);
    if app.index.tools.len() > 1 {
        budget(app, &mut line, room);
        return line;
    }
    let mut names: Vec<(&'static str, u64)> = Vec::new();
    for (at, store) in app.catalog.stores.iter().enumerate() {
        let sessions = app.catalog.sessions.iter().filter(|s| s.store.is_some_and(|s| usize::from(s.0) == at)).count() as u64;
        match names.iter_mut().find(|n| n.0 == store.title) {
            Some(known) => known.1 += sessions,
            None => names.push((store.title, sessions)),
        }
    }
    for (at, (name, sessions)) in names.into_iter().enumerate() {
        let dot = if at == 0 { String::new() } else { format!(" {} ", theme.dot()) };
        line.push_span(Span::raw(format!("{dot}{name} {}", text::counted(sessions, "session", "sessions"))));
    }
    if app.options.read_only {
        line.push_span(Span::styled(format!(" {} read only", theme.dot()), theme.heading()));
    }
    line
}

/// What all tools take together, and each of them, the largest first, as many as there is room for.
fn budget(app: &App, line: &mut Line<'static>, room: usize) {
    let theme = app.theme();
    let mut tools: Vec<(&str, u64)> = app.index.tools.iter().map(|(l, t)| (app.labels.name(*l), t.totals.all().bytes)).collect();
    tools.sort_by_key(|(name, bytes)| (std::cmp::Reverse(*bytes), *name));
    let whole = text::bytes(app.catalog.grand_totals().all().bytes);
    let words = [format!("agents use {whole}"), format!("in all {whole}")];
    let fitting = words.into_iter().find(|w| line.width() + text::width(w) <= room).unwrap_or(whole);
    line.push_span(Span::styled(fitting, theme.heading()));
    for (at, (name, bytes)) in tools.into_iter().enumerate() {
        let before = if at == 0 { ":".to_owned() } else { format!(" {}", theme.dot()) };
        let words = format!("{before} {name} {}", text::bytes(bytes));
        if line.width() + text::width(&words) + 2 > room {
            if at > 0 {
                line.push_span(Span::raw(format!(" {}", theme.cut())));
            }
            break;
        }
        line.push_span(Span::raw(words));
    }
    if app.options.read_only {
        line.push_span(Span::styled(format!(" {} read only", theme.dot()), theme.heading()));
    }
}

fn free(app: &App) -> Line<'static> {
    let held = Held::by(&app.history);
    let mut line = Line::raw("");
    if held.items > 0 {
        line.push_span(Span::styled(format!("vault {}", text::bytes(held.allocated)), app.theme().heading()));
        line.push_span(Span::raw(if app.free.is_some() { format!(" {} ", app.theme().dot()) } else { " ".into() }));
    }
    if let Some((free, all)) = app.free {
        let of = if app.size.0 < 80 && held.items > 0 { String::new() } else { format!(" of {}", text::bytes(all)) };
        line.push_span(Span::raw(format!("free {}{of} ", text::bytes(free))));
    }
    line
}

fn totals(app: &App, width: usize) -> Line<'static> {
    let theme = app.theme();
    let totals = app.catalog.grand_totals();
    let figures: Vec<(Class, String)> =
        Class::ALL.iter().map(|c| (*c, format!("{} {} {}", c.sign(), c.label(), text::bytes(totals.of(*c).bytes)))).collect();
    let used: usize = figures.iter().map(|f| text::width(&f.1) + 3).sum::<usize>() + 1;
    let room = width.saturating_sub(used + 9).min(90);
    let whole = totals.all().bytes;
    let mut line = Line::raw(" ");
    for (class, words) in figures {
        line.push_span(Span::styled(words, theme.class(class).patch(theme.heading())));
        let bytes = totals.of(class).bytes;
        let columns = if whole == 0 { 0 } else { usize::try_from(u128::from(bytes) * room as u128 / u128::from(whole)).unwrap_or(0) };
        if room >= 12 && bytes > 0 {
            let bar = theme.sign("█", "#").repeat(columns.max(1));
            line.push_span(Span::styled(format!(" {}", theme.sign("▕", "[")), theme.faint()));
            line.push_span(Span::styled(bar, theme.class(class)));
            line.push_span(Span::styled(theme.sign("▏", "]"), theme.faint()));
        }
        line.push_span(Span::raw(if used > width { "  " } else { "   " }));
    }
    line
}

fn order(app: &App) -> Line<'static> {
    let theme = app.theme();
    let grouping = match app.tree.grouping {
        Grouping::Class => "by class",
        Grouping::Session if app.index.tools.len() > 1 => "by tool and session",
        Grouping::Session => "by session",
        Grouping::Life if app.size.0 < 80 => "what becomes of them",
        Grouping::Life => "sessions and what becomes of them",
    };
    let sort = match app.tree.sort {
        Sort::Size => "size ↓",
        Sort::Age => "oldest first",
        Sort::Class => "class",
        Sort::Name => "name",
        Sort::Count => "files ↓",
        Sort::Due => "next to go first",
    };
    let mut line = Line::raw(theme.spell(&format!(" {grouping} · {sort}")));
    if let Some(filter) = &app.filter {
        line.push_span(Span::raw("    "));
        line.push_span(Span::styled("/", theme.key()));
        line.push_span(Span::styled(filter.input.value().to_owned(), theme.heading()));
        if filter.editing {
            line.push_span(Span::styled(" ", theme.selected()));
        }
        if !filter.is_empty() {
            let more = if filter.is_pending(&app.catalog) { theme.cut() } else { "" };
            let all = app.catalog.len() as u64;
            line.push_span(Span::raw(format!(
                "  {}{more} of {} match, {} hidden",
                text::count(filter.hits),
                text::count(all),
                text::count(all.saturating_sub(filter.shown))
            )));
        }
    }
    line
}

fn scan(app: &App) -> Line<'static> {
    let theme = app.theme();
    let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    let frame = usize::try_from(app.clock.as_millis() / 120).unwrap_or(0) % frames.len();
    let spinner = if app.options.ascii { "" } else { frames[frame] };
    let files = app.catalog.grand_totals().all().files;
    let again = if app.rescanning { "looking again: " } else { "" };
    let words = match app.phase {
        Phase::Finding => format!("{spinner} {again}looking for stores"),
        Phase::Walking if app.rescanning => format!("{spinner} {again}walking"),
        Phase::Walking => format!("{spinner} walking {} {} files", theme.cut(), text::count(files)),
        Phase::Checking(done, all) => {
            format!("{spinner} {again}checking {} of {}", text::count(done as u64), text::count(all as u64))
        }
        Phase::Stopped => "scan stopped: what was not checked counts as at risk".into(),
        Phase::Done => format!("{} {} {:.1} s", text::counted(files, "file", "files"), theme.dot(), app.elapsed.as_secs_f64()),
    };
    let hint = if app.settled() { " " } else { "   x stops it " };
    Line::raw(format!("{words}{hint}"))
}
