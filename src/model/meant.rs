//! Which session a word means.

use super::{Catalog, SessionIx};
use crate::error::{Error, Result};

/// The session a word means: an id, the start of one, a piece of a title. Several only where one session is in more
/// than one place: on Windows an installed package has its own view of the app's data folder.
pub fn meant(catalog: &Catalog, word: &str) -> Result<Vec<SessionIx>> {
    let all = || (0..catalog.sessions.len()).map(SessionIx::at);
    let id = |ix: &SessionIx| catalog.session(*ix).id.clone();
    let starts = |ix: &SessionIx| {
        let id = id(ix);
        id.starts_with(word)
            || id.split('_').skip(1).any(|_| id.rsplit_once('_').is_some_and(|(_, tail)| tail.starts_with(word)))
            || id.trim_start_matches("local_").starts_with(word)
    };
    let titled = |ix: &SessionIx| catalog.session(*ix).title.to_lowercase().contains(&word.to_lowercase());
    let mut found: Vec<SessionIx> = all().filter(|ix| id(ix) == word).collect();
    if found.is_empty() && !word.trim().is_empty() {
        found = all().filter(starts).collect();
        if found.is_empty() {
            found = all().filter(titled).collect();
        }
    }
    match found.split_first() {
        Some((one, more)) if more.iter().all(|ix| id(ix) == id(one)) => Ok(found),
        None => {
            let shown = super::shown_name(word.as_ref());
            Err(Error::usage(format!("no session has the id or title `{shown}`")).hint("`lifeboat scan` lists every session"))
        }
        _ => {
            let list = found.iter().map(|ix| {
                let s = catalog.session(*ix);
                format!("\n  {}  {}", s.id, super::shown_name(s.title.as_ref()))
            });
            let list: String = list.collect();
            let shown = super::shown_name(word.as_ref());
            Err(Error::usage(format!("`{shown}` means several sessions:{list}")).hint("name one by its id, or the start of it"))
        }
    }
}
