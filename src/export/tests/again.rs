//! Exporting again: what changed is brought up to date, and nothing that somebody may want is ever lost.

use super::*;
use crate::manifest::Entry;
use crate::manifest::Manifest;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// A prompt a minute.
fn talk(words: &[&str]) -> String {
    let line = |(n, text): (usize, &&str)| {
        json!({"type":"user","uuid":format!("u{n}"),"timestamp":format!("2026-10-02T09:{n:02}:00Z"),"message":{"content":text}}).to_string()
            + "\n"
    };
    words.iter().enumerate().map(line).collect()
}

const CONVERSATION: &str = ".claude/projects/-s/conv.jsonl";

impl Home {
    fn talks(&self, words: &[&str]) {
        self.session(CONVERSATION, talk(words).as_bytes());
    }

    fn manifest(&self) -> Manifest {
        Manifest::parse(&read(self.durable("manifest.toml"))).unwrap()
    }

    fn set_manifest(&self, manifest: &Manifest) {
        std::fs::write(self.durable("manifest.toml"), manifest.text()).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let prefix = "Claude Cowork/Quarterly report/";
        self.documents().into_iter().map(|(name, ..)| name.strip_prefix(prefix).map_or(name.clone(), str::to_owned)).collect()
    }
}

const USUAL: [&str; 5] = ["manifest.jsonl", "manifest.toml", "outputs/report.md", "outputs/sub/data.csv", "transcript.md"];

#[test]
fn a_session_as_it_was_is_passed_over_without_being_read() {
    let home = Home::new();
    home.talks(&["Make it", "Again"]);
    home.export();
    let before = home.documents();
    // Other words, of the same size and time: only reading would tell.
    let path = home.session_dir().join(CONVERSATION);
    let time = std::fs::symlink_metadata(&path).unwrap().modified().unwrap();
    home.talks(&["MAKE IT", "AGAIN"]);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    let report = home.export();
    assert!(report.up_to_date, "{report:?}");
    assert_eq!((report.turns, report.transcript, report.copies.len()), (2, Some(home.durable("transcript.md")), 2));
    assert_eq!(home.documents(), before);
}

#[test]
fn what_decides_how_a_page_is_written_counts_as_a_change() {
    let home = Home::new();
    home.export();
    assert!(!home.export_with(&Options { raw: true, ..Options::default() }).up_to_date);
    assert!(home.export_with(&Options { raw: true, ..Options::default() }).up_to_date);
    let mut catalog = home.catalog();
    catalog.sessions[0].title = "Yearly report".into();
    let report = export(&home.world, &catalog, SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    assert!(!report.up_to_date && read(home.durable("transcript.md")).contains("# Yearly report"));
    assert_eq!(home.names(), USUAL);
}

#[test]
fn what_somebody_removed_from_the_durable_folder_is_there_again() {
    let home = Home::new();
    home.export();
    crate::vault::own::discard(&home.durable("transcript.md"));
    assert!(!home.export().up_to_date);
    crate::vault::own::discard(&home.durable("outputs/report.md"));
    assert_eq!(home.export().copied, 1);
    assert_eq!(home.names(), USUAL);
    assert!(home.export().up_to_date);
}

#[test]
fn a_transcript_that_lost_something_never_takes_the_place_of_the_one_that_has_it() {
    let home = Home::new();
    home.talks(&["First words", "Second words"]);
    home.export();
    let whole = read(home.durable("transcript.md"));
    home.talks(&["First words"]);
    for _ in 0..2 {
        let report = home.export();
        assert_eq!((read(home.durable("transcript.md")), report.turns), (whole.clone(), 2));
        assert_eq!((home.names(), report.skipped.len(), report.failed.len()), (USUAL.map(str::to_owned).to_vec(), 0, 0));
    }
    assert!(home.export().up_to_date, "what was looked at once is not read again");
}

#[test]
fn a_conversation_that_lost_something_and_goes_on_stands_beside_the_one_that_has_it() {
    let home = Home::new();
    home.talks(&["First words", "Second words, which are many", "Third"]);
    home.export();
    let whole = read(home.durable("transcript.md"));
    let rest = talk(&["", "", "", "Fourth"]);
    home.session(CONVERSATION, rest.lines().next_back().unwrap().as_bytes());
    let report = home.export();
    assert_eq!(report.transcript, Some(home.durable("transcript (2).md")));
    assert!(report.notes.len() == 1 && report.notes[0].contains("transcript (2).md"), "{report:?}");
    assert_eq!(read(home.durable("transcript.md")), whole);
    assert!(read(home.durable("transcript (2).md")).contains("Fourth"));
    assert!(home.export().up_to_date);
    // The second goes on as any other; the first stays, and the manifest knows it.
    home.session(
        CONVERSATION,
        format!("{}\n{}", rest.lines().next_back().unwrap(), talk(&["", "", "", "", "Fifth"]).lines().next_back().unwrap()).as_bytes(),
    );
    home.export();
    assert!(read(home.durable("transcript (2).md")).contains("Fifth"));
    assert_eq!((read(home.durable("transcript.md")), home.names().len()), (whole, 6));
    let earlier: Vec<String> = home.manifest().earlier.into_iter().map(|e| e.path).collect();
    assert_eq!(earlier, ["transcript.md"]);
}

#[test]
fn a_sub_agent_whose_file_was_swept_away_stays_in_the_transcript() {
    let home = Home::new();
    let agent = ".claude/projects/-s/conv/subagents/agent-a1.jsonl";
    let words = json!({"type":"user","uuid":"a","isSidechain":true,"agentId":"a1","timestamp":"2026-10-02T09:00:30Z","message":{"content":"Look into it"}});
    home.session(agent, format!("{words}\n").as_bytes());
    home.talks(&["First"]);
    home.export();
    assert!(read(home.durable("transcript.md")).contains("Look into it"));
    crate::vault::own::discard(&home.session_dir().join(agent));
    home.export();
    assert!(read(home.durable("transcript.md")).contains("Look into it"));
    home.talks(&["First", "Second"]);
    home.export();
    assert!(read(home.durable("transcript.md")).contains("Look into it"));
    assert!(read(home.durable("transcript (2).md")).contains("Second"));
}

#[test]
fn a_conversation_that_is_gone_leaves_what_is_kept_of_it_and_says_so() {
    let home = Home::new();
    home.export();
    let before = home.documents();
    crate::vault::own::discard(&home.session_dir().join(CONVERSATION));
    let report = home.export();
    assert_eq!((report.notes.len(), report.turns, report.failed.len()), (1, 2, 0));
    assert!(report.notes[0].contains("gone from the session"), "{report:?}");
    let mut after = home.documents();
    after.retain(|(name, ..)| !name.contains("manifest."));
    assert!(after.iter().all(|file| before.contains(file)) && after.len() == before.len() - 2);
}

#[test]
fn a_transcript_the_user_changed_and_whose_source_shrank_is_left_and_the_new_one_stands_beside_it() {
    let home = Home::new();
    home.talks(&["First words", "Second words"]);
    home.export();
    std::fs::write(home.durable("transcript.md"), "my notes").unwrap();
    home.talks(&["First words"]);
    assert_eq!(home.export().skipped.len(), 1);
    assert_eq!(read(home.durable("transcript.md")), "my notes");
    assert!(read(home.durable("transcript (2).md")).contains("First words"));
}

#[test]
fn a_manifest_somebody_edited_is_kept_as_it_was_and_told_once() {
    let home = Home::new();
    home.export();
    let edited = format!("# my notes\n{}\n[[package]]\nname = \"openpyxl\"\n", read(home.durable("manifest.toml")));
    std::fs::write(home.durable("manifest.toml"), &edited).unwrap();
    assert!(home.export().up_to_date, "nothing is to be written");
    home.talks(&["Make the report", "Again", "More"]);
    let report = home.export();
    assert!(report.skipped.len() == 1 && report.skipped[0].reason.ends_with("manifest (2).toml"), "{report:?}");
    assert_eq!(read(home.durable("manifest (2).toml")), edited);
    assert!(read(home.durable("manifest.toml")).contains("openpyxl"));
    home.talks(&["Make the report", "Again", "More", "And more"]);
    assert_eq!((home.export().skipped.len(), home.names().len()), (0, 6));
}

#[test]
fn a_manifest_somebody_broke_is_kept_and_nothing_in_its_folder_is_overwritten() {
    let home = Home::new();
    home.export();
    std::fs::write(home.durable("outputs/report.md"), "mine").unwrap();
    let broken = read(home.durable("manifest.toml")) + "[[output\n";
    std::fs::write(home.durable("manifest.toml"), &broken).unwrap();
    let report = home.export();
    assert_eq!(report.folder, home.durable("").components().collect::<PathBuf>());
    assert_eq!((read(home.durable("outputs/report.md")), read(home.durable("manifest (2).toml"))), ("mine".into(), broken));
    assert_eq!(read(home.durable("outputs/report (2).md")), "# Report");
    assert!(home.export().up_to_date);
}

#[test]
fn two_sessions_with_one_title_keep_a_folder_each_however_often_they_are_exported() {
    let home = Home::new();
    let other = "local_6b8e5b97-0000-4000-8000-000000000000";
    let put = |text: &str| {
        let path = home.dir.path().join("store").join(other).join(CONVERSATION);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, talk(&[text])).unwrap();
    };
    put("Of the other");
    let both = || {
        let mut catalog = home.catalog();
        let second = Session { id: other.into(), dir: Some(home.dir.path().join("store").join(other)), ..catalog.sessions[0].clone() };
        catalog.sessions.push(second);
        let options = Options::default();
        let mut series = Series::new(&home.world, &options);
        [0, 1].map(|n| series.export(&catalog, SessionIx::at(n), &Quiet).unwrap())
    };
    let first = both().map(|r| r.folder);
    assert_eq!(first[1].file_name().unwrap(), "Quarterly report (6b8e5b97)");
    home.talks(&["Make the report", "And more"]);
    put("Of the other, longer");
    let again = both();
    assert_eq!([again[0].folder.clone(), again[1].folder.clone()], first);
    assert!(read(first[0].join("transcript.md")).contains("And more") && read(first[1].join("transcript.md")).contains("longer"));
    assert!(both().iter().all(|r| r.up_to_date));
}

#[test]
fn a_copy_whose_time_alone_changed_is_still_ours() {
    let home = Home::new();
    home.export();
    for name in ["transcript.md", "outputs/report.md"] {
        let file = std::fs::File::options().write(true).open(home.durable(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000)).unwrap();
    }
    home.talks(&["Make the report", "Again", "More"]);
    home.session("outputs/report.md", b"# Report, second");
    let report = home.export();
    assert_eq!((home.names(), report.skipped.len()), (USUAL.map(str::to_owned).to_vec(), 0));
    assert!(home.export().up_to_date);
}

/// Stops once it was asked so many times.
struct After(AtomicU32);

impl Watch for After {
    fn at(&self, _: &crate::model::Progress) {}
    fn stopped(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err()
    }
}

#[test]
fn wherever_an_export_is_stopped_nothing_half_written_stays_and_the_next_one_finishes() {
    let words: Vec<String> = (0..40).map(|n| format!("Words number {n}")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (mut stopped, mut done) = (0, 0);
    for n in (0..20).chain((20..160).step_by(7)) {
        let home = Home::new();
        home.talks(&["Before"]);
        home.export();
        let old = read(home.durable("transcript.md"));
        home.talks(&words);
        home.session("outputs/report.md", b"# Report, second");
        let watch = After(AtomicU32::new(n));
        let report = export(&home.world, &home.catalog(), SessionIx::at(0), &Options::default(), &watch).unwrap();
        assert_eq!(home.names(), USUAL, "after {n}");
        let now = read(home.durable("transcript.md"));
        assert!(now == old || now.contains("Words number 39"), "after {n}");
        assert!(["# Report", "# Report, second"].contains(&read(home.durable("outputs/report.md")).as_str()));
        stopped += u32::from(report.interrupted);
        done += u32::from(!report.interrupted);
        assert!(!home.export().interrupted);
        assert!(read(home.durable("transcript.md")).contains("Words number 39"));
        assert_eq!((read(home.durable("outputs/report.md")), home.names()), ("# Report, second".into(), USUAL.map(str::to_owned).to_vec()));
        assert!(home.export().up_to_date, "after {n}");
    }
    assert!(stopped > 10 && done > 0, "{stopped} {done}");
}

#[test]
fn a_run_that_was_killed_right_after_it_put_the_transcript_in_its_place_is_gone_on_with() {
    let home = Home::new();
    home.talks(&["First"]);
    home.export();
    let before = home.manifest();
    home.talks(&["First", "Second"]);
    home.export();
    // As it is right before the last step: the new page is there, announced, and not yet told of.
    let hash = blake3::hash(read(home.durable("transcript.md")).as_bytes()).to_hex().to_string();
    let announced: Vec<Entry> = before.transcripts.iter().map(|e| Entry { next: Some(hash.clone()), ..e.clone() }).collect();
    home.set_manifest(&Manifest { transcripts: announced, ..before });
    home.talks(&["First", "Second", "Third"]);
    let report = home.export();
    assert_eq!((home.names(), report.skipped.len()), (USUAL.map(str::to_owned).to_vec(), 0));
    assert!(read(home.durable("transcript.md")).contains("Third"));
}

#[test]
fn a_transcript_is_announced_before_it_is_put_in_its_place() {
    /// Takes the manifest away as soon as a transcript is announced in it.
    struct Spy(PathBuf, std::sync::Mutex<bool>);
    impl Watch for Spy {
        fn at(&self, _: &crate::model::Progress) {
            let text = std::fs::read_to_string(&self.0).unwrap_or_default();
            *self.1.lock().unwrap() |= text.contains("\nnext ");
        }
        fn stopped(&self) -> bool {
            false
        }
    }
    let home = Home::new();
    home.talks(&["First"]);
    home.export();
    home.talks(&["First", "Second"]);
    // A file that is copied after the transcript looks at the manifest as a killed run would leave it.
    home.session("outputs/report.md", b"# Report, second");
    let spy = Spy(home.durable("manifest.toml"), std::sync::Mutex::new(false));
    export(&home.world, &home.catalog(), SessionIx::at(0), &Options::default(), &spy).unwrap();
    assert!(*spy.1.lock().unwrap());
    assert!(!read(home.durable("manifest.toml")).contains("\nnext "));
}

#[test]
fn what_a_killed_run_left_unfinished_goes_and_what_only_looks_like_it_stays() {
    let home = Home::new();
    home.export();
    let left = [".lifeboat-0123456789abcdef.partial", "outputs/.lifeboat-transcript.partial", ".manifest.toml.77-0.new"];
    let theirs = ["lifeboat.partial", "outputs/notes.partial", "a.new"];
    for name in left.iter().chain(&theirs) {
        std::fs::write(home.durable(name), "half").unwrap();
    }
    home.talks(&["Make the report", "Again", "More"]);
    home.export();
    let mut expected: Vec<&str> = USUAL.into_iter().chain(theirs).collect();
    expected.sort_unstable();
    assert_eq!(home.names(), expected);
}

#[test]
fn a_flush_keeps_a_transcript_as_it_was_asked_for() {
    let home = Home::new();
    let key = ["gh", "p_"].concat() + &"a".repeat(36);
    home.talks(&[&key]);
    home.export_with(&Options { raw: true, ..Options::default() });
    home.talks(&[&key, "More"]);
    flush(&home.world, &home.catalog(), SessionIx::at(0), &Options::default(), &Quiet).unwrap();
    let text = read(home.durable("transcript.md"));
    assert!(text.contains("More") && text.replace('\\', "").contains(&key), "{text}");
    let report = home.export();
    assert_eq!((report.redacted.values().sum::<u64>(), home.names().len()), (1, 5));
    assert!(!read(home.durable("transcript.md")).replace('\\', "").contains(&key));
    assert_eq!(home.export().redacted, report.redacted, "told without being read again");
}

#[test]
fn two_at_a_time_take_turns() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 0..10 {
                    let words: Vec<String> = (0..=n).map(|n| format!("Words {n}")).collect();
                    let text = talk(&words.iter().map(String::as_str).collect::<Vec<_>>());
                    // As a log grows: never shorter.
                    let path = home.session_dir().join(CONVERSATION);
                    if std::fs::read(&path).is_ok_and(|old| old.len() < text.len()) {
                        std::fs::write(&path, text).unwrap();
                    }
                    home.export();
                }
            });
        }
    });
    home.export();
    let transcripts: Vec<String> = home.names().into_iter().filter(|n| n.starts_with("transcript (")).collect();
    // Where one looked while the other was just writing the log anew, it saw it shorter: what it had is kept.
    assert!(read(home.durable("transcript.md")).contains("Words 9") || !transcripts.is_empty());
    assert!(!home.names().iter().any(|n| n.contains("partial") || n.starts_with('.')), "{:?}", home.names());
}
