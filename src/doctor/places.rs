//! Where else a file that is gone can be had: the vault, backups, durable folders, a copy of the user's, the conversation.

use super::Scene;
use super::seen::File;
use crate::error::Result;
use crate::export;
use crate::model::{Catalog, PathText, SessionIx, shown};
use crate::transcript::{self, Block, Event, written};
use crate::vault;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Where a file can be had again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Had {
    /// It waits in the vault; undo of this operation puts it back.
    Vault {
        /// The operation.
        operation: String,
    },
    /// A verified archive has it.
    Backup {
        /// The archive.
        archive: PathText,
    },
    /// Its session's durable folder has a copy.
    Durable {
        /// The copy.
        copy: PathText,
    },
    /// A copy of the same bytes was known outside of every session, and something is there.
    Copy {
        /// The copy.
        copy: PathText,
    },
    /// The conversation wrote it, and is still there.
    Conversation,
}

/// Everything that may still have something.
pub struct Places {
    vault: Vec<(PathBuf, String)>,
    archived: HashMap<PathBuf, PathBuf>,
    /// Copies in durable folders, by session and path below the session's folder.
    durable: HashMap<(String, String), PathBuf>,
    /// Files that a conversation wrote, by session and name.
    spoken: HashMap<String, HashSet<String>>,
}

impl Places {
    /// All there are now.
    pub fn of(scene: &Scene<'_>) -> Result<Self> {
        let operation = |now: &Path| now.parent().and_then(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned());
        let vault = vault::kept(scene.world)?.into_iter().rev().filter_map(|(was, now)| Some((was, operation(&now)?))).collect();
        let mut archived = HashMap::new();
        for (archive, manifest) in scene.archives.iter().rev() {
            for entry in manifest.entries.iter().filter(|e| e.incomplete.is_none()) {
                let name = crate::backup::manifest::bytes(&entry.path);
                if let Some(path) = name.and_then(|name| manifest.original(&name)) {
                    archived.insert(path, archive.clone());
                }
            }
        }
        let mut durable = HashMap::new();
        for (folder, manifest) in export::durable(scene.world) {
            for entry in &manifest.copies {
                let copy = folder.join(&entry.path);
                if export::is_below(&entry.path) && crate::platform::facts(&copy).is_ok() {
                    durable.insert((manifest.session.clone(), entry.source().to_owned()), copy);
                }
            }
        }
        Ok(Self { vault, archived, durable, spoken: HashMap::new() })
    }

    /// Where a file can be had, the surest first.
    pub fn had(&mut self, catalog: &Catalog, session: Option<&str>, file: &File) -> Vec<Had> {
        let mut all = Vec::new();
        if let Some((_, operation)) = self.vault.iter().find(|(was, _)| file.path.starts_with(was)) {
            all.push(Had::Vault { operation: operation.clone() });
        }
        if let Some(archive) = self.archived.get(&file.path) {
            all.push(Had::Backup { archive: PathText::new(archive) });
        }
        let Some(session) = session else { return all };
        if let Some(copy) = below(session, &file.path).and_then(|below| self.durable.get(&(session.to_owned(), below))) {
            all.push(Had::Durable { copy: PathText::new(copy) });
        }
        if let Some(copy) = file.copy.as_ref().filter(|copy| copy.to_path().is_some_and(|p| crate::platform::facts(&p).is_ok())) {
            all.push(Had::Copy { copy: copy.clone() });
        }
        let name = file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if self.spoken.entry(session.to_owned()).or_insert_with(|| spoken(catalog, session)).contains(&name) {
            all.push(Had::Conversation);
        }
        all
    }
}

/// A path below its session's folder, which has the session's id for a name.
fn below(session: &str, path: &Path) -> Option<String> {
    let mut parts = path.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).skip_while(|part| part != session);
    parts.next()?;
    Some(parts.collect::<Vec<_>>().join("/"))
}

/// The names of files that a session's conversation wrote whole, where it is still there.
fn spoken(catalog: &Catalog, id: &str) -> HashSet<String> {
    let mut names = HashSet::new();
    let ix = catalog.sessions.iter().position(|s| s.id == id).map(SessionIx::at);
    let Some(Ok(Some(talk))) = ix.map(|ix| transcript::open(catalog.session(ix))) else { return names };
    let _ = talk.tell(&mut |event| {
        if let Event::Block(Block::Tool(tool)) = event {
            let files = written(&tool).into_iter().filter(|(_, after)| matches!(after, transcript::After::Whole(_)));
            names.extend(files.filter_map(|(path, _)| path.rsplit(['/', '\\']).next().map(str::to_owned)));
        }
        Ok(())
    });
    names
}

impl Had {
    /// The command, or what else to do, that brings a session's files back from there.
    pub fn next(&self, session: &str) -> String {
        match self {
            Self::Vault { operation } => format!("lifeboat undo {operation}"),
            Self::Backup { archive } => format!("lifeboat restore {} --in-place --session {session}", quoted(archive)),
            Self::Durable { .. } | Self::Conversation => format!("lifeboat recall {session} --to DIR"),
            Self::Copy { copy } => format!("it is at {}", quoted(copy)),
        }
    }

    /// What it is, for people.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Vault { .. } => "vault",
            Self::Backup { .. } => "backup",
            Self::Durable { .. } => "durable folder",
            Self::Copy { .. } => "a copy of yours",
            Self::Conversation => "the conversation",
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &PathText) -> String {
    let path = shown(&path.to_path().unwrap_or_default());
    if path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-:+".contains(&b)) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
