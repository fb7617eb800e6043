//! The places of the layout, numbered as spots.

use crate::stores::places::places;

places! {
    /// A place in Codex's folder.
    Place {
        /// What no rule knows.
        Unknown,
        /// The folder itself.
        Home,
        /// The folder itself, where every database of logs in it was found to hold nothing else.
        HomeWithLogs,
        /// `sessions`, and the folders of its years, months and days.
        Sessions,
        /// `archived_sessions`.
        Archived,
        /// A conversation.
        Rollout,
        /// A conversation, packed.
        Packed,
        /// What no rule knows, among the conversations.
        Stray,
        /// `history.jsonl`, `session_index.jsonl` and what else the user typed.
        History,
        /// `state_<n>.sqlite`.
        State,
        /// `thread_history_<n>.sqlite`.
        ThreadHistory,
        /// `goals_<n>.sqlite`, `queue_<n>.sqlite`.
        Goals,
        /// `memories_<n>.sqlite`, `memories`.
        Memory,
        /// `logs_<n>.sqlite` that is not known to hold logs alone.
        LogsUnproven,
        /// `logs_<n>.sqlite`.
        Logs,
        /// `log`.
        LogFolder,
        /// A log.
        LogFile,
        /// `generated_images`.
        Images,
        /// `shell_snapshots`.
        Snapshots,
        /// `shell_snapshots/<thread>.<nanoseconds>.sh`.
        Snapshot,
        /// `thread-writer-locks`.
        Locks,
        /// A lock.
        Lock,
        /// Settings, instructions, skills, plugins.
        Settings,
        /// Keys and tokens.
        Secret,
        /// `skills`.
        Skills,
        /// `skills/.system`.
        SystemSkills,
        /// `.tmp`, `tmp` and the folder of started programs.
        Temporary,
        /// `tmp/arg0…/codex-arg0…`.
        Started,
        /// What Codex makes there at its start.
        StartedFile,
        /// `.tmp/git-…`: a clone that was begun.
        Clone,
        /// What git makes there.
        CloneFile,
        /// Files fetched again at the next start.
        Cache,
    }
}
