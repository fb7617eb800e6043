//! What has been in the vault for as long as the configuration allows goes by itself, and never otherwise.

use super::{PurgeWhat, purge};
use crate::error::Result;
use crate::model::Quiet;
use crate::world::World;

/// Removes what is old enough, and says so.
pub(super) fn expire(world: &World) -> Result<Option<String>> {
    let Some(age) = world.purge_after else { return Ok(None) };
    let what = PurgeWhat::OlderThan(age);
    // Where nothing is old enough, nobody waits for another lifeboat.
    if purge(world, &what, true, &Quiet)?.moved == 0 {
        return Ok(None);
    }
    let receipt = purge(world, &what, false, &Quiet)?;
    let days = age.as_secs() / 86_400;
    let size = humansize::format_size(receipt.allocated, humansize::DECIMAL);
    let failed = receipt.failed.first().map_or(String::new(), |f| format!("; not all of it: {}", f.error));
    let of = if receipt.moved == 1 { "1 item".to_owned() } else { format!("{} items", receipt.moved) };
    Ok(Some(format!("{of} had been in the vault for {days} days or more (purge_after) and went for good: {size} on disk{failed}")))
}
