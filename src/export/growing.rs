//! Which sessions grew and pause now, so that they are to be exported: told by sizes and times, and by the clock it is given.

use super::fresh;
use crate::manifest::Stamp;
use crate::model::Session;
use crate::platform::facts;
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What never pauses is exported this often all the same.
const LONGEST: Duration = Duration::from_mins(1);

/// Of the files a session made so many are looked at, so many folders deep; its conversation tells of the others.
const MOST: usize = 2000;
const DEEPEST: usize = 3;

/// How a session looks, as a number; another one once something of it changed.
pub type Look = u64;

/// Keeps watch over sessions.
#[derive(Debug, Default)]
pub struct Growing(HashMap<String, Seen>);

#[derive(Debug, Clone, Copy)]
struct Seen {
    look: Look,
    /// When it began to differ from what was exported.
    since: Option<Timestamp>,
}

impl Growing {
    /// A session was exported as it looked then.
    pub fn exported(&mut self, session: &str, look: Look) {
        self.0.insert(session.to_owned(), Seen { look, since: None });
    }

    /// Whether a session is as it was exported.
    pub fn rests(&self, session: &str) -> bool {
        self.0.get(session).is_some_and(|seen| seen.since.is_none())
    }

    /// Whether a session was ever looked at.
    pub fn knows(&self, session: &str) -> bool {
        self.0.contains_key(session)
    }

    /// Whether a session is to be exported now: it changed, and looks as it did a moment ago, or changes without a pause.
    pub fn is_due(&mut self, now: Timestamp, session: &str, look: Look) -> bool {
        let Some(seen) = self.0.get_mut(session) else {
            // A new one is given a moment as well.
            self.0.insert(session.to_owned(), Seen { look, since: Some(now) });
            return false;
        };
        let paused = std::mem::replace(&mut seen.look, look) == look;
        if paused && seen.since.is_none() {
            return false;
        }
        let since = *seen.since.get_or_insert(now);
        paused || now.duration_since(since) >= jiff::SignedDuration::try_from(LONGEST).unwrap_or_default()
    }
}

/// How a session looks now: its record, its conversation, the files it made. Nothing is read.
pub fn look(session: &Session) -> Look {
    let mut all = fresh::parts(session);
    let stamp = |path: &Path| Some((path.to_string_lossy().into_owned(), Stamp::of(&facts(path).ok()?)?));
    all.extend(session.record.as_deref().and_then(stamp));
    if let Some(dir) = &session.dir {
        let made = walkdir::WalkDir::new(dir.join("outputs")).max_depth(DEEPEST).into_iter().filter_map(Result::ok);
        all.extend(made.take(MOST).filter_map(|e| stamp(e.path())));
    }
    let hash = blake3::hash(fresh::hash_of(&all).as_bytes());
    u64::from_le_bytes(hash.as_bytes().first_chunk().copied().unwrap_or_default())
}

/// The folders whose changes tell that a session may look otherwise: those of its conversation, and of the files it made.
pub fn places(session: &Session) -> Vec<PathBuf> {
    if let Some(path) = session.script.path() {
        return path.parent().map(Path::to_path_buf).into_iter().chain(Some(path.with_extension("")).filter(|p| p.is_dir())).collect();
    }
    let Some(dir) = &session.dir else { return Vec::new() };
    let walk = |below: &str, deepest: usize| walkdir::WalkDir::new(dir.join(below)).max_depth(deepest).into_iter().filter_map(Result::ok);
    let talks = walk(".claude/projects", DEEPEST);
    let made = walk("outputs", DEEPEST - 1).take(MOST);
    let folders = talks.chain(made).filter(|e| e.file_type().is_dir()).map(walkdir::DirEntry::into_path);
    [dir.clone(), dir.join(".claude")].into_iter().chain(folders).collect()
}

/// The folders in which new sessions appear: those of the sessions there are, up to the store's root.
pub fn nests<'a>(sessions: impl Iterator<Item = &'a Session>, root: &Path) -> Vec<PathBuf> {
    let above = |s: &Session| {
        s.dir.as_ref().or(s.record.as_ref()).into_iter().flat_map(|p| p.ancestors().skip(1)).map(Path::to_path_buf).collect::<Vec<_>>()
    };
    let mut all: Vec<PathBuf> = sessions.flat_map(above).filter(|p| p.starts_with(root)).chain([root.to_path_buf()]).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    /// Whether the session is exported at each of these looks, three seconds apart.
    fn due(growing: &mut Growing, looks: &[Look]) -> Vec<bool> {
        let step = |(n, look): (i64, &Look)| {
            let due = growing.is_due(at(3 * n), "s", *look);
            if due {
                growing.exported("s", *look);
            }
            due
        };
        (0..).zip(looks).map(step).collect()
    }

    #[test]
    fn a_session_is_exported_once_it_pauses_and_once_for_each_change() {
        let mut growing = Growing::default();
        growing.exported("s", 1);
        assert_eq!(due(&mut growing, &[1, 1, 2, 3, 3, 3, 4, 4]), [false, false, false, false, true, false, false, true]);
    }

    #[test]
    fn a_new_session_is_exported_once_it_pauses() {
        assert_eq!(due(&mut Growing::default(), &[1, 2, 2, 2]), [false, false, true, false]);
    }

    #[test]
    fn a_session_that_never_pauses_is_exported_every_minute() {
        let looks: Vec<Look> = (1..=50).collect();
        let mut growing = Growing::default();
        growing.exported("s", 0);
        let when: Vec<usize> = due(&mut growing, &looks).into_iter().enumerate().filter(|(_, due)| *due).map(|(n, _)| n).collect();
        assert_eq!(when, [20, 41]);
    }

    #[test]
    fn a_session_looks_other_when_its_conversation_its_record_or_what_it_made_changes() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let session = Session { dir: Some(dir.path().join("s")), record: Some(dir.path().join("s.json")), ..Session::default() };
        let mut looks = vec![look(&session)];
        for (path, text) in
            [("s.json", "{}"), ("s/.claude/projects/-s/c.jsonl", "{}\n"), ("s/outputs/sub/a.txt", "a"), ("s/outputs/sub/a.txt", "ab")]
        {
            put(path, text);
            looks.push(look(&session));
        }
        assert!(looks.windows(2).all(|w| w[0] != w[1]), "{looks:?}");
        assert_eq!(look(&session), looks[4]);
        put("s/.claude/settings.json", "{}");
        assert_eq!(look(&session), looks[4]);
    }
}
