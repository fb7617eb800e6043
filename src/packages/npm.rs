//! JavaScript packages: npm's own list of what it installed, else the packages' own manifests.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use serde_json::Value;
use std::collections::HashSet;
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
            Ok(None) if !place.has(&hidden) => manifests(place, place.at, &mut found, 0),
            Ok(None) => {
                found.notes.push(format!("{} lists no packages", told(&hidden)));
                manifests(place, place.at, &mut found, 0);
            }
            Err(e) => {
                found.notes.push(unread(&hidden, &e));
                manifests(place, place.at, &mut found, 0);
            }
        }
        if let Ok(project) = place.json(&beside.join("package.json")) {
            let asked = asked_for(&project);
            for package in &mut found.packages {
                let top = package.place.as_deref().and_then(|p| p.strip_prefix("node_modules/"));
                package.requested = top.map(|name| asked.contains(name));
            }
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
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
