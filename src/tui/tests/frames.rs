//! Frames as people see them.

use super::fixture::{Driver, PLAIN, sample};
use super::plan::with_plan;
use crate::tui::{Options, view};
use ratatui::Terminal;
use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

#[test]
fn the_tree_with_its_detail() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" ").on("chart.png");
    insta::assert_snapshot!(d.frame());
}

#[test]
fn the_tree_on_the_usual_terminal() {
    insta::assert_snapshot!(Driver::new(sample(), 80, 24).frame());
}

#[test]
fn the_tree_on_the_smallest_terminal() {
    insta::assert_snapshot!(Driver::new(sample(), 60, 15).frame());
}

#[test]
fn the_tree_on_a_large_terminal() {
    let mut d = Driver::new(sample(), 200, 50);
    d.keys("v").on("Quarterly report").keys("l");
    insta::assert_snapshot!(d.frame());
}

#[test]
fn the_tree_in_ascii() {
    let mut d = Driver::with(sample(), 100, 20, Options { ascii: true, ..PLAIN });
    d.on("Quarterly report").keys("l");
    let frame = d.frame();
    assert!(frame.is_ascii(), "{frame}");
    insta::assert_snapshot!(frame);
}

#[test]
fn the_plan_before_anything_happens() {
    insta::assert_snapshot!(with_plan(2, 100, 24).frame());
}

#[test]
fn the_plan_asking_for_the_number_at_risk() {
    let mut d = with_plan(2, 80, 24);
    d.keys("Y2");
    insta::assert_snapshot!(d.frame());
}

#[test]
fn every_screen_in_ascii_is_ascii() {
    for keys in ["?", "H", "E", ":", "\x1b"] {
        let mut d = Driver::with(sample(), 120, 40, Options { ascii: true, ..PLAIN });
        d.keys(keys);
        assert!(d.frame().is_ascii(), "{keys:?}\n{}", d.frame());
    }
}

#[test]
fn an_empty_machine_is_told_why_and_what_next() {
    let frame = Driver::new(crate::model::Catalog::default(), 80, 24).frame();
    assert!(frame.contains("No sessions of a known tool were found here."), "{frame}");
    assert!(frame.contains("Looked below /home/u.") && frame.contains("lifeboat demo") && frame.contains("--root DIR"), "{frame}");
}

#[test]
fn hostile_and_wide_names_stay_in_their_columns() {
    let mut m = super::fixture::Made::new();
    let (_, dir) = m.session("local_1", "\x1b[31m四半期報告書\u{202e}の最終版と最終版の最終版と最終版の最終版", 1);
    m.file(dir, "👨‍👩‍👧‍👦 family 写真写真写真写真写真写真写真写真写真.jpg", 10, m.risk);
    let mut d = Driver::new(m.catalog, 80, 24);
    d.keys("jl");
    let frame = d.frame();
    assert!(!frame.contains('\x1b') && !frame.contains('\u{202e}'), "{frame}");
    assert!(frame.lines().all(|l| crate::tui::text::width(l) <= 80), "{frame}");
}

#[test]
fn colours_say_nothing_that_a_sign_or_a_word_does_not() {
    let mut d = Driver::new(sample(), 120, 40);
    d.on("Quarterly report");
    let buffer = d.buffer();
    let known = [Color::Reset, Color::Red, Color::Cyan, Color::Green, Color::Magenta];
    assert!(buffer.content.iter().all(|c| known.contains(&c.fg) && c.bg == Color::Reset), "only the terminal's own colours");
    for line in d.frame().lines().skip(4).take(10).filter(|l| l.contains("Report")) {
        assert!(['!', '=', '~'].iter().any(|s| line.contains(*s)), "{line}");
    }
}

#[test]
fn without_colour_the_cursor_is_still_seen_in_what_the_terminal_gets() {
    let d = Driver::with(sample(), 100, 30, Options { colour: false, ..PLAIN });
    let mut bytes = Vec::new();
    let mut terminal = Terminal::with_options(
        CrosstermBackend::new(&mut bytes),
        ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(Rect::new(0, 0, 100, 30)) },
    )
    .unwrap();
    terminal.draw(|frame| view::view(&d.app, frame)).unwrap();
    drop(terminal);
    let text = String::from_utf8(bytes).unwrap();
    let on = text.find("\x1b[7m").expect("reverse video is switched on");
    let after = &text[on + 4..];
    let reset = after.find("\x1b[0m").unwrap_or(usize::MAX).min(after.find("\x1b[;m").unwrap_or(usize::MAX));
    let off = after.find("\x1b[27m").unwrap_or(usize::MAX);
    let shown = after.find("At risk").expect("the row under the cursor is drawn");
    assert!(shown < reset && shown < off, "reverse video holds over the row: {:?}", &text[on..(on + 80).min(text.len())]);
    assert!(!text.contains("\x1b[38;5;"), "no colour is sent");
}

#[test]
fn the_row_under_the_cursor_is_reversed_and_marks_are_seen_without_colour() {
    let mut d = Driver::with(sample(), 100, 30, Options { colour: false, ..PLAIN });
    d.on("node_modules (1 session)").keys(" ");
    let buffer = d.buffer();
    let y = (0..30).find(|y| buffer[(0, *y)].symbol() == "●").expect("the mark is drawn");
    assert!(buffer.content.iter().any(|c| c.modifier.contains(Modifier::REVERSED)));
    assert!(y > 3);
}

#[test]
fn a_frame_fits_the_test_terminal_of_the_library_too() {
    let d = Driver::new(sample(), 80, 24);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view::view(&d.app, frame)).unwrap();
    assert!(terminal.backend().to_string().contains("At risk"));
}
