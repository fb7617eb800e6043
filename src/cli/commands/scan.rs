//! `scan`: totals by store, session and class.

use super::stores::nothing_found;
use crate::cli::chosen::Chosen;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::ago;
use crate::cli::words::Narrow;
use crate::cli::{Ended, deed, print, table};
use crate::model::{Catalog, PathText, SessionIx, StoreIx, Totals, shown_name};
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
}

/// Totals of what was chosen.
struct Sums {
    stores: Vec<Totals>,
    sessions: Vec<Totals>,
    /// By store, what belongs to no session.
    rest: Vec<Totals>,
    all: Totals,
}

impl Sums {
    fn of(ctx: &Ctx, catalog: &Catalog, chosen: &Chosen) -> Self {
        let zero = |n: usize| vec![Totals::default(); n];
        let (stores, sessions) = (catalog.stores.len(), catalog.sessions.len());
        let mut sums = Self { stores: zero(stores), sessions: zero(sessions), rest: zero(stores), all: Totals::default() };
        for row in catalog.all_rows().filter(|r| chosen.takes(&ctx.world, catalog, r)) {
            let store = catalog.store_of(row.id).map(|s| s.0 as usize);
            let session = catalog.node(row.id).session;
            let to = [
                store.and_then(|s| sums.stores.get_mut(s)),
                session.and_then(|s| sums.sessions.get_mut(s.index())),
                store.filter(|_| session.is_none()).and_then(|s| sums.rest.get_mut(s)),
                Some(&mut sums.all),
            ];
            for totals in to.into_iter().flatten() {
                *totals.of_mut(row.class) += row.tally;
            }
        }
        sums
    }
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let (catalog, took) = ctx.look(&self.narrow.choice.store);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let sums = Sums::of(ctx, &catalog, &chosen);
        if ctx.global.json {
            ctx.json(&object(ctx, &catalog, &chosen, &sums, took))?;
        } else if !nothing_found(ctx, &catalog) {
            for at in 0..catalog.stores.len() {
                store(ctx, &catalog, &chosen, &sums, at);
            }
            let totals = print::totals(ctx, &sums.all);
            ctx.out.text(&totals);
            if let Some(sentence) = deed::in_vault(ctx) {
                ctx.say(&sentence);
            }
        }
        Ok(Exit::Done)
    }
}

/// The sessions of a store that were chosen, the latest first.
fn of_store(ctx: &Ctx, catalog: &Catalog, chosen: &Chosen, at: usize) -> Vec<SessionIx> {
    let of = StoreIx(u16::try_from(at).unwrap_or(u16::MAX));
    let mut found = chosen.all_sessions(&ctx.world, catalog);
    found.retain(|ix| catalog.session(*ix).store == Some(of));
    found.sort_by_key(|ix| std::cmp::Reverse(catalog.session(*ix).last_active));
    found
}

fn object(ctx: &Ctx, catalog: &Catalog, chosen: &Chosen, sums: &Sums, took: Duration) -> Value {
    let session = |ix: &SessionIx| {
        let s = catalog.session(*ix);
        let folders: Vec<String> = s.folders.iter().map(|f| PathText::new(f).path).collect();
        json!({"id": s.id, "title": s.title, "started": s.started, "last_active": s.last_active, "live": s.live.is_some(),
            "archived": s.archived, "folders": folders, "totals": sums.sessions[ix.index()]})
    };
    let stores = catalog.stores.iter().enumerate().map(|(at, s)| {
        let sessions: Vec<Value> = of_store(ctx, catalog, chosen, at).iter().map(session).collect();
        json!({"store": s.name, "root": PathText::new(&s.root).path, "layout": s.layout, "notes": s.notes,
            "sessions": sessions, "totals": sums.stores[at]})
    });
    let errors = catalog.errors.iter().map(|e| {
        let path = PathText::new(&e.path);
        let mut object = json!({"path": path.path, "error": e.error});
        if let (Some(exact), Value::Object(fields)) = (path.path_base64, &mut object) {
            fields.insert("path_base64".into(), exact.into());
        }
        object
    });
    json!({"schema": "lifeboat.scan/1", "stores": stores.collect::<Vec<_>>(), "totals": sums.all,
        "errors": errors.collect::<Vec<_>>(), "hashed": catalog.hashing, "elapsed_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX)})
}

fn store(ctx: &mut Ctx, catalog: &Catalog, chosen: &Chosen, sums: &Sums, at: usize) {
    let store = &catalog.stores[at];
    let head = ctx.style.bold(store.title);
    ctx.say(&format!("{head}  {}  {}", ctx.world.short(&store.root), ctx.style.dim(&store.layout)));
    for note in &store.notes {
        ctx.say(&format!("  {}", shown_name(note.as_ref())));
    }
    let now = ctx.world.now();
    let mut rows = Vec::new();
    let short = catalog.short_ids();
    for ix in of_store(ctx, catalog, chosen, at) {
        let s = catalog.session(ix);
        let when = match (&s.live, s.last_active) {
            (Some(_), _) => "live now".into(),
            (None, Some(t)) => ago(now, t),
            (None, None) => "-".into(),
        };
        let mut row =
            vec![format!("  {}", shown_name(s.title.as_ref())), short.get(ix.index()).copied().unwrap_or_default().to_owned(), when];
        row.extend(print::cells(ctx, &sums.sessions[ix.index()]));
        rows.push(row);
    }
    if sums.rest[at].all().files > 0 {
        let mut row = vec!["  (of no session)".to_owned(), String::new(), String::new()];
        row.extend(print::cells(ctx, &sums.rest[at]));
        rows.push(row);
    }
    let text = table::table(&["  session", "id", ">last active", ">at risk", ">flushed", ">rebuildable"], &rows);
    ctx.out.text(&text);
    ctx.say("");
}
