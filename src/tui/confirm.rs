//! The plan and purge screens: the only places a [`Confirmed`] comes from.

pub mod number;
pub mod tend;
pub mod three;

use crate::model::{Class, Held, OpState, Operation, Plan, Tally};
use crate::rescue::Rescue;
use crate::tending::Proposal;
use crate::tui::text;
use crate::{backup, vault};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;
use tui_input::Input;

/// Keys that were typed before the screen could be seen are not answers to it.
const HOLD: Duration = Duration::from_millis(150);

/// What was shown, and agreed to with the key that means yes. Made only here.
#[derive(Debug)]
pub struct Confirmed(Agreed);

/// What can be agreed to.
#[derive(Debug)]
pub enum Agreed {
    /// Move what the plan lists, after this backup where there is one.
    Clean(Box<Plan>, Option<backup::Options>),
    /// Copy what is only here, then move what the plan lists.
    Rescue(Box<Rescue>),
    /// Make sessions take less room.
    Tend(Box<Proposal>),
    /// Empty the vault.
    Purge(vault::PurgeWhat),
}

impl Confirmed {
    /// What was agreed to.
    pub fn into_agreed(self) -> Agreed {
        self.0
    }

    /// What was agreed to, to look at.
    pub fn agreed(&self) -> &Agreed {
        &self.0
    }
}

/// Things of a plan that are shown as one line until unfolded.
#[derive(Debug, PartialEq, Eq)]
pub struct PlanGroup {
    /// Their class.
    pub class: Class,
    /// What they are called.
    pub name: String,
    /// What they count.
    pub tally: Tally,
    /// How they are had again, of the first of them.
    pub comes_back: Option<String>,
    /// Their places in the plan.
    pub items: Vec<usize>,
}

/// One line of the plan screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanLine {
    /// A group.
    Group(usize),
    /// One thing of a group: its place in the plan.
    Item(usize),
    /// A line of what is known about a thing: its place in the plan, and which line.
    Why(usize, usize),
    /// How much is left alone.
    Skipped,
    /// One thing left alone.
    SkippedItem(usize),
}

/// The plan, before anything happens.
#[derive(Debug)]
pub struct PlanScreen {
    /// The plan.
    pub plan: Plan,
    /// What it lists, by class and sort.
    pub groups: Vec<PlanGroup>,
    /// Whether a backup is made first.
    pub backup: bool,
    /// Where the backup goes.
    pub backup_to: PathBuf,
    /// Bytes the backup holds.
    pub backup_bytes: u64,
    /// Bytes free where the backup goes, once that is known.
    pub backup_room: Option<u64>,
    /// Columns of the screen, for lines that are broken rather than cut.
    pub columns: usize,
    /// Things of which everything known is listed, by their place in the plan.
    pub explained: HashSet<usize>,
    /// Groups whose things are listed; the place after the last group is what is skipped.
    pub unfolded: HashSet<usize>,
    /// The line under the cursor.
    pub cursor: usize,
    /// What was typed, once the plan asks for it.
    pub typing: Option<Input>,
    opened: Duration,
}

impl PlanScreen {
    /// The screen of a plan, opened at this moment; `titles` are the sessions' by id.
    pub fn new(plan: Plan, titles: &HashMap<String, String>, backup_to: PathBuf, backup_bytes: u64, opened: Duration) -> Self {
        let groups = groups(&plan, titles);
        let mut screen = Self {
            groups,
            backup: false,
            backup_to,
            backup_bytes,
            backup_room: None,
            columns: 80,
            explained: HashSet::new(),
            unfolded: HashSet::new(),
            cursor: 0,
            typing: None,
            opened,
            plan,
        };
        screen.backup = screen.at_risk() > 0;
        let few = |g: &PlanGroup| g.class == Class::AtRisk && g.items.len() > 1;
        screen.unfolded = screen.groups.iter().enumerate().filter(|(_, g)| few(g)).map(|(at, _)| at).collect();
        screen
    }

    /// Things at risk in the plan.
    pub fn at_risk(&self) -> usize {
        self.plan.items.iter().filter(|i| i.class == Class::AtRisk).count()
    }

    /// The lines as they stand.
    pub fn lines(&self) -> Vec<PlanLine> {
        let mut out = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            out.push(PlanLine::Group(at));
            if self.unfolded.contains(&at) {
                for item in &group.items {
                    out.push(PlanLine::Item(*item));
                    if self.explained.contains(item) {
                        out.extend((0..self.known(*item).len()).map(|line| PlanLine::Why(*item, line)));
                    }
                }
            }
        }
        if !self.plan.skipped.is_empty() {
            out.push(PlanLine::Skipped);
            if self.unfolded.contains(&self.groups.len()) {
                out.extend((0..self.plan.skipped.len()).map(PlanLine::SkippedItem));
            }
        }
        out
    }

    /// What is known about a thing: its whole path, why it has its class, how it is had again.
    pub fn known(&self, item: usize) -> Vec<String> {
        let Some(item) = self.plan.items.get(item) else { return Vec::new() };
        let mut said = vec![item.path.to_path().map_or_else(|| text::harmless(&item.path.path), |p| crate::model::shown(&p))];
        said.extend(item.evidence.iter().map(|e| format!("{} ({})", text::harmless(&e.says), e.rule)));
        said.extend(item.comes_back.iter().map(|how| format!("comes back: {}", text::harmless(how))));
        said.extend(text::on_disk(Tally { files: item.files, bytes: item.bytes, allocated: item.allocated }));
        said.iter().flat_map(|s| text::wrap(s, self.columns.saturating_sub(10))).collect()
    }

    /// Lists or folds the things of the line under the cursor; of a thing, what is known about it.
    pub fn unfold(&mut self, on: Option<bool>) {
        let at = match self.lines().get(self.cursor) {
            Some(PlanLine::Group(at)) => *at,
            Some(PlanLine::Skipped) => self.groups.len(),
            Some(PlanLine::Item(item) | PlanLine::Why(item, _)) => {
                if on.unwrap_or(!self.explained.contains(item)) {
                    self.explained.insert(*item);
                } else {
                    self.explained.remove(item);
                }
                self.step(0);
                return;
            }
            _ => return,
        };
        if on.unwrap_or(!self.unfolded.contains(&at)) {
            self.unfolded.insert(at);
        } else {
            self.unfolded.remove(&at);
        }
    }

    /// Moves the cursor by so many lines.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.lines().len().saturating_sub(1));
    }

    /// The key that means yes: the first time, things at risk ask for their number to be typed; then, and where none
    /// are at risk, it is agreed. `Err` says why not.
    pub fn yes(&mut self, now: Duration) -> Result<Option<Confirmed>, String> {
        if now.saturating_sub(self.opened) < HOLD {
            return Ok(None);
        }
        if self.plan.items.is_empty() {
            return Err("there is nothing in this plan to carry out".into());
        }
        let at_risk = self.at_risk();
        if !number::typed(&mut self.typing, at_risk, "things at risk")? {
            return Ok(None);
        }
        let backup = self.backup.then(|| backup::Options { to: Some(self.backup_to.clone()), stores: self.stores(), ..Default::default() });
        Ok(Some(Confirmed(Agreed::Clean(Box::new(self.plan.clone()), backup))))
    }

    fn stores(&self) -> Vec<String> {
        let mut stores: Vec<String> = self.plan.items.iter().map(|i| i.store.clone()).collect();
        stores.sort();
        stores.dedup();
        stores
    }
}

fn groups(plan: &Plan, titles: &HashMap<String, String>) -> Vec<PlanGroup> {
    let mut groups: Vec<PlanGroup> = Vec::new();
    let mut places = HashMap::new();
    for (at, item) in plan.items.iter().enumerate() {
        let name = match (item.class, item.group.as_str()) {
            (Class::Rebuildable, "") => "other".to_owned(),
            (Class::Rebuildable, group) => group.to_owned(),
            _ => String::new(),
        };
        let session = if name.is_empty() { item.session.clone() } else { None };
        let place = *places.entry((item.class, name.clone(), session)).or_insert_with(|| {
            let comes_back = item.comes_back.clone();
            groups.push(PlanGroup { class: item.class, name, tally: Tally::default(), comes_back, items: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.tally += Tally { files: item.files, bytes: item.bytes, allocated: item.allocated };
        group.items.push(at);
    }
    for group in groups.iter_mut().filter(|g| g.name.is_empty()) {
        let Some(first) = group.items.first().and_then(|i| plan.items.get(*i)) else { continue };
        let title = first.session.as_ref().and_then(|id| titles.get(id));
        let file = first.path.path.rsplit(['/', '\\']).next().unwrap_or_default();
        group.name = text::harmless(match (title, group.items.len()) {
            (_, 0 | 1) => file,
            (Some(title), _) => title,
            (None, _) => "files of no session",
        });
    }
    groups.sort_by_key(|g| (std::cmp::Reverse(g.class), std::cmp::Reverse(g.tally.bytes)));
    groups
}

/// Emptying the vault, before anything happens.
#[derive(Debug)]
pub struct PurgeScreen {
    /// What the vault holds, the newest first.
    pub operations: Vec<Operation>,
    opened: Duration,
}

impl PurgeScreen {
    /// The screen of a journal, opened at this moment.
    pub fn new(history: &[Operation], opened: Duration) -> Self {
        let operations = history.iter().filter(|o| in_vault(o)).cloned().collect();
        Self { operations, opened }
    }

    /// Bytes on the disk that come back.
    pub fn allocated(&self) -> u64 {
        Held::by(&self.operations).allocated
    }

    /// The key that means yes.
    pub fn yes(&self, now: Duration) -> Option<Confirmed> {
        let late_enough = now.saturating_sub(self.opened) >= HOLD;
        (late_enough && !self.operations.is_empty()).then_some(Confirmed(Agreed::Purge(vault::PurgeWhat::All)))
    }
}

/// Whether an operation's things are in the vault, to be undone or purged.
pub fn in_vault(operation: &Operation) -> bool {
    matches!(operation.state, OpState::Stands | OpState::PartlyUndone) && operation.of.is_none()
}
