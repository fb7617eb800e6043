//! The loop: draws, reads keys, pumps the scan, and carries out what `update` asks for.

use super::Options;
use super::app::App;
use super::ending::Ending;
use super::msg::{Effect, Msg, Sought};
use super::reader::desk::{self, Ask, Asker, News};
use super::work::Job;
use super::{planner, preview, seek, terminal, update, view, work};
use crate::error::{Error, Result};
use crate::find::Query;
use crate::model::{Quiet, Stop};
use crate::preflight::machine;
use crate::scan::{self, Phase, Scan};
use crate::tested::Tested;
use crate::world::World;
use crate::{brief, lifecycle, platform, tending, vault};
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two frames while something runs: ten a second.
const FRAME: Duration = Duration::from_millis(100);
/// How long the scan's news are taken in before keys are looked at again.
const SIP: Duration = Duration::from_millis(6);
/// A nap while nothing runs.
const IDLE: Duration = Duration::from_millis(250);

/// Opens the interface.
pub fn run(world: World, scan: scan::Options, options: Options) -> Result<()> {
    ratatui::crossterm::style::force_color_output(options.colour);
    let sorry = |e: io::Error| Error::io("cannot use the terminal", "stdout", e).hint("try `lifeboat scan`");
    let taken = terminal::Taken::new(options.mouse).map_err(sorry)?;
    Runner::new(world, scan, options, taken).and_then(Runner::live).map_err(sorry)
}

struct Runner {
    app: App,
    screen: terminal::Screen,
    taken: terminal::Taken,
    start: Instant,
    scan: Option<Scan>,
    options: scan::Options,
    to: Sender<Msg>,
    from: Receiver<Msg>,
    previews: Sender<preview::Request>,
    reader: Option<Asker>,
    seek: Option<Sender<Query>>,
    stop: Stop,
    deed: Option<JoinHandle<()>>,
    /// Whether another scan begins when this one ends.
    again: bool,
    quit: bool,
    /// Whether the system told us to end.
    told: Arc<AtomicBool>,
    ending: Ending,
}

impl Runner {
    fn new(world: World, options: scan::Options, how: Options, taken: terminal::Taken) -> io::Result<Self> {
        let (to, from) = channel();
        let previews = previewer(to.clone());
        let mut app = App::new(world, how);
        if !options.roots.is_empty() {
            app.roots.clone_from(&options.roots);
        }
        let screen = terminal::screen()?;
        let size = screen.size()?;
        app.size = (size.width, size.height);
        Ok(Self {
            app,
            screen,
            taken,
            start: Instant::now(),
            scan: None,
            options,
            to,
            from,
            previews,
            reader: None,
            seek: None,
            stop: Stop::default(),
            deed: None,
            again: false,
            quit: false,
            told: terminal::told_to_end(),
            ending: Ending::default(),
        })
    }

    /// Runs to the end; whichever way it comes, the work stops after the item in hand.
    fn live(mut self) -> io::Result<()> {
        self.ending.watch(self.told.clone());
        let ended = self.cycle();
        self.ending.over();
        if let Some(scan) = &self.scan {
            scan.stop();
        }
        if ended.is_err() || self.told.load(Ordering::SeqCst) {
            self.stop.stop();
        }
        if let Some(deed) = self.deed.take() {
            let _ = deed.join();
        }
        ended
    }

    fn cycle(&mut self) -> io::Result<()> {
        self.draw()?;
        self.first_steps();
        let mut drawn = Instant::now();
        while !self.quit && !self.told.load(Ordering::SeqCst) {
            let busy = self.scan.is_some() || self.deed.is_some() || self.filtering() || self.app.planning;
            let pumped = self.pump()?;
            // What is on its way comes in a moment; nobody should wait for it longer than that.
            let waits = self.app.reading.as_ref().is_some_and(|r| r.waits()) || self.app.seek.as_ref().is_some_and(|s| s.waits);
            let nap = if pumped || self.filtering() {
                Duration::ZERO
            } else if waits {
                Duration::from_millis(4)
            } else if busy {
                Duration::from_millis(20)
            } else {
                IDLE
            };
            let mut now = self.events(nap)?;
            while let Ok(msg) = self.from.try_recv() {
                now |= !matches!(msg, Msg::Progress(_) | Msg::Reader(_, News::Progress(_)));
                self.take(msg)?;
            }
            let tick = Msg::Tick(self.start.elapsed(), self.app.world.now());
            self.take(tick)?;
            if now
                || drawn.elapsed() >= if busy { FRAME } else { Duration::from_secs(1) }
                || self.app.toast.is_some() && drawn.elapsed() >= FRAME
            {
                self.draw()?;
                drawn = Instant::now();
            }
        }
        Ok(())
    }

    fn filtering(&self) -> bool {
        self.app.filter.as_ref().is_some_and(|f| f.is_pending(&self.app.catalog))
    }

    fn draw(&mut self) -> io::Result<()> {
        let app = &self.app;
        terminal::draw(&mut self.screen, |frame| view::view(app, frame))
    }

    /// What begins after the first frame: the scan, the journal, the free space.
    fn first_steps(&mut self) {
        self.scan = Some(Scan::start(&self.app.world, self.options.clone()));
        let read_only = self.app.options.read_only;
        self.aside(move |world| {
            if read_only {
                return vec![history(world), tested(world)];
            }
            vault::set_aside(world);
            let said = lifecycle::recover(world).unwrap_or_else(|e| vec![e.to_string()]);
            let gone = lifecycle::expire(world).unwrap_or_else(|e| Some(format!("what is old in the vault could not be removed: {e}")));
            [Some(Msg::Recovered(said)), gone.map(Msg::Expired), Some(history(world)), Some(tested(world))].into_iter().flatten().collect()
        });
        self.free();
    }

    /// Takes in the scan's news. The first scan fills what is shown; a later one is shown when it is done.
    fn pump(&mut self) -> io::Result<bool> {
        let Some(scan) = &mut self.scan else { return Ok(false) };
        let first = !self.app.rescanning;
        let phase = if first {
            let Some(shown) = Arc::get_mut(&mut self.app.catalog) else { return Ok(false) };
            std::mem::swap(shown, &mut scan.catalog);
            let phase = scan.pump(SIP);
            std::mem::swap(shown, &mut scan.catalog);
            phase
        } else {
            scan.pump(SIP)
        };
        let ended = matches!(phase, Phase::Done | Phase::Stopped);
        let news = if first { Msg::Scanned(phase, scan.elapsed()) } else { Msg::Rescanning(phase) };
        self.app.elapsed = scan.elapsed();
        let catalog = ended.then(|| std::mem::take(&mut scan.catalog));
        if ended {
            self.scan = None;
        }
        let mut effects = update::update(&mut self.app, news);
        if let Some(catalog) = catalog.filter(|_| !first) {
            effects.extend(update::update(&mut self.app, Msg::Rescanned(Arc::new(catalog))));
        }
        if ended && std::mem::take(&mut self.again) {
            effects.push(Effect::Rescan);
        }
        self.carry(effects)?;
        Ok(true)
    }

    /// Waits for keys so long at most, then takes in all there are; gives whether there were any.
    fn events(&mut self, nap: Duration) -> io::Result<bool> {
        let mut any = false;
        let mut wait = nap;
        while event::poll(wait)? {
            wait = Duration::ZERO;
            any = true;
            let at = self.start.elapsed();
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => self.take(Msg::Key(key, at))?,
                Event::Mouse(mouse) => self.take(Msg::Mouse(mouse, at))?,
                Event::Paste(_) => self.take(Msg::Paste(at))?,
                Event::FocusGained => self.take(Msg::Focus(true))?,
                Event::FocusLost => self.take(Msg::Focus(false))?,
                Event::Resize(columns, rows) => self.take(Msg::Resize(columns, rows))?,
                Event::Key(_) => {}
            }
            if self.quit {
                break;
            }
        }
        Ok(any)
    }

    fn take(&mut self, msg: Msg) -> io::Result<()> {
        if matches!(msg, Msg::Finished(_))
            && let Some(deed) = self.deed.take()
        {
            let _ = deed.join();
        }
        let effects = update::update(&mut self.app, msg);
        self.carry(effects)
    }

    fn carry(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Quit => self.quit = true,
                Effect::Suspend => {
                    self.taken.suspend()?;
                    self.repaint()?;
                }
                Effect::Repaint => self.repaint()?,
                Effect::StopScan => {
                    if let Some(scan) = &self.scan {
                        scan.stop();
                    }
                }
                Effect::Rescan => self.rescan(),
                Effect::StopWork => self.stop.stop(),
                Effect::Plan(chosen) => {
                    let catalog = self.app.catalog.clone();
                    self.aside(move |world| {
                        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| planner::plan(world, &catalog, &chosen)));
                        vec![Msg::Planned(made.unwrap_or_else(|_| Err("no plan: a fault in the program".into())))]
                    });
                }
                Effect::Machine => {
                    let catalog = self.app.catalog.clone();
                    self.aside(move |world| {
                        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| machine::plan(world, &catalog)));
                        vec![Msg::Planned(made.map_err(|_| "no plan: a fault in the program".to_owned()))]
                    });
                }
                Effect::Rescue(chosen) => {
                    let catalog = self.app.catalog.clone();
                    self.aside(move |world| {
                        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| planner::rescue(world, &catalog, &chosen)));
                        vec![Msg::Rescued(made.unwrap_or_else(|_| Err("no plan: a fault in the program".into())))]
                    });
                }
                Effect::Propose(verb, sessions) => {
                    let catalog = self.app.catalog.clone();
                    self.aside(move |world| {
                        let ask = || tending::propose(world, &catalog, verb, &sessions, &Quiet);
                        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask));
                        let made = made.unwrap_or_else(|_| Err(Error::usage("no plan: a fault in the program")));
                        vec![Msg::Proposed(made.map_err(|e| e.hint.as_ref().map_or(e.to_string(), |hint| format!("{e}; {hint}"))))]
                    });
                }
                Effect::Seek(Sought::Open) => {
                    let to = self.to.clone();
                    let told = move |news| to.send(Msg::Seek(news)).is_ok();
                    self.seek = Some(seek::start(self.app.world.clone(), self.options.clone(), told));
                }
                Effect::Seek(Sought::Ask(query)) => {
                    if let Some(ask) = &self.seek {
                        let _ = ask.send(*query);
                    }
                }
                Effect::Seek(Sought::Close) => self.seek = None,
                Effect::Brief(sessions) => {
                    let catalog = self.app.catalog.clone();
                    self.aside(move |world| {
                        let ask = || brief::of(world, &catalog, &brief::About::Sessions(sessions), brief::USUAL);
                        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask));
                        let made = made.unwrap_or_else(|_| Err(Error::usage("no brief: a fault in the program")));
                        vec![Msg::Page("Brief, to begin the next session with", made.map(|b| b.markdown()).map_err(|e| e.to_string()))]
                    });
                }
                Effect::WritePlan(plan) => self.aside(move |world| {
                    let json = serde_json::to_vec_pretty(&*plan).map_err(|e| e.to_string());
                    vec![Msg::Wrote("the plan", json.and_then(|json| write(world, "plans", "plan", "json", &json)))]
                }),
                Effect::WriteList(lines) => self.aside(move |world| {
                    vec![Msg::Wrote("the list", write(world, "lists", "errors", "txt", (lines.join("\n") + "\n").as_bytes()))]
                }),
                Effect::Room(to) => self.aside(move |_| vec![Msg::Room(platform::free_space(&to).ok().map(|f| f.0))]),
                Effect::Notify(line) => terminal::notify(&mut self.screen, &line)?,
                Effect::History => self.aside(|world| vec![history(world), tested(world)]),
                Effect::Free => self.free(),
                Effect::Preview(request) => {
                    let _ = self.previews.send(request);
                }
                Effect::Read(ticket, ask) => self.read(ticket, ask),
                Effect::Clip(text) => terminal::clip(&mut self.screen, &text)?,
                Effect::Start(deed) => self.begin(Job::Safe(deed)),
                Effect::Carry(confirmed) => self.begin(Job::Confirmed(confirmed)),
            }
        }
        Ok(())
    }

    fn read(&mut self, ticket: u64, ask: Ask) {
        match ask {
            Ask::Open(session, goal) => {
                let to = self.to.clone();
                self.reader = Some(desk::open(*session, goal, move |news| to.send(Msg::Reader(ticket, news)).is_ok()));
            }
            Ask::Close => self.reader = None,
            other => self.reader.iter().for_each(|reader| reader.ask(other.clone())),
        }
    }

    fn begin(&mut self, job: Job) {
        if self.deed.is_some() {
            return;
        }
        self.stop = Stop::default();
        let (world, catalog) = (self.app.world.clone(), self.app.catalog.clone());
        let alive = self.ending.begin(self.stop.clone());
        self.deed = Some(work::start(job, world, catalog, (self.stop.clone(), alive), self.to.clone()));
    }

    fn rescan(&mut self) {
        if self.scan.is_some() {
            self.again = true;
            return;
        }
        self.app.rescanning = true;
        self.scan = Some(Scan::start(&self.app.world, self.options.clone()));
    }

    /// Draws every cell anew without asking the terminal where its cursor is, which a waiting key would answer.
    fn repaint(&mut self) -> io::Result<()> {
        use ratatui::backend::Backend;
        self.screen.backend_mut().clear()?;
        self.screen.swap_buffers();
        self.draw()
    }

    /// Does something off the interface's thread and takes in what it has to say.
    fn aside(&self, work: impl FnOnce(&World) -> Vec<Msg> + Send + 'static) {
        let (world, to) = (self.app.world.clone(), self.to.clone());
        std::thread::spawn(move || {
            for msg in work(&world) {
                let _ = to.send(msg);
            }
        });
    }

    fn free(&self) {
        self.aside(|world| vec![Msg::Free(platform::free_space(&world.home).ok())]);
    }
}

fn history(world: &World) -> Msg {
    Msg::History(lifecycle::history(world).map_err(|e| e.to_string()))
}

fn tested(world: &World) -> Msg {
    Msg::Tested(Tested::read(world))
}

/// Writes something beside the journal, under a name of its own.
fn write(world: &World, folder: &str, name: &str, ending: &str, bytes: &[u8]) -> std::result::Result<PathBuf, String> {
    let dir = world.state_dir.join(folder);
    let path = dir.join(format!("{name}-{}.{ending}", world.new_id()));
    let written = std::fs::create_dir_all(&dir).and_then(|()| std::fs::write(&path, bytes));
    written.map(|()| path.clone()).map_err(|e| Error::io("cannot write it", &path, e).to_string())
}

/// A thread that loads previews, always the one asked for last.
fn previewer(to: Sender<Msg>) -> Sender<preview::Request> {
    let (ask, asked) = channel::<preview::Request>();
    std::thread::spawn(move || {
        while let Ok(mut request) = asked.recv() {
            while let Ok(newer) = asked.try_recv() {
                request = newer;
            }
            let loaded = std::panic::catch_unwind(|| preview::load(&request)).unwrap_or_default();
            if to.send(Msg::Preview(request.ticket, loaded)).is_err() {
                return;
            }
        }
    });
    ask
}
