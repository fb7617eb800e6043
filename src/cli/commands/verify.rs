//! `verify ARCHIVE`: reads every byte back.

use crate::backup;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::{Ended, deed};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The archive
    archive: PathBuf,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let watch = ctx.watch();
        let found = backup::verify(&self.archive, &watch);
        watch.over();
        if crate::model::Watch::stopped(&watch) {
            return Ok(Exit::Unstarted);
        }
        let found = found?;
        deed::name_all(ctx, &[], &found.failed);
        for note in &found.notes {
            ctx.note(note);
        }
        if ctx.global.json {
            ctx.json(&found)?;
        } else {
            let what = format!("{} ({}) read", count(found.files, "file"), size(found.bytes));
            let verdict = if found.ok { "every byte is as the manifest says" } else { "the archive is damaged" };
            ctx.say(&format!("{what}: {verdict}."));
        }
        Ok(if found.ok { Exit::Done } else { Exit::Partly })
    }
}
