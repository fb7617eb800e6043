//! Export or flush: the same for every session, told the same way.

use super::ctx::Ctx;
use super::sizes::{count, size};
use super::stop::{OneOf, Watcher};
use super::{Ended, deed};
use crate::error::Result;
use crate::export::{Options, Report, Series};
use crate::model::{Catalog, Failed, PathText, Progress, Session, SessionIx, Watch, shown_name};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is done, and how it is told.
pub(super) struct Verb {
    pub(super) schema: &'static str,
    /// As progress begins (`Exporting`).
    pub(super) doing: &'static str,
    /// As it is typed (`export`).
    pub(super) word: &'static str,
    pub(super) past: &'static str,
    pub(super) deed: fn(&mut Series<'_>, &Catalog, SessionIx, &dyn Watch) -> Result<Report>,
}

/// What came of several sessions.
#[derive(Default)]
pub(super) struct Sum {
    /// Sessions for which something was done.
    changed: u64,
    /// Sessions with nothing to do.
    up_to_date: u64,
    /// What was left out, by rule.
    redacted: BTreeMap<String, u64>,
    /// Something failed or was skipped.
    trouble: bool,
    /// A session was not done to its end.
    cut: bool,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.changed += u64::from(!report.up_to_date && (!report.interrupted || report.copied > 0));
        self.up_to_date += u64::from(report.up_to_date);
        self.trouble |= !report.failed.is_empty() || !report.skipped.is_empty();
        self.cut |= report.interrupted;
        for (rule, n) in &report.redacted {
            *self.redacted.entry(rule.clone()).or_default() += n;
        }
    }
}

/// Does it for each session, and tells what was done.
pub(super) fn each(ctx: &mut Ctx, catalog: &Catalog, sessions: &[SessionIx], options: &Options, verb: &Verb) -> Ended {
    let (world, watch) = (ctx.world.clone(), ctx.watch());
    let mut series = Series::new(&world, options);
    let (mut told, mut sum) = (Vec::new(), Sum::default());
    for (n, ix) in (1..).zip(sessions) {
        if watch.stopped() {
            break;
        }
        let of = (sessions.len() > 1).then_some((n, sessions.len() as u64));
        let report = one(catalog, *ix, (&mut series, verb), (&watch, of));
        watch.over();
        sum.add(&report);
        tell(ctx, catalog.session(*ix), &report, (options, verb), sessions.len() == 1);
        if ctx.global.json {
            told.push(object(catalog.session(*ix), &report));
        }
    }
    let interrupted = watch.stopped();
    if ctx.global.json {
        ctx.json(&json!({"schema": verb.schema, "sessions": told, "dry_run": options.dry_run, "interrupted": interrupted,
            "changed": sum.changed, "up_to_date": sum.up_to_date, "redacted": sum.redacted}))?;
    } else if sessions.is_empty() {
        ctx.say("No session was selected that there is.");
    } else if sessions.len() > 1 || interrupted {
        let would = if options.dry_run { "would be " } else { "" };
        let stopped = if interrupted { "Stopped: of " } else { "" };
        let all = count(sessions.len() as u64, "session");
        ctx.say(&format!("{stopped}{all}, {} {would}{}, {} up to date.", sum.changed, verb.past, sum.up_to_date));
        if let Some(left) = left_out(&sum.redacted).filter(|_| sessions.len() > 1) {
            ctx.say(&format!("{left}; `lifeboat secrets` tells where, `--raw` keeps them."));
        }
        if interrupted {
            ctx.say(&format!("The same `lifeboat {}` goes on from there.", verb.word));
        }
    }
    Ok(deed::exit(interrupted, sum.changed, sum.trouble))
}

/// Does it for one session; what goes wrong is in the report.
pub(super) fn one(
    catalog: &Catalog,
    ix: SessionIx,
    (series, verb): (&mut Series<'_>, &Verb),
    (watch, of): (&Watcher, Option<(u64, u64)>),
) -> Report {
    let session = catalog.session(ix);
    let this = OneOf { watch, of, name: &session.title };
    if of.is_some() {
        this.at(&Progress { verb: verb.doing, ..Progress::default() });
    }
    (verb.deed)(series, catalog, ix, &this).unwrap_or_else(|e| {
        let path = session.dir.clone().or_else(|| session.record.clone()).unwrap_or_default();
        Report { failed: vec![Failed { path: PathText::new(&path), error: e.to_string() }], ..Report::default() }
    })
}

/// Tells what came of one session.
pub(super) fn tell(ctx: &mut Ctx, session: &Session, report: &Report, (options, verb): (&Options, &Verb), alone: bool) {
    deed::name_all(ctx, &report.skipped, &report.failed);
    for note in &report.notes {
        ctx.note(note);
    }
    if ctx.global.json {
        return;
    }
    let title = shown_name(session.title.as_ref());
    if report.up_to_date {
        ctx.say(&format!("{title} is up to date"));
    } else if report.interrupted && report.copied == 0 {
        ctx.say(&format!("{title} was stopped before it was done"));
        return;
    } else if report.folder.as_os_str().is_empty() {
        return;
    } else {
        let would = if options.dry_run { "would be " } else { "" };
        let what = format!("{}, {} copied ({})", count(report.turns, "turn"), count(report.copied, "file"), size(report.bytes));
        ctx.say(&format!("{title} {would}{}: {what}", verb.past));
    }
    if alone || !report.up_to_date {
        let folder = ctx.world.short(&report.folder);
        ctx.say(&format!("  {folder}"));
    }
    if let Some(left) = left_out(&report.redacted).filter(|_| alone || !report.up_to_date) {
        let hint = format!("; `lifeboat secrets {}` tells where; `--raw` keeps them", session.short_id());
        ctx.say(&format!("  {left}{}", if alone { hint.as_str() } else { "" }));
    }
}

/// "3 secrets left out (github-token 2, account-email 1)"; nothing for none.
fn left_out(redacted: &BTreeMap<String, u64>) -> Option<String> {
    let all: u64 = redacted.values().sum();
    let mut rules: Vec<(&String, &u64)> = redacted.iter().collect();
    rules.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let rules: Vec<String> = rules.into_iter().map(|(rule, n)| format!("{rule} {n}")).collect();
    (all > 0).then(|| format!("{} left out ({})", count(all, "secret"), rules.join(", ")))
}

/// A report as JSON.
pub(super) fn object(session: &Session, report: &Report) -> Value {
    let mut object = json!({"session": session.id, "title": session.title});
    if let (Value::Object(all), Ok(Value::Object(more))) = (&mut object, serde_json::to_value(report)) {
        all.extend(more);
    }
    object
}
