//! The image that was goes back to its place; the one that was swapped out goes into the vault, never away.

use super::book::{Book, Line, Record, Shelf};
use super::deed::{Desk, into_vault};
use crate::error::{Error, Result};
use crate::model::{OpState, Operation, Receipt};
use crate::platform::facts;
use crate::vault::{self, own, swap};
use std::collections::BTreeMap;
use std::path::Path;

/// Undoes a deed, by its record.
pub fn undo(desk: &Desk<'_>, record: &Record, vault: &BTreeMap<String, Operation>, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("undo");
    receipt.dry_run = dry_run;
    match record.state(vault) {
        Some(OpState::Stands | OpState::PartlyUndone) => {}
        Some(OpState::Purged) => return Err(Error::refused(format!("{} was purged; it does not come back", record.id))),
        Some(OpState::Unfinished) => {
            return Err(Error::refused(format!("{} was interrupted", record.id)).hint("The next start of an acting verb mends it."));
        }
        Some(OpState::Undone | OpState::Done) | None => {
            receipt.notes.push(format!("{} is undone already", record.id));
            return Ok(receipt);
        }
    }
    desk.quiet(&record.store, &record.root, &record.image)?;
    if !dry_run {
        let _turn = Shelf::of(desk.world).turn()?;
        let mut book = Book::reopen(record)?;
        receipt.operation = desk.world.new_id();
        book.write(Line::UndoBegin { id: receipt.operation.clone(), when: desk.world.now() })?;
        finish(desk, &mut book, &mut receipt)?;
    }
    let did = record.exchange.map(|(_, _, did)| did).unwrap_or_default();
    (receipt.moved, receipt.bytes, receipt.allocated) = (did.items, did.bytes, did.allocated);
    Ok(receipt)
}

/// Does what is left of an undo that has begun.
pub fn finish(desk: &Desk<'_>, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    let record = book.record.clone();
    let (image, beside) = (&record.image, record.beside());
    let missing = || Error::refused("the image that was is no longer kept").at(&beside);
    let (was, ..) = record.exchange.ok_or_else(missing)?;
    let inode = |path: &Path| facts(path).ok().map(|facts| facts.ino);
    if inode(image) != Some(was) {
        if inode(&beside) != Some(was) {
            vault::undo(desk.world, record.kept.as_deref(), false, desk.watch)?;
        }
        if inode(&beside) != Some(was) {
            return Err(missing());
        }
        if inode(image).is_some() {
            desk.quiet(&record.store, &record.root, image)?;
            swap::exchange(&beside, image).map_err(|e| Error::io("its disk cannot exchange two files in one step", image, e))?;
        } else {
            own::publish(&beside, image)?;
        }
    }
    let out = match inode(&beside) {
        Some(_) => Some(into_vault(desk, book, receipt)?),
        None => in_vault(desk, &beside).filter(|operation| Some(operation) != record.kept.as_ref()),
    };
    if let Some(operation) = out {
        book.write(Line::Out { operation })?;
        receipt.notes.push("the image that was in its place, with all that was written to it since, is in the vault".into());
    }
    book.write(Line::UndoEnd {})
}

/// The operation of the vault that has what lay at a path.
pub(super) fn in_vault(desk: &Desk<'_>, path: &Path) -> Option<String> {
    let kept = vault::kept(desk.world).ok()?;
    let (_, place) = kept.iter().rev().find(|(was, _)| was == path)?;
    Some(place.parent()?.file_name()?.to_string_lossy().into_owned())
}
