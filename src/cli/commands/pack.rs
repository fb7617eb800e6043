//! `pack`: old conversations in less room.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{count, size};
use crate::cli::words::{Acting, Narrow};
use crate::cli::{Ended, deed, table};
use crate::model::shown_name;
use crate::packing::{self, CUT, Choice, Pack};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    narrow: Narrow,
    #[command(flatten)]
    acting: Acting,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        self.narrow.must_be_given("pack")?;
        deed::begin(ctx, "pack", self.acting.dry_run)?;
        let mut narrow = self.narrow;
        let (older_than, min_size) = (narrow.choice.older_than.take().unwrap_or(CUT), narrow.choice.min_size.unwrap_or(0));
        let (catalog, _) = ctx.look(&narrow.choice.store);
        let sessions = narrow.in_catalog(&catalog)?.all_sessions(&ctx.world, &catalog);
        let mut pack = packing::choose(&ctx.world, &catalog, &Choice { sessions, older_than, min_size });
        let watch = ctx.watch();
        packing::measure(&catalog, &mut pack, &watch);
        watch.over();
        if self.acting.dry_run {
            return tell(ctx, &pack, true);
        }
        if pack.items.is_empty() {
            return tell(ctx, &pack, false);
        }
        show(ctx, &pack, self.acting.yes)?;
        if !ctx.confirmed(self.acting.yes, "Pack this, and move the originals into the vault?")? {
            return Ok(Exit::Refused);
        }
        let watch = ctx.watch();
        let done = packing::carry_out(&ctx.world, &catalog, &pack, &watch);
        watch.over();
        let mut done = done?;
        if done.receipt.moved > 0 {
            let (bytes, packed) = (size(done.receipt.bytes), size(done.packed_bytes));
            done.receipt.notes.push(format!("{bytes} are {packed} packed, each read back; a purge gives the difference back"));
        }
        if ctx.global.json {
            ctx.json(&done)?;
        }
        Ok(deed::told(
            ctx,
            &done.receipt,
            "packed, and the originals moved into the vault; `lifeboat unpack` or `lifeboat undo` brings them back",
        ))
    }
}

/// Shows what would be packed before anything happens. Once it is confirmed, stdout is for the receipt alone.
fn show(ctx: &mut Ctx, pack: &Pack, confirmed: bool) -> crate::error::Result<()> {
    if !confirmed && ctx.global.json && !ctx.here.stdin {
        return ctx.json(&object(pack, false));
    }
    let text = text(ctx, pack);
    if confirmed || ctx.global.json {
        ctx.err.text(&text);
    } else {
        ctx.out.text(&text);
    }
    Ok(())
}

/// Tells what would be packed, and that is all.
fn tell(ctx: &mut Ctx, pack: &Pack, dry_run: bool) -> Ended {
    if ctx.global.json {
        ctx.json(&object(pack, dry_run))?;
    } else {
        let text = text(ctx, pack);
        ctx.out.text(&text);
    }
    Ok(Exit::Done)
}

fn object(pack: &Pack, dry_run: bool) -> Value {
    let (bytes, packed) = pack.bytes();
    json!({"schema": "lifeboat.pack/1", "items": pack.items, "skipped": pack.skipped, "bytes": bytes, "packed_bytes": packed,
        "gain": bytes.saturating_sub(packed), "dry_run": dry_run})
}

fn text(ctx: &Ctx, pack: &Pack) -> String {
    let (bytes, packed) = pack.bytes();
    let mut out = if pack.items.is_empty() {
        "Nothing to pack.\n".to_owned()
    } else {
        let times = bytes as f64 / packed.max(1) as f64;
        let all = count(pack.items.len() as u64, "file");
        format!("{} in {all}, packed {} ({times:.1} times smaller, measured)\n", ctx.style.bold(&size(bytes)), size(packed))
    };
    let rows: Vec<Vec<String>> = pack
        .items
        .iter()
        .map(|i| {
            let read = if i.read_packed { "" } else { "to be unpacked before it is resumed" };
            vec![format!("  {}", size(i.bytes)), size(i.packed_bytes), shown_name(i.path.path.as_ref()), read.to_owned()]
        })
        .collect();
    out += &table::table(&[">", ">", "", ""], &rows);
    for s in &pack.skipped {
        let (path, reason) = (shown_name(s.path.path.as_ref()), shown_name(s.reason.as_ref()));
        out.extend(["  left alone: ", &path, ": ", &reason, "\n"]);
    }
    out
}
