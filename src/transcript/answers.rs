//! Answers to tool calls: looked up where they stand, and told with their calls.

use super::content::Piece;
use super::dialect::{Dialect, Role, Said};
use super::event::{Answer, Block, Tool};
use super::index::{self, Flag, Index, NONE};
use super::lines::Lines;
use std::borrow::Cow;
use std::io;

/// The record in hand, and what else of its file is needed.
pub struct At<'f, 's> {
    /// Where most answers are: close behind their calls.
    pub near: &'f Lines<'s>,
    /// Where the others are looked up.
    pub aside: &'f mut Lines<'s>,
    /// What the first reading gave.
    pub index: &'f mut Index,
    /// How the file is written.
    pub dialect: &'static Dialect,
    /// The record's number.
    pub number: u32,
    /// What it is a part of.
    pub part: u32,
    /// Hashes of the calls whose answers were told with the record, this time.
    pub told: Vec<u32>,
}

/// What answers a call.
#[expect(clippy::struct_excessive_bools, reason = "as the records have them")]
#[derive(Default)]
pub struct Found<'a> {
    /// What.
    pub answer: Option<Answer<'a>>,
    /// Whether it failed.
    pub failed: bool,
    /// The sub-agent that it says was started, or empty.
    pub launched: Cow<'a, str>,
    /// Whether that one answers later.
    pub later: bool,
    /// What was changed in a file, in JSON; or empty.
    pub patch: Cow<'a, str>,
    /// The file with the whole of it, as the record names it, or empty.
    pub kept: Cow<'a, str>,
    /// Whether other answers to the call have only parts of it.
    whole: bool,
    /// Whether its record says nothing else.
    alone: bool,
}

impl At<'_, '_> {
    /// Whether the record's answer to a call was told. One that the record tells alone is told again with it.
    pub fn is_told(&self, call: &str) -> bool {
        let alone = if self.told.contains(&index::short(call.as_bytes())) { NONE } else { self.number | index::Answer::ALONE };
        let range = self.index.answers_to(call);
        let told = |a: &index::Answer| a.with != NONE && a.with != alone && (a.node == self.number || self.repeats(a.node));
        self.index.answers.get(range).unwrap_or_default().iter().any(told)
    }

    fn repeats(&self, node: u32) -> bool {
        let this = self.index.node(self.number);
        this.is(Flag::REPEAT) && self.index.node(node).uuid == this.uuid
    }

    /// Notes that the record's answer to a call is told.
    pub fn tell(&mut self, call: &str) {
        let range = self.index.answers_to(call);
        let number = self.number;
        for answer in self.index.answers.get_mut(range).unwrap_or_default().iter_mut().filter(|a| a.node == number && a.with == NONE) {
            answer.with = number | index::Answer::ALONE;
        }
        self.told.push(index::short(call.as_bytes()));
    }

    /// Every answer to a call that was not told with another record, as one.
    pub fn answers(&mut self, call: &str) -> io::Result<Option<Found<'_>>> {
        let hash = index::short(call.as_bytes());
        let again = if self.told.contains(&hash) { NONE } else { self.number };
        let open = |i: &usize| self.index.answers.get(*i).is_some_and(|a| a.with == NONE || a.with == again);
        let range: Vec<usize> = self.index.answers_to(call).filter(open).collect();
        self.told.push(hash);
        let (mut all, mut last): (Option<Found<'static>>, Option<(usize, u64)>) = (None, None);
        for i in range {
            let Some(answer) = self.index.answers.get_mut(i) else { continue };
            let node = self.index.nodes.get(answer.node as usize);
            let (at, repeat) = node.map_or((0, true), |n| (n.at(), n.is(Flag::REPEAT)));
            if repeat && (all.is_some() || last.is_some()) {
                answer.with = self.number;
                continue;
            }
            if let Some((i, at)) = last.replace((i, at))
                && let Some(found) = answer_at((self.near, self.aside), self.dialect, at, call)?
            {
                all = Some(merged(all, found));
                self.mark(i);
            }
        }
        let Some((i, at)) = last else { return Ok(all) };
        self.mark(i);
        let node = self.index.answers.get(i).map_or(NONE, |a| a.node);
        let Some(found) = answer_at((self.near, self.aside), self.dialect, at, call)? else { return Ok(all) };
        if let Some(node) = self.index.nodes.get_mut(node as usize).filter(|n| found.alone && !n.is(Flag::REPEAT)) {
            node.set(Flag::TOLD, true);
        }
        Ok(Some(match all {
            None => found,
            Some(_) => merged(all, found),
        }))
    }

    fn mark(&mut self, i: usize) {
        if let Some(answer) = self.index.answers.get_mut(i) {
            answer.with = self.number;
        }
    }
}

fn merged(before: Option<Found<'static>>, found: Found<'_>) -> Found<'static> {
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    let block = Block::Tool(Tool { answer: found.answer, ..Tool::default() }).into_owned();
    let Block::Tool(Tool { answer: Some(mut answer), .. }) = block else { return before.unwrap_or_default() };
    let Some(mut before) = before else {
        let (launched, patch, kept) = (own(found.launched), own(found.patch), own(found.kept));
        let Found { failed, later, whole, .. } = found;
        return Found { answer: Some(answer), failed, launched, later, patch, kept, whole, alone: false };
    };
    before.failed |= found.failed;
    if let Some(had) = &mut before.answer {
        if before.whole || found.whole {
            let better = if before.whole == found.whole { answer.text.len() > had.text.len() } else { found.whole };
            had.text = if better { answer.text } else { std::mem::take(&mut had.text) };
            before.whole = true;
        } else if had.text != answer.text {
            had.text = Cow::Owned(format!("{}\n{}", had.text, answer.text));
        }
        had.pictures.append(&mut answer.pictures);
    }
    before
}

type Places<'l, 's> = (&'l Lines<'s>, &'l mut Lines<'s>);

fn answer_at<'l>((near, aside): Places<'l, '_>, dialect: &Dialect, at: u64, call: &str) -> io::Result<Option<Found<'l>>> {
    let line = match near.held(at) {
        Some(line) => line,
        None => aside.line(at)?.map_or(&[][..], |line| line.bytes),
    };
    let Ok(said) = (dialect.said)(line) else { return Ok(None) };
    let alone = said.pieces.len() == 1 && said.role != Role::Assistant && said.left_out == 0;
    let Said { launched, later, patch, kept, whole, pieces, .. } = said;
    Ok(pieces.into_iter().find_map(|piece| match piece {
        Piece::Result { id, text, pictures, failed } if id == call => {
            let answer = Some(Answer { text, pictures, whole: None });
            Some(Found {
                answer,
                failed,
                launched: launched.clone(),
                later,
                patch: String::from_utf8_lossy(patch),
                kept: kept.clone(),
                whole,
                alone,
            })
        }
        _ => None,
    }))
}
