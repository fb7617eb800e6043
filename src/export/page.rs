//! Writes a conversation in a format.

use super::beside::Folder;
use super::form::{About, Desk, Format, Head, SubAgents};
use super::redact::Redactor;
use super::spool::{self, Spool};
use crate::error::{Error, Kind, Result};
use crate::manifest::Heard;
use crate::transcript::{Talk, Told};

/// A whole conversation in a format.
pub struct Paged {
    /// All of it, to be read.
    pub page: spool::Page,
    /// What is known of it, its text taken out.
    pub head: Head,
    /// What is known of the conversation.
    pub told: Told,
}

/// Writes a conversation to a spool, and hears on the way what the manifest tells of it. Once `stop` says so, it is given up.
pub fn write(
    talk: Talk<'_>,
    about: &About<'_>,
    (format, agents): (&Format, SubAgents),
    (redactor, heard): (Redactor, &mut Heard),
    (beside, mut spool, stop): (&mut Folder<'_>, Spool, &dyn Fn() -> bool),
) -> Result<Paged> {
    let scratch = spool.path().to_path_buf();
    let place = scratch.clone();
    let failed = |e| Error::io("cannot write the transcript", &place, e);
    let desk = Desk { agents, ..Desk::new(&mut spool, about, redactor, beside, scratch) };
    let mut form = (format.begin)(desk);
    let told = talk.tell(&mut |event| {
        if stop() {
            return Err(Error::new(Kind::Interrupted, "stopped"));
        }
        heard.take(&event);
        form.take(&event).map_err(failed)
    })?;
    let mut head = form.finish(&told).map_err(failed)?;
    let page = spool.behind(std::mem::take(&mut head.text)).map_err(failed)?;
    Ok(Paged { page, head, told })
}
