//! A conversation opened in the reader: what is on the screen at once, when all of it is listed, what a key and a search take.
//!
//! `cargo bench --bench reader` makes 500 MB; `MB=4000` makes more, `TRANSCRIPT=file` takes one that is there.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes files of its own and prints what it measured"
)]

use lifeboat::model::{Catalog, Session};
use lifeboat::transcript::{Book, Meter};
use lifeboat::tui::{Options, stage::Stage};
use lifeboat::world::World;
use ratatui::crossterm::event::KeyCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lines of code and prose, some of them not ASCII.
fn prose(n: usize, size: usize) -> String {
    let lines = [
        "    let value = map.get(\"key\").unwrap_or(&default);\n",
        "Der naïve Entwurf zählt jede Zeile – auch die leere.\n",
        "- **point** with `code` and a [link](https://example.org/a?b=c)\n",
        "日本語の行も混ざっている。\n",
    ];
    let mut text = format!("{n}\n");
    for i in 0.. {
        if text.len() >= size {
            break;
        }
        text.push_str(lines[(n + i * 3) % lines.len()]);
    }
    text
}

/// Prompts, answers, and tools with outputs of every length.
fn make(path: &Path, size: u64) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    let (mut written, mut n, mut parent) = (0, 0_usize, Value::Null);
    let mut put = |kind: &str, message: Value| {
        n += 1;
        let id = format!("{n:08x}-715d-4144-aeeb-000000000000");
        let line = json!({"parentUuid":parent,"isSidechain":false,"type":kind,"uuid":id,"timestamp":"2026-11-21T11:37:47.844Z","cwd":"/home/u/project","message":message});
        parent = json!(id);
        let line = line.to_string();
        out.write_all(line.as_bytes()).unwrap();
        out.write_all(b"\n").unwrap();
        line.len() as u64 + 1
    };
    let claude = |k: usize, block: Value| json!({"id":format!("m{k}"),"role":"assistant","model":"claude-opus-4-8","content":[block]});
    for k in 0.. {
        written += put("user", json!({"role":"user","content":prose(k, 300)}));
        for size in [2_000, 6_000, 20_000] {
            written += put("assistant", claude(k * 3 + size, json!({"type":"text","text":prose(k, 700)})));
            let call = format!("t{k}-{size}");
            written +=
                put("assistant", claude(k * 3 + size, json!({"type":"tool_use","id":call,"name":"Bash","input":{"command":"cat x.rs"}})));
            written += put("user", json!({"role":"user","content":[{"type":"tool_result","tool_use_id":call,"content":prose(k, size)}]}));
        }
        if written >= size {
            put("user", json!({"role":"user","content":"The very last words."}));
            break;
        }
    }
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn timed<T>(what: &str, deed: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let out = deed();
    println!("  {what:<44}{:>10.2?}", began.elapsed());
    out
}

fn main() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("session");
    let folder = dir.join(".claude/projects/-s");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("conv.jsonl");
    match std::env::var("TRANSCRIPT") {
        Ok(given) => drop(std::fs::copy(given, &path).unwrap()),
        Err(_) => make(&path, std::env::var("MB").ok().and_then(|m| m.parse().ok()).unwrap_or(500) * 1_000_000),
    }
    let size = std::fs::metadata(&path).unwrap().len();
    let session =
        Session { id: "local_1".into(), title: "Large".into(), dir: Some(dir), conversation: Some("conv".into()), ..Session::default() };
    println!("{} MB", size / 1_000_000);
    let mut first = timed("the first turns, listed", || Book::first(&session, 512 * 1024).unwrap().unwrap());
    timed("what the first 40 say", || (0..40).for_each(|at| first.blocks(at, &mut |b| drop(black_box(b))).unwrap()));
    let before = memory();
    let mut book = timed("all of it, listed", || Book::open(&session, &Arc::new(Meter::default())).unwrap().unwrap());
    println!("  {} entries; peak memory {} MB, {} MB before", book.entries().len(), memory() / 1024, before / 1024);
    let last = book.entries().len() - 1;
    let each: Vec<Duration> = (0..500)
        .map(|n| {
            let at = (n * 7919) % last;
            let began = Instant::now();
            book.blocks(at, &mut |b| drop(black_box(b))).unwrap();
            began.elapsed()
        })
        .collect();
    println!("  {:<44}{:>10.2?}", "one entry anywhere, the slowest of 500", each.iter().max().unwrap());
    drop((first, book));
    let mut catalog = Catalog::default();
    catalog.sessions.push(session);
    let world = World::at(Path::new("/home/me"), BTreeMap::new());
    let mut stage = Stage::new(world, Options { read_only: false, colour: true, ascii: false, mouse: true }, catalog, (200, 50));
    stage.key('v');
    let mut press = |what: &str, code: KeyCode| {
        timed(what, || {
            stage.press(code);
            black_box(stage.frame())
        })
    };
    press("opened, all of it, to a finished frame", KeyCode::Char('t'));
    for (what, code) in [
        ("a line down", KeyCode::Down),
        ("a page down", KeyCode::PageDown),
        ("to the end", KeyCode::End),
        ("a page up", KeyCode::PageUp),
        ("the prompt before", KeyCode::Char('[')),
        ("everything unfolded", KeyCode::Char('O')),
        ("a page down", KeyCode::PageDown),
        ("to the beginning", KeyCode::Home),
    ] {
        press(what, code);
    }
    press("a field to search", KeyCode::Char('/'));
    press("all of it searched for one letter", KeyCode::Char('ï'));
    for c in "very last".chars().take(1) {
        press("all of it searched for two letters", KeyCode::Char(c));
    }
    println!("  peak memory {} MB", memory() / 1024);
}
