//! `doctor disk`: what each piece of a virtual machine's bundle is, and what removing it loses.

use super::Ended;
use super::ctx::{Ctx, Exit};
use super::sizes::size;
use super::table;
use crate::model::PathText;
use crate::preflight::machine::{Loses, Piece, pieces};
use serde_json::json;

/// Tells the pieces.
pub(super) fn disk(ctx: &mut Ctx) -> Ended {
    let (catalog, _) = ctx.look(&["cowork".to_owned()]);
    let all = pieces(&catalog);
    if ctx.global.json {
        let told: Vec<_> = all.iter().map(object).collect();
        ctx.json(&json!({"schema": "lifeboat.disk/1", "pieces": told, "nothing_lost": bytes(&all, Loses::Nothing), "work_lost": bytes(&all, Loses::Work)}))?;
        return Ok(Exit::Done);
    }
    if all.is_empty() {
        ctx.say("No virtual machine of Cowork was found.");
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = all.iter().map(|piece| row(ctx, piece)).collect();
    let text = table::table(&["piece", ">on disk", "removing it loses", "what it is"], &rows);
    ctx.out.text(&text);
    let (nothing, work) = (bytes(&all, Loses::Nothing), bytes(&all, Loses::Work));
    ctx.say(&format!("{} can go and comes back by itself; {} may be work that exists nowhere else.", size(nothing), size(work)));
    let inside: u64 = all.iter().map(|piece| piece.inside).sum();
    if inside > 0 {
        ctx.say(&format!(
            "Inside the sessions' disk {} can be had again: `lifeboat clean` takes that out of a raw image, with the app closed.",
            size(inside)
        ));
    }
    ctx.say("Quit the app first. `lifeboat plan --store cowork --class rebuildable` shows what can go; `lifeboat clean` moves it into the vault.");
    ctx.say("Never remove vm_bundles as a whole: the sessions' disk goes with it.");
    Ok(Exit::Done)
}

fn bytes(all: &[Piece], loses: Loses) -> u64 {
    all.iter().filter(|piece| piece.loses == loses).map(|piece| piece.allocated).sum()
}

fn loses(piece: &Piece) -> &'static str {
    match piece.loses {
        Loses::Nothing => "nothing",
        Loses::Work => "work, as far as can be told",
    }
}

fn row(ctx: &Ctx, piece: &Piece) -> Vec<String> {
    let used = piece.in_use.as_ref().map_or(String::new(), |why| format!("; in use: {}", crate::model::shown_name(why.as_ref())));
    vec![ctx.world.short(&piece.path), size(piece.allocated), loses(piece).to_owned(), format!("{}{used}", piece.what)]
}

fn object(piece: &Piece) -> serde_json::Value {
    let path = PathText::new(&piece.path);
    let mut object = json!({
        "path": path.path, "bytes": piece.bytes, "allocated": piece.allocated, "what": piece.what,
        "loses": if piece.loses == Loses::Nothing { "nothing" } else { "work" },
        "comes_back": piece.comes_back, "rebuildable_inside": piece.inside, "in_use": piece.in_use,
    });
    if let Some(base64) = path.path_base64 {
        object["path_base64"] = base64.into();
    }
    object
}
