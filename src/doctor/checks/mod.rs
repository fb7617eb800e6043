//! The checks: a file each, and a line here.

mod backups;
mod deadlines;
mod disks;
mod ghosts;
mod machine_disk;
mod synced;
mod unfinished;
mod waiting;

use super::Check;

/// Every check, in the order in which problems of the same severity are told.
pub const CHECKS: &[Check] = &[
    Check { id: "unfinished", look: unfinished::look },
    Check { id: "disk", look: disks::look },
    Check { id: "vm-disk", look: machine_disk::look },
    Check { id: "retention", look: deadlines::look },
    Check { id: "ghosts", look: ghosts::look },
    Check { id: "backup", look: backups::look },
    Check { id: "synced", look: synced::look },
    Check { id: "vault", look: waiting::look },
];
