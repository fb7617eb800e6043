//! `mcp`: agents ask for what earlier sessions knew.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::mcp::{self, Place};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "It is started by a client and speaks the Model Context Protocol on standard input and output, messages go to standard error. \
Claude Code: `claude mcp add lifeboat -- lifeboat mcp`. Its tools: list_sessions, search, read_turns, brief, at_risk. They change \
nothing; the index for searches is kept as by `find`, with --read-only not even that. Secrets are left out of every answer."
)]
pub(crate) struct Args {}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let Self {} = self;
        let place = Place { world: ctx.world.clone(), roots: ctx.global.root.clone(), read_only: ctx.global.read_only };
        if ctx.here.stdin {
            ctx.note("An agent starts this and speaks to it here; Ctrl-C ends it. `lifeboat mcp --help` says how to add it to one.");
        }
        mcp::serve(place)?;
        Ok(Exit::Done)
    }
}
