//! Files are removed inside a disk image: on a copy of it that is judged at each step, and that takes the image's place only
//! when everything that was to stay is there, byte for byte. The image that was goes into the vault.

use super::book::{Book, Did, Line, Shelf};
use super::census::{Census, Name, parts};
use super::digest;
use super::ext4::Ext4;
use super::removal::Removal;
use super::tools::Tools;
use super::working;
use crate::classify::still_proven;
use crate::error::{Error, Kind, Result};
use crate::model::{Class, Evidence, Failed, Identity, InImage, PathText, PlanItem, Progress, Proof, Receipt, Skipped, Watch, shown};
use crate::platform::facts;
use crate::vault::{self, Consent, Named, own, swap};
use crate::world::World;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Says why an image is in use; `None` where it is known not to be. Asked of a store, its root, and an image.
pub type InUse<'a> = dyn Fn(&World, &str, &Path, &Path) -> Option<String> + 'a;

/// What a deed works with.
pub struct Desk<'a> {
    /// The outside.
    pub world: &'a World,
    /// Who watches.
    pub watch: &'a dyn Watch,
    /// Says what is in use.
    pub in_use: &'a InUse<'a>,
}

/// One image, and what is to be removed from it.
#[derive(Debug)]
pub struct Job<'p> {
    /// The store it belongs to.
    pub store: &'p str,
    /// That store's root.
    pub root: PathBuf,
    /// The image.
    pub image: PathBuf,
    /// What goes, each with where it is inside.
    pub items: Vec<(&'p PlanItem, &'p InImage)>,
}

impl Desk<'_> {
    pub(super) fn quiet(&self, store: &str, root: &Path, image: &Path) -> Result<()> {
        let Some(why) = (self.in_use)(self.world, store, root, image) else { return Ok(()) };
        let hint = "quit the app, wait until its virtual machine has ended, and try again; to free a session's own folder while it runs: `lifeboat plan SESSION --script FILE`";
        Err(Error::refused(format!("the disk image is in use: {why}; nothing was changed")).at(image).hint(hint))
    }

    pub(super) fn step(&self, verb: &'static str) -> Result<()> {
        self.watch.at(&Progress { verb, ..Progress::default() });
        if self.watch.stopped() { Err(Error::new(Kind::Interrupted, "stopped; nothing was changed")) } else { Ok(()) }
    }
}

/// Removes what a job lists. What changed since the plan is skipped and named; on any doubt the image stays what it is.
pub fn clean(desk: &Desk<'_>, job: &Job<'_>, dry_run: bool) -> Result<Receipt> {
    let mut receipt = Receipt::new("clean");
    receipt.dry_run = dry_run;
    let tools = Tools::find(desk.world)?;
    desk.quiet(job.store, &job.root, &job.image)?;
    let was = Stands::of(&job.image)?;
    let items: Vec<_> = job.items.iter().filter(|(item, at)| was.is_planned(item, at, &mut receipt)).collect();
    if dry_run || items.is_empty() {
        count(items.iter().map(|(item, _)| *item), &mut receipt);
        return Ok(receipt);
    }
    let shelf = Shelf::of(desk.world);
    let _turn = shelf.turn()?;
    let mut book = shelf.begin(desk.world, (job.store, &job.root, &job.image))?;
    let done = remove(desk, &tools, job, &was, &mut book, &mut receipt);
    if let Err(e) = done {
        return Err(give_up(&mut book, e));
    }
    Ok(receipt)
}

/// Nothing came of it: what is ours goes, unless the exchange has happened, which the next start ends.
fn give_up(book: &mut Book, error: Error) -> Error {
    let exchanged = book.record.exchange.is_some_and(|(was, ..)| facts(&book.record.image).map_or(true, |now| now.ino != was));
    if !exchanged {
        own::discard(&book.record.spare());
        own::discard(&book.record.beside());
        let _ = book.write(Line::GaveUp {});
    }
    error
}

/// An image as it stands, so that a change is seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stands {
    identity: Identity,
    pub(super) allocated: u64,
}

impl Stands {
    pub(super) fn of(image: &Path) -> Result<Self> {
        let now = facts(image).map_err(|e| Error::io("cannot read the disk image", image, e))?;
        if now.kind != crate::model::Kind::File || now.placeholder {
            return Err(Error::refused("it is no file that is here").at(image));
        }
        if now.nlink != 1 {
            return Err(Error::refused("the disk image has another name, so what else uses it cannot be told").at(image));
        }
        let identity = Identity { device: now.dev, inode: now.ino, size: now.size, mtime_ns: now.mtime_ns, tree: None };
        Ok(Self { identity, allocated: now.allocated })
    }

    /// Whether an item was planned for the image as it stands; else it is named.
    fn is_planned(&self, item: &PlanItem, at: &InImage, receipt: &mut Receipt) -> bool {
        let (was, now) = (&at.identity, &self.identity);
        let same = (was.inode, was.size, was.mtime_ns) == (now.inode, now.size, now.mtime_ns);
        if !same {
            receipt.skipped.push(skipped(item, "the disk image changed since the plan was made"));
        }
        same
    }

    fn still(&self, image: &Path) -> Result<()> {
        let now = Self::of(image)?;
        if now.identity == self.identity { Ok(()) } else { Err(Error::refused("the disk image changed meanwhile").at(image)) }
    }
}

fn skipped(item: &PlanItem, reason: &str) -> Skipped {
    Skipped { path: item.path.clone(), reason: reason.to_owned() }
}

fn count<'p>(items: impl Iterator<Item = &'p PlanItem>, receipt: &mut Receipt) {
    for item in items {
        receipt.moved += 1;
        receipt.bytes += item.bytes;
        receipt.allocated += item.allocated;
    }
}

fn remove(desk: &Desk<'_>, tools: &Tools, job: &Job<'_>, was: &Stands, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    let (copy, spare) = (book.record.beside(), book.record.spare());
    desk.step("Copying the image")?;
    working::make(&job.image, &copy, desk.watch)?;
    was.still(&job.image)?;
    desk.step("Replaying its journal")?;
    tools.settle(&copy)?;
    tools.judge(&copy)?;
    let before = look(&copy, "Reading what is there", desk.watch)?;
    let (removal, taken) = choose(desk.world, &before, job, receipt);
    if taken.is_empty() {
        return nothing(book);
    }
    desk.step("Removing")?;
    tools.edit(&copy, &removal.commands(&before))?;
    tools.settle(&copy)?;
    let rest = removal.rest(&before);
    check(tools, &copy, &rest, "Reading what stays", desk.watch)?;
    desk.step("Giving space back")?;
    working::give_back(&copy, &spare, &open(&copy)?.free().map_err(|e| Error::io("cannot tell what is free", &copy, e))?, desk.watch)?;
    check(tools, &copy, &rest, "Reading it again", desk.watch)?;
    let new = facts(&copy).map_err(|e| Error::io("cannot read the copy", &copy, e))?;
    File::open(&copy).and_then(|file| file.sync_all()).map_err(|e| Error::io("cannot make the copy last", &copy, e))?;
    desk.step("Exchanging")?;
    count(taken.into_iter(), receipt);
    let did = Did { items: receipt.moved, bytes: receipt.bytes, allocated: receipt.allocated, before: was.allocated, after: new.allocated };
    was.still(&job.image)?;
    desk.quiet(job.store, &job.root, &job.image)?;
    book.write(Line::Exchange { was: was.identity.inode, new: new.ino, did })?;
    swap::exchange(&copy, &job.image).map_err(|e| Error::io("its disk cannot exchange two files in one step", &job.image, e))?;
    let kept = was.still(&copy).and_then(|()| desk.quiet(job.store, &job.root, &copy)).and_then(|()| keep(desk, book, receipt));
    if let Err(e) = kept {
        if facts(&copy).is_err() {
            // The vault has it; only the note of that is missing.
            return Err(e.hint("the files are removed all the same; the next start of an acting verb writes that down"));
        }
        // Somebody was quicker: the image that was goes back to its place.
        swap::exchange(&copy, &job.image).map_err(|e| Error::io("cannot put the image back in its place", &job.image, e))?;
        return Err(e);
    }
    book.write(Line::End {})?;
    receipt.operation.clone_from(&book.record.id);
    receipt.notes.push(told(&job.image, did, removal.freed(&before)));
    Ok(())
}

fn open(image: &Path) -> Result<Ext4> {
    let opened = File::open(image).and_then(Ext4::open);
    opened.map_err(|e| Error::new(Kind::System, "the image cannot be cleaned; it was not changed").at(image).because(e))
}

fn look(image: &Path, verb: &'static str, watch: &dyn Watch) -> Result<Census> {
    Census::take(&open(image)?, verb, watch)
}

/// Judges the copy, and compares everything on it with what is to be there.
fn check(tools: &Tools, copy: &Path, rest: &Census, verb: &'static str, watch: &dyn Watch) -> Result<()> {
    tools.judge(copy)?;
    match look(copy, verb, watch)?.difference(rest) {
        None => Ok(()),
        Some(what) => Err(Error::new(Kind::System, format!("the copy is not what was planned: {what}"))),
    }
}

/// Nothing of the plan is there as it was planned.
fn nothing(book: &mut Book) -> Result<()> {
    own::discard(&book.record.beside());
    book.write(Line::GaveUp {})
}

/// Finds the planned things; those that changed are named.
fn choose<'p>(world: &World, census: &Census, job: &Job<'p>, receipt: &mut Receipt) -> (Removal, Vec<&'p PlanItem>) {
    let (mut removal, mut taken) = (Removal::default(), Vec::new());
    for (item, at) in &job.items {
        match find(world, census, item, at) {
            Ok(name) => {
                removal.take(census, &name);
                taken.push(*item);
            }
            Err(why) => receipt.skipped.push(skipped(item, why)),
        }
    }
    removal.settle(census);
    (removal, taken)
}

fn find(world: &World, census: &Census, item: &PlanItem, at: &InImage) -> Result<Name, &'static str> {
    let path = parts(&at.inner.to_path().ok_or("its path cannot be read")?);
    let (name, number) = census.find(&path).ok_or("it is no longer there")?;
    let thing = census.things.get(&number).ok_or("it is no longer there")?;
    let was = &item.identity;
    // Of a folder its content tells.
    let same = thing.kind == crate::model::Kind::Dir || (was.size, was.mtime_ns) == (thing.size, thing.mtime_ns);
    if !same || was.inode != u64::from(number) || was.tree != digest::of(census, number) {
        return Err("it changed since the plan was made");
    }
    if path.len() == 1 && name.1 == b"lost+found" {
        return Err("the file system needs it");
    }
    if !Removal::can_take(census, &name) {
        return Err("its name has a line break and what it names has others");
    }
    proven(world, census, item, at).map(|()| name)
}

/// Whether an item's class still stands: what it comes back from is there, on the image or on this machine's disk.
fn proven(world: &World, census: &Census, item: &PlanItem, at: &InImage) -> Result<(), &'static str> {
    match (item.class, &item.proof) {
        (Class::AtRisk, _) | (Class::Rebuildable, None) => Ok(()),
        (Class::Rebuildable, Some(Proof::Recipe { path })) => {
            let mut top = at.image.to_path().unwrap_or_default().into_os_string();
            top.push("!");
            let there = match path.strip_prefix(&top) {
                Ok(inner) => census.find(&parts(inner)).is_some(),
                Err(_) => still_proven(world, path, &Proof::Recipe { path: path.clone() }).is_ok(),
            };
            if there { Ok(()) } else { Err("what it comes back from is gone") }
        }
        _ => {
            Err("its copy cannot be compared with what is inside a disk image; only what is rebuildable, or at risk and named, is removed")
        }
    }
}

/// Has the vault keep the image that was, which lies beside the one in its place.
pub(super) fn keep(desk: &Desk<'_>, book: &mut Book, receipt: &mut Receipt) -> Result<()> {
    let operation = into_vault(desk, book, receipt)?;
    book.write(Line::Kept { operation })
}

/// Moves what lies beside the image into the vault; gives the operation.
pub(super) fn into_vault(desk: &Desk<'_>, book: &Book, receipt: &mut Receipt) -> Result<String> {
    let record = &book.record;
    let why = Evidence::new("trim/replaced", "it was a virtual machine's disk before files on it were removed");
    let things = vec![(record.beside(), String::new())];
    let plan = vault::plan_named(desk.world, &Named { store: &record.store, root: &record.root, things, why, group: "VM disk" });
    let moved = vault::clean(desk.world, &plan, Consent { at_risk: true, dry_run: false }, desk.watch)?;
    if moved.operation.is_empty() {
        let skipped = moved.skipped.iter().chain(&plan.skipped).map(|s| s.reason.clone());
        let why = skipped.chain(moved.failed.iter().map(|f| f.error.clone())).next().unwrap_or_else(|| "it is not there".into());
        return Err(Error::refused(format!("the image that was cannot be kept in the vault: {why}")).at(record.beside()));
    }
    receipt.vault = moved.vault;
    Ok(moved.operation)
}

fn told(image: &Path, did: Did, freed: u64) -> String {
    let size = |bytes: u64| humansize::format_size(bytes, humansize::DECIMAL);
    let gave = did.before.saturating_sub(did.after);
    format!(
        "{}: {} on this machine's disk before, {} now ({} given back, {} were freed inside); the image that was is in the vault, and \
         its space comes back with `lifeboat purge`",
        shown(image),
        size(did.before),
        size(did.after),
        size(gave),
        size(freed)
    )
}

/// The failure of a whole image as a line of a receipt.
pub fn failed(image: &Path, error: &Error) -> Failed {
    let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    Failed { path: PathText::new(image), error: format!("{error}{hint}") }
}
