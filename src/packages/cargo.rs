//! Rust: programs that `cargo install` put somewhere, and what a project was built from.

use super::place::{told, unread};
use super::{Ecosystem, Environment, Package, Place};
use std::path::Path;

/// Programs that `cargo install` put somewhere (`.crates2.json`).
pub struct Installed;

/// What a project with a `target` was built from (`Cargo.lock`).
pub struct Locked;

impl Ecosystem for Installed {
    fn id(&self) -> &'static str {
        "cargo"
    }

    fn mark(&self, _at: &Path, inside: &[&str]) -> bool {
        inside.contains(&".crates2.json")
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let list = place.at.join(".crates2.json");
        let mut found =
            Environment { kind: "cargo-install".into(), folder: told(place.at), installer: Some("cargo".into()), ..Environment::default() };
        match place.json(&list) {
            Ok(value) => {
                for id in value.get("installs").and_then(serde_json::Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
                    match of_id(id) {
                        Some(package) => found.packages.push(Package { from: told(&list), requested: Some(true), ..package }),
                        None => found.notes.push(format!("{} tells no name and version in {id:?}", told(&list))),
                    }
                }
            }
            Err(e) => found.notes.push(unread(&list, &e)),
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

impl Ecosystem for Locked {
    fn id(&self) -> &'static str {
        "cargo"
    }

    fn mark(&self, _at: &Path, inside: &[&str]) -> bool {
        ["Cargo.lock", "Cargo.toml", "target"].iter().all(|name| inside.contains(name))
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let lock = place.at.join("Cargo.lock");
        let mut found =
            Environment { kind: "cargo-target".into(), folder: told(place.at), installer: Some("cargo".into()), ..Environment::default() };
        found.recipe = vec![told(&lock), told(&place.at.join("Cargo.toml"))];
        match place.text(&lock).and_then(|text| text.parse::<toml::Table>().map_err(std::io::Error::other)) {
            Ok(table) => {
                let all = table.get("package").and_then(toml::Value::as_array);
                found.packages = all.into_iter().flatten().filter_map(|p| of_lock(p, &told(&lock))).collect();
            }
            Err(e) => found.notes.push(unread(&lock, &e)),
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

/// Where a source is when it is not the index that a name alone leads to.
fn origin(source: &str) -> Option<String> {
    let index = ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];
    (!index.contains(&source)).then(|| source.to_owned())
}

/// A package's id: `name 1.2.3 (source)`.
fn of_id(id: &str) -> Option<Package> {
    let (name, rest) = id.split_once(' ')?;
    let (version, source) = rest.split_once(' ').unwrap_or((rest, ""));
    let origin = origin(source.trim_matches(['(', ')'])).filter(|s| !s.is_empty());
    let is_one = !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit());
    is_one.then(|| Package { ecosystem: Installed.id().into(), name: name.into(), version: version.into(), origin, ..Package::default() })
}

/// A package of a lock. One without a source is a folder of the project's own, and nothing that is installed.
fn of_lock(package: &toml::Value, from: &str) -> Option<Package> {
    let text = |key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    Some(Package {
        ecosystem: Locked.id().into(),
        name: text("name")?,
        version: text("version")?,
        from: from.into(),
        origin: origin(&text("source")?),
        integrity: text("checksum").map(|sum| format!("sha256:{sum}")),
        ..Package::default()
    })
}
