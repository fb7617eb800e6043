//! Which files of a session go into its durable folder, and under which names.

use super::{names, noise};
use crate::manifest::Stamp;
use crate::model::{Catalog, Class, Kind, Marks, NodeId, PathText, Script, SessionIx, Skipped, from_bytes};
use crate::platform::Os;
use crate::stores::TOOLS;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Which files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What<'a> {
    /// What the session made and what does not come back by itself: the durable folder's `outputs`.
    Outputs,
    /// Everything of the user's that exists only here.
    AtRisk,
    /// The same, of these alone.
    These(&'a HashSet<NodeId>),
    /// Everything of the user's, to be told of and not to be copied.
    Recipe,
}

impl What<'_> {
    /// Whether it is a flush: each copy is proven anew, and noise is left aside.
    pub fn flushes(self) -> bool {
        matches!(self, Self::AtRisk | Self::These(_))
    }
}

/// Which files go into the durable folder, and which do not.
#[derive(Debug, Default)]
pub struct Choice {
    /// The files, in the order of their paths.
    pub files: Vec<Chosen>,
    /// What cannot be copied, and why.
    pub left: Vec<Skipped>,
    /// What nobody misses, and why it is not copied.
    pub noise: Vec<Skipped>,
}

/// A file to be copied.
#[derive(Debug)]
pub struct Chosen {
    /// Its node.
    pub id: NodeId,
    /// Where it is.
    pub from: PathBuf,
    /// Its path below the session's folder, or where it lies elsewhere below the store's root, as text.
    pub source: String,
    /// Its place below the durable folder.
    pub path: PathBuf,
    /// Its size when it was found.
    pub bytes: u64,
    /// What of it lies on the disk: of a sparse file, holes take no room, and none in its copy.
    pub room: u64,
    /// How it looked when it was found.
    pub stamp: Stamp,
}

/// Chooses among a session's files.
pub fn choose(catalog: &Catalog, session: SessionIx, what: What<'_>) -> Choice {
    let mut choice = Choice::default();
    let own = catalog.session(session);
    let tops = own.dir.iter().chain(&own.record).chain(&own.extra).filter_map(|path| catalog.find(path));
    // On a machine's disk its home lies elsewhere.
    let on_disks = catalog.ids().filter(|id| catalog.is_on_disk(*id) && catalog.node(*id).session == Some(session));
    for node in tops.flat_map(|top| catalog.below(top)).chain(on_disks).filter(|id| wanted(catalog, *id, session, what)) {
        let from = catalog.path(node);
        let (facts, marks) = (catalog.node(node), catalog.node(node).marks);
        let reason = match facts.kind {
            Kind::Dir => continue,
            Kind::Symlink => Some("a link; what it points to is not copied"),
            Kind::Other => Some("not a file"),
            Kind::File if marks.has(Marks::PLACEHOLDER) => Some("its content is in a cloud and not here"),
            Kind::File if marks.has(Marks::SECRET) || marks.has(Marks::PROTECTED) => Some("protected"),
            Kind::File => None,
        };
        let named = |reason: &str| Skipped { path: PathText::new(&from), reason: reason.to_owned() };
        if let Some(reason) = reason {
            choice.left.push(named(reason));
        } else if let Some(reason) = noise::why(catalog.name_bytes(node), facts.size).filter(|_| what.flushes()) {
            choice.noise.push(named(reason));
        } else if let Some(below) = below_own(catalog, session, &from) {
            let path = for_copy(&home_on_disk(catalog, node).unwrap_or_else(|| below.clone()));
            let source = source(&below);
            let stamp = Stamp { size: facts.size, mtime_ns: facts.mtime_ns };
            choice.files.push(Chosen { id: node, source, path, bytes: facts.size, room: facts.size.min(facts.allocated), stamp, from });
        }
    }
    choice.files.sort_by(|a, b| a.from.cmp(&b.from));
    choice.left.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    choice.noise.sort_by(|a, b| a.path.path.cmp(&b.path.path));
    choice
}

/// Where a copy of a file on a machine's disk goes: its path in the session's home there, below a folder of its own.
fn home_on_disk(catalog: &Catalog, id: NodeId) -> Option<PathBuf> {
    let mut names: Vec<_> = std::iter::successors(Some(id), |at| catalog.parent(*at))
        .take_while(|at| catalog.node(*at).marks.has(Marks::INSIDE))
        .map(|at| catalog.name(at))
        .collect();
    // The last is `<image>!`, the one before it the home.
    names.truncate(names.len().checked_sub(2)?);
    Some(std::iter::once("vm-disk".into()).chain(names.into_iter().rev()).collect())
}

fn wanted(catalog: &Catalog, id: NodeId, session: SessionIx, what: What<'_>) -> bool {
    let node = catalog.node(id);
    if node.session.is_some_and(|s| s != session) {
        return false;
    }
    match what {
        What::Outputs => node.class != Class::Rebuildable && (in_outputs(catalog, id, session) || catalog.is_on_disk(id)),
        What::AtRisk => node.class == Class::AtRisk && is_users(catalog, id) && !is_conversation(catalog, id, session),
        What::These(these) => these.contains(&id) && wanted(catalog, id, session, What::AtRisk),
        What::Recipe => {
            let given = below(catalog, id, session).starts_with("uploads");
            let users = given || in_outputs(catalog, id, session) || is_users(catalog, id);
            node.class != Class::Rebuildable && users && !is_conversation(catalog, id, session)
        }
    }
}

/// A path below the session's folder; of what belongs to it elsewhere, below its store's root.
pub fn below_own(catalog: &Catalog, session: SessionIx, path: &Path) -> Option<PathBuf> {
    let session = catalog.session(session);
    let root = || session.store.map(|ix| catalog.store(ix).root.as_path());
    let below = session.dir.as_deref().and_then(|dir| path.strip_prefix(dir).ok());
    below.or_else(|| path.strip_prefix(root()?).ok()).map(Path::to_path_buf)
}

fn below(catalog: &Catalog, id: NodeId, session: SessionIx) -> PathBuf {
    let dir = catalog.session(session).dir.as_deref().unwrap_or(Path::new(""));
    catalog.path(id).strip_prefix(dir).map(Path::to_path_buf).unwrap_or_default()
}

fn in_outputs(catalog: &Catalog, id: NodeId, session: SessionIx) -> bool {
    below(catalog, id, session).starts_with("outputs")
}

/// Whether it is a part of the conversation, which `transcript.md` keeps; what the model noted for itself is not.
fn is_conversation(catalog: &Catalog, id: NodeId, session: SessionIx) -> bool {
    let path = below(catalog, id, session);
    let script = &catalog.session(session).script;
    match script {
        Script::Below => {}
        Script::Rows(_) | Script::Files(_) => return true,
        // Helpers have conversations of their own, told with the one that started them.
        Script::Claude(_) if path.starts_with("subagents") || catalog.name_bytes(id).starts_with(b"agent-") => return true,
        Script::Claude(at) | Script::Codex(at) | Script::Gemini(at) => return *at == catalog.path(id),
    }
    let memory = path.components().nth(3).is_some_and(|c| c.as_os_str() == "memory");
    path == Path::new("audit.jsonl") || (path.starts_with(".claude/projects") && !memory)
}

/// Why a flush does not copy a file at risk that it could copy.
pub fn why_not(catalog: &Catalog, id: NodeId, session: SessionIx) -> &'static str {
    if is_conversation(catalog, id, session) {
        "part of the conversation: transcript.md tells it in other bytes, which are no copy of it, so it stays"
    } else {
        "the app's own and only here: a flush does not copy it, so it stays"
    }
}

/// Whether a place may hold the user's own work, as its store says.
fn is_users(catalog: &Catalog, id: NodeId) -> bool {
    let store = catalog.store_of(id).map(|ix| catalog.store(ix).name);
    let tool = TOOLS.iter().find(|t| Some(t.name()) == store);
    tool.is_none_or(|t| t.meaning(catalog.node(id).spot).copies)
}

/// A path below the session's folder as exact text.
fn source(below: &Path) -> String {
    use base64::Engine;
    let encoded = || base64::engine::general_purpose::STANDARD.encode(crate::model::to_bytes(below.as_os_str()));
    below.to_str().map_or_else(|| format!("base64:{}", encoded()), |_| super::keep::slashed(below))
}

/// A path below the session's folder with names that can stand in the user's Documents.
fn for_copy(below: &Path) -> PathBuf {
    let name = |part: std::path::Component<'_>| {
        let text = part.as_os_str().to_str().map(|name| names::for_copy(name, Os::here() == Os::Windows));
        text.unwrap_or_else(|| names::for_copy(&part.as_os_str().to_string_lossy(), true))
    };
    let path: PathBuf = below.components().map(|c| from_bytes(name(c).as_bytes())).collect();
    if ["outputs", "uploads", "vm-disk"].iter().any(|own| path.starts_with(own)) {
        return path;
    }
    // Nothing below a folder called `.claude` passes for the user's own when copies are looked for.
    let shown = |name: &str| names::for_copy(Some(name.trim_start_matches('.')).filter(|n| !n.is_empty()).unwrap_or("_"), false);
    Path::new("other").join(path.components().map(|c| shown(&c.as_os_str().to_string_lossy())).collect::<PathBuf>())
}
