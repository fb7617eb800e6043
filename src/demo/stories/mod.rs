//! The sessions: the lively ones, the odd ones, and what an account keeps besides.

mod account;
mod interview;
mod live;
mod odd;
mod report;
mod shop;
mod thesis;
mod tides;

use super::app_data;
use super::bytes::uuid;
use super::home::Home;
use crate::error::Result;

pub(super) fn make(home: &mut Home) -> Result<()> {
    let store = app_data(&home.root).join("local-agent-mode-sessions");
    let first = store.join(uuid("account")).join(uuid("org"));
    account::make(home, &store, &first)?;
    report::make(home, &first)?;
    interview::make(home, &first)?;
    thesis::make(home, &first)?;
    shop::make(home, &first)?;
    tides::make(home, &first)?;
    live::make(home, &first)?;
    odd::make(home, &first)?;
    // Newer builds name both levels, and the session's folder, by eight digits.
    odd::short_names(home, &store.join("d2e0770f").join("9b1c44aa"))?;
    odd::gone_to_the_cloud(home, &store.join(uuid("second account")).join(uuid("second org")))
}
