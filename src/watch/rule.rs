//! The standing rule: what rebuildable things of quiet sessions are cleaned by themselves. There is none unless the
//! configuration says so.

use crate::error::Result;
use crate::model::{Catalog, Class, Plan, Receipt, Watch};
use crate::tested;
use crate::vault::{self, Consent, Selection};
use crate::world::World;
use std::collections::HashSet;
use std::time::Duration;

/// A rule of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Only of sessions that have not been active for so long.
    pub older_than: Duration,
    /// Also what nobody has made again and compared yet; else only environments whose `manifest --test` came out the same.
    pub untested: bool,
}

impl Rule {
    /// Sessions whose time has come by now, each with when it was last active.
    pub fn ripe(&self, world: &World, catalog: &Catalog) -> HashSet<(String, i64)> {
        let now = world.now().as_second();
        let old = |at: i64| u64::try_from(now.saturating_sub(at)).is_ok_and(|age| age >= self.older_than.as_secs());
        let last = catalog.sessions.iter().filter_map(|s| Some((s.id.clone(), s.last_active?.as_second())));
        last.filter(|(_, at)| old(*at)).collect()
    }

    /// What it would clean now: a plan as any other, of rebuildable items of sessions alone.
    pub fn plan(&self, world: &World, catalog: &Catalog) -> Plan {
        let selection = Selection { classes: vec![Class::Rebuildable], older_than: Some(self.older_than), ..Selection::default() };
        let mut world = world.clone();
        world.clean_untested &= self.untested;
        let mut plan = tested::hold_back(&world, catalog, vault::plan(&world, catalog, &selection));
        // Nothing else can be in such a plan; it is looked at once more because nobody else will.
        plan.items.retain(|item| item.class == Class::Rebuildable && item.session.is_some() && item.image.is_none());
        vault::together(&world, vec![plan])
    }

    /// Cleans what its plan lists, by the same hands as `clean`.
    pub fn carry_out(&self, world: &World, plan: &Plan, dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
        vault::clean(world, plan, Consent { at_risk: false, dry_run }, watch)
    }
}
