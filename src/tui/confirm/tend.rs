//! What would be done to sessions so that they take less room, before anything happens.

use super::{Agreed, Confirmed, HOLD, number};
use crate::model::Skipped;
use crate::tending::{Line, Proposal};
use std::time::Duration;
use tui_input::Input;

/// The plan of one such deed.
#[derive(Debug)]
pub struct TendScreen {
    /// What would happen.
    pub proposal: Proposal,
    /// The line under the cursor: what it is done to, then what stays.
    pub cursor: usize,
    /// What was typed, once the plan asks for it.
    pub typing: Option<Input>,
    opened: Duration,
}

impl TendScreen {
    /// The screen of a proposal, opened at this moment.
    pub fn new(proposal: Proposal, opened: Duration) -> Self {
        Self { proposal, cursor: 0, typing: None, opened }
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.proposal.lines.len() + self.proposal.skipped.len()
    }

    /// What stands in a line: something it is done to, or something that stays.
    pub fn line(&self, at: usize) -> Option<Result<&Line, &Skipped>> {
        let lines = &self.proposal.lines;
        lines.get(at).map(Ok).or_else(|| self.proposal.skipped.get(at.checked_sub(lines.len())?).map(Err))
    }

    /// Moves the cursor by so many lines.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.len().saturating_sub(1));
    }

    /// The key that means yes: where conversations go, their number is typed first. `Err` says why not.
    pub fn yes(&mut self, now: Duration) -> Result<Option<Confirmed>, String> {
        if now.saturating_sub(self.opened) < HOLD {
            return Ok(None);
        }
        if self.proposal.lines.is_empty() {
            return Err("there is nothing in this plan to carry out".into());
        }
        let typed = number::typed(&mut self.typing, self.proposal.at_risk, "conversations")?;
        Ok(typed.then(|| Confirmed(Agreed::Tend(Box::new(self.proposal.clone())))))
    }
}
