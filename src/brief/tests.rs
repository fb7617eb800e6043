//! Briefs of made-up sessions: what they say, that every record they cite says so, and that they stay what they are.
#![expect(clippy::needless_pass_by_value, reason = "what `json!` makes is given away where it is made")]

use super::*;
use crate::scan;
use serde_json::{Value, json};
use std::path::Path;

const ID: &str = "5a7d4a86-4628-4182-a822-292dc8a1df9d";

struct Home {
    dir: tempfile::TempDir,
    world: World,
    lines: Vec<Value>,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = [("LIFEBOAT_QUIET_AFTER".into(), "1s".into())].into_iter().collect();
        let world = World::at(dir.path(), env);
        Self { dir, world, lines: Vec::new() }
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn at(&self, path: &str) -> String {
        self.dir.path().join(path).to_string_lossy().into_owned()
    }

    /// A record of the conversation; gives its id.
    fn record(&mut self, role: &str, content: Value) -> String {
        let n = self.lines.len();
        let id = format!("{n:08x}-0000-4000-8000-000000000000");
        let before = n.checked_sub(1).map(|n| format!("{n:08x}-0000-4000-8000-000000000000"));
        self.lines
            .push(json!({"type": role, "uuid": id, "parentUuid": before, "sessionId": ID, "cwd": self.at("work"), "version": "2.1.200",
            "timestamp": format!("2026-11-01T10:{:02}:{:02}Z", n / 60, n % 60), "message": {"role": role, "content": content}}));
        id
    }

    fn you(&mut self, text: &str) -> String {
        self.record("user", json!(text))
    }

    fn says(&mut self, text: &str) -> String {
        self.record("assistant", json!([{"type": "text", "text": text}]))
    }

    /// A call and its answer; gives the call's record.
    fn does(&mut self, name: &str, input: Value, answer: &str, failed: bool) -> String {
        let call = format!("toolu_{}", self.lines.len());
        let id = self.record("assistant", json!([{"type": "tool_use", "id": call, "name": name, "input": input}]));
        self.record("user", json!([{"type": "tool_result", "tool_use_id": call, "content": answer, "is_error": failed}]));
        id
    }

    fn save(&self) {
        let text = self.lines.iter().fold(String::new(), |text, line| text + &line.to_string() + "\n");
        self.put(&format!(".claude/projects/-work/{ID}.jsonl"), &text);
    }

    fn brief(&self, about: Option<About>, tokens: usize) -> Brief {
        self.save();
        let catalog = scan::run(&self.world, scan::Options::default());
        let all = || About::Sessions((0..catalog.sessions.len()).map(SessionIx::at).collect());
        of(&self.world, &catalog, &about.unwrap_or_else(all), tokens).unwrap()
    }

    fn lines(&self, section: Section) -> Vec<String> {
        let brief = self.brief(None, 20_000);
        brief.kept.iter().filter(|k| k.line.section == section).map(|k| k.text.trim().to_owned()).collect()
    }
}

fn cited(record: &str) -> String {
    format!("[5a7d4a86:{}]", &record[..8])
}

#[test]
fn the_goal_is_the_first_prompt_and_what_followed_it() {
    let mut home = Home::new();
    let first = home.you("Draw the\n\nfigures `again`.");
    home.says("Done.");
    home.record("user", json!([{"type": "text", "text": "[Request interrupted by user]"}]));
    let second = home.you("Not in red, please, but in the colours of the last report that I gave you.");
    home.says("Done.");
    let last = home.you("And now the poster with all of the figures on it, in the size we said.");
    home.says("Done.");
    let goal = [
        format!("- asked first: `` Draw the figures `again`. `` {}", cited(&first)).replace("`` Draw", "``Draw").replace(". ``", ".``"),
        format!(
            "- after stopping the model: `Not in red, please, but in the colours of the last report that I gave you.` {}",
            cited(&second)
        ),
        format!("- asked last: `And now the poster with all of the figures on it, in the size we said.` {}", cited(&last)),
    ];
    assert_eq!(home.lines(Section::Goal), goal);
}

#[test]
fn decisions_are_answers_plans_and_refusals_and_a_short_answer_to_a_question_is_told_as_a_guess() {
    let mut home = Home::new();
    home.you("Draw.");
    let asked = json!({"questions": [{"question": "Which colour?", "options": []}]});
    let chosen = home.does("AskUserQuestion", asked, "User has answered your questions: \"Which colour?\"=\"Blue\". Go on.", false);
    let plan = home.does("ExitPlanMode", json!({"plan": "1. Draw\n2. Print"}), "User has approved your plan.", false);
    let no = "The user doesn't want to proceed with this tool use. The tool use was rejected. To tell you how to proceed, the user said:\nkeep it";
    let refused = home.does("Bash", json!({"command": "rm -r old"}), no, true);
    let question = home.says("All drawn.\n\nShall I print them as well?");
    let answer = home.you("yes, on A3");
    home.says("Printed.");
    let decisions = [
        format!("- asked `Which colour?`, the user chose `Blue` {}", cited(&chosen)),
        format!("- the user took the plan `1. Draw 2. Print` {}", cited(&plan)),
        format!("- the user refused `Ran rm -r old` and said `keep it` {}", cited(&refused)),
        format!("- ~ to `Shall I print them as well?` the user said `yes, on A3` {} {}", cited(&question), cited(&answer)),
    ];
    assert_eq!(home.lines(Section::Decisions), decisions);
    assert_eq!(home.lines(Section::Failed), Vec::<String>::new());
}

#[test]
fn what_failed_is_told_with_its_error_and_with_the_success_of_its_kind_that_came_later() {
    let mut home = Home::new();
    home.you("Test.");
    let bash = |c: &str| json!({"command": c});
    home.does("Bash", bash("cargo test"), "Exit code 101\nerror: no", true);
    let second = home.does("Bash", bash("cargo test -q"), "Exit code 101\nerror[E1]: still no", true);
    let well = home.does("Bash", bash("cd x && cargo test"), "ok", false);
    let open = home.does("Bash", bash("make all"), "Exit code 2\nmake: *** No rule", true);
    home.says("I stop here.");
    let failed = [
        format!(
            "- `cargo test -q` failed 2 times: `error[E1]: still no`; one of its kind succeeded later {} {}",
            cited(&second),
            cited(&well)
        ),
        format!("- `make all` failed: `make: *** No rule`; none of its kind succeeded later {}", cited(&open)),
    ];
    assert_eq!(home.lines(Section::Failed), failed);
}

#[test]
fn files_are_told_as_they_stand_on_the_disk_now() {
    let mut home = Home::new();
    home.you("Write.");
    let write = |path: String| json!({"file_path": path, "content": "one two"});
    let edit = |path: String, old: &str| json!({"file_path": path, "old_string": old, "new_string": "2"});
    let mut cites = Vec::new();
    for name in ["same", "changed", "gone", "edited"] {
        cites.push(home.does("Write", write(home.at(name)), "written", false));
    }
    cites[3] = home.does("Edit", edit(home.at("edited"), "two"), "edited", false);
    let unknown = home.does("Edit", edit(home.at("unknown"), "x"), "edited", false);
    home.does("Write", write(home.at("never")), "no", true);
    for (name, text) in [("same", "one two"), ("changed", "one twe"), ("edited", "one 2"), ("unknown", "y")] {
        home.put(name, text);
    }
    let files = [
        format!("- `~/unknown`: there; whether it is as the session left it cannot be told {}", cited(&unknown)),
        format!("- `~/edited`: there, as the session wrote it {}", cited(&cites[3])),
        format!("- `~/gone`: gone: not there any more {}", cited(&cites[2])),
        format!("- `~/changed`: changed since the session wrote it {}", cited(&cites[1])),
        format!("- `~/same`: there, as the session wrote it {}", cited(&cites[0])),
    ];
    assert_eq!(home.lines(Section::Files), files);
}

#[test]
fn open_ends_are_what_is_not_done_and_the_question_nobody_answered() {
    let mut home = Home::new();
    home.you("Do it all.");
    let todos = json!({"todos": [{"content": "Draw", "status": "completed"}, {"content": "Print", "status": "in_progress"}]});
    let list = home.does("TodoWrite", todos, "ok", false);
    let last = home.says("Drawn. Which paper shall I take?");
    let open = [
        format!("- begun and not done: `Print` {}", cited(&list)),
        format!("- ~ a question that nobody answered: `Which paper shall I take?` {}", cited(&last)),
    ];
    assert_eq!(home.lines(Section::Open), open);
    assert_eq!(home.lines(Section::Last), [format!("- the model: `Drawn. Which paper shall I take?` {}", cited(&last))]);
}

#[test]
fn the_same_sessions_give_the_same_bytes_within_the_tokens_and_the_most_useful_lines_stay() {
    let mut home = Home::new();
    home.you("The goal of it all.");
    for n in 0..200 {
        home.does("Bash", json!({"command": format!("tool{n} run")}), &format!("error: number {n}"), true);
        home.says("Hm.");
        home.you(&format!("Then number {n} of the many things that I would like to have done by the end of the day."));
    }
    for tokens in [400, 500, 1000, 2000, 8000] {
        let (brief, again) = (home.brief(None, tokens), home.brief(None, tokens));
        assert_eq!((brief.markdown(), brief.json()), (again.markdown(), again.json()));
        assert!(brief.tokens() <= tokens, "{} of {tokens}", brief.tokens());
        assert!(tokens < 500 || brief.tokens() > tokens * 8 / 10, "{} of {tokens}", brief.tokens());
        assert!(brief.markdown().contains("The goal of it all."), "{}", brief.markdown());
        assert_eq!(brief.kept.len() + brief.left.values().sum::<usize>(), home.brief(None, 1_000_000).kept.len());
    }
}

#[test]
fn secrets_are_left_out_of_every_line() {
    let mut home = Home::new();
    let key = ["gh", "p_"].concat() + &"a".repeat(36);
    home.you(&format!("Use {key} for it."));
    home.does("Bash", json!({"command": format!("curl -H {key}")}), &format!("error: {key} is no good"), true);
    home.says(&format!("Is {key} right?"));
    let page = home.brief(None, 20_000);
    assert!(!format!("{}{}", page.markdown(), page.json()).contains(&key));
    assert!(page.markdown().matches("[redacted: github-token]").count() >= 5, "{}", page.markdown());
}

#[test]
fn a_folder_s_brief_is_of_the_sessions_that_ran_in_it_or_named_files_in_it() {
    let mut home = Home::new();
    home.you("Write.");
    home.does("Write", json!({"file_path": home.at("elsewhere/a.txt"), "content": "x"}), "ok", false);
    home.says("Done.");
    for (folder, found) in [("work", true), ("elsewhere", true), ("else", false), ("other", false)] {
        home.save();
        let catalog = scan::run(&home.world, scan::Options::default());
        let about = About::Folder(home.dir.path().join(folder));
        assert_eq!(of(&home.world, &catalog, &about, USUAL).is_ok(), found, "{folder}");
    }
}

#[test]
fn every_record_that_a_brief_of_the_sample_home_cites_is_there_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let now = "2026-10-20T12:00:00Z".parse().unwrap();
    crate::demo::make(dir.path(), &crate::demo::Shape { now, bulk: 0 }).unwrap();
    let world = crate::demo::world(dir.path()).with_clock(now);
    let catalog = scan::run(&world, scan::Options::default());
    let about = About::Sessions((0..catalog.sessions.len()).map(SessionIx::at).collect());
    let brief = of(&world, &catalog, &about, 100_000).unwrap();
    let mut checked = 0;
    for line in brief.kept.iter().map(|k| &k.line).filter(|l| matches!(l.section, Section::Goal | Section::Last | Section::Decisions)) {
        let said: String = line.cites.iter().map(|cite| said(&cite.file, &cite.record)).collect();
        let quoted = line.text.split('`').filter(|part| part.len() > 12).max_by_key(|part| part.len()).unwrap();
        let piece: String = quoted.chars().take(40).collect();
        assert!(said.contains(piece.trim_end_matches('…')), "{line:?}\n{said}");
        checked += 1;
    }
    assert!(checked > 15, "{checked}");
}

/// Everything that the record of this id says, on one line; read without anything of ours.
fn said(file: &Path, id: &str) -> String {
    fn strings(value: &Value, out: &mut String) {
        match value {
            Value::String(text) => out.extend(text.split_whitespace().flat_map(|word| [word, " "])),
            Value::Array(all) => all.iter().for_each(|v| strings(v, out)),
            Value::Object(all) => all.values().for_each(|v| strings(v, out)),
            _ => {}
        }
    }
    let (text, mut out) = (std::fs::read_to_string(file).unwrap(), String::new());
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("uuid").and_then(Value::as_str) == Some(id)).for_each(|line| strings(&line, &mut out));
    assert!(!out.is_empty(), "{id} is not in {}", file.display());
    out
}
