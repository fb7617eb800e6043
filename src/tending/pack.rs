//! Old conversations are kept packed.

use super::{Line, Proposal, Verb};
use crate::error::Result;
use crate::model::{Catalog, Receipt, SessionIx, Watch};
use crate::packing::{self, CUT, Choice, Pack};
use crate::world::World;

pub(super) fn propose(world: &World, catalog: &Catalog, sessions: &[SessionIx], watch: &dyn Watch) -> Proposal {
    let choice = Choice { sessions: sessions.to_vec(), older_than: CUT, min_size: 0 };
    let mut pack = packing::choose(world, catalog, &choice);
    packing::measure(catalog, &mut pack, watch);
    let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
    let line = |item: &packing::Item| Line {
        name: item.title.clone(),
        bytes: item.bytes.saturating_sub(item.packed_bytes),
        says: format!(
            "{} packed {}{}",
            size(item.bytes),
            size(item.packed_bytes),
            if item.read_packed { "" } else { ", to be unpacked before it is resumed" }
        ),
    };
    let (lines, skipped) = (pack.items.iter().map(line).collect(), pack.skipped.clone());
    Proposal { lines, skipped, ..Proposal::new(Verb::Pack, super::Work::Pack(pack)) }
}

pub(super) fn carry_out(world: &World, catalog: &Catalog, pack: &Pack, watch: &dyn Watch) -> Result<Receipt> {
    Ok(packing::carry_out(world, catalog, pack, watch)?.receipt)
}
