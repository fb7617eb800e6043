//! What the lifecycle verbs promise, on made-up stores.
#![expect(clippy::disallowed_methods, reason = "tests do to the store what people and apps do")]

#[path = "../../../tests/common/opencode.rs"]
pub(crate) mod made;

mod deeds;
mod inside;
mod live;

use super::deed::Desk;
use super::opencode::Places;
use crate::model::Quiet;
use crate::world::World;
use made::Shape;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A home with a made-up store, at the moment the store was made at.
struct Home {
    _dir: tempfile::TempDir,
    world: World,
    root: PathBuf,
    database: PathBuf,
}

impl Home {
    fn with(shape: Shape) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = made::in_home(dir.path(), shape);
        let now = jiff::Timestamp::from_millisecond(made::NOW).unwrap();
        let world = World::at(dir.path(), BTreeMap::default()).with_clock(now);
        Self { root: database.parent().unwrap().to_path_buf(), _dir: dir, world, database }
    }

    fn desk(&self) -> Desk<'_> {
        Desk { world: &self.world, watch: &Quiet, in_use: &|_, _| None }
    }

    fn places(&self) -> Places {
        Places::of(&self.world, &self.root)
    }

    fn file(&self, rel: &str, text: &str) -> PathBuf {
        let path = self.root.join(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn dump(&self) -> BTreeMap<String, Vec<String>> {
        dump(&self.database)
    }
}

/// Every row of every table with its number and the type of each value.
fn dump(database: &Path) -> BTreeMap<String, Vec<String>> {
    let sql = Connection::open(database).unwrap();
    let mut tables = sql.prepare("SELECT name FROM sqlite_schema WHERE type='table'").unwrap();
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = BTreeMap::new();
    for name in names {
        let mut rows = sql.prepare(&format!("SELECT rowid,* FROM \"{name}\" ORDER BY rowid")).unwrap();
        let columns = rows.column_count();
        let told = rows.query_map([], |row| {
            let cells: Vec<String> = (0..columns).map(|at| format!("{:?}", super::cells::Cell::of(row.get_ref(at).unwrap()))).collect();
            Ok(cells.join("|"))
        });
        let told = told.unwrap().map(Result::unwrap).collect();
        all.insert(name, told);
    }
    all
}

/// Every table that has this text in any value, and every file below a folder that has it in its name or content.
fn mentions(root: &Path, database: &Path, text: &str) -> Vec<String> {
    let mut found: Vec<String> = dump(database)
        .into_iter()
        .filter(|(_, rows)| rows.iter().any(|row| row.contains(&format!("{:?}", text.as_bytes()).replace(['[', ']'], ""))))
        .map(|(table, _)| table)
        .collect();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let named = entry.file_name().to_string_lossy().contains(text);
            let holds = path.is_file()
                && !path.starts_with(database)
                && memchr::memmem::find(&std::fs::read(&path).unwrap(), text.as_bytes()).is_some();
            if named || holds {
                found.push(path.strip_prefix(root).unwrap().display().to_string());
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

fn integrity(database: &Path) -> String {
    Connection::open(database).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}
