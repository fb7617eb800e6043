//! `export`: the durable folder of each session.

use crate::cli::ctx::Ctx;
use crate::cli::sizes::{count, size};
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, deed};
use crate::error::Result;
use crate::export::{self, FORMATS, Format, Options, Report, SubAgents};
use crate::model::{Catalog, Class, Failed, PathText, SessionIx, Watch, shown_name};
use crate::world::World;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
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
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let sessions = self.narrow.in_catalog(&catalog)?.all_sessions(&ctx.world, &catalog);
        let dry_run = self.acting.dry_run;
        let options = Options { to: whole(ctx, self.to)?, format: self.format, agents: self.subagents.into(), raw: self.raw, dry_run };
        each(ctx, &catalog, &sessions, &options, &Verb { schema: "lifeboat.export/1", past: "exported", deed: export::export })
    }
}

/// Export or flush: the same for every session, told the same way.
pub(super) struct Verb {
    pub(super) schema: &'static str,
    pub(super) past: &'static str,
    pub(super) deed: fn(&World, &Catalog, SessionIx, &Options, &dyn Watch) -> Result<Report>,
}

/// The whole path of a folder the user named.
pub(super) fn whole(ctx: &Ctx, to: Option<PathBuf>) -> Result<Option<PathBuf>> {
    let Some(to) = to else { return Ok(None) };
    let to = ctx.world.expand(&to);
    std::path::absolute(&to).map(Some).map_err(|e| crate::error::Error::usage("--to is no path").at(&to).because(e))
}

/// Does it for each session, and tells what was done.
pub(super) fn each(ctx: &mut Ctx, catalog: &Catalog, sessions: &[SessionIx], options: &Options, verb: &Verb) -> Ended {
    let watch = ctx.watch();
    let (mut told, mut done, mut trouble) = (Vec::new(), 0, false);
    for ix in sessions {
        if watch.stopped() {
            break;
        }
        let session = catalog.session(*ix);
        let report = (verb.deed)(&ctx.world, catalog, *ix, options, &watch).unwrap_or_else(|e| {
            let path = session.dir.clone().or_else(|| session.record.clone()).unwrap_or_default();
            Report { failed: vec![Failed { path: PathText::new(&path), error: e.to_string() }], ..Report::default() }
        });
        watch.over();
        deed::name_all(ctx, &report.skipped, &report.failed);
        trouble |= !report.failed.is_empty() || !report.skipped.is_empty();
        done += 1;
        if ctx.global.json {
            told.push(object(session, &report));
        } else {
            let would = if options.dry_run { "would be " } else { "" };
            let what = format!("{}, {} copied ({})", count(report.turns, "turn"), count(report.copied, "file"), size(report.bytes));
            let folder = ctx.world.short(&report.folder);
            ctx.say(&format!("{} {would}{}: {what}\n  {folder}", shown_name(session.title.as_ref()), verb.past));
        }
    }
    let interrupted = watch.stopped();
    if ctx.global.json {
        ctx.json(&json!({"schema": verb.schema, "sessions": told, "dry_run": options.dry_run, "interrupted": interrupted}))?;
    } else if sessions.is_empty() {
        ctx.say("No session was selected that there is.");
    }
    Ok(deed::exit(interrupted, done, trouble))
}

fn object(session: &crate::model::Session, report: &Report) -> Value {
    let mut object = json!({"session": session.id, "title": session.title});
    if let (Value::Object(all), Ok(Value::Object(more))) = (&mut object, serde_json::to_value(report)) {
        all.extend(more);
    }
    object
}

/// What is at risk in these sessions: files and bytes.
pub(super) fn at_risk(catalog: &Catalog, sessions: &[SessionIx]) -> (u64, u64) {
    let of = |r: &crate::model::Row| catalog.node(r.id).session.is_some_and(|s| sessions.contains(&s));
    let rows = catalog.all_rows().filter(|r| r.class == Class::AtRisk && of(r));
    rows.fold((0, 0), |(files, bytes), r| (files + r.tally.files, bytes + r.tally.bytes))
}
