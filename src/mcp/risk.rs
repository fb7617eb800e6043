//! `at_risk`.

use super::Place;
use super::answer::{fitting, one, redactor};
use super::tools::given;
use crate::error::Result;
use crate::model::{Class, Row};
use crate::scan;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    session: Option<String>,
    limit: Option<usize>,
}

pub fn run(place: &Place, with: Value) -> Result<String> {
    let given: Given = given(with)?;
    let catalog = scan::run(&place.world, place.options());
    let only = given.session.as_ref().map(|word| one(&catalog, word)).transpose()?;
    let is_wanted = |row: &Row| row.class == Class::AtRisk && only.is_none_or(|only| catalog.node(row.id).session == Some(only));
    let mut rows: Vec<Row> = catalog.all_rows().filter(is_wanted).collect();
    rows.sort_by_cached_key(|row| (std::cmp::Reverse(row.tally.bytes), catalog.path(row.id)));
    let (files, bytes) = rows.iter().fold((0, 0), |(files, bytes), row| (files + row.tally.files, bytes + row.tally.bytes));
    let limit = given.limit.unwrap_or(50).clamp(1, 200);
    let mut redactor = redactor(&place.world, &catalog, only);
    let shown = fitting(rows.iter().take(limit).map(|row| {
        let session = catalog.node(row.id).session.map(|ix| catalog.session(ix));
        let because = catalog.verdict(row.id).evidence.first().map(|evidence| evidence.says.clone());
        let path = redactor.text(&catalog.path(row.id).to_string_lossy()).into_owned();
        let title = session.map(|session| redactor.text(&session.title).into_owned());
        json!({"path": path, "session": session.map(|s| &s.id), "title": title, "bytes": row.tally.bytes, "because": because})
    }));
    Ok(json!({"files": files, "bytes": bytes, "shown": shown.len(), "at_risk": shown}).to_string())
}
