//! Which files hold a session's conversation. Names of folders are listed, never made up; links are not followed.

use super::agents::OfAgent;
use super::strand::Strand;
use crate::model::{Kind, from_bytes};
use crate::platform::{Folder, Listed, open_beneath};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Every transcript of a session, and which to read.
#[derive(Debug, Default)]
pub struct Found {
    /// The transcript to read.
    pub transcript: Option<PathBuf>,
    /// Whether it is the one the record names.
    pub named: bool,
    /// Other transcripts beside it that hold conversation.
    pub more: Vec<PathBuf>,
    /// The audit log.
    pub audit: Option<PathBuf>,
}

/// Looks for the transcripts and the audit log of a session's folder.
pub fn find(session: &Path, conversation: Option<&str>) -> Found {
    let mut found = Found::default();
    let Ok(top) = Folder::open(session) else { return found };
    if top.facts(b"audit.jsonl").is_ok_and(|f| f.kind == Kind::File && !f.placeholder) {
        found.audit = Some(session.join("audit.jsonl"));
    }
    let mut all = transcripts(&top, session);
    // The newest first; one that says nothing only when no other says anything.
    all.sort_by_key(|(path, mtime)| (std::cmp::Reverse(*mtime), path.clone()));
    all.retain(|(path, _)| speaks(session, path) || is_named(path, conversation));
    let best = all.iter().position(|(path, _)| is_named(path, conversation) && speaks(session, path));
    let best = best.or_else(|| all.iter().position(|(path, _)| speaks(session, path))).or_else(|| (!all.is_empty()).then_some(0));
    if let Some(best) = best {
        let (path, _) = all.remove(best);
        found.named = conversation.is_none() || is_named(&path, conversation);
        found.transcript = Some(path);
        found.more = all.into_iter().map(|(path, _)| path).filter(|path| speaks(session, path)).collect();
    }
    found
}

fn is_named(path: &Path, conversation: Option<&str>) -> bool {
    conversation.is_some() && path.file_stem().and_then(|s| s.to_str()) == conversation
}

fn files(folder: &Folder) -> impl Iterator<Item = Listed> + '_ {
    folder.list().filter_map(Result::ok)
}

fn is_file(listed: &Listed) -> bool {
    listed.facts.as_ref().is_ok_and(|f| f.kind == Kind::File && !f.placeholder)
}

fn transcripts(top: &Folder, session: &Path) -> Vec<(PathBuf, i64)> {
    let Ok(Some(projects)) = top.folder_beneath(Path::new(".claude/projects")) else { return Vec::new() };
    let base = session.join(".claude").join("projects");
    let mut all = Vec::new();
    for slug in files(&projects) {
        let Ok(folder) = projects.folder(&slug.name) else { continue };
        for file in files(&folder).filter(is_file) {
            if file.name.ends_with(b".jsonl") && !file.name.starts_with(b"agent-") {
                let mtime = file.facts.as_ref().map_or(0, |f| f.mtime_ns);
                all.push((base.join(from_bytes(&slug.name)).join(from_bytes(&file.name)), mtime));
            }
        }
    }
    all
}

/// Whether somebody says something in the file.
fn speaks(session: &Path, path: &Path) -> bool {
    let Ok(file) = open_beneath(session, path) else { return false };
    let mut lines = super::lines::Lines::new(file, u64::MAX, super::lines::LONGEST, super::lines::FEW);
    let mut at = 0;
    while let Ok(Some(line)) = lines.line(at) {
        let head = (super::claude::DIALECT.head)(line.bytes.trim_ascii());
        if head.is_ok_and(|h| matches!(h.kind.0, b"user" | b"assistant")) {
            return true;
        }
        at = line.next;
    }
    false
}

/// The folder of what belongs to a transcript: its path without the ending.
fn beside(main: &Path) -> PathBuf {
    main.with_extension("")
}

/// The sub-agents of a transcript that have files of their own, in the order of the files' names.
pub fn agents(session: &Path, main: &Path) -> Vec<OfAgent> {
    let of = |(id, path): (String, PathBuf)| {
        let About { text, call } = agent_about(session, &path);
        OfAgent { part: Strand::transcript(session, path, &id), about: text, call, told: false }
    };
    agent_files(session, main).into_iter().map(of).collect()
}

fn agent_files(session: &Path, main: &Path) -> Vec<(String, PathBuf)> {
    let base = beside(main).join("subagents");
    let mut all = Vec::new();
    let folder = Folder::open(session).ok().zip(base.strip_prefix(session).ok());
    if let Some(Ok(Some(folder))) = folder.map(|(top, rest)| top.folder_beneath(rest)) {
        for file in files(&folder).filter(is_file) {
            let name = String::from_utf8_lossy(&file.name);
            if let Some(id) = name.strip_prefix("agent-").and_then(|n| n.strip_suffix(".jsonl")) {
                all.push((id.to_owned(), base.join(from_bytes(&file.name))));
            }
        }
    }
    all.sort();
    all
}

/// What is known of a sub-agent from the small file beside its own.
#[derive(Debug, Default)]
struct About {
    text: String,
    call: String,
}

/// What the small file beside a sub-agent's own says of it.
fn agent_about(session: &Path, file: &Path) -> About {
    let Ok(meta) = open_beneath(session, &file.with_extension("meta.json")) else { return About::default() };
    let mut text = Vec::new();
    let _ = meta.take(1 << 20).read_to_end(&mut text);
    let of = |name: &str| super::content::field(&text, name).map(|t| t.text().into_owned()).filter(|t| !t.is_empty());
    About { text: of("description").or_else(|| of("agentType")).unwrap_or_default(), call: of("toolUseId").unwrap_or_default() }
}

/// The files a long tool output may have been moved to, by the path that stands in the transcript: beside the transcript,
/// or beside the one that this is a copy of.
pub fn long_outputs(main: &Path, text: &str) -> Vec<PathBuf> {
    let Some((_, rest)) = text.strip_prefix("<persisted-output>").and_then(|rest| rest.split_once("Full output saved to: ")) else {
        return Vec::new();
    };
    let is_name = |name: &&str| !name.is_empty() && *name != "." && *name != "..";
    let mut parts = rest.lines().next().unwrap_or_default().trim().rsplit(['/', '\\']);
    let Some(name) = parts.next().filter(is_name) else { return Vec::new() };
    let other = parts.next().and(parts.next()).filter(is_name);
    let folders = std::iter::once(beside(main)).chain(other.and_then(|other| Some(main.parent()?.join(other))));
    folders.map(|folder| folder.join("tool-results").join(name)).collect()
}
