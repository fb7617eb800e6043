//! Puts rows in order, fast enough for a folder of hundreds of thousands: each row's key is worked out once, the keys
//! are sorted by their digits, and only rows whose keys are equal are looked at again.

use super::key::Key;
use super::rows::{Child, Sort, Source};
use crate::model::{Class, Kind, NodeId};

/// Rows in one folder above which equal ones stay as they were found: to put them by name would be felt.
const LARGE: usize = 20_000;
/// Bits looked at in one pass.
const DIGIT: u32 = 11;

/// Puts rows in order; equal ones by name.
pub fn sort(source: &Source<'_>, rows: &mut [Child], sort: Sort) {
    if rows.iter().all(|c| matches!(c.key, Key::Class(_))) {
        return;
    }
    if sort == Sort::Name {
        by_name(source, rows);
        return;
    }
    let keys: Vec<u64> = rows.iter().map(|c| rank(source, c.key, sort)).collect();
    let order = arrange(rows, &keys);
    if rows.len() <= LARGE {
        stretches(rows, &keys, &order, |same| by_name(source, same));
    }
}

/// What a row is put in order by, the least first.
fn rank(source: &Source<'_>, key: Key, sort: Sort) -> u64 {
    match (sort, key) {
        (Sort::Size, Key::Node(class, id)) => u64::MAX - bytes(source, class, id),
        (Sort::Size, _) => u64::MAX - source.tally(key).bytes,
        (Sort::Count, _) => u64::MAX - source.tally(key).files,
        (Sort::Age, _) => source.changed(key).map_or(u64::MAX, |ns| ns.cast_unsigned() ^ (1 << 63)),
        (Sort::Due, _) => source.due(key).map_or(u64::MAX, |ns| ns.cast_unsigned() ^ (1 << 63)),
        (Sort::Class, _) => {
            let class = class(source, key).map_or(3, |c| c as u64);
            class << 61 | ((u64::MAX >> 3) - (u64::MAX - rank(source, key, Sort::Size)).min(u64::MAX >> 3))
        }
        (Sort::Name, _) => 0,
    }
}

/// The one class of all that a row counts.
fn class(source: &Source<'_>, key: Key) -> Option<Class> {
    let of_node =
        |id| if source.catalog.node(id).kind == Kind::Dir { source.catalog.pure(id) } else { Some(source.catalog.node(id).class) };
    key.class().or_else(|| match key {
        Key::Node(_, id) => of_node(id),
        _ => {
            let totals = source.totals(key);
            Class::ALL.into_iter().find(|c| totals.of(*c) == totals.all())
        }
    })
}

fn bytes(source: &Source<'_>, class: Option<Class>, id: NodeId) -> u64 {
    let node = source.catalog.node(id);
    if node.kind == Kind::Dir {
        source.tally(Key::Node(class, id)).bytes
    } else if class.is_none_or(|c| c == node.class) {
        source.catalog.own(id).bytes
    } else {
        0
    }
}

/// By name.
fn by_name(source: &Source<'_>, rows: &mut [Child]) {
    if !rows.iter().all(|c| matches!(c.key, Key::Node(..))) {
        rows.sort_by_cached_key(|c| (c.key.node().is_some(), source.name(c.key, 0)));
        return;
    }
    let name = |c: &Child| c.key.node().map_or(&[][..], |id| source.catalog.name_bytes(id));
    let mut named: Vec<(&[u8], u32)> = rows.iter().map(name).zip(0..).collect();
    by_bytes(&mut named, 0);
    let old = rows.to_vec();
    for (to, (_, from)) in rows.iter_mut().zip(named) {
        *to = old[from as usize];
    }
}

/// By the next eight bytes after those that all have in common, then again among those that are still equal.
fn by_bytes(names: &mut [(&[u8], u32)], from: usize) {
    if names.len() < 32 {
        names.sort();
        return;
    }
    let first = names[0].0;
    let mut common = first.len();
    for (name, _) in names.iter() {
        let same = first[from..common].iter().zip(&name[from..]).take_while(|(a, b)| a == b).count();
        common = from + same;
    }
    if names.iter().all(|(name, _)| name.len() <= common) {
        return;
    }
    let chunk = |name: &[u8]| {
        let left = name.get(common..).unwrap_or_default();
        if let Some(eight) = left.first_chunk::<8>() {
            return u64::from_be_bytes(*eight);
        }
        let mut eight = [0; 8];
        eight[..left.len()].copy_from_slice(left);
        u64::from_be_bytes(eight)
    };
    let keys: Vec<u64> = names.iter().map(|(name, _)| chunk(name)).collect();
    let order = arrange(names, &keys);
    stretches(names, &keys, &order, |same| {
        // A name that ended is the least of those that begin with it.
        same.sort_by_key(|(name, _)| name.len().min(common + 8));
        let over = same.iter().take_while(|(name, _)| name.len() < common + 8).count();
        by_bytes(&mut same[over..], common + 8);
    });
}

/// Puts things in the order of their keys; gives the places they came from.
fn arrange<T: Copy>(things: &mut [T], keys: &[u64]) -> Vec<u32> {
    let order = order(keys);
    let old = things.to_vec();
    for (to, from) in things.iter_mut().zip(&order) {
        *to = old[*from as usize];
    }
    order
}

/// Hands over each stretch of things in order that have equal keys.
fn stretches<T>(things: &mut [T], keys: &[u64], order: &[u32], mut equal: impl FnMut(&mut [T])) {
    let mut at = 0;
    while at < order.len() {
        let key = keys[order[at] as usize];
        let end = at + order[at..].iter().take_while(|i| keys[**i as usize] == key).count();
        if end - at > 1 {
            equal(&mut things[at..end]);
        }
        at = end;
    }
}

/// The places of the keys, the least key first; equal ones as they were.
fn order(keys: &[u64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).collect();
    if keys.len() < 2_000 {
        order.sort_by_key(|i| keys[*i as usize]);
        return order;
    }
    let differ = keys.iter().fold(0, |d, k| d | (k ^ keys[0]));
    let (wanted, stretches) = topmost(differ);
    let shrunk = |k: u64| stretches.iter().fold(0, |out, (mask, down)| out | (k & mask) >> down);
    let mut packed: Vec<u64> = (0_u64..).zip(keys).map(|(i, k)| shrunk(*k) << 32 | i).collect();
    let mut spare = vec![0; packed.len()];
    for digit in 0..wanted.count_ones().div_ceil(DIGIT) {
        pass(&packed, &mut spare, 32 + digit * DIGIT);
        std::mem::swap(&mut packed, &mut spare);
    }
    order.clear();
    order.extend(packed.iter().map(|p| u32::try_from(p & u64::from(u32::MAX)).unwrap_or(0)));
    if wanted != differ {
        finish(&mut order, &packed, keys);
    }
    order
}

/// The topmost of the bits that differ, 32 at most, and how to push them together: each stretch and how far down it
/// goes. Of digits in names only half the bits differ.
fn topmost(differ: u64) -> (u64, Vec<(u64, u32)>) {
    let mut wanted = differ;
    while wanted.count_ones() > u32::BITS {
        wanted &= wanted - 1;
    }
    let mut stretches = Vec::new();
    let mut left = wanted;
    while left != 0 {
        let low = left.trailing_zeros();
        let length = (left >> low).trailing_ones();
        let mask = (u64::MAX >> (u64::BITS - length)) << low;
        stretches.push((mask, low - (wanted & !left).count_ones()));
        left &= !mask;
    }
    (wanted, stretches)
}

/// Puts in order what the topmost bits left equal.
fn finish(order: &mut [u32], packed: &[u64], keys: &[u64]) {
    let mut at = 0;
    while at < order.len() {
        let end = at + packed[at..].iter().take_while(|p| *p >> 32 == packed[at] >> 32).count();
        if end - at > 1 {
            order[at..end].sort_by_key(|i| keys[*i as usize]);
        }
        at = end;
    }
}

/// One stable pass over the digit that begins at a bit.
fn pass(from: &[u64], to: &mut [u64], bit: u32) {
    let digit = |p: u64| usize::try_from((p >> bit) & ((1 << DIGIT) - 1)).unwrap_or(0);
    let mut places = [0_u32; 1 << DIGIT];
    for p in from {
        places[digit(*p)] += 1;
    }
    let mut sum = 0;
    for place in &mut places {
        sum += std::mem::replace(place, sum);
    }
    for p in from {
        let place = &mut places[digit(*p)];
        to[*place as usize] = *p;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tests::fixture::{Driver, Made};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn keys_come_in_order_and_equal_ones_stay_as_they_were(
            some in prop::collection::vec(prop_oneof![0..9_u64, any::<u64>(), (1_u64 << 60)..(1 << 60) + 50], 1..40),
            times in prop_oneof![Just(1_usize), Just(300)],
        ) {
            let keys: Vec<u64> = some.iter().copied().cycle().take(some.len() * times).collect();
            let mut plain: Vec<u32> = (0..u32::try_from(keys.len()).unwrap()).collect();
            plain.sort_by_key(|i| keys[*i as usize]);
            prop_assert_eq!(order(&keys), plain);
        }

        #[test]
        fn names_come_in_the_order_of_their_bytes(names in prop::collection::btree_set("[ab]{0,3}(same-stem-of-all)?[a-c0]{1,20}", 1..60)) {
            let mut m = Made::new();
            let (_, dir) = m.session("local_1", "Names", 1);
            let mut shuffled: Vec<&String> = names.iter().collect();
            shuffled.sort_by_key(|n| (n.len() % 7, n.as_bytes().iter().map(|b| u32::from(*b)).sum::<u32>()));
            for name in shuffled {
                m.file(dir, name, 1, m.risk);
            }
            let d = Driver::new(m.catalog, 80, 24);
            let source = d.app.source();
            let mut rows: Vec<Child> = source.children(Key::Session(None, crate::model::SessionIx::at(0)));
            sort(&source, &mut rows, Sort::Name);
            let sorted: Vec<String> = rows.iter().map(|c| source.name(c.key, 0)).collect();
            prop_assert_eq!(sorted, names.into_iter().collect::<Vec<_>>());
        }
    }
}
