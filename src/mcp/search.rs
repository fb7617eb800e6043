//! `search`.

use super::Place;
use super::answer::{fitting, one, redactor};
use super::tools::given;
use crate::error::Result;
use crate::find::{self, Answer, Filter, Known, Library, Query, moment};
use crate::model::{Quiet, SessionIx, Stop};
use crate::scan;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    text: String,
    role: Option<String>,
    tool_output: bool,
    session: Option<String>,
    store: Option<String>,
    since: Option<String>,
    until: Option<String>,
    limit: Option<usize>,
}

pub fn run(place: &Place, with: Value) -> Result<String> {
    let given: Given = given(with)?;
    let at = |name: &str, text: &Option<String>| text.as_ref().map(|text| moment(name, text, place.world.now())).transpose();
    let voices = find::voices(given.role.as_deref(), given.tool_output);
    let filter = Filter { voices, since: at("since", &given.since)?, until: at("until", &given.until)? };
    let query = Query::read(&given.text, filter)?;
    let catalog = scan::sessions(&place.world, &place.options());
    let only = given.session.as_ref().map(|word| one(&catalog, word)).transpose()?;
    let all: Vec<SessionIx> = (0..catalog.sessions.len()).map(SessionIx::at).collect();
    let every = Known::of(&catalog, all.iter().copied());
    let is_wanted = |(ix, known): &(&SessionIx, &Known)| {
        only.is_none_or(|only| only == **ix) && given.store.as_deref().is_none_or(|store| store == known.store)
    };
    let known: Vec<Known> = all.iter().zip(&every).filter(is_wanted).map(|(_, known)| known.clone()).collect();
    let limit = given.limit.unwrap_or(10).clamp(1, 50);
    let by_index = || {
        let mut library = Library::open(&place.world)?;
        library.update(&every, &Quiet)?;
        library.search(&known, &query, limit, &|| false)
    };
    let read = || find::all(&known, &query, &query.filter, limit, &Stop::default());
    let Answer { hits, total, .. } = if place.read_only { read() } else { by_index().unwrap_or_else(|_| read()) };
    let found = all.iter().copied().filter(|ix| hits.iter().any(|hit| hit.session == catalog.session(*ix).id));
    let mut redactor = redactor(&place.world, &catalog, found);
    let shown = fitting(hits.iter().map(|hit| {
        // Together: a secret may go over the end of a line.
        let lines = [&hit.context.before, &hit.context.line, &hit.context.after].map(String::as_str).join("\n");
        let text = redactor.text(lines.trim()).into_owned();
        json!({"session": hit.session, "store": hit.store, "title": redactor.text(&hit.title), "role": hit.voice.word(),
            "record": Some(&hit.record).filter(|id| !id.is_empty()), "sub_agent": hit.agent, "time": hit.when, "text": text})
    }));
    Ok(json!({"total": total, "hits": shown}).to_string())
}
