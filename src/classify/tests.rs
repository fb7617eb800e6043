//! The rules on real folders: what is proven, and what stays at risk.

#![expect(clippy::disallowed_methods, reason = "tests make and change folders of their own")]

mod hashes;
mod node;
#[cfg(unix)]
mod planted;
mod python;
#[cfg(unix)]
mod real;

use super::*;
use crate::demo::compiled;
use crate::model::{Class, Kind, NodeId, Proof, Stop};
use crate::world::World;
use base64::Engine;
use sha2::Digest;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

pub(super) fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn age(path: impl AsRef<Path>, seconds: u64) {
    let at = SystemTime::now() - Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// Everything below `folder` as the scan would hand it to a rule, judged: path → class, and the folder itself as "".
fn judged(rule: &'static dyn WorkRule, folder: &Path) -> BTreeMap<String, (Class, String)> {
    judged_with(rule, folder, Arc::default())
}

fn judged_with(rule: &'static dyn WorkRule, folder: &Path, around: Arc<Around>) -> BTreeMap<String, (Class, String)> {
    judged_below(folder.parent().unwrap(), rule, folder, around)
}

/// The same, of a folder anywhere below a store's root.
pub(super) fn judged_below(
    root: &Path,
    rule: &'static dyn WorkRule,
    folder: &Path,
    around: Arc<Around>,
) -> BTreeMap<String, (Class, String)> {
    let entries: Vec<UnitEntry> = walkdir::WalkDir::new(folder)
        .min_depth(1)
        .into_iter()
        .enumerate()
        .map(|(at, entry)| {
            let entry = entry.unwrap();
            let facts = crate::platform::facts(entry.path()).unwrap();
            let path = entry.path().strip_prefix(folder).unwrap().to_path_buf();
            UnitEntry {
                id: NodeId(u32::try_from(at).unwrap() + 1),
                path,
                kind: facts.kind,
                size: facts.size,
                mtime_ns: facts.mtime_ns,
                sealed: false,
            }
        })
        .collect();
    let unit =
        Unit { rule, top: NodeId(0), path: folder.to_path_buf(), ground: Ground::Disk(root.to_path_buf()), entries, threads: 2, around };
    let judged = rule.check(&unit, &Stop::default());
    let said = |at: usize| (judged.verdicts[at].class, judged.verdicts[at].evidence[0].says.to_string());
    let by_id: HashMap<NodeId, usize> = judged.nodes.iter().copied().collect();
    let mut out: BTreeMap<String, (Class, String)> = by_id.get(&NodeId(0)).map(|v| (String::new(), said(*v))).into_iter().collect();
    for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
        let verdict = by_id.get(&entry.id).map_or((Class::AtRisk, "not judged".into()), |v| said(*v));
        out.insert(entry.path.to_str().unwrap().replace('\\', "/"), verdict);
    }
    out
}

fn at_risk(found: &BTreeMap<String, (Class, String)>) -> Vec<&str> {
    found.iter().filter(|(_, v)| v.0 == Class::AtRisk).map(|(k, _)| k.as_str()).collect()
}

fn npm_project(home: &Path) -> PathBuf {
    let lock = r#"{"lockfileVersion":3,"packages":{"":{"name":"shop"},
        "node_modules/left-pad":{"version":"1.3.0","resolved":"https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz","integrity":"sha512-x"},
        "node_modules/@s/b":{"version":"2.0.0","resolved":"https://registry.npmjs.org/@s/b/-/b-2.0.0.tgz","integrity":"sha512-y"},
        "node_modules/mine":{"version":"0.1.0","resolved":"file:../mine"}}}"#;
    write(home.join("package.json"), r#"{"name":"shop"}"#);
    write(home.join("package-lock.json"), lock);
    let modules = home.join("node_modules");
    for (name, version) in [("left-pad", "1.3.0"), ("@s/b", "2.0.0"), ("mine", "0.1.0"), ("scribble", "0.0.1")] {
        write(modules.join(name).join("package.json"), format!(r#"{{"name":"{name}","version":"{version}"}}"#));
        write(modules.join(name).join("index.js"), "x");
    }
    write(modules.join("notes.txt"), "mine");
    write(modules.join(".package-lock.json"), lock);
    modules
}

#[test]
#[cfg_attr(windows, ignore = "times are all there is to go by, and Windows does not tell when a file was really changed")]
fn locked_packages_come_back_and_everything_else_in_node_modules_is_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let found = judged(&node_modules::NodeModules, &npm_project(home.path()));
    assert_eq!(found[""].0, Class::Rebuildable);
    assert_eq!(at_risk(&found), ["mine/index.js", "mine/package.json", "notes.txt", "scribble/index.js", "scribble/package.json"]);
    assert_eq!(found["left-pad/index.js"].0, Class::Rebuildable);
    assert!(found["mine/index.js"].1.contains("file:../mine"));
}

#[test]
fn node_modules_without_a_lock_stays_at_risk_whole() {
    let home = tempfile::tempdir().unwrap();
    let modules = npm_project(home.path());
    fs::remove_file(home.path().join("package-lock.json")).unwrap();
    let found = judged(&node_modules::NodeModules, &modules);
    assert!(found.values().all(|v| v.0 == Class::AtRisk), "{found:?}");
}

fn environment(home: &Path) -> PathBuf {
    let venv = home.join(".venv");
    let site = venv.join("lib/python3.11/site-packages");
    write(venv.join("pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.2\n");
    let line = |name: &str, bytes: &[u8]| {
        let hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(bytes));
        format!("{name},sha256={hash},{}\n", bytes.len())
    };
    let mut record = String::from("demo-1.0.dist-info/RECORD,,\n");
    for (name, bytes) in
        [("demo/__init__.py", "print(1)\n"), ("demo/api.py", "def f(): pass\n"), ("demo-1.0.dist-info/METADATA", "Name: demo\n")]
    {
        write(site.join(name), bytes);
        record += &line(name, bytes.as_bytes());
    }
    record += "demo/__pycache__/api.cpython-311.pyc,,\n";
    let source = fs::metadata(site.join("demo/api.py")).unwrap();
    let seconds = source.modified().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let path = "/home/me/.venv/lib/python3.11/site-packages/demo/api.py";
    let pyc = compiled(path, usize::try_from(source.len()).unwrap(), i64::try_from(seconds).unwrap(), &[]);
    write(site.join("demo/__pycache__/api.cpython-311.pyc"), &pyc);
    write(site.join("demo-1.0.dist-info/RECORD"), record);
    venv
}

#[test]
fn every_file_of_an_untouched_environment_comes_back() {
    let home = tempfile::tempdir().unwrap();
    let found = judged(&venv::Venv, &environment(home.path()));
    assert_eq!(at_risk(&found), Vec::<&str>::new(), "{found:?}");
}

#[test]
fn an_edited_and_a_foreign_file_in_an_environment_are_at_risk_and_say_why() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    write(venv.join("lib/python3.11/site-packages/demo/__init__.py"), "print(2)\n");
    write(venv.join("lib/python3.11/site-packages/my_notes.txt"), "mine");
    write(venv.join("thesis.tex"), "mine");
    let found = judged(&venv::Venv, &venv);
    let site = "lib/python3.11/site-packages";
    assert_eq!(at_risk(&found), [format!("{site}/demo/__init__.py"), format!("{site}/my_notes.txt"), "thesis.tex".into()]);
    assert!(found[&format!("{site}/demo/__init__.py")].1.contains("bytes differ"));
}

#[test]
fn a_package_installed_from_a_folder_of_ones_own_is_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    write(venv.join("lib/python3.11/site-packages/demo-1.0.dist-info/direct_url.json"), r#"{"url":"file:///home/me/demo"}"#);
    let found = judged(&venv::Venv, &venv);
    assert!(found["lib/python3.11/site-packages/demo/api.py"].1.contains("file:///home/me/demo"));
}

#[test]
fn a_folder_called_venv_with_an_empty_config_is_nothing() {
    let home = tempfile::tempdir().unwrap();
    write(home.path().join("venv/pyvenv.cfg"), "");
    write(home.path().join("venv/work.py"), "x");
    assert!(judged(&venv::Venv, &home.path().join("venv")).values().all(|v| v.0 == Class::AtRisk));
}

#[test]
fn bytecode_whose_source_is_gone_or_changed_is_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let site = environment(home.path()).join("lib/python3.11/site-packages/demo");
    let cache = site.join("__pycache__");
    fs::copy(cache.join("api.cpython-311.pyc"), cache.join("lost.cpython-311.pyc")).unwrap();
    write(cache.join("letter.pyc.txt"), "mine");
    let found = judged(&pycache::PyCache, &cache);
    assert_eq!(at_risk(&found), ["letter.pyc.txt", "lost.cpython-311.pyc"]);
    write(site.join("api.py"), "def f(): return 2\n");
    assert_eq!(judged(&pycache::PyCache, &cache)["api.cpython-311.pyc"].0, Class::AtRisk);
}

#[test]
fn target_needs_its_manifest_and_a_thesis_in_it_stays_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().join("target");
    write(target.join("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n");
    for file in
        ["debug/deps/libapp-1.rlib", "debug/app", "debug/app.d", "release/build/x-1/out/y.rs", "x86_64-unknown-linux-gnu/debug/deps/z.o"]
    {
        write(target.join(file), "x");
    }
    for file in ["thesis.tex", "debug/results.csv", "notes/plan.md", "debug/deps/chapter.docx"] {
        write(target.join(file), "mine");
    }
    assert!(judged(&cargo_target::CargoTarget, &target).values().all(|v| v.0 == Class::AtRisk), "no manifest beside it yet");
    write(home.path().join("Cargo.toml"), "[package]\nname = \"app\"\nversion = \"0.1.0\"\n");
    let found = judged(&cargo_target::CargoTarget, &target);
    assert_eq!(at_risk(&found), ["debug/deps/chapter.docx", "debug/results.csv", "notes/plan.md", "thesis.tex"]);
}

#[test]
fn a_cache_tag_counts_only_with_its_signature() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    write(cache.join("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n# made by a tool");
    write(cache.join("v/data.bin"), "x");
    write(cache.join("v/thesis.docx"), "mine");
    assert_eq!(at_risk(&judged(&cachedir::CacheDirTag, &cache)), ["v/thesis.docx"]);
    write(cache.join("CACHEDIR.TAG"), "Signature: 00000000000000000000000000000000\n");
    assert!(judged(&cachedir::CacheDirTag, &cache).values().all(|v| v.0 == Class::AtRisk));
}

#[test]
fn names_alone_make_no_candidate() {
    for name in ["build", "dist", "tmp", "outputs", "out", "cache", "vendor", "venv"] {
        assert!(candidate(name.as_bytes(), &[b"thesis.tex", b"a.csv"]).is_none(), "{name}");
    }
    assert!(candidate(b"target", &[b"thesis.tex"]).is_none());
    assert!(candidate(b"__pycache__", &[b"thesis.tex"]).is_none());
}

struct Search {
    world: World,
    places: Places,
}

impl Search {
    fn new(home: &Path, bound: &[&str]) -> Self {
        let world = World::at(home, BTreeMap::new());
        let bound: Vec<PathBuf> = bound.iter().map(|b| home.join(b)).collect();
        let places = Places::of(&world, &bound, &[home.join("store")]);
        Self { world, places }
    }

    fn find(&self, file: &Path, bound: &[&str]) -> (Class, String) {
        let facts = crate::platform::facts(file).unwrap();
        let index = Index::make(&self.places, &HashSet::from([facts.size]), 2, &Stop::default());
        let own = bound.iter().filter_map(|b| self.places.looked_at(&self.world.home.join(b)));
        let wanted = Wanted {
            id: NodeId(0),
            path: file.to_path_buf(),
            ground: Ground::Disk(self.world.home.join("store")),
            size: facts.size,
            dev: facts.dev,
            ino: facts.ino,
            nlink: facts.nlink,
            packed: None,
            folders: own.chain(self.places.common.iter().cloned()).collect(),
            without: Arc::new(crate::model::Verdict::at_risk("test", "nothing found")),
        };
        let found = Mutex::new(Vec::new());
        find_copies(&self.world, &copies::Search { index: &index, hashes: &Hashes::default() }, &[wanted], 2, &Stop::default(), &|j| {
            found.lock().unwrap().extend(j.verdicts);
        });
        let verdict = found.into_inner().unwrap().remove(0);
        if let Some(proof) = &verdict.proof {
            assert!(still_proven(&self.world, file, proof).is_ok());
        }
        (verdict.class, verdict.evidence.last().unwrap().says.to_string())
    }
}

#[test]
fn a_file_is_flushed_only_by_the_same_bytes_in_a_folder_of_the_users() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("store/out/report.docx"), "the report");
    write(at("Documents/Quarterly/report-final.docx"), "the report");
    let search = Search::new(home.path(), &[]);
    assert_eq!(search.find(&at("store/out/report.docx"), &[]).0, Class::Flushed);
    write(at("Documents/Quarterly/report-final.docx"), "THE REPORT");
    let (class, says) = search.find(&at("store/out/report.docx"), &[]);
    assert_eq!((class, says.contains("other bytes")), (Class::AtRisk, true), "{says}");
}

#[test]
fn copies_in_the_store_the_trash_the_vault_or_a_foreign_folder_prove_nothing() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    for place in [
        "store/out/a.txt",
        "store/other-session/a.txt",
        "Documents/.Trash-1000/files/a.txt",
        "Documents/x/.lifeboat-vault/1/0",
        "Documents/local-agent-mode-sessions/a.txt",
        ".local/share/Trash/files/a.txt",
        "Music/a.txt",
    ] {
        write(at(place), "only here");
    }
    let search = Search::new(home.path(), &["store/other-session", ".local/share/Trash/files"]);
    assert_eq!(search.find(&at("store/out/a.txt"), &["store/other-session", ".local/share/Trash/files"]).0, Class::AtRisk);
    let bound = Search::new(home.path(), &["Music"]);
    assert_eq!(bound.find(&at("store/out/a.txt"), &["Music"]).0, Class::Flushed, "a folder bound to the session counts");
    assert_eq!(bound.find(&at("store/out/a.txt"), &[]).0, Class::AtRisk, "a folder bound to another session does not");
}

#[cfg(unix)]
#[test]
fn a_link_in_documents_that_leads_back_into_the_store_is_no_copy() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("store/out/a.txt"), "only here");
    fs::create_dir_all(at("Documents")).unwrap();
    std::os::unix::fs::symlink(at("store/out/a.txt"), at("Documents/a.txt")).unwrap();
    std::os::unix::fs::symlink(at("store/out"), at("Documents/out")).unwrap();
    std::os::unix::fs::symlink(at("store"), at("Desktop")).unwrap();
    assert_eq!(Search::new(home.path(), &[]).find(&at("store/out/a.txt"), &[]).0, Class::AtRisk);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_reached_another_way_is_no_copy_of_itself() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("Documents/data/a.txt"), "only here");
    std::os::unix::fs::symlink(at("Documents/data"), at("store")).unwrap();
    assert_eq!(Search::new(home.path(), &[]).find(&at("store/a.txt"), &[]).0, Class::AtRisk);
    let world = World::at(home.path(), BTreeMap::new());
    let proof = Proof::SameInode { copy: at("Documents/data/a.txt") };
    assert!(still_proven(&world, &at("store/a.txt"), &proof).is_err());
}

#[cfg(unix)]
#[test]
fn a_second_name_in_documents_is_a_flush_and_is_proven_again() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("Documents/terms.txt"), "terms");
    fs::create_dir_all(at("store/uploads")).unwrap();
    fs::hard_link(at("Documents/terms.txt"), at("store/uploads/terms.txt")).unwrap();
    let search = Search::new(home.path(), &[]);
    assert_eq!(search.find(&at("store/uploads/terms.txt"), &[]).0, Class::Flushed);
    let proof = Proof::SameInode { copy: at("Documents/terms.txt") };
    fs::remove_file(at("Documents/terms.txt")).unwrap();
    assert!(still_proven(&search.world, &at("store/uploads/terms.txt"), &proof).is_err());
    write(at("Documents/terms.txt"), "terms");
    assert!(still_proven(&search.world, &at("store/uploads/terms.txt"), &proof).is_err(), "the same bytes, but not what was claimed");
}

#[test]
fn a_proof_fails_when_the_copy_or_the_file_changed() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("store/out/a.txt"), "bytes");
    write(at("Documents/a.txt"), "bytes");
    let world = World::at(home.path(), BTreeMap::new());
    let proof = Proof::SameBytes { copy: at("Documents/a.txt"), blake3: blake3::hash(b"bytes").to_hex().to_string() };
    let told = |world: &World| still_proven(world, &at("store/out/a.txt"), &proof);
    assert!(told(&world).is_ok());
    write(at("Documents/a.txt"), "BYTES");
    assert!(told(&world).unwrap_err().contains("other bytes now"));
    write(at("Documents/a.txt"), "bytes");
    write(at("store/out/a.txt"), "bytez");
    assert!(told(&world).unwrap_err().contains("changed since"));
}

#[test]
fn caches_of_known_tools_are_counted_by_the_names_the_tools_give() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    for file in [".pytest_cache/v/cache/nodeids", ".pytest_cache/my plan.md", ".mypy_cache/.gitignore", ".mypy_cache/3.12/a.meta.json"] {
        write(at(file), "x");
    }
    let hash = "c".repeat(124);
    write(at(&format!("_cacache/content-v2/sha512/aa/bb/{hash}")), "x");
    write(at("_cacache/thesis.tex"), "x");
    for file in [".next/BUILD_ID", ".next/static/a.js", ".next/server/thesis.docx"] {
        write(at(file), "x");
    }
    let rule = &tool_cache::ToolCache;
    assert_eq!(at_risk(&judged(rule, &at(".pytest_cache"))), ["my plan.md"]);
    assert_eq!(at_risk(&judged(rule, &at(".mypy_cache"))), [""; 0]);
    assert_eq!(at_risk(&judged(rule, &at("_cacache"))), ["thesis.tex"]);
    assert_eq!(at_risk(&judged(rule, &at(".next"))).len(), 4, "nothing beside it tells what made it");
    write(at("package.json"), r#"{"dependencies":{"next":"15"}}"#);
    assert_eq!(at_risk(&judged(rule, &at(".next"))), ["server/thesis.docx"]);
    assert!(candidate(b".next", &[b"thesis.tex"]).is_none() && candidate(b".cache", &[b"v"]).is_none());
}

#[test]
fn the_folder_all_homes_lie_in_is_not_the_users_own() {
    let top = tempfile::tempdir().unwrap();
    let home = top.path().join("me");
    fs::create_dir_all(home.join("Documents")).unwrap();
    let world = World::at(&home, BTreeMap::new());
    assert_eq!(Places::of(&world, &[top.path().ancestors().last().unwrap().to_path_buf(), top.path().to_path_buf()], &[]).bound.len(), 0);
    assert_eq!(Places::of(&world, std::slice::from_ref(&home), &[]).bound.len(), 1);
}

#[test]
#[cfg_attr(windows, ignore = "times are all there is to go by, and Windows does not tell when a file was really changed")]
fn a_lock_that_gives_a_version_alone_still_names_a_package_of_the_registry() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("package.json"), "{}");
    for file in ["a/index.js", "b/index.js", "c/index.js"] {
        write(at("node_modules").join(file), "x");
    }
    write(at("node_modules/.package-lock.json"), r#"{"lockfileVersion":3,"packages":{}}"#);
    let lock = r#"{"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"file:../b"},"node_modules/c":{"version":"1.0.0","link":true}}}"#;
    write(at("package-lock.json"), lock);
    let modules = at("node_modules");
    assert_eq!(at_risk(&judged(&node_modules::NodeModules, &modules)), ["b/index.js", "c/index.js"]);
    fs::remove_file(modules.join(".package-lock.json")).unwrap();
    assert_eq!(at_risk(&judged(&node_modules::NodeModules, &modules)).len(), 4, "nothing tells when npm finished");
}

#[test]
#[cfg_attr(windows, ignore = "times are all there is to go by, and Windows does not tell when a file was really changed")]
fn a_file_listed_without_a_hash_counts_only_when_it_is_no_younger_than_the_list() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join("venv").join(p);
    write(at("pyvenv.cfg"), "home = /usr/bin\n");
    let site = "lib/python3.12/site-packages";
    write(at(&format!("{site}/a/x.py")), "x");
    write(at(&format!("{site}/a-1.0.dist-info/RECORD")), "a/x.py,,\na-1.0.dist-info/RECORD,,\n");
    assert_eq!(at_risk(&judged(&venv::Venv, &at(""))), [""; 0]);
    age(at(&format!("{site}/a-1.0.dist-info/RECORD")), 60);
    assert_eq!(at_risk(&judged(&venv::Venv, &at(""))), [format!("{site}/a/x.py")]);
}

#[test]
fn a_copy_among_the_data_of_programs_is_none() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    write(at("store/out/a.txt"), "bytes");
    for copy in ["AppData/Roaming/Other/a.txt", "Library/Application Support/Other/a.txt", "x/$Recycle.bin/a.txt"] {
        write(at(copy), "bytes");
    }
    assert_eq!(Search::new(home.path(), &["."]).find(&at("store/out/a.txt"), &["."]).0, Class::AtRisk);
    write(at("x/a.txt"), "bytes");
    assert_eq!(Search::new(home.path(), &["."]).find(&at("store/out/a.txt"), &["."]).0, Class::Flushed);
}

#[test]
fn what_an_earlier_vault_holds_is_no_copy_and_the_name_of_the_home_says_nothing() {
    let top = tempfile::tempdir().unwrap();
    let home = top.path().join(".claude/me");
    let at = |p: &str| home.join(p);
    write(at("store/out/a.txt"), "bytes");
    write(at("Documents/my vault/20261120T225000-624-7f27/0"), "bytes");
    assert_eq!(Search::new(&home, &[]).find(&at("store/out/a.txt"), &[]).0, Class::AtRisk);
    write(at("Documents/20261120/a.txt"), "bytes");
    assert_eq!(Search::new(&home, &[]).find(&at("store/out/a.txt"), &[]).0, Class::Flushed);
}

#[test]
fn a_tag_in_a_repository_or_beside_notes_does_not_make_them_a_cache() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join(p);
    for file in ["c/blob", "c/notes.md", "c/README.md", "repo/.git/HEAD", "repo/main.py"] {
        write(at(file), "x");
    }
    for tag in ["c/CACHEDIR.TAG", "repo/CACHEDIR.TAG"] {
        write(at(tag), "Signature: 8a477f597d28d172789f06886806bc55\n");
    }
    assert_eq!(at_risk(&judged(&cachedir::CacheDirTag, &at("c"))), ["notes.md"]);
    assert_eq!(at_risk(&judged(&cachedir::CacheDirTag, &at("repo"))), ["", ".git/HEAD", "CACHEDIR.TAG", "main.py"]);
}

#[test]
fn of_an_environment_that_several_threads_check_every_file_is_judged() {
    let home = tempfile::tempdir().unwrap();
    let at = |p: &str| home.path().join("venv").join(p);
    write(at("pyvenv.cfg"), "home = /usr/bin\n");
    let site = "lib/python3.12/site-packages";
    let mut record = String::from("big-1.0.dist-info/RECORD,,\n");
    for file in 0..1500 {
        let (name, bytes) = (format!("big/part{}/f{file}.py", file % 40), format!("x = {file:04}\n"));
        let hash = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&bytes));
        let line = format!("{name},sha256={hash},{}\n", bytes.len());
        record += &line;
        write(at(&format!("{site}/{name}")), bytes);
    }
    write(at(&format!("{site}/big-1.0.dist-info/RECORD")), record);
    write(at(&format!("{site}/big/part7/f1007.py")), "x = 9999\n");
    let found = judged(&venv::Venv, &at(""));
    assert_eq!(at_risk(&found), [format!("{site}/big/part7/f1007.py")]);
    assert_eq!(found.len(), 1503);
}
