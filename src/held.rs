//! Folders on the way down a walk: few of them are held open, however deep it goes.

use crate::platform::Folder;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Folders a walk holds open at most, besides one a worker; on Windows a folder is held by its path.
const OPEN: usize = if cfg!(windows) { usize::MAX } else { 64 };

/// A folder that others are still to be opened in.
pub(crate) struct Held {
    /// Itself, where it is held open; and the count of those that are.
    open: Option<(Folder, Arc<AtomicUsize>)>,
    above: Option<(Arc<Held>, Vec<u8>)>,
    /// What it is on.
    pub(crate) device: u64,
    /// What it is found again by; 0 where it is held open.
    inode: u64,
}

impl Held {
    /// Whether it is held open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    fn is(&self, folder: &Folder) -> io::Result<bool> {
        folder.own_facts().map(|own| (own.dev, own.ino) == (self.device, self.inode))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((_, count)) = &self.open {
            count.fetch_sub(1, Ordering::AcqRel);
        }
        // One by one, for a long chain let go of by itself would take a stack as deep.
        let mut above = self.above.take();
        while let Some((held, _)) = above {
            above = Arc::into_inner(held).and_then(|mut held| held.above.take());
        }
    }
}

/// Where a worker is: the last folder that was not to be held open, still open for what comes next.
#[derive(Default)]
pub(crate) struct Way(Option<(Arc<Held>, Folder)>);

impl Way {
    /// Opens a folder in a folder, which is found again from where the worker is if it is not held open.
    pub(crate) fn below(&mut self, above: &Arc<Held>, name: &[u8]) -> io::Result<Folder> {
        if let Some((folder, _)) = &above.open {
            return folder.folder(name);
        }
        let here = match self.0.take() {
            Some((held, folder)) if Arc::ptr_eq(&held, above) => folder,
            Some((held, folder)) => match up(&held, above) {
                Some(steps) => climb(folder, steps, above)?,
                None => descend(above)?,
            },
            None => descend(above)?,
        };
        let opened = here.folder(name);
        self.0 = Some((Arc::clone(above), here));
        opened
    }

    /// Keeps a folder for what is still to be opened in it: open while few are, else by its place alone.
    pub(crate) fn keep(&mut self, folder: Folder, device: u64, above: Option<(Arc<Held>, Vec<u8>)>, count: &Arc<AtomicUsize>) -> Arc<Held> {
        // A top is always held, so that there is a way down to everything.
        let far = above.is_some() && count.load(Ordering::Acquire) >= OPEN;
        if let (true, Ok(own)) = (far, folder.own_facts()) {
            let held = Arc::new(Held { open: None, above, device: own.dev, inode: own.ino });
            self.0 = Some((Arc::clone(&held), folder));
            return held;
        }
        count.fetch_add(1, Ordering::AcqRel);
        Arc::new(Held { open: Some((folder, Arc::clone(count))), above, device, inode: 0 })
    }
}

/// How many folders up from one another is, where it is above it.
fn up(from: &Arc<Held>, to: &Arc<Held>) -> Option<usize> {
    let mut at = from;
    for steps in 0.. {
        if Arc::ptr_eq(at, to) {
            return Some(steps);
        }
        at = &at.above.as_ref()?.0;
    }
    None
}

/// Goes so many folders up to one that is known.
fn climb(mut at: Folder, steps: usize, to: &Held) -> io::Result<Folder> {
    for _ in 0..steps {
        at = at.folder(b"..")?;
    }
    if to.is(&at)? { Ok(at) } else { Err(io::Error::other("a folder was moved while it was read")) }
}

/// Goes down to a folder from the nearest above it that is open.
fn descend(to: &Held) -> io::Result<Folder> {
    let (mut names, mut at) = (Vec::new(), to);
    let top = loop {
        if let Some((folder, _)) = &at.open {
            break folder;
        }
        let Some((above, name)) = &at.above else { return Err(io::Error::other("its top is closed")) };
        names.push(name);
        at = above;
    };
    let mut folder: Option<Folder> = None;
    for name in names.into_iter().rev() {
        folder = Some(folder.as_ref().unwrap_or(top).folder(name)?);
    }
    let folder = folder.ok_or_else(|| io::Error::other("its top is closed"))?;
    if to.is(&folder)? { Ok(folder) } else { Err(io::Error::other("a folder was moved while it was read")) }
}
