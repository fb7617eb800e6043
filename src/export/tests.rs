//! Durable folders made from sessions in temporary homes, and pages read back as a viewer would.

mod beside;
mod viewers;

use super::form::{About, Desk, Form};
use super::markdown::Page;
use super::redact::Redactor;
use super::*;
use crate::model::{Class, Facts, Marks, NodeId, Quiet, Session, Spot, Store, StoreIx, Verdict};
use crate::transcript::{self, Answer, Block, Event, Picture, Told, Tool, Turn, Who};
use proptest::prelude::*;
use serde_json::json;
use std::path::Path;

mod again;
mod flushing;
mod footprint;
mod html;
mod prose;
mod recipe;
mod stores;

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

const ID: &str = "local_5a7d4a86-0000-4000-8000-000000000000";

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), std::collections::BTreeMap::new());
        let home = Self { dir, world };
        home.session("outputs/report.md", b"# Report");
        home.session("outputs/sub/data.csv", b"1,2");
        home.session("outputs/node_modules/x/index.js", b"rebuildable");
        home.says(&["Make the report", "Again"]);
        home
    }

    fn session_dir(&self) -> PathBuf {
        self.dir.path().join("store").join(ID)
    }

    fn durable(&self, path: &str) -> PathBuf {
        self.dir.path().join("Documents/Claude Cowork/Quarterly report").join(path)
    }

    fn session(&self, path: &str, bytes: &[u8]) {
        let path = self.session_dir().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn says(&self, prompts: &[&str]) {
        let line = |(n, text): (usize, &&str)| {
            json!({"type":"user","uuid":format!("u{n}"),"timestamp":"2026-10-02T09:14:03Z","message":{"content":text}}).to_string() + "\n"
        };
        let lines: String = prompts.iter().enumerate().map(line).collect();
        self.session(".claude/projects/-s/conv.jsonl", lines.as_bytes());
    }

    /// The catalogue a scan would give: what is in `node_modules` rebuildable, the rest at risk.
    fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::default();
        let risk = catalog.keep(Verdict::at_risk("test/risk", "only here"));
        let free = catalog.keep(Verdict { class: Class::Rebuildable, ..Verdict::at_risk("test/free", "npm install") });
        let root = self.dir.path().join("store");
        let facts = |p: &Path| -> Facts { crate::platform::facts(p).unwrap() };
        let top = catalog.add_root(root.clone(), &facts(&root), Spot(0), risk);
        let mut nodes = std::collections::HashMap::<PathBuf, NodeId>::from([(root.clone(), top)]);
        for entry in walkdir::WalkDir::new(&root).min_depth(1).sort_by_file_name().into_iter().filter_map(Result::ok) {
            let path = entry.path();
            let verdict = if path.to_string_lossy().contains("node_modules") { free } else { risk };
            let name = crate::model::to_bytes(entry.file_name()).into_owned();
            let id =
                catalog.add(nodes[path.parent().unwrap()], &name, &facts(path), Spot(0), verdict, Some(SessionIx::at(0)), Marks::default());
            nodes.insert(path.to_path_buf(), id);
        }
        let (name, title) = ("cowork", "Claude Cowork");
        catalog.stores.push(Store { name, title, root, layout: "host-loop".into(), notes: vec![], live: None, node: Some(top) });
        catalog.sessions.push(Session {
            id: ID.into(),
            title: "Quarterly report".into(),
            started: Some("2026-10-02T09:14:03Z".parse().unwrap()),
            dir: Some(self.session_dir()),
            conversation: Some("conv".into()),
            store: Some(StoreIx(0)),
            ..Session::default()
        });
        catalog
    }

    fn export(&self) -> Report {
        self.export_with(&Options::default())
    }

    fn export_with(&self, options: &Options) -> Report {
        export(&self.world, &self.catalog(), SessionIx::at(0), options, &Quiet).unwrap()
    }

    /// Every file below Documents with its content and time of change.
    fn documents(&self) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
        let root = self.dir.path().join("Documents");
        let files = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file());
        files
            .map(|e| {
                let name = super::keep::slashed(e.path().strip_prefix(&root).unwrap());
                (name, std::fs::read(e.path()).unwrap(), e.metadata().unwrap().modified().unwrap())
            })
            .collect()
    }
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path.as_ref()).unwrap_or_else(|e| panic!("{}: {e}", path.as_ref().display()))
}

#[test]
fn an_export_holds_the_transcript_the_outputs_and_a_manifest_and_nothing_rebuildable() {
    let home = Home::new();
    let report = home.export();
    assert_eq!((report.turns, report.copied, report.bytes), (2, 2, 11));
    assert!(report.skipped.is_empty() && report.failed.is_empty());
    let names: Vec<String> = home.documents().into_iter().map(|(name, ..)| name).collect();
    let below = |n: &str| format!("Claude Cowork/Quarterly report/{n}");
    assert_eq!(names, ["manifest.jsonl", "manifest.toml", "outputs/report.md", "outputs/sub/data.csv", "transcript.md"].map(below));
    let manifest: toml::Table = read(home.durable("manifest.toml")).parse().unwrap();
    assert_eq!((manifest["schema"].as_str(), manifest["session"].as_str()), (Some("lifeboat.manifest/1"), Some(ID)));
    let output = &manifest["output"].as_array().unwrap()[0];
    assert_eq!(output["path"].as_str(), Some("outputs/report.md"));
    assert_eq!(output["blake3"].as_str(), Some(blake3::hash(b"# Report").to_hex().as_str()));
}

#[test]
fn a_copy_has_the_time_of_its_original() {
    let home = Home::new();
    let then = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    std::fs::File::options().write(true).open(home.session_dir().join("outputs/report.md")).unwrap().set_modified(then).unwrap();
    home.export();
    assert_eq!(std::fs::symlink_metadata(home.durable("outputs/report.md")).unwrap().modified().unwrap(), then);
}

#[test]
fn a_second_export_changes_nothing() {
    let home = Home::new();
    home.export();
    let before = home.documents();
    let report = home.export();
    assert_eq!((report.copied, report.copies.len()), (0, 2));
    assert_eq!(home.documents(), before);
}

#[test]
fn what_changed_in_the_session_is_brought_up_to_date() {
    let home = Home::new();
    home.export();
    home.session("outputs/report.md", b"# Report, second");
    home.says(&["Make the report", "Again", "Once more"]);
    let report = home.export();
    assert_eq!((report.copied, report.turns, report.skipped.len()), (1, 3, 0));
    assert_eq!(read(home.durable("outputs/report.md")), "# Report, second");
    assert!(read(home.durable("transcript.md")).contains("Once more"));
    assert_eq!(home.documents().len(), 5);
}

#[test]
fn a_file_the_user_changed_is_never_overwritten_and_the_new_one_stands_beside_it() {
    let home = Home::new();
    home.export();
    std::fs::write(home.durable("outputs/report.md"), "mine").unwrap();
    std::fs::write(home.durable("transcript.md"), "my notes").unwrap();
    home.session("outputs/report.md", b"# Report, second");
    home.says(&["Other words"]);
    let report = home.export();
    assert_eq!((read(home.durable("outputs/report.md")), read(home.durable("transcript.md"))), ("mine".into(), "my notes".into()));
    assert_eq!(read(home.durable("outputs/report (2).md")), "# Report, second");
    assert!(read(home.durable("transcript (2).md")).contains("Other words"));
    assert_eq!(report.transcript, Some(home.durable("transcript (2).md")));
    let told: Vec<&str> = report.skipped.iter().map(|s| s.reason.as_str()).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].ends_with("beside it as transcript (2).md") && told[1].ends_with("beside it as report (2).md"), "{told:?}");
    let before = home.documents();
    assert_eq!(home.export().copied, 0);
    assert_eq!(home.documents(), before);
}

#[test]
fn a_folder_of_the_users_with_the_same_name_is_not_touched() {
    let home = Home::new();
    std::fs::create_dir_all(home.durable("outputs")).unwrap();
    std::fs::write(home.durable("outputs/report.md"), "theirs").unwrap();
    let report = home.export();
    assert_eq!(report.folder, home.dir.path().join("Documents/Claude Cowork/Quarterly report (5a7d4a86)"));
    assert_eq!(read(home.durable("outputs/report.md")), "theirs");
}

#[expect(clippy::disallowed_methods, reason = "as the user would")]
#[test]
fn a_durable_folder_that_was_renamed_is_found_again() {
    let home = Home::new();
    home.export();
    let renamed = home.durable("").with_file_name("Kept");
    std::fs::rename(home.durable(""), &renamed).unwrap();
    assert_eq!(home.export().folder, renamed);
    assert!(!home.durable("").exists());
}

#[test]
fn a_secret_in_a_title_names_no_folder() {
    let home = Home::new();
    let mut catalog = home.catalog();
    catalog.sessions[0].title = "Use AKIAIOSFODNN7EXAMPLE please".into();
    let report = export(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!(report.folder.file_name().unwrap(), "Use [redacted- aws-access-key] please");
    assert!(!home.documents().iter().any(|(_, bytes, _)| String::from_utf8_lossy(bytes).contains("AKIA")));
}

#[test]
fn a_durable_folder_within_a_store_is_refused() {
    let home = Home::new();
    let options = Options { to: Some(home.session_dir().join("outputs/kept")), ..Options::default() };
    let error = export(&home.world, &home.catalog(), SessionIx::at(0), &options, &Quiet).unwrap_err();
    assert_eq!(error.exit_code(), 3);
    assert!(!home.session_dir().join("outputs/kept").exists());
}

#[test]
fn a_dry_run_says_what_it_would_do_and_writes_nothing() {
    let home = Home::new();
    let report = home.export_with(&Options { dry_run: true, ..Options::default() });
    assert_eq!((report.copied, report.bytes, report.transcript.is_some()), (2, 11, true));
    assert!(!home.dir.path().join("Documents").exists());
}

#[test]
fn a_manifest_that_points_elsewhere_leads_nowhere() {
    let home = Home::new();
    home.export();
    let path = home.durable("manifest.toml");
    let theirs = home.dir.path().join("theirs.md");
    std::fs::write(&theirs, "# Report, old").unwrap();
    let hash = blake3::hash(b"# Report, old").to_hex();
    let text =
        read(&path).replace("outputs/report.md", "../../../theirs.md").replace(blake3::hash(b"# Report").to_hex().as_str(), hash.as_str());
    std::fs::write(&path, text + "from = \"outputs/report.md\"\n").unwrap();
    home.export();
    assert_eq!(read(theirs), "# Report, old");
}

#[cfg(target_os = "linux")]
#[test]
fn links_and_pipes_among_the_outputs_are_told_and_not_followed() {
    let home = Home::new();
    let outputs = home.session_dir().join("outputs");
    std::os::unix::fs::symlink("/etc/hostname", outputs.join("link")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, outputs.join("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let report = home.export();
    let told: Vec<&str> = report.skipped.iter().map(|s| s.reason.as_str()).collect();
    assert_eq!((told, report.copied), (vec!["a link; what it points to is not copied", "not a file"], 2));
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_cannot_stand_in_documents_are_mapped_each_to_its_own_and_found_again() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let put =
        |name: &[u8], text: &str| std::fs::write(home.session_dir().join("outputs").join(std::ffi::OsStr::from_bytes(name)), text).unwrap();
    put(b"caf\xe8\x1b.txt", "same");
    put(b"caf\xe9\x1b.txt", "same");
    let both = || (read(home.durable("outputs/caf\u{FFFD}_.txt")), read(home.durable("outputs/caf\u{FFFD}_ (2).txt")));
    assert_eq!((home.export().copied, both()), (4, ("same".into(), "same".into())));
    put(b"caf\xe8\x1b.txt", "first");
    assert_eq!((home.export().copied, both()), (1, ("first".into(), "same".into())));
    assert_eq!(home.export().copied, 0);
}

#[test]
fn a_flush_copies_what_is_the_users_and_only_here_and_leaves_conversations_and_secrets() {
    let home = Home::new();
    home.session("uploads/pasted.txt", b"pasted");
    home.session("notes/x.md", b"stray");
    home.session(".audit-key", b"secret");
    home.session("audit.jsonl", b"{}\n");
    home.session(".claude/projects/-s/memory/m.md", b"noted");
    let mut catalog = home.catalog();
    catalog.stores[0].name = "a store without rules";
    let key = catalog.find(&home.session_dir().join(".audit-key")).unwrap();
    catalog.mark(key, Marks::SECRET, true);
    let report = flush(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    let names: Vec<String> =
        report.copies.iter().map(|c| keep::slashed(Path::new(&c.copy.path).strip_prefix(&report.folder).unwrap())).collect();
    let expected =
        ["other/claude/projects/-s/memory/m.md", "other/notes/x.md", "outputs/report.md", "outputs/sub/data.csv", "uploads/pasted.txt"];
    assert_eq!(names, expected);
    assert_eq!((read(home.durable("uploads/pasted.txt")), report.copied), ("pasted".into(), 5));
    assert_eq!(report.skipped.iter().map(|s| s.reason.as_str()).collect::<Vec<_>>(), ["protected"]);
    let before = home.documents();
    let again = flush(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert_eq!((again.copied, home.documents()), (0, before));
}

/// The page of these turns, one a minute.
fn page(turns: Vec<(Who, Vec<Block<'static>>)>, told: Told) -> (String, u64) {
    let mut body = Vec::new();
    let about = about();
    let dir = tempfile::tempdir().unwrap();
    let mut beside = super::beside::Folder::new(dir.path(), Vec::new(), false);
    let mut page = Page::new(Desk::new(&mut body, &about, Redactor::default(), &mut beside, dir.path().join("x.partial")));
    let mut told = Told { model: Some("claude-opus-4-8".into()), ..told };
    for (n, (who, blocks)) in turns.into_iter().enumerate() {
        let when = Some(format!("2026-10-02T09:{:02}:03Z", 14 + n % 40).parse().unwrap());
        (told.began, told.ended) = (told.began.or(when), when);
        page.take(&Event::Turn(Turn { id: format!("r{n}").into(), who, when })).unwrap();
        for block in blocks {
            page.take(&Event::Block(block)).unwrap();
        }
    }
    let head = Box::new(page).finish(&told).unwrap();
    (head.text + std::str::from_utf8(&body).unwrap(), head.turns)
}

fn bash(command: &str, text: &str) -> Block<'static> {
    let answer = Some(Answer { text: text.to_owned().into(), ..Answer::default() });
    Block::Tool(Tool { name: "Bash".into(), input: json!({"command": command}).to_string().into(), answer, ..Tool::default() })
}

fn about() -> About<'static> {
    About { title: "Quarterly report", source: "cowork", session: "local_5a7d4a86", ..About::default() }
}

#[test]
fn a_page_reads_like_this() {
    let turns = vec![
        (Who::User, vec![Block::Attachment(Picture::from("in_put.xlsx".to_owned())), Block::Text("Make <b>it</b>".into())]),
        (Who::Injected, vec![Block::Note("Skill xlsx".into()), Block::Text("# XLSX\n```\nx".into())]),
        (Who::Assistant, vec![Block::Thinking("Hm.".into()), Block::Text("I read it.".into()), bash("ls <dir>", "\x1b[31ma\x1b[0m\nb")]),
        (Who::Assistant, vec![Block::Text("key sk-ant-api03-AbCd1234EfGh5678IjKl9012".into())]),
        (Who::Injected, vec![Block::Note("Here the conversation was compacted.".into())]),
    ];
    let told = Told { missing: vec!["2 tool results cleared by the app".into()], ..Told::default() };
    insta::assert_snapshot!(page(turns, told).0, @r####"
    ---
    schema: lifeboat.transcript/1
    title: Quarterly report
    source: cowork
    session: local_5a7d4a86
    started: 2026-10-02T09:14:03Z
    ended: 2026-10-02T09:18:03Z
    turns: 2
    model: claude-opus-4-8
    complete: false
    missing: ["2 tool results cleared by the app"]
    redacted: {anthropic-api-key: 1}
    exporter: lifeboat 0.1.0
    ---

    # Quarterly report

    *2026-10-02 (times are UTC)*

    <a id="t-r0"></a>

    ## You · 09:14

    *(attached: in\_put.xlsx)*

    Make &lt;b>it&lt;/b>

    <a id="t-r1"></a>

    <details><summary>Skill xlsx — added by the app</summary>

    ````
    # XLSX
    ```
    x
    ````

    </details>

    <a id="t-r2"></a>

    ## Claude · 09:16

    <details><summary>Thinking</summary>

    Hm.

    </details>

    I read it.

    <details><summary>Ran <code>ls &lt;dir&gt;</code> — 2 lines</summary>

    ```bash
    ls <dir>
    ```

    ```
    a
    b
    ```

    </details>

    <a id="t-r3"></a>

    key [redacted: anthropic-api-key]

    <a id="t-r4"></a>

    > *Here the conversation was compacted.*
    "####);
}

/// One call of each kind, with these texts wherever a text can stand.
fn calls(a: &str, b: &str) -> Vec<Block<'static>> {
    let inputs = [
        ("Edit", json!({"file_path":a,"old_string":a,"new_string":b,(a):b})),
        ("Write", json!({"file_path":b,"content":a,"description":b})),
        ("TodoWrite", json!({"todos":[{"content":a,"status":b},{"content":b,"status":"completed"}]})),
        ("AskUserQuestion", json!({"questions":[{"question":a,"options":[{"label":b,"description":a}]}]})),
        ("ExitPlanMode", json!({"planFilePath":b,"plan":a})),
        ("x", json!({"a":[a,{(b):a}]})),
    ];
    let tool = |(name, input): (&'static str, serde_json::Value)| {
        let answer = Some(Answer { text: b.to_owned().into(), ..Answer::default() });
        Block::Tool(Tool { id: a.to_owned().into(), name: name.into(), input: input.to_string().into(), answer, ..Tool::default() })
    };
    inputs.into_iter().map(tool).collect()
}

/// Whether a fence of markdown is open at the end of a page, and the lines outside of fences.
fn outside_fences(text: &str) -> (bool, Vec<&str>) {
    let mut open: Option<(char, usize)> = None;
    let mut outside = Vec::new();
    for line in text.lines() {
        let body = line.trim_start_matches(' ');
        let mark = body.chars().next().filter(|c| (*c == '`' || *c == '~') && line.len() - body.len() < 4);
        let run = mark.map_or(0, |m| body.chars().take_while(|c| *c == m).count());
        let rest = &body[mark.map_or(0, |m| run * m.len_utf8())..];
        match (open, mark) {
            (Some((o, n)), Some(m)) if m == o && run >= n && rest.trim().is_empty() => open = None,
            (Some(_), _) => {}
            (None, Some(m)) if run >= 3 && (m == '~' || !rest.contains('`')) => open = Some((m, run)),
            (None, _) => outside.push(line),
        }
    }
    (open.is_some(), outside)
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("```"),
        Just("````rust"),
        Just("~~~"),
        Just("~~~~ x"),
        Just("`"),
        Just("</details>"),
        Just("<details><summary>x"),
        Just("<script>alert(1)</script>"),
        Just("<!--"),
        Just("-->"),
        Just("<div>"),
        Just("\x1b[31m"),
        Just("\x1b]8;;x"),
        Just("\n"),
        Just("\n\n"),
        Just("\r\n"),
        Just("    "),
        Just("> "),
        Just("- "),
        Just("1. "),
        Just("# "),
        Just("## Claude · 09:14"),
        Just("word"),
        Just(" "),
        Just("日本語 🦀"),
        Just("\0"),
        Just("|a|b|\n|-|-|"),
        Just("[x]: y"),
        Just("<a href='"),
        Just("'>"),
        Just("&lt;"),
        Just("\\"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_written_nothing_reaches_beyond_its_place(texts in proptest::collection::vec(nasty(), 4)) {
        let [user, claude, result, injected] = &texts[..] else { unreachable!() };
        let text = |t: &String| Block::Text(t.clone().into());
        let turns = vec![
            (Who::User, vec![text(user), Block::Text("MARK-A".into())]),
            (Who::Assistant, vec![Block::Thinking(claude.clone().into()), text(claude), bash(result, result)]),
            (Who::Injected, vec![Block::Note("Skill".into()), text(injected)]),
            (Who::Assistant, calls(claude, result)),
            (Who::User, vec![Block::Attachment(Picture { name: user.clone().into(), text: result.clone().into(), ..Picture::default() })]),
            (Who::User, vec![Block::Text("MARK-B".into())]),
        ];
        let (text, _) = page(turns, Told::default());
        // Read as a viewer would: what we put in stands as paragraphs and headings, and all HTML is ours.
        let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
        let body = text.split_once("---\n\n").unwrap().1;
        let (mut html, mut headings, mut code, mut marks) = (String::new(), 0, false, 0);
        for event in pulldown_cmark::Parser::new_ext(body, options) {
            use pulldown_cmark::{Event, Tag, TagEnd};
            match event {
                Event::Html(h) | Event::InlineHtml(h) => html.push_str(&h),
                Event::Start(Tag::CodeBlock(_)) => code = true,
                Event::End(TagEnd::CodeBlock) => code = false,
                Event::Text(t) if t.starts_with("MARK-") && !code => marks += 1,
                Event::Text(t) if t.starts_with("You · ") || t.starts_with("Claude · ") => headings += usize::from(!code),
                _ => {}
            }
        }
        prop_assert_eq!(marks, 2, "{}", text);
        // Somebody may write the words of a heading; as a heading they stand only where we put them.
        prop_assert!(headings >= 5, "{}", text);
        prop_assert_eq!(html.matches("<details>").count(), html.matches("</details>").count(), "{}", text);
        prop_assert_eq!(html.matches("<details>").count(), 9, "{}", text);
        prop_assert!(!html.contains("<script") && !html.contains("<!--") && !html.contains("<div"), "{}", text);
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{}", text);
        // Fences of ours hold by the plain rule as well, with no list or quote to end them.
        let (open, _) = outside_fences(&super::prose::fenced("", &clean::clean(result)));
        prop_assert!(!open);
    }
}

#[test]
fn every_text_of_a_genuine_session_stands_exactly_once_in_its_page() {
    // The home of a genuine store, where one is at hand.
    let home = PathBuf::from(std::env::var_os("LIFEBOAT_REAL_STORE").unwrap_or_default());
    let root = &home.join(".config/Claude/local-agent-mode-sessions");
    let folders = walkdir::WalkDir::new(root).min_depth(3).max_depth(3).into_iter().filter_map(Result::ok);
    let mut seen = 0;
    for dir in folders.filter(|e| e.file_type().is_dir()) {
        let session = Session { dir: Some(dir.path().to_path_buf()), ..Session::default() };
        let mut body = Vec::new();
        let about = About { raw: true, ..about() };
        let kept = tempfile::tempdir().unwrap();
        let mut beside = super::beside::Folder::new(kept.path(), Vec::new(), false);
        let redactor = Redactor::new(true, &[]);
        let mut page = Page::new(Desk::new(&mut body, &about, redactor, &mut beside, kept.path().join("x.partial")));
        let talk = transcript::open(&session).unwrap().unwrap();
        let told = talk.tell(&mut |event| page.take(&event).map_err(|e| crate::error::Error::io("", dir.path(), e))).unwrap();
        let text = Box::new(page).finish(&told).unwrap().text + std::str::from_utf8(&body).unwrap();
        let conversation = transcript::read(&session).unwrap().unwrap();
        let mut texts = std::collections::BTreeMap::<String, usize>::new();
        for turn in conversation.turns.iter().filter(|t| t.who != Who::Injected) {
            for block in &turn.blocks {
                if let Block::Text(words) = block {
                    *texts.entry(super::prose::prose(&clean::clean(words))).or_default() += 1;
                }
            }
        }
        for (words, n) in texts {
            assert_eq!(text.matches(&format!("\n\n{words}\n\n")).count(), n, "{words}\nin {}", dir.path().display());
            seen += 1;
        }
    }
    println!("{}", if seen == 0 { "skipped: no genuine store".to_owned() } else { format!("{seen} texts") });
}

#[test]
fn secrets_planted_in_every_part_of_a_conversation_are_in_no_default_export_and_in_a_raw_one() {
    let key = |n: u8| ["gh", "p_"].concat() + &(b'a' + n..).map(char::from).take(3).collect::<String>().repeat(12);
    let block = format!("{0}BEGIN PRIVATE KEY{0}\n{1}\n{0}END PRIVATE KEY{0}", "-".repeat(5), "MC4CAQAwBQYDK2VwBCIEIAec7D4y3Wq".repeat(3));
    let mail = "robin@example.com";
    let lines = [
        json!({"type":"user","uuid":"u1","message":{"content":format!("Use {} and mail {mail}\n\n```\n{block}\n```", key(0))}}),
        json!({"type":"user","uuid":"u2","message":{"content":[{"type":"text","text":format!("<uploaded_files>\n<file><file_path>{}.pdf</file_path></file>\n</uploaded_files>\n\nRead it", key(1))}]}}),
        json!({"type":"assistant","uuid":"a1","message":{"id":"m1","model":key(2),"content":[
            {"type":"thinking","thinking":format!("So {} it is", key(3))},
            {"type":"text","text":format!("[docs](https://x.example/?token={}) ![{}](a.png)", key(4), key(5))},
            {"type":"tool_use","id":"t1","name":"Bash","input":{"command":format!("DB_PASSWORD=hunter2 deploy --key {}", key(6))}},
            {"type":"tool_use","id":"t2","name":"mcp__x__y","input":{"password":"tr0ub4dor","nested":[{key(7): key(8)}]}}]}}),
        json!({"type":"user","uuid":"u3","message":{"content":[
            {"type":"tool_result","tool_use_id":"t1","content":format!("     1→{}\n     2→postgres://app:pa55word@db/x", block.replace('\n', "\n     9→"))},
            {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":[{"type":"text","text":json!({"access_token": key(9)}).to_string()}]}]}}),
        json!({"type":key(10),"uuid":"x"}),
    ];
    let home = Home::new();
    home.session(".claude/projects/-s/conv.jsonl", lines.map(|l| l.to_string() + "\n").concat().as_bytes());
    home.session(".claude/.claude.json", json!({"oauthAccount":{"emailAddress":mail}}).to_string().as_bytes());
    let mut secrets: Vec<String> = (0..11).map(key).collect();
    secrets.extend([mail, "hunter2", "tr0ub4dor", "pa55word", "MC4CAQAwBQYDK2VwBCIEIAec7D4y3Wq"].map(str::to_owned));
    let exported = |raw: bool| {
        let mut catalog = home.catalog();
        catalog.sessions[0].title = format!("Use {} and mail {mail}", key(0));
        let to = home.dir.path().join(if raw { "raw" } else { "safe" });
        let report = export(&home.world, &catalog, SessionIx::at(0), &Options { raw, to: Some(to), ..Options::default() }, &Quiet).unwrap();
        let read = |name: &str| std::fs::read_to_string(report.folder.join(name)).unwrap();
        format!("{}\n{}\n{}", report.folder.file_name().unwrap().display(), read("transcript.md"), read("manifest.toml"))
    };
    let safe = exported(false);
    let there: Vec<&String> = secrets.iter().filter(|s| safe.contains(s.as_str())).collect();
    assert_eq!(there, Vec::<&String>::new(), "{safe}");
    assert!(
        safe.contains("redacted: {account-email: 2, assigned-password: 2, github-token: 12, private-key: 2, url-password: 1}"),
        "{safe}"
    );
    let raw = exported(true);
    for secret in &secrets {
        assert!(raw.contains(&secret.replace('_', "\\_")) || raw.contains(secret.as_str()), "{secret}: {raw}");
    }
}
