//! The first reading of a file: of every record a few bytes that say what it is, where it lies and what it follows.

use super::dialect::{Dialect, Head, Parent, Prompt, Weight};
use super::facts::Tokens;
use super::lines::{Line, Lines};
use super::order;
use super::queue::Queue;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io;

/// No node.
pub const NONE: u32 = u32::MAX;

/// Recent records, where nearly every parent is found.
const RECENT: usize = 1 << 14;

/// One record that has a place in the conversation, or that others follow. Files of gigabytes have millions.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// The hash of its id, or 0.
    pub uuid: u64,
    /// Where it begins in the file, above 16 bits of what it is.
    packed: u64,
    /// The node it follows; once put in order, the one that follows it.
    pub link: u32,
    /// Of a sub-agent's record, which side; of a repetition, the copy before it; else a hash of what it is a part of.
    pub part: u32,
}

/// What a node is, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(u64);

impl Flag {
    /// A sub-agent's record among those of the main conversation.
    pub const SIDE: Self = Self(1 << 4);
    /// Its id stood in the file before.
    pub const REPEAT: Self = Self(1 << 5);
    /// It has its place in the order.
    pub const PLACED: Self = Self(1 << 6);
    /// It is on the branch that is followed at the moment.
    pub const WALKED: Self = Self(1 << 7);
    /// What it follows was found by its id.
    pub const LINKED: Self = Self(1 << 8);
    /// It only counts where nothing else says the same.
    pub const WEAK: Self = Self(1 << 9);
    /// It follows the record before it in the file.
    pub const NEXT: Self = Self(1 << 10);
    /// It answers calls, whatever else it says.
    pub const ANSWERS: Self = Self(1 << 11);
    /// It was typed while the model was at work: it belongs where it stands in the file.
    pub const ASIDE: Self = Self(1 << 12);
    /// All it says was told with the call that it answers.
    pub const TOLD: Self = Self(1 << 13);
}

impl Node {
    fn new(at: u64, weight: Weight) -> Self {
        Self { uuid: 0, packed: at << 16 | weight as u64, link: NONE, part: 0 }
    }

    /// Where it begins in the file.
    pub fn at(&self) -> u64 {
        self.packed >> 16
    }

    /// What it is to the conversation.
    pub fn weight(&self) -> Weight {
        const ALL: [Weight; 8] = [
            Weight::Nothing,
            Weight::Typed,
            Weight::Speech,
            Weight::Error,
            Weight::Added,
            Weight::Answer,
            Weight::Boundary,
            Weight::Summary,
        ];
        usize::try_from(self.packed & 7).ok().and_then(|n| ALL.get(n).copied()).unwrap_or_default()
    }

    /// Whether it is so.
    pub fn is(&self, flag: Flag) -> bool {
        self.packed & flag.0 != 0
    }

    /// Makes it so, or not.
    pub fn set(&mut self, flag: Flag, on: bool) {
        self.packed = if on { self.packed | flag.0 } else { self.packed & !flag.0 };
    }

    /// Makes it say nothing.
    pub fn silence(&mut self) {
        self.packed &= !7;
    }

    /// Whether it has its place among the records of the main conversation.
    pub fn is_main(&self) -> bool {
        !self.is(Flag::SIDE)
    }
}

/// A sub-agent's records among those of the main conversation.
#[derive(Debug)]
pub struct Side {
    /// The agent's id or the id of the call that started it; empty: neither is known.
    pub agent: String,
    /// Its records.
    pub nodes: Vec<u32>,
}

/// An answer to a tool call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    /// A hash of the call's id.
    pub call: u32,
    /// The record.
    pub node: u32,
    /// The record that it was told with: its call's, or `NONE`.
    pub with: u32,
}

impl Answer {
    /// Set in `with` where the answer was told by itself, for want of its call.
    pub const ALONE: u32 = 1 << 31;
}

/// A line that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: u64,
    /// Where it begins.
    pub at: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Whether it is too long to be read; else it is no JSON.
    pub too_long: bool,
}

/// A branch that was left: the conversation went on from the record `after`.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    /// The last record the branch has in common with what went on, or none.
    pub after: u32,
    /// Its first record.
    pub first: u32,
}

/// What the first reading gives.
#[derive(Debug, Default)]
pub struct Index {
    /// The records, as they stand in the file.
    pub nodes: Vec<Node>,
    /// The first record of the conversation; the others follow by their links.
    pub first: Option<u32>,
    /// Branches that were left, in the order of the file.
    pub left: Vec<Left>,
    /// Sub-agents' records.
    pub sides: Vec<Side>,
    /// Answers to calls, in the order of the calls' hashes.
    pub answers: Vec<Answer>,
    /// Lines.
    pub lines: u64,
    /// Lines that could not be read; of many only the first.
    pub bad: Vec<BadLine>,
    /// How many those are: no JSON, and too long.
    pub bad_lines: (u64, u64),
    /// Whether the last line breaks off.
    pub torn: bool,
    /// Kinds of record that are not known here, and how many of each.
    pub unknown: BTreeMap<String, u64>,
    /// Records that follow one that is not in the file.
    pub orphans: u64,
    /// Records that say again what another says.
    pub repeats: u64,
    /// The first record follows one that is not in the file.
    pub starts_late: bool,
    /// It begins with a compaction.
    pub starts_compacted: bool,
    /// A title found in the conversation itself.
    pub title: Option<String>,
    /// Records that could not be laid out.
    pub lost: u64,
    /// Tokens of all requests, where the file itself counts them.
    pub tokens: Tokens,
    /// Hashes of ids that records have in the audit log, where those are others.
    pub aliases: Vec<(u64, u32)>,
}

/// The first reading in the making.
pub(super) struct Making {
    pub index: Index,
    pub recent: Vec<u32>,
    /// Records whose parents are not among the recent ones.
    pub late: Vec<(u32, u64)>,
    /// Where the conversation stood at the end, as the file itself says.
    pub leaf: Option<u64>,
    /// Where it stands since prompts were taken back, as long as nothing followed.
    pub stands: Option<u32>,
    /// Hashes of texts of which weak records may be echoes.
    pub heard: HashSet<u32>,
    /// The record before each prompt, for those that are taken back.
    prompts: Vec<u32>,
    /// The last record of the main conversation.
    last: u32,
    agents: HashMap<String, u32>,
    queue: Queue,
    within: bool,
    title_given: bool,
}

/// Reads a file for the first time. `within`: it is a sub-agent's own, whose records are all marked as a sub-agent's.
pub fn read(lines: &mut Lines<'_>, dialect: &Dialect, within: bool) -> io::Result<Index> {
    let mut making = Making {
        index: Index::default(),
        recent: vec![NONE; RECENT],
        late: Vec::new(),
        leaf: None,
        stands: None,
        heard: HashSet::new(),
        prompts: Vec::new(),
        last: NONE,
        agents: HashMap::new(),
        queue: Queue::default(),
        within,
        title_given: false,
    };
    let mut at = 0;
    while let Some(line) = lines.line(at)? {
        making.index.lines += 1;
        making.line(at, &line, dialect);
        at = line.next;
    }
    Ok(order::finish(making))
}

impl Making {
    fn line(&mut self, at: u64, line: &Line<'_>, dialect: &Dialect) {
        let mut from = 0;
        let mut bad = line.too_long;
        while !bad {
            let rest = line.bytes.get(from..).unwrap_or_default();
            // A crash can leave NULs where the file was made longer but not yet written.
            let blank = |b: &u8| b.is_ascii_whitespace() || *b == 0;
            let start = rest.iter().take_while(|b| blank(b)).count();
            let mark = rest.get(start..).filter(|r| r.starts_with(b"\xEF\xBB\xBF")).map_or(0, |_| 3);
            let rest = rest.get(start + mark..).unwrap_or_default();
            if rest.is_empty() {
                return;
            }
            from += start + mark;
            match (dialect.head)(rest) {
                Ok(head) => {
                    let length = head.length.max(1);
                    self.record(at + from as u64, &head);
                    from += length;
                }
                Err(_) => bad = true,
            }
        }
        self.bad(at, line);
    }

    fn bad(&mut self, at: u64, line: &Line<'_>) {
        let index = &mut self.index;
        if line.too_long {
            index.bad_lines.1 += 1;
        } else if line.ended {
            index.bad_lines.0 += 1;
        } else {
            index.torn = true;
            return;
        }
        if index.bad.len() < 8 {
            index.bad.push(BadLine { number: index.lines, at, size: line.next - at, too_long: line.too_long });
        }
    }

    fn record(&mut self, at: u64, head: &Head<'_>) {
        if head.unknown {
            *self.index.unknown.entry(head.kind.text().into_owned()).or_default() += 1;
        }
        if let Some((title, given)) = head.title
            && (given || !self.title_given)
            && !title.is_empty()
        {
            self.index.title = Some(title.text().into_owned());
            self.title_given |= given;
        }
        if !head.leaf.is_empty() {
            self.leaf = Some(hash(head.leaf.0));
        }
        if let Some(tokens) = head.usage {
            self.index.tokens = self.index.tokens.most(tokens);
        }
        self.index.lost += u64::from(head.lost);
        let Some(weight) = head.weight else { return };
        let Ok(number) = u32::try_from(self.index.nodes.len()) else { return };
        let mut node = Node::new(at, weight);
        node.uuid = if head.uuid.is_empty() { 0 } else { hash(head.uuid.0) };
        self.parent(number, &mut node, head.parent);
        node.part = match weight {
            Weight::Speech | Weight::Error if !head.part_of.is_empty() => short(head.part_of.0),
            Weight::Typed => short(head.first_text.0.trim_ascii()),
            Weight::Speech if head.weak => short(head.first_text.0.trim_ascii()),
            _ => 0,
        };
        node.set(Flag::WEAK, head.weak);
        node.set(Flag::ASIDE, head.prompt == Prompt::Waits || head.weak);
        node.set(Flag::ANSWERS, !head.answers.is_empty());
        if let Some(agent) = head.agent.filter(|_| !self.within) {
            node.set(Flag::SIDE, true);
            node.part = self.side(number, agent.0, node.link);
        } else {
            self.prompt(number, &mut node, head);
            self.taken_back(number, &mut node, head);
        }
        if !head.alias.is_empty() {
            self.index.aliases.push((hash(head.alias.0), number));
        }
        self.index.answers.extend(head.answers.iter().map(|id| Answer { call: short(id.0), node: number, with: NONE }));
        if let Some(slot) = self.recent.get_mut(slot(node.uuid)).filter(|_| node.uuid != 0) {
            *slot = number;
        }
        self.index.nodes.push(node);
    }

    /// Tells a prompt from the same one that stands elsewhere.
    fn prompt(&mut self, number: u32, node: &mut Node, head: &Head<'_>) {
        match head.prompt {
            Prompt::Waits => return self.queue.push(number, head.first_text),
            Prompt::Given => self.queue.push(number, head.first_text),
            // One may be played back by itself and then again with others.
            Prompt::Again if !self.queue.again(head).is_empty() => node.silence(),
            Prompt::Takes => {
                for taken in self.queue.taken(head) {
                    if let Some(node) = self.index.nodes.get_mut(taken as usize) {
                        node.silence();
                    }
                }
            }
            Prompt::Again | Prompt::Other => {}
        }
        if node.weight() != Weight::Nothing {
            // It went on after that.
            self.leaf = None;
        }
    }

    /// Goes on from an earlier record where prompts were taken back.
    fn taken_back(&mut self, number: u32, node: &mut Node, head: &Head<'_>) {
        if head.heard {
            let texts = std::iter::once(&head.first_text).chain(&head.more_texts).map(|text| text.0.trim_ascii());
            self.heard.extend(texts.filter(|text| !text.is_empty()).map(short));
        }
        let from = if head.back > 0 { self.prompts.len().checked_sub(head.back as usize) } else { None };
        if let Some(after) = from.and_then(|at| self.prompts.get(at).copied()).filter(|after| *after != NONE) {
            self.prompts.truncate(from.unwrap_or_default());
            node.link = after;
            node.set(Flag::LINKED, true);
            node.set(Flag::NEXT, false);
            self.stands = Some(number);
        } else if matches!(node.weight(), Weight::Typed | Weight::Speech) && !head.weak {
            self.stands = None;
            if node.weight() == Weight::Typed {
                self.prompts.push(self.last);
            }
        }
        self.last = number;
    }

    fn parent(&mut self, number: u32, node: &mut Node, parent: Parent<'_>) {
        match parent {
            Parent::Previous => node.set(Flag::NEXT, true),
            Parent::Nothing => {}
            Parent::Record(id) => {
                let id = hash(id.0);
                let near = self.recent.get(slot(id)).copied().unwrap_or(NONE);
                if self.index.nodes.get(near as usize).is_some_and(|n| n.uuid == id) {
                    node.link = near;
                    node.set(Flag::LINKED, true);
                } else {
                    self.late.push((number, id));
                }
            }
        }
    }

    fn side(&mut self, number: u32, agent: &[u8], parent: u32) -> u32 {
        let name = String::from_utf8_lossy(agent).into_owned();
        let sides = &mut self.index.sides;
        let known = if name.is_empty() {
            // Its parent tells, or it begins one.
            self.index.nodes.get(parent as usize).filter(|n| n.is(Flag::SIDE)).map(|n| n.part)
        } else {
            self.agents.get(&name).copied()
        };
        let side = known.unwrap_or_else(|| {
            let new = u32::try_from(sides.len()).unwrap_or(NONE);
            sides.push(Side { agent: name.clone(), nodes: Vec::new() });
            if !name.is_empty() {
                self.agents.insert(name, new);
            }
            new
        });
        if let Some(side) = sides.get_mut(side as usize) {
            side.nodes.push(number);
        }
        side
    }
}

fn slot(id: u64) -> usize {
    usize::try_from(id % RECENT as u64).unwrap_or(0)
}

/// A number for an id; the same for the same id, in every run.
pub fn hash(id: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish().max(1)
}

/// A shorter number, for ids that are looked at again before anything is made of them.
pub fn short(id: &[u8]) -> u32 {
    (hash(id) >> 32) as u32
}

impl Index {
    /// A node; one that says nothing, where there is none of that number.
    pub fn node(&self, number: u32) -> Node {
        self.nodes.get(number as usize).copied().unwrap_or(Node::new(0, Weight::Nothing))
    }

    /// Whether anybody says anything in it.
    pub fn speaks(&self) -> bool {
        self.nodes.iter().any(|n| n.weight() != Weight::Nothing)
    }

    /// The answers that may be to a call.
    pub fn answers_to(&self, call: &str) -> std::ops::Range<usize> {
        let call = short(call.as_bytes());
        let from = self.answers.partition_point(|a| a.call < call);
        let to = from + self.answers.get(from..).unwrap_or_default().partition_point(|a| a.call == call);
        from..to
    }
}
