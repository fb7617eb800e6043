//! Python environments: nothing planted, edited or forged in one passes for a package's.

use super::*;
use crate::classify::venv::Venv;
use crate::demo::Constant;
use proptest::prelude::*;

const SITE: &str = "lib/python3.11/site-packages";

fn at_risk_in(venv: &Path) -> Vec<String> {
    at_risk(&judged(&Venv, venv)).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_hash_based_or_empty_bytecode_file_proves_nothing_by_its_header() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    let pyc = venv.join(SITE).join("demo/__pycache__/api.cpython-311.pyc");
    let genuine = fs::read(&pyc).unwrap();
    let mut forged = genuine.clone();
    forged[4] = 1;
    fs::write(&pyc, &forged).unwrap();
    assert_eq!(at_risk_in(&venv).len(), 1, "any source");
    fs::write(&pyc, [&genuine[..16], b"my notes"].concat()).unwrap();
    assert_eq!(at_risk_in(&venv).len(), 1, "no code in it");
}

#[cfg(target_os = "linux")]
#[test]
fn bytecode_that_was_written_over_in_place_is_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    let pyc = venv.join(SITE).join("demo/__pycache__/api.cpython-311.pyc");
    let before = fs::metadata(&pyc).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    let longer = [fs::read(&pyc).unwrap().as_slice(), b"my notes"].concat();
    fs::write(&pyc, longer).unwrap();
    fs::File::options().write(true).open(&pyc).unwrap().set_modified(before).unwrap();
    assert_eq!(at_risk_in(&venv), [format!("{SITE}/demo/__pycache__/api.cpython-311.pyc")]);
}

#[cfg(unix)]
#[test]
fn a_list_of_files_that_was_rewritten_to_match_an_edit_proves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    let info = venv.join(SITE).join("demo-1.0.dist-info");
    write(info.join("INSTALLER"), "pip\n");
    let record = fs::read_to_string(info.join("RECORD")).unwrap() + "demo-1.0.dist-info/INSTALLER,,\ndemo/mine.py,,\n";
    fs::write(info.join("RECORD"), &record).unwrap();
    // The clock that files are stamped with ticks in steps of some milliseconds.
    std::thread::sleep(Duration::from_millis(25));
    write(venv.join(SITE).join("demo/mine.py"), "mine");
    assert!(at_risk_in(&venv).contains(&format!("{SITE}/demo/mine.py")), "listed without a hash, and later than the list");
    std::thread::sleep(Duration::from_millis(2100));
    let before = fs::metadata(info.join("RECORD")).unwrap().modified().unwrap();
    fs::write(info.join("RECORD"), &record).unwrap();
    fs::File::options().write(true).open(info.join("RECORD")).unwrap().set_modified(before).unwrap();
    let found = judged(&Venv, &venv);
    assert!(found[&format!("{SITE}/demo/api.py")].1.contains("list of files was changed"), "{found:?}");
}

#[test]
fn a_list_of_files_outside_site_packages_or_inside_a_package_lists_nothing() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    write(venv.join("notes/plan.md"), "mine");
    write(venv.join("notes/x-1.dist-info/RECORD"), "notes/plan.md,,\n../notes/plan.md,,\nplan.md,,\n");
    write(venv.join(SITE).join("demo/_vendor/site-packages/y-1.dist-info/RECORD"), "../../mine.py,,\n");
    write(venv.join(SITE).join("demo/mine.py"), "mine");
    let found = at_risk_in(&venv);
    assert!(found.contains(&"notes/plan.md".to_owned()) && found.contains(&format!("{SITE}/demo/mine.py")), "{found:?}");
}

#[test]
fn a_file_two_packages_came_with_is_as_either_of_them_has_it() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    let other = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest("print(2)\n"));
    write(venv.join(SITE).join("other-1.0.dist-info/RECORD"), format!("demo/__init__.py,sha256={other},9\nother-1.0.dist-info/RECORD,,\n"));
    assert_eq!(at_risk_in(&venv), [""; 0]);
    write(venv.join(SITE).join("demo/__init__.py"), "print(2)\n");
    assert_eq!(at_risk_in(&venv), [""; 0]);
    write(venv.join(SITE).join("demo/__init__.py"), "print(3)\n");
    assert_eq!(at_risk_in(&venv), [format!("{SITE}/demo/__init__.py")]);
}

#[cfg(unix)]
#[test]
fn scripts_links_and_settings_of_ones_own_are_none_of_the_environments() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    for name in ["activate", "activate.csh", "activate.fish", "Activate.ps1"] {
        write(venv.join("bin").join(name), "VIRTUAL_ENV=x\nhash -r 2> /dev/null\n");
    }
    std::os::unix::fs::symlink("/usr/bin/python3", venv.join("bin/python3.11")).unwrap();
    assert_eq!(at_risk_in(&venv), [""; 0]);
    std::os::unix::fs::symlink("/home/me/notes", venv.join("bin/python-notes")).unwrap();
    std::thread::sleep(Duration::from_millis(400));
    for name in ["activate", "activate.fish"] {
        let path = venv.join("bin").join(name);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "export KEY=1\nVIRTUAL_ENV=x\nhash -r 2> /dev/null\n").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    }
    write(venv.join("pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.2\nremember to ask Ines\n");
    assert_eq!(at_risk_in(&venv), ["bin/activate", "bin/activate.fish", "bin/python-notes", "pyvenv.cfg"]);
}

#[cfg(target_os = "linux")]
#[test]
fn scripts_and_settings_that_were_all_written_over_at_once_are_at_risk() {
    let home = tempfile::tempdir().unwrap();
    let venv = environment(home.path());
    let names = ["bin/Activate.ps1", "bin/activate", "bin/activate.csh", "bin/activate.fish", "pyvenv.cfg"];
    for name in &names[..4] {
        write(venv.join(name), "VIRTUAL_ENV=x\nhash -r 2> /dev/null\n");
    }
    assert_eq!(at_risk_in(&venv), [""; 0]);
    std::thread::sleep(Duration::from_millis(1100));
    for name in names {
        let path = venv.join(name);
        let (before, text) = (fs::metadata(&path).unwrap().modified().unwrap(), fs::read_to_string(&path).unwrap());
        fs::write(&path, text.replace("/usr/bin", "ask Ines").replace("=x", "=y")).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    }
    assert_eq!(at_risk_in(&venv), names);
}

#[derive(Debug, Clone)]
enum Deed {
    Edit {
        file: usize,
        text: String,
        dated_back: bool,
    },
    Plant {
        folder: usize,
        name: String,
    },
    /// Bytecode of another text under a genuine header, put in the place of what was there.
    Bytecode {
        text: String,
        whole: bool,
    },
}

const FILES: [&str; 3] = ["demo/__init__.py", "demo/api.py", "demo-1.0.dist-info/METADATA"];
const FOLDERS: [&str; 7] = ["", "demo", "demo/__pycache__", "demo-1.0.dist-info", "../..", "../../../bin", "../../../src/own"];

fn deed() -> impl Strategy<Value = Deed> {
    let name = "(\\.?[a-zA-Z0-9_ äß',\\-]{1,16}(\\.py|\\.pth|\\.so|\\.md|\\.cpython-311\\.pyc|)|sitecustomize\\.py|own\\.pth|RECORD\\.bak|python3x|pip)";
    prop_oneof![
        (0..FILES.len(), "[a-z#=\\n ]{0,12}", any::<bool>()).prop_map(|(file, text, dated_back)| Deed::Edit { file, text, dated_back }),
        (0..FOLDERS.len(), name).prop_map(|(folder, name)| Deed::Plant { folder, name }),
        ("[a-zA-Z ]{1,40}", any::<bool>()).prop_map(|(text, whole)| Deed::Bytecode { text, whole }),
    ]
}

/// Puts other bytecode in the place of this, with its header and its times.
fn replaced(pyc: &Path, text: &str, whole: bool) -> PathBuf {
    let genuine = fs::read(pyc).unwrap();
    let given = [("NOTE", Constant::Text(text))];
    let body = if whole { compiled("/demo/api.py", 0, 0, &given).split_off(16) } else { text.as_bytes().to_vec() };
    let new = pyc.with_file_name("new");
    fs::write(&new, [&genuine[..16], &body].concat()).unwrap();
    let before = fs::metadata(pyc).unwrap().modified().unwrap();
    fs::File::options().write(true).open(&new).unwrap().set_modified(before).unwrap();
    fs::rename(new, pyc).unwrap();
    pyc.to_path_buf()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_planted_in_an_environment_is_at_risk_every_time(deeds in proptest::collection::vec(deed(), 1..6), compiled_by_installer: bool) {
        let home = tempfile::tempdir().unwrap();
        let venv = environment(home.path());
        let site = venv.join(SITE);
        if !compiled_by_installer {
            let record = site.join("demo-1.0.dist-info/RECORD");
            let text = fs::read_to_string(&record).unwrap();
            fs::write(record, text.split_inclusive('\n').filter(|line| !line.contains(".pyc")).collect::<String>()).unwrap();
        }
        // The clock that files are stamped with ticks in steps of some milliseconds.
        std::thread::sleep(Duration::from_millis(25));
        let mut touched: Vec<PathBuf> = Vec::new();
        for deed in &deeds {
            let (path, text, back) = match deed {
                Deed::Bytecode { text, whole } => {
                    touched.push(replaced(&site.join("demo/__pycache__/api.cpython-311.pyc"), text, *whole));
                    continue;
                }
                Deed::Edit { file, text, dated_back } => (site.join(FILES[*file]), text.clone(), *dated_back),
                Deed::Plant { folder, name } => (site.join(FOLDERS[*folder]).join(name), "mine".into(), false),
            };
            let before = fs::metadata(&path).ok().and_then(|m| m.modified().ok());
            if before.is_some() && fs::read(&path).unwrap() == text.as_bytes() {
                continue;
            }
            write(&path, &text);
            if let Some(before) = before.filter(|_| back) {
                fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
            }
            touched.push(path);
        }
        let found = judged(&Venv, &venv);
        for path in touched {
            let real = path.canonicalize().unwrap();
            let name = real.strip_prefix(venv.canonicalize().unwrap()).unwrap().to_str().unwrap().replace('\\', "/");
            prop_assert_eq!(found[&name].0, Class::AtRisk, "{} by {:?}", name, &deeds);
        }
    }
}
