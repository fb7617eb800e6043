//! `doctor`: what is wrong or about to be, what a step would cost, what is gone, and which paths are in use.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, after, before, config, disk, repair, safe, table};
use crate::doctor::{self, CHECKS, Problem, Scene, Severity};
use crate::lifecycle;
use crate::model::Held;
use crate::scan::Options;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// What a command or a menu item would cost; it is read, never run
    #[arg(long, value_name = "COMMAND")]
    before: Option<String>,
    /// With `--before`: back up, verify and export, then do the safe form of it, as a plan that `undo` takes back
    #[arg(long, requires = "before")]
    safe: bool,
    /// What is gone since the last backup and the scans of the last two weeks, and from where it can be had again
    #[arg(long, conflicts_with = "before")]
    after: bool,
    /// Make the records of Cowork sessions again that the app skips or has lost: of these sessions, or of all
    #[arg(long, value_name = "SESSION", num_args = 0.., conflicts_with_all = ["before", "after"])]
    repair: Option<Vec<String>>,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Every path in use
    Paths,
    /// What each piece of a virtual machine's bundle is, and what removing it loses
    Disk,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        match (&self.before, &self.what) {
            (Some(text), _) if self.safe => safe::safe(ctx, text, self.acting),
            (Some(text), _) => before::before(ctx, text),
            (None, _) if self.after => after::after(ctx),
            (None, _) if self.repair.is_some() => repair::repair(ctx, self.repair.unwrap_or_default(), self.acting),
            (None, Some(What::Paths)) => paths(ctx),
            (None, Some(What::Disk)) => disk::disk(ctx),
            (None, None) => problems(ctx),
        }
    }
}

/// What is wrong, the worst first; finding something is no failure.
fn problems(ctx: &mut Ctx) -> Ended {
    let (catalog, _) = ctx.look(&[]);
    let world = ctx.world.clone();
    let problems = doctor::examine(&Scene::of(&world, &catalog)?);
    let worst = problems.first().map(|p| p.severity);
    if ctx.global.json {
        let checks: Vec<&str> = CHECKS.iter().map(|c| c.id).collect();
        ctx.json(&json!({"schema": "lifeboat.doctor/1", "worst": worst, "problems": problems, "checked": checks}))?;
        return Ok(Exit::Done);
    }
    if problems.is_empty() {
        ctx.say("Nothing is wrong.");
    }
    for problem in &problems {
        tell(ctx, problem);
    }
    let seen = world.processes().map_or("which processes run cannot be told, so every session counts as in use".into(), |p| {
        format!("{} processes can be seen; `lifeboat doctor paths` tells where everything is", p.len())
    });
    ctx.note(&seen);
    Ok(Exit::Done)
}

fn tell(ctx: &mut Ctx, problem: &Problem) {
    let sign = match problem.severity {
        Severity::Bad => ctx.style.bad("!"),
        Severity::Warn => ctx.style.bold("~"),
        Severity::Note => ctx.style.dim("-"),
    };
    let clean = |text: &str| crate::model::shown_name(text.as_ref());
    let place = problem.path.as_ref().map(|path| ctx.world.short(path)).unwrap_or_default();
    let session = problem.session.as_ref().map(|id| format!("  {}", clean(id))).unwrap_or_default();
    ctx.say(&format!("{sign} {}{session}", clean(&problem.says)));
    for evidence in &problem.evidence {
        ctx.say(&format!("    {}", clean(evidence)));
    }
    if !place.is_empty() {
        ctx.say(&format!("    {place}"));
    }
    ctx.say(&format!("    next: {}", clean(&problem.next)));
}

/// Every path in use.
fn paths(ctx: &mut Ctx) -> Ended {
    let world = ctx.world.clone();
    let paths: Vec<(&str, PathBuf)> = vec![
        ("home", world.home.clone()),
        ("config", config::path(&world)),
        ("state", world.state_dir.clone()),
        ("journal", world.state_dir.join("operations")),
        ("logs", world.state_dir.join("logs")),
        ("vault", world.vault_dir()),
        ("packed", world.packed_dir()),
        ("backups", world.backup_dir()),
        ("documents", world.documents.clone()),
        ("desktop", world.desktop.clone()),
        ("downloads", world.downloads.clone()),
    ];
    let held = Held::by(&lifecycle::history(&world)?);
    let options = Options { walk_only: true, ..ctx.scan_options(&[]) };
    let (catalog, _) = ctx.look_with(options);
    if ctx.global.json {
        let mut object = json!({"schema": "lifeboat.paths/1"});
        for (name, path) in &paths {
            object[*name] = path.to_string_lossy().into();
        }
        let stores = catalog.stores.iter().map(|s| json!({"store": s.name, "root": s.root.to_string_lossy()}));
        object["stores"] = stores.collect::<Vec<_>>().into();
        object["vault_holds"] = serde_json::to_value(held).unwrap_or_default();
        object["kept"] = world.kept_folders().iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().into();
        ctx.json(&object)?;
        return Ok(Exit::Done);
    }
    let there = |path: &PathBuf| if crate::platform::facts(path).is_ok() { "" } else { "not there yet" };
    let mut rows: Vec<Vec<String>> =
        paths.iter().map(|(name, path)| vec![(*name).into(), crate::model::shown(path), there(path).into()]).collect();
    if held.items > 0 {
        let room = format!("{} ({} on disk) in {}", size(held.bytes), size(held.allocated), count(held.items, "item"));
        rows.insert(6, vec!["in the vault".into(), room, "`lifeboat purge` gives the space back".into()]);
    }
    rows.extend(world.kept_folders().iter().map(|p| vec!["kept in".into(), crate::model::shown(p), there(p).into()]));
    rows.extend(catalog.stores.iter().map(|s| vec![format!("store {}", s.name), crate::model::shown(&s.root), s.layout.clone()]));
    let text = table::table(&["", "", ""], &rows);
    ctx.out.text(&text);
    Ok(Exit::Done)
}
