//! The part of `prune` that a tool does by its own command: Codex and Gemini.

use crate::cli::ctx::Ctx;
use crate::cli::lifecycle::{self as shared, Meant};
use crate::cli::sizes::{ago, count, size};
use crate::cli::table;
use crate::delegate::{self, STORES};
use crate::error::{Error, Result};
use crate::model::{self, Catalog, Receipt, SessionIx, shown_name};
use serde_json::{Value, json};
use std::time::Duration;

/// The sessions that go this way, each with what goes along.
#[derive(Debug, Default)]
pub(super) struct Part {
    catalog: Catalog,
    units: Vec<Vec<SessionIx>>,
    /// What stays from the beginning, and why.
    pub(super) notes: Vec<String>,
}

impl Part {
    /// Takes what is its own out of what is meant.
    pub(super) fn choose(ctx: &mut Ctx, meant: &mut Meant, default: Duration, children: bool) -> Result<Self> {
        let stores: Vec<String> =
            STORES.iter().filter(|s| meant.store.is_empty() || meant.store.iter().any(|n| n == *s)).map(ToString::to_string).collect();
        if stores.is_empty() {
            return Ok(Self::default());
        }
        let (catalog, _) = ctx.look(&stores);
        let mut part = Self { catalog, ..Self::default() };
        let named = !meant.sessions.is_empty();
        let tops = if meant.sessions.is_empty() {
            let than = if meant.all { Duration::ZERO } else { meant.older_than.unwrap_or(default) };
            part.old(ctx, than, children)
        } else {
            part.named(ctx, meant)?
        };
        let mut taken: Vec<SessionIx> = Vec::new();
        for top in tops {
            let unit = delegate::unit(&part.catalog, top);
            if !taken.contains(&top) {
                taken.extend(&unit);
                part.units.push(unit);
            }
        }
        // Asked for by name it is an error that the tool is missing; else what it would do stays.
        let asked = !meant.store.is_empty() || named;
        for store in STORES {
            let own = |unit: &Vec<SessionIx>| {
                unit.first().is_some_and(|ix| part.catalog.session(*ix).store.is_some_and(|s| part.catalog.store(s).name == store))
            };
            if !part.units.iter().any(own) {
                continue;
            }
            match delegate::installed(&ctx.world, store) {
                Ok(()) => {}
                Err(e) if asked => return Err(e),
                Err(e) => {
                    let (theirs, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut part.units).into_iter().partition(own);
                    part.units = rest;
                    part.notes.push(format!("{e}: {} stay", count(theirs.len() as u64, "session")));
                }
            }
        }
        Ok(part)
    }

    /// Whether only stores are meant whose tools delete by themselves.
    pub(super) fn alone(stores: &[String]) -> bool {
        let own = stores.iter().any(|name| STORES.contains(&name.as_str()));
        own && !stores.iter().any(|name| name == crate::lifecycle::STORE)
    }

    /// The sessions that words mean; those words are taken out.
    fn named(&self, ctx: &Ctx, meant: &mut Meant) -> Result<Vec<SessionIx>> {
        let (mut found, mut rest) = (Vec::new(), Vec::new());
        let others = meant.store.is_empty() || meant.store.iter().any(|s| s == crate::lifecycle::STORE);
        for word in std::mem::take(&mut meant.sessions) {
            let other = others && shared::sessions(ctx, &[crate::lifecycle::STORE.to_owned()], std::slice::from_ref(&word)).is_ok();
            match model::meant(&self.catalog, &word) {
                Ok(_) if other => {
                    let shown = shown_name(word.as_ref());
                    return Err(Error::usage(format!("`{shown}` means sessions of several tools")).hint("say which with --store"));
                }
                Ok(own) => found.extend(own),
                Err(e) if !others => return Err(e),
                Err(_) => rest.push(word),
            }
        }
        meant.sessions = rest;
        Ok(found)
    }

    /// The trees whose newest member is old enough; with `children` also old sub-sessions of others.
    fn old(&self, ctx: &Ctx, than: Duration, children: bool) -> Vec<SessionIx> {
        let all = || (0..self.catalog.sessions.len()).map(SessionIx::at);
        let old = |ix: &SessionIx| {
            let ago = self.catalog.session(*ix).last_active.map(|t| ctx.world.now().as_second().saturating_sub(t.as_second()));
            ago.is_some_and(|ago| u64::try_from(ago).is_ok_and(|ago| ago >= than.as_secs()))
        };
        let has_parent = |ix: &SessionIx| {
            let starter = self.catalog.session(*ix).starter.as_ref();
            starter.is_some_and(|id| self.catalog.sessions.iter().any(|s| s.id == *id))
        };
        let whole = |ix: &SessionIx| delegate::unit(&self.catalog, *ix).iter().all(old);
        let mut tops: Vec<SessionIx> = all().filter(|ix| !has_parent(ix) && whole(ix)).collect();
        if children {
            tops.extend(all().filter(|ix| has_parent(ix) && whole(ix)).collect::<Vec<_>>());
        }
        tops
    }

    /// How many sessions go.
    pub(super) fn sessions(&self) -> usize {
        self.units.iter().map(Vec::len).sum()
    }

    fn bytes(&self, unit: &[SessionIx]) -> u64 {
        delegate::bytes(&self.catalog, unit)
    }

    /// The plan for people.
    pub(super) fn text(&self, ctx: &Ctx) -> String {
        if self.units.is_empty() && self.notes.is_empty() {
            return String::new();
        }
        let bytes: u64 = self.units.iter().map(|unit| self.bytes(unit)).sum();
        let mut out = format!(
            "{} in {} of Codex and Gemini, deleted by their own commands\n",
            ctx.style.bold(&size(bytes)),
            count(self.sessions() as u64, "session")
        );
        let row = |unit: &Vec<SessionIx>| {
            let top = self.catalog.session(*unit.first()?);
            let with =
                if unit.len() > 1 { format!("and {} started by it", count(unit.len() as u64 - 1, "session")) } else { String::new() };
            let when = top.last_active.map_or_else(String::new, |t| ago(ctx.world.now(), t));
            Some(vec!["  !".into(), top.id.clone(), shown_name(top.title.as_ref()), when, size(self.bytes(unit)), with])
        };
        let rows: Vec<Vec<String>> = self.units.iter().filter_map(row).collect();
        out += &table::table(&["", "", "", ">", ">", ""], &rows);
        for note in &self.notes {
            out.extend(["  left alone: ", note, "\n"]);
        }
        out
    }

    /// The plan's items as data.
    pub(super) fn items(&self) -> Vec<Value> {
        let item = |unit: &Vec<SessionIx>| {
            let top = self.catalog.session(*unit.first()?);
            let path = top.record.as_ref().map(|p| p.to_string_lossy().into_owned());
            let store = top.store.map(|s| self.catalog.store(s).name);
            let ids: Vec<&str> = unit.iter().map(|ix| self.catalog.session(*ix).id.as_str()).collect();
            Some(json!({"path": path, "store": store, "session": top.id, "title": top.title, "class": "at-risk", "bytes": self.bytes(unit),
                "sessions": ids, "last_active": top.last_active, "action": "prune"}))
        };
        self.units.iter().filter_map(item).collect()
    }

    /// Deletes, or with `dry_run` tries what can be tried.
    pub(super) fn carry_out(&self, ctx: &Ctx, dry_run: bool) -> Result<Receipt> {
        let tops: Vec<SessionIx> = self.units.iter().filter_map(|unit| unit.first().copied()).collect();
        let watch = ctx.watch();
        let receipt = delegate::delete(&ctx.world, &self.catalog, &tops, dry_run, &watch);
        watch.over();
        let mut receipt = receipt?;
        receipt.notes.extend(self.notes.iter().cloned());
        Ok(receipt)
    }
}
