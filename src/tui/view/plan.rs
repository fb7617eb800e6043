//! The plan: everything that would happen, and nothing that has.

use super::{put, rule};
use crate::model::{Class, Tally};
use crate::tui::app::App;
use crate::tui::confirm::{PlanLine, PlanScreen};
use crate::tui::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the screen.
pub fn draw(app: &App, screen: &PlanScreen, area: Rect, buffer: &mut Buffer) {
    let all = screen.plan.totals.all();
    let title = format!(" Clean {} in {}", text::sized(all), text::counted(screen.plan.items.len() as u64, "item", "items"));
    head(app, &title, area, buffer);
    let lines = screen.lines();
    let width = usize::from(area.width);
    let line = |at: usize| lines.get(at).map_or_else(|| Line::raw(""), |l| self::line(app, screen, *l, width));
    let list = sheet(app, area, buffer);
    scrolled(app, (lines.len(), screen.cursor), line, list, buffer);
    let y = list.y + list.height;
    for (at, line) in promises(app, screen, width).into_iter().enumerate() {
        put(buffer, area, area.x, y + 1 + u16::try_from(at).unwrap_or(0), &line);
    }
    put(buffer, area, area.x, y + 4, &answer(app, screen));
}

/// The heading of a plan.
pub fn head(app: &App, title: &str, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let used = text::width(title);
    put(buffer, area, area.x, area.y, &Line::styled(title.to_owned(), theme.heading()));
    let room = usize::from(area.width).saturating_sub(used);
    let quiet = ["nothing has happened yet ", "nothing done yet "].into_iter().find(|q| text::width(q) < room).unwrap_or("");
    let x = area.x + area.width - u16::try_from(text::width(quiet)).unwrap_or(0);
    put(buffer, area, x, area.y, &Line::styled(quiet, theme.faint()));
    rule(app, area.y + 1, None, area, buffer);
}

/// The rules below a heading and around what is promised; gives the place of the lines between them.
pub fn sheet(app: &App, area: Rect, buffer: &mut Buffer) -> Rect {
    let foot = 7;
    let list = Rect { y: area.y + 2, height: area.height.saturating_sub(2 + foot), ..area };
    let y = list.y + list.height;
    rule(app, y, None, area, buffer);
    rule(app, y + 3, None, area, buffer);
    list
}

/// So many lines with a cursor on one of them, as many as fit.
pub fn scrolled(app: &App, (lines, cursor): (usize, usize), line: impl Fn(usize) -> Line<'static>, area: Rect, buffer: &mut Buffer) {
    let theme = app.theme();
    let height = usize::from(area.height).max(1);
    let top = (cursor + 1).saturating_sub(height);
    for at in (0..lines).skip(top).take(height) {
        let y = area.y + u16::try_from(at - top).unwrap_or(0);
        put(buffer, area, area.x, y, &line(at));
        if at == cursor {
            for x in area.x..area.x + area.width {
                let cell = &mut buffer[(x, y)];
                cell.set_style(theme.selected());
                cell.set_fg(ratatui::style::Color::Reset);
                cell.modifier.remove(ratatui::style::Modifier::DIM);
            }
        }
    }
}

fn line(app: &App, screen: &PlanScreen, line: PlanLine, width: usize) -> Line<'static> {
    let theme = app.theme();
    let arrow = |at: usize| if screen.unfolded.contains(&at) { theme.sign("▾", "v") } else { theme.sign("▸", ">") };
    match line {
        PlanLine::Group(at) => group(app, screen, at, arrow(at), width),
        PlanLine::Item(at) => {
            let Some(item) = screen.plan.items.get(at) else { return Line::raw("") };
            let path = item.path.to_path().map_or_else(|| text::harmless(&item.path.path), |p| app.short(&p));
            let size = text::sized(Tally { files: item.files, bytes: item.bytes, allocated: item.allocated });
            let size = text::pad(&size, 10, false);
            let room = width.saturating_sub(11 + text::width(&size));
            let path = text::tail(&path, room, theme.cut());
            Line::from(vec![
                Span::raw("      "),
                Span::styled(format!("{} ", item.class.sign()), theme.class(item.class).patch(theme.heading())),
                Span::raw(text::pad(&path, room, true)),
                Span::raw(format!(" {size} ")),
            ])
        }
        PlanLine::Why(item, at) => {
            let known = screen.known(item);
            Line::styled(theme.spell(&format!("        {}", known.get(at).map_or("", String::as_str))), theme.faint())
        }
        PlanLine::Skipped => {
            let mut reasons: Vec<(&str, u64)> = Vec::new();
            for skipped in &screen.plan.skipped {
                match reasons.iter_mut().find(|r| r.0 == skipped.reason) {
                    Some(known) => known.1 += 1,
                    None => reasons.push((&skipped.reason, 1)),
                }
            }
            let dot = format!(" {} ", theme.dot());
            let words: Vec<String> = reasons.iter().map(|(why, n)| format!("{} ({why})", text::counted(*n, "item", "items"))).collect();
            let words = text::fit(&text::harmless(&words.join(&dot)), width.saturating_sub(16), theme.cut());
            Line::from(vec![
                Span::styled(format!(" {} skipped  ", arrow(screen.groups.len())), theme.heading()),
                Span::raw(theme.spell(&words)),
            ])
        }
        PlanLine::SkippedItem(at) => {
            let Some(skipped) = screen.plan.skipped.get(at) else { return Line::raw("") };
            let path = skipped.path.to_path().map_or_else(|| text::harmless(&skipped.path.path), |p| app.short(&p));
            let reason = text::fit(&text::harmless(&skipped.reason), width / 2, theme.cut());
            let path = text::tail(&path, width.saturating_sub(10 + text::width(&reason)), theme.cut());
            Line::from(vec![Span::raw(format!("      {path}  ")), Span::styled(theme.spell(&reason), theme.faint())])
        }
    }
}

fn group(app: &App, screen: &PlanScreen, at: usize, arrow: &str, width: usize) -> Line<'static> {
    let theme = app.theme();
    let Some(group) = screen.groups.get(at) else { return Line::raw("") };
    let longest = screen.groups.iter().map(|g| text::width(&g.name)).max().unwrap_or(0);
    let room = longest.clamp(8, (width / 3).clamp(18, 40));
    let name = text::pad(&text::middle(&theme.spell(&group.name), room, theme.cut()), room, true);
    let style = theme.class(group.class).patch(theme.heading());
    let then = match (group.class, &group.comes_back) {
        (Class::AtRisk, _) if screen.backup => "ONLY COPY: backed up first, then moved".to_owned(),
        (Class::AtRisk, _) => "ONLY COPY".to_owned(),
        (Class::Flushed, Some(how)) => format!("{how}, checked again first"),
        (_, Some(how)) => how.clone(),
        _ => String::new(),
    };
    let then = text::on_disk(group.tally).map_or(then.clone(), |disk| format!("{disk}; {then}"));
    let figures =
        format!(" {}{} ", text::pad(&text::bytes(group.tally.bytes), 10, false), text::pad(&text::count(group.tally.files), 8, false));
    let left = width.saturating_sub(room + text::width(&figures) + 8);
    let then = text::fit(&text::harmless(&theme.spell(&then)), left, theme.cut());
    let then_style = if group.class == Class::AtRisk { theme.bad() } else { theme.text() };
    Line::from(vec![
        Span::styled(format!(" {arrow} "), theme.faint()),
        Span::styled(format!("{} ", group.class.sign()), style),
        Span::styled(name, theme.heading()),
        Span::raw(figures),
        Span::styled(format!(" {then}"), then_style),
    ])
}

/// Where it goes, and what comes first.
fn promises(app: &App, screen: &PlanScreen, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme();
    let goes = " goes to the vault on the same disk; undo with u; space comes back when the vault is emptied (P)";
    let mut out = vec![Line::raw(theme.spell(&text::fit(goes, width, "…")))];
    let tick = if screen.backup { "[x]" } else { "[ ]" };
    let to = app.short(&screen.backup_to);
    let says = if screen.backup {
        let free = screen.backup_room.map_or(String::new(), |free| format!(" of {} free there", text::bytes(free)));
        format!("  {to}, up to {}{free}, verified by reading it back; nothing moves if it fails", text::bytes(screen.backup_bytes))
    } else {
        "  off".into()
    };
    let says = text::fit(&says, width.saturating_sub(19), "…");
    let tight = screen.backup && screen.backup_room.is_some_and(|free| free < screen.backup_bytes);
    let style = if tight { theme.bad() } else { theme.text() };
    out.push(Line::from(vec![Span::raw(" backup first "), Span::styled(tick, theme.key()), Span::styled(theme.spell(&says), style)]));
    out
}

fn answer(app: &App, screen: &PlanScreen) -> Line<'static> {
    let theme = app.theme();
    let at_risk = screen.at_risk();
    if let Some(typed) = &screen.typing {
        let asks = format!(
            " {} only here would move. Type {at_risk}, then Y: ",
            text::counted(at_risk as u64, "item that exists", "items that exist")
        );
        return Line::from(vec![
            Span::styled(asks, theme.bad()),
            Span::styled(text::fit(typed.value(), 12, ""), theme.heading()),
            Span::styled(" ", theme.selected()),
        ]);
    }
    let mut line = Line::from(vec![Span::raw(" "), Span::styled("[ No, go back ]", theme.selected()), Span::raw("   ")]);
    if app.options.read_only {
        return line;
    }
    line.push_span(Span::styled("Y", theme.key()));
    line.push_span(Span::raw(" carry it out"));
    if at_risk > 0 {
        let says = format!("  ({} at risk: asks once more)", text::count(at_risk as u64));
        line.push_span(Span::styled(says, theme.bad()));
    }
    line
}

/// What the line under the cursor is, in full.
pub fn says(app: &App, screen: &PlanScreen) -> String {
    let path = |p: &crate::model::PathText| p.to_path().map_or_else(|| text::harmless(&p.path), |p| app.short(&p));
    match screen.lines().get(screen.cursor) {
        Some(PlanLine::Group(at)) => screen.groups.get(*at).map_or(String::new(), |g| match (&g.comes_back, g.class) {
            (_, Class::AtRisk) => "exists only here: after the vault is emptied no recipe makes it again".into(),
            (Some(how), _) => text::harmless(how),
            (None, _) => String::new(),
        }),
        Some(PlanLine::Item(at) | PlanLine::Why(at, _)) => screen.plan.items.get(*at).map_or(String::new(), |i| path(&i.path)),
        Some(PlanLine::Skipped) => "left alone, and why; Space lists them".into(),
        Some(PlanLine::SkippedItem(at)) => {
            screen.plan.skipped.get(*at).map_or(String::new(), |s| format!("{}: {}", path(&s.path), text::harmless(&s.reason)))
        }
        None => String::new(),
    }
}
