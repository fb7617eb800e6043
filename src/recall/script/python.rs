//! Python: a virtual environment and the list it is filled from, every version exact.

use super::{Made, Step, elsewhere, list_of};
use crate::manifest::{Installed, Manifest};
use crate::packages::Package;

/// A virtual environment.
pub fn venv(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    let environment = &installed.environment;
    made(&environment.folder, environment.runtime.as_deref(), packages)
}

/// Packages that stood in a Python of the system: they get a virtual environment of their own.
pub fn site(_: &Manifest, installed: &Installed, packages: &[&Package]) -> Made {
    let environment = &installed.environment;
    if packages.is_empty() {
        return Made::default();
    }
    let folder = "machine/venv".to_owned();
    let mut made = made(&folder, environment.runtime.as_deref(), packages);
    made.notes.push(format!("{}: made again as a virtual environment, in {folder}", environment.folder));
    made
}

fn made(folder: &str, runtime: Option<&str>, packages: &[&Package]) -> Made {
    let list = list_of(folder, ".txt");
    let version = runtime.and_then(|r| r.strip_prefix("python ")).and_then(|v| {
        let mut parts = v.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    });
    let pip = packages.iter().any(|p| p.name.eq_ignore_ascii_case("pip"));
    let text = packages.iter().filter(|p| !p.version.is_empty()).map(|p| requirement(p)).collect();
    let unnamed: Vec<&str> = packages.iter().filter(|p| p.version.is_empty()).map(|p| p.name.as_str()).collect();
    let mut notes: Vec<String> = elsewhere(folder, packages).into_iter().collect();
    if !unnamed.is_empty() {
        notes.push(format!("{folder}: which version it had is not known of {}", unnamed.join(", ")));
    }
    let step = Step::Venv { folder: folder.to_owned(), version, list: list.clone(), pip };
    Made { steps: vec![step], files: vec![(list, text)], notes }
}

/// A line of a list of requirements (pip.pypa.io, "Requirements File Format").
fn requirement(package: &Package) -> String {
    match &package.origin {
        Some(origin) if origin.starts_with("git+") => format!("{} @ {origin}\n", package.name),
        Some(origin) => format!("# {}=={} came from {}\n", package.name, package.version, origin.replace(['\n', '\r'], " ")),
        None => format!("{}=={}\n", package.name, package.version),
    }
}
