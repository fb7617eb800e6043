//! `doctor --before`: what a command or a menu item would cost, on a page.

use super::ctx::{Ctx, Exit};
use super::marks::Kept;
use super::sizes::{count, size};
use super::{Ended, table};
use crate::model::{Catalog, Class, Row, Tally, shown, shown_name};
use crate::preflight::{self, Loss, Lost, Marked, Understood};
use serde_json::{Value, json};

/// So many sessions are named; the rest is counted.
const NAMED: usize = 20;

pub(super) fn before(ctx: &mut Ctx, text: &str) -> Ended {
    let (catalog, _) = ctx.look(&[]);
    let roots: Vec<_> = catalog.stores.iter().map(|s| (s.name, s.root.clone())).collect();
    let understood = preflight::understand(&ctx.world, text, &roots);
    let kept = Kept::read(&ctx.world, &catalog);
    let marked = |row: &Row| {
        let path = catalog.path(row.id);
        Marked { backed_up: kept.backed_up(&catalog, row, &path), exported: kept.exported(&catalog, row.id, &path) }
    };
    let loss = preflight::loss(&catalog, &understood.paths, &marked);
    let next = next(&understood, &loss);
    if ctx.global.json {
        let data = data(text, &catalog, &understood, &loss, &next);
        ctx.json(&data)?;
    } else {
        let page = page(&catalog, &understood, &loss, &next);
        ctx.out.text(&page);
    }
    Ok(Exit::Done)
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
    if understood.paths.is_empty() {
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
