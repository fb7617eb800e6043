use super::shell::commands;
use super::*;
use crate::model::Class;
use crate::scan;
use std::collections::BTreeMap;

fn words(text: &str) -> Vec<Vec<String>> {
    commands(text).into_iter().map(|c| c.into_iter().map(|w| w.text).collect()).collect()
}

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

const SESSIONS: &str = ".config/Claude/local-agent-mode-sessions/0a0a0a0a-0000-4000-8000-000000000001/0b0b0b0b-0000-4000-8000-000000000002";

impl Home {
    /// Two sessions, a VM's disk, a cache.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Self { world: World::at(dir.path(), BTreeMap::new()), dir };
        for (id, title) in
            [("local_11111111-0000-4000-8000-000000000001", "Quarterly report"), ("local_22222222-0000-4000-8000-000000000002", "Notes")]
        {
            home.put(
                &format!("{SESSIONS}/{id}.json"),
                &format!(r#"{{"sessionId":"{id}","title":"{title}","processName":"x","cwd":"/x","createdAt":1,"lastActivityAt":1}}"#),
            );
            home.put(&format!("{SESSIONS}/{id}/outputs/work.txt"), "the only copy");
        }
        home.put(".config/Claude/vm_bundles/claudevm.bundle/rootfs.img", "root");
        home.put(".config/Claude/vm_bundles/claudevm.bundle/sessiondata.img", "data");
        home
    }
    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    fn read(&self, text: &str) -> (Understood, Loss) {
        let catalog = scan::run(&self.world, scan::Options::default());
        let roots: Vec<_> = catalog.stores.iter().map(|s| (s.name, s.root.clone())).collect();
        let understood = understand(&self.world, text, &roots);
        let loss = loss(&catalog, &understood.paths, &|_| Marked::default());
        (understood, loss)
    }
    fn lost(&self, text: &str) -> Vec<String> {
        let catalog = scan::run(&self.world, scan::Options::default());
        let titles = self.read(text).1.sessions.into_iter().filter(|l| l.only_copy.files > 0);
        let mut titles: Vec<String> = titles.map(|l| l.session.map_or("none".into(), |s| catalog.session(s).title.clone())).collect();
        titles.sort();
        titles
    }
}

#[test]
fn commands_are_split_as_shells_and_the_windows_prompt_split_them() {
    assert_eq!(
        words("rm -rf 'a b' \"c d\" e\\ f; cd /x && ls # rm all\nfoo"),
        [vec!["rm", "-rf", "a b", "c d", "e f"], vec!["cd", "/x"], vec!["ls"], vec!["foo"]]
    );
    assert_eq!(words(r"rd /s /q %APPDATA%\Claude"), [["rd", "/s", "/q", r"%APPDATA%\Claude"]]);
    assert_eq!(words(""), Vec::<Vec<String>>::new());
}

#[test]
fn what_would_go_is_found_in_every_spelling() {
    let home = Home::new();
    let both = ["Notes", "Quarterly report"];
    for command in [
        "rm -rf ~/.config/Claude/local-agent-mode-sessions",
        "sudo rm -rf \"$HOME/.config/Claude/local-agent-mode-sessions\"/*",
        "cd ~/.config/Claude && rm -r local-agent-mode-sessions/",
        "rm -rf ${HOME}/.config/{Claude,Other}/local-agent-mode-sessions",
        "bash -c 'rm -rf ~/.config/Claude/local-agent-*'",
        "find ~/.config/Claude/local-agent-mode-sessions -mindepth 1 -maxdepth 1 -type d -mtime +7 -exec rm -rf {} +",
        "Remove-Item -Recurse -Force $env:USERPROFILE\\.config\\Claude\\local-agent-mode-sessions",
        "rm -rf ~",
    ] {
        let lost = home.lost(command);
        assert!(both.iter().all(|b| lost.iter().any(|l| l == b)), "{command}: {lost:?}");
    }
    let one = format!("rm -rf ~/{SESSIONS}/local_22222222-0000-4000-8000-000000000002");
    assert_eq!(home.lost(&one), ["Notes"]);
    assert!(home.lost("ls -la ~/.config/Claude").is_empty());
}

#[test]
fn a_menu_item_is_known_by_its_words_and_told_with_its_safe_form() {
    let home = Home::new();
    let (understood, loss) = home.read("Reset Application Data");
    assert_eq!((understood.advice[0].id, loss.sessions.iter().filter(|l| l.all_of_it).count()), ("reset-application-data", 2));
    let (understood, loss) = home.read("archive the session");
    assert_eq!((understood.advice[0].effect, loss.only_copy.files), (Effect::Nothing, 0));
    let (understood, _) = home.read("Delete Cowork VM Sessions and Restart");
    assert_eq!(understood.advice[0].id, "delete-vm-sessions");
}

#[test]
fn deleting_the_root_file_system_of_the_vm_costs_nothing_and_the_sessions_disk_does() {
    let home = Home::new();
    let (_, loss) = home.read("rm ~/.config/Claude/vm_bundles/claudevm.bundle/rootfs.*");
    assert_eq!((loss.only_copy.files, loss.there.of(Class::Rebuildable).files), (0, 1));
    let (understood, loss) = home.read("rm -rf ~/.config/Claude/vm_bundles");
    assert_eq!((loss.only_copy.files, loss.only_copy.bytes), (1, 4));
    assert!(understood.advice.iter().any(|a| a.id == "remove-vm-bundles"));
}

#[test]
fn what_is_not_understood_and_what_is_not_there_is_said_and_nothing_is_run() {
    let home = Home::new();
    let (understood, _) = home.read("make clean");
    assert_eq!(understood.unknown, ["make clean"]);
    let (understood, loss) = home.read("rm -rf ~/nowhere");
    assert_eq!((understood.missing, loss.only_copy.files), (vec!["~/nowhere".to_owned()], 0));
    let (understood, _) = home.read("ls | xargs rm");
    assert_eq!(understood.unknown.len(), 1);
    home.put("mine/letter.txt", "x");
    assert_eq!(home.read("rm -r ~/mine").1.outside, [home.dir.path().join("mine")]);
    assert!(home.dir.path().join("mine/letter.txt").exists());
}

#[test]
fn every_piece_of_advice_has_an_id_of_its_own_and_says_what_to_do_instead() {
    let ids: std::collections::BTreeSet<_> = ADVICE.iter().map(|a| a.id).collect();
    assert_eq!(ids.len(), ADVICE.len());
    assert!(ADVICE.iter().all(|a| !a.does.is_empty() && !a.safe.is_empty()));
}

#[test]
fn the_page_on_troubleshooting_says_what_the_table_says() {
    let page = include_str!("../../TROUBLESHOOTING.md");
    let lines: Vec<&str> = page.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| advice")).collect();
    let wanted: Vec<String> = ADVICE.iter().map(|a| format!("| {} | {} | {} |", a.title, a.does, a.safe)).collect();
    assert_eq!(lines, wanted);
}
