//! The command line: a file a command.

mod after;
mod before;
mod chosen;
mod commands;
mod config;
mod ctx;
mod deed;
mod disk;
mod each;
mod files;
mod flush_first;
mod follow;
mod lifecycle;
mod marks;
mod out;
mod print;
mod repair;
mod safe;
mod sizes;
mod start;
mod stop;
mod style;
mod table;
mod words;

use crate::error::{Error, Result};
use crate::world::World;
use clap::Parser;
use ctx::{Ctx, Exit};
use out::Out;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use stop::Interrupts;
use words::Cli;

/// What the program is connected to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    /// Somebody may type.
    pub stdin: bool,
    /// Data goes to a screen.
    pub stdout: bool,
    /// Messages go to a screen.
    pub stderr: bool,
}

/// Runs the program with these words (the first is the program's name) and gives its exit code.
pub fn run(world: World, words: Vec<OsString>) -> u8 {
    let here = Terminals {
        stdin: std::io::stdin().is_terminal(),
        stdout: std::io::stdout().is_terminal(),
        stderr: std::io::stderr().is_terminal(),
    };
    run_with(world, words, (here, Interrupts::listen()), Box::new(std::io::stdout()), Box::new(std::io::stderr()))
}

/// The same, writing to these.
fn run_with(world: World, words: Vec<OsString>, at: (Terminals, Interrupts), out: Box<dyn Write>, err: Box<dyn Write>) -> u8 {
    // Whatever is wrong with the configuration or with us, who calls us must never be told to stop.
    if words.get(1).is_some_and(|w| w == "hooks") && words.get(2).is_some_and(|w| w == "--called") {
        crate::hooks::called::answer(&world, std::io::stdin(), std::env::current_exe());
        return 0;
    }
    let here = at.0;
    let (mut out, mut err) = (Out::new(out), Out::new(err));
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(e) => {
            let text = if here.stdout && here.stderr { e.render().ansi().to_string() } else { e.render().to_string() };
            (if e.use_stderr() { &mut err } else { &mut out }).text(&text);
            return finish(out, err, if e.use_stderr() { 2 } else { 0 });
        }
    };
    let code = Ctx::new(world, &cli.global, at, &mut out, &mut err).and_then(|mut ctx| {
        let code = match cli.command {
            Some(command) => command.run(&mut ctx),
            None => commands::nothing(&mut ctx),
        };
        code.map_err(|e| (e, ctx.style))
    });
    let code = match code {
        Ok(exit) => exit.code(),
        Err((error, style)) => {
            complain(&mut err, &error, style);
            error.exit_code()
        }
    };
    finish(out, err, code)
}

fn complain(err: &mut Out, error: &Error, style: style::Style) {
    err.text(&format!("{}: {error}\n", style.bad("error")));
    if let Some(hint) = &error.hint {
        err.text(&format!("{}: {hint}\n", style.dim("hint")));
    }
}

/// Flushes; a reader that went away is no failure, a full disk is.
fn finish(out: Out, mut err: Out, code: u8) -> u8 {
    let written = out.close();
    if let Err(e) = written {
        err.text(&format!("error: cannot write the output: {e}\n"));
        let _ = err.close();
        return code.max(1);
    }
    let _ = err.close();
    code
}

/// What every command gives back.
type Ended = Result<Exit>;
