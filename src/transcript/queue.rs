//! Prompts typed while the model was at work: they wait, and once they are taken most of them stand in the file again.

use super::dialect::{Head, Weight};
use super::injected;
use super::scan::Quoted;
use std::collections::VecDeque;

/// So many prompts are remembered while they wait; of more, the first ones count as never taken.
const MOST: usize = 64;

/// The prompts that wait.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: VecDeque<(u32, String)>,
}

impl Queue {
    /// Adds the prompt that a record has.
    pub fn push(&mut self, node: u32, text: Quoted<'_>) {
        if self.waiting.len() >= MOST {
            self.waiting.pop_front();
        }
        self.waiting.push_back((node, words(&text.text())));
    }

    /// Takes out the records whose prompts a later record says again.
    pub fn taken(&mut self, by: &Head<'_>) -> Vec<u32> {
        let taken = self.again(by);
        self.waiting.retain(|(node, _)| !taken.contains(node));
        taken
    }

    /// The records whose prompts a later record says again: one of them, or several of them one after the other.
    pub fn again(&self, by: &Head<'_>) -> Vec<u32> {
        if self.waiting.is_empty() || !matches!(by.weight, Some(Weight::Typed | Weight::Added)) {
            return Vec::new();
        }
        let first = by.first_text.text();
        let echo = injected::echoed(&first).into_iter();
        let all = echo.chain(std::iter::once(&by.first_text).chain(&by.more_texts).map(|text| words(&text.text())));
        let said = all.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
        let (mut rest, mut taken) = (said.as_str(), Vec::new());
        for (node, text) in &self.waiting {
            let after = rest.strip_prefix(text.as_str()).filter(|after| after.is_empty() || after.starts_with('\n'));
            if let Some(after) = after.filter(|_| !rest.is_empty()) {
                rest = after.trim_start();
                taken.push(*node);
            }
        }
        if rest.is_empty() { taken } else { Vec::new() }
    }
}

/// What was typed of a prompt, or the files that came with nothing typed.
fn words(text: &str) -> String {
    let prompt = injected::take_apart(text);
    if prompt.typed.trim().is_empty() { prompt.files.join("\n") } else { prompt.typed.trim().to_owned() }
}
