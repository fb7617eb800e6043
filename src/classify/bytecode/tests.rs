//! Bytecode of real Pythons, and what is put into it.

use super::*;
use crate::demo::{Constant, compiled};
use proptest::prelude::*;
use std::process::Command;
use std::sync::OnceLock;

/// A bit of everything that changes on its way into bytecode.
const SOURCE: &str = r#"from __future__ import annotations
import os.path, re as regular
"""Says what
   it does."""
X = "one" "two" + 'three' % ()
LINE = "-" * 40; BIG = 10 ** 20; HEX = 0xFFFF_FFFF_FFFF_FFFF_FFFF; SMALL = 60 * 60 * 24; TURN = 1.5e-3j
BYTES = b"\x00\xffab\n" rb"\d+"
SIGNS = "\u00e9\ud83d \N{BULLET} 字"
class Thing(object):
    """A thing.

        With an indented line."""
    __slots__ = ("a", "b")
    def method(self, *args, key: "list[int]" = None, **rest) -> dict[str, tuple[int, ...]]:
        """What it
        does."""
        if key in {"x", "y", 3}:
            return f"{self.a!r:>{20}} and {key=} {{}} " "more" f"{'inner'}{rest}"
        try:
            with open(os.path.join("/", *args)) as file: return [l for l in file if l[1:2]]
        except (OSError, ValueError) as e:
            raise KeyError("%s is not %d" % (key, 7)) from e
        finally:
            self.__hidden = lambda n: n + 70000
async def later(values):
    async for v in values:
        yield {k: await v for k in "abc"}
if 1if X else 0: assert X, 'no'
"#;

/// Bytecode of [`SOURCE`] by every Python there is.
fn compiled_here(home: &Path) -> Vec<(String, Vec<u8>)> {
    let source = home.join("thing.py");
    std::fs::write(&source, SOURCE).unwrap();
    let mut pythons: Vec<std::path::PathBuf> = vec!["python3".into()];
    // Those of a manager of versions, where there is one.
    let managed = std::env::var_os("PYENV_ROOT").map(|root| Path::new(&root).join("versions"));
    pythons.extend(managed.and_then(|v| std::fs::read_dir(v).ok()).into_iter().flatten().flatten().map(|e| e.path().join("bin/python3")));
    let compile = "import py_compile,sys; py_compile.compile(sys.argv[1], sys.argv[2], 'thing.py', doraise=True)";
    let mut all = Vec::new();
    for python in pythons {
        let to = home.join("thing.pyc");
        let ran = Command::new(&python).args(["-c", compile]).arg(&source).arg(&to).output();
        match ran {
            Ok(out) if out.status.success() => all.push((python.display().to_string(), std::fs::read(&to).unwrap())),
            _ => println!("skipped: {} compiles nothing here", python.display()),
        }
    }
    let known = |pyc: &[u8]| pyc.first_chunk::<2>().is_some_and(|magic| Python::of(u16::from_le_bytes(*magic)).is_some());
    all.retain(|(name, pyc)| known(pyc) || (println!("skipped: the bytecode of {name} is not known"), false).1);
    all
}

#[test]
fn what_a_python_compiled_is_proven_by_its_source_and_by_no_other() {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join("thing.py");
    for (python, pyc) in compiled_here(home.path()) {
        assert_eq!(adds_nothing(&pyc, SOURCE.as_bytes(), &place), Ok(()), "{python}");
        for (from, to) in [("is not", "is NOT"), ("__slots__", "slots"), ("A thing.", "Things.")] {
            assert!(adds_nothing(&pyc, SOURCE.replacen(from, to, 1).as_bytes(), &place).is_err(), "{python} {from}");
        }
        assert!(adds_nothing(&pyc, SOURCE.as_bytes(), Path::new("other.py")).is_err());
    }
}

const OWN: &str = "A = 'a text'\nB = 700\n";

fn own() -> Vec<u8> {
    compiled("demo/own.py", OWN.len(), 0, &[("A", Constant::Text("a text")), ("B", Constant::Number(700))])
}

#[test]
fn what_is_put_into_bytecode_is_found_wherever_it_is() {
    let (place, pyc) = (Path::new("demo/own.py"), own());
    assert_eq!(adds_nothing(&pyc, OWN.as_bytes(), place), Ok(()));
    let told = |pyc: Vec<u8>| adds_nothing(&pyc, OWN.as_bytes(), place);
    assert!(told([pyc.as_slice(), b"my notes"].concat()).is_err(), "behind it");
    assert!(told([&pyc[..17], b"my notes"].concat()).is_err(), "instead of it");
    for (from, to) in
        [(&b"a text"[..], &b"a note"[..]), (b"\xBC\x02\0\0", b"\xBD\x02\0\0"), (b"own.py", b"her.py"), (b"<module>", b"<meeting")]
    {
        let at = memchr::memmem::find(&pyc, from).unwrap();
        let mut changed = pyc.clone();
        changed[at..at + to.len()].copy_from_slice(to);
        assert!(told(changed).is_err(), "{}", String::from_utf8_lossy(to));
    }
    let bomb = [&pyc[..16], &[b')', 1].repeat(100_000)].concat();
    assert!(told(bomb).is_err(), "one in another without an end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn words_put_into_bytecode_are_found(at in 0..4000_usize, length in 0..40_usize, words in "[a-z]{4,9}( [a-zA-Z]{4,9}){1,6}") {
        static ALL: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
        let all = ALL.get_or_init(|| compiled_here(tempfile::tempdir().unwrap().path()));
        for (pyc, source, place) in all.iter().map(|(_, pyc)| (pyc.clone(), SOURCE, "thing.py")).chain([(own(), OWN, "demo/own.py")]) {
            let at = 16 + at % (pyc.len() - 16);
            let changed = [&pyc[..at], words.as_bytes(), &pyc[(at + length).min(pyc.len())..]].concat();
            prop_assert!(adds_nothing(&changed, source.as_bytes(), Path::new(place)).is_err());
        }
    }

    #[test]
    fn whatever_a_source_or_its_bytecode_is_it_is_read_to_an_end(pyc in proptest::collection::vec(any::<u8>(), 0..200), source in "[a-z'\"{}f\\\\#0-9.e:!=()\n ]{0,80}") {
        let _ = adds_nothing(&[&own()[..16], &[0xE3], &pyc].concat(), source.as_bytes(), Path::new("own.py"));
    }
}

/// Tells of every `.pyc` below `LIFEBOAT_PYC` whether it is proven, with the time it takes.
#[test]
#[ignore = "a measurement: LIFEBOAT_PYC=folder cargo test --lib every_genuine -- --ignored --nocapture"]
fn every_genuine_file_below_a_folder_is_told() {
    let Some(top) = std::env::var_os("LIFEBOAT_PYC") else { return };
    let (mut good, mut bad, mut bytes) = (0, std::collections::BTreeMap::<&str, Vec<String>>::new(), 0);
    let mut took = std::time::Duration::ZERO;
    for entry in walkdir::WalkDir::new(top).into_iter().flatten().filter(|e| e.path().extension().is_some_and(|x| x == "pyc")) {
        let Some(name) = crate::classify::pycache::source_name(entry.path()) else { continue };
        let source = entry.path().parent().unwrap().parent().unwrap().join(name);
        let (Ok(pyc), Ok(text)) = (std::fs::read(entry.path()), std::fs::read(&source)) else { continue };
        bytes += pyc.len() + text.len();
        let from = std::time::Instant::now();
        let place: std::path::PathBuf = source.components().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
        match adds_nothing(&pyc, &text, &place) {
            Ok(()) => good += 1,
            Err(why) => bad.entry(why).or_default().push(entry.path().display().to_string()),
        }
        took += from.elapsed();
    }
    println!("{good} proven, {} not, {bytes} bytes in {took:?}", bad.values().map(Vec::len).sum::<usize>());
    for (why, files) in bad {
        println!("{why}: {}\n  {}", files.len(), files[..files.len().min(6)].join("\n  "));
    }
}
