//! Where a line of a brief stands: the session and the record, short, and so that nothing else can be meant.

use crate::model::SessionIx;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

/// The record of what the disk shows and no record tells.
pub const DISK: &str = "disk";

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cite {
    /// The session.
    pub session: SessionIx,
    /// The record's id; of one that has none, `@` and the byte it begins at; [`DISK`]: no record tells it.
    pub record: String,
    /// The tool call in it that is meant, with its answer in whichever record that stands; or empty.
    pub call: String,
    /// The file the record was read from.
    pub file: PathBuf,
}

/// The ids of a session's records, and the short form of each.
#[derive(Debug, Clone, Default)]
pub struct Names {
    all: BTreeSet<String>,
    /// How many have a short form.
    heads: HashMap<String, usize>,
}

/// How long a short form is.
const SHORT: usize = 8;

impl Names {
    /// Takes an id in.
    pub fn take(&mut self, id: &str) {
        if !self.all.contains(id) {
            self.all.insert(id.to_owned());
            *self.heads.entry(shortened(id)).or_default() += 1;
        }
    }

    /// The short form of a record's id, where no other has the same; else the whole id.
    pub fn short(&self, id: &str) -> String {
        let short = shortened(id);
        if self.heads.get(&short).is_some_and(|n| *n > 1) { id.to_owned() } else { short }
    }
}

/// The first eight characters of an id that is random from its start; of any other the last eight, after `…`.
fn shortened(id: &str) -> String {
    let random =
        id.bytes().take(SHORT).all(|b| b.is_ascii_hexdigit()) && id.get(14..15).is_none_or(|version| version == "4" || !id.contains('-'));
    match id.len().checked_sub(SHORT) {
        None | Some(0) => id.to_owned(),
        _ if id.starts_with('@') || !id.is_ascii() => id.to_owned(),
        Some(_) if random => id.get(..SHORT).unwrap_or(id).to_owned(),
        Some(from) => format!("…{}", id.get(from..).unwrap_or(id)),
    }
}

/// The shortest beginning of a session's id, of eight characters at least, that no other id has; after the last `_`.
pub fn short_session(id: &str, all: &BTreeSet<String>) -> String {
    let tail = |id: &str| id.rsplit('_').next().unwrap_or_default().to_owned();
    let own = tail(id);
    let others: Vec<String> = all.iter().filter(|other| *other != id).map(|other| tail(other)).collect();
    let fits = |end: &usize| own.get(..*end).is_some_and(|start| !others.iter().any(|other| other.starts_with(start)));
    let end = (SHORT..own.len()).find(fits).unwrap_or(own.len());
    own.get(..end).unwrap_or(&own).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_form_means_one_record_whatever_the_ids_are_like() {
        let mut names = Names::default();
        let all = [
            "5e14fda9-df02-4f3f-bff9-c26f7bae7c21",
            "01a1ffc5-2cc2-7c00-9667-ac2ea3631274",
            "msg_01a1ffc5-2cc2-7c00-9667-ac36f63f75b8",
            "d04923d38bb0f6017037e74183378ef4",
            "@1234567890",
            "r1",
        ];
        for id in all {
            names.take(id);
        }
        assert_eq!(all.map(|id| names.short(id)), ["5e14fda9", "…a3631274", "…f63f75b8", "d04923d3", "@1234567890", "r1"]);
        names.take("5e14fda9-0000-4000-8000-000000000000");
        assert_eq!(names.short(all[0]), all[0]);
    }

    #[test]
    fn sessions_that_begin_alike_are_named_as_far_as_they_differ() {
        let all = ["local_5a7d4a86-1", "01a1ffc5-2c99", "01a1ffc5-4121"].map(str::to_owned).into();
        let short = |id| short_session(id, &all);
        assert_eq!([short("local_5a7d4a86-1"), short("01a1ffc5-2c99"), short("01a1ffc5-4121")], ["5a7d4a86", "01a1ffc5-2", "01a1ffc5-4"]);
    }
}
