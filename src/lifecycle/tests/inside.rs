//! What stands inside a database is told by what it is, and the verbs take just that.

use super::made::{self, Shape};
use super::{Home, integrity};
use crate::lifecycle::opencode::{orphans, reclaim};
use crate::lifecycle::undo::undo;
use crate::lifecycle::vacuum::{Vacuum, vacuum};
use crate::model::{Catalog, Class, Marks};
use crate::scan::{self, Options};
use crate::vault::{self, Selection};
use rusqlite::Connection;
use std::collections::BTreeMap;

fn scanned(home: &Home) -> Catalog {
    scan::run(&home.world, Options::default())
}

/// What of no session stands inside the database: class and bytes by its way.
fn told(home: &Home, catalog: &Catalog) -> BTreeMap<String, (Class, u64)> {
    let rows = catalog.all_rows().filter(|r| catalog.node(r.id).marks.has(Marks::INSIDE) && catalog.node(r.id).session.is_none());
    let top = format!("{}!/", home.database.display());
    rows.map(|r| (catalog.path(r.id).to_string_lossy().replace(&top, ""), (r.class, r.tally.bytes))).collect()
}

fn on_disk(home: &Home) -> u64 {
    std::fs::read_dir(&home.root).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn each_sort_has_a_row_with_what_its_verb_takes_and_all_adds_up_to_the_files() {
    let home = Home::with(Shape { newest: true, ..Shape::default() });
    let catalog = scanned(&home);
    let rows = told(&home, &catalog);
    let plan = reclaim::plan(&home.desk(), &home.places(), 0, &reclaim::Which::default()).unwrap();
    assert_eq!(rows["events/replaced"], (Class::Rebuildable, plan.found[reclaim::EVENTS].bytes));
    assert_eq!(rows["outputs/compacted"], (Class::AtRisk, plan.found[reclaim::OUTPUTS].bytes));
    assert!(!rows.contains_key("events/superseded"), "{rows:?}");
    let gone: Vec<&str> =
        rows.iter().filter(|(way, (class, _))| way.starts_with("orphans/") && *class == Class::AtRisk).map(|r| r.0.as_str()).collect();
    assert_eq!(gone, ["orphans/event", "orphans/event_sequence", "orphans/part"]);
    assert_eq!(
        (catalog.grand_totals().all().bytes, catalog.all_rows().map(|r| r.tally.bytes).sum::<u64>()),
        (on_disk(&home), on_disk(&home))
    );
    let clean = vault::plan(&home.world, &catalog, &Selection::default());
    assert_eq!((clean.items.len(), clean.skipped.len()), (0, 0), "other verbs take what is inside: {:?}", clean.skipped);

    reclaim::carry_out(&home.desk(), &home.places(), 0, &reclaim::Which::default()).unwrap();
    let catalog = scanned(&home);
    let rows = told(&home, &catalog);
    assert!(!rows.contains_key("events/replaced") && !rows.contains_key("outputs/compacted"), "{rows:?}");
    assert_eq!(rows["free-pages"].0, Class::Rebuildable);
    assert_eq!(catalog.grand_totals().all().bytes, on_disk(&home));
    vacuum(&home.desk(), &home.database, Vacuum::Beside, false).unwrap();
    assert!(!told(&home, &scanned(&home)).contains_key("free-pages"));
}

#[test]
fn an_earlier_state_with_a_text_that_the_later_one_has_not_is_at_risk() {
    let home = Home::with(Shape::default());
    let sql = Connection::open(&home.database).unwrap();
    let words = "UPDATE event SET data=replace(data,'What was asked','A thought that was taken back') WHERE id=\
                 (SELECT id FROM event WHERE data LIKE '%What was asked%' ORDER BY seq LIMIT 1)";
    assert_eq!(sql.execute(words, []).unwrap(), 1);
    drop(sql);
    let rows = told(&home, &scanned(&home));
    let (class, bytes) = rows["events/superseded"];
    assert!(class == Class::AtRisk && (100..400).contains(&bytes), "{rows:?}");
    let plan = reclaim::plan(&home.desk(), &home.places(), 0, &reclaim::Which::default()).unwrap();
    assert_eq!(rows["events/replaced"].1 + bytes, plan.found[reclaim::EVENTS].bytes);
}

#[test]
fn orphans_go_only_where_they_are_asked_for_and_undo_brings_every_row_back() {
    for newest in [false, true] {
        let home = Home::with(Shape { newest, ..Shape::default() });
        {
            let sql = Connection::open(&home.database).unwrap();
            sql.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
            // A message of a session that is gone, with its part; a part of a message that is gone; one that changed just now.
            sql.execute("INSERT INTO message VALUES ('msg_lone','ses_gone',1,1,'{\"role\":\"user\"}')", []).unwrap();
            sql.execute("INSERT INTO part VALUES ('prt_lone','msg_lone','ses_gone',1,1,'{}')", []).unwrap();
            sql.execute("INSERT INTO part VALUES ('prt_astray','msg_gone',?1,1,1,'{}')", [made::id(3)]).unwrap();
            sql.execute("INSERT INTO part VALUES ('prt_now','msg_gone',?1,1,?2,'{}')", (made::id(3), made::NOW - 1000)).unwrap();
            // Of a session that is in files alone.
            sql.execute("INSERT INTO todo VALUES ('ses_files','Do it','pending','high',0,1,1)", []).unwrap();
        }
        home.file("storage/session/prj_0/ses_files.json", r#"{"id":"ses_files","title":"Twin","time":{"created":1,"updated":2}}"#);
        let before = home.dump();
        reclaim::carry_out(&home.desk(), &home.places(), 0, &reclaim::Which::default()).unwrap();
        assert_eq!(home.dump()["part"].len(), before["part"].len());
        undo(&home.desk(), None, false).unwrap();

        let plan = orphans::plan(&home.desk(), &home.places(), 0).unwrap();
        let receipt = orphans::carry_out(&home.desk(), &home.places(), 0).unwrap();
        let after = home.dump();
        let left = |table: &str| before[table].len() - after[table].len();
        assert_eq!((left("part"), left("message"), left("event"), left("event_sequence"), left("todo")), (3, 1, 10, 1, 0), "{receipt:?}");
        assert_eq!(receipt.moved, 15);
        assert_eq!(plan.all().rows, 6, "nine of its events are superseded, and told with those");
        assert_eq!(integrity(&home.database), "ok");
        let back = undo(&home.desk(), None, false).unwrap();
        assert_eq!((back.skipped.len(), back.failed.len()), (0, 0), "{back:?}");
        assert_eq!(home.dump(), before);
        assert!(orphans::plan(&home.desk(), &home.places(), 0).unwrap().all().rows > 0);
    }
}
