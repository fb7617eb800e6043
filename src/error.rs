//! One error type: what was being done, where, why it failed, what to do next.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What sort of failure it is; decides the exit code and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The words of the command or the configuration are off (exit 2).
    Usage,
    /// A safety rule said no, or the deed was not confirmed (exit 3).
    Refused,
    /// Work was interrupted after some items (exit 4).
    Interrupted,
    /// The system said no: a file, a folder, a disk (exit 1).
    System,
}

/// A failure with its path, its cause and a hint.
#[derive(Debug)]
pub struct Error {
    /// What sort of failure it is.
    pub kind: Kind,
    /// What failed, as the start of a sentence ("cannot read the record").
    pub what: String,
    /// The path it is about, where there is one.
    pub path: Option<PathBuf>,
    /// The cause underneath, where there is one.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// What to do next, as a sentence.
    pub hint: Option<String>,
}

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of a kind, with nothing but what failed.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), path: None, cause: None, hint: None }
    }

    /// The words of the command or the configuration are off.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// A safety rule said no.
    pub fn refused(what: impl Into<String>) -> Self {
        Self::new(Kind::Refused, what)
    }

    /// The system said no about a path.
    pub fn io(what: impl Into<String>, path: impl AsRef<Path>, cause: io::Error) -> Self {
        Self::new(Kind::System, what).at(path).because(cause)
    }

    /// The same error, about this path.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_path_buf());
        self
    }

    /// The same error, with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same error, with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code this failure ends the program with.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::System => 1,
            Kind::Usage => 2,
            Kind::Refused => 3,
            Kind::Interrupted => 4,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if let Some(path) = &self.path {
            write!(f, ": {}", crate::model::shown(path))?;
        }
        if let Some(cause) = &self.cause {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
