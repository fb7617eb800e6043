//! What makes a session's environments again: a shell script, a PowerShell script, and the files they install from.
//!
//! A kind of environment is a line in [`KINDS`]; what it takes is told as [`Step`]s, which both scripts print in their words.

mod node;
mod others;
mod powershell;
mod python;
mod shell;

use crate::manifest::{Installed, Manifest};
use crate::packages::Package;

/// The two scripts.
pub const NAMES: &[&str] = &["rebuild.sh", "rebuild.ps1"];

/// Where lists of packages stand, below the folder.
const LISTS: &str = "rebuild";

/// Where files wait that belong into an environment once it is made.
pub const INSIDE: &str = "rebuild/inside";

/// One step on the way to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A virtual environment of Python and what is installed in it.
    Venv {
        /// Its folder.
        folder: String,
        /// The Python it was made with (`3.11`), where that is known.
        version: Option<String>,
        /// The list of packages.
        list: String,
        /// Whether it has a pip of its own.
        pip: bool,
    },
    /// Commands in a folder, of which the first that works is enough.
    Run {
        /// The folder.
        folder: String,
        /// The commands, word by word.
        commands: Vec<Vec<String>>,
    },
}

/// What one environment takes.
#[derive(Debug, Default)]
pub struct Made {
    /// The steps.
    pub steps: Vec<Step>,
    /// Files the steps need, by path below the folder.
    pub files: Vec<(String, String)>,
    /// What cannot be had in this way, as sentences.
    pub notes: Vec<String>,
}

/// Says what an environment with these packages takes.
type Kind = fn(&Manifest, &Installed, &[&Package]) -> Made;

/// Kinds of environment, a line each.
const KINDS: &[(&str, Kind)] = &[
    ("venv", python::venv),
    ("site-packages", python::site),
    ("node_modules", node::modules),
    ("conda", others::conda),
    ("dpkg", others::dpkg),
    ("gems", others::gems),
    ("cargo-install", others::cargo),
    ("composer", others::composer),
];

/// Scripts and lists for everything a manifest knows to be installed.
#[derive(Debug, Default)]
pub struct Recipe {
    /// Files by path below the folder, the scripts among them; none: there is nothing to make.
    pub files: Vec<(String, String)>,
    /// The environments they make.
    pub environments: Vec<String>,
    /// What cannot be had in this way, as sentences.
    pub notes: Vec<String>,
}

/// What makes the environments of a manifest again.
pub fn of(manifest: &Manifest) -> Recipe {
    let mut recipe = Recipe::default();
    let mut parts = Vec::new();
    for installed in &manifest.environments {
        let environment = &installed.environment;
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == environment.kind) else { continue };
        let of = |p: &&Package| p.environment == environment.folder && of_kind(&environment.kind, &p.ecosystem);
        let packages: Vec<&Package> = manifest.packages.iter().filter(of).collect();
        let made = kind(manifest, installed, &packages);
        recipe.notes.extend(made.notes);
        if made.steps.is_empty() {
            continue;
        }
        recipe.files.extend(made.files);
        recipe.environments.push(environment.folder.clone());
        let many = if packages.len() == 1 { "1 package".to_owned() } else { format!("{} packages", packages.len()) };
        let name = if environment.folder.is_empty() { "." } else { &environment.folder };
        parts.push((format!("{name}: {}, {many}", environment.kind), made.steps));
    }
    if !parts.is_empty() {
        recipe.files.push(("rebuild.sh".to_owned(), shell::script(&manifest.task, &parts)));
        recipe.files.push(("rebuild.ps1".to_owned(), powershell::script(&manifest.task, &parts)));
    }
    recipe
}

/// Whether an ecosystem's packages are installed in such environments: a folder may be two.
fn of_kind(kind: &str, ecosystem: &str) -> bool {
    match kind {
        "venv" | "site-packages" => ecosystem == "python",
        "node_modules" => ecosystem == "npm",
        "dpkg" => ecosystem == "debian",
        "gems" => ecosystem == "gem",
        "cargo-install" => ecosystem == "cargo",
        other => other == ecosystem,
    }
}

/// A name for the list of an environment.
fn list_of(folder: &str, end: &str) -> String {
    let name: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let name = name.trim_start_matches('.');
    format!("{LISTS}/{}{end}", if name.is_empty() { "packages" } else { name })
}

/// What is installed from somewhere else than its index, as a sentence.
fn elsewhere(folder: &str, packages: &[&Package]) -> Option<String> {
    let from: Vec<String> =
        packages.iter().filter_map(|p| Some(format!("{} {} from {}", p.name, p.version, p.origin.as_deref()?))).collect();
    (!from.is_empty()).then(|| format!("{folder}: not from an index, so not had again by name: {}", from.join(", ")))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}
