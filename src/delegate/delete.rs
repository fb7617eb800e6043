//! Deletes sessions by their tool's own command, after they were kept.

use super::links::{Links, files};
use super::program::{Ran, find, run};
use crate::error::Result;
use crate::model::{Catalog, Class, Failed, Kind, NodeId, PathText, Quiet, Receipt, Session, SessionIx, Skipped, Watch};
use crate::platform::facts;
use crate::stores::tool;
use crate::vault::{self, Consent, Selection};
use crate::world::World;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// The bytes of these sessions' records and folders.
pub fn bytes(catalog: &Catalog, sessions: &[SessionIx]) -> u64 {
    let of = |ix: &SessionIx| {
        let s = catalog.session(*ix);
        let own = s.record.iter().chain(&s.dir).chain(&s.extra).filter_map(|path| catalog.find(path));
        own.map(|id| catalog.totals(id).all().bytes).sum::<u64>()
    };
    sessions.iter().map(of).sum()
}

/// A session with everything that goes with it: Codex deletes the sub-agents of a session without a word.
pub fn unit(catalog: &Catalog, session: SessionIx) -> Vec<SessionIx> {
    let mut all = vec![session];
    let mut at = 0;
    while let Some(above) = all.get(at).map(|ix| catalog.session(*ix)) {
        let child = |s: &Session| s.store == above.store && s.starter.as_ref() == Some(&above.id);
        let more: Vec<SessionIx> = (0..catalog.sessions.len()).map(SessionIx::at).filter(|ix| child(catalog.session(*ix))).collect();
        let new: Vec<SessionIx> = more.into_iter().filter(|ix| !all.contains(ix)).collect();
        all.extend(new);
        at += 1;
    }
    all
}

/// Deletes sessions of Codex or Gemini, each with its sub-agents. All their files are in the vault before the tool is called,
/// and come back where it did not do what it should.
pub fn delete(world: &World, catalog: &Catalog, sessions: &[SessionIx], dry_run: bool, watch: &dyn Watch) -> Result<Receipt> {
    let mut whole = Receipt { dry_run, ..Receipt::new("prune") };
    let mut done: HashSet<SessionIx> = HashSet::new();
    for ix in sessions {
        if watch.stopped() {
            whole.interrupted = true;
            break;
        }
        if done.contains(ix) {
            continue;
        }
        let unit = unit(catalog, *ix);
        done.extend(&unit);
        let session = catalog.session(*ix);
        let path = PathText::new(session.record.as_deref().unwrap_or(Path::new("")));
        if let Some(reason) = stays(catalog, &unit) {
            whole.skipped.push(Skipped { path, reason });
            continue;
        }
        let one = One { world, catalog, ix: *ix, unit: &unit };
        let (operation, receipt) = one.delete(dry_run, watch)?;
        if !operation.is_empty() {
            if whole.operation.is_empty() {
                whole.operation = operation;
            } else {
                whole.notes.push(format!("and operation {operation}"));
            }
        }
        whole.moved += receipt.moved;
        whole.bytes += receipt.bytes;
        whole.allocated += receipt.allocated;
        whole.vault = whole.vault.take().or(receipt.vault);
        whole.skipped.extend(receipt.skipped);
        whole.failed.extend(receipt.failed);
        whole.notes.extend(receipt.notes);
    }
    Ok(whole)
}

/// Why a unit stays.
fn stays(catalog: &Catalog, unit: &[SessionIx]) -> Option<String> {
    let inside: BTreeSet<&str> = unit.iter().map(|ix| catalog.session(*ix).id.as_str()).collect();
    if let Some((id, why)) = unit.iter().find_map(|ix| Some((&catalog.session(*ix).id, catalog.session(*ix).live.as_ref()?))) {
        return Some(format!("in use: {id}: {why}"));
    }
    let branch = |s: &&Session| !inside.contains(s.id.as_str()) && inside.iter().any(|id| s.notes.contains(&format!("a branch of {id}")));
    catalog.sessions.iter().find(branch).map(|s| format!("{} is a branch of it and may need it", s.id))
}

struct One<'a> {
    world: &'a World,
    catalog: &'a Catalog,
    ix: SessionIx,
    unit: &'a [SessionIx],
}

impl One<'_> {
    fn delete(&self, dry_run: bool, watch: &dyn Watch) -> Result<(String, Receipt)> {
        let session = self.catalog.session(self.ix);
        let Some(store) = session.store.map(|ix| self.catalog.store(ix)) else { return Ok((String::new(), Receipt::new("prune"))) };
        let program = find(self.world, if store.name == "gemini" { "gemini" } else { "codex" })?;
        let nodes = self.nodes();
        if nodes.is_empty() {
            // No nodes would select everything.
            return Ok((String::new(), Receipt::new("prune")));
        }
        let plan = vault::plan(self.world, self.catalog, &Selection { nodes, classes: Class::ALL.to_vec(), ..Selection::default() });
        let consent = Consent { at_risk: true, dry_run };
        if dry_run {
            return Ok((String::new(), vault::clean(self.world, &plan, consent, watch)?));
        }
        let told = |receipt: &mut Receipt, error: String| {
            receipt.failed.push(Failed { path: PathText::new(session.record.as_deref().unwrap_or(&store.root)), error });
        };
        let mut nothing = Receipt::new("prune");
        let Some(record) = session.record.as_deref() else { return Ok((String::new(), nothing)) };
        let keep = |record: &Path, what: &str| {
            let name = format!(".lifeboat-{what}-{}", self.world.new_id());
            record.parent().unwrap_or(record).join(name)
        };
        // The tool deletes what it finds: names of the same bytes, which are no others' than these.
        let conversations = self.conversations();
        let stand_ins = match Links::make(keep(record, "deleting"), conversations.iter().cloned()) {
            Ok(links) => links,
            Err(e) => {
                told(&mut nothing, format!("its files cannot have second names here, so it cannot be kept while it is deleted: {e}"));
                return Ok((String::new(), nothing));
            }
        };
        let others = match Links::make(keep(record, "keeping"), self.others(record).into_iter()) {
            Ok(links) => links,
            Err(e) => {
                stand_ins.drop_all();
                told(&mut nothing, format!("the other sessions of its project cannot be kept safe meanwhile: {e}"));
                return Ok((String::new(), nothing));
            }
        };
        let moved = vault::clean(self.world, &plan, consent, watch);
        let all_moved = moved.as_ref().is_ok_and(|_| stand_ins.missing().count() == conversations.len());
        let ran = if all_moved { self.by_tool(&program, &store.root, &stand_ins) } else { Err("not all of it could be kept".to_owned()) };
        let came = ran.and_then(|ran| self.gone(&conversations, &ran));
        let mut lost: Vec<String> = Vec::new();
        if others.missing().next().is_some() {
            lost.push("the tool swept other sessions of the project as well; they were put back".to_owned());
            lost.extend(others.give_back());
        }
        if others.missing().next().is_none() {
            others.drop_all();
        }
        let mut receipt = moved?;
        if let Err(why) = came {
            // What is left of the stand-ins makes room for the originals.
            stand_ins.take_back();
            if !receipt.operation.is_empty() {
                let back = vault::undo(self.world, Some(&receipt.operation), false, &Quiet)?;
                receipt.notes.extend(back.notes);
                receipt.failed.extend(back.failed);
            }
            stand_ins.drop_all();
            let mut failed = Receipt { skipped: receipt.skipped, failed: receipt.failed, notes: receipt.notes, ..Receipt::new("prune") };
            told(&mut failed, format!("{why}; everything was put back"));
            failed.notes.extend(lost);
            return Ok((String::new(), failed));
        }
        stand_ins.drop_all();
        receipt.notes.extend(lost);
        receipt
            .notes
            .push("undo brings the files back; a title or flag that stood only in the tool's list does not come with them".to_owned());
        Ok((receipt.operation.clone(), receipt))
    }

    /// Everything of the unit.
    fn nodes(&self) -> Vec<NodeId> {
        let paths = self.unit.iter().flat_map(|ix| {
            let session = self.catalog.session(*ix);
            session.record.iter().chain(&session.dir).chain(&session.extra).cloned().collect::<Vec<_>>()
        });
        paths.filter_map(|path| self.catalog.find(&path)).collect()
    }

    /// The files the tool deletes by itself: conversations, plain and packed.
    fn conversations(&self) -> Vec<PathBuf> {
        let is = |path: &PathBuf| {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let start = name.starts_with("rollout-") || name.starts_with("session-");
            start
                && [".jsonl", ".json", ".jsonl.zst"].iter().any(|end| name.ends_with(end))
                && facts(path).is_ok_and(|f| f.kind == Kind::File)
        };
        let sessions = self.unit.iter().map(|ix| self.catalog.session(*ix));
        sessions.flat_map(|s| s.record.iter().chain(&s.extra).filter(|p| is(p)).cloned().collect::<Vec<_>>()).collect()
    }

    /// The files of other sessions that lie beside it, where its tool may sweep them.
    fn others(&self, record: &Path) -> BTreeSet<PathBuf> {
        let session = self.catalog.session(self.ix);
        let gemini = session.store.is_some_and(|ix| self.catalog.store(ix).name == "gemini");
        let beside = |s: &&Session| gemini && s.store == session.store && s.record.as_ref().and_then(|r| r.parent()) == record.parent();
        let outside = (0..self.catalog.sessions.len()).map(SessionIx::at).filter(|ix| !self.unit.contains(ix));
        let all: Vec<&Session> = outside.map(|ix| self.catalog.session(ix)).filter(beside).collect();
        all.into_iter().flat_map(|s| files(s.record.iter().chain(&s.extra).map(PathBuf::as_path))).collect()
    }

    /// Puts the stand-ins where the files were and calls the tool.
    fn by_tool(&self, program: &Path, root: &Path, stand_ins: &Links) -> Result<Ran, String> {
        let told = stand_ins.give_back();
        if !told.is_empty() {
            return Err(told.join("; "));
        }
        let mut last = Err("it has no conversation".to_owned());
        // Codex takes sub-agents along; where it does not, each is named.
        for session in self.unit.iter().map(|ix| self.catalog.session(*ix)) {
            if session.record.as_ref().is_some_and(|path| facts(path).is_ok()) {
                last = self.call(program, root, session);
            }
            if last.is_err() {
                break;
            }
        }
        last
    }

    fn call(&self, program: &Path, root: &Path, session: &Session) -> Result<Ran, String> {
        let ran = if session.store.is_some_and(|ix| self.catalog.store(ix).name == "gemini") {
            let project = session.folders.first().filter(|p| p.is_dir());
            let project = project.ok_or("the folder of its project is gone, and Gemini deletes only there")?;
            super::gemini::delete(self.world, program, root, project, &session.id)
        } else {
            run(self.world, program, root, &["delete", "--force", &session.id], &[("CODEX_HOME", root.as_os_str())])
        };
        ran.map_err(|e| e.to_string())
    }

    /// Whether the tool did what it should, by the disk and by its list.
    fn gone(&self, conversations: &[PathBuf], ran: &Ran) -> Result<(), String> {
        let said = || if ran.said.is_empty() { String::new() } else { format!(": {}", ran.said) };
        if let Some(there) = conversations.iter().find(|path| facts(path).is_ok()) {
            return Err(format!("the tool left {} where it is{}", self.world.short(there), said()));
        }
        if !ran.well {
            return Err(format!("the tool says that it failed{}", said()));
        }
        let session = self.catalog.session(self.ix);
        let store = session.store.map(|ix| self.catalog.store(ix));
        let found = store.and_then(|s| Some((tool(s.name)?, s))).map(|(tool, s)| tool.read(self.world, &s.root));
        let ids: BTreeSet<&str> = self.unit.iter().map(|ix| self.catalog.session(*ix).id.as_str()).collect();
        let left = found.as_ref().and_then(|f| f.sessions.iter().find(|s| ids.contains(s.id.as_str())));
        left.map_or(Ok(()), |s| Err(format!("the tool still has {}{}", s.id, said())))
    }
}
