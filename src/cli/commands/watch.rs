//! `watch`: keeps manifests, exports and flushes up to date by itself.

use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::count;
use crate::cli::words::Acting;
use crate::cli::{Ended, chosen, deed};
use crate::model::Watch;
use crate::watch::news::{News, write_down};
use crate::watch::{Keeper, Settings, ear, lock, taken};
use serde_json::json;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "While a session grows its durable folder is kept up to date; once it has ended (quiet, its turn closed, no process) \
what exists only there is flushed. Nothing is removed unless the configuration has a standing rule ([watch] in `config --show-default`). \
What was done is in `watch.log` below `logs` (`doctor paths`). Ctrl-C ends it, exit 0."
)]
pub(crate) struct Args {
    /// Do once what is to be done, and end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    start: Start,
    /// Only stores of this tool; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["cowork", "claude-code", "opencode", "codex", "gemini"], hide_possible_values = true)]
    store: Vec<String>,
    /// Only the session with this id, the tool's own or its conversation's
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// How often a session that grows is looked at; it is exported when it pauses, or once a minute
    #[arg(long, value_name = "SPAN", default_value = "3s", value_parser = chosen::span)]
    every: Duration,
    #[command(flatten)]
    acting: Acting,
}

/// Whether it starts with the computer.
#[derive(Debug, clap::Args)]
struct Start {
    /// Start it with the computer from now on: systemd's user unit, launchd, or the Task Scheduler
    #[arg(long, conflicts_with_all = ["uninstall", "status", "once"])]
    install: bool,
    /// No longer start it with the computer
    #[arg(long, conflicts_with_all = ["status", "once"])]
    uninstall: bool,
    /// Whether it starts with the computer, and whether it runs
    #[arg(long, conflicts_with = "once")]
    status: bool,
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if self.start.status {
            return crate::cli::start::status(ctx);
        }
        ctx.may_act("watch")?;
        if self.start.install {
            return crate::cli::start::install(ctx, self.acting);
        }
        if self.start.uninstall {
            return crate::cli::start::uninstall(ctx, self.acting);
        }
        let settings = Settings {
            scan: ctx.scan_options(&self.store),
            session: self.session,
            every: self.every,
            rule: ctx.config.rule()?,
            shelve: ctx.config.shelve()?,
            backups: ctx.config.backups() && self.store.is_empty(),
            dry_run: self.acting.dry_run,
        };
        if settings.dry_run {
            return Ok(work(ctx, &settings, true));
        }
        let lock = match lock::take(&ctx.world)? {
            Ok(lock) => lock,
            Err(who) if self.once => {
                ctx.note(&format!("`lifeboat watch` runs already ({who}) and does this by itself."));
                return Ok(Exit::Done);
            }
            Err(who) => return Err(taken(&who)),
        };
        deed::begin(ctx, "watch", false)?;
        let ended = work(ctx, &settings, self.once);
        drop(lock);
        Ok(ended)
    }
}

fn work(ctx: &mut Ctx, settings: &Settings, once: bool) -> Exit {
    let (world, watch) = (ctx.world.clone(), ctx.watch());
    let (mut news, mut bad) = (0, false);
    if !once {
        ctx.note("Watching; Ctrl-C ends it.");
        ctx.err.flush();
    }
    let mut tell = |said: News| {
        (news, bad) = (news + 1, bad || said.is_bad());
        if !settings.dry_run {
            write_down(&world, &said);
        }
        watch.over();
        if ctx.global.json {
            ctx.out.text(&(said.json().to_string() + "\n"));
            ctx.out.flush();
        } else if said.event == "note" {
            ctx.note(&said.says);
        } else {
            ctx.say(&said.says);
            ctx.out.flush();
        }
        ctx.err.flush();
    };
    let mut keeper = Keeper::begin(&world, settings, &mut tell, &watch);
    let sessions = keeper.sessions;
    if let (Some(id), 0) = (&settings.session, sessions) {
        tell(News::new(&world, "note", format!("no store that is known has a session {id}; nothing was done"), json!({})));
        return Exit::Done;
    }
    if !once {
        keeper.go_on(&world, &mut *ear(), &mut tell, &watch);
    }
    watch.over();
    if once && !ctx.global.json {
        let all = count(sessions as u64, "session");
        ctx.note(&if news == 0 { format!("{all}, nothing to do.") } else { format!("{all} looked at.") });
    }
    match (once && watch.stopped(), bad && once) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Partly,
        (false, false) => Exit::Done,
    }
}
