//! The plan screen and what follows it: nothing destructive by accident.

use super::fixture::{Driver, now, sample};
use crate::model::{Action, Class, Identity, OpState, Operation, PathText, Plan, PlanItem, Skipped, Tally, Totals};
use crate::tui::app::Screen;
use crate::tui::confirm::Agreed;
use crate::tui::msg::{Deed, Effect, Msg, Outcome};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::path::Path;
use std::time::Duration;

fn item(path: &str, class: Class, bytes: u64, files: u64, group: &str, comes_back: Option<&str>) -> PlanItem {
    PlanItem {
        path: PathText::new(Path::new(path)),
        store: "cowork".into(),
        session: Some("local_5a7d4a86".into()),
        class,
        bytes,
        allocated: bytes,
        files,
        identity: Identity { device: 1, inode: 2, size: bytes, mtime_ns: 0, tree: None },
        action: Action::Vault,
        evidence: vec![],
        comes_back: comes_back.map(Into::into),
        proof: None,
        group: group.into(),
        image: None,
    }
}

pub fn plan(at_risk: usize) -> Plan {
    let root = super::fixture::ROOT;
    let mut items = vec![
        item(
            &format!("{root}/local_5a7d4a86/plugins"),
            Class::Rebuildable,
            5_800_000_000,
            4655,
            "plugin copies",
            Some("the app copies them again when the session starts"),
        ),
        item(
            &format!("{root}/local_77aa11bb/plugins"),
            Class::Rebuildable,
            5_400_000_000,
            4655,
            "plugin copies",
            Some("the app copies them again when the session starts"),
        ),
        item(
            &format!("{root}/local_5a7d4a86/outputs/work/node_modules"),
            Class::Rebuildable,
            3_400_000_000,
            2480,
            "node_modules",
            Some("npm install from the lock beside it"),
        ),
        item(
            &format!("{root}/local_5a7d4a86/outputs/report.docx"),
            Class::Flushed,
            20_000,
            1,
            "",
            Some("same bytes in ~/Documents/Quarterly Report"),
        ),
    ];
    for n in 0..at_risk {
        items.push(item(&format!("{root}/local_5a7d4a86/outputs/chart-{n}.png"), Class::AtRisk, 1_400_000, 1, "", None));
    }
    let mut totals = Totals::default();
    for i in &items {
        *totals.of_mut(i.class) += Tally { files: i.files, bytes: i.bytes, allocated: i.allocated };
    }
    let skipped = vec![Skipped { path: PathText::new(Path::new("/home/u/live.txt")), reason: "in use: writing 20 s ago".into() }];
    Plan { schema: "lifeboat.plan/1".into(), created: now(), roots: vec![], items, skipped, totals, fingerprint: "0".repeat(64) }
}

pub fn with_plan(at_risk: usize, columns: u16, rows: u16) -> Driver {
    let mut d = Driver::new(sample(), columns, rows);
    d.send(Msg::Tick(d.at, now())).send(Msg::Planned(Ok(plan(at_risk))));
    d
}

fn carried(d: &Driver) -> Option<&Agreed> {
    d.effects.iter().find_map(|e| if let Effect::Carry(c) = e { Some(c.agreed()) } else { None })
}

#[test]
fn c_asks_for_a_plan_and_changes_nothing() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("plugin copies (2 sessions)").keys("c");
    assert!(matches!(d.effects.last(), Some(Effect::Plan(all)) if all.len() == 2 && all.iter().all(|c| c.classes == [Class::Rebuildable])));
    assert!(carried(&d).is_none());
}

#[test]
fn enter_esc_q_and_n_go_back_from_the_plan() {
    for key in ["\n", "\x1b", "q", "n"] {
        let mut d = with_plan(0, 120, 40);
        d.keys(key);
        assert!(matches!(d.app.screen, Screen::Main), "{key:?}");
        assert!(carried(&d).is_none());
    }
}

#[test]
fn capital_y_carries_the_plan_out_and_small_y_does_not() {
    let mut d = with_plan(0, 120, 40);
    d.keys("y");
    assert!(carried(&d).is_none());
    d.keys("Y");
    assert!(matches!(carried(&d), Some(Agreed::Clean(plan, None)) if plan.items.len() == 4));
}

#[test]
fn a_key_typed_before_the_plan_could_be_seen_is_no_answer() {
    let mut d = with_plan(0, 120, 40);
    let soon = d.at + Duration::from_millis(100);
    d.send(Msg::Key(KeyEvent::new(KeyCode::Char('Y'), KeyModifiers::SHIFT), soon));
    assert!(carried(&d).is_none() && matches!(d.app.screen, Screen::Plan(_)));
}

#[test]
fn things_at_risk_ask_for_their_number_and_are_backed_up_first() {
    let mut d = with_plan(3, 120, 40);
    d.keys("Y");
    assert!(carried(&d).is_none(), "it asks first");
    d.keys("Y");
    assert!(carried(&d).is_none(), "nothing was typed");
    d.keys("4Y");
    assert!(carried(&d).is_none(), "the wrong number");
    d.code(KeyCode::Backspace).keys("3\n\n");
    assert!(carried(&d).is_none(), "Enter never carries a plan out");
    d.keys("Y");
    assert!(matches!(carried(&d), Some(Agreed::Clean(_, Some(backup))) if backup.stores == ["cowork"]));
}

#[test]
fn the_backup_can_be_turned_off_with_a_warning() {
    let mut d = with_plan(1, 120, 40);
    d.keys("b");
    assert!(d.app.toast.as_ref().unwrap().loud);
    d.keys("Y1Y");
    assert!(matches!(carried(&d), Some(Agreed::Clean(_, None))));
}

#[test]
fn a_plan_without_anything_at_risk_has_the_backup_off() {
    let d = with_plan(0, 120, 40);
    assert!(d.frame().contains("backup first [ ]"), "{}", d.frame());
}

#[test]
fn the_exact_paths_of_a_group_are_listed_on_request() {
    let mut d = with_plan(0, 120, 40);
    assert!(!d.frame().contains("local_77aa11bb/plugins"));
    d.keys(" ");
    assert!(d.frame().contains("local_77aa11bb/plugins"), "{}", d.frame());
    d.keys("h");
    assert!(!d.frame().contains("local_77aa11bb/plugins"));
}

#[test]
fn a_thing_of_a_plan_unfolds_to_its_whole_path_and_the_reasons_for_it() {
    let mut plan = plan(2);
    plan.items[4].evidence = vec![crate::model::Evidence::new("copies/none", "no copy with these bytes was found")];
    let mut d = Driver::new(sample(), 60, 24);
    d.send(Msg::Planned(Ok(plan)));
    let screen = |d: &Driver| if let Screen::Plan(s) = &d.app.screen { s.lines()[s.cursor] } else { panic!() };
    while screen(&d) != crate::tui::confirm::PlanLine::Item(4) {
        d.keys("j");
    }
    d.keys(" ");
    let text: String = d.frame().lines().map(str::trim).collect();
    assert!(text.contains("/home/u/.config/Claude/local-agent-mode-sessions/local_5a7d4a86/outputs/chart-0.png"), "{}", d.frame());
    assert!(text.contains("(copies/none)"), "{}", d.frame());
    d.keys(" ");
    assert!(!d.frame().contains("(copies/none)"));
}

#[test]
fn a_plan_says_how_much_room_there_is_for_the_backup() {
    let mut d = with_plan(2, 120, 40);
    assert!(matches!(d.effects.last(), Some(Effect::Room(to)) if to.ends_with("Lifeboat Backups")));
    d.send(Msg::Room(Some(9_000_000_000)));
    assert!(d.frame().contains("of 9 GB free there"), "{}", d.frame());
}

#[test]
fn a_plan_of_a_sparse_file_promises_only_what_lies_on_the_disk() {
    let mut sparse = plan(0);
    sparse.items.truncate(1);
    sparse.items[0].allocated = 12_000;
    sparse.totals = Totals::default();
    *sparse.totals.of_mut(Class::Rebuildable) += Tally { files: 1, bytes: sparse.items[0].bytes, allocated: 12_000 };
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Planned(Ok(sparse)));
    assert!(d.frame().starts_with(" Clean 5.8 GB, 12 kB on disk in 1 item"), "{}", d.frame());
}

#[test]
fn nothing_can_be_planned_while_the_scan_runs() {
    let mut d = Driver::new(sample(), 120, 40);
    d.app.phase = crate::scan::Phase::Checking(1, 2);
    d.keys("c");
    assert!(!d.effects.iter().any(|e| matches!(e, Effect::Plan(_))));
    assert!(d.app.toast.as_ref().unwrap().text.contains("wait for the scan, or stop it with x"));
    d.keys("x");
    assert!(matches!(d.effects.last(), Some(Effect::StopScan)));
}

#[test]
fn a_paste_is_never_taken_for_keys() {
    let mut d = with_plan(0, 120, 40);
    d.send(Msg::Paste(d.at));
    assert!(carried(&d).is_none() && d.app.toast.as_ref().unwrap().text.contains("pasted"));
}

fn stands(id: &str) -> Operation {
    Operation {
        id: id.into(),
        verb: "clean".into(),
        when: now(),
        items: 3,
        bytes: 14_600_000_000,
        allocated: 14_700_000_000,
        held: crate::model::Held { items: 3, bytes: 14_600_000_000, allocated: 14_700_000_000 },
        state: OpState::Stands,
        of: None,
        vault: None,
    }
}

#[test]
fn undo_runs_at_once_and_only_where_there_is_something() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("u");
    assert!(d.app.toast.as_ref().unwrap().text.contains("nothing to undo"));
    d.send(Msg::History(Ok(vec![stands("a")]))).keys("u");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Undo(None)))));
}

#[test]
fn undo_right_after_a_clean_waits_neither_for_the_journal_nor_for_the_new_scan() {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Finished(Outcome { line: "Done".into(), good: true, changed: true, problems: vec![] }));
    d.send(Msg::Rescanning(crate::scan::Phase::Walking)).keys("u");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Undo(None)))), "{:?}", d.app.toast);
}

#[test]
fn undo_pressed_while_things_still_move_follows_once() {
    let mut d = Driver::new(sample(), 120, 40);
    let moving = crate::model::Progress { verb: "Moving", ..Default::default() };
    d.send(Msg::Progress(moving)).keys("uu");
    assert!(!d.effects.iter().any(|e| matches!(e, Effect::Start(_))));
    let undos = |d: &Driver| d.effects.iter().filter(|e| matches!(e, Effect::Start(Deed::Undo(None)))).count();
    d.send(Msg::Finished(Outcome { changed: true, ..Outcome::default() }));
    assert_eq!(undos(&d), 1);
    d.send(Msg::Progress(crate::model::Progress { verb: "Putting back", ..Default::default() })).keys("u");
    d.send(Msg::Finished(Outcome { changed: true, ..Outcome::default() }));
    assert_eq!(undos(&d), 1, "the one before is not undone by a second press");
}

#[test]
fn the_vault_is_emptied_only_by_capital_y_on_its_own_screen() {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::History(Ok(vec![stands("a")]))).keys("P");
    assert!(d.frame().contains("This cannot be undone"), "{}", d.frame());
    d.keys("\n");
    assert!(carried(&d).is_none() && matches!(d.app.screen, Screen::Main));
    d.keys("PY");
    assert!(matches!(carried(&d), Some(Agreed::Purge(_))));
}

#[test]
fn after_a_deed_the_stores_are_looked_at_again_and_the_line_says_how_to_undo() {
    let mut d = Driver::new(sample(), 120, 40);
    let line = "Done: 14.6 GB in the vault, free space unchanged (it returns on purge) · u undo · P empty the vault".to_owned();
    d.send(Msg::Finished(Outcome { line, good: true, changed: true, problems: vec![] }));
    assert!(d.effects.iter().any(|e| matches!(e, Effect::Rescan)));
    assert!(d.frame().contains("u undo · P empty the vault"), "{}", d.frame());
}

#[test]
fn work_is_stopped_by_x_and_leaving_asks_once() {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Progress(crate::model::Progress { verb: "Moving", ..Default::default() })).keys("q");
    assert!(!d.effects.iter().any(|e| matches!(e, Effect::Quit)));
    d.keys("x");
    assert!(matches!(d.effects.last(), Some(Effect::StopWork)));
}

#[test]
fn leaving_with_marks_asks_once() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("node_modules (1 session)").keys(" q");
    assert!(!d.effects.iter().any(|e| matches!(e, Effect::Quit)));
    d.keys("q");
    assert!(matches!(d.effects.last(), Some(Effect::Quit)));
}

#[test]
fn an_export_says_where_it_goes_before_it_begins() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("e");
    assert!(d.frame().contains("~/Documents/Claude Cowork"), "{}", d.frame());
    d.keys("\n");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Export(s))) if s.len() == 1));
}

#[test]
fn what_an_interrupted_run_left_is_said_and_looked_at_again() {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Recovered(vec![]));
    assert!(!d.effects.iter().any(|e| matches!(e, Effect::Rescan)));
    d.send(Msg::Recovered(vec!["3 items of an interrupted clean were put back".into()]));
    assert!(d.effects.iter().any(|e| matches!(e, Effect::Rescan)));
    assert!(d.frame().contains("3 items of an interrupted clean were put back"), "{}", d.frame());
}

#[test]
fn the_header_tells_what_waits_in_the_vault_until_it_is_emptied() {
    for (columns, shown) in [(120, "vault 14.7 GB · free 8.1 GB of 494 GB"), (60, "vault 14.7 GB · free 8.1 GB")] {
        let mut d = Driver::new(sample(), columns, 30);
        assert!(!d.frame().contains("vault "), "{}", d.frame());
        d.send(Msg::History(Ok(vec![stands("a")])));
        assert!(d.frame().lines().next().unwrap().ends_with(shown), "{}", d.frame());
        let gone = Operation { state: OpState::Purged, held: crate::model::Held::default(), ..stands("a") };
        d.send(Msg::History(Ok(vec![gone])));
        assert!(!d.frame().lines().next().unwrap().contains("vault"), "{}", d.frame());
    }
}

#[test]
fn what_is_partly_put_back_counts_only_with_the_rest() {
    let mut d = Driver::new(sample(), 120, 40);
    let half = Operation {
        state: OpState::PartlyUndone,
        held: crate::model::Held { items: 1, bytes: 500_000_000, allocated: 500_000_000 },
        ..stands("a")
    };
    d.send(Msg::History(Ok(vec![half]))).keys("P");
    assert!(d.frame().contains("500 MB on disk come back"), "{}", d.frame());
}

#[test]
fn what_went_by_itself_is_said() {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Expired("3 items had been in the vault for 30 days or more".into()));
    assert!(d.frame().contains("3 items had been in the vault for 30 days or more"), "{}", d.frame());
}

#[test]
fn a_session_that_woke_up_while_its_plan_stood_on_the_screen_stays_and_is_named() {
    use crate::{demo, scan, vault};
    use std::io::Write;
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    demo::make(&home, &demo::Shape { now: jiff::Timestamp::now(), bulk: 0 }).unwrap();
    let world = demo::world(&home);
    let catalog = scan::run(&world, scan::Options { walk_only: true, ..Default::default() });
    let at = catalog.sessions.iter().position(|s| s.title == "Quarterly report").unwrap();
    let selection = vault::Selection { sessions: vec![crate::model::SessionIx::at(at)], ..Default::default() };
    let plan = vault::plan(&world, &catalog, &selection);
    assert!(plan.items.len() > 2);
    let screen = crate::tui::confirm::PlanScreen::new(plan.clone(), &std::collections::HashMap::new(), home.clone(), 0, Duration::ZERO);
    let confirmed = { screen }.yes(Duration::from_secs(1)).unwrap().unwrap();
    let log = catalog.sessions[at].dir.as_ref().unwrap().join("audit.jsonl");
    let asked = r#"{"type":"user","message":{"role":"user","content":"One thing more."}}"#;
    writeln!(std::fs::File::options().append(true).open(log).unwrap(), "{asked}").unwrap();
    let (to, from) = std::sync::mpsc::channel();
    let job = crate::tui::work::Job::Confirmed(confirmed);
    let working = crate::tui::work::start(job, world, catalog.into(), (crate::model::Stop::default(), std::sync::Arc::new(())), to);
    working.join().unwrap();
    let outcome = from.into_iter().find_map(|m| if let Msg::Finished(outcome) = m { Some(outcome) } else { None }).unwrap();
    assert!(outcome.line.starts_with("Nothing was moved: in use: a turn is open in the audit log"), "{}", outcome.line);
    assert_eq!((outcome.good, outcome.problems.len()), (false, plan.items.len()));
    assert!(plan.items.iter().all(|i| i.path.to_path().unwrap().symlink_metadata().is_ok()));
}

#[test]
fn capital_m_asks_for_the_plan_of_the_machine_s_pieces_and_shows_it_like_any_other() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("M");
    assert!(matches!(d.effects.last(), Some(Effect::Machine)) && carried(&d).is_none());
    d.send(Msg::Planned(Ok(plan(0))));
    assert!(matches!(d.app.screen, Screen::Plan(_)));
}
