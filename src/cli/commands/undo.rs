//! `undo`: puts an operation back.

use crate::cli::ctx::Ctx;
use crate::cli::sizes::count;
use crate::cli::words::Acting;
use crate::cli::{Ended, deed};
use crate::{lifecycle, packing};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The operation, by its id or the start of it; without one the last that stands
    operation: Option<String>,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "undo", self.acting.dry_run)?;
        let watch = ctx.watch();
        let receipt = lifecycle::undo(&ctx.world, self.operation.as_deref(), self.acting.dry_run, &watch);
        watch.over();
        // What was packed and is back needs no packed copy.
        match packing::settle(&ctx.world) {
            Ok(0) => {}
            Ok(dropped) => ctx.note(&format!("What is back needs no packed copy; {} of those went.", count(dropped, "file"))),
            Err(e) => ctx.warn(&e.to_string()),
        }
        deed::end(ctx, &receipt?, "put back where it was")
    }
}
