//! `doctor --before`: what a command or a menu item would cost, on a page.

use super::ctx::{Ctx, Exit};
use super::marks::Kept;
use super::sizes::{count, size};
use super::{Ended, table};
use crate::model::{Catalog, Class, Row, Tally, shown, shown_name};
use crate::preflight::{self, Form, Loss, Lost, Marked, Step, Understood};
use serde_json::{Value, json};
use std::path::PathBuf;

/// So many sessions are named; the rest is counted.
const NAMED: usize = 20;

pub(super) fn before(ctx: &mut Ctx, text: &str) -> Ended {
    let (catalog, _) = ctx.look(&[]);
    let told = told(ctx, &catalog, text);
    if ctx.global.json {
        ctx.json(&told.data(text, &catalog))?;
    } else {
        let page = told.page(&catalog);
        ctx.out.text(&page);
    }
    Ok(Exit::Done)
}

/// What a text was understood as, and what it would cost.
pub(super) struct Told {
    pub(super) understood: Understood,
    pub(super) loss: Loss,
    /// Of each step of the way out of an error, what it costs.
    ladder: Vec<(&'static Step, Loss)>,
    next: Vec<String>,
}

/// Reads a text; runs nothing.
pub(super) fn told(ctx: &Ctx, catalog: &Catalog, text: &str) -> Told {
    let roots: Vec<_> = catalog.stores.iter().map(|s| (s.name, s.root.clone())).collect();
    let here = std::env::current_dir().ok();
    let understood = preflight::understand(&ctx.world, here.as_deref(), text, &roots);
    let loss = |paths: &[PathBuf]| {
        let kept = Kept::outside(&ctx.world, catalog, paths);
        let marked = |row: &Row| {
            let path = catalog.path(row.id);
            Marked { backed_up: kept.backed_up(catalog, row, &path), exported: kept.exported(catalog, row.id, &path) }
        };
        preflight::loss(catalog, paths, &marked)
    };
    let ladder = understood.trouble.map_or(&[][..], |trouble| trouble.ladder).iter();
    let ladder = ladder.map(|step| (step, loss(&step.places(&roots)))).collect();
    let loss = loss(&understood.paths);
    let next = next(&understood, &loss);
    Told { understood, loss, ladder, next }
}

impl Told {
    fn page(&self, catalog: &Catalog) -> String {
        page(catalog, &self.understood, &self.loss, &self.next) + &ladder(&self.ladder)
    }

    fn data(&self, text: &str, catalog: &Catalog) -> Value {
        let mut data = data(text, catalog, &self.understood, &self.loss, &self.next);
        let steps =
            self.ladder.iter().map(|(step, loss)| json!({"does": step.does, "totals": loss.there, "only_copy": tally(loss.only_copy)}));
        if let (Some(trouble), Value::Object(all)) = (self.understood.trouble, &mut data) {
            all.insert("trouble".into(), json!({"id": trouble.id, "title": trouble.title, "ladder": steps.collect::<Vec<_>>()}));
        }
        data
    }
}

/// The way out of an error, what costs least first.
fn ladder(steps: &[(&Step, Loss)]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let row = |(n, (step, loss)): (usize, &(&Step, Loss))| {
        let cost = if loss.only_copy.files > 0 {
            format!("! {} at risk would go for good", size(loss.only_copy.bytes))
        } else if loss.there.of(Class::AtRisk).files > 0 {
            format!("! {} at risk, all of it in a backup or export of ours", size(loss.there.of(Class::AtRisk).bytes))
        } else if loss.there.all().files > 0 {
            format!("~ {} that comes back by itself", size(loss.there.all().bytes))
        } else {
            "removes nothing".to_owned()
        };
        vec![format!("{}.", n + 1), step.does.to_owned(), cost]
    };
    let rows: Vec<Vec<String>> = steps.iter().enumerate().map(row).collect();
    format!("\nthe way out, what costs least first; go on only where a step did not help:\n{}", table::table(&[">", "", ""], &rows))
}

fn page(catalog: &Catalog, understood: &Understood, loss: &Loss, next: &[String]) -> String {
    let mut out = String::from("nothing was run and nothing has happened\n\n");
    let mut line = |text: &str| {
        out.push_str(&shown_name(text.as_ref()));
        out.push('\n');
    };
    understood.says.iter().for_each(|s| line(s));
    understood.unknown.iter().for_each(|u| line(&format!("not understood, so nothing is said of it: {u}")));
    understood.missing.iter().for_each(|m| line(&format!("not there: {m}")));
    for advice in &understood.advice {
        if !understood.says.iter().any(|s| s == advice.does) {
            line(advice.does);
        }
    }
    for path in &loss.outside {
        line(&format!("in no store that is known, so what is in it is not known here: {}", shown(path)));
    }
    if understood.trouble.is_some() {
    } else if understood.paths.is_empty() {
        let nothing = if understood.unknown.is_empty() { "nothing on this disk would change" } else { "what it would change is not known" };
        line(nothing);
    } else {
        line("");
        table_of(catalog, loss).lines().for_each(&mut line);
    }
    if !next.is_empty() {
        line("");
        line("what next:");
        for step in next {
            line(&format!("  {step}"));
        }
    }
    out
}

/// The sums, and the sessions that lose anything which exists nowhere else.
fn table_of(catalog: &Catalog, loss: &Loss) -> String {
    let sum = |name: &str, tally: Tally, says: &str| vec![name.to_owned(), size(tally.bytes), count(tally.files, "file"), says.to_owned()];
    let mut rows = vec![sum("! gone for good", loss.only_copy, "at risk, and in no backup or export of ours")];
    if loss.backed_up.files > 0 {
        rows.push(sum("  in a backup", loss.backed_up, "a verified archive has it"));
    }
    if loss.exported.files > 0 {
        rows.push(sum("  exported", loss.exported, "its durable folder has it"));
    }
    rows.push(sum("= flushed", loss.there.of(Class::Flushed), "a proven copy is in your own folders"));
    rows.push(sum("~ rebuildable", loss.there.of(Class::Rebuildable), "it comes back without you"));
    let mut out = table::table(&["", ">", ">", ""], &rows);
    let losing: Vec<&Lost> = loss.sessions.iter().filter(|l| l.only_copy.files > 0).collect();
    if losing.is_empty() {
        return out;
    }
    out.push('\n');
    let row = |lost: &&Lost| {
        let title = lost.session.map_or("(of no session)".to_owned(), |s| shown_name(catalog.session(s).title.as_ref()));
        let store = lost.session.and_then(|s| catalog.session(s).store).map_or("", |s| catalog.store(s).title);
        let how = if lost.all_of_it { "all of it" } else { "part of it" };
        let how = if lost.session.is_some() { how } else { "" };
        let live = lost.session.is_some_and(|s| catalog.session(s).live.is_some());
        vec![
            title,
            store.to_owned(),
            size(lost.only_copy.bytes),
            count(lost.only_copy.files, "file"),
            how.to_owned(),
            if live { "in use" } else { "" }.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = losing.iter().take(NAMED).map(row).collect();
    out.push_str(&table::table(&["gone for good, by session", "", ">", ">", "", ""], &rows));
    if losing.len() > NAMED {
        out.extend(["and ", &(losing.len() - NAMED).to_string(), " more; --json names them all\n"]);
    }
    out
}

/// What to do first, in order.
fn next(understood: &Understood, loss: &Loss) -> Vec<String> {
    let mut next = Vec::new();
    if loss.only_copy.files > 0 {
        next.push("lifeboat backup          one verified archive of all that is not rebuildable".to_owned());
        next.push("lifeboat export --all    every conversation as a page you can read, with its outputs".to_owned());
    }
    next.extend(understood.advice.iter().map(|a| a.safe.to_owned()));
    if understood.advice.iter().any(|a| a.form != Form::Words) {
        next.push(
            "lifeboat doctor --before \"…\" --safe    backs up, exports, and does the safe form as a plan that undo takes back".to_owned(),
        );
    }
    if understood.advice.is_empty() && !understood.paths.is_empty() {
        next.push("lifeboat clean --all     moves what comes back by itself into the vault; `lifeboat undo` takes it back".to_owned());
    }
    next.dedup();
    next
}

fn tally(tally: Tally) -> Value {
    json!({"files": tally.files, "bytes": tally.bytes, "allocated": tally.allocated})
}

fn data(text: &str, catalog: &Catalog, understood: &Understood, loss: &Loss, next: &[String]) -> Value {
    let sessions = loss.sessions.iter().map(|lost| {
        let session = lost.session.map(|s| catalog.session(s));
        let store = session.and_then(|s| s.store).map(|s| catalog.store(s).name);
        json!({
            "id": session.map(|s| &s.id), "title": session.map(|s| &s.title), "store": store,
            "totals": lost.there, "only_copy": tally(lost.only_copy), "all_of_it": lost.all_of_it,
            "live": session.and_then(|s| s.live.as_ref()),
        })
    });
    let advice = understood.advice.iter().map(|a| json!({"id": a.id, "title": a.title, "does": a.does, "safe": a.safe}));
    let paths = |all: &[std::path::PathBuf]| all.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>();
    json!({
        "schema": "lifeboat.preflight/1", "text": text, "says": understood.says, "unknown": understood.unknown,
        "missing": understood.missing, "moves": understood.moves, "paths": paths(&understood.paths), "outside": paths(&loss.outside),
        "advice": advice.collect::<Vec<_>>(), "totals": loss.there, "only_copy": tally(loss.only_copy),
        "backed_up": tally(loss.backed_up), "exported": tally(loss.exported), "sessions": sessions.collect::<Vec<_>>(), "next": next,
    })
}
