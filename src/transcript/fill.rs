//! What the transcript lacks and the audit log still has: the app sweeps old transcripts away, and leaves its log.

use super::dialect::Weight;
use super::file::File;
use super::index::{Flag, Index, NONE, Node};
use std::collections::HashMap;

/// Records of the audit log that stand nowhere in the transcript.
pub struct Fill<'s> {
    /// The audit log.
    pub file: File<'s>,
    /// The records, by the record of the transcript that they stand after; `NONE`: before all.
    pub after: HashMap<u32, Vec<u32>>,
    /// How many they are.
    pub records: u64,
    /// Whether some stand before all of the transcript.
    pub begins: bool,
}

impl<'s> Fill<'s> {
    /// What an audit log has that a transcript has not, by the records' ids.
    pub fn of(main: &Index, audit: File<'s>) -> Self {
        let mut places: HashMap<u64, Option<u32>> = audit.index.nodes.iter().filter(|n| n.uuid != 0).map(|n| (n.uuid, None)).collect();
        let ids = (0..).zip(&main.nodes).map(|(number, node)| (node.uuid, number)).chain(main.aliases.iter().copied());
        for (id, number) in ids {
            if let Some(place) = places.get_mut(&id).filter(|p| p.is_none()) {
                *place = Some(number);
            }
        }
        let mut queued = queued(main, &audit.index, &places);
        let mut fill = Self { file: audit, after: HashMap::new(), records: 0, begins: false };
        if places.values().all(Option::is_none) && shares_messages(main, &fill.file.index) {
            // The two name their records differently: nobody can tell what is missing.
            return fill;
        }
        let mut last = NONE;
        for (number, node) in (0..).zip(&fill.file.index.nodes) {
            let speaks = matches!(node.weight(), Weight::Typed | Weight::Speech | Weight::Error | Weight::Added | Weight::Answer);
            let place = places.get(&node.uuid).copied().flatten();
            match place {
                Some(place) if main.node(place).is_main() => last = place,
                Some(_) => {}
                // It is there as a part of another prompt.
                None if node.weight() == Weight::Typed && queued.get_mut(&node.part).is_some_and(|n| std::mem::replace(n, *n - 1) > 0) => {}
                None if speaks && node.is_main() && node.uuid != 0 && !node.is(Flag::WEAK) => {
                    fill.after.entry(last).or_default().push(number);
                    fill.records += 1;
                    fill.begins |= last == NONE;
                }
                None => {}
            }
        }
        fill
    }
}

/// Prompts that waited and whose ids are not in the transcript, counted by their words: they were taken together with others.
fn queued(main: &Index, audit: &Index, places: &HashMap<u64, Option<u32>>) -> HashMap<u32, i64> {
    let mut queued = HashMap::new();
    for node in main.nodes.iter().filter(|n| n.is(Flag::ASIDE) && n.uuid == 0) {
        *queued.entry(node.part).or_default() += 1;
    }
    let there = |n: &&Node| n.weight() == Weight::Typed && places.get(&n.uuid).copied().flatten().is_some();
    for node in audit.nodes.iter().filter(there) {
        queued.entry(node.part).and_modify(|n| *n -= 1);
    }
    queued
}

/// Whether both hold parts of the same messages.
fn shares_messages(main: &Index, audit: &Index) -> bool {
    let parts = |index: &Index| -> std::collections::HashSet<u32> {
        index.nodes.iter().filter(|n| n.is_main() && n.weight() == Weight::Speech && n.part != 0).map(|n| n.part).collect()
    };
    let audit = parts(audit);
    main.nodes.iter().any(|n| n.is_main() && n.weight() == Weight::Speech && audit.contains(&n.part))
}
