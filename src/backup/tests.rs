//! What users count on: what goes in comes out the same, damage is told, nothing is overwritten.

mod databases;
#[cfg(unix)]
mod outside;

use super::header::{self, Head};
use super::manifest::{self, Manifest};
use super::*;
#[cfg(unix)]
use crate::model::from_bytes;
use crate::model::{Class, Facts, Kind, Marks, Session, SessionIx, Spot, Store, Verdict, VerdictId};
use crate::platform::Folder;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use tempfile::TempDir;

/// A home with a store at `home/store`, and a catalogue made by a plain walk of it.
struct Home {
    dir: TempDir,
    world: World,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), BTreeMap::new());
        fs::create_dir_all(dir.path().join("store")).unwrap();
        Self { dir, world }
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.store().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn catalog(&self) -> Catalog {
        self.catalog_with(&|_| (Class::AtRisk, Marks::default(), None))
    }

    /// `judge` gives class, marks and session by the path below the store.
    fn catalog_with(&self, judge: Judge<'_>) -> Catalog {
        let mut catalog = Catalog::default();
        for id in ["local_aaaa1111", "local_bbbb2222"] {
            catalog.sessions.push(Session { id: id.into(), ..Session::default() });
        }
        let verdicts: Vec<VerdictId> = Class::ALL.iter().map(|class| catalog.keep(Verdict { class: *class, ..verdict() })).collect();
        let root = self.store();
        let facts = crate::platform::facts(&root).unwrap();
        let id = catalog.add_root(root.clone(), &facts, Spot(0), verdicts[0]);
        catalog.stores.push(Store {
            name: "cowork",
            title: "Claude Cowork",
            root: root.clone(),
            layout: "host-loop".into(),
            notes: vec![],
            live: None,
            node: Some(id),
        });
        walk(&mut catalog, id, &Folder::open(&root).unwrap(), "", &verdicts, judge);
        catalog.settle_links();
        catalog
    }

    fn backup(&self) -> Report {
        self.backup_of(&self.catalog(), &Options::default())
    }

    fn backup_of(&self, catalog: &Catalog, options: &Options) -> Report {
        create(&self.world, catalog, options, &crate::model::Quiet).unwrap()
    }

    fn restore(&self, archive: &Path, target: &Target, session: Option<&str>) -> Restored {
        restore(&self.world, archive, target, session, false, &crate::model::Quiet).unwrap()
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }
}

fn verdict() -> Verdict {
    Verdict::at_risk("test/all", "a test says so")
}

type Judge<'a> = &'a dyn Fn(&str) -> (Class, Marks, Option<usize>);

fn walk(catalog: &mut Catalog, parent: NodeId, folder: &Folder, above: &str, verdicts: &[VerdictId], judge: Judge<'_>) {
    let listed: Vec<(Vec<u8>, Facts)> = folder.list().map(|l| l.unwrap()).map(|l| (l.name, l.facts.unwrap())).collect();
    for (name, facts) in listed {
        let path = format!("{above}{}", String::from_utf8_lossy(&name));
        let (class, marks, session) = judge(&path);
        let id = catalog.add(parent, &name, &facts, Spot(0), verdicts[class as usize], session.map(SessionIx::at), marks);
        if facts.kind == Kind::Dir {
            walk(catalog, id, &folder.folder(&name).unwrap(), &format!("{path}/"), verdicts, judge);
        }
    }
}

fn check(archive: &Path) -> Verified {
    verify(archive, &crate::model::Quiet).unwrap()
}

fn names(failed: &[Failed]) -> Vec<&str> {
    failed.iter().map(|f| f.path.path.as_str()).collect()
}

/// Kind, mode, time and content of everything below a folder, by relative path.
fn picture(root: &Path) -> BTreeMap<PathBuf, String> {
    let facts = |path: &Path| {
        let f = crate::platform::facts(path).unwrap();
        let content = match f.kind {
            Kind::File => format!("{:?}", fs::read(path).unwrap()),
            Kind::Symlink => format!("{:?}", fs::read_link(path).unwrap()),
            _ => String::new(),
        };
        #[cfg(unix)]
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::symlink_metadata(path).unwrap().permissions());
        #[cfg(not(unix))]
        let mode = 0;
        format!("{:?} {mode:o} {} {content}", f.kind, f.mtime_ns)
    };
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .map(|p| (p.strip_prefix(root).unwrap().into(), facts(&p)))
        .collect()
}

/// The part of a second in the times here: NTFS counts in steps of 100 ns.
const NANOS: u32 = if cfg!(windows) { 123_456_700 } else { 123_456_789 };

fn age(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::new(seconds, NANOS);
    let mut how = fs::OpenOptions::new();
    how.read(true);
    // FILE_WRITE_ATTRIBUTES, and FILE_FLAG_BACKUP_SEMANTICS with which folders can be opened.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::custom_flags(std::os::windows::fs::OpenOptionsExt::access_mode(&mut how, 0x100), 0x0200_0000);
    how.open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_tree_comes_back_as_it_was_with_times_modes_empty_folders_and_links() {
    let home = Home::new();
    home.file("a/b/text.txt", "hello");
    home.file("empty.txt", "");
    home.file("big.bin", vec![7; 5 << 20]);
    fs::create_dir_all(home.store().join("a/empty folder")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../nowhere", home.store().join("a/link")).unwrap();
    age(&home.store().join("a/b"), 1_500_000_000);
    age(&home.store(), 1_400_000_000);
    let report = home.backup();
    assert!(report.failed.is_empty() && report.skipped.is_empty());
    assert_eq!(report.bytes, 5 + (5 << 20));
    let verified = check(&report.archive);
    assert!(verified.ok, "{:?}", verified.failed);
    assert_eq!((verified.files, verified.bytes), (report.files, report.bytes));
    let restored = home.restore(&report.archive, &Target::Folder(home.out()), None);
    assert!(restored.failed.is_empty(), "{:?}", restored.failed);
    assert_eq!(restored.files, report.files);
    assert_eq!(picture(&home.out().join("cowork/store")), picture(&home.store()));
}

#[test]
fn zstd_keeps_the_same_promises() {
    let home = Home::new();
    home.file("a.txt", "hello");
    let report = home.backup_of(&home.catalog(), &Options { format: Format::TarZst, ..Options::default() });
    assert!(report.archive.to_string_lossy().ends_with(".tar.zst"));
    assert!(check(&report.archive).ok);
    home.restore(&report.archive, &Target::Folder(home.out()), None);
    assert_eq!(picture(&home.out().join("cowork/store")), picture(&home.store()));
    let whole = fs::read(&report.archive).unwrap();
    for cut in [1, 4, whole.len() / 2, whole.len() - 1] {
        fs::write(&report.archive, &whole[..cut]).unwrap();
        assert!(!check(&report.archive).ok, "cut at {cut}");
    }
}

#[test]
fn rebuildable_things_and_folders_with_nothing_else_stay_out() {
    let home = Home::new();
    home.file("outputs/thesis.txt", "mine");
    home.file("cache/blob", "theirs");
    home.file("mixed/kept", "mine");
    home.file("mixed/node_modules/x.js", "theirs");
    let catalog = home.catalog_with(&|path| {
        let class = if path.starts_with("cache/") || path.contains("node_modules") { Class::Rebuildable } else { Class::AtRisk };
        (class, Marks::default(), None)
    });
    let report = home.backup_of(&catalog, &Options::default());
    home.restore(&report.archive, &Target::Folder(home.out()), None);
    let found: Vec<_> = picture(&home.out().join("cowork/store")).into_keys().collect();
    assert_eq!(found, ["", "mixed", "mixed/kept", "outputs", "outputs/thesis.txt"].map(PathBuf::from));
}

#[test]
fn secrets_stay_out_and_are_named_unless_they_are_asked_for() {
    let home = Home::new();
    let secret = home.file("credentials.json", "token");
    home.file("notes.txt", "mine");
    let catalog =
        home.catalog_with(&|path| (Class::AtRisk, if path == "credentials.json" { Marks::SECRET } else { Marks::default() }, None));
    let without = home.backup_of(&catalog, &Options::default());
    assert_eq!(without.skipped.iter().map(|s| s.path.path.clone()).collect::<Vec<_>>(), [secret.display().to_string()]);
    assert_eq!(without.files, 1);
    let with = home.backup_of(&catalog, &Options { with_secrets: true, ..Options::default() });
    assert_eq!((with.files, with.skipped.len()), (2, 0));
    assert_ne!(with.archive, without.archive, "two backups in one second have two names");
}

#[test]
fn what_is_in_a_cloud_is_named_and_not_opened() {
    let home = Home::new();
    home.file("here.txt", "x");
    home.file("there.txt", "y");
    let catalog = home.catalog_with(&|path| (Class::AtRisk, if path == "there.txt" { Marks::PLACEHOLDER } else { Marks::default() }, None));
    let report = home.backup_of(&catalog, &Options::default());
    assert_eq!((report.files, report.skipped.len()), (1, 1));
}

#[test]
fn a_folder_where_another_file_system_is_mounted_is_named_and_not_entered() {
    let home = Home::new();
    home.file("here.txt", "x");
    home.file("mnt/theirs.txt", "y");
    let catalog = home.catalog_with(&|path| (Class::AtRisk, if path == "mnt" { Marks::MOUNT } else { Marks::default() }, None));
    let report = home.backup_of(&catalog, &Options::default());
    assert_eq!((report.files, report.skipped.len()), (1, 1));
    home.restore(&report.archive, &Target::Folder(home.out()), None);
    assert!(!home.out().join("cowork/store/mnt").exists());
}

#[test]
fn a_file_that_vanished_since_the_scan_is_named_as_failed() {
    let home = Home::new();
    let gone = home.file("gone.txt", "x");
    home.file("kept.txt", "y");
    let catalog = home.catalog();
    fs::remove_file(&gone).unwrap();
    let report = home.backup_of(&catalog, &Options::default());
    assert_eq!(names(&report.failed), [gone.display().to_string()]);
    assert_eq!(report.files, 1);
    assert!(check(&report.archive).ok);
}

#[test]
fn a_folder_that_became_a_link_since_the_scan_is_not_followed() {
    let home = Home::new();
    home.file("dir/a.txt", "x");
    let catalog = home.catalog();
    fs::rename(home.store().join("dir"), home.dir.path().join("elsewhere")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(home.dir.path().join("elsewhere"), home.store().join("dir")).unwrap();
    let report = home.backup_of(&catalog, &Options::default());
    assert_eq!(report.files, 0);
    assert_eq!(report.failed.len(), 2, "{:?}", report.failed);
}

#[test]
fn a_flip_of_any_byte_is_found() {
    let home = Home::new();
    home.file("a.txt", "some text that is here to be damaged");
    let archive = home.backup().archive;
    let whole = fs::read(&archive).unwrap();
    for at in 0..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 0xFF;
        fs::write(&archive, &bad).unwrap();
        let verified = check(&archive);
        assert!(!verified.ok && !verified.failed.is_empty(), "a flip at byte {at} of {} went unseen", whole.len());
    }
}

#[test]
fn a_cut_anywhere_and_anything_added_is_found() {
    let home = Home::new();
    home.file("a.txt", "some text");
    let archive = home.backup().archive;
    let whole = fs::read(&archive).unwrap();
    for end in 0..whole.len() {
        fs::write(&archive, &whole[..end]).unwrap();
        assert!(!check(&archive).ok, "cut at {end}");
    }
    fs::write(&archive, [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(!check(&archive).ok);
}

/// Packs entries by hand, with a manifest that may say something else.
fn forge(home: &Home, entries: &[(Head<'_>, &[u8])], manifest: Option<&Manifest>) -> PathBuf {
    let mut gzip = super::gzip::Gzip::new(Vec::new()).unwrap();
    let mut put = |head: &Head<'_>, data: &[u8]| {
        gzip.write_all(&header::bytes(&Head { size: data.len() as u64, ..head.clone() })).unwrap();
        gzip.write_all(data).unwrap();
        gzip.write_all(&vec![0; data.len().next_multiple_of(512) - data.len()]).unwrap();
    };
    for (head, data) in entries {
        put(head, data);
    }
    if let Some(manifest) = manifest {
        put(&Head { name: manifest::NAME, letter: b'0', ..Head::default() }, &serde_json::to_vec(manifest).unwrap());
    }
    gzip.write_all(&[0; 1024]).unwrap();
    let path = home.dir.path().join("forged.tar.gz");
    fs::write(&path, gzip.finish().unwrap()).unwrap();
    path
}

fn head(name: &str, letter: u8) -> Head<'_> {
    Head { name: name.as_bytes(), letter, mode: 0o644, ..Head::default() }
}

fn line(name: &str, kind: EntryKind, data: &[u8]) -> Entry {
    let mut sums = super::sums::Sums::default();
    sums.add(data);
    let (blake3, sha256) = sums.hex();
    let file = kind == EntryKind::File;
    Entry {
        path: manifest::text(name.as_bytes()),
        kind,
        size: data.len() as u64,
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime_ns: 0,
        class: Class::AtRisk,
        session: None,
        link: None,
        blake3: file.then_some(blake3),
        sha256: file.then_some(sha256),
        attributes: None,
        device: None,
        incomplete: None,
        on_image: false,
    }
}

use super::manifest::{Entry, EntryKind};

fn listing(home: &Home, entries: Vec<Entry>) -> Manifest {
    Manifest {
        schema: manifest::SCHEMA.into(),
        made: home.world.now(),
        by: "test".into(),
        roots: vec![manifest::Root {
            store: "cowork".into(),
            top: manifest::text(b"cowork/store"),
            original: crate::model::PathText::new(&home.store()),
        }],
        entries,
        skipped: vec![],
        failed: vec![],
    }
}

#[test]
fn entries_that_are_missing_added_or_different_are_named_though_every_checksum_fits() {
    let home = Home::new();
    let lines = vec![line("cowork/store/a", EntryKind::File, b"one"), line("cowork/store/b", EntryKind::File, b"two")];
    let manifest = listing(&home, lines);
    let (a, b, c) = (head("cowork/store/a", b'0'), head("cowork/store/b", b'0'), head("cowork/store/c", b'0'));
    let good = forge(&home, &[(a.clone(), b"one"), (b.clone(), b"two")], Some(&manifest));
    assert!(check(&good).ok);
    for (what, entries) in [
        ("missing", vec![(a.clone(), &b"one"[..])]),
        ("added", vec![(a.clone(), b"one"), (b.clone(), b"two"), (c, b"new")]),
        ("content", vec![(a.clone(), b"One"), (b.clone(), b"two")]),
        ("size", vec![(a.clone(), b"on"), (b.clone(), b"two")]),
        ("mode", vec![(Head { mode: 0o4755, ..a.clone() }, b"one"), (b.clone(), b"two")]),
        ("time", vec![(Head { mtime_ns: 5, ..a.clone() }, b"one"), (b.clone(), b"two")]),
        ("twice", vec![(a.clone(), b"one"), (a.clone(), b"one"), (b.clone(), b"two")]),
        ("kind", vec![(Head { letter: b'5', ..a.clone() }, b""), (b.clone(), b"two")]),
    ] {
        let verified = check(&forge(&home, &entries, Some(&manifest)));
        assert_eq!((verified.ok, verified.failed.len()), (false, 1), "{what}: {:?}", verified.failed);
    }
    let without = check(&forge(&home, &[(a, b"one")], None));
    assert!(!without.ok);
}

#[test]
fn a_manifest_beside_the_archive_that_differs_is_told_and_a_missing_one_is_no_damage() {
    let home = Home::new();
    home.file("a.txt", "x");
    let archive = home.backup().archive;
    let beside = super::verify::sidecar(&archive);
    fs::write(&beside, b"{}").unwrap();
    let verified = check(&archive);
    assert_eq!((verified.ok, names(&verified.failed)), (false, vec![beside.to_str().unwrap()]));
    fs::remove_file(&beside).unwrap();
    let verified = check(&archive);
    assert_eq!((verified.ok, verified.notes.len()), (true, 1));
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    let home = Home::new();
    let bad = ["../evil", "/tmp/evil", "a/../../evil", "cowork/store/../../../evil", ""];
    let lines = bad.iter().map(|n| line(n, EntryKind::File, b"x")).chain([line("cowork/store/fine", EntryKind::File, b"x")]).collect();
    let mut entries: Vec<(Head<'_>, &[u8])> = bad.iter().map(|n| (head(n, b'0'), &b"x"[..])).collect();
    entries.push((head("cowork/store/fine", b'0'), b"x"));
    let archive = forge(&home, &entries, Some(&listing(&home, lines)));
    for target in [Target::Folder(home.out()), Target::InPlace] {
        let restored = home.restore(&archive, &target, None);
        assert_eq!((restored.files, restored.failed.len()), (1, bad.len()), "{:?}", restored.failed);
    }
    let around: Vec<_> = walkdir::WalkDir::new(home.dir.path()).into_iter().filter(|e| e.as_ref().unwrap().file_name() == "evil").collect();
    assert!(around.is_empty() && !Path::new("/tmp/evil").exists());
}

#[cfg(windows)]
#[test]
fn names_that_only_here_lead_out_of_the_store_are_refused_in_place() {
    let home = Home::new();
    let names =
        [&b"..\\..\\evil"[..], b"C:evil", b"notes.txt:evil", b"CON", b"..\\..\\evil\xED\xA0\x80"].map(|n| [b"cowork/store/", n].concat());
    let named = |n: &Vec<u8>| Entry { path: manifest::text(n), ..line("", EntryKind::File, b"x") };
    let entries: Vec<_> = names.iter().map(|n| (Head { name: n, letter: b'0', mode: 0o644, ..Head::default() }, &b"x"[..])).collect();
    let archive = forge(&home, &entries, Some(&listing(&home, names.iter().map(named).collect())));
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.failed.len()), (0, names.len()), "{restored:?}");
    let evil = |e: &walkdir::DirEntry| e.file_name().to_string_lossy().contains("evil");
    let around = walkdir::WalkDir::new(home.dir.path()).into_iter().filter(|e| evil(e.as_ref().unwrap())).count();
    assert_eq!(around, 0);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_the_archive_itself_brought() {
    let home = Home::new();
    let outside = home.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    let target = outside.to_str().unwrap().to_owned();
    let link = Entry { link: Some(manifest::text(target.as_bytes())), size: 0, ..line("cowork/a", EntryKind::Symlink, b"") };
    let manifest = listing(&home, vec![link, line("cowork/a/evil", EntryKind::File, b"x")]);
    let entries = [(Head { link: target.as_bytes(), ..head("cowork/a", b'2') }, &b""[..]), (head("cowork/a/evil", b'0'), b"x")];
    let restored = home.restore(&forge(&home, &entries, Some(&manifest)), &Target::Folder(home.out()), None);
    assert_eq!((restored.files, restored.failed.len()), (1, 1));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn a_file_whose_bytes_are_not_the_manifests_is_not_left_under_its_name() {
    let home = Home::new();
    let manifest = listing(&home, vec![line("cowork/store/a", EntryKind::File, b"good")]);
    let archive = forge(&home, &[(head("cowork/store/a", b'0'), b"evil"), (head("cowork/store/b", b'0'), b"new")], Some(&manifest));
    let restored = home.restore(&archive, &Target::Folder(home.out()), None);
    assert_eq!((restored.files, restored.failed.len()), (0, 2), "{:?}", restored.failed);
    assert!(!home.out().join("cowork/store/a").exists() && !home.out().join("cowork/store/b").exists());
}

#[test]
fn a_folder_with_anything_in_it_is_refused() {
    let home = Home::new();
    home.file("a.txt", "x");
    let archive = home.backup().archive;
    fs::create_dir(home.out()).unwrap();
    fs::write(home.out().join("mine"), "x").unwrap();
    let refused = restore(&home.world, &archive, &Target::Folder(home.out()), None, false, &crate::model::Quiet).unwrap_err();
    assert_eq!(refused.exit_code(), 3);
    assert!(refused.hint.is_some());
}

#[test]
fn in_place_puts_back_what_is_missing_and_overwrites_nothing() {
    let home = Home::new();
    let (gone, changed, same) = (home.file("dir/gone.txt", "gone"), home.file("dir/changed.txt", "old"), home.file("same.txt", "same"));
    age(&gone, 1_600_000_000);
    age(&home.store().join("dir"), 1_500_000_000);
    let archive = home.backup().archive;
    let before = picture(&home.store());
    fs::remove_file(&gone).unwrap();
    fs::write(&changed, "new work").unwrap();
    age(&home.store().join("dir"), 1_700_000_000);
    let dry = restore(&home.world, &archive, &Target::InPlace, None, true, &crate::model::Quiet).unwrap();
    assert_eq!((dry.files, dry.skipped.len(), gone.exists()), (1, 2, false));
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.skipped.len(), restored.failed.len()), (1, 2, 0), "{restored:?}");
    assert_eq!(fs::read(&changed).unwrap(), b"new work");
    assert_eq!(fs::read(&same).unwrap(), b"same");
    let after = picture(&home.store());
    assert_eq!(after[Path::new("dir/gone.txt")], before[Path::new("dir/gone.txt")]);
    let folder_time = crate::platform::facts(&home.store().join("dir")).unwrap().mtime_ns;
    assert_eq!(folder_time, 1_700_000_000_000_000_000 + i64::from(NANOS), "a folder that was there keeps its own time");
}

#[test]
fn in_place_brings_a_whole_store_back_that_is_gone() {
    let home = Home::new();
    home.file("a/b.txt", "x");
    age(&home.store().join("a"), 1_500_000_000);
    age(&home.store(), 1_400_000_000);
    let archive = home.backup().archive;
    let before = picture(&home.store());
    fs::remove_dir_all(home.store()).unwrap();
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert!(restored.failed.is_empty(), "{:?}", restored.failed);
    assert_eq!(picture(&home.store()), before);
}

#[cfg(unix)]
#[test]
fn in_place_does_not_go_through_a_link_that_took_a_folders_place() {
    let home = Home::new();
    home.file("dir/a.txt", "x");
    let archive = home.backup().archive;
    let outside = home.dir.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::remove_dir_all(home.store().join("dir")).unwrap();
    std::os::unix::fs::symlink(&outside, home.store().join("dir")).unwrap();
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.failed.len()), (0, 1), "{restored:?}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn one_session_comes_back_alone_by_its_id_or_its_beginning() {
    let home = Home::new();
    home.file("one/a.txt", "1");
    home.file("two/b.txt", "2");
    let catalog = home.catalog_with(&|path| {
        let session = if path.starts_with("one") { Some(0) } else { Some(1) };
        (Class::AtRisk, Marks::default(), session)
    });
    let archive = home.backup_of(&catalog, &Options::default()).archive;
    for (asked, folder) in [("local_aaaa1111", "x"), ("local_a", "y"), ("aaaa", "z")] {
        let out = home.dir.path().join(folder);
        let restored = home.restore(&archive, &Target::Folder(out.clone()), Some(asked));
        assert_eq!(restored.files, 1);
        let found: Vec<_> = picture(&out.join("cowork/store")).into_keys().collect();
        assert_eq!(found, ["", "one", "one/a.txt"].map(PathBuf::from));
    }
    for wrong in ["local_", "nobody"] {
        let error = restore(&home.world, &archive, &Target::Folder(home.out()), Some(wrong), false, &crate::model::Quiet).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }
}

#[cfg(unix)]
#[test]
fn hard_links_stay_one_file_also_when_only_the_second_names_session_is_restored() {
    use std::os::unix::fs::MetadataExt;
    let home = Home::new();
    let first = home.file("one/a.txt", "shared");
    fs::create_dir(home.store().join("two")).unwrap();
    fs::hard_link(&first, home.store().join("two/b.txt")).unwrap();
    fs::hard_link(&first, home.store().join("two/c.txt")).unwrap();
    let catalog = home.catalog_with(&|path| (Class::AtRisk, Marks::default(), Some(usize::from(path.starts_with("two")))));
    let archive = home.backup_of(&catalog, &Options::default()).archive;
    let inode = |path: &Path| fs::symlink_metadata(path).map(|m| (m.ino(), m.nlink())).unwrap();
    let out = home.out().join("cowork/store");
    let restored = home.restore(&archive, &Target::Folder(home.out()), None);
    assert_eq!((restored.files, restored.bytes, restored.failed.len()), (3, 6, 0));
    assert_eq!(inode(&out.join("one/a.txt")), inode(&out.join("two/c.txt")));
    let alone = home.dir.path().join("alone");
    let restored = home.restore(&archive, &Target::Folder(alone.clone()), Some("local_b"));
    assert_eq!((restored.files, restored.failed.len()), (2, 0), "{restored:?}");
    assert_eq!(inode(&alone.join("cowork/store/two/b.txt")).1, 2);
    assert_eq!(fs::read(alone.join("cowork/store/two/c.txt")).unwrap(), b"shared");
    // In place: the first name is there with other content, the others are gone.
    fs::remove_dir_all(home.store().join("two")).unwrap();
    fs::remove_file(&first).unwrap();
    fs::write(&first, "other!").unwrap();
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.skipped.len(), restored.failed.len()), (2, 1, 0), "{restored:?}");
    assert_eq!(fs::read(&first).unwrap(), b"other!");
    assert_eq!(fs::read(home.store().join("two/c.txt")).unwrap(), b"shared");
}

#[cfg(unix)]
#[test]
fn the_archive_is_for_the_user_alone_and_nothing_unfinished_stays() {
    use std::os::unix::fs::MetadataExt;
    let home = Home::new();
    home.file("a.txt", "x");
    let archive = home.backup().archive;
    assert_eq!(archive.parent(), Some(home.world.backup_dir().as_path()));
    let modes: Vec<_> = fs::read_dir(home.world.backup_dir()).unwrap().map(|e| e.unwrap().metadata().unwrap().mode() & 0o777).collect();
    assert_eq!(modes, [0o600, 0o600], "the archive and its manifest, nothing else");
}

#[test]
fn a_backup_that_is_stopped_leaves_nothing() {
    struct Stops;
    impl Watch for Stops {
        fn at(&self, _: &crate::model::Progress) {}
        fn stopped(&self) -> bool {
            true
        }
    }
    let home = Home::new();
    home.file("a.txt", "x");
    let report = create(&home.world, &home.catalog(), &Options::default(), &Stops).unwrap();
    assert!(report.interrupted);
    assert_eq!(fs::read_dir(home.world.backup_dir()).unwrap().count(), 0);
}

#[test]
fn a_dry_run_says_what_would_be_and_makes_nothing() {
    let home = Home::new();
    home.file("a.txt", "hello");
    let report = home.backup_of(&home.catalog(), &Options { dry_run: true, ..Options::default() });
    assert_eq!((report.files, report.bytes), (1, 5));
    assert!(!home.world.backup_dir().exists());
}

#[test]
fn a_damaged_archive_gives_back_what_can_be_read_and_names_the_rest() {
    let home = Home::new();
    home.file("a.txt", "first");
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(3 << 20)
    .collect();
    home.file("z.bin", noise);
    let archive = home.backup().archive;
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, &whole[..whole.len() - 1000]).unwrap();
    let restored = home.restore(&archive, &Target::Folder(home.out()), None);
    assert_eq!(fs::read(home.out().join("cowork/store/a.txt")).unwrap(), b"first");
    assert!(!restored.failed.is_empty());
}

#[test]
fn every_flip_before_packing_is_found_too_headers_padding_and_end_mark_included() {
    let home = Home::new();
    #[cfg(unix)]
    std::os::unix::fs::symlink("to \u{e9}", home.store().join("link")).unwrap();
    let path = home.file("a.txt", "some text");
    age(&path, 1_500_000_000);
    let archive = home.backup().archive;
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut super::unpack::Unpacked::open(&archive).unwrap(), &mut tar).unwrap();
    let manifest_at = tar.windows(manifest::NAME.len()).position(|w| w == manifest::NAME).unwrap();
    let last = tar.len() - 1024;
    // Of the zeros that fill blocks, every seventh is enough.
    for at in (0..manifest_at).chain(last..tar.len()).filter(|at| tar[*at] != 0 || at % 7 == 0) {
        let mut bad = tar.clone();
        bad[at] ^= 0x01;
        let mut gzip = super::gzip::Gzip::new(Vec::new()).unwrap();
        gzip.write_all(&bad).unwrap();
        fs::write(&archive, gzip.finish().unwrap()).unwrap();
        assert!(!check(&archive).ok, "a flip at byte {at} went unseen: {:?}", String::from_utf8_lossy(&tar[at.saturating_sub(20)..at]));
    }
}

/// Does something once, when a deed tells for the first time that bytes were done.
struct Meddles<F: Fn() + Send + Sync>(std::sync::Once, F);

impl<F: Fn() + Send + Sync> Watch for Meddles<F> {
    fn at(&self, progress: &crate::model::Progress) {
        if progress.bytes > 0 {
            self.0.call_once(&self.1);
        }
    }
    fn stopped(&self) -> bool {
        false
    }
}

#[test]
fn a_file_that_shrinks_or_grows_while_it_is_read_is_named_and_the_archive_stays_whole() {
    for to in [5 << 20, 20 << 20] {
        let home = Home::new();
        let path = home.file("big.bin", vec![1; 12 << 20]);
        home.file("dir/after.txt", "whole");
        let change = || fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(to).unwrap();
        let report = create(&home.world, &home.catalog(), &Options::default(), &Meddles(std::sync::Once::new(), change)).unwrap();
        assert_eq!(names(&report.failed), [path.to_str().unwrap()], "to {to}");
        assert!(check(&report.archive).ok);
        let restored = home.restore(&report.archive, &Target::Folder(home.out()), None);
        assert_eq!((restored.files, restored.notes.len()), (2, 1), "{restored:?}");
        assert_eq!(fs::read(home.out().join("cowork/store/dir/after.txt")).unwrap(), b"whole");
    }
}

#[test]
fn what_the_scan_could_not_read_is_named_but_a_record_it_could_not_parse_is_packed() {
    let home = Home::new();
    let record = home.file("local_x.json", "{ not json");
    let mut catalog = home.catalog();
    let locked = home.store().join("locked");
    for path in [&record, &locked, &home.dir.path().join("elsewhere")] {
        catalog.errors.push(crate::model::ScanError { path: path.clone(), error: "no".into() });
    }
    let report = home.backup_of(&catalog, &Options::default());
    assert_eq!((report.files, names(&report.failed)), (1, vec![locked.to_str().unwrap()]));
}

#[test]
fn a_selection_takes_what_is_below_it_and_the_folders_above_it() {
    let home = Home::new();
    let one = home.file("a/b/one.txt", "1");
    home.file("a/two.txt", "2");
    let catalog = home.catalog();
    let nodes = vec![catalog.find(one.parent().unwrap()).unwrap(), catalog.find(&one).unwrap()];
    let report = home.backup_of(&catalog, &Options { nodes, ..Options::default() });
    home.restore(&report.archive, &Target::Folder(home.out()), None);
    let found: Vec<_> = picture(&home.out().join("cowork/store")).into_keys().collect();
    assert_eq!(found, ["", "a", "a/b", "a/b/one.txt"].map(PathBuf::from));
    let none = create(&home.world, &catalog, &Options { stores: vec!["codex".into()], ..Options::default() }, &crate::model::Quiet);
    assert_eq!(none.unwrap_err().exit_code(), 3);
}

#[test]
fn two_roots_with_one_name_and_a_root_that_is_a_file_stay_apart() {
    let home = Home::new();
    let mut catalog = Catalog::default();
    let verdict = catalog.keep(verdict());
    let dir = home.dir.path().to_path_buf();
    for (root, name) in [("x/same", "one"), ("y/same", "two"), ("z/settings.json", "")] {
        let (root, file) = (dir.join(root), dir.join(root).join(name));
        let file = if name.is_empty() { root.clone() } else { file };
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, name).unwrap();
        let id = catalog.add_root(root.clone(), &crate::platform::facts(&root).unwrap(), Spot(0), verdict);
        if !name.is_empty() {
            let facts = crate::platform::facts(&file).unwrap();
            catalog.add(id, name.as_bytes(), &facts, Spot(0), verdict, None, Marks::default());
        }
    }
    let report = home.backup_of(&catalog, &Options::default());
    assert!(report.failed.is_empty() && check(&report.archive).ok, "{:?}", report.failed);
    home.restore(&report.archive, &Target::Folder(home.out()), None);
    for name in ["same/one", "same-2/two", "settings.json"] {
        assert!(home.out().join("other").join(name).is_file(), "{name}");
    }
    for gone in ["x", "y", "z"] {
        fs::remove_dir_all(dir.join(gone)).unwrap();
    }
    let restored = home.restore(&report.archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.failed.len()), (3, 0));
    assert!(dir.join("z/settings.json").is_file() && dir.join("y/same/two").is_file());
}

#[test]
fn a_restored_transcript_older_than_thirty_days_comes_with_a_warning() {
    let home = Home::new();
    let old = home.file(".claude/projects/-x/abc.jsonl", "{}");
    age(&old, 1_600_000_000);
    let archive = home.backup().archive;
    fs::remove_file(&old).unwrap();
    let restored = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((restored.files, restored.notes.len()), (1, 1));
    assert_eq!(crate::platform::facts(&old).unwrap().mtime_ns, 1_600_000_000_000_000_000 + i64::from(NANOS));
    let again = home.restore(&archive, &Target::InPlace, None);
    assert_eq!((again.files, again.notes.len()), (0, 0));
}

#[cfg(unix)]
#[test]
fn in_place_works_where_the_folder_above_the_store_is_itself_a_link() {
    let home = Home::new();
    let path = home.file("a.txt", "x");
    let archive = home.backup().archive;
    let real = home.dir.path().join("real");
    fs::create_dir(&real).unwrap();
    let mut manifest: Manifest = serde_json::from_slice(&fs::read(super::verify::sidecar(&archive)).unwrap()).unwrap();
    std::os::unix::fs::symlink(&real, home.dir.path().join("linked")).unwrap();
    manifest.roots[0].original = crate::model::PathText::new(&home.dir.path().join("linked/store"));
    let entries: Vec<(Head<'_>, &[u8])> = vec![(head("cowork/store/a.txt", b'0'), b"x")];
    manifest.entries = vec![line("cowork/store/a.txt", EntryKind::File, b"x")];
    let restored = home.restore(&forge(&home, &entries, Some(&manifest)), &Target::InPlace, None);
    assert_eq!((restored.files, restored.failed.len()), (1, 0), "{restored:?}");
    assert!(real.join("store/a.txt").is_file() && path.is_file());
}

#[test]
fn a_tree_deeper_than_the_folders_held_open_comes_back_whole() {
    let home = Home::new();
    let mut path = String::new();
    for level in 0..150 {
        path += "d/";
        home.file(&format!("{path}a"), level.to_string());
        home.file(&format!("{path}e/z"), level.to_string());
    }
    let report = home.backup();
    assert!(report.failed.is_empty() && check(&report.archive).ok, "{:?}", report.failed);
    let restored = home.restore(&report.archive, &Target::Folder(home.out()), None);
    assert!(restored.failed.is_empty(), "{:?}", restored.failed);
    assert_eq!(picture(&home.out().join("cowork/store")), picture(&home.store()));
}

#[test]
fn a_backup_that_may_not_fit_is_refused_before_anything_is_written() {
    let home = Home::new();
    let path = home.file("a.txt", "x");
    let mut catalog = home.catalog();
    let huge = Facts { size: 1 << 60, allocated: 1 << 60, ..crate::platform::facts(&path).unwrap() };
    let (root, verdict) = (catalog.roots()[0], catalog.keep(verdict()));
    catalog.add(root, b"huge", &huge, Spot(0), verdict, None, Marks::default());
    let refused = create(&home.world, &catalog, &Options::default(), &crate::model::Quiet).unwrap_err();
    assert_eq!(refused.exit_code(), 3);
    assert!(refused.to_string().contains("1.15 EB may be needed"), "{refused}");
    assert!(!home.world.backup_dir().exists());
}

#[test]
fn an_archive_that_is_none_is_damage_and_one_that_is_not_there_is_an_error() {
    let home = Home::new();
    let path = home.file("note.tar.gz", "not an archive at all");
    assert!(!check(&path).ok);
    assert!(verify(&home.store().join("nothing"), &crate::model::Quiet).is_err());
    assert!(verify(&home.store(), &crate::model::Quiet).is_err() || !check(&home.store()).ok);
    let error = restore(&home.world, &path, &Target::InPlace, None, false, &crate::model::Quiet).unwrap_err();
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn an_archive_that_reads_back_damaged_never_gets_its_name() {
    /// Flips a byte of the unfinished archive when its reading back begins, as a bad disk would.
    struct BadDisk(PathBuf);
    impl Watch for BadDisk {
        fn at(&self, progress: &crate::model::Progress) {
            if progress.verb == "Verifying" && progress.files == 0 {
                let partial = fs::read_dir(&self.0).unwrap().next().unwrap().unwrap().path();
                let mut bytes = fs::read(&partial).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0xFF;
                fs::write(&partial, bytes).unwrap();
            }
        }
        fn stopped(&self) -> bool {
            false
        }
    }
    let home = Home::new();
    home.file("a.txt", "some text");
    let bad = create(&home.world, &home.catalog(), &Options::default(), &BadDisk(home.world.backup_dir())).unwrap_err();
    assert_eq!(bad.exit_code(), 1);
    assert_eq!(fs::read_dir(home.world.backup_dir()).unwrap().count(), 0);
}

#[cfg(unix)]
proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, ..Default::default() })]
    #[test]
    fn any_small_tree_comes_back_as_it_was(
        things in proptest::collection::vec(
            (proptest::collection::vec("[a-c .:\\\\\n\u{e9}\u{202e}=%-]{1,3}", 1..4), 0..4_u8, proptest::collection::vec(0..=255_u8, 0..2000), 0..4_000_000_000_u64),
            0..12,
        ),
    ) {
        let home = Home::new();
        for (parts, kind, content, time) in &things {
            let path = parts.iter().filter(|p| *p != "." && *p != "..").fold(home.store(), |at, p| at.join(p));
            let Some(above) = path.parent().filter(|a| a.starts_with(home.store())) else { continue };
            if path.exists() || path.is_symlink() || fs::create_dir_all(above).is_err() {
                continue;
            }
            match kind {
                0 => fs::create_dir(&path).unwrap(),
                1 => std::os::unix::fs::symlink(from_bytes(b"to \xff\n"), &path).unwrap(),
                _ => fs::write(&path, content).unwrap(),
            }
            if *kind != 1 {
                age(&path, *time);
            }
        }
        let report = home.backup();
        proptest::prop_assert!(report.failed.is_empty() && report.skipped.is_empty());
        let verified = check(&report.archive);
        proptest::prop_assert!(verified.ok, "{:?}", verified.failed);
        let restored = home.restore(&report.archive, &Target::Folder(home.out()), None);
        proptest::prop_assert!(restored.failed.is_empty(), "{:?}", restored.failed);
        proptest::prop_assert_eq!(picture(&home.out().join("cowork/store")), picture(&home.store()));
    }

    #[test]
    fn an_archive_of_any_bytes_is_told_from_a_whole_one_and_nothing_leaves_the_folder(at in 0..6000_usize, put in proptest::collection::vec(0..=255_u8, 1..600)) {
        let home = Home::new();
        home.file("dir/a.txt", "some text");
        std::os::unix::fs::symlink("/", home.store().join("link")).unwrap();
        let archive = home.backup().archive;
        let mut tar = Vec::new();
        std::io::Read::read_to_end(&mut super::unpack::Unpacked::open(&archive).unwrap(), &mut tar).unwrap();
        let before = tar.clone();
        let at = at.min(tar.len() - 1);
        let end = (at + put.len()).min(tar.len());
        tar[at..end].copy_from_slice(&put[..end - at]);
        let mut gzip = super::gzip::Gzip::new(Vec::new()).unwrap();
        gzip.write_all(&tar).unwrap();
        fs::write(&archive, gzip.finish().unwrap()).unwrap();
        proptest::prop_assert_eq!(check(&archive).ok, tar == before);
        let _ = restore(&home.world, &archive, &Target::Folder(home.out()), None, false, &crate::model::Quiet);
        let around = fs::read_dir(home.dir.path()).unwrap().map(|e| e.unwrap().file_name()).filter(|n| n != "out").count();
        proptest::prop_assert_eq!(around, 2);
    }
}
