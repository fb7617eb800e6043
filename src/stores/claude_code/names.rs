//! Shapes of names that the client gives.

use crate::stores::names::{ends, is_uuid};

/// Whether a file's name is a session's transcript: `<uuid>.jsonl`.
pub fn is_transcript(name: &[u8]) -> bool {
    name.strip_suffix(b".jsonl").is_some_and(is_uuid)
}

/// Whether a file's name is a helper's conversation: `agent-<id>.jsonl`, or what is told of it beside.
pub fn is_helper(name: &[u8]) -> bool {
    name.strip_prefix(b"agent-").is_some_and(|rest| ends(rest, &[".jsonl", ".meta.json"]))
}

/// The first UUID in a name.
pub fn uuid_in(name: &[u8]) -> Option<&str> {
    let found = name.windows(36).find(|w| is_uuid(w))?;
    std::str::from_utf8(found).ok()
}

/// Whether a file's name is a snapshot of a shell: `snapshot-<shell>-<milliseconds>-<six>.sh`.
pub fn is_snapshot(name: &[u8]) -> bool {
    let Some(stem) = name.strip_prefix(b"snapshot-").and_then(|n| n.strip_suffix(b".sh")) else { return false };
    let parts: Vec<&[u8]> = stem.split(|b| *b == b'-').collect();
    let [shell, when, random] = parts.as_slice() else { return false };
    let all = |part: &[u8], test: fn(&u8) -> bool| !part.is_empty() && part.iter().all(test);
    all(shell, u8::is_ascii_alphanumeric) && when.len() >= 10 && all(when, u8::is_ascii_digit) && all(random, u8::is_ascii_alphanumeric)
}

/// Whether a file's name is what a hook set for a session: `sessionstart-hook-0.sh`.
pub fn is_hook_env(name: &[u8]) -> bool {
    let Some(stem) = name.strip_suffix(b".sh") else { return false };
    let Some(at) = stem.windows(6).position(|w| w == b"-hook-") else { return false };
    let (event, number) = (&stem[..at], &stem[at + 6..]);
    let all = |part: &[u8], test: fn(&u8) -> bool| !part.is_empty() && part.iter().all(test);
    all(event, u8::is_ascii_lowercase) && all(number, u8::is_ascii_digit)
}

/// Whether a file's name is one that statsig gave: `statsig.cached.evaluations.<hash>`.
pub fn is_statsig(name: &[u8]) -> bool {
    const OWN: [&str; 5] = ["cached.evaluations", "session_id", "stable_id", "last_modified_time", "failed_logs"];
    let rest = name.strip_prefix(b"statsig.").unwrap_or_default();
    OWN.iter().any(|own| rest.strip_prefix(own.as_bytes()).is_some_and(|more| more.is_empty() || more.starts_with(b".")))
}

/// Whether a file's name is a debug log of one session: `<uuid>.txt`.
pub fn is_debug_log(name: &[u8]) -> bool {
    name.strip_suffix(b".txt").is_some_and(is_uuid)
}

/// Whether a file's name is a checkpoint of an edited file: `<hash>@v<number>`.
pub fn is_checkpoint(name: &[u8]) -> bool {
    let mut parts = name.rsplitn(2, |b| *b == b'@');
    let (version, hash) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let number = version.strip_prefix(b"v").unwrap_or_default();
    !hash.is_empty() && hash.iter().all(u8::is_ascii_hexdigit) && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "06698a9f-bbd9-4f26-bf74-f670b12bf058";

    #[test]
    fn names_the_client_gives_are_told_from_those_of_people() {
        assert!(is_transcript(format!("{ID}.jsonl").as_bytes()) && !is_transcript(b"notes.jsonl"));
        assert!(is_snapshot(b"snapshot-bash-1795292443717-mzpbaz.sh") && !is_snapshot(b"snapshot-of-my-work.sh"));
        assert!(is_hook_env(b"sessionstart-hook-0.sh") && !is_hook_env(b"deploy-hook-prod.sh") && !is_hook_env(b"my.sh"));
        assert!(is_statsig(b"statsig.session_id.2656274335") && !is_statsig(b"statsig.notes.md") && !is_statsig(b"notes"));
        assert!(is_debug_log(format!("{ID}.txt").as_bytes()) && !is_debug_log(b"thesis.txt"));
        assert!(is_checkpoint(b"f54df42013f7749a@v3") && !is_checkpoint(b"photo@v2.png") && !is_checkpoint(b"notes@v1"));
        assert!(is_helper(b"agent-ad0f9d0b644b48df4.jsonl") && is_helper(b"agent-a.meta.json") && !is_helper(b"agent.jsonl"));
    }

    #[test]
    fn the_first_uuid_in_a_name_is_the_sessions() {
        let other = "da3d4075-d518-47d2-8f87-31cc56c1ae52";
        assert_eq!(uuid_in(format!("{ID}-agent-{other}.json").as_bytes()), Some(ID));
        assert_eq!(uuid_in(format!("1p_failed_events.{ID}.{other}.json").as_bytes()), Some(ID));
        assert_eq!(uuid_in(b"notes.json"), None);
    }
}
