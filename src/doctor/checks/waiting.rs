//! What waits in the vault: its space is not free yet.

use crate::doctor::{Problem, Scene, Severity};
use crate::model::Held;

/// What there is.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let held = Held::by(&scene.operations);
    let oldest = scene.operations.iter().filter(|o| o.held.items > 0).map(|o| o.when).min();
    let (true, Some(oldest)) = (held.items > 0, oldest) else { return Vec::new() };
    let says = format!("{} wait in the vault ({} on disk)", Scene::size(held.bytes), Scene::size(held.allocated));
    let evidence = format!("{} items, the oldest of {}", held.items, oldest.strftime("%Y-%m-%d"));
    let next = "`lifeboat undo` puts back, `lifeboat purge --older-than 7d` gives space back";
    vec![Problem::new(Severity::Note, says, next).shown_by([evidence]).at(scene.world.vault_dir())]
}
