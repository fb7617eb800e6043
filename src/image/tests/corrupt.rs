//! Images with bytes changed where it hurts: each ends in what can be read or in a word, soon and without a panic.

use super::made::{disk_of, noise, tool};
use super::*;
use crate::model::Stop;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where bytes are changed.
type Spots = Vec<std::ops::Range<u64>>;

/// Changes bytes in an image, again and again; every time it is opened, walked and read, and made whole again.
fn torment(path: &Path, spots: &Spots, times: usize) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let size = file.metadata().unwrap().len();
    let mut random = noise(times * 64).into_iter();
    let mut number = |below: u64| (0..4).fold(0, |n, _| n * 256 + u64::from(random.next().unwrap())) % below;
    for _ in 0..times {
        let mut before = Vec::new();
        for _ in 0..=number(4) {
            let spot = &spots[usize::try_from(number(spots.len() as u64)).unwrap()];
            let at = (spot.start + number(spot.end - spot.start)).min(size - 1);
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).unwrap();
            before.push((at, byte));
            let to = [0, 255, byte[0] ^ 0x10, byte[0].wrapping_add(1)][usize::try_from(number(4)).unwrap()];
            file.write_all_at(&[to], at).unwrap();
        }
        let began = Instant::now();
        if let Err(word) = look(path) {
            assert!(!word.to_string().is_empty());
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
        for (at, byte) in before.into_iter().rev() {
            file.write_all_at(&byte, at).unwrap();
        }
    }
    look(path).unwrap();
}

fn look(path: &Path) -> Result<(), Trouble> {
    let image = open(path)?;
    let most = image.layout.blocks * image.layout.block;
    let mut all = Vec::new();
    image.walk(&Limits::default(), &Stop::default(), |folder| all.extend(folder.entries.into_iter().flatten()))?;
    for entry in all {
        let read = image.content(entry.inode).and_then(|mut c| Ok(std::io::copy(&mut c, &mut std::io::sink())?));
        assert!(read.is_ok_and(|n| n <= most) || entry.kind != Kind::File || entry.size > 0);
        let _ = image.link(entry.inode);
    }
    Ok(())
}

/// A small disk, and where its structures stand. `None`: none can be made here.
fn disk(options: &[&str]) -> Option<(tempfile::TempDir, PathBuf, Spots)> {
    let dir = tempfile::tempdir().unwrap();
    let tree = dir.path().join("tree");
    fs::create_dir_all(tree.join("home/work")).unwrap();
    for n in 0..12 {
        fs::write(tree.join(format!("home/work/file {n}")), noise(n * 700)).unwrap();
    }
    std::os::unix::fs::symlink("work", tree.join("home/link")).unwrap();
    let image = dir.path().join("disk.img");
    disk_of(&tree, &image, &[&["-N", "64"], options].concat())?;
    let told = tool("dumpe2fs", &[], &image)?;
    let table: u64 = told.split("Inode table at ").nth(1)?.split('-').next()?.parse().unwrap();
    let stat = tool("debugfs", &["-R", "stat /home/work"], &image)?;
    let names: u64 = stat.split("(0):").nth(1)?.split_whitespace().next()?.parse().unwrap();
    let spots = vec![1024..2048, 4096..4096 + 64, table * 4096..table * 4096 + 32 * 256, names * 4096..names * 4096 + 400];
    Some((dir, image, spots))
}

#[test]
fn a_damaged_disk_is_read_as_far_as_it_goes_and_else_has_a_word() {
    for options in [&[][..], &["-O", "^metadata_csum"], &["-O", "^extents,^64bit,^metadata_csum"]] {
        let Some((_dir, image, spots)) = disk(options) else { return };
        torment(&image, &spots, 60);
    }
}

#[test]
fn a_damaged_container_is_read_as_far_as_it_goes_and_else_has_a_word() {
    let Some((dir, image, _)) = disk(&[]) else { return };
    let spots: [(&str, Spots); 2] = [
        ("qcow2", vec![0..120, 0x1_0000..0x1_0080, 0x3_0000..0x3_0040, 0x4_0000..0x4_0400]),
        (
            "vhdx",
            vec![
                0x1_0000..0x1_0060,
                0x2_0000..0x2_0060,
                0x3_0000..0x3_0080,
                0x4_0000..0x4_0080,
                0x20_0000..0x20_0200,
                0x30_0000..0x30_0200,
            ],
        ),
    ];
    for (form, spots) in spots {
        let to = dir.path().join(form);
        if tool("qemu-img", &["convert", "-f", "raw", "-O", form, image.to_str().unwrap()], &to).is_none() {
            return;
        }
        torment(&to, &spots, 60);
    }
}

#[test]
fn a_damaged_asif_image_is_read_as_far_as_it_goes_and_else_has_a_word() {
    let Some(made) = super::made::Made::new(&[]) else { return };
    torment(&made.asif(), &vec![0..96, 4096..4112, 8192..8208, 1 << 20..(1 << 20) + 192], 40);
}
