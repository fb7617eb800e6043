//! What each place means: its class, why, and how it comes back.

use super::place::Place as P;
use crate::stores::Meaning;
use crate::stores::meanings::{again, at_risk};

/// What a place means.
pub fn meaning(place: P) -> Meaning {
    conversation(place)
        .or_else(|| databases(place))
        .or_else(|| runtime(place))
        .or_else(|| kept(place))
        .unwrap_or_else(|| at_risk("codex/unknown", "no rule knows this, so it counts as the only copy"))
}

fn conversation(place: P) -> Option<Meaning> {
    Some(match place {
        P::Rollout => at_risk("codex/rollout", "the conversation exists only in this file").copies(),
        P::Packed => at_risk("codex/rollout-packed", "the conversation, packed; Codex reads it where the file itself is gone").copies(),
        P::Stray => {
            at_risk("codex/sessions-unknown", "it lies among the conversations and no rule knows it, so it counts as the only copy")
                .copies()
        }
        P::History => at_risk("codex/history", "what you typed, and names you gave to sessions; Codex writes it nowhere else").with_tool(),
        P::Images => at_risk("codex/images", "an image Codex made for you").copies(),
        _ => return None,
    })
}

fn databases(place: P) -> Option<Meaning> {
    const LOGS: &str = "Codex goes on with a new one; the old lines do not come back";
    Some(match place {
        P::State => at_risk(
            "codex/state",
            "the list of sessions: Codex makes its rows from the conversations again, but titles, archived and pinned flags exist only here",
        )
        .with_tool(),
        P::ThreadHistory => at_risk(
            "codex/thread-history",
            "made from the conversations, to be read faster; nothing proves from here that it holds no more than they do",
        )
        .with_tool(),
        P::Goals => at_risk("codex/goals", "goals and queued messages exist only here").with_tool(),
        P::LogsUnproven => at_risk("codex/logs-unproven", "by its name a database of logs, but what is in it is not known").with_tool(),
        P::Logs => again("codex/logs", "a database of logs and nothing else (its tables were looked at); nothing reads it but support", LOGS)
            .group("logs")
            .with_tool(),
        _ => return None,
    })
}

fn runtime(place: P) -> Option<Meaning> {
    const STARTS: &str = "made again when Codex starts";
    Some(match place {
        P::LogFile => again(
            "codex/log",
            "a log of the terminal interface; nothing reads it but support",
            "a new log is written as you go on; the old lines do not come back",
        )
        .group("logs")
        .with_tool(),
        P::Snapshot => {
            again("codex/shell-snapshot", "how your shell was set up when a session started", "made again when a session starts")
                .group("runtime files")
                .with_tool()
        }
        P::StartedFile => again("codex/started", "a link to the program itself, left behind by a start that was killed", STARTS)
            .group("runtime files")
            .with_tool(),
        P::CloneFile => {
            again("codex/clone", "a clone without files that was begun and left behind", "Codex begins a new clone when it needs one")
                .group("runtime files")
                .with_tool()
        }
        P::Cache => again("codex/cache", "what the server said about models and versions", "fetched again when Codex starts")
            .group("runtime files")
            .with_tool(),
        P::LogFolder | P::Snapshots | P::Temporary | P::Started | P::Clone => {
            at_risk("codex/runtime-folder", "a folder Codex keeps working files in; only the names it gives are known")
        }
        P::Locks => at_risk("codex/locks-folder", "Codex tells here which sessions are being written").protected(),
        P::Lock => at_risk("codex/lock", "it tells whether a session is being written").protected(),
        _ => return None,
    })
}

/// Settings, memories and secrets: never selected.
fn kept(place: P) -> Option<Meaning> {
    Some(match place {
        P::Home | P::HomeWithLogs | P::Sessions | P::Archived => at_risk("codex/store-folder", "a folder Codex needs").protected(),
        P::Memory => at_risk("codex/memory", "what Codex was told to remember").protected(),
        P::Settings | P::Skills => at_risk("codex/settings", "settings, instructions, skills or plugins").protected(),
        P::SystemSkills => at_risk(
            "codex/system-skills",
            "skills that come with Codex; whether somebody changed one cannot be told, so they count as the only copy",
        )
        .with_tool(),
        P::Secret => at_risk("codex/secret", "a key or token; it stays where it is and out of backups").protected().secret(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Marks};

    #[test]
    fn every_place_says_why_and_every_rebuildable_one_how_it_comes_back_and_none_of_those_is_protected() {
        for place in P::ALL {
            let m = meaning(*place);
            assert!(m.verdict.evidence.iter().all(|e| e.rule.starts_with("codex/") && !e.says.is_empty()), "{place:?}");
            assert_eq!(m.verdict.class == Class::Rebuildable, m.verdict.comes_back.is_some(), "{place:?}");
            if m.verdict.class == Class::Rebuildable {
                assert!(!m.marks.has(Marks::PROTECTED) && !m.marks.has(Marks::SECRET) && !m.copies && m.live_with_tool, "{place:?}");
            }
        }
    }

    #[test]
    fn only_what_no_rule_names_falls_through_to_unknown() {
        let through: Vec<_> = P::ALL.iter().filter(|p| meaning(**p).verdict.evidence[0].rule == "codex/unknown").collect();
        assert_eq!(through, [&P::Unknown]);
    }
}
