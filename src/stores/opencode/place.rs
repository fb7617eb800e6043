//! The places of opencode's data folder, numbered as spots.

use crate::stores::places::places;

places! {
    /// A place in opencode's data folder. A folder and what lies in it are two places wherever their meaning differs.
    Place {
    /// What no rule knows.
    Unknown,
    /// The data folder.
    Root,
    /// A database, and the files beside it.
    Database,
    /// Tokens.
    Secret,
    /// `storage`.
    Storage,
    /// `storage/migration`: how far the files are migrated.
    Migration,
    /// `storage/project` and `storage/permission`.
    ProjectTop,
    /// What lies in those.
    ProjectFile,
    /// `storage/session` and its folders, one a project.
    SessionTop,
    /// `storage/session/<project>`.
    SessionProject,
    /// A session's own file.
    SessionFile,
    /// `storage/message`.
    MessageTop,
    /// `storage/message/<session>`.
    MessageFolder,
    /// A message.
    MessageFile,
    /// `storage/part`.
    PartTop,
    /// `storage/part/<message>`.
    PartFolder,
    /// A part of a message.
    PartFile,
    /// `storage/todo`.
    TodoTop,
    /// A session's list.
    TodoFile,
    /// `storage/session_diff`.
    DiffTop,
    /// What a session changed, as diffs.
    DiffFile,
    /// `storage/session_share`.
    ShareTop,
    /// `snapshot`.
    Snapshots,
    /// A snapshot's repository.
    Repository,
    /// What lies in a snapshot's repository.
    GitFile,
    /// `objects` of a snapshot's repository.
    GitObjects,
    /// `objects/pack`.
    GitPacks,
    /// `tool-output`.
    OutputTop,
    /// The whole of an output that was cut.
    Output,
    /// `log`.
    LogTop,
    /// A log.
    Log,
    /// `bin`.
    Bin,
    /// `repos`.
    Repos,
    /// `project`: files of the first releases.
    Oldest,
    /// The rows of a session in a database.
    Row,
    /// Events of a database whose whole text newer ones hold.
    Replaced,
    /// Events that newer ones replaced, of which that is not proven.
    Superseded,
    /// Outputs in a database that opencode put aside.
    PutAside,
    /// Rows whose session or message is gone.
    Orphan,
    /// Pages of a database that hold nothing.
    FreePages,
    }
}
