//! Folders laid out again from what is left.
#![expect(clippy::disallowed_methods, reason = "tests do to the store what people and apps do")]

use super::{Known, Report, recall};
use crate::manifest::{Entry, Input, Installed, Intermediate, Manifest, Output};
use crate::model::{Quiet, Session};
use crate::packages::{Environment, Package};
use crate::world::World;
use serde_json::json;
use std::path::{Path, PathBuf};

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), std::collections::BTreeMap::new());
        Self { dir, world }
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn session(&self) -> Session {
        let (dir, vm_name) = (Some(self.at("store/local_1")), Some("brave-noether".to_owned()));
        Session { id: "local_1".into(), dir, vm_name, ..Session::default() }
    }

    fn recall(&self, manifest: &Manifest, session: Option<&Session>) -> Report {
        let top = self.at("Documents/Claude Cowork/Task");
        let known = Known { manifest, durable: Some(&top), session };
        recall(&self.world, &known, &self.at("again"), false, &Quiet).unwrap()
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.at("again").join(path)).ok()
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

fn output(path: &str, text: &str) -> Output {
    Output { path: path.into(), blake3: Some(hash(text)), bytes: Some(text.len() as u64), ..Output::default() }
}

#[test]
fn a_file_comes_from_wherever_its_bytes_still_are_and_is_told_with_that() {
    let home = Home::new();
    home.file("store/local_1/outputs/here.md", "here");
    home.file("Reports/flushed.md", "flushed");
    home.file("Documents/Claude Cowork/Task/outputs/kept (2).md", "kept");
    home.file("in/upload.csv", "upload");
    let manifest = Manifest {
        session: "local_1".into(),
        inputs: vec![
            Input { path: "~/in/upload.csv".into(), blake3: Some(hash("upload")), from: "uploads/upload.csv".into(), ..Input::default() },
            Input { path: "~/Reports/flushed.md".into(), blake3: Some(hash("flushed")), from: "record r1".into(), ..Input::default() },
        ],
        outputs: vec![
            output("outputs/here.md", "here"),
            Output { flushed: Some("~/Reports/flushed.md".into()), ..output("outputs/flushed.md", "flushed") },
            output("outputs/kept.md", "kept"),
            output("outputs/gone.md", "gone"),
        ],
        copies: vec![Entry { path: "outputs/kept (2).md".into(), from: Some("outputs/kept.md".into()), ..Entry::default() }],
        ..Manifest::default()
    };
    let report = home.recall(&manifest, Some(&home.session()));
    let told: Vec<_> = report.files.iter().map(|f| (f.path.as_str(), f.from.as_str(), f.to.is_some())).collect();
    let kept = home.world.short(&home.at("Documents/Claude Cowork/Task").join("outputs/kept (2).md"));
    assert_eq!(
        told,
        [
            ("outputs/flushed.md", "~/Reports/flushed.md", true),
            ("outputs/here.md", "the session", true),
            ("outputs/kept.md", kept.as_str(), true),
            ("uploads/upload.csv", "~/in/upload.csv", true),
            ("~/Reports/flushed.md", "~/Reports/flushed.md", false),
        ]
    );
    assert_eq!(report.missing.iter().map(|m| m.path.path.as_str()).collect::<Vec<_>>(), ["outputs/gone.md"]);
    for (path, text) in
        [("outputs/flushed.md", "flushed"), ("outputs/here.md", "here"), ("outputs/kept.md", "kept"), ("uploads/upload.csv", "upload")]
    {
        assert_eq!(home.read(path).as_deref(), Some(text));
    }
}

#[test]
fn a_script_in_the_virtual_machine_alone_is_as_the_conversation_wrote_it_and_marked_so() {
    let home = Home::new();
    let script = "/sessions/brave-noether/work/x.py";
    let call = |id: &str, name: &str, input: serde_json::Value| {
        let ask = json!({"type":"assistant","uuid":id,"message":{"id":id,"content":[{"type":"tool_use","id":format!("t{id}"),"name":name,"input":input}]}});
        let answer = json!({"type":"user","uuid":format!("{id}-a"),"parentUuid":id,"message":{"content":[{"type":"tool_result","tool_use_id":format!("t{id}"),"content":"ok"}]}});
        format!("{ask}\n{answer}\n")
    };
    let talk = call("a1", "Write", json!({"file_path": script, "content": "print(1)\n"}))
        + &call("a2", "Edit", json!({"file_path": script, "old_string": "1", "new_string": "2"}))
            .replace("\"uuid\":\"a2\"", "\"uuid\":\"a2\",\"parentUuid\":\"a1-a\"");
    home.file("store/local_1/.claude/projects/-s/conv.jsonl", &talk);
    let written = Intermediate(Output { path: script.into(), from: Some("record a2".into()), ..Output::default() });
    let manifest = Manifest { session: "local_1".into(), intermediates: vec![written], ..Manifest::default() };
    let report = home.recall(&manifest, Some(&home.session()));
    assert_eq!(home.read("machine/work/x.py").as_deref(), Some("print(2)\n"), "{report:?}");
    assert!(report.files[0].from.starts_with("the conversation, record a") && report.files[0].differs.is_some(), "{report:?}");
}

#[test]
fn what_is_in_the_way_stays_and_the_same_again_changes_nothing() {
    let home = Home::new();
    home.file("store/local_1/outputs/a.md", "a");
    home.file("store/local_1/outputs/b.md", "b");
    home.file("again/outputs/a.md", "mine");
    let manifest = Manifest {
        session: "local_1".into(),
        outputs: vec![output("outputs/a.md", "a"), output("outputs/b.md", "b")],
        ..Manifest::default()
    };
    for _ in 0..2 {
        let report = home.recall(&manifest, Some(&home.session()));
        assert_eq!((report.files.len(), report.missing.len()), (1, 1), "{report:?}");
        assert_eq!((home.read("outputs/a.md").as_deref(), home.read("outputs/b.md").as_deref()), (Some("mine"), Some("b")));
    }
}

#[test]
fn a_file_whose_bytes_are_others_by_now_is_there_and_told_to_differ() {
    let home = Home::new();
    home.file("store/local_1/outputs/a.md", "changed");
    let manifest = Manifest { session: "local_1".into(), outputs: vec![output("outputs/a.md", "a")], ..Manifest::default() };
    let report = home.recall(&manifest, Some(&home.session()));
    assert!(report.files[0].differs.is_some() && home.read("outputs/a.md").as_deref() == Some("changed"), "{report:?}");
}

#[test]
fn a_path_of_the_manifest_that_leads_elsewhere_is_not_followed() {
    let home = Home::new();
    home.file("store/local_1/outputs/a.md", "a");
    home.file("secret", "secret");
    let manifest = Manifest {
        session: "local_1".into(),
        outputs: vec![output("../../secret", "secret"), output("/etc/hostname", "x")],
        copies: vec![Entry { path: "../../../secret".into(), from: Some("outputs/a.md".into()), ..Entry::default() }],
        ..Manifest::default()
    };
    let report = home.recall(&manifest, Some(&home.session()));
    assert!(report.files.is_empty(), "{report:?}");
    assert!(!home.at("again/../../secret").exists() || home.at("secret").exists());
    assert_eq!(std::fs::read_dir(home.at("again")).unwrap().count(), 0);
}

#[test]
fn what_is_in_the_vault_and_in_a_backup_is_found_there() {
    let home = Home::new();
    home.file("store/local_1/outputs/a.md", "a");
    home.file("store/local_1/outputs/deep/b.md", "b");
    let dir = home.at("store/local_1/outputs");
    let vault = home.at("vault");
    std::fs::create_dir_all(&vault).unwrap();
    let manifest = Manifest {
        session: "local_1".into(),
        outputs: vec![output("outputs/a.md", "a"), output("outputs/deep/b.md", "b")],
        ..Manifest::default()
    };
    // What the vault holds is told by the vault; here only that both a file and what is below a folder are looked for.
    let (top, session) = (home.at("Documents/none"), home.session());
    let known = Known { manifest: &manifest, durable: Some(&top), session: Some(&session) };
    let mut sources = super::sources::Sources::of(&home.world, &known);
    std::fs::rename(dir.join("a.md"), vault.join("0")).unwrap();
    std::fs::rename(dir.join("deep"), vault.join("1")).unwrap();
    sources.vault = vec![(dir.join("a.md"), vault.join("0")), (dir.join("deep"), vault.join("1"))];
    for (path, text) in [("outputs/a.md", "a"), ("outputs/deep/b.md", "b")] {
        let blake3 = hash(text);
        let wanted = super::sources::Wanted { path, blake3: Some(&blake3), copies: Vec::new() };
        assert_eq!(sources.find(&wanted).map(|f| f.from).as_deref(), Some("the vault"));
    }
}

#[test]
fn a_file_of_yours_inside_an_environment_waits_until_that_is_made_again() {
    let home = Home::new();
    home.file("store/local_1/outputs/.venv/lib/six.py", "mine");
    home.file("store/local_1/outputs/app/node_modules/x/i.js", "mine");
    home.file("store/local_1/outputs/app/run.js", "run");
    let environment = |kind: &str, folder: &str| Installed {
        environment: Environment { kind: kind.into(), folder: folder.into(), ..Environment::default() },
        ..Installed::default()
    };
    let files = ["outputs/.venv/lib/six.py", "outputs/app/node_modules/x/i.js"];
    let manifest = Manifest {
        session: "local_1".into(),
        environments: vec![environment("venv", "outputs/.venv"), environment("node_modules", "outputs/app")],
        outputs: files.iter().map(|path| output(path, "mine")).chain([output("outputs/app/run.js", "run")]).collect(),
        packages: vec![package("python", "six", "1.16.0", "outputs/.venv")],
        ..Manifest::default()
    };
    home.recall(&manifest, Some(&home.session()));
    for path in files {
        assert_eq!((home.read(path), home.read(&format!("rebuild/inside/{path}")).as_deref()), (None, Some("mine")));
    }
    assert_eq!(home.read("outputs/app/run.js").as_deref(), Some("run"));
}

fn package(ecosystem: &str, name: &str, version: &str, environment: &str) -> Package {
    Package {
        ecosystem: ecosystem.into(),
        name: name.into(),
        version: version.into(),
        environment: environment.into(),
        ..Package::default()
    }
}

#[test]
fn the_scripts_name_every_version_and_tell_what_cannot_be_had() {
    let environment = |kind: &str, folder: &str, runtime: Option<&str>| Installed {
        environment: Environment {
            kind: kind.into(),
            folder: folder.into(),
            runtime: runtime.map(str::to_owned),
            ..Environment::default()
        },
        ..Installed::default()
    };
    let npm =
        Package { place: Some("node_modules/is-odd".into()), requested: Some(true), ..package("npm", "is-odd", "3.0.1", "outputs/it's") };
    let manifest = Manifest {
        task: "A task".into(),
        environments: vec![environment("venv", "outputs/.venv", Some("python 3.11.7")), environment("node_modules", "outputs/it's", None)],
        packages: vec![
            package("python", "six", "1.16.0", "outputs/.venv"),
            Package { origin: Some("file:///home/u/mine".into()), ..package("python", "mine", "0.1", "outputs/.venv") },
            npm,
        ],
        ..Manifest::default()
    };
    let recipe = super::script::of(&manifest);
    let file = |name: &str| recipe.files.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()).unwrap();
    insta::assert_snapshot!(file("rebuild.sh"));
    insta::assert_snapshot!(file("rebuild.ps1"));
    assert_eq!(file("rebuild/outputs_.venv.txt"), "six==1.16.0\n# mine==0.1 came from file:///home/u/mine\n");
    assert!(file("outputs/it's/package-lock.json").contains("\"node_modules/is-odd\": {\n      \"version\": \"3.0.1\""));
    assert_eq!(recipe.notes.len(), 2, "{:?}", recipe.notes);
}

#[cfg(unix)]
#[test]
fn the_shell_script_is_one_that_sh_can_read() {
    let home = Home::new();
    home.file("again/x", "");
    let manifest = Manifest {
        task: "Say \"hi\"\nrm -rf /".into(),
        environments: vec![Installed {
            environment: Environment { kind: "venv".into(), folder: "outputs/a b'; exit 7; '".into(), ..Environment::default() },
            ..Installed::default()
        }],
        packages: vec![package("python", "six", "1.16.0", "outputs/a b'; exit 7; '")],
        ..Manifest::default()
    };
    home.recall(&manifest, None);
    let read = std::process::Command::new("sh").arg("-n").arg(Path::new(&home.at("again")).join("rebuild.sh")).status().unwrap();
    assert!(read.success());
    assert!(!home.read("rebuild.sh").unwrap().lines().any(|l| l.trim_start().starts_with("rm ")));
}
