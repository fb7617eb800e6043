//! `manifest.jsonl`: what a manifest tells, a line for each change, only ever added to.

use super::Manifest;
use super::book::Told;
use crate::platform::open_beneath;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::Path;

/// The name of the file.
pub const NAME: &str = "manifest.jsonl";

/// The largest that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// One line: a fact that is put into a list, in the place of an earlier one of the same key; or, without a value, taken out.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    list: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
}

/// What the lines tell by now, in the order in which it was first told.
#[derive(Debug, Default)]
struct Book {
    told: Vec<Option<Told>>,
    places: HashMap<(String, String), usize>,
    /// Where the last whole line ends.
    end: u64,
    /// Whether something stands behind it.
    torn: bool,
}

impl Book {
    fn read(bytes: &[u8]) -> Self {
        let mut book = Self::default();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if !line.ends_with(b"\n") {
                book.torn = true;
                break;
            }
            book.end += line.len() as u64;
            // A line that cannot be read costs that line.
            let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
            book.take((line.list, line.key), line.value);
        }
        book
    }

    fn take(&mut self, key: (String, String), value: Option<Value>) {
        let at = *self.places.entry(key.clone()).or_insert_with(|| {
            self.told.push(None);
            self.told.len() - 1
        });
        if let Some(place) = self.told.get_mut(at) {
            *place = value.map(|v| (key, v));
        }
    }

    fn get(&self, key: &(String, String)) -> Option<&Value> {
        self.told.get(*self.places.get(key)?)?.as_ref().map(|(_, v)| v)
    }

    /// The lines after which it tells what this manifest does.
    fn change(&self, manifest: &Manifest, now: Timestamp) -> Vec<Line> {
        let told = manifest.told();
        let keys: std::collections::HashSet<_> = told.iter().map(|(key, _)| key.clone()).collect();
        let line = |(list, key): (String, String), value| Line { at: now, list, key, value };
        let gone = self.told.iter().flatten().filter(|(key, _)| !keys.contains(key)).map(|(key, _)| line(key.clone(), None));
        let gone: Vec<Line> = gone.collect();
        let new = told.into_iter().filter(|(key, value)| self.get(key) != Some(value)).map(|(key, value)| line(key, Some(value)));
        gone.into_iter().chain(new).collect()
    }
}

/// The manifest that the lines in a folder tell; `None` where there are none.
pub fn read(folder: &Path) -> Option<Manifest> {
    let manifest = Manifest::of_told(Book::read(&bytes(folder).ok()?).told.into_iter().flatten());
    Some(manifest).filter(|m| !m.session.is_empty())
}

/// Adds the lines after which the file in a folder tells what this manifest does, and makes them last.
pub fn keep(folder: &Path, manifest: &Manifest, now: Timestamp) -> io::Result<()> {
    let book = match bytes(folder) {
        Ok(bytes) => Book::read(&bytes),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Book::default(),
        Err(e) => return Err(e),
    };
    let mut added = Vec::new();
    for line in book.change(manifest, now) {
        serde_json::to_writer(&mut added, &line)?;
        added.push(b'\n');
    }
    if added.is_empty() && !book.torn {
        return Ok(());
    }
    let mut how = OpenOptions::new();
    how.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut how, rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    let mut file = how.open(folder.join(NAME))?;
    if book.torn {
        file.set_len(book.end)?;
    }
    file.write_all(&added)?;
    file.sync_data()
}

fn bytes(folder: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_beneath(folder, &folder.join(NAME))?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Command, Entry, Input, Intermediate, Output};

    fn manifest(outputs: &[(&str, &str)]) -> Manifest {
        let output = |(path, hash): &(&str, &str)| Output { path: (*path).into(), blake3: Some((*hash).into()), ..Output::default() };
        Manifest {
            task: "Say \"hi\"\nthere".into(),
            session: "local_1".into(),
            started: Some("2026-10-02T09:14:03Z".parse().unwrap()),
            folders: vec!["~/Work".into()],
            inputs: vec![Input { path: "~/a.csv".into(), from: "record r1".into(), ..Input::default() }],
            commands: vec![Command { command: "make\n".into(), from: "record r2".into(), failed: true, ..Command::default() }],
            intermediates: vec![Intermediate(Output { path: "/sessions/x/scratch.py".into(), ..Output::default() })],
            outputs: outputs.iter().map(output).collect(),
            copies: vec![Entry { path: "outputs/a (2)".into(), from: Some("outputs/a".into()), ..Entry::default() }],
            rest: "[own]\nnote = \"mine\"\nwhen = 2026-01-01T00:00:00Z".parse().unwrap(),
            ..Manifest::default()
        }
    }

    fn kept(folder: &Path, manifest: &Manifest) -> Vec<u8> {
        keep(folder, manifest, Timestamp::UNIX_EPOCH).unwrap();
        std::fs::read(folder.join(NAME)).unwrap()
    }

    #[test]
    fn the_lines_tell_what_the_text_does_and_only_changes_are_added() {
        let dir = tempfile::tempdir().unwrap();
        let first = manifest(&[("outputs/a", "1"), ("outputs/b", "2")]);
        let one = kept(dir.path(), &first);
        assert_eq!(read(dir.path()).unwrap().text(), first.text());
        assert_eq!(kept(dir.path(), &first), one, "nothing new, no line");
        let second = manifest(&[("outputs/b", "3")]);
        let two = kept(dir.path(), &second);
        assert!(two.starts_with(&one));
        let added = String::from_utf8(two[one.len()..].to_vec()).unwrap();
        assert_eq!(added.lines().count(), 2, "one gone, one changed: {added}");
        assert_eq!(read(dir.path()).unwrap().text(), second.text());
        assert_eq!(Manifest::parse(&second.text()).unwrap().text(), second.text());
    }

    #[test]
    fn wherever_a_line_is_torn_off_what_stands_before_it_counts_and_the_next_keeping_mends_it() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (manifest(&[("outputs/a", "1")]), manifest(&[("outputs/a", "1"), ("outputs/b", "2")]));
        let one = kept(dir.path(), &first).len();
        let all = kept(dir.path(), &second);
        for cut in one..all.len() {
            std::fs::write(dir.path().join(NAME), &all[..cut]).unwrap();
            assert_eq!(read(dir.path()).unwrap().text(), first.text(), "{cut}");
            assert_eq!(kept(dir.path(), &second), all, "{cut}");
        }
        std::fs::write(dir.path().join(NAME), [&b"not json\n{}\n"[..], &all].concat()).unwrap();
        assert_eq!(read(dir.path()).unwrap().text(), second.text());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let other = dir.path().join("other");
        std::fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, dir.path().join(NAME)).unwrap();
        assert!(keep(dir.path(), &manifest(&[]), Timestamp::UNIX_EPOCH).is_err());
        assert_eq!(std::fs::read(&other).unwrap(), b"theirs");
    }
}
