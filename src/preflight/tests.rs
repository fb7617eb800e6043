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
        let understood = understand(&self.world, None, text, &roots);
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
fn the_page_on_troubleshooting_says_what_the_tables_say() {
    let page = include_str!("../../TROUBLESHOOTING.md");
    let lines: Vec<&str> = page.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| advice") && !l.starts_with("| step")).collect();
    let advice = ADVICE.iter().map(|a| format!("| {} | {} | {} |", a.title, a.does, a.safe));
    let steps = TROUBLES.iter().flat_map(|t| t.ladder.iter().enumerate());
    let steps = steps.map(|(n, step)| format!("| {} | {} | {} |", n + 1, step.does, removed(step)));
    assert_eq!(lines, advice.chain(steps).collect::<Vec<_>>());
    for trouble in TROUBLES {
        assert!(page.contains(&format!("### {}\n\n{}\n", trouble.title, sentence(trouble.means))), "{}", trouble.id);
    }
}

/// What a step removes, in a word.
fn removed(step: &Step) -> &'static str {
    match step.removes.first() {
        None => "nothing",
        Some(first) if first.contains("sessiondata") => "what sessions keep only inside the virtual machine",
        Some(_) => "what comes back by itself",
    }
}

fn sentence(text: &str) -> String {
    format!("{}{}.", text[..1].to_uppercase(), &text[1..])
}

#[test]
fn an_error_text_leads_to_a_way_out_whose_every_step_costs_what_it_says_the_least_first() {
    let home = Home::new();
    for (text, id) in [
        ("Error: Claude Code process exited with code 1", "exited-with-code-1"),
        ("Failed to create bridge sockets after 3 attempts", "bridge-sockets"),
        ("useradd: cannot create directory /sessions/calm-quiet-gauss", "machine-disk-full"),
        ("RPC error: useradd failed: ENOSPC", "machine-disk-full"),
    ] {
        let (understood, loss) = home.read(text);
        let trouble = understood.trouble.unwrap();
        assert_eq!((trouble.id, loss.there.all().files, understood.unknown.len()), (id, 0, 0));
        let catalog = scan::run(&home.world, scan::Options::default());
        let roots: Vec<_> = catalog.stores.iter().map(|s| (s.name, s.root.clone())).collect();
        let costs = |step: &Step| super::loss(&catalog, &step.places(&roots), &|_| Marked::default()).only_copy.bytes;
        let costs: Vec<u64> = trouble.ladder.iter().map(costs).collect();
        assert!(costs.is_sorted() && costs.last() == Some(&4), "{id}: {costs:?}");
        let kept = trouble.ladder.iter().position(|step| step.does.contains("lifeboat backup"));
        let first = trouble.ladder.iter().position(|step| !step.removes.is_empty());
        assert!(kept < first, "what is at risk is kept before anything goes");
    }
}

/// A home with everything that the advice in circulation is about.
fn whole_home() -> Home {
    let home = Home::new();
    let ud = ".config/Claude";
    let bundle = format!("{ud}/vm_bundles/claudevm.bundle");
    for name in ["rootfs.img.zst", ".rootfs.img.origin", "efivars.fd", ".auto_reinstall_attempted"] {
        home.put(&format!("{bundle}/{name}"), name);
    }
    home.put(&format!("{ud}/vm_bundles/warm/{}/rootfs.img.zst", "ab".repeat(32)), "next");
    for cache in ["Cache/Cache_Data/data_0", "Code Cache/js/index", "GPUCache/data_1", "DawnGraphiteCache/data_0"] {
        home.put(&format!("{ud}/{cache}"), "cached");
    }
    for state in ["Session Storage/000003.log", "IndexedDB/https_claude.ai_0.indexeddb.leveldb/000003.log", "Local Storage/leveldb/LOCK"] {
        home.put(&format!("{ud}/{state}"), "state");
    }
    home.put(&format!("{ud}/claude_desktop_config.json"), "{}");
    home.put(&format!("{ud}/claude-code/2.1.1/claude"), "program");
    home.put(&format!("{SESSIONS}/scheduled-tasks.json"), "[]");
    home.put(".claude/settings.json", "{}");
    home.put(".claude/projects/-x/11111111-0000-4000-8000-000000000009.jsonl", "{\"type\":\"user\"}\n");
    home.put(".claude/projects/-x/memory/MEMORY.md", "mine");
    home.put(".codex/sessions/2026/01/01/rollout-2026-01-01T00-00-00-11111111-0000-4000-8000-000000000003.jsonl", "{}\n");
    home.put(".gemini/tmp/x/chats/session-2026-01-01T00-00-1234abcd.jsonl", "{}\n");
    let database = home.dir.path().join(".local/share/opencode/opencode.db");
    std::fs::create_dir_all(database.parent().unwrap()).unwrap();
    rusqlite::Connection::open(database)
        .unwrap()
        .execute_batch(
            "CREATE TABLE session(id text PRIMARY KEY, project_id text, parent_id text, slug text, directory text, title text, version text,
                time_created integer, time_updated integer, time_archived integer);
             CREATE TABLE message(id text PRIMARY KEY, session_id text, time_created integer, time_updated integer, data text);
             CREATE TABLE part(id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text);
             INSERT INTO session VALUES('ses_aaaaaaaa1','p',NULL,'s','/gone','One','1.18.33',1,2,NULL);
             INSERT INTO message VALUES('msg_1','ses_aaaaaaaa1',1,1,'{}');
             INSERT INTO part VALUES('prt_1','msg_1','ses_aaaaaaaa1',1,1,printf('%.*c',3000,'x'));",
        )
        .unwrap();
    // Flushed: a name of the same file in the user's own folder.
    home.put("Documents/Reports/report.md", "the report of the quarter");
    let output = format!("{SESSIONS}/local_11111111-0000-4000-8000-000000000001/outputs/report.md");
    std::fs::hard_link(home.dir.path().join("Documents/Reports/report.md"), home.dir.path().join(output)).unwrap();
    home
}

/// Files below a folder and their bytes, names of one file once.
fn files(top: &std::path::Path) -> BTreeMap<PathBuf, u64> {
    let all = walkdir::WalkDir::new(top).into_iter().map(Result::unwrap).filter(|e| !e.file_type().is_dir());
    all.map(|e| (e.path().strip_prefix(top).unwrap().to_path_buf(), e.metadata().unwrap().len())).collect()
}

fn copy(from: &std::path::Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let done = std::process::Command::new("cp").arg("-a").arg(from.join(".")).arg(to.path()).status().unwrap();
    assert!(done.success());
    to
}

/// What the menu items remove, as people who lost it told (see each piece of advice), below the app's data folder.
const MENUS: &[(&str, &str, &[&str])] = &[
    ("Reset Application Data", "reset-application-data", &[""]),
    (
        "Delete Cowork VM Sessions and Restart",
        "delete-vm-sessions",
        &["local-agent-mode-sessions", "vm_bundles/claudevm.bundle/sessiondata.img"],
    ),
    ("Delete Cowork VM Bundle and Restart", "delete-vm-bundle", &["vm_bundles"]),
    ("Uninstall Claude", "uninstall", &[""]),
    ("reset the app in Windows settings", "reset-package", &[""]),
    ("clear the cache", "clear-cache", &["Cache", "Code Cache", "GPUCache", "DawnGraphiteCache"]),
    ("clear IndexedDB and Local Storage", "clear-ui-state", &["Session Storage", "IndexedDB", "Local Storage"]),
    ("archive the session", "archive", &[]),
    ("raise cleanupPeriodDays to 3650", "raise-cleanup-period", &[]),
];

/// Commands as they go round; each is run, in a copy of the home.
const COMMANDS: &[(&str, Option<&str>)] = &[
    ("rm -f ~/.config/Claude/vm_bundles/claudevm.bundle/rootfs.*", Some("remove-rootfs")),
    ("rm -rf ~/.config/Claude/vm_bundles/warm ~/.config/Claude/claude-code/2.1.1", Some("remove-warm-and-old-programs")),
    ("rm -rf ~/.config/Claude/vm_bundles", Some("remove-vm-bundles")),
    ("rm -rf \"$HOME\"/.config/Claude/vm_bundles/claudevm.bundle", Some("remove-sessiondata")),
    ("rm ~/.config/Claude/vm_bundles/claudevm.bundle/sessiondata.img", Some("remove-sessiondata")),
    ("rm -rf ~/.config/Claude/local-agent-mode-sessions", Some("remove-sessions-folder")),
    ("cd ~/.config/Claude && rm -rf local-agent-mode-sessions/*", None),
    ("rm -rf ~/.config/Claude", Some("remove-app-data")),
    ("rm -rf ~/.config/Claude/Cache ~/.config/Claude/'Code Cache' ~/.config/Claude/GPUCache ~/.config/Claude/Dawn*", None),
    ("rm -rf ~/.config/Claude/'Session Storage' ~/.config/Claude/IndexedDB ~/.config/Claude/'Local Storage'", Some("clear-ui-state")),
    ("rm -f ~/.config/Claude/vm_bundles/claudevm.bundle/.auto_reinstall_attempted", Some("remove-reinstall-marker")),
    ("rm -rf ~/.claude", Some("remove-claude-code")),
    ("rm -rf ~/.local/share/opencode", Some("remove-opencode")),
    ("rm -rf ~/.codex", Some("remove-codex")),
    ("rm -rf ~/.gemini", Some("remove-gemini")),
    ("find ~/.config/Claude/vm_bundles -name '*' -delete", None),
    ("rm -rf ~/.config ~/Documents", None),
];

/// Compares what was told with what is gone from a copy.
fn measured(home: &Home, what: &str, act: &dyn Fn(&std::path::Path)) -> (Understood, Loss) {
    let before = files(home.dir.path());
    let (understood, loss) = home.read(what);
    let other = copy(home.dir.path());
    act(other.path());
    let after = files(other.path());
    let gone: BTreeMap<&PathBuf, u64> = before.iter().filter(|(path, _)| !after.contains_key(*path)).map(|(p, n)| (p, *n)).collect();
    let catalog = scan::run(&home.world, scan::Options::default());
    let inside = |path: &std::path::Path| gone.keys().any(|p| home.dir.path().join(p).starts_with(path));
    // What stands inside of a database goes with it, and is told by itself.
    let stores: Vec<PathBuf> = catalog.stores.iter().map(|s| s.root.clone()).collect();
    let of_stores: u64 =
        gone.iter().filter(|(p, _)| stores.iter().any(|root| home.dir.path().join(p).starts_with(root))).map(|(_, n)| n).sum();
    assert_eq!(loss.there.all().bytes, of_stores, "{what}");
    // What is said to exist elsewhere does: its bytes are still in the copy; what is said to be gone for good is not.
    let left: std::collections::BTreeSet<Vec<u8>> = after.keys().map(|p| std::fs::read(other.path().join(p)).unwrap()).collect();
    for row in catalog.all_rows().filter(|row| inside(&catalog.path(row.id)) && row.class == Class::Flushed) {
        let held = left.contains(&std::fs::read(catalog.path(row.id)).unwrap());
        assert_eq!(held, loss.there.of(Class::Flushed).files > 0, "{what}: {}", catalog.path(row.id).display());
    }
    let rebuildable: u64 = loss.there.of(Class::Rebuildable).bytes;
    let at_risk = catalog.all_rows().filter(|row| inside(&catalog.path(row.id)) && row.class == Class::Rebuildable);
    assert_eq!(rebuildable, at_risk.map(|row| row.tally.bytes).sum::<u64>(), "{what}");
    (understood, loss)
}

#[test]
#[cfg(unix)]
fn every_piece_of_advice_costs_what_is_told_measured_by_doing_it_to_a_copy() {
    let home = whole_home();
    let mut tried = std::collections::BTreeSet::new();
    for (menu, id, removes) in MENUS {
        let act = |copy: &std::path::Path| {
            for name in *removes {
                let place = copy.join(".config/Claude").join(name);
                if place.is_dir() { std::fs::remove_dir_all(place).unwrap() } else { std::fs::remove_file(place).unwrap() }
            }
        };
        let (understood, _) = measured(&home, menu, &act);
        assert_eq!(understood.advice.iter().map(|a| a.id).collect::<Vec<_>>(), [*id], "{menu}");
        tried.insert(*id);
    }
    for (command, id) in COMMANDS {
        let act = |copy: &std::path::Path| {
            let mut shell = std::process::Command::new("sh");
            let ran = shell.args(["-c", command]).env_clear().env("HOME", copy).env("PATH", "/usr/bin:/bin").current_dir(copy).status();
            assert!(ran.unwrap().success(), "{command}");
        };
        let (understood, _) = measured(&home, command, &act);
        if let Some(id) = id {
            assert!(understood.advice.iter().any(|a| a.id == *id), "{command}: {:?}", understood.advice);
        }
        tried.extend(understood.advice.iter().map(|a| a.id));
    }
    assert_eq!(tried.len(), ADVICE.len(), "{tried:?}");
    // Nothing of it was done to the home itself.
    assert_eq!(home.read("rm -rf ~/nowhere").1, Loss::default());
    assert!(home.dir.path().join(".config/Claude/vm_bundles/claudevm.bundle/sessiondata.img").exists());
}

#[test]
#[cfg(unix)]
fn a_copy_that_goes_with_the_thing_is_no_copy() {
    let home = whole_home();
    let of = |text: &str| home.read(text).1.there.of(Class::Flushed).files;
    assert_eq!((of("rm -rf ~/.config/Claude/local-agent-mode-sessions"), of("rm -rf ~/.config ~/Documents")), (1, 0));
}

#[test]
fn a_path_that_is_not_whole_is_meant_where_one_stands_and_else_below_the_home() {
    let home = Home::new();
    let roots = [("cowork", home.dir.path().join(".config/Claude"))];
    let at = |here: Option<&str>| {
        let here = here.map(|h| home.dir.path().join(h));
        understand(&home.world, here.as_deref(), "rm -rf vm_bundles", &roots).paths
    };
    let bundles = home.dir.path().join(".config/Claude/vm_bundles");
    assert_eq!((at(Some(".config/Claude")), at(None)), (vec![bundles], Vec::new()));
    home.put("vm_bundles/mine", "x");
    assert_eq!((at(Some("Documents")), at(None)), (vec![home.dir.path().join("vm_bundles")], vec![home.dir.path().join("vm_bundles")]));
}
