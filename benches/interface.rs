//! The first frame, and a key answered, with 300,000 rows.
//!
//! `cargo bench --bench interface` prints the median and the slowest of several; `FILES=10000` for a small run.

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

/// A catalogue with so many files in so many folders of one session.
fn catalogue(files: usize, folders: usize) -> Catalog {
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
    let work: Vec<NodeId> = (0..folders)
        .map(|i| catalog.add(dir, format!("work-{i}").as_bytes(), &facts(Kind::Dir, 0), Spot(0), verdict, session, Marks::default()))
        .collect();
    for i in 0..files {
        catalog.add(
            work[i % folders],
            format!("file-{i}.txt").as_bytes(),
            &changed(Kind::File, i, (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40),
            Spot(0),
            verdict,
            session,
            Marks::default(),
        );
    }
    catalog
}

/// Facts with a time of their own, as files have.
fn changed(kind: Kind, i: usize, size: u64) -> Facts {
    let ago = (i as i64).wrapping_mul(0x5851_F42D_4C95_7F2D) >> 10;
    Facts { mtime_ns: 1_783_372_201_000_000_000 - ago.abs(), ..facts(kind, size) }
}

/// Presses a key and draws; gives how long both took.
fn press(stage: &mut Stage, code: KeyCode) -> Duration {
    let began = Instant::now();
    stage.press(code);
    black_box(stage.frame());
    began.elapsed()
}

/// Opens every folder and then presses the keys that touch every row; prints the slowest answer of each.
fn measure(world: &World, options: Options, files: usize, folders: usize) {
    let mut stage = Stage::new(world.clone(), options, catalogue(files, folders), (200, 50));
    let mut all: Vec<(String, Vec<Duration>)> = Vec::new();
    let mut note = |name: &str, took: Duration| match all.iter_mut().find(|s| s.0 == name) {
        Some(known) => known.1.push(took),
        None => all.push((name.to_owned(), vec![took])),
    };
    for code in [KeyCode::Home, KeyCode::Down, KeyCode::Right] {
        press(&mut stage, code);
    }
    for _ in 0..folders {
        press(&mut stage, KeyCode::Down);
    }
    for _ in 0..folders {
        note("open a folder", press(&mut stage, KeyCode::Right));
        press(&mut stage, KeyCode::Up);
    }
    println!("{files} files in {folders} folders: {} rows are open; key to finished frame, median and slowest:", stage.rows());
    assert!(stage.rows() > files, "every file is a row");
    for _ in 0..7 {
        for (name, code) in [
            ("end", KeyCode::End),
            ("up", KeyCode::Up),
            ("page up", KeyCode::PageUp),
            ("home", KeyCode::Home),
            ("down", KeyCode::Down),
            ("mark", KeyCode::Char(' ')),
            ("unmark all", KeyCode::Char('-')),
            ("sort by age", KeyCode::Char('s')),
            ("sort by class", KeyCode::Char('s')),
            ("sort by name", KeyCode::Char('s')),
            ("sort by count", KeyCode::Char('s')),
            ("sort by size", KeyCode::Char('s')),
            ("group", KeyCode::Char('v')),
            ("group back", KeyCode::Char('v')),
            ("filter", KeyCode::Char('/')),
            ("type 9", KeyCode::Char('9')),
            ("type 7", KeyCode::Char('7')),
        ] {
            note(name, press(&mut stage, code));
        }
        note("a portion more", stage.settle());
        for (name, code) in [("erase", KeyCode::Backspace), ("leave filter", KeyCode::Esc), ("mark safe", KeyCode::Char('a'))] {
            note(name, press(&mut stage, code));
        }
    }
    note("close a folder", {
        for code in [KeyCode::Home, KeyCode::Down, KeyCode::Down] {
            press(&mut stage, code);
        }
        press(&mut stage, KeyCode::Left)
    });
    for (name, mut took) in all {
        took.sort();
        println!("  {name:<14}{:>10.2?}{:>10.2?}", took[took.len() / 2], took[took.len() - 1]);
    }
}

fn main() {
    let files: usize = std::env::var("FILES").ok().and_then(|f| f.parse().ok()).unwrap_or(300_000);
    let world = World::at(Path::new("/home/me"), BTreeMap::new());
    let options = Options { read_only: false, colour: true, ascii: false, mouse: true };
    let began = Instant::now();
    black_box(Stage::new(world.clone(), options, Catalog::default(), (200, 50)).frame());
    println!("first frame: {:.2?}", began.elapsed());
    measure(&world, options, files, 3);
    measure(&world, options, files, 1);
}
