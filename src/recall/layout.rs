//! Puts the files of a session where its own scripts look for them.

use super::sources::{Found, Sources, Wanted, hash};
use super::spoken::{self, Spoken};
use super::{Known, Recalled, Report, script};
use crate::backup;
use crate::error::{Error, Result};
use crate::export::{is_below, make_below, put_new};
use crate::manifest::Manifest;
use crate::model::{Failed, Kind, PathText, Progress, Watch};
use crate::platform::{facts, open_beneath};
use crate::vault::own;
use crate::world::World;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// A file of the manifest, and its place below the folder.
struct Item<'a> {
    wanted: Wanted<'a>,
    /// `None`: it is one of the user's own folders and is left where it is.
    to: Option<String>,
}

/// Lays everything out.
pub fn lay(world: &World, known: &Known<'_>, to: &Path, dry_run: bool, watch: &dyn Watch) -> Result<Report> {
    let mut run = Laying { world, to, dry_run, report: Report { folder: to.to_path_buf(), ..Report::default() } };
    if !dry_run {
        std::fs::create_dir_all(to).map_err(|e| Error::io("cannot make the folder", to, e))?;
    }
    let sources = Sources::of(world, known);
    let items = items(known);
    let mut progress = Progress { verb: "Recalling", files_total: Some(items.len() as u64), ..Progress::default() };
    let mut missing = Vec::new();
    for item in items {
        if watch.stopped() {
            run.report.interrupted = true;
            return Ok(run.report);
        }
        run.one(&sources, item, &mut missing);
        progress.files += 1;
        watch.at(&progress);
    }
    let missing = run.take_archived(&sources, missing);
    run.take_said(known, missing);
    run.scripts(known)?;
    run.report.files.sort_by(|a, b| a.path.cmp(&b.path));
    run.report.missing.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    Ok(run.report)
}

/// What the manifest tells of, each place once.
fn items<'a>(known: &'a Known<'_>) -> Vec<Item<'a>> {
    let manifest = known.manifest;
    let mut all = Vec::new();
    for input in &manifest.inputs {
        let upload = input.from.starts_with("uploads/").then_some(input.from.as_str());
        let copies = Some(input.path.as_str()).filter(|p| Some(*p) != upload).into_iter().collect();
        let wanted = Wanted { path: upload.unwrap_or(&input.path), blake3: input.blake3.as_deref(), copies };
        all.push(Item { wanted, to: upload.map(str::to_owned) });
    }
    let made = manifest.outputs.iter().chain(manifest.intermediates.iter().map(|i| &i.0));
    for made in made {
        let wanted = Wanted { path: &made.path, blake3: made.blake3.as_deref(), copies: made.flushed.as_deref().into_iter().collect() };
        all.push(Item { to: place(&made.path).map(|to| within(manifest, to)), wanted });
    }
    let mut taken = HashSet::new();
    all.retain(|item| taken.insert(item.to.clone().unwrap_or_else(|| item.wanted.path.to_owned())));
    all
}

/// Where a file of the session goes below the folder; what was in the virtual machine alone goes below `machine`.
fn place(path: &str) -> Option<String> {
    if let Some(rest) = path.strip_prefix("/sessions/") {
        let below = rest.split_once('/').map(|(_, below)| format!("machine/{below}"))?;
        return Some(below).filter(|p| is_below(p));
    }
    (is_below(path) && !path.starts_with("~/")).then(|| path.to_owned())
}

/// A file in a folder that is made again stands aside until that is done: an installation would remove it or take its place.
fn within(manifest: &Manifest, to: String) -> String {
    let made_again = manifest.environments.iter().map(|i| &i.environment).any(|environment| {
        let inside = if environment.kind == "node_modules" { "node_modules/" } else { "" };
        let folder = if environment.folder.is_empty() { String::new() } else { format!("{}/", environment.folder) };
        let folder = folder + inside;
        !folder.is_empty() && to.starts_with(&folder)
    });
    if made_again { format!("{}/{to}", script::INSIDE) } else { to }
}

struct Laying<'a> {
    world: &'a World,
    to: &'a Path,
    dry_run: bool,
    report: Report,
}

impl<'a> Laying<'a> {
    fn one(&mut self, sources: &Sources<'_>, item: Item<'a>, missing: &mut Vec<Item<'a>>) {
        let Some(found) = sources.find(&item.wanted) else {
            missing.push(item);
            return;
        };
        let differs = item.wanted.blake3.filter(|b| *b != found.blake3.to_hex().as_str());
        let differs = differs.map(|_| "it was changed since; these are not the bytes of the manifest".to_owned());
        if differs.is_some() && sources.archived(&item.wanted).is_some() {
            missing.push(item);
            return;
        }
        let Found { file, from, blake3 } = found;
        self.placed(item, from, differs, |to| put(&file, blake3, to));
    }

    /// Puts a file into its place, unless the same is there already, and tells of it.
    fn placed(&mut self, item: Item<'a>, from: String, differs: Option<String>, put: impl FnOnce(&Path) -> std::io::Result<()>) {
        let path = item.wanted.path.to_owned();
        if let (Some(to), false) = (&item.to, self.dry_run) {
            let target = self.to.join(to);
            let there = hash(&target);
            let done = match there {
                Some(there) if item.wanted.blake3.is_some_and(|b| *b == *there.to_hex()) => Ok(()),
                _ => make_below(self.to, Path::new(to).parent().unwrap_or(Path::new(""))).and_then(|()| put(&target)),
            };
            if let Err(e) = done {
                self.missing(&item, &format!("{from} has it, but it could not be put into its place: {e}"));
                return;
            }
        }
        self.report.files.push(Recalled { path, to: item.to, from, differs });
    }

    fn missing(&mut self, item: &Item<'_>, why: &str) {
        self.report.missing.push(Failed { path: PathText::new(Path::new(item.wanted.path)), error: why.to_owned() });
    }

    /// Files that backups hold, each archive read once.
    fn take_archived(&mut self, sources: &Sources<'_>, items: Vec<Item<'a>>) -> Vec<Item<'a>> {
        let mut by_archive: HashMap<PathBuf, Vec<(Vec<u8>, Item<'a>)>> = HashMap::new();
        let mut rest = Vec::new();
        for item in items {
            match sources.archived(&item.wanted) {
                Some((archive, name)) => by_archive.entry(archive.to_path_buf()).or_default().push((name, item)),
                None => rest.push(item),
            }
        }
        for (archive, items) in by_archive {
            let from = format!("the backup {}", self.world.short(&archive));
            let scratch = |n: usize| self.to.join(format!(".lifeboat-recall-{n}.partial"));
            let names: BTreeMap<Vec<u8>, PathBuf> = items.iter().enumerate().map(|(n, (name, _))| (name.clone(), scratch(n))).collect();
            if !self.dry_run
                && let Err(e) = backup::take(&archive, &names)
            {
                self.report.notes.push(format!("{from} cannot be read to its end: {e}"));
            }
            for (name, item) in items {
                let Some(partial) = names.get(&name) else { continue };
                match hash(partial) {
                    _ if self.dry_run => self.placed(item, from.clone(), None, |_| Ok(())),
                    Some(hash) if item.wanted.blake3.is_none_or(|b| *b == *hash.to_hex()) => {
                        self.placed(item, from.clone(), None, |to| put(partial, hash, to));
                    }
                    _ => rest.push(item),
                }
            }
            names.values().filter(|_| !self.dry_run).for_each(|partial| own::discard(partial));
        }
        rest
    }

    /// Files that nothing holds any more but what was said when they were written.
    fn take_said(&mut self, known: &Known<'_>, items: Vec<Item<'a>>) {
        let paths = |item: &Item<'_>| said_as(known, item.wanted.path);
        let wanted: Vec<String> = items.iter().flat_map(paths).collect();
        let said = match known.session {
            Some(session) if !wanted.is_empty() => spoken::of(session, &wanted),
            _ => HashMap::new(),
        };
        for item in items {
            let Some(Spoken { text, from }) = paths(&item).iter().find_map(|p| said.get(p)).cloned() else {
                self.missing(&item, "it is nowhere any more: not in the session, your folders, the vault, a backup, or the conversation");
                continue;
            };
            let hash = blake3::hash(text.as_bytes());
            let same = item.wanted.blake3 == Some(hash.to_hex().as_str());
            let differs = (!same).then(|| "it is as the conversation wrote it; what a command made of it since is not known".to_owned());
            self.placed(item, format!("the conversation, {from}"), differs, |to| {
                put_new(to, &mut Cursor::new(text.as_bytes()), hash, None)
            });
        }
    }

    fn scripts(&mut self, known: &Known<'_>) -> Result<()> {
        let recipe = script::of(known.manifest);
        self.report.notes.extend(recipe.notes);
        self.report.environments = recipe.environments;
        for (name, text) in recipe.files {
            if !self.dry_run {
                let folder = Path::new(&name).parent().unwrap_or(Path::new(""));
                make_below(self.to, folder).map_err(|e| Error::io("cannot make a folder", self.to.join(folder), e))?;
                let place = self.to.join(&name);
                let ours =
                    |facts: crate::model::Facts| facts.kind == Kind::File && std::fs::read(&place).is_ok_and(|b| b == text.as_bytes());
                if !facts(&place).is_ok_and(ours) {
                    let hash = blake3::hash(text.as_bytes());
                    put_new(&place, &mut Cursor::new(text.as_bytes()), hash, None).map_err(|e| {
                        Error::io("cannot write what makes the environments again", &place, e).hint("choose an empty folder with --to")
                    })?;
                }
            }
            self.report.scripts.extend(script::NAMES.contains(&name.as_str()).then_some(name));
        }
        Ok(())
    }
}

/// Paths by which the conversation may have spoken of a file.
fn said_as(known: &Known<'_>, path: &str) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    if let Some(session) = known.session {
        let dir = session.dir.clone().unwrap_or_default();
        let here = dir.join(path);
        all.push(here.to_string_lossy().into_owned());
        for (vm, mounted) in session.mounts() {
            if let Ok(below) = here.strip_prefix(&mounted) {
                all.push(format!("{vm}/{}", below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")));
            }
        }
    }
    all
}

fn put(file: &Path, hash: blake3::Hash, to: &Path) -> std::io::Result<()> {
    let mut from = open_beneath(file.parent().unwrap_or(Path::new("")), file)?;
    let modified = from.metadata()?.modified().ok();
    put_new(to, &mut from, hash, modified)
}
