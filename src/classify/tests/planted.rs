//! Plants of every kind, at random, in what the real npm and pip installed: each is found.

use super::real::ran;
use super::*;
use std::process::Command;

/// Numbers that come the same from the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn words(&mut self) -> String {
        let words = ["figures", "Chapter", "draft", "ask", "Ines", "before", "Friday", "zwölf", "final", "margins", "not", "deleted"];
        (0..3 + self.roll(4)).map(|_| words[self.roll(words.len())]).collect::<Vec<_>>().join(" ")
    }
}

/// How many plants: `LIFEBOAT_PLANTS`, or a few. And from which seed: `LIFEBOAT_SEED`.
fn asked() -> (usize, Dice) {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    (number("LIFEBOAT_PLANTS").unwrap_or(40), Dice(u64::try_from(number("LIFEBOAT_SEED").unwrap_or(7)).unwrap()))
}

/// Puts bytes where a file is or none, in one of the ways programs do, its time as before or as another's.
fn put(dice: &mut Dice, path: &Path, bytes: &[u8], outside: &Path) {
    let before = fs::metadata(path).or_else(|_| fs::metadata(path.parent().unwrap())).unwrap().modified().unwrap();
    let back = |file: &Path| fs::File::options().write(true).open(file).unwrap().set_modified(before).unwrap();
    let set_back = dice.roll(2) == 0;
    // The files of some packages may only be read.
    if path.exists() && dice.roll(3) == 0 {
        fs::write(path, bytes).unwrap();
        if set_back {
            back(path);
        }
        return;
    }
    let made = outside.join(format!("made {}", dice.roll(1 << 30)));
    fs::write(&made, bytes).unwrap();
    if set_back {
        back(&made);
    }
    let linked = dice.roll(3) == 0;
    if linked {
        let _ = fs::remove_file(path);
        fs::hard_link(&made, path).unwrap();
    } else {
        fs::rename(&made, path).unwrap();
    }
}

/// Another content for a file.
fn other(dice: &mut Dice, path: &Path, donor: &Path) -> Vec<u8> {
    let genuine = fs::read(path).unwrap();
    let words = dice.words().into_bytes();
    let bytecode = path.extension().is_some_and(|e| e == "pyc") && genuine.len() > 64;
    match dice.roll(if bytecode { 5 } else { 3 }) {
        // The same size.
        0 if genuine.len() > words.len() => {
            let at = if bytecode { 16 } else { 0 } + dice.roll(genuine.len() - words.len() - if bytecode { 16 } else { 0 });
            [&genuine[..at], &words, &genuine[at + words.len()..]].concat()
        }
        1 if genuine.len() > 20 => genuine[..genuine.len() - 1 - dice.roll(4)].to_vec(),
        3 => [&genuine[..16], &words].concat(),
        4 => [&genuine[..16], &fs::read(donor).unwrap()[16..]].concat(),
        _ => [genuine.as_slice(), b"\n", &words].concat(),
    }
}

/// Plants so many things below a folder; gives their names. Never in `but`.
fn plant(folder: &Path, but: &[&str]) -> Vec<(String, &'static str)> {
    let (many, mut dice) = asked();
    let outside = folder.with_file_name("outside");
    fs::create_dir_all(&outside).unwrap();
    let all = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let (dirs, mut files): (Vec<_>, Vec<_>) = all.partition(|e| e.file_type().is_dir());
    files.retain(|e| e.file_type().is_file() && !but.iter().any(|name| e.file_name() == *name));
    let donor = files.iter().find(|e| e.path().extension().is_some_and(|x| x == "pyc")).map_or(folder, |e| e.path()).to_path_buf();
    let mut planted = Vec::new();
    // Bytecode is half of all files where there is any; every kind gets its share.
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let kind = file.path().extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
        kinds.entry(kind).or_default().push(file.into_path());
    }
    let names: Vec<String> = kinds.keys().cloned().collect();
    while planted.len() < many {
        let (path, how) = if dice.roll(3) == 0 {
            let dir = dirs[dice.roll(dirs.len())].path();
            let ending = [".py", ".md", "", ".js", ".cpython-311.pyc", ".so", ".json"][dice.roll(7)];
            let path = dir.join(format!("{}{ending}", dice.words()));
            let words = dice.words();
            put(&mut dice, &path, words.as_bytes(), &outside);
            (path, "foreign")
        } else {
            let kind = if dice.roll(2) == 0 { "pyc".to_owned() } else { names[dice.roll(names.len())].clone() };
            let Some(of_kind) = kinds.get_mut(&kind).filter(|files| !files.is_empty()) else { continue };
            let path = of_kind.swap_remove(dice.roll(of_kind.len()));
            if path == donor {
                continue;
            }
            let bytes = other(&mut dice, &path, &donor);
            if bytes == fs::read(&path).unwrap() {
                continue;
            }
            put(&mut dice, &path, &bytes, &outside);
            (path, "edited")
        };
        planted.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), how));
    }
    planted
}

fn missed(found: &BTreeMap<String, (Class, String)>, planted: &[(String, &'static str)]) -> Vec<String> {
    planted.iter().filter(|(name, _)| found[name].0 != Class::AtRisk).map(|(name, how)| format!("{how} {name}")).collect()
}

#[test]
fn whatever_is_planted_in_what_pip_installed_is_found_also_in_a_copy() {
    let home = tempfile::tempdir().unwrap();
    let (venv, copy) = (home.path().join("venv"), home.path().join("copy"));
    if !ran(Command::new("python3").args(["-m", "venv"]).arg(&venv)) {
        return;
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    if !ran(pip.args(["install", "--quiet", "--disable-pip-version-check", "six", "idna", "packaging"])) {
        return;
    }
    std::thread::sleep(Duration::from_millis(25));
    // A list that is changed puts all of its package at risk, which would hide what is asked. What the environment's maker wrote
    // has nothing to be held against but the times of each other, so it is asked for elsewhere, one at a time.
    let planted = plant(&venv, &["RECORD", "pyvenv.cfg", "activate", "activate.csh", "activate.fish", "Activate.ps1"]);
    println!("{} plants, {} of them bytecode", planted.len(), planted.iter().filter(|(name, _)| name.ends_with(".pyc")).count());
    assert_eq!(missed(&judged(&venv::Venv, &venv), &planted), [""; 0]);
    if ran(Command::new("cp").arg("-a").arg(&venv).arg(&copy)) {
        assert_eq!(missed(&judged(&venv::Venv, &copy), &planted), [""; 0], "in a copy");
    }
}

#[test]
fn whatever_is_planted_in_what_npm_installed_is_found() {
    let home = tempfile::tempdir().unwrap();
    let (shop, cache) = (home.path().join("shop"), home.path().join(".npm"));
    write(shop.join("package.json"), r#"{"name":"shop","version":"1.0.0","dependencies":{"left-pad":"1.3.0","rimraf":"5.0.10"}}"#);
    let mut npm = Command::new("npm");
    if !ran(npm.args(["install", "--no-audit", "--no-fund"]).current_dir(&shop).env("NPM_CONFIG_CACHE", &cache)) {
        return;
    }
    std::thread::sleep(Duration::from_millis(25));
    let modules = shop.join("node_modules");
    let around = Arc::new(Around::of(&World::at(home.path(), BTreeMap::new())));
    // The lock that npm hides here is its own list, and no package's file.
    let planted = plant(&modules, &[".package-lock.json"]);
    println!("{} plants", planted.len());
    assert_eq!(missed(&judged_with(&node_modules::NodeModules, &modules, around), &planted), [""; 0]);
    assert_eq!(missed(&judged(&node_modules::NodeModules, &modules), &planted), [""; 0], "by times alone");
}
