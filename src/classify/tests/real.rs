//! What the real npm and pip install, where they are and reach their registries.

use super::*;
use std::process::Command;

/// Whether a program ran well; says why a test is left out where it did not.
pub(super) fn ran(command: &mut Command) -> bool {
    let out = command.output();
    let well = out.as_ref().is_ok_and(|o| o.status.success());
    if !well {
        println!("skipped: {command:?} did not work here: {:?}", out.map(|o| String::from_utf8_lossy(&o.stderr).into_owned()));
    }
    well
}

/// Changes three files of a folder, dates them back, and plants one; gives their names.
fn meddle(folder: &Path, kinds: &[&str]) -> Vec<String> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        // What lies right in the folder are the installers' own notes.
        .min_depth(2)
        .into_iter()
        .map(|e| e.unwrap())
        .filter(|e| e.file_type().is_file() && e.path().extension().is_some_and(|x| kinds.iter().any(|k| x == *k)))
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    let picked: Vec<PathBuf> = [0, files.len() / 2, files.len() - 1].into_iter().map(|at| files[at].clone()).collect();
    for path in &picked {
        let before = fs::metadata(path).unwrap().modified().unwrap();
        let text = [fs::read(path).unwrap().as_slice(), b"\n"].concat();
        fs::write(path, text).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_modified(before).unwrap();
    }
    let foreign = picked[1].with_file_name("my notes.md");
    write(&foreign, "mine");
    let mut names: Vec<String> =
        picked.iter().chain([&foreign]).map(|p| p.strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn what_npm_installed_comes_back_and_what_was_meddled_with_does_not() {
    let home = tempfile::tempdir().unwrap();
    let (shop, cache) = (home.path().join("shop"), home.path().join(".npm"));
    write(shop.join("package.json"), r#"{"name":"shop","version":"1.0.0","dependencies":{"left-pad":"1.3.0","rimraf":"5.0.10"}}"#);
    let mut npm = Command::new("npm");
    if !ran(npm.args(["install", "--no-audit", "--no-fund"]).current_dir(&shop).env("NPM_CONFIG_CACHE", &cache)) {
        return;
    }
    let (modules, around) = (shop.join("node_modules"), || Arc::new(Around::of(&World::at(home.path(), BTreeMap::new()))));
    let cached = |folder: &Path| judged_with(&node_modules::NodeModules, folder, around());
    assert_eq!(at_risk(&cached(&modules)), [""; 0]);
    assert_eq!(at_risk(&judged(&node_modules::NodeModules, &modules)), [""; 0], "by times alone");
    let names = meddle(&modules, &["js", "json", "mjs"]);
    assert_eq!(at_risk(&cached(&modules)), names);
    assert_eq!(at_risk(&judged(&node_modules::NodeModules, &modules)), names, "by times alone");
}

#[test]
fn what_pip_installed_comes_back_and_what_was_meddled_with_does_not() {
    let home = tempfile::tempdir().unwrap();
    let venv = home.path().join("venv");
    if !ran(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return;
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    if !ran(pip.args(["install", "--quiet", "--disable-pip-version-check", "six", "idna"])) {
        return;
    }
    assert_eq!(at_risk(&judged(&venv::Venv, &venv)), [""; 0]);
    let names = meddle(&venv, &["py", "txt"]);
    let found = judged(&venv::Venv, &venv);
    let lost = at_risk(&found);
    assert!(names.iter().all(|name| lost.contains(&name.as_str())), "{names:?} {lost:?}");
    // Bytecode of an edited source is of another version than its source; nothing else is held to be at risk.
    assert!(lost.iter().all(|name| names.iter().any(|n| n == name) || name.ends_with(".pyc")), "{lost:?}");
}
