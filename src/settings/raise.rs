//! Has Claude Code keep conversations longer: the change of its settings, to be shown and then made.

use super::{Planned, put_number};
use crate::error::{Error, Result};
use crate::retention::{DEFAULT, Days, KEY, Scope, read};
use crate::world::World;
use std::path::Path;

/// What it would change to keep conversations for so many days, in the settings of the client's folder; `None`: it is so.
pub fn raise(world: &World, root: &Path, days: u64) -> Result<Option<Planned>> {
    let file = root.join("settings.json");
    if days == 0 {
        return Err(Error::usage("0 is no time to keep them: Claude Code refuses it, and once took it for “write none”")
            .hint("name a number of days, like 3650"));
    }
    let now = match read(world, file.clone(), Scope::User).map(|said| said.days) {
        Some(Days::Set(days)) => days,
        _ => DEFAULT,
    };
    if days < now {
        let hint = format!("they are kept for {now} days now; to have them removed sooner, edit the settings yourself");
        return Err(Error::refused(format!("{days} days would remove transcripts sooner")).at(&file).hint(hint));
    }
    Planned::of(file, |text| put_number(text, KEY, days))
}
