//! What is missing from a conversation, counted, and said in sentences.

/// Counts of what is known to be missing.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Lines that are no records.
    pub bad_lines: u64,
    /// Lines longer than can be read.
    pub too_long: u64,
    /// The last line breaks off.
    pub torn: bool,
    /// Tool answers the app cleared.
    pub cleared: u64,
    /// Tool calls without an answer.
    pub unanswered: u64,
    /// It begins with a compaction.
    pub starts_compacted: bool,
    /// Its first record follows one that is not there.
    pub starts_late: bool,
    /// Pictures and documents the log left out.
    pub left_out: u64,
    /// Further sentences.
    pub others: Vec<String>,
}

impl Gaps {
    /// The sentences; none where nothing is known to be missing.
    pub fn sentences(mut self) -> Vec<String> {
        let mut all = Vec::new();
        if self.starts_compacted {
            all.push("what was said before the first compaction is not in the file".to_owned());
        } else if self.starts_late {
            all.push("the beginning is not in the file".to_owned());
        }
        all.extend(counted(self.bad_lines, "line could not be read", "lines could not be read"));
        all.extend(counted(self.too_long, "line was too long to be read", "lines were too long to be read"));
        if self.torn {
            all.push("the last line breaks off in the middle".to_owned());
        }
        all.extend(counted(self.cleared, "tool result cleared by the app", "tool results cleared by the app"));
        all.extend(counted(self.unanswered, "tool call has no answer", "tool calls have no answer"));
        all.extend(counted(
            self.left_out,
            "picture or document left out by the audit log",
            "pictures or documents left out by the audit log",
        ));
        all.append(&mut self.others);
        all
    }
}

/// "1 thing", "2 things", nothing for none.
pub fn counted(n: u64, one: &str, many: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{n} {many}")),
    }
}
