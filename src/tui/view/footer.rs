//! The bottom of the screen: what is marked, running or just done; then the keys that count here.

use super::put;
use crate::model::Class;
use crate::tui::app::{App, Screen, Work};
use crate::tui::commands::{self, Command};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::fmt::Write as _;

/// Draws both lines.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let y = area.y + area.height;
    put(buffer, area, area.x, y - 2, &status(app, area.width as usize));
    put(buffer, area, area.x, y - 1, &keys(app, area.width as usize));
}

/// A notice, else the work that runs, else how the last one ended, else the marks.
fn status(app: &App, width: usize) -> Line<'static> {
    let theme = app.theme();
    let cut = |words: &str| theme.spell(&text::fit(&format!(" {words}"), width.saturating_sub(1), "…"));
    if let Some(toast) = &app.toast {
        return Line::styled(cut(&toast.text), if toast.loud { theme.bad() } else { theme.heading() });
    }
    if let Some(work) = &app.work {
        return work_line(app, work, width);
    }
    if app.planning {
        return Line::styled(cut("making the plan…"), theme.heading());
    }
    if let Screen::Plan(screen) = &app.screen {
        let says = text::tail(&super::plan::says(app, screen), width.saturating_sub(2), "…");
        return Line::styled(theme.spell(&format!(" {says}")), theme.faint());
    }
    if let Screen::Three(screen) = &app.screen {
        let says = text::tail(&super::three::says(app, screen), width.saturating_sub(2), "…");
        return Line::styled(theme.spell(&format!(" {says}")), theme.faint());
    }
    if let (Screen::Seek, Some(seek)) = (&app.screen, &app.seek) {
        let says = text::fit(&super::seek::says(seek), width.saturating_sub(2), "…");
        return Line::styled(theme.spell(&format!(" {says}")), theme.faint());
    }
    if let Screen::Tend(screen) = &app.screen {
        let says = text::tail(&super::tend::says(app, screen), width.saturating_sub(2), "…");
        return Line::styled(theme.spell(&format!(" {says}")), theme.faint());
    }
    if let Some(reading) = app.reading.as_ref().filter(|_| matches!(app.screen, Screen::Reader)) {
        return super::reader::status(app, reading);
    }
    let mut line = Line::raw(" ");
    if !app.marks.is_empty() {
        line.push_span(Span::styled(theme.sign("● ", "* "), theme.mark()));
        let totals = app.marks.totals;
        line.push_span(Span::styled(format!("{} marked", text::count(app.marks.len() as u64)), theme.heading()));
        for class in Class::ALL.into_iter().filter(|c| totals.of(*c).files > 0) {
            let words = format!(" {} {} {} {}", theme.dot(), class.sign(), text::sized(totals.of(class)), class.label());
            line.push_span(Span::styled(words, theme.class(class)));
        }
        return line;
    }
    if let Some((done, good)) = &app.done {
        let style = if *good { theme.good() } else { theme.bad() };
        let more = if app.problems.is_empty() {
            String::new()
        } else {
            format!(" · {} · E", text::counted(app.problems.len() as u64, "note", "notes"))
        };
        return Line::styled(cut(&format!("{done}{more}")), style);
    }
    let errors = app.catalog.errors.len() + app.problems.len();
    if errors > 0 {
        line.push_span(Span::raw(
            theme.spell(&format!("{} could not be read · E lists them", text::counted(errors as u64, "path", "paths"))),
        ));
    } else if app.options.read_only {
        line.push_span(Span::styled("read only: nothing here can change anything", theme.faint()));
    } else {
        line.push_span(Span::styled("nothing is removed without a plan that you see first", theme.faint()));
    }
    line
}

fn work_line(app: &App, work: &Work, width: usize) -> Line<'static> {
    let theme = app.theme();
    let p = &work.progress;
    let (part, whole) = match (p.bytes_total, p.files_total) {
        (Some(whole), _) if whole > 0 => (p.bytes, whole),
        (_, Some(whole)) => (p.files, whole),
        _ => (0, 0),
    };
    let mut words = match p.bytes_total {
        Some(whole) => format!("{} of {}", text::bytes(p.bytes), text::bytes(whole)),
        None if p.bytes > 0 => text::bytes(p.bytes),
        None => String::new(),
    };
    if p.files > 0 {
        let _ = write!(words, " {} {}", theme.dot(), text::counted(p.files, "file", "files"));
    }
    if p.skipped > 0 {
        let _ = write!(words, " {} {} skipped", theme.dot(), text::count(p.skipped));
    }
    let since = app.clock.saturating_sub(work.since);
    let spent = since.as_secs();
    if spent >= 2 && p.bytes > 0 {
        let rate = u128::from(p.bytes) * 1000 / since.as_millis().max(1);
        let _ = write!(words, " {} {}/s", theme.dot(), text::bytes(u64::try_from(rate).unwrap_or(u64::MAX)));
    }
    if whole > part && part > 0 && spent >= 2 {
        let left = u128::from(spent) * u128::from(whole - part) / u128::from(part);
        let _ = write!(words, " {} {}:{:02} left", theme.dot(), left / 60, left % 60);
    } else if spent >= 2 {
        let _ = write!(words, " {} {}:{:02}", theme.dot(), spent / 60, spent % 60);
    }
    let stop = if work.stopping { "stopping after the item in hand " } else { "x cancel " };
    let verb = if p.verb.is_empty() { "Working" } else { p.verb };
    let columns = width.saturating_sub(text::width(verb) + text::width(&words) + stop.len() + 8).min(30);
    let mut line = Line::from(vec![Span::styled(format!(" {verb} "), theme.heading())]);
    if whole > 0 && columns >= 6 {
        line.push_span(Span::styled(theme.sign("▕", "["), theme.faint()));
        line.push_span(Span::styled(theme.bar(part.min(whole), whole, columns), theme.good()));
        line.push_span(Span::styled(theme.sign("▏", "]"), theme.faint()));
    }
    line.push_span(Span::raw(format!(" {words}")));
    let gap = width.saturating_sub(line.width() + stop.len());
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(Span::styled(stop, theme.key()));
    line
}

/// The keys that count here, the most wanted first, as many as fit. What cannot be used now is dim.
fn keys(app: &App, width: usize) -> Line<'static> {
    let theme = app.theme();
    if app.filter.as_ref().is_some_and(|f| f.editing) && matches!(app.screen, Screen::Main) {
        return hints(app, &[("type", "to narrow"), ("Enter", "keep"), ("Esc", "end")]);
    }
    if matches!(app.screen, Screen::Reader) && app.reading.as_ref().and_then(|r| r.search.as_ref()).is_some_and(|s| s.editing) {
        return hints(app, &[("type", "to search"), ("↓ ↑", "next, before"), ("Enter", "keep"), ("Esc", "end")]);
    }
    if matches!(app.screen, Screen::Seek) {
        return hints(app, &[("type", "to find"), ("↓ ↑", "places"), ("Enter", "read it"), ("Tab", "tool output"), ("Esc", "close")]);
    }
    if app.is_typing() {
        return hints(app, &[("digits", "the number at risk"), ("Y", "carry it out"), ("Esc", "go back")]);
    }
    if matches!(app.screen, Screen::Help(_, Some(_))) {
        return hints(app, &[("type", "to narrow"), ("Enter", "close"), ("Esc", "all keys")]);
    }
    if matches!(app.screen, Screen::Palette(..)) {
        return hints(app, &[("type", "to narrow"), ("Enter", "do it"), ("Esc", "close")]);
    }
    let mut shown: Vec<&Command> = commands::commands(app, commands::place(app)).filter(|c| c.footer > 0).collect();
    shown.sort_by_key(|c| c.footer);
    let cost = |c: &Command| text::width(&theme.spell(c.shown)) + text::width(c.title) + 3;
    let help = shown.iter().find(|c| c.footer == 255).copied();
    let mut room = width.saturating_sub(2 + help.map_or(0, cost));
    let mut line = Line::raw(" ");
    let mut taken: Vec<&Command> = Vec::new();
    for command in shown.into_iter().filter(|c| c.footer < 255) {
        if cost(command) > room {
            continue;
        }
        room -= cost(command);
        taken.push(command);
    }
    for command in taken.into_iter().chain(help) {
        let usable = commands::available(app, command).is_ok();
        let (key, title) = if usable { (theme.key(), theme.text()) } else { (theme.faint(), theme.faint()) };
        line.push_span(Span::styled(theme.spell(command.shown), key));
        line.push_span(Span::styled(format!(" {}  ", theme.spell(command.title)), title));
    }
    line
}

fn hints(app: &App, hints: &[(&'static str, &'static str)]) -> Line<'static> {
    let theme = app.theme();
    let mut line = Line::raw(" ");
    for (key, says) in hints {
        line.push_span(Span::styled(theme.spell(key), theme.key()));
        line.push_span(Span::raw(format!(" {says}  ")));
    }
    line
}
