//! Backups that are made before the app replaces itself or its virtual machine, where a sign of that is seen; and the thinning
//! of those made earlier.

use super::follow::Follow;
use super::keeper::Tell;
use super::news::News;
use super::thin::goes;
use crate::backup::{self, verified};
use crate::error::{Error, Result};
use crate::model::{Catalog, Watch, shown};
use crate::stores::tool;
use crate::vault::own::{self, Mode};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Backups are never closer together.
const DAILY: SignedDuration = SignedDuration::from_hours(24);

/// A backup that a watch made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Made {
    at: Timestamp,
    #[serde(with = "crate::model::json_path::exact")]
    archive: PathBuf,
}

/// Makes a backup where a sign is new and the last one is a day old, and thins the old ones.
pub fn keep(world: &World, follow: &mut Follow, dry_run: bool, tell: Tell<'_>, watch: &dyn Watch) -> Result<()> {
    let signs = signs(world, &follow.catalog);
    let Some(known) = seen(world) else {
        // Nobody knows what was there before the first look.
        return if dry_run { Ok(()) } else { remember(world, &signs) };
    };
    let new: Vec<&str> = signs.iter().filter(|(sign, _)| !known.contains(sign)).map(|(_, says)| says.as_str()).collect();
    let made = made(world);
    let lately = made.iter().any(|m| world.now() >= m.at && world.now().duration_since(m.at) < DAILY);
    match new.first().map(|says| (*says).to_owned()) {
        Some(because) if !lately => create(world, follow, &because, dry_run, tell, watch)?,
        // It is kept in mind until a day has passed.
        Some(_) => return Ok(()),
        None => {}
    }
    if dry_run || watch.stopped() {
        return Ok(());
    }
    if signs.keys().cloned().collect::<Vec<_>>() != known {
        remember(world, &signs)?;
    }
    thin(world, tell)
}

fn create(world: &World, follow: &mut Follow, because: &str, dry_run: bool, tell: Tell<'_>, watch: &dyn Watch) -> Result<()> {
    follow.scan(world, None, watch);
    if watch.stopped() {
        return Ok(());
    }
    let options = backup::Options { dry_run, ..backup::Options::default() };
    let report = backup::create(world, &follow.catalog, &options, watch)?;
    if report.interrupted {
        return Ok(());
    }
    let place = shown(&report.archive);
    if dry_run {
        tell(News::new(world, "backed-up", format!("a backup would be made, since {because}: {place}"), json!({"archive": place})));
        return Ok(());
    }
    verified::remember(world, &report.archive)?;
    let mut all = made(world);
    all.push(Made { at: world.now(), archive: report.archive.clone() });
    write(world, &all)?;
    let says = format!("backed up and read back, since {because}: {} files, {place}", report.files);
    tell(News::new(world, "backed-up", says, json!({"archive": place, "files": report.files, "failed": report.failed})));
    Ok(())
}

/// Removes what the rule of [`goes`] lets go: only archives that a watch made, and that are as they were when they were
/// read back.
fn thin(world: &World, tell: Tell<'_>) -> Result<()> {
    let archives = verified::list(world);
    let ours = |m: &Made| archives.iter().any(|k| k.path == m.archive && k.is_there());
    let mut all: Vec<Made> = made(world).into_iter().filter(ours).collect();
    let gone = goes(world.now(), &all.iter().map(|m| m.at).collect::<Vec<_>>());
    for at in gone.iter().rev() {
        let made = all.remove(*at);
        own::discard(&made.archive);
        own::discard(&backup::sidecar(&made.archive));
        let place = shown(&made.archive);
        tell(News::new(world, "thinned", format!("an old backup went: {place}"), json!({"archive": place})));
    }
    if gone.is_empty() { Ok(()) } else { write(world, &all) }
}

/// What tells that the app is about to replace itself or its virtual machine: each sign with what it says.
fn signs(world: &World, catalog: &Catalog) -> BTreeMap<String, String> {
    let of = |store: &crate::model::Store| tool(store.name).map(|tool| tool.coming(world, &store.root)).unwrap_or_default();
    catalog.stores.iter().flat_map(of).map(|(sign, says)| (sign, says.to_owned())).collect()
}

/// The signs as they were, in their order; `None`: nobody looked yet.
fn seen(world: &World) -> Option<Vec<String>> {
    std::fs::read_to_string(signs_file(world)).ok().map(|text| text.lines().map(str::to_owned).collect())
}

fn remember(world: &World, signs: &BTreeMap<String, String>) -> Result<()> {
    let text = signs.keys().fold(String::new(), |all, sign| all + sign + "\n");
    put(world, &signs_file(world), text.as_bytes())
}

fn made(world: &World) -> Vec<Made> {
    let text = std::fs::read_to_string(made_file(world)).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn write(world: &World, all: &[Made]) -> Result<()> {
    let lines: Vec<String> = all.iter().filter_map(|m| serde_json::to_string(m).ok()).map(|line| line + "\n").collect();
    put(world, &made_file(world), lines.concat().as_bytes())
}

fn put(world: &World, file: &std::path::Path, bytes: &[u8]) -> Result<()> {
    std::fs::create_dir_all(&world.state_dir).map_err(|e| Error::io("cannot make the state folder", &world.state_dir, e))?;
    own::replace(file, bytes, Mode::Private)
}

fn signs_file(world: &World) -> PathBuf {
    world.state_dir.join("watch-signs.txt")
}

fn made_file(world: &World) -> PathBuf {
    world.state_dir.join("watch-backups.jsonl")
}
