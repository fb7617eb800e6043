//! The first frame, and a key answered, with 300,000 rows.
//!
//! `cargo bench --bench interface` prints the slowest of many; `FILES=10000` for a small run.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes folders of its own and prints what it measured"
)]

use lifeboat::model::{Catalog, Facts, Kind, Marks, NodeId, Session, SessionIx, Spot, Store, StoreIx, Verdict};
use lifeboat::tui::{Options, stage::Stage};
use lifeboat::world::World;
use ratatui::crossterm::event::KeyCode;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

fn facts(kind: Kind, size: u64) -> Facts {
    Facts {
        kind,
        size,
        allocated: size.div_ceil(4096) * 4096,
        mtime_ns: 1_783_372_201_000_000_000,
        dev: 1,
        ino: 0,
        nlink: 1,
        placeholder: false,
    }
}

/// A catalogue with so many files in one folder of one session.
fn catalogue(files: usize) -> Catalog {
    let mut catalog = Catalog::default();
    let verdict = catalog.keep(Verdict::at_risk("bench/row", "nothing is known about it"));
    let root = catalog.add_root("/home/me/.config/Claude".into(), &facts(Kind::Dir, 0), Spot(0), verdict);
    catalog.sessions.push(Session {
        id: "local_1".into(),
        title: "Everything".into(),
        store: Some(StoreIx(0)),
        dir: Some("/home/me/.config/Claude/s".into()),
        ..Session::default()
    });
    catalog.stores.push(Store {
        name: "cowork",
        title: "Claude Cowork",
        root: "/home/me/.config/Claude".into(),
        layout: "vm".into(),
        notes: vec![],
        live: None,
        node: Some(root),
    });
    let session = Some(SessionIx::at(0));
    let dir = catalog.add(root, b"s", &facts(Kind::Dir, 0), Spot(0), verdict, session, Marks::default());
    let work: Vec<NodeId> = (0..3)
        .map(|i| catalog.add(dir, format!("work-{i}").as_bytes(), &facts(Kind::Dir, 0), Spot(0), verdict, session, Marks::default()))
        .collect();
    for i in 0..files {
        catalog.add(
            work[i % 3],
            format!("file-{i}.txt").as_bytes(),
            &facts(Kind::File, i as u64 * 37 % 100_000),
            Spot(0),
            verdict,
            session,
            Marks::default(),
        );
    }
    catalog
}

fn main() {
    let files: usize = std::env::var("FILES").ok().and_then(|f| f.parse().ok()).unwrap_or(300_000);
    let world = World::at(Path::new("/home/me"), BTreeMap::new());
    let options = Options { read_only: false, colour: true, ascii: false, mouse: true };
    let began = Instant::now();
    black_box(Stage::new(world.clone(), options, Catalog::default(), (200, 50)).frame());
    println!("first frame: {:.2?}", began.elapsed());
    let mut stage = Stage::new(world, options, catalogue(files), (200, 50));
    // Opens everything, so that every file is a row.
    let mut open: Vec<(String, Duration)> = Vec::new();
    let mut time = |stage: &mut Stage, name: &str, code: KeyCode| {
        let began = Instant::now();
        stage.press(code);
        black_box(stage.frame());
        open.push((name.to_owned(), began.elapsed()));
    };
    for _ in 0..4 {
        for _ in 0..3 {
            time(&mut stage, "open", KeyCode::Right);
            time(&mut stage, "down", KeyCode::Down);
        }
    }
    for (name, code) in [
        ("end", KeyCode::End),
        ("up", KeyCode::Up),
        ("page up", KeyCode::PageUp),
        ("home", KeyCode::Home),
        ("mark", KeyCode::Char(' ')),
        ("sort", KeyCode::Char('s')),
        ("group", KeyCode::Char('v')),
        ("filter", KeyCode::Char('/')),
        ("type 9", KeyCode::Char('9')),
        ("type 7", KeyCode::Char('7')),
        ("leave filter", KeyCode::Esc),
    ] {
        time(&mut stage, name, code);
    }
    let mut slowest: BTreeMap<&str, Duration> = BTreeMap::new();
    for (name, took) in &open {
        let at = slowest.entry(name).or_default();
        *at = (*at).max(*took);
    }
    println!("{files} rows, the slowest answer (key to finished frame) by key:");
    for (name, took) in slowest {
        println!("  {name:<14}{took:>10.2?}");
    }
}
