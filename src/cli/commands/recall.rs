//! `recall SESSION`: lays the session's working folder out again and writes what makes its environments.

use super::export::whole;
use crate::cli::ctx::Ctx;
use crate::cli::sizes::count;
use crate::cli::{Ended, deed};
use crate::error::{Error, Result};
use crate::export::{Options, Series, durable};
use crate::manifest::Manifest;
use crate::model::{Session, meant};
use crate::recall::{Known, SCRIPTS, recall};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Files come from the session, your folders, its durable folder, the vault, a backup, or the text that was written in the \
conversation; each is told with where it came from. Nothing that is there is overwritten."
)]
pub(crate) struct Args {
    /// A session, also one whose store is gone: its id, the start of it, or a piece of its title
    session: String,
    /// The folder it is laid out in, instead of `recalled` in its durable folder
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Run rebuild.sh (rebuild.ps1 on Windows) afterwards: it downloads what was installed
    #[arg(long)]
    run: bool,
    /// Say what would be done, and do nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

/// A session as far as it is still known.
struct Found {
    manifest: Manifest,
    durable: Option<PathBuf>,
    session: Option<Session>,
    /// The roots of the stores there are.
    stores: Vec<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "recall", self.dry_run)?;
        let found = find(ctx, &self.session)?;
        let to = match (whole(ctx, self.to)?, &found.durable) {
            (Some(to), _) => to,
            (None, Some(top)) => top.join("recalled"),
            (None, None) => return Err(Error::usage("the session has no durable folder").hint("name a folder with --to DIR")),
        };
        if let Some(store) = found.stores.iter().find(|root| to.starts_with(root)) {
            let what = format!("what is recalled cannot lie in a store ({})", ctx.world.short(store));
            return Err(Error::refused(what).at(&to).hint("choose a folder of your own with --to"));
        }
        let (world, watch) = (ctx.world.clone(), ctx.watch());
        let known = Known { manifest: &found.manifest, durable: found.durable.as_deref(), session: found.session.as_ref() };
        let report = recall(&world, &known, &to, self.dry_run, &watch)?;
        watch.over();
        deed::name_all(ctx, &[], &report.missing);
        for note in &report.notes {
            ctx.note(note);
        }
        let ran = if self.run && !self.dry_run && !report.interrupted && !report.scripts.is_empty() {
            ctx.note("Making the environments again…");
            Some(run_script(&to).map_err(|e| Error::io("cannot run the script", &to, e))?)
        } else {
            None
        };
        if ctx.global.json {
            ctx.json(&json!({
                "schema": "lifeboat.recall/1", "session": found.manifest.session, "dry_run": self.dry_run, "folder": report.folder.to_string_lossy(),
                "files": report.files, "missing": report.missing, "scripts": report.scripts, "environments": report.environments,
                "notes": report.notes, "ran": ran, "interrupted": report.interrupted,
            }))?;
        } else {
            for file in &report.files {
                let differs = file.differs.as_ref().map(|d| format!(" ({d})")).unwrap_or_default();
                ctx.say(&format!("  {}  from {}{differs}", file.path, file.from));
            }
            let (would, folder) = (if self.dry_run { "would be " } else { "" }, ctx.world.short(&to));
            ctx.say(&format!("{} {would}laid out in {folder}", count(report.files.len() as u64, "file")));
            if !report.scripts.is_empty() && ran.is_none() {
                let many = count(report.environments.len() as u64, "environment");
                ctx.say(&format!("{} makes {many} again: {}", SCRIPTS[usize::from(cfg!(windows))], report.environments.join(", ")));
            }
        }
        let trouble = !report.missing.is_empty() || report.files.iter().any(|f| f.differs.is_some()) || ran == Some(false);
        Ok(deed::exit(report.interrupted, report.files.len() as u64, trouble))
    }
}

/// The session a word means: one of a store, else one whose durable folder is all that is left.
fn find(ctx: &mut Ctx, word: &str) -> Result<Found> {
    let (catalog, _) = ctx.look(&[]);
    let stores: Vec<PathBuf> = catalog.stores.iter().map(|s| s.root.clone()).collect();
    match meant(&catalog, word) {
        Ok(sessions) => {
            let Some(&ix) = sessions.first() else { return Err(Error::usage("there is no such session")) };
            let (world, watch) = (ctx.world.clone(), ctx.watch());
            // Told as it is now, and written nowhere.
            let options = Options { dry_run: true, ..Options::default() };
            let (report, manifest) = Series::new(&world, &options).manifest(&catalog, ix, &watch)?;
            watch.over();
            let durable = Some(report.folder);
            Ok(Found { manifest, durable, session: Some(catalog.session(ix).clone()), stores })
        }
        Err(none) => {
            let word = word.to_lowercase();
            let is = |m: &Manifest| {
                let id = m.session.to_lowercase();
                id.starts_with(&word) || id.trim_start_matches("local_").starts_with(&word) || m.task.to_lowercase().contains(&word)
            };
            let mut all: Vec<_> = durable(&ctx.world).into_iter().filter(|(_, m)| is(m)).collect();
            match (all.pop(), all.len()) {
                (Some((top, manifest)), 0) => Ok(Found { manifest, durable: Some(top), session: None, stores }),
                _ => Err(none),
            }
        }
    }
}

/// Runs the script in a folder, its words on stderr; whether it ended well.
pub(super) fn run_script(folder: &Path) -> std::io::Result<bool> {
    let (shell, script) = if cfg!(windows) { ("powershell", "rebuild.ps1") } else { ("sh", "rebuild.sh") };
    let mut command = Command::new(shell);
    if cfg!(windows) {
        command.args(["-NoProfile", "-ExecutionPolicy", "Bypass", "-File"]);
    }
    command.arg(folder.join(script)).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr()));
    Ok(command.status()?.success())
}
