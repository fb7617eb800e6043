//! What each place means: its class, why, and how it comes back.

use super::place::Place as P;
use crate::stores::Meaning;
use crate::stores::meanings::{again, at_risk};

/// What a place means.
pub fn meaning(place: P) -> Meaning {
    match place {
        P::Unknown => at_risk("gemini/unknown", "no rule knows this, so it counts as the only copy"),
        P::Stray => {
            at_risk("gemini/project-unknown", "it lies in a project's folder and no rule knows it, so it counts as the only copy").copies()
        }
        P::Chat => at_risk("gemini/chat", "the conversation exists only in this file").copies(),
        P::AgentChat => at_risk("gemini/agent-chat", "a sub-agent's conversation exists only here").copies(),
        P::Log => at_risk("gemini/log", "what you typed, and what was logged of it").copies(),
        P::ToolOutput => {
            at_risk("gemini/tool-output", "the full text of a long output; the conversation may hold only a part of it").copies()
        }
        P::SessionFile => at_risk("gemini/session-file", "plans and tasks of a session").copies(),
        P::Checkpoint => at_risk("gemini/checkpoint", "a conversation you saved").copies(),
        P::History => {
            at_risk("gemini/history", "earlier versions of files Gemini edited; without them its edits cannot be undone").with_tool()
        }
        P::Program => {
            again("gemini/program", "a program Gemini fetched, by the one name it gives there", "fetched again when Gemini needs it")
                .group("runtime files")
                .with_tool()
        }
        P::Bin => at_risk("gemini/program-folder", "a folder of programs Gemini fetched; only the names it gives are known"),
        P::Memory => at_risk("gemini/memory", "what Gemini was told to remember").protected(),
        P::Registry => at_risk("gemini/registry", "it tells which folder belongs to which project").protected(),
        P::Settings => at_risk("gemini/settings", "settings, instructions, commands or extensions").protected(),
        P::Secret => at_risk("gemini/secret", "a key or token; it stays where it is and out of backups").protected().secret(),
        P::Home | P::Tmp | P::Project | P::Chats => at_risk("gemini/store-folder", "a folder Gemini needs").protected(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Marks};

    #[test]
    fn every_place_says_why_and_only_what_gemini_fetched_is_rebuildable() {
        for place in P::ALL {
            let m = meaning(*place);
            assert!(m.verdict.evidence.iter().all(|e| e.rule.starts_with("gemini/") && !e.says.is_empty()), "{place:?}");
            assert_eq!(m.verdict.class == Class::Rebuildable, *place == P::Program, "{place:?}");
            assert_eq!(m.verdict.class == Class::Rebuildable, m.verdict.comes_back.is_some(), "{place:?}");
            assert!(!m.marks.has(Marks::SECRET) || m.marks.has(Marks::PROTECTED), "{place:?}");
        }
    }
}
