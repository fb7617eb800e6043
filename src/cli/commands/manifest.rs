//! `manifest SESSION`: what went into a session, what it ran, and what came out.

use super::export::whole;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::{Ended, chosen, deed};
use crate::export::{Options, Series};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "It is kept as manifest.toml and manifest.jsonl in the session's durable folder, and below .lifeboat/ in folders you \
selected for the session."
)]
pub(crate) struct Args {
    /// A session: its id, the start of it, or a piece of its title
    session: String,
    /// The folder that takes the durable folders, instead of `Claude Cowork` in your documents
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Tell it, and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let dry_run = self.dry_run || ctx.global.read_only;
        let options = Options { to: whole(ctx, self.to)?, dry_run, ..Options::default() };
        let (catalog, _) = ctx.look(&[]);
        let Some(&session) = chosen::session(&catalog, &self.session)?.first() else { return Ok(Exit::Done) };
        let (world, watch) = (ctx.world.clone(), ctx.watch());
        let (report, manifest) = Series::new(&world, &options).manifest(&catalog, session, &watch)?;
        watch.over();
        deed::name_all(ctx, &report.skipped, &report.failed);
        for note in &report.notes {
            ctx.note(note);
        }
        if ctx.global.json {
            let mut object = manifest.json();
            object.insert("folder".into(), Value::from(report.folder.to_string_lossy()));
            ctx.json(&Value::Object(object))?;
        } else {
            ctx.say(manifest.text().trim_end());
            if !dry_run {
                let folder = ctx.world.short(&report.folder);
                ctx.note(&format!("kept in {folder}"));
            }
        }
        Ok(if report.failed.is_empty() { Exit::Done } else { Exit::Partly })
    }
}
