//! The sessions that touched a folder: they ran in it, had it bound, or read or wrote files in it.

use super::state::place;
use crate::model::{Catalog, Session, SessionIx};
use crate::transcript::{self, Block, Event};
use crate::world::World;
use serde_json::Value;
use std::path::Path;

/// Every session that touched the folder, in no order.
pub fn touching(world: &World, catalog: &Catalog, folder: &Path) -> Vec<SessionIx> {
    let all = (0..catalog.sessions.len()).map(SessionIx::at);
    all.filter(|ix| touches(world, catalog.session(*ix), folder)).collect()
}

fn touches(world: &World, session: &Session, folder: &Path) -> bool {
    if session.folders.iter().any(|bound| bound.starts_with(folder)) {
        return true;
    }
    let (mut found, mut relative) = (false, Vec::new());
    let Ok(Some(talk)) = transcript::open(session) else { return false };
    let told = talk.tell(&mut |event| {
        if let (false, Event::Block(Block::Tool(tool))) = (found, &event)
            && let Ok(Value::Object(input)) = serde_json::from_str::<Value>(&tool.input)
        {
            let paths = ["file_path", "notebook_path", "filePath", "absolute_path", "path", "dir_path"];
            for path in paths.iter().filter_map(|key| input.get(*key)?.as_str()) {
                match place(world, session, None, path) {
                    Some(path) => found |= path.starts_with(folder),
                    None => relative.push(path.to_owned()),
                }
            }
        }
        Ok(())
    });
    let cwd = told.ok().and_then(|told| told.cwd);
    let ran = cwd.as_deref().is_some_and(|cwd| place(world, session, None, cwd).is_some_and(|cwd| cwd.starts_with(folder)));
    found || ran || relative.iter().any(|path| place(world, session, cwd.as_deref(), path).is_some_and(|path| path.starts_with(folder)))
}
