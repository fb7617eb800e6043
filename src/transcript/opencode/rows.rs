//! A session's rows, laid out. Tables of accounts and credentials are not looked at.

use super::super::agents::OfAgent;
use super::super::facts::SourceFile;
use super::super::lines::{Extent, LONGEST};
use super::super::place::{Laying, Place};
use super::super::strand::Strand;
use super::super::tap::Tap;
use super::first::{Message, Revert};
use super::{Page, second, slim};
use crate::database::{Database, Schema, open};
use crate::error::{Error, Result};
use crate::model::Script;
use rusqlite::{OptionalExtension, Row as Found, params};
use serde_json::Value;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A longer row is read without the diffs that it may hold.
const LARGE: i64 = 1 << 20;

/// What went wrong: with the database, or with writing.
enum Failed {
    Sql(rusqlite::Error),
    Io(io::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(e: rusqlite::Error) -> Self {
        Self::Sql(e)
    }
}

impl From<io::Error> for Failed {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

/// Lays a session out; gives the sessions it started as well.
pub fn lay_out(path: &Path, id: &str, extent: Extent, tap: &Arc<dyn Tap + '_>) -> Result<(Place, Vec<OfAgent>)> {
    let database = open(path)?;
    let schema = database.schema()?;
    let mut laying = Laying::new(extent, tap)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!("!/session/{id}"));
    let mut session = Session { database: &database, schema: &schema, path, id, hasher: blake3::Hasher::new() };
    let children = session.lay_out(&mut laying).map_err(|e| match e {
        Failed::Sql(e) => database.error("cannot read the conversation in", e),
        Failed::Io(e) => Error::io("cannot read the conversation", &name, e),
    })?;
    let of =
        SourceFile { path: name.clone().into(), bytes: session.hasher.count(), blake3: session.hasher.finalize().to_hex().to_string() };
    let place = laying.done(of).map_err(|e| Error::io("cannot read the conversation", &name, e))?;
    Ok((place, children))
}

struct Session<'d> {
    database: &'d Database,
    schema: &'d Schema,
    path: &'d Path,
    id: &'d str,
    hasher: blake3::Hasher,
}

/// What a session's own row says.
#[derive(Default)]
struct About {
    title: String,
    directory: String,
    version: String,
    revert: Value,
}

impl Session<'_> {
    fn lay_out(&mut self, laying: &mut Laying<'_>) -> std::result::Result<Vec<OfAgent>, Failed> {
        // Everything is read as it is at one moment.
        let reading = self.database.sql.unchecked_transaction()?;
        let is_second = self.is_second()?;
        let table = if is_second { "session_v2" } else { "session" };
        let about = self.about(table)?.unwrap_or_default();
        let mut page = Page::new(laying, self.id, &about.directory, &about.version, &about.title)?;
        if is_second {
            self.second(&about, &mut page)?;
        } else {
            self.first(&about, &mut page)?;
        }
        let named = page.end()?;
        let children = self.children(&named)?;
        drop(reading);
        Ok(children)
    }

    /// Whether it is told by the third generation: the row of the second is left behind when it is taken over.
    fn is_second(&self) -> rusqlite::Result<bool> {
        if !self.schema.has("session_v2") || !self.schema.has_all("session_message", &["session_id", "type", "seq", "data"]) {
            return Ok(false);
        }
        let sql = "SELECT EXISTS(SELECT 1 FROM session_v2 WHERE id=?1) AND EXISTS(SELECT 1 FROM session_message WHERE session_id=?1)";
        self.database.sql.query_row(sql, [self.id], |row| row.get(0))
    }

    fn about(&self, table: &str) -> rusqlite::Result<Option<About>> {
        if !self.schema.has(table) {
            return Ok(None);
        }
        let column = |name: &str| self.schema.or_null(table, name);
        let sql = format!(
            "SELECT {}, {}, {}, {} FROM {table} WHERE id=?1",
            column("title"),
            column("directory"),
            column("version"),
            column("revert")
        );
        let about = |row: &Found<'_>| {
            let revert: Option<String> = row.get(3)?;
            let revert = revert.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
            let text = |n| row.get::<_, Option<String>>(n).map(Option::unwrap_or_default);
            Ok(About { title: text(0)?, directory: text(1)?, version: text(2)?, revert })
        };
        self.database.sql.query_row(&sql, [self.id], about).optional()
    }

    fn first(&mut self, about: &About, page: &mut Page<'_, '_>) -> std::result::Result<(), Failed> {
        let revert = Revert::of(&about.revert);
        let sql = &self.database.sql;
        let mut messages = sql.prepare("SELECT rowid, id FROM message WHERE session_id=?1 ORDER BY time_created, id")?;
        let mut parts = sql.prepare("SELECT rowid, id FROM part WHERE message_id=?1 ORDER BY id")?;
        let key = |row: &Found<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
        let all: Vec<(i64, String)> = messages.query_map([self.id], key)?.collect::<rusqlite::Result<_>>()?;
        for (rowid, id) in all {
            let info = self.data("message", rowid, page)?;
            if info.is_none() {
                page.lost()?;
            }
            // What its parts say is told, even where nobody knows any more who said it.
            let mut message = Message::new(&id, info.unwrap_or_default(), revert.as_ref(), page);
            let own: Vec<(i64, String)> = parts.query_map([&id], key)?.collect::<rusqlite::Result<_>>()?;
            for (rowid, part) in own {
                match self.data("part", rowid, page)? {
                    Some(data) => message.part(&part, &data, page)?,
                    None => page.lost()?,
                }
            }
            message.end(page)?;
            if page.took(0)? {
                break;
            }
        }
        Ok(())
    }

    fn second(&mut self, about: &About, page: &mut Page<'_, '_>) -> std::result::Result<(), Failed> {
        let revert = about.revert.get("messageID").and_then(Value::as_str).unwrap_or_default();
        let mut messages = self.database.sql.prepare("SELECT rowid, id, type FROM session_message WHERE session_id=?1 ORDER BY seq")?;
        let key = |row: &Found<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?));
        let all: Vec<(i64, String, String)> = messages.query_map([self.id], key)?.collect::<rusqlite::Result<_>>()?;
        for (rowid, id, kind) in all {
            if !revert.is_empty() && id == revert {
                page.reverted();
            }
            match self.data("session_message", rowid, page)? {
                Some(data) => second::message(&id, &kind, &data, page)?,
                None => page.lost()?,
            }
            if page.took(0)? {
                break;
            }
        }
        Ok(())
    }

    /// What a row holds; `None`: no JSON, or more than can be read.
    fn data(&mut self, table: &str, rowid: i64, page: &mut Page<'_, '_>) -> std::result::Result<Option<Value>, Failed> {
        let sql = format!("SELECT octet_length(data) FROM {table} WHERE rowid=?1");
        let Some(bytes) = self.database.sql.query_row(&sql, [rowid], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten() else {
            return Ok(None);
        };
        let text = if bytes > LARGE && table == "message" {
            // An open blob is read bit by bit.
            let blob = self.database.sql.blob_open("main", table, "data", rowid, true)?;
            slim::read(blob).ok()
        } else if usize::try_from(bytes).is_ok_and(|bytes| bytes <= LONGEST) {
            let sql = format!("SELECT data FROM {table} WHERE rowid=?1");
            let bytes = |row: &Found<'_>| row.get_ref(0).map(|data| data.as_bytes_or_null().ok().flatten().map(<[u8]>::to_vec));
            self.database.sql.query_row(&sql, params![rowid], bytes)?
        } else {
            None
        };
        let Some(text) = text else { return Ok(None) };
        self.hasher.update(&text);
        page.took(text.len())?;
        Ok(serde_json::from_slice(&text).ok())
    }

    /// The sessions that this one started: those whose rows say so, and those that calls name and that are there.
    fn children(&self, named: &[String]) -> rusqlite::Result<Vec<OfAgent>> {
        let mut all: Vec<OfAgent> = Vec::new();
        for table in
            ["session_v2", "session"].into_iter().filter(|table| self.schema.has_all(table, &["id", "parent_id", "title", "time_created"]))
        {
            let mut by_parent =
                self.database.sql.prepare(&format!("SELECT id, title FROM {table} WHERE parent_id=?1 ORDER BY time_created, id"))?;
            let mut by_id = self.database.sql.prepare(&format!("SELECT id, title FROM {table} WHERE id=?1"))?;
            let of = |row: &Found<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?));
            let mut found: Vec<(String, Option<String>)> = by_parent.query_map([self.id], of)?.collect::<rusqlite::Result<_>>()?;
            for id in named {
                found.extend(by_id.query_row([id], of).optional()?);
            }
            for (id, title) in found {
                if id != self.id && all.iter().all(|known| known.part.id != id) {
                    let part = Strand { script: Script::Rows(self.path.to_path_buf()), root: self.path.to_path_buf(), id };
                    all.push(OfAgent { part, about: title.unwrap_or_default(), call: String::new(), told: false });
                }
            }
        }
        Ok(all)
    }
}
