//! Prune, reclaim, archive and vacuum, and that undo brings everything back as it was.

use super::made::{self, Shape};
use super::{Home, dump, integrity, mentions};
use crate::lifecycle::book::Shelf;
use crate::lifecycle::chunk::Reader;
use crate::lifecycle::opencode::prune::{self, Which};
use crate::lifecycle::opencode::{archive, reclaim};
use crate::lifecycle::pen::Pen;
use crate::lifecycle::undo::{history, purge, undo};
use crate::lifecycle::vacuum::{Vacuum, vacuum};
use crate::model::OpState;
use crate::vault::PurgeWhat;
use crate::vault::tests::same::Tree;
use rusqlite::Connection;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn old(days: u32) -> Which {
    Which::Older { than: DAY * days, children: false }
}

fn prune(home: &Home, which: &Which) -> crate::model::Receipt {
    let plan = prune::plan(&home.desk(), &home.root, which).unwrap();
    prune::carry_out(&home.desk(), &plan).unwrap().remove(0)
}

#[test]
fn a_pruned_tree_is_gone_from_every_table_and_file_and_undo_brings_every_row_and_file_back_as_it_was() {
    for newest in [false, true] {
        let home = Home::with(Shape { newest, ..Shape::default() });
        // The older tree: 7 is at its top, 8 to 13 are its children.
        let child = made::id(9);
        let session = format!(r#"{{"id":"{child}","parentID":"{}","title":"Twin","time":{{"created":1,"updated":2}}}}"#, made::id(7));
        home.file(&format!("storage/session/prj_0/{child}.json"), &session);
        home.file(&format!("storage/message/{child}/msg_json.json"), r#"{"id":"msg_json","time":{"created":1}}"#);
        home.file("storage/part/msg_json/prt_json.json", &format!(r#"{{"id":"prt_json","sessionID":"{child}"}}"#));
        home.file(&format!("storage/session_diff/{child}.json"), "[]");
        let other = home.file(&format!("storage/session_diff/{}.json", made::id(0)), "[]");
        home.file("tool-output/tool_1", "kept");
        home.file("log/1.log", &format!("INFO service=session id={child} created"));
        let log = home.file("log/2.log", &format!("INFO service=session id={} created", made::id(0)));
        {
            let sql = Connection::open(&home.database).unwrap();
            sql.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
            // A part whose session says otherwise than its message does.
            let words = "INSERT INTO part VALUES ('prt_astray',?1,'ses_elsewhere',1,1,'{}')";
            sql.execute(words, [format!("msg_{:08x}_0", 9)]).unwrap();
        }
        let before = home.dump();
        let files = Tree::of(&home.root.join("storage"));
        let receipt = prune(&home, &old(30));
        assert_eq!((receipt.moved, receipt.failed.len(), receipt.skipped.len()), (7, 0, 0), "{receipt:?}");
        for number in 7..14 {
            assert_eq!(mentions(&home.root, &home.database, &made::id(number)), Vec::<String>::new());
        }
        assert!(!mentions(&home.root, &home.database, &made::id(0)).is_empty() && other.exists() && log.exists());
        assert_eq!(mentions(&home.root, &home.database, "prt_astray"), Vec::<String>::new());
        assert_eq!(integrity(&home.database), "ok");
        assert_eq!(history(&home.world).unwrap()[0].state, OpState::Stands);
        let back = undo(&home.desk(), None, false).unwrap();
        assert_eq!((back.moved, back.failed.len(), back.skipped.len()), (7, 0, 0), "{back:?}");
        assert_eq!(home.dump(), before);
        assert_eq!(Tree::of(&home.root.join("storage")), files);
        assert_eq!(history(&home.world).unwrap().last().unwrap().state, OpState::Undone);
    }
}

#[test]
fn a_tree_is_as_young_as_its_newest_member_and_its_newest_row() {
    let home = Home::with(Shape::default());
    let sql = Connection::open(&home.database).unwrap();
    let newer = made::NOW - 86_400_000;
    sql.execute("UPDATE part SET time_updated=?1 WHERE session_id=?2", (newer, made::id(12))).unwrap();
    let plan = prune::plan(&home.desk(), &home.root, &old(30)).unwrap();
    assert!(plan.units.is_empty(), "a part of a child is young");
    let with_children = Which::Older { than: DAY * 30, children: true };
    let plan = prune::plan(&home.desk(), &home.root, &with_children).unwrap();
    let mut ids: Vec<String> = plan.units.iter().flat_map(|u| u.sessions.clone()).collect();
    ids.sort();
    assert_eq!(ids, [8, 9, 10, 11, 13].map(made::id), "old children go, the young one and the parent stay");
}

#[test]
fn what_was_active_a_moment_ago_is_left_alone_with_words_even_if_it_is_named() {
    let home = Home::with(Shape::default());
    let sql = Connection::open(&home.database).unwrap();
    sql.execute("UPDATE message SET time_updated=?1 WHERE session_id=?2", (made::NOW - 60_000, made::id(3))).unwrap();
    let plan = prune::plan(&home.desk(), &home.root, &Which::Named(vec![made::id(0)])).unwrap();
    assert!(plan.units.is_empty());
    assert_eq!(plan.skipped[0].reason, "in use: active 60 s ago");
}

#[test]
fn a_reclaim_takes_old_events_and_outputs_put_aside_and_nothing_of_any_conversation() {
    let home = Home::with(Shape::default());
    let before = home.dump();
    let which = reclaim::Which::default();
    let plan = reclaim::plan(&home.desk(), &home.places(), 0, &which).unwrap();
    let receipt = reclaim::carry_out(&home.desk(), &home.places(), 0, &which).unwrap();
    assert_eq!((receipt.moved, receipt.bytes), (plan.all().rows, plan.all().bytes));
    let after = home.dump();
    for (table, rows) in &before {
        match table.as_str() {
            // One of five pictures of each part and message is left, and what is no picture; of the orphans the newest.
            "event" => assert_eq!(after[table].len(), 14 * (1 + 2 * 3) + 1),
            "part" => assert_eq!(after[table].len(), rows.len()),
            _ => assert_eq!(&after[table], rows, "{table}"),
        }
    }
    let sql = Connection::open(&home.database).unwrap();
    let count = |words: &str| sql.query_row(words, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM part WHERE data->>'$.state.output'='[reclaimed]'"), 14);
    assert_eq!(
        count("SELECT count(*) FROM part WHERE data->>'$.state.time.compacted' IS NULL AND data->>'$.state.output'='[reclaimed]'"),
        0
    );
    assert_eq!(count("SELECT count(*) FROM part WHERE data->>'$.state.time.compacted'>0 AND data->'$.state.attachments'<>'[]'"), 0);
    assert_eq!(
        count("SELECT count(*) FROM event WHERE type<>'session.created.1' AND data->>'$.part.n'<5 OR data->>'$.info.n'<5"),
        0,
        "the newest stays"
    );
    assert_eq!(reclaim::carry_out(&home.desk(), &home.places(), 0, &which).unwrap().moved, 0, "there is nothing left to reclaim");
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
}

#[test]
fn a_huge_diff_goes_only_where_it_is_asked_for_and_comes_back_byte_for_byte() {
    let home = Home::with(Shape { huge: 3 << 20, sessions: 1, ..Shape::default() });
    let before = home.dump();
    let which = reclaim::Which { diffs: true, ..reclaim::Which::default() };
    let receipt = reclaim::carry_out(&home.desk(), &home.places(), 0, &which).unwrap();
    assert!(receipt.bytes > 3 << 20);
    let sql = Connection::open(&home.database).unwrap();
    let data: String =
        sql.query_row("SELECT data FROM message WHERE octet_length(data)>0 AND id='msg_00000000_0'", [], |row| row.get(0)).unwrap();
    assert_eq!(
        data,
        format!(r#"{{"role":"user","time":{{"created":{}}},"summary":{{"title":"Huge","diffs":[]}},"agent":"build"}}"#, made::NOW)
    );
    drop(sql);
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
}

#[test]
fn archiving_sets_one_value_and_undo_gives_back_the_one_that_was() {
    let home = Home::with(Shape { newest: true, ..Shape::default() });
    let before = home.dump();
    let ids = [made::id(2)];
    let receipt = archive::archive(&home.desk(), &home.places(), 0, &ids, true, false).unwrap();
    assert_eq!(receipt.moved, 1);
    let sql = Connection::open(&home.database).unwrap();
    let both = "SELECT s.time_archived,v.time_archived FROM session s JOIN session_v2 v USING(id) WHERE id=?1";
    let told = |sql: &Connection| {
        sql.query_row(both, [&ids[0]], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))).unwrap()
    };
    assert_eq!(told(&sql), (Some(made::NOW), Some(made::NOW)));
    drop(sql);
    assert_eq!(archive::archive(&home.desk(), &home.places(), 0, &ids, true, false).unwrap().moved, 0, "it is archived already");
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before, "NULL and 0 are as they were");
}

#[test]
fn undo_never_writes_over_what_is_newer() {
    let home = Home::with(Shape::default());
    let ids = [made::id(2)];
    archive::archive(&home.desk(), &home.places(), 0, &ids, true, false).unwrap();
    let sql = Connection::open(&home.database).unwrap();
    sql.execute("UPDATE session SET time_archived=5 WHERE id=?1", [&ids[0]]).unwrap();
    drop(sql);
    let back = undo(&home.desk(), None, false).unwrap();
    assert_eq!(back.skipped.len(), 1);
    assert!(back.skipped[0].reason.contains("it was changed since"), "{back:?}");
    assert!(home.dump()["session"].iter().any(|row| row.contains("Int(5)")));
}

#[test]
fn a_purge_takes_what_was_kept_for_good() {
    let home = Home::with(Shape::default());
    let receipt = prune(&home, &old(30));
    assert!(receipt.vault.as_ref().unwrap().is_dir());
    let gone = purge(&home.desk(), &PurgeWhat::All, false).unwrap();
    assert_eq!(gone.moved, 7);
    assert!(!receipt.vault.unwrap().exists());
    assert!(undo(&home.desk(), Some(&receipt.operation), false).is_err());
    assert_eq!(history(&home.world).unwrap().iter().filter(|o| o.state == OpState::Purged).count(), 2);
}

#[test]
fn a_vacuum_gives_the_space_back_and_keeps_every_row_the_mode_and_the_rights() {
    for how in [Vacuum::Beside, Vacuum::InPlace] {
        let home = Home::with(Shape { sessions: 70, output: 20_000, ..Shape::default() });
        reclaim::carry_out(&home.desk(), &home.places(), 0, &reclaim::Which::default()).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&home.database, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let before = home.dump();
        let size = std::fs::metadata(&home.database).unwrap().len();
        let receipt = vacuum(&home.desk(), &home.database, how, false).unwrap();
        let now = std::fs::metadata(&home.database).unwrap();
        assert!(now.len() < size / 2, "{} of {size}", now.len());
        assert!(receipt.free_change.unwrap() > 0);
        assert_eq!(home.dump(), before);
        assert_eq!(integrity(&home.database), "ok");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&now.permissions()) & 0o777, 0o640);
        let header = crate::database::Header::read(&home.database).unwrap().unwrap();
        assert!(header.wal && header.free_pages == 0);
        let names: Vec<String> = std::fs::read_dir(&home.root).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        assert!(names.iter().all(|n| !n.contains("lifeboat")), "{names:?}");
        let undone = undo(&home.desk(), Some(&receipt.operation), false).unwrap();
        assert!(undone.moved == 0 && undone.notes[0].contains("took nothing away"), "{undone:?}");
        assert_eq!(dump(&home.database), before);
    }
}

#[test]
fn a_database_of_an_unknown_shape_is_only_looked_at() {
    for words in [
        "CREATE TABLE session_extra (session_id text, note text)",
        "CREATE TABLE footnote (id text PRIMARY KEY, part text REFERENCES part(id) ON DELETE CASCADE)",
        "ALTER TABLE event RENAME COLUMN seq TO position",
        "CREATE TRIGGER t AFTER DELETE ON session BEGIN DELETE FROM credential; END",
    ] {
        let home = Home::with(Shape::default());
        Connection::open(&home.database).unwrap().execute_batch(words).unwrap();
        let before = home.dump();
        let tried = prune::plan(&home.desk(), &home.root, &old(30)).and_then(|plan| prune::carry_out(&home.desk(), &plan));
        let told = tried.unwrap_err();
        assert_eq!(told.exit_code(), 3, "{told}");
        assert_eq!(home.dump(), before);
    }
    let home = Home::with(Shape::default());
    let words =
        "CREATE TABLE note (id text PRIMARY KEY, owner text REFERENCES session(id) ON DELETE CASCADE); INSERT INTO note VALUES ('n',?1)";
    Connection::open(&home.database).unwrap().execute_batch(&words.replace("?1", &format!("'{}'", made::id(8)))).unwrap();
    let before = home.dump();
    prune(&home, &old(30));
    assert!(home.dump()["note"].is_empty(), "a plain key to a session is enough to know whose it is");
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
}

#[test]
fn a_rule_archives_idle_trees_and_finished_children_and_nothing_without_it() {
    let home = Home::with(Shape::default());
    let due = |idle, children| archive::due(&home.desk(), &home.root, archive::Shelve { idle, children }).unwrap();
    assert!(due(None, None).is_empty());
    assert_eq!(due(Some(DAY * 30), None), (7..14).map(made::id).collect::<Vec<_>>(), "the older tree");
    let sql = Connection::open(&home.database).unwrap();
    let moment = made::NOW - 3_600_000;
    sql.execute("UPDATE session SET time_updated=?1 WHERE id IN (?2,?3)", (moment, made::id(0), made::id(4))).unwrap();
    sql.execute("UPDATE session SET time_archived=1 WHERE id=?1", [made::id(5)]).unwrap();
    drop(sql);
    let finished: Vec<String> = [1, 2, 3, 6].into_iter().chain(8..14).map(made::id).collect();
    assert_eq!(due(None, Some(DAY / 2)), finished, "children that are quiet, not those at the top");
}

/// A store with one value of some megabytes, and what it holds.
fn with_a_large_text() -> (Home, std::collections::BTreeMap<String, Vec<String>>) {
    let home = Home::with(Shape { huge: 3 << 20, ..Shape::default() });
    let before = home.dump();
    assert!(before["message"].iter().any(|row| row.len() > 3 << 20));
    (home, before)
}

#[test]
fn a_large_text_comes_back_as_the_text_it_was_after_a_prune_and_after_a_reclaim_of_diffs() {
    let (home, before) = with_a_large_text();
    prune(&home, &Which::Named(vec![made::id(0)]));
    assert_ne!(home.dump(), before);
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
    let which = reclaim::Which { diffs: true, ..reclaim::Which::default() };
    reclaim::carry_out(&home.desk(), &home.places(), 0, &which).unwrap();
    assert!(home.dump()["message"].iter().all(|row| row.len() < 1 << 20));
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
    assert_eq!(integrity(&home.database), "ok");
    let mode: String = Connection::open(&home.database).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn an_undo_that_ended_before_a_large_text_was_a_text_again_is_finished() {
    let (home, before) = with_a_large_text();
    prune(&home, &Which::Named(vec![made::id(0)]));
    let record = Shelf::of(&home.world).records().unwrap().remove(0);
    let mut pen = Pen::take(&home.database).unwrap();
    for part in record.held().rev() {
        pen.change(|change| {
            change.defer_links()?;
            let mut content = Reader::open(&record.place(part.chunk))?;
            while let Some(was) = content.next().unwrap() {
                change.put_back(&was, &mut content)?;
            }
            assert_eq!(change.stand_as_bytes().len(), 1);
            Ok(())
        })
        .unwrap();
    }
    pen.put_down().unwrap();
    assert_ne!(home.dump(), before);
    let back = undo(&home.desk(), None, false).unwrap();
    assert_eq!((back.skipped.len(), back.failed.len()), (0, 0), "{back:?}");
    assert_eq!(home.dump(), before);
}

#[test]
fn a_large_text_that_an_index_rests_on_comes_back_as_well() {
    let home = Home::with(Shape { huge: 3 << 20, ..Shape::default() });
    Connection::open(&home.database).unwrap().execute_batch("CREATE INDEX by_type ON message (typeof(data))").unwrap();
    let before = home.dump();
    prune(&home, &Which::Named(vec![made::id(0)]));
    undo(&home.desk(), None, false).unwrap();
    assert_eq!(home.dump(), before);
    assert_eq!(integrity(&home.database), "ok");
}
