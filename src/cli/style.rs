//! Colour, where it is wanted: flag, configuration, `NO_COLOR`, `CLICOLOR_FORCE`, terminal.

use crate::model::Class;
use crate::world::World;

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// On a terminal that has colours.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether words are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// Words are coloured.
    pub(super) colour: bool,
}

impl Style {
    /// Flag, then configuration, then environment, then terminal.
    pub(super) fn of(flag: Option<When>, config: Option<When>, world: &World, terminal: bool) -> Self {
        let colour = match flag.or(config).unwrap_or(When::Auto) {
            When::Always => true,
            When::Never => false,
            When::Auto if world.var("NO_COLOR").is_some() => false,
            When::Auto if world.var("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
            When::Auto => terminal && world.var("TERM").is_none_or(|t| t != "dumb"),
        };
        Self { colour }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A class: its sign and words.
    pub(super) fn class(self, class: Class, text: &str) -> String {
        let code = match class {
            Class::AtRisk => "31",
            Class::Flushed => "32",
            Class::Rebuildable => "36",
        };
        self.paint(code, text)
    }

    /// What went wrong.
    pub(super) fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    /// A heading.
    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// What matters less.
    pub(super) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}
