//! Whatever is pressed, at whatever size: no panic, and no plan carried out without the key that means yes.

use super::fixture::{Driver, PLAIN, now, sample};
use crate::tui::Options;
use crate::tui::msg::{Effect, Msg};
use crate::tui::tests::plan::plan;
use crate::tui::view;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Step {
    Key(KeyCode, bool),
    Size(u16, u16),
    Plan(usize),
    Click(u16, u16),
    Wheel(u16, u16),
    Rescan,
}

fn step() -> impl Strategy<Value = Step> {
    let keys = "hjklvs/? :EHcebfuPaxYwnq-grG1234toO[]{}Nyi";
    let code = prop_oneof![
        6 => prop::sample::select(keys.chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        3 => prop::sample::select(vec![KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::PageDown, KeyCode::PageUp, KeyCode::End, KeyCode::Home, KeyCode::Backspace]),
    ];
    prop_oneof![
        12 => (code, prop::bool::weighted(0.05)).prop_map(|(c, ctrl)| Step::Key(c, ctrl)),
        2 => (0_u16..210, 0_u16..60).prop_map(|(w, h)| Step::Size(w, h)),
        1 => (0_usize..3).prop_map(Step::Plan),
        1 => (0_u16..210, 0_u16..60).prop_map(|(x, y)| Step::Click(x, y)),
        1 => (0_u16..210, 0_u16..60).prop_map(|(x, y)| Step::Wheel(x, y)),
        1 => Just(Step::Rescan),
    ]
}

fn take(d: &mut Driver, step: Step) {
    d.at += Duration::from_millis(200);
    let mouse = |kind, x, y| MouseEvent { kind, column: x, row: y, modifiers: KeyModifiers::NONE };
    let msg = match step {
        Step::Key(code, ctrl) => Msg::Key(KeyEvent::new(code, if ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE }), d.at),
        Step::Size(w, h) => Msg::Resize(w, h),
        Step::Plan(n) => Msg::Planned(Ok(plan(n))),
        Step::Click(x, y) => Msg::Mouse(mouse(MouseEventKind::Down(MouseButton::Left), x, y), d.at),
        Step::Wheel(x, y) => Msg::Mouse(mouse(MouseEventKind::ScrollDown, x, y), d.at),
        Step::Rescan => Msg::Rescanned(std::sync::Arc::new(sample())),
    };
    d.send(msg);
    let tick = Msg::Tick(d.at, now());
    d.send(tick);
    let area = Rect::new(0, 0, d.app.size.0, d.app.size.1);
    view::draw(&d.app, area, &mut Buffer::empty(area));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_at_no_size_panic(steps in prop::collection::vec(step(), 1..60), ascii: bool, read_only: bool) {
        let mut d = Driver::with(sample(), 100, 30, Options { read_only, ascii, ..PLAIN });
        for step in steps {
            take(&mut d, step);
        }
        prop_assert!(!read_only || !d.effects.iter().any(|e| matches!(e, Effect::Carry(_) | Effect::Start(_))));
    }

    #[test]
    fn no_keys_panic_while_reading(steps in prop::collection::vec(step(), 1..60)) {
        let mut r = super::reader::Reader::open((100, 30));
        for step in steps {
            take(&mut r.d, step);
            r.serve();
        }
    }

    #[test]
    fn without_capital_y_nothing_is_ever_carried_out(steps in prop::collection::vec(step(), 1..80)) {
        let mut d = Driver::new(sample(), 100, 30);
        for step in steps.into_iter().filter(|s| !matches!(s, Step::Key(KeyCode::Char('Y'), _))) {
            take(&mut d, step);
        }
        prop_assert!(!d.effects.iter().any(|e| matches!(e, Effect::Carry(_))));
    }
}

#[test]
fn every_size_from_nothing_up_is_drawn() {
    let mut d = Driver::new(sample(), 100, 30);
    for (w, h) in [(0, 0), (1, 1), (0, 40), (200, 0), (59, 15), (60, 14), (60, 15), (89, 20), (90, 20), (300, 100)] {
        for screen in ["", "?", "\x1bH", "\x1bE", "\x1b:", "\x1be"] {
            d.send(Msg::Resize(100, 30)).keys(screen).send(Msg::Resize(w, h));
            let area = Rect::new(0, 0, w, h);
            view::draw(&d.app, area, &mut Buffer::empty(area));
        }
    }
}

#[test]
fn a_terminal_that_is_too_small_says_so_and_lets_one_leave() {
    let mut d = Driver::new(sample(), 50, 10);
    assert!(d.frame().contains("terminal too small (now 50×10)"), "{}", d.frame());
    d.keys("q");
    assert!(matches!(d.effects.last(), Some(Effect::Quit)));
}
