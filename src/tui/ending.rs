//! The end that comes from outside, also where the loop no longer sees it: once a terminal is gone, the library that
//! reads it turns in a circle and never comes back to the loop.

use super::terminal;
use crate::model::Stop;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How long the loop has to end by itself once the system told us to.
const GRACE: Duration = Duration::from_secs(1);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(100);

/// What must be known to end without the loop.
#[derive(Clone, Default)]
pub struct Ending {
    over: Arc<AtomicBool>,
    deed: Arc<Mutex<Option<Running>>>,
}

/// A deed under way: what stops it, and what is there as long as it runs.
type Running = (Stop, Weak<()>);

impl Ending {
    /// A deed begins that this stops; it must hold what is given as long as it runs.
    pub fn begin(&self, stop: Stop) -> Arc<()> {
        let alive = Arc::new(());
        *self.deed.lock().unwrap_or_else(PoisonError::into_inner) = Some((stop, Arc::downgrade(&alive)));
        alive
    }

    /// The loop has ended by itself.
    pub fn over(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Waits beside the loop. When we are told to end and the loop does not, the deed that runs is stopped after the
    /// item in hand, and the program ends.
    pub fn watch(&self, told: Arc<AtomicBool>) {
        let this = self.clone();
        std::thread::spawn(move || {
            while !told.load(Ordering::SeqCst) {
                if this.over.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::sleep(LOOK);
            }
            for _ in 0..GRACE.as_millis() / LOOK.as_millis() {
                if this.over.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::sleep(LOOK);
            }
            this.stop_deed();
            terminal::leave();
            std::process::exit(1);
        });
    }

    fn stop_deed(&self) {
        let deed = self.deed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((stop, alive)) = deed {
            stop.stop();
            while alive.upgrade().is_some() {
                std::thread::sleep(LOOK / 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_stopped_and_waited_for() {
        let (ending, stop) = (Ending::default(), Stop::default());
        let (alive, seen) = (ending.begin(stop.clone()), stop);
        let deed = std::thread::spawn(move || {
            while !seen.is_stopped() {
                std::thread::yield_now();
            }
            drop(alive);
        });
        ending.stop_deed();
        assert!(deed.join().is_ok());
    }
}
