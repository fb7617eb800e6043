//! The script for a running session, run by a shell in a folder that stands for the machine's.

use crate::model::{Action, Catalog, Class, Facts, Identity, InImage, Kind, Marks, PathText, Plan, PlanItem, Spot, Totals};
use crate::trim::script::{self, script};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A session's folder, and the catalogue and plan of it as a scan of its image would have them.
struct Guest {
    dir: tempfile::TempDir,
    base: PathBuf,
    catalog: Catalog,
    plan: Plan,
}

const IMAGE: &str = "/image/sessiondata.img";

impl Guest {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let base = std::fs::canonicalize(dir.path()).unwrap().join("sessions");
        let write = |rel: &str| {
            let path = base.join("brave").join(rel);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, rel).unwrap();
        };
        ["a b/it's \"$(touch x)\" `y`.log", "-rf", "work/node_modules/p/i.js", "work/node_modules/.lock", "work/thesis.tex", "mnt/o/x.log"]
            .into_iter()
            .for_each(write);
        std::os::unix::fs::symlink("../p", base.join("brave/work/node_modules/link")).unwrap();
        let mut guest = Self { catalog: Catalog::default(), plan: plan(), dir, base };
        guest.scan();
        guest
    }

    fn scan(&mut self) {
        self.catalog = Catalog::default();
        let verdict = self.catalog.keep(crate::model::Verdict::at_risk("test", ""));
        let dir = Facts { kind: Kind::Dir, size: 0, allocated: 0, mtime_ns: 0, dev: 0, ino: 0, nlink: 1, placeholder: false };
        let top = self.catalog.add_root(PathBuf::from("/image/sessiondata.img!"), &dir, Spot(0), verdict);
        let mut todo = vec![(top, self.base.clone())];
        while let Some((parent, folder)) = todo.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let facts = crate::platform::facts(&entry.path()).unwrap();
                let id = self.catalog.add(parent, entry.file_name().as_encoded_bytes(), &facts, Spot(0), verdict, None, Marks::INSIDE);
                if facts.kind == Kind::Dir {
                    todo.push((id, entry.path()));
                }
            }
        }
    }

    fn planned(&mut self, inner: &str, class: Class) {
        let path = PathBuf::from(format!("{IMAGE}!")).join(inner);
        let identity = Identity { device: 0, inode: 0, size: 0, mtime_ns: 0, tree: None };
        assert!(self.catalog.find(&path).is_some());
        self.plan.items.push(PlanItem {
            path: PathText::new(&path),
            store: "cowork".into(),
            session: None,
            class,
            bytes: 10,
            allocated: 10,
            files: 1,
            identity: identity.clone(),
            action: Action::OutOfImage,
            evidence: Vec::new(),
            comes_back: None,
            proof: None,
            group: String::new(),
            image: Some(InImage { image: PathText::new(Path::new(IMAGE)), inner: PathText::new(Path::new(inner)), identity }),
        });
    }

    /// Runs the script; gives its code and what it said.
    fn run(&self, text: &[u8]) -> (i32, String) {
        let file = self.dir.path().join("script.sh");
        std::fs::write(&file, text).unwrap();
        let ran = Command::new("sh").arg(&file).current_dir(self.dir.path()).output().unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        (ran.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
    }

    fn has(&self, rel: &str) -> bool {
        self.base.join("brave").join(rel).symlink_metadata().is_ok()
    }
}

fn plan() -> Plan {
    Plan {
        schema: "lifeboat.plan/1".into(),
        created: jiff::Timestamp::UNIX_EPOCH,
        roots: Vec::new(),
        items: Vec::new(),
        skipped: Vec::new(),
        totals: Totals::default(),
        fingerprint: String::new(),
    }
}

#[test]
fn the_script_removes_what_is_rebuildable_by_any_name_and_nothing_else() {
    let mut guest = Guest::new();
    let odd = "brave/a b/it's \"$(touch x)\" `y`.log";
    for inner in [odd, "brave/-rf", "brave/work/node_modules", "brave/mnt/o/x.log"] {
        guest.planned(inner, Class::Rebuildable);
    }
    guest.planned("brave/work/thesis.tex", Class::AtRisk);
    assert_eq!(script::folders(&guest.plan).into_iter().collect::<Vec<_>>(), [b"brave".to_vec()]);
    let made = script(&guest.catalog, &guest.plan, &guest.base, b"brave");
    assert_eq!((made.items, made.left_out, made.bytes), (3, 2, 30));
    let (code, said) = guest.run(&made.text);
    assert_eq!((code, said.trim()), (0, "3 removed, 0 changed and stay"));
    assert!(!guest.has(&odd[6..]) && !guest.has("-rf") && !guest.has("work/node_modules"));
    assert!(guest.has("work/thesis.tex") && guest.has("mnt/o/x.log") && guest.has("a b") && !guest.has("x") && !guest.has("work/x"));
    assert_eq!(guest.run(&made.text).0, 1, "the second time nothing is there");
}

#[test]
fn what_changed_since_the_plan_stays_and_is_named() {
    type Change = (&'static str, fn(&Path));
    let changes: [Change; 4] = [
        ("-rf", |top| std::fs::write(top.join("-rf"), "longer than before").unwrap()),
        ("work/node_modules", |top| std::fs::write(top.join("work/node_modules/p/new.js"), "").unwrap()),
        ("work/node_modules", |top| std::fs::write(top.join("work/node_modules/p/i.js"), "other").unwrap()),
        ("-rf", |top| {
            std::fs::remove_file(top.join("-rf")).unwrap();
            std::os::unix::fs::symlink("work/thesis.tex", top.join("-rf")).unwrap();
        }),
    ];
    for (rel, change) in changes {
        let mut guest = Guest::new();
        guest.planned(&format!("brave/{rel}"), Class::Rebuildable);
        let made = script(&guest.catalog, &guest.plan, &guest.base, b"brave");
        change(&guest.base.join("brave"));
        let (code, said) = guest.run(&made.text);
        assert!(code == 1 && said.contains(&format!("stays: {rel}")), "{said}");
        assert!(guest.has(rel));
    }
}

#[test]
fn it_does_nothing_where_the_folder_is_not_there_or_a_link_leads_elsewhere() {
    let mut guest = Guest::new();
    guest.planned("brave/work/thesis.tex", Class::Rebuildable);
    let made = script(&guest.catalog, &guest.plan, Path::new("/sessions-that-are-not-there"), b"brave");
    let (code, said) = guest.run(&made.text);
    assert!(code == 3 && said.contains("not the session"), "{said}");
    // The folder of the file is a link by now.
    let made = script(&guest.catalog, &guest.plan, &guest.base, b"brave");
    let work = guest.base.join("brave/work");
    std::fs::rename(&work, guest.base.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", &work).unwrap();
    let (code, said) = guest.run(&made.text);
    assert!(code == 1 && guest.has("work/thesis.tex"), "{said}");
}
