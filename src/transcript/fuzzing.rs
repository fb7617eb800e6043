//! A way in for the fuzz targets.

use super::agents::Agents;
use super::event::Sink;
use super::lines::{Extent, Source};
use super::place::Place;
use super::tell::{File, Teller};
use super::{Told, dialect};
use std::io::Cursor;
use std::sync::Arc;

/// Tells the conversation in these bytes, as a file of that name has it; `within`: as a sub-agent's.
pub fn told(bytes: &[u8], name: &str, within: bool, sink: &mut Sink<'_>) -> Option<Told> {
    let bytes: Arc<[u8]> = bytes.into();
    let open = || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Source>);
    let mut file = File::read(Place::file("".as_ref(), name.as_ref()), dialect::of(name), within, (Extent::Hashed, 1 << 16), open).ok()?;
    let mut teller = Teller::new(sink, Agents::default());
    teller.file(&mut file).ok()?;
    Some(teller.told)
}
