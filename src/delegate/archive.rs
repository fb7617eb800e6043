//! Archives Codex's sessions, or brings them back, by its own command.

use super::program::{find, run};
use crate::classify::blake3_of;
use crate::error::Result;
use crate::model::{Failed, PathText, Receipt, Session, Skipped, Stop};
use crate::stores::Tool;
use crate::stores::codex::Codex;
use crate::world::World;
use std::path::Path;

/// Archives sessions of a root of Codex, or brings them back; each is looked at afterwards.
pub fn archive(world: &World, root: &Path, ids: &[String], archived: bool, dry_run: bool) -> Result<Receipt> {
    let verb = if archived { "archive" } else { "unarchive" };
    let program = find(world, "codex")?;
    let mut receipt = Receipt { dry_run, ..Receipt::new(verb) };
    let before = Codex.read(world, root).sessions;
    for id in ids {
        let Some(session) = before.iter().find(|s| s.id == *id) else { continue };
        let path = PathText::new(session.record.as_deref().unwrap_or(root));
        let reason = match &session.live {
            Some(why) => Some(format!("in use: {why}")),
            None if session.archived == archived => Some(format!("it is {verb}d already")),
            None => None,
        };
        if let Some(reason) = reason {
            receipt.skipped.push(Skipped { path, reason });
            continue;
        }
        let bytes = session.record.as_deref().and_then(|p| crate::platform::facts(p).ok()).map_or(0, |f| f.size);
        let done = if dry_run { Ok(()) } else { one(world, root, &program, session, archived) };
        match done {
            Ok(()) => {
                receipt.moved += 1;
                receipt.bytes += bytes;
            }
            Err(error) => receipt.failed.push(Failed { path, error }),
        }
        let agents = before.iter().filter(|s| s.starter.as_ref() == Some(id) && s.archived != archived).count();
        if agents > 0 {
            receipt.notes.push(format!("Codex leaves the {agents} sub-agents of {id} where they are"));
        }
    }
    if receipt.moved > 0 && !dry_run {
        let other = if archived { "unarchive" } else { "archive" };
        receipt.notes.push(format!("Codex did it; `lifeboat {other}` takes it back"));
    }
    Ok(receipt)
}

fn one(world: &World, root: &Path, program: &Path, session: &Session, archived: bool) -> Result<(), String> {
    let verb = if archived { "archive" } else { "unarchive" };
    let was = hash(root, session)?;
    let ran = run(world, program, root, &[verb, &session.id], &[("CODEX_HOME", root.as_os_str())]).map_err(|e| e.to_string())?;
    let after = Codex.read(world, root).sessions.into_iter().find(|s| s.id == session.id);
    let Some(after) = after else { return Err(format!("`codex {verb}` lost it: {}", ran.said)) };
    if after.archived != archived {
        return Err(format!("`codex {verb}` did not do it: {}", ran.said));
    }
    if hash(root, &after)? != was {
        return Err(format!("`codex {verb}` changed its conversation"));
    }
    // Where its list says otherwise, it would show the session in the wrong place.
    let differs = after.notes.iter().find(|note| note.starts_with("the list of sessions says"));
    differs.map_or(Ok(()), |note| Err(format!("its file was moved, but {note}")))
}

/// BLAKE3 of a session's conversation.
fn hash(root: &Path, session: &Session) -> Result<blake3::Hash, String> {
    let path = session.record.as_deref().ok_or("it has no conversation")?;
    let size = crate::platform::facts(path).map_err(|e| e.to_string())?.size;
    let hash = blake3_of(root, path, size, &Stop::default()).map_err(|e| format!("its conversation cannot be read: {e}"))?;
    hash.ok_or_else(|| "stopped".to_owned())
}
