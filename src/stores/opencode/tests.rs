use super::rows::{self, Generation};
use super::*;
use crate::model::{Catalog, Class, Kind};
use crate::platform::Process;
use crate::scan::{self, Options};
use crate::vault::{self, Selection};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

const FIRST: &str = "PRAGMA journal_mode=WAL;
    CREATE TABLE session(id text PRIMARY KEY, project_id text, parent_id text, slug text, directory text, title text, version text,
        time_created integer, time_updated integer, time_archived integer);
    CREATE TABLE message(id text PRIMARY KEY, session_id text, time_created integer, time_updated integer, data text);
    CREATE TABLE part(id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text);
    INSERT INTO session VALUES('ses_aaaaaaaa1','p',NULL,'s','/gone','Rename the images','1.18.33',1795292331130,1795292341130,NULL);
    INSERT INTO session VALUES('ses_aaaaaaaa2','p','ses_aaaaaaaa1','s','/gone','','1.18.33',1795292332130,1795292342130,1795292350000);
    INSERT INTO message VALUES('msg_1','ses_aaaaaaaa1',1,1,'{}');
    INSERT INTO part VALUES('prt_1','msg_1','ses_aaaaaaaa1',1,1,printf('%.*c',30000,'x'));
    INSERT INTO part VALUES('prt_2','msg_9','ses_aaaaaaaa2',1,1,printf('%.*c',9000,'x'));";

const SECOND: &str = "
    CREATE TABLE session_v2(id text PRIMARY KEY, project_id text, parent_id text, directory text, title text, version text,
        time_created integer, time_updated integer, time_archived integer);
    CREATE TABLE session_message(id text PRIMARY KEY, session_id text, type text, seq integer, time_created integer, data text);
    INSERT INTO session_v2 VALUES('ses_aaaaaaaa1','p',NULL,'/gone','Rename all images','2.0.26',1795292331130,1795292399000,0);";

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = "2026-12-24T10:00:00Z".parse().unwrap();
        let world = World::at(dir.path(), BTreeMap::new()).with_clock(now);
        Self { dir, world }
    }
    fn data(&self) -> PathBuf {
        self.dir.path().join(".local/share/opencode")
    }
    fn put(&self, path: &str, text: &str) {
        let path = self.data().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    /// A database that its writer left with everything in the `-wal`.
    fn database(&self, name: &str, sql: &str) {
        let made = tempfile::tempdir().unwrap();
        let from = made.path().join("db");
        let connection = Connection::open(&from).unwrap();
        connection.execute_batch(sql).unwrap();
        std::fs::create_dir_all(self.data()).unwrap();
        for end in ["", "-wal", "-shm"] {
            std::fs::write(self.data().join(format!("{name}{end}")), std::fs::read(made.path().join(format!("db{end}"))).unwrap()).unwrap();
        }
    }
    fn scan(&self) -> Catalog {
        scan::run(&self.world, Options::default())
    }
}

fn ids(catalog: &Catalog) -> Vec<(&str, &str, bool, Option<&str>)> {
    let mut all: Vec<_> = catalog.sessions.iter().map(|s| (s.id.as_str(), s.title.as_str(), s.archived, s.starter.as_deref())).collect();
    all.sort_unstable();
    all
}

#[test]
fn sessions_of_the_database_are_listed_with_parents_and_archived_marks_though_all_stands_in_the_wal() {
    let home = Home::new();
    home.database("opencode.db", FIRST);
    let catalog = home.scan();
    let first = ("ses_aaaaaaaa1", "Rename the images", false, None);
    assert_eq!(ids(&catalog), [first, ("ses_aaaaaaaa2", "ses_aaaaaaaa2", true, Some("ses_aaaaaaaa1"))]);
    assert_eq!((catalog.stores[0].layout.as_str(), catalog.errors.len()), ("sqlite-v1", 0));
}

#[test]
fn under_2_x_a_session_that_stands_twice_is_listed_once_and_one_that_was_not_taken_over_is_listed_too() {
    let home = Home::new();
    home.database("opencode.db", &[FIRST, SECOND].concat());
    home.database("opencode-dev.db", &FIRST.replace("aaaaaaaa", "bbbbbbbb"));
    let catalog = home.scan();
    let (ids, titles): (Vec<&str>, Vec<&str>) = ids(&catalog).iter().map(|s| (s.0, s.1)).unzip();
    assert_eq!(ids, ["ses_aaaaaaaa1", "ses_aaaaaaaa2", "ses_bbbbbbbb1", "ses_bbbbbbbb2"]);
    assert_eq!(titles[0], "Rename all images");
    let database = crate::database::open(&home.data().join("opencode.db")).unwrap();
    let rows = rows::sessions(&database, &database.schema().unwrap()).unwrap();
    let told: Vec<_> = rows.iter().map(|r| (r.id.as_str(), r.generation, r.twice, r.archived)).collect();
    let old = ("ses_aaaaaaaa2", Generation::First, false, Some(1_795_292_350_000));
    assert_eq!(told, [("ses_aaaaaaaa1", Generation::Second, true, None), old]);
}

#[test]
fn the_staging_tables_of_1_18_do_not_make_a_store_of_2_x() {
    let home = Home::new();
    let staging =
        "CREATE TABLE session_message(id text PRIMARY KEY, session_id text, type text, seq integer, time_created integer, data text);";
    home.database("opencode.db", &[FIRST, staging].concat());
    assert_eq!(home.scan().stores[0].layout, "sqlite-v1");
}

#[test]
fn a_session_in_files_alone_is_listed_and_its_files_are_its_own() {
    let home = Home::new();
    home.put(
        "storage/session/p/ses_cccccccc1.json",
        r#"{"id":"ses_cccccccc1","title":"Old","time":{"created":1795292331130,"updated":1795292331999}}"#,
    );
    home.put("storage/message/ses_cccccccc1/msg_cccccccc1.json", r#"{"role":"user"}"#);
    home.put("storage/part/msg_cccccccc1/prt_cccccccc1.json", r#"{"type":"text","text":"hello"}"#);
    home.put("storage/session_diff/ses_dddddddd1.json", "[]");
    let catalog = home.scan();
    let listed: Vec<_> = catalog.sessions.iter().map(|s| (s.id.as_str(), s.title.as_str(), s.notes.len())).collect();
    assert_eq!(listed, [("ses_cccccccc1", "Old", 1), ("ses_dddddddd1", "ses_dddddddd1", 1)]);
    let old = catalog.session_rows(crate::model::SessionIx::at(0)).map(|r| catalog.path(r.id)).collect::<BTreeSet<_>>();
    assert_eq!(old.len(), 3, "{old:?}");
    assert!(catalog.all_rows().all(|r| r.class == Class::AtRisk));
}

#[test]
fn rows_of_sessions_have_paths_of_their_own_and_add_up_with_the_database_to_what_is_on_disk() {
    let home = Home::new();
    home.database("opencode.db", FIRST);
    let catalog = home.scan();
    let row = catalog.find(&home.data().join("opencode.db!/session/ses_aaaaaaaa1")).unwrap();
    let (node, bytes) = (catalog.node(row), catalog.node(row).size);
    assert!((30_000..31_000).contains(&bytes) && node.kind == Kind::Other && node.class == Class::AtRisk, "{bytes}");
    assert_eq!(catalog.session(node.session.unwrap()).id, "ses_aaaaaaaa1");
    let on_disk: u64 = std::fs::read_dir(home.data()).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum();
    assert_eq!(catalog.grand_totals().all().bytes, on_disk);
    assert_eq!(catalog.all_rows().map(|r| r.tally.bytes).sum::<u64>(), on_disk);
}

#[test]
fn no_plan_takes_a_row_or_the_database_whatever_is_asked_for() {
    let home = Home::new();
    home.database("opencode.db", FIRST);
    home.put("auth.json", "{}");
    home.put("log/opencode.log", "x");
    home.put("log/notes.txt", "mine");
    let catalog = home.scan();
    let plan = vault::plan(&home.world, &catalog, &Selection { classes: Class::ALL.to_vec(), ..Selection::default() });
    let names: Vec<String> = plan.items.iter().map(|i| i.path.path.rsplit('/').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(names, ["notes.txt", "opencode.log"]);
    let reasons: Vec<&str> = plan.skipped.iter().filter(|s| s.path.path.contains("ses_")).map(|s| s.reason.as_str()).collect();
    assert!(reasons.iter().all(|r| r.contains("inside a database")), "{reasons:?}");
    let log = catalog.find(&home.data().join("log/opencode.log")).unwrap();
    assert_eq!((catalog.node(log).class, catalog.grand_totals().of(Class::Rebuildable).files), (Class::Rebuildable, 1));
}

#[test]
fn while_any_opencode_runs_or_it_cannot_be_told_every_session_is_in_use() {
    let process =
        |name: &str, exe: &str| Process { pid: 7, name: name.into(), exe: Some(exe.into()), started: 0, ticks: None, script: None };
    let node = |script: &str| Process { script: Some(script.into()), ..process("node", "/usr/bin/node") };
    for own in [
        node("/usr/lib/node_modules/opencode-ai/bin/cli.js"),
        node("/usr/local/bin/opencode"),
        process("opencode", "/usr/bin/opencode"),
        process(".opencode", "/x/bin/.opencode"),
        process("OpenCode.exe", r"C:\x\OpenCode.exe"),
    ] {
        let mut home = Home::new();
        home.database("opencode.db", FIRST);
        home.world = home.world.with_processes(vec![own]);
        assert!(home.scan().sessions.iter().all(|s| s.live.as_deref().is_some_and(|l| l.contains("opencode runs"))));
    }
    let home = Home::new();
    home.database("opencode.db", FIRST);
    assert!(home.scan().sessions.iter().all(|s| s.live.is_none()));
    assert!(!is_opencode(&node("/srv/app/server.js")));
}

#[test]
fn a_database_that_is_none_and_one_with_other_tables_are_told_of_and_hide_nothing_else() {
    let home = Home::new();
    home.database("opencode.db", FIRST);
    home.put("opencode-bad.db", "not a database, but long enough to have a header if it were one, which it is not: no, not at all");
    home.database("opencode-new.db", "PRAGMA journal_mode=WAL; CREATE TABLE session(id text, words text)");
    let catalog = home.scan();
    assert_eq!(catalog.sessions.len(), 2);
    assert_eq!(catalog.errors.iter().filter(|e| e.path.ends_with("opencode-bad.db")).count(), 1);
    assert!(catalog.stores[0].notes.iter().any(|n| n.contains("opencode-new.db") && n.contains("not as it is known")));
}

#[test]
fn unfinished_packs_of_a_snapshot_are_rebuildable_once_they_are_old_and_go_by_themselves() {
    let home = Home::new();
    let repository = format!("snapshot/{}", "ab".repeat(20));
    home.put(&format!("{repository}/HEAD"), "ref: refs/heads/main\n");
    home.put(&format!("{repository}/objects/pack/tmp_pack_aB3dE6"), "PACK\0\0\0\u{2}and so on");
    home.put(&format!("{repository}/objects/pack/pack-{}.pack", "cd".repeat(20)), "PACK\0\0\0\u{2}whole");
    let catalog = home.scan();
    let plan = vault::plan(&home.world, &catalog, &Selection::default());
    let names: Vec<&str> = plan.items.iter().filter_map(|i| i.path.path.rsplit('/').next()).collect();
    assert_eq!(names, ["tmp_pack_aB3dE6"]);
    let receipt = vault::clean(&home.world, &plan, vault::Consent::default(), &crate::model::Quiet).unwrap();
    assert_eq!(receipt.moved, 1, "{receipt:?}");
}

#[test]
fn the_whole_of_a_cut_output_is_of_the_session_whose_part_names_it_and_of_none_where_two_do() {
    let home = Home::new();
    for name in ["tool_aaaaaaaa1", "tool_aaaaaaaa2", "tool_aaaaaaaa3", "tool_aaaaaaaa4"] {
        home.put(&format!("tool-output/{name}"), "all of it");
    }
    let now = home.world.now().as_millisecond();
    let part = |id: &str, session: &str, sort: &str, name: &str| {
        let data = format!(r#"{{"type":"{sort}","state":{{"output":"Full output saved to: /x/tool-output/{name}\\nUse"}}}}"#);
        format!("INSERT INTO part VALUES('{id}','msg_1','{session}',{at},{at},'{data}');", at = now - 1000)
    };
    let real = jiff::Timestamp::now().as_millisecond() - now;
    let parts = [
        part("prt_11", "ses_aaaaaaaa1", "tool", "tool_aaaaaaaa1"),
        part("prt_12", "ses_aaaaaaaa1", "tool", "tool_aaaaaaaa2"),
        part("prt_13", "ses_aaaaaaaa2", "tool", "tool_aaaaaaaa2"),
        part("prt_14", "ses_aaaaaaaa1", "text", "tool_aaaaaaaa3"),
        format!("UPDATE part SET time_created=time_created+{real};"),
    ];
    home.database("opencode.db", &[FIRST, &parts.concat()].concat());
    let catalog = home.scan();
    let of = |name: &str| {
        let node = catalog.node(catalog.find(&home.data().join("tool-output").join(name)).unwrap());
        node.session.map(|s| catalog.session(s).id.as_str())
    };
    let all = ["tool_aaaaaaaa1", "tool_aaaaaaaa2", "tool_aaaaaaaa3", "tool_aaaaaaaa4"].map(of);
    assert_eq!(all, [Some("ses_aaaaaaaa1"), None, None, None]);
}
