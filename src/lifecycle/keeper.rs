//! The tools whose sessions have a lifecycle of their own, and how each does it.

use super::deed::Desk;
use super::opencode::{Places, archive};
use crate::error::{Error, Result};
use crate::model::Receipt;
use crate::stores::Tool;
use std::path::Path;

/// A tool whose sessions can be archived and brought back.
pub trait Keeper: Sync {
    /// The tool.
    fn tool(&self) -> &'static dyn Tool;
    /// Archives these sessions of a store, or brings them back. A session that cannot be is in the receipt's `skipped`.
    fn archive(&self, desk: &Desk<'_>, root: &Path, ids: &[String], archived: bool, dry_run: bool) -> Result<Receipt>;
}

/// Every tool that can; a line each.
pub const KEEPERS: &[&dyn Keeper] = &[&Opencode, &Codex];

/// Codex, by its own command.
struct Codex;

impl Keeper for Codex {
    fn tool(&self) -> &'static dyn Tool {
        &crate::stores::codex::Codex
    }

    fn archive(&self, desk: &Desk<'_>, root: &Path, ids: &[String], archived: bool, dry_run: bool) -> Result<Receipt> {
        crate::delegate::archive(desk.world, root, ids, archived, dry_run)
    }
}

struct Opencode;

impl Keeper for Opencode {
    fn tool(&self) -> &'static dyn Tool {
        &crate::stores::opencode::Opencode
    }

    fn archive(&self, desk: &Desk<'_>, root: &Path, ids: &[String], archived: bool, dry_run: bool) -> Result<Receipt> {
        let places = Places::of(desk.world, root);
        let forest = super::opencode::Forest::read(&places);
        for id in ids {
            let there = forest.members.get(id);
            if there.is_some_and(|member| member.databases.is_empty()) {
                let says = format!("{id} is kept in files of before the database, which have no mark for an archived session");
                let path = there.and_then(|member| member.file.clone()).unwrap_or_else(|| root.to_path_buf());
                return Err(Error::refused(says).at(path).hint("opencode 1.2 takes such sessions over into its database"));
            }
        }
        let mut whole = Receipt::new(if archived { "archive" } else { "unarchive" });
        for at in 0..places.databases.len() {
            let own: Vec<String> =
                ids.iter().filter(|id| forest.members.get(*id).is_some_and(|m| m.databases.contains(&at))).cloned().collect();
            if !own.is_empty() {
                whole.join(archive::archive(desk, &places, at, &own, archived, dry_run)?);
            }
        }
        Ok(whole)
    }
}
