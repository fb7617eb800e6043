//! `manifest SESSION`: what went into a session, what it ran, and what came out.

use super::export::whole;
use super::recall::run_script;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::{Ended, deed};
use crate::error::{Error, Result};
use crate::export::{Options, Series};
use crate::manifest::{Installed, Manifest};
use crate::model::meant;
use crate::recall;
use crate::vault::own::discard_tree;
use serde_json::Value;
use std::path::{Path, PathBuf};

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
    /// Make every environment again in a folder among the temporary files, and compare: downloads, minutes
    #[arg(long)]
    test: bool,
    /// Yes to the test, without being asked
    #[arg(long, short = 'y')]
    yes: bool,
    /// Tell it, and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let dry_run = self.dry_run || ctx.global.read_only;
        let options = Options { to: whole(ctx, self.to)?, dry_run, ..Options::default() };
        let (catalog, _) = ctx.look(&[]);
        let Some(&session) = meant(&catalog, &self.session)?.first() else { return Ok(Exit::Done) };
        let (world, watch) = (ctx.world.clone(), ctx.watch());
        let mut series = Series::new(&world, &options);
        let (mut report, mut manifest) = series.manifest(&catalog, session, &watch)?;
        watch.over();
        let mut failed = false;
        if self.test {
            if dry_run {
                return Err(Error::usage("a test writes its verdict down").hint("leave --dry-run or --read-only out"));
            }
            let dir = catalog.session(session).dir.clone().unwrap_or_default();
            let Some(tested) = test(ctx, &manifest, &dir, self.yes)? else { return Ok(Exit::Refused) };
            failed = tested.iter().any(|i| i.rebuild.as_deref() == Some("failed"));
            series.tell_tested(tested);
            (report, manifest) = series.manifest(&catalog, session, &watch)?;
        }
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
        Ok(if report.failed.is_empty() && !failed { Exit::Done } else { Exit::Partly })
    }
}

/// Makes every environment again, each in a folder of its own that goes afterwards; `None`: not confirmed.
fn test(ctx: &mut Ctx, manifest: &Manifest, dir: &Path, yes: bool) -> Result<Option<Vec<Installed>>> {
    let trials = recall::trials(manifest, dir);
    if trials.is_empty() {
        ctx.note("There is no environment that could be made again.");
        return Ok(Some(Vec::new()));
    }
    let scratch = std::env::temp_dir().join(format!("lifeboat-rebuild-{}", ctx.world.new_id()));
    for trial in &trials {
        let environment = &trial.installed.environment;
        let (packages, files) = (count(trial.packages as u64, "package"), count(trial.files, "file"));
        ctx.note(&format!("  {} ({}): {packages}, {files}, {} on disk", environment.folder, environment.kind, size(trial.bytes)));
    }
    let bytes = size(trials.iter().map(|t| t.bytes).sum());
    let place = crate::model::shown(&scratch);
    ctx.note(&format!("They would be installed again from their indexes, about {bytes} unpacked, into {place}; that can take minutes."));
    if !ctx.confirmed(yes, "Test them?")? {
        return Ok(None);
    }
    let mut tested = Vec::new();
    for (n, trial) in trials.iter().enumerate() {
        let folder = scratch.join(n.to_string());
        std::fs::create_dir_all(&folder).map_err(|e| Error::io("cannot make the folder for the test", &folder, e))?;
        let now = ctx.world.now();
        let verdict = recall::test(manifest, dir, trial, &folder, now, &mut |at| {
            Ok(if run_script(at)? { Ok(()) } else { Err("the script that makes it again failed; its words stand above".to_owned()) })
        });
        for left in discard_tree(&folder) {
            ctx.warn(&format!("{} stays: {left}", crate::model::shown(&folder)));
        }
        let verdict = verdict?;
        let differs = if verdict.differs.is_empty() { String::new() } else { format!(": {}", verdict.differs.join("; ")) };
        ctx.note(&format!("  {} comes back {}{differs}", verdict.environment.folder, verdict.rebuild.as_deref().unwrap_or_default()));
        tested.push(verdict);
    }
    discard_tree(&scratch);
    Ok(Some(tested))
}
