//! `archive` and `unarchive`: a session is put away in its own tool, or brought back.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::Acting;
use crate::cli::{deed, lifecycle as shared, table};
use crate::error::Error;
use crate::lifecycle::{Desk, KEEPERS};
use crate::model::Receipt;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
struct Words {
    /// The sessions: each by its id, the start of it, or a piece of its title
    #[arg(value_name = "SESSION", required = true)]
    sessions: Vec<String>,
    /// Only stores of this tool
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    store: Vec<String>,
    #[command(flatten)]
    acting: Acting,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Archive {
    #[command(flatten)]
    words: Words,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Unarchive {
    #[command(flatten)]
    words: Words,
}

impl Archive {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.words.run(ctx, true)
    }
}

impl Unarchive {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.words.run(ctx, false)
    }
}

impl Words {
    fn run(self, ctx: &mut Ctx, archived: bool) -> Ended {
        let (verb, done) = if archived { ("archive", "archived") } else { ("unarchive", "no longer archived") };
        deed::begin(ctx, verb, self.acting.dry_run)?;
        let chosen = shared::sessions(ctx, &self.store, &self.sessions)?;
        if !self.acting.dry_run {
            let rows: Vec<Vec<String>> =
                chosen.iter().map(|s| vec![format!("  {verb}"), s.id.clone(), crate::model::shown_name(s.title.as_ref())]).collect();
            let text = table::table(&["", "", ""], &rows);
            let items: Vec<_> = chosen.iter().map(|s| serde_json::json!({"session": s.id, "title": s.title, "action": verb})).collect();
            let data = serde_json::json!({"schema": "lifeboat.plan/1", "created": ctx.world.now(), "items": items, "skipped": []});
            shared::show(ctx, &text, &data, self.acting.yes)?;
            if !ctx.confirmed(self.acting.yes, "Do this? `archive` and `unarchive` undo each other.")? {
                return Ok(Exit::Refused);
            }
        }
        let mut stores: BTreeMap<(usize, PathBuf), Vec<String>> = BTreeMap::new();
        for session in chosen {
            stores.entry((session.keeper, session.root)).or_default().push(session.id);
        }
        let watch = ctx.watch();
        let mut whole = Receipt::new(verb);
        for ((at, root), ids) in stores {
            let keeper = KEEPERS.get(at).ok_or_else(|| Error::usage("there is no such store"))?;
            whole.join(keeper.archive(&Desk::here(&ctx.world, &watch), &root, &ids, archived, self.acting.dry_run)?);
        }
        watch.over();
        shared::end(ctx, &whole, done)
    }
}
