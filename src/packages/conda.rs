//! Conda packages: one JSON file each in `conda-meta`.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use serde_json::Value;
use std::path::Path;

/// Conda packages.
pub struct Conda;

impl Ecosystem for Conda {
    fn id(&self) -> &'static str {
        "conda"
    }

    fn mark(&self, at: &Path, _inside: &[&str]) -> bool {
        last(at) == "conda-meta"
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let prefix = place.at.parent().unwrap_or(Path::new(""));
        let mut found =
            Environment { kind: "conda".into(), folder: told(prefix), installer: Some("conda".into()), ..Environment::default() };
        let beside = prefix.join("environment.yml");
        found.recipe.extend(place.has(&beside).then(|| told(&beside)));
        let names = match place.names(place.at) {
            Ok(names) => names,
            Err(e) => {
                found.notes.push(unread(place.at, &e));
                Vec::new()
            }
        };
        for name in names.iter().filter(|n| !n.is_dir && n.name.ends_with(".json")) {
            let path = place.at.join(&name.name);
            match place.json(&path) {
                Ok(value) => match package(&value, told(&path)) {
                    Some(package) => found.packages.push(package),
                    None => found.notes.push(format!("{} tells no name and version", told(&path))),
                },
                Err(e) => found.notes.push(unread(&path, &e)),
            }
        }
        let python = found.packages.iter().find(|p| p.name == "python");
        found.runtime = python.map(|p| format!("python {}", p.version));
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

fn package(value: &Value, from: String) -> Option<Package> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let url = text("url");
    let asked = value.get("requested_spec").or_else(|| value.get("requested_specs")).map(|spec| match spec {
        Value::String(text) => !text.is_empty() && text != "None",
        Value::Array(all) => !all.is_empty(),
        _ => false,
    });
    Some(Package {
        ecosystem: Conda.id().into(),
        name: text("name")?,
        version: text("version")?,
        from,
        requested: asked,
        origin: url.clone().filter(|u| u.starts_with("file:")),
        integrity: text("sha256").map(|h| format!("sha256:{h}")).or_else(|| text("md5").map(|h| format!("md5:{h}"))),
        resolved: url.filter(|u| !u.starts_with("file:")),
        ..Package::default()
    })
}
