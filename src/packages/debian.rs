//! Debian packages of a system's folder: `var/lib/dpkg/status` (deb-control(5)), and which of them came along by themselves.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Debian packages.
pub struct Debian;

impl Ecosystem for Debian {
    fn id(&self) -> &'static str {
        "debian"
    }

    fn mark(&self, at: &Path, inside: &[&str]) -> bool {
        last(at) == "dpkg" && inside.contains(&"status") && inside.contains(&"info")
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let system = place.at.ancestors().nth(3).unwrap_or(Path::new(""));
        let mut found = Environment { kind: "dpkg".into(), folder: told(system), installer: Some("apt".into()), ..Environment::default() };
        let status = place.at.join("status");
        let text = match place.text(&status) {
            Ok(text) => text,
            Err(e) => {
                found.notes.push(unread(&status, &e));
                return Some(found);
            }
        };
        let states = place.at.with_file_name("apt").join("extended_states");
        let automatic = place.text(&states).ok().map(|text| automatic(&text));
        let all: Vec<HashMap<&str, &str>> = stanzas(&text).filter(is_installed).collect();
        let own = all.iter().find(|s| s.get("Package") == Some(&"dpkg")).and_then(|s| s.get("Architecture")).copied();
        for stanza in &all {
            let (Some(name), Some(version)) = (stanza.get("Package"), stanza.get("Version")) else {
                found.notes.push(format!("{} holds a package without name or version", told(&status)));
                continue;
            };
            let architecture = stanza.get("Architecture").copied().unwrap_or_default();
            let foreign = own.is_some_and(|own| architecture != own && architecture != "all" && !architecture.is_empty());
            found.packages.push(Package {
                ecosystem: self.id().into(),
                name: if foreign { format!("{name}:{architecture}") } else { (*name).to_owned() },
                version: (*version).to_owned(),
                from: told(&status),
                requested: automatic.as_ref().map(|all| !is_automatic(all, name, architecture, own)),
                ..Package::default()
            });
        }
        (!found.packages.is_empty() || !found.notes.is_empty()).then_some(found)
    }
}

/// The stanzas of a control file, each its fields' first lines.
fn stanzas(text: &str) -> impl Iterator<Item = HashMap<&str, &str>> {
    text.split("\n\n").filter_map(|stanza| {
        let lines = stanza.lines().filter(|l| !l.starts_with([' ', '\t']));
        let fields: HashMap<&str, &str> = lines.filter_map(|l| l.split_once(':')).map(|(k, v)| (k.trim(), v.trim())).collect();
        (!fields.is_empty()).then_some(fields)
    })
}

/// `want flag status`: what was removed but left its settings is in the list as well.
fn is_installed(stanza: &HashMap<&str, &str>) -> bool {
    stanza.get("Status").is_some_and(|s| s.split_whitespace().nth(2) == Some("installed"))
}

/// Packages apt installed because others need them, by name and architecture.
fn automatic(text: &str) -> HashSet<(String, String)> {
    let automatic = stanzas(text).filter(|s| s.get("Auto-Installed") == Some(&"1"));
    let named =
        automatic.filter_map(|s| Some(((*s.get("Package")?).to_owned(), s.get("Architecture").copied().unwrap_or_default().to_owned())));
    named.collect()
}

/// apt keeps book of a package for all architectures under the system's own.
fn is_automatic(all: &HashSet<(String, String)>, name: &str, architecture: &str, own: Option<&str>) -> bool {
    let under = |architecture: &str| all.contains(&(name.to_owned(), architecture.to_owned()));
    under(architecture) || architecture == "all" && own.is_some_and(under)
}
