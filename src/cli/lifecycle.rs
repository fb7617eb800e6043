//! What the lifecycle verbs share: which stores and sessions are meant, and how their plans and receipts are told.

use super::chosen::span;
use super::ctx::{Ctx, Exit};
use super::{Ended, deed};
use crate::error::{Error, Result};
use crate::lifecycle::opencode::Places;
use crate::lifecycle::{KEEPERS, Keeper};
use crate::model::{Receipt, shown_name};
use std::path::PathBuf;
use std::time::Duration;

/// Which sessions a lifecycle verb is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Meant {
    /// A session: its id, the start of it, or a piece of its title
    #[arg(value_name = "SESSION", conflicts_with = "older_than")]
    pub(super) sessions: Vec<String>,
    /// Every session
    #[arg(long, conflicts_with_all = ["sessions", "older_than"])]
    pub(super) all: bool,
    /// Only stores of this tool; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["cowork", "claude-code", "opencode", "codex", "gemini"], hide_possible_values = true)]
    pub(super) store: Vec<String>,
    /// Only sessions without activity for so long, each as young as the youngest of its tree: 30d, 12h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub(super) older_than: Option<Duration>,
}

/// A session that was found.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    /// Its tool.
    pub(super) keeper: usize,
    /// Its store.
    pub(super) root: PathBuf,
    /// Its id.
    pub(super) id: String,
    /// Its title.
    pub(super) title: String,
}

/// The stores of tools with a lifecycle, as far as `--store` means them; an error where it means only others.
pub(super) fn roots(ctx: &Ctx, stores: &[String]) -> Result<Vec<(usize, PathBuf)>> {
    let meant = |keeper: &&dyn Keeper| stores.is_empty() || stores.iter().any(|name| name == keeper.tool().name());
    let known: Vec<(usize, &&dyn Keeper)> = KEEPERS.iter().enumerate().filter(|(_, keeper)| meant(keeper)).collect();
    if known.is_empty() {
        let can: Vec<&str> = KEEPERS.iter().map(|keeper| keeper.tool().name()).collect();
        return Err(Error::usage(format!("{} cannot do this", stores.join(", "))).hint(format!("stores that can: {}", can.join(", "))));
    }
    let found = known.into_iter().flat_map(|(at, keeper)| {
        let roots = keeper.tool().roots(&ctx.world, &ctx.global.root);
        roots.into_iter().map(move |root| (at, root))
    });
    Ok(found.collect())
}

/// The opencode stores, as far as they are meant.
pub(super) fn opencode(ctx: &Ctx, stores: &[String]) -> Result<Vec<Places>> {
    if !stores.is_empty() && !stores.iter().any(|name| name == crate::lifecycle::STORE) {
        return Err(Error::usage(format!("{} cannot do this", stores.join(", "))).hint("stores that can: opencode"));
    }
    let own = roots(ctx, &[crate::lifecycle::STORE.to_owned()])?;
    Ok(own.into_iter().map(|(_, root)| Places::of(&ctx.world, &root)).collect())
}

/// The sessions that these words mean, each word exactly one.
pub(super) fn sessions(ctx: &Ctx, stores: &[String], words: &[String]) -> Result<Vec<Listed>> {
    let mut all = Vec::new();
    for (at, root) in roots(ctx, stores)? {
        let Some(keeper) = KEEPERS.get(at) else { continue };
        let found = keeper.tool().read(&ctx.world, &root);
        all.extend(found.sessions.into_iter().map(|s| Listed { keeper: at, root: root.clone(), id: s.id, title: s.title }));
    }
    let mut chosen: Vec<Listed> = Vec::new();
    for word in words {
        let found = one(&all, word)?;
        if !chosen.iter().any(|known| known.id == found.id) {
            chosen.push(found);
        }
    }
    Ok(chosen)
}

fn one(all: &[Listed], word: &str) -> Result<Listed> {
    let tail = |id: &str| id.rsplit_once('_').is_some_and(|(_, tail)| tail.starts_with(word));
    let lower = word.to_lowercase();
    let ways: [&dyn Fn(&&Listed) -> bool; 3] =
        [&|s| s.id == word, &|s| !word.trim().is_empty() && (s.id.starts_with(word) || tail(&s.id)), &|s| {
            !word.trim().is_empty() && s.title.to_lowercase().contains(&lower)
        }];
    let shown = shown_name(word.as_ref());
    for way in ways {
        let found: Vec<&Listed> = all.iter().filter(|s| way(s)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return Ok((*one).clone()),
            several => {
                let list: Vec<String> = several.iter().map(|s| format!("\n  {}  {}", s.id, shown_name(s.title.as_ref()))).collect();
                let list = list.concat();
                return Err(Error::usage(format!("`{shown}` means several sessions:{list}")).hint("name one by its id, or the start of it"));
            }
        }
    }
    let can: Vec<&str> = KEEPERS.iter().map(|keeper| keeper.tool().name()).collect();
    let says = format!("no session of a store that can do this ({}) has the id or title `{shown}`", can.join(", "));
    Err(Error::usage(says).hint("`lifeboat scan` lists every session"))
}

/// Shows a plan before anything happens: as data where that is wanted and nothing else will be, else as text.
pub(super) fn show(ctx: &mut Ctx, text: &str, data: &serde_json::Value, confirmed: bool) -> Result<()> {
    if ctx.global.json && !ctx.here.stdin && !confirmed {
        return ctx.json(data);
    }
    let out = if confirmed || ctx.global.json { &mut *ctx.err } else { &mut *ctx.out };
    out.text(text);
    Ok(())
}

/// Tells a receipt; where nothing was done because everything is in use, that is a refusal.
pub(super) fn end(ctx: &mut Ctx, receipt: &Receipt, done: &str) -> Ended {
    let ended = deed::end(ctx, receipt, done)?;
    let used = |reason: &str| reason.starts_with("in use");
    let refused = receipt.moved == 0 && receipt.failed.is_empty() && !receipt.skipped.is_empty();
    Ok(if refused && receipt.skipped.iter().all(|s| used(&s.reason)) && ended == Exit::Partly { Exit::Refused } else { ended })
}
