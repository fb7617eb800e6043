//! The files a conversation is read from, by size and time: whether anything changed is told without reading one of them.

use super::opencode;
use crate::model::{Kind, Script, Session, from_bytes};
use crate::platform::{self, Folder};
use std::path::{Path, PathBuf};

/// A file a conversation may be read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDisk {
    /// Its path below the session's folder.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// When it last changed, in nanoseconds since 1970.
    pub mtime_ns: i64,
}

/// So many folders below the transcripts' own are looked into.
const DEEPEST: usize = 6;

/// Every file of a session's conversation, in the order of their paths: transcripts, what belongs to them, the audit log. Rows
/// of a database, and files of one message each, count as one.
pub fn parts(session: &Session) -> Vec<OnDisk> {
    let mut all = match &session.script {
        Script::Below => session.dir.as_deref().map(of_folder).unwrap_or_default(),
        Script::Claude(path) | Script::Codex(path) | Script::Gemini(path) => of_file(path, &session.id),
        Script::Rows(path) => opencode::rows_stand(path, &session.id).into_iter().collect(),
        Script::Files(path) => opencode::files_stand(path, &session.id).into_iter().collect(),
    };
    for path in session.helpers.iter().filter_map(|helper| helper.script.path()) {
        all.extend(one(path, path.parent()));
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// A file, named below a folder.
fn one(path: &Path, below: Option<&Path>) -> Option<OnDisk> {
    let facts = platform::facts(path).ok().filter(|facts| facts.kind == Kind::File)?;
    let path = below.and_then(|below| path.strip_prefix(below).ok()).unwrap_or(path).to_path_buf();
    Some(OnDisk { path, size: facts.size, mtime_ns: facts.mtime_ns })
}

/// A transcript, and what lies in the folder beside it that belongs to it.
fn of_file(path: &Path, id: &str) -> Vec<OnDisk> {
    let Some(parent) = path.parent() else { return Vec::new() };
    let mut all: Vec<OnDisk> = one(path, Some(parent)).into_iter().collect();
    if let Ok(folder) = Folder::open(parent).and_then(|top| top.folder(id.as_bytes())) {
        below(&folder, Path::new(id), 0, &mut all);
    }
    all
}

fn of_folder(session: &Path) -> Vec<OnDisk> {
    let mut all = Vec::new();
    let Ok(top) = Folder::open(session) else { return all };
    if let Ok(facts) = top.facts(b"audit.jsonl")
        && facts.kind == Kind::File
    {
        all.push(OnDisk { path: "audit.jsonl".into(), size: facts.size, mtime_ns: facts.mtime_ns });
    }
    let projects = Path::new(".claude").join("projects");
    if let Ok(Some(folder)) = top.folder_beneath(&projects) {
        below(&folder, &projects, 0, &mut all);
    }
    all
}

fn below(folder: &Folder, path: &Path, depth: usize, all: &mut Vec<OnDisk>) {
    for listed in folder.list().filter_map(Result::ok) {
        let Ok(facts) = &listed.facts else { continue };
        let path = path.join(from_bytes(&listed.name));
        match facts.kind {
            Kind::File => all.push(OnDisk { path, size: facts.size, mtime_ns: facts.mtime_ns }),
            // What the model noted for itself is no part of the conversation.
            Kind::Dir if depth < DEEPEST && !(depth == 1 && listed.name == b"memory") => {
                if let Ok(inner) = folder.folder(&listed.name) {
                    below(&inner, &path, depth + 1, all);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(dir: &Path) -> Session {
        Session { dir: Some(dir.to_path_buf()), ..Session::default() }
    }

    #[test]
    fn the_parts_of_a_conversation_are_its_transcripts_what_is_beside_them_and_the_log_and_no_memory() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("audit.jsonl", "{}");
        put(".claude/projects/-s/c.jsonl", "{}\n");
        put(".claude/projects/-s/c/subagents/agent-a.jsonl", "{}\n\n");
        put(".claude/projects/-s/c/tool-results/x.txt", "x");
        put(".claude/projects/-s/memory/m.md", "noted");
        put(".claude/settings.json", "{}");
        put("outputs/a.jsonl", "{}");
        let found: Vec<(String, u64)> =
            parts(&session(dir.path())).into_iter().map(|p| (p.path.display().to_string().replace('\\', "/"), p.size)).collect();
        let names = ["-s/c.jsonl", "-s/c/subagents/agent-a.jsonl", "-s/c/tool-results/x.txt"].map(|n| format!(".claude/projects/{n}"));
        let [main, agent, result] = names;
        assert_eq!(found, [(agent, 4), (result, 1), (main, 3), ("audit.jsonl".into(), 2)]);
        assert_eq!(parts(&session(&dir.path().join("gone"))), []);
    }
}
