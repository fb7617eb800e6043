//! `list`: every file with its class and evidence.

use super::stores::nothing_found;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::files::FileRow;
use crate::cli::marks::Kept;
use crate::cli::sizes::{ago, count, size};
use crate::cli::words::Narrow;
use crate::cli::{Ended, table};
use crate::model::{Catalog, Class, Kind, Row, SessionIx, StoreIx, Tally, shown, shown_name};
use std::collections::BTreeMap;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let mut rows: Vec<Row> = catalog.all_rows().filter(|r| chosen.takes(&ctx.world, &catalog, r)).collect();
        if ctx.global.json {
            let kept = Kept::read(&ctx.world, &catalog);
            rows.sort_by_cached_key(|r| catalog.path(r.id));
            for row in &rows {
                ctx.json(&FileRow::new(&catalog, &kept, row))?;
            }
        } else if !nothing_found(ctx, &catalog) {
            people(ctx, &catalog, rows);
        }
        Ok(Exit::Done)
    }
}

/// By session, then class, the largest first.
fn people(ctx: &mut Ctx, catalog: &Catalog, rows: Vec<Row>) {
    let mut groups: BTreeMap<(Option<StoreIx>, Option<SessionIx>), Vec<Row>> = BTreeMap::new();
    for row in rows {
        groups.entry((catalog.store_of(row.id), catalog.node(row.id).session)).or_default().push(row);
    }
    let now = ctx.world.now();
    let short = catalog.short_ids();
    for ((store, session), mut rows) in groups {
        let title = match session.map(|s| (catalog.session(s), short.get(s.index()).copied().unwrap_or_default())) {
            Some((s, id)) => format!("{}  {}", ctx.style.bold(&shown_name(s.title.as_ref())), ctx.style.dim(id)),
            None => ctx.style.bold(&format!("{}, of no session", store.map_or("", |s| catalog.store(s).title))),
        };
        ctx.say(&title);
        rows.sort_by_cached_key(|r| (r.class, std::cmp::Reverse(r.tally.bytes), catalog.path(r.id)));
        for class in Class::ALL {
            let of: Vec<&Row> = rows.iter().filter(|r| r.class == class).collect();
            if of.is_empty() {
                continue;
            }
            let sum = of.iter().fold(Tally::default(), |sum, r| sum + r.tally);
            let head = format!(" {} {}  {}, {}", class.sign(), class.label(), size(sum.bytes), count(sum.files, "file"));
            let head = ctx.style.class(class, &head);
            ctx.say(&head);
            let top = session.and_then(|s| catalog.session(s).dir.clone());
            let lines: Vec<Vec<String>> = of.iter().map(|r| line(ctx, catalog, r, top.as_deref(), now)).collect();
            let text = table::table(&["", ">", ">", ""], &lines);
            ctx.out.text(&text);
        }
    }
}

fn line(ctx: &Ctx, catalog: &Catalog, row: &Row, top: Option<&std::path::Path>, now: jiff::Timestamp) -> Vec<String> {
    let node = catalog.node(row.id);
    let path = catalog.path(row.id);
    let below = top.and_then(|t| path.strip_prefix(t).ok());
    let name = below.filter(|b| !b.as_os_str().is_empty()).map_or_else(|| ctx.world.short(&path), shown);
    let name = match (node.kind, row.tally.files) {
        (Kind::Dir, n) => format!("{name}/  {}", count(n, "file")),
        (Kind::Symlink, _) => format!("{name}  link"),
        _ => name,
    };
    let when = jiff::Timestamp::from_nanosecond(i128::from(node.mtime_ns)).map_or_else(|_| "-".into(), |t| ago(now, t));
    let why = catalog.verdict(row.id).evidence.first().map_or("", |e| e.says.as_ref());
    vec!["  ".into(), size(row.tally.bytes), when, format!("{name}  {}", ctx.style.dim(&format!("({})", shown_name(why.as_ref()))))]
}
