//! How long it takes, beside `mv`. Not run unless asked for: it only prints.

use super::Home;
use crate::model::{Class, Quiet};
use std::time::Instant;

#[test]
#[ignore = "prints figures, asserts none; run it by name in a release build"]
fn cleaning_beside_mv() {
    for (folders, files) in [(100, 1000), (1, 0)] {
        let home = Home::new();
        let yes = crate::vault::Consent { at_risk: true, dry_run: false };
        for folder in 0..folders {
            for file in 0..files {
                home.file(&format!("area-{folder}/unit-{folder}/{}/{file}", file % 10), "x");
            }
        }
        if files == 0 {
            for file in 0..10_000 {
                home.file(&format!("loose-{}/cache{file}", file % 100), "x");
            }
        }
        let other = home.outside("moved");
        std::fs::create_dir(&other).unwrap();
        let rename_all = |from: &std::path::Path, to: &std::path::Path| {
            let start = Instant::now();
            for name in std::fs::read_dir(from).unwrap() {
                let name = name.unwrap().file_name();
                std::fs::rename(from.join(&name), to.join(&name)).unwrap();
            }
            start.elapsed()
        };
        let bare = rename_all(&home.store, &other);
        rename_all(&other, &home.store);
        let catalog = home.scan();
        let timed = |what: &str, start: Instant| println!("{what}: {:?}", start.elapsed());
        println!("{folders} folders of {files} files; moving the top folders alone: {bare:?}");
        let start = Instant::now();
        let plan = crate::vault::plan(
            &home.world,
            &catalog,
            &crate::vault::Selection { classes: Class::ALL.to_vec(), ..crate::vault::Selection::default() },
        );
        timed(&format!("plan of {} items", plan.items.len()), start);
        let start = Instant::now();
        home.try_clean(&plan, yes).unwrap();
        timed("clean", start);
        let start = Instant::now();
        crate::vault::undo(&home.world, None, false, &Quiet).unwrap();
        timed("undo", start);
        home.clean(&plan);
        let start = Instant::now();
        crate::vault::purge(&home.world, &crate::vault::PurgeWhat::All, false, &Quiet).unwrap();
        timed("purge", start);
    }
}
