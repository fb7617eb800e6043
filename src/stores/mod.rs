//! One file a tool: where its store is, what a session is, what each place in it means.
//!
//! To add a store: a file here with a [`Tool`] in it, and a line in [`TOOLS`].

use crate::model::{Kind, Marks, Session, Spot, Stop, Store, Verdict};
use crate::platform::Process;
use crate::world::World;
use std::path::PathBuf;

pub mod claude_code;
pub mod codex;
pub mod cowork;
mod distinct;
mod ends;
mod folders;
pub mod gemini;
mod meanings;
mod names;
pub mod opencode;
mod packed;
mod pids;
mod places;
mod text;
mod torn;
mod turn;

/// Every tool whose stores are looked for.
pub const TOOLS: &[&dyn Tool] =
    &[&cowork::Cowork, &claude_code::ClaudeCode, &opencode::Opencode, &codex::Codex, &gemini::Gemini, &packed::PackedHere];

/// The tool of a store with this name.
pub fn tool(name: &str) -> Option<&'static dyn Tool> {
    TOOLS.iter().copied().find(|t| t.name() == name)
}

/// What a place in a store's layout is, for the rules.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// What every file in this place is, before any content is looked at.
    pub verdict: Verdict,
    /// Protected, secret, or handled as one.
    pub marks: Marks,
    /// Whether the user's own work may lie here, so that rules for packages and caches are tried on its folders.
    pub work: bool,
    /// Whether a copy in the user's folders is looked for.
    pub copies: bool,
    /// Whether it is in use while the tool itself runs.
    pub live_with_tool: bool,
    /// A name for what lies here, for people (`plugin copies`); empty where the path says enough.
    pub group: &'static str,
}

/// A name that was just listed, with what is beside it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its bytes.
    pub name: &'a [u8],
    /// What sort of thing it is.
    pub kind: Kind,
    /// Every name in the same folder, itself included.
    pub beside: &'a [&'a [u8]],
}

/// What a store's discovery gives: the store, and its sessions as the records tell of them.
#[derive(Debug)]
pub struct Found {
    /// The store.
    pub store: Store,
    /// Its sessions; `store` in each is filled in by the catalogue.
    pub sessions: Vec<Session>,
    /// The spot of the store's root.
    pub root_spot: Spot,
    /// What could not be read on the way.
    pub errors: Vec<crate::model::ScanError>,
}

/// What stands inside a database: what a session has there, or what belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The database.
    pub database: PathBuf,
    /// The way to it inside, as paths say it after the `!`.
    pub inner: Vec<String>,
    /// The session's id; `None`: it belongs to none.
    pub session: Option<String>,
    /// Its bytes.
    pub bytes: u64,
    /// What place of the layout it is.
    pub spot: Spot,
}

/// Whether a file may be packed when it is old, and where its packed copy goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// It is not packed.
    Never,
    /// Beside it, under its name with `.zst`: the tool reads that where the file is gone.
    Beside,
    /// Where lifeboat keeps its own: the tool cannot read it, so that it must be unpacked first.
    Aside,
}

/// One tool that keeps sessions on disk.
pub trait Tool: Send + Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;
    /// What people call it; the folder of its durable copies.
    fn title(&self) -> &'static str;
    /// Its roots in this world, strongest override first; `given` are `--root` folders, each a store's root or a
    /// home-like folder to search. Roots that do not exist are left out.
    fn roots(&self, world: &World, given: &[PathBuf]) -> Vec<PathBuf>;
    /// Reads the records below one root: small files only, no walk of the sessions' content.
    fn read(&self, world: &World, root: &std::path::Path) -> Found;
    /// The spot of a name in a folder whose spot is known.
    fn child(&self, folder: Spot, seen: Seen<'_>) -> Spot;
    /// What a spot means.
    fn meaning(&self, spot: Spot) -> Meaning;
    /// Why the tool counts as running; `None` when it is known not to run.
    fn running(&self, world: &World, root: &std::path::Path) -> Option<String>;
    /// Where a turn of a session has begun and not ended (`the transcript`), by the ends of its files. One that crashed
    /// never ends, so that this counts only together with a change a moment ago.
    fn open_turn(&self, _root: &std::path::Path, _session: &Session) -> Option<String> {
        None
    }
    /// What tells that the tool is about to replace itself or what its sessions run in: each sign as a line, which another
    /// version changes or adds to, and what it says.
    fn coming(&self, _world: &World, _root: &std::path::Path) -> Vec<(String, &'static str)> {
        Vec::new()
    }
    /// Whether copies of its files are looked for in the folders bound to its sessions as well: where those are the user's
    /// projects, nothing of the tool's is kept there.
    fn keeps_in_bound(&self) -> bool {
        false
    }
    /// Whether a file in a place may be packed when it is old, and where its packed copy goes.
    fn packing(&self, _spot: Spot, _name: &[u8]) -> Packing {
        Packing::Never
    }
    /// The columns that hold tokens, of what is in a place where the tool keeps databases; `None`: it keeps none there.
    fn database(&self, _spot: Spot) -> Option<&'static crate::database::Scrub> {
        None
    }
    /// The place of the topmost folder inside a file that is a virtual machine's disk with homes of sessions, each called
    /// as [`Session::vm_name`] says; `None`: the file is none.
    fn disk(&self, _file: Spot) -> Option<Spot> {
        None
    }
    /// What a place on such a disk is where no session it belongs to is here.
    fn without_session(&self, spot: Spot) -> Spot {
        spot
    }
    /// What stands inside the databases of a root. It may read for seconds; nothing is written.
    fn inside(&self, _root: &std::path::Path, _sessions: &[Session], _stop: &Stop) -> Vec<Inside> {
        Vec::new()
    }
    /// Files whose names do not say whose they are, each with the id of the session that its database says it is of.
    fn owned(&self, _root: &std::path::Path, _sessions: &[Session], _stop: &Stop) -> Vec<(PathBuf, String)> {
        Vec::new()
    }
    /// What removes a thing from inside its databases, as a half sentence.
    fn inside_goes_by(&self, _spot: Spot) -> &'static str {
        "`lifeboat prune` removes a session from there"
    }
    /// Whether a process is the tool's own or a service of it.
    fn is_own(&self, _process: &Process) -> bool {
        false
    }
}
