//! Names that Codex gives.

use crate::stores::names::is_uuid;

/// The id in a rollout's name, and whether it is packed: `rollout-2026-11-21T20-20-58-<id>.jsonl`, `….jsonl.zst`; the first
/// versions wrote `.json`.
pub fn rollout(name: &[u8]) -> Option<(&str, bool)> {
    let name = std::str::from_utf8(name).ok()?;
    let (plain, packed) = name.strip_suffix(".zst").map_or((name, false), |plain| (plain, true));
    let stem = plain.strip_suffix(".jsonl").or_else(|| plain.strip_suffix(".json").filter(|_| !packed))?;
    let rest = stem.strip_prefix("rollout-")?;
    let id = rest.len().checked_sub(36).and_then(|at| rest.get(at..)).filter(|id| is_uuid(id.as_bytes()))?;
    Some((id, packed))
}

/// Whether a name is a database of this sort, of any generation, or a file beside one: `state_5.sqlite`, `state_5.sqlite-wal`.
pub fn is_database(name: &[u8], sort: &str) -> bool {
    let main = [&b"-wal"[..], b"-shm", b"-journal"].iter().find_map(|end| name.strip_suffix(*end)).unwrap_or(name);
    let middle = main.strip_prefix(sort.as_bytes()).and_then(|rest| rest.strip_prefix(b"_")).and_then(|rest| rest.strip_suffix(b".sqlite"));
    middle.is_some_and(is_number)
}

/// Whether a name is nothing but digits.
pub fn is_number(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

/// The thread a file of Codex is about: `<thread>.lock`, `<thread>.<nanoseconds>.sh`.
pub fn thread(name: &[u8]) -> Option<&str> {
    let id = std::str::from_utf8(name).ok()?.get(..36)?;
    (is_uuid(id.as_bytes()) && name.get(36) == Some(&b'.')).then_some(id)
}

/// Whether a name is that of a shell's snapshot: `<thread>.<nanoseconds>.sh`, or of one that was not finished.
pub fn is_snapshot(name: &[u8]) -> bool {
    let Some(rest) = thread(name).and_then(|_| name.get(37..)) else { return false };
    let mut parts = rest.split(|b| *b == b'.');
    parts.next().is_some_and(is_number) && matches!(parts.next(), Some(b"sh" | b"ps1")) && parts.next().is_none()
}

/// Whether a name is one of Codex's own logs, also of one put aside: `codex-tui.log`, `codex-tui.log.1`.
pub fn is_log(name: &[u8]) -> bool {
    let rest = [&b"codex-tui.log"[..], b"codex-login.log"].iter().find_map(|log| name.strip_prefix(*log));
    rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix(b".").is_some_and(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf";

    #[test]
    fn a_rollout_is_told_by_its_name_with_its_id() {
        let name = |end: &str| format!("rollout-2026-11-21T20-20-58-{ID}{end}");
        assert_eq!(rollout(name(".jsonl").as_bytes()), Some((ID, false)));
        assert_eq!(rollout(name(".jsonl.zst").as_bytes()), Some((ID, true)));
        assert_eq!(rollout(name(".json").as_bytes()), Some((ID, false)));
        for other in [name(".json.zst"), name(".jsonl.zst.tmp"), name(".txt"), format!("{ID}.jsonl"), "rollout-.jsonl".into()] {
            assert_eq!(rollout(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn databases_snapshots_and_logs_are_told_by_the_whole_name() {
        for yes in ["state_5.sqlite", "state_12.sqlite-wal", "state_5.sqlite-shm"] {
            assert!(is_database(yes.as_bytes(), "state"), "{yes}");
        }
        for no in ["state.sqlite", "state_x.sqlite", "state_5.sqlite.bak", "my_state_5.sqlite", "state_5.sqlite-wal2"] {
            assert!(!is_database(no.as_bytes(), "state"), "{no}");
        }
        assert!(is_snapshot(format!("{ID}.1795292501177597380.sh").as_bytes()));
        assert!(!is_snapshot(format!("{ID}.backup.sh").as_bytes()) && !is_snapshot(b"deploy.sh"));
        assert!(is_log(b"codex-tui.log") && is_log(b"codex-tui.log.2") && !is_log(b"codex-tui.log.notes") && !is_log(b"mine.log"));
    }
}
