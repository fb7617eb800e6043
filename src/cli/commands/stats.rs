//! `stats`: sizes by store and kind, told in seconds, whatever the size.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::table;
use crate::database::{Family, Header, Member, is_database};
use crate::lifecycle::STORE;
use crate::lifecycle::opencode::Places;
use crate::lifecycle::opencode::stats::{self, Bytes, Sessions, Stats};
use crate::model::to_bytes;
use crate::stores::{TOOLS, Tool};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only stores of this tool: cowork, claude-code, opencode, codex, gemini; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["cowork", "claude-code", "opencode", "codex", "gemini"], hide_possible_values = true)]
    store: Vec<String>,
}

/// One store.
struct Told {
    tool: &'static dyn Tool,
    root: PathBuf,
    sessions: Sessions,
    databases: Vec<Stats>,
    files: BTreeMap<&'static str, Bytes>,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let begun = Instant::now();
        let mut all = Vec::new();
        for tool in TOOLS.iter().filter(|tool| self.store.is_empty() || self.store.iter().any(|name| name == tool.name())) {
            for root in tool.roots(&ctx.world, &ctx.global.root) {
                all.push(if tool.name() == STORE { opencode(ctx, *tool, root) } else { other(ctx, *tool, root) });
            }
        }
        if ctx.global.json {
            let stores: Vec<Value> = all.iter().map(data).collect();
            let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            ctx.json(&json!({"schema": "lifeboat.stats/1", "stores": stores, "elapsed_ms": elapsed}))?;
        } else if all.is_empty() {
            ctx.say("No store was found.");
        } else {
            let text: String = all.iter().map(|told| text(ctx, told)).collect();
            ctx.out.text(&text);
        }
        Ok(Exit::Done)
    }
}

fn opencode(ctx: &Ctx, tool: &'static dyn Tool, root: PathBuf) -> Told {
    let places = Places::of(&ctx.world, &root);
    let databases: Vec<Stats> = places.databases.iter().map(|path| stats::of(path)).collect();
    let mut sessions = databases.iter().fold(Sessions::default(), |sum, db| Sessions {
        total: sum.total + db.sessions.total,
        root: sum.root + db.sessions.root,
        child: sum.child + db.sessions.child,
        archived: sum.archived + db.sessions.archived,
    });
    if databases.is_empty() {
        sessions = counted(tool, ctx, &root);
    }
    let files = stats::beside(&places);
    Told { tool, root, sessions, databases, files }
}

/// Another tool: its sessions as its records tell of them, and what the heads of its databases say.
fn other(ctx: &Ctx, tool: &'static dyn Tool, root: PathBuf) -> Told {
    let entries = std::fs::read_dir(&root).into_iter().flatten().flatten().map(|e| e.path());
    let databases = entries.filter_map(|path| by_header(&path)).collect();
    let sessions = counted(tool, ctx, &root);
    Told { tool, sessions, databases, files: BTreeMap::new(), root }
}

fn counted(tool: &dyn Tool, ctx: &Ctx, root: &Path) -> Sessions {
    let found = tool.read(&ctx.world, root).sessions;
    let of = |is: &dyn Fn(&crate::model::Session) -> bool| found.iter().filter(|s| is(s)).count() as u64;
    Sessions {
        total: found.len() as u64,
        root: of(&|s| s.starter.is_none()),
        child: of(&|s| s.starter.is_some()),
        archived: of(&|s| s.archived),
    }
}

fn by_header(path: &Path) -> Option<Stats> {
    let name = to_bytes(path.file_name()?).into_owned();
    let beside = [&b"-wal"[..], b"-shm", b"-journal"].iter().any(|end| name.ends_with(end));
    let header = Some(path).filter(|_| is_database(&name) && !beside).and_then(|path| Header::read(path).ok().flatten())?;
    let family = Family::of(path);
    Some(Stats {
        path: path.to_path_buf(),
        database_bytes: family.bytes(Member::Main),
        wal_bytes: family.bytes(Member::Wal),
        page_size: header.page_size,
        pages: family.bytes(Member::Main) / header.page_size.max(1),
        free_pages: header.free_pages,
        free_bytes: header.free_bytes(),
        ..Stats::default()
    })
}

fn data(told: &Told) -> Value {
    let sum = |of: &dyn Fn(&Stats) -> u64| told.databases.iter().map(of).sum::<u64>();
    let mut value = json!({
        "store": told.tool.name(), "root": told.root.to_string_lossy(),
        "database_bytes": sum(&|d| d.database_bytes), "wal_bytes": sum(&|d| d.wal_bytes),
        "free_pages": sum(&|d| d.free_pages), "free_bytes": sum(&|d| d.free_bytes),
        "sessions": told.sessions, "databases": told.databases, "files": told.files,
    });
    if told.tool.name() == STORE
        && let Some(object) = value.as_object_mut()
    {
        object.insert("messages".to_owned(), json!(sum(&|d| d.messages)));
        object.insert("parts".to_owned(), json!(sum(&|d| d.parts)));
        object.insert("events".to_owned(), json!(sum(&|d| d.events)));
    }
    value
}

fn text(ctx: &Ctx, told: &Told) -> String {
    let s = &told.sessions;
    let head = format!("{}  {}", ctx.style.bold(told.tool.title()), ctx.world.short(&told.root));
    let of = format!("{} ({} at the top, {} started by others, {} archived)", count(s.total, "session"), s.root, s.child, s.archived);
    let mut out = format!("{head}\n  {of}\n");
    let reckoned = |bytes: Bytes| if bytes.about { format!("about {}", size(bytes.bytes)) } else { size(bytes.bytes) };
    let mut rows = Vec::new();
    for db in &told.databases {
        let free = format!("{} free inside", size(db.free_bytes));
        let wal = if db.wal_bytes > 0 { format!("and {} in its -wal", size(db.wal_bytes)) } else { String::new() };
        rows.push(vec![format!("  {}", ctx.world.short(&db.path)), size(db.database_bytes), free, wal]);
        if db.messages + db.parts + db.events > 0 {
            let all = [(db.messages, "message"), (db.parts, "part"), (db.events, "event")].map(|(n, one)| count(n, one));
            rows.push(vec![format!("    {}", all.join(", "))]);
        }
        for (kind, bytes) in db.kinds.iter().filter(|(_, b)| b.bytes > 0) {
            let unit = if matches!(*kind, "free pages") {
                "page"
            } else if *kind == "wal" {
                "file"
            } else {
                "row"
            };
            rows.push(vec![format!("    {kind}"), reckoned(*bytes), count(bytes.count, unit)]);
        }
    }
    for (kind, bytes) in told.files.iter().filter(|(_, b)| b.count > 0) {
        rows.push(vec![format!("  {kind}"), reckoned(*bytes), count(bytes.count, "file")]);
    }
    out += &table::table(&["", ">", ">", ""], &rows);
    for note in told.databases.iter().flat_map(|db| &db.notes) {
        out.extend(["  note: ", note, "\n"]);
    }
    out
}
