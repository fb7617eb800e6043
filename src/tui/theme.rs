//! Roles of style on the terminal's own sixteen colours, and the few signs that have an ASCII twin.

use crate::model::Class;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// How things look. Every role reads on a light and on a dark background; none says anything by colour alone.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Only ASCII signs.
    pub ascii: bool,
}

const PLAIN: Style = Style::new();

#[expect(clippy::unused_self, reason = "roles are asked of the theme, so that there can be another")]
impl Theme {
    /// Plain text.
    pub fn text(self) -> Style {
        PLAIN
    }
    /// What stands back: rules, hints, units.
    pub fn faint(self) -> Style {
        PLAIN.add_modifier(Modifier::DIM)
    }
    /// A heading.
    pub fn heading(self) -> Style {
        PLAIN.add_modifier(Modifier::BOLD)
    }
    /// The product's name.
    pub fn brand(self) -> Style {
        PLAIN.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }
    /// A key to press.
    pub fn key(self) -> Style {
        PLAIN.add_modifier(Modifier::BOLD)
    }
    /// The row under the cursor.
    pub fn selected(self) -> Style {
        PLAIN.add_modifier(Modifier::REVERSED)
    }
    /// The row under the cursor while the other pane has the keys.
    pub fn selected_away(self) -> Style {
        PLAIN.add_modifier(Modifier::UNDERLINED)
    }
    /// A mark and the line that counts marks.
    pub fn mark(self) -> Style {
        PLAIN.fg(Color::Magenta).add_modifier(Modifier::BOLD)
    }
    /// A deed that went well.
    pub fn good(self) -> Style {
        PLAIN.fg(Color::Green).add_modifier(Modifier::BOLD)
    }
    /// What did not go, or would hurt.
    pub fn bad(self) -> Style {
        PLAIN.fg(Color::Red).add_modifier(Modifier::BOLD)
    }
    /// What matched the filter.
    pub fn found(self) -> Style {
        PLAIN.add_modifier(Modifier::BOLD).add_modifier(Modifier::UNDERLINED)
    }
    /// Who speaks in a conversation.
    pub fn speaker(self) -> Style {
        PLAIN.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }
    /// Code among words.
    pub fn code(self) -> Style {
        PLAIN.fg(Color::Magenta)
    }
    /// A class.
    pub fn class(self, class: Class) -> Style {
        match class {
            Class::AtRisk => PLAIN.fg(Color::Red),
            Class::Flushed => PLAIN.fg(Color::Cyan),
            Class::Rebuildable => PLAIN.fg(Color::Green),
        }
    }
}

impl Theme {
    /// One of two spellings of a sign.
    pub fn sign(self, pretty: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { pretty }
    }
    /// What stands where text was cut.
    pub fn cut(self) -> &'static str {
        self.sign("…", "..")
    }
    /// Between two facts on a line.
    pub fn dot(self) -> &'static str {
        self.sign("·", "-")
    }
    /// A text with its pretty signs spelled in ASCII where that is asked for.
    pub fn spell(self, text: &str) -> String {
        if !self.ascii {
            return text.to_owned();
        }
        let twin = |c: char| match c {
            '·' | '—' | '─' | '•' => "-".to_owned(),
            '│' => "|".to_owned(),
            '▸' => ">".to_owned(),
            '▾' => "v".to_owned(),
            '…' => "..".to_owned(),
            '→' => "->".to_owned(),
            '←' => "<-".to_owned(),
            '×' => "x".to_owned(),
            '↑' => "up".to_owned(),
            '↓' => "down".to_owned(),
            _ => c.to_string(),
        };
        text.chars().map(twin).collect()
    }

    /// A bar of `columns` columns filled to `part` of `whole`, without its ends.
    pub fn bar(self, part: u64, whole: u64, columns: usize) -> String {
        let eighths = if whole == 0 { 0 } else { (u128::from(part.min(whole)) * columns as u128 * 8).div_ceil(u128::from(whole)) };
        let eighths = usize::try_from(eighths).unwrap_or(0);
        let (full, rest) = (eighths / 8, eighths % 8);
        if self.ascii {
            return format!("{:<columns$}", "#".repeat(full + usize::from(rest > 0 && full == 0)));
        }
        let last = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(rest).copied().unwrap_or_default();
        let mut out = "█".repeat(full);
        out.push_str(last);
        super::text::pad(&out, columns, true)
    }
}

/// Takes every colour out of what was drawn; bold, dim, underline and reverse video stay. With `NO_COLOR` the
/// terminal layer writes a colour change as a full reset, which would cancel reverse video; so no cell may have one.
pub fn strip_colours(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        cell.fg = Color::Reset;
        cell.bg = Color::Reset;
        cell.underline_color = Color::Reset;
    }
}
