//! What of a plan is in use by now: a narrow look right before something is done, at the processes, at what is open or
//! locked, and at the turns of the sessions concerned. A change alone, where no turn is open, holds nothing here: each
//! thing is compared with the plan when its turn comes, so that only what changed stays.

use super::live::{Signs, follow_starters, in_it};
use crate::model::{Kind, Session, Spot, Stop};
use crate::platform::{self, Folder, Place, Uses};
use crate::stores::{Found, Seen, TOOLS, Tool};
use crate::walk::{FolderKey, Listing, walk};
use crate::world::{VAULT_FOLDER, World};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// For each of these paths, which lie below these stores: why it is in use, in words; `None` where it is known not to be.
pub fn in_use(world: &World, roots: &[PathBuf], paths: &[PathBuf]) -> Vec<Option<String>> {
    let uses = platform::uses(roots);
    let look = Look { world, signs: Signs::new(world, &uses), inodes: inodes(&uses) };
    let mut why: Vec<Option<String>> = vec![None; paths.len()];
    // The deepest root first: a store inside another's folder is its own.
    let mut roots: Vec<&PathBuf> = roots.iter().collect();
    roots.sort_by_key(|root| std::cmp::Reverse(root.components().count()));
    let mut taken: HashSet<usize> = HashSet::new();
    for root in roots {
        let here: Vec<usize> = (0..paths.len()).filter(|at| paths[*at].starts_with(root) && taken.insert(*at)).collect();
        // Found by itself, or only where it was named.
        let own = |tool: &&&dyn Tool| [&[][..], std::slice::from_ref(root)].iter().any(|given| tool.roots(world, given).contains(root));
        if let Some(tool) = TOOLS.iter().find(own).filter(|_| !here.is_empty()) {
            look.store(*tool, root, paths, &here, &mut why);
        }
    }
    why
}

fn inodes(uses: &Uses) -> HashMap<(u64, u64), &str> {
    let mut inodes = HashMap::new();
    for (place, how) in &uses.found {
        if let Place::Inode(dev, ino) = place {
            inodes.insert((*dev, *ino), how.as_str());
        }
    }
    inodes
}

struct Look<'a> {
    world: &'a World,
    signs: Signs<'a>,
    inodes: HashMap<(u64, u64), &'a str>,
}

impl Look<'_> {
    fn store(&self, tool: &dyn Tool, root: &Path, paths: &[PathBuf], here: &[usize], why: &mut [Option<String>]) {
        let mut found = tool.read(self.world, root);
        let concerned = concerned(&found.sessions, here.iter().map(|at| &paths[*at]));
        for at in &concerned {
            if let Some(session) = found.sessions.get(*at).filter(|s| s.live.is_none()) {
                let live = self.session(tool, &found, session);
                found.sessions[*at].live = live;
            }
        }
        follow_starters(&mut found.sessions);
        let owners = owners(&found.sessions);
        let mut spots = Spots { tool, root, top: found.root_spot, known: HashMap::new() };
        for at in here {
            let path = &paths[*at];
            let session = path.ancestors().find_map(|above| owners.get(above)).map(|at| &found.sessions[*at]);
            why[*at] = match session {
                Some(session) if session.live.is_some() => session.live.clone(),
                Some(_) => None,
                None => self.thing(path),
            };
            if let Some(app) = found.store.live.as_ref().filter(|_| why[*at].is_none())
                && spots.of(path).is_none_or(|spot| tool.meaning(spot).live_with_tool)
            {
                why[*at] = Some(app.clone());
            }
        }
    }

    fn session(&self, tool: &dyn Tool, found: &Found, session: &Session) -> Option<String> {
        let own = || session.dir.iter().chain(&session.record).chain(&session.extra);
        let by_path = own().find_map(|path| self.signs.by_path(path));
        by_path.or_else(|| self.signs.by_service(tool)).or_else(|| {
            let turn = tool.open_turn(&found.store.root, session);
            if turn.is_none() && self.inodes.is_empty() {
                return None;
            }
            // One recent change says as much as the newest.
            let enough = |newest| self.inodes.is_empty() && self.signs.recent(session, newest).is_some();
            let (newest, used) = self.through(own(), &enough);
            used.or_else(|| Some(format!("a turn is open in {}, and {}", turn?, self.signs.recent(session, newest)?)))
        })
    }

    /// Something that belongs to no session.
    fn thing(&self, path: &Path) -> Option<String> {
        self.signs.by_path(path).or_else(|| if self.inodes.is_empty() { None } else { self.through([path].into_iter(), &|_| false).1 })
    }

    /// When the newest file at or below these paths changed, as far as was looked until that was enough, and what of them is
    /// used by its inode.
    fn through<P: AsRef<Path>>(
        &self,
        paths: impl Iterator<Item = P>,
        enough: &dyn Fn(Option<i64>) -> bool,
    ) -> (Option<i64>, Option<String>) {
        let (mut newest, mut used, mut tops) = (None, None, Vec::new());
        let see = |newest: &mut Option<i64>, used: &mut Option<String>, facts: &crate::model::Facts| {
            if facts.kind == Kind::File && facts.mtime_ns <= self.signs.latest() {
                *newest = (*newest).max(Some(facts.mtime_ns));
            }
            *used = used.take().or_else(|| self.inodes.get(&(facts.dev, facts.ino)).map(|how| in_it(how)));
        };
        for (key, path) in (0..).zip(paths) {
            match platform::facts(path.as_ref()) {
                Ok(facts) if facts.kind == Kind::Dir => tops.push((FolderKey(key), path.as_ref().to_path_buf())),
                Ok(facts) => see(&mut newest, &mut used, &facts),
                Err(_) => {}
            }
        }
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let stop = Stop::default();
        for listings in walk(tops, threads, |name| name != VAULT_FOLDER.as_bytes(), &stop) {
            listings.iter().flat_map(Listing::entries).for_each(|(_, entry)| see(&mut newest, &mut used, &entry.facts));
            if enough(newest) {
                stop.stop();
                break;
            }
        }
        (newest, used)
    }
}

/// The sessions that paths belong to, and those that started them.
fn concerned<'p>(sessions: &[Session], paths: impl Iterator<Item = &'p PathBuf>) -> HashSet<usize> {
    let owners = owners(sessions);
    let ids: HashMap<&str, usize> = sessions.iter().enumerate().map(|(at, s)| (s.id.as_str(), at)).collect();
    let mut all: HashSet<usize> = paths.filter_map(|path| path.ancestors().find_map(|above| owners.get(above).copied())).collect();
    let mut todo: Vec<usize> = all.iter().copied().collect();
    while let Some(at) = todo.pop() {
        let starter = sessions.get(at).and_then(|s| ids.get(s.starter.as_deref()?));
        todo.extend(starter.filter(|at| all.insert(**at)));
    }
    all
}

/// Which session has which folders and records.
fn owners(sessions: &[Session]) -> HashMap<PathBuf, usize> {
    let own = |(at, s): (usize, &Session)| s.dir.iter().chain(&s.record).chain(&s.extra).map(|p| (p.clone(), at)).collect::<Vec<_>>();
    sessions.iter().enumerate().flat_map(own).collect()
}

/// What places are, by the names on the way to them.
struct Spots<'a> {
    tool: &'a dyn Tool,
    root: &'a Path,
    top: Spot,
    /// What every name in a folder is.
    known: HashMap<PathBuf, HashMap<Vec<u8>, Spot>>,
}

impl Spots<'_> {
    /// What the thing at a path is; `None` where it cannot be told.
    fn of(&mut self, path: &Path) -> Option<Spot> {
        if path == self.root {
            return Some(self.top);
        }
        let (above, name) = (path.parent()?, crate::model::to_bytes(path.file_name()?));
        if !self.known.contains_key(above) {
            let names = self.names(above)?;
            self.known.insert(above.to_path_buf(), names);
        }
        self.known.get(above)?.get(&*name).copied()
    }

    fn names(&mut self, folder: &Path) -> Option<HashMap<Vec<u8>, Spot>> {
        let spot = self.of(folder)?;
        let top = Folder::open_top(self.root).ok()?;
        let open = top.folder_beneath(folder.strip_prefix(self.root).ok()?).ok()?.unwrap_or(top);
        let names: Vec<(Vec<u8>, Kind)> = open.list().filter_map(|l| l.ok().and_then(|l| Some((l.name, l.facts.ok()?.kind)))).collect();
        let beside: Vec<&[u8]> = names.iter().map(|(name, _)| name.as_slice()).collect();
        let child = |(name, kind): &(Vec<u8>, Kind)| (name.clone(), self.tool.child(spot, Seen { name, kind: *kind, beside: &beside }));
        Some(names.iter().map(child).collect())
    }
}
