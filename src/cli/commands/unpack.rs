//! `unpack`: packed conversations as they were.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, deed, table};
use crate::error::{Error, Result};
use crate::model::shown_name;
use crate::packing::{self, Packed};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A session: its id, the start of it, or a piece of its title
    #[arg(value_name = "SESSION")]
    sessions: Vec<String>,
    /// Every packed session
    #[arg(long, conflicts_with = "sessions")]
    all: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let packed = packing::packed(&ctx.world)?;
        if self.sessions.is_empty() && !self.all {
            return list(ctx, &packed, false);
        }
        deed::begin(ctx, "unpack", self.acting.dry_run)?;
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for word in &self.sessions {
            ids.insert(session(&packed, word)?);
        }
        let wanted = |p: &Packed| self.all || ids.contains(&p.session);
        if self.acting.dry_run {
            return list(ctx, &packed.into_iter().filter(wanted).collect::<Vec<_>>(), true);
        }
        let watch = ctx.watch();
        let done = packing::unpack(&ctx.world, &wanted, &watch);
        watch.over();
        let done = done?;
        deed::name_all(ctx, &done.skipped, &done.failed);
        if ctx.global.json {
            ctx.json(&json!({"schema": "lifeboat.unpack/1", "files": done.files, "bytes": done.bytes, "skipped": done.skipped,
                "failed": done.failed, "interrupted": done.interrupted}))?;
        } else {
            ctx.say(&format!("{} ({}) unpacked.", count(done.files, "file"), size(done.bytes)));
        }
        Ok(deed::exit(done.interrupted, done.files, !done.skipped.is_empty() || !done.failed.is_empty()))
    }
}

/// Tells what is packed.
fn list(ctx: &mut Ctx, packed: &[Packed], dry_run: bool) -> Ended {
    if ctx.global.json {
        ctx.json(&json!({"schema": "lifeboat.packed/1", "items": packed, "dry_run": dry_run}))?;
        return Ok(Exit::Done);
    }
    if packed.is_empty() {
        ctx.say("Nothing is packed.");
        return Ok(Exit::Done);
    }
    let mut sessions: BTreeMap<&str, (&Packed, u64, u64)> = BTreeMap::new();
    for p in packed {
        let sum = sessions.entry(&p.session).or_insert((p, 0, 0));
        *sum = (sum.0, sum.1 + p.bytes, sum.2 + p.packed_bytes);
    }
    let row = |(id, (p, bytes, packed)): (&str, (&Packed, u64, u64))| {
        let when = p.when.strftime("%Y-%m-%d").to_string();
        vec![id.to_owned(), p.store.clone(), size(bytes), size(packed), when, shown_name(p.title.as_ref())]
    };
    let rows: Vec<Vec<String>> = sessions.into_iter().map(row).collect();
    let text = table::table(&["session", "store", ">bytes", ">packed", "when", "title"], &rows);
    ctx.out.text(&text);
    Ok(Exit::Done)
}

/// The packed session a word means: an id, the start of one, a piece of a title.
fn session(packed: &[Packed], word: &str) -> Result<String> {
    let of = |fits: &dyn Fn(&Packed) -> bool| packed.iter().filter(|p| fits(p)).map(|p| p.session.clone()).collect::<BTreeSet<_>>();
    let title = word.to_lowercase();
    let mut found = of(&|p| p.session == word);
    if found.is_empty() && !word.trim().is_empty() {
        found = of(&|p| p.session.starts_with(word));
    }
    if found.is_empty() && !word.trim().is_empty() {
        found = of(&|p| p.title.to_lowercase().contains(&title));
    }
    let shown = shown_name(word.as_ref());
    let mut all = found.into_iter();
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => {
            Err(Error::usage(format!("no packed session has the id or title `{shown}`")).hint("`lifeboat unpack` lists what is packed"))
        }
        (Some(_), Some(_)) => Err(Error::usage(format!("`{shown}` means several packed sessions")).hint("name one by its id")),
    }
}
