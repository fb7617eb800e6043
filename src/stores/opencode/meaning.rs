//! What each place means: its class, why, and how it comes back.

use super::place::Place as P;
use crate::stores::Meaning;
use crate::stores::meanings::{again, at_risk};

/// What a place means.
pub fn meaning(place: P) -> Meaning {
    match place {
        P::Unknown => at_risk("opencode/unknown", "no rule knows this, so it counts as the only copy"),
        P::Root | P::Storage => at_risk("opencode/store-folder", "a folder opencode needs").protected(),
        P::Database => at_risk(
            "opencode/database",
            "every session is in this database, of which the -wal is a part, and often the larger one; `prune`, `reclaim` and `vacuum` make it smaller",
        )
        .protected()
        .with_tool(),
        P::Secret => at_risk("opencode/secret", "a token or key; it stays where it is and out of backups").protected().secret(),
        P::Migration => {
            at_risk("opencode/migration", "it says how far these files are migrated; without it opencode reads them as older than they are").protected()
        }
        P::ProjectTop | P::SessionTop | P::SessionProject | P::MessageTop | P::PartTop | P::TodoTop | P::DiffTop => {
            at_risk("opencode/storage-folder", "a folder opencode keeps sessions in").protected()
        }
        P::ShareTop => at_risk("opencode/share", "keys of shared sessions").protected().secret(),
        P::ProjectFile => at_risk("opencode/project", "it says which folder a project is").with_tool(),
        P::SessionFile | P::MessageFile | P::MessageFolder | P::PartFile | P::PartFolder => at_risk(
            "opencode/json",
            "a session as a file; releases from 1.18 on take nothing over from here, so it may be the only copy",
        )
        .with_tool(),
        P::TodoFile => at_risk("opencode/todo", "a session's list").with_tool(),
        P::DiffFile => at_risk(
            "opencode/session-diff",
            "what a session changed in files, to be shown; it cannot be made again once the snapshots are gone",
        )
        .with_tool(),
        P::Snapshots | P::Repository => at_risk("opencode/snapshot-folder", "undo and revert of sessions rest on it").with_tool(),
        P::GitObjects | P::GitPacks => at_risk("opencode/snapshot-folder", "undo and revert of sessions rest on it").with_tool().work(),
        P::GitFile => at_risk("opencode/snapshot", "files as they were before a session changed them; undo and revert rest on it").with_tool(),
        P::OutputTop => at_risk("opencode/output-folder", "the folder of outputs that were cut").protected(),
        P::Output => at_risk(
            "opencode/tool-output",
            "the whole of an output of which the conversation holds the first part; opencode removes it after 7 days",
        )
        .copies(),
        P::LogTop => at_risk("opencode/log-folder", "the folder of logs").protected(),
        P::Log => again(
            "opencode/log",
            "a log, by a name only opencode gives; nothing reads it but support",
            "a new log is written at the next start; the old lines do not come back",
        )
        .group("logs")
        .with_tool(),
        P::Bin => at_risk("opencode/bin", "programs opencode fetched; whether they can be had again cannot be told from here").with_tool(),
        P::Repos => at_risk("opencode/repos", "a folder of opencode's that is not known well enough").with_tool(),
        P::Oldest => at_risk("opencode/oldest", "sessions of the first releases; no later one reads them"),
        P::Row => at_risk("opencode/row", "a session's messages, in the database; `prune` removes a session with all that belongs to it"),
        P::Replaced => again(
            "opencode/replaced-events",
            "earlier states of messages and parts: every text in them stands in the newer event of the same; `reclaim` takes them",
            "the newer event is kept and holds their whole text",
        )
        .group("events"),
        P::Superseded => at_risk(
            "opencode/superseded-events",
            "earlier states of messages and parts, which opencode reads no more; that the newer one holds their whole text is not proven;              `reclaim` takes them and keeps them",
        ),
        P::PutAside => at_risk(
            "opencode/compacted-outputs",
            "outputs that opencode put aside: it sends them to no model, and still shows them; `reclaim` takes them and keeps them",
        ),
        P::Orphan => at_risk(
            "opencode/orphans",
            "rows whose session or message is gone: opencode shows them nowhere; `reclaim --orphans` takes them and keeps them",
        ),
        P::FreePages => again(
            "opencode/free-pages",
            "pages of the database that hold no row; `vacuum` gives them back",
            "nothing is in them, and SQLite makes pages as it needs them",
        )
        .group("free pages"),
    }
}
