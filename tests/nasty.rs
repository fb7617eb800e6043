//! The binary over a tree of every awkward file: invalid names, paths beyond the system's limit, links that loop or lead outside,
//! a FIFO, a socket, a device, a sparse file, closed folders, times before 1970.
//!
//! The tree is made by a tool beside this repository; without it the test says that it is skipped.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

mod common;

use common::Home;
use lifeboat::model::{Kind, from_bytes};
use lifeboat::platform::Folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const SESSION: &str = ".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/\
    2c09b670-92c4-4d66-8e10-5e1628693532/local_5a7d4a86-4628-4182-a822-292dc8a1df9d";

/// Everything below a folder, however deep: inode, mode, owner, time, links, size, what a link says, extended attributes.
fn tree(top: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut todo = vec![(Folder::open(top).unwrap(), PathBuf::new())];
    while let Some((folder, path)) = todo.pop() {
        let own = rustix::fs::fstat(folder.fd()).unwrap();
        all.insert(path.clone(), format!("folder {} {:o} {} {}.{}", own.st_ino, own.st_mode, own.st_uid, own.st_mtime, own.st_mtime_nsec));
        for entry in folder.list() {
            let entry = entry.unwrap();
            let (facts, path) = (entry.facts.unwrap(), path.join(from_bytes(&entry.name)));
            if facts.kind == Kind::Dir {
                todo.push((folder.folder(&entry.name).unwrap(), path));
                continue;
            }
            let stat = rustix::fs::statat(folder.fd(), entry.name.as_slice(), rustix::fs::AtFlags::SYMLINK_NOFOLLOW).unwrap();
            let said = if facts.kind == Kind::Symlink { folder.link(&entry.name).unwrap() } else { Vec::new() };
            let mut value = [0; 64];
            let read = |file: std::fs::File| rustix::fs::fgetxattr(&file, "user.test", &mut value).unwrap_or(0);
            let length = if facts.kind == Kind::File { folder.file(&entry.name).map_or(0, read) } else { 0 };
            let held = &value[..length];
            let owner = (stat.st_mode, stat.st_uid, stat.st_nlink, stat.st_rdev);
            all.insert(path, format!("{} {owner:?} {} {} {said:?} {held:?}", facts.ino, facts.mtime_ns, facts.size));
        }
    }
    all
}

#[test]
fn a_tree_of_every_awkward_file_is_cleaned_put_back_the_same_and_purged() {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/nasty-tree");
    if !tool.exists() {
        println!("skipped: no nasty-tree here");
        return;
    }
    let home = Home::empty();
    let session = home.path.join(SESSION);
    let (unit, outputs) = (".claude/plugins/cache/market/tool/1.0.0", "outputs");
    std::fs::create_dir_all(session.join(unit).parent().unwrap()).unwrap();
    for place in [unit, outputs] {
        assert!(Command::new(&tool).arg(session.join(place)).status().unwrap().success());
    }
    let record = r#"{"sessionId":"local_5a7d4a86-4628-4182-a822-292dc8a1df9d","title":"Nasty","createdAt":1783372201477,"lastActivityAt":1783372232997}"#;
    std::fs::write(session.with_extension("json"), record).unwrap();
    let run = |words: &[&str]| {
        let out = home.command(words).env("LIFEBOAT_QUIET_AFTER", "0").output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert_eq!(out.status.code(), Some(0), "{words:?}: {said}{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_str::<serde_json::Value>(&said).unwrap()
    };
    let before = tree(&home.path.join(".config"));
    let clean = ["clean", "--all", "--class", "rebuildable,at-risk", "--include-at-risk", "--yes", "--json"];
    let receipt = run(&clean);
    assert!(receipt["moved"].as_u64().unwrap() > 20, "{receipt}");
    let left = tree(&home.path.join(".config"));
    assert!(!left.keys().any(|p| p.ends_with("bottom.txt") || p.ends_with("sparse") || p.ends_with("fifo")), "{left:?}");
    assert_eq!(run(&["undo", "--json"])["moved"], receipt["moved"]);
    let after = tree(&home.path.join(".config"));
    let differ: Vec<_> = before.keys().chain(after.keys()).filter(|p| before.get(*p) != after.get(*p)).collect();
    assert!(differ.is_empty(), "{differ:?}");
    let vault = run(&clean)["vault"].as_str().map(PathBuf::from).unwrap();
    assert_eq!(run(&["purge", "--yes", "--json"])["failed"], serde_json::json!([]));
    assert!(!vault.exists());
    assert_eq!(tree(&home.path.join(".config")).keys().collect::<Vec<_>>(), left.keys().collect::<Vec<_>>());
}
