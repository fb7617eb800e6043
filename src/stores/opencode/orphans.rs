//! Rows whose session or message is gone: opencode shows them nowhere, and nothing of its own removes them.

use crate::database::Schema;

/// Tables with rows of sessions, and the column that names the session. `session` and `session_v2` are not among them.
const OF_SESSIONS: [(&str, &str); 13] = [
    ("event", "aggregate_id"),
    ("event_sequence", "aggregate_id"),
    ("part", "session_id"),
    ("todo", "session_id"),
    ("session_share", "session_id"),
    ("session_message", "session_id"),
    ("session_input", "session_id"),
    ("session_context_epoch", "session_id"),
    ("session_inbox", "session_id"),
    ("session_pending", "session_id"),
    ("instruction_entry", "session_id"),
    ("instruction_state", "session_id"),
    ("message", "session_id"),
];

/// A table, the column of it that names a session, and the condition for rows whose session or message is gone.
pub struct Orphaned {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub by: &'static str,
    /// The condition, as SQL takes it.
    pub gone: String,
}

/// The tables of a database that may have such rows. None where it has no table of sessions: then nothing can be told.
pub fn orphaned(schema: &Schema) -> Vec<Orphaned> {
    let tops = ["session", "session_v2"].into_iter().filter(|top| schema.has_all(top, &["id"]));
    let sessions = tops.map(|top| format!("SELECT id FROM {top}")).collect::<Vec<_>>().join(" UNION ALL ");
    if sessions.is_empty() {
        return Vec::new();
    }
    let there = OF_SESSIONS.into_iter().filter(|(table, by)| schema.has_all(table, &[by]));
    let of = |(table, by): (&'static str, &'static str)| {
        // A part is shown with its message, whatever it says of its session itself.
        let by_message = table == "part" && schema.has_all("part", &["message_id"]) && schema.has_all("message", &["id", "session_id"]);
        let gone = if by_message {
            format!("message_id NOT IN (SELECT id FROM message WHERE session_id IN ({sessions}))")
        } else {
            format!("{by} NOT IN ({sessions})")
        };
        Orphaned { table, by, gone }
    };
    there.map(of).collect()
}
