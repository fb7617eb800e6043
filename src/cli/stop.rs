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

/// The progress line, short enough for most terminals.
fn line(progress: &Progress) -> String {
    use super::sizes::{count, size};
    let all = progress.bytes_total.map_or(String::new(), |b| format!(" of {}", size(b)));
    let of = progress.of.map_or(String::new(), |(at, all)| format!(" {at} of {all}"));
    let done = format!("{}{of}  {}{all}, {}", progress.verb, size(progress.bytes), count(progress.files, "file"));
    let name: String = crate::model::shown_name(progress.name.as_ref()).chars().take(24).collect();
    if name.is_empty() { done } else { format!("{done}  {name}") }
}

/// Watches the deed on one session of many.
#[derive(Debug)]
pub(super) struct OneOf<'w> {
    /// Who watches all of it.
    pub(super) watch: &'w Watcher,
    /// Which of how many.
    pub(super) of: Option<(u64, u64)>,
    /// The session's title.
    pub(super) name: &'w str,
}

impl Watch for OneOf<'_> {
    fn at(&self, progress: &Progress) {
        self.watch.at(&Progress {
            of: self.of,
            name: if self.of.is_some() { self.name.to_owned() } else { String::new() },
            ..progress.clone()
        });
    }

    fn stopped(&self) -> bool {
        self.watch.stopped()
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
            let _ = write!(std::io::stderr(), "\r\x1b[K{}", line(progress));
        }
    }

    fn stopped(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_line_tells_which_session_of_how_many_and_no_more_than_fits() {
        let one = Progress { verb: "Exporting", bytes: 1500, bytes_total: Some(3000), files: 1, ..Progress::default() };
        assert_eq!(line(&one), "Exporting  1.50 kB of 3 kB, 1 file");
        let many = Progress { of: Some((3, 20)), name: "Quarterly report\u{1b}[2J, the long version of it".into(), ..one };
        assert_eq!(line(&many).split("  ").collect::<Vec<_>>()[..2], ["Exporting 3 of 20", "1.50 kB of 3 kB, 1 file"]);
        assert!(line(&many).len() < 80 && !line(&many).contains('\u{1b}'), "{}", line(&many));
    }
}
