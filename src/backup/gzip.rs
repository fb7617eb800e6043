//! Gzip on several cores, as one member: blocks are deflated side by side, each ended on a byte, and joined in order.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};

/// Bytes that are deflated as one piece.
const BLOCK: usize = 1 << 20;

/// The only gzip header written here (RFC 1952, 2.3): deflate, no flags, no time, unknown system.
pub const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

struct Job {
    data: Vec<u8>,
    last: bool,
    done: SyncSender<io::Result<Done>>,
}

struct Done {
    packed: Vec<u8>,
    crc: Crc,
}

/// A gzip writer that deflates on several threads.
pub struct Gzip<W: Write> {
    out: W,
    block: Vec<u8>,
    jobs: Sender<Job>,
    waiting: VecDeque<Receiver<io::Result<Done>>>,
    at_once: usize,
    crc: Crc,
    size: u64,
}

impl<W: Write> Gzip<W> {
    /// Starts the member and its threads; these end with the writer.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (jobs, inbox) = channel::<Job>();
        let inbox = Arc::new(Mutex::new(inbox));
        for _ in 0..threads {
            let inbox = Arc::clone(&inbox);
            std::thread::Builder::new().name("gzip".into()).spawn(move || {
                // The lock is held only while waiting for the next block.
                while let Some(job) = inbox.lock().ok().and_then(|i| i.recv().ok()) {
                    let _ = job.done.send(deflate(&job.data, job.last));
                }
            })?;
        }
        let waiting = VecDeque::new();
        Ok(Self { out, block: Vec::with_capacity(BLOCK), jobs, waiting, at_once: threads * 2, crc: Crc::new(), size: 0 })
    }

    fn send(&mut self, last: bool) -> io::Result<()> {
        let data = std::mem::replace(&mut self.block, Vec::with_capacity(if last { 0 } else { BLOCK }));
        let (done, result) = sync_channel(1);
        self.jobs.send(Job { data, last, done }).map_err(|_| gone())?;
        self.waiting.push_back(result);
        self.take(if last { 0 } else { self.at_once })
    }

    fn take(&mut self, leave: usize) -> io::Result<()> {
        while self.waiting.len() > leave {
            let Some(next) = self.waiting.pop_front() else { break };
            let done = next.recv().map_err(|_| gone())??;
            self.crc.combine(&done.crc);
            self.size = self.size.wrapping_add(u64::from(done.crc.amount()));
            self.out.write_all(&done.packed)?;
        }
        Ok(())
    }

    /// Ends the member and gives back what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.send(true)?;
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        self.out.write_all(&u32::try_from(self.size & 0xFFFF_FFFF).unwrap_or(0).to_le_bytes())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let take = data.len().min(BLOCK - self.block.len());
        self.block.extend_from_slice(&data[..take]);
        if self.block.len() == BLOCK {
            self.send(false)?;
        }
        Ok(take)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn gone() -> io::Error {
    io::Error::other("a compressing thread ended early")
}

/// One block as raw deflate; every block but the last ends on a byte boundary, so that the next can follow.
fn deflate(data: &[u8], last: bool) -> io::Result<Done> {
    let mut crc = Crc::new();
    crc.update(data);
    let mut deflater = Compress::new(Compression::default(), false);
    let mut packed = Vec::with_capacity(data.len() / 2 + 1024);
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Sync };
    let mut at = 0;
    loop {
        let before = deflater.total_in();
        let status = deflater.compress_vec(&data[at..], &mut packed, flush)?;
        at += usize::try_from(deflater.total_in() - before).unwrap_or(0);
        let room = packed.capacity() > packed.len();
        let done = if last { status == Status::StreamEnd } else { at == data.len() && room };
        if done {
            return Ok(Done { packed, crc });
        }
        packed.reserve(64 << 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn there_and_back(data: &[u8]) -> Vec<u8> {
        let mut gzip = Gzip::new(Vec::new()).unwrap();
        gzip.write_all(data).unwrap();
        let packed = gzip.finish().unwrap();
        let mut rest = packed.as_slice();
        let mut out = Vec::new();
        flate2::bufread::GzDecoder::new(&mut rest).read_to_end(&mut out).unwrap();
        assert!(rest.is_empty(), "one member and nothing after it");
        out
    }

    #[test]
    fn nothing_one_byte_and_many_blocks_come_back_through_a_reader_of_one_member() {
        let mut state = 7_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(3 * BLOCK + 17)
        .collect();
        for data in [&[][..], b"x", &vec![0; 2 * BLOCK], &noise, &noise[..BLOCK]] {
            assert_eq!(there_and_back(data), data);
        }
    }
}
