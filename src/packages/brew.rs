//! Homebrew: a receipt in each version's folder of the `Cellar`.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use serde_json::Value;
use std::path::Path;

/// Homebrew packages.
pub struct Brew;

impl Ecosystem for Brew {
    fn id(&self) -> &'static str {
        "brew"
    }

    fn mark(&self, at: &Path, _inside: &[&str]) -> bool {
        last(at) == "Cellar"
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let mut found =
            Environment { kind: "brew".into(), folder: told(place.at), installer: Some("brew".into()), ..Environment::default() };
        for name in place.names(place.at).ok()?.iter().filter(|n| n.is_dir) {
            let folder = place.at.join(&name.name);
            for version in place.names(&folder).unwrap_or_default().iter().filter(|n| n.is_dir) {
                let receipt = folder.join(&version.name).join("INSTALL_RECEIPT.json");
                if !place.has(&receipt) {
                    continue;
                }
                match place.json(&receipt) {
                    Ok(told_by) => found.packages.push(Package {
                        ecosystem: self.id().into(),
                        name: name.name.clone(),
                        version: version.name.clone(),
                        from: told(&receipt),
                        requested: told_by.get("installed_on_request").and_then(Value::as_bool),
                        origin: told_by.pointer("/source/tap").and_then(Value::as_str).filter(|t| *t != "homebrew/core").map(str::to_owned),
                        ..Package::default()
                    }),
                    Err(e) => found.notes.push(unread(&receipt, &e)),
                }
            }
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}
