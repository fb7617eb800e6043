//! Mends what an interrupted deed on a disk image left. At every moment the image that was or the finished one is in its
//! place, whole; here it is found out which.

use super::book::{Book, Line, Record, Shelf};
use super::deed::{Desk, keep};
use super::undo::{finish, in_vault};
use crate::error::{Error, Result};
use crate::model::{Receipt, shown};
use crate::platform::facts;
use crate::vault::own;

/// Mends every interrupted deed that nothing stands in the way of; gives a sentence for each.
pub fn recover(desk: &Desk<'_>) -> Result<Vec<String>> {
    let shelf = Shelf::of(desk.world);
    let open = |r: &Record| r.id.is_empty() || !r.gave_up && (!r.ended || r.undo.as_ref().is_some_and(|undo| !undo.2));
    if !shelf.records()?.iter().any(open) {
        return Ok(Vec::new());
    }
    let Some(_turn) = shelf.turn_if_free()? else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    for record in shelf.records()?.iter().filter(|r| open(r)) {
        if record.id.is_empty() {
            // Not even its first line was written.
            own::discard(&record.file);
            continue;
        }
        match Book::reopen(record).and_then(|mut book| mend(desk, &mut book)) {
            Ok(says) => told.push(says),
            Err(e) => told.push(format!("The interrupted cleaning {} of a disk image waits: {e}.", record.id)),
        }
    }
    Ok(told)
}

fn mend(desk: &Desk<'_>, book: &mut Book) -> Result<String> {
    let (id, image, beside) = (book.record.id.clone(), book.record.image.clone(), book.record.beside());
    let mut receipt = Receipt::new("undo");
    if book.record.undo.as_ref().is_some_and(|undo| !undo.2) {
        desk.quiet(&book.record.store, &book.record.root, &image)?;
        finish(desk, book, &mut receipt)?;
        return Ok(format!("The interrupted undo of {id} was finished."));
    }
    let inode = |path| facts(path).ok().map(|facts| facts.ino);
    let place = inode(&image);
    let Some((was, new, _)) = book.record.exchange.filter(|(was, ..)| place != Some(*was)) else {
        own::discard(&book.record.spare());
        own::discard(&beside);
        book.write(Line::GaveUp {})?;
        return Ok(format!("The interrupted cleaning {id} was taken back: {} is what it was.", shown(&image)));
    };
    if book.record.kept.is_none() {
        if inode(&beside) == Some(was) {
            if place != Some(new) {
                return Err(Error::refused("neither the image that was nor the finished one is in its place; both are kept").at(&image));
            }
            desk.quiet(&book.record.store, &book.record.root, &beside)?;
            keep(desk, book, &mut receipt)?;
        } else if let Some(operation) = in_vault(desk, &beside) {
            book.write(Line::Kept { operation })?;
        }
    }
    book.write(Line::End {})?;
    Ok(format!("The interrupted cleaning {id} of {} was finished; `lifeboat undo {id}` takes it back.", shown(&image)))
}
