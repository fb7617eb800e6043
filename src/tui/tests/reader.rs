//! Reading a conversation: a session made by hand on a disk, keys, frames.

use super::fixture::{Driver, PLAIN, sample};
use crate::model::{Catalog, Progress, Script};
use crate::tui::Options;
use crate::tui::app::Screen;
use crate::tui::msg::{Deed, Effect, Msg, Outcome};
use crate::tui::reader::desk::{Ask, Desk};
use ratatui::crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::style::{Color, Modifier};
use serde_json::{Value, json};
use std::path::Path;

fn user(n: usize, text: impl Into<Value>) -> Value {
    json!({"type":"user","uuid":format!("r{n}"),"parentUuid":(n > 0).then(|| format!("r{}", n - 1)),"timestamp":"2026-10-02T09:14:03Z","message":{"role":"user","content":text.into()}})
}

fn claude(n: usize, block: impl Into<Value>) -> Value {
    json!({"type":"assistant","uuid":format!("r{n}"),"parentUuid":format!("r{}", n - 1),"timestamp":"2026-10-02T09:15:09Z","message":{"id":format!("m{n}"),"role":"assistant","content":[block.into()]}})
}

fn says(text: &str) -> Value {
    json!({"type":"text","text":text})
}

fn call(name: &str, input: &Value) -> Value {
    json!({"type":"tool_use","id":format!("t-{name}"),"name":name,"input":input})
}

fn answer(n: usize, name: &str, text: &str) -> Value {
    user(n, json!([{"type":"tool_result","tool_use_id":format!("t-{name}"),"content":text}]))
}

/// Everything a conversation may hold.
fn everything() -> Vec<Value> {
    let rows = (1..=30).fold(String::new(), |all, n| format!("{all}row {n}\tvalue\x1b[31m red\x1b[0m\n"));
    let mut all = vec![
        user(
            0,
            "<uploaded_files><file><file_path>/s/uploads/input.xlsx</file_path></file></uploaded_files>\n\nPlease turn `input.xlsx` into the **quarterly report**, with one chart for each of the four quarters and a short summary before them.",
        ),
        user(1, "Base directory for this skill: /s/mnt/.skills/skills/xlsx\n\n# XLSX\n\nHow to read sheets."),
        claude(2, json!({"type":"thinking","thinking":"The sheet first.\nThen the charts.","signature":"x"})),
        claude(
            3,
            says(
                "I'll read the sheet first:\n\n1. every row,\n2. then the *sums*.\n\n```python\nimport openpyxl\nbook = openpyxl.load_workbook(\"input.xlsx\")\n```",
            ),
        ),
        claude(4, call("Bash", &json!({"command":"python scratch/read.py","description":"Reads the sheet"}))),
        answer(5, "Bash", &rows),
        claude(
            6,
            call(
                "Edit",
                &json!({"file_path":"/s/outputs/report.md","old_string":"# Report\nold line\nend","new_string":"# Report\nnew line\nend"}),
            ),
        ),
        answer(7, "Edit", "done"),
        claude(8, call("Agent", &json!({"description":"Check the sums","prompt":"Check them"}))),
        answer(9, "Agent", "They agree."),
        json!({"type":"system","subtype":"compact_boundary","uuid":"r10","parentUuid":null,"logicalParentUuid":"r9","compactMetadata":{"preTokens":900}}),
        claude(11, says("The report is in `outputs/report.md`. 四半期報告書ができました。 مرحبا بالعالم 👩‍👩‍👧‍👦 e\u{301}.")),
        user(12, "\u{202E}Thanks\u{7}! And the second needle?"),
    ];
    all.extend(
        (13..40).map(|n| if n % 2 == 1 { claude(n, says(&format!("Answer {n} has a Needle."))) } else { user(n, format!("Question {n}")) }),
    );
    // The user went back once: to the first answer.
    let mut left = user(40, "Left behind");
    left["parentUuid"] = json!("r11");
    all.insert(12, left);
    all
}

fn write(home: &Path, lines: &[Value]) {
    let folder = home.join(".claude/projects/-s");
    let agents = folder.join("c0ffee/subagents");
    std::fs::create_dir_all(&agents).unwrap();
    let text = |lines: &[Value]| lines.iter().fold(String::new(), |all, line| format!("{all}{line}\n"));
    std::fs::write(folder.join("c0ffee.jsonl"), text(lines)).unwrap();
    std::fs::write(agents.join("agent-a1.jsonl"), text(&[user(0, "Check them"), claude(1, says("They agree, says the sub-agent."))]))
        .unwrap();
    std::fs::write(agents.join("agent-a1.meta.json"), json!({"description":"Check the sums","toolUseId":"t-Agent"}).to_string()).unwrap();
}

/// An interface whose first session has this conversation, and what reads it.
pub struct Reader {
    pub d: Driver,
    desk: Desk,
    done: usize,
    _home: tempfile::TempDir,
}

impl Reader {
    fn with(lines: &[Value], size: (u16, u16), options: Options) -> Self {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), lines);
        let mut catalog: Catalog = sample();
        catalog.sessions[0].dir = Some(home.path().to_path_buf());
        Self::of(catalog, home, size, options)
    }

    fn of(catalog: Catalog, home: tempfile::TempDir, size: (u16, u16), options: Options) -> Self {
        let mut d = Driver::with(catalog, size.0, size.1, options);
        d.on("Quarterly report");
        Self { d, desk: Desk::default(), done: 0, _home: home }
    }

    /// One that is open.
    pub fn open(size: (u16, u16)) -> Self {
        let mut reader = Self::with(&everything(), size, PLAIN);
        reader.keys("t");
        reader
    }

    /// Presses keys, and lets the desk answer each.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            self.d.keys(&key.to_string());
            self.serve();
        }
        self
    }

    fn code(&mut self, code: KeyCode) -> &mut Self {
        self.d.code(code);
        self.serve();
        self
    }

    /// Lets the desk do what was asked of it.
    pub fn serve(&mut self) {
        while let Some(effect) = self.d.effects.get(self.done) {
            self.done += 1;
            if let Effect::Read(ticket, ask) = effect {
                let ticket = *ticket;
                for news in self.desk.at_once(ask.clone()) {
                    self.d.send(Msg::Reader(ticket, news));
                }
            }
        }
    }

    fn frame(&self) -> String {
        self.d.frame()
    }

    fn clipped(&self) -> Option<&str> {
        self.d.effects.iter().rev().find_map(|e| if let Effect::Clip(text) = e { Some(text.as_str()) } else { None })
    }

    /// The row the cursor is on.
    fn here(&self) -> String {
        let frame = self.frame();
        let row = frame.lines().find(|l| l.starts_with(['▌', '>'])).unwrap_or_else(|| panic!("no cursor in\n{frame}"));
        row.trim_start_matches(['▌', '>']).trim_end_matches(['│', '█']).trim().to_owned()
    }
}

#[test]
fn a_conversation_on_the_usual_terminal() {
    insta::assert_snapshot!(Reader::open((100, 30)).frame());
}

#[test]
fn a_conversation_on_the_smallest_terminal() {
    insta::assert_snapshot!(Reader::open((60, 15)).frame());
}

#[test]
fn a_conversation_on_a_large_terminal_with_everything_unfolded() {
    let mut r = Reader::open((200, 50));
    insta::assert_snapshot!(r.keys("O").frame());
}

#[test]
fn a_conversation_in_ascii() {
    let mut lines = everything();
    lines.truncate(11);
    let mut r = Reader::with(&lines, (80, 24), Options { ascii: true, ..PLAIN });
    let frame = r.keys("tOG").frame();
    assert!(frame.is_ascii(), "{frame}");
    insta::assert_snapshot!(frame);
}

#[test]
fn without_colour_the_cursor_the_changes_and_what_was_found_are_seen_all_the_same() {
    let mut r = Reader::with(&everything(), (100, 40), Options { colour: false, ..PLAIN });
    r.keys("tO/new line\n");
    let (frame, buffer) = (r.frame(), r.d.buffer());
    assert!(buffer.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
    assert!(frame.contains("- old line") && frame.contains("+ new line") && frame.lines().any(|l| l.starts_with('▌')), "{frame}");
    let reversed: String =
        buffer.content.iter().filter(|c| c.modifier.contains(Modifier::REVERSED)).map(ratatui::buffer::Cell::symbol).collect();
    assert_eq!(reversed, "new line");
}

#[test]
fn enter_on_the_transcript_opens_it_and_q_goes_back_to_where_one_was() {
    let mut r = Reader::with(&everything(), (120, 40), PLAIN);
    r.keys("l").d.on(".claude/projects").keys("l").on("transcript");
    r.keys("\n");
    assert!(r.frame().contains("You · 2026-10-02 09:14 UTC"), "{}", r.frame());
    r.keys("q");
    assert!(matches!(r.d.app.screen, Screen::Main) && r.d.app.reading.is_none());
    assert_eq!(r.d.current(), "transcript");
    assert!(r.d.effects.iter().any(|e| matches!(e, Effect::Read(_, Ask::Close))));
}

#[test]
fn a_tool_is_one_line_until_enter_unfolds_it_and_an_edit_is_a_diff() {
    let mut r = Reader::open((100, 30));
    assert!(!r.frame().contains("row 7"), "{}", r.frame());
    while !r.here().starts_with("▸ Ran python") {
        r.keys("j");
    }
    assert!(r.here().contains("— 30 lines"), "{}", r.here());
    r.keys("\n");
    assert!(r.frame().contains("row 7   value red"), "{}", r.frame());
    // From inside, left folds it again.
    r.keys("jjjh");
    assert!(r.here().starts_with("▸ Ran python") && !r.frame().contains("row 7"), "{}", r.frame());
    r.keys("jl");
    let frame = r.frame();
    assert!(frame.contains("- old line") && frame.contains("+ new line") && frame.matches("# Report").count() == 1, "{frame}");
    let buffer = r.d.buffer();
    let colour = |text: &str| {
        let row = frame.lines().position(|l| l.contains(text)).unwrap();
        let at = frame.lines().nth(row).unwrap().find(text).unwrap();
        let column = frame.lines().nth(row).unwrap()[..at].chars().count();
        buffer[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())].fg
    };
    assert_eq!((colour("- old"), colour("+ new")), (Color::Red, Color::Green));
}

#[test]
fn what_the_tool_put_in_sub_agents_and_branches_that_were_left_are_folded_and_labelled() {
    let mut r = Reader::open((100, 60));
    let frame = r.frame();
    assert!(frame.contains("▸ Skill xlsx — added by the app") && !frame.contains("How to read sheets"), "{frame}");
    assert!(frame.contains("▸ Sub-agent: Check the sums — 2 messages") && !frame.contains("says the sub-agent"), "{frame}");
    assert!(frame.contains("── Here the conversation was compacted (900 tokens before)"), "{frame}");
    r.keys("G");
    assert!(r.here().contains("1 message — left: the conversation went on"), "{}", r.frame());
    r.keys("\n");
    assert!(r.frame().contains("Left behind"), "{}", r.frame());
    r.keys("gO");
    let frame = r.frame();
    assert!(frame.contains("How to read sheets") && frame.contains("Then the charts."), "{frame}");
}

#[test]
fn nothing_that_a_terminal_acts_on_is_drawn() {
    let mut r = Reader::open((100, 60));
    for _ in 0..3 {
        let buffer = r.keys("O]").d.buffer();
        assert!(buffer.content.iter().all(|c| !c.symbol().chars().any(|c| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c))));
    }
    assert!(r.keys("g]").frame().contains("\u{FFFD}Thanks!"), "{}", r.frame());
}

#[test]
fn turns_are_jumped_between_and_counted() {
    let mut r = Reader::open((100, 30));
    assert!(r.frame().contains("turn 1 of 32 · complete"), "{}", r.frame());
    r.keys("]");
    assert!(r.here().starts_with("You") && r.frame().contains("Thanks!"), "{}", r.frame());
    r.keys("]]");
    assert!(r.frame().contains("Question 16"), "{}", r.frame());
    r.keys("[[[");
    assert!(r.frame().contains("turn 1 of 32"), "{}", r.frame());
    r.keys("}");
    assert!(r.here().starts_with("Claude"), "{}", r.frame());
    r.keys("G");
    assert!(r.frame().contains("of 32") && r.frame().contains("Question 38"), "{}", r.frame());
    r.keys("g[");
    assert!(r.d.app.toast.as_ref().unwrap().text.contains("first"));
}

#[test]
fn a_search_goes_to_what_it_finds_unfolds_it_and_counts() {
    let mut r = Reader::open((100, 30));
    r.keys("/row 29");
    let frame = r.frame();
    assert!(frame.contains("row 29  value red") && frame.contains("1 of 1 in 1 message"), "{frame}");
    let reversed: String =
        r.d.buffer().content.iter().filter(|c| c.modifier.contains(Modifier::REVERSED)).map(ratatui::buffer::Cell::symbol).collect();
    assert!(reversed.starts_with("row 29"), "{reversed:?}");
    r.keys("\x1b/needle\n");
    assert!(r.frame().contains("1 of 15 in 15 messages"), "{}", r.frame());
    assert!(r.here().contains("second needle"), "{}", r.here());
    r.keys("n");
    assert!(r.here().contains("Answer 13 has a Needle"), "{}", r.here());
    r.keys("NN");
    assert!(r.here().contains("Answer 39"), "before the first is the last: {}", r.here());
    r.keys("\x1b");
    assert!(matches!(r.d.app.screen, Screen::Reader) && r.d.app.reading.as_ref().unwrap().search.is_none());
    r.keys("g/Needle\n");
    assert!(r.frame().contains("of 14 in 14"), "a capital counts: {}", r.frame());
    r.keys("\x1b/nobody says this\n");
    assert!(r.frame().contains("nothing found"), "{}", r.frame());
}

#[test]
fn a_search_finds_what_is_folded_away_in_a_sub_agent_and_in_a_branch_that_was_left() {
    let mut r = Reader::open((100, 30));
    r.keys("/says the sub-agent\n");
    assert!(r.here().contains("They agree, says the sub-agent."), "{}", r.frame());
    r.keys("\x1bg/left behind\n");
    assert!(r.here().contains("Left behind"), "{}", r.frame());
}

#[test]
fn code_a_call_and_a_turn_are_copied_and_secrets_in_them_are_told() {
    let mut r = Reader::open((100, 40));
    while !r.here().starts_with("│ import") {
        r.keys("j");
    }
    r.keys("y");
    assert_eq!(r.clipped(), Some("import openpyxl\nbook = openpyxl.load_workbook(\"input.xlsx\")\n"));
    assert!(r.d.app.toast.as_ref().unwrap().text.contains("the code is copied"), "{:?}", r.d.app.toast);
    r.keys("gy");
    assert!(r.clipped().unwrap().contains("Please turn `input.xlsx` into the **quarterly report**"), "{:?}", r.clipped());
    let key = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let mut r = Reader::with(&[user(0, format!("My token is {key}, keep it"))], (100, 30), PLAIN);
    r.keys("ty");
    let toast = r.d.app.toast.as_ref().unwrap();
    assert!(toast.loud && toast.text.contains("it holds 1 secret"), "{}", toast.text);
}

#[test]
fn a_session_that_stands_in_files_of_one_message_each_is_read_and_searched_as_any_other() {
    let home = tempfile::tempdir().unwrap();
    let put = |path: String, value: Value| {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    };
    for (n, (role, text)) in
        [("user", "Rename the images"), ("assistant", "They have new names."), ("user", "Undo it")].into_iter().enumerate()
    {
        put(format!("storage/message/ses_1/msg_{n}.json"), json!({"role":role,"time":{"created":1_795_292_331_130_i64}}));
        put(format!("storage/part/msg_{n}/prt_{n}.json"), json!({"type":"text","text":text}));
    }
    let mut catalog: Catalog = sample();
    let session = &mut catalog.sessions[0];
    (session.id, session.dir, session.script) = ("ses_1".into(), None, Script::Files(home.path().join("storage")));
    let mut r = Reader::of(catalog, home, (100, 30), PLAIN);
    r.keys("t");
    for says in ["You · ", "Rename the images", "opencode · ", "They have new names.", "Undo it"] {
        assert!(r.frame().contains(says), "{says} in {}", r.frame());
    }
    r.keys("/new names\n");
    assert!(r.here().contains("They have new names."), "{}", r.here());
}

#[test]
fn an_export_begins_from_the_reader_and_ends_in_it() {
    let mut r = Reader::open((100, 30));
    r.keys("e");
    assert!(r.frame().contains("Export 1 session"), "{}", r.frame());
    r.keys("\n");
    assert!(matches!(r.d.effects.last(), Some(Effect::Start(Deed::Export(sessions))) if sessions.len() == 1));
    assert!(matches!(r.d.app.screen, Screen::Reader));
    r.d.send(Msg::Progress(Progress { verb: "Exporting", ..Progress::default() }));
    r.keys("x");
    assert!(matches!(r.d.effects.last(), Some(Effect::StopWork)));
    r.d.send(Msg::Finished(Outcome { line: "Exported: all of it".into(), good: true, ..Outcome::default() }));
    assert!(r.frame().contains("Exported: all of it"), "{}", r.frame());
    r.keys("?");
    assert!(r.frame().contains("In a conversation"), "{}", r.frame());
    r.keys("\x1b:unfold all\n");
    assert!(matches!(r.d.app.screen, Screen::Reader) && r.d.app.reading.as_ref().unwrap().all_open());
}

#[test]
fn what_is_missing_is_said_and_one_key_shows_why() {
    let mut lines = everything();
    lines.remove(5);
    let mut r = Reader::with(&lines, (100, 30), PLAIN);
    r.keys("t");
    assert!(r.frame().contains("1 thing missing · i") || r.frame().contains("2 things missing · i"), "{}", r.frame());
    r.keys("i");
    assert!(r.frame().contains("1 tool call has no answer"), "{}", r.frame());
    r.keys("q");
    assert!(matches!(r.d.app.screen, Screen::Reader));
}

#[test]
fn it_opens_at_the_turn_of_a_record() {
    let mut r = Reader::with(&everything(), (100, 30), PLAIN);
    let session = r.d.app.catalog.sessions[0].clone();
    let effects = crate::tui::update::reader::open_session(&mut r.d.app, session, Some("r21".into()));
    r.d.effects.extend(effects);
    r.serve();
    r.keys("j");
    assert!(r.frame().contains("Answer 21"), "{}", r.frame());
    assert!(r.here().contains("Claude") || r.here().contains("Answer 21"), "{}", r.here());
}

#[test]
fn a_session_without_a_conversation_says_so() {
    let mut r = Reader::with(&[], (100, 30), PLAIN);
    let empty = tempfile::tempdir().unwrap();
    let mut session = r.d.app.catalog.sessions[0].clone();
    session.dir = Some(empty.path().to_path_buf());
    let effects = crate::tui::update::reader::open_session(&mut r.d.app, session, None);
    r.d.effects.extend(effects);
    r.serve();
    assert!(r.frame().contains("there is no conversation that could be read"), "{}", r.frame());
    r.keys("jkG/x\n\x1bnyq");
    assert!(matches!(r.d.app.screen, Screen::Main));
}

#[test]
fn the_mouse_scrolls_and_unfolds() {
    let mut r = Reader::open((100, 30));
    let row = u16::try_from(r.frame().lines().position(|l| l.contains("▸ Ran python")).unwrap()).unwrap();
    let mouse = |kind, row| MouseEvent { kind, column: 5, row, modifiers: KeyModifiers::NONE };
    let at = r.d.at;
    r.d.send(Msg::Mouse(mouse(MouseEventKind::Down(MouseButton::Left), row), at));
    r.serve();
    assert!(r.here().starts_with("▾ Ran python"), "{}", r.frame());
    let before = r.frame();
    r.d.send(Msg::Mouse(mouse(MouseEventKind::ScrollDown, 5), at));
    r.serve();
    let text = |frame: &str, row: usize| frame.lines().nth(row).unwrap().trim_end_matches(['│', '█']).trim_end().to_owned();
    assert_eq!(text(&before, 2 + 3), text(&r.frame(), 2), "three rows on");
}

#[test]
fn every_row_is_passed_once_from_the_beginning_to_the_end_and_back() {
    let mut r = Reader::open((60, 20));
    r.keys("O");
    r.keys("g");
    let mut down = vec![r.d.app.reading.as_ref().unwrap().at];
    loop {
        r.keys("j");
        let at = r.d.app.reading.as_ref().unwrap().at;
        if at == *down.last().unwrap() {
            break;
        }
        down.push(at);
    }
    assert!(down.len() > 150 && down.windows(2).all(|w| w[0] < w[1]), "{}", down.len());
    for place in down.iter().rev().skip(1) {
        r.keys("k");
        assert_eq!(r.d.app.reading.as_ref().unwrap().at, *place);
    }
    r.code(KeyCode::End).code(KeyCode::PageUp).code(KeyCode::PageDown).code(KeyCode::Home);
    assert_eq!(r.d.app.reading.as_ref().unwrap().at, down[0]);
}

#[test]
fn a_line_further_never_makes_the_screen_jump() {
    let mut r = Reader::open((100, 30));
    r.keys("O").code(KeyCode::PageDown);
    let top = |r: &Reader| {
        r.frame().lines().nth(2).unwrap().trim_end_matches(['│', '█']).trim_start_matches(['▌', '▏', ' ']).trim_end().to_owned()
    };
    let second = |r: &Reader| {
        r.frame().lines().nth(3).unwrap().trim_end_matches(['│', '█']).trim_start_matches(['▌', '▏', ' ']).trim_end().to_owned()
    };
    for key in "jjjjjjjjjjjjjjjkkkkkkkkkkkkkkkkkkkkkkkkkkk".chars() {
        let (before, next) = (top(&r), second(&r));
        r.keys(&key.to_string());
        let moved = if key == 'j' { top(&r) == next } else { second(&r) == before };
        assert!(top(&r) == before || moved, "{key}: {before:?} became {:?}", top(&r));
    }
}
