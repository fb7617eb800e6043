//! An image in use is never changed.

use super::*;
use crate::platform::Process;
use std::process::{Child, Command, Stdio};

/// A process that uses the image in its own way, until its input ends.
fn user(home: &Home, way: &str) -> Option<Child> {
    let script = format!(
        "import fcntl, mmap, os, struct, sys\nf = open(sys.argv[1], 'r+b')\n{way}\nsys.stdout.write('x')\nsys.stdout.flush()\nsys.stdin.read()"
    );
    let mut python = Command::new("python3");
    let child = python.args(["-c", &script]).arg(&home.image).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        println!("skipped: there is no python3 here");
        return None;
    };
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
    Some(child)
}

#[test]
fn an_image_that_is_open_mapped_or_locked_is_not_touched_and_what_uses_it_is_named() {
    for (way, says) in [
        ("pass", "open in python3"),
        ("m = mmap.mmap(f.fileno(), 4096)\nos.closerange(3, 50)", "mapped by python3"),
        ("fcntl.fcntl(f, fcntl.F_OFD_SETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))", "python3"),
        ("fcntl.flock(f, fcntl.LOCK_EX)", "python3"),
    ] {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let Some(mut child) = user(&home, way) else { return };
        let (bytes, facts) = (std::fs::read(&home.image).unwrap(), crate::platform::facts(&home.image).unwrap());
        let receipt = home.clean(&["name/cache.bin"]);
        assert_eq!((receipt.moved, receipt.skipped.len()), (0, 1), "{way}: {receipt:?}");
        assert!(receipt.skipped[0].reason.contains(says) && receipt.skipped[0].reason.contains("in use"), "{way}: {receipt:?}");
        assert!((std::fs::read(&home.image).unwrap(), crate::platform::facts(&home.image).unwrap()) == (bytes, facts));
        assert!(crate::lifecycle::history(&home.world).unwrap().is_empty());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!(home.clean(&["name/cache.bin"]).moved, 1, "{way}: it is free again");
    }
}

#[test]
fn while_the_app_or_a_virtual_machine_runs_or_that_cannot_be_told_nothing_is_done_nor_undone() {
    let Some(mut home) = Home::with(&Tree::plain()) else { return };
    let process = |name: &str| Process { pid: 7, name: name.into(), exe: None, started: 0, ticks: None, script: None };
    let quiet = home.world.clone();
    home.clean(&["name/linked/one"]);
    let bytes = std::fs::read(&home.image).unwrap();
    for name in ["claude-desktop", "qemu-system-x86", "cowork-linux-he"] {
        home.world = quiet.clone().with_processes(vec![process(name)]);
        let receipt = home.clean(&["name/cache.bin"]);
        assert_eq!((receipt.moved, receipt.skipped.len()), (0, 1), "{name}: {receipt:?}");
        assert_eq!(crate::lifecycle::undo(&home.world, None, false, &Quiet).unwrap_err().exit_code(), 3);
        assert!(std::fs::read(&home.image).unwrap() == bytes);
    }
}

#[test]
fn who_opens_the_image_while_the_copy_is_worked_on_is_seen_before_the_exchange_and_after_it() {
    for asked in [2, 3] {
        let Some(home) = Home::with(&Tree::plain()) else { return };
        let bytes = std::fs::read(&home.image).unwrap();
        let times = std::sync::atomic::AtomicU32::new(0);
        let in_use = |_: &_, _: &_, _: &_, _: &_| {
            let time = times.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            (time >= asked).then(|| "somebody came".to_owned())
        };
        let desk = Desk { world: &home.world, watch: &Quiet, in_use: &in_use };
        let plan = home.plan(&[b"name/cache.bin".to_vec()]);
        let receipt = crate::trim::clean(&desk, &plan, Consent { at_risk: true, dry_run: false }).unwrap();
        assert_eq!(receipt.moved, 0, "{receipt:?}");
        assert!(times.into_inner() >= asked);
        assert!(std::fs::read(&home.image).unwrap() == bytes);
        assert_eq!(std::fs::read_dir(home.image.parent().unwrap()).unwrap().count(), 1);
        assert!(crate::lifecycle::history(&home.world).unwrap().is_empty());
    }
}

#[test]
fn an_image_with_another_name_is_left_alone() {
    let Some(home) = Home::with(&Tree::plain()) else { return };
    std::fs::hard_link(&home.image, home.dir.path().join("other")).unwrap();
    let receipt = home.clean(&["name/cache.bin"]);
    assert_eq!((receipt.moved, receipt.skipped.len()), (0, 1));
    assert!(receipt.skipped[0].reason.contains("another name"));
}
