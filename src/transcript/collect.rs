//! A conversation as a list of turns, for those that need few of them: previews and tests.

use super::Told;
use super::event::{Block, Event, Who};
use jiff::Timestamp;

/// One turn with all it says.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeTurn {
    /// The record's id.
    pub id: String,
    /// Who speaks.
    pub who: Who,
    /// When, where the record says.
    pub when: Option<Timestamp>,
    /// What.
    pub blocks: Vec<Block<'static>>,
}

/// A whole conversation.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The turns, in order; a sub-agent's conversation is one of them.
    pub turns: Vec<WholeTurn>,
    /// What is known of it.
    pub told: Told,
    /// The sub-agent told just now.
    agent: Option<Inner>,
}

/// A sub-agent's conversation in the making.
#[derive(Debug, Clone)]
struct Inner {
    turn: WholeTurn,
    depth: usize,
    /// The model answers, and has said nothing yet.
    answers: bool,
}

impl Conversation {
    /// Takes one event in.
    pub fn take(&mut self, event: Event<'_>) {
        if let Some(Inner { turn, depth, answers }) = &mut self.agent {
            match event {
                Event::Turn(inner) => {
                    turn.when = turn.when.or(inner.when);
                    *answers = inner.who == Who::Assistant;
                    turn.blocks.extend((inner.who == Who::User).then(|| Block::Note("Asked".into())));
                }
                Event::Block(block) => {
                    if matches!(block, Block::Text(_)) && std::mem::take(answers) {
                        turn.blocks.push(Block::Note("Answered".into()));
                    }
                    turn.blocks.push(block.into_owned());
                }
                Event::Agent(_) => *depth += 1,
                Event::AgentEnd if *depth > 0 => *depth -= 1,
                Event::AgentEnd => self.turns.extend(self.agent.take().map(|inner| inner.turn)),
                Event::Left(_) => {}
            }
            return;
        }
        let note = |id: String, text: String| WholeTurn { id, who: Who::Injected, when: None, blocks: vec![Block::Note(text.into())] };
        match event {
            Event::Turn(turn) => {
                self.turns.push(WholeTurn { id: turn.id.into_owned(), who: turn.who, when: turn.when, blocks: Vec::new() });
            }
            Event::Block(block) => {
                if let Some(turn) = self.turns.last_mut() {
                    turn.blocks.push(block.into_owned());
                }
            }
            Event::Agent(agent) => {
                let about = if agent.about.is_empty() { String::new() } else { format!(": {}", agent.about) };
                let turn = note(format!("agent-{}", agent.id), format!("Sub-agent{about}"));
                self.agent = Some(Inner { turn, depth: 0, answers: false });
            }
            Event::AgentEnd => {}
            Event::Left(left) => {
                self.turns.push(note(format!("left-{}", left.after), left.sentence()));
            }
        }
    }
}
