//! `purge`: empties the vault for good.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, chosen, deed};
use crate::lifecycle;
use crate::vault::{self, PurgeWhat};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The operation, by its id or the start of it; without one all that stand
    #[arg(conflicts_with = "older_than")]
    operation: Option<String>,
    /// Only operations older than this: 7d, 12h
    #[arg(long, value_name = "SPAN", value_parser = chosen::span)]
    older_than: Option<Duration>,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "purge", self.acting.dry_run)?;
        let what = match (self.operation, self.older_than) {
            (Some(id), _) => PurgeWhat::One(id),
            (None, Some(age)) => PurgeWhat::OlderThan(age),
            (None, None) => PurgeWhat::All,
        };
        let preview = lifecycle::purge(&ctx.world, &what, true, &crate::model::Quiet)?;
        if !self.acting.dry_run && preview.moved > 0 {
            let items = format!("{} ({}) in the vault", count(preview.moved, "item"), size(preview.bytes));
            ctx.note(&format!("{items} would be gone for good; this is not undone."));
            if !ctx.confirmed(self.acting.yes, "Remove them for good?")? {
                return Ok(Exit::Refused);
            }
        }
        if self.acting.dry_run {
            return deed::end(ctx, &preview, "removed for good");
        }
        let watch = ctx.watch();
        let receipt = lifecycle::purge(&ctx.world, &what, false, &watch);
        watch.over();
        let receipt = receipt?;
        let free = receipt.free_change.is_some_and(|change| !vault::space::is_less(receipt.allocated, change));
        deed::end(ctx, &receipt, if free { "removed for good; the space is free again" } else { "removed for good" })
    }
}
