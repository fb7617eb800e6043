//! Puts a conversation together from what the records say, in the order of the file, nothing twice and nothing lost.

use super::content::{Piece, pieces};
use super::dialect::{Event, Message, Role};
use super::gaps::Gaps;
use super::{Block, Conversation, Turn, Who, injected};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// Where a tool call stands: turn and block.
pub type Place = (usize, usize);

/// A conversation in the making.
#[derive(Default)]
pub struct Builder {
    /// What there is so far.
    pub conversation: Conversation,
    /// What is known to be missing.
    pub gaps: Gaps,
    /// Sub-agents that results say were started: the agent's id, and where the call stands.
    pub launched: Vec<(String, Option<Place>)>,
    /// Pieces that were seen, so that a repeated record adds nothing.
    seen: HashSet<u64>,
    /// Every record's id.
    ids: HashSet<u64>,
    calls: HashMap<String, Option<Place>>,
    /// The turn a message's further parts are added to.
    open: HashMap<String, usize>,
    /// Records that a prompt followed, to notice when one is followed again.
    followed: HashSet<String>,
    /// Prompts without an id of their own, dropped where the same words stand in a proper record.
    weak: Vec<usize>,
    /// Sub-agents' own records found in this file, by agent, with the turn they were first seen after.
    sides: Vec<(String, usize, Builder)>,
    title_given: bool,
    /// Reads a sub-agent's own file: what is marked as a sub-agent's is the conversation itself.
    within: bool,
}

impl Builder {
    /// For a sub-agent's own file.
    pub fn within_agent() -> Self {
        Self { within: true, ..Self::default() }
    }

    /// Notes that a record with this id is in the file.
    pub fn saw(&mut self, uuid: &str) {
        if !uuid.is_empty() {
            self.ids.insert(hash(uuid));
        }
    }

    /// A line that is no record; `ended`: a line break follows it.
    pub fn bad_line(&mut self, ended: bool) {
        self.conversation.bad_lines += 1;
        if ended {
            self.gaps.bad_lines += 1;
        } else {
            self.gaps.torn = true;
        }
    }

    /// A line too long to be read.
    pub fn too_long(&mut self) {
        self.conversation.bad_lines += 1;
        self.gaps.too_long += 1;
    }

    /// A record of a kind not known.
    pub fn unknown(&mut self, kind: &str) {
        *self.conversation.unknown.entry(kind.to_owned()).or_default() += 1;
    }

    /// Takes in what a record says.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Nothing => {}
            Event::Title { text, given } => {
                if !text.trim().is_empty() && (given || !self.title_given) {
                    self.conversation.title = Some(text);
                    self.title_given |= given;
                }
            }
            Event::Boundary { uuid, when, tokens } => {
                if self.seen.insert(hash(&("boundary", &uuid))) || uuid.is_empty() {
                    self.gaps.starts_compacted |= self.conversation.turns.is_empty();
                    let size = tokens.map(|t| format!(" ({t} tokens before)")).unwrap_or_default();
                    let note = format!("Here the conversation was compacted{size}: the model went on with a summary of what stands above.");
                    self.open.clear();
                    self.push(&uuid, Who::Injected, when, vec![Block::Note(note)]);
                }
            }
            Event::Message(message) => self.message(*message),
        }
    }

    fn message(&mut self, mut message: Message) {
        if let Some(agent) = message.agent.take().filter(|_| !self.within) {
            self.side(agent, message);
            return;
        }
        let mut pieces = pieces(&message.content);
        if !message.uuid.is_empty() {
            let marks: Vec<u64> = pieces.iter().map(|p| p.mark(&message.uuid)).collect();
            let mut fresh = marks.iter().map(|m| !self.seen.contains(m));
            pieces.retain(|_| fresh.next().unwrap_or(true));
            self.seen.extend(marks);
        }
        if pieces.is_empty() {
            return;
        }
        self.gaps.left_out += message.left_out;
        if self.conversation.turns.is_empty() {
            self.gaps.starts_compacted |= message.role == Role::Summary;
            let parent = hash(message.parent.as_str());
            self.gaps.starts_late |=
                !self.within && (message.role == Role::Assistant || (!message.parent.is_empty() && !self.ids.contains(&parent)));
        }
        if message.role == Role::Assistant {
            self.assistant(&message, pieces);
        } else {
            self.user(&message, pieces);
        }
    }

    fn side(&mut self, agent: String, message: Message) {
        let after = self.conversation.turns.len();
        let at = self.sides.iter().position(|(key, ..)| *key == agent).unwrap_or_else(|| {
            self.sides.push((agent, after, Self::within_agent()));
            self.sides.len() - 1
        });
        if let Some((.., builder)) = self.sides.get_mut(at) {
            builder.message(message);
        }
    }

    fn assistant(&mut self, message: &Message, pieces: Vec<Piece>) {
        if !message.model.is_empty() && message.model != "<synthetic>" {
            self.conversation.model = Some(message.model.clone());
        }
        let known = self.open.get(&message.part_of).copied().filter(|_| !message.part_of.is_empty());
        let turn = known.unwrap_or_else(|| self.push(&message.uuid, Who::Assistant, message.when, Vec::new()));
        if !message.part_of.is_empty() {
            self.open.insert(message.part_of.clone(), turn);
        }
        for piece in pieces {
            self.add(turn, piece);
        }
    }

    fn user(&mut self, message: &Message, pieces: Vec<Piece>) {
        let label = match message.role {
            Role::Summary => Some("The summary the model went on with".to_owned()),
            Role::Added => Some("Added by the app".to_owned()),
            Role::User | Role::Assistant => None,
        };
        let (mut typed, mut added, mut after) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces {
            match piece {
                Piece::Result { id, text, failed } => self.result(message, id, text, failed),
                Piece::Text(text) if label.is_none() => {
                    let prompt = injected::take_apart(&text);
                    added.extend(prompt.before);
                    typed.extend(prompt.files.into_iter().map(|name| Piece::Attachment { name, bytes: 0 }));
                    typed.extend(Some(prompt.typed).filter(|t| !t.trim().is_empty()).map(Piece::Text));
                    after.extend(prompt.after);
                }
                other => typed.push(other),
            }
        }
        let inject = |this: &mut Self, text: String| {
            let label = injected::label(&text);
            this.push(&message.uuid, Who::Injected, message.when, vec![Block::Note(label), Block::Text(text)]);
        };
        for text in added {
            inject(self, text);
        }
        if !typed.is_empty() {
            self.typed(message, label, typed);
        }
        for text in after {
            inject(self, text);
        }
    }

    fn typed(&mut self, message: &Message, label: Option<String>, pieces: Vec<Piece>) {
        let who = if label.is_some() { Who::Injected } else { Who::User };
        if who == Who::User && !self.within {
            self.open.clear();
            if !message.parent.is_empty() && !self.followed.insert(message.parent.clone()) {
                let note = "From here the conversation goes on from an earlier point: a rewind, or a second message to the same answer.";
                self.push("", Who::Injected, message.when, vec![Block::Note(note.to_owned())]);
            }
        }
        let texts: Vec<Block> = label
            .map(|l| match &pieces[..] {
                [Piece::Text(text)] if message.role == Role::Added => Block::Note(injected::label(text)),
                _ => Block::Note(l),
            })
            .into_iter()
            .collect();
        let turn = self.push(&message.uuid, who, message.when, texts);
        for piece in pieces {
            self.add(turn, piece);
        }
        if message.uuid.is_empty() && message.again {
            self.weak.push(turn);
        }
    }

    fn add(&mut self, turn: usize, piece: Piece) {
        let Some(blocks) = self.conversation.turns.get_mut(turn).map(|t| &mut t.blocks) else { return };
        match piece {
            Piece::Text(text) if text.trim().is_empty() => {}
            Piece::Thinking(text) if text.trim().is_empty() => {}
            Piece::Text(text) => blocks.push(Block::Text(text)),
            Piece::Thinking(text) => blocks.push(Block::Thinking(text)),
            Piece::Attachment { name, bytes } => blocks.push(Block::Attachment { name, bytes }),
            Piece::Unknown(kind) => blocks.push(Block::Note(format!("A {kind} stands here, which this version cannot show."))),
            Piece::Call { id, name, input } => {
                if id.is_empty() || !self.calls.contains_key(&id) {
                    self.calls.insert(id, Some((turn, blocks.len())));
                    blocks.push(Block::Tool { name, input, result: None, failed: false });
                }
            }
            Piece::Result { id, text, failed } => {
                // A server's tool answers within the message of the model.
                let message = Message::default();
                self.result(&message, id, text, failed);
            }
        }
    }

    fn result(&mut self, message: &Message, id: String, text: String, failed: bool) {
        self.gaps.cleared += u64::from(text.starts_with("[Old tool result content cleared"));
        let place = self.calls.get(&id).copied().flatten();
        if !message.launched.is_empty() {
            self.launched.push((message.launched.clone(), place));
        }
        let block = place.and_then(|(turn, block)| self.conversation.turns.get_mut(turn)?.blocks.get_mut(block));
        if let Some(Block::Tool { result, failed: was, .. }) = block {
            *was |= failed;
            match result {
                None => *result = Some(text),
                Some(before) if *before != text => *before = format!("{before}\n{text}"),
                Some(_) => {}
            }
            return;
        }
        let name = "a tool whose call is not here".to_owned();
        let block = Block::Tool { name, input: serde_json::Value::Null, result: Some(text), failed };
        let turn = self.push(&message.uuid, Who::Injected, message.when, vec![Block::Note("A tool's answer".into()), block]);
        self.calls.insert(id, Some((turn, 1)));
    }

    fn push(&mut self, uuid: &str, who: Who, when: Option<jiff::Timestamp>, blocks: Vec<Block>) -> usize {
        let turns = &mut self.conversation.turns;
        let id = if uuid.is_empty() { format!("n{}", turns.len() + 1) } else { uuid.to_owned() };
        turns.push(Turn { id, who, when, blocks });
        turns.len() - 1
    }

    /// The conversation so far, sub-agents' records in this file put where they belong, and what is missing.
    pub fn finish(mut self) -> (Conversation, Gaps, Vec<(String, Option<Place>)>) {
        for at in std::mem::take(&mut self.weak) {
            let turns = &mut self.conversation.turns;
            let twin =
                turns.iter().enumerate().any(|(i, t)| i != at && t.who == Who::User && turns.get(at).is_some_and(|w| w.blocks == t.blocks));
            if let Some(turn) = turns.get_mut(at).filter(|_| twin) {
                turn.blocks.clear();
            }
        }
        let open = |b: &Block| matches!(b, Block::Tool { result: None, .. });
        self.gaps.unanswered += self.conversation.turns.iter().flat_map(|t| &t.blocks).filter(|b| open(b)).count() as u64;
        let mut children: BTreeMap<usize, Vec<Turn>> = BTreeMap::new();
        for (key, after, builder) in self.sides {
            let place = self.calls.get(&key).copied().flatten().map_or(after, |(turn, _)| turn + 1);
            let (child, gaps, _) = builder.finish();
            self.gaps.left_out += gaps.left_out;
            self.launched.retain(|(agent, call)| *agent != key && call.is_none_or(|(turn, _)| turn + 1 != place));
            children.entry(place).or_default().push(super::agents::as_turn(&key, "", child));
        }
        let mut launched = self.launched;
        for (place, turns) in children.into_iter().rev() {
            for (_, call) in &mut launched {
                *call = call.map(|(turn, block)| if turn >= place { (turn + turns.len(), block) } else { (turn, block) });
            }
            let place = place.min(self.conversation.turns.len());
            self.conversation.turns.splice(place..place, turns);
        }
        (self.conversation, self.gaps, launched)
    }
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
