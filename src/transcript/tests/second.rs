//! A second reader, as plain as can be and of its own: all in memory, nothing shared with the one it is held against.

use super::made::{lines, steps};
use super::*;
use std::collections::HashSet;

/// What a file says, read plainly.
struct Plain {
    /// Every text of the user, the model and sub-agents, sorted.
    all: Vec<String>,
    /// Those on the way from the record where it ended back to the first, in the order they were said.
    path: Vec<String>,
    bad_lines: u64,
}

/// The texts of a content, without those of tool results.
fn texts(content: &Value) -> Vec<String> {
    if let Some(text) = content.as_str() {
        return vec![text.to_owned()];
    }
    let blocks = content.as_array().into_iter().flatten();
    blocks.filter_map(|b| if b["type"] == "text" { &b["text"] } else { &b["input"]["message"] }.as_str()).map(str::to_owned).collect()
}

/// What of a text the user typed: what stands between reminders; nothing of what the tool wrote.
fn typed(text: &str) -> Option<String> {
    let text = text
        .strip_prefix("<system-reminder>r</system-reminder>")
        .map_or(text, |t| t.strip_suffix("<system-reminder>r</system-reminder>").unwrap());
    let made = ["<task-notification>", "Base directory for this skill", "This session is being continued"];
    (!made.iter().any(|m| text.starts_with(m))).then(|| text.trim().to_owned())
}

fn spoken(record: &Value) -> Vec<String> {
    match record["type"].as_str() {
        Some("assistant") => texts(&record["message"]["content"]),
        Some("user") => texts(&record["message"]["content"]).iter().filter_map(|t| typed(t)).collect(),
        Some("attachment") => texts(&record["attachment"]["prompt"]),
        Some("queue-operation") if record["operation"] == "enqueue" => texts(&record["content"]).iter().filter_map(|t| typed(t)).collect(),
        _ => Vec::new(),
    }
}

fn plainly(file: &str) -> Plain {
    let mut records: Vec<Value> = Vec::new();
    let (mut bad_lines, mut leaf) = (0, None);
    for line in file.lines().map(|line| line.trim_matches(['\u{0}', ' '])).filter(|line| !line.is_empty()) {
        // Half a surrogate pair is no text to serde_json.
        let Ok(record) = serde_json::from_str::<Value>(&line.replace("\\ud83d", "\u{FFFD}")) else {
            bad_lines += 1;
            continue;
        };
        match record["type"].as_str() {
            Some("last-prompt") => leaf = record["leafUuid"].as_str().map(str::to_owned),
            Some("user" | "assistant" | "attachment" | "system") if record["isSidechain"] != true => leaf = None,
            _ => {}
        }
        records.push(record);
    }
    // Of records with the same id the first counts.
    let mut seen = HashSet::new();
    records.retain(|r| r["uuid"].as_str().is_none_or(|id| seen.insert(id.to_owned())));
    // A prompt that waited counts where no later record is that prompt, or begins with it, or goes on with it.
    let words = |r: &Value| spoken(r).iter().map(|t| t.trim().to_owned()).collect::<Vec<_>>().join("\n");
    let waits: Vec<usize> = (0..records.len()).filter(|i| records[*i]["type"] == "queue-operation").collect();
    for i in waits {
        let text = words(&records[i]);
        let later = records[i + 1..].iter().filter(|r| r["type"] == "user" || r["type"] == "attachment").map(words);
        let own = text.lines().next().unwrap_or_default().to_owned();
        if later.into_iter().any(|said| said.lines().any(|line| line == own)) {
            records[i] = json!({});
        }
    }
    let mut all: Vec<String> = records.iter().flat_map(spoken).map(|t| t.trim().to_owned()).collect();
    all.sort();
    // Back from the last record in which somebody speaks and that nobody speaks after.
    let main: Vec<&Value> = records.iter().filter(|r| r["isSidechain"] != true && r["uuid"].is_string()).collect();
    let by_id: HashMap<&str, &Value> = main.iter().map(|r| (r["uuid"].as_str().unwrap(), *r)).collect();
    let before = |r: &Value| r["parentUuid"].as_str().or(r["logicalParentUuid"].as_str()).and_then(|id| by_id.get(id).copied());
    let speaks = |r: &&&Value| !spoken(r).is_empty() || r["type"] == "assistant";
    let mut followed = HashSet::new();
    for record in main.iter().filter(speaks) {
        let mut at = before(record);
        while let Some(r) = at.filter(|r| followed.insert(r["uuid"].as_str().unwrap())) {
            at = before(r);
        }
    }
    let last = main.iter().rev().filter(speaks).find(|r| !followed.contains(r["uuid"].as_str().unwrap())).copied();
    // Unless the file itself says where it stood, and nothing came after that.
    let mut at = leaf.and_then(|leaf| by_id.get(leaf.as_str()).copied()).or(last);
    let mut path = Vec::new();
    while let Some(record) = at {
        path.extend(spoken(record).into_iter().rev().map(|t| t.trim().to_owned()));
        at = before(record);
    }
    path.reverse();
    Plain { all, path, bad_lines }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_readers_read_the_same(steps in steps(24)) {
        let file = lines(&steps);
        let plain = plainly(&file);
        let c = reading_bytes(file.as_bytes(), &claude::DIALECT, false, LONGEST);
        let texts = |turns: &[WholeTurn]| -> Vec<String> {
            let spoken = turns.iter().filter(|t| t.who != Who::Injected || t.id.starts_with("agent-"));
            let texts = spoken.flat_map(|t| &t.blocks).filter_map(|b| if let Block::Text(t) = b { Some(t.trim().to_owned()) } else { None });
            texts.collect()
        };
        let mut all = texts(&c.turns);
        let left = c.turns.iter().position(|t| t.id.starts_with("left-")).unwrap_or(c.turns.len());
        let mut live = texts(&c.turns[..left]);
        live.retain(|text| plain.path.contains(text));
        prop_assert_eq!(&live, &plain.path, "{}", file);
        all.sort();
        prop_assert_eq!(&all, &plain.all, "{}", file);
        prop_assert_eq!(c.told.bad_lines, plain.bad_lines);
    }
}
