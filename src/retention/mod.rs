//! When Claude Code removes conversations by itself, and by which setting.
//!
//! At a start of the client everything older than `cleanupPeriodDays` goes, by each file's own time; of all projects, with
//! the settings of the folder that the start was in (anthropics/claude-code#90148). A settings file that cannot be read
//! pauses it. What Claude Desktop began or went on with is left alone unless a setting of its own says otherwise.

mod deadline;
mod freshen;
mod period;
mod settings;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests change trees in temporary folders")]
mod tests;

pub use deadline::{Radar, mark, when};
pub use freshen::freshen;
pub use period::{Period, Rules, Start};
pub use settings::{DEFAULT, Days, KEY, Said, Scope, read};
