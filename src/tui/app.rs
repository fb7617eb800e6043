//! The state of the interface: plain data.

use super::Options;
use super::confirm::tend::TendScreen;
use super::confirm::three::ThreeScreen;
use super::confirm::{PlanScreen, PurgeScreen};
use super::filter::Filter;
use super::index::{GroupOf, Index, group_of};
use super::key::{Key, Labels};
use super::marks::Marked;
use super::msg::Deed;
use super::preview::Preview;
use super::reader::Reading;
use super::rows::Source;
use super::seek::Seek;
use super::theme::Theme;
use super::tree::Tree;
use crate::model::{Catalog, Operation, Progress};
use crate::scan::Phase;
use crate::tested::Tested;
use crate::world::World;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tui_input::Input;

/// Which half of the main screen has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The tree.
    Tree,
    /// What is known about the row.
    Detail,
}

/// What lies over the main screen.
#[derive(Debug)]
pub enum Screen {
    /// Nothing.
    Main,
    /// The plan, before anything happens.
    Plan(Box<PlanScreen>),
    /// The plan in three columns, before anything happens.
    Three(Box<ThreeScreen>),
    /// What makes sessions take less room, before anything happens.
    Tend(Box<TendScreen>),
    /// Emptying the vault, before anything happens.
    Purge(PurgeScreen),
    /// A deed that destroys nothing, with where it writes.
    Ask(Ask),
    /// Every operation so far.
    History(usize),
    /// What could not be read or done.
    Errors(usize),
    /// What is marked.
    Marks(usize),
    /// Every key; how far it is scrolled, and what it is narrowed to.
    Help(usize, Option<Input>),
    /// Every command by name.
    Palette(Input, usize),
    /// A conversation.
    Reader,
    /// What is known of that conversation.
    About(usize),
    /// A page of text.
    Page(Page),
    /// The search in every conversation.
    Seek,
}

/// A page of text that was made for reading.
#[derive(Debug)]
pub struct Page {
    /// What it is, as a heading.
    pub title: String,
    /// The text; lines that begin with `#` are headings.
    pub text: String,
    /// How far it is scrolled.
    pub at: usize,
}

/// A deed that destroys nothing, before it begins.
#[derive(Debug)]
pub struct Ask {
    /// The deed.
    pub deed: Deed,
    /// What it is, as a heading.
    pub title: String,
    /// What it will do and where.
    pub says: Vec<String>,
}

/// A deed that runs.
#[derive(Debug)]
pub struct Work {
    /// How far it is.
    pub progress: Progress,
    /// When it began.
    pub since: Duration,
    /// Whether it was asked to stop.
    pub stopping: bool,
}

/// A short notice.
#[derive(Debug)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Whether it warns.
    pub loud: bool,
    /// When it goes away.
    pub until: Duration,
}

/// The whole state.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each its own")]
pub struct App {
    /// What was found. Shared with deeds; while a scan runs nobody else holds it.
    pub catalog: Arc<Catalog>,
    /// Where sessions and groups begin in it.
    pub index: Index,
    /// Names of groups.
    pub labels: Labels,
    /// How groups are named.
    pub group_of: GroupOf,
    /// Home and folders, for shortening and destinations.
    pub world: World,
    /// Folders that are searched.
    pub roots: Vec<std::path::PathBuf>,
    /// How it behaves.
    pub options: Options,
    /// The time of day.
    pub now: Timestamp,
    /// Time since the start.
    pub clock: Duration,
    /// Where the scan stands.
    pub phase: Phase,
    /// Whether this is not the first scan, whose findings are shown only once it is done.
    pub rescanning: bool,
    /// How long the scan took so far.
    pub elapsed: Duration,
    /// When the index was last made.
    pub indexed: Duration,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The tree.
    pub tree: Tree,
    /// What the tree is narrowed to.
    pub filter: Option<Filter>,
    /// What is marked.
    pub marks: Marked,
    /// Which pane has the keys.
    pub pane: Pane,
    /// How far the detail is scrolled.
    pub detail_top: usize,
    /// The preview, with the row it is of.
    pub preview: Option<(Key, Preview)>,
    /// The row a preview was last asked for.
    pub previewing: Option<Key>,
    /// The ticket of the last preview asked for.
    pub ticket: u64,
    /// What lies over the main screen.
    pub screen: Screen,
    /// The conversation that is read.
    pub reading: Option<Box<Reading>>,
    /// The search in every conversation, while it is open or a place of it is read.
    pub seek: Option<Box<Seek>>,
    /// The deed that runs.
    pub work: Option<Work>,
    /// Whether undo was asked for while things were still being moved, and follows.
    pub undo_next: bool,
    /// Whether a plan is being made.
    pub planning: bool,
    /// What came of tests of environments.
    pub tested: Tested,
    /// A short notice.
    pub toast: Option<Toast>,
    /// How the last deed ended, and whether well.
    pub done: Option<(String, bool)>,
    /// What the last deed left out or failed at.
    pub problems: Vec<(String, String)>,
    /// Bytes free and in all.
    pub free: Option<(u64, u64)>,
    /// The journal, the newest first.
    pub history: Vec<Operation>,
    /// Whether the journal is still to be read: at the start, and after a deed.
    pub history_due: bool,
    /// Whether leaving was asked for once, and marks or work would be lost.
    pub leaving: bool,
    /// Whether the terminal has the focus, as far as it says.
    pub focused: bool,
    /// The last click, for double clicks.
    pub click: Option<(Duration, u16)>,
}

impl App {
    /// The state before anything was read.
    pub fn new(world: World, options: Options) -> Self {
        let now = world.now();
        Self {
            catalog: Arc::default(),
            index: Index::default(),
            labels: Labels::default(),
            group_of,
            roots: vec![world.home.clone()],
            world,
            options,
            now,
            clock: Duration::ZERO,
            phase: Phase::Finding,
            rescanning: false,
            elapsed: Duration::ZERO,
            indexed: Duration::ZERO,
            size: (80, 24),
            tree: Tree::default(),
            filter: None,
            marks: Marked::default(),
            pane: Pane::Tree,
            detail_top: 0,
            preview: None,
            previewing: None,
            ticket: 0,
            screen: Screen::Main,
            reading: None,
            seek: None,
            work: None,
            undo_next: false,
            planning: false,
            tested: Tested::default(),
            toast: None,
            done: None,
            problems: Vec::new(),
            free: None,
            history: Vec::new(),
            history_due: true,
            leaving: false,
            focused: true,
            click: None,
        }
    }

    /// The number that is typed before things go that exist only here, where it is asked for.
    pub fn typing(&mut self) -> Option<&mut Option<Input>> {
        match &mut self.screen {
            Screen::Plan(screen) => Some(&mut screen.typing),
            Screen::Tend(screen) => Some(&mut screen.typing),
            _ => None,
        }
    }

    /// Whether that number is being typed.
    pub fn is_typing(&self) -> bool {
        match &self.screen {
            Screen::Plan(screen) => screen.typing.is_some(),
            Screen::Tend(screen) => screen.typing.is_some(),
            _ => false,
        }
    }

    /// Goes back to what the screen lies over: the conversation that is read, else the search, else the tree.
    pub fn back(&mut self) {
        self.screen = match (&self.reading, &self.seek) {
            (Some(_), _) => Screen::Reader,
            (None, Some(_)) => Screen::Seek,
            (None, None) => Screen::Main,
        };
    }

    /// How things look.
    pub fn theme(&self) -> Theme {
        Theme { ascii: self.options.ascii }
    }

    /// Everything rows are made from.
    pub fn source(&self) -> Source<'_> {
        Source { catalog: &self.catalog, index: &self.index, labels: &self.labels, filter: self.filter.as_ref() }
    }

    /// The tree, to change, with everything its rows are made from.
    pub fn tree_and_source(&mut self) -> (&mut Tree, Source<'_>) {
        let source = Source { catalog: &self.catalog, index: &self.index, labels: &self.labels, filter: self.filter.as_ref() };
        (&mut self.tree, source)
    }

    /// Makes index and rows anew after the catalogue changed.
    pub fn refresh(&mut self) {
        self.index = Index::new(&self.catalog, &mut self.labels, self.group_of);
        self.indexed = self.clock;
        self.tree.forget();
        self.marks.recount(&self.catalog, &self.index);
        self.rebuild();
    }

    /// Makes the visible rows anew.
    pub fn rebuild(&mut self) {
        let (tree, source) = self.tree_and_source();
        tree.rebuild(&source);
        self.scroll();
    }

    /// Keeps the cursor on the screen.
    pub fn scroll(&mut self) {
        let height = super::view::layout::tree_height(self);
        self.tree.keep_in_sight(height);
    }

    /// Whether the scan has come to its end, so that nothing shown will change by itself.
    pub fn settled(&self) -> bool {
        matches!(self.phase, Phase::Done | Phase::Stopped)
    }

    /// Whether things are being moved into the vault right now.
    pub fn moving(&self) -> bool {
        self.work.as_ref().is_some_and(|w| w.progress.verb == "Moving")
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<Key> {
        self.tree.current().map(|r| r.key)
    }

    /// Shows a short notice.
    pub fn say(&mut self, text: impl Into<String>, loud: bool) {
        let text = text.into();
        let stay = Duration::from_millis(2500 + 40 * text.len() as u64);
        self.toast = Some(Toast { text, loud, until: self.clock + stay });
    }

    /// A path as the screen shows it.
    pub fn short(&self, path: &std::path::Path) -> String {
        self.world.short(path)
    }
}
