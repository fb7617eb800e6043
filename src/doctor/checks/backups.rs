//! How old the last backup is that was read back, and whether it still stands.

use crate::backup::verified;
use crate::doctor::{Problem, Scene, Severity};
use crate::model::Class;

/// Days after which a backup is old, and very old.
const OLD: (i64, i64) = (7, 30);

/// No backup, an old one, or archives that are not as they were.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let risk = scene.catalog.grand_totals().of(Class::AtRisk);
    if risk.files == 0 {
        return Vec::new();
    }
    let next = "`lifeboat backup` makes one verified archive of all that is not rebuildable";
    let held = format!("{} files ({}) are at risk", risk.files, Scene::size(risk.bytes));
    let mut all = Vec::new();
    match scene.archives.iter().max_by_key(|(_, manifest)| manifest.made) {
        None => all.push(Problem::new(Severity::Bad, "there is no backup of ours that was read back", next).shown_by([held])),
        Some((archive, manifest)) => {
            let days = scene.world.now().duration_since(manifest.made).as_hours() / 24;
            let severity = match days {
                days if days >= OLD.1 => Some(Severity::Bad),
                days if days >= OLD.0 => Some(Severity::Warn),
                _ => None,
            };
            let made = format!("made {}", manifest.made.strftime("%Y-%m-%d %H:%M"));
            let says = format!("the last backup is {days} days old");
            all.extend(severity.map(|severity| Problem::new(severity, says, next).shown_by([made, held]).at(archive)));
        }
    }
    let gone = verified::list(scene.world).into_iter().filter(|archive| !archive.is_there());
    all.extend(gone.map(|archive| {
        let says = "an archive that was read back is gone, or is another file by now";
        Problem::new(Severity::Note, says, "`lifeboat verify ARCHIVE` where it is now; else nothing needs to be done").at(archive.path)
    }));
    all
}
