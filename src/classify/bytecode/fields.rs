//! What a code object is made of, in the order `marshal` writes it.

use super::opcodes::Python;

/// One part of a code object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// How many there are of something.
    Count,
    /// Flags, one bit each.
    Flags,
    /// The line it begins in.
    FirstLine,
    /// Its instructions.
    Code,
    /// A tuple of constants.
    Constants,
    /// The names it uses that are not its own.
    Names,
    /// Names of its own: of variables, and of what is shared with functions around or within it.
    Locals,
    /// What sort each name of its own is of.
    Kinds,
    /// The path of its source.
    Path,
    /// What it is called.
    Name,
    /// Which instruction comes from which line.
    Lines,
    /// Where exceptions are handled.
    Exceptions,
}

/// The fields of this Python's code objects.
pub fn of(python: Python) -> &'static [Field] {
    use Field::{Code, Constants, Count, Exceptions, FirstLine, Flags, Kinds, Lines, Locals, Name, Names, Path};
    const BEFORE_3_11: &[Field] =
        &[Count, Count, Count, Count, Count, Flags, Code, Constants, Names, Locals, Locals, Locals, Path, Name, FirstLine, Lines];
    const SINCE_3_11: &[Field] =
        &[Count, Count, Count, Count, Flags, Code, Constants, Names, Locals, Kinds, Path, Name, Name, FirstLine, Lines, Exceptions];
    if python.minor < 11 { BEFORE_3_11 } else { SINCE_3_11 }
}
