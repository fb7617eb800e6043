//! Copies of the manifest in the folders the user selected for the session, below `.lifeboat/`.

use super::deed::Job;
use super::folder::make_below;
use super::work::Work;
use crate::manifest::{Manifest, NAME, lines};
use crate::model::Kind;
use crate::platform::facts;
use crate::vault::own::{Mode, replace};
use std::io;
use std::path::Path;

/// The folder in a folder of the user's.
const OURS: &str = ".lifeboat";

/// Brings the copies up to date. Where one cannot be written, that is said and is no failure: the durable folder has it all.
pub fn copy(job: &Job<'_>, work: &mut Work<'_>) {
    if job.dry_run() {
        return;
    }
    let within = |folder: &Path| job.catalog.stores.iter().any(|s| folder.starts_with(&s.root) || s.root.starts_with(folder));
    let folders = job.session.folders.iter().filter(|f| facts(f).is_ok_and(|f| f.kind == Kind::Dir) && !within(f));
    for folder in folders.cloned().collect::<Vec<_>>() {
        if let Err(e) = write(&folder, job.session.short_id(), job, work) {
            let place = crate::model::shown(&folder.join(OURS));
            work.report.notes.push(format!("{place}: the copy of the manifest could not be written: {e}"));
        }
    }
}

fn write(folder: &Path, short: &str, job: &Job<'_>, work: &Work<'_>) -> io::Result<()> {
    let below = Path::new(OURS).join(super::names::from_title(short, "session"));
    make_below(folder, &below)?;
    let ignore = folder.join(OURS).join(".gitignore");
    if facts(&ignore).is_err_and(|e| e.kind() == io::ErrorKind::NotFound) {
        replace(&ignore, b"*\n", Mode::Usual).map_err(io::Error::other)?;
    }
    let place = folder.join(below);
    lines::keep(&place, &work.manifest, job.world.now())?;
    let text = work.manifest.text();
    match std::fs::read_to_string(place.join(NAME)) {
        Ok(there) if there == text => return Ok(()),
        Ok(there) if !Manifest::is_untouched(&there) => return Err(io::Error::other("it was changed since we wrote it")),
        _ => {}
    }
    replace(&place.join(NAME), text.as_bytes(), Mode::Usual).map_err(io::Error::other)
}
