//! Where things are on the screen: plain arithmetic, so that update and view agree.

use crate::tui::app::{App, Pane};
use ratatui::layout::Rect;

/// Columns below which the detail is a page of its own.
pub const NARROW: u16 = 90;
const HEAD: u16 = 4;
const FOOT: u16 = 3;

/// Rows above a conversation.
pub const READER_HEAD: u16 = 2;
/// Columns beside it: the cursor, and the bar.
const READER_SIDES: u16 = 4;

/// Columns and rows there are for a conversation.
pub fn reader(size: (u16, u16)) -> (usize, usize) {
    (usize::from(size.0.saturating_sub(READER_SIDES)), usize::from(size.1.saturating_sub(READER_HEAD + FOOT)))
}

/// Whether nothing useful fits.
pub fn too_small(size: (u16, u16)) -> bool {
    size.0 < 60 || size.1 < 15
}

/// The body between header and footer.
pub fn body(size: (u16, u16)) -> Rect {
    Rect::new(0, HEAD.min(size.1), size.0, size.1.saturating_sub(HEAD + FOOT))
}

/// The tree's and the detail's parts of the body; on a narrow screen one of them.
pub fn panes(app: &App) -> (Option<Rect>, Option<Rect>) {
    let body = body(app.size);
    if app.size.0 < NARROW {
        return if app.pane == Pane::Tree { (Some(body), None) } else { (None, Some(inset(body))) };
    }
    let left = (body.width * 61 / 100).min(110);
    let right = body.width - left - 1;
    (Some(Rect { width: left, ..body }), Some(inset(Rect { x: body.x + left + 1, width: right, ..body })))
}

fn inset(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Rows of the tree that are on the screen.
pub fn tree_height(app: &App) -> usize {
    usize::from(body(app.size).height)
}

/// Whether the detail can be seen.
pub fn shows_detail(app: &App) -> bool {
    panes(app).1.is_some()
}
