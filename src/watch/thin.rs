//! Which old backups go: all of seven days stay, then one a week for five weeks, then one a month for a year. The newest
//! always stays.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashSet;

const DAY: i64 = 86_400;

/// All that are younger stay.
const ALL: i64 = 7 * DAY;

/// Up to here one a week stays.
const WEEKLY: i64 = ALL + 5 * 7 * DAY;

/// Up to here one a month stays.
const MONTHLY: i64 = 365 * DAY;

/// Which of these go by now, by their place in the list.
pub fn goes(now: Timestamp, made: &[Timestamp]) -> Vec<usize> {
    let mut newest_first: Vec<usize> = (0..made.len()).collect();
    newest_first.sort_by_key(|at| std::cmp::Reverse(made.get(*at).copied()));
    let mut served: HashSet<(char, i64)> = HashSet::new();
    let mut gone: Vec<usize> =
        newest_first.into_iter().skip(1).filter(|at| made.get(*at).is_some_and(|made| !stays(now, *made, &mut served))).collect();
    gone.sort_unstable();
    gone
}

fn stays(now: Timestamp, made: Timestamp, served: &mut HashSet<(char, i64)>) -> bool {
    let age = now.as_second().saturating_sub(made.as_second());
    if age <= ALL {
        true
    } else if age <= WEEKLY {
        served.insert(('w', made.as_second().div_euclid(7 * DAY)))
    } else {
        let day = made.to_zoned(TimeZone::UTC).date();
        age <= MONTHLY && served.insert(('m', i64::from(day.year()) * 12 + i64::from(day.month())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ago(days: i64) -> Timestamp {
        Timestamp::from_second(now().as_second() - days * DAY).unwrap()
    }

    fn now() -> Timestamp {
        "2026-10-15T12:00:00Z".parse().unwrap()
    }

    /// Ages in days of those that stay.
    fn stay(ages: &[i64]) -> Vec<i64> {
        let made: Vec<Timestamp> = ages.iter().map(|d| ago(*d)).collect();
        let gone = goes(now(), &made);
        ages.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, d)| *d).collect()
    }

    #[test]
    fn all_of_a_week_stay_then_one_a_week_then_one_a_month_and_after_a_year_none() {
        assert_eq!(stay(&[0, 1, 2, 3, 4, 5, 6, 7]), [0, 1, 2, 3, 4, 5, 6, 7]);
        // 2026-10-15 is a Thursday, and so is every first day of a week counted from 1970.
        assert_eq!(stay(&[0, 8, 9, 14, 15, 16, 20, 21, 22]), [0, 8, 15, 22]);
        // August, June and the beginning of June.
        assert_eq!(stay(&[0, 50, 60, 110, 130, 400]), [0, 50, 110]);
    }

    #[test]
    fn the_only_one_stays_however_old_it_is() {
        assert_eq!(stay(&[4000]), [4000]);
        assert_eq!(stay(&[4000, 5000]), [4000]);
    }

    proptest! {
        #[test]
        fn what_was_thinned_once_is_not_thinned_again_and_the_newest_stays(ages in prop::collection::vec(0i64..800, 0..60)) {
            let once = stay(&ages);
            prop_assert_eq!(stay(&once), once.clone());
            prop_assert_eq!(once.iter().min(), ages.iter().min());
            prop_assert!(ages.iter().filter(|d| **d <= 7).all(|d| once.contains(d)));
        }

        #[test]
        fn thinned_day_by_day_there_is_one_in_each_of_the_last_weeks(days in 60i64..200) {
            // A backup a day, thinned a day: what stays at the end.
            let mut made: Vec<i64> = Vec::new();
            for day in 0..days {
                made.push(day);
                let all: Vec<Timestamp> = made.iter().map(|d| ago(days - d)).collect();
                let gone = goes(ago(days - day), &all);
                made = made.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, d)| *d).collect();
            }
            for week in 1..=5 {
                let (young, old) = (days - 1 - 7 * week, days - 1 - 7 * week - 7);
                prop_assert!(made.iter().any(|d| (old..=young).contains(d)), "{made:?}");
            }
            prop_assert!(made.len() < 8 + 7 + 13, "{made:?}");
        }
    }
}
