//! The terminal: taken, given back, and given back also when something goes wrong.

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, BufWriter, Stdout, Write};

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
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
    if mouse {
        execute!(io::stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

fn leave() {
    let mut out = io::stdout();
    let _ = execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

#[cfg(unix)]
fn stop_process() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
fn stop_process() {}

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
