//! Ways in for the fuzz targets in `fuzz/`; only there when those are built.

use crate::export::fuzzing as export;
use crate::transcript::{Event, Sink, Turn, Who, fuzzing as transcript};

pub use export::{prose, redacted};
pub use transcript::{chat, rows, told};

/// The body of a page of events made of any bytes, and how many turns it says it has.
pub fn page(bytes: &[u8]) -> (String, u64) {
    export::page(|sink| events(bytes, sink))
}

/// Events made of any bytes: the first of every few says what happens, the others are text.
fn events(bytes: &[u8], sink: &mut Sink<'_>) -> crate::error::Result<()> {
    use crate::transcript::{Agent, Answer, Block, Left, Picture, Tool};
    let (mut rest, mut turn, mut depth, mut n) = (bytes, false, 0, 0_u64);
    while let Some((kind, after)) = rest.split_first() {
        let length = after.first().map_or(0, |l| usize::from(*l)).min(after.len());
        let (text, next) = after.get(after.len().min(1)..).unwrap_or_default().split_at(length.min(after.len().saturating_sub(1)));
        rest = next;
        n += 1;
        let text = || String::from_utf8_lossy(text).into_owned().into();
        if !turn || *kind < 60 {
            let who = [Who::User, Who::Assistant, Who::Injected].into_iter().cycle().nth(usize::from(*kind)).unwrap_or(Who::User);
            sink(Event::Turn(Turn {
                id: format!("r{n}").into(),
                who,
                when: jiff::Timestamp::from_second(1_790_000_000 + 60 * i64::from(*kind)).ok(),
            }))?;
            turn = true;
        }
        match kind % 12 {
            0..=2 => sink(Event::Block(Block::Text(text())))?,
            3 => sink(Event::Block(Block::Thinking(text())))?,
            4 => sink(Event::Block(Block::Note(text())))?,
            5 => sink(Event::Block(Block::Attachment(Picture { name: text(), bytes: 7, ..Picture::default() })))?,
            6..=8 => {
                let name = ["Bash", "Write", "Edit", "Read", "Agent", "odd"].into_iter().cycle().nth(usize::from(*kind)).unwrap_or("odd");
                let input: std::borrow::Cow<'_, str> = text();
                let all = serde_json::json!({"command":input,"content":input,"file_path":input,"old_string":input,"new_string":input,"prompt":input,"description":input});
                let answer = Answer { text: text(), ..Answer::default() };
                sink(Event::Block(Block::Tool(Tool {
                    name: name.into(),
                    input: all.to_string().into(),
                    answer: Some(answer),
                    failed: n.is_multiple_of(2),
                    ..Tool::default()
                })))?;
            }
            9 => {
                sink(Event::Agent(Agent { id: format!("g{n}").into(), about: text(), later: false }))?;
                depth += 1;
                turn = false;
            }
            10 if depth > 0 => {
                sink(Event::AgentEnd)?;
                depth -= 1;
                turn = false;
            }
            11 if depth == 0 => {
                sink(Event::Left(Left { after: text() }))?;
                turn = false;
            }
            _ => sink(Event::Block(Block::Text(text())))?,
        }
    }
    (0..depth).try_for_each(|_| sink(Event::AgentEnd))
}
