//! A page while it is written: in memory as long as it is small, then in a file beside its place.

use super::keep::{Put, Source};
use super::write::{self, Place, Promised};
use crate::vault::own;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// So many bytes are held in memory.
const HELD: usize = 8 << 20;

/// So many are read and written at a time.
const PIECE: usize = 1 << 18;

/// What is written, to stand behind a head that is known only then.
pub struct Spool {
    held: Vec<u8>,
    file: Option<File>,
    path: PathBuf,
    mode: own::Mode,
    most: usize,
}

impl Spool {
    /// One that writes to a file at this place once it is long.
    pub fn new(path: PathBuf, mode: own::Mode) -> Self {
        Self::of(path, mode, HELD)
    }

    /// One that is long sooner, for those of which there may be several, and that nobody else reads.
    pub fn small(path: PathBuf) -> Self {
        Self::of(path, own::Mode::Private, HELD / 16)
    }

    fn of(path: PathBuf, mode: own::Mode, most: usize) -> Self {
        Self { held: Vec::new(), file: None, path, mode, most }
    }

    /// Where its file is, once there is one.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was written, behind a head.
    pub fn behind(mut self, head: String) -> io::Result<Page> {
        self.flush()?;
        let mut hasher = blake3::Hasher::new();
        let size = match &mut self.file {
            Some(file) if head.is_empty() => {
                file.rewind()?;
                hasher.update_reader(file)?.count()
            }
            Some(file) => push_back(file, head.into_bytes(), &mut hasher)?,
            None => {
                self.held.splice(..0, head.into_bytes());
                hasher.update(&self.held);
                self.held.len() as u64
            }
        };
        Ok(Page { whole: self, hash: hasher.finalize(), size })
    }

    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(write::scratch(&self.path, self.mode)?),
        };
        file.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Once there is a file, it is written in large pieces.
        let most = if self.file.is_some() { self.most.min(PIECE) } else { self.most };
        if self.held.len() + bytes.len() > most {
            self.spill()?;
            if self.held.capacity() > 1 << 20 {
                self.held = Vec::new();
            }
        }
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.file.is_some() { self.spill() } else { Ok(()) }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            own::discard(&self.path);
        }
    }
}

/// Moves all that is in a file back and puts a head before it; gives the size, and hashes the whole.
fn push_back(file: &mut File, head: Vec<u8>, hasher: &mut blake3::Hasher) -> io::Result<u64> {
    let (length, mut buffer, mut at) = (head.len(), head, 0);
    loop {
        buffer.resize(length + PIECE, 0);
        file.seek(SeekFrom::Start(at))?;
        let n = loop {
            match file.read(buffer.get_mut(length..).unwrap_or_default()) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        file.seek(SeekFrom::Start(at))?;
        // What was read is still held when its place is written to.
        let ready = buffer.get(..if n == 0 { length } else { n }).unwrap_or_default();
        file.write_all(ready)?;
        hasher.update(ready);
        if n == 0 {
            return Ok(at + length as u64);
        }
        at += n as u64;
        buffer.copy_within(n..n + length, 0);
    }
}

/// A whole page.
pub struct Page {
    whole: Spool,
    hash: blake3::Hash,
    size: u64,
}

impl Page {
    /// How many bytes of it are still to be written somewhere: nothing, where it needs only its name.
    pub fn room(&self) -> u64 {
        if self.whole.file.is_some() { 0 } else { self.size }
    }
}

impl Source for Page {
    fn hash(&mut self) -> io::Result<(blake3::Hash, u64)> {
        Ok((self.hash, self.size))
    }

    fn put(&mut self, put: Put, target: &Path, promised: Promised, place: Place) -> io::Result<u64> {
        match &mut self.whole.file {
            None => put(target, &mut self.whole.held.as_slice(), promised, place),
            Some(file) if self.whole.mode == own::Mode::Usual && self.whole.path.parent() == target.parent() => {
                write::finish(file, promised)?;
                // Not every system gives a file that is open another name.
                self.whole.file = None;
                write::name(&self.whole.path, target, place).inspect_err(|_| own::discard(&self.whole.path))?;
                Ok(self.size)
            }
            Some(file) => {
                file.rewind()?;
                put(target, file, promised, place)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(spool: Spool, head: &str, parts: usize) -> Page {
        let mut spool = spool;
        for n in 0..parts {
            writeln!(spool, "part {n}").unwrap();
        }
        spool.behind(head.into()).unwrap()
    }

    fn whole(head: &str, parts: usize) -> Vec<u8> {
        let parts: Vec<String> = (0..parts).map(|n| format!("part {n}\n")).collect();
        (head.to_owned() + &parts.concat()).into_bytes()
    }

    #[test]
    fn a_page_is_the_same_from_memory_and_from_a_file_which_is_gone_afterwards() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (most, mode) in [(0, own::Mode::Usual), (5, own::Mode::Private), (40, own::Mode::Usual), (1 << 20, own::Mode::Usual)] {
            for (head, target) in [("head\n", dir.path()), ("", dir.path()), ("head\n", other.path())] {
                let spool = Spool::of(dir.path().join("x.partial"), mode, most);
                let (mut page, whole, target) = (page(spool, head, 9), whole(head, 9), target.join("page"));
                assert_eq!(page.hash().unwrap(), (blake3::hash(&whole), whole.len() as u64));
                assert_eq!(page.room(), if most < 60 { 0 } else { whole.len() as u64 });
                let promised = (page.hash, None);
                assert_eq!(page.put(write::write, &target, promised, Place::New).unwrap(), whole.len() as u64);
                assert_eq!(std::fs::read(&target).unwrap(), whole);
                assert!(page.put(write::write, &target, promised, Place::New).is_err());
                drop(page);
                own::discard(&target);
                assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn a_long_page_is_moved_behind_its_head_whatever_the_length_of_both() {
        let dir = tempfile::tempdir().unwrap();
        for (head, parts) in [(1, 70_000), (PIECE - 1, 30_000), (PIECE + 1, 70_000), (3 * PIECE, 30_000), (2 * PIECE, 0)] {
            let head = "h".repeat(head);
            let spool = Spool::of(dir.path().join("x.partial"), own::Mode::Usual, 0);
            let (mut page, whole) = (page(spool, &head, parts), whole(&head, parts));
            assert_eq!(page.hash().unwrap(), (blake3::hash(&whole), whole.len() as u64));
            page.put(write::write, &dir.path().join("page"), (page.hash, None), Place::Ours).unwrap();
            assert!(std::fs::read(dir.path().join("page")).unwrap() == whole);
        }
    }

    #[test]
    fn a_long_page_that_changed_in_its_file_is_not_put_in_place_and_neither_is_one_whose_place_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let long = || page(Spool::of(at("x.partial"), own::Mode::Usual, 0), "head\n", 9);
        let mut changed = long();
        let promised = (changed.hash, None);
        std::fs::write(at("x.partial"), "other").unwrap();
        let error = changed.put(write::write, &at("page"), promised, Place::New).unwrap_err();
        assert!(error.to_string().contains("read back"), "{error}");
        drop(changed);
        std::fs::write(at("page"), "theirs").unwrap();
        assert!(long().put(write::write, &at("page"), promised, Place::New).is_err());
        assert_eq!(std::fs::read(at("page")).unwrap(), b"theirs");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
