use super::Home;
use crate::model::{Held, OpState};
use crate::vault::{expire, history};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// A home whose vault has held something for so many days, and what expires after so many.
fn after(days: i64, purge_after: Option<Duration>) -> (Home, Option<String>) {
    let mut home = Home::with(&["cache1", "cache2"]);
    let then: jiff::Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
    home.world = home.world.clone().with_clock(then);
    home.clean(&home.all());
    home.world = home.world.clone().with_clock(then + jiff::SignedDuration::from_hours(24 * days));
    home.world.purge_after = purge_after;
    let said = expire(&home.world).unwrap();
    (home, said)
}

fn held(home: &Home) -> Held {
    Held::by(&history(&home.world).unwrap())
}

#[test]
fn nothing_goes_by_itself_where_nothing_says_so() {
    let (home, said) = after(4000, None);
    assert_eq!((said, held(&home).items), (None, 2));
}

#[test]
fn what_is_older_than_the_configuration_says_goes_and_is_told() {
    let (home, said) = after(30, Some(30 * DAY));
    assert!(said.unwrap().starts_with("2 items had been in the vault for 30 days or more"));
    assert_eq!(held(&home), Held::default());
    assert!(history(&home.world).unwrap().iter().any(|o| o.state == OpState::Purged));
    assert_eq!(expire(&home.world).unwrap(), None);
}

#[test]
fn what_is_younger_stays() {
    let (home, said) = after(29, Some(30 * DAY));
    assert_eq!((said, held(&home).items), (None, 2));
    assert_eq!(home.undo().moved, 2);
}

#[test]
fn a_clock_that_went_back_expires_nothing() {
    let (home, said) = after(-400, Some(30 * DAY));
    assert_eq!((said, held(&home).items), (None, 2));
}

#[test]
fn the_vault_holds_exactly_what_was_moved_and_not_put_back() {
    let home = Home::with(&["cache-twelve", "cache2", "cache3"]);
    let plan = home.all();
    home.clean(&plan);
    let all = held(&home);
    assert_eq!((all.items, all.bytes), (3, plan.items.iter().map(|i| i.bytes).sum()));
    home.undo();
    assert_eq!(held(&home), Held::default());
}
