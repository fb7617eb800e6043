//! Catalogues made by hand, without a disk.

use crate::model::{Catalog, Class, Evidence, Facts, Kind, Marks, NodeId, Session, SessionIx, Spot, Store, StoreIx, Verdict, VerdictId};
use crate::scan::Phase;
use crate::tui::app::App;
use crate::tui::msg::{Effect, Msg};
use crate::tui::{Options, update, view};
use crate::world::World;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub const NOW: &str = "2026-11-20T12:00:00Z";
pub const ROOT: &str = "/home/u/.config/Claude/local-agent-mode-sessions";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// A catalogue being made, with one verdict of each kind.
pub struct Made {
    pub catalog: Catalog,
    pub root: NodeId,
    pub risk: VerdictId,
    pub flushed: VerdictId,
    pub plugin: VerdictId,
    pub modules: VerdictId,
    ino: u64,
}

fn verdict(class: Class, rule: &'static str, says: &'static str, comes_back: Option<&'static str>) -> Verdict {
    Verdict { class, evidence: vec![Evidence::new(rule, says)], comes_back: comes_back.map(Into::into), proof: None }
}

impl Made {
    pub fn new() -> Self {
        let mut catalog = Catalog::default();
        let risk = catalog.keep(Verdict {
            class: Class::AtRisk,
            evidence: vec![
                Evidence::new("copies/none", "no copy with these bytes in ~/Documents/Quarterly Report"),
                Evidence::new("copies/none", "Documents, Desktop, Downloads were searched"),
            ],
            comes_back: None,
            proof: None,
        });
        let flushed = catalog.keep(verdict(
            Class::Flushed,
            "copies/same-bytes",
            "the same bytes are in ~/Documents/Quarterly Report/report.docx",
            Some("copy it back from ~/Documents/Quarterly Report"),
        ));
        let plugin = catalog.keep(verdict(
            Class::Rebuildable,
            "cowork/plugin-copies",
            "a copy the app makes of each plugin",
            Some("the app copies them again when the session starts"),
        ));
        let modules = catalog.keep(verdict(
            Class::Rebuildable,
            "work/node-modules",
            "package-lock.json beside it lists every package",
            Some("npm install from the lock beside it"),
        ));
        let mut made = Self { catalog, root: NodeId(0), risk, flushed, plugin, modules, ino: 100 };
        let facts = made.facts(Kind::Dir, 0, 3);
        made.root = made.catalog.add_root(PathBuf::from(ROOT), &facts, Spot(0), risk);
        made.catalog.stores.push(Store {
            name: "cowork",
            title: "Claude Cowork",
            root: PathBuf::from(ROOT),
            layout: "host-loop".into(),
            notes: vec![],
            live: None,
            node: Some(made.root),
        });
        made
    }

    fn facts(&mut self, kind: Kind, size: u64, days: i64) -> Facts {
        self.ino += 1;
        let mtime_ns = i64::try_from(now().as_nanosecond()).unwrap() - days * 86_400_000_000_000;
        Facts { kind, size, allocated: size.div_ceil(4096) * 4096, mtime_ns, dev: 1, ino: self.ino, nlink: 1, placeholder: false }
    }

    pub fn session(&mut self, id: &str, title: &str, days: i64) -> (SessionIx, NodeId) {
        let ix = SessionIx::at(self.catalog.sessions.len());
        let when = now() - jiff::SignedDuration::from_hours(24 * days);
        self.catalog.sessions.push(Session {
            id: id.into(),
            title: title.into(),
            started: Some(when),
            last_active: Some(when),
            folders: vec![PathBuf::from(format!("/home/u/Documents/{title}"))],
            dir: Some(Path::new(ROOT).join(id)),
            store: Some(StoreIx(0)),
            ..Session::default()
        });
        let dir = self.dir_in(self.root, id, Some(ix));
        (ix, dir)
    }

    pub fn dir_in(&mut self, parent: NodeId, name: &str, session: Option<SessionIx>) -> NodeId {
        let facts = self.facts(Kind::Dir, 0, 2);
        self.catalog.add(parent, name.as_bytes(), &facts, Spot(0), self.risk, session, Marks::default())
    }

    pub fn dir(&mut self, parent: NodeId, name: &str) -> NodeId {
        let session = self.catalog.node(parent).session;
        self.dir_in(parent, name, session)
    }

    pub fn unit(&mut self, parent: NodeId, name: &str, verdict: VerdictId) -> NodeId {
        let (facts, session) = (self.facts(Kind::Dir, 0, 2), self.catalog.node(parent).session);
        self.catalog.add(parent, name.as_bytes(), &facts, Spot(1), verdict, session, Marks::UNIT)
    }

    pub fn file(&mut self, parent: NodeId, name: &str, size: u64, verdict: VerdictId) -> NodeId {
        self.marked(parent, name, size, verdict, Marks::default())
    }

    pub fn marked(&mut self, parent: NodeId, name: &str, size: u64, verdict: VerdictId, marks: Marks) -> NodeId {
        let (facts, session) = (self.facts(Kind::File, size, 2), self.catalog.node(parent).session);
        self.catalog.add(parent, name.as_bytes(), &facts, Spot(0), verdict, session, marks)
    }
}

/// Two sessions, things of every class, a group over both, and things without a session.
pub fn sample() -> Catalog {
    let mut m = Made::new();
    let (risk, flushed, plugin, modules) = (m.risk, m.flushed, m.plugin, m.modules);
    let (_, a) = m.session("local_5a7d4a86", "Quarterly report", 2);
    let outputs = m.dir(a, "outputs");
    m.file(outputs, "chart.png", 1_400_000, risk);
    m.file(outputs, "draft.md", 12_000, risk);
    m.file(outputs, "report.docx", 20_000, flushed);
    let work = m.dir(outputs, "work");
    let node_modules = m.unit(work, "node_modules", modules);
    for n in 0..40 {
        m.file(node_modules, &format!("package-{n}.js"), 85_000_000, modules);
    }
    let deep = m.dir(a, ".claude");
    let deep = m.dir(deep, "projects");
    m.file(deep, "c0ffee.jsonl", 9_100_000, risk);
    m.catalog.sessions[0].conversation = Some("c0ffee".into());
    let plugins = m.unit(a, "plugins", plugin);
    for n in 0..20 {
        m.file(plugins, &format!("skill-{n}.md"), 290_000_000, plugin);
    }
    let (b, dir) = m.session("local_77aa11bb", "Interview notes", 11);
    let outputs = m.dir(dir, "outputs");
    m.file(outputs, "notes.md", 320_000_000, risk);
    m.marked(dir, "secret.key", 400, risk, Marks::PROTECTED.with(Marks::SECRET));
    m.marked(outputs, "pending.bin", 5_000, risk, Marks::CHECKING);
    let plugins = m.unit(dir, "plugins", plugin);
    for n in 0..20 {
        m.file(plugins, &format!("skill-{n}.md"), 270_000_000, plugin);
    }
    let (c, dir) = m.session("local_11110000", "Live now", 0);
    m.file(dir, "writing.txt", 700, risk);
    m.catalog.sessions[c.index()].live = Some("writing 20 s ago".into());
    let _ = b;
    let vm = m.dir_in(m.root, "vm_bundles", None);
    m.file(vm, "sessiondata.img", 198_000_000, risk);
    m.catalog
}

/// The sample beside a second tool: a session that its tool removes in five days, an archived one, one in use, and things of
/// none of them. Its nodes stand behind those of the first, as two walks at a time leave them.
pub fn two_tools() -> Catalog {
    let mut m = Made { catalog: sample(), ..Made::new() };
    m.ino = 10_000;
    let root = PathBuf::from("/home/u/.local/share/opencode");
    let facts = m.facts(Kind::Dir, 0, 3);
    let top = m.catalog.add_root(root.clone(), &facts, Spot(0), m.risk);
    let store = Store { name: "opencode", title: "opencode", root, layout: "sqlite-v1".into(), notes: vec![], live: None, node: Some(top) };
    m.catalog.stores.push(store);
    for (id, title, days, size) in
        [("ses_1", "Rename the images", 25, 61_000_000), ("ses_2", "Count words", 400, 8_000), ("ses_3", "Wait", 1, 700)]
    {
        let (ix, dir) = m.session(id, title, days);
        m.catalog.sessions[ix.index()].store = Some(StoreIx(1));
        m.catalog.assign(dir, None);
        let own = m.dir_in(top, id, Some(ix));
        m.file(own, "rows", size, m.risk);
    }
    let [_, _, _, due, archived, live] = &mut m.catalog.sessions[..] else { panic!("six sessions") };
    due.deadline = Some(now() + jiff::SignedDuration::from_hours(24 * 5 + 1));
    archived.archived = true;
    live.live = Some("opencode runs (process 7)".into());
    m.file(top, "opencode.db", 9_000_000, m.risk);
    m.catalog
}

/// One session with so many files in one folder.
pub fn large(files: usize) -> Catalog {
    let mut m = Made::new();
    let (_, dir) = m.session("local_00000001", "Large", 1);
    let folder = m.dir(dir, "many");
    m.file(dir, "beside.txt", 10, m.risk);
    for n in 0..files {
        m.file(folder, &format!("file-{n:06}.txt"), (n % 977) as u64 + 1, m.risk);
    }
    m.catalog
}

fn groups(catalog: &Catalog, id: NodeId, _: &'static str) -> &'static str {
    match catalog.verdict(id).evidence[0].rule.as_ref() {
        "cowork/plugin-copies" => "plugin copies",
        "work/node-modules" => "node_modules",
        _ if catalog.name_bytes(id) == b"vm_bundles" => "VM disk",
        _ => "",
    }
}

/// An interface with keys to press and frames to look at.
pub struct Driver {
    pub app: App,
    pub effects: Vec<Effect>,
    pub at: Duration,
}

pub const PLAIN: Options = Options { read_only: false, colour: true, ascii: false, mouse: true };

impl Driver {
    pub fn new(catalog: Catalog, columns: u16, rows: u16) -> Self {
        Self::with(catalog, columns, rows, PLAIN)
    }

    pub fn with(catalog: Catalog, columns: u16, rows: u16, options: Options) -> Self {
        let world = World::at(Path::new("/home/u"), BTreeMap::new()).with_clock(now());
        let mut app = App::new(world, options);
        app.group_of = groups;
        app.catalog = Arc::new(catalog);
        let mut driver = Self { app, effects: Vec::new(), at: Duration::from_secs(1) };
        driver.send(Msg::Resize(columns, rows));
        driver.send(Msg::History(Ok(Vec::new())));
        driver.send(Msg::Scanned(Phase::Done, Duration::from_millis(1234)));
        driver.send(Msg::Free(Some((8_100_000_000, 494_000_000_000))));
        driver
    }

    pub fn send(&mut self, msg: Msg) -> &mut Self {
        self.effects.extend(update::update(&mut self.app, msg));
        self
    }

    pub fn code(&mut self, code: KeyCode) -> &mut Self {
        self.at += Duration::from_millis(500);
        self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE), self.at))
    }

    /// Presses these keys, one a character.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            match c {
                '\n' => self.code(KeyCode::Enter),
                '\t' => self.code(KeyCode::Tab),
                '\x1b' => self.code(KeyCode::Esc),
                c => self.code(KeyCode::Char(c)),
            };
        }
        self
    }

    /// Puts the cursor on the first row of this name.
    pub fn on(&mut self, name: &str) -> &mut Self {
        let source = self.app.source();
        let at = self.app.tree.rows.iter().position(|r| source.name(r.key, r.joined) == name);
        self.app.tree.cursor = at.unwrap_or_else(|| panic!("no row {name:?} in\n{}", self.names().join("\n")));
        self.app.scroll();
        self.send(Msg::Tick(self.at, now()))
    }

    pub fn current(&self) -> String {
        let row = self.app.tree.current().unwrap();
        self.app.source().name(row.key, row.joined)
    }

    pub fn names(&self) -> Vec<String> {
        let source = self.app.source();
        self.app.tree.rows.iter().map(|r| format!("{}{}", "  ".repeat(r.depth.into()), source.name(r.key, r.joined))).collect()
    }

    pub fn buffer(&self) -> Buffer {
        let area = Rect::new(0, 0, self.app.size.0, self.app.size.1);
        let mut buffer = Buffer::empty(area);
        view::draw(&self.app, area, &mut buffer);
        buffer
    }

    pub fn frame(&self) -> String {
        let buffer = self.buffer();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                if skip == 0 {
                    line.push_str(symbol);
                    skip = crate::tui::text::width(symbol).saturating_sub(1);
                } else {
                    skip -= 1;
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        // Paths are shown as the platform writes them; the frames here are compared with `/`.
        if cfg!(windows) { out.replace('\\', "/") } else { out }
    }
}
