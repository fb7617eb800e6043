//! `prune`: sessions go as whole trees, with everything that is theirs in every table and file.

use super::collect::{self, Size};
use super::forest::{Forest, Member, time};
use super::places::Places;
use super::schema::Known;
use crate::error::{Error, Result};
use crate::lifecycle::book::{Book, Line, Shelf};
use crate::lifecycle::deed::{Desk, Place, pieces, put_back, take_out};
use crate::lifecycle::pen::Pen;
use crate::lifecycle::{STORE, files};
use crate::model::{Failed, PathText, Progress, Receipt, Skipped};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Trees are carried together until they have so many bytes.
const TOGETHER: u64 = 24 << 20;

/// Which sessions are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// These, by id, each with everything it started.
    Named(Vec<String>),
    /// Trees that did nothing for so long.
    Older {
        /// So long.
        than: Duration,
        /// Sub-sessions that old as well, whose parent stays.
        children: bool,
    },
}

/// A tree that is to go.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The session at its top.
    pub top: String,
    /// Its title.
    pub title: String,
    /// Every session in it.
    pub sessions: Vec<String>,
    /// When the newest of them did something last.
    pub newest: Option<Timestamp>,
    /// Rows and their bytes, by database.
    pub rows: BTreeMap<usize, Size>,
    /// Files outside the databases, with the session each belongs to.
    pub files: Vec<(PathBuf, String)>,
    /// The bytes of those files.
    pub beside: u64,
    /// Prompts that wait and were never sent.
    pub queued: u64,
}

impl Unit {
    /// Bytes of its rows and files.
    pub fn bytes(&self) -> u64 {
        self.rows.values().map(|size| size.bytes).sum::<u64>() + self.beside
    }

    /// Number of its rows.
    pub fn count(&self) -> u64 {
        self.rows.values().map(|size| size.rows).sum()
    }
}

/// What would go, and what stays and why.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The store.
    pub places: Places,
    /// What goes.
    pub units: Vec<Unit>,
    /// Log files that name what goes, each with a session it names.
    pub logs: Vec<(PathBuf, String)>,
    /// What was asked for and stays.
    pub skipped: Vec<Skipped>,
}

/// Finds what is meant; changes nothing.
pub fn plan(desk: &Desk<'_>, root: &Path, which: &Which) -> Result<Plan> {
    let places = Places::of(desk.world, root);
    let forest = Forest::read(&places);
    let mut plan = Plan { units: Vec::new(), logs: Vec::new(), skipped: Vec::new(), places };
    if let Some(first) = forest.errors.iter().find(|e| plan.places.databases.contains(&e.path)) {
        // Sessions that cannot be seen may be newer, or children.
        return Err(Error::refused(format!("its sessions cannot all be read: {}", first.error)).at(&first.path));
    }
    let now = desk.world.now().as_millisecond();
    let mut sums = collect::Sums::new(&plan.places);
    match which {
        Which::Named(ids) => {
            let trees: Vec<BTreeSet<&str>> = ids.iter().map(|id| forest.tree(id).iter().map(|m| m.id.as_str()).collect()).collect();
            for (at, id) in ids.iter().enumerate() {
                let inside = |(other, tree): (usize, &BTreeSet<&str>)| {
                    other != at && tree.contains(id.as_str()) && (ids.get(other) != Some(id) || other < at)
                };
                if !trees.iter().enumerate().any(inside) {
                    plan.add(desk, &forest, &mut sums, id, i64::MAX)?;
                }
            }
        }
        Which::Older { than, children } => {
            let cut = now.saturating_sub(i64::try_from(than.as_millis()).unwrap_or(i64::MAX));
            let mut todo: Vec<&str> = forest.tops().iter().map(|m| m.id.as_str()).collect();
            let mut seen = BTreeSet::new();
            while let Some(id) = todo.pop() {
                if !seen.insert(id) {
                    continue;
                }
                let old = forest.tree(id).iter().all(|m| m.told < cut);
                let went = old && plan.add(desk, &forest, &mut sums, id, cut)?;
                if !went && *children {
                    todo.extend(forest.children.get(id).into_iter().flatten().map(String::as_str));
                }
            }
        }
    }
    plan.units.sort_by(|a, b| (a.newest, &a.top).cmp(&(b.newest, &b.top)));
    let gone: BTreeSet<&str> = plan.units.iter().flat_map(|unit| &unit.sessions).map(String::as_str).collect();
    plan.logs = plan.places.logs_of(&gone);
    Ok(plan)
}

impl Plan {
    /// Adds a tree if all of it is older than the cut and quiet; whether it was.
    fn add(&mut self, desk: &Desk<'_>, forest: &Forest, sums: &mut collect::Sums, top: &str, cut: i64) -> Result<bool> {
        let tree = forest.tree(top);
        let Some(first) = tree.first() else { return Ok(false) };
        let mut unit = Unit {
            top: top.to_owned(),
            title: first.title.clone(),
            sessions: tree.iter().map(|m| m.id.clone()).collect(),
            newest: None,
            rows: BTreeMap::new(),
            files: Vec::new(),
            beside: 0,
            queued: 0,
        };
        let mut newest = 0;
        for member in &tree {
            let own = sums.newest(member)?.max(self.places.newest_in_files(&member.id));
            newest = newest.max(own).max(member.told);
            if newest >= cut {
                return Ok(false);
            }
            if let Some(why) = busy(desk, member, own.max(member.told)) {
                self.skipped
                    .push(Skipped { path: PathText::new(&self.places.spoken(member, &member.id)), reason: format!("in use: {why}") });
                return Ok(false);
            }
        }
        unit.newest = time(newest);
        for member in &tree {
            let messages = sums.sizes(member, &mut unit)?;
            let files = self.places.files_of(&member.id, &messages);
            unit.beside += files.iter().map(|file| below(file)).sum::<u64>();
            unit.files.extend(files.into_iter().map(|file| (file, member.id.clone())));
        }
        self.units.push(unit);
        Ok(true)
    }
}

/// Why a session counts as in use by what it tells.
fn busy(desk: &Desk<'_>, member: &Member, newest: i64) -> Option<String> {
    let quiet = i64::try_from(desk.world.quiet_after().as_millis()).unwrap_or(i64::MAX);
    let ago = desk.world.now().as_millisecond().saturating_sub(newest);
    if ago.saturating_abs() < quiet {
        return Some(format!("active {} s ago", ago.max(0) / 1000));
    }
    member.busy.clone()
}

/// Keeps and then removes what a plan lists.
pub fn carry_out(desk: &Desk<'_>, plan: &Plan) -> Result<Vec<Receipt>> {
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let mut receipts: Vec<Receipt> = Vec::new();
    let mut done = BTreeSet::new();
    let databases: Vec<Option<usize>> = (0..plan.places.databases.len()).map(Some).chain([None]).collect();
    for database in databases {
        // A tree with rows in several databases has its files with the last.
        let last = |unit: &Unit| unit.rows.keys().next_back().copied() == database;
        let units: Vec<&Unit> = plan.units.iter().filter(|u| database.map_or(u.rows.is_empty(), |at| u.rows.contains_key(&at))).collect();
        if units.is_empty() {
            continue;
        }
        let mut receipt = Receipt::new("prune");
        let carried = carry(desk, &shelf, plan, (database, &units), &last, &mut receipt);
        match carried {
            Err(e) if receipt.moved == 0 && receipts.is_empty() => return Err(e),
            Err(e) => {
                let path = e.path.clone().unwrap_or_else(|| plan.places.root.clone());
                receipt.failed.push(Failed { path: PathText::new(&path), error: e.to_string() });
            }
            Ok(()) => done.extend(units.iter().map(|u| u.top.as_str())),
        }
        let stop = receipt.interrupted || !receipt.failed.is_empty();
        receipts.push(receipt);
        if stop {
            break;
        }
    }
    Ok(receipts)
}

fn carry(
    desk: &Desk<'_>,
    shelf: &Shelf,
    plan: &Plan,
    (database, units): (Option<usize>, &[&Unit]),
    files_too: &dyn Fn(&Unit) -> bool,
    receipt: &mut Receipt,
) -> Result<()> {
    let path = database.and_then(|at| plan.places.databases.get(at));
    let mut pen = path.map(|path| desk.pen(path)).transpose()?;
    let known = pen.as_ref().map(|pen| Known::read(pen.sql(), pen.path())).transpose()?;
    let mut book = shelf.begin(desk.world, "prune", path.unwrap_or(&plan.places.root))?;
    receipt.operation.clone_from(&book.record.id);
    let total = units.iter().map(|u| u.bytes()).sum();
    let mut progress = Progress { verb: "Pruning", bytes_total: Some(total), ..Progress::default() };
    let mut ended = Ok(());
    for (group, units) in (0..).zip(together(units, database)) {
        if desk.watch.stopped() {
            receipt.interrupted = true;
            break;
        }
        let own: Vec<&&Unit> = units.iter().filter(|u| files_too(u)).collect();
        let logs = plan.logs.iter().filter(|(_, id)| own.iter().any(|u| u.sessions.contains(id)));
        let files = own.iter().flat_map(|u| &u.files).chain(logs).map(|(f, s)| (PathText::new(f), s.clone())).collect();
        let items = units.iter().map(|u| u.sessions.len() as u64).sum();
        book.write(Line::Group { group, items, root: PathText::new(&plan.places.root), files })?;
        if let (Some(pen), Some(known)) = (&mut pen, &known) {
            match rows_out(desk, pen, &mut book, known, group, &units) {
                Ok(bytes) => {
                    receipt.bytes += bytes;
                    receipt.vault = Some(book.record.kept_in.clone());
                }
                Err(e) => {
                    ended = Err(e);
                    break;
                }
            }
        }
        receipt.moved += items;
        (progress.bytes, progress.files) = (receipt.bytes, receipt.moved);
        desk.watch.at(&progress);
    }
    if let Some(pen) = pen {
        // Where that is not possible the next one who closes the database does it.
        let _ = pen.checkpoint();
        pen.put_down()?;
    }
    // Files of sessions without rows have no group that is out of a database.
    let which = |group: u64| database.is_none() || book.record.is_out(group);
    let gone: Vec<u64> = book.record.groups.keys().copied().filter(|group| which(*group)).collect();
    files::move_out(desk, &mut book, &gone, receipt)?;
    book.write(Line::End { given_back: 0 })?;
    ended
}

/// Trees that are carried together: small ones, or one that is not.
fn together<'u>(units: &[&'u Unit], database: Option<usize>) -> Vec<Vec<&'u Unit>> {
    let mut all: Vec<Vec<&Unit>> = Vec::new();
    let mut bytes = TOGETHER;
    for unit in units {
        let own = database.and_then(|at| unit.rows.get(&at)).map_or(0, |size| size.bytes);
        if bytes + own >= TOGETHER {
            all.push(Vec::new());
            bytes = 0;
        }
        bytes += own;
        all.last_mut().into_iter().for_each(|group| group.push(unit));
    }
    all
}

/// Takes the rows of some trees out, all of them or none.
fn rows_out(desk: &Desk<'_>, pen: &mut Pen, book: &mut Book, known: &Known, group: u64, units: &[&Unit]) -> Result<u64> {
    let ids: Vec<&str> = units.iter().flat_map(|u| &u.sessions).map(String::as_str).collect();
    let path = pen.path().to_path_buf();
    let error = |e| crate::lifecycle::pen::failed("cannot read the rows of a session", &path, e);
    let todo = collect::rows(pen.sql(), known, &ids).map_err(error)?;
    let pieces = pieces(&todo);
    let (count, mut bytes) = (pieces.len(), 0);
    for (n, piece) in pieces.into_iter().enumerate() {
        let last = n + 1 == count;
        let holds = |sql: &rusqlite::Connection| match collect::left(sql, known, &ids) {
            _ if !last => Ok(()),
            Ok(None) => Ok(()),
            Ok(Some(table)) => Err(Error::refused(format!("rows were added to {table} meanwhile; nothing of this was changed")).at(&path)),
            Err(e) => Err(error(e)),
        };
        match take_out((desk, pen, book), Place { group, last }, piece, &holds) {
            Ok(kept) => bytes += kept,
            Err(e) => {
                roll_back(desk, pen, book, group);
                return Err(e);
            }
        }
    }
    Ok(bytes)
}

/// Puts back what was taken out of a group that could not be ended. What cannot be put back now is the next start's work.
fn roll_back(desk: &Desk<'_>, pen: &mut Pen, book: &mut Book, group: u64) {
    let parts: Vec<_> = book.record.held().rev().filter(|part| part.group == group).cloned().collect();
    for part in parts {
        if put_back(desk, pen, book, &part).is_err() {
            return;
        }
    }
}

/// The name of the store, for plans.
pub const NAME: &str = STORE;

/// Bytes of a file, or of all files below a folder; what cannot be read counts nothing.
fn below(path: &Path) -> u64 {
    let files = walkdir::WalkDir::new(path).into_iter().flatten().filter_map(|e| e.metadata().ok());
    files.filter(std::fs::Metadata::is_file).map(|meta| meta.len()).sum()
}
