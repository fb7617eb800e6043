//! A search in every conversation, while it is typed. Plain data; [`start`] asks on a thread of its own.

use crate::find::{Answer, Desk, Filter, Hit, Known, News, Query};
use crate::model::{Progress, SessionIx};
use crate::scan;
use crate::transcript::Voice;
use crate::world::World;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tui_input::Input;

/// So many places are shown at most.
pub const MOST: usize = 200;

/// How often the thread looks for news.
const SIP: Duration = Duration::from_millis(8);

/// A search, and what came of it so far.
#[derive(Debug, Default)]
pub struct Seek {
    /// What is typed.
    pub input: Input,
    /// Whether what tools answered is searched as well.
    pub deep: bool,
    /// The number of the question that was asked last.
    pub asked: u64,
    /// What was found, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all, where that is known.
    pub total: Option<u64>,
    /// Whether an answer is still to come.
    pub waits: bool,
    /// How far the index is, until it is whole.
    pub indexing: Option<Progress>,
    /// What does not work.
    pub trouble: Option<String>,
    /// The place under the cursor.
    pub cursor: usize,
}

impl Seek {
    /// The question that is typed, under the next number; `None`: there is no word in it yet.
    pub fn question(&mut self) -> Option<Query> {
        let voices = [Voice::User, Voice::Assistant, Voice::Call, Voice::Answer, Voice::App];
        let filter = Filter { voices: if self.deep { voices.to_vec() } else { Vec::new() }, ..Filter::default() };
        let query = Query::read(self.input.value(), filter).ok();
        if query.is_some() {
            self.asked += 1;
        } else {
            (self.hits, self.total, self.cursor) = (Vec::new(), None, 0);
        }
        self.waits = query.is_some();
        query
    }

    /// Takes news in; whether the question should be asked again, of an index that knows more.
    pub fn news(&mut self, news: News) -> bool {
        match news {
            News::Indexing(progress) => self.indexing = Some(progress),
            News::Indexed => {
                self.indexing = None;
                return self.asked > 0;
            }
            News::Answer { question, answer, goes_on } if question == self.asked => {
                let Answer { hits, total, failed } = answer;
                let under = self.hits.get(self.cursor).map(|hit| (hit.path.clone(), hit.at));
                let same = hits.iter().position(|hit| Some(&(hit.path.clone(), hit.at)) == under.as_ref());
                self.cursor = same.filter(|_| self.cursor > 0).unwrap_or(0);
                (self.hits, self.total, self.waits) = (hits, total, goes_on);
                self.trouble = failed.first().map(|e| format!("{}: {}", crate::model::shown(&e.path), e.error));
            }
            News::Answer { .. } => {}
            News::Trouble(says) => self.trouble = Some(says),
        }
        false
    }

    /// Moves the cursor by so many places.
    pub fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.hits.len().saturating_sub(1));
    }
}

/// Begins to search every session there is; what is asked is answered in news until the sender of questions is dropped. It
/// finds the sessions itself, so that nobody waits for the end of a scan.
pub fn start(world: World, options: scan::Options, mut told: impl FnMut(News) -> bool + Send + 'static) -> Sender<Query> {
    let (ask, questions) = channel();
    std::thread::spawn(move || {
        let catalog = scan::sessions(&world, &options);
        let known = Known::of(&catalog, (0..catalog.sessions.len()).map(SessionIx::at));
        drop(catalog);
        let read_only = options.read_only;
        let mut desk = Desk::open(&world, known, read_only);
        loop {
            match questions.recv_timeout(SIP) {
                Ok(query) => {
                    desk.ask(query, MOST);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(news) = desk.news() {
                if !told(news) {
                    return;
                }
            }
        }
    });
    ask
}
