//! Makes an opencode database of the shape of those that fill disks, to measure with: `big_opencode FILE MEGABYTES [HUGE_MEGABYTES]`.
#![allow(clippy::print_stderr, clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a tool for measuring")]

#[path = "../tests/common/opencode.rs"]
mod made;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let (Some(file), Some(megabytes)) = (words.get(1), words.get(2).and_then(|n| n.parse::<u64>().ok())) else {
        eprintln!("big_opencode FILE MEGABYTES [HUGE_MEGABYTES]");
        std::process::exit(2);
    };
    let huge = words.get(3).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0) << 20;
    // A session of twenty turns with outputs of 20 kB, each part and message ten times as events: about 4.9 MB.
    let shape = made::Shape { turns: 20, output: 20_000, snapshots: 10, huge, days: 1, ..made::Shape::default() };
    let sessions = megabytes.saturating_sub(huge as u64 >> 20) * 10 / 49;
    made::make(std::path::Path::new(file), made::Shape { sessions: (sessions as u32).max(7), ..shape });
}
