//! Python's `__pycache__`: bytecode beside its sources.

use super::bytecode;
use super::rule::{Findings, Judged, Unit, WorkRule};
use crate::model::{Facts, Kind, Stop};
use crate::platform::Times;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Python's `__pycache__`.
pub struct PyCache;

impl WorkRule for PyCache {
    fn id(&self) -> &'static str {
        "work/pycache"
    }

    fn group(&self) -> &'static str {
        "Python bytecode"
    }

    fn candidate(&self, name: &[u8], inside: &[&[u8]]) -> bool {
        name == b"__pycache__" && inside.iter().any(|n| n.ends_with(b".pyc"))
    }

    fn check(&self, unit: &Unit, stop: &Stop) -> Judged {
        let mut findings = Findings::new(unit);
        let Some(folder) = unit.path.parent() else { return findings.nothing("it lies in no folder") };
        let says = vec!["each file names the size and time of the source beside it, and holds no word that the source does not".into()];
        let ours = findings.rebuildable(says, "Python compiles it again when the source is imported", folder.to_path_buf());
        for entry in unit.entries.iter().filter(|e| e.kind != Kind::Dir) {
            if stop.is_stopped() {
                break;
            }
            let source = source_name(&entry.path).map(|name| unit.ground.facts(&folder.join(name)));
            let told = match source {
                Some(Ok(source)) if entry.kind == Kind::File && !entry.sealed => {
                    let name = PathBuf::from(source_name(&entry.path).unwrap_or_default());
                    let (path, source_path) = (unit.path.join(&entry.path), folder.join(&name));
                    let open = |path: &Path| unit.ground.open(path);
                    let times = |path: &Path| unit.ground.times(path);
                    header_matches(open(&path), &source)
                        .and_then(|()| written_once(times(&path), times(&source_path)))
                        .and_then(|()| adds_nothing(open(&path), open(&source_path).and_then(whole), &name))
                }
                Some(Err(_)) => Err("its source is gone; only this compiled form is left"),
                _ => Err("not bytecode that Python makes here"),
            };
            match told {
                Ok(()) => findings.give(entry.id, ours),
                Err(why) => findings.at_risk(entry.id, why),
            }
        }
        findings.done()
    }
}

/// Whether a `.pyc` is as it was made: Python never writes into one, it puts a new file in its place. Where the system
/// does not tell when a file came to be, nothing speaks against it.
pub fn written_once(pyc: io::Result<Times>, source: io::Result<Times>) -> Result<(), &'static str> {
    const AT_ONCE: i64 = 1_000_000_000;
    let (Ok(own), source) = (pyc, source.ok()) else { return Err("it could not be looked at") };
    let Some((changed, born)) = own.changed.zip(own.born) else { return Ok(()) };
    // Its source changed with it: both were given other rights or another owner.
    let together = source.and_then(|s| s.changed).is_some_and(|s| s.abs_diff(changed) < AT_ONCE.unsigned_abs());
    if together || changed.saturating_sub(born) <= AT_ONCE { Ok(()) } else { Err("it was changed after Python made it") }
}

/// Whether a `.pyc` holds nothing but what follows from its source; `place` is the end of the source's path.
pub fn adds_nothing(pyc: io::Result<impl Read>, source: io::Result<Vec<u8>>, place: &Path) -> Result<(), &'static str> {
    let pyc = pyc.and_then(whole).map_err(|_| "it could not be read")?;
    bytecode::adds_nothing(&pyc, &source.map_err(|_| "its source could not be read")?, place)
}

/// A file's bytes, if they are not too many.
fn whole(file: impl Read) -> io::Result<Vec<u8>> {
    const LARGEST: u64 = 64 << 20;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// The source a `.pyc` name belongs to: `stem.cpython-311.opt-1.pyc` → `stem.py` (PEP 3147, PEP 488).
pub fn source_name(pyc: &Path) -> Option<String> {
    let name = pyc.file_name()?.to_str()?.strip_suffix(".pyc")?;
    let (head, tag) = name.rsplit_once('.')?;
    let (stem, tag) = if tag.starts_with("opt-") { head.rsplit_once('.')? } else { (head, tag) };
    (tag.contains("cpython-") || tag.contains("pypy")).then(|| format!("{stem}.py"))
}

/// Whether a `.pyc` was compiled from the source as it is now. Header: magic (4, ends CR LF), flags (4), source time
/// and size (4 each, modulo 2^32), or a hash when flag bit 0 is set (PEP 552). Code follows.
pub fn header_matches(pyc: io::Result<impl Read>, source: &Facts) -> Result<(), &'static str> {
    let mut header = [0u8; 17];
    pyc.and_then(|mut f| f.read_exact(&mut header)).map_err(|_| "its header could not be read")?;
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if header[2..4] != *b"\r\n" {
        return Err("it does not begin like Python bytecode");
    }
    if word(4) & 1 == 1 {
        return Err("it names its source by a hash that is not known here, not by its time and size");
    }
    // A code object, as `marshal` writes it, alone or to be referred to again.
    if header[16] & 0x7f != b'c' {
        return Err("it holds no compiled code");
    }
    let seconds = source.mtime_ns.div_euclid(1_000_000_000).rem_euclid(1 << 32);
    if i64::from(word(8)) == seconds && u64::from(word(12)) == source.size % (1 << 32) {
        Ok(())
    } else {
        Err("it was compiled from another version of its source than the one beside it")
    }
}
