//! What is in use: processes that wrote themselves down, the app, open turns.

use super::{Cowork, Home, ID, THEN, Tool, process, record};
use crate::platform::Process;
use crate::stores::turn::{Turn, of_lines};

#[test]
fn a_session_with_a_running_process_is_in_use_and_a_later_process_of_that_number_is_another() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org(&format!("{ID}/.claude/sessions/42.json"), &format!(r#"{{"pid": 42, "startedAt": {THEN}}}"#));
    let live = |processes| Cowork.read(&home.world().with_processes(processes), &home.ud()).sessions[0].live.clone();
    let began = u64::try_from(THEN / 1000).unwrap();
    assert_eq!(live(vec![process(42, "claude", began)]).as_deref(), Some("its process 42 runs"));
    assert_eq!(live(vec![process(42, "vim", began + 3600)]), None);
    assert_eq!(live(vec![process(43, "claude", began)]), None);
}

#[test]
fn a_start_in_ticks_is_believed_over_a_clock_that_was_set() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org(&format!("{ID}/.claude/sessions/391.json"), &format!(r#"{{"pid": 391, "startedAt": {THEN}, "procStart": "171216"}}"#));
    let live = |started, ticks| {
        let process = Process { ticks: Some(ticks), ..process(391, "claude", started) };
        Cowork.read(&home.world().with_processes(vec![process]), &home.ud()).sessions[0].live.clone()
    };
    let began = u64::try_from(THEN / 1000).unwrap();
    assert_eq!(live(began + 7200, 171_216).as_deref(), Some("its process 391 runs"));
    assert_eq!(live(began, 171_300), None);
}

/// Why a session counts as in use that left this file, where no process runs.
fn left(name: &str, text: &str, domain: Option<&str>) -> Option<String> {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org(&format!("{ID}/.claude/sessions/{name}"), text);
    let mut world = home.world();
    world.os = crate::platform::Os::Linux;
    world.pid_domain = domain.map(str::to_owned);
    Cowork.read(&world, &home.ud()).sessions[0].live.clone()
}

#[test]
fn a_process_of_another_container_or_machine_cannot_be_told_and_counts_as_in_use() {
    let file = r#"{"pid": 42, "pidDomain": "linux:a1:pid:[2]"}"#;
    assert_eq!(left("42.json", file, Some("linux:a1:pid:[2]")), None);
    for own in ["linux:a1:pid:[1]", "linux:b2:pid:[2]"] {
        assert!(left("42.json", file, Some(own)).unwrap().ends_with("cannot be told"), "{own}");
    }
}

#[test]
fn a_process_inside_the_virtual_machine_is_gone_when_the_app_is() {
    let file = r#"{"pid": 42, "cwd": "/sessions/calm-quiet-gauss", "pidDomain": "linux:a1:pid:[2]"}"#;
    assert_eq!(left("42.json", file, Some("linux:b2:pid:[2]")), None);
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org(&format!("{ID}/.claude/sessions/42.json"), r#"{"pid": 42, "cwd": "/sessions/calm-quiet-gauss"}"#);
    let world = home.world().with_processes(vec![process(7, "claude-desktop", 0)]);
    let live = Cowork.read(&world, &home.ud()).sessions[0].live.clone().unwrap();
    assert!(live.contains("may run in the virtual machine"), "{live}");
}

#[test]
fn a_process_file_that_tells_nothing_counts_as_a_running_process() {
    assert!(left("x.json", "{\"pi", None).unwrap().contains("cannot be read"));
    assert!(left("x.json", "", None).unwrap().contains("cannot be read"));
    assert_eq!(left("pid-42.json", "{}", None), None, "an old name with the number in it");
    assert_eq!(left("42.0af3.key", "a secret", None), None);
}

#[cfg(unix)]
#[test]
fn a_process_file_that_is_a_link_cannot_be_told_and_counts_as_a_running_process() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    let other = home.in_org(&format!("{ID}/.claude/sessions/other.txt"), r#"{"pid": 42}"#);
    std::os::unix::fs::symlink(&other, other.with_file_name("42.json")).unwrap();
    assert!(home.only_session().live.unwrap().contains("42.json, which tells of one of its processes, cannot be read"));
}

#[test]
fn a_process_in_a_home_of_the_unofficial_build_counts_for_its_session() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(r#", "vmProcessName": "calm-quiet-gauss""#));
    let file = "local-agent-mode-sessions/sessions/calm-quiet-gauss/mnt/.claude/sessions/42.json";
    home.file(home.ud().join(file), &format!(r#"{{"pid": 42, "startedAt": {THEN}}}"#));
    let world = home.world().with_processes(vec![process(42, "claude", 0)]);
    assert_eq!(Cowork.read(&world, &home.ud()).sessions[0].live.as_deref(), Some("its process 42 runs"));
}

#[test]
fn the_app_runs_when_its_process_does() {
    let home = Home::new();
    let world = home.world().with_processes(vec![process(7, "claude-desktop", 0)]);
    assert_eq!(Cowork.running(&world, &home.ud()).as_deref(), Some("Claude Desktop runs (process 7)"));
    assert_eq!(Cowork.running(&home.world().with_processes(vec![process(7, "claude", 0)]), &home.ud()), None);
}

#[cfg(unix)]
#[test]
fn a_lock_left_behind_does_not_count_and_one_of_another_computer_cannot_be_told() {
    let home = Home::new();
    std::os::unix::fs::symlink("desk-7-4242", home.ud().join("SingletonLock")).unwrap();
    let running = |host: &str, processes| {
        let mut world = home.world().with_processes(processes);
        world.host = Some(host.into());
        Cowork.running(&world, &home.ud())
    };
    assert_eq!(running("desk-7", vec![]), None);
    assert!(running("desk-7", vec![process(4242, "x", 0)]).unwrap().contains("holds its lock"));
    assert_eq!(running("desk-7", vec![process(4242, "x", u64::MAX)]), None);
    assert!(running("other", vec![]).unwrap().ends_with("cannot be told"));
}

// Open turns, by lines as the app and the command line tool write them.

const ASKED: &str = r#"{"type":"user","uuid":"u1","isSidechain":false,"message":{"role":"user","content":"Please write a note."}}"#;
const CALLS: &str = r#"{"type":"assistant","message":{"role":"assistant","stop_reason":"tool_use","content":[{"type":"tool_use","id":"toolu_1","name":"Write","input":{}}]}}"#;
const ANSWERED: &str =
    r#"{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"ok"}]}}"#;
const ENDS: &str =
    r#"{"type":"assistant","message":{"role":"assistant","stop_reason":"end_turn","content":[{"type":"text","text":"Done."}]}}"#;
const SAYS: &str = r#"{"type":"assistant","message":{"role":"assistant","stop_reason":null,"content":[{"type":"text","text":"Done."}]},"parent_tool_use_id":null}"#;
const RESULT: &str = r#"{"duration_ms":4660,"type":"result","subtype":"success","is_error":false,"result":"Done."}"#;
const AFTER: [&str; 5] = [
    r#"{"type":"last-prompt","leafUuid":"a6"}"#,
    r#"{"type":"atis-latch"}"#,
    r#"{"type":"cost-state"}"#,
    r#"{"type":"command_lifecycle","state":"completed"}"#,
    r#"{"type":"system","subtype":"background_tasks_changed"}"#,
];

fn turn(lines: &[&str]) -> Turn {
    of_lines((lines.join("\n") + "\n").as_bytes(), true)
}

#[test]
fn a_question_a_call_and_an_answer_to_a_call_open_a_turn_and_its_end_closes_it() {
    for open in [&[ASKED][..], &[ASKED, CALLS], &[ASKED, CALLS, ANSWERED], &[ENDS, ASKED], &[RESULT, ASKED, CALLS]] {
        assert_eq!(turn(open), Turn::Open, "{open:?}");
        assert_eq!(turn(&[open, &AFTER].concat()), Turn::Open, "{open:?} with bookkeeping after it");
        for end in [ENDS, RESULT] {
            assert_eq!(turn(&[open, &[end], &AFTER].concat()), Turn::Closed, "{open:?}");
        }
    }
}

#[test]
fn what_the_app_adds_after_the_end_opens_no_turn() {
    for line in [
        r#"{"type":"user","isReplay":true,"message":{"role":"user","content":"<command-name>/compact</command-name>"}}"#,
        r#"{"type":"user","isMeta":true,"message":{"role":"user","content":"the pages of a file"}}"#,
        r#"{"type":"user","isCompactSummary":true,"message":{"role":"user","content":"This session is being continued"}}"#,
        r#"{"type":"user","message":{"role":"user","content":"<local-command-stdout>Compacted</local-command-stdout>"}}"#,
        r#"{"type":"system","subtype":"init"}"#,
        r#"{"type":"rate_limit_event"}"#,
        "not JSON at all",
    ] {
        assert_eq!(turn(&[ASKED, RESULT, line]), Turn::Closed, "{line}");
    }
}

#[test]
fn a_turn_that_was_broken_off_or_failed_is_closed() {
    let broken_off = r#"{"type":"user","message":{"role":"user","content":[{"type":"text","text":"[Request interrupted by user]"}]}}"#;
    let failed = r#"{"type":"assistant","isApiErrorMessage":true,"message":{"stop_reason":null,"content":[{"type":"text","text":"400"}]}}"#;
    let terminal = r#"{"type":"system","subtype":"turn_duration","durationMs":5}"#;
    for end in [broken_off, failed, terminal] {
        assert_eq!(turn(&[ASKED, CALLS, end]), Turn::Closed, "{end}");
    }
}

#[test]
fn an_agent_that_ends_does_not_end_the_turn_of_who_called_it() {
    let agent = ENDS.replacen('{', r#"{"isSidechain":true,"#, 1);
    assert_eq!(turn(&[ASKED, CALLS, &agent]), Turn::Open);
    assert_eq!(turn(&[&agent]), Turn::Closed, "in a file of its own");
    let agent = SAYS.replace("null}", r#""toolu_1"}"#);
    assert_eq!(turn(&[ASKED, CALLS, ANSWERED, RESULT, &agent]), Turn::Closed);
}

#[test]
fn a_line_cut_at_the_end_is_being_written_and_one_cut_at_the_beginning_says_nothing() {
    assert_eq!(of_lines(format!("{RESULT}\n{}", &ASKED[..40]).as_bytes(), true), Turn::Open);
    assert_eq!(of_lines(format!("{}\n{ENDS}\n", &ASKED[20..]).as_bytes(), false), Turn::Closed);
    assert_eq!(of_lines(&ASKED.as_bytes()[20..], false), Turn::Unclear);
    assert_eq!(of_lines(RESULT.as_bytes(), true), Turn::Closed, "whole, only without its line break");
    assert_eq!(of_lines(b"", true), Turn::Unclear);
}

/// Where a turn is open in a session with these files.
fn open_in(transcript: &str, audit: &str) -> Option<String> {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    for (path, text) in [(".claude/projects/-outputs/c9258e92.jsonl", transcript), ("audit.jsonl", audit)] {
        if !text.is_empty() {
            home.in_org(&format!("{ID}/{path}"), text);
        }
    }
    Cowork.open_turn(&home.ud(), &home.only_session())
}

#[test]
fn where_one_file_does_not_tell_the_other_does_and_where_none_does_the_turn_counts_as_open() {
    assert_eq!(open_in(&format!("{ASKED}\n{ENDS}\n"), &format!("{ASKED}\n{SAYS}\n")), None);
    assert_eq!(open_in(&format!("{ASKED}\n{CALLS}\n"), &format!("{ASKED}\n{SAYS}\n")).as_deref(), Some("the transcript"));
    assert_eq!(open_in(&format!("{ASKED}\n{ENDS}\n"), &format!("{RESULT}\n{ASKED}\n")).as_deref(), Some("the audit log"));
    assert_eq!(open_in("", &format!("{ASKED}\n{SAYS}\n")).as_deref(), Some("the audit log, as far as its end can be read"));
    assert_eq!(open_in("", ""), None);
}

#[test]
fn a_line_longer_than_what_is_read_at_first_is_read_after_all() {
    let long = |line: &str| line.replace("Done.", &"x".repeat(300_000)).replace("Please write a note.", &"y".repeat(300_000));
    assert_eq!(open_in(&format!("{}\n{}\n", long(ASKED), long(ENDS)), ""), None);
    assert_eq!(open_in(&format!("{}\n{}\n", long(ENDS), long(ASKED)), "").as_deref(), Some("the transcript"));
}

#[test]
fn an_agent_at_work_in_the_background_is_an_open_turn() {
    let home = Home::new();
    home.in_org(&format!("{ID}.json"), &record(""));
    home.in_org(&format!("{ID}/.claude/projects/-outputs/c9258e92.jsonl"), &format!("{ASKED}\n{ENDS}\n"));
    let agent = CALLS.replacen('{', r#"{"isSidechain":true,"#, 1);
    home.in_org(&format!("{ID}/.claude/projects/-outputs/c9258e92/subagents/agent-a1.jsonl"), &format!("{agent}\n"));
    assert_eq!(Cowork.open_turn(&home.ud(), &home.only_session()).as_deref(), Some("an agent's transcript"));
}
