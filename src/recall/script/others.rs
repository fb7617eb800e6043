//! Environments that a command of their tool makes, every version named.

use super::{Made, Step, words};
use crate::manifest::{Installed, Manifest};
use crate::packages::Package;

/// One command with all of the packages in it.
fn one(installed: &Installed, packages: &[&Package], begin: &[&str], named: fn(&Package) -> String) -> Made {
    let folder = &installed.environment.folder;
    let named: Vec<String> = packages.iter().filter(|p| !p.version.is_empty() && p.origin.is_none()).map(|p| named(p)).collect();
    if named.is_empty() {
        return Made::default();
    }
    let begin = begin.iter().map(|w| if *w == "FOLDER" { folder.clone() } else { (*w).to_owned() });
    let commands = vec![begin.chain(named).collect()];
    Made { steps: vec![Step::Run { folder: String::new(), commands }], ..Made::default() }
}

/// A conda environment.
pub fn conda(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    one(installed, packages, &["conda", "create", "-y", "-p", "FOLDER"], |p| format!("{}={}", p.name, p.version))
}

/// Packages of a Debian system: installing them is for whoever owns the system.
pub fn dpkg(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    let asked: Vec<String> = packages.iter().filter(|p| p.requested == Some(true)).map(|p| format!("{}={}", p.name, p.version)).collect();
    let folder = &installed.environment.folder;
    let notes = (!asked.is_empty()).then(|| format!("{folder}: the system's own packages: sudo apt-get install {}", asked.join(" ")));
    Made { notes: notes.into_iter().collect(), ..Made::default() }
}

/// Gems: each by a command of its own, since one version holds for all that one command names.
pub fn gems(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    each(packages, |p| words(&["gem", "install", &p.name, "-v", &p.version, "--install-dir", &installed.environment.folder]))
}

/// Programs that cargo installed.
pub fn cargo(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    each(packages, |p| words(&["cargo", "install", &p.name, "--version", &p.version, "--locked", "--root", &installed.environment.folder]))
}

/// What composer installed, by its lock.
pub fn composer(_: &Manifest, installed: &Installed, _: &[&Package]) -> Made {
    let commands = vec![words(&["composer", "install"])];
    Made { steps: vec![Step::Run { folder: installed.environment.folder.clone(), commands }], ..Made::default() }
}

fn each(packages: &[&Package], command: impl Fn(&Package) -> Vec<String>) -> Made {
    let named = packages.iter().filter(|p| !p.version.is_empty() && p.origin.is_none());
    let steps = named.map(|p| Step::Run { folder: String::new(), commands: vec![command(p)] }).collect();
    Made { steps, ..Made::default() }
}
