//! Cuts the power at every moment, starts again, cuts again in the middle of the mending, and looks.

use super::stage::{Moment, Stage};
use super::told::{Told, records};
use crate::model::{OpState, Quiet};
use crate::vault::tests::desk;
use crate::vault::tests::model::cuts::{Dice, cuts};
use crate::vault::tests::model::disk::{Disk, Fate};
use crate::vault::tests::model::{Model, Site};
use crate::vault::{recover, undo};
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

/// What was tried.
#[derive(Debug, Default)]
pub struct Count {
    pub moments: u64,
    /// Cuts, those that leave the same counted once.
    pub cuts: u64,
    /// Disks that came of them, each looked at once.
    pub disks: u64,
    /// Every sync that was asked for.
    pub sites: BTreeSet<Site>,
}

type Digest = ([u8; 32], u64);

/// The search for a power cut that breaks a promise.
pub struct Explorer {
    pub count: Count,
    /// How often the power is cut one after another.
    deep: usize,
    /// How many random cuts are tried at a moment.
    rounds: usize,
    dice: Dice,
    /// Disks that were looked at, and those that a mending ended with.
    known: HashSet<Digest>,
    mended: HashSet<Digest>,
    moments: HashSet<(Digest, Vec<u64>)>,
}

impl Explorer {
    pub fn new(deep: usize, rounds: usize) -> Self {
        let (known, mended, moments) = (HashSet::new(), HashSet::new(), HashSet::new());
        Self { count: Count::default(), deep, rounds, dice: Dice::new(rounds as u64 + 7), known, mended, moments }
    }

    /// Tries every moment of a stage; the first broken promise ends it.
    pub fn explore(&mut self, mut stage: Stage) -> Result<(), String> {
        self.count.sites.append(&mut stage.sites);
        let mut todo: Vec<(usize, Moment)> = std::mem::take(&mut stage.moments).into_iter().map(|moment| (0, moment)).collect();
        while let Some((depth, moment)) = todo.pop() {
            let told = moment.told.digest();
            let pending = moment.disk.pending.iter().map(|p| p.0).collect();
            if !self.moments.insert(((moment.disk.sure.digest(), told), pending)) {
                continue;
            }
            self.count.moments += 1;
            for fates in cuts(&moment.disk, self.rounds, &mut self.dice) {
                self.count.cuts += 1;
                let disk = moment.disk.cut(&fates);
                if !self.known.insert((disk.seen.digest(), told)) {
                    continue;
                }
                self.count.disks += 1;
                let (film, end) = self.look(&stage, (&moment.told, told), disk).map_err(|why| tell(&moment.disk, &fates, depth, &why))?;
                if depth + 1 < self.deep {
                    let busy = Rc::new(moment.told.in_a_deed());
                    todo.extend(film.into_iter().map(|disk| (depth + 1, Moment { disk, told: Rc::clone(&busy) })));
                    todo.extend(end.map(|end| (depth + 1, end)));
                }
            }
        }
        Ok(())
    }

    /// Starts again on a disk, and looks whether all promises are kept; gives the film of the mending, and its end
    /// where that is a new one.
    fn look(&mut self, stage: &Stage, (told, told_digest): (&Told, u64), mut disk: Disk) -> Result<(Vec<Disk>, Option<Moment>), String> {
        disk.now += 1000;
        let users = (!told.busy).then(|| told.users(&disk));
        let mut model = Model::new(disk).filmed();
        model.off = stage.off;
        let said = start(stage, &model).map_err(|e| format!("the mending failed: {e:?}"))?;
        if !told.busy && !said.is_empty() {
            return Err(format!("what was told is done again: {said:?}"));
        }
        let film = model.film.take();
        self.count.sites.extend(model.sites.take());
        let mended = model.disk.into_inner();
        if users.is_some_and(|users| users != told.users(&mended)) {
            return Err("a start without anything to mend changed what is not ours".into());
        }
        let digest = mended.seen.digest();
        if !self.mended.insert((digest, told_digest)) {
            return Ok((film, None));
        }
        told.holds(&mended)?;
        let again = Model::new(mended.clone());
        let said = recover::recover(&stage.world, &again).map_err(|e| format!("the second mending failed: {e:?}"))?;
        if !said.is_empty() || again.disk.into_inner().seen.digest() != digest {
            return Err(format!("a second mending did something: {said:?}"));
        }
        all_back(stage, told, &mended)?;
        let told = Rc::new(told.settled(&mended));
        Ok((film, Some(Moment { disk: mended, told })))
    }
}

/// The next start.
fn start(stage: &Stage, model: &Model<'_>) -> crate::error::Result<Vec<String>> {
    loop {
        let said = recover::recover(&stage.world, model)?;
        let unfinished = || records(&stage.world.state_dir, &model.disk.borrow()).iter().any(|r| r.state() == Some(OpState::Unfinished));
        if !said.is_empty() || model.film.borrow().len() > 1 || !unfinished() {
            return Ok(said);
        }
        // A child that another test starts has our lock too for a moment, between its fork and its exec.
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn tell(disk: &Disk, fates: &[Fate], depth: usize, why: &str) -> String {
    let left: Vec<String> = disk.pending.iter().zip(fates).map(|(pending, fate)| format!("\n  {fate:?}: {}", pending.2)).collect();
    format!("{why}\nafter {depth} cuts before; of what was not sure to last: {}", left.concat())
}

/// Whether everything that stands can be undone, and then all is in its place.
fn all_back(stage: &Stage, told: &Told, mended: &Disk) -> Result<(), String> {
    let model = Model::new(mended.clone());
    let desk = desk(&stage.world, &model, &Quiet);
    for record in records(&stage.world.state_dir, mended).iter().rev().filter(|r| r.stands()) {
        model.disk.borrow_mut().now += 1000;
        let back = undo::undo(&desk, Some(&record.id), false).map_err(|e| format!("an undo failed: {e:?}"))?;
        if !back.failed.is_empty() {
            return Err(format!("not all came back: {:?}", back.failed));
        }
    }
    let end = model.disk.into_inner();
    if records(&stage.world.state_dir, &end).iter().any(crate::vault::operation::Record::stands) {
        return Err("an operation still stands after everything was undone".into());
    }
    told.settled(&end).holds(&end).map_err(|why| format!("after everything was undone: {why}"))?;
    told.times_hold(&end).map_err(|why| format!("after everything was undone: {why}"))
}
