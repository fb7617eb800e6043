//! Ways in for the fuzz targets.

use super::agents::Agents;
use super::dialect::Dialect;
use super::event::Sink;
use super::file::File;
use super::lines::{Extent, Source};
use super::place::{Laying, Place};
use super::tap::{self, Tap};
use super::tell::Teller;
use super::{Told, dialect, gemini, laid, opencode};
use crate::error::Result;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

/// Tells the conversation in these bytes, as a file of that name has it; `within`: as a sub-agent's.
pub fn told(bytes: &[u8], name: &str, within: bool, sink: &mut Sink<'_>) -> Option<Told> {
    let bytes: Arc<[u8]> = bytes.into();
    let open = || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Source>);
    let place = Place::file("".as_ref(), name.as_ref());
    tell(File::read(place, dialect::of(name), within, (Extent::Hashed, 1 << 16), open), sink)
}

/// Tells the chat in these bytes, in JSONL or as one document.
pub fn chat(bytes: &[u8], document: bool, sink: &mut Sink<'_>) -> Option<Told> {
    let from = Box::new(Cursor::new(bytes.to_vec()));
    let laying = Laying::new(Extent::Whole, &watcher()).ok()?;
    let place = gemini::of_bytes(from, document, laying).ok()?;
    tell_laid(place, sink)
}

/// Tells the session whose messages and parts stand in these bytes, one a line.
pub fn rows(bytes: &[u8], second: bool, sink: &mut Sink<'_>) -> Option<Told> {
    let mut laying = Laying::new(Extent::Whole, &watcher()).ok()?;
    opencode::of_lines(bytes, second, &mut laying).ok()?;
    tell_laid(laying.done(super::SourceFile { path: PathBuf::new(), ..super::SourceFile::default() }).ok()?, sink)
}

fn watcher() -> Arc<dyn Tap> {
    Arc::new(tap::Open)
}

fn tell_laid(place: Place, sink: &mut Sink<'_>) -> Option<Told> {
    let dialect: &'static Dialect = &laid::DIALECT;
    tell(File::of(place, dialect, false, Extent::Whole, &watcher()), sink)
}

fn tell(file: Result<File<'_>>, sink: &mut Sink<'_>) -> Option<Told> {
    let mut file = file.ok()?;
    let mut teller = Teller::new(sink, Agents::default());
    teller.file(&mut file).ok()?;
    Some(teller.told)
}
