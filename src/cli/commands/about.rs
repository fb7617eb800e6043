//! `completions` and `man`.

use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::Cli;
use crate::error::Error;
use clap::CommandFactory;

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    #[expect(clippy::unnecessary_wraps, reason = "every command is run alike")]
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "lifeboat", &mut text);
        ctx.out.text(&String::from_utf8_lossy(&text));
        Ok(Exit::Done)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The page of one command
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        let mut all = Cli::command();
        all.build();
        let page = match &self.command {
            None => all,
            Some(name) => match all.find_subcommand(name) {
                Some(command) => command.clone(),
                None => return Err(Error::usage(format!("there is no command `{name}`")).hint("`lifeboat --help` lists them")),
            },
        };
        let mut text = Vec::new();
        let written = clap_mangen::Man::new(page).render(&mut text);
        written.map_err(|e| Error::new(crate::error::Kind::System, "cannot write the page").because(e))?;
        ctx.out.text(&String::from_utf8_lossy(&text));
        Ok(Exit::Done)
    }
}
