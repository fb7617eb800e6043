//! A database that somebody uses is only looked at.

use super::Home;
use super::made::{self, Shape};
use crate::lifecycle::deed::Desk;
use crate::lifecycle::opencode::archive;
use crate::lifecycle::vacuum::{Vacuum, vacuum};
use crate::model::Quiet;
use crate::platform::Process;
use rusqlite::Connection;

#[test]
fn an_opencode_process_makes_every_deed_refuse() {
    let home = Home::with(Shape::default());
    let before = home.dump();
    for name in ["opencode", ".opencode", "opencode.exe", "opencode-dev"] {
        let process = Process { pid: 4, name: name.into(), exe: None, started: 0, ticks: None, script: None };
        let world = home.world.clone().with_processes(vec![process]);
        let desk = Desk::here(&world, &Quiet);
        let told = archive::archive(&desk, &home.places(), 0, &[made::id(1)], true, false).unwrap_err();
        assert_eq!(told.exit_code(), 3);
        assert!(told.to_string().contains("opencode runs (process 4"), "{told}");
        assert_eq!(vacuum(&desk, &home.database, Vacuum::Beside, false).unwrap_err().exit_code(), 3);
    }
    assert_eq!(home.dump(), before);
}

#[test]
fn a_write_by_somebody_else_between_the_reading_and_the_change_stops_the_change() {
    let home = Home::with(Shape::default());
    let database = home.database.clone();
    let once = std::sync::atomic::AtomicBool::new(false);
    // The last look before the change is the moment the other one writes in.
    let looks = std::sync::atomic::AtomicUsize::new(0);
    let in_use = |_: &crate::world::World, _: &std::path::Path| {
        if looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 1 && !once.swap(true, std::sync::atomic::Ordering::Relaxed) {
            Connection::open(&database).unwrap().execute("UPDATE credential SET value='new'", []).unwrap();
        }
        None
    };
    let desk = Desk { world: &home.world, watch: &Quiet, in_use: &in_use };
    let told = archive::archive(&desk, &home.places(), 0, &[made::id(1)], true, false).unwrap_err();
    assert_eq!(told.exit_code(), 3);
    assert!(told.to_string().contains("another program wrote to the database meanwhile"), "{told}");
    let rows = home.dump();
    assert!(rows["session"].iter().all(|row| !row.contains(&made::NOW.to_string())));
    assert!(crate::lifecycle::history(&home.world).unwrap().is_empty(), "nothing is kept of what did not happen");
}

#[test]
fn a_vacuum_waits_for_nobody_who_has_the_database_open() {
    let home = Home::with(Shape::default());
    let other = Connection::open(&home.database).unwrap();
    let count: i64 = other.query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap();
    let told = vacuum(&home.desk(), &home.database, Vacuum::Beside, false).unwrap_err();
    assert_eq!(told.exit_code(), 3, "{told}");
    other.execute("UPDATE credential SET value='new'", []).unwrap();
    assert_eq!(count, other.query_row("SELECT count(*) FROM session", [], |row| row.get::<_, i64>(0)).unwrap());
}
