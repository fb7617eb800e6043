//! `secrets`: where secrets stand in the files of sessions; never what they are.

use super::stores::nothing_found;
use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::count;
use crate::cli::words::Narrow;
use crate::export::emails;
use crate::model::{Catalog, Class, Kind, Marks, Row, Session, SessionIx, Watch, shown, shown_name};
use crate::platform::open_beneath;
use crate::secrets::{Finder, Place, places};
use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let mut files: BTreeMap<SessionIx, Vec<PathBuf>> = BTreeMap::new();
        for row in catalog.all_rows().filter(|r| chosen.takes(&ctx.world, &catalog, r) && readable(&catalog, r)) {
            if let Some(session) = catalog.node(row.id).session {
                files.entry(session).or_default().push(catalog.path(row.id));
            }
        }
        let watch = ctx.watch();
        let (mut secrets, mut holders, mut sessions) = (0, 0, 0);
        for (ix, mut files) in files {
            files.sort();
            let session = catalog.session(ix);
            let finder = Finder::with_emails(emails(&ctx.world, session).iter().map(String::as_str));
            let mut told = false;
            for path in files {
                if watch.stopped() {
                    return Ok(Exit::Interrupted);
                }
                let found = match open(&catalog, session, &path).and_then(|file| places(&finder, file)) {
                    Ok(found) => found,
                    Err(e) => {
                        ctx.warn(&format!("{}: cannot be read: {e}", shown(&path)));
                        continue;
                    }
                };
                if found.is_empty() {
                    continue;
                }
                secrets += found.iter().map(|p| p.times).sum::<u64>();
                holders += 1;
                if !std::mem::replace(&mut told, true) && !ctx.global.json {
                    ctx.say(&format!("{}  {}", ctx.style.bold(&shown_name(session.title.as_ref())), ctx.style.dim(session.short_id())));
                }
                tell(ctx, &catalog, session, &path, &found)?;
            }
            sessions += u64::from(told);
        }
        if !ctx.global.json && !nothing_found(ctx, &catalog) {
            let of = format!("{} in {} of {}", count(secrets, "secret"), count(holders, "file"), count(sessions, "session"));
            ctx.say(&format!("{of}. `export` leaves out those of the conversation; files it copies stay as they are."));
        }
        Ok(Exit::Done)
    }
}

/// A file with text of the session's own: what comes back by itself says nothing, and what is a secret as a whole is known.
fn readable(catalog: &Catalog, row: &Row) -> bool {
    let (node, marks) = (catalog.node(row.id), catalog.node(row.id).marks);
    node.kind == Kind::File && row.class != Class::Rebuildable && !marks.has(Marks::SECRET) && !marks.has(Marks::PLACEHOLDER)
}

fn open(catalog: &Catalog, session: &Session, path: &Path) -> io::Result<std::fs::File> {
    let store = session.store.map(|s| catalog.store(s).root.as_path()).filter(|root| path.starts_with(root));
    open_beneath(store.or(path.parent()).unwrap_or(path), path)
}

fn tell(ctx: &mut Ctx, catalog: &Catalog, session: &Session, path: &Path, found: &[Place]) -> crate::error::Result<()> {
    if ctx.global.json {
        let store = session.store.map(|s| catalog.store(s).name);
        let exact = crate::model::PathText::new(path);
        for place in found {
            let mut object = json!({"schema": "lifeboat.secret/1", "store": store, "session": session.id});
            for part in [serde_json::to_value(&exact), serde_json::to_value(place)] {
                if let (serde_json::Value::Object(all), Ok(serde_json::Value::Object(more))) = (&mut object, part) {
                    all.extend(more);
                }
            }
            ctx.json(&object)?;
        }
        return Ok(());
    }
    let below = session.dir.as_ref().and_then(|dir| path.strip_prefix(dir).ok());
    ctx.say(&format!("  {}", below.map_or_else(|| ctx.world.short(path), shown)));
    for place in found {
        let times = if place.times > 1 { format!(", {} times", place.times) } else { String::new() };
        ctx.say(&format!("    line {:<6} {}{times}", place.line, place.rule));
    }
    Ok(())
}
