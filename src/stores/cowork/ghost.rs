//! Sessions that are there by half: by their record, their folder or their conversation alone.

use crate::model::Session;

/// What a session's notes say where the app skips its record.
pub(super) const SKIPPED: &str = "; the app skips it";
/// What they say of a folder whose record is gone.
pub(super) const NO_RECORD: &str = "a folder without a record; the app does not list it";
/// What they say of a record whose folder is gone.
pub(super) const NO_FOLDER: &str = "there is no folder to this record";
/// What they say where only the audit log has the conversation.
pub(super) const LOG_ONLY: &str = "the transcript is gone; the audit log is still there";
/// What they say where nothing has it.
pub(super) const SILENT: &str = "there is neither a transcript nor an audit log";

/// What is missing of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ghost {
    /// The app skips its record, and why.
    Dropped(String),
    /// There is no record, and a conversation in the folder.
    NoRecord,
    /// There is no folder.
    NoFolder,
    /// The transcript is gone.
    LogOnly,
    /// There is no conversation.
    Silent,
}

impl Ghost {
    /// The lower, the more is missing that can be had again.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Dropped(_) => 0,
            Self::NoRecord => 1,
            Self::NoFolder => 2,
            Self::LogOnly => 3,
            Self::Silent => 4,
        }
    }
}

/// What is missing of a session, where anything is.
pub fn ghost(session: &Session) -> Option<Ghost> {
    let says = |what: &str| session.notes.iter().any(|note| note == what);
    if let Some(why) = session.notes.iter().find_map(|note| note.strip_suffix(SKIPPED)) {
        return Some(Ghost::Dropped(why.to_owned()));
    }
    match () {
        () if says(SILENT) => Some(Ghost::Silent),
        () if says(NO_RECORD) => Some(Ghost::NoRecord),
        () if says(NO_FOLDER) => Some(Ghost::NoFolder),
        () if says(LOG_ONLY) => Some(Ghost::LogOnly),
        () => None,
    }
}
