//! The plan in three columns: copied to, removed, kept.

use super::plan::{head, scrolled, sheet};
use super::put;
use crate::model::{Class, PathText, Tally};
use crate::rescue::Row;
use crate::tui::app::App;
use crate::tui::confirm::three::{ThreeLine, ThreeScreen};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Columns of a row: fold sign and name, and the three.
#[derive(Debug, Clone, Copy)]
struct Widths {
    name: usize,
    three: [usize; 3],
}

/// Draws the screen.
pub fn draw(app: &App, screen: &ThreeScreen, area: Rect, buffer: &mut Buffer) {
    let (rescue, theme) = (&screen.rescue, app.theme());
    let all = rescue.plan.totals.all();
    let tally = Tally { files: all.files, bytes: all.bytes, allocated: all.allocated };
    let clean = text::sized(tally);
    let title = match rescue.copies.len() as u64 {
        0 => format!(" Clean {clean}; nothing is to be copied first"),
        n => format!(" Copy {} first, then clean {clean}", text::counted(n, "file", "files")),
    };
    head(app, &title, area, buffer);
    let width = usize::from(area.width);
    let widths = widths(screen, width);
    put(buffer, area, area.x, area.y + 2, &heads(app, widths));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let lines = screen.lines();
    let line = |at: usize| lines.get(at).map_or_else(|| Line::raw(""), |l| self::line(app, screen, *l, widths, width));
    let list = sheet(app, body, buffer);
    scrolled(app, (lines.len(), screen.cursor), line, list, buffer);
    let y = list.y + list.height + 1;
    let to = screen.row().and_then(|row| row.folder.as_ref());
    let to = to.map_or_else(|| "nothing of this row is copied".to_owned(), |to| format!("copies go to {to} and are read back"));
    put(buffer, area, area.x, y, &Line::raw(theme.spell(&text::fit(&format!(" {}", text::harmless(&to)), width, "…"))));
    let goes = " then to the vault as one: u undoes it, the copies stay; space comes back when it is emptied (P)";
    put(buffer, area, area.x, y + 1, &Line::raw(theme.spell(&text::fit(goes, width, "…"))));
    let mut answer = Line::from(vec![Span::raw(" "), Span::styled("[ No, go back ]", theme.selected()), Span::raw("   ")]);
    if !app.options.read_only {
        answer.push_span(Span::styled("Y", theme.key()));
        answer.push_span(Span::raw(" carry it out"));
    }
    put(buffer, area, area.x, y + 3, &answer);
}

fn widths(screen: &ThreeScreen, width: usize) -> Widths {
    let longest = screen.rescue.rows.iter().map(|r| text::width(&r.name)).max().unwrap_or(0);
    let name = longest.clamp(7, (width / 4).clamp(12, 40));
    let rest = width.saturating_sub(name + 3);
    let removed = (rest * 30 / 100).clamp(11, 24);
    let kept = (rest * 25 / 100).clamp(8, 60);
    Widths { name, three: [rest.saturating_sub(removed + kept), removed, kept] }
}

fn heads(app: &App, widths: Widths) -> Line<'static> {
    let cells = ["copied to", "removed", "kept"].iter().zip(widths.three).enumerate();
    // A blank stands between the name and the first of them.
    let cell = |(at, (head, width)): (usize, (&&str, usize))| text::pad(&text::fit(head, width, ""), width - usize::from(at == 0), true);
    let heads: String = cells.map(cell).collect();
    Line::styled(format!("   {} {heads}", " ".repeat(widths.name)), app.theme().heading())
}

fn line(app: &App, screen: &ThreeScreen, line: ThreeLine, widths: Widths, width: usize) -> Line<'static> {
    let (rescue, theme) = (&screen.rescue, app.theme());
    match line {
        ThreeLine::Row(at) => {
            let open = screen.unfolded.contains(&at);
            let arrow = if open { theme.sign("▾", "v") } else { theme.sign("▸", ">") };
            rescue.rows.get(at).map_or_else(|| Line::raw(""), |row| self::row(app, screen, row, arrow, widths))
        }
        ThreeLine::Copy(row, at) => {
            let Some(copy) = rescue.copies.get(at) else { return Line::raw("") };
            let size = format!(" {} ", text::pad(&text::bytes(copy.bytes), 9, false));
            let room = width.saturating_sub(8 + 4 + text::width(&size));
            let from = text::tail(&inside(app, screen, row, &copy.path), room / 2, theme.cut());
            let to = text::tail(&shown(app, &copy.copy), room - text::width(&from), theme.cut());
            let gap = " ".repeat(room.saturating_sub(text::width(&from) + text::width(&to)));
            let sign = Span::styled(format!("{} ", Class::AtRisk.sign()), theme.class(Class::AtRisk).patch(theme.heading()));
            let arrow = Span::styled(theme.sign(" → ", " > "), theme.good());
            Line::from(vec![Span::raw("      "), sign, Span::raw(from), arrow, Span::raw(format!("{to}{gap}{size}"))])
        }
        ThreeLine::Item(row, at) => {
            let Some(item) = rescue.plan.items.get(at) else { return Line::raw("") };
            let size = text::sized(Tally { files: item.files, bytes: item.bytes, allocated: item.allocated });
            let size = format!(" {} ", text::pad(&size, 9, false));
            let room = width.saturating_sub(9 + text::width(&size));
            let path = text::pad(&text::tail(&inside(app, screen, row, &item.path), room, theme.cut()), room, true);
            let sign = Span::styled(format!("{} ", item.class.sign()), theme.class(item.class).patch(theme.heading()));
            Line::from(vec![Span::raw("      "), sign, Span::raw(format!("{path}{size}"))])
        }
        ThreeLine::Kept(row, at) => {
            let Some(kept) = rescue.plan.skipped.get(at) else { return Line::raw("") };
            let reason = text::fit(&text::harmless(&kept.reason), width / 2, theme.cut());
            let path = text::tail(&inside(app, screen, row, &kept.path), width.saturating_sub(17 + text::width(&reason)), theme.cut());
            Line::from(vec![
                Span::styled("      stays ", theme.faint()),
                Span::raw(format!("{path}  ")),
                Span::styled(theme.spell(&reason), theme.faint()),
            ])
        }
        ThreeLine::Note(at) => {
            let note = rescue.notes.get(at).map_or("", String::as_str);
            Line::styled(theme.spell(&text::fit(&format!("   {}", text::harmless(note)), width, theme.cut())), theme.faint())
        }
    }
}

fn row(app: &App, screen: &ThreeScreen, row: &Row, arrow: &'static str, widths: Widths) -> Line<'static> {
    let theme = app.theme();
    let [copied, removed, kept] = widths.three;
    let none = theme.sign("–", "-").to_owned();
    let figures = |n: usize, bytes: u64| format!("{} {}", text::bytes(bytes), theme.dot()) + &format!(" {}", text::count(n as u64));
    let to = match &row.folder {
        Some(folder) => {
            let figures = figures(row.copies.len(), row.copied.bytes);
            let room = copied.saturating_sub(text::width(&figures) + 5);
            let place =
                if room >= 8 { format!(" {} {}", theme.sign("→", ">"), text::tail(folder, room, theme.cut())) } else { String::new() };
            figures + &place
        }
        None => none.clone(),
    };
    let goes = if row.items.is_empty() { none.clone() } else { figures(row.items.len(), row.removed.bytes) };
    let stays = match row.kept.first().and_then(|at| screen.rescue.plan.skipped.get(*at)) {
        Some(first) if row.kept.len() == 1 => format!("1 {} {}", theme.dot(), first.reason),
        Some(_) => format!("{} stay", text::count(row.kept.len() as u64)),
        None => none,
    };
    let cell = |words: &str, width: usize| {
        text::pad(&text::fit(&text::harmless(&theme.spell(words)), width.saturating_sub(1), theme.cut()), width, true)
    };
    let name = text::pad(&text::middle(&text::harmless(&theme.spell(&row.name)), widths.name, theme.cut()), widths.name, true);
    Line::from(vec![
        Span::styled(format!(" {arrow} "), theme.faint()),
        Span::styled(name, theme.heading()),
        Span::raw(" "),
        Span::styled(cell(&to, copied.saturating_sub(1)), theme.good()),
        Span::raw(cell(&goes, removed)),
        Span::styled(cell(&stays, kept), theme.faint()),
    ])
}

fn shown(app: &App, path: &PathText) -> String {
    path.to_path().map_or_else(|| text::harmless(&path.path), |p| app.short(&p))
}

/// A path below the folder of its row's session.
fn inside(app: &App, screen: &ThreeScreen, row: usize, path: &PathText) -> String {
    let dir = screen.rescue.rows.get(row).and_then(|row| row.dir.as_deref());
    let below = path.to_path().and_then(|p| p.strip_prefix(dir?).ok().map(crate::model::shown));
    below.filter(|below| !below.is_empty()).unwrap_or_else(|| shown(app, path))
}

/// What the line under the cursor is, in full.
pub fn says(app: &App, screen: &ThreeScreen) -> String {
    let rescue = &screen.rescue;
    let said = match screen.lines().get(screen.cursor) {
        Some(ThreeLine::Row(_)) => screen.row().map(|row| {
            let kept = if row.kept.is_empty() { String::new() } else { format!("; {} stay, Space says why", row.kept.len()) };
            format!(
                "{} copied, {} removed{kept}",
                text::counted(row.copies.len() as u64, "file", "files"),
                text::counted(row.items.len() as u64, "item", "items")
            )
        }),
        Some(ThreeLine::Copy(_, at)) => rescue.copies.get(*at).map(|c| format!("{} to {}", shown(app, &c.path), shown(app, &c.copy))),
        Some(ThreeLine::Item(_, at)) => rescue.plan.items.get(*at).map(|i| {
            let back = i.comes_back.as_ref().map_or(String::new(), |how| format!(": {}", text::harmless(how)));
            shown(app, &i.path) + &back
        }),
        Some(ThreeLine::Kept(_, at)) => {
            rescue.plan.skipped.get(*at).map(|s| format!("{}: {}", shown(app, &s.path), text::harmless(&s.reason)))
        }
        Some(ThreeLine::Note(at)) => rescue.notes.get(*at).map(|n| text::harmless(n)),
        None => None,
    };
    said.unwrap_or_default()
}
