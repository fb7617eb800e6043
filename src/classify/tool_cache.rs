//! Caches of single tools, known by what each tool always puts into them; only names of its own giving are counted.

use super::rule::{Findings, Judged, Unit, WorkRule};
use crate::model::{Kind, Stop, is_document};
use std::path::Path;

/// The cache of a known tool.
pub struct ToolCache;

/// One tool's cache.
struct Known {
    /// The folder's name.
    name: &'static str,
    /// One of these is in it.
    marks: &'static [&'static str],
    /// What must stand beside it, and a word that must be in that.
    beside: Option<(&'static str, &'static str)>,
    /// Whether the tool gives a path of these parts.
    gives: fn(&[&str]) -> bool,
    back: &'static str,
}

const KNOWN: &[Known] = &[
    // pytest: src/_pytest/cacheprovider.py.
    Known { name: ".pytest_cache", marks: &["v"], beside: None, gives: pytest, back: "the next run of pytest makes it again" },
    // mypy: mypy/build.py, one pair of files a module.
    Known {
        name: ".mypy_cache",
        marks: &["CACHEDIR.TAG", ".gitignore", "missing_stubs"],
        beside: None,
        gives: mypy,
        back: "the next run of mypy makes it again",
    },
    Known {
        name: ".next",
        marks: &["BUILD_ID", "build-manifest.json"],
        beside: Some(("package.json", "\"next\"")),
        gives: next,
        back: "next build, from the sources beside it",
    },
    // npm: cacache, content by its own hash and an index of it.
    Known { name: "_cacache", marks: &["content-v2"], beside: None, gives: cacache, back: "npm fetches it again when it is needed" },
];

impl WorkRule for ToolCache {
    fn id(&self) -> &'static str {
        "work/tool-cache"
    }

    fn group(&self) -> &'static str {
        "caches of tools"
    }

    fn candidate(&self, name: &[u8], inside: &[&[u8]]) -> bool {
        KNOWN.iter().any(|k| k.name.as_bytes() == name && k.marks.iter().any(|m| inside.contains(&m.as_bytes())))
    }

    fn check(&self, unit: &Unit, _stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        let Some(known) = KNOWN.iter().find(|k| unit.path.file_name().is_some_and(|n| n == k.name)) else {
            return findings.nothing("no tool is known that makes such a folder");
        };
        if let Some((name, word)) = known.beside
            && !unit.read_beside(name).is_ok_and(|b| String::from_utf8_lossy(&b).contains(word))
        {
            return findings.nothing(format!("no {name} that names its tool stands beside it"));
        }
        let recipe = known.beside.map_or_else(|| unit.path.clone(), |(name, _)| unit.beside(name));
        let ours = findings.rebuildable(vec!["only names its tool itself gives are counted".into()], known.back, recipe);
        for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            let parts: Option<Vec<&str>> = entry.path.iter().map(|p| p.to_str()).collect();
            if entry.kind == Kind::File && !is_document(&entry.path) && parts.is_some_and(|p| (known.gives)(&p)) {
                findings.give(entry.id, ours);
            } else {
                findings.at_risk(entry.id, "not a name the tool gives in its cache");
            }
        }
        findings.done()
    }
}

fn pytest(parts: &[&str]) -> bool {
    matches!(parts, ["README.md" | ".gitignore" | "CACHEDIR.TAG"] | ["v", "cache", "lastfailed" | "nodeids" | "stepwise"])
}

fn mypy(parts: &[&str]) -> bool {
    let version = |v: &str| v.starts_with(|c: char| c.is_ascii_digit()) && v.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    match parts {
        [name] => matches!(*name, ".gitignore" | "CACHEDIR.TAG" | "missing_stubs"),
        [at, .., name] => version(at) && [".data.json", ".meta.json", "@plugins_snapshot.json"].iter().any(|e| name.ends_with(e)),
        [] => false,
    }
}

fn next(parts: &[&str]) -> bool {
    match parts {
        [name] => *name == "BUILD_ID" || *name == "trace" || Path::new(name).extension().is_some_and(|e| e == "json"),
        [top, ..] => matches!(*top, "static" | "server" | "cache" | "types"),
        [] => false,
    }
}

fn cacache(parts: &[&str]) -> bool {
    let hex = |n: &str| n.len() >= 2 && n.bytes().all(|b| b.is_ascii_hexdigit());
    match parts {
        ["content-v2", "sha512" | "sha1" | "sha256", rest @ ..] | ["index-v5", rest @ ..] => rest.len() == 3 && rest.iter().all(|n| hex(n)),
        ["_lastverified"] => true,
        _ => false,
    }
}
