//! `retention`: which conversations a tool removes by itself and when, and how to have it wait.

use crate::cli::Ended;
use crate::cli::chosen::Chosen;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::marks::Kept;
use crate::cli::sizes::{count, size};
use crate::cli::table;
use crate::cli::words::{Acting, Narrow};
use crate::export;
use crate::model::{Catalog, Class, PathText, Row, Session, shown, shown_name};
use crate::retention::{Days, Radar, when};
use crate::settings;
use crate::stores::claude_code::config_folder;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Claude Code removes what is older than `cleanupPeriodDays` (30 where unset) at a start, in all projects, with the settings of \
the folder it starts in. `lifeboat export --due 7d` and `lifeboat backup --due 7d` take what goes within a week."
)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    /// Have Claude Code keep conversations for so many days: shows the change of its settings, then makes it
    #[arg(long, value_name = "DAYS")]
    raise: Option<u64>,
    #[command(flatten)]
    acting: Acting,
}

/// One conversation that goes by itself.
struct Due<'c> {
    session: &'c Session,
    /// Its store, by its place in the catalogue.
    store: usize,
    /// What is known of Claude Code's own settings; `None`: another tool's.
    radar: Option<&'c Radar>,
    path: PathBuf,
    bytes: u64,
    modified: Option<Timestamp>,
    exported: bool,
    backed_up: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if let Some(days) = self.raise {
            return self.raise(ctx, days);
        }
        let (catalog, _) = ctx.look(&self.narrow.choice.store);
        let chosen = self.narrow.in_catalog(&catalog)?;
        let radars = Radar::all(&ctx.world, &catalog);
        let all = all(ctx, &catalog, &chosen, &radars);
        if ctx.global.json {
            ctx.json(&object(ctx, &catalog, &radars, &all))?;
        } else {
            people(ctx, &catalog, &radars, &all);
        }
        Ok(Exit::Done)
    }

    fn raise(&self, ctx: &mut Ctx, days: u64) -> Ended {
        ctx.may_act("retention --raise")?;
        let options = crate::scan::Options { walk_only: true, ..ctx.scan_options(&[]) };
        let (catalog, _) = ctx.look_with(options);
        let radars = Radar::all(&ctx.world, &catalog);
        let mut roots: Vec<PathBuf> = radars.iter().filter_map(|r| Some(catalog.stores.get(r.store)?.root.clone())).collect();
        if roots.is_empty() {
            roots.push(config_folder(&ctx.world));
        }
        let mut ended = Exit::Done;
        for root in &roots {
            match settings::raise(&ctx.world, root, days)? {
                None => ctx.say(&format!("{} says {days} days already.", ctx.world.short(&root.join("settings.json")))),
                Some(planned) => ended = self.change(ctx, &planned)?,
            }
        }
        for radar in &radars {
            stronger(ctx, radar, days);
        }
        Ok(ended)
    }

    fn change(&self, ctx: &mut Ctx, planned: &settings::Planned) -> Ended {
        ctx.say(&ctx.world.short(&planned.file));
        for line in planned.diff().lines() {
            ctx.say(&shown_name(line.as_ref()));
        }
        if self.acting.dry_run {
            return Ok(Exit::Done);
        }
        if !ctx.confirmed(self.acting.yes, "Change the settings so?")? {
            return Ok(Exit::Refused);
        }
        if let Some(kept) = planned.carry_out(&ctx.world, || Ok(()))? {
            ctx.note(&format!("As they were, they are in {}", shown(&kept)));
        }
        ctx.say("Changed; it holds from Claude Code's next start.");
        Ok(Exit::Done)
    }
}

/// Files that say fewer days, and are stronger than the user's.
fn stronger(ctx: &mut Ctx, radar: &Radar, days: u64) {
    for said in &radar.rules.said {
        if let Days::Set(less) = said.days
            && less < days
            && said.scope != crate::retention::Scope::User
        {
            let file = ctx.world.short(&said.file);
            ctx.warn(&format!("{file} ({}) says {less} days, and holds where it applies", said.scope.word()));
        }
    }
}

/// The conversations of these stores that were chosen, the first to go first.
fn all<'c>(ctx: &Ctx, catalog: &'c Catalog, chosen: &Chosen, radars: &'c [Radar]) -> Vec<Due<'c>> {
    let kept = Kept::read(&ctx.world, catalog);
    // A manifest tells whole seconds.
    let exported: HashMap<String, Option<i64>> = export::durable(&ctx.world)
        .into_iter()
        .filter(|(_, manifest)| !manifest.transcripts.is_empty())
        .map(|(_, manifest)| (manifest.session, manifest.ended.map(Timestamp::as_second)))
        .collect();
    let due = |ix| {
        let session = catalog.session(ix);
        let store = session.store.map(|s| usize::from(s.0))?;
        let radar = radars.iter().find(|r| r.store == store);
        // Of the other tools only those are told that remove conversations by themselves.
        let tells = radar.is_some() || catalog.sessions.iter().any(|s| s.store == session.store && s.deadline.is_some());
        let path = session.record.clone().filter(|_| tells)?;
        let id = catalog.find(&path)?;
        let node = catalog.node(id);
        let row = Row { id, class: Class::AtRisk, tally: catalog.own(id) };
        let told = exported.get(&session.id).is_some_and(|at| *at >= session.last_active.map(Timestamp::as_second));
        Some(Due {
            session,
            store,
            radar,
            bytes: node.size,
            modified: Timestamp::from_nanosecond(node.mtime_ns.into()).ok(),
            exported: told,
            backed_up: kept.backed_up(catalog, &row, &path),
            path,
        })
    };
    let mut all: Vec<Due<'_>> = chosen.all_sessions(&ctx.world, catalog).into_iter().filter_map(due).collect();
    all.sort_by_key(|due| (due.session.deadline.is_none(), due.session.deadline, due.session.id.clone()));
    all
}

/// Stores of other tools that have such conversations.
fn others(radars: &[Radar], all: &[Due<'_>]) -> BTreeSet<usize> {
    all.iter().map(|due| due.store).filter(|store| radars.iter().all(|r| r.store != *store)).collect()
}

impl Due<'_> {
    /// What removes it, or why nothing does.
    fn says(&self, ctx: &Ctx, catalog: &Catalog) -> String {
        if let Some(radar) = self.radar {
            return radar.says(&ctx.world, self.session);
        }
        let title = catalog.stores.get(self.store).map_or("its tool", |s| s.title);
        match self.session.deadline {
            Some(_) => format!("{title} removes it by itself; the notes of its store say how"),
            None => format!("{title} is not known to remove it"),
        }
    }
}

fn object(ctx: &Ctx, catalog: &Catalog, radars: &[Radar], all: &[Due<'_>]) -> Value {
    let now = ctx.world.now();
    let root = |store: usize| catalog.stores.get(store).map(|s| PathText::new(&s.root).path);
    let stores = radars.iter().map(|radar| {
        let shortest = radar.rules.shortest();
        let said = radar.rules.said.iter().map(|said| {
            let (days, problem) = match &said.days {
                Days::Set(days) => (Some(*days), None),
                Days::Unset => (None, None),
                Days::Refused(value) => (None, Some(format!("{value} is refused"))),
                Days::Broken(why) => (None, Some(why.clone())),
            };
            json!({"file": PathText::new(&said.file).path, "scope": said.scope.word(), "days": days, "problem": problem})
        });
        json!({"store": crate::stores::claude_code::NAME, "root": root(radar.store),
            "days": shortest.map(|(_, period)| period.days),
            "by": shortest.and_then(|(_, period)| period.by.as_ref()).map(|file| PathText::new(file).path),
            "at_a_start_in": shortest.and_then(|(start, _)| start.folder.as_ref()).map(|f| PathText::new(f).path),
            "paused": radar.rules.paused().map(|(file, why)| format!("{} {why}", PathText::new(file).path)),
            "last_sweep": radar.last_sweep, "settings": said.collect::<Vec<_>>()})
    });
    let sessions = all.iter().map(|due| {
        let left = due.session.deadline.map(|at| at.as_second().saturating_sub(now.as_second()).div_euclid(86_400));
        json!({"id": due.session.id, "title": due.session.title, "root": root(due.store), "path": PathText::new(&due.path).path,
            "bytes": due.bytes, "modified": due.modified, "deadline": due.session.deadline, "days_left": left,
            "exported": due.exported, "backed_up": due.backed_up, "live": due.session.live.is_some(),
            "says": due.says(ctx, catalog)})
    });
    let others = others(radars, all).into_iter().filter_map(|at| catalog.stores.get(at));
    let others = others.map(|store| json!({"store": store.name, "root": PathText::new(&store.root).path, "says": store.notes}));
    json!({"schema": "lifeboat.retention/1", "stores": stores.chain(others).collect::<Vec<_>>(), "sessions": sessions.collect::<Vec<_>>()})
}

fn people(ctx: &mut Ctx, catalog: &Catalog, radars: &[Radar], all: &[Due<'_>]) {
    let stores: Vec<usize> = radars.iter().map(|r| r.store).chain(others(radars, all)).collect();
    if stores.is_empty() {
        ctx.say("No store was found whose tool removes conversations by itself, as far as that is known.");
    }
    let now = ctx.world.now();
    let short = catalog.short_ids();
    let id = |session: &Session| {
        let at = catalog.sessions.iter().position(|s| s.id == session.id && s.store == session.store);
        at.and_then(|at| short.get(at)).map_or_else(|| session.short_id().to_owned(), |id| (*id).to_owned())
    };
    for at in stores {
        let Some(store) = catalog.stores.get(at) else { continue };
        let head = ctx.style.bold(store.title);
        ctx.say(&format!("{head}  {}", ctx.world.short(&store.root)));
        for note in &store.notes {
            ctx.say(&format!("  {}", shown_name(note.as_ref())));
        }
        let of_store: Vec<&Due<'_>> = all.iter().filter(|due| due.store == at).collect();
        let yes = |is: bool| if is { "yes" } else { "-" }.to_owned();
        let rows: Vec<Vec<String>> = of_store
            .iter()
            .map(|due| {
                let at = due.session.deadline.map_or_else(|| "stays".to_owned(), |at| when(now, at));
                let date = due.session.deadline.map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string());
                let title = format!("  {}", shown_name(due.session.title.as_ref()));
                vec![title, id(due.session), at, date, size(due.bytes), yes(due.exported), yes(due.backed_up)]
            })
            .collect();
        let text = table::table(&["  session", "id", ">goes", "after", ">bytes", "exported", "backed up"], &rows);
        ctx.out.text(&text);
        let bare = of_store.iter().filter(|d| !d.exported && !d.backed_up && d.session.deadline.is_some_and(|at| soon(now, at))).count();
        if bare > 0 {
            let raise = if of_store.iter().any(|d| d.radar.is_some()) { ", or `lifeboat retention --raise 3650`" } else { "" };
            ctx.note(&format!(
                "{} within a week and {} neither exported nor backed up: `lifeboat export --due 7d`{raise}.",
                if bare == 1 { "1 session goes".to_owned() } else { format!("{} go", count(bare as u64, "session")) },
                if bare == 1 { "is" } else { "are" },
            ));
        }
    }
}

fn soon(now: Timestamp, at: Timestamp) -> bool {
    at.as_second().saturating_sub(now.as_second()) <= 7 * 86_400
}
