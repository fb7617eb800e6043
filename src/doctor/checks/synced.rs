//! Stores in folders that a program carries to a cloud, or that are reached through a link: databases and open files get
//! damaged there (anthropics/claude-code#62140), and the app fails on a junction (#74764).

use crate::doctor::{Problem, Scene, Severity};
use crate::export::carrier;
use crate::model::{Kind, Marks, shown};
use crate::platform::facts;

/// Stores that do not lie on a plain folder of this machine.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let mut all = Vec::new();
    for store in &scene.catalog.stores {
        let next = "move the store to a plain folder with the app closed; `lifeboat backup` first";
        if let Some(carrier) = carrier(&store.root) {
            let says = format!("the store of {} lies in a folder that {carrier} carries to a cloud", store.title);
            let evidence = "such a program may lock, replace or take away files while they are written".to_owned();
            all.push(Problem::new(Severity::Warn, says, next).shown_by([evidence]).at(&store.root));
        }
        let link = store.root.ancestors().find(|above| facts(above).is_ok_and(|f| f.kind == Kind::Symlink));
        if let Some(link) = link {
            let says = format!("the store of {} is reached through a link", store.title);
            let to = std::fs::read_link(link).map(|to| format!("{} leads to {}", shown(link), shown(&to)));
            all.push(Problem::new(Severity::Note, says, "nothing, where it was meant so").shown_by(to.ok()).at(&store.root));
        }
    }
    let clouded = scene.catalog.ids().filter(|id| scene.catalog.node(*id).marks.has(Marks::PLACEHOLDER)).count();
    if clouded > 0 {
        let says = format!("{clouded} files of sessions are in a cloud and not on this disk");
        all.push(Problem::new(Severity::Warn, says, "have the cloud's program keep them on this disk; `lifeboat list` shows which"));
    }
    all
}
