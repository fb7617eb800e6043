//! `vacuum`: databases are packed, so that their free pages are free space.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::lifecycle::{self as shared, Meant};
use crate::cli::sizes::size;
use crate::cli::words::Acting;
use crate::cli::{Ended, deed, table};
use crate::error::{Error, Result};
use crate::lifecycle::opencode::Forest;
use crate::lifecycle::{Desk, Outlook, Vacuum, vacuum};
use crate::model::{Quiet, Receipt};
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    meant: Meant,
    /// Let SQLite pack each database where it is, which writes everything twice, instead of writing it anew beside itself
    #[arg(long)]
    in_place: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "vacuum", self.acting.dry_run)?;
        let how = if self.in_place { Vacuum::InPlace } else { Vacuum::Beside };
        let databases = self.databases(ctx)?;
        let (mut rows, mut items) = (Vec::new(), Vec::new());
        for path in &databases {
            let outlook = Outlook::of(path)?;
            if !self.acting.dry_run {
                Desk::here(&ctx.world, &Quiet).quiet(path)?;
                if let Some(why) = outlook.refusal(how) {
                    return Err(Error::refused(why).at(path));
                }
            }
            rows.push(vec![
                ctx.world.short(path),
                size(outlook.now),
                format!("at most {} afterwards", size(outlook.then)),
                format!("{} free on its disk", size(outlook.free)),
            ]);
            items.push(json!({"path": path.to_string_lossy(), "store": crate::lifecycle::STORE, "bytes": outlook.now, "bytes_afterwards": outlook.then, "free": outlook.free, "action": "vacuum"}));
        }
        let text = table::table(&["", ">", ">", ">"], &rows);
        if !self.acting.dry_run && !databases.is_empty() {
            let data = json!({"schema": "lifeboat.plan/1", "created": ctx.world.now(), "items": items, "skipped": []});
            shared::show(ctx, &text, &data, self.acting.yes)?;
            if !ctx.confirmed(self.acting.yes, "Pack these databases?")? {
                return Ok(Exit::Refused);
            }
        } else if !ctx.global.json {
            ctx.out.text(&text);
        }
        let watch = ctx.watch();
        let desk = Desk::here(&ctx.world, &watch);
        let mut whole = Receipt::new("vacuum");
        whole.dry_run = self.acting.dry_run;
        for path in &databases {
            whole.join(vacuum(&desk, path, how, self.acting.dry_run)?);
        }
        watch.over();
        let done = if self.acting.dry_run { "given back by packing" } else { "given back: the disk has this space again" };
        deed::end(ctx, &whole, done)
    }

    /// The databases that are meant: all, or those that hold the sessions named.
    fn databases(&self, ctx: &Ctx) -> Result<Vec<PathBuf>> {
        let named = shared::sessions(ctx, &self.meant.store, &self.meant.sessions)?;
        let mut all = Vec::new();
        for places in shared::opencode(ctx, &self.meant.store)? {
            let forest = if named.is_empty() { None } else { Some(Forest::read(&places)) };
            for (at, path) in places.databases.iter().enumerate() {
                let holds = |forest: &Forest| named.iter().any(|s| forest.members.get(&s.id).is_some_and(|m| m.databases.contains(&at)));
                if forest.as_ref().is_none_or(holds) {
                    all.push(path.clone());
                }
            }
        }
        Ok(all)
    }
}
