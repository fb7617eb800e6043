//! `hooks`: Claude Code's own hooks, put into its settings and taken out.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::Acting;
use crate::error::Error;
use crate::hooks::{self, Planned};
use crate::model::{shown, shown_name};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Claude Code calls them when a session begins, is compacted, or ends; what they do is `watch --once` for that session, \
in the background. Other entries of the settings stay as they are, byte for byte."
)]
pub(crate) struct Args {
    /// Put our entries into Claude Code's settings
    #[arg(long, required_unless_present = "uninstall", conflicts_with = "uninstall")]
    install: bool,
    /// Take our entries out again
    #[arg(long)]
    uninstall: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        ctx.may_act("hooks")?;
        let planned = if self.install {
            let program = std::env::current_exe().map_err(|e| Error::usage("where this program is cannot be told").because(e))?;
            hooks::install(&ctx.world, &program)?
        } else {
            hooks::uninstall(&ctx.world)?
        };
        let file = ctx.world.short(&hooks::settings(&ctx.world));
        let Some(planned) = planned else {
            ctx.say(&format!("{file} {} our entries.", if self.install { "has" } else { "has none of" }));
            return Ok(Exit::Done);
        };
        self.change(ctx, planned, &file)
    }

    fn change(&self, ctx: &mut Ctx, planned: Planned, file: &str) -> Ended {
        ctx.say(file);
        for line in planned.diff().lines() {
            ctx.say(&shown_name(line.as_ref()));
        }
        if self.acting.dry_run {
            return Ok(Exit::Done);
        }
        if !ctx.confirmed(self.acting.yes, "Change the settings so?")? {
            return Ok(Exit::Refused);
        }
        if let Some(kept) = planned.carry_out(&ctx.world)? {
            ctx.note(&format!("As they were, they are in {}", shown(&kept)));
        }
        ctx.say(if self.install { "Installed; `lifeboat hooks --uninstall` takes it back." } else { "Taken out." });
        Ok(Exit::Done)
    }
}
