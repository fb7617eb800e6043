//! `doctor --repair`: records made again, after they were shown.

use super::ctx::{Ctx, Exit};
use super::words::{Acting, Narrow};
use super::{Ended, deed};
use crate::model::{shown, shown_name};
use crate::repair::{self, Repair};
use serde_json::{Value, json};

/// Of a long value only so much is shown.
const SHOWN: usize = 100;

pub(super) fn repair(ctx: &mut Ctx, sessions: Vec<String>, acting: Acting) -> Ended {
    deed::begin(ctx, "doctor --repair", acting.dry_run)?;
    let (catalog, _) = ctx.look(&[]);
    let only = Narrow { sessions, ..Narrow::default() }.in_catalog(&catalog)?.sessions;
    let (repairs, skipped) = repair::plan(&ctx.world, &catalog, &only);
    if ctx.global.json && (acting.dry_run || repairs.is_empty()) {
        ctx.json(&json!({"schema": "lifeboat.repair/1", "repairs": repairs, "skipped": skipped, "dry_run": acting.dry_run}))?;
        return Ok(if skipped.is_empty() { Exit::Done } else { Exit::Partly });
    }
    deed::name_all(ctx, &skipped, &[]);
    if repairs.is_empty() {
        ctx.say("There is no record to make again.");
        return Ok(if skipped.is_empty() { Exit::Done } else { Exit::Partly });
    }
    for one in &repairs {
        tell(ctx, one);
    }
    if !acting.dry_run && !ctx.confirmed(acting.yes, "Make these records so?")? {
        return Ok(Exit::Refused);
    }
    let watch = ctx.watch();
    let receipt = repair::carry_out(&ctx.world, &repairs, acting.dry_run, &watch);
    watch.over();
    let receipt = receipt?;
    if ctx.global.json {
        ctx.json(&json!({"schema": "lifeboat.repair/1", "repairs": repairs, "skipped": skipped, "dry_run": false, "receipt": receipt}))?;
    }
    let ended = deed::told(ctx, &receipt, "made again");
    if !acting.dry_run && receipt.moved > 0 {
        ctx.note("`lifeboat undo` takes it back. The app shows the session after its next start.");
    }
    Ok(if skipped.is_empty() { ended } else { Exit::Partly })
}

/// What a record would hold, on stderr where somebody wants JSON.
fn tell(ctx: &mut Ctx, one: &Repair) {
    let record = shown(&one.record.to_path().unwrap_or_default());
    let mut lines = vec![
        format!("{}  {}", shown_name(one.title.as_ref()), one.session),
        format!("  {record}"),
        format!("  {}", shown_name(one.why.as_ref())),
    ];
    if one.replaces {
        lines.push("  the old record goes into the vault; what can be read of it is kept in the new one".to_owned());
    }
    lines.extend(one.fields.iter().map(|f| format!("  {} = {}  ({})", f.name, value(&f.value), f.from)));
    lines.extend(one.unknown.iter().map(|u| format!("  left out: {u}")));
    for line in lines {
        if ctx.global.json {
            ctx.note(&line);
        } else {
            ctx.say(&line);
        }
    }
}

fn value(value: &Value) -> String {
    let text = value.to_string();
    let end = text.char_indices().nth(SHOWN).map(|(at, _)| at);
    shown_name(end.map_or(text.clone(), |end| format!("{}…", text.get(..end).unwrap_or_default())).as_ref())
}
