//! A stream that is written to without asking after each line.

use std::io::{self, BufWriter, Write};

/// Remembers the first failure and writes no more after it.
pub(super) struct Out {
    to: BufWriter<Box<dyn Write>>,
    failed: Option<io::Error>,
}

impl Out {
    pub(super) fn new(to: Box<dyn Write>) -> Self {
        Self { to: BufWriter::new(to), failed: None }
    }

    /// Writes text as it is.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes bytes as they are: a name for another program.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.to.write_all(bytes).err();
        }
    }

    /// Writes what is waiting.
    pub(super) fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.to.flush().err();
        }
    }

    /// Ends the stream; a reader that went away is success.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.flush();
        match self.failed {
            Some(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
            _ => Ok(()),
        }
    }
}
