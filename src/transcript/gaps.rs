//! What is missing from a conversation, counted, and said in sentences.

use super::fill::Fill;
use super::index::{BadLine, Index};

/// Counts of what is known to be missing.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Lines that are no records.
    pub bad_lines: u64,
    /// Lines longer than can be read.
    pub too_long: u64,
    /// The first of either.
    pub bad: Vec<BadLine>,
    /// Records of a database, or files of one record each, that could not be read.
    pub lost: u64,
    /// Records that were there at the first reading and not at the second.
    pub changed: u64,
    /// The last line breaks off.
    pub torn: bool,
    /// Records that follow one that is not there.
    pub orphans: u64,
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
    /// Long outputs of which the tool itself kept a part.
    pub cut: u64,
    /// Long outputs whose files are gone.
    pub outputs_gone: u64,
    /// Sub-agents without a file.
    pub agents: u64,
    /// Why nothing but the audit log is read.
    pub only: Option<String>,
    /// Further sentences.
    pub others: Vec<String>,
}

impl Gaps {
    /// Adds what the first reading of a file found.
    pub fn of_file(&mut self, index: &Index) {
        self.bad_lines += index.bad_lines.0;
        self.too_long += index.bad_lines.1;
        self.bad.extend(&index.bad);
        self.lost += index.lost;
        self.torn |= index.torn;
        self.orphans += index.orphans;
        self.starts_compacted |= index.starts_compacted;
        self.starts_late |= index.starts_late;
    }

    /// Adds that another file fills gaps.
    pub fn of_fill(&mut self, fill: &Fill<'_>) {
        if fill.begins {
            (self.starts_late, self.starts_compacted) = (false, false);
        }
        self.others.extend(counted(
            fill.records,
            "record is gone from the transcript and stands here from the audit log, which holds less",
            "records are gone from the transcript and stand here from the audit log, which holds less",
        ));
    }

    /// Adds that there is only the audit log.
    pub fn of_audit(&mut self, silent: bool) {
        let why = if silent { "the transcript says nothing" } else { "the transcript is gone" };
        self.only = Some(format!("{why}; this is from the audit log, which holds less"));
        let agents = std::mem::take(&mut self.agents);
        self.others.extend(counted(agents, "sub-agent is not in the audit log", "sub-agents are not in the audit log"));
    }

    /// Adds what is known of a session's transcripts: whether the one read is the one named, and how many others there are.
    pub fn of_transcripts(&mut self, named: bool, others: u64) {
        let mut before = Vec::new();
        if !named {
            before.push("the transcript that the record names is gone; this is another one of the session".to_owned());
        }
        before.extend(counted(others, "other transcript beside this one is not in it", "other transcripts beside this one are not in it"));
        self.others.splice(0..0, before);
    }

    /// The sentences; none where nothing is known to be missing.
    pub fn sentences(mut self) -> Vec<String> {
        let mut all: Vec<String> = self.only.take().into_iter().collect();
        if self.starts_compacted {
            all.push("what was said before the first compaction is not in the file".to_owned());
        } else if self.starts_late {
            all.push("the beginning is not in the file".to_owned());
        }
        all.extend(counted(self.bad_lines, "line could not be read", "lines could not be read").map(|s| s + &self.places(false)));
        all.extend(
            counted(self.too_long, "line was too long to be read", "lines were too long to be read").map(|s| s + &self.places(true)),
        );
        if self.torn {
            all.push("the last line breaks off in the middle".to_owned());
        }
        let mut add = |n: u64, one: &str, many: &str| all.extend(counted(n, one, many));
        add(self.lost, "record could not be read", "records could not be read");
        add(self.changed, "record changed while it was read", "records changed while they were read");
        add(
            self.orphans,
            "record follows one that is not in the file; it stands after the one before it",
            "records follow others that are not in the file; each stands after the one before it",
        );
        add(self.cleared, "tool result cleared by the app", "tool results cleared by the app");
        add(self.unanswered, "tool call has no answer", "tool calls have no answer");
        add(self.left_out, "picture or document left out by the audit log", "pictures or documents left out by the audit log");
        all.append(&mut self.others);
        let mut add = |n: u64, one: &str, many: &str| all.extend(counted(n, one, many));
        add(self.cut, "long tool output was cut by the tool itself", "long tool outputs were cut by the tool itself");
        add(self.outputs_gone, "long tool output is gone, its beginning is here", "long tool outputs are gone, their beginnings are here");
        add(self.agents, "sub-agent has no file", "sub-agents have no file");
        all
    }

    /// Where the first of the lines are.
    fn places(&self, too_long: bool) -> String {
        let told: Vec<String> = self
            .bad
            .iter()
            .filter(|bad| bad.too_long == too_long)
            .take(3)
            .map(|bad| format!("line {} at byte {}, {} bytes", bad.number, bad.at, bad.size))
            .collect();
        let count = if too_long { self.too_long } else { self.bad_lines };
        let more = if count > told.len() as u64 { "; …" } else { "" };
        if told.is_empty() { String::new() } else { format!(" ({}{more})", told.join("; ")) }
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
