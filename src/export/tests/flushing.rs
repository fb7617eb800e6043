//! A flush against what goes wrong: a full disk, what vanishes, what is in the way; and what it leaves aside.

use super::*;
use crate::model::{Progress, Watch};
use std::sync::atomic::{AtomicBool, Ordering};

/// Does something once, as soon as a file was copied.
struct Once<F: Fn() + Send + Sync>(AtomicBool, F);

impl<F: Fn() + Send + Sync> Once<F> {
    fn new(what: F) -> Self {
        Self(AtomicBool::new(false), what)
    }
}

impl<F: Fn() + Send + Sync> Watch for Once<F> {
    fn at(&self, progress: &Progress) {
        if progress.files > 0 && !self.0.swap(true, Ordering::SeqCst) {
            self.1();
        }
    }
    fn stopped(&self) -> bool {
        false
    }
}

impl Home {
    fn flush(&self, watch: &dyn Watch) -> Report {
        let mut catalog = self.catalog();
        catalog.stores[0].name = "a store without rules";
        flush(&self.world, &catalog, SessionIx::at(0), &Options::default(), watch).unwrap()
    }
}

fn copied(report: &Report) -> Vec<String> {
    report.copies.iter().map(|c| keep::slashed(Path::new(&c.copy.path).strip_prefix(&report.folder).unwrap())).collect()
}

fn failed(report: &Report) -> Vec<&str> {
    report.failed.iter().map(|f| f.path.path.rsplit(['/', '\\']).next().unwrap()).collect()
}

#[test]
fn noise_stays_aside_and_is_told_in_one_line() {
    let home = Home::new();
    for (name, bytes) in
        [("outputs/__init__.py", &b""[..]), ("outputs/x.pyc", b"code"), ("outputs/.DS_Store", b"view"), ("outputs/b.log", b"")]
    {
        home.session(name, bytes);
    }
    let report = home.flush(&Quiet);
    assert_eq!(copied(&report), ["outputs/report.md", "outputs/sub/data.csv"]);
    assert!(report.skipped.is_empty(), "what nobody misses is no trouble: {:?}", report.skipped);
    let said = "4 files that nobody misses were not copied (1 bytecode, 2 empty, 1 the file manager's own), and stay as they are";
    assert_eq!(report.notes, [said]);
    assert!(home.export().copies.iter().any(|c| c.path.path.ends_with("b.log")), "an export takes them as before");
}

#[test]
fn of_a_folder_that_is_carried_to_a_cloud_a_flush_says_that_nobody_here_knows_whether_it_came_there() {
    let mut home = Home::new();
    home.world.documents = home.dir.path().join("OneDrive - Contoso/Documents");
    let report = home.flush(&Quiet);
    assert_eq!(report.copies.len(), 2);
    assert!(
        report.notes.iter().any(|n| n.contains("OneDrive") && n.contains("whether they were uploaded is not known")),
        "{:?}",
        report.notes
    );
}

#[expect(clippy::disallowed_methods, reason = "somebody else removes it, in a temporary folder")]
#[test]
fn a_file_that_vanishes_before_it_is_copied_is_named_and_the_rest_is_copied() {
    let home = Home::new();
    let mut catalog = home.catalog();
    catalog.stores[0].name = "a store without rules";
    std::fs::remove_file(home.session_dir().join("outputs/report.md")).unwrap();
    let report = flush(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!((copied(&report), failed(&report)), (vec!["outputs/sub/data.csv".to_owned()], vec!["report.md"]));
    assert!(!home.durable("outputs/report.md").exists());
}

#[test]
fn a_different_file_of_that_name_is_left_and_the_copy_stands_beside_it_with_what_it_is_of() {
    let home = Home::new();
    home.flush(&Quiet);
    std::fs::write(home.durable("outputs/report.md"), "edited by the user").unwrap();
    let report = home.flush(&Quiet);
    assert_eq!(copied(&report), ["outputs/report (2).md", "outputs/sub/data.csv"]);
    assert_eq!(
        (read(home.durable("outputs/report.md")), read(home.durable("outputs/report (2).md"))),
        ("edited by the user".into(), "# Report".into())
    );
    let manifest: toml::Table = read(home.durable("manifest.toml")).parse().unwrap();
    let entries = manifest["copy"].as_array().unwrap();
    let entry = entries.iter().find(|e| e["path"].as_str() == Some("outputs/report (2).md")).unwrap();
    assert_eq!(entry["from"].as_str(), Some("outputs/report.md"));
}

#[expect(clippy::disallowed_methods, reason = "somebody else moves it, in a temporary folder")]
#[test]
fn where_the_durable_folder_vanishes_while_it_is_copied_to_nothing_counts_as_copied() {
    let home = Home::new();
    let (top, away) = (home.durable(""), home.dir.path().join("away"));
    let report = home.flush(&Once::new(|| std::fs::rename(&top, &away).unwrap()));
    assert_eq!(report.copies, []);
    assert_eq!(failed(&report), ["data.csv", "manifest.toml"]);
    assert!(home.session_dir().join("outputs/report.md").exists() && away.join("outputs/report.md").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_disk_that_fills_up_what_does_not_fit_is_named_and_not_half_there_and_the_rest_goes_on() {
    use crate::vault::tests::mounts::{may_mount, mount};
    if !may_mount("export::tests::flushing::on_a_disk_that_fills_up_what_does_not_fit_is_named_and_not_half_there_and_the_rest_goes_on") {
        return;
    }
    let home = Home::new();
    let disk = home.dir.path().join("Documents");
    std::fs::create_dir(&disk).unwrap();
    mount(&["-t", "tmpfs", "-o", "size=64m", "tmpfs"].map(std::ffi::OsStr::new).into_iter().chain([disk.as_os_str()]).collect::<Vec<_>>());
    home.session("outputs/a.txt", b"first");
    home.session("outputs/large.bin", &vec![7; 6 << 20]);
    let holes = home.session_dir().join("outputs/holes.img");
    home.session("outputs/holes.img", &vec![7; 1 << 20]);
    std::fs::File::options().write(true).open(&holes).unwrap().set_len(256 << 20).unwrap();
    let fill = || {
        let free = crate::platform::free_space(&disk).unwrap().0;
        std::fs::write(disk.join("filler"), vec![1; usize::try_from(free - (4 << 20)).unwrap()]).unwrap();
    };
    let report = home.flush(&Once::new(fill));
    assert_eq!(copied(&report), ["outputs/a.txt", "outputs/holes.img", "outputs/report.md", "outputs/sub/data.csv"]);
    assert_eq!(failed(&report), ["large.bin"]);
    assert!(report.failed[0].error.contains("space"), "{:?}", report.failed);
    let left: Vec<String> =
        home.documents().into_iter().map(|(name, ..)| name).filter(|n| n.contains("large") || n.contains("partial")).collect();
    assert_eq!(left, Vec::<String>::new());
}
