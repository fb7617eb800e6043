//! The plan and the purge: only `Y` goes on, everything else goes back or stays.

use crate::tui::app::{App, Screen};
use crate::tui::commands::Id;
use crate::tui::confirm::Confirmed;
use crate::tui::msg::Effect;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::backend::crossterm::EventHandler;

/// A key in the plan.
pub fn press(app: &mut App, id: Id) -> Vec<Effect> {
    let page = isize::try_from(app.size.1).unwrap_or(1).saturating_sub(10).max(1);
    let Screen::Plan(screen) = &mut app.screen else { return Vec::new() };
    match id {
        Id::Up => screen.step(-1),
        Id::Down => screen.step(1),
        Id::PageUp => screen.step(-page),
        Id::PageDown => screen.step(page),
        Id::Unfold => screen.unfold(None),
        Id::Fold => screen.unfold(Some(false)),
        Id::ToggleBackup => {
            screen.backup = !screen.backup;
            if !screen.backup && screen.at_risk() > 0 {
                app.say("no backup: what is at risk will be in the vault only, and gone when it is emptied", true);
            }
        }
        Id::Write => return vec![Effect::WritePlan(Box::new(screen.plan.clone()))],
        Id::Back => app.back(),
        Id::Yes => return yes(app),
        _ => {}
    }
    Vec::new()
}

/// The key that means yes, where a number may have to be typed first.
fn yes(app: &mut App) -> Vec<Effect> {
    let answer = match &mut app.screen {
        Screen::Plan(screen) => screen.yes(app.clock),
        Screen::Tend(screen) => screen.yes(app.clock),
        _ => Ok(None),
    };
    agreed(app, answer)
}

/// A key in the plan of what makes sessions take less room.
pub fn tend(app: &mut App, id: Id) -> Vec<Effect> {
    let page = isize::try_from(app.size.1).unwrap_or(1).saturating_sub(10).max(1);
    let Screen::Tend(screen) = &mut app.screen else { return Vec::new() };
    match id {
        Id::Up => screen.step(-1),
        Id::Down => screen.step(1),
        Id::PageUp => screen.step(-page),
        Id::PageDown => screen.step(page),
        Id::Back => app.back(),
        Id::Yes => return yes(app),
        _ => {}
    }
    Vec::new()
}

/// Carries out what was agreed to, or says why not.
fn agreed(app: &mut App, answer: Result<Option<Confirmed>, String>) -> Vec<Effect> {
    match answer {
        Err(why) => {
            app.say(why, true);
            Vec::new()
        }
        Ok(None) => Vec::new(),
        Ok(Some(confirmed)) => {
            app.back();
            app.marks.clear();
            vec![Effect::Carry(confirmed)]
        }
    }
}

/// A key in the plan in three columns.
pub fn three(app: &mut App, id: Id) -> Vec<Effect> {
    let page = isize::try_from(app.size.1).unwrap_or(1).saturating_sub(10).max(1);
    let Screen::Three(screen) = &mut app.screen else { return Vec::new() };
    match id {
        Id::Up => screen.step(-1),
        Id::Down => screen.step(1),
        Id::PageUp => screen.step(-page),
        Id::PageDown => screen.step(page),
        Id::Unfold => screen.unfold(None),
        Id::Fold => screen.unfold(Some(false)),
        Id::Write => return vec![Effect::WritePlan(Box::new(screen.rescue.plan.clone()))],
        Id::Back => app.back(),
        Id::Yes => {
            let answer = screen.yes(app.clock);
            return agreed(app, answer);
        }
        _ => {}
    }
    Vec::new()
}

/// A key while the number of things at risk is typed. `Enter` does nothing; `Y` carries on when the number is right.
pub fn typed(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let Some(typing) = app.typing() else { return Vec::new() };
    match key.code {
        KeyCode::Esc => *typing = None,
        KeyCode::Char('Y') => return yes(app),
        KeyCode::Char('q' | 'n') => app.back(),
        KeyCode::Enter => app.say("Enter does nothing here: Y carries the plan out, Esc goes back", false),
        KeyCode::Char(c) if !c.is_ascii_digit() => {}
        _ => {
            if let Some(input) = typing {
                input.handle_event(&Event::Key(key));
            }
        }
    }
    Vec::new()
}

/// A key in the purge.
pub fn purge(app: &mut App, id: Id) -> Vec<Effect> {
    let Screen::Purge(screen) = &app.screen else { return Vec::new() };
    match id {
        Id::Back => app.back(),
        Id::Yes => {
            if let Some(confirmed) = screen.yes(app.clock) {
                app.back();
                return vec![Effect::Carry(confirmed)];
            }
        }
        _ => {}
    }
    Vec::new()
}
