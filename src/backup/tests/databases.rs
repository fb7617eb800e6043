//! Databases of the tools in archives: one moment of them, whoever writes, and never mixed with another on their way back.

use super::*;
use crate::scan;
use rusqlite::Connection;
use std::sync::atomic::{AtomicBool, Ordering};

struct Opencode {
    dir: TempDir,
    world: World,
}

impl Opencode {
    fn new() -> (Self, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), BTreeMap::new());
        let home = Self { dir, world };
        fs::create_dir_all(home.data()).unwrap();
        let sql = Connection::open(home.data().join("opencode.db")).unwrap();
        sql.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=50; CREATE TABLE pair(a integer, b text);
             CREATE TABLE account(access_token text); INSERT INTO account VALUES('tok-very-secret');",
        )
        .unwrap();
        (home, sql)
    }
    fn data(&self) -> PathBuf {
        self.dir.path().join(".local/share/opencode")
    }
    fn backup(&self, with_secrets: bool) -> Report {
        let catalog = scan::run(&self.world, scan::Options::default());
        let options = Options { with_secrets, ..Options::default() };
        create(&self.world, &catalog, &options, &crate::model::Quiet).unwrap()
    }
    fn restored(&self, archive: &Path, to: &str) -> PathBuf {
        let out = self.dir.path().join(to);
        let done = restore(&self.world, archive, &Target::Folder(out.clone()), None, false, &crate::model::Quiet).unwrap();
        assert!(done.failed.is_empty(), "{:?}", done.failed);
        out.join("opencode/opencode/opencode.db")
    }
}

fn number(sql: &Connection, text: &str) -> i64 {
    sql.query_row(text, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_database_is_whole_in_every_archive_while_another_writes_to_it() {
    let (home, mut sql) = Opencode::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..100_000_i64 {
                if stop.load(Ordering::Relaxed) {
                    return n;
                }
                let all = sql.transaction().unwrap();
                for _ in 0..2 {
                    all.execute("INSERT INTO pair VALUES(?1, ?2)", (n, "x".repeat(9000))).unwrap();
                }
                all.execute("DELETE FROM pair WHERE a < ?1", [n - 40]).unwrap();
                all.commit().unwrap();
            }
            100_000
        });
        let whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for round in 0..12 {
                let report = home.backup(false);
                assert!(report.failed.is_empty(), "{:?}", report.failed);
                let found = home.restored(&report.archive, &format!("out-{round}"));
                assert!(!found.with_file_name("opencode.db-wal").exists());
                let copy = Connection::open(found).unwrap();
                assert_eq!(number(&copy, "SELECT count(*) FROM (SELECT a FROM pair GROUP BY a HAVING count(*) <> 2)"), 0);
                assert_eq!(copy.query_row("PRAGMA integrity_check", [], |r| r.get::<_, String>(0)).unwrap(), "ok");
            }
        }));
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 12, "the writer must have been busy");
        whole.unwrap();
    });
}

#[test]
fn tokens_in_a_database_stay_out_unless_they_are_asked_for() {
    let (home, sql) = Opencode::new();
    let without = home.restored(&home.backup(false).archive, "without");
    assert_eq!(number(&Connection::open(&without).unwrap(), "SELECT count(*) FROM account WHERE access_token=''"), 1);
    assert!(!fs::read(&without).unwrap().windows(15).any(|w| w == b"tok-very-secret"));
    let with = home.restored(&home.backup(true).archive, "with");
    assert_eq!(number(&Connection::open(with).unwrap(), "SELECT count(*) FROM account WHERE access_token='tok-very-secret'"), 1);
    drop(sql);
}

#[test]
fn a_database_is_not_put_back_beside_what_was_written_last_of_another() {
    let (home, sql) = Opencode::new();
    let archive = home.backup(false).archive;
    sql.execute("INSERT INTO pair VALUES(1, 'later')", []).unwrap();
    let database = home.data().join("opencode.db");
    fs::write(home.dir.path().join("kept"), fs::read(&database).unwrap()).unwrap();
    crate::vault::own::discard(&database);
    let done = restore(&home.world, &archive, &Target::InPlace, None, false, &crate::model::Quiet).unwrap();
    assert!(!database.exists() && done.skipped.iter().any(|s| s.reason.contains("read into it")), "{:?}", done.skipped);
    drop(sql);
}

#[test]
fn what_was_written_last_is_not_put_back_beside_a_database_that_is_another_by_now() {
    let home = Home::new();
    let [main, wal] = ["notes.db", "notes.db-wal"].map(|name| home.store().join(name));
    let made = Connection::open(home.dir.path().join("made")).unwrap();
    made.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE note(words text); INSERT INTO note VALUES('old')").unwrap();
    for end in ["", "-wal"] {
        home.file(&format!("notes.db{end}"), fs::read(home.dir.path().join(format!("made{end}"))).unwrap());
    }
    let archive = home.backup().archive;
    crate::vault::own::discard(&wal);
    let other = b"another database by now";
    fs::write(&main, other).unwrap();
    let done = home.restore(&archive, &Target::InPlace, None);
    assert!(!wal.exists() && fs::read(&main).unwrap() == other, "{done:?}");
    assert!(done.skipped.iter().any(|s| s.reason.contains("not put back with it")), "{:?}", done.skipped);
    crate::vault::own::discard(&main);
    home.restore(&archive, &Target::InPlace, None);
    assert!(main.exists() && wal.exists(), "with the database itself it is put back");
}
