use super::*;
use std::path::PathBuf;
use std::process::Command;

fn tool(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|a| a.join("shared/tools").join(name)).find(|p| p.exists());
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
    assert_eq!(ours, theirs.collect());
    assert!(modules.packages.iter().any(|p| p.name == "is-odd" && p.requested == Some(true)));
    assert!(modules.packages.iter().any(|p| p.name == "is-number" && p.requested == Some(false)));
}
