//! `plan`: what a clean would move.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::Narrow;
use crate::cli::{Ended, deed};
use crate::error::{Error, Result};
use crate::model::{Catalog, Class, Kind, Marks, Plan, Row, from_bytes, shown, shown_name};
use crate::vault::own::{self, Mode};
use crate::{tested, trim, vault};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// Write the plan to this file, for `clean --plan`
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a shell script to this file that the session of the plan can run in its virtual machine, to free its own folder
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.narrow.must_be_given("plan")?;
        let (catalog, plan) = look(ctx, &self.narrow)?;
        if let Some(file) = &self.output {
            plan.save(file)?;
            ctx.note(&format!("The plan is in {}; `lifeboat clean --plan` carries it out.", crate::model::shown(file)));
        }
        if let Some(file) = &self.script {
            write_script(ctx, &catalog, &plan, file)?;
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
    look(ctx, narrow).map(|(_, plan)| plan)
}

fn look(ctx: &mut Ctx, narrow: &Narrow) -> Result<(Catalog, Plan)> {
    let (catalog, _) = ctx.look(&narrow.choice.store);
    let chosen = narrow.in_catalog(&catalog)?;
    let other = |row: &Row| {
        let node = catalog.node(row.id);
        row.class == Class::Rebuildable && node.kind == Kind::Other && node.marks.has(Marks::INSIDE)
    };
    let inside: u64 = catalog.all_rows().filter(other).map(|row| row.tally.bytes).sum();
    if inside > 0 && chosen.sessions.is_empty() && chosen.nodes.is_empty() {
        ctx.note(&format!("{} more are inside databases: `lifeboat reclaim` and `lifeboat vacuum` give them back.", size(inside)));
    }
    let plan = tested::hold_back(&ctx.world, &catalog, vault::plan(&ctx.world, &catalog, &chosen.selection(&catalog)));
    Ok((catalog, plan))
}

/// Writes the script for the one session whose folder inside a virtual machine the plan is about.
fn write_script(ctx: &mut Ctx, catalog: &Catalog, plan: &Plan, file: &Path) -> Result<()> {
    let folders: Vec<Vec<u8>> = trim::folders(plan).into_iter().collect();
    let [name] = folders.as_slice() else {
        let names: Vec<String> = folders.iter().map(|name| shown_name(&from_bytes(name))).collect();
        let (says, hint) = if names.is_empty() {
            (
                "nothing of this plan lies in a session's folder inside a virtual machine".to_owned(),
                "name a session with files there: `lifeboat list` shows them after `.img!`",
            )
        } else {
            (
                format!("this plan is about the folders of several sessions: {}", names.join(", ")),
                "name one session: each can free only its own folder",
            )
        };
        return Err(Error::usage(says).hint(hint));
    };
    let script = trim::script(catalog, plan, Path::new(trim::SESSIONS), name);
    own::replace(file, &script.text, Mode::Private)?;
    let left = if script.left_out == 0 { String::new() } else { format!(", {} left out", count(script.left_out, "item")) };
    let what = format!("{} ({}{left})", count(script.items, "item"), size(script.bytes));
    let (file, name) = (shown(file), shown_name(&from_bytes(name)));
    ctx.note(&format!("The script is in {file}: {what}. Hand it to the running session of {name}; it works in no other folder."));
    Ok(())
}
