use super::*;
use std::path::PathBuf;
use std::process::Command;

fn tool(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|a| a.join("shared/tools").join(name)).find(|p| p.exists());
    let found = found.filter(|_| cfg!(unix));
    if found.is_none() {
        eprintln!("passed over: `{name}` is not here");
    }
    found
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// What `pip freeze --all` prints for packages, in the order of our own.
fn frozen(environment: &Environment) -> Vec<String> {
    let mut lines: Vec<String> = environment.packages.iter().map(|p| format!("{}=={}", p.name, p.version)).collect();
    lines.sort();
    lines
}

fn pip_freeze(venv: &Path) -> Vec<String> {
    let text = run(Command::new(venv.join("bin/python")).args(["-m", "pip", "freeze", "--all", "--disable-pip-version-check"]));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn packages_of_a_genuine_session_are_what_pip_and_npm_say() {
    let Some(make) = tool("real-stores") else { return };
    let dir = tempfile::tempdir().unwrap();
    run(Command::new(make).arg(dir.path()).arg("cowork"));
    let found = installed_in(dir.path());
    let venv = found.iter().find(|e| e.kind == "venv").unwrap();
    assert_eq!(frozen(venv), pip_freeze(&dir.path().join(&venv.folder)));
    assert!(venv.packages.len() >= 3 && venv.installer.as_deref() == Some("pip"), "{venv:?}");
    assert!(venv.recipe.iter().any(|r| r.ends_with("outputs/requirements.txt")), "{:?}", venv.recipe);
    let asked: Vec<&str> = venv.packages.iter().filter(|p| p.requested == Some(true)).map(|p| p.name.as_str()).collect();
    assert!(asked.contains(&"six"), "{asked:?}");

    let modules = found.iter().find(|e| e.kind == "node_modules").unwrap();
    let hidden = std::fs::read(dir.path().join(&modules.folder).join("node_modules/.package-lock.json")).unwrap();
    let hidden: serde_json::Value = serde_json::from_slice(&hidden).unwrap();
    let ours: serde_json::Map<String, serde_json::Value> = modules
        .packages
        .iter()
        .map(|p| (p.place.clone().unwrap(), serde_json::json!([p.version, p.integrity, p.resolved, p.runs_script])))
        .collect();
    let theirs = hidden["packages"].as_object().unwrap().iter().map(|(place, p)| {
        let script = p["hasInstallScript"].as_bool() == Some(true);
        (place.clone(), serde_json::json!([p["version"], p["integrity"], p["resolved"], script]))
    });
    assert_eq!(ours, theirs.collect::<serde_json::Map<_, _>>());
    assert!(modules.packages.iter().any(|p| p.name == "is-odd" && p.requested == Some(true)));
    assert!(modules.packages.iter().any(|p| p.name == "is-number" && p.requested == Some(false)));
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

fn only(dir: &tempfile::TempDir) -> Environment {
    let mut found = installed_in(dir.path());
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Name, version and origin of every package.
fn listed(environment: &Environment) -> Vec<(&str, &str, Option<&str>)> {
    environment.packages.iter().map(|p| (p.name.as_str(), p.version.as_str(), p.origin.as_deref())).collect()
}

const SITE: &str = "out/.venv/lib/python3.11/site-packages";

fn venv(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = folder(&[("out/.venv/pyvenv.cfg", "home = /usr/bin\nversion_info = 3.11.7.final.0\nuv = 0.9.1\n")]);
    for (path, text) in files {
        let path = dir.path().join(SITE).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

#[test]
fn python_packages_from_elsewhere_say_where() {
    let meta = |name: &str| format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\nName: other\n");
    let dir = venv(&[
        ("plain-1.0.dist-info/METADATA", &meta("Plain")),
        ("plain-1.0.dist-info/INSTALLER", "uv\n"),
        ("plain-1.0.dist-info/REQUESTED", ""),
        ("vcs-1.0.dist-info/METADATA", &meta("vcs")),
        ("vcs-1.0.dist-info/direct_url.json", r#"{"url":"https://e.org/r","vcs_info":{"vcs":"git","commit_id":"abc"},"subdirectory":"s"}"#),
        ("mine-1.0.dist-info/METADATA", &meta("mine")),
        ("mine-1.0.dist-info/direct_url.json", r#"{"url":"file:///home/u/mine","dir_info":{"editable":true}}"#),
        ("torn-1.0.dist-info/METADATA", &meta("torn")),
        ("torn-1.0.dist-info/direct_url.json", r#"{"url":"#),
        ("linked.egg-link", "/home/u/linked\n.\n"),
        ("old.egg-info/PKG-INFO", &meta("old")),
        ("zipped-2.0-py3.11.egg", ""),
        ("~lain-0.9.dist-info/METADATA", &meta("plain")),
        ("plain/_vendor/inner-1.0.dist-info/METADATA", &meta("inner")),
    ]);
    let found = only(&dir);
    assert_eq!((found.kind.as_str(), found.folder.as_str(), found.runtime.as_deref()), ("venv", "out/.venv", Some("python 3.11.7")));
    let expected = [
        ("Plain", "1.0", None),
        ("linked", "", Some("/home/u/linked")),
        ("mine", "1.0", Some("file:///home/u/mine")),
        ("old", "1.0", Some("unknown")),
        ("torn", "1.0", Some("unknown")),
        ("vcs", "1.0", Some("git+https://e.org/r@abc#subdirectory=s")),
        ("zipped", "2.0", Some("unknown")),
    ];
    assert_eq!(listed(&found), expected);
    assert!(found.packages.iter().all(|p| p.editable == matches!(p.name.as_str(), "mine" | "linked")));
    assert_eq!(found.packages[0].requested, Some(true));
    assert!(found.notes.iter().any(|n| n.contains("direct_url.json could not be read")), "{:?}", found.notes);
}

#[test]
fn a_package_that_cannot_be_read_is_told_and_the_others_stay() {
    let dir = venv(&[("good-1.0.dist-info/METADATA", "Name: good\nVersion: 1.0\n"), ("bad-1.0.dist-info/METADATA", "nonsense\n")]);
    std::fs::create_dir_all(dir.path().join(SITE).join("empty-1.0.dist-info")).unwrap();
    let found = only(&dir);
    assert_eq!(listed(&found), [("good", "1.0", None)]);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_out_of_the_folder() {
    let elsewhere = venv(&[("secret-1.0.dist-info/METADATA", "Name: secret\nVersion: 1.0\n")]);
    let dir = venv(&[]);
    let site = dir.path().join(SITE);
    std::fs::create_dir_all(&site).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join(SITE).join("secret-1.0.dist-info"), site.join("secret-1.0.dist-info")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("out"), dir.path().join("linked")).unwrap();
    assert_eq!(listed(&only(&dir)), []);
}

#[test]
fn conda_tells_its_own_packages_and_python_the_rest() {
    let dir = folder(&[
        ("env/conda-meta/history", ""),
        (
            "env/conda-meta/numpy-1.26.4-py311_0.json",
            r#"{"name":"numpy","version":"1.26.4","build":"py311_0","url":"https://c.org/linux-64/numpy-1.26.4-py311_0.conda","sha256":"ab","requested_spec":"numpy"}"#,
        ),
        (
            "env/conda-meta/python-3.11.7-h_0.json",
            r#"{"name":"python","version":"3.11.7","url":"https://c.org/linux-64/python-3.11.7-h_0.conda","md5":"cd","requested_spec":"None"}"#,
        ),
        ("env/lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA", "Name: numpy\nVersion: 1.26.4\n"),
        ("env/lib/python3.11/site-packages/numpy-1.26.4.dist-info/INSTALLER", "conda"),
        ("env/lib/python3.11/site-packages/six-1.16.0.dist-info/METADATA", "Name: six\nVersion: 1.16.0\n"),
        ("env/lib/python3.11/site-packages/six-1.16.0.dist-info/INSTALLER", "pip\n"),
    ]);
    let found = installed_in(dir.path());
    let [conda, python] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((conda.kind.as_str(), conda.runtime.as_deref()), ("conda", Some("python 3.11.7")));
    assert_eq!(listed(conda), [("numpy", "1.26.4", None), ("python", "3.11.7", None)]);
    assert_eq!(conda.packages.iter().map(|p| p.requested).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!(conda.packages[0].integrity.as_deref(), Some("sha256:ab"));
    assert_eq!(listed(python), [("six", "1.16.0", None)]);
}

#[test]
fn debian_packages_are_those_installed_now() {
    let dir = folder(&[
        (
            "rootfs/var/lib/dpkg/status",
            "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.21\n\nPackage: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.36-9\nDescription: c\n Version: 9\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: tz\nStatus: hold ok installed\nArchitecture: all\nVersion: 1:2.0-1\n",
        ),
        ("rootfs/var/lib/dpkg/info/dpkg.list", ""),
        ("rootfs/var/lib/apt/extended_states", "Package: tz\nArchitecture: amd64\nAuto-Installed: 1\n"),
    ]);
    let found = only(&dir);
    assert_eq!(found.folder, "rootfs");
    assert_eq!(listed(&found), [("dpkg", "1.21", None), ("libc6:i386", "2.36-9", None), ("tz", "1:2.0-1", None)]);
    assert_eq!(found.packages.iter().map(|p| p.requested).collect::<Vec<_>>(), [Some(true), Some(true), Some(false)]);
}

#[test]
fn debian_packages_of_this_system_are_what_dpkg_and_apt_say() {
    let system = Path::new("/var/lib");
    let asked = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status} ${Package} ${Version}\n"]).output();
    let (Ok(asked), Ok(manual)) = (asked, Command::new("apt-mark").arg("showmanual").output()) else {
        eprintln!("passed over: no dpkg here");
        return;
    };
    let copy = |name: &str| std::fs::read_to_string(system.join(name)).unwrap_or_default();
    let dir = folder(&[
        ("var/lib/dpkg/status", &copy("dpkg/status")),
        ("var/lib/dpkg/info/x", ""),
        ("var/lib/apt/extended_states", &copy("apt/extended_states")),
    ]);
    let found = only(&dir);
    let asked = String::from_utf8(asked.stdout).unwrap();
    let mut theirs: Vec<&str> = asked.lines().filter_map(|l| l.strip_prefix("installed ")).collect();
    theirs.sort_unstable();
    let bare = |p: &Package| p.name.split(':').next().unwrap_or_default().to_owned();
    let mut ours: Vec<String> = found.packages.iter().map(|p| format!("{} {}", bare(p), p.version)).collect();
    ours.sort();
    assert_eq!(ours, theirs);
    let manual = String::from_utf8(manual.stdout).unwrap();
    let mut theirs: Vec<&str> = manual.lines().collect();
    theirs.sort_unstable();
    let mut ours: Vec<&str> = found.packages.iter().filter(|p| p.requested == Some(true)).map(|p| p.name.as_str()).collect();
    ours.sort_unstable();
    assert_eq!(ours, theirs);
}

#[test]
fn programs_and_crates_of_rust_say_where_they_came_from() {
    let dir = folder(&[
        (
            ".cargo/.crates2.json",
            r#"{"installs":{"bat 0.24.0 (registry+https://github.com/rust-lang/crates.io-index)":{},"own 0.1.0 (path+file:///home/u/own)":{}}}"#,
        ),
        (
            "p/Cargo.lock",
            "version = 4\n[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"ab\"\n[[package]]\nname = \"p\"\nversion = \"0.1.0\"\n",
        ),
        ("p/Cargo.toml", ""),
        ("p/target/x", ""),
    ]);
    let found = installed_in(dir.path());
    assert_eq!(listed(&found[0]), [("bat", "0.24.0", None), ("own", "0.1.0", Some("path+file:///home/u/own"))]);
    assert_eq!(listed(&found[1]), [("serde", "1.0.2", None)]);
    assert_eq!(found[1].packages[0].integrity.as_deref(), Some("sha256:ab"));
}

#[test]
fn gems_and_the_packages_of_php_and_homebrew_are_listed() {
    let dir = folder(&[
        ("gem/gems/x", ""),
        ("gem/specifications/rake-13.0.6.gemspec", "# -*- encoding: utf-8 -*-\n# stub: rake 13.0.6 ruby lib\n"),
        ("gem/specifications/old-1.0.gemspec", "Gem::Specification.new do |s|\n  s.name = \"old\".freeze\n  s.version = \"1.0\"\n"),
        (
            "php/vendor/composer/installed.json",
            r#"{"packages":[{"name":"a/b","version":"1.2.3","dist":{"type":"zip","url":"https://e.org/z","shasum":""}},{"name":"my/own","version":"dev-main","dist":{"type":"path","url":"../own"}}]}"#,
        ),
        ("php/vendor/composer/installed.php", ""),
        ("usr/Cellar/jq/1.7.1/INSTALL_RECEIPT.json", r#"{"installed_on_request":true,"source":{"tap":"homebrew/core"}}"#),
    ]);
    let found = installed_in(dir.path());
    assert_eq!(listed(&found[0]), [("old", "1.0", None), ("rake", "13.0.6", None)]);
    assert_eq!(listed(&found[1]), [("a/b", "1.2.3", None), ("my/own", "dev-main", Some("../own"))]);
    assert_eq!(listed(&found[2]), [("jq", "1.7.1", None)]);
    assert_eq!(found[2].packages[0].requested, Some(true));
}

#[test]
fn a_linked_package_and_one_under_another_name_are_told_as_such() {
    let dir = folder(&[
        (
            "n/node_modules/.package-lock.json",
            r#"{"packages":{"../loc":{"version":"3.0.0"},"node_modules/loc":{"resolved":"../loc","link":true},
            "node_modules/odd":{"name":"is-odd","version":"3.0.0","integrity":"sha512-x","resolved":"https://r/o.tgz"},
            "node_modules/odd/node_modules/g":{"version":"1.0.0","resolved":"git+ssh://git@e.org/g.git#abc","hasInstallScript":true}}}"#,
        ),
        ("n/package.json", r#"{"dependencies":{"odd":"npm:is-odd@3","loc":"file:../loc"}}"#),
    ]);
    let found = only(&dir);
    let expected = [("g", "1.0.0", Some("git+ssh://git@e.org/g.git#abc")), ("is-odd", "3.0.0", None), ("loc", "3.0.0", Some("../loc"))];
    assert_eq!(listed(&found), expected);
    assert_eq!(found.packages.iter().map(|p| p.requested).collect::<Vec<_>>(), [Some(false), Some(true), Some(true)]);
    assert_eq!(found.packages[1].place.as_deref(), Some("node_modules/odd"));
    assert!(found.packages[0].runs_script && found.packages[2].editable);
}

#[test]
fn without_npms_list_the_manifests_and_the_lock_beside_tell() {
    let dir = folder(&[
        ("y/node_modules/a/package.json", r#"{"name":"a","version":"1.0.0"}"#),
        ("y/node_modules/a/node_modules/@s/b/package.json", r#"{"name":"@s/b","version":"2.0.0"}"#),
        ("y/node_modules/loc/package.json", r#"{"name":"loc","version":"3.0.0"}"#),
        ("y/node_modules/torn/package.json", "{"),
        ("y/package.json", r#"{"dependencies":{"a":"1"}}"#),
        (
            "y/yarn.lock",
            "a@1:\n  version \"1.0.0\"\n  resolved \"https://r/a\"\n  integrity sha512-x\n\n\"loc@file:../loc\":\n  version \"3.0.0\"\n",
        ),
    ]);
    let found = only(&dir);
    assert_eq!(listed(&found), [("@s/b", "2.0.0", None), ("a", "1.0.0", None), ("loc", "3.0.0", Some("file:../loc"))]);
    assert_eq!(found.packages[1].integrity.as_deref(), Some("sha512-x"));
    assert_eq!(found.packages[0].place.as_deref(), Some("node_modules/a/node_modules/@s/b"));
    assert!(found.notes[0].contains("torn/package.json could not be read"), "{:?}", found.notes);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn garbage_is_read_without_a_panic(text in "[\\PC\n]{0,200}|(Name|Version|# stub|Package|\\[\\[package\\]\\]|\\{\"packages\":)[ -~\n]{0,80}") {
        let dir = folder(&[
            ("v/pyvenv.cfg", &text),
            ("v/lib/python3/site-packages/a-1.dist-info/METADATA", &text),
            ("v/lib/python3/site-packages/a-1.dist-info/direct_url.json", &text),
            ("v/lib/python3/site-packages/a.egg-link", &text),
            ("v/lib/python3/site-packages/.egg", &text),
            ("n/node_modules/.package-lock.json", &text),
            ("n/node_modules/a/package.json", &text),
            ("n/package.json", &text),
            ("n/yarn.lock", &text),
            ("conda-meta/a.json", &text),
            ("var/lib/dpkg/status", &text),
            ("var/lib/dpkg/info", ""),
            ("c/.crates2.json", &text),
            ("c/Cargo.lock", &text),
            ("c/Cargo.toml", &text),
            ("c/target/x", ""),
            ("g/gems/x", ""),
            ("g/specifications/a.gemspec", &text),
            ("p/vendor/composer/installed.json", &text),
            ("p/vendor/composer/installed.php", ""),
            ("Cellar/a/1/INSTALL_RECEIPT.json", &text),
        ]);
        let _ = installed_in(dir.path());
    }
}
