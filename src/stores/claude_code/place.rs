//! The places of the layout, numbered as spots.

use crate::stores::places::places;

places! {
    /// A place in Claude Code's folder. A folder and what lies in it are two places wherever their meaning differs.
    Place {
        /// What no rule knows.
        Unknown,
        /// The folder itself.
        Root,
        /// `projects`.
        Projects,
        /// `projects/<slug>`.
        Slug,
        /// `<uuid>.jsonl`.
        Transcript,
        /// `<uuid>`, what belongs to a session beside its transcript.
        Beside,
        /// A helper's conversation: in `subagents`, or an older one beside the transcripts.
        Helper,
        /// Tool results too long for the transcript.
        ToolResult,
        /// What no rule knows among what belongs to sessions.
        Stray,
        /// What Claude was told to remember.
        Memory,
        /// `sessions-index.json` of older versions.
        Index,
        /// `file-history` and its folders.
        FileHistoryFolder,
        /// An earlier version of an edited file.
        FileHistory,
        /// `history.jsonl`.
        History,
        /// Pasted text and images.
        Paste,
        /// Plans.
        Plan,
        /// Task lists, todo lists, teams, background work.
        Task,
        /// Files sent from elsewhere, and what was made for one session.
        Upload,
        /// `debug`.
        Debug,
        /// A debug log, or the link to the latest.
        DebugLog,
        /// `shell-snapshots`.
        Snapshots,
        /// `session-env`.
        SessionEnv,
        /// `session-env/<uuid>`.
        SessionEnvOf,
        /// `statsig`.
        Statsig,
        /// `cache`.
        Cache,
        /// A file the client makes again.
        RuntimeFile,
        /// A snapshot of a shell, in use while the client runs.
        Snapshot,
        /// `sessions`: which processes run.
        Pids,
        /// `sessions/<pid>.json`.
        PidFile,
        /// Numbers about use, reports of it.
        Usage,
        /// What is sent to the vendor, or was to be.
        Report,
        /// The security plugin's notes.
        Security,
        /// Settings, and when the last sweep was.
        Settings,
        /// Instructions, agents, skills, commands, hooks and the like.
        Config,
        /// `plugins`.
        Plugins,
        /// The program itself.
        Program,
        /// Tokens and keys, and files that hold them.
        Secret,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Spot;

    #[test]
    fn every_place_comes_back_from_its_spot() {
        assert!(Place::ALL.iter().all(|p| Place::of(p.spot()) == *p));
        assert_eq!(Place::of(Spot(255)), Place::Unknown);
    }
}
