//! What scans tell of the disks of virtual machines.

use super::*;
use crate::image::tests::made::disk_of;
use crate::model::Marks;

const DISK: &str = ".config/Claude/vm_bundles/claudevm.bundle/sessiondata.img";
const CACHE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55\n";

impl Home {
    /// A home whose one session has a home on a disk, beside one of a session that is gone; the files are a day old.
    /// `None`: no disk can be made here.
    fn with_disk(more: &[(&str, &[u8])]) -> Option<Self> {
        let home = Self::new();
        let record = format!(
            r#"{{"sessionId":"{ID}","title":"Quarterly report","vmProcessName":"brave-quiet-noether","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#
        );
        home.write(&format!("{ORG}/{ID}.json"), record);
        let files: [(&str, &[u8]); 5] = [
            ("brave-quiet-noether/work/thesis.tex", b"all of it"),
            ("brave-quiet-noether/node_modules/thesis.tex", b"a folder's name proves nothing"),
            ("brave-quiet-noether/.cache/pip/CACHEDIR.TAG", CACHE),
            ("brave-quiet-noether/.cache/pip/http/ab/cd", &[7; 9000]),
            ("calm-happy-euler/notes", b"of a session that is gone"),
        ];
        for (path, bytes) in files.iter().chain(more) {
            home.write(&format!("tree/{path}"), bytes);
        }
        home.disk(DISK)?;
        Some(home)
    }

    /// Makes the disk from the tree.
    fn disk(&self, at: &str) -> Option<()> {
        disk_of(&self.at("tree"), &self.at(at), &[])?;
        self.age(at);
        Some(())
    }

    fn age(&self, path: &str) {
        let day = SystemTime::now() - Duration::from_hours(24);
        fs::File::options().write(true).open(self.at(path)).unwrap().set_modified(day).unwrap();
    }

    fn on_disk(&self, catalog: &Catalog, path: &str) -> Option<NodeId> {
        catalog.find(&self.at(&format!("{DISK}!/{path}")))
    }

    fn says(&self, catalog: &Catalog, path: &str) -> String {
        let id = catalog.find(&self.at(path)).unwrap();
        catalog.verdict(id).evidence.iter().map(|e| e.says.as_ref()).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn homes_on_a_disk_stand_in_the_tree_with_classes_by_the_same_rules() {
    let Some(home) = Home::with_disk(&[("brave-quiet-noether/report.docx", b"the report")]) else { return };
    home.write("Documents/final.docx", "the report");
    let catalog = home.scan();
    let class = |path: &str| catalog.node(home.on_disk(&catalog, path).unwrap_or_else(|| panic!("{path}"))).class;
    assert_eq!(class("brave-quiet-noether/work/thesis.tex"), Class::AtRisk);
    assert_eq!(class("brave-quiet-noether/node_modules/thesis.tex"), Class::AtRisk);
    assert_eq!(class("brave-quiet-noether/.cache/pip/http/ab/cd"), Class::Rebuildable);
    assert_eq!(class("brave-quiet-noether/report.docx"), Class::Flushed);
    assert_eq!(class("calm-happy-euler/notes"), Class::AtRisk);
    assert!(home.says(&catalog, &format!("{DISK}!/brave-quiet-noether/report.docx")).contains("Documents/final.docx"));
    assert!(home.says(&catalog, &format!("{DISK}!/calm-happy-euler/notes")).contains("not here any more"));
    let own = home.on_disk(&catalog, "brave-quiet-noether/work/thesis.tex").unwrap();
    assert_eq!(catalog.node(own).session.map(|s| catalog.session(s).id.as_str()), Some(ID));
    assert_eq!(catalog.node(home.on_disk(&catalog, "calm-happy-euler/notes").unwrap()).session, None);
    assert!(catalog.node(own).marks.has(Marks::INSIDE) && catalog.node(own).allocated == 4096);
    rows_add_up(&catalog);
}

#[test]
fn the_sums_of_a_disk_are_those_of_its_file() {
    let Some(home) = Home::with_disk(&[]) else { return };
    let catalog = home.scan();
    let sum = catalog.grand_totals();
    let (told, mut expected) = (Class::ALL.iter().map(|c| sum.of(*c).allocated).sum::<u64>(), 0);
    for entry in walkdir::WalkDir::new(home.at(".config/Claude")).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        expected += crate::platform::facts(entry.path()).unwrap().allocated;
    }
    assert_eq!(told, expected);
    assert!(home.says(&catalog, DISK).contains("read as raw: ext4 with "), "{}", home.says(&catalog, DISK));
}

#[test]
fn a_disk_that_is_damaged_is_at_risk_as_a_whole_and_says_why() {
    let Some(home) = Home::with_disk(&[]) else { return };
    let mut bytes = fs::read(home.at(DISK)).unwrap();
    bytes[1024 + 0x20] ^= 0x40;
    fs::write(home.at(DISK), bytes).unwrap();
    home.age(DISK);
    let catalog = home.scan();
    assert!(home.on_disk(&catalog, "brave-quiet-noether").is_none());
    assert_eq!(catalog.node(catalog.find(&home.at(DISK)).unwrap()).class, Class::AtRisk);
    assert!(home.says(&catalog, DISK).contains("what is on it is not told: the "), "{}", home.says(&catalog, DISK));
    assert!(catalog.errors.iter().any(|e| e.path == home.at(DISK)), "{:?}", catalog.errors);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_somebody_has_open_is_read_from_a_clone_or_not_at_all() {
    let Some(home) = Home::with_disk(&[]) else { return };
    let mut child = std::process::Command::new("sleep").arg("600").stdin(fs::File::open(home.at(DISK)).unwrap()).spawn().unwrap();
    let catalog = home.scan();
    child.kill().unwrap();
    child.wait().unwrap();
    let says = home.says(&catalog, DISK);
    match home.on_disk(&catalog, "brave-quiet-noether/work/thesis.tex") {
        None => assert!(says.contains("in use (it is open in sleep") && says.contains("clone, which cannot be made"), "{says}"),
        Some(id) => {
            assert!(says.contains("read from a clone") && catalog.is_live(id), "{says}");
            assert!(catalog.is_live(catalog.find(&home.at(DISK)).unwrap()));
        }
    }
}

#[test]
fn what_exists_only_on_a_disk_is_flushed_and_counts_as_flushed_then() {
    let odd: &[u8] = if cfg!(windows) { b"plain" } else { b"odd\xff:name" };
    let odd = String::from_utf8_lossy(odd).into_owned();
    let Some(home) = Home::with_disk(&[(&format!("brave-quiet-noether/work/{odd}"), b"with a name")]) else { return };
    let catalog = home.scan();
    let session = crate::model::SessionIx::at(0);
    let report = crate::export::flush(&home.world(), &catalog, session, &crate::export::Options::default(), &crate::model::Quiet).unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    let copies: Vec<&str> = report.copies.iter().map(|c| c.copy.path.as_str()).collect();
    assert_eq!(copies.len(), 3, "the thesis, the odd name and the file that a folder's name says nothing about: {copies:?}");
    let copy = report.folder.join("vm-disk/work/thesis.tex");
    assert_eq!(fs::read(&copy).unwrap(), b"all of it");
    let after = home.scan();
    let thesis = home.on_disk(&after, "brave-quiet-noether/work/thesis.tex").unwrap();
    assert_eq!(after.node(thesis).class, Class::Flushed);
    let left = home.on_disk(&after, "calm-happy-euler/notes").unwrap();
    assert_eq!(after.node(left).class, Class::AtRisk, "nobody flushed what belongs to no session");
}

#[cfg(unix)]
#[test]
fn links_on_a_disk_are_named_and_never_followed() {
    let Some(home) = Home::with_disk(&[]) else { return };
    home.write("secret", "a file of this machine");
    std::os::unix::fs::symlink(home.at("secret"), home.at("tree/brave-quiet-noether/work/link")).unwrap();
    home.disk(DISK).unwrap();
    let report = crate::export::flush(
        &home.world(),
        &home.scan(),
        crate::model::SessionIx::at(0),
        &crate::export::Options::default(),
        &crate::model::Quiet,
    )
    .unwrap();
    assert!(report.skipped.iter().any(|s| s.path.path.ends_with("work/link") && s.reason.contains("a link")), "{:?}", report.skipped);
    assert!(!report.copies.iter().any(|c| c.path.path.ends_with("link")));
}

#[test]
fn a_selection_on_a_disk_is_backed_up_verified_and_restored_beside_and_never_into_the_image() {
    use crate::backup::{Options, Target, create, restore, verify};
    let Some(home) = Home::with_disk(&[]) else { return };
    let (world, catalog, quiet) = (home.world(), home.scan(), crate::model::Quiet);
    let nodes: Vec<NodeId> = catalog.all_rows().filter(|r| catalog.is_on_disk(r.id) && r.class == Class::AtRisk).map(|r| r.id).collect();
    let report = create(&world, &catalog, &Options { nodes, ..Options::default() }, &quiet).unwrap();
    assert!(report.failed.is_empty() && report.skipped.is_empty(), "{report:?}");
    assert!(verify(&report.archive, &quiet).unwrap().failed.is_empty());
    let out = home.at("out");
    restore(&world, &report.archive, &Target::Folder(out.clone()), None, false, &quiet).unwrap();
    let found = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap).find(|e| e.path().ends_with("work/thesis.tex")).unwrap();
    assert_eq!(fs::read(found.path()).unwrap(), b"all of it");
    let before = fs::read(home.at(DISK)).unwrap();
    let put = restore(&world, &report.archive, &Target::InPlace, None, false, &quiet).unwrap();
    assert!(put.failed.iter().any(|f| f.error.contains("disk image")), "{put:?}");
    assert!(fs::read(home.at(DISK)).unwrap() == before && !home.at(&format!("{DISK}!")).exists());
}

#[test]
fn a_backup_of_everything_takes_the_whole_image_without_its_holes() {
    use crate::backup::{Options, create};
    let Some(home) = Home::with_disk(&[]) else { return };
    let (world, catalog) = (home.world(), home.scan());
    let report = create(&world, &catalog, &Options { dry_run: true, ..Options::default() }, &crate::model::Quiet).unwrap();
    assert!(report.bytes >= 24 << 20, "what is told inside is counted with the image: {}", report.bytes);
    let report = create(&world, &catalog, &Options::default(), &crate::model::Quiet).unwrap();
    assert!(report.failed.is_empty() && report.packed < 1 << 20, "{report:?}");
}
