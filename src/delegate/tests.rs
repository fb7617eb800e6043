//! Programs that stand for the tools' own.
#![cfg(unix)]

use super::*;
use crate::model::{Catalog, Quiet, SessionIx};
use crate::scan;
use crate::vault;
use crate::world::World;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const ID: &str = "01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf";
const CHILD: &str = "01a1ffc5-2c99-7140-87a9-370ad42ea446";
const CHAT: &str = "59f00784-29bb-4708-9f39-1fabdb4e37b0";
const OTHER: &str = "870ef034-04a8-4708-9f39-1fabdb4e37b0";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.rollout(ID, "");
        home.rollout(CHILD, &format!(",\"parent_thread_id\":\"{ID}\""));
        home.chat(CHAT);
        home.chat(OTHER);
        fs::create_dir_all(home.at("project")).unwrap();
        home.write(".gemini/tmp/a/.project_root", home.at("project").to_str().unwrap());
        home
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let then = SystemTime::now() - Duration::from_hours(24 * 100);
        File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
        path
    }

    fn rollout(&self, id: &str, more: &str) -> PathBuf {
        let meta = format!(
            "{{\"timestamp\":\"2026-07-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{{\"id\":\"{id}\",\"cwd\":\"/u\"{more}}}}}\n"
        );
        self.write(&format!(".codex/sessions/2026/07/01/rollout-2026-07-01T10-00-00-{id}.jsonl"), &meta)
    }

    fn chat(&self, id: &str) -> PathBuf {
        self.write(&format!(".gemini/tmp/a/tool-outputs/session-{id}/out.txt"), "full");
        let line = format!("{{\"sessionId\":\"{id}\",\"startTime\":\"2026-07-01T10:00:00Z\",\"kind\":\"main\"}}\n");
        self.write(&format!(".gemini/tmp/a/chats/session-2026-07-01T10-00-{}.jsonl", &id[..8]), &line)
    }

    /// Puts a program on the path.
    fn program(&self, name: &str, script: &str) {
        let path = self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn world(&self) -> World {
        let path = format!("{}:/usr/bin:/bin", self.at("bin").display());
        World::at(self.0.path(), BTreeMap::from([("PATH".into(), path.into())]))
    }

    fn scan(&self) -> Catalog {
        scan::run(&self.world(), scan::Options::default())
    }

    fn delete(&self, id: &str) -> crate::model::Receipt {
        let catalog = self.scan();
        let ix = session(&catalog, id);
        delete(&self.world(), &catalog, &[ix], false, &Quiet).unwrap()
    }

    /// Every file of the stores, with its bytes and time.
    fn files(&self) -> BTreeMap<PathBuf, (Vec<u8>, i64)> {
        let roots = [".codex", ".gemini"].map(|r| self.at(r));
        let all = links::files(roots.iter().map(PathBuf::as_path));
        let told = |p: &Path| (fs::read(p).unwrap(), crate::platform::facts(p).unwrap().mtime_ns);
        all.into_iter().map(|p| (p.clone(), told(&p))).collect()
    }
}

fn session(catalog: &Catalog, id: &str) -> SessionIx {
    SessionIx::at(catalog.sessions.iter().position(|s| s.id == id).unwrap())
}

const DELETES: &str = "[ \"$1 $2\" = 'delete --force' ] && find \"$CODEX_HOME/sessions\" -name \"*$3*\" -type f -exec rm {} +";
const ARCHIVES: &str =
    "mkdir -p \"$CODEX_HOME/archived_sessions\"; mv \"$CODEX_HOME\"/sessions/*/*/*/*$2* \"$CODEX_HOME/archived_sessions/\"";
const CHATS: &str =
    "test \"$PWD\" = \"$(cat \"$GEMINI_CLI_HOME/.gemini/tmp/a/.project_root\")\" || exit 3; cd \"$GEMINI_CLI_HOME/.gemini/tmp/a\"";

#[test]
fn codex_archives_by_its_own_command_and_it_is_looked_at_afterwards() {
    let home = Home::new();
    home.program("codex", ARCHIVES);
    let root = home.at(".codex");
    let done = archive(&home.world(), &root, &[CHILD.into()], true, false).unwrap();
    assert_eq!((done.moved, done.failed.len()), (1, 0), "{done:?}");
    assert!(home.scan().sessions.iter().any(|s| s.id == CHILD && s.archived));
    let again = archive(&home.world(), &root, &[CHILD.into()], true, false).unwrap();
    assert_eq!((again.moved, again.skipped.len()), (0, 1));
    home.program("codex", "echo done");
    let lies = archive(&home.world(), &root, &[ID.into()], true, false).unwrap();
    assert_eq!((lies.moved, lies.failed.len()), (0, 1), "what it says is not believed: {lies:?}");
}

#[test]
fn without_the_program_nothing_is_done_by_halves() {
    let home = Home::new();
    let was = home.files();
    let told = archive(&home.world(), &home.at(".codex"), &[ID.into()], true, false).unwrap_err();
    assert!(told.exit_code() == 3 && told.to_string().contains("not installed"), "{told}");
    let catalog = home.scan();
    assert!(delete(&home.world(), &catalog, &[session(&catalog, ID)], false, &Quiet).is_err());
    assert_eq!(home.files(), was);
}

#[test]
fn a_deleted_session_goes_with_its_sub_agents_and_comes_back_with_undo_to_the_nanosecond() {
    let home = Home::new();
    home.program("codex", DELETES);
    let was = home.files();
    let done = home.delete(ID);
    assert_eq!((done.moved, done.failed.len(), done.skipped.len()), (2, 0, 0), "{done:?}");
    assert!(!home.scan().sessions.iter().any(|s| s.id == ID || s.id == CHILD));
    let left: Vec<PathBuf> = home.files().into_keys().filter(|p| p.to_string_lossy().contains("lifeboat")).collect();
    assert!(left.is_empty(), "{left:?}");
    vault::undo(&home.world(), Some(&done.operation), false, &Quiet).unwrap();
    assert_eq!(home.files(), was);
}

#[test]
fn where_the_tool_does_not_delete_or_says_that_it_failed_everything_is_as_it_was() {
    let home = Home::new();
    let was = home.files();
    for script in ["exit 0", "exit 1", &format!("{DELETES}; exit 1"), "rm -rf \"$CODEX_HOME\"/sessions/*/*/*/*$3*; exit 7"] {
        home.program("codex", script);
        let done = home.delete(ID);
        assert_eq!((done.moved, done.failed.len()), (0, 1), "{script}: {done:?}");
        assert_eq!(home.files(), was, "{script}");
    }
}

#[test]
fn gemini_deletes_in_the_projects_folder_with_all_that_belongs_to_the_session() {
    let home = Home::new();
    home.program("gemini", &format!("{CHATS} && rm chats/*-${{2%%-*}}.jsonl"));
    let was = home.files();
    let done = home.delete(CHAT);
    assert_eq!((done.moved, done.failed.len()), (2, 0), "{done:?}");
    let left = home.files();
    assert!(!left.keys().any(|p| p.to_string_lossy().contains(&CHAT[..8])), "{:?}", left.keys());
    assert!(left.keys().any(|p| p.to_string_lossy().contains(&OTHER[..8])));
    vault::undo(&home.world(), Some(&done.operation), false, &Quiet).unwrap();
    assert_eq!(home.files(), was);
}

#[test]
fn what_gemini_sweeps_besides_is_put_back() {
    let home = Home::new();
    home.program("gemini", &format!("{CHATS} && rm -r chats/*.jsonl tool-outputs"));
    let was = home.files();
    let done = home.delete(CHAT);
    assert_eq!((done.moved, done.failed.len()), (2, 0), "{done:?}");
    assert!(done.notes.iter().any(|n| n.contains("swept other sessions")), "{:?}", done.notes);
    let left = home.files();
    let others = was.iter().filter(|(path, _)| !path.to_string_lossy().contains(&CHAT[..8]));
    for (path, told) in others {
        assert_eq!(left.get(path), Some(told), "{}", path.display());
    }
}

#[test]
fn a_session_in_use_or_with_a_branch_elsewhere_stays() {
    let home = Home::new();
    home.program("codex", DELETES);
    let lock = home.write(&format!(".codex/thread-writer-locks/{CHILD}.lock"), "");
    let held = File::open(lock).unwrap();
    held.lock().unwrap();
    let done = home.delete(ID);
    assert!(done.moved == 0 && done.skipped[0].reason.starts_with("in use"), "a sub-agent of it is written: {done:?}");
    held.unlock().unwrap();
    home.rollout("01a1ffc5-4121-7573-be60-e8321a440923", &format!(",\"forked_from_id\":\"{ID}\""));
    let done = home.delete(ID);
    assert!(done.moved == 0 && done.skipped[0].reason.contains("is a branch of it"), "{done:?}");
}

#[test]
fn a_program_that_never_ends_is_ended() {
    let home = Home::new();
    home.program("codex", "echo begun; exec sleep 600");
    let program = program::find(&home.world(), "codex").unwrap();
    let began = std::time::Instant::now();
    let ran = program::run_within(&home.world(), &program, home.0.path(), (&["x"], &[]), Duration::from_millis(300)).unwrap();
    assert!(!ran.well && ran.said.starts_with("it did not end") && began.elapsed() < Duration::from_secs(30));
}
