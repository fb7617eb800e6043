//! Puts the records of a file in the order of the conversation: by what follows what, never by time.
//!
//! From the record where the conversation stood last, the links lead back to its beginning: that branch is the
//! conversation. Of what hangs beside it, answers of parallel tools, marks and further parts of the same message belong to
//! it; a branch where somebody speaks was left, and is told after it.

use super::dialect::Weight;
use super::index::{Flag, Index, Left, Making, NONE, Node};
use std::collections::HashSet;

/// How far apart in a file parts of one message are looked for.
const NEAR: usize = 64;

/// Completes the first reading.
pub(super) fn finish(making: Making) -> Index {
    let Making { mut index, late, leaf, stands, heard, recent, .. } = making;
    drop(recent);
    let leaf = resolve(&mut index, late, leaf).or(stands);
    link(&mut index);
    drop_echoes(&mut index.nodes, heard);
    thread(&mut index, leaf);
    index.answers.sort_unstable();
    index
}

/// Finds repeated ids, parents far away, and the record where the conversation stood last.
fn resolve(index: &mut Index, late: Vec<(u32, u64)>, leaf: Option<u64>) -> Option<u32> {
    let nodes = &mut index.nodes;
    let mut by_id: Vec<u32> = (0..).zip(nodes.iter()).filter(|(_, n)| n.uuid != 0).map(|(i, _)| i).collect();
    let id = |nodes: &[Node], i: u32| nodes.get(i as usize).map_or(0, |n| n.uuid);
    by_id.sort_unstable_by_key(|i| (id(nodes, *i), *i));
    for pair in by_id.windows(2) {
        if let [before, again] = *pair
            && id(nodes, before) == id(nodes, again)
            && let Some(node) = nodes.get_mut(again as usize)
        {
            node.set(Flag::REPEAT, true);
            node.link = if node.is_main() { node.link } else { before };
            node.part = if node.is_main() { before } else { node.part };
            index.repeats += 1;
        }
    }
    let find = |nodes: &[Node], wanted: u64| {
        let at = by_id.partition_point(|i| id(nodes, *i) < wanted);
        by_id.get(at).copied().filter(|i| id(nodes, *i) == wanted)
    };
    let begins = |n: &Node| n.is_main() && n.weight() != Weight::Nothing && !n.is(Flag::ASIDE);
    let first = nodes.iter().position(begins).unwrap_or(nodes.len());
    match nodes.get(first).map(Node::weight) {
        Some(Weight::Boundary | Weight::Summary) => index.starts_compacted = true,
        Some(Weight::Speech | Weight::Error) => index.starts_late = true,
        _ => {}
    }
    for (number, parent) in late {
        let found = find(nodes, parent);
        let Some(node) = nodes.get_mut(number as usize).filter(|n| n.is_main()) else { continue };
        node.set(if found.is_some() { Flag::LINKED } else { Flag::NEXT }, true);
        match found {
            Some(found) => node.link = found,
            // What the first records follow is the beginning that is not here.
            None if number as usize <= first => index.starts_late = true,
            None => index.orphans += 1,
        }
    }
    leaf.and_then(|leaf| find(nodes, leaf))
}

/// Makes sure that every record of the main conversation follows another one of it, but for those that begin it.
fn link(index: &mut Index) {
    let nodes = &mut index.nodes;
    let linked = nodes.iter().any(|n| n.is(Flag::LINKED) && n.is_main());
    let mut previous = NONE;
    for i in 0..nodes.len() {
        let Some(node) = nodes.get(i).copied().filter(Node::is_main) else { continue };
        let mut to = node.link;
        while let Some(target) = nodes.get(to as usize).filter(|t| t.is_main() && t.is(Flag::REPEAT)) {
            to = target.part;
        }
        let target = nodes.get(to as usize).filter(|t| t.is_main());
        let begins = linked && node.weight() == Weight::Typed && !node.is(Flag::NEXT);
        let follows = match target {
            Some(_) if node.is(Flag::LINKED) && !node.is(Flag::REPEAT) => to,
            None if begins && !node.is(Flag::LINKED) && !node.is(Flag::REPEAT) => NONE,
            _ => previous,
        };
        if let Some(node) = nodes.get_mut(i) {
            node.link = follows;
        }
        previous = u32::try_from(i).unwrap_or(NONE);
    }
}

/// Silences what only counts where nothing else says the same, where the same words stand in a record of their own, or were
/// heard from whoever spoke.
fn drop_echoes(nodes: &mut [Node], heard: HashSet<u32>) {
    let weak: HashSet<u32> = nodes.iter().filter(|n| n.is(Flag::WEAK)).map(|n| n.part).collect();
    if weak.is_empty() {
        return;
    }
    let typed = |n: &&Node| n.weight() == Weight::Typed && !n.is(Flag::WEAK) && n.is_main();
    let said: HashSet<u32> = nodes.iter().filter(typed).map(|n| n.part).filter(|part| weak.contains(part)).chain(heard).collect();
    for node in nodes.iter_mut().filter(|n| n.is(Flag::WEAK) && said.contains(&n.part)) {
        node.silence();
    }
}

/// Turns every node's link round, so that it leads to the record that is told after it.
fn thread(index: &mut Index, leaf: Option<u32>) {
    index.first = None;
    let nodes = &mut index.nodes;
    let newest = newest(nodes);
    let mut path = Vec::new();
    let last = u32::try_from(nodes.len()).unwrap_or(NONE);
    for start in leaf.or(newest).into_iter().chain((0..last).rev()) {
        let Some(after) = follow(nodes, start, &mut path) else { continue };
        let first = path.first().copied().unwrap_or(NONE);
        let end = path.last().copied().unwrap_or(NONE);
        if index.first.is_none() {
            index.first = Some(first);
        } else if was_left(nodes, &path) {
            index.left.push(Left { after, first });
        } else {
            // It belongs where it hangs; what hangs nowhere stands before everything.
            let next = nodes.get(after as usize).map_or(index.first.unwrap_or(NONE), |n| n.link);
            match nodes.get_mut(after as usize) {
                Some(node) => node.link = first,
                None => index.first = Some(first),
            }
            if let Some(node) = nodes.get_mut(end as usize) {
                node.link = next;
            }
        }
        for i in &path {
            if let Some(node) = nodes.get_mut(*i as usize) {
                node.set(Flag::WALKED, false);
            }
        }
    }
    index.left.sort_by_key(|left| left.first);
}

/// The last record in the file where somebody speaks that no other such record goes back to.
fn newest(nodes: &mut [Node]) -> Option<u32> {
    let speaks =
        |n: &Node| n.is_main() && !n.is(Flag::REPEAT) && matches!(n.weight(), Weight::Typed | Weight::Speech) && !n.is(Flag::ASIDE);
    for i in 0..nodes.len() {
        let mut at = nodes.get(i).filter(|n| speaks(n)).map_or(NONE, |n| n.link);
        while let Some(node) = nodes.get_mut(at as usize).filter(|n| !n.is(Flag::WALKED)) {
            node.set(Flag::WALKED, true);
            at = node.link;
        }
    }
    let last = nodes.iter().rposition(|n| speaks(n) && !n.is(Flag::WALKED)).or_else(|| nodes.iter().rposition(speaks));
    for node in nodes {
        node.set(Flag::WALKED, false);
    }
    last.and_then(|i| u32::try_from(i).ok())
}

/// Follows the links back from a node that has no place yet to one that has, and links what is between forwards.
/// Gives where that hangs; `None`: the node has its place.
fn follow(nodes: &mut [Node], start: u32, path: &mut Vec<u32>) -> Option<u32> {
    path.clear();
    let mut at = start;
    while let Some(node) = nodes.get_mut(at as usize).filter(|n| n.is_main() && !n.is(Flag::PLACED)) {
        node.set(Flag::PLACED, true);
        node.set(Flag::WALKED, true);
        path.push(at);
        at = node.link;
    }
    // Links that lead round in a circle begin nowhere.
    let after = nodes.get(at as usize).filter(|n| !n.is(Flag::WALKED)).map_or(NONE, |_| at);
    path.reverse();
    let mut next = NONE;
    for i in path.iter().rev() {
        if let Some(node) = nodes.get_mut(*i as usize) {
            node.link = next;
        }
        next = *i;
    }
    (!path.is_empty()).then_some(after)
}

/// Whether somebody speaks on a branch beside the conversation, so that it was left and is not merely parallel.
fn was_left(nodes: &[Node], path: &[u32]) -> bool {
    let own = || path.iter().filter_map(|i| Some((*i as usize, nodes.get(*i as usize)?))).filter(|(_, n)| !n.is(Flag::REPEAT));
    // Words beside a tool's answer, or typed while the model was at work, are no way of going back.
    if own().any(|(_, n)| n.weight() == Weight::Typed && !n.is(Flag::ANSWERS) && !n.is(Flag::ASIDE)) {
        return true;
    }
    let Some((at, speech)) = own().find(|(_, n)| n.weight() == Weight::Speech) else { return false };
    let near = nodes.get(at.saturating_sub(NEAR)..(at + NEAR).min(nodes.len())).unwrap_or_default();
    let same = |n: &Node| n.weight() == Weight::Speech && n.part == speech.part && n.is(Flag::PLACED) && !n.is(Flag::WALKED);
    speech.part != 0 && !near.iter().any(same)
}
