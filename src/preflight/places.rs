//! Which things on this disk a word of a command names.

use crate::model::to_bytes;
use crate::world::World;
use std::path::{Component, Path, PathBuf};

/// So many things one pattern may name.
const MOST: usize = 100_000;

/// The things a word names that are there: variables and `~` filled in, patterns held against the names on the disk. A path that
/// is not whole is one below `cd`, and that one below `here` where it is there, else below the home.
pub fn resolve(world: &World, here: Option<&Path>, word: &str, cd: Option<&str>) -> Vec<PathBuf> {
    let tops: Vec<&Path> = here.into_iter().chain([world.home.as_path()]).collect();
    let below = |path: &Path| tops.iter().map(|top| top.join(path)).find(|p| p.is_dir()).unwrap_or_else(|| world.home.join(path));
    let folders: Vec<PathBuf> = match cd.map(|dir| expand(world, dir)) {
        Some(dir) if dir.is_absolute() => vec![dir],
        Some(dir) => vec![below(&dir)],
        None => tops.iter().map(|top| top.to_path_buf()).collect(),
    };
    let mut all = Vec::new();
    for one in braces(word) {
        let path = expand(world, &one);
        let found = if path.is_absolute() {
            globbed(&path)
        } else {
            folders.iter().map(|folder| globbed(&folder.join(&path))).find(|found| !found.is_empty()).unwrap_or_default()
        };
        all.extend(found);
    }
    all.truncate(MOST);
    all
}

/// A word with its variables filled in, in every spelling: `~`, `$HOME`, `${HOME}`, `%APPDATA%`, `$env:APPDATA`.
fn expand(world: &World, word: &str) -> PathBuf {
    let mut out = String::new();
    let mut rest = word;
    if let Some(after) = rest.strip_prefix('~').filter(|r| r.is_empty() || r.starts_with(['/', '\\'])) {
        out.push_str(&world.home.to_string_lossy());
        rest = after;
    }
    while let Some(at) = rest.find(['$', '%']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (name, after) = variable(from);
        match name.and_then(|n| value(world, n)) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&from[..from.len() - after.len()]),
        }
        rest = after;
    }
    out.push_str(rest);
    // A path of Windows is read on every platform, since homes are looked at from others.
    if out.contains('\\') && cfg!(not(windows)) { out.replace('\\', "/").into() } else { out.into() }
}

/// The variable at the beginning of a text, and what follows it.
fn variable(text: &str) -> (Option<&str>, &str) {
    let ends = |t: &str| t.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '(' && c != ')').unwrap_or(t.len());
    if let Some(inner) = text.strip_prefix("${") {
        let end = inner.find('}').unwrap_or(inner.len());
        return (inner[..end].strip_prefix("env:").or(Some(&inner[..end])), inner.get(end + 1..).unwrap_or(""));
    }
    if let Some(inner) = text.strip_prefix('%') {
        return match inner.find('%') {
            Some(end) => (Some(&inner[..end]), &inner[end + 1..]),
            None => (None, inner),
        };
    }
    let inner = text.strip_prefix("$env:").or_else(|| text.strip_prefix("$Env:")).or_else(|| text.strip_prefix('$')).unwrap_or(text);
    let end = ends(inner);
    (Some(&inner[..end]), &inner[end..])
}

/// A variable's value; the folders of a user on Windows are also found below a home.
fn value(world: &World, name: &str) -> Option<String> {
    let known = |key: &str| world.env.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.to_string_lossy().into_owned());
    let own = match name.to_ascii_uppercase().as_str() {
        "HOME" | "USERPROFILE" => world.home.clone(),
        "APPDATA" => world.home.join("AppData").join("Roaming"),
        "LOCALAPPDATA" => world.home.join("AppData").join("Local"),
        "XDG_CONFIG_HOME" => world.home.join(".config"),
        "XDG_DATA_HOME" => world.home.join(".local").join("share"),
        "CLAUDE_CONFIG_DIR" => world.home.join(".claude"),
        "CODEX_HOME" => world.home.join(".codex"),
        _ => return known(name),
    };
    known(name).filter(|v| !v.is_empty() && !name.eq_ignore_ascii_case("HOME")).or_else(|| Some(own.to_string_lossy().into_owned()))
}

/// The words that braces stand for: `a{b,c}` is `ab` and `ac`.
fn braces(word: &str) -> Vec<String> {
    let open = word.match_indices('{').map(|(at, _)| at).find(|at| !word[..*at].ends_with('$'));
    let Some((open, close)) = open.and_then(|open| Some((open, open + word[open..].find('}')?))) else { return vec![word.to_owned()] };
    let (before, inner, after) = (&word[..open], &word[open + 1..close], &word[close + 1..]);
    if !inner.contains(',') {
        return vec![word.to_owned()];
    }
    inner.split(',').flat_map(|part| braces(&format!("{before}{part}{after}"))).take(MOST).collect()
}

/// The things a path with patterns names; without patterns itself, where it is there.
fn globbed(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let name = part.as_os_str().to_string_lossy();
        match part {
            Component::CurDir => {}
            Component::ParentDir => found.iter_mut().for_each(|f| _ = f.pop()),
            Component::Normal(_) if name.contains(['*', '?']) => {
                let inside = |dir: &PathBuf| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect::<Vec<_>>();
                let fits = |p: &PathBuf| p.file_name().is_some_and(|n| matches(name.as_bytes(), &to_bytes(n)));
                found = found.iter().flat_map(inside).filter(fits).take(MOST).collect();
                // A shell leaves hidden names out unless the pattern says so; more is counted rather than less.
                found.sort();
            }
            other => found.iter_mut().for_each(|f| f.push(other)),
        }
    }
    found.retain(|p| crate::platform::facts(p).is_ok());
    found
}

/// Whether a name fits a pattern of `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}
