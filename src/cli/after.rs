//! `doctor --after`: what is gone, and from where it can be had again.

use super::ctx::{Ctx, Exit};
use super::sizes::{count, size};
use super::{Ended, table};
use crate::doctor::{Scene, after};
use crate::model::shown_name;
use serde_json::json;
use std::collections::BTreeMap;

/// So many sessions are told; --json tells them all.
const TOLD: usize = 30;

pub(super) fn after(ctx: &mut Ctx) -> Ended {
    // Looked at without writing down what is there now: that is what it is compared with.
    let (catalog, _) = ctx.look_with(ctx.scan_options(&[]));
    let world = ctx.world.clone();
    let scene = Scene::of(&world, &catalog)?;
    let found = after::after(&scene)?;
    if ctx.global.json {
        ctx.json(&json!({"schema": "lifeboat.after/1", "against": found.against, "lost": found.lost}))?;
        return Ok(Exit::Done);
    }
    if found.against.is_empty() {
        ctx.say("Nothing is known of earlier: there is no backup, and no scan was kept yet. From now on the first scan of a day is.");
        return Ok(Exit::Done);
    }
    ctx.say(&format!("compared with {}", found.against.join(", ")));
    if found.lost.is_empty() {
        ctx.say("Nothing is gone.");
        return Ok(Exit::Done);
    }
    for lost in found.lost.iter().take(TOLD) {
        let bytes = size(lost.files.iter().map(|f| f.bytes).sum());
        let all = if lost.whole { "gone whole" } else { "gone in part" };
        let title = ctx.style.bold(&shown_name(lost.title.as_ref()));
        let id = lost.session.as_deref().unwrap_or_default();
        let head = format!(
            "\n{title}  {id}  {all}: {}, {bytes}; seen last {}",
            count(lost.files.len() as u64, "file"),
            lost.seen.strftime("%Y-%m-%d %H:%M")
        );
        ctx.say(&head);
        let mut ways: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for file in &lost.files {
            let way = ways.entry(file.had.first().map_or("nowhere that is known", |had| had.word())).or_default();
            *way = (way.0 + 1, way.1 + file.bytes);
        }
        let rows: Vec<Vec<String>> = ways
            .iter()
            .map(|(way, (files, bytes))| vec!["  from".into(), (*way).to_owned(), count(*files, "file"), size(*bytes)])
            .collect();
        let text = table::table(&["", "", ">", ">"], &rows);
        ctx.out.text(&text);
        for next in &lost.next {
            ctx.say(&format!("  {}", shown_name(next.as_ref())));
        }
    }
    if found.lost.len() > TOLD {
        ctx.say(&format!("\nand {} more; --json tells them all", count((found.lost.len() - TOLD) as u64, "session")));
    }
    Ok(Exit::Done)
}
