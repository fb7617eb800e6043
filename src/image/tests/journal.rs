//! Journals that wait to be replayed, written by `debugfs`; `e2fsck` on a copy says what must come of them.

use super::made::{disk_of, noise, tool};
use super::*;
use std::fs;
use std::process::Command;

#[test]
fn a_journal_that_waits_is_read_as_e2fsck_replays_it_revocations_and_escaped_blocks_included() {
    for open_journal in ["jo", "jo -c -v 2", "jo -c -v 3"] {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("tree")).unwrap();
        fs::write(at("tree/large"), noise(40_960)).unwrap();
        if disk_of(&at("tree"), &at("disk.img"), &[]).is_none() {
            return;
        }
        let Some(first) = tool("debugfs", &["-R", "bmap /large 0"], &at("disk.img")) else { return };
        let first: u64 = first.trim().parse().unwrap();
        fs::write(at("plain"), [b'A'; 4096]).unwrap();
        // What begins like a block of the journal itself is written without its beginning.
        fs::write(at("escaped"), [&[0xc0, 0x3b, 0x39, 0x98][..], &[b'B'; 4092]].concat()).unwrap();
        let (plain, escaped) = (at("plain").display().to_string(), at("escaped").display().to_string());
        // The first is written in one transaction and revoked in a later one.
        let commands = format!(
            "{open_journal}\njw -b {} {plain}\njw -b {} {escaped}\njw -r {}\njw -b {} {plain}\njc\n",
            first + 1,
            first + 2,
            first + 1,
            first + 3
        );
        fs::write(at("commands"), commands).unwrap();
        tool("debugfs", &["-w", "-f", at("commands").to_str().unwrap()], &at("disk.img")).unwrap();
        let before = fs::read(at("disk.img")).unwrap();
        let image = open(&at("disk.img")).unwrap();
        let read = image.read(b"/large", 1 << 20).unwrap();
        assert_eq!(image.replayed, 2, "{open_journal}");
        assert!(read[4096..8192] == noise(40_960)[4096..8192] && read[8192..8196] == [0xc0, 0x3b, 0x39, 0x98] && read[12_288] == b'A');
        assert!(fs::read(at("disk.img")).unwrap() == before, "reading changes nothing");
        let paths = format!("{}:/sbin:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let repaired = Command::new("e2fsck").arg("-fy").arg(at("disk.img")).env("PATH", paths).output().unwrap();
        assert!(repaired.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&repaired.stdout));
        let image = open(&at("disk.img")).unwrap();
        assert!(image.replayed == 0 && image.read(b"/large", 1 << 20).unwrap() == read, "{open_journal}");
    }
}
