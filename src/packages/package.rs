//! A package, and the environment it is installed in.

use serde::{Deserialize, Serialize};

/// A package of a session's environments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Package {
    /// `python`, `npm`, `conda`, `debian`, `cargo`, `gem`: an id of `ECOSYSTEMS`, or of the table of installers.
    pub ecosystem: String,
    /// Its name, as it writes it itself.
    pub name: String,
    /// Its exact version; empty where a command named it and no answer said which.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The folder of its environment, as in [`Environment::folder`].
    pub environment: String,
    /// What tells it: a path below the session's folder, or `record <id>` of the conversation.
    pub from: String,
    /// Whether the user asked for it by name; `None`: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<bool>,
    /// Where it came from when that is not its ecosystem's index: a URL, an address with a commit, or a path. Such a
    /// package is not had again by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Whether it runs from the folder it was made in (`pip install -e`, a linked package).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub editable: bool,
    /// A hash of what was downloaded, where the disk tells it: `sha512-…` as npm has it, or `sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
    /// Its folder below the environment, where a lock needs that (`node_modules/a/node_modules/b`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The address it was downloaded from, where the disk tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<String>,
    /// Whether installing it runs a program of its own, which may change its files.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub runs_script: bool,
}

/// A place where packages are installed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Environment {
    /// What sort it is: `venv`, `site-packages`, `node_modules`, …
    pub kind: String,
    /// Its folder below the session's folder, joined by `/`, empty for the folder itself; in a conversation its path there.
    /// Of `node_modules` it is the folder that `node_modules` stands in.
    pub folder: String,
    /// What runs the packages, with its version (`python 3.11.7`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// What installed most of them (`pip`, `uv`, `npm`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installer: Option<String>,
    /// Files that say in full what it takes to make it again (locks, lists of requirements), below the session's folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipe: Vec<String>,
    /// What is installed, by name, version and place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// What could not be read or is odd, as sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Environment {
    /// Puts the packages in order and names the environment in each.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        for package in &mut self.packages {
            package.environment.clone_from(&self.folder);
        }
        self.packages.sort_by(|a, b| (&a.name, &a.version, &a.place).cmp(&(&b.name, &b.version, &b.place)));
        self.packages.dedup();
        self.recipe.sort();
        self.recipe.dedup();
        self
    }
}
