//! Reads for the reader: on a thread of its own, so that no key waits for a disk.

use super::Goal;
use super::list::List;
use super::needle::Needle;
use super::search::Hits;
use super::sheet::{Piece, Sheet};
use crate::model::Session;
use crate::secrets::Finder;
use crate::transcript::{Block, Book, Field, Meter, Part};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Bytes read for the first turns, which are shown at once.
const FIRST: u64 = 512 * 1024;
/// How long is searched before anything else is looked at.
const SIP: Duration = Duration::from_millis(15);
/// How often is told how far the list is.
const TOLD: Duration = Duration::from_millis(60);
/// Of a turn only so many bytes are copied.
const COPIED: usize = 1 << 20;

const NONE: &str = "there is no conversation that could be read";

/// What the reader asks for.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Read this session's conversation, and say where this is in it.
    Open(Box<Session>, Option<Goal>),
    /// What these entries say, of the whole list or of its first part.
    Sheets(bool, Vec<u32>),
    /// Where this stands, under this number.
    Search(u64, String),
    /// Search no more.
    NoSearch,
    /// The words of these entries, to be copied.
    Turn(std::ops::Range<u32>),
    /// This text, to be copied: does it hold secrets?
    Text(&'static str, String),
    /// Nothing more.
    Close,
}

/// What comes of it.
#[derive(Debug)]
pub enum News {
    /// The list, and where what was to be gone to is in it.
    List(Box<List>, Option<u32>),
    /// How far the whole list is, of a thousand.
    Progress(u64),
    /// It cannot be read, or there is none.
    Failed(String),
    /// What entries say, of the whole list or of its first part.
    Sheets(bool, Vec<(u32, Sheet)>),
    /// What a search found since, and how far it is; `None`: it is over.
    Hits(u64, Hits, Option<u64>),
    /// Text to be copied: what it is, and how many secrets it seems to hold.
    Copy(&'static str, String, usize),
}

/// A search under way.
struct Hunt {
    number: u64,
    needle: Needle,
    next: usize,
}

/// Books and what is done with them, without a thread.
#[derive(Default)]
pub struct Desk {
    book: Option<Book>,
    whole: bool,
    goal: Option<Goal>,
    hunt: Option<Hunt>,
}

impl Desk {
    /// Does what is asked; what takes long is left to [`Self::hunt`] and [`whole`].
    pub fn answer(&mut self, ask: Ask) -> Vec<News> {
        match ask {
            Ask::Open(session, goal) => {
                self.goal = goal;
                let first = Book::first(&session, FIRST);
                first.ok().flatten().into_iter().map(|book| self.take(book, false)).collect()
            }
            Ask::Sheets(whole, entries) if whole == self.whole => {
                vec![News::Sheets(whole, entries.into_iter().map(|at| (at, self.sheet(at))).collect())]
            }
            Ask::Search(number, typed) => {
                self.hunt = Needle::new(&typed).map(|needle| Hunt { number, needle, next: 0 });
                Vec::new()
            }
            Ask::NoSearch => {
                self.hunt = None;
                Vec::new()
            }
            Ask::Turn(entries) => {
                let text = self.words(entries);
                vec![copy("the turn", text)]
            }
            Ask::Text(what, text) => vec![copy(what, text)],
            Ask::Sheets(..) | Ask::Close => Vec::new(),
        }
    }

    /// Does what is asked to its end: for stages and tests, that have no threads.
    pub fn at_once(&mut self, ask: Ask) -> Vec<News> {
        let session = if let Ask::Open(session, _) = &ask { Some(session.clone()) } else { None };
        let mut news = self.answer(ask);
        if let Some(session) = session {
            news.push(match Book::open(&session, &Arc::default()) {
                Ok(Some(book)) => self.take(book, true),
                Ok(None) => News::Failed(NONE.to_owned()),
                Err(error) => News::Failed(error.to_string()),
            });
        }
        while let Some(more) = self.hunt(SIP) {
            news.push(more);
        }
        news
    }

    /// Takes a book in the place of the one before.
    pub fn take(&mut self, book: Book, whole: bool) -> News {
        let list = List::of(&book, whole);
        let found = self.goal.as_ref().and_then(|goal| if let Goal::Record(id) = goal { book.entry_of(id) } else { None });
        // Its entries have other numbers.
        if let Some(hunt) = &mut self.hunt {
            hunt.next = 0;
        }
        (self.book, self.whole) = (Some(book), whole);
        News::List(Box::new(list), found.and_then(|at| u32::try_from(at).ok()))
    }

    fn sheet(&mut self, at: u32) -> Sheet {
        let mut sheet = Sheet::default();
        let Some(book) = &mut self.book else { return sheet };
        if let Err(error) = book.blocks(at as usize, &mut |block| sheet.take(&block)) {
            sheet.pieces.push(Piece::Note(super::sheet::line(&error.to_string())));
        }
        if sheet.pieces.is_empty() {
            sheet.pieces.push(Piece::Note("This record changed since the conversation was opened; open it again to see it.".to_owned()));
        }
        sheet
    }

    /// What is said in these entries; of tools the line that stands for them.
    fn words(&mut self, entries: std::ops::Range<u32>) -> String {
        let mut all = String::new();
        for at in entries {
            for piece in self.sheet(at).pieces {
                let said = match piece {
                    Piece::Prose(text) => text,
                    Piece::Call { did, subject, end, .. } => format!("[{did} {subject}{end}]"),
                    Piece::Attached(name) => format!("[attached: {name}]"),
                    Piece::Thinking(_) | Piece::Note(_) => continue,
                };
                if all.len() + said.len() > COPIED {
                    return all;
                }
                if !all.is_empty() {
                    all.push_str("\n\n");
                }
                all.push_str(&said);
            }
        }
        all
    }

    /// Searches on for a while; `None`: nothing is searched for. In a part of the list nothing is, as it is not yet all.
    pub fn hunt(&mut self, most: Duration) -> Option<News> {
        let (hunt, book) = self.hunt.as_mut().zip(self.book.as_mut().filter(|_| self.whole))?;
        let (began, mut hits) = (Instant::now(), Hits::new());
        let entries = book.entries().len();
        while hunt.next < entries && began.elapsed() < most {
            let at = hunt.next;
            hunt.next += 1;
            let (mut count, needle) = (0_u32, &hunt.needle);
            // What cannot be read now holds nothing that could be shown.
            let read = book.blocks(at, &mut |block| count = count.saturating_add(counted(&block, needle)));
            if read.is_ok() && count > 0 {
                hits.push((u32::try_from(at).unwrap_or(u32::MAX), count));
            }
        }
        let (number, done) = (hunt.number, hunt.next * 1000 / entries.max(1));
        let over = hunt.next >= entries;
        if over {
            self.hunt = None;
        }
        Some(News::Hits(number, hits, (!over).then_some(done as u64)))
    }

    fn hunts(&self) -> bool {
        self.hunt.is_some() && self.whole
    }
}

/// How often a needle stands in a block.
fn counted(block: &Block<'_>, needle: &Needle) -> u32 {
    match block {
        Block::Text(text) | Block::Thinking(text) | Block::Note(text) => needle.count(text),
        Block::Attachment(picture) => needle.count(&picture.name),
        Block::Tool(tool) => {
            let call = tool.call();
            let mut parts = call.parts.iter().map(|part| match part {
                Part::Code { text, .. } if *text == call.subject => 0,
                Part::Code { text, .. } | Part::Prose(text) => needle.count(text),
                Part::Diff(changes) => changes.iter().map(|c| needle.count(&c.old) + needle.count(&c.new)).sum(),
                Part::Json(text) => needle.count(text),
            });
            let rest = call.rest.iter().map(|(_, Field::Text(text) | Field::Json(text))| needle.count(text));
            let answer = tool.answer.as_ref().map_or(0, |a| needle.count(&a.text));
            needle.count(&call.subject) + parts.by_ref().sum::<u32>() + rest.sum::<u32>() + answer
        }
    }
}

fn copy(what: &'static str, text: String) -> News {
    let secrets = Finder::default().find(text.as_bytes()).len();
    News::Copy(what, text, secrets)
}

/// What comes to the thread.
enum In {
    Ask(Ask),
    Whole(Box<crate::error::Result<Option<Book>>>),
}

/// Asks the thread; when it goes, the thread ends.
pub struct Asker(Sender<In>);

impl Asker {
    /// Asks for something.
    pub fn ask(&self, ask: Ask) {
        let _ = self.0.send(In::Ask(ask));
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let _ = self.0.send(In::Ask(Ask::Close));
    }
}

/// Begins to read a conversation; news go to `tell`, until it says that nobody wants them.
pub fn open(session: Session, goal: Option<Goal>, tell: impl Fn(News) -> bool + Send + 'static) -> Asker {
    let (to, from) = channel();
    let back = to.clone();
    std::thread::spawn(move || {
        let meter = Arc::new(Meter::default());
        let served = AssertUnwindSafe(|| serve(&session, goal, &from, back, &meter, &tell));
        if std::panic::catch_unwind(served).is_err() {
            tell(News::Failed("it cannot be read: a fault in the program".to_owned()));
        }
        meter.stop();
    });
    Asker(to)
}

fn serve(session: &Session, goal: Option<Goal>, from: &Receiver<In>, back: Sender<In>, meter: &Arc<Meter>, tell: &impl Fn(News) -> bool) {
    let mut desk = Desk::default();
    if !desk.answer(Ask::Open(Box::new(session.clone()), goal)).into_iter().all(tell) {
        return;
    }
    {
        let (session, meter) = (session.clone(), meter.clone());
        std::thread::spawn(move || {
            let book = std::panic::catch_unwind(|| Book::open(&session, &meter));
            let book =
                book.unwrap_or_else(|_| Err(crate::error::Error::refused("the conversation cannot be read: a fault in the program")));
            let _ = back.send(In::Whole(Box::new(book)));
        });
    }
    let mut listed = false;
    loop {
        let wait = if desk.hunts() {
            Duration::ZERO
        } else if listed {
            Duration::from_hours(1)
        } else {
            TOLD
        };
        let news = match from.recv_timeout(wait) {
            Ok(In::Ask(Ask::Close)) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(In::Ask(ask)) => desk.answer(ask),
            Ok(In::Whole(book)) => {
                listed = true;
                vec![match *book {
                    Ok(Some(book)) => desk.take(book, true),
                    Ok(None) => News::Failed(NONE.to_owned()),
                    Err(error) => News::Failed(error.to_string()),
                }]
            }
            Err(RecvTimeoutError::Timeout) if desk.hunts() => desk.hunt(SIP).into_iter().collect(),
            Err(RecvTimeoutError::Timeout) if listed => Vec::new(),
            Err(RecvTimeoutError::Timeout) => vec![News::Progress(meter.per_mille())],
        };
        if !news.into_iter().all(tell) {
            return;
        }
    }
}
