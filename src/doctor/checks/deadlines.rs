//! Conversations that their tool removes soon.

use crate::doctor::{Problem, Scene, Severity};
use crate::model::Session;
use std::time::Duration;

/// So long ahead is looked.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// And what goes within this is bad.
const SOON: Duration = Duration::from_hours(3 * 24);

/// So many are named.
const NAMED: usize = 5;

/// A problem a store whose tool removes something within a week.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let now = scene.world.now();
    let stores = scene.catalog.stores.iter().enumerate();
    stores
        .filter_map(|(at, store)| {
            let own = scene.catalog.sessions.iter().filter(|s| s.store.is_some_and(|ix| usize::from(ix.0) == at));
            let mut due: Vec<&Session> = own.filter(|s| s.is_due(now, WEEK)).collect();
            due.sort_by_key(|s| (s.deadline, s.id.clone()));
            let first = due.first()?;
            let severity = if first.is_due(now, SOON) { Severity::Bad } else { Severity::Warn };
            let count = due.len();
            let says = if count == 1 {
                format!("{} removes a conversation within a week", store.title)
            } else {
                format!("{} removes {count} conversations within a week", store.title)
            };
            let named = due.iter().take(NAMED).map(|s| {
                let when = s.deadline.map_or_else(String::new, |at| at.strftime("%Y-%m-%d").to_string());
                format!("{} ({}): at its first start after {when}", crate::model::shown_name(s.title.as_ref()), s.short_id())
            });
            let rest = (count > NAMED).then(|| format!("and {} more", count - NAMED));
            let next = "`lifeboat export --due 7d` keeps them; `lifeboat retention` tells by which setting they go";
            Some(Problem::new(severity, says, next).shown_by(named.chain(rest)).at(&store.root))
        })
        .collect()
}
