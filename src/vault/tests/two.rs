//! Two processes at work on one store.

use super::faults::YES;
use super::faulty::Faulty;
use super::{Home, desk};
use crate::model::{OpState, Plan, Quiet};
use crate::vault::{clean, history, recover, undo};
use crate::world::World;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a process of ours is told to do: `clean PLAN`, `hang PLAN STEP`, `undo ID`, in this home.
const DEED: &str = "LIFEBOAT_TEST_DEED";
const HOME: &str = "LIFEBOAT_TEST_HOME";

/// Not a test: what the other process does.
#[test]
fn the_other_process() {
    let (Some(deed), Some(home)) = (std::env::var_os(DEED), std::env::var_os(HOME)) else { return };
    let (deed, world) = (deed.into_string().unwrap(), World::at(Path::new(&home), BTreeMap::default()));
    let words: Vec<&str> = deed.split(' ').collect();
    let fs = Faulty::calm();
    match words[..] {
        ["clean", plan] => {
            let plan = Plan::load(Path::new(plan)).unwrap();
            assert_eq!(clean::clean(&desk(&world, &fs, &Quiet), &plan, YES).unwrap().moved, 1);
        }
        ["hang", plan, step] => {
            let here = PathBuf::from(format!("{plan}.hangs"));
            let hang = move || {
                std::fs::write(here, "").unwrap();
                std::thread::sleep(Duration::from_mins(1));
            };
            *fs.attack.borrow_mut() = Some((step.parse().unwrap(), Box::new(hang)));
            drop(clean::clean(&desk(&world, &fs, &Quiet), &Plan::load(Path::new(plan)).unwrap(), YES));
        }
        ["undo", id] => assert_eq!(undo::undo(&desk(&world, &fs, &Quiet), Some(id), false).unwrap().moved, 1),
        _ => panic!("{deed}"),
    }
}

fn other(home: &Home, deed: &str) -> Child {
    let mut this = Command::new(std::env::current_exe().unwrap());
    this.args(["--exact", "vault::tests::two::the_other_process", "--nocapture"]);
    this.env(DEED, deed).env(HOME, &home.world.home).stdout(Stdio::null()).spawn().unwrap()
}

/// A plan for each item, saved.
fn halves(home: &Home) -> Vec<String> {
    let plan = home.all();
    let half = |(at, item): (usize, &crate::model::PlanItem)| {
        let path = home.outside(&format!("plan-{at}"));
        let items = vec![item.clone()];
        Plan { fingerprint: crate::vault::fingerprint(&items), items, ..plan.clone() }.save(&path).unwrap();
        path.to_str().unwrap().to_owned()
    };
    plan.items.iter().enumerate().map(half).collect()
}

fn states(home: &Home) -> Vec<OpState> {
    history(&home.world).unwrap().iter().filter(|o| o.verb == "clean").map(|o| o.state).collect()
}

#[test]
fn two_processes_clean_at_once_and_undo_at_once_and_do_not_disturb_each_other() {
    let home = Home::with(&["folder/cache1", "folder/cache2", "unit-a/1"]);
    let before = home.tree().names();
    let all: Vec<Child> = halves(&home).iter().map(|plan| other(&home, &format!("clean {plan}"))).collect();
    assert_eq!(all.len(), 3);
    assert!(all.into_iter().all(|mut child| child.wait().unwrap().success()));
    assert_eq!(states(&home), [OpState::Stands; 3]);
    let ids: Vec<String> = history(&home.world).unwrap().into_iter().map(|o| o.id).collect();
    let all: Vec<Child> = ids.iter().map(|id| other(&home, &format!("undo {id}"))).collect();
    assert!(all.into_iter().all(|mut child| child.wait().unwrap().success()));
    assert_eq!(states(&home), [OpState::Undone; 3]);
    assert_eq!(home.tree().names(), before);
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} took too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn when_the_one_that_has_the_turn_is_killed_the_other_goes_on_and_the_next_start_mends() {
    let files = ["folder/cache1", "folder/cache2"];
    let operations = {
        let home = Home::with(&files);
        let (plan, fs) = (Plan::load(Path::new(&halves(&home)[0])).unwrap(), Faulty::calm());
        clean::clean(&home.desk(&fs), &plan, YES).unwrap();
        fs.operations()
    };
    // In the middle of it, after its item was moved.
    let step = operations - 6;
    let home = Home::with(&files);
    let before = home.tree().names();
    let plans = halves(&home);
    let mut first = other(&home, &format!("hang {} {step}", plans[0]));
    until("the first", || Path::new(&format!("{}.hangs", plans[0])).exists());
    assert!(!home.store.join(files[0]).exists(), "nothing was moved yet");
    let mut second = other(&home, &format!("clean {}", plans[1]));
    std::thread::sleep(Duration::from_millis(100));
    assert!(second.try_wait().unwrap().is_none() && home.store.join(files[1]).exists(), "the second did not wait for its turn");
    assert!(recover::recover(&home.world, &Faulty::calm()).unwrap().is_empty(), "a deed under way was mended");
    first.kill().unwrap();
    first.wait().unwrap();
    until("the second", || second.try_wait().unwrap().is_some());
    assert!(second.wait().unwrap().success());
    // The lock's file is still there, and blocks nobody.
    assert!(home.world.state_dir.join("operations/lock").exists());
    assert_eq!(home.mend().len(), 1);
    assert!(home.store.join(files[0]).exists());
    assert_eq!(states(&home), [OpState::Stands]);
    assert_eq!(home.undo().moved, 1);
    assert_eq!(home.tree().names(), before);
}
