//! Proof that Python bytecode holds nothing that its source does not.
//!
//! Python's lists of files have no hash of bytecode, and a header that names the source can be put before anything. So
//! the whole file is read as `marshal` writes it, every byte of it: one code object, whose names, texts and numbers are
//! all to be found in the source, whose instructions are some of that Python's, and whose tables fit them. What the
//! instructions do is not compared; no more than they can be in there. What cannot be proven in this way is at risk.

mod code;
mod fields;
mod known;
mod lexer;
mod literal;
mod marshal;
mod number;
mod opcodes;
#[cfg(test)]
mod tests;

use known::Known;
use opcodes::Python;
use std::path::Path;

/// How long a file's header is.
const HEADER: usize = 16;

/// Whether a `.pyc`, header and all, holds nothing but what follows from its source. `place` is the end of the path that
/// the source was compiled by.
pub fn adds_nothing(pyc: &[u8], source: &[u8], place: &Path) -> Result<(), &'static str> {
    let (header, rest) = pyc.split_at_checked(HEADER).ok_or("its header could not be read")?;
    let magic = header.first_chunk::<2>().map_or(0, |magic| u16::from_le_bytes(*magic));
    let python = Python::of(magic).ok_or("it was compiled by a Python whose bytecode is not known here")?;
    let known = Known::read(source).ok_or("its source could not be read as Python")?;
    marshal::read(rest, python, &known, place)
}
