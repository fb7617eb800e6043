//! Python packages: `*.dist-info` and `*.egg-info` beside the modules (packaging.python.org, "Recording installed projects"),
//! in a virtual environment or a plain `site-packages`.

use super::place::{last, told, unread};
use super::{Ecosystem, Environment, Package, Place};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Python packages.
pub struct Python;

const FOLDERS: &[&str] = &["site-packages", "dist-packages"];

/// Lists of what is installed that people and tools keep beside an environment.
const RECIPES: &[&str] =
    &["requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile", "Pipfile.lock", "pdm.lock", "pylock.toml"];

impl Ecosystem for Python {
    fn id(&self) -> &'static str {
        "python"
    }

    fn mark(&self, at: &Path, inside: &[&str]) -> bool {
        let within = at.parent().is_some_and(|p| p.iter().any(|part| FOLDERS.iter().any(|f| part == *f)));
        !within && (FOLDERS.contains(&last(at)) || inside.iter().any(|n| n.ends_with(".dist-info")))
    }

    fn read(&self, place: &Place<'_>) -> Option<Environment> {
        let mut found = Environment::default();
        let mut read = Reading { place, notes: Vec::new(), seen: HashSet::new(), installers: BTreeMap::new(), told: false };
        let around = venv_around(place);
        match around {
            Some((folder, config)) => {
                found.kind = "venv".into();
                found.folder = told(folder);
                found.runtime = runtime(&config);
                if value(&config, "include-system-site-packages").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
                    read.notes.push("it sees the packages of the Python it was made from too; those are not listed".into());
                }
                let beside = folder.parent().unwrap_or(Path::new(""));
                found.recipe = RECIPES.iter().map(|n| beside.join(n)).filter(|p| place.has(p)).map(|p| told(&p)).collect();
            }
            None => {
                found.kind = "site-packages".into();
                found.folder = told(place.at);
                let named = place.at.iter().filter_map(|p| p.to_str()).rev().find_map(|p| p.strip_prefix("python"));
                found.runtime = named.filter(|v| v.starts_with(|c: char| c.is_ascii_digit())).map(|v| format!("python {v}"));
            }
        }
        // What conda installed into its own Python is told by conda.
        let of_conda = around_conda(place);
        match place.names(place.at) {
            Ok(names) => {
                for name in names {
                    found.packages.extend(read.package(&name.name, name.is_dir, of_conda));
                }
            }
            Err(e) => read.notes.push(unread(place.at, &e)),
        }
        if !read.told {
            found.packages.iter_mut().for_each(|p| p.requested = None);
        }
        found.installer = read.installers.into_iter().max_by_key(|(_, n)| *n).map(|(name, _)| name);
        found.notes = read.notes;
        let is_one = found.kind == "venv" || FOLDERS.contains(&last(place.at)) || found.installer.is_some();
        let is_empty = found.packages.is_empty() && found.notes.is_empty();
        (is_one && !(is_empty && found.kind != "venv")).then_some(found)
    }
}

/// The virtual environment whose packages these are: `lib/python3.x/site-packages`, or `Lib/site-packages` on Windows.
fn venv_around<'p>(place: &Place<'p>) -> Option<(&'p Path, String)> {
    place.at.ancestors().skip(2).take(2).find_map(|folder| Some((folder, place.text(&folder.join("pyvenv.cfg")).ok()?)))
}

fn around_conda(place: &Place<'_>) -> bool {
    place.at.ancestors().skip(2).take(2).any(|folder| place.has(&folder.join("conda-meta")))
}

fn value<'c>(config: &'c str, key: &str) -> Option<&'c str> {
    config.lines().filter_map(|l| l.split_once('=')).find(|(k, _)| k.trim() == key).map(|(_, v)| v.trim())
}

/// `version` is what `venv` writes, `version_info` what virtualenv and uv do (`3.11.7` or `3.11.7.final.0`).
fn runtime(config: &str) -> Option<String> {
    let version = value(config, "version").or_else(|| value(config, "version_info"))?;
    let numbers: Vec<&str> = version.split('.').take_while(|n| n.starts_with(|c: char| c.is_ascii_digit())).take(3).collect();
    (!numbers.is_empty()).then(|| format!("python {}", numbers.join(".")))
}

struct Reading<'a> {
    place: &'a Place<'a>,
    notes: Vec<String>,
    /// Names there already: of two with one name Python takes the first.
    seen: HashSet<String>,
    installers: BTreeMap<String, usize>,
    /// Whether any package says that it was asked for; else nobody kept book of it.
    told: bool,
}

impl Reading<'_> {
    fn package(&mut self, name: &str, is_dir: bool, of_conda: bool) -> Option<Package> {
        let info = self.place.at.join(name);
        let metadata = match (name, is_dir) {
            // What pip could not remove it renames so.
            _ if name.starts_with('~') => return None,
            (n, true) if n.ends_with(".dist-info") => info.join("METADATA"),
            (n, true) if n.ends_with(".egg-info") => info.join("PKG-INFO"),
            (n, false) if n.ends_with(".egg-info") => info.clone(),
            (n, true) if n.ends_with(".egg") => info.join("EGG-INFO").join("PKG-INFO"),
            (n, false) if n.ends_with(".egg-link") => return self.linked(&info),
            (n, false) if n.ends_with(".egg") => return self.zipped(&info),
            _ => return None,
        };
        let text = match self.place.text(&metadata) {
            Ok(text) => text,
            Err(e) => {
                self.notes.push(unread(&metadata, &e));
                return None;
            }
        };
        let mut package = self.headed(&text, &metadata)?;
        let installer = self.place.text(&info.join("INSTALLER")).ok().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        if of_conda && installer.as_deref() == Some("conda") {
            return None;
        }
        if let Some(installer) = installer {
            *self.installers.entry(installer).or_default() += 1;
        }
        let requested = self.place.has(&info.join("REQUESTED"));
        self.told |= requested;
        package.requested = name.ends_with(".dist-info").then_some(requested);
        // What neither a wheel nor pip made came from a folder with a setup.py, wherever that was; Debian's from Debian.
        let by_pip = name.ends_with(".dist-info") || self.place.has(&info.join("installed-files.txt"));
        if !by_pip && last(self.place.at) != "dist-packages" {
            package.origin = Some("unknown".into());
        }
        let direct = info.join("direct_url.json");
        if self.place.has(&direct) {
            match self.place.json(&direct) {
                Ok(url) => of_url(&url, &mut package),
                Err(e) => {
                    // It is there only for what no index gave.
                    package.origin = Some("unknown".into());
                    self.notes.push(unread(&direct, &e));
                }
            }
        }
        Some(package)
    }

    /// A package with the name and version its metadata gives.
    fn headed(&mut self, text: &str, metadata: &Path) -> Option<Package> {
        let Some((name, version)) = name_and_version(text) else {
            self.notes.push(format!("{} tells no name and version", told(metadata)));
            return None;
        };
        self.seen.insert(normal(&name)).then(|| Package {
            ecosystem: Python.id().into(),
            name,
            version,
            from: told(metadata),
            ..Package::default()
        })
    }

    /// A zipped egg, told by its name: `name-version-py3.8.egg`.
    fn zipped(&mut self, egg: &Path) -> Option<Package> {
        let mut parts = last(egg).trim_end_matches(".egg").split('-');
        let (name, version) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let from = told(egg);
        let origin = Some("unknown".into());
        self.seen.insert(normal(&name)).then(|| Package {
            ecosystem: Python.id().into(),
            name,
            version,
            from,
            origin,
            ..Package::default()
        })
    }

    /// `pip install -e` of old: a file that names the folder the package is made in.
    fn linked(&mut self, link: &Path) -> Option<Package> {
        let text = self.place.text(link).ok()?;
        let origin = text.lines().next().map(str::trim).filter(|l| !l.is_empty())?.to_owned();
        let name = last(link).trim_end_matches(".egg-link").to_owned();
        self.notes.push(format!("{name} runs from {origin}, where its version stands"));
        self.seen.insert(normal(&name)).then(|| Package {
            ecosystem: Python.id().into(),
            name,
            from: told(link),
            origin: Some(origin),
            editable: true,
            ..Package::default()
        })
    }
}

/// A name as all its spellings compare (packaging.python.org, "Names and normalization").
pub fn normal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// `Name` and `Version` of the head of a METADATA or PKG-INFO file; the head ends at the first empty line.
fn name_and_version(text: &str) -> Option<(String, String)> {
    let head = || text.lines().take_while(|l| !l.trim().is_empty()).filter_map(|l| l.split_once(':'));
    let field = |key: &str| head().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v.trim()).filter(|v| !v.is_empty());
    Some((field("Name")?.to_owned(), field("Version")?.to_owned()))
}

/// `direct_url.json` (packaging.python.org, "Direct URL data structure"): a version control address, an archive or a folder.
fn of_url(direct: &Value, package: &mut Package) {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let url = text(direct, "url").unwrap_or_else(|| "unknown".into());
    let below = text(direct, "subdirectory").map(|s| format!("#subdirectory={s}")).unwrap_or_default();
    package.origin = Some(match direct.get("vcs_info") {
        Some(vcs) => {
            let commit = text(vcs, "commit_id").map(|c| format!("@{c}")).unwrap_or_default();
            format!("{}+{url}{commit}{below}", text(vcs, "vcs").unwrap_or_else(|| "git".into()))
        }
        None => format!("{url}{below}"),
    });
    package.editable = direct.pointer("/dir_info/editable").and_then(Value::as_bool) == Some(true);
    let archive = direct.get("archive_info");
    let hash = archive.and_then(|a| a.pointer("/hashes/sha256")).and_then(Value::as_str).map(|h| format!("sha256:{h}"));
    package.integrity = hash.or_else(|| archive.and_then(|a| text(a, "hash")).map(|h| h.replacen('=', ":", 1)));
}
