//! JavaScript packages: npm's own list of what it installed, else the packages' own manifests.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use crate::classify::node_lock;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// JavaScript packages.
pub struct Npm;

/// Files beside `node_modules` that it is made from.
const RECIPES: &[&str] = &["package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ".npmrc"];

impl Ecosystem for Npm {
    fn id(&self) -> &'static str {
        "npm"
    }

    fn mark(&self, at: &Path, _inside: &[&str]) -> bool {
        last(at) == "node_modules" && at.parent().is_none_or(|p| p.iter().all(|part| part != "node_modules"))
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let beside = place.at.parent().unwrap_or(Path::new(""));
        let mut found = Environment { kind: "node_modules".into(), folder: told(beside), ..Environment::default() };
        found.recipe = RECIPES.iter().map(|n| beside.join(n)).filter(|p| place.has(p)).map(|p| told(&p)).collect();
        let hidden = place.at.join(".package-lock.json");
        let listed = if place.has(&hidden) { place.json(&hidden).map(|lock| from_lock(&lock, &told(&hidden))) } else { Ok(None) };
        match listed {
            Ok(Some(packages)) => {
                found.installer = Some("npm".into());
                found.recipe.push(told(&hidden));
                found.packages = packages;
            }
            Ok(None) => manifested(place, beside, &mut found),
            Err(e) => {
                found.notes.push(unread(&hidden, &e));
                manifested(place, beside, &mut found);
            }
        }
        if let Ok(project) = place.json(&beside.join("package.json")) {
            let asked = asked_for(&project);
            let mut stored: HashMap<String, usize> = HashMap::new();
            for package in found.packages.iter().filter(|p| in_store(p)) {
                *stored.entry(package.name.clone()).or_default() += 1;
            }
            for package in &mut found.packages {
                let top = package.place.as_deref().and_then(|p| p.strip_prefix("node_modules/"));
                package.requested = match stored.get(&package.name) {
                    // pnpm's packages stand in a store of its own; of two versions nobody tells which was meant.
                    Some(1) => Some(asked.contains(package.name.as_str())),
                    Some(_) if asked.contains(package.name.as_str()) => None,
                    Some(_) => Some(false),
                    None => top.map(|name| asked.contains(name)),
                };
            }
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

fn in_store(package: &Package) -> bool {
    package.place.as_deref().is_some_and(|p| p.starts_with("node_modules/.pnpm/"))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn yes(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool) == Some(true)
}

/// What a project names itself, by the names it imports them under.
fn asked_for(project: &Value) -> HashSet<&str> {
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .filter_map(|key| project.get(*key)?.as_object())
        .flat_map(|all| all.keys().map(String::as_str))
        .collect()
}

/// What is in npm's own list (docs.npmjs.com, "package-lock.json", `packages`); `None`: it has none.
fn from_lock(lock: &Value, from: &str) -> Option<Vec<Package>> {
    let all = lock.get("packages")?.as_object()?;
    let mut packages = Vec::new();
    for (folder, locked) in all {
        // What stands outside of node_modules is a folder of the user's, told by the link to it.
        let Some(name) = folder.rfind("node_modules/").and_then(|at| folder.get(at + "node_modules/".len()..)) else { continue };
        let resolved = text(locked, "resolved");
        let editable = yes(locked, "link");
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let target = editable.then(|| resolved.as_ref().and_then(|to| all.get(to.trim_start_matches("./")))).flatten();
        let version = text(locked, "version").or_else(|| target.and_then(|t| text(t, "version")));
        packages.push(Package {
            ecosystem: Npm.id().into(),
            name: text(locked, "name").unwrap_or_else(|| name.to_owned()),
            version: version.unwrap_or_default(),
            from: from.to_owned(),
            origin: resolved.clone().filter(|url| editable || !web(url)),
            editable,
            integrity: text(locked, "integrity"),
            place: Some(folder.clone()),
            resolved: resolved.filter(|url| web(url)),
            runs_script: yes(locked, "hasInstallScript"),
            ..Package::default()
        });
    }
    (!packages.is_empty()).then_some(packages)
}

/// Without npm's own list: what the packages' manifests say; the lock of another tool tells where they came from.
fn manifested(place: &Place<'_>, beside: &Path, found: &mut Environment) {
    manifests(place, place.at, found, 0);
    let store = place.at.join(".pnpm");
    for name in place.names(&store).unwrap_or_default().iter().filter(|n| n.is_dir) {
        let inner = store.join(&name.name).join("node_modules");
        if name.name != "node_modules" && place.has(&inner) {
            manifests(place, &inner, found, 0);
        }
    }
    let locks = [(store.join("lock.yaml"), "pnpm"), (beside.join("pnpm-lock.yaml"), "pnpm"), (beside.join("yarn.lock"), "yarn")];
    let Some((path, tool)) = locks.iter().find(|(path, _)| place.has(path)) else { return };
    let lock = match place.text(path) {
        Ok(text) if *tool == "pnpm" => node_lock::pnpm(&text),
        Ok(text) => node_lock::yarn(&text),
        Err(e) => return found.notes.push(unread(path, &e)),
    };
    found.installer = Some((*tool).into());
    found.recipe.push(told(path));
    for package in &mut found.packages {
        if let Some(fetched) = lock.versions.get(&(package.name.clone(), package.version.clone())) {
            package.integrity = fetched.integrity.clone().or(package.integrity.take());
            package.resolved = fetched.resolved.clone().or(package.resolved.take());
        } else {
            package.origin = lock.elsewhere.get(&package.name).cloned();
        }
    }
}

/// How deep packages stand in packages before it is somebody's joke.
const DEEPEST: usize = 64;

/// What the manifests of the packages in a `node_modules` say, and of those in theirs.
fn manifests(place: &Place<'_>, folder: &Path, found: &mut Environment, depth: usize) {
    let names = match place.names(folder) {
        Ok(names) if depth < DEEPEST => names,
        Ok(_) => return,
        Err(e) => return found.notes.push(unread(folder, &e)),
    };
    for name in names.iter().filter(|n| n.is_dir && !n.name.starts_with('.')) {
        let at = folder.join(&name.name);
        if name.name.starts_with('@') && !last(folder).starts_with('@') {
            manifests(place, &at, found, depth + 1);
            continue;
        }
        manifest(place, &at, found);
        let inner = at.join("node_modules");
        if place.has(&inner) {
            manifests(place, &inner, found, depth + 1);
        }
    }
}

fn manifest(place: &Place<'_>, at: &Path, found: &mut Environment) {
    let path: PathBuf = at.join("package.json");
    if !place.has(&path) {
        return;
    }
    let told_by = match place.json(&path) {
        Ok(value) => value,
        Err(e) => return found.notes.push(unread(&path, &e)),
    };
    let below = place.at.parent().and_then(|beside| at.strip_prefix(beside).ok()).unwrap_or(at);
    let (Some(name), Some(version)) = (text(&told_by, "name"), text(&told_by, "version")) else {
        return found.notes.push(format!("{} tells no name and version", told(&path)));
    };
    found.packages.push(Package {
        ecosystem: Npm.id().into(),
        name,
        version,
        from: told(&path),
        place: Some(told(below)),
        integrity: text(&told_by, "_integrity"),
        resolved: text(&told_by, "_resolved"),
        ..Package::default()
    });
}
