//! Anything in a plan's file or in a journal.

use super::rounds;
use crate::model::{Action, Class, Evidence, Identity, PathText, Plan, PlanItem, Proof, Skipped, Totals, from_bytes};
use crate::vault::fingerprint;
use crate::vault::journal::{Entry, decode, encode};
use crate::vault::operation::Record;
use proptest::prelude::*;
use std::path::PathBuf;

fn cases(usual: u32) -> ProptestConfig {
    let cases = u32::try_from(rounds(usual as usize)).unwrap();
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A path of any bytes that a path can have here.
fn path() -> impl Strategy<Value = PathBuf> {
    let text = any::<String>().prop_map(PathBuf::from);
    let bytes = prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| PathBuf::from(from_bytes(&bytes)));
    prop_oneof![text, bytes]
}

prop_compose! {
    fn item()(
        path in path(),
        copy in path(),
        (device, inode, size, bytes) in any::<(u64, u64, u64, u64)>(),
        mtime_ns in any::<i64>(),
        tree in any::<Option<String>>(),
        class in prop::sample::select(Class::ALL.to_vec()),
        session in any::<Option<String>>(),
        (group, label) in any::<(String, String)>(),
    ) -> PlanItem {
        PlanItem {
            path: PathText::new(&path),
            store: label.clone(),
            session,
            class,
            bytes,
            allocated: size,
            files: device,
            identity: Identity { device, inode, size, mtime_ns, tree },
            action: Action::Vault,
            evidence: vec![Evidence::new("test/name", label)],
            comes_back: (bytes % 2 == 0).then(|| group.clone()),
            proof: (class == Class::Flushed).then(|| Proof::SameBytes { copy, blake3: group.clone() }),
            group,
            image: None,
        }
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_plan_of_anything_is_the_same_after_it_was_a_file_and_changed_it_is_refused(
        items in prop::collection::vec(item(), 0..6),
        roots in prop::collection::vec(path(), 0..3),
        reason in any::<String>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let skipped = roots.iter().map(|root| Skipped { path: PathText::new(root), reason: reason.clone() }).collect();
        let plan = Plan {
            schema: "lifeboat.plan/1".into(),
            created: "2026-10-02T12:00:00Z".parse().unwrap(),
            roots: roots.iter().map(|root| PathText::new(root)).collect(),
            fingerprint: fingerprint(&items),
            items,
            skipped,
            totals: Totals::default(),
        };
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("plan");
        plan.save(&file).unwrap();
        let read = Plan::load(&file).unwrap();
        prop_assert_eq!(&read, &plan);
        for (item, was) in read.items.iter().zip(&plan.items) {
            prop_assert_eq!(item.path.to_path(), was.path.to_path());
        }
        // Whatever bit is changed, no other items are read from it.
        let mut bytes = std::fs::read(&file).unwrap();
        let at = bit.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        std::fs::write(&file, bytes).unwrap();
        if let Ok(other) = Plan::load(&file) {
            prop_assert_eq!(other.items, plan.items);
        }
    }

    #[test]
    fn a_path_of_anything_is_the_same_after_it_was_text(path in path()) {
        prop_assert_eq!(PathText::new(&path).to_path(), Some(path));
    }

    #[test]
    fn anything_can_be_read_as_a_journal_and_only_true_lines_count(
        junk in prop::collection::vec(any::<u8>(), 0..400),
        name in path(),
        kept in 0..4_usize,
        lines in prop::collection::vec("(?s).{0,30}", 0..4),
    ) {
        let root = |root| Entry::Root { root, path: PathText::new(&name) };
        let all: Vec<Entry> = (0..u32::try_from(kept).unwrap()).map(root).collect();
        let good = encode(&all).unwrap();
        for tail in [junk, lines.join("\n").into_bytes(), lines.join(" 00000000\n").into_bytes()] {
            let bytes = [good.clone(), tail].concat();
            let (entries, length) = decode(&bytes);
            prop_assert_eq!(&entries[..], &all[..]);
            prop_assert_eq!(length, good.len() as u64);
            // What stands in it makes no operation.
            let record = Record::read(&bytes);
            prop_assert!(record.state().is_none() && record.length == bytes.len() as u64);
        }
    }
}
