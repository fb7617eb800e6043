//! `plan`: what a clean would move.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::Narrow;
use crate::cli::{Ended, deed};
use crate::error::Result;
use crate::model::Plan;
use crate::{tested, vault};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// Write the plan to this file, for `clean --plan`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.narrow.must_be_given("plan")?;
        let plan = make(ctx, &self.narrow)?;
        if let Some(file) = &self.output {
            plan.save(file)?;
            ctx.note(&format!("The plan is in {}; `lifeboat clean --plan` carries it out.", crate::model::shown(file)));
        }
        if ctx.global.json {
            ctx.json(&plan)?;
        } else {
            let text = deed::plan_text(ctx, &plan, true);
            ctx.out.text(&text);
        }
        Ok(Exit::Done)
    }
}

/// Scans and plans what was selected.
pub(super) fn make(ctx: &mut Ctx, narrow: &Narrow) -> Result<Plan> {
    let (catalog, _) = ctx.look(&narrow.choice.store);
    let chosen = narrow.in_catalog(&catalog)?;
    Ok(tested::hold_back(&ctx.world, &catalog, vault::plan(&ctx.world, &catalog, &chosen.selection())))
}
