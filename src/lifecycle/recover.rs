//! Mends what an interrupted deed on a database left.
//!
//! What is kept was made to last before anything went, so that nothing is lost at any moment; here it is found out what was
//! done. Sessions of which only a part went are put back; rows of other deeds stay out, and can be put back by an undo.

use super::book::{Book, Line, Part, Record, Shelf};
use super::deed::{Desk, is_untouched, put_back};
use super::undo::{files_back, finish_purge, rows_back, tidy};
use super::{files, pen::Pen};
use crate::error::Result;
use crate::model::{OpState, Receipt};
use crate::vault;

/// Mends every interrupted deed that nothing stands in the way of; gives a sentence for each.
pub fn recover(desk: &Desk<'_>) -> Result<Vec<String>> {
    let shelf = Shelf::of(desk.world);
    let open = |r: &Record| r.id.is_empty() || r.state(None) == Some(OpState::Unfinished);
    if !shelf.records()?.iter().any(open) {
        return Ok(Vec::new());
    }
    let Some(_turn) = shelf.turn_if_free()? else { return Ok(Vec::new()) };
    let mut told = Vec::new();
    for record in shelf.records()?.iter().filter(|r| open(r)) {
        if record.id.is_empty() {
            // Not even its first line was written.
            vault::own::discard(&record.file);
            continue;
        }
        let mut book = Book::reopen(record)?;
        match mend(desk, &mut book) {
            Ok(says) => told.extend(says),
            Err(e) => told.push(format!("The interrupted {} {} waits: {e}.", record.verb, record.id)),
        }
    }
    Ok(told)
}

fn mend(desk: &Desk<'_>, book: &mut Book) -> Result<Option<String>> {
    let (id, verb) = (book.record.id.clone(), book.record.verb.clone());
    let mut receipt = Receipt::new("undo");
    if book.record.purge.is_some() {
        finish_purge(desk, book, &mut receipt)?;
        return Ok(Some(format!("The interrupted purge of {id} was finished.")));
    }
    if book.record.undos.last().is_some_and(|undo| !undo.2) {
        rows_back(desk, book, &mut receipt)?;
        files_back(desk, book, &mut receipt)?;
        book.write(Line::UndoEnd {})?;
        tidy(&book.record);
        return Ok(Some(format!("The interrupted undo of {id} was finished.")));
    }
    vault::swap::tidy(&book.record.beside);
    let unknown: Vec<Part> = book.record.parts.values().filter(|part| !part.done && !part.back).cloned().collect();
    let half: Vec<u64> = book.record.held().map(|part| part.group).filter(|g| verb == "prune" && !book.record.is_out(*g)).collect();
    if !unknown.is_empty() || !half.is_empty() {
        let mut pen = desk.pen(&book.record.database)?;
        settle(desk, &mut pen, book, &unknown)?;
        let _ = pen.checkpoint();
        pen.put_down()?;
    }
    if book.record.moved.is_none() {
        let moved = book.record.groups.values().flat_map(|group| &group.files).find_map(|(file, _)| in_vault(desk, file, &id));
        if let Some(operation) = moved {
            book.write(Line::Moved { operation })?;
        }
    }
    let gone: Vec<u64> = book.record.groups.keys().copied().filter(|group| book.record.is_out(*group)).collect();
    if book.record.moved.is_none() {
        files::move_out(desk, book, &gone, &mut receipt)?;
    }
    book.write(Line::End { given_back: 0 })?;
    tidy(&book.record);
    let kept = book.record.held().next().is_some() || book.record.moved.is_some();
    Ok(Some(match (verb.as_str(), kept) {
        ("vacuum", _) => format!("The interrupted vacuum {id} was tidied up; the database is whole."),
        (_, false) => format!("The interrupted {verb} {id} was taken back: everything is as it was."),
        (_, true) => format!("The interrupted {verb} {id} was ended where it stood; `lifeboat undo {id}` puts back what it took."),
    }))
}

/// Finds out whether the last chunk was taken out, and puts back what belongs to a group of which only a part was.
fn settle(desk: &Desk<'_>, pen: &mut Pen, book: &mut Book, unknown: &[Part]) -> Result<()> {
    for part in unknown {
        let file = book.record.place(part.chunk);
        let line = if is_untouched(pen, &file, part)? { Line::Back { chunk: part.chunk } } else { Line::Done { chunk: part.chunk } };
        let untouched = matches!(line, Line::Back { .. });
        book.write(line)?;
        if untouched {
            vault::own::discard(&file);
        }
    }
    if book.record.verb == "prune" {
        let half: Vec<Part> = book.record.held().rev().filter(|part| !book.record.is_out(part.group)).cloned().collect();
        for part in half {
            put_back(desk, pen, book, &part)?;
        }
    }
    Ok(())
}

/// The operation of the vault that has a file and began after the deed did.
fn in_vault(desk: &Desk<'_>, file: &std::path::Path, since: &str) -> Option<String> {
    let kept = vault::kept(desk.world).ok()?;
    let (_, place) = kept.iter().rev().find(|(path, _)| path == file)?;
    let id = place.parent()?.file_name()?.to_string_lossy().into_owned();
    (id.as_str() > since).then_some(id)
}
