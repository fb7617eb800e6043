//! `export`: the durable folder of each session.

use crate::cli::ctx::Ctx;
use crate::cli::each::{Verb, each};
use crate::cli::follow::follow;
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, chosen, deed};
use crate::error::{Error, Result};
use crate::export::{FORMATS, Format, Options, SubAgents};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;
use std::time::Duration;

/// How an export is told.
pub(in crate::cli) const EXPORT: Verb = Verb {
    schema: "lifeboat.export/1",
    doing: "Exporting",
    word: "export",
    past: "exported",
    deed: |series, catalog, session, watch| series.export(catalog, session, watch),
};

#[derive(Debug, clap::Args)]
#[command(after_help = "Again, it brings up to date what changed. A file you edited is never overwritten: the new one stands beside it. \
What is gone from a session stays in its transcript. Ctrl-C ends after the file in hand; the same command goes on from there.")]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// The folder that takes the durable folders, instead of `Claude Cowork` in your documents
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// How the conversation is written
    #[arg(long, value_name = "FORMAT", default_value = "md", value_parser = format())]
    format: &'static Format,
    /// Sub-agents in their place, in files of their own, or in one line each
    #[arg(long, value_name = "HOW", default_value = "inline")]
    subagents: How,
    /// Keep secrets in the text
    #[arg(long)]
    raw: bool,
    /// Go on exporting as sessions grow and new ones begin; Ctrl-C ends it, exit 0
    #[arg(long, conflicts_with = "dry_run")]
    watch: bool,
    /// How often --watch looks; what still grows waits until it pauses, a minute at most
    #[arg(long, value_name = "SPAN", default_value = "3s", value_parser = chosen::span, requires = "watch")]
    every: Duration,
    #[command(flatten)]
    acting: Acting,
}

/// The words of `--subagents`.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum How {
    Inline,
    Files,
    Summary,
}

impl From<How> for SubAgents {
    fn from(how: How) -> Self {
        match how {
            How::Inline => Self::Inline,
            How::Files => Self::Files,
            How::Summary => Self::Summary,
        }
    }
}

/// The words of `--format`.
fn format() -> impl TypedValueParser<Value = &'static Format> {
    PossibleValuesParser::new(FORMATS.iter().map(|f| f.name)).map(|name| FORMATS.iter().find(|f| f.name == name).unwrap_or_default())
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.narrow.must_be_given("export")?;
        deed::begin(ctx, "export", self.acting.dry_run)?;
        let (format, agents, dry_run) = (self.format, self.subagents.into(), self.acting.dry_run);
        let options = Options { to: whole(ctx, self.to)?, format, agents, raw: self.raw, dry_run };
        if self.watch {
            return follow(ctx, &self.narrow, &options, self.every);
        }
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let sessions = self.narrow.in_catalog(&catalog)?.all_sessions(&ctx.world, &catalog);
        each(ctx, &catalog, &sessions, &options, &EXPORT)
    }
}

/// The whole path of a folder the user named.
pub(super) fn whole(ctx: &Ctx, to: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let Some(to) = to else { return Ok(None) };
    let to = ctx.world.expand(&to);
    std::path::absolute(&to).map(Some).map_err(|e| Error::usage("--to is no path").at(&to).because(e))
}
