//! The lines at both ends of a transcript, as far as a session's facts need them. Whole transcripts are never read here.

use crate::platform;
use crate::stores::ends::end_of;
use serde_json::Value;
use std::io::{self, Read};
use std::path::Path;

/// How much of each end is read; the client looks for a title in as much.
const END: u64 = 64 << 10;

/// The whole lines at both ends of a file, in their order.
pub fn ends(root: &Path, path: &Path) -> io::Result<Vec<Value>> {
    let (last, all) = end_of(root, path, 2 * END)?;
    if all {
        return Ok(parsed(&last));
    }
    let mut first = Vec::new();
    platform::open_beneath(root, path)?.take(END).read_to_end(&mut first)?;
    // What stands before the first line break of the end began earlier.
    let whole = last.iter().position(|b| *b == b'\n').and_then(|at| last.get(at..)).unwrap_or_default();
    let mut lines = parsed(&first);
    lines.extend(parsed(whole));
    Ok(lines)
}

/// Each line that is a JSON object; others, the one that was cut included, are passed over.
fn parsed(text: &[u8]) -> Vec<Value> {
    text.split(|b| *b == b'\n').filter_map(|line| read(line.trim_ascii())).collect()
}

/// A line without what is long and of no use here. A crash may leave zeros before it.
fn read(line: &[u8]) -> Option<Value> {
    let at = line.iter().position(|b| *b != 0)?;
    serde_json::from_slice::<Value>(line.get(at..)?).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_long_file_are_read_and_no_line_twice_or_cut() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.jsonl");
        for count in [3_usize, 1_200, 4_000, 40_000] {
            let line = |n: usize| format!("{{\"n\":{n},\"pad\":\"{}\"}}\n", "x".repeat(n % 70));
            let text = (0..count).map(line).collect::<Vec<_>>().concat();
            std::fs::write(&path, text).unwrap();
            let read: Vec<u64> = ends(home.path(), &path).unwrap().iter().map(|l| l["n"].as_u64().unwrap()).collect();
            assert!(read.windows(2).all(|w| w[0] < w[1]), "{count}");
            assert_eq!((read.first(), read.last()), (Some(&0), Some(&(count as u64 - 1))), "{count}");
            assert!(read.len() < 12_000);
        }
    }

    #[test]
    fn what_a_crash_leaves_is_passed_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.jsonl");
        std::fs::write(&path, b"\0\0\0{\"n\":1}\nnot json\n[]\n\xff\xfe\n{\"n\":2}\n{\"n\":3").unwrap();
        let read: Vec<u64> = ends(home.path(), &path).unwrap().iter().map(|l| l["n"].as_u64().unwrap()).collect();
        assert_eq!(read, [1, 2]);
    }
}
