//! `stores`: each store found.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::count;
use crate::cli::words::Narrow;
use crate::model::{Catalog, PathText, SessionIx, StoreIx, shown_name};
use crate::scan::Options;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let options = Options { walk_only: true, ..ctx.scan_options(&self.narrow.choice.store) };
        let (catalog, _) = ctx.look_with(options);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let sessions = |at: usize| {
            let of = StoreIx(u16::try_from(at).unwrap_or(u16::MAX));
            let all = (0..catalog.sessions.len()).map(SessionIx::at);
            all.filter(|ix| catalog.session(*ix).store == Some(of) && chosen.takes_session(&ctx.world, &catalog, *ix)).count()
        };
        let counts: Vec<usize> = (0..catalog.stores.len()).map(sessions).collect();
        if ctx.global.json {
            let list = catalog.stores.iter().zip(&counts).map(|(s, n)| {
                json!({"store": s.name, "kind": s.title, "root": PathText::new(&s.root).path, "layout": s.layout, "sessions": n,
                    "notes": s.notes, "live": s.live.is_some()})
            });
            ctx.json(&json!({"schema": "lifeboat.stores/1", "stores": list.collect::<Vec<_>>()}))?;
        } else if !nothing_found(ctx, &catalog) {
            for (s, n) in catalog.stores.iter().zip(counts) {
                let head = ctx.style.bold(s.title);
                let (root, sessions) = (ctx.world.short(&s.root), count(n as u64, "session"));
                ctx.say(&format!("{head}  {root}\n  store {}, layout {}, {sessions}", s.name, s.layout));
                for note in s.notes.iter().chain(&s.live) {
                    ctx.say(&format!("  {}", shown_name(note.as_ref())));
                }
            }
        }
        Ok(Exit::Done)
    }
}

/// Says so in words where there is no store at all.
pub(super) fn nothing_found(ctx: &mut Ctx, catalog: &Catalog) -> bool {
    if catalog.stores.is_empty() {
        ctx.say("No session store was found here.");
        ctx.note("Looked in the usual places of this home; --root DIR looks elsewhere, `lifeboat demo` shows a sample.");
    }
    catalog.stores.is_empty()
}
