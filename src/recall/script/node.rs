//! `node_modules`: by the lock beside it, or by one written from what was installed.

use super::{Made, Step, elsewhere, words};
use crate::manifest::{Installed, Manifest};
use crate::packages::Package;
use serde_json::{Map, Value, json};

/// Locks, and the commands that install from them, of which the first that works is enough.
const LOCKS: &[(&str, &[&[&str]])] = &[
    ("package-lock.json", NPM),
    ("npm-shrinkwrap.json", NPM),
    ("yarn.lock", &[&["yarn", "install", "--frozen-lockfile"], &["yarn", "install", "--immutable"]]),
    ("pnpm-lock.yaml", &[&["pnpm", "install", "--frozen-lockfile"]]),
];

/// `npm ci` refuses locks over trifles that `npm install` mends.
const NPM: &[&[&str]] = &[&["npm", "ci", "--no-audit", "--no-fund"], &["npm", "install", "--no-audit", "--no-fund"]];

/// `node_modules`.
pub fn modules(manifest: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    let folder = &installed.environment.folder;
    let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let kept = |name: &str| manifest.outputs.iter().chain(manifest.intermediates.iter().map(|i| &i.0)).any(|o| o.path == at(name));
    let run = |commands: &[&[&str]]| Step::Run { folder: folder.clone(), commands: commands.iter().map(|c| words(c)).collect() };
    let mut notes: Vec<String> = elsewhere(&at("node_modules"), packages).into_iter().collect();
    if packages.iter().any(|p| p.runs_script) {
        let names: Vec<&str> = packages.iter().filter(|p| p.runs_script).map(|p| p.name.as_str()).collect();
        notes.push(format!("{}: these run programs of their own when they are installed: {}", at("node_modules"), names.join(", ")));
    }
    if let Some((_, commands)) = LOCKS.iter().find(|(lock, _)| kept(lock)).filter(|_| kept("package.json")) {
        return Made { steps: vec![run(commands)], files: Vec::new(), notes };
    }
    let known: Vec<&&Package> = packages.iter().filter(|p| p.place.is_some() && !p.version.is_empty()).collect();
    if known.is_empty() {
        notes.push(format!("{}: no lock is left, and what was installed is not known exactly", at("node_modules")));
        return Made { notes, ..Made::default() };
    }
    let mut files = Vec::new();
    let asked: Map<String, Value> =
        known.iter().filter(|p| p.requested == Some(true)).map(|p| (p.name.clone(), p.version.clone().into())).collect();
    let mut root = json!({"name": "recalled", "version": "0.0.0", "private": true});
    if let Value::Object(root) = &mut root {
        root.insert("dependencies".into(), Value::Object(asked.clone()));
    }
    if !kept("package.json") {
        files.push((at("package.json"), pretty(&root)));
    }
    let mut places = Map::from_iter([(String::new(), json!({"name": "recalled", "version": "0.0.0", "dependencies": asked}))]);
    for package in known {
        let mut one = json!({"version": package.version});
        if let Value::Object(one) = &mut one {
            one.extend(package.resolved.clone().map(|r| ("resolved".to_owned(), r.into())));
            one.extend(package.integrity.clone().map(|i| ("integrity".to_owned(), i.into())));
        }
        places.insert(package.place.clone().unwrap_or_default(), one);
    }
    let lock = json!({"name": "recalled", "version": "0.0.0", "lockfileVersion": 3, "requires": true, "packages": places});
    files.push((at("package-lock.json"), pretty(&lock)));
    notes.push(format!("{}: its lock is gone; one is written from what was installed", at("node_modules")));
    Made { steps: vec![run(NPM)], files, notes }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
