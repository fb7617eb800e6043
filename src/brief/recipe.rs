//! What a session runs with: its environments as the disk has them, and those that only the conversation tells of.

use super::cite::{Cite, DISK};
use super::hear::Heard;
use super::quote::quote;
use crate::model::Catalog;
use crate::packages::{self, Environment};

/// So many packages are named.
const NAMED: usize = 8;

/// A line an environment, with where it stands.
pub fn lines(catalog: &Catalog, heard: &Heard) -> Vec<(String, Cite)> {
    let session = catalog.session(heard.session);
    let there = packages::installed(catalog, heard.session);
    let mut all = Vec::new();
    for environment in &there {
        let file = session.dir.as_ref().map(|dir| dir.join(&environment.folder)).unwrap_or_default();
        let cite = Cite { session: heard.session, record: DISK.to_owned(), call: String::new(), file };
        all.extend(line(environment, "").map(|text| (text, cite)));
    }
    for environment in &heard.packages {
        let known = |there: &Environment| !there.folder.is_empty() && environment.folder.trim_end_matches('/').ends_with(&there.folder);
        let told = environment.packages.iter().rev().find_map(|p| p.from.strip_prefix("record "));
        let Some(record) = told.filter(|_| !there.iter().any(known)) else { continue };
        let (record, call) = record.split_once(", call ").unwrap_or((record, ""));
        let file = heard.told.sources.first().map(|s| s.path.clone()).unwrap_or_default();
        let cite = Cite { session: heard.session, record: record.to_owned(), call: call.to_owned(), file };
        all.extend(line(environment, "installed in the session: ").map(|text| (text, cite)));
    }
    all
}

/// What is installed, those first that were asked for by name.
fn line(environment: &Environment, before: &str) -> Option<String> {
    let mut packages: Vec<_> = environment.packages.iter().collect();
    packages.sort_by_key(|p| p.requested != Some(true));
    let named = packages.iter().take(NAMED).map(|p| format!("{} {}", p.name, p.version).trim_end().to_owned());
    let named = quote(&named.collect::<Vec<_>>().join(", "), 300)?;
    let more = packages.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let place = quote(&environment.folder, 200).map(|folder| format!(" in {folder}")).unwrap_or_default();
    let runs = environment.runtime.as_ref().and_then(|r| quote(r, 60)).map(|r| format!(", {r}")).unwrap_or_default();
    let kind = quote(&environment.kind, 40)?;
    Some(format!("{before}{kind}{place}{runs}: {named}{more}"))
}
