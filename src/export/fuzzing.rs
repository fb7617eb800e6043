//! Ways in for the fuzz targets.

use super::beside::Beside;
use super::clean::clean;
use super::form::{About, Desk, Form};
use super::keep::Source;
use super::markdown::Page;
use super::redact::Redactor;
use crate::error::{Error, Result};
use crate::transcript::{Sink, Told};
use std::path::Path;

/// A place for files that keeps none, and says it did.
struct Nowhere;

impl Beside for Nowhere {
    fn there(&self, _: &str) -> Option<String> {
        None
    }

    fn keep(&mut self, place: &str, _: &mut dyn Source) -> Option<String> {
        Some(place.to_owned())
    }
}

/// A text as it stands in a page.
pub fn prose(text: &str) -> String {
    super::prose::prose(&clean(text))
}

/// A text without its secrets.
pub fn redacted(text: &str) -> String {
    Redactor::new(false, &["robin@example.com".to_owned()]).text(text).into_owned()
}

/// The body of a page, and how many turns it says it has.
pub fn page(tell: impl FnOnce(&mut Sink<'_>) -> Result<()>) -> (String, u64) {
    let (mut body, about, mut beside) = (Vec::new(), About::default(), Nowhere);
    let desk = Desk::new(&mut body, &about, Redactor::new(false, &[]), &mut beside, "/nonexistent/x".into());
    let mut page = Page::new(desk);
    let told = tell(&mut |event| page.take(&event).map_err(|e| Error::io("cannot write", Path::new("page"), e)));
    let head = told.map(|()| Box::new(page).finish(&Told::default()));
    let turns = head.ok().and_then(std::result::Result::ok).map_or(0, |head| head.turns);
    (String::from_utf8_lossy(&body).into_owned(), turns)
}
