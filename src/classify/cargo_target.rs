//! Cargo's `target` folder beside a `Cargo.toml`.

use super::cachedir::is_tag;
use super::rule::{Findings, Judged, Unit, UnitEntry, WorkRule};
use crate::model::{Kind, Stop, is_document};
use std::path::Path;

/// Cargo's `target` folder.
pub struct CargoTarget;

/// What cargo itself keeps in a profile's folder (the layout of cargo's `Layout`, src/cargo/core/compiler/layout.rs).
const PROFILE: &[&str] =
    &["deps", "build", "incremental", "examples", ".fingerprint", ".cargo-lock", ".cargo-build-lock", ".cargo-artifact-lock"];
/// Endings of what the compiler leaves in a profile's folder.
const PRODUCTS: &[&str] = &["d", "rlib", "rmeta", "so", "a", "dylib", "dll", "lib", "exe", "pdb", "exp", "wasm", "o"];
/// Folders of `target` whose whole content cargo or rustdoc makes.
const WHOLE: &[&str] = &["doc", "package", "tmp", "criterion", "nextest"];

impl WorkRule for CargoTarget {
    fn id(&self) -> &'static str {
        "work/cargo-target"
    }

    fn group(&self) -> &'static str {
        "cargo targets"
    }

    fn candidate(&self, name: &[u8], inside: &[&[u8]]) -> bool {
        let marks: [&[u8]; 4] = [b"CACHEDIR.TAG", b".rustc_info.json", b"debug", b"release"];
        name == b"target" && marks.iter().any(|m| inside.contains(m))
    }

    fn check(&self, unit: &Unit, _stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        let manifest = match unit.read_beside("Cargo.toml") {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) => return findings.nothing(format!("called target, but there is no Cargo.toml beside it to build it again from ({e})")),
        };
        if !manifest.contains("[package]") && !manifest.contains("[workspace]") {
            return findings.nothing("the Cargo.toml beside it is no cargo manifest");
        }
        let tagged = unit.read(Path::new("CACHEDIR.TAG")).is_ok_and(|b| is_tag(&b));
        let locked = unit.read_beside("Cargo.lock").is_ok();
        let mut says = vec!["Cargo.toml stands beside it".into()];
        says.push(
            if tagged { "its CACHEDIR.TAG carries the signature that marks a cache" } else { "only names cargo itself makes are counted" }
                .into(),
        );
        let back = if locked {
            "cargo build --locked, from the Cargo.lock beside it"
        } else {
            "cargo build; without a Cargo.lock the versions may differ"
        };
        let ours = findings.rebuildable(says, back, unit.beside("Cargo.toml"));
        let names = bin_names(&manifest);
        for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            if entry.kind != Kind::Other && made_by_cargo(entry, &names) {
                findings.give(entry.id, ours);
            } else {
                findings.at_risk(entry.id, "not a name cargo gives in its target folder");
            }
        }
        findings.done()
    }
}

/// Names of the package and its binaries, as the manifest spells them.
fn bin_names(manifest: &str) -> Vec<String> {
    let Ok(table) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let name = |t: &toml::Value| t.get("name").and_then(toml::Value::as_str).map(str::to_owned);
    let bins = table.get("bin").and_then(toml::Value::as_array).into_iter().flatten().filter_map(name);
    table.get("package").and_then(name).into_iter().chain(bins).collect()
}

fn made_by_cargo(entry: &UnitEntry, bins: &[String]) -> bool {
    let parts: Option<Vec<&str>> = entry.path.iter().map(|p| p.to_str()).collect();
    let Some(parts) = parts else { return false };
    if is_document(&entry.path) && parts.first() != Some(&"doc") {
        return false;
    }
    match parts.as_slice() {
        ["CACHEDIR.TAG" | ".rustc_info.json" | ".rustdoc_fingerprint.json" | ".future-incompat-report.json"] => true,
        [top, _, ..] if WHOLE.contains(top) => true,
        ["debug" | "release", rest @ ..] => in_profile(rest, bins),
        // A target triple (x86_64-unknown-linux-gnu), then the profile.
        [triple, "debug" | "release", rest @ ..] if triple.matches('-').count() >= 2 => in_profile(rest, bins),
        _ => false,
    }
}

fn in_profile(rest: &[&str], bins: &[String]) -> bool {
    match rest {
        [name] => {
            let path = Path::new(name);
            let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let ending = path.extension().and_then(|e| e.to_str());
            PROFILE.contains(name) || ending.is_some_and(|e| PRODUCTS.contains(&e)) || (ending.is_none() && bins.iter().any(|b| b == stem))
        }
        [top, _, ..] => PROFILE.contains(top),
        [] => false,
    }
}
