//! What a session was given, ran and made, for its manifest: from the disk, and from its conversation.

use super::deed::Job;
use super::redact::Redactor;
use super::select::{Chosen, What, choose};
use super::{account, fresh};
use crate::classify::blake3_of;
use crate::manifest::{Command, Entry, Heard, Input, Installed, Intermediate, Manifest, Output, Written};
use crate::model::{Catalog, Kind, NodeId, Proof, Stop};
use crate::packages::{self, Environment, Package};
use crate::platform::{Folder, facts};
use crate::transcript::Told;
use std::path::{Path, PathBuf};

/// Where a path of the conversation is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Below the session's folder, `/`-joined.
    Inside(String),
    /// In a folder of the user's that is bound to the session.
    Bound(PathBuf),
    /// In the virtual machine alone.
    Machine(String),
    /// Anywhere else.
    Elsewhere,
}

impl Job<'_> {
    /// Brings up to date what the manifest tells of the session's files.
    pub fn look(&self, top: &Path, manifest: &mut Manifest) {
        let world = self.world;
        self.store.map_or("cowork", |s| s.name).clone_into(&mut manifest.tool);
        // One that is gone since was bound all the same.
        for folder in self.session.folders.iter().map(|f| world.short(f)) {
            if !manifest.folders.contains(&folder) {
                manifest.folders.push(folder);
            }
        }
        let files = choose(self.catalog, self.ix, What::Recipe).files;
        for file in files.iter().filter(|f| !is_noise(f)) {
            if self.watch.stopped() {
                return;
            }
            let copy = manifest.copies(&file.source).find(|e| fresh::is_there(top, e)).cloned();
            if file.source.starts_with("uploads/") {
                self.given(file, copy.as_ref(), manifest);
            } else {
                self.made(file, (top, copy.as_ref()), manifest);
            }
        }
        installed(packages::installed(self.catalog, self.ix), manifest);
        for tested in &self.tested {
            if let Some(known) = manifest.environments.iter_mut().find(|i| i.environment == tested.environment) {
                known.clone_from(tested);
            }
        }
        manifest.inputs.sort_by(|a, b| a.path.cmp(&b.path));
        manifest.outputs.sort_by(|a, b| a.path.cmp(&b.path));
        manifest.intermediates.sort_by(|a, b| a.0.path.cmp(&b.0.path));
    }

    /// An upload.
    fn given(&self, file: &Chosen, copy: Option<&Entry>, manifest: &mut Manifest) {
        let before = manifest.inputs.iter().find(|i| i.from == file.source && i.bytes == Some(file.bytes));
        let known = before.and_then(|i| i.blake3.clone()).filter(|_| copy.is_some_and(|e| e.seen == Some(file.stamp)));
        let (path, how) = match proof(self.catalog, &file.from) {
            Some(Proof::SameInode { copy }) => (self.world.short(copy), ", same file"),
            Some(Proof::SameBytes { copy, .. }) => (self.world.short(copy), ", same bytes"),
            _ => (file.source.clone(), ""),
        };
        let input = Input {
            path,
            blake3: known.or_else(|| self.hash(file, copy)),
            bytes: Some(file.bytes),
            seen: format!("{}{how}", file.source),
            from: file.source.clone(),
        };
        manifest.inputs.retain(|i| i.from != file.source);
        manifest.inputs.push(input);
    }

    /// A file that the session made.
    fn made(&self, file: &Chosen, (top, copy): (&Path, Option<&Entry>), manifest: &mut Manifest) {
        let is_output = file.source.starts_with("outputs/");
        let before = if is_output {
            manifest.outputs.iter().find(|o| o.path == file.source)
        } else {
            manifest.intermediates.iter().map(|i| &i.0).find(|o| o.path == file.source)
        };
        let modified = jiff::Timestamp::from_nanosecond(i128::from(file.stamp.mtime_ns)).ok();
        let same = before.filter(|o| o.bytes == Some(file.bytes) && o.modified == modified && modified.is_some());
        let blake3 = same.and_then(|o| o.blake3.clone()).or_else(|| self.hash(file, copy));
        let ours = copy.filter(|e| Some(&e.blake3) == blake3.as_ref()).map(|e| top.join(&e.path));
        let flushed = match proof(self.catalog, &file.from) {
            Some(Proof::SameInode { copy } | Proof::SameBytes { copy, .. }) => Some(copy.clone()),
            _ => ours,
        };
        let from = before.and_then(|o| o.from.clone());
        let made = Output {
            path: file.source.clone(),
            blake3,
            bytes: Some(file.bytes),
            modified,
            flushed: flushed.map(|p| self.world.short(&p)),
            from,
        };
        if is_output {
            put(&mut manifest.outputs, made, |a, b| a.path == b.path);
        } else {
            put(&mut manifest.intermediates, Intermediate(made), |a, b| a.0.path == b.0.path);
        }
    }

    /// The BLAKE3 of a file as it is now, told by its copy where neither changed since; `None`: it cannot be read.
    fn hash(&self, file: &Chosen, copy: Option<&Entry>) -> Option<String> {
        if let Some(entry) = copy.filter(|e| e.seen == Some(file.stamp)) {
            return Some(entry.blake3.clone());
        }
        let hash = blake3_of(self.top_of(&file.from), &file.from, file.bytes, &Stop::default()).ok()??;
        Some(hash.to_hex().to_string())
    }

    /// Takes in what the conversation told.
    pub fn heard(&self, heard: Heard, told: &Told, manifest: &mut Manifest) {
        let mut redactor = Redactor::new(self.raw, &account::emails(self.world, self.session));
        let mut clean = |text: &String| redactor.text(text).into_owned();
        manifest.version = told.version.as_ref().map(&mut clean).or(manifest.version.take());
        manifest.model = told.model.as_ref().or(self.session.model.as_ref()).map(&mut clean);
        let cwd = told.cwd.as_deref().unwrap_or_default();
        for environment in heard.said.environments() {
            self.said(environment, cwd, manifest);
        }
        for package in &mut manifest.packages {
            for text in [&mut package.origin, &mut package.resolved].into_iter().flatten() {
                *text = redactor.text(text).into_owned();
            }
        }
        for command in &heard.commands {
            let command = Command { command: redactor.text(&command.command).into_owned(), ..command.clone() };
            put(&mut manifest.commands, command, |a, b| a.from == b.from);
        }
        manifest.commands.sort_by_key(|c| c.at);
        for (path, from) in &heard.read {
            // A name with a secret in it is told of nowhere.
            if let (Place::Bound(path), true) = (self.place(path), redactor.text(path) == *path) {
                self.read(&path, from, manifest);
            }
        }
        for (path, written) in heard.written.iter().filter(|(path, _)| redactor.text(path) == **path) {
            self.written(path, written, manifest);
        }
    }

    /// An environment that a conversation tells of; the disk knows better where it has it or had it.
    fn said(&self, mut environment: Environment, cwd: &str, manifest: &mut Manifest) {
        let is_whole = environment.folder.starts_with('/') || environment.folder.contains(':') || cwd.is_empty();
        let told = match environment.folder.as_str() {
            _ if is_whole || environment.folder.is_empty() => environment.folder.clone(),
            folder => format!("{}/{folder}", cwd.trim_end_matches('/')),
        };
        environment.folder = match self.place(&told) {
            Place::Inside(path) => path,
            _ => told,
        };
        let mut packages = std::mem::take(&mut environment.packages);
        let known =
            manifest.environments.iter().any(|i| i.environment.folder == environment.folder && i.environment.kind == environment.kind);
        let from_disk = |p: &Package| p.environment == environment.folder && !p.from.starts_with("record ");
        if packages.is_empty() || manifest.packages.iter().any(from_disk) {
            return;
        }
        for package in &mut packages {
            package.environment.clone_from(&environment.folder);
        }
        manifest.packages.retain(|p| p.environment != environment.folder || packages.iter().all(|now| now.ecosystem != p.ecosystem));
        manifest.packages.extend(packages);
        if !known {
            manifest.environments.push(Installed { environment, ..Installed::default() });
        }
    }

    /// A file of a bound folder that was read: told as it was when that was heard first.
    fn read(&self, path: &Path, from: &str, manifest: &mut Manifest) {
        let short = self.world.short(path);
        if manifest.inputs.iter().any(|i| i.path == short) {
            return;
        }
        let (blake3, bytes) = hash_of(path);
        manifest.inputs.push(Input { path: short, blake3, bytes, seen: String::new(), from: from.to_owned() });
    }

    fn written(&self, path: &str, written: &Written, manifest: &mut Manifest) {
        let told = |path: String| Output {
            path,
            blake3: written.blake3.clone(),
            bytes: written.bytes,
            modified: written.at,
            flushed: None,
            from: Some(written.from.clone()),
        };
        match self.place(path) {
            Place::Inside(path) if path.starts_with("uploads/") => {}
            Place::Inside(path) => {
                let outputs = manifest.outputs.iter_mut().chain(manifest.intermediates.iter_mut().map(|i| &mut i.0));
                match outputs.into_iter().find(|o| o.path == path) {
                    Some(known) => known.from = Some(written.from.clone()),
                    // Gone before anybody looked; or in a folder that is made again.
                    None => put(&mut manifest.intermediates, Intermediate(told(path)), |a, b| a.0.path == b.0.path),
                }
            }
            Place::Bound(path) => {
                let (blake3, bytes) = hash_of(&path);
                let short = self.world.short(&path);
                let made = Output { flushed: blake3.is_some().then(|| short.clone()), blake3, bytes, ..told(short) };
                put(&mut manifest.outputs, made, |a, b| a.path == b.path);
            }
            Place::Machine(path) => put(&mut manifest.intermediates, Intermediate(told(path)), |a, b| a.0.path == b.0.path),
            Place::Elsewhere => {}
        }
    }

    fn place(&self, path: &str) -> Place {
        place(self.dir(), &self.session.mounts(), &self.session.folders, path)
    }
}

/// Takes in environments as they are now. Of one that is gone its packages stay: that is what a manifest is for.
fn installed(found: Vec<Environment>, manifest: &mut Manifest) {
    for mut environment in found {
        let packages = std::mem::take(&mut environment.packages);
        let ours = |p: &Package| p.environment == environment.folder && packages.iter().any(|now| now.ecosystem == p.ecosystem);
        let (before, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut manifest.packages).into_iter().partition(ours);
        let same = before.len() == packages.len() && before.iter().all(|p| packages.contains(p));
        manifest.packages = rest;
        manifest.packages.extend(packages);
        let this = |i: &&mut Installed| (&i.environment.kind, &i.environment.folder) == (&environment.kind, &environment.folder);
        match manifest.environments.iter_mut().find(this) {
            // What was tested was what was installed then.
            Some(known) if same => known.environment = environment,
            Some(known) => *known = Installed { environment, ..Installed::default() },
            None => manifest.environments.push(Installed { environment, ..Installed::default() }),
        }
    }
    manifest.environments.sort_by(|a, b| a.environment.folder.cmp(&b.environment.folder));
    manifest.packages.sort_by_cached_key(|p| (p.environment.clone(), p.ecosystem.clone(), p.name.to_lowercase(), p.place.clone()));
}

fn place(dir: &Path, mounts: &[(String, PathBuf)], bound: &[PathBuf], path: &str) -> Place {
    let within = |vm: &str| path.strip_prefix(vm).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let mounted = mounts.iter().find_map(|(vm, here)| Some(here.join(within(vm)?.trim_start_matches('/'))));
    let here = mounted.unwrap_or_else(|| PathBuf::from(path));
    if here.components().any(|c| matches!(c, std::path::Component::ParentDir)) {
        return Place::Elsewhere;
    }
    if let Ok(below) = here.strip_prefix(dir)
        && !dir.as_os_str().is_empty()
    {
        return Place::Inside(super::keep::slashed(below));
    }
    if bound.iter().any(|folder| here.starts_with(folder)) {
        return Place::Bound(here);
    }
    if path.starts_with("/sessions/") { Place::Machine(path.to_owned()) } else { Place::Elsewhere }
}

/// What is nobody's work: nothing, and what Python makes again by itself.
fn is_noise(file: &Chosen) -> bool {
    file.bytes == 0 || file.from.extension().is_some_and(|e| e == "pyc") || file.from.file_name().is_some_and(|n| n == ".DS_Store")
}

fn proof<'a>(catalog: &'a Catalog, path: &Path) -> Option<&'a Proof> {
    let node: NodeId = catalog.find(path)?;
    catalog.verdict(node).proof.as_ref()
}

/// BLAKE3 and size of a file of the user's, where it is one that can be read.
fn hash_of(path: &Path) -> (Option<String>, Option<u64>) {
    let Some(found) = facts(path).ok().filter(|f| f.kind == Kind::File && !f.placeholder) else { return (None, None) };
    let Some(parent) = path.parent().filter(|p| Folder::open(p).is_ok()) else { return (None, None) };
    let hash = blake3_of(parent, path, found.size, &Stop::default()).ok().flatten();
    (hash.map(|h| h.to_hex().to_string()), Some(found.size))
}

/// Puts a fact into its list, in the place of an earlier one.
fn put<T>(list: &mut Vec<T>, one: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter_mut().find(|other| same(other, &one)) {
        Some(other) => *other = one,
        None => list.push(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_conversation_is_found_where_it_is() {
        let mounts = [
            ("/sessions/b-n/mnt/outputs".to_owned(), PathBuf::from("/s/local_1/outputs")),
            ("/sessions/b-n/mnt/Work".to_owned(), "/home/u/Work".into()),
        ];
        let of = |path: &str| place(Path::new("/s/local_1"), &mounts, &["/home/u/Work".into()], path);
        assert_eq!(of("/sessions/b-n/mnt/outputs/a b.md"), Place::Inside("outputs/a b.md".into()));
        assert_eq!(of("/s/local_1/outputs/a.md"), Place::Inside("outputs/a.md".into()));
        assert_eq!(of("/sessions/b-n/mnt/Work/x.csv"), Place::Bound("/home/u/Work/x.csv".into()));
        assert_eq!(of("/home/u/Work/x.csv"), Place::Bound("/home/u/Work/x.csv".into()));
        assert_eq!(of("/sessions/b-n/work/x.py"), Place::Machine("/sessions/b-n/work/x.py".into()));
        assert_eq!((of("/etc/passwd"), of("/home/u/Work/../.ssh/id")), (Place::Elsewhere, Place::Elsewhere));
        assert_eq!(of("/sessions/b-n/mnt/outputs-of-others/x"), Place::Machine("/sessions/b-n/mnt/outputs-of-others/x".into()));
    }
}
