//! What installers answer: which packages they put in, found there or took out.

use super::wanted::wheel;
use crate::packages::python::normal;
use std::collections::HashSet;

/// What an answer says of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// It is there now, or was already.
    Put,
    /// It is gone.
    Took,
}

/// A package of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What was done.
    pub did: Did,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it came from, when that is not an index.
    pub origin: Option<String>,
    /// Which of the installer's summaries says so, counted from 0.
    pub part: usize,
}

fn heard(did: Did, name: &str, version: &str) -> Option<Heard> {
    let version = version.trim_start_matches('v');
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(char::is_whitespace);
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    (is_name && is_version).then(|| Heard { did, name: name.into(), version: version.into(), origin: None, part: 0 })
}

fn put(name: &str, version: &str) -> Option<Heard> {
    heard(Did::Put, name, version)
}

fn took(name: &str, version: &str) -> Option<Heard> {
    heard(Did::Took, name, version)
}

/// `name-1.2.3` in two, at the last `-`.
fn dashed(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('-')
}

/// What stands in the last pair of parentheses.
fn in_parentheses(text: &str) -> Option<&str> {
    text.trim_end().strip_suffix(')')?.rsplit_once('(').map(|(_, inner)| inner)
}

fn requirement(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// pip.
pub fn pip(text: &str) -> Vec<Heard> {
    let (mut all, mut part) = (Vec::new(), 0);
    // What was collected from an index by name, and what came from elsewhere since the last summary.
    let (mut collected, mut elsewhere): (HashSet<String>, Vec<&str>) = (HashSet::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(what) = line.strip_prefix("Collecting ") {
            let address = what.split(" (from").next().unwrap_or(what);
            if address.contains("://") {
                elsewhere.push(address);
            } else {
                collected.insert(normal(requirement(what)));
            }
        } else if let Some(what) = line.strip_prefix("Processing ").or_else(|| line.strip_prefix("Obtaining ")) {
            elsewhere.push(what.split(" (from").next().unwrap_or(what));
        } else if let Some(list) = line.strip_prefix("Successfully installed ") {
            for mut one in list.split_whitespace().filter_map(dashed).filter_map(|(n, v)| put(n, v)) {
                one.origin = origin(&normal(&one.name), &collected, &elsewhere);
                one.part = part;
                all.push(one);
            }
            elsewhere.clear();
            part += 1;
        } else if let Some(rest) = line.strip_prefix("Requirement already satisfied: ") {
            let found = in_parentheses(rest).and_then(|version| put(requirement(rest), version));
            all.extend(found.map(|h| Heard { part, ..h }));
        } else if let Some((name, version)) = line.strip_prefix("Successfully uninstalled ").and_then(dashed) {
            all.extend(took(name, version).map(|h| Heard { part, ..h }));
        }
    }
    all
}

/// Where a package came from that pip collected from no index. Of several places that name no package it may be any.
fn origin(name: &str, collected: &HashSet<String>, elsewhere: &[&str]) -> Option<String> {
    let told = |place: &&&str| {
        let by_name = place.split_once('@').filter(|(n, _)| !n.contains('/')).map(|(n, _)| n.trim().to_owned());
        by_name.or_else(|| wheel(place).map(|(n, _)| n)).map(|n| normal(&n))
    };
    if let Some(place) = elsewhere.iter().find(|place| told(place).as_deref() == Some(name)) {
        return Some((*place).to_owned());
    }
    let unnamed: Vec<&str> = elsewhere.iter().filter(|place| told(place).is_none()).copied().collect();
    (!collected.contains(name) && !unnamed.is_empty()).then(|| unnamed.join(" or "))
}

/// uv: ` + name==1.2 (from file:///…)`, ` - name==1.1`, ` ~ name==1.2`.
pub fn uv(text: &str) -> Vec<Heard> {
    let line = |line: &str| {
        let (sign, rest) = line.trim().split_once(' ')?;
        let (what, from) = rest.split_once(" (from ").unwrap_or((rest, ""));
        let (name, version) = what.trim().split_once("==")?;
        let mut one = match sign {
            "+" | "~" => put(name, version)?,
            "-" => took(name, version)?,
            _ => return None,
        };
        one.origin = from.strip_suffix(')').map(str::to_owned);
        Some(one)
    };
    text.lines().filter_map(line).collect()
}

/// npm tells no versions but in its early form (`+ name@1.2.3`); pnpm: `+ name 1.2.3`; yarn: `├─ name@1.2.3`; bun:
/// `installed name@1.2.3`.
pub fn npm(text: &str) -> Vec<Heard> {
    let mut direct = true;
    let line = |line: &str| {
        let line = line.trim();
        // The first list of yarn is what was asked for; the second, of everything, has several versions of one name.
        direct = (direct || line == "info Direct dependencies") && line != "info All dependencies";
        let (sign, rest) = line.split_once(' ')?;
        let spaced = || rest.split_once(' ').map(|(name, more)| (name, more.split(' ').next().unwrap_or_default()));
        let at = || rest.get(1..)?.find('@').and_then(|at| Some((rest.get(..=at)?, rest.get(at + 2..)?.split(' ').next()?)));
        match sign {
            "+" => at().or_else(spaced).and_then(|(n, v)| put(n, v)),
            "-" => at().or_else(spaced).and_then(|(n, v)| took(n, v)),
            "├─" | "└─" if direct => at().and_then(|(n, v)| put(n, v)),
            "installed" => at().and_then(|(n, v)| put(n, v)),
            _ => None,
        }
    };
    text.lines().filter_map(line).collect()
}

/// apt and dpkg: `Setting up name:arch (1.2-3) ...`, `name is already the newest version (1.2-3).`, `Removing name (1.2) ...`.
pub fn debian(text: &str) -> Vec<Heard> {
    let named = |rest: &str, did| {
        let (name, rest) = rest.split_once(" (")?;
        heard(did, name.split(':').next()?, rest.split_once(')')?.0)
    };
    let line = |line: &str| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("Setting up ") {
            named(rest, Did::Put)
        } else if let Some(rest) = line.strip_prefix("Removing ") {
            named(rest, Did::Took)
        } else {
            let (name, rest) = line.split_once(" is already the newest version (")?;
            put(name.split(':').next()?, rest.split_once(')')?.0)
        }
    };
    text.lines().filter_map(line).collect()
}

/// cargo: ``Installed package `name v1.2.3 (source)` (executable `x`)``, `Replaced`, `Ignored`, `Removed` no version.
pub fn cargo(text: &str) -> Vec<Heard> {
    let line = |line: &str| {
        let line = line.trim();
        let (did, rest) = line.split_once(" package `")?;
        let first = rest.split_once('`')?.0;
        let what = match did {
            "Installed" | "Ignored" => first,
            "Replaced" => rest.split_once("` with `")?.1.split_once('`')?.0,
            _ => return None,
        };
        let mut words = what.splitn(3, ' ');
        let mut one = put(words.next()?, words.next()?)?;
        one.origin = words.next().map(|source| source.trim_matches(['(', ')']).to_owned());
        Some(one)
    };
    text.lines().filter_map(line).collect()
}

/// gem and bundler: `Successfully installed rake-13.0.6`, with the platform after the version; `Installing rake 13.0.6`.
pub fn gem(text: &str) -> Vec<Heard> {
    let apart = |text: &str| {
        let at = text
            .match_indices('-')
            .map(|(at, _)| at)
            .find(|at| text.get(at + 1..).is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit())))?;
        let version = text.get(at + 1..)?.split('-').next()?;
        Some((text.get(..at)?.to_owned(), version.to_owned()))
    };
    let line = |line: &str| {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("Successfully installed ") {
            apart(rest).and_then(|(n, v)| put(&n, &v))
        } else if let Some(rest) = line.strip_prefix("Successfully uninstalled ") {
            apart(rest).and_then(|(n, v)| took(&n, &v))
        } else {
            let rest = line.strip_prefix("Installing ").or_else(|| line.strip_prefix("Using "))?;
            let mut words = rest.split(' ');
            put(words.next()?, words.next()?)
        }
    };
    text.lines().filter_map(line).collect()
}

/// Homebrew: `🍺  /opt/homebrew/Cellar/jq/1.7.1: 19 files`, `Warning: jq 1.7.1 is already installed`, `Uninstalling …`.
pub fn brew(text: &str) -> Vec<Heard> {
    let line = |line: &str| {
        let line = line.trim();
        if let Some((_, rest)) = line.split_once("/Cellar/") {
            let (name, rest) = rest.split_once('/')?;
            let version = rest.split([':', ' ']).next()?.trim_end_matches("...");
            return if line.starts_with("Uninstalling") {
                took(name, version)
            } else if line.contains(" files") {
                put(name, version)
            } else {
                None
            };
        }
        let told = line.strip_prefix("Warning: ")?.split_once(" is already installed")?.0;
        let (name, version) = told.split_once(' ')?;
        put(name, version)
    };
    text.lines().filter_map(line).collect()
}

/// conda and mamba: the plan, where the answer says that it was carried out.
pub fn conda(text: &str) -> Vec<Heard> {
    let done =
        text.split_once("Executing transaction").is_some_and(|(_, rest)| rest.contains("done")) || text.contains("Transaction finished");
    let mut did = None;
    let line = |line: &str| {
        let line = line.trim();
        if line.starts_with("The following") {
            did = Some(if line.contains("REMOVED") { Did::Took } else { Did::Put });
            return None;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            // mamba: `+ name 1.2 build channel 8MB`.
            ["+", name, version, _, ..] => put(name, version),
            ["-", name, version, _, ..] => took(name, version),
            [name, rest @ ..] => {
                let name = name.trim_end_matches(':');
                let new = rest.iter().skip_while(|w| **w != "-->").nth(1).or_else(|| rest.first())?;
                // `channel::name-1.2-build`, or `1.2-build` alone.
                let own = new.rsplit("::").next()?;
                let own = own.strip_prefix(name).and_then(|v| v.strip_prefix('-')).unwrap_or(own);
                let (version, build) = own.split_once('-')?;
                if build.is_empty() { None } else { heard(did?, name, version) }
            }
            [] => None,
        }
    };
    let all: Vec<Heard> = text.lines().filter_map(line).collect();
    if done { all } else { Vec::new() }
}

/// Composer and poetry: `- Installing name (1.2.3): …`, `- Upgrading name (1.2 => 1.3)`, `- Removing name (1.2)`.
pub fn bulleted(text: &str) -> Vec<Heard> {
    let line = |line: &str| {
        let line = line.trim().trim_start_matches(['-', '•', ' ']);
        let (verb, rest) = line.split_once(' ')?;
        let (name, rest) = rest.split_once(" (")?;
        let version = rest.split_once(')')?.0;
        match verb {
            "Installing" => put(name, version),
            "Upgrading" | "Updating" | "Downgrading" => put(name, version.rsplit(' ').next()?),
            "Removing" => took(name, version),
            _ => None,
        }
    };
    text.lines().filter_map(line).collect()
}
