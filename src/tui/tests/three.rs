//! The plan in three columns: seen, agreed to, carried out and undone.

use super::fixture::{Driver, PLAIN, sample};
use crate::model::{Catalog, Class, SessionIx, Stop};
use crate::rescue::{self, Rescue};
use crate::tui::Options;
use crate::tui::app::Screen;
use crate::tui::confirm::Agreed;
use crate::tui::confirm::three::ThreeScreen;
use crate::tui::msg::{Deed, Effect, Msg, Outcome};
use crate::tui::work::{Job, start};
use crate::vault::Selection;
use crate::world::World;
use crate::{demo, scan};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::sync::Arc;
use std::time::Duration;

struct Home {
    _dir: tempfile::TempDir,
    world: World,
    catalog: Catalog,
}

fn home() -> Home {
    let dir = tempfile::tempdir().unwrap();
    let then = "2026-10-02T12:00:00Z".parse().unwrap();
    demo::make(&dir.path().join("home"), &demo::Shape { now: then, bulk: 0 }).unwrap();
    let world = demo::world(&dir.path().join("home")).with_clock(then);
    let catalog = scan::run(&world, scan::Options::default());
    Home { _dir: dir, world, catalog }
}

/// The plan of everything in these sessions; none named: in all.
fn plan(home: &Home, titles: &[&str]) -> Rescue {
    let wanted = |ix: &SessionIx| titles.is_empty() || titles.contains(&home.catalog.session(*ix).title.as_str());
    let sessions = (0..home.catalog.sessions.len()).map(SessionIx::at).filter(wanted).collect();
    rescue::plan(&home.world, &home.catalog, &[Selection { sessions, classes: Class::ALL.to_vec(), ..Selection::default() }])
}

fn with_plan(home: &Home, titles: &[&str], (columns, rows): (u16, u16), options: Options) -> Driver {
    let mut d = Driver::with(sample(), columns, rows, options);
    d.app.world = home.world.clone();
    d.send(Msg::Tick(d.at, super::fixture::now())).send(Msg::Rescued(Ok(plan(home, titles))));
    d
}

fn carried(d: &Driver) -> Option<&Agreed> {
    d.effects.iter().find_map(|e| if let Effect::Carry(c) = e { Some(c.agreed()) } else { None })
}

#[test]
fn capital_f_asks_for_the_plan_in_three_columns_of_the_marks_else_of_the_row() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("F");
    assert!(matches!(d.effects.last(), Some(Effect::Rescue(all)) if all.iter().all(|c| c.classes == [Class::AtRisk])));
    let mut d = Driver::new(sample(), 120, 40);
    d.on("plugin copies (2 sessions)").keys(" ").on("Quarterly report").keys("F");
    assert!(matches!(d.effects.last(), Some(Effect::Rescue(all)) if all.iter().all(|c| c.classes == [Class::Rebuildable])));
    assert!(carried(&d).is_none());
}

#[test]
fn only_capital_y_carries_it_out_and_enter_esc_q_and_n_go_back() {
    let home = home();
    for key in ["\n", "\x1b", "q", "n"] {
        let mut d = with_plan(&home, &[], (100, 30), PLAIN);
        d.keys("y").keys(key);
        assert!(carried(&d).is_none() && matches!(d.app.screen, Screen::Main), "{key:?}");
    }
    let mut d = with_plan(&home, &[], (100, 30), PLAIN);
    let soon = d.at + Duration::from_millis(100);
    d.send(Msg::Key(KeyEvent::new(KeyCode::Char('Y'), KeyModifiers::SHIFT), soon));
    assert!(carried(&d).is_none(), "it could not be seen yet");
    d.keys("Y");
    assert!(matches!(carried(&d), Some(Agreed::Rescue(plan)) if !plan.copies.is_empty()));
    assert!(matches!(d.app.screen, Screen::Main));
}

#[test]
fn a_plan_with_nothing_to_move_cannot_be_carried_out_and_says_what_stays() {
    let home = home();
    let live = home.catalog.sessions.iter().find(|s| s.live.is_some()).unwrap().title.clone();
    let mut d = with_plan(&home, &[&live], (100, 30), PLAIN);
    d.keys("Y");
    assert!(carried(&d).is_none() && d.app.toast.as_ref().unwrap().text.contains("nothing in this plan"));
    d.keys(" j");
    assert!(d.frame().contains("in use"), "{}", d.frame());
}

#[test]
fn a_row_unfolds_to_what_is_copied_where_and_what_stays_why() {
    let home = home();
    let mut d = with_plan(&home, &["Quarterly report"], (200, 60), PLAIN);
    assert!(!d.frame().contains("chart.png"));
    d.keys(" ");
    let frame = d.frame();
    let line = |words: &str| frame.lines().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words}\n{frame}")).to_owned();
    assert!(line("chart.png").contains("Documents/Claude Cowork/Quarterly report/outputs/chart.png"), "{frame}");
    assert!(line("empty.log").contains("stays") && line("empty.log").contains("empty: not copied"), "{frame}");
    d.keys("h");
    assert!(!d.frame().contains("chart.png"));
}

#[test]
fn the_three_columns_before_anything_happens() {
    let home = home();
    for (name, size) in [("60x15", (60, 15)), ("80x24", (80, 24)), ("200x50", (200, 50))] {
        let d = with_plan(&home, &[], size, PLAIN);
        assert!(d.frame().lines().all(|l| crate::tui::text::width(l) <= usize::from(size.0)), "{}", d.frame());
        insta::assert_snapshot!(format!("three_columns_{name}"), d.frame());
    }
    let mut d = with_plan(&home, &["Quarterly report"], (100, 30), PLAIN);
    d.keys(" ");
    insta::assert_snapshot!("three_columns_unfolded", d.frame());
}

#[test]
fn in_ascii_every_sign_of_it_is_ascii_and_without_colour_the_cursor_is_seen() {
    let home = home();
    let mut d = with_plan(&home, &["Quarterly report"], (80, 24), Options { ascii: true, colour: false, ..PLAIN });
    for keys in ["", " ", "jj", "jjjjjjj"] {
        d.keys(keys);
        assert!(d.frame().is_ascii(), "{}", d.frame());
        let plain = d.buffer();
        assert!(plain.content.iter().all(|c| c.fg == ratatui::style::Color::Reset && c.bg == ratatui::style::Color::Reset));
        assert!(plain.content.iter().any(|c| c.modifier.contains(ratatui::style::Modifier::REVERSED)));
    }
}

#[test]
fn the_detail_of_an_environment_says_that_no_test_made_it_again() {
    let mut d = Driver::new(sample(), 160, 50);
    d.keys("v").on("Quarterly report").keys("l").on("outputs").keys("l");
    let name = d.names().into_iter().find(|n| n.contains("node_modules")).unwrap();
    d.on(name.trim());
    assert!(d.frame().lines().any(|l| l.contains("recipe") && l.contains("not tested")), "{}", d.frame());
    d.on("chart.png");
    assert!(!d.frame().contains("not tested"), "{}", d.frame());
}

fn files(top: &std::path::Path) -> Vec<(std::path::PathBuf, u64)> {
    let all = walkdir::WalkDir::new(top).sort_by_file_name().into_iter().map(Result::unwrap).filter(|e| !e.file_type().is_dir());
    all.map(|e| (e.path().to_path_buf(), e.metadata().unwrap().len())).collect()
}

fn work(home: &Home, catalog: &Arc<Catalog>, job: Job) -> Outcome {
    let (to, from) = std::sync::mpsc::channel();
    start(job, home.world.clone(), catalog.clone(), (Stop::default(), Arc::new(())), to).join().unwrap();
    from.into_iter().find_map(|m| if let Msg::Finished(outcome) = m { Some(outcome) } else { None }).unwrap()
}

#[test]
fn chosen_carried_out_and_undone_the_session_is_as_it_was_and_the_copies_are_there() {
    let mut home = home();
    let catalog = Arc::new(std::mem::take(&mut home.catalog));
    let mut d = Driver::new(Catalog::default(), 120, 40);
    (d.app.world, d.app.catalog) = (home.world.clone(), catalog.clone());
    d.app.refresh();
    d.keys("v").on("Quarterly report").keys("F");
    let Some(Effect::Rescue(chosen)) = d.effects.pop() else { panic!("a plan is asked for") };
    let dir = catalog.sessions.iter().find(|s| s.title == "Quarterly report").unwrap().dir.clone().unwrap();
    let before = files(&dir);
    d.send(Msg::Rescued(crate::tui::planner::rescue(&home.world, &catalog, &chosen))).keys("Y");
    let Some(Effect::Carry(confirmed)) = d.effects.pop() else { panic!("it was agreed to") };
    let outcome = work(&home, &catalog, Job::Confirmed(confirmed));
    assert!(outcome.good && outcome.changed, "{outcome:?}");
    assert!(outcome.line.contains(" copied, ") && outcome.line.contains("u undo, copies stay"), "{}", outcome.line);
    assert!(!dir.join("outputs/chart.png").exists());
    let copy = home.world.documents.join("Claude Cowork/Quarterly report/outputs/chart.png");
    assert!(copy.exists());
    d.send(Msg::Finished(outcome)).keys("u");
    let Some(Effect::Start(Deed::Undo(None))) = d.effects.pop() else { panic!("undo begins") };
    let outcome = work(&home, &catalog, Job::Safe(Deed::Undo(None)));
    assert!(outcome.good, "{outcome:?}");
    assert_eq!(files(&dir), before);
    assert!(copy.exists(), "the copies stay");
}

#[test]
fn a_new_scan_while_the_plan_stands_changes_nothing_about_it() {
    let home = home();
    let rescue = plan(&home, &["Quarterly report"]);
    let screen = ThreeScreen::new(rescue.clone(), Duration::ZERO);
    let confirmed = screen.yes(Duration::from_secs(1)).unwrap().unwrap();
    // Another catalogue, whose nodes have other places.
    let later = Arc::new(scan::run(&home.world, scan::Options { stores: vec!["cowork".into()], ..scan::Options::default() }));
    let outcome = work(&home, &later, Job::Confirmed(confirmed));
    assert!(outcome.good, "{outcome:?}");
    assert!(rescue.plan.items.iter().all(|i| crate::platform::facts(&i.path.to_path().unwrap()).is_err()));
}
