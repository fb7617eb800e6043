//! An export under way: what is in the durable folder by now, and what is to be told of it.

use super::deed::Job;
use super::fresh;
use super::keep::{self, Kept, Source, Wanted, keep, modified};
use super::select::Chosen;
use super::write::{self, Place};
use super::{Copied, Report, folder, names, spool};
use crate::error::Result;
use crate::image::{Images, OnImage};
use crate::manifest::{self, Manifest, lines};
use crate::manifest::{Entry, Made, Stamp};
use crate::model::{Failed, PathText, Skipped};
use crate::vault::own;
use std::collections::HashSet;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

/// A durable folder while it is written to.
pub struct Work<'a> {
    /// The durable folder.
    pub top: &'a Path,
    /// What its manifest is to say.
    pub manifest: Manifest,
    /// What is to be told.
    pub report: Report,
    /// Places below the durable folder that hold a copy by now.
    pub taken: HashSet<String>,
    /// Disk images that files are copied from.
    pub images: Images,
    /// What is to be done.
    pub job: &'a Job<'a>,
}

impl Work<'_> {
    /// Puts a transcript into its place, or beside what must stay there.
    pub fn transcript(&mut self, page: &mut spool::Page, file: &'static str, made: Made) -> io::Result<()> {
        let before = self.manifest.transcript(file).cloned();
        // What holds something that is gone from the session is never replaced.
        let lost = |b: &&Entry| b.made.as_ref().is_some_and(|m| m.lost(&made.parts));
        let richer = before.as_ref().filter(lost).filter(|b| self.is_ours(b)).cloned();
        if let Some(old) = richer.clone().filter(|old| made.said <= old.made.as_ref().and_then(|m| m.said)) {
            self.leave(old, file, &made);
            return Ok(());
        }
        if let (false, None, Some(before)) = (self.job.dry_run(), &richer, &before) {
            self.announce(before.source(), page)?;
        }
        let known = before.as_ref().filter(|_| richer.is_none());
        let wanted = Wanted { path: Path::new(file), source: file, taken: &self.taken, before: known };
        let kept = keep(self.top, &wanted, page, None, self.job.dry_run())?;
        if let Some(old) = richer {
            let name = name_of(&kept.entry.path);
            self.note(&old.path, &format!("holds what is gone from the session, so it stays; the conversation as it is now is in {name}"));
            self.manifest.earlier.retain(|e| e.path != old.path);
            self.manifest.earlier.push(old);
        } else {
            self.beside(&kept, &self.top.join(file));
        }
        let entry = Entry { made: Some(made), ..kept.entry };
        self.report.transcript(self.top, &entry);
        put(&mut self.manifest.transcripts, file, entry);
        Ok(())
    }

    /// Leaves a transcript as it is: it holds all that the session still says, and more.
    fn leave(&mut self, mut entry: Entry, file: &str, made: &Made) {
        if let Some(before) = &mut entry.made {
            before.left = Some(fresh::hash_of(&made.parts));
        }
        self.report.transcript(self.top, &entry);
        self.note(&entry.path, "holds what is gone from the session, so it is left as it is");
        put(&mut self.manifest.transcripts, file, entry);
    }

    /// Tells of a transcript whose conversation was not read: for want of one, or because nothing changed.
    pub fn not_read(&mut self, file: &str, told: bool) {
        let Some(entry) = self.manifest.transcript(file).filter(|e| self.is_ours(e)).cloned() else { return };
        self.report.transcript(self.top, &entry);
        if !told {
            self.note(&entry.path, "the conversation is gone from the session; this is what is kept of it");
        }
    }

    /// The deed was stopped before all of it was done.
    pub fn stopped(&mut self) {
        self.report.interrupted = true;
    }

    /// Whether a file of ours still holds what we wrote.
    fn is_ours(&self, entry: &Entry) -> bool {
        let holds = || write::hash(self.top, &self.top.join(&entry.path)).is_ok_and(|h| h.to_hex().as_str() == entry.blake3);
        fresh::is_there(self.top, entry) || keep::is_below(&entry.path) && holds()
    }

    /// Writes down what is about to be put in the place of an older file of ours, for a run after this one was killed.
    fn announce(&mut self, source: &str, page: &mut spool::Page) -> io::Result<()> {
        let next = page.hash()?.0.to_hex().to_string();
        if let Some(entry) = self.manifest.transcripts.iter_mut().find(|e| e.source() == source && e.blake3 != next) {
            entry.next = Some(next);
            self.write_manifest().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Copies one file of the session.
    pub fn file(&mut self, one: &Chosen) {
        let before = self.manifest.copies(&one.source).next().cloned();
        if let Some(entry) = before.as_ref().filter(|e| !self.taken.contains(&e.path) && self.job.same(self.top, e, one)) {
            self.taken.insert(entry.path.clone());
            self.copied(one, entry, None);
            return;
        }
        match self.copy(one, before.as_ref()) {
            Ok((kept, seen)) => {
                self.copied(one, &kept.entry, kept.written);
                self.beside(&kept, &one.from);
                self.taken.insert(kept.entry.path.clone());
                put(&mut self.manifest.copies, &one.source, Entry { seen, ..kept.entry });
            }
            Err(e) => self.fail(&one.from, &e),
        }
    }

    fn copy(&mut self, one: &Chosen, before: Option<&Entry>) -> io::Result<(Kept, Option<Stamp>)> {
        if let Some(found) = self.images.find(&one.from) {
            return self.copy_from_image(&found?, one, before);
        }
        let mut file = crate::platform::open_beneath(self.job.top_of(&one.from), &one.from)?;
        let (time, seen) = modified(&file);
        let wanted = Wanted { path: &one.path, source: &one.source, taken: &self.taken, before };
        Ok((keep(self.top, &wanted, &mut file, time, self.job.dry_run())?, seen))
    }

    fn copy_from_image(&self, file: &OnImage, one: &Chosen, before: Option<&Entry>) -> io::Result<(Kept, Option<Stamp>)> {
        let ns = u64::try_from(file.entry.mtime_ns).unwrap_or(0);
        let time = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_nanos(ns));
        let wanted = Wanted { path: &one.path, source: &one.source, taken: &self.taken, before };
        let kept = keep(self.top, &wanted, &mut { file }, time, self.job.dry_run())?;
        Ok((kept, Some(Stamp { size: file.entry.size, mtime_ns: file.entry.mtime_ns })))
    }

    fn copied(&mut self, one: &Chosen, entry: &Entry, written: Option<u64>) {
        self.report.copied += u64::from(written.is_some());
        self.report.bytes += written.unwrap_or(0);
        let copy = PathText::new(&self.top.join(&entry.path));
        let blake3 = entry.blake3.clone();
        self.report.copies.push(Copied { path: PathText::new(&one.from), copy, blake3, now: written.is_some() });
    }

    fn beside(&mut self, kept: &Kept, of: &Path) {
        if let Some(there) = &kept.instead_of {
            let name = name_of(&kept.entry.path);
            let reason = format!("not ours or changed since, so left as it is; {} is beside it as {name}", crate::model::shown(of));
            self.skip(&self.top.join(there), reason);
        }
    }

    /// Says something about a file in the durable folder that is no failure.
    pub fn note(&mut self, path: &str, says: &str) {
        self.report.notes.push(format!("{}: {says}", crate::model::shown(&self.top.join(path))));
    }

    /// Names something that was passed over.
    pub fn skip(&mut self, path: &Path, reason: String) {
        self.report.skipped.push(Skipped { path: PathText::new(path), reason });
    }

    /// Names something that failed.
    pub fn fail(&mut self, path: &Path, error: &dyn std::fmt::Display) {
        self.report.failed.push(Failed { path: PathText::new(path), error: error.to_string() });
    }

    /// The manifest could not be written: what it does not record does not count as copied.
    pub fn not_recorded(&mut self, error: &dyn std::fmt::Display) {
        let copies = std::mem::take(&mut self.report.copies);
        let lost = copies.iter().filter(|c| c.now).count();
        self.fail(&self.top.join(manifest::NAME), &format!("{error}; {lost} copies were made and none is recorded, so none counts"));
    }

    /// Brings the manifest up to date. One that somebody edited is kept beside it first.
    pub fn write_manifest(&mut self) -> Result<()> {
        if self.job.dry_run() {
            return Ok(());
        }
        let path: PathBuf = self.top.join(manifest::NAME);
        lines::keep(self.top, &self.manifest, self.job.world.now())
            .map_err(|e| crate::error::Error::io("cannot add to the manifest's lines", self.top.join(lines::NAME), e))?;
        let text = self.manifest.text();
        let mut old = Vec::new();
        if let Ok(mut file) = crate::platform::open_beneath(self.top, &path) {
            io::Read::read_to_end(&mut file, &mut old).map_err(|e| crate::error::Error::io("cannot read the manifest", &path, e))?;
            if old == text.as_bytes() {
                return Ok(());
            }
            if !Manifest::is_untouched(&String::from_utf8_lossy(&old)) {
                let name = self.keep_edited(&old).map_err(|e| crate::error::Error::io("cannot keep the edited manifest", &path, e))?;
                self.skip(&path, format!("changed since we wrote it; as it was, it is beside it as {name}"));
            }
        }
        own::replace(&path, text.as_bytes(), own::Mode::Usual)
    }

    fn keep_edited(&self, old: &[u8]) -> io::Result<String> {
        for n in 2..1000 {
            let name = names::numbered(manifest::NAME, n);
            let place = self.top.join(&name);
            if folder::at(self.top, Path::new(&name)).is_none() {
                write::write(&place, &mut Cursor::new(old), (blake3::hash(old), None), Place::New)?;
                return Ok(name);
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "a thousand others are there"))
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Puts an entry into its list, in the place of an earlier one of the same source.
fn put(list: &mut Vec<Entry>, source: &str, entry: Entry) {
    list.retain(|e| e.source() != source);
    list.push(entry);
    list.sort_by(|a, b| a.path.cmp(&b.path));
}
