//! Finding what was said while it is typed.

use super::fixture::{Driver, now, sample};
use crate::find::{Answer, Context, Fit, Hit, News};
use crate::transcript::Voice;
use crate::tui::app::Screen;
use crate::tui::msg::{Effect, Msg, Sought};
use crate::tui::reader::{Goal, desk::Ask};
use ratatui::crossterm::event::KeyCode;
use std::path::PathBuf;

fn hit(session: &str, title: &str, before: &str, mark: &str, after: &str, at: u64) -> Hit {
    let start = before.len();
    Hit {
        store: "cowork",
        session: session.into(),
        title: title.into(),
        agent: None,
        voice: Voice::Assistant,
        record: format!("rec{at}"),
        when: Some(now() - jiff::SignedDuration::from_hours(24 * 21)),
        fit: Fit::Exact,
        context: Context {
            before: String::new(),
            line: format!("{before}{mark}{after}"),
            marks: std::iter::once(start..start + mark.len()).collect(),
            after: "and the next line says more".into(),
        },
        path: PathBuf::from("/t.jsonl"),
        at,
    }
}

fn found() -> Answer {
    let long = "words before it ".repeat(12);
    let hits = vec![
        hit("local_5a7d4a86", "Quarterly report", "The ", "margin fell", " by three points in March.", 1),
        hit("local_77aa11bb", "Interview notes", &long, "margin", " of error, \u{1b}[31mred", 2),
    ];
    Answer { hits, total: Some(2), failed: Vec::new() }
}

fn typed() -> Driver {
    let mut d = Driver::new(sample(), 80, 15);
    d.keys("Smargin fell");
    d.send(Msg::Seek(News::Answer { question: 11, answer: found(), goes_on: false }));
    d
}

fn asked(d: &Driver) -> usize {
    d.effects.iter().filter(|e| matches!(e, Effect::Seek(Sought::Ask(_)))).count()
}

#[test]
fn every_letter_asks_and_places_are_shown_with_their_line() {
    let d = typed();
    assert!(matches!(d.effects.iter().find(|e| matches!(e, Effect::Seek(_))), Some(Effect::Seek(Sought::Open))));
    assert_eq!(asked(&d), 11);
    insta::assert_snapshot!(d.frame());
}

#[test]
fn an_answer_to_an_earlier_question_is_not_shown() {
    let mut d = Driver::new(sample(), 80, 15);
    d.keys("Smar");
    d.send(Msg::Seek(News::Answer { question: 2, answer: found(), goes_on: false }));
    assert!(d.app.seek.as_ref().unwrap().hits.is_empty());
}

#[test]
fn enter_reads_the_conversation_at_the_place_and_q_comes_back_to_what_was_found() {
    let mut d = typed();
    d.code(KeyCode::Down).keys("\n");
    let open = d
        .effects
        .iter()
        .rev()
        .find_map(|e| if let Effect::Read(_, Ask::Open(s, goal)) = e { Some((s.id.clone(), goal.clone())) } else { None });
    assert_eq!(open, Some(("local_77aa11bb".into(), Some(Goal::Record("rec2".into())))));
    assert!(matches!(d.app.screen, Screen::Reader));
    d.keys("q");
    assert!(matches!(d.app.screen, Screen::Seek) && d.frame().contains("Quarterly report"));
    d.keys("\x1b");
    assert!(matches!(d.app.screen, Screen::Main) && d.app.seek.is_none());
    assert!(matches!(d.effects.iter().rev().find(|e| matches!(e, Effect::Seek(_))), Some(Effect::Seek(Sought::Close))));
}

#[test]
fn an_index_that_knows_more_is_asked_again_and_tab_asks_with_tool_output() {
    let mut d = typed();
    let before = asked(&d);
    d.send(Msg::Seek(News::Indexed));
    assert_eq!(asked(&d), before + 1);
    d.keys("\t");
    assert_eq!(asked(&d), before + 2);
    assert!(d.app.seek.as_ref().unwrap().deep && d.frame().contains("with tool output"));
}

#[test]
fn it_can_be_asked_while_the_scan_still_runs_so_that_letters_are_never_taken_for_commands() {
    let mut d = Driver::new(sample(), 80, 15);
    d.send(Msg::Scanned(crate::scan::Phase::Walking, std::time::Duration::from_secs(1)));
    d.keys("Sa c");
    assert!(d.app.marks.is_empty() && matches!(d.app.screen, Screen::Seek) && asked(&d) == 3, "{:?}", d.effects);
}
