//! Every command, a file each.

mod about;
mod archive;
mod backup;
mod brief;
mod clean;
mod config;
mod demo;
mod doctor;
mod explain;
pub(super) mod export;
mod find;
mod flush;
mod history;
mod hooks;
mod list;
mod manifest;
mod mcp;
mod pack;
mod plan;
mod prune;
mod prune_tool;
mod purge;
mod recall;
mod reclaim;
mod restore;
mod retention;
mod scan;
mod secrets;
mod stats;
mod stores;
mod undo;
mod unpack;
mod vacuum;
mod verify;
mod watch;

pub(super) use export::EXPORT;

use super::Ended;
use super::ctx::{Ctx, Exit};
use clap::Subcommand;

/// Every command: a line here, a file beside.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Each store found: kind, root, layout, sessions, and what cannot be seen from here
    Stores(stores::Args),
    /// Totals by store, session and class
    Scan(scan::Args),
    /// Every file with its class and evidence
    List(list::Args),
    /// Every fact behind a file's class
    Explain(explain::Args),
    /// Where something was said, in any session of any tool
    Find(find::Args),
    /// Where secrets stand in the files of sessions: file, line and rule, never the secret
    Secrets(secrets::Args),
    /// What a clean would move; changes nothing
    Plan(plan::Args),
    /// Move what a plan lists into the vault
    Clean(clean::Args),
    /// Put back the last operation that stands, or the one named
    Undo(undo::Args),
    /// Every operation: when, what, bytes, state
    History(history::Args),
    /// Empty the vault for good; only then does space come back
    Purge(purge::Args),
    /// Pack old conversations: the same bytes in less room; the originals go into the vault
    Pack(pack::Args),
    /// Write packed conversations again, byte for byte; without a selection say what is packed
    Unpack(unpack::Args),
    /// Write the durable folder of sessions: transcript and outputs
    Export(export::Args),
    /// Copy at-risk files to the durable folder and read them back
    Flush(flush::Args),
    /// What went into a session, what it ran, and what came out
    Manifest(manifest::Args),
    /// A short summary to begin the next session with, each line with its record
    Brief(brief::Args),
    /// Let agents ask for what earlier sessions knew, over MCP; read-only
    Mcp(mcp::Args),
    /// Keep manifests, exports and flushes up to date by itself, as sessions grow and end
    Watch(watch::Args),
    /// Have Claude Code call when a session begins, is compacted, or ends
    Hooks(hooks::Args),
    /// One verified archive of all that is not rebuildable
    Backup(backup::Args),
    /// Read an archive back against its own manifest
    Verify(verify::Args),
    /// Restore an archive into a new folder, or put back what is missing
    Restore(restore::Args),
    /// Which conversations a tool removes by itself and when; have it keep them longer
    Retention(retention::Args),
    /// Lay a session's working folder out again, and write what makes its environments
    Recall(recall::Args),
    /// Sizes by store and kind: databases, free pages, sessions, messages, parts
    Stats(stats::Args),
    /// Archive sessions in their own tool; nothing is removed
    Archive(archive::Archive),
    /// Bring archived sessions back
    Unarchive(archive::Unarchive),
    /// Remove old sessions, or those named, from every table and file; kept in the vault for undo
    Prune(prune::Args),
    /// Remove from databases what no conversation needs; kept in the vault for undo
    Reclaim(reclaim::Args),
    /// Pack databases, so that their free pages are free space
    Vacuum(vacuum::Args),
    /// Make a sample home and open the interface on it
    Demo(demo::Args),
    /// What is in use where, and what cannot be seen
    Doctor(doctor::Args),
    /// The configuration in use
    Config(config::Args),
    /// Completions for a shell
    Completions(about::Completions),
    /// The manual page
    Man(about::Man),
}

impl Command {
    pub(super) fn run(self, ctx: &mut Ctx) -> Ended {
        match self {
            Self::Stores(a) => a.run(ctx),
            Self::Scan(a) => a.run(ctx),
            Self::List(a) => a.run(ctx),
            Self::Explain(a) => a.run(ctx),
            Self::Find(a) => a.run(ctx),
            Self::Secrets(a) => a.run(ctx),
            Self::Plan(a) => a.run(ctx),
            Self::Clean(a) => a.run(ctx),
            Self::Undo(a) => a.run(ctx),
            Self::History(a) => a.run(ctx),
            Self::Purge(a) => a.run(ctx),
            Self::Pack(a) => a.run(ctx),
            Self::Unpack(a) => a.run(ctx),
            Self::Export(a) => a.run(ctx),
            Self::Flush(a) => a.run(ctx),
            Self::Manifest(a) => a.run(ctx),
            Self::Brief(a) => a.run(ctx),
            Self::Mcp(a) => a.run(ctx),
            Self::Watch(a) => a.run(ctx),
            Self::Hooks(a) => a.run(ctx),
            Self::Backup(a) => a.run(ctx),
            Self::Verify(a) => a.run(ctx),
            Self::Restore(a) => a.run(ctx),
            Self::Retention(a) => a.run(ctx),
            Self::Recall(a) => a.run(ctx),
            Self::Stats(a) => a.run(ctx),
            Self::Archive(a) => a.run(ctx),
            Self::Unarchive(a) => a.run(ctx),
            Self::Prune(a) => a.run(ctx),
            Self::Reclaim(a) => a.run(ctx),
            Self::Vacuum(a) => a.run(ctx),
            Self::Demo(a) => a.run(ctx),
            Self::Doctor(a) => a.run(ctx),
            Self::Config(a) => a.run(ctx),
            Self::Completions(a) => a.run(ctx),
            Self::Man(a) => a.run(ctx),
        }
    }
}

/// No command at all: the interface, or without a terminal the same as `scan`.
pub(super) fn nothing(ctx: &mut Ctx) -> Ended {
    if ctx.here.stdin && ctx.here.stdout && !ctx.global.json {
        return interface(ctx);
    }
    scan::Args::default().run(ctx)
}

/// Opens the interface on this world.
fn interface(ctx: &mut Ctx) -> Ended {
    let options = crate::tui::Options {
        read_only: ctx.global.read_only,
        colour: ctx.style.colour,
        ascii: ctx.global.plain || ctx.config.ascii.unwrap_or(false),
        mouse: ctx.config.mouse.unwrap_or(true),
    };
    ctx.interrupts.hold();
    crate::tui::run(ctx.world.clone(), ctx.scan_options(&[]), options)?;
    Ok(Exit::Done)
}
