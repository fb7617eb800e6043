//! `find`: where something was said, in any session.

use crate::cli::Ended;
use crate::cli::chosen::{Choice, span};
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::sizes::{ago, count};
use crate::cli::words::Narrow;
use crate::error::Result;
use crate::find::{self, Answer, Filter, Hit, Known, Library, Literal, Look, Pattern, Query, Sure, Thing, moment};
use crate::model::{Catalog, SessionIx, Stop, shown, shown_name};
use crate::scan;
use jiff::Timestamp;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "All words must stand in one text, whole or as beginnings; \"in quotes\" a phrase of whole words. Case and accents do not count; \
what is written without spaces is found by any piece of it. What tools answered is left out unless --tool-output or --role tool is given. \
What stands there just as it was asked comes first, then all words whole, then beginnings; of equals the latest."
)]
pub(crate) struct Args {
    /// What was said; several words need no quotes
    #[arg(required_unless_present = "file", value_name = "TEXT")]
    text: Vec<String>,
    /// Which session made this file: the path of one that is here, a path in a session's machine, a name, or a BLAKE3 in hex digits
    #[arg(long, value_name = "FILE", conflicts_with_all = ["text", "exact", "regex", "role", "tool_output", "since", "until"])]
    file: Option<String>,
    /// Only in this session: its id, the start of it, or a piece of its title; may be given several times
    #[arg(long, value_name = "SESSION")]
    session: Vec<String>,
    /// Only in stores of this tool: cowork, claude-code, opencode, codex, gemini; may be given several times
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = ["cowork", "claude-code", "opencode", "codex", "gemini"], hide_possible_values = true)]
    store: Vec<String>,
    /// Only in sessions without activity for so long: 30d, 12h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    older_than: Option<Duration>,
    /// Only what one of these said: user, assistant, tool (calls and answers); may be given several times
    #[arg(long, value_name = "ROLE", value_delimiter = ',', value_parser = ["user", "assistant", "tool"], hide_possible_values = true)]
    role: Vec<String>,
    /// What tools answered and the app put in as well
    #[arg(long)]
    tool_output: bool,
    /// Only what was said at this time or later: 2026-11-21, a time in RFC 3339, or 7d for the last seven days
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what was said before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The very signs, with case, accents and all
    #[arg(long, conflicts_with = "regex")]
    exact: bool,
    /// The text is a regular expression
    #[arg(long)]
    regex: bool,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// What is asked: words, which the index knows, or signs, for which everything is read.
enum Asked {
    Words(Query),
    Signs(Box<dyn Look>),
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if let Some(file) = &self.file {
            return self.makers(ctx, file);
        }
        let now = ctx.world.now();
        let filter = self.filter(now)?;
        let text = self.text.join(" ");
        let asked = match (self.exact, self.regex) {
            (true, _) => Asked::Signs(Box::new(Literal::of(&text)?)),
            (_, true) => Asked::Signs(Box::new(Pattern::of(&text)?)),
            _ => Asked::Words(Query::read(&text, filter.clone())?),
        };
        let (catalog, chosen) = self.sessions(ctx)?;
        let known = Known::of(&catalog, chosen.iter().copied());
        let read = |look: &dyn Look| find::all(&known, look, &filter, self.limit, &Stop::default());
        let answer = match &asked {
            Asked::Signs(look) => read(&**look),
            Asked::Words(query) if ctx.global.read_only => {
                ctx.note("--read-only is given: everything is read, and no index is kept.");
                read(query)
            }
            Asked::Words(query) => match self.by_index(ctx, &catalog, &known, query) {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(Exit::Unstarted),
                Err(e) => {
                    ctx.warn(&format!("{e}; everything is read instead"));
                    read(query)
                }
            },
        };
        tell(ctx, &answer, known.len())
    }

    /// Every session, and those that are asked about.
    fn sessions(&self, ctx: &mut Ctx) -> Result<(Catalog, Vec<SessionIx>)> {
        let catalog = scan::sessions(&ctx.world, &ctx.scan_options(&[]));
        for error in &catalog.errors {
            ctx.warn(&format!("{}: {}", shown(&error.path), error.error));
        }
        let choice = Choice { store: self.store.clone(), older_than: self.older_than, ..Choice::default() };
        let chosen = Narrow { sessions: self.session.clone(), choice }.in_catalog(&catalog)?;
        let chosen = chosen.all_sessions(&ctx.world, &catalog);
        Ok((catalog, chosen))
    }

    /// Which sessions made a file.
    fn makers(&self, ctx: &mut Ctx, file: &str) -> Ended {
        let thing = Thing::of(&ctx.world, file)?;
        let (catalog, chosen) = self.sessions(ctx)?;
        let known = Known::of(&catalog, chosen.iter().copied());
        let mut all = find::makers(&ctx.world, &catalog, &chosen, &known, &thing, &Stop::default());
        all.truncate(self.limit);
        if ctx.global.json {
            all.iter().try_for_each(|maker| ctx.json(maker))?;
            return Ok(Exit::Done);
        }
        let now = ctx.world.now();
        for maker in &all {
            let how = match (maker.by, maker.same_bytes) {
                (Sure::Bytes, _) => "the same bytes",
                (Sure::Path, Some(false)) => "the same path, other bytes",
                (Sure::Path, _) => "the same path",
                (Sure::Name, Some(false)) => "the same name, other bytes",
                (Sure::Name, _) => "the same name",
            };
            let when = maker.time.map_or_else(|| "at a time not known".to_owned(), |when| ago(now, when));
            let title = ctx.style.bold(&shown_name(maker.title.as_ref()));
            ctx.say(&format!("{title}  {}, {}, {when}", maker.store, shown_name(maker.session.as_ref())));
            ctx.say(&format!("  {how}: {} ({})", shown_name(maker.file.as_ref()), shown_name(maker.from.as_ref())));
        }
        if all.is_empty() {
            ctx.note(&format!("No session is known to have made it, of {}.", count(chosen.len() as u64, "session")));
        }
        Ok(Exit::Done)
    }

    /// Brings the index up to date, and asks it; `None`: interrupted.
    fn by_index(&self, ctx: &mut Ctx, catalog: &Catalog, known: &[Known], query: &Query) -> Result<Option<Answer>> {
        let mut library = Library::open(&ctx.world)?;
        let all: Vec<Known>;
        let every = if known.len() == catalog.sessions.len() {
            known
        } else {
            all = Known::of(catalog, (0..catalog.sessions.len()).map(SessionIx::at));
            &all
        };
        let watcher = ctx.watch();
        let updated = library.update(every, &watcher);
        watcher.over();
        let updated = updated?;
        if updated.stopped {
            return Ok(None);
        }
        for error in &updated.failed {
            ctx.warn(&format!("{}: {}", shown(&error.path), error.error));
        }
        library.search(known, query, self.limit, &|| false).map(Some)
    }

    fn filter(&self, now: Timestamp) -> Result<Filter> {
        let voices = find::voices(self.role.iter().map(String::as_str), self.tool_output);
        let at = |flag: &str, text: &Option<String>| text.as_ref().map(|text| moment(flag, text, now)).transpose();
        Ok(Filter { voices, since: at("--since", &self.since)?, until: at("--until", &self.until)? })
    }
}

fn tell(ctx: &mut Ctx, answer: &Answer, sessions: usize) -> Ended {
    for error in &answer.failed {
        ctx.warn(&format!("{}: {}", shown(&error.path), error.error));
    }
    if ctx.global.json {
        for hit in &answer.hits {
            ctx.json(hit)?;
        }
    } else {
        people(ctx, answer, sessions);
    }
    Ok(if answer.failed.is_empty() { Exit::Done } else { Exit::Partly })
}

fn people(ctx: &mut Ctx, answer: &Answer, sessions: usize) {
    let now = ctx.world.now();
    for hit in &answer.hits {
        one(ctx, hit, now);
    }
    let shown = answer.hits.len() as u64;
    let looked = count(sessions as u64, "session");
    let all = match answer.total {
        None => format!("The best {shown} in {looked}; --limit shows more."),
        Some(total) if total > shown => format!("The best {shown} of {total} places in {looked}; --limit shows more."),
        _ if shown == 0 => format!("Nothing like it was said in {looked}."),
        _ => format!("{} in {looked}.", count(shown, "place")),
    };
    ctx.note(&all);
}

fn one(ctx: &mut Ctx, hit: &Hit, now: Timestamp) {
    let style = ctx.style;
    let plain = |text: &str| shown_name(text.as_ref());
    let id = hit.session.rsplit('_').next().unwrap_or(&hit.session);
    let id = id.get(..8).unwrap_or(id);
    let when = hit.when.map_or_else(|| "at a time not known".to_owned(), |when| ago(now, when));
    let agent = hit.agent.as_ref().map(|_| ", in a sub-agent").unwrap_or_default();
    let record = if hit.record.is_empty() { format!("byte {}", hit.at) } else { hit.record.clone() };
    let head = format!("{}, {}, {}, {when}{agent}, {}", hit.store, plain(id), hit.voice.word(), plain(&record));
    ctx.say(&format!("{}  {}", style.bold(&plain(&hit.title)), style.dim(&head)));
    let around = |line: &str| (!line.is_empty()).then(|| format!("    {}", style.dim(&plain(line))));
    if let Some(line) = around(&hit.context.before) {
        ctx.say(&line);
    }
    let line = hit.context.pieces().map(|(text, is_mark)| match (is_mark, style.colour) {
        (true, true) => style.bold(&plain(text)),
        (true, false) => format!("«{}»", plain(text)),
        (false, _) => plain(text),
    });
    let line: String = line.collect();
    ctx.say(&format!("  > {line}"));
    if let Some(line) = around(&hit.context.after) {
        ctx.say(&line);
    }
}
