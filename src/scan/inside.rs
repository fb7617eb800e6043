//! What stands inside databases, and whose some files are by what they say: asked of the tools beside the walk, told in the
//! catalogue after it.

use super::absorb::Absorb;
use crate::database::{Family, Member};
use crate::model::{Catalog, Inner, Session, SessionIx, Stop, StoreIx};
use crate::stores::{Inside, Tool};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

/// What is asked about one store.
pub(super) struct Asked {
    pub store: StoreIx,
    pub tool: &'static dyn Tool,
    pub root: PathBuf,
    pub sessions: Vec<Session>,
}

/// What a tool told about one store.
pub(super) struct Told {
    store: StoreIx,
    inside: Vec<Inside>,
    owned: Vec<(PathBuf, String)>,
}

/// Asks, in a thread of its own.
pub(super) fn start(asked: Vec<Asked>, stop: &Stop) -> Receiver<Vec<Told>> {
    let (send, receive) = channel();
    let stop = stop.clone();
    std::thread::spawn(move || {
        let of = |a: Asked| Told {
            store: a.store,
            inside: a.tool.inside(&a.root, &a.sessions, &stop),
            owned: a.tool.owned(&a.root, &a.sessions, &stop),
        };
        // The receiver is gone only when the scan was given up.
        let _ = send.send(asked.into_iter().map(of).collect());
    });
    receive
}

/// Puts what was told into the catalogue.
pub(super) fn take(catalog: &mut Catalog, absorb: &mut Absorb, told: Vec<Told>) {
    for Told { store, inside, owned } in told {
        let own = catalog.sessions.iter().enumerate().filter(|(_, s)| s.store == Some(store));
        let sessions: HashMap<String, SessionIx> = own.map(|(at, s)| (s.id.clone(), SessionIx::at(at))).collect();
        let mut by_file: BTreeMap<PathBuf, Vec<Inside>> = BTreeMap::new();
        for one in inside {
            by_file.entry(one.database.clone()).or_default().push(one);
        }
        for (file, inside) in by_file {
            let Some(node) = catalog.find(&file) else { continue };
            let wal = catalog.find(&Family::name(&file, Member::Wal));
            let mut inners = Vec::new();
            for Inside { session, inner, bytes, spot, .. } in inside {
                let verdict = absorb.known(catalog, store, spot).verdict;
                inners.push(Inner { session: session.and_then(|id| sessions.get(&id).copied()), way: inner, bytes, spot, verdict });
            }
            catalog.tell_inside(node, wal, &inners);
        }
        for (file, session) in owned {
            if let Some((node, session)) = catalog.find(&file).zip(sessions.get(&session)) {
                catalog.assign(node, Some(*session));
            }
        }
    }
}
