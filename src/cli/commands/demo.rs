//! `demo`: makes the sample home and opens the interface on it.

use super::export::whole;
use crate::cli::Ended;
use crate::cli::ctx::Ctx;
use crate::demo::{self, MARKER, Shape};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// An empty or new folder for the sample home, or one made before; without it a fresh one among the temporary files
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let home = match whole(ctx, self.dir)? {
            Some(dir) => dir,
            None => fresh(ctx)?,
        };
        if ours(&home) {
            ctx.note(&format!("The sample home in {} is used as it is.", crate::model::shown(&home)));
        } else {
            demo::make(&home, &Shape { now: ctx.world.now(), bulk: 24 })?;
            ctx.note(&format!("A sample home is in {}; remove it when you like.", crate::model::shown(&home)));
        }
        ctx.world = demo::world(&home);
        ctx.global.root.clear();
        super::nothing(ctx)
    }
}

/// Whether a sample home of ours is there.
fn ours(home: &Path) -> bool {
    crate::platform::facts(&home.join(MARKER)).is_ok()
}

/// A new folder among the temporary files; nobody else's can be there.
fn fresh(ctx: &Ctx) -> Result<PathBuf> {
    let named = ["TMPDIR", "TEMP", "TMP"].iter().find_map(|key| ctx.world.path_var(key)).filter(|p| p.is_absolute());
    let top =
        named.unwrap_or_else(|| if cfg!(windows) { ctx.world.home.join("AppData").join("Local").join("Temp") } else { "/tmp".into() });
    let home = top.join(format!("lifeboat-demo-{}", ctx.world.new_id()));
    std::fs::create_dir(&home).map_err(|e| Error::io("cannot make the sample home", &home, e).hint("name a folder with --dir"))?;
    Ok(home)
}
