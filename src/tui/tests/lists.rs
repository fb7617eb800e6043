//! Help, errors and marks as lists; what long work tells somebody who looks elsewhere.

use super::fixture::{Driver, sample};
use crate::model::Progress;
use crate::tui::app::Screen;
use crate::tui::msg::{Effect, Msg, Outcome};
use crate::tui::text;
use ratatui::crossterm::event::KeyCode;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn the_help_is_narrowed_by_typing_and_esc_shows_all_keys_again() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("?/conversation nobody");
    assert!(d.frame().contains("No key does that"), "{}", d.frame());
    d.keys("\x1b/archive");
    let frame = d.frame();
    assert!(frame.contains("one archive of all") && !frame.contains("move up"), "{frame}");
    d.keys("\x1b");
    assert!(d.frame().contains("move up"));
    d.keys("?");
    assert!(matches!(d.app.screen, Screen::Main));
}

#[test]
fn one_reason_is_one_line_and_w_writes_every_path() {
    let mut catalog = sample();
    for n in 0..12 {
        let path = format!("/home/u/closed/{n}").into();
        catalog.errors.push(crate::model::ScanError { path, error: "Permission denied".into() });
    }
    let mut d = Driver::new(catalog, 120, 40);
    d.keys("E");
    let frame = d.frame();
    assert!(frame.contains("~/closed/0 and 11 more") && frame.matches("Permission denied").count() == 1, "{frame}");
    assert!(frame.contains("12 paths not read"), "{frame}");
    d.keys("w");
    assert!(
        matches!(d.effects.last(), Some(Effect::WriteList(lines)) if lines.len() == 12 && lines[11].replace('\\', "/") == "~/closed/11\tPermission denied")
    );
}

#[test]
fn marks_are_listed_with_what_they_count_and_can_be_taken_away_there() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("m");
    assert!(matches!(d.app.screen, Screen::Main), "nothing is marked");
    d.on("node_modules (1 session)").keys(" ").on("Quarterly report").keys("l").on("outputs").keys("l").on("chart.png").keys(" m");
    let frame = d.frame();
    assert!(frame.contains("Marked: 2 things") && frame.contains("outputs/chart.png") && frame.contains("3.4 GB"), "{frame}");
    d.keys("j-");
    assert_eq!(d.app.marks.totals.at_risk.files, 0);
    assert!(matches!(d.app.screen, Screen::Marks(0)));
    d.keys("-");
    assert!(d.app.marks.is_empty() && matches!(d.app.screen, Screen::Main));
}

fn end_work(focused: bool, seconds: u64) -> Driver {
    let mut d = Driver::new(sample(), 120, 40);
    d.send(Msg::Focus(focused)).send(Msg::Progress(Progress { verb: "Moving", ..Progress::default() }));
    d.send(Msg::Tick(Duration::from_secs(seconds + 1), super::fixture::now()));
    d.send(Msg::Finished(Outcome { line: "Done\x1b]0;x\x07".into(), good: true, ..Outcome::default() }));
    d
}

#[test]
fn only_long_work_rings_and_only_when_somebody_looks_elsewhere() {
    let rings = |d: &Driver| d.effects.iter().any(|e| matches!(e, Effect::Notify(line) if !line.contains(['\x1b', '\x07'])));
    assert!(rings(&end_work(false, 20)));
    assert!(!rings(&end_work(true, 20)));
    assert!(!rings(&end_work(false, 5)));
}

#[test]
fn work_says_how_fast_it_goes() {
    let mut d = Driver::new(sample(), 120, 40);
    let progress = Progress { verb: "Moving", bytes: 40_000_000, bytes_total: Some(80_000_000), ..Progress::default() };
    d.send(Msg::Progress(progress)).send(Msg::Tick(Duration::from_secs(5), super::fixture::now()));
    assert!(d.frame().contains("8 MB/s"), "{}", d.frame());
}

#[test]
fn an_exclamation_mark_before_the_filter_hides_what_matches() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("/!package\n");
    let names = d.names().join("\n");
    assert!(!names.contains("package-") && !names.contains("node_modules"), "{names}");
    assert!(names.contains("chart.png") && names.contains("skill-0.md"), "{names}");
    d.keys("\x1b/!chart\n");
    let names = d.names().join("\n");
    assert!(names.contains("draft.md") && !names.contains("chart.png"), "{names}");
}

#[test]
fn the_letters_that_match_are_set_apart_and_the_rest_is_counted() {
    use ratatui::style::Modifier;
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("/chrt");
    assert!(d.frame().contains(" hidden"), "{}", d.frame());
    let buffer = d.buffer();
    let underlined = |y: u16| -> String {
        let cells = (0..73).map(|x| &buffer[(x, y)]).filter(|c| c.modifier.contains(Modifier::UNDERLINED));
        cells.map(ratatui::buffer::Cell::symbol).collect()
    };
    assert!((0..40).any(|y| underlined(y) == "chrt"), "{}", d.frame());
}

#[test]
fn rows_can_be_put_in_the_order_of_their_class() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("v").on("Quarterly report").keys("l").on("outputs").keys("lss");
    assert!(d.frame().contains("by session · class"), "{}", d.frame());
    let names: Vec<String> = d.names().into_iter().filter(|n| n.starts_with("    ")).map(|n| n.trim().to_owned()).collect();
    assert_eq!(names, ["chart.png", "draft.md", "report.docx", "work/node_modules"]);
}

#[test]
fn what_lies_on_the_disk_is_said_where_it_is_much_less() {
    let tally = |bytes, allocated| crate::model::Tally { files: 1, bytes, allocated };
    assert_eq!(text::sized(tally(3_200_000_000, 12_288)), "3.2 GB, 12.3 kB on disk");
    assert_eq!(text::sized(tally(3_200_000_000, 3_100_000_000)), "3.2 GB");
    assert_eq!(text::sized(tally(700, 0)), "700 B");
}

#[test]
fn sorting_a_large_folder_keeps_the_cursor_on_its_thing() {
    let mut d = Driver::new(super::fixture::large(30_000), 120, 40);
    d.on("Large").keys("l").on("many").keys("l").code(KeyCode::End);
    d.on("file-012345.txt");
    for _ in 0..6 {
        d.keys("s");
        assert_eq!(d.current(), "file-012345.txt");
    }
    d.keys("vvv/0123\x1b");
    assert_eq!(d.names().len(), 30_006);
}

#[test]
fn the_order_that_is_kept_is_forgotten_when_something_else_is_found() {
    let mut d = Driver::new(super::fixture::large(12_000), 120, 40);
    d.on("Large").keys("l").on("many").keys("l");
    d.send(Msg::Rescanned(Arc::new(super::fixture::large(11_000))));
    assert_eq!(d.names().iter().filter(|n| n.contains("file-")).count(), 11_000);
}

#[test]
fn capital_b_asks_for_a_brief_that_is_read_scrolled_and_copied() {
    let mut d = Driver::new(sample(), 60, 15);
    d.keys("vB");
    assert!(matches!(d.effects.last(), Some(Effect::Brief(s)) if s.len() == 1), "{:?}", d.effects);
    let text = format!(
        "# Brief\n\n- The goal was to put the quarterly figures into one table that everybody can read. [5a7d4a86:1]\n{}",
        "line\n".repeat(30)
    );
    d.send(Msg::Page("Brief", Ok(text.clone())));
    let frame = d.frame();
    assert!(frame.contains("\n   table that everybody can read."), "a line of a list hangs below its words: {frame}");
    d.keys("G");
    assert!(!d.frame().contains("quarterly"), "it scrolls: {}", d.frame());
    d.keys("y");
    assert!(matches!(d.effects.last(), Some(Effect::Clip(copied)) if *copied == text));
    d.keys("q");
    assert!(matches!(d.app.screen, Screen::Main));
}
