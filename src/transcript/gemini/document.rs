//! Older chats: one JSON document, read message by message.

use super::super::hashed::Hashed;
use super::super::laid::{By, Row};
use super::super::lines::Source;
use super::super::place::{Laying, Place};
use super::message::{Facts, Message};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufReader};
use std::path::Path;

/// Lays a document out.
pub fn lay_out<'s>(from: Box<dyn Source + 's>, cwd: &str, path: &Path, mut laying: Laying<'_>) -> io::Result<Place> {
    let mut from = Hashed::new(from);
    let mut writing = Writing { laying: &mut laying, facts: Facts::default(), after: String::new(), failed: None };
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(&mut from));
    let read = reader.deserialize_map(&mut writing);
    drop(reader);
    let (facts, failed) = (writing.facts, writing.failed);
    if let Some(e) = failed {
        return Err(e);
    }
    if read.is_err() && !laying.is_full() {
        Row { by: By::Lost, ..Row::default() }.write(&mut laying)?;
    }
    // They are true wherever they stand.
    facts.write(cwd, &mut laying)?;
    laying.done(from.read(path.to_path_buf()))
}

/// Writes each message as it is met.
struct Writing<'w, 'l> {
    laying: &'w mut Laying<'l>,
    facts: Facts,
    after: String,
    /// What went wrong with writing.
    failed: Option<io::Error>,
}

impl Writing<'_, '_> {
    fn message(&mut self, message: Value) -> Result<(), &'static str> {
        if self.laying.is_full() {
            return Err("enough");
        }
        self.laying.took(0).and_then(|()| Message::new(message).write(&HashSet::new(), Some(&self.after), self.laying)).map_or_else(
            |e| {
                self.failed = Some(e);
                Err("cannot be written")
            },
            |last| {
                self.after = last;
                Ok(())
            },
        )
    }
}

impl<'d> Visitor<'d> for &mut Writing<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a chat")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "messages" => map.next_value_seed(Messages(&mut *self))?,
                "sessionId" | "summary" | "directories" => self.facts.set(&key, &map.next_value::<Value>()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The list of messages.
struct Messages<'m, 'w, 'l>(&'m mut Writing<'w, 'l>);

impl<'d> DeserializeSeed<'d> for Messages<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'d> Visitor<'d> for Messages<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of messages")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut all: A) -> Result<(), A::Error> {
        while let Some(message) = all.next_element::<Value>()? {
            self.0.message(message).map_err(Error::custom)?;
        }
        Ok(())
    }
}
