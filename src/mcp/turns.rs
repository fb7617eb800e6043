//! `read_turns`.

use super::Place;
use super::answer::{MOST, cut, one, redactor};
use super::tools::given;
use crate::error::{Error, Result};
use crate::export::Redactor;
use crate::scan;
use crate::transcript::{Block, Book, Entry, Meter, What, Who};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Of what a tool was given and what it answered only so many characters are told.
const OF_TOOL: usize = 1500;

/// Of a text only so many.
const OF_TEXT: usize = 12_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    session: String,
    record: Option<String>,
    turn: Option<usize>,
    count: Option<usize>,
}

pub fn run(place: &Place, with: Value) -> Result<String> {
    let given: Given = given(with)?;
    let catalog = scan::sessions(&place.world, &place.options());
    let ix = one(&catalog, &given.session)?;
    let session = catalog.session(ix);
    let none = || Error::usage("this session has no conversation that could be read");
    let mut book = Book::open(session, &Arc::new(Meter::default()))?.ok_or_else(none)?;
    let mut redactor = redactor(&place.world, &catalog, [ix]);
    let entries = book.entries().clone();
    let count = given.count.unwrap_or(8).clamp(1, 50);
    let from = match (&given.record, given.turn) {
        (Some(id), _) => {
            let missing = || Error::usage(format!("no turn stands for the record `{id}`"));
            book.entry_of(id).ok_or_else(missing)?.saturating_sub(count / 4)
        }
        (None, Some(turn)) => turn.min(entries.len()),
        (None, None) => entries.len().saturating_sub(count),
    };
    let (mut turns, mut room, mut at) = (Vec::new(), MOST, from);
    while let Some(entry) = entries.get(at).filter(|_| turns.len() < count) {
        let turn = turn(&mut book, at, entry, &mut redactor)?;
        let size = turn.to_string().len();
        if size > room && !turns.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        turns.push(turn);
        at += 1;
    }
    let next = (at < entries.len()).then_some(at);
    let title = redactor.text(&session.title).into_owned();
    Ok(json!({"session": session.id, "title": title, "turns_in_all": entries.len(), "next": next, "turns": turns}).to_string())
}

fn turn(book: &mut Book, at: usize, entry: &Entry, redactor: &mut Redactor) -> Result<Value> {
    let who = match entry.what {
        What::Turn(Who::User) => "user",
        What::Turn(Who::Assistant) => "assistant",
        What::Turn(Who::Injected) => "app",
        What::Agent => "a sub-agent's turns follow",
        What::Left => "turns of a branch that was left follow",
    };
    let mut said = Vec::new();
    book.blocks(at, &mut |block| said.push(told(block, redactor)))?;
    Ok(json!({"turn": at, "who": who, "depth": entry.depth, "time": entry.when, "said": said}))
}

fn told(block: Block<'_>, redactor: &mut Redactor) -> Value {
    // What is cut is cut after secrets were left out: half of one is known by nobody.
    let mut text = |text: &str, most: usize| cut(&redactor.text(text), most);
    match block {
        Block::Text(words) => json!({"text": text(&words, OF_TEXT)}),
        Block::Thinking(words) => json!({"thinking": text(&words, OF_TEXT)}),
        Block::Note(words) => json!({"note": text(&words, OF_TOOL)}),
        Block::Attachment(picture) => json!({"attachment": text(&picture.sentence(), OF_TOOL)}),
        Block::Tool(tool) => {
            let answer = tool.answer.as_ref().map(|answer| text(&answer.text, OF_TOOL));
            json!({"tool": tool.name, "input": text(&tool.input, OF_TOOL), "answer": answer, "failed": tool.failed})
        }
    }
}
