//! What lies around the stores that a proof may rest on: package caches, and hashes known from an earlier scan.

use super::ground::Ground;
use super::hashes::Hashes;
use super::rule::Unit;
use crate::model::Kind;
use crate::platform::Os;
use crate::world::World;
use std::path::PathBuf;

/// What a rule may look at besides the folder it judges.
#[derive(Debug, Default)]
pub struct Around {
    /// npm's caches of packages (`_cacache`), whether they exist or not.
    pub npm_caches: Vec<PathBuf>,
    /// Now, nanoseconds since 1970; 0: nothing is old.
    pub now_ns: i64,
    /// Hashes of files, the known ones from an earlier scan.
    pub hashes: Hashes,
}

impl Around {
    /// What is around in this world.
    pub fn of(world: &World) -> Self {
        let named = ["npm_config_cache", "NPM_CONFIG_CACHE"].into_iter().filter_map(|key| world.path_var(key));
        let usual = match world.os {
            Os::Windows => world.data_dir.parent().map(|local| local.join("npm-cache")),
            Os::Linux | Os::Mac => Some(world.home.join(".npm")),
        };
        let npm_caches = named.chain(usual).map(|folder| folder.join("_cacache")).collect();
        let now_ns = i64::try_from(world.now().as_nanosecond()).unwrap_or(0);
        Self { npm_caches, now_ns, hashes: Hashes::of(world) }
    }

    /// What is around in this world, nothing remembered from or for another scan.
    pub fn passing(world: &World) -> Self {
        Self { hashes: Hashes::default(), ..Self::of(world) }
    }

    /// npm's caches a folder may have been installed from: the user's, and one in a home that lies around the folder
    /// inside its store, as a session's own has.
    pub fn npm_caches(&self, unit: &Unit) -> Vec<(Ground, PathBuf)> {
        let above = unit.path.ancestors().skip(1).take_while(|a| a.starts_with(unit.ground.root()));
        let above =
            above.map(|a| a.join(".npm").join("_cacache")).filter(|cache| unit.ground.facts(cache).is_ok_and(|f| f.kind == Kind::Dir));
        let users = self.npm_caches.iter().filter(|cache| cache.is_dir()).map(|cache| (Ground::Disk(cache.clone()), cache.clone()));
        users.chain(above.map(|cache| (unit.ground.clone(), cache))).collect()
    }
}
