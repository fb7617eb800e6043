//! The few things that differ between Linux, macOS and Windows, each behind one small function.

mod clone;
mod disk;
mod facts;
mod folder;
mod open;
mod proc_text;
mod processes;
mod read_at;
mod sparse;
mod times;
mod touch;
mod uses;

pub use clone::clone_of;
pub use disk::free_space;
pub use facts::{facts, facts_of};
pub use folder::{Folder, Listed};
pub use open::{open_beneath, read_link_beneath};
pub use processes::{Process, host_name, pid_domain, processes};
pub use read_at::{read_at, read_exact_at};
pub use sparse::{clone_to, copy_ranges, punch};
pub use times::{Times, changed_of, times};
pub use touch::touch;
pub use uses::{Place, Use, Uses, uses};

/// A family of platforms with its own shapes of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux and other Unixes.
    Linux,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
}

impl Os {
    /// The platform this program runs on.
    pub fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Mac
        } else {
            Self::Linux
        }
    }
}
