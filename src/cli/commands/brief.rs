//! `brief`: a short, cited summary to begin the next session with.

use crate::brief::{self, About, ESTIMATE, USUAL, block, clip};
use crate::cli::Ended;
use crate::cli::ctx::{Ctx, Exit};
use crate::cli::words::{Acting, Narrow};
use crate::error::{Error, Result};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Args {
    /// Sessions: their ids, the start of them, or pieces of their titles
    #[arg(value_name = "SESSION", required_unless_present = "folder")]
    sessions: Vec<String>,
    /// Every session of any tool that touched this folder
    #[arg(long, value_name = "DIR", conflicts_with = "sessions")]
    folder: Option<PathBuf>,
    /// How many tokens it may take
    #[arg(long, value_name = "N", default_value_t = USUAL)]
    tokens: usize,
    /// Put it on the clipboard, over SSH too
    #[arg(long)]
    copy: bool,
    /// Keep it in a marked block of this file (CLAUDE.md, AGENTS.md); the rest of the file stays as it is
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    #[command(flatten)]
    acting: Acting,
}

fn after_help() -> String {
    format!(
        "Each line says in [session:record] where it stands, and can be checked there. Nothing is summed up by a model; the same \
sessions and files give the same bytes. Tokens are {ESTIMATE}. Secrets are left out."
    )
}

impl Args {
    pub(crate) fn run(self, ctx: &mut Ctx) -> Ended {
        if self.into.is_some() && !self.acting.dry_run {
            ctx.may_act("brief --into")?;
        }
        let folder = self.folder.as_ref().map(|folder| whole(ctx, folder, "--folder")).transpose()?;
        let into = self.into.as_ref().map(|file| whole(ctx, file, "--into")).transpose()?;
        let (catalog, _) = ctx.look(&[]);
        let about = match folder {
            Some(folder) => About::Folder(folder),
            None => About::Sessions(self.named(&catalog)?),
        };
        let brief = brief::of(&ctx.world, &catalog, &about, self.tokens)?;
        let page = brief.markdown();
        let mut done = serde_json::Map::new();
        if self.copy {
            let way = match clip::clip(&ctx.world, &page, &mut run) {
                clip::Way::Program(name) => name.to_owned(),
                clip::Way::Terminal(_) if !ctx.here.stderr => {
                    return Err(Error::refused("there is neither a clipboard program nor a terminal that could take it")
                        .hint("pipe it: `lifeboat brief … | …`"));
                }
                clip::Way::Terminal(escape) => {
                    ctx.err.text(&escape);
                    ctx.err.flush();
                    "the terminal (OSC 52)".to_owned()
                }
            };
            ctx.note(&format!("Copied by {way}: about {} tokens.", brief.tokens()));
            done.insert("copied".into(), way.into());
        }
        if let Some(file) = into {
            let written = put(ctx, file.clone(), &page, self.acting.dry_run)?;
            done.insert("into".into(), file.to_string_lossy().into());
            done.insert("written".into(), written.into());
        }
        if ctx.global.json {
            let mut object = brief.json();
            if let Some(object) = object.as_object_mut() {
                object.extend(done);
            }
            ctx.json(&object)?;
        } else if !self.copy && self.into.is_none() {
            ctx.out.text(&page);
        }
        Ok(Exit::Done)
    }

    fn named(&self, catalog: &crate::model::Catalog) -> Result<Vec<crate::model::SessionIx>> {
        let narrow = Narrow { sessions: self.sessions.clone(), ..Narrow::default() };
        Ok(narrow.in_catalog(catalog)?.sessions)
    }
}

/// Puts the brief into the file; gives whether anything was written.
fn put(ctx: &mut Ctx, file: PathBuf, page: &str, dry_run: bool) -> Result<bool> {
    let shown = ctx.world.short(&file);
    let Some(change) = block::into(file, page)? else {
        ctx.note(&format!("{shown} has this brief already; nothing was written."));
        return Ok(false);
    };
    if dry_run {
        ctx.note(&format!("{shown} would be changed:"));
        let diff = change.diff();
        ctx.note(diff.trim_end());
        return Ok(false);
    }
    let kept = change.carry_out(&ctx.world, || Ok(()))?;
    let kept = kept.map(|kept| format!("; what it held before is in {}", ctx.world.short(&kept))).unwrap_or_default();
    ctx.note(&format!("The brief is in {shown}{kept}."));
    Ok(true)
}

fn whole(ctx: &Ctx, path: &Path, flag: &str) -> Result<PathBuf> {
    let path = ctx.world.expand(path);
    let whole = std::path::absolute(&path).map_err(|e| Error::usage(format!("{flag} is no path")).at(&path).because(e))?;
    Ok(whole.components().collect())
}

/// Runs a program with text on its standard input.
fn run(program: &str, words: &[&str], text: &[u8]) -> bool {
    let child = Command::new(program).args(words).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut to| to.write_all(text).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}
