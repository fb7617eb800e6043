//! Deeds on their own thread: they tell how far they are, can be stopped, and end in an [`Outcome`].

use super::confirm::{Agreed, Confirmed};
use super::msg::{Deed, Msg, Outcome};
use super::text;
use crate::error::{Error, Result};
use crate::model::{Catalog, Class, Failed, PathText, Plan, Progress, Receipt, SessionIx, Skipped, Stop, Tally, Watch};
use crate::tending::{self, Verb};
use crate::vault::Consent;
use crate::world::World;
use crate::{backup, export, lifecycle, rescue, vault};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What is to be done.
#[derive(Debug)]
pub enum Job {
    /// Destroys nothing.
    Safe(Deed),
    /// Was confirmed.
    Confirmed(Confirmed),
}

/// Tells the interface how far a deed is, twenty times a second at most.
struct Teller {
    to: Sender<Msg>,
    stop: Stop,
    last: Mutex<Option<Instant>>,
}

impl Watch for Teller {
    fn at(&self, progress: &Progress) {
        let Ok(mut last) = self.last.lock() else { return };
        if last.is_none_or(|l| l.elapsed() >= Duration::from_millis(50)) {
            *last = Some(Instant::now());
            let _ = self.to.send(Msg::Progress(progress.clone()));
        }
    }
    fn stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// Begins a job on a thread of its own; its end arrives as a message.
pub fn start(job: Job, world: World, catalog: Arc<Catalog>, (stop, alive): (Stop, Arc<()>), to: Sender<Msg>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let watch = Teller { to: to.clone(), stop, last: Mutex::new(None) };
        watch.at(&Progress { verb: verb(&job), ..Progress::default() });
        let done = std::panic::catch_unwind(AssertUnwindSafe(|| run(job, &world, &catalog, &watch)));
        let outcome = match done {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => failed(&error),
            Err(_) => {
                Outcome { line: "stopped by a fault in the program; nothing more was done".into(), changed: true, ..Outcome::default() }
            }
        };
        let _ = to.send(Msg::Finished(outcome));
        drop(alive);
    })
}

fn verb(job: &Job) -> &'static str {
    match job {
        Job::Safe(Deed::Undo(_)) => "Putting back",
        Job::Safe(Deed::Export(_)) => "Exporting",
        Job::Safe(Deed::Flush(_)) => "Flushing",
        Job::Safe(Deed::Backup) => "Backing up",
        Job::Safe(Deed::Archive(_)) => "Archiving",
        Job::Safe(Deed::Unarchive(_)) => "Bringing back",
        Job::Confirmed(c) => match c.agreed() {
            Agreed::Clean(_, Some(_)) => "Backing up",
            Agreed::Clean(_, None) => "Moving",
            Agreed::Rescue(_) => "Flushing",
            Agreed::Tend(proposal) => match proposal.verb {
                Verb::Prune => "Deleting",
                Verb::Reclaim => "Reclaiming",
                Verb::Vacuum | Verb::Pack => "Packing",
            },
            Agreed::Purge(_) => "Removing",
        },
    }
}

fn run(job: Job, world: &World, catalog: &Catalog, watch: &dyn Watch) -> Result<Outcome> {
    match job {
        Job::Safe(Deed::Undo(operation)) => lifecycle::undo(world, operation.as_deref(), false, watch).map(|r| undone(&r)),
        Job::Safe(Deed::Export(sessions)) => export_all(world, catalog, &sessions, false, watch),
        Job::Safe(Deed::Flush(sessions)) => export_all(world, catalog, &sessions, true, watch),
        Job::Safe(Deed::Backup) => backup::create(world, catalog, &backup::Options::default(), watch).map(|r| backed_up(world, &r)),
        Job::Safe(Deed::Archive(sessions)) => archive(world, catalog, &sessions, true, watch),
        Job::Safe(Deed::Unarchive(sessions)) => archive(world, catalog, &sessions, false, watch),
        Job::Confirmed(confirmed) => match confirmed.into_agreed() {
            Agreed::Clean(plan, first) => clean(world, catalog, &plan, first, watch),
            Agreed::Rescue(plan) => rescue::carry_out(world, catalog, &plan, false, watch).map(|done| rescued(&done)),
            Agreed::Tend(proposal) => tending::carry_out(world, catalog, &proposal, watch).map(|r| tended(proposal.verb, &r)),
            Agreed::Purge(what) => lifecycle::purge(world, &what, false, watch).map(|r| purged(&r)),
        },
    }
}

/// Archives sessions, or brings them back, store by store.
fn archive(world: &World, catalog: &Catalog, sessions: &[SessionIx], archived: bool, watch: &dyn Watch) -> Result<Outcome> {
    let mut receipt = Receipt::new(if archived { "archive" } else { "unarchive" });
    for (at, store) in catalog.stores.iter().enumerate() {
        let own = sessions.iter().map(|s| catalog.session(*s)).filter(|s| s.store.is_some_and(|s| usize::from(s.0) == at));
        let ids: Vec<String> = own.map(|s| s.id.clone()).collect();
        let keeper = lifecycle::KEEPERS.iter().find(|k| k.tool().name() == store.name);
        if let Some(keeper) = keeper.filter(|_| !ids.is_empty()) {
            receipt.join(keeper.archive(&lifecycle::Desk::here(world, watch), &store.root, &ids, archived, false)?);
        }
    }
    let count = text::counted(receipt.moved, "session", "sessions");
    let done = if archived { "archived" } else { "brought back" };
    let line = format!("Done: {count} {done} · u undo");
    Ok(Outcome { line, good: receipt.failed.is_empty(), changed: true, problems: problems_of(&receipt) })
}

/// The backup, and only if it holds every thing at risk of the plan, the move.
fn clean(world: &World, catalog: &Catalog, plan: &Plan, first: Option<backup::Options>, watch: &dyn Watch) -> Result<Outcome> {
    let mut kept = String::new();
    if let Some(options) = first {
        let report = backup::create(world, catalog, &options, watch)?;
        if let Some(why) = not_held(plan, &report) {
            let problems = problems(&report.skipped, &report.failed);
            let line = format!("nothing was moved: {why}");
            return Ok(Outcome { line, problems, ..Outcome::default() });
        }
        kept = format!(" · backup {}", world.short(&report.archive));
        watch.at(&Progress { verb: "Moving", ..Progress::default() });
    }
    let consent = Consent { at_risk: plan.items.iter().any(|i| i.class == Class::AtRisk), dry_run: false };
    let receipt = crate::lifecycle::clean(world, plan, consent, watch)?;
    let problems = problems_of(&receipt);
    let skipped = left(&receipt);
    if let (0, false, Some(first)) = (receipt.moved, receipt.interrupted, receipt.skipped.first()) {
        let more =
            if receipt.skipped.len() > 1 { format!(" · {} left alone", text::count(receipt.skipped.len() as u64)) } else { String::new() };
        return Ok(Outcome { line: format!("Nothing was moved: {}{more}{kept}", first.reason), good: false, changed: true, problems });
    }
    let stopped = if receipt.interrupted { "Stopped" } else { "Done" };
    let line = format!(
        "{stopped}: {} in the vault{skipped}, free space unchanged (it returns on purge) · u undo · P empty the vault{kept}",
        text::sized(Tally { files: receipt.moved, bytes: receipt.bytes, allocated: receipt.allocated })
    );
    Ok(Outcome { line, good: receipt.failed.is_empty() && !receipt.interrupted, changed: true, problems })
}

/// What was done to sessions so that they take less room.
fn tended(verb: Verb, receipt: &Receipt) -> Outcome {
    let (bytes, left) = (text::bytes(receipt.bytes), left(receipt));
    let stopped = if receipt.interrupted { "Stopped" } else { "Done" };
    let count = |one, many| text::counted(receipt.moved, one, many);
    let line = match verb {
        Verb::Prune => format!("{stopped}: {} deleted, {bytes}{left} · u undo · V packs the databases", count("session", "sessions")),
        Verb::Reclaim => format!("{stopped}: {bytes} in {} reclaimed{left} · u undo · V packs the databases", count("row", "rows")),
        Verb::Vacuum => format!("{stopped}: {bytes} are free again{left}"),
        Verb::Pack => format!("{stopped}: {bytes} packed, the originals are in the vault{left} · u undo · P empty the vault"),
    };
    Outcome { line, good: receipt.failed.is_empty() && !receipt.interrupted, changed: true, problems: problems_of(receipt) }
}

/// What was copied, and what then went.
fn rescued(done: &rescue::Done) -> Outcome {
    let receipt = &done.receipt;
    let problems = problems_of(receipt);
    let copied = text::counted(done.copies.iter().filter(|c| c.now).count() as u64, "file", "files");
    if receipt.interrupted && receipt.moved == 0 {
        let line = format!("Stopped: {copied} copied, nothing was moved; the copies stay");
        return Outcome { line, good: false, changed: true, problems };
    }
    let stopped = if receipt.interrupted { "Stopped" } else { "Done" };
    let moved = text::bytes(receipt.bytes);
    let line = format!("{stopped}: {copied} copied, {moved} in the vault{} · u undo, copies stay · P empty the vault", left(receipt));
    Outcome { line, good: receipt.failed.is_empty() && !receipt.interrupted, changed: true, problems }
}

/// What was left out or failed, and what else there is to say. That moved is not freed, the line itself says.
fn problems_of(receipt: &Receipt) -> Vec<(String, String)> {
    let mut problems = problems(&receipt.skipped, &receipt.failed);
    let notes = receipt.notes.iter().filter(|note| *note != vault::space::MOVED_IS_NOT_FREED);
    problems.extend(notes.map(|n| ("note".to_owned(), n.clone())));
    problems
}

/// Why a backup does not hold every thing at risk of a plan; `None` when it does.
fn not_held(plan: &Plan, report: &backup::Report) -> Option<String> {
    if report.interrupted {
        return Some("the backup was stopped".into());
    }
    let out: Vec<_> =
        report.skipped.iter().map(|s| &s.path).chain(report.failed.iter().map(|f| &f.path)).filter_map(PathText::to_path).collect();
    let items = plan.items.iter().filter(|i| i.class == Class::AtRisk);
    let missing = items.filter_map(|i| i.path.to_path()).find(|item| out.iter().any(|o| o.starts_with(item) || item.starts_with(o)));
    missing.map(|path| format!("the backup could not hold {}", crate::model::shown(&path)))
}

fn left(receipt: &Receipt) -> String {
    let left = receipt.skipped.len() + receipt.failed.len();
    if left == 0 { String::new() } else { format!(", {} left alone", text::count(left as u64)) }
}

fn undone(receipt: &Receipt) -> Outcome {
    let mut problems = problems(&receipt.skipped, &receipt.failed);
    problems.extend(receipt.notes.iter().map(|n| ("note".to_owned(), n.clone())));
    let line = if receipt.moved == 0 && problems.is_empty() {
        "nothing to undo".into()
    } else {
        format!("Put back: {} in {}{}", text::bytes(receipt.bytes), text::counted(receipt.moved, "item", "items"), left(receipt))
    };
    Outcome { line, good: receipt.failed.is_empty() && !receipt.interrupted, changed: receipt.moved > 0, problems }
}

fn purged(receipt: &Receipt) -> Outcome {
    let freed = match receipt.free_change {
        Some(change) if change > 0 => format!("{} more free", text::bytes(change.unsigned_abs())),
        _ => format!("{} removed", text::bytes(receipt.allocated)),
    };
    let line = format!("The vault is emptied: {freed}{}", left(receipt));
    let mut problems = problems(&receipt.skipped, &receipt.failed);
    problems.extend(receipt.notes.iter().map(|n| ("note".to_owned(), n.clone())));
    Outcome { line, good: receipt.failed.is_empty(), changed: false, problems }
}

fn backed_up(world: &World, report: &backup::Report) -> Outcome {
    let problems = problems(&report.skipped, &report.failed);
    if report.interrupted {
        return Outcome { line: "Stopped: no backup was made".into(), problems, ..Outcome::default() };
    }
    let line = format!(
        "Backed up and read back: {} in {} · {}",
        text::bytes(report.bytes),
        text::counted(report.files, "file", "files"),
        world.short(&report.archive)
    );
    Outcome { line, good: report.failed.is_empty(), changed: false, problems }
}

fn export_all(world: &World, catalog: &Catalog, sessions: &[SessionIx], flush: bool, watch: &dyn Watch) -> Result<Outcome> {
    let options = export::Options::default();
    let mut series = export::Series::new(world, &options);
    let mut outcome = Outcome { good: true, changed: true, ..Outcome::default() };
    let (mut copied, mut bytes, mut folder) = (0, 0, None);
    for session in sessions {
        if watch.stopped() {
            outcome.good = false;
            break;
        }
        let done = if flush { series.flush(catalog, *session, watch) } else { series.export(catalog, *session, watch) };
        match done {
            Ok(report) => {
                outcome.problems.extend(report.notes.iter().map(|n| ("note".to_owned(), n.clone())));
                copied += report.copied + u64::from(report.transcript.is_some());
                bytes += report.bytes;
                outcome.good &= report.failed.is_empty() && !report.interrupted;
                outcome.problems.extend(problems(&report.skipped, &report.failed));
                folder = Some(report.folder).filter(|f| !f.as_os_str().is_empty()).or(folder);
            }
            Err(error) if sessions.len() == 1 => return Err(error),
            Err(error) => {
                outcome.good = false;
                outcome.problems.push((catalog.session(*session).title.clone(), error.to_string()));
            }
        }
    }
    let to = folder.map(|f| if sessions.len() > 1 { f.parent().map_or(f.clone(), std::path::Path::to_path_buf) } else { f });
    let to = to.map_or(String::new(), |f| format!(" · {}", world.short(&f)));
    let verb = if flush { "Flushed" } else { "Exported" };
    outcome.line = format!("{verb}: {} in {}{to}", text::bytes(bytes), text::counted(copied, "file", "files"));
    Ok(outcome)
}

fn problems(skipped: &[Skipped], failed: &[Failed]) -> Vec<(String, String)> {
    let failed = failed.iter().map(|f| (shown(&f.path), format!("failed: {}", f.error)));
    failed.chain(skipped.iter().map(|s| (shown(&s.path), s.reason.clone()))).collect()
}

fn shown(path: &PathText) -> String {
    path.to_path().map_or_else(|| path.path.clone(), |p| crate::model::shown(&p))
}

fn failed(error: &Error) -> Outcome {
    let hint = error.hint.as_ref().map_or(String::new(), |h| format!(" · {h}"));
    let path = error.path.as_deref().map_or(String::new(), crate::model::shown);
    Outcome { line: format!("{error}{hint}"), problems: vec![(path, error.to_string())], changed: true, good: false }
}
