//! What a message changes, and what it asks for. No disk, no threads, no terminal.

mod acts;
mod keys;
mod lists;
mod moves;
mod news;
mod plan;
mod pointer;
pub mod reader;
mod seek;

pub use lists::found;

use super::app::{App, Screen};
use super::msg::{Effect, Msg};
use super::preview;

/// Takes a message in.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(key, at) => {
            app.clock = at;
            keys::key(app, key)
        }
        Msg::Mouse(event, at) => {
            app.clock = at;
            pointer::mouse(app, event)
        }
        Msg::Paste(at) => {
            app.clock = at;
            app.say("pasted text is ignored: keys are commands here", true);
            Vec::new()
        }
        Msg::Resize(columns, rows) => {
            app.size = (columns, rows);
            if let Screen::Plan(screen) = &mut app.screen {
                screen.columns = columns.into();
                screen.step(0);
            }
            app.scroll();
            reader::resized(app);
            Vec::new()
        }
        Msg::Seek(news) => seek::news(app, news),
        Msg::Reader(ticket, news) => reader::news(app, ticket, news),
        other => news::news(app, other),
    };
    effects.extend(want_preview(app));
    effects.extend(reader::wanted(app));
    effects
}

/// Asks for the preview of the row under the cursor, once, when it can be seen.
fn want_preview(app: &mut App) -> Option<Effect> {
    let key = app.current();
    let seen = matches!(app.screen, Screen::Main) && super::view::layout::shows_detail(app);
    if !seen || key == app.previewing {
        return None;
    }
    app.detail_top = 0;
    app.preview = None;
    app.previewing = key;
    app.ticket += 1;
    preview::request(app.ticket, key?.node()?, &app.catalog).map(Effect::Preview)
}
