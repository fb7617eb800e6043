//! `watch --install`, `--uninstall` and `--status`: whether a watch starts with the computer.

use super::Ended;
use super::ctx::{Ctx, Exit};
use super::words::Acting;
use crate::error::Error;
use crate::model::shown_name;
use crate::watch::install::{Command, State, job, starter, state, take_back, write};
use crate::watch::{lock, news};
use serde_json::json;

/// Shows what would be written and run, and does it.
pub(super) fn install(ctx: &mut Ctx, acting: Acting) -> Ended {
    let starter = starter(ctx.world.os);
    let program = std::env::current_exe().map_err(|e| Error::usage("where this program is cannot be told").because(e))?;
    let text = starter.text(&job(&ctx.world, program, &ctx.global.root));
    let (file, bytes) = (starter.file(&ctx.world), starter.bytes(&text));
    let commands = starter.start(&file);
    let place = ctx.world.short(&file);
    ctx.say(&format!("{place} ({}):\n", starter.name()));
    for line in text.lines() {
        ctx.say(&shown_name(line.as_ref()));
    }
    ctx.say("");
    for command in &commands {
        ctx.say(&format!("then: {}", shown_name(command.join(" ").as_ref())));
    }
    if acting.dry_run {
        return Ok(Exit::Done);
    }
    if !ctx.confirmed(acting.yes, "Write this file and run this?")? {
        return Ok(Exit::Refused);
    }
    write(&ctx.world, &file, &bytes)?;
    if !run(ctx, &commands) {
        ctx.note(&format!("{place} is written, but could not be started; run the commands above, or start the computer again."));
        return Ok(Exit::Partly);
    }
    ctx.say("Installed; it runs now and starts with the computer. `lifeboat watch --uninstall` takes it back.");
    Ok(Exit::Done)
}

/// Takes back what was installed.
pub(super) fn uninstall(ctx: &mut Ctx, acting: Acting) -> Ended {
    let starter = starter(ctx.world.os);
    let file = starter.file(&ctx.world);
    let place = ctx.world.short(&file);
    match state(&ctx.world, &file) {
        State::Absent => {
            ctx.say("It is not installed.");
            return Ok(Exit::Done);
        }
        State::Theirs => {
            ctx.note(&format!("skipped: {place}: not as we wrote it, so it stays as it is"));
            for command in starter.stop(&file) {
                ctx.note(&format!("{} stops it", shown_name(command.join(" ").as_ref())));
            }
            return Ok(Exit::Partly);
        }
        State::Ours => {}
    }
    for command in starter.stop(&file) {
        ctx.say(&format!("first: {}", shown_name(command.join(" ").as_ref())));
    }
    ctx.say(&format!("then {place} goes"));
    if acting.dry_run {
        return Ok(Exit::Done);
    }
    if !ctx.confirmed(acting.yes, "Do this?")? {
        return Ok(Exit::Refused);
    }
    let stopped = run(ctx, &starter.stop(&file));
    take_back(&ctx.world, &file);
    run(ctx, &starter.after());
    ctx.say("Taken back.");
    Ok(if stopped { Exit::Done } else { Exit::Partly })
}

/// Tells whether it is installed, and whether it runs.
pub(super) fn status(ctx: &mut Ctx) -> Ended {
    let starter = starter(ctx.world.os);
    let file = starter.file(&ctx.world);
    let (state, runs, rule) = (state(&ctx.world, &file), lock::who(&ctx.world), ctx.config.rule()?);
    let last = std::fs::read_to_string(news::path(&ctx.world)).ok().and_then(|log| log.lines().last().map(str::to_owned));
    let place = ctx.world.short(&file);
    if ctx.global.json {
        let word = match state {
            State::Absent => "no",
            State::Ours => "yes",
            State::Theirs => "edited",
        };
        let rule = rule.map(|r| json!({"clean": ["rebuildable"], "older_than_seconds": r.older_than.as_secs(), "untested": r.untested}));
        ctx.json(&json!({"schema": "lifeboat.watch-status/1", "installed": word, "file": file.to_string_lossy(), "runs": runs.is_some(), "rule": rule, "last": last}))?;
        return Ok(Exit::Done);
    }
    ctx.say(&match state {
        State::Absent => format!("Not installed: it does not start with the computer ({place} is not there)."),
        State::Ours => format!("Installed: {place} ({}).", starter.name()),
        State::Theirs => format!("Installed, but not as we wrote it: {place} ({}).", starter.name()),
    });
    ctx.say(&runs.map_or("It does not run.".to_owned(), |who| format!("It runs ({who}).")));
    ctx.say(&rule.map_or("It removes nothing: the configuration has no standing rule.".to_owned(), |rule| {
        let days = rule.older_than.as_secs() / 3600;
        let tested = if rule.untested { "" } else { ", only what was made again and compared" };
        format!("It cleans what is rebuildable of sessions that were quiet for {days} h{tested}.")
    }));
    if let Some(last) = last {
        ctx.say(&format!("Last: {}", shown_name(last.as_ref())));
    }
    Ok(Exit::Done)
}

/// Runs commands; whether all went well.
fn run(ctx: &mut Ctx, commands: &[Command]) -> bool {
    let mut well = true;
    for command in commands {
        let Some((program, words)) = command.split_first() else { continue };
        let ran = std::process::Command::new(program).args(words).stdin(std::process::Stdio::null()).output();
        let why = match ran {
            Ok(out) if out.status.success() => continue,
            Ok(out) => String::from_utf8_lossy(&out.stderr).trim().to_owned(),
            Err(e) => e.to_string(),
        };
        well = false;
        let told = shown_name(format!("{}: {}", command.join(" "), why.lines().next().unwrap_or("it failed")).as_ref());
        ctx.warn(&told);
    }
    well
}
