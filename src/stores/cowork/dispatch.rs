//! Sessions that others started: they are in use while those are.

use super::session::Read;

/// Counts a session in use whose starter is, however many starters lie between.
pub fn follow_starters(found: &mut [Read]) {
    for _ in 0..found.len() {
        let live: Vec<String> = found.iter().filter(|f| f.session.live.is_some()).map(|f| f.session.id.clone()).collect();
        let mut news = false;
        for read in found.iter_mut().filter(|f| f.session.live.is_none()) {
            if let Some(parent) = read.parent.as_ref().filter(|p| live.contains(p)) {
                read.session.live = Some(format!("{parent}, which started it, is in use"));
                news = true;
            }
        }
        if !news {
            return;
        }
    }
}
