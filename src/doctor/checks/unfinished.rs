//! Operations of ours that were interrupted.

use crate::doctor::{Problem, Scene, Severity};
use crate::model::OpState;

/// Those there are.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let open = scene.operations.iter().filter(|o| o.state == OpState::Unfinished);
    open.map(|o| {
        let says = format!("the {} {} was interrupted and is not mended yet", o.verb, o.id);
        let next = "`lifeboat undo --dry-run` shows it; the next start of an acting verb or of the interface mends it";
        let evidence = format!("its journal has no end; begun {}, {} items", o.when.strftime("%Y-%m-%d %H:%M"), o.items);
        Problem::new(Severity::Bad, says, next).shown_by([evidence])
    })
    .collect()
}
