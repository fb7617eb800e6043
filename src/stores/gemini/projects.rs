//! Which project a folder below `tmp` is about.

use crate::stores::folders::Folders;
use crate::stores::names::is_hex;
use crate::stores::torn::read;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The projects of `projects.json`: the path of each, and the name of its folder.
pub struct Projects(Vec<(String, String)>);

impl Projects {
    /// Reads the list below a root; none where there is no such file.
    pub fn read(folders: &mut Folders<'_>, root: &Path) -> Self {
        let text = folders.text(&root.join("projects.json")).unwrap_or_default();
        let fields = read(&text).fields;
        let listed = fields.get("projects").and_then(Value::as_object);
        Self(listed.into_iter().flatten().filter_map(|(path, slug)| Some((path.clone(), slug.as_str()?.to_owned()))).collect())
    }

    /// The project's folder: what the marker in it says, else what the list says; the first versions named it by a hash.
    pub fn of(&self, folders: &mut Folders<'_>, dir: &Path, slug: &str) -> Option<PathBuf> {
        let marker = folders.text(&dir.join(".project_root")).unwrap_or_default();
        let marked = String::from_utf8(marker).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let hashed = slug.len() == 64 && is_hex(slug.as_bytes());
        let listed = || self.0.iter().find(|(path, name)| name == slug || hashed && hash(path) == slug).map(|(path, _)| path.clone());
        marked.or_else(listed).map(PathBuf::from)
    }
}

fn hash(path: &str) -> String {
    Sha256::digest(path.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
