//! The words of the command line.

use super::chosen::Choice;
use super::style::When;
use clap::{Args, Parser};
use std::path::PathBuf;

/// See what exists only in your AI agents' session folders, keep it, clean the rest, undo.
///
/// Without a command: the interface on every store found; where there is no terminal, the same as `scan`.
#[derive(Debug, Parser)]
#[command(name = "lifeboat", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 some items failed or were skipped, 2 usage, 3 refused or not confirmed, 4 interrupted, 130 interrupted before any change."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Option<super::commands::Command>,
}

/// Flags every command takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Global {
    /// A store's root, or a home-like folder to search, instead of the usual places; may be given several times
    #[arg(long, global = true, value_name = "DIR", help_heading = "Everywhere")]
    pub(super) root: Vec<PathBuf>,
    /// Print JSON and nothing else on stdout
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(super) json: bool,
    /// No colour, no box drawing, no spinner
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(super) plain: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Everywhere")]
    pub(super) color: Option<When>,
    /// Refuse everything that changes something
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(super) read_only: bool,
}

/// How an acting verb is confirmed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Acting {
    /// Yes to the plan, without being asked
    #[arg(long, short = 'y')]
    pub(super) yes: bool,
    /// Say what would be done, and do nothing
    #[arg(long, short = 'n')]
    pub(super) dry_run: bool,
}

/// Sessions, and the looking verbs' other ways to narrow.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Narrow {
    /// A session: its id, the start of it, or a piece of its title
    #[arg(value_name = "SESSION")]
    pub(super) sessions: Vec<String>,
    #[command(flatten)]
    pub(super) choice: Choice,
}
