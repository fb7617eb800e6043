//! Finds the sessions of a root: records, folders without a record, records without a folder.

use super::layout::is_package;
use super::names::{is_id, is_record, is_session_folder};
use super::place::Place;
use super::record::{Space, spaces};
use super::session::{Read, orphan, recorded};
use super::{cloud, live, roots};
use crate::model::{Kind, Store};
use crate::stores::Found;
use crate::stores::folders::{Folders, Name};
use crate::stores::pids;
use crate::world::World;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Where processes of a session write themselves down, in its folder or in a home of the unofficial build.
const PIDS: [&str; 2] = [".claude/sessions", "mnt/.claude/sessions"];

/// Reads the records below a root.
pub fn read(world: &World, root: &Path) -> Found {
    let folders = Folders::new(root);
    let mut reader = Reader { world, folders, found: Vec::new(), orgs: Vec::new() };
    let sessions_only = roots::is_sessions_root(root);
    let data = if sessions_only { Vec::new() } else { reader.data_folders(root) };
    let tops = if sessions_only { vec![root.to_path_buf()] } else { data.iter().map(|d| d.join("local-agent-mode-sessions")).collect() };
    for top in &tops {
        reader.sessions_folder(top);
    }
    let processes = world.processes();
    let app = live::running(world, root, processes.as_deref());
    let Reader { mut folders, mut found, orgs, .. } = reader;
    for read in &mut found {
        let session = &mut read.session;
        session.live = session
            .dir
            .iter()
            .chain(&session.extra)
            .flat_map(|dir| PIDS.map(|below| dir.join(below)))
            .find_map(|dir| pids::running(world, &mut folders, &dir, processes.as_deref(), app.as_deref()));
        session.extra.extend(data.iter().filter_map(|dir| secrets_of(&folders, dir, &session.id)));
    }
    found.sort_by(|a, b| b.session.last_active.cmp(&a.session.last_active).then_with(|| a.session.id.cmp(&b.session.id)));
    let (layout, notes) = cloud::describe(world, &mut folders, &data, &orgs, &found);
    Found {
        store: Store { name: "cowork", title: "Claude Cowork", root: root.to_path_buf(), layout, notes, live: app, node: None },
        sessions: found.into_iter().map(|f| f.session).collect(),
        root_spot: if sessions_only { Place::Sessions } else { Place::Ud }.spot(),
        errors: folders.errors,
    }
}

/// What the app keeps for one session beside the sessions' folder.
fn secrets_of(folders: &Folders<'_>, data: &Path, id: &str) -> Option<PathBuf> {
    // An id is only ever one name; anything else would lead elsewhere.
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let dir = data.join("ccd-session-secrets").join(id);
    (plain && folders.has_folder(&dir)).then_some(dir)
}

struct Reader<'a> {
    world: &'a World,
    folders: Folders<'a>,
    found: Vec<Read>,
    orgs: Vec<PathBuf>,
}

impl Reader<'_> {
    /// The root, and on Windows the data folders of single packages in it.
    fn data_folders(&mut self, root: &Path) -> Vec<PathBuf> {
        let packages = self.folders.folders(root).into_iter().filter(|n| is_package(&n.bytes)).map(|n| n.path);
        std::iter::once(root.to_path_buf()).chain(packages).collect()
    }

    fn sessions_folder(&mut self, top: &Path) {
        let accounts = self.folders.folders(top).into_iter().filter(|n| is_id(&n.bytes));
        for account in accounts.collect::<Vec<_>>() {
            for org in self.folders.folders(&account.path).into_iter().filter(|n| is_id(&n.bytes)).collect::<Vec<_>>() {
                let file = self.folders.text(&org.path.join("spaces.json")).unwrap_or_default();
                let spaces = spaces(self.world, &file);
                self.records(&org.path, &spaces);
                self.records(&org.path.join("agent"), &spaces);
                self.orgs.push(org.path);
            }
        }
        self.vm_homes(&top.join("sessions"));
    }

    fn records(&mut self, dir: &Path, spaces: &[Space]) {
        let names = self.folders.list(dir);
        let dirs: Vec<&Name> = names.iter().filter(|n| n.facts.kind == Kind::Dir && is_session_folder(&n.bytes)).collect();
        let records: Vec<&Name> = names.iter().filter(|n| n.facts.kind != Kind::Dir && is_record(&n.bytes)).collect();
        let mut taken: HashSet<&[u8]> = HashSet::new();
        let mut homes: Vec<Option<&Name>> = vec![None; records.len()];
        // Every record has its own folder first; only what is left over may go by a shorter name.
        let shapes: [Shape; 3] = [|stem| Some(stem), short, without_generation];
        for shape in shapes {
            for (record, home) in records.iter().zip(&mut homes).filter(|(_, h)| h.is_none()) {
                let wanted = record.bytes.strip_suffix(b".json").and_then(shape);
                *home = dirs.iter().copied().find(|d| Some(d.bytes.as_slice()) == wanted && !taken.contains(d.bytes.as_slice()));
                taken.extend(home.map(|h| h.bytes.as_slice()));
            }
        }
        for (record, home) in records.into_iter().zip(homes) {
            self.found.push(recorded(self.world, &mut self.folders, record, home, spaces));
        }
        for dir in dirs.into_iter().filter(|d| !taken.contains(d.bytes.as_slice())) {
            self.found.push(orphan(&mut self.folders, dir));
        }
    }

    /// Homes that an unofficial build keeps on this machine, by the session's name in the virtual machine.
    fn vm_homes(&mut self, dir: &Path) {
        for home in self.folders.folders(dir) {
            let name = home.text();
            if let Some(read) = self.found.iter_mut().find(|f| f.session.vm_name.as_deref() == Some(&name)) {
                read.session.extra.push(home.path);
            } else {
                self.found.push(orphan(&mut self.folders, &home));
            }
        }
    }
}

/// How a folder's name follows from a record's.
type Shape = fn(&[u8]) -> Option<&[u8]>;

/// `local_<uuid>` may be in a folder of the first eight digits.
fn short(stem: &[u8]) -> Option<&[u8]> {
    stem.strip_prefix(b"local_")?.get(..8)
}

/// A later generation of a dispatch agent (`local_ditto_<id>_g2`) goes on in the folder of the first.
fn without_generation(stem: &[u8]) -> Option<&[u8]> {
    let at = stem.windows(2).rposition(|w| w == b"_g")?;
    let digits = stem.get(at + 2..)?;
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then(|| stem.get(..at)).flatten()
}
