//! A power cut at any moment of any deed, and again while that is mended.

mod explore;
mod random;
mod scenes;
mod stage;
mod told;

use super::model::Site;
use explore::{Count, Explorer};
use scenes::{SCENES, Scene};
use std::collections::BTreeSet;

/// Tries one scene; gives the first broken promise.
fn try_scene(scene: Scene, off: Option<Site>, deep: usize, rounds: usize) -> (Count, Result<(), String>) {
    let real = tempfile::tempdir().unwrap();
    let mut explorer = Explorer::new(deep, rounds);
    let broken = scene(real.path(), off).into_iter().try_for_each(|stage| explorer.explore(stage));
    (explorer.count, broken)
}

#[test]
fn a_power_cut_at_any_moment_and_again_in_the_mending_loses_nothing() {
    let (mut moments, mut all_cuts, mut disks) = (0, 0, 0);
    for (name, scene) in SCENES {
        let start = std::time::Instant::now();
        let (count, broken) = try_scene(*scene, None, 2, super::rounds(1));
        if let Err(why) = broken {
            panic!("{name}: {why}");
        }
        eprintln!("{name}: {} disks, {} ms", count.disks, start.elapsed().as_millis());
        (moments, all_cuts, disks) = (moments + count.moments, all_cuts + count.cuts, disks + count.disks);
    }
    eprintln!("{} scenes, {moments} moments, {all_cuts} power cuts, {disks} disks looked at", SCENES.len());
    assert!(disks > 2000, "only {disks}");
}

#[test]
fn without_any_one_of_the_syncs_a_power_cut_breaks_a_promise() {
    let asked = |(name, scene): &(&'static str, Scene)| {
        let (count, broken) = try_scene(*scene, None, 1, 0);
        broken.unwrap();
        (*name, *scene, count.sites)
    };
    let asked: Vec<_> = SCENES.iter().map(asked).collect();
    let all: BTreeSet<Site> = asked.iter().flat_map(|(_, _, sites)| sites).copied().collect();
    let mut needless = Vec::new();
    for site in &all {
        let place = format!("{}:{}:{}", site.0, site.1, site.2);
        let mut disks = 0;
        // One cut shows it for most.
        let mut tries =
            [1, 2].into_iter().flat_map(|deep| asked.iter().filter(|(_, _, sites)| sites.contains(site)).map(move |at| (deep, at)));
        let broken = tries.find_map(|(deep, (name, scene, _))| {
            let (count, broken) = try_scene(*scene, Some(*site), deep, 0);
            disks += count.disks;
            Some((name, broken.err()?))
        });
        match broken {
            Some((name, why)) => eprintln!("{place} is needed, after {disks} disks: {name}: {}", why.lines().next().unwrap_or("")),
            None => needless.push(place),
        }
    }
    eprintln!("{} syncs, {} of them needed", all.len(), all.len() - needless.len());
    assert!(needless.is_empty(), "nothing breaks without the sync at {needless:?}");
}
