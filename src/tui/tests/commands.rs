//! The table: what cannot be used says why, what may not be used is not there.

use super::fixture::{Driver, PLAIN, sample};
use crate::tui::Options;
use crate::tui::commands::{Chord, Id, Place, TABLE};
use std::collections::HashSet;

#[test]
fn no_key_means_two_things_in_one_place() {
    for place in [Place::Main, Place::Plan, Place::Purge, Place::Ask, Place::List, Place::Reader] {
        let mut seen = HashSet::new();
        for command in TABLE.iter().filter(|c| c.place == place || c.place == Place::Any) {
            for key in command.keys {
                assert!(seen.insert(format!("{key:?}")), "{key:?} twice in {place:?}");
            }
        }
    }
}

#[test]
fn the_keys_of_the_contract_are_in_the_table() {
    let has = |place, c: char, id| TABLE.iter().any(|k| k.place == place && k.id == id && k.keys.contains(&Chord::C(c)));
    let main = [
        ('h', Id::Left),
        ('j', Id::Down),
        ('k', Id::Up),
        ('l', Id::Right),
        (' ', Id::Mark),
        ('a', Id::Safe),
        ('c', Id::Clean),
        ('u', Id::Undo),
        ('e', Id::Export),
        ('f', Id::Flush),
        ('F', Id::Rescue),
        ('b', Id::Backup),
        ('v', Id::Regroup),
        ('s', Id::Sort),
        ('/', Id::Find),
        ('x', Id::Cancel),
        ('?', Id::Help),
        (':', Id::Palette),
        ('q', Id::Quit),
    ];
    assert!(main.iter().all(|(c, id)| has(Place::Main, *c, *id)));
    assert!(has(Place::Plan, 'Y', Id::Yes) && has(Place::Plan, 'w', Id::Write));
}

#[test]
fn read_only_takes_everything_that_acts_out_of_footer_help_and_palette() {
    let mut d = Driver::with(sample(), 200, 50, Options { read_only: true, ..PLAIN });
    let words = ["mark", "clean…", "undo", "flush", "flush, clean…", "export", "backup", "empty the vault"];
    let absent = |frame: &str, where_: &str| {
        let last = frame.lines().last().unwrap_or_default();
        let text = if where_ == "footer" { last } else { frame };
        for word in words {
            assert!(!text.contains(&format!(" {word} ")), "{word} in {where_}\n{text}");
        }
    };
    absent(&d.frame(), "footer");
    d.keys("?");
    absent(&d.frame(), "help");
    d.keys("\x1b:");
    absent(&d.frame(), "palette");
    d.keys("\x1b").on("node_modules (1 session)").keys(" caPufFeb");
    assert!(d.app.marks.is_empty());
    assert!(!d.effects.iter().any(|e| !matches!(e, crate::tui::msg::Effect::Preview(_))), "{:?}", d.effects);
    assert!(d.app.toast.as_ref().unwrap().text.contains("read-only"));
}

#[test]
fn what_cannot_be_used_now_stays_in_help_and_says_why() {
    let mut d = Driver::new(sample(), 200, 50);
    d.keys("?");
    let frame = d.frame();
    assert!(frame.contains("(not now: nothing to undo)"), "{frame}");
    assert!(frame.contains("(not now: the vault is empty)"), "{frame}");
}

#[test]
fn the_palette_finds_a_command_by_a_word_and_does_it() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys(":session first");
    assert!(d.frame().contains("regroup"), "{}", d.frame());
    d.keys("\n");
    assert_eq!(d.app.tree.grouping, crate::tui::rows::Grouping::Session);
}

#[test]
fn a_key_of_the_plan_pressed_in_the_tree_says_where_it_belongs() {
    let mut d = Driver::new(sample(), 120, 40);
    d.keys("Y");
    assert!(d.app.toast.as_ref().unwrap().text.contains("in the plan"));
}
