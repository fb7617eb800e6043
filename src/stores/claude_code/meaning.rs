//! What each place means: its class, why, and how it comes back.
//!
//! "The vendor says" is its own table of what is lost by removing what (code.claude.com/docs/en/claude-directory).

use super::place::Place as P;
use crate::stores::Meaning;
use crate::stores::meanings::{again, at_risk};

/// What a place means.
pub fn meaning(place: P) -> Meaning {
    conversation(place).or_else(|| runtime(place)).or_else(|| kept(place)).unwrap_or_else(unknown)
}

fn unknown() -> Meaning {
    at_risk("claude-code/unknown", "no rule knows this, so it counts as the only copy")
}

/// The user's conversations and what belongs to them. Claude Code removes most of it by itself when it gets old.
fn conversation(place: P) -> Option<Meaning> {
    Some(match place {
        P::Transcript => at_risk(
            "claude-code/transcript",
            "the conversation exists only in this file; the vendor says: without it the session cannot be resumed, continued or rewound",
        )
        .copies(),
        P::Beside => at_risk("claude-code/session-folder", "what belongs to a session beside its transcript"),
        P::Helper => at_risk("claude-code/subagent", "the conversation of a helper that the session started").copies(),
        P::ToolResult => {
            at_risk("claude-code/tool-result", "a tool's answer, too long for the transcript, which holds only its beginning").copies()
        }
        P::Stray => at_risk(
            "claude-code/session-unknown",
            "it lies among what belongs to sessions and no rule knows it, so it counts as the only copy",
        )
        .copies(),
        P::Index => at_risk("claude-code/index", "an older version's list of sessions; it may tell of some whose transcripts are gone"),
        P::FileHistoryFolder => at_risk("claude-code/file-history-folder", "the folder of the versions that a session can go back to"),
        P::FileHistory => at_risk(
            "claude-code/file-history",
            "an earlier version of a file the session edited; the vendor says: without it no checkpoint comes back",
        )
        .copies(),
        P::History => {
            at_risk("claude-code/history", "every prompt that was typed; the vendor says: without it none is recalled by the up arrow")
                .with_tool()
        }
        P::Paste => at_risk("claude-code/paste", "text or a picture that was pasted; prompts only refer to it").copies(),
        P::Plan => at_risk("claude-code/plan", "a plan that was made with you; nothing makes it again").copies(),
        P::Task => at_risk("claude-code/task", "lists and work of a session; they belong to the conversation").copies(),
        P::Upload => at_risk("claude-code/upload", "a file that was sent to a session or made for it").copies(),
        P::Security => at_risk("claude-code/security", "what a session was warned of and when").copies(),
        _ => return None,
    })
}

/// What the client makes by itself.
fn runtime(place: P) -> Option<Meaning> {
    Some(match place {
        P::Debug | P::Snapshots | P::SessionEnv | P::SessionEnvOf | P::Statsig | P::Cache => {
            at_risk("claude-code/runtime-folder", "a folder for small working files; only the names the client gives are known")
        }
        P::RuntimeFile => working_file(),
        P::Snapshot => working_file().with_tool(),
        P::DebugLog => again(
            "claude-code/debug-log",
            "a debug log of one session; the vendor says: nothing you see is lost with it",
            "a new log is written when debugging is on; the old lines do not come back",
        )
        .group("debug logs"),
        P::Pids => at_risk("claude-code/pids-folder", "the client tells here which of its processes run").protected(),
        P::PidFile => at_risk("claude-code/pid", "it tells whether a session runs").protected(),
        P::Usage => {
            at_risk("claude-code/usage", "numbers and reports of your use; the vendor says: without them the totals of /usage are lost")
        }
        P::Report => at_risk("claude-code/report", "what was made for the vendor and may still be sent; nothing proves that it comes back"),
        _ => return None,
    })
}

fn working_file() -> Meaning {
    again(
        "claude-code/runtime",
        "a working file of the client by a name only it gives; the vendor says: nothing you see is lost with it",
        "made again when a session starts",
    )
    .group("runtime files")
}

/// Settings, memory and secrets: never selected.
fn kept(place: P) -> Option<Meaning> {
    const LEFT: &str = "the vendor says: do not delete";
    Some(match place {
        P::Root => at_risk("claude-code/folder", "Claude Code's own folder").protected(),
        P::Projects | P::Slug => {
            at_risk("claude-code/projects-folder", "the folder of the conversations of one or all projects").protected()
        }
        P::Memory => at_risk("claude-code/memory", "what Claude was told to remember; it outlives every session").protected(),
        P::Settings => at_risk("claude-code/settings", LEFT).protected(),
        P::Config => at_risk("claude-code/config", "instructions, agents, skills or commands of yours").protected(),
        P::Plugins => at_risk("claude-code/plugins", LEFT).protected(),
        P::Program => at_risk("claude-code/program", "the program itself, installed here").protected(),
        P::Secret => at_risk("claude-code/secret", "it holds a token or key; it stays where it is and out of backups").protected().secret(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Marks};

    #[test]
    fn every_place_says_why_and_every_rebuildable_one_how_it_comes_back() {
        for place in P::ALL {
            let m = meaning(*place);
            assert!(m.verdict.evidence.iter().all(|e| e.rule.starts_with("claude-code/") && !e.says.is_empty()), "{place:?}");
            assert_eq!(m.verdict.class == Class::Rebuildable, m.verdict.comes_back.is_some(), "{place:?}");
        }
    }

    #[test]
    fn only_debug_logs_and_working_files_are_rebuildable_and_nothing_protected_is() {
        let again: Vec<_> = P::ALL.iter().filter(|p| meaning(**p).verdict.class == Class::Rebuildable).collect();
        assert_eq!(again, [&P::DebugLog, &P::RuntimeFile, &P::Snapshot]);
        assert!(again.iter().all(|p| !meaning(**p).marks.has(Marks::PROTECTED)));
    }

    #[test]
    fn only_what_no_rule_names_falls_through_to_unknown() {
        let through: Vec<_> = P::ALL.iter().filter(|p| meaning(**p).verdict.evidence[0].rule == "claude-code/unknown").collect();
        assert_eq!(through, [&P::Unknown]);
    }
}
