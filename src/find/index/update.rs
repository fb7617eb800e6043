//! Brings the index up to what is on disk: only what was written since is read.

use super::super::known::Known;
use super::block::{self, Block};
use crate::error::{Error, Kind};
use crate::model::{Progress, ScanError, Watch, to_bytes};
use crate::platform;
use crate::transcript::{Stand, Thread};
use rusqlite::{Connection, OptionalExtension, Statement, Transaction, params};
use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// So many bytes before the place that was read up to tell whether a file only grew.
const TAIL: u64 = 4096;

/// After so many bytes of words what was done so far is kept, whatever comes.
const PORTION: usize = 24 << 20;

/// What an update did.
#[derive(Debug, Default)]
pub struct Updated {
    /// Bytes of files that were read.
    pub read: u64,
    /// Files that were read, all or some of them.
    pub files: u64,
    /// Files that are gone, and left the index.
    pub gone: u64,
    /// What could not be read.
    pub failed: Vec<ScanError>,
    /// Stopped before its end.
    pub stopped: bool,
}

/// A file to be read.
struct Job<'k> {
    thread: &'k Thread,
    path: PathBuf,
    stand: Stand,
    /// Its place in the index, where it is there.
    id: Option<i64>,
    /// Where reading begins; what the index has of it from there on is left out.
    from: u64,
}

/// What a reader gives to the one that writes.
enum News {
    Block(usize, Block),
    /// All of a file was read, up to a place.
    Done(usize, u64, Vec<u8>),
    Failed(usize, Error),
}

/// What is known of a file in the index.
struct Row {
    id: i64,
    stand: Stand,
    read: u64,
    tail: Vec<u8>,
}

/// Brings the index up to date with these sessions. What the index has of others stays while their files are there.
pub fn update(sql: &mut Connection, known: &[Known], watch: &dyn Watch) -> rusqlite::Result<Updated> {
    let mut updated = Updated::default();
    let mut rows = rows(sql)?;
    let mut jobs = Vec::new();
    for thread in known.iter().flat_map(|k| &k.threads) {
        let path = thread.path();
        let row = rows.remove(&path);
        jobs.extend(job(sql, thread, path, row.as_ref())?);
    }
    let holders: HashSet<PathBuf> = known.iter().flat_map(|k| &k.threads).filter_map(|t| holder(&t.path())).collect();
    let gone: Vec<i64> = rows.iter().filter(|(path, _)| is_gone(path, &holders)).map(|(_, row)| row.id).collect();
    if !gone.is_empty() {
        forget(sql, &gone)?;
        updated.gone = gone.len() as u64;
    }
    // The latest first: that is what is asked for first.
    jobs.sort_by_key(|job| std::cmp::Reverse(job.stand.mtime_ns));
    read(sql, &jobs, watch, &mut updated)?;
    Ok(updated)
}

fn rows(sql: &Connection) -> rusqlite::Result<HashMap<PathBuf, Row>> {
    let mut all = sql.prepare("SELECT id, path, size, mtime, read, tail FROM thread")?;
    let row = |row: &rusqlite::Row<'_>| {
        let path = PathBuf::from(crate::model::from_bytes(&row.get::<_, Vec<u8>>(1)?));
        let number = |n| row.get::<_, i64>(n).map(i64::cast_unsigned);
        let stand = Stand { size: number(2)?, mtime_ns: row.get(3)? };
        Ok((path, Row { id: row.get(0)?, stand, read: number(4)?, tail: row.get(5)? }))
    };
    all.query_map([], row)?.collect()
}

/// What is to be read of a file; `None`: nothing.
fn job<'k>(sql: &Connection, thread: &'k Thread, path: PathBuf, row: Option<&Row>) -> rusqlite::Result<Option<Job<'k>>> {
    let Some(stand) = thread.stand() else { return Ok(None) };
    let Some(row) = row else { return Ok(Some(Job { thread, path, stand, id: None, from: 0 })) };
    if row.stand == stand {
        return Ok(None);
    }
    let grew = thread.grows() && stand.size >= row.read && tail(&path, row.read).is_some_and(|tail| tail == row.tail);
    // The last block may have room for more.
    let last = "SELECT start FROM block WHERE thread=?1 ORDER BY start DESC LIMIT 1";
    let last = || sql.query_row(last, [row.id], |row| row.get::<_, i64>(0)).optional();
    let from = if !grew {
        0
    } else if stand.size == row.read {
        row.read
    } else {
        last()?.map_or(row.read, i64::cast_unsigned)
    };
    Ok(Some(Job { thread, path, stand, id: Some(row.id), from }))
}

/// The last bytes before a place, hashed.
fn tail(path: &Path, read: u64) -> Option<Vec<u8>> {
    let mut file = platform::open_beneath(path.parent()?, path).ok()?;
    let from = read.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    file.take(read - from).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == read - from).then(|| blake3::hash(&bytes).as_bytes()[..16].to_vec())
}

/// The database that rows are in.
fn holder(path: &Path) -> Option<PathBuf> {
    path.to_str()?.split_once("!/session/").map(|(database, _)| PathBuf::from(database))
}

/// Whether what belongs to no session that is known is gone from the disk: a file that is not there, rows of a database that is not
/// there or whose other sessions are known.
fn is_gone(path: &Path, holders: &HashSet<PathBuf>) -> bool {
    match holder(path) {
        Some(database) => holders.contains(&database) || platform::facts(&database).is_err(),
        None => platform::facts(path).is_err(),
    }
}

/// Takes files out of the index, and their words.
fn forget(sql: &mut Connection, threads: &[i64]) -> rusqlite::Result<()> {
    let change = sql.transaction()?;
    for thread in threads {
        drop_blocks(&change, *thread, 0)?;
        change.execute("DELETE FROM thread WHERE id=?1", [thread])?;
    }
    change.commit()?;
    // Words of a block that is gone stay until what they stand in is written again.
    sql.execute_batch(
        "INSERT INTO said(said) VALUES('optimize'); INSERT INTO more(more) VALUES('optimize'); PRAGMA wal_checkpoint(TRUNCATE)",
    )
}

/// Drops the blocks of a file from a place on.
fn drop_blocks(change: &Transaction<'_>, thread: i64, from: u64) -> rusqlite::Result<()> {
    let place = params![thread, from.cast_signed()];
    for table in ["said", "more"] {
        change.execute(&format!("DELETE FROM {table} WHERE rowid IN (SELECT id FROM block WHERE thread=?1 AND start>=?2)"), place)?;
    }
    change.execute("DELETE FROM block WHERE thread=?1 AND start>=?2", place).map(drop)
}

/// Reads files in as many threads as there are processors, and writes what they give.
fn read(sql: &mut Connection, jobs: &[Job<'_>], watch: &dyn Watch, updated: &mut Updated) -> rusqlite::Result<()> {
    let total: u64 = jobs.iter().map(|job| job.stand.size.saturating_sub(job.from)).sum();
    let next = AtomicUsize::new(0);
    let readers = std::thread::available_parallelism().map_or(2, usize::from).min(jobs.len());
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(64);
        for _ in 0..readers {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || reader(jobs, next, &send));
        }
        drop(send);
        let outcome = write(sql, jobs, &receive, (watch, total), updated);
        // Readers end at their next block once nobody takes it.
        next.store(jobs.len(), Ordering::Relaxed);
        drop(receive);
        outcome
    })
}

fn reader(jobs: &[Job<'_>], next: &AtomicUsize, send: &SyncSender<News>) {
    while let Some((number, job)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, jobs.get(n)?))) {
        let gone = || Error::new(Kind::Interrupted, "nobody wants it any more");
        let mut give = |block| send.send(News::Block(number, block)).map_err(|_| gone());
        let news = match block::read(job.thread, job.from, &mut give) {
            Ok(end) => News::Done(number, end, tail(&job.path, end).filter(|_| job.thread.grows()).unwrap_or_default()),
            Err(e) => News::Failed(number, e),
        };
        if send.send(news).is_err() {
            return;
        }
    }
}

fn write(
    sql: &mut Connection,
    jobs: &[Job<'_>],
    news: &Receiver<News>,
    (watch, total): (&dyn Watch, u64),
    updated: &mut Updated,
) -> rusqlite::Result<()> {
    let mut ids: HashMap<usize, i64> = HashMap::new();
    let mut over = false;
    while !over {
        let change = sql.transaction()?;
        let mut adding = Adding::of(&change)?;
        let mut words = 0;
        while words < PORTION {
            let Ok(one) = news.recv() else {
                over = true;
                break;
            };
            let (News::Block(number, _) | News::Done(number, ..) | News::Failed(number, _)) = &one;
            let Some(job) = jobs.get(*number) else { continue };
            let id = match ids.get(number) {
                Some(id) => *id,
                None => *ids.entry(*number).or_insert(begin(&change, job)?),
            };
            match one {
                News::Block(_, block) => {
                    words += block.said.len() + block.more.len();
                    updated.read += block.end - block.start;
                    adding.add(id, &block)?;
                }
                News::Done(_, end, tail) => {
                    updated.files += 1;
                    let stand = params![id, job.stand.size.cast_signed(), job.stand.mtime_ns, end.cast_signed(), tail];
                    change.execute("UPDATE thread SET size=?2, mtime=?3, read=?4, tail=?5 WHERE id=?1", stand)?;
                }
                News::Failed(_, e) => updated.failed.push(ScanError { path: job.path.clone(), error: e.to_string() }),
            }
            if watch.stopped() {
                (over, updated.stopped) = (true, true);
                break;
            }
        }
        drop(adding);
        change.commit()?;
        let progress = Progress { verb: "Indexing", files: updated.files, files_total: Some(jobs.len() as u64), ..Progress::default() };
        watch.at(&Progress { bytes: updated.read, bytes_total: Some(total), ..progress });
    }
    Ok(())
}

/// A file's place in the index, with nothing from where reading begins. Until all of it was read it stands as one that is not.
fn begin(change: &Transaction<'_>, job: &Job<'_>) -> rusqlite::Result<i64> {
    if let Some(id) = job.id {
        drop_blocks(change, id, job.from)?;
        change.execute("UPDATE thread SET size=-1, mtime=0, read=?2, tail=x'' WHERE id=?1", params![id, job.from.cast_signed()])?;
        return Ok(id);
    }
    let path = to_bytes(job.path.as_os_str());
    change.execute("INSERT OR REPLACE INTO thread(path, size, mtime, read, tail) VALUES(?1, -1, 0, 0, x'')", [path.as_ref()])?;
    Ok(change.last_insert_rowid())
}

/// Adds blocks.
struct Adding<'c> {
    block: Statement<'c>,
    said: Statement<'c>,
    more: Statement<'c>,
}

impl<'c> Adding<'c> {
    fn of(change: &'c Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            block: change.prepare("INSERT INTO block(thread, start, end, first, last) VALUES(?1, ?2, ?3, ?4, ?5)")?,
            said: change.prepare("INSERT INTO said(rowid, words) VALUES(?1, ?2)")?,
            more: change.prepare("INSERT INTO more(rowid, words) VALUES(?1, ?2)")?,
        })
    }

    fn add(&mut self, thread: i64, block: &Block) -> rusqlite::Result<()> {
        let (first, last) = block.said_at.unzip();
        let [first, last] = [first, last].map(|at| at.map(jiff::Timestamp::as_millisecond));
        let id = self.block.insert(params![thread, block.start.cast_signed(), block.end.cast_signed(), first, last])?;
        for (to, words) in [(&mut self.said, &block.said), (&mut self.more, &block.more)] {
            if !words.is_empty() {
                to.execute(params![id, words])?;
            }
        }
        Ok(())
    }
}
