//! The program in a pseudo-terminal: keys go in, the screen is read back.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a screen may take to show what is waited for, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program and its screen.
pub struct Screen {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Kept open for as long as the program runs.
    _terminal: Box<dyn MasterPty + Send>,
    /// The end of what came, in case a question of the program is cut in two.
    tail: Vec<u8>,
}

impl Screen {
    /// Starts a program in a home, on a screen of this size.
    pub fn start(program: &str, words: &[&str], home: &Path, rows: u16, cols: u16) -> Self {
        let pty = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(words);
        command.env_clear();
        command.env("HOME", home);
        command.env("PATH", "/usr/bin:/bin");
        command.env("TERM", "xterm-256color");
        command.cwd(home);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { parser: vt100::Parser::new(rows, cols, 0), output, keys, child, _terminal: pty.master, tail: Vec::new() }
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// What the screen shows.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Takes in what came; answers where the program asks for the cursor.
    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.tail.extend_from_slice(bytes);
        if self.tail.windows(4).any(|w| w == b"\x1b[6n") {
            let (row, col) = self.parser.screen().cursor_position();
            let answer = format!("\x1b[{};{}R", row + 1, col + 1);
            self.keys(&answer);
            self.tail.clear();
        }
        let keep = self.tail.len().saturating_sub(3);
        self.tail.drain(..keep);
    }

    /// Reads until the screen shows this; fails, showing the screen, when it never does.
    pub fn until(&mut self, what: &str, shows: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !shows(&self.text()) {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Timeout) => panic!("never saw {what}; the screen:\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without {what}; the screen:\n{}", self.text()),
            }
        }
    }

    /// Reads until the screen shows this text.
    pub fn see(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text));
    }

    /// Presses a key again and again, a little apart, until the screen shows this text: a key that counts only after a
    /// moment is not lost that way.
    pub fn press_until(&mut self, key: &str, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.text().contains(text) {
            assert!(Instant::now() < end, "never saw {text}; the screen:\n{}", self.text());
            self.keys(key);
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(400)) {
                self.take(&bytes);
                if self.text().contains(text) {
                    return;
                }
            }
        }
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Whether the program draws on the alternate screen.
    pub fn alternate(&self) -> bool {
        self.parser.screen().alternate_screen()
    }

    /// Reads until the program left the alternate screen.
    pub fn until_left(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.alternate() {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(e) => panic!("the alternate screen was not left ({e}):\n{}", self.text()),
            }
        }
        assert!(!self.parser.screen().hide_cursor(), "the cursor is hidden");
    }

    /// Reads to the end and gives the exit code.
    pub fn ended(mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap().exit_code(),
                Err(RecvTimeoutError::Timeout) => panic!("never ended; the screen:\n{}", self.text()),
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}
