//! The fuzzy filter: matches names in portions, so that typing never waits.

use super::key::Key;
use crate::model::{Catalog, Class, Kind, NodeId, SessionIx};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

/// Names matched in one portion: some milliseconds of work.
pub const PORTION: usize = 8_000;

const INSIDE: u8 = 8;
const HIT: u8 = 16;

/// What the tree is narrowed to.
pub struct Filter {
    /// The text field.
    pub input: Input,
    /// Whether keys go into the text field.
    pub editing: bool,
    /// Names that match so far.
    pub hits: u64,
    /// Things that are shown so far.
    pub shown: u64,
    /// Whether what matches is hidden instead of shown.
    inverted: bool,
    /// For each node: the classes of matches at or below it, and whether it is inside a match.
    bits: Vec<u8>,
    sessions: Vec<bool>,
    pattern: Pattern,
    matcher: Matcher,
    chars: Vec<char>,
}

impl Filter {
    /// An empty filter that takes the keys.
    pub fn new() -> Self {
        Self {
            input: Input::default(),
            editing: true,
            hits: 0,
            shown: 0,
            inverted: false,
            bits: Vec::new(),
            sessions: Vec::new(),
            pattern: Pattern::default(),
            matcher: Matcher::new(Config::DEFAULT),
            chars: Vec::new(),
        }
    }

    /// Begins again with the text as it is now.
    pub fn restart(&mut self, catalog: &Catalog) {
        let typed = self.input.value().trim_start();
        self.inverted = typed.starts_with('!');
        self.pattern = Pattern::parse(typed.trim_start_matches('!'), CaseMatching::Smart, Normalization::Smart);
        self.bits.clear();
        (self.hits, self.shown) = (0, 0);
        self.sessions = vec![false; catalog.sessions.len()];
        if !self.is_empty() {
            self.sessions = catalog.sessions.iter().map(|s| self.text_matches(&s.title)).collect();
        }
    }

    /// Whether nothing is asked for, so that everything is shown.
    pub fn is_empty(&self) -> bool {
        self.input.value().trim_start_matches(['!', ' ']).is_empty()
    }

    /// Whether names are still to be matched.
    pub fn is_pending(&self, catalog: &Catalog) -> bool {
        !self.is_empty() && self.bits.len() < catalog.len()
    }

    /// Matches one portion more.
    pub fn step(&mut self, catalog: &Catalog) {
        let from = self.bits.len();
        for at in from..catalog.len().min(from + PORTION) {
            let id = NodeId(u32::try_from(at).unwrap_or(u32::MAX));
            let session = catalog.node(id).session.is_some_and(|s| self.session_matches(s));
            let inside = session || catalog.parent(id).is_some_and(|p| self.bits[p.0 as usize] & (INSIDE | HIT) != 0);
            let matches = self.text_matches(&String::from_utf8_lossy(catalog.name_bytes(id)));
            if self.inverted {
                let hidden = inside || matches;
                self.bits.push(if hidden { INSIDE } else { 0 });
                if !hidden && catalog.node(id).kind != Kind::Dir {
                    self.hits += 1;
                    self.reveal(catalog, id);
                }
                continue;
            }
            self.bits.push(if inside { INSIDE } else { 0 });
            self.shown += u64::from(inside);
            if matches {
                self.hits += 1;
                self.reveal(catalog, id);
                self.bits[at] |= HIT;
            } else if session {
                self.reveal(catalog, id);
            }
        }
    }

    /// Shows a node and every folder above it.
    fn reveal(&mut self, catalog: &Catalog, id: NodeId) {
        let totals = catalog.totals(id);
        let classes = Class::ALL.into_iter().filter(|c| totals.of(*c).files > 0).fold(0, |b, c| b | bit(Some(c)));
        let mut at = Some(id);
        while let Some(node) = at {
            let bits = &mut self.bits[node.0 as usize];
            if *bits & classes == classes && node != id {
                break;
            }
            self.shown += u64::from(*bits == 0);
            *bits |= classes;
            at = catalog.parent(node);
        }
    }

    fn text_matches(&mut self, text: &str) -> bool {
        self.pattern.score(Utf32Str::new(text, &mut self.chars), &mut self.matcher).is_some()
    }

    fn session_matches(&self, session: SessionIx) -> bool {
        self.sessions.get(session.index()).copied().unwrap_or(false)
    }

    /// Whether a node is shown in a class (or at all, where there is none).
    pub fn shows(&self, class: Option<Class>, id: NodeId) -> bool {
        let bits = self.bits.get(id.0 as usize).copied().unwrap_or(0);
        let wanted = if self.inverted { bit(class) } else { INSIDE | HIT | bit(class) };
        self.is_empty() || bits & wanted != 0
    }

    /// Whether a node is opened by the filter itself: something below it matched.
    pub fn opens(&self, class: Option<Class>, id: NodeId) -> bool {
        let bits = self.bits.get(id.0 as usize).copied().unwrap_or(0);
        !self.is_empty() && bits & HIT == 0 && bits & INSIDE == 0 && bits & bit(class) != 0
    }

    /// Whether a row's own name is what matched.
    pub fn is_hit(&self, key: Key) -> bool {
        match key {
            Key::Node(_, id) => self.bits.get(id.0 as usize).copied().unwrap_or(0) & HIT != 0,
            Key::Session(_, s) | Key::GroupSession(_, s) => !self.inverted && self.session_matches(s),
            _ => false,
        }
    }

    /// The characters (as people count them) of a text that matched.
    pub fn letters(&self, text: &str) -> Vec<usize> {
        let (mut letters, mut chars) = (Vec::new(), Vec::new());
        let mut matcher = Matcher::new(Config::DEFAULT);
        let _ = self.pattern.indices(Utf32Str::new(text, &mut chars), &mut matcher, &mut letters);
        let mut letters: Vec<usize> = letters.into_iter().map(|l| l as usize).collect();
        letters.sort_unstable();
        letters.dedup();
        letters
    }
}

fn bit(class: Option<Class>) -> u8 {
    match class {
        Some(Class::AtRisk) => 1,
        Some(Class::Flushed) => 2,
        Some(Class::Rebuildable) => 4,
        None => 7,
    }
}
