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
