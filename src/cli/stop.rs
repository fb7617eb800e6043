//! Ctrl-C: before any change it ends the program at once (130); during a deed it ends it after the item in hand (4).

use crate::model::{Progress, Watch};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// What an interrupt does.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupts {
    /// Nothing was changed yet: an interrupt ends the program.
    at_once: Arc<AtomicBool>,
    /// An interrupt came.
    came: Arc<AtomicBool>,
}

impl Interrupts {
    /// Listens from now on. Where that cannot be had, interrupts do what the system does.
    pub(super) fn listen() -> Self {
        use signal_hook::consts::{SIGINT, SIGTERM};
        let all = Self::default();
        all.at_once.store(true, Ordering::SeqCst);
        for signal in [SIGINT, SIGTERM] {
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, all.at_once.clone());
            let _ = signal_hook::flag::register(signal, all.came.clone());
        }
        all
    }

    /// Changes begin: from now on an interrupt only sets a flag.
    pub(super) fn hold(&self) {
        self.at_once.store(false, Ordering::SeqCst);
    }

    /// A watcher of a deed that stops when an interrupt came; it draws how far the deed is where somebody looks.
    pub(super) fn watch(&self, draw: bool) -> Watcher {
        self.hold();
        Watcher { came: self.came.clone(), draw, drawn: AtomicI64::new(0) }
    }
}

/// Watches a deed.
#[derive(Debug)]
pub(super) struct Watcher {
    came: Arc<AtomicBool>,
    draw: bool,
    drawn: AtomicI64,
}

impl Watcher {
    /// Takes the progress line away.
    pub(super) fn over(&self) {
        if self.drawn.load(Ordering::Relaxed) != 0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Watch for Watcher {
    fn at(&self, progress: &Progress) {
        if !self.draw {
            return;
        }
        // About ten times a second is enough.
        let now = jiff::Timestamp::now().as_millisecond() / 100;
        if self.drawn.swap(now, Ordering::Relaxed) != now {
            let done = super::sizes::size(progress.bytes);
            let all = progress.bytes_total.map_or(String::new(), |b| format!(" of {}", super::sizes::size(b)));
            let files = super::sizes::count(progress.files, "file");
            let _ = write!(std::io::stderr(), "\r\x1b[K{}  {done}{all}, {files}", progress.verb);
        }
    }

    fn stopped(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }
}
