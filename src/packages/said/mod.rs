//! What a conversation says was installed: by the commands that ran, and by what they answered.
//!
//! An answer counts more than its command: what it says is there is there, in that version. What a command names and no
//! answer contradicts is taken with the version the command pins it to, or with none. What failed installed nothing.

mod act;
mod heard;
mod installers;
mod shell;
#[cfg(test)]
mod tests;
mod wanted;

use super::python::normal;
use super::{Environment, Package};
use crate::transcript::Tool;
use act::{Act, At};
use heard::{Did, Heard};
use std::collections::{BTreeMap, HashSet};
use wanted::Wanted;

/// Gathers what install commands and their answers say, one tool call after the other.
#[derive(Debug, Default)]
pub struct Said {
    start: At,
    at: At,
    found: BTreeMap<(String, String), Place>,
}

/// An environment as far as it was told of.
#[derive(Debug, Default)]
struct Place {
    packages: BTreeMap<(&'static str, String), Package>,
    /// Names that commands asked for.
    asked: HashSet<String>,
    lists: Vec<String>,
}

/// The part of an answer that is no writing to a terminal: colours are left out.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => drop(rest.by_ref().find(char::is_ascii_alphabetic)),
            // A line that was written over: what stands there at last is its end.
            '\r' => out.push('\n'),
            c => out.push(c),
        }
    }
    out
}

fn key(ecosystem: &'static str, name: &str) -> (&'static str, String) {
    (ecosystem, if ecosystem == "python" { normal(name) } else { name.to_owned() })
}

impl Said {
    /// Nothing told yet, of a conversation that runs in this folder.
    pub fn starting_in(cwd: &str) -> Self {
        let at = At::folder(cwd);
        Self { start: at.clone(), at, found: BTreeMap::new() }
    }

    /// Takes in a tool call of the record with this id. Only what was answered counts: of anything else nobody knows
    /// whether it ran.
    pub fn take(&mut self, record: &str, tool: &Tool<'_>) {
        let short = tool.name.rsplit("__").next().unwrap_or(&tool.name);
        if !short.eq_ignore_ascii_case("bash") {
            return;
        }
        let call = tool.call();
        // The shell of a server's tool begins anew with each call; the tool's own keeps its folder, and nothing else.
        let mut at = if short.len() == tool.name.len() { At::folder(&self.at.cwd) } else { self.start.clone() };
        let acts = at.run(&call.subject);
        if short.len() == tool.name.len() && !tool.failed {
            self.at = at;
        }
        if let (Some(answer), false) = (&tool.answer, acts.is_empty()) {
            let answer = plain(&answer.text);
            self.enter(&acts, &answer, tool.failed, &format!("record {record}"));
        }
    }

    fn enter(&mut self, acts: &[Act], answer: &str, failed: bool, from: &str) {
        let mut done: HashSet<*const installers::Installer> = HashSet::new();
        for act in acts {
            let place = self.found.entry((act.kind.to_owned(), act.folder.clone())).or_default();
            place
                .asked
                .extend(act.wanted.iter().filter(|w| !act.takes && !w.name.is_empty()).map(|w| key(act.installer.ecosystem, &w.name).1));
            place.lists.extend(act.lists.iter().cloned());
        }
        for act in acts {
            let of_same: Vec<&Act> = acts.iter().filter(|a| std::ptr::eq(a.installer, act.installer)).collect();
            let heard = (act.installer.answers)(answer);
            if done.insert(std::ptr::from_ref(act.installer)) {
                for one in &heard {
                    let act = whose(one, &heard, &of_same).unwrap_or(act);
                    self.hear(act, one, from);
                }
            }
            let failed = failed || answer.lines().any(|line| act.installer.fails.iter().any(|f| line.trim_start().starts_with(f)));
            if !failed {
                let told =
                    |w: &Wanted| heard.iter().any(|h| key(act.installer.ecosystem, &h.name) == key(act.installer.ecosystem, &w.name));
                for wanted in act.wanted.iter().filter(|w| !w.name.is_empty() && !told(w)) {
                    self.believe(act, wanted, from);
                }
            }
        }
    }

    fn hear(&mut self, act: &Act, heard: &Heard, from: &str) {
        let place = self.found.entry((act.kind.to_owned(), act.folder.clone())).or_default();
        let key = key(act.installer.ecosystem, &heard.name);
        if heard.did == Did::Took {
            place.packages.remove(&key);
            return;
        }
        let wanted = act.wanted.iter().find(|w| !w.name.is_empty() && self::key(key.0, &w.name) == key);
        let by_list = !act.lists.is_empty() || act.wanted.is_empty();
        let asked = place.asked.contains(&key.1);
        let package = Package {
            ecosystem: key.0.into(),
            name: heard.name.clone(),
            version: heard.version.clone(),
            from: from.to_owned(),
            requested: if asked { Some(true) } else { (!by_list).then_some(false) },
            origin: heard.origin.clone().or_else(|| wanted?.origin.clone()),
            editable: wanted.is_some_and(|w| w.editable),
            ..Package::default()
        };
        // What is told to be there already is what it was.
        match place.packages.get(&key) {
            Some(known) if known.version == package.version && known.origin.is_some() => {}
            _ => drop(place.packages.insert(key, package)),
        }
    }

    /// Takes what a command names for done, where its answer says nothing of it.
    fn believe(&mut self, act: &Act, wanted: &Wanted, from: &str) {
        let place = self.found.entry((act.kind.to_owned(), act.folder.clone())).or_default();
        let key = key(act.installer.ecosystem, &wanted.name);
        if act.takes {
            place.packages.remove(&key);
            place.asked.remove(&key.1);
            return;
        }
        // Without a pin it may have been there before, and then stays as it was.
        if wanted.version.is_empty() && place.packages.contains_key(&key) {
            return;
        }
        let package = Package {
            ecosystem: key.0.into(),
            name: wanted.name.clone(),
            version: wanted.version.clone(),
            from: from.to_owned(),
            requested: Some(true),
            origin: wanted.origin.clone(),
            editable: wanted.editable,
            ..Package::default()
        };
        place.packages.insert(key, package);
    }

    /// The environments told of, with what is installed in them after the last call.
    pub fn environments(self) -> Vec<Environment> {
        let all = self.found.into_iter().filter(|(_, place)| !place.packages.is_empty());
        let environment = |((kind, folder), place): ((String, String), Place)| {
            let packages = place.packages.into_values().collect();
            Environment { kind, folder, recipe: place.lists, packages, ..Environment::default() }.in_order()
        };
        all.map(environment).collect()
    }
}

/// Which of several commands of one installer an answer's line belongs to: as many summaries as commands are theirs in
/// turn; else the one that named it, else the last.
fn whose<'a>(one: &Heard, all: &[Heard], acts: &[&'a Act]) -> Option<&'a Act> {
    let parts = all.iter().filter(|h| h.did == Did::Put).map(|h| h.part).max().map_or(0, |p| p + 1);
    if parts == acts.len() {
        return acts.get(one.part).copied();
    }
    let named = |act: &&&Act| act.wanted.iter().any(|w| key(act.installer.ecosystem, &w.name) == key(act.installer.ecosystem, &one.name));
    acts.iter().find(named).or(acts.last()).copied()
}
