//! Random trees with everything a file system can hold, and random plans.

use super::made::{dump, sound};
use super::*;
use crate::trim::removal::Removal;
use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn name(&mut self, at: u64) -> Vec<u8> {
        let strange: [&[u8]; 14] = [
            b"plain",
            b"two words",
            b"\"quoted\" \"\"",
            b"<12>",
            b"#note",
            b"-rf",
            b" lead",
            b"tail ",
            b"b\\slash",
            b"$(x)`y`",
            b"\xff\xfe\x80",
            "g\u{fc}n\u{202e}e".as_bytes(),
            b"tab\there",
            b"line\nbreak",
        ];
        let mut name = strange[usize::try_from(self.roll(14)).unwrap()].to_vec();
        name.extend_from_slice(format!(".{at}").as_bytes());
        if self.roll(12) == 0 {
            name.resize(255, b'l');
        }
        name
    }
}

fn fill(dice: &mut Dice, folder: &Path, depth: u64, made: &mut Vec<PathBuf>) {
    for at in 0..3 + dice.roll(7) {
        let path = folder.join(std::ffi::OsString::from_vec(dice.name(at)));
        match dice.roll(11) {
            0..3 if depth < 9 => {
                std::fs::create_dir(&path).unwrap();
                let below = depth + 1 + dice.roll(3);
                fill(dice, &path, below, made);
            }
            3 => std::os::unix::fs::symlink("x".repeat(usize::try_from(1 + dice.roll(200)).unwrap()), &path).unwrap(),
            4 if !made.is_empty() => {
                let old = &made[usize::try_from(dice.roll(made.len() as u64)).unwrap()];
                std::fs::hard_link(old, &path).unwrap();
            }
            5 => {
                let mut file = std::fs::File::create_new(&path).unwrap();
                for _ in 0..dice.roll(5) {
                    file.seek(SeekFrom::Start(dice.roll(500) * 8192)).unwrap();
                    file.write_all(&vec![b's'; 3000]).unwrap();
                }
                file.set_len(dice.roll(9_000_000)).unwrap();
                made.push(path);
            }
            6 => rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap(),
            _ => {
                let size = if dice.roll(4) == 0 { dice.roll(400_000) } else { dice.roll(9000) };
                std::fs::write(&path, vec![u8::try_from(dice.roll(256)).unwrap(); usize::try_from(size).unwrap()]).unwrap();
                let value = vec![b'v'; usize::try_from(1 + dice.roll(900)).unwrap()];
                if dice.roll(5) == 0 {
                    let _ = rustix::fs::setxattr(&path, "user.note", &value, rustix::fs::XattrFlags::empty());
                }
                made.push(path);
            }
        }
    }
}

/// What came of one image.
struct Came {
    planned: u64,
    given_back: u64,
}

/// One random image, one random plan.
fn one(seed: u64) -> Option<Came> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..8).for_each(|_| assert!(dice.roll(2) < 2));
    let mut tree = Tree::empty();
    fill(&mut dice, tree.dir.path(), 0, &mut Vec::new());
    std::fs::create_dir(tree.dir.path().join("bulk")).unwrap();
    for n in 0..dice.roll(600) {
        std::fs::write(tree.dir.path().join(format!("bulk/{n}-a-longer-name-so-that-the-folder-has-an-index")), format!("{n}")).unwrap();
    }
    let features = ["", "^metadata_csum", "^64bit", "^has_journal", "^metadata_csum,^64bit,^flex_bg", "^dir_index"];
    let features = features[usize::try_from(dice.roll(6)).unwrap()];
    if !features.is_empty() {
        tree.words.extend(["-O".into(), features.into()]);
    }
    tree.words.extend(["-b".into(), ["1024", "4096", "2048"][usize::try_from(dice.roll(3)).unwrap()].into()]);
    let home = Home::with(&tree)?;
    if dice.roll(3) == 0 && features != "^has_journal" {
        // A file with a name that every command line takes.
        let text = home.dump().into_iter().find(|(path, says)| path.starts_with(b"bulk/") && says.len() > 70).map(|(path, _)| path);
        if let Some(path) = text {
            home.leave_unreplayed(&String::from_utf8(path).unwrap(), b"after the crash");
        }
    }
    let census = home.census();
    let mut paths: BTreeMap<u32, Vec<u8>> = BTreeMap::from([(2, Vec::new())]);
    let mut all: Vec<Vec<u8>> = Vec::new();
    let mut todo = vec![2];
    while let Some(folder) = todo.pop() {
        for (name, number) in census.in_folder(folder) {
            let mut path = paths[&folder].clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name.1);
            if census.things[number].kind == crate::model::Kind::Dir {
                paths.insert(*number, path.clone());
                todo.push(*number);
            }
            all.push(path);
        }
    }
    let share = 2 + dice.roll(20);
    let chosen: Vec<Vec<u8>> = all.iter().filter(|path| *path != b"lost+found" && dice.roll(share) == 0).cloned().collect();
    if chosen.is_empty() {
        return Some(Came { planned: 0, given_back: 0 });
    }
    let plan = home.plan(&chosen);
    // What the plan frees, hard links counted once and only with their last name.
    let mut removal = Removal::default();
    let cannot = |path: &[u8]| {
        let parts: Vec<Vec<u8>> = path.split(|b| *b == b'/').map(<[u8]>::to_vec).collect();
        !Removal::can_take(&census, &census.find(&parts).unwrap().0)
    };
    let taken: Vec<&Vec<u8>> = chosen.iter().filter(|path| !cannot(path)).collect();
    for path in &taken {
        let parts: Vec<Vec<u8>> = path.split(|b| *b == b'/').map(<[u8]>::to_vec).collect();
        removal.take(&census, &census.find(&parts).unwrap().0);
    }
    removal.settle(&census);
    let (planned, was) = (removal.freed(&census), home.on_disk());
    let original = home.dir.path().join("original.img");
    std::fs::copy(&home.image, &original).unwrap();
    made::run("e2fsck", &["-fp".as_ref(), original.as_os_str()]).unwrap();
    let before = dump(&original);
    let bytes = std::fs::read(&home.image).unwrap();
    let receipt = crate::trim::clean(&home.desk(), &plan, Consent { at_risk: true, dry_run: false }).unwrap();
    assert!(receipt.failed.is_empty(), "seed {seed}: {receipt:?}");
    assert_eq!(receipt.moved, taken.len() as u64, "seed {seed}: {receipt:?}");
    sound(&home.image);
    let gone = |path: &[u8]| taken.iter().any(|top| path == top.as_slice() || path.starts_with(&[top.as_slice(), b"/"].concat()));
    let expected: BTreeMap<_, _> = before.into_iter().filter(|(path, _)| !gone(path)).collect();
    assert!(dump(&home.image) == expected, "seed {seed}: what stays is not what was");
    let given_back = was.saturating_sub(home.on_disk());
    crate::lifecycle::undo(&home.world, None, false, &Quiet).unwrap();
    assert!(std::fs::read(&home.image).unwrap() == bytes, "seed {seed}: undo");
    Some(Came { planned, given_back })
}

fn many(seeds: std::ops::Range<u64>) {
    let (mut planned, mut given_back, mut least) = (0, 0, 1.0_f64);
    for seed in seeds.clone() {
        let Some(came) = one(seed) else { return };
        planned += came.planned;
        given_back += came.given_back;
        if came.planned > 200_000 {
            least = least.min(came.given_back as f64 / came.planned as f64);
        }
    }
    println!("{} images: {planned} bytes planned, {given_back} given back, {least:.3} at the least", seeds.count());
    assert!(given_back as f64 >= 0.95 * planned as f64, "{given_back} of {planned}");
}

#[test]
fn on_random_images_exactly_the_plan_goes_and_e2fsck_finds_no_fault() {
    many(0..6);
}

#[test]
#[ignore = "a larger run, by hand: TRIM_SEEDS=200"]
fn on_many_random_images_exactly_the_plan_goes_and_e2fsck_finds_no_fault() {
    let count = std::env::var("TRIM_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    many(1000..1000 + count);
}
