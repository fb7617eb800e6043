//! Ruby gems: a `*.gemspec` each in `specifications`, beside `gems`.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use std::path::Path;

/// Ruby gems.
pub struct Gem;

impl Ecosystem for Gem {
    fn id(&self) -> &'static str {
        "gem"
    }

    fn mark(&self, at: &Path, inside: &[&str]) -> bool {
        last(at) == "specifications" && inside.iter().any(|n| n.ends_with(".gemspec"))
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let home = place.at.parent().unwrap_or(Path::new(""));
        if !place.has(&home.join("gems")) {
            return None;
        }
        let mut found = Environment { kind: "gems".into(), folder: told(home), installer: Some("gem".into()), ..Environment::default() };
        match place.names(place.at) {
            Ok(names) => {
                for name in names.iter().filter(|n| !n.is_dir && n.name.ends_with(".gemspec")) {
                    let path = place.at.join(&name.name);
                    match place.text(&path) {
                        Ok(text) => match name_and_version(&text) {
                            Some((name, version)) => found.packages.push(Package {
                                ecosystem: self.id().into(),
                                name,
                                version,
                                from: told(&path),
                                ..Package::default()
                            }),
                            None => found.notes.push(format!("{} tells no name and version", told(&path))),
                        },
                        Err(e) => found.notes.push(unread(&path, &e)),
                    }
                }
            }
            Err(e) => found.notes.push(unread(place.at, &e)),
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

/// Rubygems writes `# stub: name version platform paths` at the top, and `s.name = "…".freeze` below.
fn name_and_version(text: &str) -> Option<(String, String)> {
    if let Some(stub) = text.lines().take(5).find_map(|l| l.strip_prefix("# stub: ")) {
        let mut words = stub.split_whitespace();
        return Some((words.next()?.to_owned(), words.next()?.to_owned()));
    }
    let field = |key: &str| {
        let line = text.lines().find_map(|l| l.trim().strip_prefix("s.")?.strip_prefix(key)?.trim_start().strip_prefix('='))?;
        line.split('"').nth(1).map(str::to_owned)
    };
    Some((field("name")?, field("version")?))
}
