//! Records made up for the bench: the same in every run.

use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const WORDS: &str = "the of and to a in is that for it as was with be by on not he this are or his from at which but have an they you were \
    request handler returns value when buffer empty because parser reads whole file before first line ends so every caller waits instead \
    should move check into loop keep order stable write tests cover both cases error path timeout retry index table column row session \
    über naïve Größe déjà résumé function module import export default change version build release branch commit merge token count key \
    directory folder user password field config option layer cache queue worker thread lock message event stream chunk offset length";

const CODE: &[&str] = &[
    "    let value = map.get(\"key\").unwrap_or(&default);",
    "fn collect<T: Into<String>>(items: Vec<T>) -> HashMap<String, Vec<T>> {",
    "\tif (name === 'x') { return { \"a\": [1, 2, 3] }; }",
    "        self.items.iter().filter(|item| item.size > 0 && item.kind != Kind::Dir).map(|item| item.path.clone()).collect()",
    "    }",
    "",
    "const total = rows.reduce((sum, row) => sum + row.count, 0);",
    "    for index in range(len(values)):",
    "        print(f\"{index}: {values[index]!r}\")",
    "import { useState, useEffect } from 'react';",
    "    <li className=\"item\" key={row.id}>{row.title}</li>",
    "SELECT id, name, created_at FROM users WHERE tenant_id = $1 ORDER BY created_at DESC LIMIT 50;",
];

const OUTPUT: &[&str] = &[
    "src/module/file.rs:120:9: warning: unused variable `item`",
    "test store::tests::a_file_is_kept_until_its_copy_was_read_back ... ok",
    "drwxr-xr-x  4 user user   4096 Nov 21 11:37 node_modules",
    "2026-11-21T11:37:47.844Z INFO  [worker-3] request 4f2a9c finished in 184 ms, status=200, bytes=48213",
    "  \"dependencies\": { \"react\": \"^18.2.0\", \"typescript\": \"~5.4.5\" },",
    "https://example.org/docs/guide/install.html?lang=en#linux",
    "日本語の行も混ざっている。",
    "    at Object.<anonymous> (/home/u/project/src/index.js:42:17)",
];

/// Lines of code or of what programs print, numbered as the tool that reads files numbers them, or not.
fn lines(dice: &mut Dice, of: &[&str], size: usize, numbered: bool) -> String {
    let mut text = String::with_capacity(size + 200);
    for n in 1.. {
        if text.len() >= size {
            break;
        }
        if numbered {
            text.push_str(&format!("{n:>6}→"));
        }
        text.push_str(dice.one(of));
        text.push('\n');
    }
    text
}

fn sentence(dice: &mut Dice, words: &[&str], text: &mut String) {
    for n in 0..6 + dice.below(14) {
        let word = dice.one(words);
        match (n, dice.below(24)) {
            (0, _) => text.push_str(word),
            (_, 0) => text.push_str(&format!(" `{word}_{}`", dice.one(words))),
            (_, 1) => text.push_str(&format!(" **{word}**")),
            (_, 2) if dice.below(6) == 0 => text.push_str(&format!(" `Vec<{word}>`")),
            (_, 3) if dice.below(6) == 0 => text.push_str(&format!(" [{word}](https://example.org/{word}?a=b)")),
            _ => text.extend([" ", word]),
        }
    }
    text.push_str(". ");
}

/// What a model writes: paragraphs, lists, headings, tables, code in fences, some of those in lists.
fn words(dice: &mut Dice, size: usize) -> String {
    let all: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::with_capacity(size + 2000);
    while text.len() < size {
        match dice.below(12) {
            0 => text.push_str(&format!("## {} {}\n\n", dice.one(&all), dice.one(&all))),
            1 | 2 => text.push_str(&format!("```{}\n{}```\n\n", dice.one(&["rust", "ts", "python", ""]), lines(dice, CODE, 600, false))),
            3..=5 => {
                for n in 1..3 + dice.below(5) {
                    text.push_str(&if dice.below(2) == 0 { "- ".to_owned() } else { format!("{n}. ") });
                    sentence(dice, &all, &mut text);
                    text.push('\n');
                }
                text.push('\n');
            }
            6 if dice.below(4) == 0 => {
                text.push_str(&format!("1. Run this:\n\n   ```bash\n   cargo test --lib {}\n   ```\n\n", dice.one(&all)))
            }
            7 if dice.below(3) == 0 => text.push_str("| name | value |\n|---|---|\n| a | `1` |\n| b | 2 < 3 |\n\n"),
            _ => {
                for _ in 0..1 + dice.below(5) {
                    sentence(dice, &all, &mut text);
                }
                text.push_str("\n\n");
            }
        }
    }
    text
}

/// Records as Claude Code writes them.
pub struct Records {
    dice: Dice,
    parent: serde_json::Value,
    n: usize,
    lines: Vec<serde_json::Value>,
}

impl Records {
    fn put(&mut self, kind: &str, more: serde_json::Value) {
        self.n += 1;
        let uuid = format!("{:08x}-715d-4144-aeeb-000000000000", self.n);
        let mut line = json!({"parentUuid":self.parent,"isSidechain":false,"type":kind,"uuid":uuid,"timestamp":"2026-11-21T11:37:47.844Z","userType":"external",
            "entrypoint":"local-agent","cwd":"/home/u/project","sessionId":"795493e5-715d-4144-aeeb-2b59a096feb3","version":"2.1.329","gitBranch":"main"});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.parent = json!(uuid);
        self.lines.push(line);
    }

    fn says(&mut self, message: &str, block: serde_json::Value) {
        self.put(
            "assistant",
            json!({"message":{"id":message,"type":"message","role":"assistant","model":"claude-opus-5-5","content":[block],"usage":{"input_tokens":3,"output_tokens":29}}}),
        );
    }

    fn call(&mut self, message: &str, name: &str, input: serde_json::Value, text: String, again: serde_json::Value) {
        let tool = format!("toolu_{:025x}", self.n);
        self.says(message, json!({"type":"tool_use","id":tool,"name":name,"input":input}));
        let mut answer = json!({"message":{"role":"user","content":[{"tool_use_id":tool,"type":"tool_result","content":text}]}});
        if !again.is_null() {
            answer["toolUseResult"] = again;
        }
        self.put("user", answer);
    }

    /// A turn with all the bookkeeping around it: what is said is a small part of the file.
    pub fn with_bookkeeping(&mut self) {
        let n = self.n;
        let prompt = words(&mut self.dice, 300);
        self.put("user", json!({"message":{"role":"user","content":prompt}}));
        if self.dice.below(20) == 0 {
            let text = words(&mut self.dice, 40_000);
            self.put("attachment", json!({"attachment":{"type":"prompt_snapshot","text":text}}));
        }
        for k in 0..3 {
            let message = format!("msg_{n:x}_{k}");
            let text = words(&mut self.dice, 700);
            self.says(&message, json!({"type":"text","text":text}));
            let (old, new) = (lines(&mut self.dice, CODE, 200, false), lines(&mut self.dice, CODE, 250, false));
            let (name, input) = match k {
                1 => ("Edit", json!({"file_path":format!("/home/u/project/src/file{n}.rs"),"old_string":old,"new_string":new})),
                _ => ("Bash", json!({"command":format!("cargo test --lib part{k} 2>&1 | tail -40"),"description":"Run tests"})),
            };
            let text = lines(&mut self.dice, OUTPUT, [1_200, 400, 6_000][k], false);
            let file = lines(&mut self.dice, CODE, 9_000, false);
            let again = json!({"stdout":text,"stderr":"","interrupted":false,"originalFile":file});
            self.call(&message, name, input, text, again);
        }
        let text = words(&mut self.dice, 1_500);
        self.says(&format!("msg_{n:x}_e"), json!({"type":"text","text":text}));
        for _ in 0..4 {
            let tail = words(&mut self.dice, 700);
            self.lines.push(json!({"type":"api-request","sessionId":"795493e5","id":"x","params":{"model":"claude-opus-5-5","max_tokens":32000,"betas":["a","b"]},"keep":[1,2,3],"tail":tail}));
        }
        if self.dice.below(20) == 0 {
            let system = words(&mut self.dice, 36_000);
            self.lines.push(json!({"type":"api-request-shape","sessionId":"795493e5","shapeHash":"abc","tools":[{"name":"Bash","input_schema":{"type":"object","properties":{"command":{"type":"string"}}}}],"system":system}));
        }
    }

    /// A turn of which nearly every byte is text that goes into the page.
    pub fn of_text(&mut self) {
        let n = self.n;
        let prompt = words(&mut self.dice, 600);
        self.put("user", json!({"message":{"role":"user","content":prompt}}));
        for k in 0..4 {
            let message = format!("msg_{n:x}_{k}");
            let text = words(&mut self.dice, 3_000);
            self.says(&message, json!({"type":"text","text":text}));
            let path = format!("/home/u/project/src/file{n}.rs");
            let dice = &mut self.dice;
            let (name, input, text) = match k {
                0 => ("Read", json!({"file_path":path}), lines(dice, CODE, 8_000, true)),
                1 => {
                    let (old, new) = (lines(dice, CODE, 700, false), lines(dice, CODE, 1_000, false));
                    ("Edit", json!({"file_path":path,"old_string":old,"new_string":new}), lines(dice, CODE, 600, true))
                }
                2 => ("Write", json!({"file_path":path,"content":lines(dice, CODE, 5_000, false)}), "File written.".to_owned()),
                _ => {
                    ("Bash", json!({"command":"cargo test 2>&1 | tail -200","description":"Run tests"}), lines(dice, OUTPUT, 10_000, false))
                }
            };
            self.call(&message, name, input, text, serde_json::Value::Null);
        }
        let text = words(&mut self.dice, 6_000);
        self.says(&format!("msg_{n:x}_e"), json!({"type":"text","text":text}));
    }
}

/// A file of so many bytes of turns.
pub fn make(path: &Path, size: u64, turn: fn(&mut Records)) {
    let mut out = BufWriter::new(std::fs::File::create(path).unwrap());
    let mut records = Records { dice: Dice(1), parent: serde_json::Value::Null, n: 0, lines: Vec::new() };
    let mut written = 0;
    while written < size {
        turn(&mut records);
        for line in records.lines.drain(..) {
            let line = line.to_string();
            written += line.len() as u64 + 1;
            out.write_all(line.as_bytes()).unwrap();
            out.write_all(b"\n").unwrap();
        }
    }
    out.flush().unwrap();
}
