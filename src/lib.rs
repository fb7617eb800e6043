//! lifeboat: what exists only in your AI agents' session folders, and how to keep it.
//!
//! The rooms, from the bottom up; arrows run from later to earlier ones only:
//!
//! - [`error`], [`model`]: plain data: classes, evidence, the catalogue of what was found, plans, receipts.
//! - [`platform`]: the few things that differ between Linux, macOS and Windows.
//! - [`world`]: time, home, environment, processes, identifiers: everything that comes from outside.
//! - [`walk`]: the parallel walk over folders.
//! - [`image`]: reads disk images of virtual machines without mounting or changing them.
//! - [`database`]: reads SQLite files of others without changing a byte beside them.
//! - [`stores`]: one file a tool: where its store is, what a session is, what each place in it means.
//! - [`classify`]: rules and proofs that give every file its class and evidence.
//! - [`retention`]: when a tool removes conversations by itself, and by which setting.
//! - [`scan`]: walks the stores in parallel and fills the catalogue.
//! - [`transcript`]: reads conversations.
//! - [`packages`]: what is installed in a session, by its folder and by its conversation.
//! - [`manifest`]: what a session was made from, and what it made.
//! - [`vault`], [`backup`], [`export`], [`demo`]: the deeds.
//! - [`settings`]: changes Claude Code's settings in one place, shown before it is done.
//! - [`trim`]: removes files inside a virtual machine's disk image, and gives their space back.
//! - [`repair`]: makes the record of a session again that the app skips or has lost.
//! - [`lifecycle`]: what becomes of sessions in databases: archive, prune, reclaim, vacuum, and their undo.
//! - [`tested`]: what tests of recipes say of files and plans.
//! - [`delegate`]: what a tool does best itself is done by its own command, after what goes was kept.
//! - [`packing`]: old conversations take less room, and come back byte for byte.
//! - [`rescue`]: a flush and a clean as one deed.
//! - [`doctor`]: what is wrong or about to be, and what is gone.
//! - [`preflight`]: what a destructive step would cost, told before it is taken.
//! - [`brief`]: what the next session should know of the last, each line with its record.
//! - [`watch`]: does them by itself, as sessions grow and end; [`hooks`]: has the tools call it.
//! - [`find`]: finds where something was said, and which session made a file.
//! - [`mcp`]: agents ask for what earlier sessions knew.
//! - [`cli`], [`tui`]: the two faces.

pub mod backup;
pub mod brief;
pub mod classify;
pub mod cli;
pub mod database;
pub mod delegate;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod export;
pub mod find;
#[cfg(fuzzing)]
pub mod fuzzing;
mod held;
pub mod hooks;
pub mod image;
pub mod lifecycle;
pub mod manifest;
pub mod mcp;
pub mod model;
pub mod packages;
pub mod packing;
pub mod platform;
pub mod preflight;
pub mod recall;
pub mod repair;
pub mod rescue;
pub mod retention;
pub mod scan;
pub mod secrets;
pub mod settings;
pub mod stores;
pub mod tending;
pub mod tested;
pub mod transcript;
pub mod trim;
pub mod tui;
pub mod vault;
pub mod walk;
pub mod watch;
pub mod world;
