//! `brief`.

use super::Place;
use super::answer::one;
use super::tools::given;
use crate::brief::{self, About, LEAST, USUAL};
use crate::error::{Error, Result};
use crate::scan;
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// More tokens are not given at once.
const MOST: usize = 8000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    sessions: Vec<String>,
    folder: Option<PathBuf>,
    tokens: Option<usize>,
}

pub fn run(place: &Place, with: Value) -> Result<String> {
    let given: Given = given(with)?;
    let catalog = scan::run(&place.world, place.options());
    let about = match given.folder.map(|folder| place.world.expand(&folder)) {
        Some(folder) if folder.is_absolute() => About::Folder(folder),
        Some(_) => return Err(Error::usage("the folder must be an absolute path")),
        None if given.sessions.is_empty() => return Err(Error::usage("give sessions, or a folder")),
        None => About::Sessions(given.sessions.iter().map(|word| one(&catalog, word)).collect::<Result<_>>()?),
    };
    let tokens = given.tokens.unwrap_or(USUAL).clamp(LEAST, MOST);
    Ok(brief::of(&place.world, &catalog, &about, tokens)?.markdown())
}
