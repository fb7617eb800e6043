//! The binary: the world of this machine, the words of the command line, an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(lifeboat::cli::run(lifeboat::world::World::here(), std::env::args_os().collect()))
}
