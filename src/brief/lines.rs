//! The lines of a brief, before any is left out: what was heard and what stands on the disk, each with where it stands.

use super::asked::{Choice, Prompt, Words, question};
use super::cite::{Cite, DISK};
use super::hear::Heard;
use super::quote::quote;
use super::recipe;
use super::state::{place, standing};
use crate::model::{Catalog, Class, Kind, Marks, Session};
use crate::world::World;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// So many files stand in one line.
const TOGETHER: usize = 6;

/// What a line is about, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// What the user wanted.
    Goal,
    /// What was agreed.
    Decisions,
    /// What did not work.
    Failed,
    /// What was made, and how it stands.
    Files,
    /// What it runs with.
    Environment,
    /// What was left undone.
    Open,
    /// How it ended.
    Last,
}

impl Section {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [Self::Goal, Self::Decisions, Self::Failed, Self::Files, Self::Environment, Self::Open, Self::Last];

    /// Its heading, and its name in JSON.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Goal => ("Goal", "goal"),
            Self::Decisions => ("Decisions", "decisions"),
            Self::Failed => ("Tried and failed", "failed"),
            Self::Files => ("Files", "files"),
            Self::Environment => ("Environment", "environment"),
            Self::Open => ("Open ends", "open"),
            Self::Last => ("Last words", "last"),
        }
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub section: Section,
    /// How soon it is left out: the lower, the later.
    pub rank: u32,
    /// What it says, markdown; what is quoted stands in code spans.
    pub text: String,
    /// Where that stands.
    pub cites: Vec<Cite>,
    /// Found by shape alone, and perhaps something else.
    pub guess: bool,
}

/// Lines of one session, in the order they are read.
pub struct Lines<'a> {
    world: &'a World,
    catalog: &'a Catalog,
    heard: &'a Heard,
    all: Vec<Line>,
}

/// Files that stand alike.
struct Alike {
    says: String,
    /// Each by its quoted path.
    files: Vec<(String, Cite)>,
    matters: bool,
}

/// Every line of a session.
pub fn lines(world: &World, catalog: &Catalog, heard: &Heard) -> Vec<Line> {
    let mut lines = Lines { world, catalog, heard, all: Vec::new() };
    lines.goal();
    lines.decisions();
    lines.failed();
    lines.files();
    for (text, cite) in recipe::lines(catalog, heard) {
        lines.put(Section::Environment, 2, text, vec![cite]);
    }
    lines.open();
    lines.last();
    lines.all
}

/// A later line of many is left out sooner.
fn later(nth: usize) -> u32 {
    u32::try_from(nth / 3).unwrap_or(u32::MAX)
}

impl Lines<'_> {
    fn put(&mut self, section: Section, rank: u32, text: String, cites: Vec<Cite>) {
        self.all.push(Line { section, rank, text, cites, guess: false });
    }

    fn said(&mut self, section: Section, rank: u32, before: &str, words: &Words, most: usize) {
        if let Some(quoted) = quote(&words.text, most) {
            self.put(section, rank, format!("{before}{quoted}"), vec![words.cite.clone()]);
        }
    }

    fn session(&self) -> &Session {
        self.catalog.session(self.heard.session)
    }

    fn goal(&mut self) {
        let asked: Vec<&Prompt> = self.heard.prompts.iter().filter(|p| p.answers.is_none()).collect();
        for (n, prompt) in asked.iter().enumerate() {
            let from_end = asked.len() - n;
            match n {
                0 => self.said(Section::Goal, 0, "asked first: ", &prompt.words, 500),
                _ if prompt.stopped => self.said(Section::Goal, 2, "after stopping the model: ", &prompt.words, 240),
                _ if from_end == 1 => self.said(Section::Goal, 1, "asked last: ", &prompt.words, 300),
                _ => self.said(Section::Goal, 3 + later(from_end), "then: ", &prompt.words, 160),
            }
        }
    }

    fn decisions(&mut self) {
        let all = &self.heard.choices;
        for (n, choice) in all.iter().enumerate() {
            let age = later(all.len() - n - 1);
            let (rank, text, cite) = match choice {
                Choice::Answer(asked, answer) => match (quote(&asked.text, 160), quote(answer, 200)) {
                    (Some(asked_for), Some(answer)) => (2, format!("asked {asked_for}, the user chose {answer}"), &asked.cite),
                    _ => continue,
                },
                Choice::Taken(plan) => match quote(&plan.text, 400) {
                    Some(quoted) => (2, format!("the user took the plan {quoted}"), &plan.cite),
                    None => continue,
                },
                Choice::Refused(what, said) => match (quote(&what.text, 160), said.as_ref().and_then(|s| quote(s, 200))) {
                    (Some(what_for), Some(said)) => (2, format!("the user refused {what_for} and said {said}"), &what.cite),
                    (Some(what_for), None) => (3, format!("the user refused {what_for}"), &what.cite),
                    _ => continue,
                },
                Choice::Summary(words) => match quote(summary(&words.text), 500) {
                    Some(quoted) => (4, format!("the model's own summary when the conversation was compacted: {quoted}"), &words.cite),
                    None => continue,
                },
            };
            let cites = vec![cite.clone()];
            self.put(Section::Decisions, rank + age, text, cites);
        }
        let short: Vec<(&Words, &Words)> = self.heard.prompts.iter().filter_map(|p| Some((p.answers.as_ref()?, &p.words))).collect();
        for (n, (asked, answer)) in short.iter().enumerate() {
            let (Some(question), Some(said)) = (quote(&asked.text, 160), quote(&answer.text, 200)) else { continue };
            let text = format!("to {question} the user said {said}");
            let (rank, cites) = (3 + later(short.len() - n - 1), vec![asked.cite.clone(), answer.cite.clone()]);
            self.all.push(Line { section: Section::Decisions, rank, text, cites, guess: true });
        }
    }

    fn failed(&mut self) {
        let all = &self.heard.tries.0;
        for (n, one) in all.iter().enumerate() {
            let Some(what) = quote(&one.what, 140) else { continue };
            let error = quote(&one.error, 160).map_or_else(|| ", and said nothing".to_owned(), |error| format!(": {error}"));
            let times = if one.times > 1 { format!(" {} times", one.times) } else { String::new() };
            let mut cites = vec![one.cite.clone()];
            let after = match &one.mended {
                Some(cite) => {
                    cites.push(cite.clone());
                    "; one of its kind succeeded later"
                }
                None => "; none of its kind succeeded later",
            };
            let rank = 2 + later(all.len() - n - 1) + if one.mended.is_some() { 2 } else { 0 } + if one.command { 0 } else { 2 };
            self.put(Section::Failed, rank, format!("{what} failed{times}{error}{after}"), cites);
        }
    }

    fn files(&mut self) {
        let (world, catalog, heard) = (self.world, self.catalog, self.heard);
        let mut told: BTreeSet<PathBuf> = BTreeSet::new();
        let mut made: Vec<_> = heard.files.all.iter().collect();
        made.sort_by_key(|(path, made)| (std::cmp::Reverse(made.nth), *path));
        for (n, (path, made)) in made.into_iter().enumerate() {
            let stands = standing(world, catalog, place(world, self.session(), heard.told.cwd.as_deref(), path), Some(made));
            told.extend(stands.path.clone());
            let shown = stands.path.as_ref().map_or_else(|| path.clone(), |p| self.short(p));
            let Some(shown) = quote(&shown, 300) else { continue };
            let rank = 1 + later(n) + if stands.matters { 0 } else { 2 };
            self.put(Section::Files, rank, format!("{shown}: {}", stands.says), vec![made.cite.clone()]);
        }
        self.unheard_files(&told);
    }

    /// Files among the outputs of which no call says that it wrote them: those that stand alike in one line.
    fn unheard_files(&mut self, told: &BTreeSet<PathBuf>) {
        let mut alike: Vec<Alike> = Vec::new();
        for path in self.unheard(told) {
            let stands = standing(self.world, self.catalog, Some(path.clone()), None);
            let Some(shown) = quote(&self.short(&path), 300) else { continue };
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let named = self.heard.commands.iter().rev().find(|c| c.text.contains(&name));
            let (how, cite) = match named {
                Some(command) => ("; named in a command", command.cite.clone()),
                None => ("; no call names it", self.disk(&path)),
            };
            let says = format!("{}{how}", stands.says);
            let like = |group: &&mut Alike| {
                group.says == says
                    && group.files.len() < TOGETHER
                    && group.files.first().is_some_and(|(_, other)| other.record == cite.record)
            };
            match alike.iter_mut().find(like) {
                Some(group) => group.files.push((shown, cite)),
                None => alike.push(Alike { says, files: vec![(shown, cite)], matters: stands.matters }),
            }
        }
        for (n, Alike { says, files, matters }) in alike.into_iter().enumerate() {
            let (shown, mut cites): (Vec<String>, Vec<Cite>) = files.into_iter().unzip();
            cites.dedup();
            let rank = 2 + later(n) + if matters { 0 } else { 2 };
            self.put(Section::Files, rank, format!("{}: {says}", shown.join(", ")), cites);
        }
    }

    /// A path, from the session's folder where it is in it.
    fn short(&self, path: &Path) -> String {
        match self.session().dir.as_ref().and_then(|dir| path.strip_prefix(dir).ok()) {
            Some(below) => crate::model::shown(below),
            None => self.world.short(path),
        }
    }

    /// Files among the session's outputs that are not told of, in the order of their paths.
    fn unheard(&self, told: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let outputs = self.session().dir.as_ref().map(|dir| dir.join("outputs"));
        let Some(top) = outputs.and_then(|dir| self.catalog.find(&dir)) else { return Vec::new() };
        let work = |id: &crate::model::NodeId| {
            let node = self.catalog.node(*id);
            node.kind == Kind::File && node.class != Class::Rebuildable && node.size > 0 && !node.marks.has(Marks::PROTECTED)
        };
        let paths = self.catalog.below(top).filter(work).map(|id| self.catalog.path(id)).filter(|path| !told.contains(path));
        let mut all: Vec<PathBuf> = paths.collect();
        all.sort();
        all
    }

    fn disk(&self, path: &Path) -> Cite {
        Cite { session: self.heard.session, record: DISK.to_owned(), call: String::new(), file: path.to_path_buf() }
    }

    fn open(&mut self) {
        let heard = self.heard;
        for (n, todo) in heard.todos.open().enumerate() {
            let Some(what) = quote(&todo.text, 160) else { continue };
            let how = if todo.begun { "begun and not done" } else { "not done" };
            self.put(Section::Open, 1 + later(n), format!("{how}: {what}"), vec![todo.cite.clone()]);
        }
        if let Some(open) = &heard.open {
            self.said(Section::Open, 1, "a call that nobody answered: ", open, 160);
        }
        match (&heard.said, heard.prompts.last()) {
            (Some(said), _) if !heard.awaits => {
                if let Some(quoted) = question(&said.text).and_then(|asked| quote(asked, 240)) {
                    let (text, cites) = (format!("a question that nobody answered: {quoted}"), vec![said.cite.clone()]);
                    self.all.push(Line { section: Section::Open, rank: 1, text, cites, guess: true });
                }
            }
            (_, Some(prompt)) => self.said(Section::Open, 1, "asked, and not answered in words: ", &prompt.words, 300),
            _ => {}
        }
    }

    fn last(&mut self) {
        if let Some(said) = &self.heard.said {
            self.said(Section::Last, 1, "the model: ", said, 500);
        }
    }
}

/// A summary without what the client puts before it.
fn summary(text: &str) -> &str {
    let text = text.split_once("<summary>").map_or(text, |(_, rest)| rest);
    let text = text.split_once("Summary:").filter(|(before, _)| before.len() < 600).map_or(text, |(_, rest)| rest);
    text.trim()
}
