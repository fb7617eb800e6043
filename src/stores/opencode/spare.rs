//! What of a database no conversation needs: events that newer ones replaced, and outputs that opencode put aside.
//!
//! opencode writes an event with the whole of a message or part each time it changes. An output is put aside where its part has
//! `state.time.compacted`: opencode sends it to no model any more.

use super::spans::{spans, text_of};
use rusqlite::blob::Blob;
use rusqlite::{Connection, MAIN_DB};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// What opencode shows where an output was put aside, as its own proposals for this have it.
const GONE: &str = "\"[reclaimed]\"";

/// So much of a value is read at once at most.
const PIECE: u64 = 8 << 20;

/// A value that goes out of a row's data, by its path, and what stands there instead.
pub type Cut = (&'static [&'static str], &'static str);

/// What is cut out of a part whose output was put aside.
pub const OUTPUTS: &[Cut] = &[(&["state", "output"], GONE), (&["state", "attachments"], "[]")];

/// What is cut out of a message with diffs.
pub const DIFFS: &[Cut] = &[(&["summary", "diffs"], "[]")];

/// How the rows of events are asked for, as SQL takes it.
pub struct Words {
    /// The name of a row's number.
    pub number: String,
    /// The bytes of a row.
    pub bytes: String,
}

/// An event that a newer one replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Old {
    /// Its row.
    pub number: i64,
    /// Its bytes.
    pub bytes: u64,
    /// The row of the newest event of the same thing.
    pub newest: i64,
}

/// A session's events that a newer one of the same thing replaced.
pub fn superseded(sql: &Connection, words: &Words, id: &str) -> rusqlite::Result<Vec<Old>> {
    let Words { number, bytes } = words;
    let mut asked = sql.prepare(&format!("SELECT {number},type,{bytes} FROM event WHERE aggregate_id=?1 ORDER BY seq DESC"))?;
    let mut found = asked.query([id])?;
    let mut newest: BTreeMap<[u8; 16], i64> = BTreeMap::new();
    let (mut all, mut blob) = (Vec::new(), None);
    while let Some(row) = found.next()? {
        let (number, sort): (i64, String) = (row.get(0)?, row.get(1)?);
        let Some((what, key)) = snapshot_of(&sort) else { continue };
        let thing = thing_of(sql, number, key, &mut blob);
        let Some(thing) = thing else { continue };
        let mut name = [0; 16];
        let hash = blake3::hash(format!("{what}\0{thing}").as_bytes());
        name.copy_from_slice(hash.as_bytes().get(..16).unwrap_or(&[0; 16]));
        match newest.get(&name) {
            Some(newest) => all.push(Old { number, bytes: row.get::<_, i64>(2)?.unsigned_abs(), newest: *newest }),
            None => drop(newest.insert(name, number)),
        }
    }
    Ok(all)
}

/// What an event is a whole picture of, and under which name its data has it; `None`: it is none.
fn snapshot_of(sort: &str) -> Option<(&str, &'static str)> {
    let (what, version) = sort.rsplit_once('.')?;
    let known = version.bytes().all(|b| b.is_ascii_digit());
    match what {
        "message.part.updated" if known => Some((what, "part")),
        "message.updated" | "session.updated" if known => Some((what, "info")),
        _ => None,
    }
}

/// The id of the thing that an event is about. `blob` is what the last one was read through.
fn thing_of<'c>(sql: &'c Connection, number: i64, key: &str, blob: &mut Option<Blob<'c>>) -> Option<String> {
    let mut open = match blob.take() {
        Some(mut open) => open.reopen(number).ok().map(|()| open),
        None => sql.blob_open(MAIN_DB, "event", "data", number, true).ok(),
    }?;
    let mut head = Vec::new();
    // The id comes first in all that opencode writes; where it does not, the whole is read.
    let near = io::BufReader::with_capacity(1 << 10, &mut open);
    let span = spans(near, &[&[key, "id"]], &|found| found.iter().all(Option::is_some)).ok()?.pop().flatten();
    let read = span.and_then(|span| {
        open.seek(SeekFrom::Start(span.start)).ok()?;
        (&mut open).take(span.end.saturating_sub(span.start).min(200)).read_to_end(&mut head).ok()
    });
    *blob = Some(open);
    read.and_then(|_| text_of(&head))
}

/// Whether every text of an earlier state stands in a later one, at the same place: it was added to, and nothing of it taken
/// away. Numbers, and how far a tool's call is, are no text.
pub fn is_added_to(earlier: &Value, later: &Value) -> bool {
    match (earlier, later) {
        (Value::String(a), Value::String(b)) => b.contains(a.as_str()),
        (Value::Array(a), Value::Array(b)) => a.len() <= b.len() && a.iter().zip(b).all(|(a, b)| is_added_to(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let fits =
                |(key, value): (&String, &Value)| key == "status" || b.get(key).map_or_else(|| no_text(value), |b| is_added_to(value, b));
            a.iter().all(fits)
        }
        _ => no_text(earlier),
    }
}

fn no_text(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.iter().all(no_text),
        Value::Object(object) => object.values().all(no_text),
        _ => true,
    }
}

/// Where a row's data can be cut, from where to where, and what stands there instead, in order. Empty where there is nothing to
/// cut: of a part, also where it was not put aside.
pub fn cuts(sql: &Connection, table: &str, number: i64, cuts: &[Cut]) -> io::Result<Vec<(u64, u64, &'static str)>> {
    let compacted: &[&str] = &["state", "time", "compacted"];
    let is_part = table == "part";
    let paths: Vec<&[&str]> = cuts.iter().map(|(path, _)| *path).chain(is_part.then_some(compacted)).collect();
    let open = || sql.blob_open(MAIN_DB, table, "data", number, true).map_err(io::Error::other);
    let mut found = spans(open()?, &paths, &|_| false)?;
    let mut blob = open()?;
    if is_part {
        // A time, and nothing else, says that it was put aside.
        let time = match found.pop().flatten() {
            Some(span) if span.end - span.start < 32 => piece(&mut blob, span.start, span.end)?,
            _ => return Ok(Vec::new()),
        };
        if text_number(&time).is_none_or(|ms| ms <= 0) {
            return Ok(Vec::new());
        }
    }
    let mut spots = Vec::new();
    for (span, (_, instead)) in found.into_iter().zip(cuts) {
        // What is as short as what would stand there stays.
        let Some(span) = span.filter(|s| s.end - s.start > instead.len() as u64 + 16) else { continue };
        let begins = piece(&mut blob, span.start, span.start + 1)?;
        if begins.first() == instead.as_bytes().first() {
            spots.push((span.start, span.end, *instead));
        }
    }
    spots.sort_unstable();
    Ok(spots)
}

/// A piece of a value.
pub fn piece(blob: &mut Blob<'_>, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if to.saturating_sub(from) > PIECE {
        return Err(io::Error::other("too much would be left"));
    }
    blob.seek(SeekFrom::Start(from))?;
    blob.take(to.saturating_sub(from)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text_number(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_is_held_by_a_later_one_only_where_all_its_text_is() {
        let later = json!({"part": {"id": "prt_1", "text": "Hello world", "state": {"status": "completed", "output": "a\nb\n"}, "list": ["x", "y"]}});
        for held in [
            json!({"part": {"id": "prt_1", "text": "Hello"}}),
            json!({"part": {"state": {"status": "running", "output": "a\n", "n": 7}, "list": ["x"]}, "time": 4}),
        ] {
            assert!(is_added_to(&held, &later), "{held}");
        }
        for not in [
            json!({"part": {"text": "Hello, moon"}}),
            json!({"part": {"text": "Hello", "note": "only here"}}),
            json!({"part": {"list": ["y"]}}),
            json!({"part": {"list": ["x", "y", "z"]}}),
            json!({"part": "Hello"}),
        ] {
            assert!(!is_added_to(&not, &later), "{not}");
        }
    }
}
