//! What becomes of a session, in columns: whose it is, archived or in use, when its tool removes it.

use crate::model::SessionIx;
use crate::tui::app::App;
use crate::tui::text;
use jiff::Timestamp;
use ratatui::style::Style;

/// Columns of one session, as many as the width has room for, each with its style.
pub fn columns(app: &App, ix: SessionIx, width: usize) -> Vec<(String, Style)> {
    let theme = app.theme();
    let Some(session) = app.catalog.sessions.get(ix.index()) else { return Vec::new() };
    let mut out = Vec::new();
    if width >= 90 {
        let tool = session.store.map_or("", |s| app.catalog.store(s).title);
        out.push((text::pad(tool, 14, true), theme.faint()));
    }
    let any = |what: fn(&crate::model::Session) -> bool| app.catalog.sessions.iter().any(what);
    let state = match (&session.live, session.archived) {
        (Some(_), _) => "in use",
        (None, true) => "archived",
        (None, false) => "",
    };
    let (words, soon) = session.deadline.map_or((String::new(), false), |at| (until(app.now, at), is_soon(app.now, at)));
    let style = if soon { theme.class(crate::model::Class::AtRisk) } else { theme.faint() };
    let (states, deadlines) = (any(|s| s.live.is_some() || s.archived), any(|s| s.deadline.is_some()));
    if width < 80 && states && deadlines {
        // Where there is room for one of them: what is to go soon, else the state, else what is to go later.
        let (words, style) = if soon || state.is_empty() { (words, style) } else { (state.to_owned(), theme.text()) };
        out.push((text::pad(&words, 13, true), style));
        return out;
    }
    if width >= 60 && states {
        out.push((text::pad(state, 9, true), theme.text()));
    }
    if width >= 48 && deadlines {
        out.push((text::pad(&words, 14, true), style));
    }
    out
}

/// How long a session still has, in words.
pub fn until(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.as_second() - now.as_second();
    match seconds {
        ..=0 => "goes any time".into(),
        1..86_400 => "goes today".into(),
        _ => format!("goes in {} d", seconds / 86_400),
    }
}

/// Whether that is within a week.
pub fn is_soon(now: Timestamp, at: Timestamp) -> bool {
    at.as_second() - now.as_second() < 7 * 86_400
}
