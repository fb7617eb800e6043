//! Several tools in one tree, and what becomes of their sessions.

use super::fixture::{Driver, two_tools};
use crate::tui::rows::Sort;

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
    assert!(top(60).contains("agents use 15.2 GB: …"), "{}", top(60));
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
    use crate::tui::app::Screen;
    use crate::tui::msg::{Deed, Effect};
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
