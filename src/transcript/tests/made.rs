//! Conversations made at random with all that makes them hard to read: rewinds among parallel tools, prompts that waited,
//! sub-agents among the records, repeated and played back records, torn lines, clocks that go backwards.

use super::*;

/// Words with signs in them that JSON, terminals, HTML and markdown act on, in many scripts.
pub(crate) fn words() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "مرحبا بالعالم",
        "שלום",
        "\u{202E}rtl\u{202C}",
        "日本語",
        "한국어",
        "नमस्ते क्षत्रिय",
        "ไทย น้ำ",
        "e\u{301}a\u{308}\u{323}",
        "👩‍👩‍👧‍👦🇩🇪👍🏽",
        "𝔘𝔫𝔦",
        "\"quoted\" \\ back",
        "{\"type\":\"user\"}",
        "a\nb\r\n\tc\u{0}\u{1b}[31m",
        "\u{2028}\u{FEFF}\u{FFFD}",
        "```\n</details>",
        "```rust\nfn x() {}\n```",
        "~~~~",
        "<details><summary>x",
        "</details>",
        "<!-- x",
        "<script>",
        "<b>bold</b>",
        "<div>\n\n",
        "---",
        "title: x\n---",
        "# Heading",
        "## You · 09:14",
        "## Claude",
        "You\n===",
        "- item\n  ```",
        "> quote\n> ```",
        "1. one",
        "| a | b |\n|---|---|\n| <b> | `|` |",
        "    indented",
        "`<b>`",
        "&lt;b&gt;",
        "<a id=\"t-u1\"></a>",
        "<http://x.y>",
        "*em **strong***",
    ]);
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.join("\n\n"))
}

/// What happens next: its kind, two numbers that say how, and words.
pub(crate) type Step = (u8, u8, u8, String);

/// One step after the other.
pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..40_u8, any::<u8>(), any::<u8>(), words()), 1..most)
}

/// The lines of a file in which these steps were taken. Every text begins with a word of its own, `w1w`, `w2w`, ….
pub(crate) fn lines(steps: &[Step]) -> String {
    let mut made = Made::default();
    made.prompt("Begin", 0);
    for (kind, a, b, words) in steps {
        made.step(*kind, *a, *b, words);
        made.ends.push(made.last.clone());
    }
    made.lines.concat()
}

#[derive(Default)]
struct Made {
    lines: Vec<String>,
    last: String,
    ends: Vec<String>,
    texts: usize,
    ids: usize,
    clock: i64,
}

impl Made {
    fn id(&mut self, of: &str) -> String {
        self.ids += 1;
        format!("{of}{}", self.ids)
    }

    fn text(&mut self, words: &str) -> String {
        self.texts += 1;
        format!("w{}w\n\n{words}", self.texts)
    }

    fn put(&mut self, mut line: Value) {
        // Sometimes the clock goes backwards; it stays one day.
        self.clock += if self.lines.len() % 7 == 3 { -90 } else { 60 };
        line["timestamp"] = json!(Timestamp::from_second(1_790_000_000 + self.clock).unwrap().to_string());
        self.lines.push(format!("{line}\n"));
    }

    fn says(&mut self, kind: &str, content: impl Into<Value>, more: &Value) {
        let content = content.into();
        let id = self.id(kind);
        let parent = (!self.last.is_empty()).then(|| self.last.clone());
        let mut line = json!({"type":kind,"uuid":id,"parentUuid":parent,"isSidechain":false,"message":{"role":kind,"content":content}});
        for (key, value) in more.as_object().into_iter().flatten() {
            if key == "id" { line["message"]["id"] = value.clone() } else { line[key] = value.clone() }
        }
        self.put(line);
        self.last = id;
    }

    fn prompt(&mut self, words: &str, how: u8) {
        let words = self.text(words);
        let content = match how % 4 {
            0 | 1 => json!(words),
            2 => {
                json!([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGVsbG8="}}, says(&words), says(&self.text("more"))])
            }
            _ => json!(format!("<system-reminder>r</system-reminder>\n{words}\n<system-reminder>r</system-reminder>")),
        };
        self.says("user", content, &json!({}));
    }

    fn answer(&mut self, words: &str, parts: u8) {
        let id = self.id("m");
        if parts % 3 == 2 {
            self.says("assistant", json!([{"type":"thinking","thinking":"hm ```","signature":"x"}]), &json!({"id":id}));
        }
        for _ in 0..=parts % 3 {
            let words = self.text(words);
            self.says("assistant", json!([says(&words)]), &json!({"id":id}));
        }
    }

    /// Tools at once, whose answers come in another order, some with words beside them, one maybe never.
    fn tools(&mut self, words: &str, many: u8, how: u8) {
        let (message, mut calls) = (self.id("m"), Vec::new());
        for _ in 0..=many % 3 {
            let call = self.id("t");
            self.says("assistant", json!([{"type":"tool_use","id":call,"name":"Bash","input":{"command":words}}]), &json!({"id":message}));
            calls.push((self.last.clone(), call));
        }
        let last = self.last.clone();
        calls.rotate_left(usize::from(how) % (usize::from(many % 3) + 1));
        if how.is_multiple_of(11) {
            calls.pop();
        }
        for (n, (parent, call)) in calls.into_iter().enumerate() {
            self.last = parent;
            let mut content = vec![json!({"type":"tool_result","tool_use_id":call,"content":words,"is_error":how.is_multiple_of(5)})];
            if how % 6 == 1 && n == 0 {
                content.push(says(&self.text(words)));
            }
            self.says("user", json!(content), &json!({}));
        }
        if how.is_multiple_of(11) {
            self.last = last;
        }
    }

    /// A prompt that waits, and is taken in one of the ways or never.
    fn queue(&mut self, words: &str, how: u8) {
        let text = self.text(words);
        self.put(json!({"type":"queue-operation","operation":"enqueue","content":text}));
        match how % 6 {
            0 => self.says("user", json!(text), &json!({})),
            1 => {
                self.says("attachment", json!(null), &json!({"attachment":{"type":"queued_command","prompt":text,"commandMode":"prompt"}}));
            }
            2 => {
                let more = self.text("more");
                self.put(json!({"type":"queue-operation","operation":"enqueue","content":more}));
                self.answer("meanwhile", 0);
                self.says("user", json!(format!("{}\n{more}", text.trim())), &json!({}));
            }
            3 => {
                self.answer("meanwhile", 0);
                self.says("user", json!([says(&text)]), &json!({}));
            }
            4 => self.put(json!({"type":"queue-operation","operation":"popAll","content":text})),
            _ => self.put(json!({"type":"queue-operation","operation":"enqueue","content":"<task-notification>x</task-notification>"})),
        }
    }

    /// A sub-agent among the records; it answers after its call, or later.
    fn agent(&mut self, words: &str, how: u8) {
        let (call, agent, message) = (self.id("t"), self.id("agent"), self.id("m"));
        self.says("assistant", json!([{"type":"tool_use","id":call,"name":"Agent","input":{"prompt":"x"}}]), &json!({"id":message}));
        let (started, mut side) = (self.last.clone(), String::new());
        for n in 0..2 + how % 3 {
            let kind = if n % 2 == 0 { "user" } else { "assistant" };
            let words = self.text(words);
            let (parent, id) = (std::mem::take(&mut side), self.id("s"));
            let parent = (!parent.is_empty()).then_some(parent);
            self.put(json!({"type":kind,"uuid":id,"parentUuid":parent,"isSidechain":true,"agentId":agent,"message":{"id":id,"role":kind,"content":[says(&words)]}}));
            side = id;
            if n == 0 {
                let content = json!([{"type":"tool_result","tool_use_id":call,"content":"started"}]);
                self.last.clone_from(&started);
                self.says("user", content, &json!({"toolUseResult":{"agentId":agent,"isAsync":true}}));
            } else if how.is_multiple_of(2) {
                self.answer("meanwhile", 0);
            }
        }
        self.says("user", json!("<task-notification>done</task-notification>"), &json!({"origin":{"kind":"task-notification"}}));
    }

    fn compact(&mut self, how: u8) {
        let (id, before) = (self.id("b"), self.last.clone());
        self.put(json!({"type":"system","subtype":"compact_boundary","uuid":id,"parentUuid":null,"logicalParentUuid":before}));
        let again: Vec<String> = self.lines.iter().rev().skip(1).take(usize::from(how) % 4).cloned().collect();
        self.last = id;
        self.says(
            "user",
            json!("This session is being continued from a previous conversation that ran out of context. Sum."),
            &json!({"isCompactSummary":true}),
        );
        self.lines.extend(again.into_iter().rev().filter(|line| !line.contains("queue-operation")));
    }

    fn step(&mut self, kind: u8, a: u8, b: u8, words: &str) {
        match kind {
            0..=7 => self.prompt(words, a),
            8..=15 => self.answer(words, a),
            16..=20 => self.tools(words, a, b),
            21 => {
                // Gone back while the tools were at work.
                let before = self.last.clone();
                self.tools(words, a, b);
                self.last = before;
                self.prompt(words, b);
            }
            22..=23 => self.last = self.ends.get(usize::from(a) % self.ends.len().max(1)).cloned().unwrap_or_default(),
            24..=25 => self.compact(a),
            26..=29 => self.queue(words, a),
            30..=31 => self.agent(words, a),
            32 => {
                let said = self.text(words);
                let (call, message) = (self.id("t"), self.id("m"));
                let reply = json!([{"type":"tool_use","id":call,"name":"mcp__x__SendUserMessage","input":{"message":said}}]);
                self.says("assistant", reply, &json!({"id":message}));
            }
            33 => {
                // Played back.
                self.prompt(words, 0);
                let again = self.lines.last().map(|line| line.replacen('{', "{\"isReplay\":true,", 1));
                self.lines.extend(again);
            }
            34 => self.lines.push("{\"type\":\"user\",\"message\":{\"content\":\"torn\n".to_owned()),
            35 => self.says("user", json!("Base directory for this skill: /x/y\n\n# Y\n```"), &json!({})),
            36 => {
                let leaf = self.last.clone();
                self.put(json!({"type":"last-prompt","leafUuid":leaf}));
            }
            37 => {
                let id = self.id("p");
                let parent = self.last.clone();
                self.put(json!({"type":"progress","uuid":id,"parentUuid":parent,"data":{"type":"hook_progress"}}));
            }
            38 => {
                let half = format!(
                    "{{\"type\":\"user\",\"uuid\":\"h{0}\",\"parentUuid\":\"{1}\",\"message\":{{\"content\":\"w{2}w half \\ud83d\"}}}}\n",
                    self.ids,
                    self.last,
                    self.texts + 1
                );
                (self.last, self.texts) = (format!("h{}", self.ids), self.texts + 1);
                self.ids += 1;
                self.lines.push(half);
            }
            _ => self.lines.push("\u{0}\u{0}\n".to_owned()),
        }
    }
}
