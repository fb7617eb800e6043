//! What a watch tells, and the log that keeps it.

use crate::model::shown_name;
use crate::vault::own;
use crate::world::World;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// A log longer than this is put aside; the one before it goes.
const LONGEST: u64 = 1 << 20;

/// Something a watch did or came upon.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// When.
    pub at: Timestamp,
    /// Which sort: `exported`, `flushed`, `cleaned`, `expired`, `backed-up`, `thinned`, `note`, `failed`.
    pub event: &'static str,
    /// In words.
    pub says: String,
    /// The facts, by name.
    pub facts: Value,
}

impl News {
    /// News of this moment.
    pub fn new(world: &World, event: &'static str, says: impl Into<String>, facts: Value) -> Self {
        Self { at: world.now(), event, says: says.into(), facts }
    }

    /// Whether something did not work.
    pub fn is_bad(&self) -> bool {
        self.event == "failed"
    }

    /// As one JSON object: `lifeboat.watch/1`.
    pub fn json(&self) -> Value {
        let mut object = json!({"schema": "lifeboat.watch/1", "at": self.at, "event": self.event, "says": self.says});
        if let (Value::Object(all), Value::Object(more)) = (&mut object, &self.facts) {
            all.extend(more.clone());
        }
        object
    }
}

/// The log of what was done while nobody looked.
pub fn path(world: &World) -> PathBuf {
    world.state_dir.join("logs").join("watch.log")
}

/// Writes news down. Where that cannot be, the work goes on all the same.
pub fn write_down(world: &World, news: &News) {
    let path = path(world);
    let _ = path.parent().map(std::fs::create_dir_all);
    if crate::platform::facts(&path).is_ok_and(|f| f.size > LONGEST) {
        let _ = own::succeed(&path, &path.with_extension("1.log"));
    }
    let mut how = std::fs::File::options();
    how.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let line = format!("{} {} {}\n", news.at.strftime("%Y-%m-%dT%H:%M:%SZ"), news.event, shown_name(news.says.as_ref()));
    let _ = how.open(path).and_then(|mut log| log.write_all(line.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_a_line_for_each_of_the_news_and_does_not_grow_without_end() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new()).with_clock("2026-10-02T09:14:03Z".parse().unwrap());
        let news = News::new(&world, "note", "a title\nwith\u{1b}[2J more", json!({}));
        write_down(&world, &news);
        write_down(&world, &news);
        let text = std::fs::read_to_string(path(&world)).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.starts_with("2026-10-02T09:14:03Z note a title") && !text.contains('\u{1b}'), "{text}");
        std::fs::write(path(&world), vec![b'x'; 1 + usize::try_from(LONGEST).unwrap()]).unwrap();
        write_down(&world, &news);
        assert_eq!(std::fs::read_to_string(path(&world)).unwrap().lines().count(), 1);
        assert_eq!(crate::platform::facts(&path(&world).with_extension("1.log")).unwrap().size, LONGEST + 1);
    }
}
