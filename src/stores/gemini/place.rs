//! The places of the layout, numbered as spots.

use crate::stores::places::places;

places! {
    /// A place in Gemini's folder.
    Place {
        /// What no rule knows.
        Unknown,
        /// The folder itself.
        Home,
        /// `tmp`.
        Tmp,
        /// `tmp/<project>`.
        Project,
        /// What no rule knows, in a project's folder.
        Stray,
        /// `chats`.
        Chats,
        /// A conversation.
        Chat,
        /// A sub-agent's conversation, in `chats/<session>`.
        AgentChat,
        /// `logs`, `logs.json`, what was typed into the shell.
        Log,
        /// Full texts of long outputs.
        ToolOutput,
        /// `tmp/<project>/<session>`: plans, tasks.
        SessionFile,
        /// Conversations saved by name.
        Checkpoint,
        /// What Gemini was told to remember.
        Memory,
        /// `.project_root`, `projects.json`.
        Registry,
        /// `tmp/bin`.
        Bin,
        /// A program Gemini fetched.
        Program,
        /// `history`: a repository for each project, to undo what was edited.
        History,
        /// Settings, commands, extensions.
        Settings,
        /// Keys and tokens.
        Secret,
    }
}
