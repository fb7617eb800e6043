//! `history`: every operation.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{ago, count, size};
use crate::cli::{Ended, deed, table};
use crate::lifecycle;
use crate::model::{Held, OpState};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

impl Args {
    #[expect(clippy::unused_self, reason = "every command is run alike")]
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let operations = lifecycle::history(&ctx.world)?;
        if ctx.global.json {
            ctx.json(&json!({"schema": "lifeboat.history/1", "operations": operations, "held": Held::by(&operations)}))?;
        } else if operations.is_empty() {
            ctx.say("Nothing has been done yet.");
        } else {
            let now = ctx.world.now();
            let rows: Vec<Vec<String>> = operations
                .iter()
                .map(|o| {
                    let of = o.of.as_ref().map_or(String::new(), |of| format!("of {of}"));
                    vec![o.id.clone(), o.verb.clone(), ago(now, o.when), count(o.items, "item"), size(o.bytes), state(o.state).into(), of]
                })
                .collect();
            let text = table::table(&["operation", "what", "when", ">items", ">size", "state", ""], &rows);
            ctx.out.text(&text);
            if let Some(sentence) = deed::in_vault(ctx) {
                ctx.say(&sentence);
            }
        }
        Ok(Exit::Done)
    }
}

fn state(state: OpState) -> &'static str {
    match state {
        OpState::Stands => "in the vault",
        OpState::Undone => "put back",
        OpState::PartlyUndone => "partly put back",
        OpState::Purged => "gone for good",
        OpState::Unfinished => "interrupted, to be mended",
        OpState::Done => "done",
    }
}
