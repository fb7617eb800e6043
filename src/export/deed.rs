//! Carries out an export or a flush.

use super::beside::Folder;
use super::form::SubAgents;
use super::form::{About, Desk, Format, Head};
use super::keep::{Kept, Wanted, keep, modified};
use super::manifest::{self, Entry, Manifest};
use super::redact::Redactor;
use super::select::{Chosen, What, choose};
use super::spool::{self, Spool};
use super::{Copied, Options, Report, account, folder};
use crate::error::{Error, Kind, Result};
use crate::model::{Catalog, Failed, PathText, Progress, Session, SessionIx, Skipped, Watch};
use crate::transcript;
use crate::vault::own;
use crate::world::World;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// Room that is left free on the disk, in bytes.
const SPARE: u64 = 32 << 20;

/// Writes the durable folder of a session with the files chosen.
pub fn run(world: &World, catalog: &Catalog, ix: SessionIx, options: &Options, what: What, watch: &dyn Watch) -> Result<Report> {
    let session = catalog.session(ix);
    let store = session.store.map(|s| catalog.store(s));
    let parent = options.to.clone().unwrap_or_else(|| world.documents.join(store.map_or("Claude Cowork", |s| s.title)));
    if let Some(within) = catalog.stores.iter().find(|s| parent.starts_with(&s.root)) {
        let what = format!("what is kept cannot lie among the files of {}", within.title);
        return Err(Error::refused(what).at(&parent).hint("choose a folder of your own with --to"));
    }
    if !options.format.agents.contains(&options.agents) {
        let what = format!("{} shows sub-agents in their place and not otherwise", options.format.name);
        return Err(Error::usage(what).hint("leave --subagents out, or choose --format md"));
    }
    // A title may be the first words somebody wrote, secrets and all.
    let mut redactor = Redactor::new(options.raw, &account::emails(world, session));
    let title = redactor.text(&session.title).into_owned();
    let (top, before) = folder::durable(&parent, session, &title);
    let (chosen, skipped) = choose(catalog, ix, what);
    let mut report = Report { folder: top.clone(), skipped, ..Report::default() };
    let talk = match transcript::open(session) {
        Ok(talk) => talk,
        Err(e) => {
            report.failed.push(Failed { path: PathText::new(e.path.as_deref().unwrap_or(&top)), error: e.to_string() });
            None
        }
    };
    if talk.is_none() && chosen.is_empty() {
        return Ok(report);
    }
    enough_room(&top, &chosen, 0)?;
    let mut manifest = before.unwrap_or_default();
    manifest.task.clone_from(&title);
    manifest.session.clone_from(&session.id);
    (manifest.started, manifest.ended) = (session.started.or(manifest.started), session.last_active.or(manifest.ended));
    let mut work = Work { top: &top, manifest, report, taken: HashSet::new(), dry_run: options.dry_run };
    if !options.dry_run {
        std::fs::create_dir_all(&top).map_err(|e| Error::io("cannot make the durable folder", &top, e))?;
        // Claimed before anything else is in it, so that an interrupted run finds it again.
        work.write_manifest()?;
    }
    if let Some(talk) = talk {
        let source = store.map_or("cowork", |s| s.name);
        let mounts = session.mounts().into_iter().map(|(vm, path)| (vm, world.short(&path))).collect();
        let (started, model) = (session.started, session.model.as_deref());
        let about =
            About { title: &title, source, session: &session.id, started, model, mounts, dir: session.dir.as_deref(), raw: options.raw };
        // A dry run leaves the user's Documents alone.
        let scratch = if options.dry_run {
            std::env::temp_dir().join(format!(".lifeboat-transcript-{}.partial", world.new_id()))
        } else {
            top.join(".lifeboat-transcript.partial")
        };
        let mut beside = Folder::new(&top, std::mem::take(&mut work.manifest.beside), options.dry_run);
        let outcome = paged(talk, &about, (options.format, options.agents), redactor, &mut beside, scratch);
        work.manifest.beside = beside.entries();
        work.report.skipped.append(&mut beside.skipped);
        work.report.failed.append(&mut beside.failed);
        match outcome {
            Ok((mut page, head)) => {
                enough_room(&top, &chosen, page.size().unwrap_or(0))?;
                work.transcript(&mut page, options.format, &head);
            }
            Err(e) => work.report.failed.push(Failed { path: PathText::new(e.path.as_deref().unwrap_or(&top)), error: e.to_string() }),
        }
    }
    let mut at = Progress { verb: if what == What::Outputs { "Exporting" } else { "Flushing" }, ..Progress::default() };
    (at.files_total, at.bytes_total) = (Some(chosen.len() as u64), Some(chosen.iter().map(|c| c.bytes).sum()));
    for one in &chosen {
        if watch.stopped() {
            work.skip(&one.from, "stopped before it".to_owned());
            continue;
        }
        work.file(session, one);
        at.files += 1;
        at.bytes += one.bytes;
        watch.at(&at);
    }
    if !options.dry_run {
        work.write_manifest()?;
    }
    Ok(work.report)
}

/// A whole conversation in a format, and its head; a long one lies in `scratch` until it is dropped.
fn paged(
    talk: transcript::Talk,
    about: &About<'_>,
    (format, agents): (&Format, SubAgents),
    redactor: Redactor,
    beside: &mut Folder<'_>,
    scratch: PathBuf,
) -> Result<(spool::Page, Head)> {
    let place = scratch.clone();
    let failed = |e| Error::io("cannot write the transcript", &place, e);
    let mut spool = Spool::new(scratch.clone());
    let desk = Desk { agents, ..Desk::new(&mut spool, about, redactor, beside, scratch) };
    let mut form = (format.begin)(desk);
    let told = talk.tell(&mut |event| form.take(&event).map_err(failed))?;
    let mut head = form.finish(&told).map_err(failed)?;
    let page = spool.behind(std::mem::take(&mut head.text)).map_err(failed)?;
    Ok((page, head))
}

fn enough_room(top: &Path, chosen: &[Chosen], text: u64) -> Result<()> {
    let needed = chosen.iter().filter(|c| folder::at(top, &c.path).is_none()).map(|c| c.bytes).sum::<u64>() + text + SPARE;
    let Ok((free, _)) = crate::platform::free_space(top) else { return Ok(()) };
    if free >= needed {
        return Ok(());
    }
    let size = |n| humansize::format_size(n, humansize::DECIMAL);
    Err(Error::new(Kind::System, format!("not enough room: {} needed, {} free", size(needed), size(free)))
        .at(top)
        .hint("choose another disk with --to"))
}

/// Puts an entry into its list, in the place of an earlier one of the same source.
fn put(list: &mut Vec<Entry>, source: &str, entry: Entry) {
    list.retain(|e| e.source() != source);
    list.push(entry);
    list.sort_by(|a, b| a.path.cmp(&b.path));
}

struct Work<'a> {
    top: &'a Path,
    manifest: Manifest,
    report: Report,
    /// Places below the durable folder that hold a copy by now.
    taken: HashSet<String>,
    dry_run: bool,
}

impl Work<'_> {
    fn transcript(&mut self, page: &mut spool::Page, format: &Format, head: &Head) {
        let list = &self.manifest.transcripts;
        let before = list.iter().find(|e| e.source() == format.file).cloned();
        let wanted = Wanted { path: Path::new(format.file), source: format.file, taken: &self.taken, before: before.as_ref() };
        let target = self.top.join(format.file);
        match keep(self.top, &wanted, page, None, self.dry_run) {
            Ok(kept) => {
                self.report.transcript = Some(self.top.join(&kept.entry.path));
                self.report.turns = head.turns;
                self.beside(&kept, &target);
                put(&mut self.manifest.transcripts, format.file, kept.entry);
            }
            Err(e) => self.fail(&target, &e),
        }
    }

    fn file(&mut self, session: &Session, one: &Chosen) {
        match self.copy(session, one) {
            Ok(kept) => {
                let path = self.top.join(&kept.entry.path);
                self.report.copied += u64::from(kept.written.is_some());
                self.report.bytes += kept.written.unwrap_or(0);
                self.report.copies.push(Copied { path: PathText::new(&one.from), copy: PathText::new(&path), now: kept.written.is_some() });
                self.beside(&kept, &one.from);
                self.taken.insert(kept.entry.path.clone());
                put(self.list(one), &one.source, kept.entry);
            }
            Err(e) => self.fail(&one.from, &e),
        }
    }

    fn copy(&mut self, session: &Session, one: &Chosen) -> io::Result<Kept> {
        let dir = session.dir.as_deref().unwrap_or(Path::new(""));
        let mut file = crate::platform::open_beneath(dir, &one.from)?;
        let before = self.list(one).iter().find(|e| e.source() == one.source).cloned();
        let wanted = Wanted { path: &one.path, source: &one.source, taken: &self.taken, before: before.as_ref() };
        let time = modified(&file);
        keep(self.top, &wanted, &mut file, time, self.dry_run)
    }

    /// The manifest's list that a file belongs to.
    fn list(&mut self, one: &Chosen) -> &mut Vec<Entry> {
        if one.source.starts_with("uploads/") { &mut self.manifest.inputs } else { &mut self.manifest.outputs }
    }

    fn beside(&mut self, kept: &Kept, of: &Path) {
        if let Some(there) = &kept.instead_of {
            let name = kept.entry.path.rsplit('/').next().unwrap_or_default();
            let path = self.top.join(there);
            let reason = format!("not ours or changed since, so left as it is; {} is beside it as {name}", crate::model::shown(of));
            self.skip(&path, reason);
        }
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.report.skipped.push(Skipped { path: PathText::new(path), reason });
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        self.report.failed.push(Failed { path: PathText::new(path), error: error.to_string() });
    }

    fn write_manifest(&self) -> Result<()> {
        let path: PathBuf = self.top.join(manifest::NAME);
        let text = self.manifest.text();
        if crate::platform::open_beneath(self.top, &path).and_then(io::read_to_string).is_ok_and(|old| old == text) {
            return Ok(());
        }
        own::replace(&path, text.as_bytes(), own::Mode::Usual)
    }
}
