//! Searches while somebody types. Threads of its own bring the index up to date and answer the latest question; nothing here waits.

use super::index::Library;
use super::known::Known;
use super::query::Query;
use super::read::{self, Answer};
use crate::model::{Progress, Stop, Watch};
use crate::world::World;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// So long the first answer to a question may take: what was found by then is told, and the rest when it is there.
const FIRST: Duration = Duration::from_millis(40);

/// What there is to tell.
#[derive(Debug)]
pub enum News {
    /// How far the index is.
    Indexing(Progress),
    /// The index is up to date: an answer may have more now.
    Indexed,
    /// What was found for the question of this number.
    Answer {
        /// The number [`Desk::ask`] gave.
        question: u64,
        /// What was found.
        answer: Answer,
        /// Whether more may follow.
        goes_on: bool,
    },
    /// Something does not work: a sentence. Without an index everything is read.
    Trouble(String),
}

/// A question.
struct Question {
    number: u64,
    query: Query,
    limit: usize,
}

/// Where questions are asked and news arrive. Whatever runs ends with it.
#[derive(Debug)]
pub struct Desk {
    ask: Sender<Question>,
    news: Receiver<News>,
    asked: u64,
    stop: Stop,
}

impl Desk {
    /// Opens the desk on these sessions, which are all there are. `read_only`: no index is kept, everything is read.
    pub fn open(world: &World, known: Vec<Known>, read_only: bool) -> Self {
        let (ask, questions) = channel();
        let (send, news) = channel();
        let (known, stop) = (Arc::new(known), Stop::default());
        if !read_only {
            let (world, known, send, stop) = (world.clone(), known.clone(), send.clone(), stop.clone());
            std::thread::spawn(move || build(&world, &known, &send, &stop));
        }
        let (world, ending) = (world.clone(), stop.clone());
        std::thread::spawn(move || {
            let library = if read_only { None } else { Library::open(&world).ok() };
            Clerk { library, known, send, stop: ending, waiting: RefCell::new(None), questions }.serve();
        });
        Self { ask, news, asked: 0, stop }
    }

    /// Asks; an earlier question is not answered any more. Gives the number that the answer bears.
    pub fn ask(&mut self, query: Query, limit: usize) -> u64 {
        self.asked += 1;
        // Nobody answers only where the clerk broke off.
        let _ = self.ask.send(Question { number: self.asked, query, limit });
        self.asked
    }

    /// The next thing there is to tell, if there is any by now.
    pub fn news(&self) -> Option<News> {
        self.news.try_recv().ok()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// Brings the index up to date.
fn build(world: &World, known: &[Known], send: &Sender<News>, stop: &Stop) {
    let watch = Told { send: send.clone(), stop: stop.clone() };
    let news = match Library::open(world).and_then(|mut library| library.update(known, &watch)) {
        Ok(updated) => {
            for error in updated.failed {
                let _ = send.send(News::Trouble(format!("{}: {}", crate::model::shown(&error.path), error.error)));
            }
            News::Indexed
        }
        Err(e) => News::Trouble(e.to_string()),
    };
    let _ = send.send(news);
}

struct Told {
    send: Sender<News>,
    stop: Stop,
}

impl Watch for Told {
    fn at(&self, progress: &Progress) {
        let _ = self.send.send(News::Indexing(progress.clone()));
    }

    fn stopped(&self) -> bool {
        self.stop.is_stopped()
    }
}

/// Answers questions.
struct Clerk {
    library: Option<Library>,
    known: Arc<Vec<Known>>,
    send: Sender<News>,
    stop: Stop,
    questions: Receiver<Question>,
    /// A question that came while another one was answered.
    waiting: RefCell<Option<Question>>,
}

impl Clerk {
    fn serve(mut self) {
        while !self.stop.is_stopped() {
            let next = self.waiting.take().or_else(|| self.questions.recv().ok());
            let Some(mut question) = next else { return };
            while let Ok(later) = self.questions.try_recv() {
                question = later;
            }
            self.answer(&question);
        }
    }

    fn answer(&mut self, question: &Question) {
        let began = Instant::now();
        if !self.look(question, &|| began.elapsed() >= FIRST) {
            // The rest, as long as nobody asks for something else.
            self.look(question, &|| false);
        }
    }

    /// Looks, and tells; whether all there is was told.
    fn look(&mut self, question: &Question, enough: &dyn Fn() -> bool) -> bool {
        let Question { number, query, limit } = question;
        let (questions, waiting, stop) = (&self.questions, &self.waiting, &self.stop);
        let is_late = || {
            if let Ok(later) = questions.try_recv() {
                waiting.replace(Some(later));
            }
            stop.is_stopped() || waiting.borrow().is_some()
        };
        let tired = RefCell::new(false);
        let answer = match &mut self.library {
            None => Ok(read::all(&self.known, query, &query.filter, *limit, stop)),
            Some(library) => library.search(&self.known, query, *limit, &|| {
                let ends = enough();
                *tired.borrow_mut() |= ends;
                ends || is_late()
            }),
        };
        if is_late() {
            return true;
        }
        let goes_on = tired.into_inner();
        let news = match answer {
            Ok(answer) => News::Answer { question: *number, answer, goes_on },
            Err(e) => {
                self.library = None;
                News::Trouble(e.to_string())
            }
        };
        let _ = self.send.send(news);
        !goes_on
    }
}
