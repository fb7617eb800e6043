//! Packing and unpacking in small homes.

use super::*;
use crate::model::{Catalog, Class, Quiet, SessionIx};
use crate::scan;
use crate::vault::{self, PurgeWhat, own};
use crate::world::World;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const CODEX: &str = ".codex/sessions/2026/07/01/rollout-2026-07-01T12-00-00-01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf.jsonl";
const GEMINI: &str = ".gemini/tmp/a/chats/session-2026-07-01T10-00-59f00784.jsonl";
const ID: &str = "59f00784-29bb-4708-9f39-1fabdb4e37b0";

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A home with an old session of each tool.
    fn with_both() -> Self {
        let home = Self::new();
        home.write(CODEX, codex());
        home.write(GEMINI, gemini());
        home
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a file that changed a hundred days ago.
    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let then = SystemTime::now() - Duration::from_hours(24 * 100);
        File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    }

    fn world(&self) -> World {
        World::at(self.0.path(), BTreeMap::new())
    }

    fn scan(&self) -> Catalog {
        scan::run(&self.world(), scan::Options::default())
    }

    fn chosen(&self, catalog: &Catalog, older_than: Duration) -> Pack {
        let sessions = (0..catalog.sessions.len()).map(SessionIx::at).collect();
        let mut pack = choose(&self.world(), catalog, &Choice { sessions, older_than, min_size: 0 });
        measure(catalog, &mut pack, &Quiet);
        pack
    }

    fn pack(&self) -> Done {
        let catalog = self.scan();
        carry_out(&self.world(), &catalog, &self.chosen(&catalog, CUT), &Quiet).unwrap()
    }

    fn unpack_all(&self) -> Unpacked {
        unpack(&self.world(), &|_| true, &Quiet).unwrap()
    }
}

fn lines(first: &str) -> String {
    let line = "{\"timestamp\":\"2026-07-01T10:00:00Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\",\"info\":null}}\n";
    format!("{first}\n{}", line.repeat(500))
}

fn codex() -> String {
    lines("{\"timestamp\":\"2026-07-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{\"cwd\":\"/u/project\"}}")
}

fn gemini() -> String {
    lines(&format!("{{\"sessionId\":\"{ID}\",\"startTime\":\"2026-07-01T10:00:00Z\",\"kind\":\"main\"}}"))
}

fn state(path: &Path) -> (Vec<u8>, SystemTime, fs::Permissions) {
    let meta = fs::symlink_metadata(path).unwrap();
    (fs::read(path).unwrap(), meta.modified().unwrap(), meta.permissions())
}

fn zst(path: &Path) -> PathBuf {
    crate::classify::packed::beside(path)
}

#[test]
fn a_rollout_is_packed_beside_with_its_time_and_unpacked_byte_for_byte() {
    let home = Home::with_both();
    let path = home.at(CODEX);
    let was = state(&path);
    let done = home.pack();
    assert_eq!((done.receipt.moved, done.receipt.failed.len()), (2, 0), "{done:?}");
    assert!(!path.exists());
    let copy = state(&zst(&path));
    assert_eq!(zstd::decode_all(&*copy.0).unwrap(), was.0);
    assert_eq!((copy.1, copy.2), (was.1, was.2.clone()));
    assert!(done.gain > 0 && done.packed_bytes > 0 && done.receipt.bytes > 8 * done.packed_bytes, "{done:?}");
    let session = home.scan().sessions.into_iter().find(|s| s.record == Some(zst(&path))).unwrap();
    assert_eq!(session.folders, [PathBuf::from("/u/project")], "the session is still there");
    assert_eq!(home.unpack_all().files, 2);
    assert_eq!(state(&path), was);
    assert!(!zst(&path).exists(), "its packed copy is of no use any more");
}

#[test]
fn a_conversation_its_tool_cannot_read_packed_is_kept_by_us_and_comes_back_byte_for_byte_also_after_a_purge() {
    let home = Home::with_both();
    let path = home.at(GEMINI);
    let was = state(&path);
    home.pack();
    assert!(!path.exists() && !zst(&path).exists());
    vault::purge(&home.world(), &PurgeWhat::All, false, &Quiet).unwrap();
    assert!(own::discard_tree(path.parent().unwrap()).is_empty());
    let kept = packed(&home.world()).unwrap();
    assert!(kept.iter().any(|p| p.path == path && p.packed.starts_with(home.world().packed_dir()) && p.session == ID));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let copy = kept.iter().find(|p| p.path == path).unwrap();
        assert_eq!(fs::symlink_metadata(&copy.packed).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let done = home.unpack_all();
    assert_eq!((done.files, done.failed.len()), (2, 0), "{done:?}");
    assert_eq!(state(&path), was);
    assert!(packed(&home.world()).unwrap().is_empty());
}

#[test]
fn an_undo_brings_the_originals_back_and_the_packed_copies_go() {
    let home = Home::with_both();
    let was = [CODEX, GEMINI].map(|p| state(&home.at(p)));
    home.pack();
    assert_eq!(vault::undo(&home.world(), None, false, &Quiet).unwrap().moved, 2);
    assert_eq!(settle(&home.world()).unwrap(), 2);
    assert_eq!([CODEX, GEMINI].map(|p| state(&home.at(p))), was);
    assert!(!zst(&home.at(CODEX)).exists() && packed(&home.world()).unwrap().is_empty());
}

#[test]
fn nothing_new_or_in_use_is_packed_and_each_is_named() {
    let home = Home::with_both();
    let lock = ".codex/thread-writer-locks/01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf.lock";
    home.write(lock, "");
    let held = File::open(home.at(lock)).unwrap();
    held.lock().unwrap();
    let text = gemini().replace("2026-07-01", &home.world().now().strftime("%Y-%m-%d").to_string());
    home.write(GEMINI, text);
    let catalog = home.scan();
    let pack = home.chosen(&catalog, CUT);
    assert!(pack.items.is_empty(), "{pack:?}");
    let why: Vec<&str> = pack.skipped.iter().map(|s| s.reason.as_str()).collect();
    assert!(why.iter().any(|w| w.starts_with("in use")) && why.iter().any(|w| w.contains("active within 30 days")), "{why:?}");
}

#[test]
fn a_file_that_changed_lately_is_not_packed_whatever_its_lines_say() {
    let home = Home::new();
    home.write(CODEX, codex());
    let now = SystemTime::now() - Duration::from_hours(2);
    File::options().write(true).open(home.at(CODEX)).unwrap().set_modified(now).unwrap();
    let catalog = home.scan();
    assert!(home.chosen(&catalog, CUT).items.is_empty());
}

#[test]
fn a_conversation_that_goes_on_between_plan_and_deed_stays_whole_and_leaves_no_copy() {
    let home = Home::new();
    home.write(CODEX, codex());
    let catalog = home.scan();
    let pack = home.chosen(&catalog, CUT);
    assert_eq!(pack.items.len(), 1);
    let longer = codex() + "{\"more\":1}\n";
    home.write(CODEX, &longer);
    let done = carry_out(&home.world(), &catalog, &pack, &Quiet).unwrap();
    assert_eq!(done.receipt.moved, 0, "{done:?}");
    assert_eq!(fs::read_to_string(home.at(CODEX)).unwrap(), longer);
    assert!(!zst(&home.at(CODEX)).exists() && packed(&home.world()).unwrap().is_empty());
}

#[test]
fn what_codex_unpacked_itself_to_go_on_is_packed_no_more() {
    let home = Home::new();
    home.write(CODEX, codex());
    home.pack();
    home.write(CODEX, codex() + "{\"more\":1}\n");
    own::discard(&zst(&home.at(CODEX)));
    let done = home.unpack_all();
    assert_eq!((done.files, done.skipped.len(), done.failed.len()), (0, 0, 0), "{done:?}");
    assert!(packed(&home.world()).unwrap().is_empty());
}

#[test]
fn what_is_in_the_way_is_never_overwritten() {
    let home = Home::new();
    home.write(CODEX, codex());
    home.write(&format!("{CODEX}.zst"), "somebody's");
    let done = home.pack();
    assert_eq!((done.receipt.moved, done.receipt.failed.len()), (0, 1), "{done:?}");
    assert_eq!(fs::read(zst(&home.at(CODEX))).unwrap(), b"somebody's");
    let home = Home::new();
    home.write(CODEX, codex());
    home.pack();
    home.write(CODEX, "new");
    let done = home.unpack_all();
    assert_eq!((done.files, done.skipped.len()), (0, 1));
    assert_eq!(fs::read(home.at(CODEX)).unwrap(), b"new");
    assert!(zst(&home.at(CODEX)).exists(), "the only copy of what was packed stays");
}

#[test]
fn a_packed_copy_the_tool_made_itself_is_used_and_stays_when_it_comes_back() {
    let home = Home::new();
    home.write(CODEX, codex());
    home.write(&format!("{CODEX}.zst"), zstd::encode_all(codex().as_bytes(), 1).unwrap());
    let theirs = fs::read(zst(&home.at(CODEX))).unwrap();
    let done = home.pack();
    assert_eq!((done.receipt.moved, done.receipt.failed.len()), (1, 0), "{done:?}");
    assert_eq!(fs::read(zst(&home.at(CODEX))).unwrap(), theirs);
    vault::undo(&home.world(), None, false, &Quiet).unwrap();
    settle(&home.world()).unwrap();
    assert!(home.at(CODEX).exists() && fs::read(zst(&home.at(CODEX))).unwrap() == theirs);
}

#[test]
fn a_packed_copy_that_was_damaged_is_told_and_nothing_false_comes_back() {
    let home = Home::new();
    home.write(GEMINI, gemini());
    home.pack();
    let copy = packed(&home.world()).unwrap().remove(0).packed;
    let mut bytes = fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&copy, bytes).unwrap();
    let done = home.unpack_all();
    assert_eq!((done.files, done.failed.len()), (0, 1), "{done:?}");
    assert!(!home.at(GEMINI).exists() && copy.exists());
    let left = fs::read_dir(home.at(GEMINI).parent().unwrap()).unwrap().count();
    assert_eq!(left, 0, "nothing half made is left");
}

#[test]
fn a_link_that_stands_where_a_folder_was_is_not_followed_when_unpacking() {
    let home = Home::new();
    home.write(GEMINI, gemini());
    home.pack();
    #[cfg(unix)]
    {
        let chats = home.at(".gemini/tmp/a/chats");
        assert!(own::discard_tree(&chats).is_empty());
        fs::create_dir(home.at("elsewhere")).unwrap();
        std::os::unix::fs::symlink(home.at("elsewhere"), &chats).unwrap();
        let done = home.unpack_all();
        assert_eq!((done.files, done.failed.len()), (0, 1), "{done:?}");
        assert_eq!(fs::read_dir(home.at("elsewhere")).unwrap().count(), 0);
    }
}

#[test]
fn small_files_and_those_that_gain_nothing_are_left_alone() {
    let home = Home::new();
    home.write(CODEX, &codex()[..500]);
    let mut noise = vec![0_u8; 64 << 10];
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"noise").finalize_xof().fill(&mut noise);
    home.write(GEMINI, noise);
    let catalog = home.scan();
    let pack = home.chosen(&catalog, CUT);
    assert!(pack.items.is_empty(), "{pack:?}");
    assert_eq!(pack.skipped.iter().map(|s| s.reason.as_str()).collect::<Vec<_>>(), ["packing gains less than a tenth"]);
}

#[test]
fn the_copies_of_a_pack_that_was_killed_are_found_and_dropped_by_the_next() {
    let home = Home::new();
    home.write(CODEX, codex());
    let catalog = home.scan();
    let pack = home.chosen(&catalog, CUT);
    let fresh = make::make(&home.world(), &catalog, &pack.items[0]).unwrap();
    assert!(fresh.partial.exists(), "killed here: without a name");
    let mut register = register::Register::open(&home.world()).unwrap();
    register.add(fresh.entry.clone()).unwrap();
    drop(register);
    own::succeed(&fresh.partial, &fresh.entry.packed).unwrap();
    assert!(zst(&home.at(CODEX)).exists(), "killed here: named, and nothing moved");
    let done = home.pack();
    assert_eq!((done.receipt.moved, done.receipt.failed.len()), (1, 0), "{done:?}");
    assert_eq!(home.scan().errors.len(), 0);
    assert_eq!(home.unpack_all().files, 1);
    assert_eq!(fs::read_to_string(home.at(CODEX)).unwrap(), codex());
}

#[test]
fn a_packed_conversation_is_at_risk_and_never_called_anything_else() {
    let home = Home::new();
    home.write(CODEX, codex());
    home.pack();
    let catalog = home.scan();
    let copy = catalog.find(&zst(&home.at(CODEX))).unwrap();
    assert_eq!(catalog.node(copy).class, Class::AtRisk);
}
