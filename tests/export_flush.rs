//! A flush in a whole home: scanned, flushed, scanned again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use lifeboat::export::{Options, flush};
use lifeboat::model::{Catalog, Class, Quiet, SessionIx};
use lifeboat::scan;
use lifeboat::world::World;
use std::path::{Path, PathBuf};

const ORG: &str = "cb872a6d-86d0-5b87-bcc4-bec7aa7d510a/3dfbc956-d9cf-5559-8e62-5d12e24c9f0f";
const ID: &str = "local_8b3d8f34-0ef1-5e3e-934d-953ad549a0d5";

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A world of one quiet Cowork session in a temporary home, and the session's folder.
fn home() -> (tempfile::TempDir, World, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let env = [("LIFEBOAT_QUIET_AFTER".into(), "0".into())].into_iter().collect();
    let world = World::at(dir.path(), env);
    let data = match lifeboat::platform::Os::here() {
        lifeboat::platform::Os::Linux => dir.path().join(".config/Claude"),
        lifeboat::platform::Os::Mac => dir.path().join("Library/Application Support/Claude"),
        lifeboat::platform::Os::Windows => dir.path().join("AppData").join("Roaming").join("Claude"),
    };
    let org = data.join("local-agent-mode-sessions").join(ORG);
    let session = org.join(ID);
    let record = format!(r#"{{"sessionId":"{ID}","cliSessionId":"conv","title":"Quarterly report","createdAt":1795206905025}}"#);
    put(&org.join(format!("{ID}.json")), &record);
    put(&session.join("outputs/report.md"), "# Report, the only copy\n");
    put(&session.join("uploads/pasted.txt"), "pasted by hand\n");
    put(&session.join(".claude/file-history/conv/ab@v1"), "an earlier version\n");
    let line = r#"{"type":"user","uuid":"u1","timestamp":"2026-10-02T09:14:03Z","message":{"content":"Make the report"}}"#;
    put(&session.join(".claude/projects/-s/conv.jsonl"), &format!("{line}\n"));
    (dir, world, session)
}

fn class(catalog: &Catalog, path: &Path) -> Class {
    catalog.node(catalog.find(path).unwrap_or_else(|| panic!("{} is not listed", path.display()))).class
}

#[test]
fn what_was_flushed_is_flushed_in_the_next_scan_and_the_conversation_stays_at_risk() {
    let (_dir, world, session) = home();
    let users = ["outputs/report.md", "uploads/pasted.txt", ".claude/file-history/conv/ab@v1"].map(|p| session.join(p));
    let conversation = session.join(".claude/projects/-s/conv.jsonl");
    let before = scan::run(&world, scan::Options::default());
    assert!(users.iter().all(|p| class(&before, p) == Class::AtRisk));

    let report = flush(&world, &before, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!((report.copied, report.turns, report.failed.len()), (3, 1, 0));

    let after = scan::run(&world, scan::Options::default());
    for path in &users {
        assert_eq!(class(&after, path), Class::Flushed, "{}", path.display());
    }
    assert_eq!(class(&after, &conversation), Class::AtRisk);
    assert_eq!(flush(&world, &after, SessionIx::at(0), &Options::default(), &Quiet).unwrap().copied, 0);
}
