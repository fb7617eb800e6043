//! Random trees, random selections.

use super::Home;
use crate::model::Class;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "unit-u", "unit-v", "cache", "risk", "flushed", "live", "protected", "checking", "session-s"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_cleaned_and_undone_the_tree_is_the_same(
        files in prop::collection::vec((prop::collection::vec(name(), 0..4), 0..6_u8), 1..30),
        classes in prop::sample::subsequence(Class::ALL.to_vec(), 0..=3),
        keep in prop::collection::vec(any::<bool>(), 40),
        undo_twice in any::<bool>(),
    ) {
        let home = Home::new();
        for (folders, file) in files {
            let path = folders.iter().fold(String::new(), |path, folder| path + folder + "/");
            home.file(&format!("{path}{}-{file}", folders.last().unwrap_or(&"x")), &path);
        }
        let before = home.tree();
        let full = home.plan(&classes);
        prop_assert_eq!(&home.tree(), &before, "planning changed something");
        let asked = if classes.is_empty() { vec![Class::Rebuildable] } else { classes };
        prop_assert!(full.items.iter().all(|i| asked.contains(&i.class)));
        for item in &full.items {
            let path = item.path.to_path().unwrap();
            let inside = path.strip_prefix(&home.store).unwrap().to_string_lossy().into_owned();
            prop_assert!(!["live", "checking"].iter().any(|w| inside.contains(w)), "{} is in the plan", inside);
            // A protected folder's content may go, the folder itself not.
            prop_assert!(!path.file_name().unwrap().to_string_lossy().contains("protected"), "{} is in the plan", inside);
        }
        let mut half = full.clone();
        let mut kept = keep.iter().cycle();
        half.items.retain(|_| *kept.next().unwrap());
        let first = home.clean(&half);
        prop_assert_eq!(first.moved, half.items.len() as u64);
        let between = home.tree();
        let second = home.clean(&full);
        prop_assert_eq!(first.moved + second.moved, full.items.len() as u64);
        if second.moved > 0 {
            home.undo();
            prop_assert_eq!(&home.tree(), &between);
        }
        if first.moved > 0 {
            home.undo();
        }
        prop_assert_eq!(&home.tree(), &before);
        if undo_twice {
            prop_assert_eq!(home.undo().moved, 0);
            prop_assert_eq!(&home.tree(), &before);
        }
    }
}
