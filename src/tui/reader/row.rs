//! A row of the reader: what stands on it, and what a key does there.

/// How a part of a row is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Words.
    Plain,
    /// About the words: labels, marks, what was folded.
    Faint,
    /// Words set apart; headings.
    Strong,
    /// Code.
    Code,
    /// Who speaks.
    Speaker,
    /// A line that was put in.
    Added,
    /// A line that was taken out.
    Gone,
    /// What failed.
    Bad,
}

/// A part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it is meant.
    pub tone: Tone,
    /// Whether a search found it.
    pub found: bool,
    /// Its text.
    pub text: String,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Blank,
    /// Who speaks.
    Heading,
    /// The line of something folded or unfolded.
    Fold {
        /// Whether it is unfolded.
        open: bool,
    },
    /// What is said.
    Text,
    /// Code, in the block of this number within its piece.
    Code(u16),
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// The piece of the entry that it belongs to.
    pub piece: u16,
    /// What stands on it.
    pub parts: Vec<Part>,
}

impl Row {
    /// A row without text.
    pub fn blank(piece: u16) -> Self {
        Self { kind: Kind::Blank, piece, parts: Vec::new() }
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.parts.iter().map(|p| p.text.as_str()).collect()
    }

    /// Whether a search found something on it.
    pub fn is_found(&self) -> bool {
        self.parts.iter().any(|p| p.found)
    }
}
