//! What belongs to a session outside of its folder.

use crate::export::{Options, flush};
use crate::model::{Class, Quiet, SessionIx};
use crate::scan;
use crate::world::World;
use std::fs;
use std::path::Path;

const ID: &str = "06698a9f-bbd9-4f26-bf74-f670b12bf058";

fn file(home: &Path, path: &str, text: &str) {
    let path = home.join(".claude").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn a_flush_takes_what_belongs_to_a_session_wherever_it_lies_and_nothing_of_its_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let said = |id: &str| {
        format!(
            "{{\"type\":\"user\",\"sessionId\":\"{id}\",\"uuid\":\"u1\",\"timestamp\":\"2026-10-01T10:00:00Z\",\"slug\":\"calm-fox\",\"message\":{{\"role\":\"user\",\"content\":\"Hello\"}}}}\n"
        )
    };
    file(home, &format!("projects/-w/{ID}.jsonl"), &said(ID));
    let copied = [
        format!("projects/-w/{ID}/tool-results/a.txt"),
        format!("file-history/{ID}/f54d@v1"),
        format!("tasks/{ID}/1.json"),
        "plans/calm-fox.md".to_owned(),
    ];
    let stays = [
        format!("projects/-w/{ID}/subagents/agent-1.jsonl"),
        "projects/-w/agent-2.jsonl".to_owned(),
        "projects/-w/memory/MEMORY.md".to_owned(),
        "history.jsonl".to_owned(),
        "plans/other.md".to_owned(),
    ];
    for path in copied.iter().chain(&stays) {
        file(home, path, &format!("what is in {path}\n"));
    }
    file(home, "projects/-w/agent-2.jsonl", &said(ID));
    let world = World::at(home, std::collections::BTreeMap::new()).with_clock("2026-11-20T12:00:00Z".parse().unwrap());
    let look = || scan::run(&world, scan::Options::default());
    let catalog = look();
    let report = flush(&world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!((report.copied, report.failed.len()), (4, 0), "{report:?}");
    let catalog = look();
    let class = |path: &str| catalog.node(catalog.find(&home.join(".claude").join(path)).unwrap()).class;
    for path in &copied {
        assert_eq!(class(path), Class::Flushed, "{path}");
    }
    for path in stays.iter().chain([&format!("projects/-w/{ID}.jsonl")]) {
        assert_eq!(class(path), Class::AtRisk, "{path}");
    }
    let again = flush(&world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!(again.copied, 0, "{again:?}");
}
