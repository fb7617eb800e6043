//! `backup`: one archive, read back whole before it gets its name.

use super::export::whole;
use crate::backup::{self, Format, Options};
use crate::cli::ctx::Ctx;
use crate::cli::sizes::{count, size};
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, deed};
use crate::error::Error;
use crate::model::{NodeId, shown, to_bytes};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// The folder the archive is written to, instead of `Lifeboat Backups` in your documents
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Secrets too: keys, tokens, credentials
    #[arg(long)]
    with_secrets: bool,
    /// Pack with zstd instead of gzip: faster, opens in fewer places
    #[arg(long)]
    zstd: bool,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        deed::begin(ctx, "backup", self.acting.dry_run)?;
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let nodes: Vec<NodeId> = if chosen.is_everything() {
            Vec::new()
        } else {
            let rows = catalog.all_rows().filter(|r| chosen.takes(&ctx.world, &catalog, r));
            rows.map(|r| r.id).collect()
        };
        if nodes.is_empty() && !chosen.is_everything() {
            return Err(Error::usage("the selection holds nothing").hint("`lifeboat list` with the same selection shows what it means"));
        }
        let format = if self.zstd { Format::TarZst } else { Format::TarGz };
        let options = Options {
            to: whole(ctx, self.to)?,
            stores: self.narrow.choice.store.clone(),
            nodes,
            with_secrets: self.with_secrets,
            format,
            dry_run: self.acting.dry_run,
        };
        let watch = ctx.watch();
        let report = backup::create(&ctx.world, &catalog, &options, &watch);
        watch.over();
        let report = report?;
        deed::name_all(ctx, &report.skipped, &report.failed);
        if !report.interrupted
            && !options.dry_run
            && let Err(e) = backup::verified::remember(&ctx.world, &report.archive)
        {
            ctx.warn(&format!("the archive is whole, but cannot be remembered: {e}"));
        }
        if ctx.global.json {
            let mut object =
                json!({"schema": "lifeboat.backup/1", "dry_run": options.dry_run, "verified": !options.dry_run && !report.interrupted});
            if let (Value::Object(all), Ok(Value::Object(more))) = (&mut object, serde_json::to_value(&report)) {
                all.extend(more);
            }
            ctx.json(&object)?;
        } else if !report.interrupted {
            let what = format!("{} ({})", count(report.files, "file"), size(report.bytes));
            let packed =
                if options.dry_run { "would be packed".into() } else { format!("packed in {} and read back", size(report.packed)) };
            ctx.note(&format!("{what}, {packed}."));
            if ctx.here.stdout {
                ctx.say(&shown(&report.archive));
            } else {
                ctx.out.bytes(&to_bytes(report.archive.as_os_str()));
                ctx.say("");
            }
        }
        // A backup that was stopped leaves nothing behind.
        Ok(deed::exit(report.interrupted, 0, !report.failed.is_empty()))
    }
}
