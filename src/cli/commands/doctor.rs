//! `doctor`: what is in use where, and what a step would cost.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, before, config, disk, safe, table};
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
        if let Some(text) = &self.before {
            return if self.safe { safe::safe(ctx, text, self.acting) } else { before::before(ctx, text) };
        }
        if matches!(self.what, Some(What::Disk)) {
            return disk::disk(ctx);
        }
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
        if self.what.is_none() {
            let seen = world.processes().map_or("which processes run cannot be told, so every session counts as in use".into(), |p| {
                format!("{} processes can be seen", p.len())
            });
            ctx.say(&seen);
            for note in catalog.stores.iter().flat_map(|s| &s.notes) {
                ctx.say(&crate::model::shown_name(note.as_ref()));
            }
        }
        Ok(Exit::Done)
    }
}
