//! Puts an archive's content back: only where nothing is, every byte checked against the manifest on its way.

use super::inside;
use super::manifest::{self, EntryKind};
use super::meta;
use super::reader::{Member, Piece, Reader};
use super::sums::Sums;
use super::tell::Teller;
use super::tree::{Tree, split};
use super::unpack::Unpacked;
use super::wanted::{Want, Wanted};
use super::{Restored, Target};
use crate::database::{self, Member as Beside};
use crate::error::{Error, Result};
use crate::model::{Failed, PathText, Skipped, Watch, from_bytes};
use crate::retention;
use crate::stores::claude_code;
use crate::world::World;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Restores an archive, or one session of it.
pub fn restore(
    world: &World,
    archive: &Path,
    target: &Target,
    session: Option<&str>,
    dry_run: bool,
    watch: &dyn Watch,
) -> Result<Restored> {
    if let Target::Folder(folder) = target {
        must_be_empty(folder)?;
    }
    let mut done = Restored { schema: "lifeboat.restore/1".into(), ..Restored::default() };
    let mut teller = Teller::new(watch, "Reading", None);
    let manifest = match inside::manifest(archive, &mut teller, &mut done) {
        Err(_) if watch.stopped() => return Ok(Restored { interrupted: true, ..done }),
        other => other?,
    };
    let wanted = Wanted::choose(&manifest, target, session)?;
    done.failed.extend(wanted.refused.iter().cloned());
    done.notes.extend(wanted.renamed.iter().cloned());
    let trees = wanted.bases.iter().map(|b| Tree::new(b.clone())).collect();
    let month_ago = world.now().as_nanosecond() - 30 * 86_400 * 1_000_000_000;
    let in_place = *target == Target::InPlace;
    let own = |root: &manifest::Root| in_place && root.store == claude_code::NAME;
    let claude: Vec<bool> = manifest.roots.iter().map(own).collect();
    let mut run = Run { trees, wanted, done, month_ago, old_transcripts: 0, claude, old: Vec::new(), as_archived: HashSet::new() };
    let mut teller = Teller::new(watch, "Restoring", Some(run.wanted.totals()));
    if dry_run {
        run.pretend();
    } else {
        run.all(archive, &mut teller);
    }
    teller.end();
    if !dry_run && !run.old.is_empty() {
        let roots: Vec<PathBuf> = manifest.roots.iter().filter(|r| own(r)).filter_map(|r| r.original.to_path()).collect();
        run.done.notes.extend(retention::freshen(world, &roots, &run.old));
    }
    if in_place && run.old_transcripts > 0 {
        run.done.notes.push(format!(
            "transcripts put back with their own times of more than 30 days ago: {}; Claude Code removes such at its next start \
             unless `cleanupPeriodDays` in its settings is greater",
            run.old_transcripts
        ));
    }
    Ok(run.done)
}

fn must_be_empty(folder: &Path) -> Result<()> {
    let refused =
        |what: &str| Error::refused(what).at(folder).hint("name an empty folder or one that does not exist yet, or use `--in-place`");
    match std::fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => Err(refused("the target is not a folder")),
        Err(e) => Err(Error::io("cannot look into the target folder", folder, e)),
        Ok(mut names) => match names.next() {
            None => Ok(()),
            Some(_) => Err(refused("the target folder is not empty")),
        },
    }
}

/// What stands where something is to be put.
enum There {
    Nothing,
    Same,
    Other,
}

struct Run {
    trees: Vec<Tree>,
    wanted: Wanted,
    done: Restored,
    /// Nanoseconds since 1970: transcripts older than this Claude Code removes by itself (its `cleanupPeriodDays`).
    month_ago: i128,
    old_transcripts: u64,
    /// Files that are there now as the archive has them, by base and name: what belongs to a database among them may follow.
    as_archived: HashSet<(usize, Vec<u8>)>,
    /// By base: whether it is a folder of Claude Code's, whose old files get a new time.
    claude: Vec<bool>,
    /// What was put into such a folder.
    old: Vec<PathBuf>,
}

impl Run {
    fn shown(&self, want: &Want) -> PathText {
        let mut path = self.trees.get(want.base).map_or_else(Default::default, |t| t.path().to_path_buf());
        path.extend(want.name.split(|b| *b == b'/').filter(|p| !p.is_empty()).map(from_bytes));
        PathText::new(&path)
    }

    fn fail(&mut self, want: &Want, error: impl Into<String>) {
        let path = self.shown(want);
        self.done.failed.push(Failed { path, error: error.into() });
    }

    fn skip(&mut self, want: &Want, reason: &str) {
        let path = self.shown(want);
        self.done.skipped.push(Skipped { path, reason: reason.into() });
    }

    fn put(&mut self, want: &Want) {
        self.done.files += 1;
        self.done.bytes += want.size;
        if self.claude.get(want.base).copied().unwrap_or_default() {
            self.old.extend(self.shown(want).to_path());
            return;
        }
        let name = want.name.as_slice();
        let transcript = name.ends_with(b".jsonl") && name.windows(10).any(|w| w == b"/projects/");
        self.old_transcripts += u64::from(transcript && i128::from(want.stamp.mtime_ns) < self.month_ago);
    }

    fn all(&mut self, archive: &Path, teller: &mut Teller<'_>) {
        let outcome = Unpacked::open(archive).and_then(|unpacked| self.stream(&mut Reader::new(unpacked), teller));
        self.done.interrupted = teller.stopped();
        if !self.done.interrupted {
            self.hard_links();
            let why = outcome
                .as_ref()
                .err()
                .map_or_else(|| "it is not in the archive".to_owned(), |e| format!("the archive cannot be read that far: {e}"));
            for want in self.wanted.take_rest() {
                self.fail(&want, why.clone());
            }
        }
        for base in 0..self.trees.len() {
            for (name, error) in self.trees[base].finish() {
                let want = Want { base, name, ..Want::default() };
                self.fail(&want, error);
            }
        }
    }

    fn stream(&mut self, reader: &mut Reader<impl Read>, teller: &mut Teller<'_>) -> io::Result<()> {
        while let Some(member) = reader.next()? {
            if teller.stopped() {
                return Ok(());
            }
            if member.name == manifest::NAME {
                continue;
            }
            if !self.wanted.is_known(&member.name) {
                let path = manifest::text(&member.name);
                self.done.failed.push(Failed { path, error: "it is not in the manifest; it was left in the archive".into() });
                continue;
            }
            let places = self.wanted.take(&member.name, member.kind);
            for want in &places {
                if let Some(kind) = want.kind_differs(member.kind) {
                    self.fail(want, format!("the archive has a {kind} where the manifest has another kind"));
                } else if member.kind == EntryKind::File {
                    if self.file(reader, &member, want, &places, teller)? {
                        break;
                    }
                } else {
                    self.other(&member, want);
                    teller.file();
                }
            }
        }
        Ok(())
    }

    /// Puts a file's content at the first of its names that is free; true where its content was used up.
    fn file(
        &mut self,
        reader: &mut Reader<impl Read>,
        member: &Member,
        want: &Want,
        all: &[Want],
        teller: &mut Teller<'_>,
    ) -> io::Result<bool> {
        match self.there(want) {
            Ok(There::Nothing) => {
                if let Some(why) = self.would_mix(want) {
                    self.skip(want, why);
                    return Ok(false);
                }
            }
            Ok(There::Same) => {
                self.skip(want, "it is already there");
                self.as_archived.insert((want.base, want.name.clone()));
                self.wanted.anchor(&member.name, want);
                self.later(all, want);
                return Ok(true);
            }
            Ok(There::Other) => {
                self.skip(want, "something else is there; it was left alone");
                return Ok(false);
            }
            Err(e) => {
                self.fail(want, e.to_string());
                return Ok(false);
            }
        }
        let made = self.trees[want.base].parent(&want.name).and_then(|place| place.make_file(split(&want.name).1));
        let mut file = match made {
            Ok(file) => file,
            Err(e) => {
                self.fail(want, e.to_string());
                return Ok(false);
            }
        };
        let read = fill(reader, member, &mut file, teller);
        let outcome = match &read {
            Ok((Ok(()), sums)) if Some(&sums.0) == want.blake3.as_ref() && Some(&sums.1) == want.sha256.as_ref() => {
                meta::set_file(&file, &want.stamp, want.fitting(member)).map_err(|e| format!("its mode and time could not be set: {e}"))
            }
            Ok((Ok(()), _)) => Err("its bytes are not what the manifest says; it was not kept".into()),
            Ok((Err(e), _)) => Err(format!("it could not be written: {e}")),
            Err(e) => Err(format!("its bytes cannot be read from the archive: {e}")),
        };
        drop(file);
        match outcome {
            Ok(xattrs) => {
                self.put(want);
                self.as_archived.insert((want.base, want.name.clone()));
                self.attributes(want, member, &xattrs);
                self.wanted.anchor(&member.name, want);
                self.later(all, want);
                if let Some(why) = &want.incomplete {
                    let note = format!("{}: {why}, when it was backed up", crate::model::shown(Path::new(&self.shown(want).path)));
                    self.done.notes.push(note);
                }
            }
            Err(why) => {
                if let Ok(place) = self.trees[want.base].parent(&want.name) {
                    place.take_back(split(&want.name).1);
                }
                self.fail(want, why);
                for other in all.iter().filter(|w| w.entry > want.entry) {
                    self.fail(other, "it shares its bytes with a file that could not be restored");
                }
            }
        }
        teller.file();
        read.map(|_| true)
    }

    /// Why a file would make a database of two halves: its `-wal` is read into whatever lies under the database's name.
    fn would_mix(&mut self, want: &Want) -> Option<&'static str> {
        if !database::is_database(&want.name) {
            return None;
        }
        let beside = [Beside::Wal, Beside::Journal, Beside::Shm].into_iter();
        let main = beside.clone().find_map(|m| want.name.strip_suffix(m.suffix().as_bytes()));
        if let Some(main) = main {
            let with_it = self.as_archived.contains(&(want.base, main.to_vec()));
            return (!with_it).then_some("it belongs to a database that was not put back with it");
        }
        let (tree, name) = (self.trees.get_mut(want.base)?, split(&want.name).1);
        let there = tree.parent(&want.name).is_ok_and(|place| {
            beside.filter(|m| *m != Beside::Shm).any(|m| {
                let facts = place.folder.facts(&[name, m.suffix().as_bytes()].concat());
                facts.is_ok_and(|f| f.size > 0)
            })
        });
        if there {
            return Some("what was written last of another database by this name is still there and would be read into it");
        }
        None
    }

    /// The names after this one become links to it, once everything is in place.
    fn later(&mut self, all: &[Want], anchor: &Want) {
        self.wanted.link_later(all.iter().filter(|w| w.entry > anchor.entry).cloned());
    }

    fn attributes(&mut self, want: &Want, member: &Member, failed: &[Vec<u8>]) {
        if want.fitting(member).len() != member.xattrs.len() {
            self.fail(want, "its extended attributes are not what the manifest says; they were not set");
        }
        if !failed.is_empty() {
            let names: Vec<_> = failed.iter().map(|x| String::from_utf8_lossy(x).into_owned()).collect();
            self.fail(want, format!("its attributes {} could not be set", names.join(", ")));
        }
    }

    fn other(&mut self, member: &Member, want: &Want) {
        match self.there(want) {
            Ok(There::Nothing) => {}
            Ok(There::Same) if want.kind == EntryKind::Dir => {
                return self.trees[want.base].at_the_end(&want.name, want.stamp, want.fitting(member).to_vec());
            }
            Ok(There::Same) => return self.skip(want, "it is already there"),
            Ok(There::Other) => return self.skip(want, "something else is there; it was left alone"),
            Err(e) => return self.fail(want, e.to_string()),
        }
        let tree = &mut self.trees[want.base];
        let name = split(&want.name).1;
        let outcome = match want.kind {
            EntryKind::Dir => tree.folder(&want.name, true).map(|_| ()),
            EntryKind::Symlink => tree.parent(&want.name).and_then(|p| {
                p.make_symlink(name, &want.link)?;
                meta::set_name(&p.folder, name, &want.stamp, want.kind)
            }),
            _ => tree.parent(&want.name).and_then(|p| {
                p.make_special(name, want.kind, member.device)?;
                meta::set_name(&p.folder, name, &want.stamp, want.kind)
            }),
        };
        match outcome {
            Ok(()) if want.kind == EntryKind::Dir => tree.at_the_end(&want.name, want.stamp, want.fitting(member).to_vec()),
            Ok(()) => self.put(want),
            Err(e) => self.fail(want, e.to_string()),
        }
    }

    fn hard_links(&mut self) {
        for want in self.wanted.take_links() {
            let Some((base, anchor)) = self.wanted.anchor_of(&want.link) else {
                self.fail(&want, "it shares its bytes with a file that could not be restored");
                continue;
            };
            match self.there(&want) {
                Ok(There::Nothing) => {}
                Ok(There::Same) => {
                    self.skip(&want, "it is already there");
                    continue;
                }
                Ok(There::Other) => {
                    self.skip(&want, "something else is there; it was left alone");
                    continue;
                }
                Err(e) => {
                    self.fail(&want, e.to_string());
                    continue;
                }
            }
            let linked = self.trees[base]
                .folder(split(&anchor).0, false)
                .and_then(|p| p.enter(b"."))
                .and_then(|from| self.trees[want.base].parent(&want.name)?.make_hard_link(split(&want.name).1, &from, split(&anchor).1));
            match linked {
                Ok(()) => self.put(&Want { size: 0, ..want }),
                Err(e) => self.fail(&want, e.to_string()),
            }
        }
    }

    /// What stands where this is to be put. Nothing is opened but a regular file of the same size.
    fn there(&mut self, want: &Want) -> io::Result<There> {
        let tree = &mut self.trees[want.base];
        let (above, name) = split(&want.name);
        let place = match tree.folder(above, false) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
            other => other?,
        };
        let now = match meta::of_name(&place.folder, name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
            other => other?,
        };
        let same = match want.kind {
            EntryKind::File | EntryKind::Hardlink if now.kind == Some(EntryKind::File) && now.size == want.size => {
                let placeholder = place.folder.facts(name)?.placeholder;
                !placeholder && Some(hash(place.folder.file(name)?)?) == want.blake3
            }
            EntryKind::File | EntryKind::Hardlink => false,
            EntryKind::Symlink => now.kind == Some(EntryKind::Symlink) && place.folder.link(name)? == want.link,
            kind => now.kind == Some(kind),
        };
        Ok(if same { There::Same } else { There::Other })
    }

    /// Says what would be done.
    fn pretend(&mut self) {
        for want in self.wanted.take_all() {
            match self.there(&want) {
                _ if want.kind == EntryKind::Dir => {}
                Ok(There::Nothing) => self.put(&want),
                Ok(There::Same) => self.skip(&want, "it is already there"),
                Ok(There::Other) => self.skip(&want, "something else is there; it would be left alone"),
                Err(e) => self.fail(&want, e.to_string()),
            }
        }
    }
}

fn hash(mut file: File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut file, &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// How the writing went, and the hashes of what was read.
type Filled = (io::Result<()>, (String, String));

/// Writes a file's content, holes as holes. The outer error is the archive's, the inner one the new file's.
fn fill(reader: &mut Reader<impl Read>, member: &Member, file: &mut File, teller: &mut Teller<'_>) -> io::Result<Filled> {
    let mut sums = Sums::default();
    let mut written = Ok(());
    reader.content(member, &mut |piece| {
        sums.take(&piece);
        teller.bytes(piece.len());
        if written.is_ok() {
            written = match piece {
                Piece::Data(data) => file.write_all(data),
                Piece::Hole(count) => {
                    i64::try_from(count).map_err(io::Error::other).and_then(|n| file.seek(SeekFrom::Current(n)).map(|_| ()))
                }
            };
        }
        if teller.stopped() { Err(io::Error::new(io::ErrorKind::Interrupted, "stopped")) } else { Ok(()) }
    })?;
    if written.is_ok() && member.map.is_some() {
        written = file.set_len(member.size);
    }
    Ok((written, sums.hex()))
}
