//! What a manifest tells of how things were made.

use super::beside::{says, user};
use super::*;
use crate::manifest::Manifest;

impl Home {
    fn talk_of(&self, calls: &[(&str, &str, serde_json::Value, &str)]) {
        let mut lines = vec![user("u0", json!("Make it"))];
        for (id, name, input, answer) in calls {
            lines.push(says(&format!("a-{id}"), json!({"type":"tool_use","id":id,"name":name,"input":input})));
            lines.push(user(&format!("r-{id}"), json!([{"type":"tool_result","tool_use_id":id,"content":answer}])));
        }
        let lines: String = lines.iter().map(|l| l.to_string() + "\n").collect();
        self.session(".claude/projects/-s/conv.jsonl", lines.as_bytes());
    }

    /// The manifest that is kept, of a session in a virtual machine with a folder of the user's.
    fn told(&self) -> Manifest {
        let mut catalog = self.catalog();
        catalog.sessions[0].vm_name = Some("brave-noether".into());
        catalog.sessions[0].folders = vec![self.dir.path().join("Work")];
        let (_, told) = Series::new(&self.world, &Options::default()).manifest(&catalog, SessionIx::at(0), &Quiet).unwrap();
        assert_eq!(told.text(), read(self.durable("manifest.toml")), "what is told is what is kept");
        told
    }

    fn work(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.dir.path().join("Work")).unwrap();
        std::fs::write(self.dir.path().join("Work").join(name), text).unwrap();
    }
}

#[test]
fn a_manifest_tells_what_went_in_what_ran_and_what_came_out_with_the_record_of_each() {
    let home = Home::new();
    home.work("in.csv", "1,2");
    home.session("uploads/given.txt", b"given");
    let mnt = "/sessions/brave-noether/mnt";
    home.talk_of(&[
        ("t1", "Read", json!({"file_path": format!("{mnt}/Work/in.csv")}), "1,2"),
        ("t2", "Bash", json!({"command": "ls -la"}), "x"),
        ("t3", "Write", json!({"file_path": "/sessions/brave-noether/work/x.py", "content": "print(1)"}), "ok"),
        ("t4", "Bash", json!({"command": "python x.py > out"}), "ok"),
        ("t5", "Write", json!({"file_path": format!("{mnt}/outputs/report.md"), "content": "# Report"}), "ok"),
        ("t6", "Write", json!({"file_path": format!("{mnt}/Work/made.md"), "content": "made"}), "ok"),
    ]);
    home.work("made.md", "made");
    let told = home.told();
    let hash = |text: &str| Some(blake3::hash(text.as_bytes()).to_hex().to_string());
    let work = |name: &str| home.world.short(&home.dir.path().join("Work").join(name));
    let inputs: Vec<_> = told.inputs.iter().map(|i| (i.path.clone(), i.blake3.clone(), i.from.as_str())).collect();
    assert_eq!(
        inputs,
        [("uploads/given.txt".to_owned(), hash("given"), "uploads/given.txt"), (work("in.csv"), hash("1,2"), "record a-t1, call t1")]
    );
    let commands: Vec<_> = told.commands.iter().map(|c| (c.command.as_str(), c.from.as_str())).collect();
    assert_eq!(commands, [("python x.py > out", "record a-t4, call t4")]);
    let made: Vec<_> = told.intermediates.iter().map(|i| (i.0.path.as_str(), i.0.blake3.clone(), i.0.from.as_deref())).collect();
    assert_eq!(made, [("/sessions/brave-noether/work/x.py", hash("print(1)"), Some("record a-t3, call t3"))]);
    let output = |path: &str| told.outputs.iter().find(|o| o.path == path).cloned().unwrap();
    assert_eq!(
        (output("outputs/report.md").blake3, output("outputs/report.md").from.as_deref()),
        (hash("# Report"), Some("record a-t5, call t5"))
    );
    assert_eq!((output(&work("made.md")).flushed, output(&work("made.md")).blake3), (Some(work("made.md")), hash("made")));
    assert!(!told.outputs.iter().any(|o| o.path.contains("node_modules")), "what is rebuildable is no output");
}

#[test]
fn a_copy_of_the_manifest_stands_in_the_folder_the_user_selected_and_an_edited_one_stays() {
    let home = Home::new();
    home.work("a", "a");
    let told = home.told();
    let copy = home.dir.path().join("Work/.lifeboat/5a7d4a86/manifest.toml");
    assert_eq!(read(&copy), told.text());
    assert_eq!(crate::manifest::lines::read(copy.parent().unwrap()).unwrap().text(), told.text());
    std::fs::write(&copy, "mine").unwrap();
    home.session("outputs/new.md", b"new");
    let now = home.told();
    assert!(now.outputs.len() > told.outputs.len());
    assert_eq!(read(&copy), "mine");
}

#[test]
fn packages_are_told_from_what_was_answered_where_the_disk_has_them_no_more_and_stay_once_they_are_gone() {
    let home = Home::new();
    let pip = ("t1", "Bash", json!({"command": "pip install six==1.16.0"}), "Collecting six\nSuccessfully installed six-1.16.0");
    home.talk_of(std::slice::from_ref(&pip));
    let six = |told: &Manifest| {
        let of = |p: &&crate::packages::Package| p.name == "six";
        told.packages.iter().filter(of).map(|p| (p.ecosystem.clone(), p.version.clone(), p.from.clone())).collect::<Vec<_>>()
    };
    let expected = [("python".to_owned(), "1.16.0".to_owned(), "record a-t1".to_owned())];
    assert_eq!(six(&home.told()), expected);
    // The conversation is gone since; the manifest is not.
    crate::vault::own::discard(&home.session_dir().join(".claude/projects/-s/conv.jsonl"));
    assert_eq!(six(&home.told()), expected);
}

#[test]
fn a_copy_that_somebody_changed_is_no_longer_told_to_hold_the_same_bytes() {
    let home = Home::new();
    home.export();
    let flushed = |told: &Manifest| told.outputs.iter().find(|o| o.path == "outputs/report.md").unwrap().flushed.clone();
    assert!(flushed(&home.told()).is_some_and(|copy| copy.ends_with("report.md")));
    std::fs::write(home.durable("outputs/report.md"), "edited by hand").unwrap();
    assert_eq!(flushed(&home.told()), None);
}

#[test]
fn a_secret_in_a_command_or_a_path_is_in_no_manifest() {
    let home = Home::new();
    let token = format!("ghp_{}", "cde".repeat(12));
    home.talk_of(&[
        ("t1", "Bash", json!({"command": format!("pip install git+https://{token}@github.com/x/y > log")}), "Successfully installed y-1"),
        ("t2", "Write", json!({"file_path": format!("/sessions/brave-noether/{token}"), "content": "x"}), "ok"),
    ]);
    let told = home.told();
    assert!(!told.commands.is_empty() && !told.text().contains(&token), "{}", told.text());
    assert!(!read(home.durable("manifest.jsonl")).contains(&token));
}

#[test]
fn a_manifest_that_is_gone_is_told_again_from_its_lines_and_its_folder_is_found() {
    let home = Home::new();
    home.export();
    let before = read(home.durable("manifest.toml"));
    crate::vault::own::discard(&home.durable("manifest.toml"));
    home.session("outputs/new.md", b"new");
    let report = home.export();
    assert_eq!((report.folder, report.failed.len(), report.copied), (home.durable("").components().collect(), 0, 1));
    let after = Manifest::parse(&read(home.durable("manifest.toml"))).unwrap();
    assert_eq!(after.copies.len(), Manifest::parse(&before).unwrap().copies.len() + 1);
}
