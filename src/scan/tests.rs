//! Scans of small homes.

use super::*;
#[cfg(unix)]
use crate::model::Kind;
use crate::model::{Class, NodeId};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

mod disks;
mod live;
mod packed;

const ORG: &str = ".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/2c09b670-92c4-4d66-8e10-5e1628693532";
const ID: &str = "local_5a7d4a86-4628-4182-a822-292dc8a1df9d";

struct Home(tempfile::TempDir);

impl Home {
    /// A home with one quiet session.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let record =
            format!(r#"{{"sessionId":"{ID}","title":"Quarterly report","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#);
        home.write(&format!("{ORG}/{ID}.json"), record);
        fs::create_dir_all(home.at(&format!("{ORG}/{ID}/outputs"))).unwrap();
        home
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file, a day old.
    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let day = SystemTime::now() - Duration::from_hours(24);
        fs::File::options().write(true).open(&path).unwrap().set_modified(day).unwrap();
    }

    fn output(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.write(&format!("{ORG}/{ID}/outputs/{path}"), bytes);
    }

    fn world(&self) -> World {
        World::at(self.0.path(), BTreeMap::new())
    }

    fn scan(&self) -> Catalog {
        run(&self.world(), Options::default())
    }

    fn find(&self, catalog: &Catalog, path: &str) -> NodeId {
        catalog.find(&self.at(&format!("{ORG}/{ID}/outputs/{path}"))).unwrap_or_else(|| panic!("{path} was not found"))
    }

    fn class(&self, catalog: &Catalog, path: &str) -> Class {
        catalog.node(self.find(catalog, path)).class
    }
}

fn rows_add_up(catalog: &Catalog) {
    let mut sum = crate::model::Totals::default();
    for row in catalog.all_rows() {
        *sum.of_mut(row.class) += row.tally;
    }
    assert_eq!(sum, catalog.grand_totals());
}

#[test]
fn an_output_with_a_copy_in_documents_is_flushed_and_the_rest_is_at_risk() {
    let home = Home::new();
    home.output("report.docx", "the report");
    home.output("chart.png", "the chart");
    home.output("empty.txt", "");
    home.write("Documents/Quarterly/final.docx", "the report");
    home.write("Documents/empty.txt", "");
    let catalog = home.scan();
    assert_eq!(home.class(&catalog, "report.docx"), Class::Flushed);
    assert_eq!(home.class(&catalog, "chart.png"), Class::AtRisk);
    assert_eq!(home.class(&catalog, "empty.txt"), Class::AtRisk);
    assert!(
        catalog
            .verdict(home.find(&catalog, "chart.png"))
            .evidence
            .iter()
            .any(|e| e.says.replace('\\', "/").contains("~/Documents (checked)"))
    );
    assert!(catalog.ids().all(|id| !catalog.node(id).marks.has(Marks::CHECKING)));
    rows_add_up(&catalog);
}

#[test]
fn everything_of_a_session_belongs_to_it() {
    let home = Home::new();
    home.output("a/b/c.txt", "x");
    let catalog = home.scan();
    assert_eq!(catalog.sessions.len(), 1);
    for path in [format!("{ORG}/{ID}.json"), format!("{ORG}/{ID}/outputs/a/b/c.txt"), format!("{ORG}/{ID}")] {
        let id = catalog.find(&home.at(&path)).unwrap();
        assert_eq!(catalog.node(id).session.map(|s| catalog.session(s).title.as_str()), Some("Quarterly report"), "{path}");
    }
    assert_eq!(catalog.sessions[0].live, None);
}

#[test]
fn a_cache_tag_in_the_work_area_itself_makes_nothing_rebuildable() {
    let home = Home::new();
    home.output("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    home.output("thesis.txt", "years of work");
    home.output("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    home.output("cache/blob", "x");
    let catalog = home.scan();
    assert_eq!(home.class(&catalog, "thesis.txt"), Class::AtRisk);
    assert_eq!(home.class(&catalog, "cache/blob"), Class::Rebuildable);
    rows_add_up(&catalog);
}

#[test]
fn a_unit_is_one_row_and_what_is_not_of_its_class_has_rows_of_its_own() {
    let home = Home::new();
    home.output("app/target/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
    home.output("app/target/debug/deps/a.rlib", "aaaa");
    home.output("app/target/thesis.tex", "mine");
    home.output("app/Cargo.toml", "[package]\nname = \"app\"\n");
    let catalog = home.scan();
    let rows: BTreeMap<String, (Class, u64)> =
        catalog.all_rows().map(|r| (catalog.name(r.id).to_string_lossy().into_owned(), (r.class, r.tally.files))).collect();
    assert_eq!(rows["target"], (Class::Rebuildable, 2));
    assert_eq!(rows["thesis.tex"], (Class::AtRisk, 1));
    assert!(!rows.contains_key("a.rlib"));
    rows_add_up(&catalog);
}

#[cfg(unix)]
#[test]
fn links_and_fifos_are_told_of_and_never_entered_or_opened() {
    let home = Home::new();
    home.write("Documents/mine.txt", "mine");
    home.output("plain.txt", "plain");
    let outputs = home.at(&format!("{ORG}/{ID}/outputs"));
    std::os::unix::fs::symlink(home.at("Documents"), outputs.join("docs")).unwrap();
    std::os::unix::fs::symlink(".", outputs.join("loop")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(outputs.join("pipe")).status().unwrap().success());
    let catalog = home.scan();
    assert_eq!(catalog.node(home.find(&catalog, "docs")).kind, Kind::Symlink);
    assert_eq!(catalog.node(home.find(&catalog, "pipe")).kind, Kind::Other);
    assert!(catalog.find(&outputs.join("docs/mine.txt")).is_none());
    assert!(catalog.all_rows().all(|r| r.class == Class::AtRisk));
    rows_add_up(&catalog);
}

#[cfg(unix)]
#[test]
fn an_inode_with_two_names_counts_its_bytes_once() {
    let home = Home::new();
    home.output("one.bin", vec![7; 10_000]);
    let outputs = home.at(&format!("{ORG}/{ID}/outputs"));
    fs::hard_link(outputs.join("one.bin"), outputs.join("two.bin")).unwrap();
    let catalog = home.scan();
    let outputs = catalog.find(&outputs).unwrap();
    assert_eq!((catalog.totals(outputs).at_risk.files, catalog.totals(outputs).at_risk.bytes), (2, 10_000));
    rows_add_up(&catalog);
}

#[cfg(unix)]
#[test]
fn a_path_longer_than_the_system_takes_is_still_found_and_compared() {
    let home = Home::new();
    home.output("top.txt", "x");
    let deep = rustix::fs::open(home.at(&format!("{ORG}/{ID}/outputs")), rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    let name = "L".repeat(200);
    let mut at = deep;
    for _ in 0..30 {
        rustix::fs::mkdirat(&at, name.as_str(), rustix::fs::Mode::RWXU).unwrap();
        at = rustix::fs::openat(&at, name.as_str(), rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    }
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    let file = rustix::fs::openat(&at, "bottom.txt", flags, rustix::fs::Mode::RWXU).unwrap();
    rustix::io::write(&file, b"the bottom").unwrap();
    drop(file);
    home.write("Documents/bottom.txt", "the bottom");
    let catalog = home.scan();
    let bottom = catalog.all_rows().find(|r| catalog.name(r.id) == "bottom.txt").unwrap();
    assert_eq!(bottom.class, Class::Flushed);
    assert_eq!(catalog.errors, []);
}

#[test]
fn a_stopped_scan_keeps_what_it_found_and_calls_nothing_checked() {
    let home = Home::new();
    home.output("report.docx", "the report");
    home.write("Documents/report.docx", "the report");
    let mut scan = Scan::start(&home.world(), Options::default());
    while !matches!(scan.phase(), Phase::Checking(..) | Phase::Done) {
        scan.pump(Duration::ZERO);
    }
    scan.stop();
    let catalog = scan.finish();
    assert!(catalog.find(&home.at(&format!("{ORG}/{ID}/outputs/report.docx"))).is_some());
    rows_add_up(&catalog);
}

#[test]
fn a_scan_by_place_alone_proves_nothing_flushed() {
    let home = Home::new();
    home.output("report.docx", "the report");
    home.write("Documents/report.docx", "the report");
    let catalog = run(&home.world(), Options { walk_only: true, ..Options::default() });
    assert_eq!(home.class(&catalog, "report.docx"), Class::AtRisk);
    assert!(catalog.verdict(home.find(&catalog, "report.docx")).evidence.iter().any(|e| e.rule == "check/not-done"));
}

#[test]
fn a_home_without_a_store_is_an_empty_catalogue() {
    let home = tempfile::tempdir().unwrap();
    let catalog = run(&World::at(home.path(), BTreeMap::new()), Options::default());
    assert!(catalog.is_empty() && catalog.stores.is_empty() && catalog.errors.is_empty());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_named_and_passed_over() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        println!("skipped: root reads everything");
        return;
    }
    let home = Home::new();
    home.output("closed/a.txt", "x");
    home.output("open.txt", "x");
    let closed = home.at(&format!("{ORG}/{ID}/outputs/closed"));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let catalog = home.scan();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(catalog.errors.iter().any(|e| e.path == closed));
    assert_eq!(home.class(&catalog, "open.txt"), Class::AtRisk);
}

#[test]
fn links_to_nowhere_do_not_stop_a_scan_of_a_named_root() {
    let home = Home::new();
    home.output("a.txt", "x");
    let catalog = run(&home.world(), Options { roots: vec![home.at("nowhere"), home.at(".config/Claude")], ..Options::default() });
    assert_eq!(catalog.stores.len(), 1);
    assert!(Path::new(&catalog.stores[0].root).ends_with("Claude"));
}

#[test]
fn a_vault_inside_the_store_is_not_the_stores() {
    let home = Home::new();
    home.output("a.txt", "x");
    home.write(".config/Claude/.lifeboat-vault/op/0", "cleaned");
    let catalog = home.scan();
    assert!(catalog.all_rows().all(|r| !catalog.path(r.id).to_string_lossy().contains("lifeboat-vault")));
}

#[test]
fn a_session_without_a_record_was_last_active_when_its_newest_file_changed_and_moving_things_does_not_wake_it() {
    let home = Home::new();
    home.write(&format!("{ORG}/local_00000000-0000-4000-8000-000000000000/outputs/a.txt"), "a");
    fs::create_dir(home.at(&format!("{ORG}/local_00000000-0000-4000-8000-000000000000/just-now"))).unwrap();
    let catalog = home.scan();
    let orphan = catalog.sessions.iter().find(|s| s.id.starts_with("local_0000")).unwrap();
    let ago = jiff::Timestamp::now().duration_since(orphan.last_active.unwrap());
    assert_eq!((ago.as_hours(), orphan.live.as_deref()), (24, None));
}
