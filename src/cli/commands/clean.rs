//! `clean`: moves what a plan lists into the vault.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, deed, flush_first};
use crate::error::{Error, Result};
use crate::lifecycle;
use crate::model::{Catalog, Class, PathText, Plan, Skipped};
use crate::scan;
use crate::vault::{self, Consent};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// The plan to carry out, as `plan -o FILE` wrote it
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    #[command(flatten)]
    acting: Acting,
    /// Move at-risk items as well
    #[arg(long)]
    include_at_risk: bool,
    /// Copy what is at risk to the durable folder first; what has no proven copy then stays
    #[arg(long, conflicts_with_all = ["plan", "include_at_risk"])]
    flush_first: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if self.plan.is_none() {
            self.narrow.must_be_given("clean")?;
        } else if !self.narrow.is_empty() {
            return Err(Error::usage("--plan and a selection do not go together").hint("give one of them"));
        }
        deed::begin(ctx, "clean", self.acting.dry_run)?;
        if self.flush_first {
            return flush_first::run(ctx, &self.narrow, self.acting);
        }
        let (plan, stay) = self.the_plan(ctx)?;
        let consent = Consent { at_risk: self.include_at_risk, dry_run: self.acting.dry_run };
        let at_risk = plan.items.iter().filter(|i| i.class == Class::AtRisk).count();
        if !consent.at_risk && at_risk > 0 && at_risk == plan.items.len() {
            show(ctx, &plan, false)?;
            let what = "everything selected is at risk: it exists only here";
            return Err(Error::refused(what).hint("back it up or export it first; --include-at-risk moves it all the same"));
        }
        if !self.acting.dry_run && !plan.items.is_empty() {
            show(ctx, &plan, self.acting.yes)?;
            let question = if consent.at_risk && at_risk > 0 {
                "Move all this, the only copies too, into the vault?"
            } else {
                "Move this into the vault?"
            };
            if !ctx.confirmed(self.acting.yes, question)? {
                return Ok(Exit::Refused);
            }
        }
        let watch = ctx.watch();
        let receipt = lifecycle::clean(&ctx.world, &plan, consent, &watch);
        watch.over();
        let mut receipt = receipt?;
        receipt.skipped.extend(stay);
        deed::end(ctx, &receipt, "moved into the vault; `lifeboat undo` puts it back, `lifeboat purge` frees the space")
    }

    /// The plan, and what of a plan that was made earlier is to stay by now.
    fn the_plan(&self, ctx: &mut Ctx) -> Result<(Plan, Vec<Skipped>)> {
        let Some(file) = &self.plan else { return Ok((super::plan::make(ctx, &self.narrow)?, Vec::new())) };
        let mut plan = Plan::load(file)?;
        let stores: Vec<PathBuf> = plan.roots.iter().filter_map(PathText::to_path).collect();
        let (mut catalog, _) = ctx.look(&[]);
        let found = |catalog: &Catalog| stores.iter().all(|root| catalog.find(root).is_some());
        if !found(&catalog) && ctx.global.root.is_empty() {
            // It was made with `--root`.
            (catalog, _) = ctx.look_with(scan::Options { roots: stores.clone(), ..ctx.scan_options(&[]) });
        }
        let stay = vault::again(&ctx.world, catalog, &mut plan);
        Ok((plan, stay))
    }
}

/// Shows a plan before anything happens. Once it is confirmed, stdout is for the receipt alone.
fn show(ctx: &mut Ctx, plan: &Plan, confirmed: bool) -> Result<()> {
    if confirmed {
        let text = deed::plan_text(ctx, plan, false);
        ctx.err.text(&text);
    } else if ctx.global.json && !ctx.here.stdin {
        ctx.json(plan)?;
    } else if ctx.global.json {
        let text = deed::plan_text(ctx, plan, true);
        ctx.err.text(&text);
    } else {
        let text = deed::plan_text(ctx, plan, true);
        ctx.out.text(&text);
    }
    Ok(())
}
