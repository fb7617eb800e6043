//! The number that has to be typed before things go that exist only here.

use tui_input::Input;

/// Whether it was typed, where one is needed; the first call asks for it. `Err` says what is wrong with it.
pub fn typed(typing: &mut Option<Input>, number: usize, of: &str) -> Result<bool, String> {
    match typing {
        None if number > 0 => {
            *typing = Some(Input::default());
            Ok(false)
        }
        Some(typed) if typed.value().trim() != number.to_string() => Err(format!("type {number}, the number of {of} in this plan, then Y")),
        _ => Ok(true),
    }
}
