//! Packs that git began and never finished: `tmp_pack_*` in `objects/pack`. Git reads a pack only by its index, which is written
//! when the pack is whole and has its name; `git prune` removes such rests. They have filled disks of users of opencode by the
//! hundred gigabytes (anomalyco/opencode#15416).

use super::rule::{Findings, Judged, Opener, Unit, WorkRule};
use crate::model::{Kind, Stop};
use std::io::Read;
use std::path::Path;

/// Rests of packs.
pub struct GitRests;

/// The first bytes of every pack (git: Documentation/gitformat-pack.txt).
const PACK: &[u8] = b"PACK\0\0\0";

/// A pack that nobody wrote to for so long is not being made any more, in nanoseconds.
const A_DAY: i64 = 86_400_000_000_000;

/// Whether a name is one that git gives a pack while it is made: six letters and digits at its end.
fn is_rest(name: &[u8]) -> bool {
    name.strip_prefix(b"tmp_pack_").is_some_and(|end| end.len() == 6 && end.iter().all(u8::is_ascii_alphanumeric))
}

/// What tells against a file's being a rest of a pack; `None`: nothing.
fn doubt(unit: &Unit, opener: &mut Opener<'_>, path: &Path, (size, mtime_ns): (u64, i64)) -> Option<String> {
    if unit.around.now_ns.saturating_sub(mtime_ns) < A_DAY {
        return Some("a pack that is younger than a day may still be in the making".into());
    }
    let mut first = [0; 8];
    // One that was only just begun holds nothing yet.
    if size == 0 {
        return None;
    }
    match opener.open(path).and_then(|mut file| file.read_exact(&mut first)) {
        Ok(()) if first.starts_with(PACK) && matches!(first[7], 2 | 3) => None,
        Ok(()) => Some("it has the name of a pack in the making and does not begin like one".into()),
        Err(e) => Some(format!("whether it begins like a pack could not be read: {e}")),
    }
}

impl WorkRule for GitRests {
    fn id(&self) -> &'static str {
        "work/git-rests"
    }

    fn group(&self) -> &'static str {
        "unfinished packs of git"
    }

    fn candidate(&self, name: &[u8], inside: &[&[u8]]) -> bool {
        name == b"pack" && inside.iter().any(|n| is_rest(n))
    }

    fn check(&self, unit: &Unit, _stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        let objects = unit.path.parent().filter(|p| p.file_name().is_some_and(|n| n == "objects"));
        let Some(repository) = objects.and_then(Path::parent) else {
            return findings.nothing("it does not lie in `objects` of a repository");
        };
        let head = repository.join("HEAD");
        let is_head =
            unit.read_at(&head).is_ok_and(|b| b.starts_with(b"ref: ") || b.len() >= 40 && b[..40].iter().all(u8::is_ascii_hexdigit));
        if !is_head {
            return findings.nothing("there is no repository around it: its HEAD is missing or is none");
        }
        let says = "git began this pack and never finished it: it has no index, so git never reads it".into();
        let back = "nothing needs it: what git was packing is still in the repository, or is fetched again";
        let rest = findings.verdict(vec![says], back, head);
        let mut opener = Opener::new(unit);
        for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            let named = entry.path.components().count() == 1 && is_rest(entry.path.as_os_str().as_encoded_bytes());
            if entry.kind != Kind::File || !named {
                findings.at_risk(entry.id, "it belongs to the repository");
                continue;
            }
            match doubt(unit, &mut opener, &entry.path, (entry.size, entry.mtime_ns)) {
                None => findings.give(entry.id, rest),
                Some(why) => findings.at_risk(entry.id, why),
            }
        }
        findings.at_risk(unit.top, "the packs of a repository");
        findings.done()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::classify::Around;
    use crate::classify::tests::{judged_below, write};
    use crate::model::Class;
    use std::sync::Arc;

    #[test]
    fn only_an_old_unfinished_pack_of_a_repository_is_a_rest_and_the_packs_beside_it_stay() {
        let dir = tempfile::tempdir().unwrap();
        let pack = dir.path().join("objects/pack");
        let begun = b"PACK\0\0\0\x02rest of it";
        write(pack.join("tmp_pack_aB3dE6"), begun);
        write(pack.join("tmp_pack_notes"), begun);
        write(pack.join("tmp_pack_my-own"), begun);
        write(pack.join("tmp_pack_zzzzzz"), "my own notes");
        write(pack.join("pack-0123.pack"), begun);
        let around = |now_ns| Arc::new(Around { now_ns, ..Around::default() });
        let rests = |now_ns| {
            let found = judged_below(dir.path(), &GitRests, &pack, around(now_ns));
            found.into_iter().filter(|(_, v)| v.0 == Class::Rebuildable).map(|(name, _)| name).collect::<Vec<_>>()
        };
        let now = i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap();
        assert!(rests(now + 2 * A_DAY).is_empty(), "there is no repository around it");
        write(dir.path().join("HEAD"), "ref: refs/heads/main\n");
        assert_eq!(rests(now + 2 * A_DAY), ["tmp_pack_aB3dE6"]);
        assert!(rests(now).is_empty(), "it may still be in the making");
    }
}
