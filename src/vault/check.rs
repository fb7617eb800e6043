//! The last look at an item, right before it moves.

use super::batch::{Root, Todo};
use super::fs::Fs;
use super::identity::{identify, unchanged};
use super::{Desk, purge::mount_in};
use crate::model::{Class, Kind, Proof, shown, to_bytes};
use std::io;
use std::path::Path;

/// Why an item stays where it is.
#[derive(Debug)]
pub(super) enum Why {
    /// It is not what was planned any more, or no longer proven.
    Skip(String),
    /// The system said no.
    Fail(String),
}

impl Why {
    fn of(what: &str, e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::NotFound => Self::Skip("it is no longer there".into()),
            _ => Self::Fail(format!("{what}: {e}")),
        }
    }
}

/// The folder that items are taken out of, held open while they follow each other.
pub(super) struct Held<'p, D> {
    at: (u32, &'p Path),
    pub dir: D,
}

/// Opens the folder an item is in, without following a link on the way, where it is not the one in hand.
pub(super) fn folder_of<'p, F: Fs>(
    fs: &F,
    root: &Root<F::Dir>,
    todo: &'p Todo<'_>,
    held: Option<Held<'p, F::Dir>>,
) -> Result<Held<'p, F::Dir>, Why> {
    let at = (todo.root, todo.rel.parent().unwrap_or(Path::new("")));
    match held {
        Some(held) if held.at == at => Ok(held),
        _ => {
            let opened = fs.down(&root.top, at.1);
            let dir = opened.map_err(|e| Why::of("its folder cannot be opened (a link on the way is not followed)", &e))?;
            Ok(Held { at, dir })
        }
    }
}

/// Makes sure that an item is the planned one and that its class still stands; gives its name.
pub(super) fn ready<F: Fs>(desk: &Desk<'_, F>, root: &Root<F::Dir>, todo: &Todo<'_>, parent: &F::Dir) -> Result<Vec<u8>, Why> {
    let fs = desk.fs;
    let name = to_bytes(todo.rel.file_name().unwrap_or_default()).into_owned();
    let (facts, now, _) = identify(fs, parent, &name).map_err(|e| match e.kind() {
        io::ErrorKind::CrossesDevices => Why::Skip("another file system is mounted in it".into()),
        _ => Why::of("it cannot be read", &e),
    })?;
    if !unchanged(&todo.item.identity, &now, root.device) {
        return Err(Why::Skip("it changed since the plan was made".into()));
    }
    if facts.placeholder {
        return Err(Why::Skip("its content is in a cloud, not here".into()));
    }
    if facts.kind == Kind::Dir
        && let Some(mount) = mount_in(&fs.mounts(), &root.path.join(&todo.rel))
    {
        return Err(Why::Skip(format!("another file system is mounted in it: {}", shown(&mount))));
    }
    prove(desk, root, todo)?;
    Ok(name)
}

fn prove<F: Fs>(desk: &Desk<'_, F>, root: &Root<F::Dir>, todo: &Todo<'_>) -> Result<(), Why> {
    match (&todo.item.proof, todo.item.class) {
        (_, Class::AtRisk) | (None, Class::Rebuildable) => Ok(()),
        (Some(proof), _) => {
            let lost =
                if matches!(proof, Proof::Recipe { .. }) { "what it comes back from is gone" } else { "its copy is no longer proven" };
            (desk.prove)(desk.world, &root.path.join(&todo.rel), proof).map(|_| ()).map_err(|why| Why::Skip(format!("{lost}: {why}")))
        }
        (None, Class::Flushed) => Err(Why::Skip("the plan does not say which copy proves it".into())),
    }
}
