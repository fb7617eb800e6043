//! A made-up opencode store of the shape that growing ones have: most sessions are children, events are ten times the rows,
//! some rows belong to nobody, and one message can be huge.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "helpers of tests"
)]

use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};

/// Milliseconds since 1970 that the newest session of a made store is as old as.
pub const NOW: i64 = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Sessions; of every seven, one is at the top and six are its children.
    pub sessions: u32,
    /// Turns of each.
    pub turns: u32,
    /// Bytes of a tool's output.
    pub output: usize,
    /// Events of each part and message.
    pub snapshots: u32,
    /// Bytes of the one large `summary.diffs`; 0: none.
    pub huge: usize,
    /// Days between one tree and the next older.
    pub days: i64,
    /// The tables of the newest generation as well, with half of the sessions in both.
    pub newest: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { sessions: 14, turns: 2, output: 3000, snapshots: 5, huge: 0, days: 40, newest: false }
    }
}

const TABLES: &str = "
CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL, vcs text, name text, time_created integer NOT NULL, time_updated integer NOT NULL, sandboxes text NOT NULL);
CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL, directory text NOT NULL, title text NOT NULL,
  version text NOT NULL, share_url text, summary_diffs text, revert text, permission text, time_created integer NOT NULL, time_updated integer NOT NULL,
  time_compacting integer, time_archived integer, cost real DEFAULT 0 NOT NULL, FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE);
CREATE TABLE message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL,
  FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE);
CREATE TABLE part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL,
  data text NOT NULL, FOREIGN KEY (message_id) REFERENCES message(id) ON DELETE CASCADE);
CREATE TABLE todo (session_id text NOT NULL, content text NOT NULL, status text NOT NULL, priority text NOT NULL, position integer NOT NULL,
  time_created integer NOT NULL, time_updated integer NOT NULL, PRIMARY KEY (session_id, position), FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE);
CREATE TABLE session_share (session_id text PRIMARY KEY, id text NOT NULL, secret text NOT NULL, url text NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, FOREIGN KEY (session_id) REFERENCES session(id) ON DELETE CASCADE);
CREATE TABLE event_sequence (aggregate_id text PRIMARY KEY, seq integer NOT NULL, owner_id text);
CREATE TABLE event (id text PRIMARY KEY, aggregate_id text NOT NULL, seq integer NOT NULL, type text NOT NULL, data text NOT NULL,
  FOREIGN KEY (aggregate_id) REFERENCES event_sequence(aggregate_id) ON DELETE CASCADE);
CREATE TABLE credential (id text PRIMARY KEY, value text NOT NULL);
CREATE INDEX session_parent_idx ON session (parent_id);
CREATE INDEX message_session_time_created_id_idx ON message (session_id, time_created, id);
CREATE INDEX part_message_id_id_idx ON part (message_id, id);
CREATE INDEX part_session_idx ON part (session_id);
CREATE UNIQUE INDEX event_aggregate_seq_idx ON event (aggregate_id, seq);
CREATE INDEX event_aggregate_type_seq_idx ON event (aggregate_id, type, seq);
";

const NEWEST: &str = "
CREATE TABLE session_v2 (id text PRIMARY KEY, project_id text NOT NULL, parent_id text, fork_session_id text, slug text NOT NULL, directory text NOT NULL,
  title text, version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL, time_archived integer, time_suspended integer,
  resume_attempts integer DEFAULT 0 NOT NULL, time_idle integer, FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE);
CREATE TABLE session_message (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, seq integer NOT NULL, time_created integer NOT NULL,
  time_updated integer NOT NULL, data text NOT NULL, FOREIGN KEY (session_id) REFERENCES session_v2(id) ON DELETE CASCADE);
CREATE TABLE session_pending (id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, data text NOT NULL, delivery text NOT NULL,
  time_created integer NOT NULL, FOREIGN KEY (session_id) REFERENCES session_v2(id) ON DELETE CASCADE);
CREATE TABLE instruction_blob (hash text PRIMARY KEY, value text NOT NULL);
CREATE UNIQUE INDEX session_message_session_seq_idx ON session_message (session_id, seq);
";

/// A store's data folder below a home, made, with its database's path.
pub fn in_home(home: &Path, shape: Shape) -> PathBuf {
    let root = home.join(".local/share/opencode");
    std::fs::create_dir_all(&root).unwrap();
    let database = root.join("opencode.db");
    make(&database, shape);
    database
}

/// The id of the session with this number.
pub fn id(number: u32) -> String {
    format!("ses_{number:08x}ffeMADEUPSESSION")
}

/// Whether a session is at the top of a tree.
pub fn is_top(number: u32) -> bool {
    number.is_multiple_of(7)
}

/// When a session last did something, milliseconds since 1970.
pub fn last(shape: Shape, number: u32) -> i64 {
    NOW - i64::from(number / 7) * shape.days * DAY - DAY
}

/// Makes a database.
pub fn make(path: &Path, shape: Shape) {
    let sql = Connection::open(path).unwrap();
    sql.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA wal_autocheckpoint=4000").unwrap();
    sql.execute_batch(TABLES).unwrap();
    if shape.newest {
        sql.execute_batch(NEWEST).unwrap();
    }
    for project in 0..3 {
        sql.execute("INSERT INTO project VALUES (?1,'/work','git',NULL,?2,?2,'[]')", params![format!("prj_{project}"), NOW]).unwrap();
    }
    sql.execute("INSERT INTO credential VALUES ('key','sk-not-a-real-secret')", []).unwrap();
    let mut words = Words(0x9e37_79b9);
    for number in 0..shape.sessions {
        sql.execute_batch("BEGIN").unwrap();
        session(&sql, shape, number, &mut words);
        sql.execute_batch("COMMIT").unwrap();
    }
    orphans(&sql, shape, &mut words);
    if shape.huge > 0 {
        let head =
            format!(r#"{{"role":"user","time":{{"created":{NOW}}},"summary":{{"title":"Huge","diffs":[{{"file":"vendor.js","patch":""#);
        let mut data = head.into_bytes();
        while data.len() < shape.huge {
            words.fill(&mut data, 60);
            data.extend_from_slice(b"\\n");
        }
        data.extend_from_slice(br#""}]},"agent":"build"}"#);
        sql.execute("UPDATE message SET data=?1 WHERE id=?2", params![String::from_utf8(data).unwrap(), format!("msg_{:08x}_0", 0)])
            .unwrap();
    }
    sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

fn session(sql: &Connection, shape: Shape, number: u32, words: &mut Words) {
    let (own, at) = (id(number), last(shape, number));
    // A child may be of another project than the one that started it.
    let project = format!("prj_{}", number % 3);
    let parent = (!is_top(number)).then(|| id(number / 7 * 7));
    let title = format!("Session {number}");
    sql.execute(
        "INSERT INTO session(id,project_id,parent_id,slug,directory,title,version,time_created,time_updated,cost) VALUES (?1,?2,?3,'slug','/work',?4,'1.18.33',?5,?6,0.125)",
        params![own, project, parent, title, at - 3_600_000, at],
    )
    .unwrap();
    sql.execute("INSERT INTO event_sequence VALUES (?1,0,NULL)", [&own]).unwrap();
    sql.execute("INSERT INTO todo VALUES (?1,'Do it','pending','high',0,?2,?2)", params![own, at]).unwrap();
    let mut seq = 0;
    let mut event = |kind: &str, data: &str| {
        sql.execute("INSERT INTO event VALUES (?1,?2,?3,?4,?5)", params![format!("evt_{number:08x}_{seq}"), own, seq, kind, data]).unwrap();
        seq += 1;
    };
    event("session.created.1", &format!(r#"{{"sessionID":"{own}","info":{{"id":"{own}","title":"{title}"}}}}"#));
    for turn in 0..shape.turns {
        let message = format!("msg_{number:08x}_{turn}");
        let data = format!(r#"{{"role":"user","time":{{"created":{at}}},"summary":{{"title":"A turn","diffs":[]}},"agent":"build"}}"#);
        sql.execute("INSERT INTO message VALUES (?1,?2,?3,?3,?4)", params![message, own, at, data]).unwrap();
        let mut output = Vec::new();
        words.fill(&mut output, shape.output);
        let output = String::from_utf8(output).unwrap();
        let compacted = if turn == 0 { format!(r#","compacted":{at}"#) } else { String::new() };
        let parts = [
            format!(r#"{{"type":"text","text":"What was asked in turn {turn} of {number}"}}"#),
            format!(
                r#"{{"type":"tool","callID":"call","tool":"bash","state":{{"status":"completed","input":{{"command":"ls"}},"output":"{output}","title":"ls","metadata":{{"exit":0}},"time":{{"start":{at},"end":{at}{compacted}}},"attachments":[{{"type":"file","url":"data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}]}}}}"#
            ),
        ];
        for (n, data) in parts.iter().enumerate() {
            let part = format!("prt_{number:08x}_{turn}_{n}");
            sql.execute("INSERT INTO part VALUES (?1,?2,?3,?4,?4,?5)", params![part, message, own, at, data]).unwrap();
            for grown in 1..=shape.snapshots {
                // As long as what there is of it so far: an output grows.
                let rest = data.get(1..).unwrap_or_default();
                let whole = format!(r#"{{"sessionID":"{own}","part":{{"id":"{part}","n":{grown},{rest},"time":{at}}}"#);
                event("message.part.updated.1", &whole);
            }
        }
        for grown in 1..=shape.snapshots {
            event("message.updated.1", &format!(r#"{{"sessionID":"{own}","info":{{"id":"{message}","n":{grown}}}}}"#));
        }
    }
    sql.execute("UPDATE event_sequence SET seq=?2 WHERE aggregate_id=?1", params![own, seq - 1]).unwrap();
    if shape.newest && number.is_multiple_of(2) {
        let message = format!("msg2_{number:08x}");
        sql.execute(
            "INSERT INTO session_v2(id,project_id,parent_id,slug,directory,title,version,time_created,time_updated,time_archived) VALUES (?1,?2,?3,'s','/work',?4,'2.0.26',?5,?5,0)",
            params![own, project, parent, title, at],
        )
        .unwrap();
        let data = r#"{"text":"Asked","time":{"created":1}}"#;
        sql.execute("INSERT INTO session_message VALUES (?1,?2,'user',0,?3,?3,?4)", params![message, own, at, data]).unwrap();
        sql.execute("INSERT INTO session_pending VALUES (?1,?2,'prompt','{}','queue',?3)", params![format!("pen_{number}"), own, at])
            .unwrap();
    }
}

/// What raw deletions leave behind.
fn orphans(sql: &Connection, shape: Shape, words: &mut Words) {
    let mut text = Vec::new();
    words.fill(&mut text, shape.output);
    let text = String::from_utf8(text).unwrap();
    sql.execute("INSERT INTO event_sequence VALUES ('ses_gone',9,NULL)", []).unwrap();
    for n in 0..10 {
        let data = format!(r#"{{"sessionID":"ses_gone","part":{{"id":"prt_gone","text":"{text}"}}}}"#);
        sql.execute("INSERT INTO event VALUES (?1,'ses_gone',?2,'message.part.updated.1',?3)", params![format!("evt_gone_{n}"), n, data])
            .unwrap();
    }
    let data = format!(r#"{{"type":"text","text":"{text}"}}"#);
    sql.execute("INSERT INTO part VALUES ('prt_gone','msg_gone','ses_gone',1,1,?1)", [data]).unwrap();
}

/// Words without an end, the same every time, that pack about as well as source code does.
struct Words(u64);

impl Words {
    fn fill(&mut self, into: &mut Vec<u8>, bytes: usize) {
        const SYLLABLES: [&str; 16] =
            ["ab", "con", "de", "er", "fi", "gra", "hu", "in", "ja", "kel", "lo", "mi", "no", "per", "que", "str"];
        let end = into.len() + bytes;
        while into.len() < end {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            for n in 0..=(self.0 % 4) {
                into.extend_from_slice(SYLLABLES[(self.0 >> (8 + 4 * n) & 15) as usize].as_bytes());
            }
            into.push(b' ');
        }
        into.truncate(end);
    }
}
