//! `flush`: copies at-risk files to the durable folder and reads them back.

use super::export::whole;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::each::{Verb, each};
use crate::cli::sizes::{count, size};
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, deed};
use crate::error::{Error, Result};
use crate::export::Options;
use crate::model::{Catalog, Class, SessionIx};
use crate::vault::own::{Mode, replace};
use crate::world::World;
use std::path::{Path, PathBuf};

const FLUSH: Verb = Verb {
    schema: "lifeboat.flush/1",
    doing: "Flushing",
    word: "flush",
    past: "flushed",
    deed: |series, catalog, session, watch| series.flush(catalog, session, watch),
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// The folder that takes the copies; remembered, and copies in it count from then on
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.narrow.must_be_given("flush")?;
        deed::begin(ctx, "flush", self.acting.dry_run)?;
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let sessions = self.narrow.in_catalog(&catalog)?.all_sessions(&ctx.world, &catalog);
        let named = whole(ctx, self.to)?;
        let to = named.clone().or_else(|| ctx.world.kept_folders().into_iter().next());
        let (files, bytes) = at_risk(&catalog, &sessions);
        if !self.acting.dry_run && !sessions.is_empty() {
            let what = format!("{} at risk ({}) in {}", count(files, "file"), size(bytes), count(sessions.len() as u64, "session"));
            let place = to.as_ref().map_or_else(|| "the durable folders in your documents".into(), |t| ctx.world.short(t));
            ctx.note(&format!("{what} would be copied to {place}."));
            if !ctx.confirmed(self.acting.yes, "Copy them?")? {
                return Ok(Exit::Refused);
            }
        }
        let options = Options { to, dry_run: self.acting.dry_run, ..Options::default() };
        if let (Some(folder), false) = (named, self.acting.dry_run) {
            remember(&ctx.world, &folder)?;
        }
        each(ctx, &catalog, &sessions, &options, &FLUSH)
    }
}

/// Writes down a folder, the last named first.
fn remember(world: &World, folder: &Path) -> Result<()> {
    let Some(text) = folder.to_str().filter(|t| !t.contains('\n')) else {
        return Err(Error::usage("a folder with such a name cannot be remembered").at(folder).hint("choose one with a plain name"));
    };
    let old = world.kept_folders().into_iter().filter(|f| f != folder);
    let lines: Vec<String> = std::iter::once(text.to_owned()).chain(old.filter_map(|f| f.to_str().map(str::to_owned))).collect();
    std::fs::create_dir_all(&world.state_dir).map_err(|e| Error::io("cannot make the state folder", &world.state_dir, e))?;
    replace(&world.kept_list(), (lines.join("\n") + "\n").as_bytes(), Mode::Private)
}

/// What is at risk in these sessions: files and bytes.
fn at_risk(catalog: &Catalog, sessions: &[SessionIx]) -> (u64, u64) {
    let of = |r: &crate::model::Row| catalog.node(r.id).session.is_some_and(|s| sessions.contains(&s));
    let rows = catalog.all_rows().filter(|r| r.class == Class::AtRisk && of(r));
    rows.fold((0, 0), |(files, bytes), r| (files + r.tally.files, bytes + r.tally.bytes))
}
