//! What a command works with.

use super::config::{self, Config};
use super::out::Out;
use super::stop::{Interrupts, Watcher};
use super::style::Style;
use super::words::Global;
use super::{Terminals, sizes};
use crate::doctor::seen;
use crate::error::{Error, Result};
use crate::model::Catalog;
use crate::scan::{self, Phase, Scan};
use crate::world::World;
use serde::Serialize;
use std::io::BufRead;
use std::time::Duration;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Finished; some items failed or were skipped, each named.
    Partly,
    /// Refused by a safety rule, or not confirmed.
    Refused,
    /// Interrupted after some items.
    Interrupted,
    /// Interrupted before any change.
    Unstarted,
}

impl Exit {
    /// The program's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Partly => 1,
            Self::Refused => 3,
            Self::Interrupted => 4,
            Self::Unstarted => 130,
        }
    }
}

/// The world, the streams, and the flags every command takes.
pub struct Ctx<'a> {
    pub(super) world: World,
    pub(super) global: Global,
    pub(super) config: Config,
    pub(super) style: Style,
    pub(super) here: Terminals,
    pub(super) interrupts: Interrupts,
    pub(super) out: &'a mut Out,
    pub(super) err: &'a mut Out,
}

impl<'a> Ctx<'a> {
    pub(super) fn new(
        mut world: World,
        global: &Global,
        here: (Terminals, Interrupts),
        out: &'a mut Out,
        err: &'a mut Out,
    ) -> std::result::Result<Self, (Error, Style)> {
        let (here, interrupts) = here;
        let plain = Style { colour: false };
        let (config, warnings) = config::read(&world).map_err(|e| (e, plain))?;
        config.set_in(&mut world);
        let style = if global.plain { plain } else { Style::of(global.color, config.color, &world, here.stdout) };
        for root in &global.root {
            if !root.is_dir() {
                return Err((
                    Error::usage("--root is no folder").at(root).hint("give a store's root, or a home-like folder to search"),
                    style,
                ));
            }
        }
        let mut global = global.clone();
        // Paths of the scan are kept in plans and journals, which are read in another folder.
        global.root =
            global.root.iter().map(|root| std::path::absolute(root).unwrap_or_else(|_| root.clone()).components().collect()).collect();
        let mut ctx = Self { world, global, config, style, here, interrupts, out, err };
        for warning in warnings {
            ctx.warn(&warning);
        }
        Ok(ctx)
    }

    /// A line of data.
    pub(super) fn say(&mut self, line: &str) {
        self.out.text(line);
        self.out.text("\n");
    }

    /// A line beside the data: progress, prompts, notes.
    pub(super) fn note(&mut self, line: &str) {
        self.err.text(line);
        self.err.text("\n");
    }

    /// Something odd that did not stop the work.
    pub(super) fn warn(&mut self, line: &str) {
        let head = self.style.bold("warning");
        self.note(&format!("{head}: {line}"));
    }

    /// One JSON object on a line of its own.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(value).map_err(|e| Error::new(crate::error::Kind::System, "cannot write JSON").because(e))?;
        self.say(&text);
        Ok(())
    }

    /// What is scanned, before any narrowing.
    pub(super) fn scan_options(&self, stores: &[String]) -> scan::Options {
        scan::Options {
            roots: self.global.root.clone(),
            stores: stores.to_vec(),
            read_only: self.global.read_only,
            ..scan::Options::default()
        }
    }

    /// Scans to the end, telling how far it is where somebody watches, and tells what could not be read.
    pub(super) fn look_with(&mut self, options: scan::Options) -> (Catalog, Duration) {
        let mut scan = Scan::start(&self.world, options);
        let watched = self.here.stderr && !self.global.plain;
        let mut told = false;
        loop {
            let phase = scan.pump(Duration::from_millis(100));
            if matches!(phase, Phase::Done | Phase::Stopped) {
                break;
            }
            if watched {
                let bytes = scan.catalog.grand_totals().all();
                self.err.text(&format!("\r\x1b[K{} {}", sizes::count(bytes.files, "file"), sizes::size(bytes.bytes)));
                self.err.flush();
                told = true;
            }
        }
        if told {
            self.err.text("\r\x1b[K");
        }
        let took = scan.elapsed();
        let catalog = scan.finish();
        for error in &catalog.errors {
            let path = crate::model::shown(&error.path);
            self.warn(&format!("{path}: {}", error.error));
        }
        (catalog, took)
    }

    /// Everything in these stores (none named: in all), read to the end.
    pub(super) fn look(&mut self, stores: &[String]) -> (Catalog, Duration) {
        let found = self.look_with(self.scan_options(stores));
        if stores.is_empty() && self.global.root.is_empty() && !self.global.read_only {
            // Without it one thing less is known later, and nothing else.
            let _ = seen::keep(&self.world, &found.0);
        }
        found
    }

    /// A watcher of a deed; from now on an interrupt ends it after the item in hand.
    pub(super) fn watch(&self) -> Watcher {
        self.interrupts.watch(self.here.stderr && !self.global.plain)
    }

    /// Refuses where only looking is allowed.
    pub(super) fn may_act(&self, verb: &str) -> Result<()> {
        if self.global.read_only {
            return Err(Error::refused(format!("`{verb}` changes things, and --read-only is given")).hint("leave --read-only out"));
        }
        Ok(())
    }

    /// Whether the user agrees: by `--yes`, or by typing `yes`. Without a terminal nobody can type.
    pub(super) fn confirmed(&mut self, yes: bool, question: &str) -> Result<bool> {
        if yes {
            return Ok(true);
        }
        if !self.here.stdin {
            return Err(Error::refused("not confirmed; nothing has happened").hint("--yes confirms where nobody can type"));
        }
        self.out.flush();
        self.err.text(&format!("{question} Type yes to go on: "));
        self.err.flush();
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if read.is_ok() && line.trim() == "yes" {
            return Ok(true);
        }
        self.note("Nothing has happened.");
        Ok(false)
    }
}
