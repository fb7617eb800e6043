//! What is known about the row under the cursor: what it is, why it has its class, what if it goes, what is in it.

use crate::model::{Catalog, Class, Kind, Marks, NodeId, SessionIx};
use crate::tui::app::App;
use crate::tui::key::Key;
use crate::tui::preview::Tone;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::view::layout;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Children of a folder that are looked at for its largest.
const LOOKED_AT: usize = 20_000;

/// Draws the pane.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let lines = lines(app, area.width as usize);
    let top = app.detail_top.min(lines.len().saturating_sub(1));
    for (at, line) in lines.iter().skip(top).take(area.height as usize).enumerate() {
        buffer.set_line(area.x, area.y + u16::try_from(at).unwrap_or(0), line, area.width);
    }
    if lines.len() > top + area.height as usize && area.height > 1 {
        let theme = app.theme();
        let more = format!(" {} more ", lines.len() - top - area.height as usize + 1);
        let more = format!("{}{}", theme.sign("↓", "v"), more);
        let width = u16::try_from(text::width(&more)).unwrap_or(0).min(area.width);
        let y = area.y + area.height - 1;
        buffer.set_string(area.x, y, " ".repeat(area.width as usize), Style::reset());
        buffer.set_string(area.x + area.width - width, y, more, theme.faint());
    }
}

/// How far the pane can be scrolled.
pub fn most_scroll(app: &App) -> usize {
    let (_, Some(area)) = layout::panes(app) else { return 0 };
    lines(app, area.width as usize).len().saturating_sub(area.height as usize)
}

/// Lines being written.
struct Page {
    theme: Theme,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Page {
    fn blank(&mut self) {
        self.lines.push(Line::raw(""));
    }
    fn heading(&mut self, text: &str) {
        self.blank();
        self.lines.push(Line::styled(text.to_owned(), self.theme.heading()));
    }
    /// A wrapped paragraph, indented by two.
    fn says(&mut self, said: &str, style: Style) {
        let said = self.theme.spell(said);
        for (at, line) in text::wrap(&text::harmless(&said), self.width.saturating_sub(4)).into_iter().enumerate() {
            self.lines.push(Line::styled(format!("{}{line}", if at == 0 { "  " } else { "    " }), style));
        }
    }
    fn fact(&mut self, name: &str, value: &str) {
        let value = self.theme.spell(value);
        let room = self.width.saturating_sub(12).max(8);
        for (at, part) in text::wrap(&value, room).into_iter().enumerate() {
            let name = if at == 0 { text::pad(name, 10, true) } else { " ".repeat(10) };
            self.lines.push(Line::from(vec![Span::styled(format!("  {name}"), self.theme.faint()), Span::raw(part)]));
        }
    }
}

/// The pane's lines for this width.
pub fn lines(app: &App, width: usize) -> Vec<Line<'static>> {
    let mut page = Page { theme: app.theme(), width, lines: Vec::new() };
    let Some(key) = app.current() else { return page.lines };
    title(app, key, &mut page);
    match key {
        Key::Class(class) => overview(app, class, &mut page),
        Key::Tool(label) => tool(app, app.labels.name(label), &mut page),
        Key::Session(_, s) => session(app, s, &mut page),
        Key::GroupSession(_, s) => {
            session(app, s, &mut page);
            group(app, key, &mut page);
        }
        Key::Group(_) | Key::Loose(..) => group(app, key, &mut page),
        Key::Node(_, id) => node(app, id, &mut page),
    }
    page.lines
}

fn title(app: &App, key: Key, page: &mut Page) {
    let theme = app.theme();
    let source = app.source();
    let totals = source.totals(key);
    let class = key.class().or_else(|| Class::ALL.into_iter().find(|c| totals.of(*c) == totals.all() && totals.all().files > 0));
    let word = class.map_or("mixed", Class::label);
    let style = class.map_or(theme.heading(), |c| theme.class(c).patch(theme.heading()));
    let sign = class.map_or(String::new(), |c| format!("{} ", c.sign()));
    let room = page.width.saturating_sub(text::width(word) + text::width(&sign) + 2);
    let row = app.tree.current().map_or(0, |r| r.joined);
    let name = text::middle(&theme.spell(&source.name(key, row)), room, theme.cut());
    let gap = " ".repeat(page.width.saturating_sub(text::width(&name) + text::width(word) + text::width(&sign)));
    page.lines.push(Line::from(vec![
        Span::styled(sign, style),
        Span::styled(name, theme.heading()),
        Span::raw(gap),
        Span::styled(word, style),
    ]));
    let tally = totals.all();
    let files = if source.opens(key) { format!(" · {}", text::counted(tally.files, "file", "files")) } else { String::new() };
    let size = format!("{}{files} · {} on disk", text::bytes(tally.bytes), text::bytes(tally.allocated));
    page.lines.push(Line::styled(theme.spell(&format!("  {size}")), theme.text()));
    if class.is_none() {
        for class in Class::ALL.into_iter().filter(|c| totals.of(*c).files > 0) {
            let of = totals.of(class);
            let words = format!(
                "  {} {} {} in {}",
                class.sign(),
                text::pad(class.label(), 11, true),
                text::bytes(of.bytes),
                text::counted(of.files, "file", "files")
            );
            page.lines.push(Line::styled(words, theme.class(class)));
        }
    }
}

fn overview(app: &App, class: Class, page: &mut Page) {
    let says = match class {
        Class::AtRisk => "The only known copy, or nothing is known about it. What is still being checked counts here.",
        Class::Flushed => {
            "A proven copy is in your own folders: the same file, or the same bytes. It is proven again right before anything moves."
        }
        Class::Rebuildable => "It comes back without you: a marker and a recipe say how. Open a row for both.",
    };
    page.heading("What this means");
    page.says(says, page.theme.text());
    app.catalog.stores.iter().for_each(|s| store(app, s, page));
    page.blank();
    page.says("Nothing is removed without a plan that you see and agree to. ? lists the keys.", page.theme.faint());
}

/// A tool: its stores, and how many of its sessions are archived, in use, or will be removed by it.
fn tool(app: &App, title: &str, page: &mut Page) {
    for (at, one) in app.catalog.stores.iter().enumerate().filter(|(_, s)| s.title == title) {
        store(app, one, page);
        let own = || app.catalog.sessions.iter().filter(|s| s.store.is_some_and(|s| usize::from(s.0) == at));
        let week = app.now.as_second() + 7 * 86_400;
        let counts = [
            ("sessions", own().count()),
            ("archived", own().filter(|s| s.archived).count()),
            ("in use", own().filter(|s| s.live.is_some()).count()),
            ("go soon", own().filter(|s| s.deadline.is_some_and(|d| d.as_second() < week)).count()),
        ];
        for (name, count) in counts.into_iter().filter(|(name, count)| *count > 0 || *name == "sessions") {
            page.fact(name, &text::count(count as u64));
        }
    }
}

fn store(app: &App, store: &crate::model::Store, page: &mut Page) {
    page.heading(store.title);
    page.fact("root", &app.short(&store.root));
    page.fact("layout", &store.layout);
    if let Some(live) = &store.live {
        page.fact("running", live);
    }
    for note in &store.notes {
        page.says(note, page.theme.text());
    }
}

fn session(app: &App, ix: SessionIx, page: &mut Page) {
    let Some(session) = app.catalog.sessions.get(ix.index()) else { return };
    page.heading("Session");
    page.fact("id", &session.id);
    if let Some(store) = session.store {
        page.fact("of", app.catalog.store(store).title);
    }
    for (name, when) in [("began", session.started), ("last", session.last_active)] {
        if let Some(when) = when {
            page.fact(name, &format!("{} · {}", text::exact(when), text::age(app.now, when)));
        }
    }
    if let Some(at) = session.deadline {
        page.fact("goes", &format!("{} · {}", text::exact(at), super::life::until(app.now, at)));
    }
    if session.archived {
        page.fact("archived", "in its tool; that deletes nothing");
    }
    if let Some(model) = &session.model {
        page.fact("model", model);
    }
    for folder in &session.folders {
        page.fact("folder", &app.short(folder));
    }
    if let Some(live) = &session.live {
        page.heading("In use, so never selected");
        page.says(live, page.theme.text());
    }
    if !session.notes.is_empty() {
        page.heading("Worth knowing");
        for note in &session.notes {
            page.says(note, page.theme.text());
        }
    }
    if let Some(dir) = &session.dir {
        page.heading("Where");
        page.says(&app.short(dir), page.theme.text());
        page.blank();
        page.says("t reads the conversation here", page.theme.faint());
    }
}

/// Of a group: what holds for all that is in it, and its largest.
fn group(app: &App, key: Key, page: &mut Page) {
    let nodes: Vec<NodeId> = crate::tui::marks::chosen(key, &app.catalog, &app.index).into_iter().map(|c| c.node).take(LOOKED_AT).collect();
    let Some(first) = nodes.first().copied() else { return };
    let reason = |id: NodeId| app.catalog.verdict(id).evidence.first().map(|e| e.rule.clone());
    if nodes.iter().all(|n| reason(*n) == reason(first) && key.class().is_none_or(|c| app.catalog.node(*n).class == c)) {
        why(&app.catalog, first, page);
        comes_back(&app.catalog, first, page);
        page.heading(if nodes.len() == 1 { "Where" } else { "For example" });
        page.says(&app.short(&app.catalog.path(first)), page.theme.text());
    } else {
        page.heading("Why");
        page.says("not one reason for all of it: open it and see each", page.theme.text());
    }
    if nodes.len() > 1 {
        biggest(app, nodes.into_iter(), page);
    }
}

fn node(app: &App, id: NodeId, page: &mut Page) {
    let node = app.catalog.node(id);
    if let Some(when) = text::moment(node.mtime_ns) {
        page.fact("changed", &format!("{} · {}", text::exact(when), text::age(app.now, when)));
    }
    match node.kind {
        Kind::Symlink => page.fact("kind", "link; never followed"),
        Kind::Other => page.fact("kind", "not a file or folder; never opened"),
        _ => {}
    }
    if node.nlink > 1 && node.kind != Kind::Dir {
        page.fact("names", &format!("{} names share these bytes", node.nlink));
    }
    marks(app, id, page);
    if let Some(rebuilt) = app.tested.told(&app.catalog, id) {
        page.fact("recipe", &rebuilt);
    }
    if node.kind != Kind::Dir || node.marks.has(Marks::UNIT) {
        why(&app.catalog, id, page);
        comes_back(&app.catalog, id, page);
    }
    page.heading("Where");
    page.says(&app.short(&app.catalog.path(id)), page.theme.text());
    if node.kind == Kind::Dir {
        biggest(app, app.catalog.children(id), page);
    } else {
        preview(app, page);
    }
}

fn marks(app: &App, id: NodeId, page: &mut Page) {
    let node = app.catalog.node(id);
    if let Some(why) = app.catalog.live_because(id) {
        page.fact("in use", &format!("{why}; never selected"));
    }
    let words = [
        (Marks::PROTECTED, "protected", "a secret, a setting or structure the app needs; never selected"),
        (Marks::PLACEHOLDER, "cloud", "the content is in a cloud, not here; never opened"),
        (Marks::MOUNT, "mount", "another disk is mounted here; never entered"),
        (Marks::LINKED, "linked", "its bytes are counted under another name"),
    ];
    for (_, name, says) in words.iter().filter(|w| node.marks.has(w.0)) {
        page.fact(name, says);
    }
}

fn why(catalog: &Catalog, id: NodeId, page: &mut Page) {
    page.heading("Why");
    if catalog.node(id).marks.has(Marks::CHECKING) {
        page.says("not checked yet; until then it counts as at risk", page.theme.text());
    }
    let evidence = &catalog.verdict(id).evidence;
    for (at, fact) in evidence.iter().enumerate() {
        page.says(&fact.says, page.theme.text());
        if evidence.get(at + 1).is_none_or(|next| next.rule != fact.rule) {
            page.lines.push(Line::styled(format!("    {}", fact.rule), page.theme.faint()));
        }
    }
}

fn comes_back(catalog: &Catalog, id: NodeId, page: &mut Page) {
    page.heading("If it goes");
    let verdict = catalog.verdict(id);
    match &verdict.comes_back {
        Some(how) if verdict.class != Class::AtRisk => page.says(how, page.theme.text()),
        _ => page.says("it is gone; no recipe makes it again", page.theme.class(Class::AtRisk)),
    }
}

fn biggest(app: &App, nodes: impl Iterator<Item = NodeId>, page: &mut Page) {
    let class = app.current().and_then(Key::class);
    let bytes = |c: NodeId| class.map_or_else(|| app.catalog.totals(c).all(), |k| app.catalog.totals(c).of(k)).bytes;
    let mut children: Vec<(u64, NodeId)> = nodes.take(LOOKED_AT).map(|c| (bytes(c), c)).filter(|c| c.0 > 0).collect();
    children.sort_unstable_by_key(|c| std::cmp::Reverse(c.0));
    if children.is_empty() {
        return;
    }
    page.heading("Largest in it");
    for (bytes, child) in children.into_iter().take(6) {
        let size = text::pad(&text::bytes(bytes), 10, false);
        let name = crate::model::shown_name(&app.catalog.name(child));
        let name = text::middle(&name, page.width.saturating_sub(14), page.theme.cut());
        page.lines.push(Line::from(vec![Span::raw(format!("{size}  ")), Span::raw(name)]));
    }
}

fn preview(app: &App, page: &mut Page) {
    let key = app.current();
    let Some((_, preview)) = app.preview.as_ref().filter(|(of, _)| Some(*of) == key) else { return };
    page.blank();
    let gap = " ".repeat(page.width.saturating_sub(7 + text::width(&preview.title)));
    let title = page.theme.spell(&preview.title);
    page.lines.push(Line::from(vec![
        Span::styled("Preview", page.theme.heading()),
        Span::raw(gap),
        Span::styled(title, page.theme.faint()),
    ]));
    for (tone, line) in &preview.lines {
        let style = match tone {
            Tone::Plain => page.theme.text(),
            Tone::Speaker => page.theme.speaker(),
            Tone::Faint => page.theme.faint(),
        };
        let indent: String = line.chars().take_while(|c| *c == ' ').take(12).collect();
        for part in text::wrap(&page.theme.spell(line), page.width.saturating_sub(indent.len() + 2)) {
            page.lines.push(Line::styled(format!("  {indent}{part}"), style));
        }
    }
}
