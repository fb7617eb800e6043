//! A Python virtual environment: every file checked against the list its package came with.

use super::pycache::{header_matches, source_name};
use super::record::{self, Listed};
use super::rule::{Findings, Judged, Opener, Unit, UnitEntry, WorkRule};
use crate::model::{Kind, Stop};
use crate::platform::facts;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A Python virtual environment.
pub struct Venv;

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
    files: HashMap<PathBuf, Listed>,
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
        for (id, judged) in unit.each(stop, |opener, entry| judge(unit, opener, entry, &packages, born)) {
            match judged {
                Ok(()) => findings.give(id, ours),
                Err(why) => findings.at_risk(id, why),
            }
        }
        findings.done()
    }
}

fn packages(unit: &Unit) -> Packages {
    let mut found = Packages { names: Vec::new(), bound: HashMap::new(), files: HashMap::new() };
    for entry in unit.entries.iter().filter(|e| e.path.file_name().is_some_and(|n| n == "RECORD")) {
        let Some(info) = entry.path.parent() else { continue };
        let (Some(site), Some(name)) = (info.parent(), info.file_name().and_then(|n| n.to_str())) else { continue };
        let Some(name) = name.strip_suffix(".dist-info").and_then(|n| n.split_once('-')) else { continue };
        let Ok(text) = unit.read(&entry.path) else { continue };
        found.names.push(format!("{} {}", name.0, name.1));
        let at = found.names.len() - 1;
        if let Ok(direct) = unit.read(&info.join("direct_url.json")) {
            found.bound.insert(at, not_from_an_index(&direct));
        }
        record::read(&String::from_utf8_lossy(&text), site, entry.mtime_ns, at, &mut found.files);
    }
    found
}

/// `direct_url.json` (PEP 610) is there only for packages not installed by name from an index.
fn not_from_an_index(direct: &[u8]) -> String {
    let url = serde_json::from_slice::<serde_json::Value>(direct).ok().and_then(|v| v.get("url")?.as_str().map(str::to_owned));
    format!("its package was installed from {}, not from an index", url.as_deref().unwrap_or("a place of its own"))
}

fn judge(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, packages: &Packages, born: i64) -> Result<(), String> {
    if let Some(listed) = packages.files.get(&entry.path) {
        return if let Some(why) = packages.bound.get(&listed.package) {
            Err(why.clone())
        } else {
            owned(unit, opener, entry, listed, packages)
        };
    }
    if is_bytecode(&entry.path) {
        return bytecode(unit, opener, entry, packages);
    }
    skeleton(unit, entry, born)
}

fn owned(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, listed: &Listed, packages: &Packages) -> Result<(), String> {
    let name = packages.names.get(listed.package).map_or("its package", String::as_str);
    if entry.kind != Kind::File || entry.sealed {
        return Err(format!("{name} came with a file here, but this is none that can be read"));
    }
    let Some(expected) = &listed.sha256 else {
        return match entry.path.file_name() {
            Some(n) if n == "RECORD" => Ok(()),
            _ if is_bytecode(&entry.path) => bytecode(unit, opener, entry, packages),
            _ if entry.mtime_ns <= listed.written.saturating_add(2_000_000_000) && listed.size.is_none_or(|s| s == entry.size) => Ok(()),
            _ => Err(format!("{name} lists it without a hash, and it is younger than the list, so it may have been changed")),
        };
    };
    if listed.size.is_some_and(|s| s != entry.size) {
        return Err(format!("changed since {name} was installed: it has another size"));
    }
    match opener.open(&entry.path).and_then(|file| record::sha256(file, &mut opener.buffer)) {
        Ok(found) if found == *expected => Ok(()),
        Ok(_) => Err(format!("changed since {name} was installed: its bytes differ from the package's list")),
        Err(e) => Err(format!("it could not be compared with what {name} came with: {e}")),
    }
}

fn is_bytecode(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|n| n == "__pycache__") && path.extension().is_some_and(|e| e == "pyc")
}

fn bytecode(unit: &Unit, opener: &mut Opener<'_>, entry: &UnitEntry, packages: &Packages) -> Result<(), String> {
    let folder = entry.path.parent().and_then(Path::parent).unwrap_or(Path::new(""));
    let source = source_name(&entry.path).map(|n| folder.join(n)).ok_or("not bytecode that Python makes here")?;
    if !packages.files.contains_key(&source) {
        return Err("bytecode of a source that no package here came with".into());
    }
    let facts = facts(&unit.path.join(&source)).map_err(|_| "its source is gone; only this compiled form is left")?;
    header_matches(opener.open(&entry.path), &facts).map_err(str::to_owned)
}

/// What the environment's maker wrote itself: known names, links to an interpreter, and nothing newer than its birth.
fn skeleton(unit: &Unit, entry: &UnitEntry, born: i64) -> Result<(), String> {
    const FOREIGN: &str = "no package here came with it, and it is no part of an empty environment";
    let parts: Vec<&str> = entry.path.iter().filter_map(|p| p.to_str()).collect();
    let young = entry.mtime_ns > born.saturating_add(60_000_000_000);
    match (parts.as_slice(), entry.kind) {
        (["pyvenv.cfg"], Kind::File) => Ok(()),
        (["lib64"], Kind::Symlink) => Ok(()),
        (["bin" | "Scripts", name], Kind::Symlink) if name.starts_with("python") => Ok(()),
        (["bin" | "Scripts", "activate"], Kind::File) => activate(unit, entry, young),
        (["bin" | "Scripts", name], Kind::File) if SKELETON.contains(name) && !young => Ok(()),
        (["Scripts", name], Kind::File) if name.starts_with("python") && name.ends_with(".exe") && !young => Ok(()),
        ([".gitignore"], Kind::File) if unit.read(&entry.path).is_ok_and(|b| b.trim_ascii_end().ends_with(b"*") && b.len() < 200) => Ok(()),
        (["CACHEDIR.TAG"], Kind::File) if unit.read(&entry.path).is_ok_and(|b| super::cachedir::is_tag(&b)) => Ok(()),
        _ if young => Err(format!("{FOREIGN}; it is younger than the environment")),
        _ => Err(FOREIGN.into()),
    }
}

/// People add their own variables at the end of `activate`; the genuine script ends by making the shell forget paths.
fn activate(unit: &Unit, entry: &UnitEntry, young: bool) -> Result<(), String> {
    let text = unit.read(&entry.path).map_err(|e| format!("it could not be read: {e}"))?;
    let text = String::from_utf8_lossy(&text);
    let last = text.lines().rev().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let genuine = text.contains("VIRTUAL_ENV") && (last.starts_with("hash -r") || last == "fi");
    if genuine && !young { Ok(()) } else { Err("the activation script does not end as it was made; somebody may have added to it".into()) }
}
