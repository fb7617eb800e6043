//! Whose the files in `tool-output` are: the part that was cut names its file.

use super::read::databases;
use crate::database;
use crate::model::{Kind, Stop};
use crate::stores::folders::Folders;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// So long may one database be looked through.
const LONGEST: Duration = Duration::from_secs(3);
/// A part is made before its output, and no longer before it than this (milliseconds).
const BEFORE: i64 = 24 * 3_600_000;
/// And no later than this.
const AFTER: i64 = 60_000;

/// Every file in `tool-output` that the parts of exactly one session name, with that session.
pub fn owned(root: &Path, stop: &Stop) -> Vec<(PathBuf, String)> {
    let folder = root.join("tool-output");
    let mut folders = Folders::new(root);
    let files: Vec<_> = folders.list(&folder).into_iter().filter(|n| n.facts.kind == Kind::File).collect();
    let times = files.iter().map(|n| n.facts.mtime_ns / 1_000_000);
    let Some((first, last)) = times.clone().min().zip(times.max()) else { return Vec::new() };
    let mut named: BTreeMap<String, Option<String>> = files.iter().map(|n| (n.text(), None)).collect();
    let mut twice = Vec::new();
    for path in databases(root) {
        let _ = look(&path, (first - BEFORE, last + AFTER), stop, &mut |name, session| {
            if let Some(slot) = named.get_mut(name) {
                if slot.as_ref().is_some_and(|other| other != session) {
                    twice.push(name.to_owned());
                }
                *slot = Some(session.to_owned());
            }
        });
    }
    // A fork names the files of the session it came from: whose they are cannot be told.
    for name in &twice {
        named.remove(name);
    }
    named.into_iter().filter_map(|(name, session)| Some((folder.join(name), session?))).collect()
}

/// Gives every name of such a file in a part of a tool's call, with the session.
fn look(path: &Path, (from, to): (i64, i64), stop: &Stop, take: &mut dyn FnMut(&str, &str)) -> Option<()> {
    let mut database = database::open(path).ok()?;
    if !database.schema().ok()?.has_all("part", &["session_id", "time_created", "data"]) {
        return None;
    }
    let (stop, until) = (stop.clone(), Instant::now() + LONGEST);
    database.sql.progress_handler(20_000, Some(move || stop.is_stopped() || Instant::now() > until)).ok()?;
    let words = "SELECT session_id,data FROM part WHERE time_created BETWEEN ?1 AND ?2 AND octet_length(data)<4194304 \
                 AND instr(data,'tool-output')>0 AND json_valid(data) AND data->>'$.type'='tool'";
    let mut query = database.sql.prepare(words).ok()?;
    let mut rows = query.query((from, to)).ok()?;
    while let Some(row) = rows.next().ok()? {
        let (session, data): (String, String) = (row.get(0).ok()?, row.get(1).ok()?);
        for (at, _) in data.match_indices("tool-output") {
            let rest = data.get(at + "tool-output".len()..).unwrap_or_default().trim_start_matches(['/', '\\']);
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            take(rest.get(..end).unwrap_or_default(), &session);
        }
    }
    Some(())
}
