//! What came of making environments again elsewhere (`manifest SESSION --test`), told of the files that lie in them.

use crate::export;
use crate::manifest::Installed;
use crate::model::{Catalog, Class, Marks, NodeId, PathText, Plan, PlanItem, Skipped};
use crate::vault;
use crate::world::World;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// Rules that find what is installed or built from a recipe, and not what an app or a tool makes again by itself.
const RECIPES: [&str; 3] = ["work/venv", "work/node-modules", "work/cargo-target"];

/// The verdicts that the manifests of durable folders hold.
#[derive(Debug, Clone, Default)]
pub struct Tested(HashMap<String, Vec<Installed>>);

impl Tested {
    /// Reads them.
    pub fn read(world: &World) -> Self {
        let tested = |all: Vec<Installed>| all.into_iter().filter(|i| i.rebuild.is_some()).collect::<Vec<_>>();
        let manifests = export::durable(world).into_iter().map(|(_, manifest)| (manifest.session, tested(manifest.environments)));
        Self(manifests.filter(|(_, tested)| !tested.is_empty()).collect())
    }

    /// What came of the environment that a file or folder lies in or is, in words; `None`: it lies in none.
    pub fn told(&self, catalog: &Catalog, id: NodeId) -> Option<String> {
        let unit = recipe(catalog, id)?;
        let Some(found) = self.of(catalog, unit) else { return Some("not tested".to_owned()) };
        let when = found.tested.map_or_else(String::new, |at| format!(" {}", at.strftime("%Y-%m-%d")));
        let more = match found.differs.as_slice() {
            [] => String::new(),
            [one] => format!(", {one}"),
            [first, rest @ ..] => format!(", {first} and {} more", rest.len()),
        };
        Some(format!("rebuilt{when}: {}{more}", found.rebuild.as_deref().unwrap_or_default()))
    }

    /// What came of the environment that a unit is or lies in.
    fn of(&self, catalog: &Catalog, unit: NodeId) -> Option<&Installed> {
        let session = catalog.session(catalog.node(unit).session?);
        let path = catalog.path(unit);
        let below = path.strip_prefix(session.dir.as_ref()?).ok()?;
        let fits = |i: &&Installed| below == folder(i);
        self.0.get(&session.id)?.iter().find(fits)
    }

    /// The folder of an item whose recipe no test proved, and what came of the test.
    fn unproven(&self, catalog: &Catalog, item: &PlanItem) -> Option<(NodeId, &str)> {
        let unit = recipe(catalog, catalog.find(&item.path.to_path()?)?).filter(|_| item.class == Class::Rebuildable)?;
        let found = self.of(catalog, unit).and_then(|i| i.rebuild.as_deref());
        (!matches!(found, Some("identical" | "equivalent"))).then(|| (unit, found.unwrap_or("not tested")))
    }
}

/// Where the configuration asks for it: a plan without the recipes that no test proved, each of them named.
pub fn hold_back(world: &World, catalog: &Catalog, mut plan: Plan) -> Plan {
    if world.clean_untested {
        return plan;
    }
    let tested = Tested::read(world);
    let mut held: BTreeMap<NodeId, &str> = BTreeMap::new();
    for item in std::mem::take(&mut plan.items) {
        match tested.unproven(catalog, &item) {
            Some((unit, came)) => drop(held.insert(unit, came)),
            None => plan.items.push(item),
        }
    }
    plan.skipped.extend(held.into_iter().map(|(unit, came)| Skipped {
        path: PathText::new(&catalog.path(unit)),
        reason: format!("that it comes back is {came} (clean_untested = false); `lifeboat manifest SESSION --test` tests it"),
    }));
    vault::together(world, vec![plan])
}

/// The folder handled as one, found by a recipe, that a node is or lies in.
fn recipe(catalog: &Catalog, id: NodeId) -> Option<NodeId> {
    let mut at = std::iter::successors(Some(id), |at| catalog.parent(*at));
    at.find(|at| {
        let of_recipe = || catalog.verdict(*at).evidence.first().is_some_and(|e| RECIPES.contains(&e.rule.as_ref()));
        catalog.node(*at).marks.has(Marks::UNIT) && of_recipe()
    })
}

/// An environment's own folder, below its session's.
fn folder(installed: &Installed) -> PathBuf {
    let beside = Path::new(&installed.environment.folder);
    match installed.environment.kind.as_str() {
        "node_modules" => beside.join("node_modules"),
        "cargo-target" => beside.join("target"),
        _ => beside.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Options, Series};
    use crate::model::{Quiet, SessionIx};
    use crate::vault::Selection;
    use crate::{demo, scan};

    /// A sample home whose report's environment was made again with this verdict, and what a scan finds there.
    fn home(verdict: Option<&str>, differs: &[&str]) -> (tempfile::TempDir, World, Catalog, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let then = "2026-10-02T12:00:00Z".parse().unwrap();
        demo::make(&dir.path().join("home"), &demo::Shape { now: then, bulk: 0 }).unwrap();
        let world = demo::world(&dir.path().join("home")).with_clock(then);
        let catalog = scan::run(&world, scan::Options::default());
        let at = catalog.sessions.iter().position(|s| s.title == "Quarterly report").unwrap();
        let options = Options::default();
        let mut series = Series::new(&world, &options);
        let (_, manifest) = series.manifest(&catalog, SessionIx::at(at), &Quiet).unwrap();
        if let Some(verdict) = verdict {
            let tested = manifest.environments.into_iter().map(|i| Installed {
                rebuild: Some(verdict.into()),
                differs: differs.iter().map(ToString::to_string).collect(),
                tested: Some("2026-11-21T18:00:00Z".parse().unwrap()),
                ..i
            });
            series.tell_tested(tested.collect());
            series.manifest(&catalog, SessionIx::at(at), &Quiet).unwrap();
        }
        let venv = catalog.sessions[at].dir.as_ref().unwrap().join("outputs/scratch/.venv");
        (dir, world, catalog, venv)
    }

    #[test]
    fn what_came_of_the_test_of_an_environment_is_told_of_it_and_of_every_file_in_it_and_of_no_other() {
        for (verdict, differs, says) in [
            (Some("identical"), &[][..], "rebuilt 2026-11-21: identical"),
            (
                Some("equivalent"),
                &["bin/pip has other bytes", "x did not come back"],
                "rebuilt 2026-11-21: equivalent, bin/pip has other bytes and 1 more",
            ),
            (None, &[], "not tested"),
        ] {
            let (_dir, world, catalog, venv) = home(verdict, differs);
            let tested = Tested::read(&world);
            let told = |path: &Path| tested.told(&catalog, catalog.find(path).unwrap());
            assert_eq!(told(&venv).as_deref(), Some(says));
            assert_eq!(told(&venv.join("pyvenv.cfg")).as_deref(), Some(says));
            assert_eq!(told(&venv.with_file_name("read.py")), None);
        }
    }

    #[test]
    fn with_clean_untested_off_only_what_came_back_the_same_is_planned_and_the_rest_is_named() {
        for (verdict, planned) in [(Some("identical"), true), (Some("equivalent"), true), (Some("failed"), false), (None, false)] {
            let (_dir, mut world, catalog, venv) = home(verdict, &[]);
            let plan = |world: &World| hold_back(world, &catalog, vault::plan(world, &catalog, &Selection::default()));
            let has = |plan: &Plan| plan.items.iter().any(|i| i.path.to_path().is_some_and(|p| p.starts_with(&venv)));
            assert!(has(&plan(&world)), "by default it is planned: its contents are checked");
            world.clean_untested = false;
            let held = plan(&world);
            assert_eq!(has(&held), planned, "{verdict:?}");
            let named = held.skipped.iter().find(|s| s.path.to_path().as_ref() == Some(&venv)).map(|s| s.reason.as_str());
            assert_eq!(named.is_some(), !planned);
            assert!(named.is_none_or(|why| why.contains("clean_untested = false") && why.contains("--test")), "{named:?}");
            assert!(held.items.iter().any(|i| i.group == "plugin copies"), "what an app makes again needs no test");
            assert_eq!(held.totals.rebuildable.bytes, held.items.iter().map(|i| i.bytes).sum::<u64>());
        }
    }
}
