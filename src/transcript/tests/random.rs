//! Conversations made at random, in every script, with everything that hides their order: nothing is lost or doubled.

use super::*;

/// Words in many scripts: right to left, combined, joined, wide, and signs that JSON, JavaScript and markdown escape.
fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("مرحبا بالعالم"),
        Just("שלום"),
        Just("\u{202E}rtl\u{202C}"),
        Just("日本語のテスト"),
        Just("한국어"),
        Just("नमस्ते"),
        Just("ไทย"),
        Just("e\u{301}a\u{308}\u{323}"),
        Just("👩‍👩‍👧‍👦🇩🇪👍🏽"),
        Just("𝔘𝔫𝔦"),
        Just("\"quoted\" \\ back / slash"),
        Just("{\"type\":\"user\",\"uuid\":\"u1\"}"),
        Just("a\nb\r\n\tc\u{0}\u{1b}[31m"),
        Just("\u{2028}\u{2029}\u{FEFF}\u{FFFD}"),
        Just("```\n</details>"),
    ];
    proptest::collection::vec(piece, 1..4).prop_map(|p| p.join(" "))
}

/// What happens next in a made conversation.
#[derive(Debug, Clone)]
enum Next {
    Asks(String),
    Answers(Vec<String>),
    /// The model calls so many tools at once; the answers come in this order.
    Calls(Vec<u8>),
    Compacted,
    /// The user goes back so many steps.
    Back(u8),
    Noise(u8),
    Torn,
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        4 => words().prop_map(Next::Asks),
        4 => proptest::collection::vec(words(), 1..4).prop_map(Next::Answers),
        2 => proptest::collection::vec(any::<u8>(), 1..5).prop_map(Next::Calls),
        1 => Just(Next::Compacted),
        1 => any::<u8>().prop_map(Next::Back),
        2 => any::<u8>().prop_map(Next::Noise),
        1 => Just(Next::Torn),
    ]
}

/// A made file: its lines, and what must be told of the live branch and of all.
#[derive(Default)]
struct Made {
    lines: String,
    /// Every record that speaks, by id, with what it follows and what it says.
    said: Vec<(String, String, Vec<String>)>,
    last: String,
    /// The last record in which somebody speaks or calls a tool.
    spoke: String,
    /// Where each step ended: nobody goes back into the middle of a message.
    ends: Vec<String>,
    n: usize,
}

impl Made {
    fn put(&mut self, line: &Value) {
        self.lines.push_str(&line.to_string());
        self.lines.push('\n');
    }

    fn id(&mut self) -> String {
        self.n += 1;
        format!("id{}", self.n)
    }

    fn does(&mut self, next: Next) {
        let parent = self.last.clone();
        // What begins is a prompt.
        let begins = parent.is_empty() && !matches!(next, Next::Asks(_) | Next::Torn);
        match if begins { Next::Asks("Begin".to_owned()) } else { next } {
            Next::Asks(words) => {
                let id = self.id();
                // Every prompt its own words, so that order can be seen.
                let words = format!("{} {words}", self.n);
                self.put(&user(&id, &parent, words.as_str()));
                self.said.push((id.clone(), parent, vec![words]));
                self.spoke.clone_from(&id);
                self.last = id;
            }
            Next::Answers(parts) => {
                let message = self.id();
                for part in parts {
                    let (id, words) = (self.id(), format!("{} {part}", self.n));
                    let follows = self.last.clone();
                    self.put(&claude(&id, &follows, &message, says(&words)));
                    self.said.push((id.clone(), follows, vec![words]));
                    self.spoke.clone_from(&id);
                    self.last = id;
                }
            }
            Next::Calls(order) => {
                let message = self.id();
                let mut calls = Vec::new();
                for _ in &order {
                    let (id, follows) = (self.id(), self.last.clone());
                    self.put(&claude(&id, &follows, &message, json!({"type":"tool_use","id":format!("t{id}"),"name":"Read","input":{}})));
                    self.said.push((id.clone(), follows, vec![]));
                    (self.last, self.spoke) = (id.clone(), id.clone());
                    calls.push(id);
                }
                let mut late: Vec<(u8, String)> = order.into_iter().zip(calls).collect();
                late.sort();
                for (_, of) in late {
                    let id = self.id();
                    self.put(&user(&id, &of, json!([{"type":"tool_result","tool_use_id":format!("t{of}"),"content":"done"}])));
                    self.said.push((id.clone(), of, vec![]));
                    self.last = id;
                }
            }
            Next::Compacted => {
                let (boundary, summary) = (self.id(), self.id());
                let parent = (!parent.is_empty()).then_some(parent);
                self.put(
                    &json!({"type":"system","subtype":"compact_boundary","uuid":boundary,"parentUuid":null,"logicalParentUuid":parent}),
                );
                self.put(&json!({"type":"user","uuid":summary,"parentUuid":boundary,"isCompactSummary":true,"message":{"content":"Sum."}}));
                // The last thing said is written again.
                if let Some(line) = self.lines.lines().rev().nth(2).map(str::to_owned) {
                    self.lines.push_str(&line);
                    self.lines.push('\n');
                }
                self.said.push((boundary.clone(), parent.unwrap_or_default(), vec![]));
                self.said.push((summary.clone(), boundary, vec![]));
                self.last = summary;
            }
            Next::Back(by) => {
                // Where no record follows another by its id, nobody can tell that one does not.
                let linked = self.said.iter().any(|(_, parent, _)| !parent.is_empty());
                let end = self.ends.iter().rev().nth(usize::from(by) % 8);
                if let Some(end) = end.filter(|end| linked || !end.is_empty()) {
                    self.last = end.clone();
                }
            }
            Next::Noise(kind) => match kind % 4 {
                0 => self.put(&json!({"type":"api-request","id":"x","params":{"a":["b"]}})),
                1 => self.put(&json!({"type":"hologram","uuid":format!("h{}", self.n)})),
                2 => {
                    self.put(&json!({"type":"progress","uuid":format!("p{}", self.n),"parentUuid":parent,"data":{"type":"hook_progress"}}));
                }
                _ => {
                    let id = self.id();
                    self.put(
                        &json!({"type":"attachment","uuid":id,"parentUuid":parent,"attachment":{"type":"prompt_snapshot","text":"x"}}),
                    );
                    self.said.push((id.clone(), parent, vec![]));
                    self.last = id;
                }
            },
            Next::Torn => self.lines.push_str("{\"type\":\"user\",\"message\":{\"content\":\"torn \n"),
        }
        self.ends.push(self.last.clone());
    }

    /// The texts on the way from the last thing said back to the beginning, in order.
    fn live(&self) -> Vec<&str> {
        let (mut at, mut all) = (&self.spoke, Vec::new());
        while let Some((_, parent, texts)) = self.said.iter().find(|(id, ..)| id == at) {
            all.extend(texts.iter().rev().map(String::as_str));
            at = parent;
        }
        all.reverse();
        all
    }
}

/// The lines of a conversation made in so many steps at most.
pub(super) fn lines(steps: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(next(), 1..steps).prop_map(|steps| {
        let mut made = Made::default();
        for step in steps {
            made.does(step);
        }
        made.lines
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_text_is_told_once_and_what_the_conversation_went_through_in_its_order(steps in proptest::collection::vec(next(), 1..30)) {
        let mut made = Made::default();
        for step in steps {
            made.does(step);
        }
        let c = reading_bytes(made.lines.as_bytes(), &claude::DIALECT, false, LONGEST);
        let texts = |turns: &[WholeTurn]| -> Vec<String> {
            let blocks = turns.iter().filter(|t| t.who != Who::Injected).flat_map(|t| &t.blocks);
            blocks.filter_map(|b| if let Block::Text(t) = b { Some(t.to_string()) } else { None }).collect()
        };
        let (mut all, mut expected) = (texts(&c.turns), made.said.iter().flat_map(|(.., t)| t.clone()).collect::<Vec<_>>());
        all.sort();
        expected.sort();
        prop_assert_eq!(all, expected);
        let left = c.turns.iter().position(|t| t.id.starts_with("left-")).unwrap_or(c.turns.len());
        prop_assert_eq!(texts(&c.turns[..left]), made.live());
        let torn = made.lines.matches("torn").count() as u64;
        prop_assert_eq!(c.told.bad_lines, torn);
        prop_assert!(!c.told.missing.iter().any(|m| m.contains("no answer")), "{:?}", c.told.missing);
    }

    #[test]
    fn arbitrary_bytes_end_and_never_panic(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12), cap in 1_usize..60) {
        for dialect in dialect::DIALECTS {
            for within in [false, true] {
                reading_bytes(&lines.join(&b'\n'), dialect, within, cap);
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_tells_what_was_whole_before_the_cut(steps in proptest::collection::vec(next(), 1..12), at: prop::sample::Index) {
        let mut made = Made::default();
        for step in steps {
            made.does(step);
        }
        let bytes = made.lines.as_bytes();
        let cut = &bytes[..at.index(bytes.len() + 1)];
        let c = reading_bytes(cut, &claude::DIALECT, false, LONGEST);
        let whole = &cut[..cut.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)];
        let all = told(&c).join("\n");
        for (id, _, texts) in &made.said {
            let there = whole.windows(id.len() + 9).any(|w| w == format!("\"uuid\":\"{id}\"").as_bytes());
            prop_assert!(!there || texts.iter().all(|t| all.contains(t)), "{id} {all}");
        }
    }
}
