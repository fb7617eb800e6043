//! Moving, opening, sorting, filtering, marking.

use super::fixture::{Driver, Made, large, now, sample};
use crate::model::Class;
use crate::scan::Phase;
use crate::tui::app::{Pane, Screen};
use crate::tui::key::Key;
use crate::tui::marks::chosen;
use crate::tui::msg::{Effect, Msg};
use crate::tui::{planner, view};
use ratatui::crossterm::event::KeyCode;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_first_thing_seen_is_what_is_at_risk_then_flushed_then_rebuildable() {
    let d = Driver::new(sample(), 120, 40);
    insta::assert_snapshot!(d.names().join("\n"), @r"
    At risk
      Interview notes
      Claude Cowork · VM disk
      Quarterly report
      Live now
    Flushed
      Quarterly report
    Rebuildable
      plugin copies (2 sessions)
      node_modules (1 session)
    ");
}

#[test]
fn a_folder_below_a_class_shows_and_counts_only_what_is_of_that_class() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l");
    let names = d.names().join("\n");
    assert!(names.contains("chart.png") && !names.contains("report.docx") && !names.contains("node_modules\n"), "{names}");
    let key = d.on("outputs").app.current().unwrap();
    assert_eq!(d.app.source().tally(key).bytes, 1_412_000);
}

#[test]
fn the_rows_of_a_class_add_up_to_its_total() {
    let d = Driver::new(sample(), 120, 40);
    let source = d.app.source();
    for class in Class::ALL {
        let sum: u64 = source.children(Key::Class(class)).iter().map(|c| source.tally(c.key).bytes).sum();
        assert_eq!(sum, d.app.catalog.grand_totals().of(class).bytes, "{class:?}");
    }
}

#[test]
fn folders_that_hold_nothing_but_a_folder_share_a_row_with_it() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l");
    assert!(d.names().contains(&"    .claude/projects".to_owned()), "{:?}", d.names());
}

#[test]
fn the_file_a_session_calls_its_conversation_is_called_transcript() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on(".claude/projects").keys("l").on("transcript");
}

#[test]
fn the_cursor_stays_on_its_thing_when_the_order_changes() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l").on("draft.md");
    for _ in 0..4 {
        d.keys("s");
        assert_eq!(d.current(), "draft.md");
    }
    d.keys("v");
    assert_eq!(d.current(), "draft.md");
    d.keys("v");
    assert_eq!(d.current(), "draft.md");
}

#[test]
fn the_cursor_and_marks_survive_a_new_scan() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" ").on("draft.md");
    let mut again = sample();
    again.sessions[0].title = "Quarterly report, renamed".into();
    d.send(Msg::Rescanning(Phase::Done)).send(Msg::Rescanned(Arc::new(again)));
    assert_eq!(d.current(), "draft.md");
    assert_eq!((d.app.marks.len(), d.app.marks.totals.at_risk.bytes), (1, 1_400_000));
}

#[test]
fn a_mark_on_a_thing_that_changed_is_dropped_and_said() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" ");
    d.send(Msg::Rescanned(Arc::new(large(3))));
    assert!(d.app.marks.is_empty());
    assert!(d.app.toast.as_ref().unwrap().text.contains("marks are gone"));
}

#[test]
fn news_from_the_scan_never_moves_the_cursor() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("node_modules (1 session)");
    let row = d.app.tree.cursor - d.app.tree.top;
    let catalog = Arc::get_mut(&mut d.app.catalog).unwrap();
    let root = catalog.roots()[0];
    let verdict = catalog.node(root).verdict;
    let file = crate::model::Facts {
        kind: crate::model::Kind::File,
        size: 9_000_000_000,
        allocated: 0,
        mtime_ns: 0,
        dev: 1,
        ino: 0,
        nlink: 1,
        placeholder: false,
    };
    catalog.add(root, b"new.bin", &file, crate::model::Spot(0), verdict, None, crate::model::Marks::default());
    d.app.phase = Phase::Walking;
    d.send(Msg::Scanned(Phase::Checking(1, 2), Duration::from_secs(3)));
    assert_eq!(d.current(), "node_modules (1 session)");
    assert!(d.names().iter().any(|n| n.contains("other files")), "{:?}", d.names());
    assert!(d.app.tree.cursor - d.app.tree.top >= row);
}

#[test]
fn a_filter_keeps_the_folders_above_what_matches_and_esc_brings_everything_back() {
    let mut d = Driver::new(sample(), 120, 40);
    let before = d.names().len();
    d.keys("/chart");
    assert_eq!(d.names(), ["At risk", "  Quarterly report", "    outputs", "      chart.png", "Flushed", "Rebuildable"]);
    assert!(d.frame().contains("/chart   1 of "), "{}", d.frame());
    d.on("chart.png").keys("\x1b");
    assert_eq!(d.current(), "chart.png");
    assert!(d.names().len() > before);
}

#[test]
fn a_session_is_found_by_its_title_with_everything_in_it() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("/Interview\n");
    assert_eq!(d.names()[..2], ["At risk", "  Interview notes"]);
    d.on("Interview notes").keys("l");
    assert!(d.names().contains(&"      secret.key".to_owned()) || d.names().contains(&"    secret.key".to_owned()), "{:?}", d.names());
}

#[test]
fn three_hundred_thousand_rows_answer_a_key_without_making_rows() {
    let mut d = Driver::new(large(300_000), 120, 40);
    d.on("Large").keys("l").on("many").keys("l");
    assert!(d.app.tree.rows.len() > 300_000);
    let made = d.app.tree.made;
    d.keys("jjjG").code(KeyCode::PageUp).code(KeyCode::Up).keys("g").keys("jjj");
    assert_eq!(d.app.tree.made, made, "moving makes no row");
    let height = view::layout::tree_height(&d.app);
    assert_eq!(d.app.tree.rows.len().min(height), height);
    d.keys("G");
    let mut seen = 0;
    for line in d.frame().lines() {
        seen += usize::from(line.contains("file-"));
    }
    assert!(seen > 0 && seen <= height, "only what is on the screen is drawn: {seen}");
}

#[test]
fn a_filter_over_many_names_works_in_portions() {
    let mut d = Driver::new(large(50_000), 120, 40);
    d.keys("/049999");
    assert_eq!(d.app.filter.as_ref().unwrap().hits, 0, "the first portion does not reach so far");
    for _ in 0..8 {
        d.at += Duration::from_millis(10);
        let tick = Msg::Tick(d.at, now());
        d.send(tick);
    }
    assert!(d.names().iter().any(|n| n.contains("file-049999.txt")), "{:?}", d.names());
}

#[test]
fn marking_what_is_at_risk_is_loud() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys(" ");
    let toast = d.app.toast.as_ref().unwrap();
    assert!(toast.loud && toast.text.contains("they exist only here"), "{}", toast.text);
}

#[test]
fn what_is_live_or_protected_cannot_be_marked() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Live now").keys(" ");
    assert!(d.app.marks.is_empty());
    assert!(d.app.toast.as_ref().unwrap().text.contains("writing 20 s ago"));
    d.on("Interview notes").keys("l").on("secret.key").keys(" ");
    assert!(d.app.marks.is_empty());
}

#[test]
fn mark_safe_takes_no_at_risk_live_protected_or_unchecked_thing() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("v");
    for name in ["Quarterly report", "Interview notes", "Live now"] {
        d.on(name).keys("a");
    }
    let totals = d.app.marks.totals;
    assert_eq!((totals.at_risk.files, totals.flushed.files, totals.rebuildable.files), (0, 1, 80));
}

#[test]
fn a_mark_inside_a_marked_folder_counts_once() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" ").on("outputs").keys(" ");
    assert_eq!((d.app.marks.len(), d.app.marks.totals.at_risk.bytes), (1, 1_412_000));
    d.on("chart.png").keys(" ");
    assert_eq!(d.app.marks.len(), 1);
    assert!(d.app.toast.as_ref().unwrap().text.contains("covered"));
}

#[test]
fn a_plan_of_a_folder_marked_as_rebuildable_never_asks_for_what_is_at_risk_in_it() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("node_modules (1 session)").keys(" ").on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" ").keys("c");
    let Some(Effect::Plan(all)) = d.effects.pop() else { panic!("a plan is asked for") };
    let modules = d.app.catalog.ids().find(|i| d.app.catalog.name_bytes(*i) == b"node_modules").unwrap();
    let of_modules: Vec<_> = planner::selections(&all).into_iter().filter(|s| s.nodes.contains(&modules)).map(|s| s.classes).collect();
    assert_eq!(of_modules, [[Class::Rebuildable]]);
}

#[test]
fn marks_of_one_class_inside_a_mixed_folder_are_not_widened_by_marks_of_another() {
    let mut m = Made::new();
    let (_, dir) = m.session("local_1", "Mixed", 1);
    let unit = m.unit(dir, "node_modules", m.modules);
    m.file(unit, "a.js", 10, m.modules);
    m.file(unit, "thesis.tex", 10, m.risk);
    m.file(dir, "other.txt", 10, m.risk);
    let d = Driver::new(m.catalog, 120, 40);
    let find = |name: &[u8]| d.app.catalog.ids().find(|i| d.app.catalog.name_bytes(*i) == name).unwrap();
    let keys = [Key::Node(Some(Class::Rebuildable), find(b"node_modules")), Key::Node(Some(Class::AtRisk), find(b"other.txt"))];
    let all: Vec<_> = keys.into_iter().flat_map(|k| chosen(k, &d.app.catalog, &d.app.index)).collect();
    let classes: Vec<_> = planner::selections(&all).into_iter().map(|s| s.classes).collect();
    assert_eq!(classes, [[Class::AtRisk], [Class::Rebuildable]], "each mark keeps its own classes");
}

#[test]
fn on_a_narrow_screen_the_detail_is_a_page_of_its_own() {
    let mut d = Driver::new(sample(), 80, 24);
    assert!(!d.frame().contains("What this means"));
    d.keys("\t");
    assert_eq!(d.app.pane, Pane::Detail);
    assert!(d.frame().contains("What this means"), "{}", d.frame());
    d.keys("h");
    assert_eq!(d.app.pane, Pane::Tree);
    assert!(matches!(d.app.screen, Screen::Main));
}
