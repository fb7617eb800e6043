//! Paths as single values in JSON.

use super::PathText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::{Path, PathBuf};

/// Writes a path to be shown: as text, what is not UTF-8 replaced by U+FFFD.
pub fn lossy<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&path.to_string_lossy())
}

/// The same for a path that may be missing.
pub fn lossy_option<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(|p| p.to_string_lossy()).serialize(to)
}

/// A path that is read again: as text, or where it is not UTF-8 as `{path, path_base64}`.
pub mod exact {
    use super::{Deserialize, Deserializer, Path, PathBuf, PathText, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Plain(PathBuf),
        Exact(PathText),
    }

    /// Writes it.
    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => to.serialize_str(text),
            None => PathText::new(path).serialize(to),
        }
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        match Form::deserialize(from)? {
            Form::Plain(path) => Ok(path),
            Form::Exact(text) => text.to_path().ok_or_else(|| serde::de::Error::custom("path_base64 cannot be read")),
        }
    }
}
