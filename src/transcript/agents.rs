//! Sub-agents: each one's conversation told where it was started, from its own file or from among the other records.

use super::event::{Agent, Event};
use super::file::File;
use super::index::Side;
use super::lines::Extent;
use super::outputs::Outputs;
use super::strand::Strand;
use super::tell::{Teller, Waiting};
use super::trail::Trail;
use crate::error::Result;
use std::borrow::Cow;

/// How deep sub-agents are told within each other; deeper ones stand at the end.
const DEEPEST: usize = 8;

/// The sub-agents of a conversation that stand by themselves, and where its long outputs are.
#[derive(Debug, Default)]
pub struct Agents {
    /// Where its long outputs are.
    pub outputs: Outputs,
    all: Vec<OfAgent>,
}

/// A sub-agent whose conversation stands by itself.
#[derive(Debug)]
pub struct OfAgent {
    /// Where.
    pub part: Strand,
    /// What it was started for, or empty.
    pub about: String,
    /// The call that started it, or empty.
    pub call: String,
    /// It was told already.
    pub told: bool,
}

impl Agents {
    /// These.
    pub fn new(outputs: Outputs, all: Vec<OfAgent>) -> Self {
        Self { outputs, all }
    }

    /// Whether a call is known to have started one.
    pub fn knows(&self, call: &str) -> bool {
        !call.is_empty() && self.all.iter().any(|of| of.call == call)
    }

    /// Adds those that a part of the conversation knows of and no other did.
    pub fn add(&mut self, more: Vec<OfAgent>) {
        for of in more {
            if self.all.iter().all(|known| known.part.id != of.part.id) {
                self.all.push(of);
            }
        }
    }

    fn take(&mut self, waiting: &Waiting) -> Option<&mut OfAgent> {
        let by_id = self.all.iter().position(|of| !waiting.agent.is_empty() && of.part.id == waiting.agent);
        let by_call = || self.all.iter().position(|of| !waiting.call.is_empty() && of.call == waiting.call);
        let at = by_id.or_else(by_call)?;
        self.all.get_mut(at)
    }
}

impl Teller<'_> {
    /// Tells the sub-agents that the turn started.
    pub fn flush(&mut self, file: &mut File<'_>) -> Result<()> {
        for waiting in self.waiting() {
            if self.depth < DEEPEST {
                self.agent(file, &waiting)?;
            }
        }
        Ok(())
    }

    fn agent(&mut self, file: &mut File<'_>, waiting: &Waiting) -> Result<()> {
        if let Some(of) = self.agents.take(waiting) {
            if std::mem::replace(&mut of.told, true) {
                return Ok(());
            }
            let (part, about) = (of.part.clone(), of.about.clone());
            return self.agent_part(&part, &about, waiting.later);
        }
        let sides = &file.index.sides;
        let named = |s: &Side| !s.agent.is_empty() && (s.agent == waiting.agent || s.agent == waiting.call);
        let mut found = sides.iter().position(named);
        // Old transcripts link the two by nothing but the words of the prompt.
        for i in 0..sides.len() {
            let unnamed = file.index.sides.get(i).filter(|s| s.agent.is_empty()).and_then(|s| s.nodes.first().copied());
            if found.is_none() && !waiting.prompt.is_empty() && unnamed.is_some_and(|first| first > waiting.node) {
                found = (file.text_of(unnamed.unwrap_or_default())? == waiting.prompt).then_some(i);
            }
        }
        match found {
            Some(side) => self.side(file, side),
            None if self.logged(waiting)? => Ok(()),
            None => {
                self.gaps.agents += u64::from(!waiting.agent.is_empty());
                Ok(())
            }
        }
    }

    /// Tells what the audit log has of a sub-agent whose own file is gone.
    fn logged(&mut self, waiting: &Waiting) -> Result<bool> {
        let Some(mut fill) = self.fill.take() else { return Ok(false) };
        let of = |s: &Side| s.agent == waiting.call && !s.nodes.is_empty();
        let side = fill.file.index.sides.iter().position(of);
        if let Some(side) = side {
            fill.records += fill.file.index.sides.get(side).map_or(0, |s| s.nodes.len()) as u64;
            self.side(&mut fill.file, side)?;
        }
        self.fill = Some(fill);
        Ok(side.is_some())
    }

    /// Tells the sub-agents among a file's records that no call was found for and that began before a record.
    pub fn sides(&mut self, file: &mut File<'_>, before: Option<u32>) -> Result<()> {
        for i in 0..file.index.sides.len() {
            let first = file.index.sides.get(i).and_then(|s| s.nodes.first().copied());
            if first.is_some_and(|first| before.is_none_or(|before| first < before)) {
                self.flush(file)?;
                self.side(file, i)?;
            }
        }
        Ok(())
    }

    fn side(&mut self, file: &mut File<'_>, side: usize) -> Result<()> {
        let Some(Side { agent, nodes }) = file.index.sides.get_mut(side) else { return Ok(()) };
        let (agent, nodes) = (agent.clone(), std::mem::take(nodes));
        if nodes.is_empty() {
            return Ok(());
        }
        self.within(&agent, "", false, |this| {
            nodes.iter().try_for_each(|node| this.record(file, *node))?;
            this.flush(file)
        })
    }

    /// Tells the sub-agents that stand by themselves and that no call was found for.
    pub fn other_agents(&mut self) -> Result<()> {
        while let Some(of) = self.agents.all.iter_mut().find(|of| !of.told) {
            of.told = true;
            let (part, about) = (of.part.clone(), of.about.clone());
            self.agent_part(&part, &about, false)?;
        }
        Ok(())
    }

    fn agent_part(&mut self, part: &Strand, about: &str, later: bool) -> Result<()> {
        let id = part.id.as_str();
        let gaps = std::mem::take(&mut self.gaps);
        let read = part.read(true, Extent::Hashed, &self.tap);
        let outcome = self.within(id, about, later, |this| match read {
            Ok((mut file, more)) => {
                this.agents.add(more);
                file.volume = this.trail.as_mut().map_or(0, Trail::volume);
                let outcome = this.file(&mut file);
                if let Some(trail) = &mut this.trail {
                    trail.keep(file);
                }
                outcome
            }
            Err(e) => {
                this.gaps.others.push(format!("it could not be read: {e}"));
                Ok(())
            }
        });
        let mut inner = std::mem::replace(&mut self.gaps, gaps);
        // That it begins with its own first record is known.
        (inner.starts_late, inner.starts_compacted) = (false, false);
        self.gaps.agents += std::mem::take(&mut inner.agents);
        self.gaps.others.extend(inner.sentences().into_iter().map(|s| format!("sub-agent {id}: {s}")));
        outcome
    }

    fn within(&mut self, id: &str, about: &str, later: bool, tell: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let voice = self.inner();
        self.told.agents += 1;
        self.emit(Event::Agent(Agent { id: Cow::Borrowed(id), about: Cow::Borrowed(about), later }))?;
        self.depth += 1;
        let outcome = tell(self);
        self.depth -= 1;
        self.outer(voice);
        outcome?;
        self.emit(Event::AgentEnd)
    }
}
