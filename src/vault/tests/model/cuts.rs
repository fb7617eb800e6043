//! Which power cuts are tried at a moment: nothing kept, everything, each change alone, each missing, every choice
//! where they are few, and random ones.

use super::disk::{Change, Disk, Fate};

/// Numbers that are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap_or(0)
    }
}

/// So few changes are tried in every choice.
const FEW: usize = 4;

/// What may be left of the changes that are not sure to last: a line for each power cut.
pub fn cuts(disk: &Disk, rounds: usize, dice: &mut Dice) -> Vec<Vec<Fate>> {
    let count = disk.pending.len();
    let mut all = vec![vec![Fate::Lost; count], vec![Fate::Kept; count]];
    for one in 0..count {
        let pick = |picked, others| (0..count).map(|at| if at == one { picked } else { others }).collect();
        all.push(pick(Fate::Kept, Fate::Lost));
        all.push(pick(Fate::Lost, Fate::Kept));
        if matches!(disk.pending[one].2, Change::Write { .. }) {
            for part in [Fate::Zeroed, Fate::Torn(500, false), Fate::Torn(999, true)] {
                all.push(pick(part, Fate::Kept));
                all.push(pick(part, Fate::Lost));
            }
        }
    }
    if count <= FEW {
        all.extend(
            (0..1_usize << count).map(|mask| (0..count).map(|at| if mask >> at & 1 == 1 { Fate::Kept } else { Fate::Lost }).collect()),
        );
    }
    for _ in 0..if count > 1 { rounds } else { 0 } {
        all.push(disk.pending.iter().map(|pending| random(&pending.2, dice)).collect());
    }
    let mut known = std::collections::HashSet::new();
    all.into_iter().map(|fates| disk.fates(fates)).filter(|fates| known.insert(fates.clone())).collect()
}

fn random(change: &Change, dice: &mut Dice) -> Fate {
    match (change, dice.throw(8)) {
        (Change::Write { .. }, 0) => Fate::Zeroed,
        (Change::Write { .. }, 1) => Fate::Torn(dice.throw(1000), false),
        (Change::Write { .. }, 2) => Fate::Torn(dice.throw(1000), true),
        (_, turn) if turn % 2 == 0 => Fate::Lost,
        _ => Fate::Kept,
    }
}
