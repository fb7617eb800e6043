//! `node_modules` as installers leave it: what is compared with npm's cache, and what the system's times tell.

use super::*;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::thread::sleep;

/// A package and its files.
type Package = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const PACKAGES: &[Package] = &[
    ("left-pad", "1.3.0", &[("package.json", "{\"name\":\"left-pad\"}"), ("index.js", "pad()"), ("lib/deep/er.js", "1")]),
    ("@s/b", "2.0.0", &[("package.json", "{\"name\":\"@s/b\"}"), ("cli.js", "#!/usr/bin/env node\r\nrun()\r\n"), (".gitignore", "*.log")]),
    ("outer", "3.0.0", &[("package.json", "{\"name\":\"outer\"}"), ("index.js", "o"), ("node_modules/inner/index.js", "i")]),
];

/// Where npm keeps its cache in a home.
const CACHE: &str = if cfg!(windows) { "AppData/Local/npm-cache/_cacache" } else { ".npm/_cacache" };

/// A project with an installed `node_modules`, written in npm's order, and a cache of its packages.
struct Project {
    home: tempfile::TempDir,
}

impl Project {
    /// Installs every package; the cache gets those `cached` says.
    fn new(cached: impl Fn(&str) -> bool) -> Self {
        let this = Self { home: tempfile::tempdir().unwrap() };
        let mut locked = String::new();
        for (name, version, files) in PACKAGES {
            let archive = packed(files);
            let sha512 = sha2::Sha512::digest(&archive);
            let hex: String = sha512.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| char::from_digit(d.into(), 16).unwrap()).collect();
            if cached(name) {
                write(this.home.path().join(CACHE).join("content-v2/sha512").join(&hex[..2]).join(&hex[2..4]).join(&hex[4..]), &archive);
            }
            let integrity = base64::engine::general_purpose::STANDARD.encode(sha512);
            let entry = format!(
                "\"node_modules/{name}\":{{\"version\":\"{version}\",\"resolved\":\"https://r/x.tgz\",\"integrity\":\"sha512-{integrity}\"}},"
            );
            locked.push_str(&entry);
            for (path, text) in *files {
                let path = path.replace(".gitignore", ".npmignore");
                write(
                    this.modules().join(name).join(path),
                    if text.starts_with("#!") { text.replacen("\r\n", "\n", 1) } else { (*text).into() },
                );
            }
        }
        locked += "\"node_modules/outer/node_modules/inner\":{\"version\":\"1.0.0\",\"inBundle\":true}";
        let lock = format!("{{\"lockfileVersion\":3,\"packages\":{{{locked}}}}}");
        write(this.home.path().join("shop/package.json"), "{}");
        write(this.home.path().join("shop/package-lock.json"), &lock);
        write(this.modules().join(".package-lock.json"), &lock);
        // The clock that files are stamped with ticks in steps of some milliseconds.
        sleep(Duration::from_millis(25));
        this
    }

    fn modules(&self) -> PathBuf {
        self.home.path().join("shop/node_modules")
    }

    fn judged(&self, folder: &Path) -> BTreeMap<String, (Class, String)> {
        let world = World::at(self.home.path(), BTreeMap::new());
        judged_with(&node_modules::NodeModules, folder, Arc::new(Around::of(&world)))
    }

    fn at_risk(&self) -> Vec<String> {
        at_risk(&self.judged(&self.modules())).into_iter().map(str::to_owned).collect()
    }
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("package/{path}"), text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// Changes a file and sets its time back, as `touch -r` does.
fn edit_and_date_back(path: &Path, text: &str) {
    let before = fs::metadata(path).unwrap().modified().unwrap();
    fs::write(path, text).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(before).unwrap();
}

/// Copies a folder, times kept, each folder's time set after what is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
            let file = fs::File::options().write(true).open(&target).unwrap();
            file.set_modified(entry.metadata().unwrap().modified().unwrap()).unwrap();
        }
    }
    #[cfg(unix)]
    fs::File::open(to).unwrap().set_modified(fs::metadata(from).unwrap().modified().unwrap()).unwrap();
}

#[test]
fn every_file_that_equals_its_cached_package_comes_back_and_no_other_does() {
    let project = Project::new(|_| true);
    let found = project.judged(&project.modules());
    assert_eq!(at_risk(&found), [""; 0], "{found:?}");
    edit_and_date_back(&project.modules().join("left-pad/index.js"), "PAD()");
    edit_and_date_back(&project.modules().join("outer/node_modules/inner/index.js"), "I");
    write(project.modules().join("outer/lib/mine.js"), "x");
    assert_eq!(project.at_risk(), ["left-pad/index.js", "outer/lib/mine.js", "outer/node_modules/inner/index.js"]);
}

#[test]
fn a_cached_package_proves_its_files_in_a_copy_and_after_npm_ran_again() {
    let project = Project::new(|_| true);
    let lock = fs::read(project.modules().join(".package-lock.json")).unwrap();
    sleep(Duration::from_millis(250));
    fs::write(project.modules().join(".package-lock.json"), lock).unwrap();
    assert_eq!(project.at_risk(), [""; 0]);
    let other = project.home.path().join("other");
    for name in ["package.json", "package-lock.json"] {
        write(other.join(name), fs::read(project.home.path().join("shop").join(name)).unwrap());
    }
    copy(&project.modules(), &other.join("node_modules"));
    assert_eq!(at_risk(&project.judged(&other.join("node_modules"))), [""; 0]);
}

#[test]
fn a_damaged_archive_in_the_cache_proves_nothing() {
    let project = Project::new(|name| name == "left-pad");
    let cache = project.home.path().join(CACHE);
    let archive = walkdir::WalkDir::new(cache).into_iter().map(Result::unwrap).find(|e| e.file_type().is_file()).unwrap();
    fs::write(archive.path(), packed(&[("index.js", "forged()")])).unwrap();
    edit_and_date_back(&project.modules().join("left-pad/index.js"), "forged()");
    assert!(project.at_risk().contains(&"left-pad/index.js".to_owned()));
}

#[cfg(unix)]
#[test]
fn without_a_cache_the_systems_own_times_find_an_edit_that_was_dated_back() {
    let project = Project::new(|_| false);
    let found = project.judged(&project.modules());
    assert_eq!(at_risk(&found), [""; 0], "{found:?}");
    edit_and_date_back(&project.modules().join("left-pad/index.js"), "PAD()");
    assert_eq!(project.at_risk(), ["left-pad/index.js"]);
}

#[cfg(unix)]
#[test]
fn without_a_cache_nothing_is_told_of_a_folder_npm_ran_in_twice_or_that_was_copied_without_its_times() {
    let project = Project::new(|_| false);
    let lock = project.modules().join(".package-lock.json");
    let text = fs::read(&lock).unwrap();
    sleep(Duration::from_millis(250));
    fs::write(&lock, &text).unwrap();
    let found = project.judged(&project.modules());
    assert!(found.values().all(|v| v.0 == Class::AtRisk && v.1.contains("more than once")), "{found:?}");
    let project = Project::new(|_| false);
    fs::remove_file(project.modules().join(".package-lock.json")).unwrap();
    write(project.modules().join(".package-lock.json"), &text);
    sleep(Duration::from_millis(25));
    fs::remove_dir_all(project.modules().join("left-pad")).unwrap();
    write(project.modules().join("left-pad/package.json"), "{}");
    assert!(project.judged(&project.modules()).values().all(|v| v.0 == Class::AtRisk));
}

#[cfg(unix)]
#[test]
fn in_a_copy_that_kept_the_times_what_was_changed_after_the_copying_is_found() {
    let project = Project::new(|_| false);
    let other = project.home.path().join("other");
    for name in ["package.json", "package-lock.json"] {
        write(other.join(name), fs::read(project.home.path().join("shop").join(name)).unwrap());
    }
    copy(&project.modules(), &other.join("node_modules"));
    let found = project.judged(&other.join("node_modules"));
    assert_eq!(at_risk(&found), [""; 0], "{found:?}");
    sleep(Duration::from_millis(25));
    edit_and_date_back(&other.join("node_modules/outer/index.js"), "O");
    write(other.join("node_modules/left-pad/notes.txt"), "mine");
    let found = project.judged(&other.join("node_modules"));
    let lost: Vec<&str> = at_risk(&found);
    assert!(lost.contains(&"outer/index.js") && lost.contains(&"left-pad/notes.txt"), "{found:?}");
    assert_eq!(found["@s/b/cli.js"].0, Class::Rebuildable);
}

/// What somebody may do to a file of a package, or beside one.
#[derive(Debug, Clone)]
enum Deed {
    Append,
    OtherBytesSameSize,
    Empty,
    Replace,
    Foreign(String),
}

fn deed() -> impl Strategy<Value = Deed> {
    let name = "[a-zA-Z0-9_@. äß$'\\-]{1,20}(\\.js|\\.json|\\.md|)".prop_filter("a name", |n| !n.trim_matches(['.', ' ']).is_empty());
    prop_oneof![Just(Deed::Append), Just(Deed::OtherBytesSameSize), Just(Deed::Empty), Just(Deed::Replace), name.prop_map(Deed::Foreign)]
}

fn done(deed: &Deed, file: &Path, dated_back: bool) -> Option<PathBuf> {
    let before = fs::metadata(file).unwrap().modified().unwrap();
    let bytes = fs::read(file).unwrap();
    let path = match deed {
        Deed::Append => {
            fs::write(file, [bytes.as_slice(), b"\n"].concat()).unwrap();
            file.to_path_buf()
        }
        Deed::OtherBytesSameSize => {
            fs::write(file, bytes.iter().map(|b| b.wrapping_add(1)).collect::<Vec<u8>>()).unwrap();
            file.to_path_buf()
        }
        Deed::Empty => {
            fs::write(file, "").unwrap();
            file.to_path_buf()
        }
        Deed::Replace => {
            let other = file.with_extension("new");
            fs::write(&other, "other").unwrap();
            fs::rename(&other, file).unwrap();
            file.to_path_buf()
        }
        Deed::Foreign(name) => {
            let path = file.with_file_name(name);
            if path.exists() {
                return None;
            }
            fs::write(&path, "foreign").unwrap();
            path
        }
    };
    if dated_back {
        fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    }
    Some(path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_planted_in_node_modules_is_at_risk_every_time(
        deeds in proptest::collection::vec((deed(), any::<prop::sample::Index>(), any::<bool>()), 1..5),
        cached in 0..8u8,
    ) {
        // Where times cannot be told, only what is in the cache can be proven.
        let cached = |name: &str| PACKAGES.iter().position(|p| p.0 == name).is_some_and(|at| cached >> at & 1 == 1);
        let project = Project::new(cached);
        let modules = &project.modules();
        let files: Vec<PathBuf> = PACKAGES
            .iter()
            .flat_map(|(name, _, files)| files.iter().map(move |(path, _)| modules.join(name).join(path.replace(".gitignore", ".npmignore"))))
            .collect();
        let planted: Vec<PathBuf> = deeds.iter().filter_map(|(deed, at, back)| done(deed, &files[at.index(files.len())], *back)).collect();
        let found = project.judged(&project.modules());
        for path in &planted {
            let same = PACKAGES.iter().any(|(name, _, files)| files.iter().any(|(file, text)| {
                *path == project.modules().join(name).join(file.replace(".gitignore", ".npmignore")) && fs::read_to_string(path).unwrap() == *text
            }));
            let name = path.strip_prefix(project.modules()).unwrap().to_str().unwrap().replace('\\', "/");
            // Deeds may undo each other; or give back the line ending the package has.
            prop_assert!(same || found[&name].0 == Class::AtRisk, "{} by {:?}: {:?}", name, deeds, found[&name]);
        }
        let whole = PACKAGES.iter().all(|p| cached(p.0)) || cfg!(unix);
        let untouched = files.iter().filter(|f| !planted.contains(f));
        for file in untouched.filter(|_| whole) {
            let name = file.strip_prefix(project.modules()).unwrap().to_str().unwrap().replace('\\', "/");
            let of_replaced = found[&name].1.contains("came here after");
            prop_assert!(of_replaced || found[&name].0 == Class::Rebuildable, "{} by {:?}: {:?}", name, deeds, found[&name]);
        }
    }
}
