//! `lifeboat mcp`: agents ask for what earlier sessions knew. Read-only, over standard input and output, by the official SDK.
//!
//! A file a tool: `sessions`, `search`, `turns`, `brief`, `risk`; `tools` lists them, `server` answers. Nothing here changes anything
//! but the index for searches, and with `--read-only` not even that. Secrets are left out by the rules of exports; every answer is
//! bounded, and says how to go on. The runtime that the SDK needs lives and ends in [`serve`].

mod answer;
mod brief;
mod risk;
mod search;
mod server;
mod sessions;
#[cfg(test)]
mod tests;
mod tools;
mod turns;

use crate::error::{Error, Kind, Result};
use crate::scan;
use crate::world::World;
use rmcp::ServiceExt;
use server::Server;
use std::path::PathBuf;
use std::sync::Arc;

/// Where is looked, and whether the index may be kept.
#[derive(Clone)]
pub struct Place {
    /// The world.
    pub world: World,
    /// `--root` folders; empty: the defaults.
    pub roots: Vec<PathBuf>,
    /// Write nothing, not even the index.
    pub read_only: bool,
}

impl Place {
    /// What is scanned: of every store, and nothing is written.
    fn options(&self) -> scan::Options {
        scan::Options { roots: self.roots.clone(), read_only: true, ..scan::Options::default() }
    }
}

/// Serves on standard input and output until the client closes them.
pub fn serve(place: Place) -> Result<()> {
    let failed = |what: &str, e: Box<dyn std::error::Error + Send + Sync>| Error::new(Kind::System, what).because(e);
    // Tools read for seconds: they run beside the one thread that speaks.
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().max_blocking_threads(4).build().map_err(|e| failed("cannot start the server", e.into()))?;
    let outcome = runtime.block_on(async {
        let server = Server { place: Arc::new(place) };
        let running = server.serve(rmcp::transport::stdio()).await.map_err(|e| failed("the client did not begin", e.into()))?;
        running.waiting().await.map(drop).map_err(|e| failed("the server broke off", e.into()))
    });
    // A read of standard input that nobody waits for any more ends with the program.
    runtime.shutdown_background();
    outcome
}
