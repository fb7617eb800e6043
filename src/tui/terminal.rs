//! The terminal: taken, given back, and given back also when something goes wrong.

use base64::Engine;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange, EnableMouseCapture,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The terminal that is drawn on.
pub type Screen = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

/// Takes the terminal. While this lives it is ours; when it goes, by whichever way, it is given back.
pub struct Taken {
    mouse: bool,
}

impl Taken {
    /// Takes it.
    pub fn new(mouse: bool) -> io::Result<Self> {
        enter(mouse)?;
        let main = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A deed's thread that fails is reported on the screen; only the interface's own end gives the terminal back.
            if std::thread::current().id() == main {
                leave();
                before(info);
            }
        }));
        Ok(Self { mouse })
    }

    /// Gives the terminal to the shell until it wakes us.
    pub fn suspend(&self) -> io::Result<()> {
        leave();
        stop_process();
        enter(self.mouse)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        leave();
        if !std::thread::panicking() {
            let _ = std::panic::take_hook();
        }
    }
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
    if mouse {
        execute!(io::stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back as it was.
pub fn leave() {
    let mut out = io::stdout();
    let _ =
        execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

#[cfg(unix)]
fn stop_process() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
fn stop_process() {}

/// A flag that is up once the system told us to end: by closing the terminal, by `kill`, at shutdown.
pub fn told_to_end() -> Arc<AtomicBool> {
    let told = Arc::new(AtomicBool::new(false));
    for signal in ENDING {
        let _ = signal_hook::flag::register(*signal, told.clone());
    }
    told
}

#[cfg(unix)]
const ENDING: &[i32] = &[signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT];
#[cfg(not(unix))]
const ENDING: &[i32] = &[signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];

/// Rings, and sends a short text to terminals that show such (OSC 9). The text must hold no control characters.
pub fn notify(screen: &mut Screen, text: &str) -> io::Result<()> {
    let out = screen.backend_mut();
    write!(out, "\x1b]9;lifeboat: {text}\x07\x07")?;
    out.flush()
}

/// Puts text on the clipboard of the terminal, wherever that runs (OSC 52).
pub fn clip(screen: &mut Screen, text: &str) -> io::Result<()> {
    let out = screen.backend_mut();
    write!(out, "\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text))?;
    out.flush()
}

/// A screen to draw on.
pub fn screen() -> io::Result<Screen> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout())))
}

/// Draws in one go, so that no half frame is seen.
pub fn draw(screen: &mut Screen, view: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
    execute!(screen.backend_mut(), BeginSynchronizedUpdate)?;
    screen.draw(view)?;
    execute!(screen.backend_mut(), EndSynchronizedUpdate)
}
