//! What happens to the interface, and what it asks for.

use super::confirm::Confirmed;
use super::marks::Chosen;
use super::reader::desk::{Ask, News};
use crate::find::Query;
use crate::model::{Catalog, Operation, Plan, Progress, SessionIx};
use crate::rescue::Rescue;
use crate::scan::Phase;
use crate::tending::{Proposal, Verb};
use crate::tested::Tested;
use jiff::Timestamp;
use ratatui::crossterm::event::{KeyEvent, MouseEvent};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened. Moments are time since the start, so that tests can choose them.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent, Duration),
    /// The mouse did something.
    Mouse(MouseEvent, Duration),
    /// Text was pasted.
    Paste(Duration),
    /// The terminal has this size now.
    Resize(u16, u16),
    /// Time passed; the second is the time of day.
    Tick(Duration, Timestamp),
    /// The first scan stands here; what it found is in the catalogue already.
    Scanned(Phase, Duration),
    /// A new scan stands here; what was found before is still shown.
    Rescanning(Phase),
    /// A new scan is done and this is what it found.
    Rescanned(Arc<Catalog>),
    /// A deed stands here.
    Progress(Progress),
    /// A deed ended.
    Finished(Outcome),
    /// A plan was made, or why none could be.
    Planned(Result<Plan, String>),
    /// A plan in three columns was made, or why none could be.
    Rescued(Result<Rescue, String>),
    /// It is known what would be done to sessions, or why nothing can be.
    Proposed(Result<Proposal, String>),
    /// News of the search in every conversation.
    Seek(crate::find::News),
    /// A page was written: its heading and its text, or why there is none.
    Page(&'static str, Result<String, String>),
    /// This (the plan, the list) was written to this file.
    Wrote(&'static str, Result<PathBuf, String>),
    /// What is in the journal.
    History(Result<Vec<Operation>, String>),
    /// What came of tests of environments, as the durable folders tell it.
    Tested(Tested),
    /// Bytes free and in all on the disk.
    Free(Option<(u64, u64)>),
    /// Bytes free where a plan's backup goes.
    Room(Option<u64>),
    /// The terminal has the focus now, or lost it.
    Focus(bool),
    /// A preview, with the ticket it was asked for under.
    Preview(u64, super::preview::Preview),
    /// News of the conversation that was opened under this number.
    Reader(u64, News),
    /// An interrupted run was mended.
    Recovered(Vec<String>),
    /// What went from the vault because it was old enough.
    Expired(String),
}

/// Something the runner is asked to do.
#[derive(Debug)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Give the terminal back until the shell says otherwise.
    Suspend,
    /// Draw everything again.
    Repaint,
    /// Stop the scan, keeping what it found.
    StopScan,
    /// Scan again.
    Rescan,
    /// Stop the deed that runs.
    StopWork,
    /// Make a plan of this.
    Plan(Vec<Chosen>),
    /// Make a plan in three columns of this.
    Rescue(Vec<Chosen>),
    /// Make a plan of the pieces of the virtual machine that come back by themselves.
    Machine,
    /// Say what this would do to these sessions.
    Propose(Verb, Vec<SessionIx>),
    /// Ask for something of the search in every conversation.
    Seek(Sought),
    /// Write the brief of these sessions.
    Brief(Vec<SessionIx>),
    /// Write a plan to a file.
    WritePlan(Box<Plan>),
    /// Read the journal.
    History,
    /// Ask for the free space.
    Free,
    /// Ask for the free space where a plan's backup goes.
    Room(PathBuf),
    /// Tell somebody who looks elsewhere that long work ended.
    Notify(String),
    /// Write lines to a file.
    WriteList(Vec<String>),
    /// Load a preview.
    Preview(super::preview::Request),
    /// Ask for something of the conversation that is open under this number.
    Read(u64, Ask),
    /// Put text on the clipboard.
    Clip(String),
    /// Begin a deed that destroys nothing.
    Start(Deed),
    /// Carry out what was confirmed.
    Carry(Confirmed),
}

/// What the search in every conversation asks for.
#[derive(Debug)]
pub enum Sought {
    /// Begin.
    Open,
    /// Where this stands.
    Ask(Box<Query>),
    /// Nothing more.
    Close,
}

/// A deed that destroys nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Put back the last operation that stands, or this one.
    Undo(Option<String>),
    /// Write the durable folders of these sessions.
    Export(Vec<SessionIx>),
    /// Copy these sessions' at-risk files to their durable folders.
    Flush(Vec<SessionIx>),
    /// Back everything up that is not rebuildable.
    Backup,
    /// Put these sessions away in their own tools.
    Archive(Vec<SessionIx>),
    /// Bring these archived sessions back.
    Unarchive(Vec<SessionIx>),
}

/// How a deed ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What to say.
    pub line: String,
    /// Whether it did what it was asked to.
    pub good: bool,
    /// Whether the stores may look different now.
    pub changed: bool,
    /// What was left out or failed: where, and why.
    pub problems: Vec<(String, String)>,
}
