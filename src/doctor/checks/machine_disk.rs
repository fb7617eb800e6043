//! Disks of virtual machines that are nearly full inside: no session starts on a full one.

use crate::doctor::{Problem, Scene, Severity};
use crate::image::{self, Space};
use crate::model::{Kind, Marks, NodeId};

/// What the app's disks of virtual machines are called, and what is on each.
const DISKS: [(&[u8], &str); 2] = [(b"sessiondata.", "the homes of the sessions"), (b"rootfs.", "the system")];

/// Disks with little room inside.
pub fn look(scene: &Scene<'_>) -> Vec<Problem> {
    let catalog = scene.catalog;
    let disks = catalog.ids().filter(|id| {
        let (node, name) = (catalog.node(*id), catalog.name_bytes(*id));
        let image = name.ends_with(b".img") || name.ends_with(b".vhdx");
        node.kind == Kind::File && image && !node.marks.has(Marks::PLACEHOLDER) && !node.marks.has(Marks::INSIDE)
    });
    disks.filter_map(|id| problem(scene, id)).collect()
}

fn problem(scene: &Scene<'_>, id: NodeId) -> Option<Problem> {
    let name = scene.catalog.name_bytes(id);
    let holds = DISKS.iter().find(|(begins, _)| name.starts_with(begins)).map(|(_, holds)| *holds)?;
    let (path, node) = (scene.catalog.path(id), scene.catalog.node(id));
    let (severity, evidence) = match image::open(&path) {
        Ok(image) => {
            let space = image.space();
            let form = image.form.name();
            (inside(space)?, format!("read from inside ({form}): {} of {} are free", Scene::size(space.free), Scene::size(space.total)))
        }
        Err(why) => {
            // A disk that grows as it is filled, and cannot be read: what it takes here is all that is known.
            let tight = node.size > 0 && node.allocated >= node.size / 10 * 9;
            let evidence =
                format!("it takes {} of {} here, and cannot be read inside: {why}", Scene::size(node.allocated), Scene::size(node.size));
            (tight.then_some(Severity::Note)?, evidence)
        }
    };
    let says = format!("the virtual machine's disk with {holds} is nearly full");
    let next = "`lifeboat doctor --before \"no space left on device\"` tells the safe steps, the least destructive first";
    Some(Problem::new(severity, says, next).shown_by([evidence]).at(path))
}

/// How bad so much room inside is.
fn inside(space: Space) -> Option<Severity> {
    match space.free {
        free if free < space.total / 50 => Some(Severity::Bad),
        free if free < space.total / 10 => Some(Severity::Warn),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_nearly_full_by_what_is_free_inside() {
        let of = |free| inside(Space { total: 1000, free });
        assert_eq!([of(19), of(20), of(99), of(100)], [Some(Severity::Bad), Some(Severity::Warn), Some(Severity::Warn), None]);
    }
}
