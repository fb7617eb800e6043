//! `restore ARCHIVE`: into a new folder, or what is missing where it was.

use super::export::whole;
use crate::backup::{self, Target};
use crate::cli::ctx::Ctx;
use crate::cli::sizes::{count, size};
use crate::cli::words::Acting;
use crate::cli::{Ended, deed};
use crate::error::Error;
use crate::model::Skipped;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The archive
    archive: PathBuf,
    /// An empty or new folder to restore into
    #[arg(long, value_name = "DIR", conflicts_with = "in_place")]
    to: Option<PathBuf>,
    /// Put back, where it was, what is missing; nothing is overwritten
    #[arg(long)]
    in_place: bool,
    /// Only this session, by its id
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let target = match (whole(ctx, self.to)?, self.in_place) {
            (Some(to), _) => Target::Folder(to),
            (None, true) => Target::InPlace,
            (None, false) => {
                return Err(Error::usage("where to?").hint("--to DIR restores into a new folder, --in-place puts back what is missing"));
            }
        };
        deed::begin(ctx, "restore", self.acting.dry_run)?;
        let dry = self.acting.dry_run;
        let watch = ctx.watch();
        let restored = backup::restore(&ctx.world, &self.archive, &target, self.session.as_deref(), dry, &watch);
        watch.over();
        let restored = restored?;
        // What is there already is what one hopes for.
        let there = |s: &&Skipped| s.reason.contains("already there");
        let odd: Vec<Skipped> = restored.skipped.iter().filter(|s| !there(s)).cloned().collect();
        deed::name_all(ctx, &odd, &restored.failed);
        for note in &restored.notes {
            ctx.note(note);
        }
        if ctx.global.json {
            let mut object = serde_json::to_value(&restored).unwrap_or_else(|_| json!({}));
            if let Value::Object(fields) = &mut object {
                fields.insert("dry_run".into(), dry.into());
            }
            ctx.json(&object)?;
        } else {
            let would = if dry { "would be " } else { "" };
            let left = restored.skipped.len() - odd.len();
            let left = if left > 0 { format!(", {left} were there already") } else { String::new() };
            ctx.say(&format!("{} ({}) {would}restored{left}.", count(restored.files, "file"), size(restored.bytes)));
        }
        Ok(deed::exit(restored.interrupted, restored.files, !odd.is_empty() || !restored.failed.is_empty()))
    }
}
