//! PHP packages: Composer's own list of what it put into `vendor`.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use serde_json::Value;
use std::path::Path;

/// PHP packages.
pub struct Composer;

impl Ecosystem for Composer {
    fn id(&self) -> &'static str {
        "composer"
    }

    fn mark(&self, at: &Path, inside: &[&str]) -> bool {
        last(at) == "composer" && inside.contains(&"installed.json") && inside.contains(&"installed.php")
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let project = place.at.ancestors().nth(2).unwrap_or(Path::new(""));
        let list = place.at.join("installed.json");
        let mut found =
            Environment { kind: "composer".into(), folder: told(project), installer: Some("composer".into()), ..Environment::default() };
        let beside = ["composer.json", "composer.lock"].map(|name| project.join(name));
        found.recipe = beside.iter().filter(|p| place.has(p)).map(|p| told(p)).collect();
        match place.json(&list) {
            Ok(value) => {
                // The first form was the list itself.
                let all = value.get("packages").unwrap_or(&value).as_array();
                found.packages = all.into_iter().flatten().filter_map(|p| package(p, &told(&list))).collect();
            }
            Err(e) => found.notes.push(unread(&list, &e)),
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

fn package(value: &Value, from: &str) -> Option<Package> {
    let text = |at: &str| value.pointer(at).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let local = text("/dist/type").is_some_and(|t| t == "path");
    Some(Package {
        ecosystem: Composer.id().into(),
        name: text("/name")?,
        version: text("/version")?,
        from: from.into(),
        // Composer has an address for every package; only a folder is not had again.
        origin: text("/dist/url").filter(|_| local),
        editable: local,
        resolved: text("/dist/url").filter(|_| !local),
        integrity: text("/dist/shasum").map(|sum| format!("sha1:{sum}")),
        ..Package::default()
    })
}
