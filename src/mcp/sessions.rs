//! `list_sessions`.

use super::Place;
use super::answer::{cut, fitting, redactor};
use super::tools::given;
use crate::error::Result;
use crate::find::moment;
use crate::model::{Catalog, SessionIx};
use crate::scan;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    title: String,
    store: Option<String>,
    folder: Option<PathBuf>,
    since: Option<String>,
    limit: Option<usize>,
    from: usize,
}

pub fn run(place: &Place, with: Value) -> Result<String> {
    let given: Given = given(with)?;
    let catalog = scan::sessions(&place.world, &place.options());
    let since = given.since.as_ref().map(|text| moment("since", text, place.world.now())).transpose()?;
    let folder = given.folder.as_ref().map(|folder| place.world.expand(folder));
    let title = given.title.to_lowercase();
    let wanted = |ix: &SessionIx| {
        let session = catalog.session(*ix);
        session.title.to_lowercase().contains(&title)
            && given.store.as_deref().is_none_or(|store| store == store_of(&catalog, *ix))
            && since.is_none_or(|since| session.last_active.is_some_and(|at| at >= since))
            && folder.as_ref().is_none_or(|folder| session.folders.iter().any(|of| of.starts_with(folder)))
    };
    let mut all: Vec<SessionIx> = (0..catalog.sessions.len()).map(SessionIx::at).filter(wanted).collect();
    all.sort_by_key(|ix| (std::cmp::Reverse(catalog.session(*ix).last_active), *ix));
    let limit = given.limit.unwrap_or(20).clamp(1, 100);
    let page: Vec<SessionIx> = all.iter().copied().skip(given.from).take(limit).collect();
    let mut redactor = redactor(&place.world, &catalog, page.iter().copied());
    let shown = fitting(page.iter().map(|ix| {
        let session = catalog.session(*ix);
        let folders: Vec<String> = session.folders.iter().map(|folder| shown(folder, &mut redactor)).collect();
        let title = cut(&redactor.text(&session.title), 200);
        json!({"session": session.id, "store": store_of(&catalog, *ix), "title": title, "started": session.started,
            "last_active": session.last_active, "archived": session.archived, "folders": folders})
    }));
    let to = given.from + shown.len();
    let next = (to < all.len()).then_some(to);
    Ok(json!({"total": all.len(), "next": next, "sessions": shown}).to_string())
}

/// The name of a session's store.
pub fn store_of(catalog: &Catalog, ix: SessionIx) -> &'static str {
    catalog.session(ix).store.map_or("", |store| catalog.store(store).name)
}

fn shown(path: &Path, redactor: &mut crate::export::Redactor) -> String {
    redactor.text(&path.to_string_lossy()).into_owned()
}
