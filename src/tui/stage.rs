//! The interface without a terminal: keys in, frames out. What pictures and benches are made with.

use super::app::App;
use super::msg::{Effect, Msg};
use super::reader::desk::Desk;
use super::{Options, planner, preview, update, view};
use crate::model::Catalog;
use crate::scan::Phase;
use crate::tested::Tested;
use crate::world::World;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use std::sync::Arc;
use std::time::Duration;

/// The interface on a stage: the same state, update and view as on a terminal. Plans, previews and readings are made at once;
/// deeds are not carried out.
pub struct Stage {
    app: App,
    clock: Duration,
    desk: Desk,
}

impl Stage {
    /// The interface showing what a scan found.
    pub fn new(world: World, options: Options, catalog: Catalog, size: (u16, u16)) -> Self {
        let mut app = App::new(world, options);
        app.size = size;
        app.catalog = Arc::new(catalog);
        let mut stage = Self { app, clock: Duration::from_secs(1), desk: Desk::default() };
        stage.take(Msg::History(Ok(Vec::new())));
        stage.take(Msg::Tested(Tested::read(&stage.app.world)));
        stage.take(Msg::Scanned(Phase::Done, Duration::from_millis(400)));
        stage
    }

    /// Says how many bytes are free, and in all.
    pub fn free(&mut self, free: u64, all: u64) {
        self.take(Msg::Free(Some((free, all))));
    }

    /// Presses a key; a second passes before it.
    pub fn press(&mut self, code: KeyCode) {
        self.clock += Duration::from_secs(1);
        self.take(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE), self.clock));
    }

    /// Presses a character's key.
    pub fn key(&mut self, c: char) {
        self.press(KeyCode::Char(c));
    }

    /// Rows that are visible when scrolled to.
    pub fn rows(&self) -> usize {
        self.app.tree.rows.len()
    }

    /// Lets unhurried work, such as a filter over many names, go on until there is none; gives how long the longest
    /// portion of it took.
    pub fn settle(&mut self) -> Duration {
        let mut longest = Duration::ZERO;
        while self.app.filter.as_ref().is_some_and(|f| f.is_pending(&self.app.catalog)) {
            self.clock += Duration::from_millis(10);
            let began = std::time::Instant::now();
            self.take(Msg::Tick(self.clock, self.app.world.now()));
            longest = longest.max(began.elapsed());
        }
        longest
    }

    fn take(&mut self, msg: Msg) {
        let mut waiting = vec![msg];
        while let Some(msg) = waiting.pop() {
            for effect in update::update(&mut self.app, msg) {
                match effect {
                    Effect::Plan(chosen) => waiting.push(Msg::Planned(planner::plan(&self.app.world, &self.app.catalog, &chosen))),
                    Effect::Rescue(chosen) => waiting.push(Msg::Rescued(planner::rescue(&self.app.world, &self.app.catalog, &chosen))),
                    Effect::Preview(request) => waiting.push(Msg::Preview(request.ticket, preview::load(&request))),
                    Effect::Read(ticket, ask) => {
                        waiting.extend(self.desk.at_once(ask).into_iter().rev().map(|news| Msg::Reader(ticket, news)));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The frame as it would stand on the screen.
    pub fn frame(&self) -> Buffer {
        let area = Rect::new(0, 0, self.app.size.0, self.app.size.1);
        let mut buffer = Buffer::empty(area);
        view::draw(&self.app, area, &mut buffer);
        buffer
    }
}
