//! Moving about: in the tree, and in the detail when it has the keys.

use crate::tui::app::{App, Pane};
use crate::tui::commands::Id;
use crate::tui::rows::{Grouping, Sort};
use crate::tui::view::layout;

/// A move in the tree.
pub fn tree(app: &mut App, id: Id) {
    let page = isize::try_from(layout::tree_height(app)).unwrap_or(1).max(1);
    match id {
        Id::Up => app.tree.step(-1),
        Id::Down => app.tree.step(1),
        Id::PageUp => app.tree.step(-page),
        Id::PageDown => app.tree.step(page),
        Id::HalfUp => app.tree.step(-(page / 2).max(1)),
        Id::HalfDown => app.tree.step((page / 2).max(1)),
        Id::First => app.tree.cursor = 0,
        Id::Last => app.tree.cursor = app.tree.rows.len().saturating_sub(1),
        Id::Right => right(app),
        Id::Left => left(app),
        Id::Open => enter(app),
        Id::Pane => app.pane = if app.pane == Pane::Tree { Pane::Detail } else { Pane::Tree },
        Id::Regroup => regroup(app),
        Id::Sort => {
            let next = match app.tree.sort {
                Sort::Size => Sort::Age,
                Sort::Age => Sort::Class,
                Sort::Class => Sort::Name,
                Sort::Name => Sort::Count,
                Sort::Count => Sort::Due,
                Sort::Due => Sort::Size,
            };
            app.tree.order_by(next);
            app.rebuild();
        }
        _ => {}
    }
    app.scroll();
}

fn right(app: &mut App) {
    let (tree, source) = app.tree_and_source();
    if tree.open(&source) {
        return;
    }
    let inside = tree.rows.get(tree.cursor + 1).zip(tree.current()).is_some_and(|(next, row)| next.depth > row.depth);
    if inside {
        tree.step(1);
    } else if app.current().is_some() {
        app.pane = Pane::Detail;
    }
}

fn left(app: &mut App) {
    let (tree, source) = app.tree_and_source();
    if !tree.close(&source) {
        tree.go_up();
    }
}

fn enter(app: &mut App) {
    let (tree, source) = app.tree_and_source();
    if !tree.close(&source) && !tree.open(&source) && tree.current().is_some() {
        app.pane = Pane::Detail;
    }
}

/// The other grouping, with the cursor on the same thing where it can be.
fn regroup(app: &mut App) {
    let was = app.current();
    app.tree.grouping = match app.tree.grouping {
        Grouping::Class => Grouping::Session,
        Grouping::Session => Grouping::Life,
        Grouping::Life => Grouping::Class,
    };
    let wanted = was.and_then(|key| super::acts::twin(app, key));
    app.rebuild();
    if let Some(at) = wanted.and_then(|key| app.tree.rows.iter().position(|r| r.key == key)) {
        app.tree.cursor = at;
    }
}

/// A move while the detail has the keys; gives whether it was one.
pub fn detail(app: &mut App, id: Id) -> bool {
    let page = layout::tree_height(app).max(2);
    let top = app.detail_top;
    app.detail_top = match id {
        Id::Up => top.saturating_sub(1),
        Id::Down => top + 1,
        Id::PageUp => top.saturating_sub(page - 1),
        Id::PageDown => top + page - 1,
        Id::HalfUp => top.saturating_sub(page / 2),
        Id::HalfDown => top + page / 2,
        Id::First => 0,
        Id::Last => usize::MAX / 2,
        Id::Left | Id::Pane => {
            app.pane = Pane::Tree;
            top
        }
        Id::Right | Id::Open => top,
        _ => return false,
    };
    app.detail_top = app.detail_top.min(crate::tui::view::detail::most_scroll(app));
    true
}
