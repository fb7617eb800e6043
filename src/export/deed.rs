//! Carries out an export or a flush of one session.

use super::beside::Folder;
use super::form::About;
use super::meter::Meter;
use super::page::{self, Paged};
use super::redact::Redactor;
use super::select::{Choice, Chosen, What, choose, why_not};
use super::shelf::Shelf;
use super::spool::Spool;
use super::work::Work;
use super::{Foreseen, Options, Report, Series, account, bound, folder, fresh, noise, synced, turn, write};
use crate::error::{Error, Kind, Result};
use crate::image::Images;
use crate::manifest::{Entry, Heard, Installed, Made, Manifest, Stamp};
use crate::model::{Catalog, NodeId, PathText, Session, SessionIx, Skipped, Store, Watch};
use crate::transcript::{self, SourceFile, Talk, Tap, Told};
use crate::vault::own::Mode;
use crate::world::World;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Room that is left free on the disk, in bytes.
const SPARE: u64 = 32 << 20;

/// Between two times that the manifest is written while files are copied.
const PAUSE: Duration = Duration::from_secs(2);

/// Writes the durable folder of a session with the files chosen; gives its manifest as well.
pub fn run(series: &mut Series<'_>, catalog: &Catalog, ix: SessionIx, what: What<'_>, watch: &dyn Watch) -> Result<(Report, Manifest)> {
    let session = catalog.session(ix);
    let store = session.store.map(|s| catalog.store(s));
    let parent = parent(series, catalog, ix)?;
    let format = series.options.format;
    if !format.agents.contains(&series.options.agents) {
        let what = format!("{} shows sub-agents in their place and not otherwise", format.name);
        return Err(Error::usage(what).hint("leave --subagents out, or choose --format md"));
    }
    let turn = if series.options.dry_run { None } else { turn::take(series.world, watch) };
    if watch.stopped() {
        return Ok((Report { interrupted: true, ..Report::default() }, Manifest::default()));
    }
    let Choice { files: chosen, left: skipped, noise } = if what == What::Recipe { Choice::default() } else { choose(catalog, ix, what) };
    let found = series.shelf.find(&parent, &session.id);
    let before = found.as_ref().and_then(|(_, m)| m.transcript(format.file));
    // Who flushes says nothing about the transcript: it stays as it was asked for.
    let raw = series.options.raw || what != What::Outputs && before.and_then(|e| e.made.as_ref()).is_some_and(|m| m.raw);
    let (how, parts) = (fresh::how(session, series.options, raw), fresh::parts(session));
    let told = found.as_ref().zip(before).is_some_and(|((top, m), e)| fresh::is_told(top, (e, &m.beside), &how, &parts));
    if let (What::Outputs, Some((top, manifest))) = (what, &found)
        && (told || before.is_none() && parts.is_empty())
        && let Some(copies) = fresh::copies(top, manifest, &chosen)
    {
        let mut report = Report { folder: top.clone(), copies, skipped, up_to_date: true, ..Report::default() };
        if let Some(entry) = before {
            report.transcript(top, entry);
        }
        return Ok((report, manifest.clone()));
    }
    let tested = std::mem::take(&mut series.tested);
    let job = Job {
        world: series.world,
        options: series.options,
        catalog,
        ix,
        session,
        store,
        what,
        watch,
        chosen,
        raw,
        tested,
        how,
        parts,
        told,
    };
    let (redactor, title) = titled(series, session, raw);
    let (top, manifest) = match found {
        Some((top, manifest)) => (top, Some(manifest)),
        None => (Shelf::place(&parent, session, &title), None),
    };
    let mut report = Report { folder: top.clone(), skipped, ..Report::default() };
    report.notes.extend(noise::told(&noise));
    if what.flushes() && !job.chosen.is_empty() {
        report.notes.extend(synced::note(&top));
    }
    let mut work =
        Work { top: &top, manifest: manifest.unwrap_or_default(), report, taken: HashSet::new(), images: Images::default(), job: &job };
    work.manifest.task = title;
    let done = job.carry_out(&mut work, redactor);
    if top.is_dir() {
        series.shelf.put(&parent, &session.id, &top);
    }
    drop(turn);
    done.map(|()| (work.report, work.manifest))
}

/// Where the session's durable folder is looked for, or made.
fn parent(series: &Series<'_>, catalog: &Catalog, ix: SessionIx) -> Result<PathBuf> {
    let store = catalog.session(ix).store.map(|s| catalog.store(s));
    let usual = || series.world.documents.join(store.map_or("Claude Cowork", |s| s.title));
    let parent = series.options.to.clone().unwrap_or_else(usual);
    if let Some(within) = catalog.stores.iter().find(|s| parent.starts_with(&s.root)) {
        let what = format!("what is kept cannot lie among the files of {}", within.title);
        return Err(Error::refused(what).at(&parent).hint("choose a folder of your own with --to"));
    }
    Ok(parent)
}

/// What leaves secrets out, and the session's title without any: it may be the first words somebody wrote.
fn titled(series: &Series<'_>, session: &Session, raw: bool) -> (Redactor, String) {
    let mut redactor = Redactor::new(raw, &account::emails(series.world, session));
    let title = redactor.text(&session.title).into_owned();
    (redactor, title)
}

/// What a flush of these files would do.
pub fn foresee(series: &mut Series<'_>, catalog: &Catalog, ix: SessionIx, these: &HashSet<NodeId>) -> Result<Foreseen> {
    let (session, parent) = (catalog.session(ix), parent(series, catalog, ix)?);
    let found = series.shelf.find(&parent, &session.id);
    let manifest = found.as_ref().map(|(_, manifest)| manifest);
    let place = || Shelf::place(&parent, session, &titled(series, session, false).1);
    let folder = found.as_ref().map_or_else(place, |(top, _)| top.clone());
    let choice = choose(catalog, ix, What::These(these));
    let at = |one: &Chosen| {
        let before = manifest.and_then(|m| m.copies(&one.source).next()).filter(|e| super::keep::is_below(&e.path));
        folder.join(before.map_or(one.path.as_path(), |e| Path::new(&e.path)))
    };
    let copies = choice.files.iter().map(|one| (one.id, at(one))).collect();
    let taken: HashSet<NodeId> = choice.files.iter().map(|one| one.id).collect();
    let named: HashSet<String> = choice.left.iter().chain(&choice.noise).map(|s| s.path.path.clone()).collect();
    let others = these.iter().filter(|id| !taken.contains(id)).filter_map(|id| {
        let path = PathText::new(&catalog.path(*id));
        (!named.contains(&path.path)).then(|| Skipped { path, reason: why_not(catalog, *id, ix).to_owned() })
    });
    let others: Vec<Skipped> = others.collect();
    let stays = |s: Skipped| Skipped { reason: format!("{}; it stays", s.reason), ..s };
    let noise = choice.noise.into_iter().map(|s| Skipped { reason: format!("{}: not copied", s.reason), ..s });
    let left = choice.left.into_iter().chain(noise).map(stays).chain(others).collect();
    let note = synced::note(&folder);
    Ok(Foreseen { folder, copies, left, note })
}

/// What is to be done for one session.
pub struct Job<'a> {
    pub(super) world: &'a World,
    options: &'a Options,
    pub(super) catalog: &'a Catalog,
    pub(super) ix: SessionIx,
    pub(super) session: &'a Session,
    pub(super) store: Option<&'a Store>,
    what: What<'a>,
    pub(super) watch: &'a dyn Watch,
    chosen: Vec<Chosen>,
    pub(super) raw: bool,
    pub(super) tested: Vec<Installed>,
    how: String,
    parts: Vec<(String, Stamp)>,
    /// The transcript is as the conversation is.
    told: bool,
}

impl Job<'_> {
    /// Only say what would be done.
    pub fn dry_run(&self) -> bool {
        self.options.dry_run
    }

    /// The session's folder.
    pub fn dir(&self) -> &Path {
        self.session.dir.as_deref().unwrap_or(Path::new(""))
    }

    /// The folder a file of the session is reached from: the session's own, or its store's root.
    pub fn top_of(&self, file: &Path) -> &Path {
        let root = self.store.map_or(Path::new(""), |store| store.root.as_path());
        if self.session.dir.is_some() && file.starts_with(self.dir()) { self.dir() } else { root }
    }

    /// Whether a copy whose size and time are as they were is as it was.
    pub fn same(&self, top: &Path, entry: &Entry, one: &Chosen) -> bool {
        // A flush proves each copy anew.
        self.what == What::Outputs && fresh::is_same(top, entry, one)
    }

    fn carry_out(&self, work: &mut Work<'_>, redactor: Redactor) -> Result<()> {
        let bytes = if self.told { 0 } else { self.parts.iter().map(|(_, s)| s.size).sum() };
        let verb = match self.what {
            What::Outputs => "Exporting",
            What::AtRisk | What::These(_) => "Flushing",
            What::Recipe => "Reading",
        };
        let meter = Meter::new(verb, bytes, &self.chosen, self.watch);
        let tap: Arc<dyn Tap + '_> = Arc::new(&meter);
        let talk = if self.told { Ok(None) } else { transcript::open_watched(self.session, &tap) };
        let is_new = work.manifest.session.is_empty();
        if is_new && self.what != What::Recipe && self.chosen.is_empty() && matches!(talk, Ok(None)) {
            return Ok(());
        }
        enough_room(work.top, &self.chosen, 0)?;
        let manifest = &mut work.manifest;
        manifest.session.clone_from(&self.session.id);
        manifest.started = self.session.started.or(manifest.started);
        manifest.ended = self.session.last_active.or(manifest.ended);
        if self.watch.stopped() {
            work.stopped();
        } else if !self.dry_run() {
            std::fs::create_dir_all(work.top).map_err(|e| Error::io("cannot make the durable folder", work.top, e))?;
            write::sweep(work.top);
            // Claimed before anything else is in it, so that an interrupted run finds it again.
            work.write_manifest()?;
        }
        let mut heard = None;
        match talk {
            _ if self.watch.stopped() => work.skip(&work.top.join(self.options.format.file), "stopped before it".to_owned()),
            Ok(talk) if self.what == What::Recipe => heard = self.hear(work, talk),
            Ok(Some(talk)) => heard = self.conversation(work, talk, redactor)?,
            Ok(None) => {
                work.not_read(self.options.format.file, self.told);
                heard = self.hear(work, None);
            }
            Err(e) => work.fail(e.path.as_deref().unwrap_or(work.top), &e),
        }
        self.files(work, &meter);
        self.look(work.top, &mut work.manifest);
        if let Some((heard, told)) = heard {
            self.heard(heard, &told, &mut work.manifest);
            work.manifest.heard = Some(fresh::hash_of(&self.parts));
        }
        if !work.top.is_dir() {
            if !self.dry_run() && !work.report.copies.is_empty() {
                work.not_recorded(&"the durable folder is gone");
            }
            return Ok(());
        }
        match work.write_manifest() {
            Ok(()) => bound::copy(self, work),
            Err(e) => work.not_recorded(&e),
        }
        Ok(())
    }

    /// Hears a conversation that is not written, where it is not the one that was heard last.
    fn hear(&self, work: &mut Work<'_>, talk: Option<Talk<'_>>) -> Option<(Heard, Told)> {
        if work.manifest.heard.as_ref() == Some(&fresh::hash_of(&self.parts)) {
            return None;
        }
        let talk = match talk {
            Some(talk) => talk,
            None => transcript::open(self.session).ok()??,
        };
        let mut heard = Heard::default();
        let told = talk.tell(&mut |event| {
            if self.watch.stopped() {
                return Err(Error::new(Kind::Interrupted, "stopped"));
            }
            heard.take(&event);
            Ok(())
        });
        match told {
            Ok(told) => Some((heard, told)),
            Err(e) => {
                if self.watch.stopped() {
                    work.stopped();
                } else {
                    work.fail(e.path.as_deref().unwrap_or(work.top), &e);
                }
                None
            }
        }
    }

    /// What is known of the session before its conversation is told.
    fn about<'s>(&'s self, title: &'s str) -> About<'s> {
        let session = self.session;
        let mounts = session.mounts().into_iter().map(|(vm, path)| (vm, self.world.short(&path))).collect();
        About {
            title,
            source: self.store.map_or("cowork", |s| s.name),
            tool: self.store.map(|s| s.title),
            speaker: session.script.speaker(),
            session: &session.id,
            started: session.started,
            model: session.model.as_deref(),
            mounts,
            dir: session.base(),
            raw: self.raw,
        }
    }

    /// Writes the conversation; gives what was heard of it.
    fn conversation(&self, work: &mut Work<'_>, talk: Talk<'_>, redactor: Redactor) -> Result<Option<(Heard, Told)>> {
        let mut heard = Heard::default();
        let file = self.options.format.file;
        let title = work.manifest.task.clone();
        let about = self.about(&title);
        // A dry run leaves the user's Documents alone.
        let spool = if self.dry_run() {
            Spool::new(std::env::temp_dir().join(format!(".lifeboat-transcript-{}.partial", self.world.new_id())), Mode::Private)
        } else {
            Spool::new(work.top.join(".lifeboat-transcript.partial"), Mode::Usual)
        };
        let stop = || self.watch.stopped();
        let mut beside = Folder::new(work.top, std::mem::take(&mut work.manifest.beside), self.dry_run());
        let how = (self.options.format, self.options.agents);
        let done = page::write(talk, &about, how, (redactor, &mut heard), (&mut beside, spool, &stop));
        work.manifest.beside = beside.settle();
        // What somebody removed and the page has no more of is not missed.
        work.manifest.beside.retain(|e| folder::at(work.top, Path::new(&e.path)).is_some());
        work.report.skipped.append(&mut beside.skipped);
        work.report.failed.append(&mut beside.failed);
        let (mut page, head, told) = match done {
            _ if stop() => {
                work.skip(&work.top.join(file), "stopped before it was whole".to_owned());
                work.stopped();
                return Ok(None);
            }
            Ok(Paged { page, head, told }) => (page, head, told),
            Err(e) => {
                work.fail(e.path.as_deref().unwrap_or(work.top), &e);
                return Ok(None);
            }
        };
        enough_room(work.top, &self.chosen, page.room())?;
        let below = |file: &SourceFile| {
            file.path.strip_prefix(self.session.base().unwrap_or(Path::new(""))).map(super::keep::slashed).unwrap_or_default()
        };
        let made = Made {
            how: self.how.clone(),
            raw: self.raw,
            turns: head.turns,
            said: told.ended,
            main: told.sources.first().map(below).unwrap_or_default(),
            redacted: head.redacted.iter().map(|(rule, n)| ((*rule).to_owned(), *n)).collect(),
            parts: self.parts.clone(),
            left: None,
        };
        if let Err(e) = work.transcript(&mut page, file, made) {
            work.fail(&work.top.join(file), &e);
        }
        Ok(Some((heard, told)))
    }

    /// Copies the files.
    fn files(&self, work: &mut Work<'_>, meter: &Meter<'_>) {
        let mut written = Instant::now();
        for one in &self.chosen {
            if self.watch.stopped() {
                work.skip(&one.from, "stopped before it".to_owned());
                work.stopped();
                continue;
            }
            work.file(one);
            meter.copied(one.bytes);
            // What cannot be recorded now is tried again at the end.
            if written.elapsed() > PAUSE && work.write_manifest().is_ok() {
                written = Instant::now();
            }
        }
    }
}

fn enough_room(top: &Path, chosen: &[Chosen], text: u64) -> Result<()> {
    let needed = chosen.iter().filter(|c| folder::at(top, &c.path).is_none()).map(|c| c.room).sum::<u64>() + text + SPARE;
    let Ok((free, _)) = crate::platform::free_space(top) else { return Ok(()) };
    if free >= needed {
        return Ok(());
    }
    let size = |n| humansize::format_size(n, humansize::DECIMAL);
    Err(Error::new(Kind::System, format!("not enough room: {} needed, {} free", size(needed), size(free)))
        .at(top)
        .hint("choose another disk with --to"))
}
