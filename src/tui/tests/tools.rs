//! Several tools in one tree, and what becomes of their sessions.

use super::fixture::{Driver, two_tools};
use crate::tending::{Line, Proposal, Verb};
use crate::tui::app::Screen;
use crate::tui::confirm::Agreed;
use crate::tui::msg::{Deed, Effect, Msg};
use crate::tui::rows::Sort;
use ratatui::crossterm::event::KeyCode;

#[test]
fn by_session_the_tools_come_first_each_with_what_it_takes() {
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("v");
    assert_eq!(d.names(), ["Claude Cowork (3 sessions)", "opencode (3 sessions)"]);
    d.on("opencode (3 sessions)").keys("l");
    insta::assert_snapshot!(d.frame());
}

#[test]
fn what_belongs_to_no_session_is_told_with_its_own_tool() {
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("v").on("opencode (3 sessions)").keys("l");
    let names = d.names();
    assert!(names.iter().any(|n| n.trim() == "opencode · other files"), "{names:?}");
    assert!(!names.iter().any(|n| n.contains("Cowork ·")), "{names:?}");
}

#[test]
fn the_top_line_says_what_all_tools_take_and_as_many_of_them_as_fit() {
    let top = |width| Driver::new(two_tools(), width, 24).frame().lines().next().unwrap_or_default().to_owned();
    assert!(top(120).contains("agents use 15.2 GB: Claude Cowork 15.1 GB · opencode 70.0 MB"), "{}", top(120));
    assert!(top(60).contains("agents use 15.2 GB  "), "{}", top(60));
}

#[test]
fn the_life_of_sessions_shows_age_archived_in_use_and_when_their_tool_removes_them() {
    let mut d = Driver::new(two_tools(), 160, 24);
    d.keys("vv");
    while d.app.tree.sort != Sort::Due {
        d.keys("s");
    }
    assert_eq!(d.names()[0], "Rename the images");
    insta::assert_snapshot!(d.frame());
}

#[test]
fn marks_of_sessions_hold_in_every_grouping_and_a_tool_marks_all_it_has() {
    let mut d = Driver::new(two_tools(), 120, 30);
    d.keys("vv").on("Rename the images").keys(" ");
    assert_eq!(d.app.marks.totals.at_risk.bytes, 61_000_000);
    d.keys("U").keys("vv").on("opencode (3 sessions)").keys(" ");
    assert_eq!(d.app.marks.totals.at_risk.bytes, 61_000_000 + 8_000 + 700 + 9_000_000);
    d.keys("vv").on("Count words");
    assert!(d.app.marks.covers(d.app.current().unwrap(), &d.app.catalog, &d.app.index));
}

#[test]
fn sessions_of_a_tool_that_archives_are_archived_after_a_question_and_brought_back_where_all_are() {
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("vv").on("Rename the images").keys("A");
    let Screen::Ask(ask) = &d.app.screen else { panic!("{}", d.frame()) };
    assert_eq!(ask.title, "Archive 1 session");
    d.keys("y");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Archive(s))) if s.len() == 1), "{:?}", d.effects);
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("vv").on("Count words").keys("A\n");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Unarchive(s))) if s.len() == 1), "{:?}", d.effects);
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("vv").on("Quarterly report").keys("A");
    assert!(d.app.toast.as_ref().unwrap().text.contains("choose sessions of a tool that archives"));
}

fn proposal(verb: Verb, at_risk: usize) -> Proposal {
    let line = |name: &str, bytes, says: &str| Line { name: name.into(), bytes, says: says.into() };
    let lines = vec![line("Rename the images", 61_000_000, "3 started by it, 2 files"), line("Count words", 8_000, "")];
    let path = crate::model::PathText::new("/home/u/.local/share/opencode/opencode.db!/session/ses_3".as_ref());
    let skipped = vec![crate::model::Skipped { path, reason: "in use: opencode runs (process 7)".into() }];
    Proposal::made(verb, lines, skipped, at_risk)
}

fn carried(d: &Driver) -> bool {
    d.effects.iter().any(|e| matches!(e, Effect::Carry(c) if matches!(c.agreed(), Agreed::Tend(_))))
}

#[test]
fn capital_d_asks_what_would_go_and_deletes_only_after_the_number_of_conversations_was_typed() {
    let mut d = Driver::new(two_tools(), 100, 24);
    d.keys("vv").on("Rename the images").keys("D");
    assert!(matches!(d.effects.last(), Some(Effect::Propose(Verb::Prune, s)) if s.len() == 1), "{:?}", d.effects);
    d.send(Msg::Proposed(Ok(proposal(Verb::Prune, 5))));
    insta::assert_snapshot!(d.frame());
    d.keys("\n");
    assert!(matches!(d.app.screen, Screen::Main) && !carried(&d), "Enter goes back");
    d.send(Msg::Proposed(Ok(proposal(Verb::Prune, 5))));
    d.keys("Y4Y");
    assert!(!carried(&d), "4 is not the number");
    d.code(KeyCode::Backspace).keys("5Y");
    assert!(carried(&d) && matches!(d.app.screen, Screen::Main));
}

#[test]
fn what_takes_no_conversation_needs_capital_y_alone() {
    for (key, verb) in [("R", Verb::Reclaim), ("V", Verb::Vacuum)] {
        let mut d = Driver::new(two_tools(), 60, 15);
        d.keys("vv").on("Rename the images").keys(key);
        assert!(matches!(d.effects.last(), Some(Effect::Propose(asked, _)) if *asked == verb), "{:?}", d.effects);
        d.send(Msg::Proposed(Ok(proposal(verb, 0))));
        d.keys("y");
        assert!(!carried(&d));
        d.keys("Y");
        assert!(carried(&d), "{}", d.frame());
    }
    let mut d = Driver::new(two_tools(), 100, 24);
    d.keys("vv").on("Quarterly report").keys("R");
    assert!(matches!(d.effects.last(), Some(Effect::Propose(Verb::Reclaim, s)) if s.len() == 3), "all of opencode: {:?}", d.effects);
    let mut d = Driver::new(two_tools(), 100, 24);
    d.keys("vv").on("Quarterly report").keys(" R");
    assert!(d.app.toast.as_ref().unwrap().text.contains("mark sessions of opencode"), "{:?}", d.app.toast);
}

#[test]
fn d_marks_the_sessions_that_their_tool_removes_soon_so_that_e_exports_them() {
    let mut d = Driver::new(two_tools(), 120, 24);
    d.keys("vvd");
    assert_eq!((d.app.marks.len(), d.app.marks.totals.at_risk.bytes), (1, 61_000_000));
    d.keys("e\n");
    assert!(matches!(d.effects.last(), Some(Effect::Start(Deed::Export(s))) if s.len() == 1), "{:?}", d.effects);
}
