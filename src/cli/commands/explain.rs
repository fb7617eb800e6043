//! `explain PATH`: every fact behind a file's class, including what could not be told.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::files::FileRow;
use crate::cli::marks::Kept;
use crate::cli::sizes::{ago, size};
use crate::cli::{Ended, print, table};
use crate::error::Error;
use crate::model::{Catalog, Evidence, Kind, Marks, NodeId, shown, shown_name};
use crate::retention::{Radar, when};
use crate::tested::Tested;
use crate::world::World;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A file or folder of a store
    path: PathBuf,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let path = ctx.world.expand(&self.path);
        let path = std::path::absolute(&path).map_err(|e| Error::usage("this is no path").at(&path).because(e))?;
        let (catalog, _) = ctx.look(&[]);
        let Some(id) = catalog.find(&path) else {
            let hint = "`lifeboat list` tells every path; `lifeboat stores` tells where the stores are";
            return Err(Error::usage("this is not in any store that was found").at(&path).hint(hint));
        };
        let facts = Facts { rebuilt: Tested::read(&ctx.world).told(&catalog, id), ..Facts::of(&catalog, id) };
        let mut row = FileRow::of_node(&catalog, &Kept::read(&ctx.world, &catalog), id);
        row.evidence.extend(goes(&ctx.world, &catalog, id));
        if ctx.global.json {
            ctx.json(&facts.object(&catalog, id, &row))?;
        } else {
            facts.people(ctx, &catalog, id, &row);
        }
        Ok(Exit::Done)
    }
}

/// What is known of when the tool removes a conversation by itself.
fn goes(world: &World, catalog: &Catalog, id: NodeId) -> Option<Evidence> {
    let session = catalog.node(id).session.map(|ix| catalog.session(ix))?;
    let store = session.store.map(|s| usize::from(s.0))?;
    session.record.as_ref().filter(|record| **record == catalog.path(id))?;
    let radar = Radar::all(world, catalog).into_iter().find(|radar| radar.store == store)?;
    let date = session.deadline.map_or_else(String::new, |at| format!(", {}: {}", when(world.now(), at), at.strftime("%Y-%m-%d")));
    Some(Evidence::new("claude-code/retention", format!("{}{date}", radar.says(world, session))))
}

/// The path that things inside a file stand below.
fn inside(path: &Path) -> PathBuf {
    let mut inside = path.as_os_str().to_owned();
    inside.push("!");
    inside.into()
}

/// What is told besides the row of `list`.
struct Facts {
    /// The folder handled as one that the thing lies in, and is listed with.
    listed_with: Option<PathBuf>,
    live: Option<String>,
    untold: Vec<&'static str>,
    /// Bytes of it that are told by themselves, as things inside it.
    inside: u64,
    /// What came of making the environment again that it lies in.
    rebuilt: Option<String>,
}

impl Facts {
    fn of(catalog: &Catalog, id: NodeId) -> Self {
        let node = catalog.node(id);
        let above = std::iter::successors(catalog.parent(id), |at| catalog.parent(*at));
        let unit = above.take_while(|at| catalog.node(*at).class == node.class).find(|at| catalog.node(*at).marks.has(Marks::UNIT));
        let live = catalog.live_because(id);
        let untold = [
            (Marks::CHECKING, "its content was not checked"),
            (Marks::PLACEHOLDER, "its content is in a cloud and was not fetched"),
            (Marks::MOUNT, "another file system is mounted here; what is in it was not looked at"),
            (Marks::UNREAD, "some or all of the folder could not be read"),
        ];
        let untold = untold.into_iter().filter(|(mark, _)| node.marks.has(*mark)).map(|(_, says)| says).collect();
        let inside = catalog.find(&inside(&catalog.path(id))).filter(|at| catalog.node(*at).marks.has(Marks::INSIDE));
        let inside = inside.map_or(0, |at| catalog.totals(at).all().bytes);
        Self { listed_with: unit.map(|u| catalog.path(u)), live, untold, inside, rebuilt: None }
    }

    fn object(&self, catalog: &Catalog, id: NodeId, row: &FileRow) -> Value {
        let node = catalog.node(id);
        let mut object = serde_json::to_value(row).unwrap_or_default();
        let more = json!({
            "schema": "lifeboat.explain/1",
            "title": node.session.map(|s| &catalog.session(s).title),
            "live_because": self.live,
            "listed_with": self.listed_with.as_ref().map(|p| p.to_string_lossy()),
            "device": catalog.dev(id), "inode": node.ino, "links": node.nlink,
            "proof": catalog.verdict(id).proof,
            "untold": self.untold,
            "inside": (self.inside > 0).then_some(self.inside),
            "deadline": node.session.map(|s| catalog.session(s)).filter(|s| s.record.as_ref() == Some(&catalog.path(id))).and_then(|s| s.deadline),
            "rebuilt": self.rebuilt,
            "totals": (node.kind == Kind::Dir).then(|| catalog.totals(id)),
        });
        if let (Value::Object(all), Value::Object(more)) = (&mut object, more) {
            all.extend(more);
        }
        object
    }

    fn people(&self, ctx: &mut Ctx, catalog: &Catalog, id: NodeId, row: &FileRow) {
        let node = catalog.node(id);
        let folder = node.kind == Kind::Dir;
        let path = shown(&catalog.path(id));
        let head = ctx.style.bold(&path);
        ctx.say(&head);
        let class = ctx.style.class(row.class, &format!("{} {}", row.class.sign(), row.class.label()));
        ctx.say(&if folder { format!("by itself {class}; what is in it:") } else { class });
        if folder {
            let text = print::totals(ctx, &catalog.totals(id));
            ctx.out.text(&text);
        }
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut fact = |name: &str, says: String| rows.push(vec![format!("  {name}"), says]);
        for e in &row.evidence {
            fact(&e.rule, shown_name(e.says.as_ref().as_ref()));
        }
        if let Some(back) = &row.comes_back {
            fact("comes back", shown_name(back.as_ref()));
        }
        if let Some(rebuilt) = &self.rebuilt {
            fact("environment", shown_name(rebuilt.as_ref()));
        }
        if let Some(live) = &self.live {
            fact("in use", shown_name(live.as_ref()));
        }
        if row.protected {
            fact("protected", "a secret, a setting, or structure the app needs; never selected".into());
        }
        for says in &self.untold {
            fact("not told", (*says).into());
        }
        if let Some(unit) = &self.listed_with {
            fact("listed with", shown(unit));
        }
        if let Some(session) = node.session.map(|s| catalog.session(s)) {
            fact("session", format!("{} ({})", shown_name(session.title.as_ref()), session.id));
        }
        let when = row.modified.map_or_else(|| "unknown".into(), |t| format!("{}, {t}", ago(ctx.world.now(), t)));
        fact("size", format!("{} ({} on disk)", size(row.bytes), size(row.allocated)));
        if self.inside > 0 {
            let below = shown(&inside(&catalog.path(id)));
            fact(
                "inside",
                format!("{} of it and of its -wal are told by themselves, below {below}; its size here is without them", size(self.inside)),
            );
        }
        fact("changed", when);
        fact("identity", format!("device {}, inode {}, {} names", catalog.dev(id), node.ino, node.nlink));
        if let Some(vm) = &row.vm_path {
            fact("in the VM", shown_name(vm.as_ref()));
        }
        fact("backed up", if row.backed_up { "an archive of ours that was read back holds it as it is" } else { "not known to be" }.into());
        fact("exported", if row.exported { "its durable folder holds the same bytes" } else { "not known to be" }.into());
        let text = table::table(&["", ""], &rows);
        ctx.out.text(&text);
    }
}
