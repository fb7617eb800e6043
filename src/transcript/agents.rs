//! Sub-agents: what they were asked and answered, as one folded turn where they were started.

use super::build::{Builder, Place};
use super::gaps::{Gaps, counted};
use super::{Block, Conversation, Turn, Who, find};
use std::collections::BTreeMap;
use std::path::Path;

/// A sub-agent's whole conversation as one turn.
pub fn as_turn(agent: &str, about: &str, conversation: Conversation) -> Turn {
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    let mut blocks = vec![Block::Note(format!("Sub-agent{about}"))];
    let when = conversation.turns.first().and_then(|t| t.when);
    for turn in conversation.turns {
        if turn.who == Who::User {
            blocks.push(Block::Note("Asked".into()));
        } else if turn.who == Who::Assistant && turn.blocks.iter().any(|b| matches!(b, Block::Text(_))) {
            blocks.push(Block::Note("Answered".into()));
        }
        blocks.extend(turn.blocks);
    }
    Turn { id: format!("agent-{agent}"), who: Who::Injected, when, blocks }
}

/// Puts sub-agents that have files of their own where they were started, and says which have none.
pub fn add(session: &Path, main: &Path, conversation: &mut Conversation, gaps: &mut Gaps, launched: &[(String, Option<Place>)]) {
    let mut files = find::agents(session, main);
    let mut children: BTreeMap<usize, Vec<Turn>> = BTreeMap::new();
    let mut without = 0;
    let end = conversation.turns.len();
    let mut read = |agent: &str, file: &Path, place: usize, gaps: &mut Gaps| {
        let mut builder = Builder::within_agent();
        let outcome = super::fill(session, file, &super::claude::DIALECT, &mut builder);
        let (child, child_gaps, _) = builder.finish();
        conversation.bad_lines += child.bad_lines;
        let mut sentences = child_gaps.sentences();
        sentences.extend(outcome.err().map(|e| format!("it could not be read: {e}")));
        gaps.others.extend(sentences.into_iter().map(|s| format!("sub-agent {agent}: {s}")));
        conversation.sources.push(file.to_path_buf());
        children.entry(place).or_default().push(as_turn(agent, &find::agent_about(session, file), child));
    };
    for (agent, place) in launched {
        let at = files.iter().position(|(id, _)| id == agent);
        match at.map(|i| files.remove(i)) {
            Some((id, file)) => read(&id, &file, place.map_or(end, |(turn, _)| turn + 1), gaps),
            None => without += 1,
        }
    }
    for (id, file) in files {
        read(&id, &file, end, gaps);
    }
    gaps.others.extend(counted(without, "sub-agent has no file", "sub-agents have no file"));
    for (place, turns) in children.into_iter().rev() {
        let place = place.min(conversation.turns.len());
        conversation.turns.splice(place..place, turns);
    }
}
