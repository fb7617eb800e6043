//! What receipts and the history say of how much it is.

use super::Home;
use crate::model::{Held, Quiet, Receipt};
use crate::vault::{PurgeWhat, history, purge, undo};

#[test]
fn every_deed_and_the_history_tell_the_sums_of_the_items() {
    let home = Home::new();
    for (file, length) in [("cache1", 10_000), ("folder/cache2", 20_000), ("unit-a/3", 70_000)] {
        home.file(file, &"x".repeat(length));
    }
    let plan = home.all();
    let sum = (plan.items.len() as u64, plan.items.iter().map(|i| i.bytes).sum(), plan.items.iter().map(|i| i.allocated).sum::<u64>());
    assert!(sum.0 == 3 && sum.1 == 100_000 && plan.items.iter().all(|i| i.allocated > 0), "{plan:?}");
    let told = |receipt: &Receipt| (receipt.moved, receipt.bytes, receipt.allocated);
    let held = || {
        let held = Held::by(&history(&home.world).unwrap());
        (held.items, held.bytes, held.allocated)
    };
    assert_eq!((told(&home.clean(&plan)), held()), (sum, sum));
    assert_eq!(told(&undo(&home.world, None, true, &Quiet).unwrap()), sum);
    assert_eq!((told(&home.undo()), held()), (sum, (0, 0, 0)));
    assert_eq!(told(&home.clean(&plan)), sum);
    let all = |dry| told(&purge(&home.world, &PurgeWhat::All, dry, &Quiet).unwrap());
    assert_eq!((all(true), all(false), held()), (sum, sum, (0, 0, 0)));
    assert!(history(&home.world).unwrap().iter().all(|o| (o.items, o.bytes, o.allocated) == sum), "{:?}", history(&home.world));
}
