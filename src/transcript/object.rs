//! An object of JSON as a list of its fields, each as it stands.

use super::scan::{Cursor, Quoted, Step};
use std::borrow::Cow;

/// The fields of an object as they stand, by name.
pub type Fields<'a> = Vec<(Quoted<'a>, &'a [u8])>;

/// The fields of an object as they stand; `None`: it is none.
pub fn fields(object: &[u8]) -> Option<Fields<'_>> {
    let mut c = Cursor::new(object);
    let mut all = Vec::new();
    if c.peek()? != b'{' || !c.object().ok()? {
        return None;
    }
    while let Some(key) = c.key().ok()? {
        all.push((Quoted(key), c.skip().ok()?));
    }
    Some(all)
}

/// A text in JSON; `None`: it is something else.
pub fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
    raw.starts_with(b"\"").then(|| Cursor::new(raw).text().ok().flatten()).flatten().map(Quoted::text)
}

/// The items of a list as they stand; none, where it is no list.
pub fn list(raw: &[u8]) -> Vec<&[u8]> {
    let mut c = Cursor::new(raw);
    let mut all = Vec::new();
    let mut read = || -> Step<()> {
        if c.peek() == Some(b'[') && c.list()? {
            while c.item()? {
                all.push(c.skip()?);
            }
        }
        Ok(())
    };
    // It was followed to its end before, so it can be read.
    let _ = read();
    all
}

/// A field's value as it stands.
pub fn of<'a>(object: &Fields<'a>, name: &str) -> Option<&'a [u8]> {
    object.iter().find(|(key, _)| key.0 == name.as_bytes()).map(|(_, raw)| *raw)
}

/// A field that is a text.
pub fn quoted<'a>(object: &Fields<'a>, name: &str) -> Option<Quoted<'a>> {
    let raw = of(object, name).filter(|raw| raw.starts_with(b"\""))?;
    Cursor::new(raw).text().ok().flatten()
}

/// The same, or nothing.
pub fn word<'a>(object: &Fields<'a>, name: &str) -> Quoted<'a> {
    quoted(object, name).unwrap_or_default()
}
