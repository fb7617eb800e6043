//! Sizes of a store by what they are, without reading it: heads of rows, indexes, a few thousand rows here and there.
//!
//! What is counted in full is exact; what is reckoned from samples, or was cut short because time ran out, says `about`.

use super::places::Places;
use super::reclaim::{EVENTS, OUTPUTS, Walk, thing_bytes};
use super::sample::{Sampled, sample};
use super::schema::Known;
use crate::database::{self, Database, Family, Header, Member, Schema};
use crate::error::Result;
use crate::lifecycle::deed::Todo;
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// So long may one database be looked at.
const LONGEST: Duration = Duration::from_millis(2800);
/// Of which so long for what is counted in full.
const EXACT: Duration = Duration::from_millis(1200);
/// And until then what a reclaim would take.
const RECKONED: Duration = Duration::from_secs(2);
/// Files larger than this are not copied to be looked at.
const COPIED: u64 = 256 << 20;

/// Bytes of one sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Bytes {
    /// Rows or files.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
    /// Whether this is reckoned, not counted.
    pub about: bool,
}

/// Sessions by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sessions {
    /// All.
    pub total: u64,
    /// Those that no other one started.
    pub root: u64,
    /// Those that another one started.
    pub child: u64,
    /// Archived ones.
    pub archived: u64,
}

/// One database.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stats {
    /// Where it is.
    #[serde(serialize_with = "crate::model::json_path::lossy")]
    pub path: PathBuf,
    /// Bytes of the database itself.
    pub database_bytes: u64,
    /// Bytes of its `-wal`.
    pub wal_bytes: u64,
    /// Bytes of a page.
    pub page_size: u64,
    /// Pages.
    pub pages: u64,
    /// Pages that hold nothing.
    pub free_pages: u64,
    /// Their bytes: what a vacuum gives back at least.
    pub free_bytes: u64,
    /// Its sessions.
    pub sessions: Sessions,
    /// Messages.
    pub messages: u64,
    /// Parts of messages.
    pub parts: u64,
    /// Events.
    pub events: u64,
    /// Bytes by what they are.
    pub kinds: BTreeMap<&'static str, Bytes>,
    /// What could not be told, and why.
    pub notes: Vec<String>,
}

/// Looks at a database.
pub fn of(path: &Path) -> Stats {
    let family = Family::of(path);
    let mut stats = Stats {
        path: path.to_path_buf(),
        database_bytes: family.bytes(Member::Main),
        wal_bytes: family.bytes(Member::Wal),
        ..Stats::default()
    };
    if let Ok(Some(header)) = Header::read(path) {
        stats.page_size = header.page_size;
        stats.pages = stats.database_bytes / header.page_size.max(1);
        (stats.free_pages, stats.free_bytes) = (header.free_pages, header.free_bytes());
    }
    let copied = family.bytes(Member::Wal) > 0 && !family.has(Member::Shm);
    if copied && family.total() > COPIED {
        let says = "its -wal was left without its index, so that it is not looked into; start and end opencode once";
        stats.notes.push(says.to_owned());
    } else if let Err(e) = database::open(path).and_then(|db| look(db, &mut stats)) {
        stats.notes.push(e.to_string());
    }
    stats.kinds.insert("free pages", Bytes { count: stats.free_pages, bytes: stats.free_bytes, about: false });
    stats.kinds.insert("wal", Bytes { count: u64::from(stats.wal_bytes > 0), bytes: stats.wal_bytes, about: false });
    stats
}

/// A database that is looked at until time runs out.
struct Look<'a> {
    sql: &'a Connection,
    schema: &'a Schema,
    stats: &'a mut Stats,
}

fn look(mut db: Database, stats: &mut Stats) -> Result<()> {
    let schema = db.schema()?;
    let known = Known::read(&db.sql, db.path());
    if let Err(e) = &known {
        stats.notes.push(e.to_string());
    }
    let begun = Instant::now();
    let whole = Limit::new(&mut db, begun + LONGEST);
    let sql = &db.sql;
    let mut this = Look { sql, schema: &schema, stats };
    this.header();
    this.sessions();
    this.stats.messages = this.count("message") + this.count("session_message");
    this.stats.parts = this.count("part");
    this.stats.events = this.count("event");
    if let Ok(known) = &known {
        whole.until(begun + EXACT);
        this.conversation(&whole, begun);
        whole.until(begun + RECKONED);
        this.exact_or_reckoned(known);
        whole.until(begun + LONGEST);
        this.orphans();
    }
    if whole.was_hit() {
        this.stats.notes.push("it is large: what is not counted in full is reckoned from samples".to_owned());
    }
    Ok(())
}

impl Look<'_> {
    fn number(&self, words: &str) -> rusqlite::Result<u64> {
        self.sql.query_row(words, [], |row| row.get::<_, Option<i64>>(0)).map(|n| n.unwrap_or(0).unsigned_abs())
    }

    fn header(&mut self) {
        if let (Ok(pages), Ok(free)) = (self.number("PRAGMA page_count"), self.number("PRAGMA freelist_count")) {
            (self.stats.pages, self.stats.free_pages) = (pages, free);
            self.stats.free_bytes = free * self.stats.page_size;
        }
    }

    fn sessions(&mut self) {
        let both = self.schema.has("session") && self.schema.has("session_v2");
        for table in ["session", "session_v2"] {
            if !self.schema.has_all(table, &["id", "parent_id", "time_archived"]) {
                continue;
            }
            let other = if both && table == "session" { " WHERE id NOT IN (SELECT id FROM session_v2)" } else { "" };
            let words = format!("SELECT count(*),count(parent_id),count(nullif(time_archived,0)) FROM {table}{other}");
            let told = self.sql.query_row(&words, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
            match told {
                Ok((total, child, archived)) => {
                    let sum = &mut self.stats.sessions;
                    sum.total += total.unsigned_abs();
                    sum.child += child.unsigned_abs();
                    sum.root += (total - child).unsigned_abs();
                    sum.archived += archived.unsigned_abs();
                }
                Err(e) => self.stats.notes.push(format!("its sessions cannot be counted: {e}")),
            }
        }
    }

    /// The rows of a table, by an index; where that takes too long, by its first and last row.
    fn count(&self, table: &str) -> u64 {
        if !self.schema.has(table) {
            return 0;
        }
        let ends = || self.number(&format!("SELECT max(rowid)-min(rowid)+1 FROM {table}"));
        self.number(&format!("SELECT count(*) FROM {table}")).or_else(|_| ends()).unwrap_or(0)
    }

    /// What was said: messages, parts, sessions. Messages in full, since one of them can be larger than all others together.
    fn conversation(&mut self, limit: &Limit, begun: Instant) {
        let mut all = Bytes::default();
        let mut reckoned = false;
        for table in ["session", "session_v2", "todo", "session_message", "message", "part"] {
            let list = match self.schema.tables.get(table) {
                Some(columns) => columns.iter().map(|c| format!("coalesce(octet_length({}),0)", database::quoted(c))).collect::<Vec<_>>(),
                None => continue,
            };
            let words = format!("SELECT count(*),sum({}) FROM {table}", list.join("+"));
            let counted = self.sql.query_row(&words, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)));
            let own = match counted {
                Ok((count, bytes)) => Bytes { count: count.unsigned_abs(), bytes: bytes.unwrap_or(0).unsigned_abs(), about: false },
                Err(_) => {
                    limit.until(begun + EXACT + Duration::from_millis(400));
                    let rows = self.count(table);
                    let told = sample(self.sql, table, &list.join("+"), rows);
                    Bytes { count: rows, bytes: told.bytes, about: true }
                }
            };
            all = Bytes { count: all.count + own.count, bytes: all.bytes + own.bytes, about: all.about || own.about };
            if table == "part" {
                self.stats.kinds.insert("parts", own);
            }
            reckoned |= table == "message" && own.about;
        }
        let large = self.diffs();
        if reckoned {
            // A sample meets none of the few that are larger than all others together.
            all.bytes += large;
        }
        self.stats.kinds.insert("conversation", all);
    }

    /// What `summary.diffs` takes: large messages are nearly nothing else.
    fn diffs(&mut self) -> u64 {
        if !self.schema.has_all("message", &["data"]) {
            return 0;
        }
        let words = "SELECT rowid,octet_length(data) FROM message WHERE octet_length(data)>2048";
        let mut sum = Bytes::default();
        let asked = self.sql.prepare(words).and_then(|mut asked| {
            let mut rows = asked.query([])?;
            while let Some(row) = rows.next()? {
                let (number, length): (i64, i64) = (row.get(0)?, row.get(1)?);
                if let Some((bytes, about)) = thing_bytes(self.sql, number, length.unsigned_abs()) {
                    sum = Bytes { count: sum.count + 1, bytes: sum.bytes + bytes, about: sum.about || about };
                }
            }
            Ok(())
        });
        sum.about |= asked.is_err();
        self.stats.kinds.insert("summary diffs", sum);
        sum.bytes
    }

    /// What a reclaim would take: found as it finds it, or reckoned.
    fn exact_or_reckoned(&mut self, known: &Known) {
        if known.table("event").is_some() {
            let list = "coalesce(octet_length(data),0)+coalesce(octet_length(id),0)+coalesce(octet_length(aggregate_id),0)+\
                        coalesce(octet_length(type),0)";
            let all = sample(self.sql, "event", list, self.stats.events);
            self.stats.kinds.insert("events", Bytes { count: self.stats.events, bytes: all.bytes, about: !all.whole });
        }
        if self.stats.database_bytes < COPIED && self.walk(known).is_some() {
            return;
        }
        let kept = self.stats.parts + self.stats.messages;
        let of = |kind| self.stats.kinds.get(kind).copied().unwrap_or_default();
        // The newest picture of each thing is as large as the thing.
        let (events, conversation) = (of("events"), of("conversation"));
        let rest = conversation.bytes.saturating_sub(of("summary diffs").bytes);
        let superseded = Bytes { count: events.count.saturating_sub(kept), bytes: events.bytes.saturating_sub(rest), about: true };
        self.stats.kinds.insert(EVENTS, superseded);
        let compacted: Sampled = super::sample::compacted(self.sql, self.stats.parts);
        self.stats.kinds.insert(OUTPUTS, Bytes { count: compacted.rows, bytes: compacted.bytes, about: true });
    }

    fn walk(&mut self, known: &Known) -> Option<()> {
        let ids = "SELECT id FROM session UNION SELECT aggregate_id FROM event_sequence";
        let ids = if self.schema.has("session_v2") { format!("{ids} UNION SELECT id FROM session_v2") } else { ids.to_owned() };
        let mut asked = self.sql.prepare(&ids).ok()?;
        let ids: Vec<String> = asked.query_map([], |row| row.get(0)).and_then(Iterator::collect).ok()?;
        let mut walk = Walk::new(known, &ids, false);
        let mut found: BTreeMap<&'static str, Bytes> = [(EVENTS, Bytes::default()), (OUTPUTS, Bytes::default())].into_iter().collect();
        while let Some((sort, todo)) = walk.next(self.sql).ok()? {
            let sum = found.entry(sort).or_default();
            sum.count += todo.len() as u64;
            sum.bytes += todo.iter().map(Todo::freed).sum::<u64>();
        }
        self.stats.kinds.extend(found);
        Some(())
    }

    /// Rows of sessions that are not there.
    fn orphans(&mut self) {
        let mut sum = Bytes::default();
        let sessions = match (self.schema.has("session"), self.schema.has("session_v2")) {
            (true, true) => "SELECT id FROM session UNION ALL SELECT id FROM session_v2",
            (true, false) => "SELECT id FROM session",
            (false, _) => "SELECT id FROM session_v2",
        };
        for (table, by) in [("part", "session_id"), ("message", "session_id"), ("session_message", "session_id"), ("event", "aggregate_id")]
        {
            if !self.schema.has_all(table, &[by, "data"]) {
                continue;
            }
            // Whose they are is told by an index; then each of theirs.
            let groups = format!("SELECT {by} FROM {table} GROUP BY {by} HAVING {by} NOT IN ({sessions})");
            let words = format!("SELECT count(*),sum(octet_length(data)) FROM {table} WHERE {by} IN ({groups})");
            match self.sql.query_row(&words, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))) {
                Ok((count, bytes)) => {
                    sum.count += count.unsigned_abs();
                    sum.bytes += bytes.unwrap_or(0).unsigned_abs();
                }
                Err(_) => sum.about = true,
            }
        }
        self.stats.kinds.insert("orphans", sum);
    }
}

/// A moment after which every query of a connection fails.
struct Limit(std::sync::Arc<std::sync::Mutex<(Instant, bool)>>);

impl Limit {
    fn new(db: &mut Database, until: Instant) -> Self {
        let shared = std::sync::Arc::new(std::sync::Mutex::new((until, false)));
        let seen = shared.clone();
        let over = move || {
            let Ok(mut limit) = seen.lock() else { return true };
            let over = Instant::now() > limit.0;
            limit.1 |= over;
            over
        };
        // Without it nothing is cut short.
        let _ = db.sql.progress_handler(2000, Some(over));
        Self(shared)
    }

    fn until(&self, until: Instant) {
        if let Ok(mut limit) = self.0.lock() {
            limit.0 = until;
        }
    }

    fn was_hit(&self) -> bool {
        self.0.lock().is_ok_and(|limit| limit.1)
    }
}

/// What lies beside the databases of a store, by what it is.
pub fn beside(places: &Places) -> BTreeMap<&'static str, Bytes> {
    let until = Instant::now() + Duration::from_millis(900);
    let mut all = BTreeMap::new();
    for (kind, folder) in [
        ("snapshot", "snapshot"),
        ("tool-output", "tool-output"),
        ("log", "log"),
        ("session_diff", "storage/session_diff"),
        ("json sessions", "storage"),
        ("bin", "bin"),
    ] {
        let mut sum = Bytes::default();
        let mut packs = Bytes::default();
        for entry in walkdir::WalkDir::new(places.root.join(folder)).same_file_system(true) {
            if Instant::now() > until {
                sum.about = true;
                break;
            }
            let Ok(entry) = entry else { continue };
            if !entry.file_type().is_file() || kind == "json sessions" && entry.path().starts_with(places.root.join("storage/session_diff"))
            {
                continue;
            }
            let bytes = entry.metadata().map_or(0, |meta| meta.len());
            let leaked = kind == "snapshot" && entry.file_name().to_string_lossy().starts_with("tmp_pack_");
            let sum = if leaked { &mut packs } else { &mut sum };
            sum.count += 1;
            sum.bytes += bytes;
        }
        all.insert(kind, sum);
        if kind == "snapshot" {
            packs.about = sum.about;
            all.insert("leaked tmp_pack_*", packs);
        }
    }
    all
}
