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
        by_name(source, rows, 0);
        return;
    }
    let keys: Vec<u64> = rows.iter().map(|c| rank(source, c.key, sort)).collect();
    let many = rows.len() > LARGE;
    arrange(rows, &keys, |same| {
        if !many {
            by_name(source, same, 0);
        }
    });
}

/// What a row is put in order by, the least first.
fn rank(source: &Source<'_>, key: Key, sort: Sort) -> u64 {
    match (sort, key) {
        (Sort::Size, Key::Node(class, id)) => u64::MAX - bytes(source, class, id),
        (Sort::Size, _) => u64::MAX - source.tally(key).bytes,
        (Sort::Count, _) => u64::MAX - source.tally(key).files,
        (Sort::Age, _) => source.changed(key).map_or(u64::MAX, |ns| ns.cast_unsigned() ^ (1 << 63)),
        (Sort::Name, _) => 0,
    }
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

/// By name: the next eight bytes after those that all have in common, then again among those that are still equal.
fn by_name(source: &Source<'_>, rows: &mut [Child], from: usize) {
    let Some((first, rest)) = rows.split_first() else { return };
    if rest.is_empty() {
        return;
    }
    if !rows.iter().all(|c| matches!(c.key, Key::Node(..))) {
        rows.sort_by_cached_key(|c| (c.key.node().is_some(), source.name(c.key, 0)));
        return;
    }
    let name = |c: &Child| c.key.node().map_or(&[][..], |id| source.catalog.name_bytes(id));
    let mut common = name(first).len();
    for child in rest {
        common = from + name(first)[from..common].iter().zip(&name(child)[from..]).take_while(|(a, b)| a == b).count();
        if common == from {
            break;
        }
    }
    let ended = rows.iter().all(|c| name(c).len() <= common);
    if ended {
        return;
    }
    let chunk = |c: &Child| {
        let mut eight = [0; 8];
        let left = name(c).get(common..).unwrap_or_default();
        let len = left.len().min(8);
        eight[..len].copy_from_slice(&left[..len]);
        u64::from_be_bytes(eight)
    };
    let keys: Vec<u64> = rows.iter().map(chunk).collect();
    arrange(rows, &keys, |same| {
        // A name that ended is the least of those that begin with it.
        same.sort_by_key(|c| name(c).len().min(common + 8));
        let over = same.iter().take_while(|c| name(c).len() < common + 8).count();
        by_name(source, &mut same[over..], common + 8);
    });
}

/// Puts rows in the order of their keys and hands each stretch of equal ones over.
fn arrange(rows: &mut [Child], keys: &[u64], mut equal: impl FnMut(&mut [Child])) {
    let order = order(keys);
    let old = rows.to_vec();
    for (to, from) in rows.iter_mut().zip(&order) {
        *to = old[*from as usize];
    }
    let mut at = 0;
    while at < order.len() {
        let key = keys[order[at] as usize];
        let end = at + order[at..].iter().take_while(|i| keys[**i as usize] == key).count();
        if end - at > 1 {
            equal(&mut rows[at..end]);
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
    // The topmost 32 bits that differ, each with its place: sorted by digits, least first.
    let shift = (u64::BITS - differ.leading_zeros()).saturating_sub(u32::BITS);
    let mut packed: Vec<u64> = (0_u64..).zip(keys).map(|(i, k)| ((k & differ) >> shift) << 32 | i).collect();
    let mut spare = vec![0; packed.len()];
    let top = u64::BITS - (differ >> shift).leading_zeros();
    for digit in 0..top.div_ceil(DIGIT) {
        pass(&packed, &mut spare, 32 + digit * DIGIT);
        std::mem::swap(&mut packed, &mut spare);
    }
    order.clear();
    order.extend(packed.iter().map(|p| (p & u64::from(u32::MAX)) as u32));
    if shift > 0 {
        finish(&mut order, &packed, keys);
    }
    order
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
    let digit = |p: u64| (p >> bit) as usize & ((1 << DIGIT) - 1);
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
