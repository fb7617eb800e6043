//! What has been in the vault for as long as the configuration allows goes by itself, and never otherwise.

use super::{PurgeWhat, purge};
use crate::error::Result;
use crate::model::{Quiet, Receipt};
use crate::world::World;
use std::time::Duration;

/// Removes what is old enough, and says so.
pub(super) fn expire(world: &World) -> Result<Option<String>> {
    let Some(age) = world.purge_after else { return Ok(None) };
    let what = PurgeWhat::OlderThan(age);
    // Where nothing is old enough, nobody waits for another lifeboat.
    if purge(world, &what, true, &Quiet)?.moved == 0 {
        return Ok(None);
    }
    Ok(Some(expired(age, &purge(world, &what, false, &Quiet)?)))
}

/// What is told of things that went for good because of their age.
pub fn expired(age: Duration, receipt: &Receipt) -> String {
    let days = age.as_secs() / 86_400;
    let size = humansize::format_size(receipt.allocated, humansize::DECIMAL);
    let failed = receipt.failed.first().map_or(String::new(), |f| format!("; not all of it: {}", f.error));
    let of = if receipt.moved == 1 { "1 item".to_owned() } else { format!("{} items", receipt.moved) };
    format!("{of} had been in the vault for {days} days or more (purge_after) and went for good: {size} on disk{failed}")
}
