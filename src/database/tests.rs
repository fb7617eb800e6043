use super::*;
use crate::model::Kind;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A database like opencode's, with what was written last still in its `-wal`, and nobody having it open.
fn left_behind(dir: &Path) -> PathBuf {
    let (made, path) = (dir.join("made.db"), dir.join("opencode.db"));
    let sql = Connection::open(&made).unwrap();
    sql.execute_batch(
        "PRAGMA journal_mode=WAL; CREATE TABLE session(id text PRIMARY KEY, title text); CREATE TABLE account(access_token text)",
    )
    .unwrap();
    sql.execute_batch("INSERT INTO session VALUES('ses_1','one'); INSERT INTO account VALUES('tok-very-secret')").unwrap();
    for member in [Member::Main, Member::Wal, Member::Shm] {
        std::fs::write(Family::name(&path, member), std::fs::read(Family::name(&made, member)).unwrap()).unwrap();
    }
    path
}

/// Stops the writer, be it that the test fails.
struct Ends<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, i64)> {
    let files = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    files.map(|p| (p.clone(), (std::fs::read(&p).unwrap(), crate::platform::facts(&p).unwrap().mtime_ns))).collect()
}

fn titles(database: &Database) -> Vec<String> {
    let mut rows = database.sql.prepare("SELECT title FROM session ORDER BY id").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn what_is_only_in_the_wal_is_read_and_no_byte_and_no_time_beside_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let path = left_behind(dir.path());
    assert!(!std::fs::read(&path).unwrap().windows(3).any(|w| w == b"one"), "the row must be in the -wal alone");
    let before = snapshot(dir.path());
    let database = open(&path).unwrap();
    assert_eq!((titles(&database), database.is_copy(), database.moved()), (vec!["one".to_owned()], false, false));
    drop(database);
    assert!(snapshot(dir.path()) == before);
}

#[test]
fn a_wal_without_its_index_is_read_from_a_private_copy_and_no_index_is_left_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = left_behind(dir.path());
    #[expect(clippy::disallowed_methods, reason = "a file of the test's own")]
    std::fs::remove_file(Family::name(&path, Member::Shm)).unwrap();
    let before = snapshot(dir.path());
    let database = open(&path).unwrap();
    let copied = database.copied_to().unwrap();
    assert_eq!((titles(&database), copied.is_dir()), (vec!["one".to_owned()], true));
    drop(database);
    assert!(snapshot(dir.path()) == before && !copied.exists());
}

#[test]
fn a_database_whose_wal_is_gone_is_read_and_nothing_appears_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a b?#%.db");
    let sql = Connection::open(&path).unwrap();
    sql.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE session(id, title); INSERT INTO session VALUES(1,'two')").unwrap();
    drop(sql);
    assert_eq!(Family::of(&path).bytes(Member::Wal), 0);
    let before = snapshot(dir.path());
    assert_eq!(titles(&open(&path).unwrap()), ["two"]);
    assert!(snapshot(dir.path()) == before);
}

#[test]
fn nothing_can_be_written_through_it() {
    let dir = tempfile::tempdir().unwrap();
    for path in [left_behind(dir.path()), dir.path().join("made.db")] {
        let database = open(&path).unwrap();
        assert!(database.sql.execute("DELETE FROM session", []).is_err());
        assert!(database.sql.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").is_err() || titles(&database) == ["one"]);
    }
}

#[test]
fn a_broken_file_a_link_and_a_folder_are_errors_that_name_the_path() {
    let dir = tempfile::tempdir().unwrap();
    let junk = dir.path().join("junk.db");
    std::fs::write(&junk, [7; 5000]).unwrap();
    std::fs::create_dir(dir.path().join("folder.db")).unwrap();
    let mut places = vec![junk, dir.path().join("folder.db"), dir.path().join("none.db")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(left_behind(dir.path()), dir.path().join("link.db")).unwrap();
        places.push(dir.path().join("link.db"));
        assert_eq!(crate::platform::facts(&dir.path().join("link.db")).unwrap().kind, Kind::Symlink);
    }
    for path in places {
        assert_eq!(open(&path).unwrap_err().path.as_deref(), Some(&*path));
    }
}

#[test]
fn a_copy_is_whole_fifty_times_of_fifty_while_another_writes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("busy.db");
    let mut sql = Connection::open(&path).unwrap();
    sql.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE pair(a integer, b text)").unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let over = &stop;
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut n = 0_i64;
            while !over.load(std::sync::atomic::Ordering::Relaxed) && n < 1_000_000 {
                let all = sql.transaction().unwrap();
                for _ in 0..2 {
                    all.execute("INSERT INTO pair VALUES(?1, ?2)", (n, "x".repeat(9000))).unwrap();
                }
                all.execute("DELETE FROM pair WHERE a < ?1", [n - 40]).unwrap();
                all.commit().unwrap();
                n += 1;
            }
            n
        });
        let _ends = Ends(over);
        let mut last = -1;
        for round in 0..50 {
            let to = dir.path().join(format!("copy-{round}.db"));
            copy(&open(&path).unwrap(), &to, &[]).unwrap();
            let copied = open(&to).unwrap();
            let one = |text: &str| copied.sql.query_row(text, [], |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(one("SELECT count(*) FROM (SELECT a FROM pair GROUP BY a HAVING count(*) <> 2)"), 0, "half a transaction");
            let newest = one("SELECT coalesce(max(a), -1) FROM pair");
            assert!(newest >= last, "an older moment than the copy before");
            last = newest;
        }
        drop(Ends(over));
        assert!(writer.join().unwrap() > 50, "the writer must have been busy");
    });
}

#[test]
fn a_copy_holds_no_token_and_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (path, to) = (left_behind(dir.path()), dir.path().join("copy.db"));
    copy(&open(&path).unwrap(), &to, &[("account", "access_token"), ("credential", "value")]).unwrap();
    assert_eq!(titles(&open(&to).unwrap()), ["one"]);
    assert!(!std::fs::read(&to).unwrap().windows(15).any(|w| w == b"tok-very-secret"));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::symlink_metadata(&to).unwrap().permissions()) & 0o777, 0o600);
    assert!(copy(&open(&path).unwrap(), &to, &[]).is_err(), "a copy replaces nothing");
}
