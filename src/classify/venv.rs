//! A Python virtual environment: every file checked against the list its package came with.

use super::pycache::{adds_nothing, header_matches, source_name, written_once};
use super::record::{self, Listed};
use super::rule::{Findings, Judged, Opener, Unit, UnitEntry, WorkRule};
use crate::model::{Kind, Stop};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A Python virtual environment.
pub struct Venv;

/// How much later than its package a list of files, and than its siblings a script, may have been written, in
/// nanoseconds: installers write them together.
const LIST_LATE: i64 = 2_000_000_000;
const SCRIPT_LATE: i64 = 250_000_000;

/// What `python -m venv`, virtualenv and uv themselves put beside the packages.
const SKELETON: &[&str] = &[
    "activate.csh",
    "activate.fish",
    "activate.nu",
    "activate.bat",
    "deactivate.bat",
    "activate_this.py",
    "Activate.ps1",
    "activate.ps1",
    "pydoc.bat",
];

struct Packages {
    names: Vec<String>,
    /// Why a package cannot be had from an index again, by its place in `names`.
    bound: HashMap<usize, String>,
    files: HashMap<PathBuf, Vec<Listed>>,
    /// The lists themselves, by the place of their package in `names`.
    lists: Vec<PathBuf>,
}

impl WorkRule for Venv {
    fn id(&self) -> &'static str {
        "work/venv"
    }

    fn group(&self) -> &'static str {
        "Python environments"
    }

    fn candidate(&self, _name: &[u8], inside: &[&[u8]]) -> bool {
        inside.contains(&b"pyvenv.cfg".as_slice())
    }

    fn check(&self, unit: &Unit, stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        let config = match unit.read(Path::new("pyvenv.cfg")) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) => return findings.nothing(format!("its pyvenv.cfg could not be read: {e}")),
        };
        if !config.lines().any(|l| l.split_once('=').is_some_and(|(k, _)| k.trim() == "home")) {
            return findings.nothing("its pyvenv.cfg names no Python it was made from");
        }
        let packages = packages(unit);
        let mut names: Vec<String> =
            (0..packages.names.len()).filter(|i| !packages.bound.contains_key(i)).map(|i| packages.names[i].replace(' ', "==")).collect();
        names.sort();
        let says = vec![
            "pyvenv.cfg marks a Python environment".into(),
            format!("{} packages; every file was compared with the list its package came with", packages.names.len()).into(),
        ];
        let back = format!("python -m venv, then pip install --no-deps {}", names.join(" "));
        let ours = findings.rebuildable(says, back, unit.path.join("pyvenv.cfg"));
        let born = unit.by_path().get(Path::new("pyvenv.cfg")).map_or(0, |e| e.mtime_ns);
        for (id, judged) in unit.each(stop, |opener, entry| judge(unit, opener, entry, &packages, born, stop)) {
            match judged {
                Ok(()) => findings.give(id, ours),
                Err(why) => findings.at_risk(id, why),
            }
        }
        findings.done()
    }
}

fn packages(unit: &Unit) -> Packages {
    let mut found = Packages { names: Vec::new(), bound: HashMap::new(), files: HashMap::new(), lists: Vec::new() };
    for entry in unit.entries.iter().filter(|e| e.kind == Kind::File && e.path.file_name().is_some_and(|n| n == "RECORD")) {
        let Some(info) = entry.path.parent() else { continue };
        let (Some(site), Some(name)) = (info.parent(), info.file_name().and_then(|n| n.to_str())) else { continue };
        let Some(name) = name.strip_suffix(".dist-info").and_then(|n| n.split_once('-')) else { continue };
        // Packages hold lists of others inside them; those are files of theirs.
        if !site.ends_with("site-packages") || site.iter().filter(|part| *part == "site-packages").count() > 1 {
            continue;
        }
        let Ok(text) = unit.read(&entry.path) else { continue };
        found.names.push(format!("{} {}", name.0, name.1));
        found.lists.push(entry.path.clone());
        let at = found.names.len() - 1;
        if let Ok(direct) = unit.read(&info.join("direct_url.json")) {
            found.bound.insert(at, not_from_an_index(&direct));
        } else if edited(unit, &entry.path) {
            found.bound.insert(at, "its package's list of files was changed after the package was installed".into());
        }
        record::read(&String::from_utf8_lossy(&text), site, at, &mut found.files);
    }
    found
}

/// Whether a list of files is later than the installer's own mark beside it, which is written right before it.
fn edited(unit: &Unit, list: &Path) -> bool {
    let (Ok(list), Ok(mark)) = (unit.times(list), unit.times(&list.with_file_name("INSTALLER"))) else {
        return false;
    };
    let late = |list: i64, mark: i64| list.saturating_sub(mark) > LIST_LATE;
    late(list.modified, mark.modified) || list.changed.zip(mark.changed).is_some_and(|(list, mark)| late(list, mark))
}

/// `direct_url.json` (PEP 610) is there only for packages not installed by name from an index.
fn not_from_an_index(direct: &[u8]) -> String {
    let url = serde_json::from_slice::<serde_json::Value>(direct).ok().and_then(|v| v.get("url")?.as_str().map(str::to_owned));
    format!("its package was installed from {}, not from an index", url.as_deref().unwrap_or("a place of its own"))
}

fn judge(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, packages: &Packages, born: i64, stop: &Stop) -> Result<(), String> {
    if let Some(listed) = packages.files.get(&entry.path) {
        // A file that several packages came with is as one of them has it.
        let mut why = String::new();
        for listed in listed {
            let told = match packages.bound.get(&listed.package) {
                Some(why) => Err(why.clone()),
                None => owned(unit, opener, entry, listed, packages, stop),
            };
            match told {
                Ok(()) => return Ok(()),
                Err(e) => why = e,
            }
        }
        return Err(why);
    }
    if is_bytecode(&entry.path) {
        return bytecode(unit, opener, entry, packages, None);
    }
    skeleton(unit, entry, born)
}

fn owned(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, listed: &Listed, packages: &Packages, stop: &Stop) -> Result<(), String> {
    let name = packages.names.get(listed.package).map_or("its package", String::as_str);
    if entry.kind != Kind::File || entry.sealed {
        return Err(format!("{name} came with a file here, but this is none that can be read"));
    }
    let Some(expected) = &listed.sha256 else {
        let itself = packages.lists.get(listed.package) == Some(&entry.path);
        if !itself && is_bytecode(&entry.path) {
            return bytecode(unit, opener, entry, packages, Some(listed));
        }
        let before = || listed.size.is_none_or(|s| s == entry.size) && before_list(unit, entry, packages, listed);
        return if itself || before() {
            Ok(())
        } else {
            Err(format!("{name} lists it without a hash, and it is younger than the list, so it may have been changed"))
        };
    };
    if listed.size.is_some_and(|s| s != entry.size) {
        return Err(format!("changed since {name} was installed: it has another size"));
    }
    let path = unit.path.join(&entry.path);
    let found = opener.open(&entry.path).and_then(|file| unit.around.hashes.sha256(file, &path, entry.size, &mut opener.buffer, stop));
    match found {
        Ok(Some(found)) if found.as_slice() == expected.as_slice() => Ok(()),
        Ok(None) => Err("not checked: stopped".into()),
        Ok(_) => Err(format!("changed since {name} was installed: its bytes differ from the package's list")),
        Err(e) => Err(format!("it could not be compared with what {name} came with: {e}")),
    }
}

/// Whether a file was changed last before the list of its package was written, by all that times tell.
fn before_list(unit: &Unit, entry: &UnitEntry, packages: &Packages, listed: &Listed) -> bool {
    let list = packages.lists.get(listed.package).and_then(|list| unit.times(list).ok());
    list.zip(unit.times(&entry.path).ok())
        .is_some_and(|(list, own)| own.modified <= list.modified && own.changed.zip(list.changed).is_some_and(|(own, list)| own <= list))
}

fn is_bytecode(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|n| n == "__pycache__") && path.extension().is_some_and(|e| e == "pyc")
}

/// Bytecode of a source that a package came with, proven by when it was written, or else by what is in it.
fn bytecode(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, packages: &Packages, listed: Option<&Listed>) -> Result<(), String> {
    let folder = entry.path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let source = source_name(&entry.path).map(|n| folder.join(n)).ok_or("not bytecode that Python makes here")?;
    if !packages.files.contains_key(&source) {
        return Err("bytecode of a source that no package here came with".into());
    }
    let facts = unit.facts(&source).map_err(|_| "its source is gone; only this compiled form is left")?;
    header_matches(opener.open(&entry.path), &facts).and_then(|()| written_once(unit.times(&entry.path), unit.times(&source)))?;
    if listed.is_some_and(|listed| not_copied(unit, packages, listed) && before_list(unit, entry, packages, listed)) {
        return Ok(());
    }
    let place: PathBuf = source.iter().skip_while(|part| *part != "site-packages").collect();
    Ok(adds_nothing(opener.open(&entry.path), unit.read(&source), &place)?)
}

/// Whether the list of a package's files is where the installer wrote it, so that the system's times tell what came later.
fn not_copied(unit: &Unit, packages: &Packages, listed: &Listed) -> bool {
    const AT_ONCE: i64 = 1_000_000_000;
    let list = packages.lists.get(listed.package).and_then(|list| unit.times(list).ok());
    list.and_then(|list| Some(list.changed?.saturating_sub(list.modified))).is_some_and(|later| later <= AT_ONCE)
}

/// What the environment's maker wrote itself: known names, links to an interpreter, and nothing newer than its birth.
fn skeleton(unit: &Unit, entry: &UnitEntry, born: i64) -> Result<(), String> {
    const FOREIGN: &str = "no package here came with it, and it is no part of an empty environment";
    let parts: Vec<&str> = entry.path.iter().filter_map(|p| p.to_str()).collect();
    let young = entry.mtime_ns > born.saturating_add(60_000_000_000);
    let edited = || young || later_than_siblings(unit, entry);
    let python = |name: &str| name.strip_prefix("python").is_some_and(|v| v.chars().all(|c| c.is_ascii_digit() || ".wt".contains(c)));
    match (parts.as_slice(), entry.kind) {
        (["pyvenv.cfg"], Kind::File) if written_later(unit, entry) => Err("it was changed after the environment was made".into()),
        (["pyvenv.cfg"], Kind::File) => match unit.read(&entry.path) {
            Ok(text) if settings_alone(&String::from_utf8_lossy(&text)) => Ok(()),
            _ => Err("it holds more than an environment's settings".into()),
        },
        (["lib64"], Kind::Symlink) => Ok(()),
        (["bin" | "Scripts", name], Kind::Symlink) if python(name) => Ok(()),
        (["bin" | "Scripts", "activate"], Kind::File) => activate(unit, entry, edited()),
        (["bin" | "Scripts", name], Kind::File) if SKELETON.contains(name) && !edited() => Ok(()),
        (["Scripts", name], Kind::File) if name.strip_suffix(".exe").is_some_and(python) && !young => Ok(()),
        ([".gitignore"], Kind::File) if unit.read(&entry.path).is_ok_and(|b| b.trim_ascii_end().ends_with(b"*") && b.len() < 200) => Ok(()),
        (["CACHEDIR.TAG"], Kind::File) if unit.read(&entry.path).is_ok_and(|b| super::cachedir::is_tag(&b)) => Ok(()),
        _ if young => Err(format!("{FOREIGN}; it is younger than the environment")),
        _ => Err(FOREIGN.into()),
    }
}

/// Whether a configuration is lines `key = value` and nothing else.
fn settings_alone(text: &str) -> bool {
    let key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    text.lines().all(|line| line.trim().is_empty() || line.split_once('=').is_some_and(|(k, _)| key(k.trim())))
}

/// Whether one of the environment's own scripts was changed later than the first of them was written.
fn later_than_siblings(unit: &Unit, entry: &UnitEntry) -> bool {
    let script = |e: &&UnitEntry| {
        let name = e.path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        e.path.parent() == entry.path.parent() && (name == "activate" || SKELETON.contains(&name))
    };
    if written_later(unit, entry) {
        return true;
    }
    let all = unit.entries.iter().filter(script).filter_map(|e| unit.times(&e.path).ok());
    let Some((modified, changed)) = all.map(|t| (t.modified, t.changed)).reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))) else { return true };
    let late = |own: i64, first: i64| own.saturating_sub(first) > SCRIPT_LATE;
    unit.times(&entry.path)
        .map_or(true, |own| late(own.modified, modified) || own.changed.zip(changed).is_some_and(|(own, first)| late(own, first)))
}

/// Whether a file was changed well after it came to be, as far as times tell.
fn written_later(unit: &Unit, entry: &UnitEntry) -> bool {
    const AT_ONCE: i64 = 1_000_000_000;
    let own = unit.times(&entry.path).ok();
    own.and_then(|own| Some(own.changed?.saturating_sub(own.born?))).is_some_and(|later| later > AT_ONCE)
}

/// People add their own variables at the end of `activate`; the genuine script ends by making the shell forget paths.
fn activate(unit: &Unit, entry: &UnitEntry, edited: bool) -> Result<(), String> {
    let text = unit.read(&entry.path).map_err(|e| format!("it could not be read: {e}"))?;
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let genuine = text.contains("VIRTUAL_ENV") && (last.starts_with("hash -r") || last == "fi");
    if genuine && !edited { Ok(()) } else { Err("the activation script is not as it was made; somebody may have added to it".into()) }
}
