//! From the scan to the receipt: what the tree shows of a disk image is planned and cleaned like anything else.

use super::*;
use crate::model::{Action, Class, Plan};
use crate::scan;
use crate::vault::{self, Selection};
use jiff::{SignedDuration, Timestamp};

const CACHE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n";
const SESSION: &str = "local_5a7d4a86-4628-4182-a822-292dc8a1df9d";

/// A home with a session whose folder on the machine's disk holds a cache, a module and work; a day later.
fn home() -> Option<Home> {
    let tree = Tree::empty();
    let write = |rel: &str, bytes: &[u8]| {
        let path = tree.dir.path().join(rel);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        // `debugfs` lays files out with whole seconds.
        let second = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_760_000_000);
        std::fs::File::options().write(true).open(path).unwrap().set_modified(second).unwrap();
    };
    write("brave-quiet-noether/work/thesis.tex", b"all of it");
    write("brave-quiet-noether/.cache/pip/CACHEDIR.TAG", CACHE);
    write("brave-quiet-noether/.cache/pip/http/ab/cd", &vec![7; 2_000_000]);
    write("calm-happy-euler/.cache/pip/CACHEDIR.TAG", CACHE);
    write("calm-happy-euler/.cache/pip/http/x", &vec![9; 1_000_000]);
    let mut home = Home::with(&tree)?;
    let org = "local-agent-mode-sessions/0a1b2c3d-0000-4000-8000-000000000001/0a1b2c3d-0000-4000-8000-000000000002";
    let record = format!(
        r#"{{"sessionId":"{SESSION}","title":"Quarterly report","vmProcessName":"brave-quiet-noether","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#
    );
    std::fs::create_dir_all(home.root.join(org)).unwrap();
    std::fs::write(home.root.join(org).join(format!("{SESSION}.json")), record).unwrap();
    home.world = home.world.clone().with_clock(Timestamp::now() + SignedDuration::from_hours(24));
    Some(home)
}

impl Home {
    fn planned(&self, classes: &[Class]) -> Plan {
        let catalog = scan::run(&self.world, scan::Options::default());
        vault::plan(&self.world, &catalog, &Selection { classes: classes.to_vec(), ..Selection::default() })
    }
}

fn inner(plan: &Plan) -> Vec<&str> {
    plan.items.iter().filter_map(|item| Some(item.path.path.split_once("sessiondata.img!/")?.1)).collect()
}

#[test]
fn what_is_rebuildable_on_an_image_is_planned_as_folders_cleaned_and_there_again_after_an_undo() {
    let Some(home) = home() else { return };
    let plan = home.planned(&[]);
    assert_eq!(inner(&plan), ["brave-quiet-noether/.cache/pip", "calm-happy-euler/.cache/pip"], "{:?}", plan.skipped);
    assert!(plan.items.iter().all(|item| item.action == Action::OutOfImage && item.image.is_some() && item.identity.tree.is_some()));
    assert_eq!(plan.items[0].session.as_deref(), Some(SESSION));
    let was = home.on_disk();
    let receipt = crate::lifecycle::clean(&home.world, &plan, Consent::default(), &Quiet).unwrap();
    assert_eq!((receipt.moved, receipt.skipped.len(), receipt.failed.len()), (2, 0, 0), "{receipt:?}");
    assert!(was - home.on_disk() >= 2_900_000);
    home.is_sound();
    assert!(home.planned(&[]).items.is_empty());
    assert!(home.dump().contains_key(b"brave-quiet-noether/work/thesis.tex".as_slice()));
    crate::lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert_eq!(inner(&home.planned(&[])), inner(&plan));
}

#[test]
fn an_image_that_is_planned_whole_is_planned_once_and_what_is_named_inside_goes_whatever_it_is() {
    let Some(home) = home() else { return };
    let catalog = scan::run(&home.world, scan::Options::default());
    let image = catalog.find(&home.image).unwrap();
    let thesis = catalog.find(&home.image.with_file_name("sessiondata.img!").join("brave-quiet-noether/work/thesis.tex")).unwrap();
    let plan =
        |nodes: Vec<_>| vault::plan(&home.world, &catalog, &Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() });
    let whole = plan(vec![image, thesis]);
    assert!(whole.items.len() == 1 && whole.items[0].image.is_none(), "{:?}", whole.items);
    let inside = plan(vec![thesis]);
    assert_eq!((inner(&inside), inside.items[0].class), (vec!["brave-quiet-noether/work/thesis.tex"], Class::AtRisk));
    assert_eq!(crate::lifecycle::clean(&home.world, &inside, Consent::default(), &Quiet).unwrap_err().exit_code(), 3);
    let receipt = crate::lifecycle::clean(&home.world, &inside, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap();
    assert_eq!((receipt.moved, receipt.bytes), (1, 9), "{receipt:?}");
    assert!(!home.dump().contains_key(b"brave-quiet-noether/work/thesis.tex".as_slice()));
}

#[test]
fn a_plan_in_a_file_is_carried_out_later_and_nothing_of_it_once_the_machine_has_run() {
    let Some(home) = home() else { return };
    let file = home.dir.path().join("plan.json");
    home.planned(&[]).save(&file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"action\": \"out-of-image\"") && text.contains("\"inner\""), "{text}");
    let mut plan = Plan::load(&file).unwrap();
    let stay = vault::again(&home.world, scan::run(&home.world, scan::Options::default()), &mut plan);
    assert!(stay.is_empty() && plan.items.len() == 2, "{stay:?}");
    std::fs::File::options().write(true).open(&home.image).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let bytes = std::fs::read(&home.image).unwrap();
    let mut plan = Plan::load(&file).unwrap();
    let stay = vault::again(&home.world, scan::run(&home.world, scan::Options::default()), &mut plan);
    let receipt = crate::lifecycle::clean(&home.world, &plan, Consent::default(), &Quiet).unwrap();
    assert_eq!((receipt.moved, stay.len() + receipt.skipped.len()), (0, 2), "{stay:?} {receipt:?}");
    assert!(std::fs::read(&home.image).unwrap() == bytes);
}

#[test]
fn from_another_kind_of_image_nothing_is_planned_and_that_is_said_once_with_what_else_there_is() {
    let Some(home) = home() else { return };
    let other = home.image.with_file_name("other.qcow2");
    let mut convert = std::process::Command::new("qemu-img");
    if !convert.args(["convert", "-O", "qcow2"]).args([&home.image, &other]).status().is_ok_and(|s| s.success()) {
        println!("skipped: there is no qemu-img here");
        return;
    }
    std::fs::rename(&other, &home.image).unwrap();
    let plan = home.planned(&[]);
    assert!(plan.items.is_empty(), "{:?}", plan.items);
    let said: Vec<&str> = plan.skipped.iter().filter(|s| s.path.path.contains("sessiondata")).map(|s| s.reason.as_str()).collect();
    assert!(said.len() == 1 && said[0].contains("raw image") && said[0].contains("--script"), "{said:?}");
}

#[test]
fn a_script_made_of_the_plan_is_about_one_session_and_frees_what_the_plan_frees() {
    let Some(home) = home() else { return };
    let catalog = scan::run(&home.world, scan::Options::default());
    let plan = vault::plan(&home.world, &catalog, &Selection::default());
    assert_eq!(crate::trim::folders(&plan).len(), 2);
    let guest = tempfile::tempdir().unwrap();
    let base = std::fs::canonicalize(guest.path()).unwrap();
    super::made::debugfs(&home.image, &format!("rdump / {}", base.display()), false);
    let made = crate::trim::script(&catalog, &plan, &base, b"brave-quiet-noether");
    assert_eq!((made.items, made.left_out), (1, 0));
    std::fs::write(base.join("free.sh"), &made.text).unwrap();
    let ran = std::process::Command::new("sh").arg(base.join("free.sh")).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    assert!(!base.join("brave-quiet-noether/.cache/pip").exists());
    assert!(base.join("brave-quiet-noether/work/thesis.tex").exists() && base.join("calm-happy-euler/.cache/pip").exists());
}
