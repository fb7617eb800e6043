//! Searches over homes made for it: by the index, and by reading.

use super::*;
use crate::model::{Catalog, Quiet, SessionIx, Stop};
use crate::scan;
use crate::transcript::Voice;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

struct Home {
    dir: tempfile::TempDir,
    world: World,
}

impl Home {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(dir.path(), BTreeMap::new());
        Self { dir, world }
    }

    fn path(&self, n: u32) -> PathBuf {
        self.dir.path().join(format!(".claude/projects/-home-u-project/{n:08x}-4628-4182-a822-292dc8a1df9d.jsonl"))
    }

    fn write(&self, n: u32, lines: &[Value]) {
        let path = self.path(n);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text(lines)).unwrap();
    }

    fn append(&self, n: u32, lines: &[Value]) {
        use std::io::Write;
        std::fs::OpenOptions::new().append(true).open(self.path(n)).unwrap().write_all(text(lines).as_bytes()).unwrap();
    }

    fn known(&self) -> Vec<Known> {
        let catalog: Catalog = scan::sessions(&self.world, &scan::Options::default());
        Known::of(&catalog, (0..catalog.sessions.len()).map(SessionIx::at))
    }

    /// Brings the index up to date and asks it.
    fn find(&self, query: &str) -> Vec<String> {
        self.find_with(query, Filter::default())
    }

    fn find_with(&self, query: &str, filter: Filter) -> Vec<String> {
        let known = self.known();
        let query = Query::read(query, filter).unwrap();
        let mut library = Library::open(&self.world).unwrap();
        library.update(&known, &Quiet).unwrap();
        let by_index = library.search(&known, &query, 100, &|| false).unwrap();
        let by_reading = all(&known, &query, &query.filter, 100, &Stop::default());
        assert_eq!((&by_index.hits, by_index.total), (&by_reading.hits, by_reading.total), "{query:?}");
        by_index.hits.into_iter().map(|hit| format!("{} {}: {}", hit.record, hit.voice.word(), hit.context.line)).collect()
    }

    fn updated(&self) -> Updated {
        Library::open(&self.world).unwrap().update(&self.known(), &Quiet).unwrap()
    }

    fn index(&self) -> PathBuf {
        self.world.state_dir.join("find.sqlite")
    }

    /// Whether the bytes of the index hold a word anywhere.
    fn index_has(&self, word: &str) -> bool {
        ["", "-wal"].iter().any(|end| {
            let bytes = std::fs::read(format!("{}{end}", self.index().display())).unwrap_or_default();
            memchr::memmem::find(&bytes, word.as_bytes()).is_some()
        })
    }
}

fn text(lines: &[Value]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

fn line(id: &str, kind: &str, day: u32, content: &Value) -> Value {
    json!({"parentUuid": null, "type": kind, "uuid": id, "sessionId": "s", "cwd": "/home/u/project", "version": "2.1.0",
        "timestamp": format!("2026-11-{day:02}T10:00:00.000Z"), "message": {"role": kind, "id": format!("m-{id}"), "content": content}})
}

fn user(id: &str, day: u32, text: &str) -> Value {
    line(id, "user", day, &json!(text))
}

fn model(id: &str, day: u32, text: &str) -> Value {
    line(id, "assistant", day, &json!([{"type": "text", "text": text}]))
}

fn call(id: &str, day: u32, command: &str) -> Value {
    line(id, "assistant", day, &json!([{"type": "tool_use", "id": format!("t-{id}"), "name": "Bash", "input": {"command": command}}]))
}

fn answer(id: &str, day: u32, text: &str) -> Value {
    line(id, "user", day, &json!([{"type": "tool_result", "tool_use_id": "t", "content": text}]))
}

#[test]
fn what_stands_there_exactly_comes_first_then_whole_words_then_beginnings_and_of_equals_the_latest() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "the backup plan"), model("b", 2, "plan the backup"), user("c", 3, "backups planned")]);
    home.write(2, &[user("d", 4, "A Backup Plan!"), model("e", 5, "nothing of it")]);
    let found = home.find("backup plan");
    assert_eq!(found, ["d user: A Backup Plan!", "a user: the backup plan", "b assistant: plan the backup", "c user: backups planned"]);
    assert_eq!(home.find("\"backup plan\"").len(), 2);
    assert!(home.find("airplane").is_empty());
}

#[test]
fn calls_are_found_and_answers_only_where_they_are_asked_for() {
    let home = Home::new();
    let reminder = "<system-reminder>zebra rules</system-reminder>ok";
    home.write(1, &[call("a", 1, "ls zebra"), answer("b", 2, "zebra.txt"), user("c", 3, reminder), model("d", 4, "A zebra.")]);
    assert_eq!(home.find("zebra"), ["d assistant: A zebra.", "a tool: ls zebra"]);
    let of = |voices: &[Voice]| home.find_with("zebra", Filter { voices: voices.to_vec(), ..Filter::default() });
    assert_eq!(of(&[Voice::Call, Voice::Answer]), ["b tool-output: zebra.txt", "a tool: ls zebra"]);
    assert_eq!(of(&[Voice::App]), ["c app: <system-reminder>zebra rules</system-reminder>"]);
    assert_eq!(of(&[Voice::User]), Vec::<String>::new());
}

#[test]
fn a_time_narrows_what_is_found() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "kiwi"), user("b", 2, "kiwi"), user("c", 3, "kiwi pie")]);
    let at = |text: &str| Some(text.parse().unwrap());
    let filter = Filter { since: at("2026-11-02T00:00:00Z"), until: at("2026-11-03T00:00:00Z"), ..Filter::default() };
    assert_eq!(home.find_with("kiwi", filter), ["b user: kiwi"]);
}

#[test]
fn sentences_without_spaces_are_found_through_the_index() {
    let home = Home::new();
    home.write(
        1,
        &[
            user("ja", 1, "前回のセッションでデータベースの移行方法を決めました。"),
            user("zh", 2, "请检查服务器的磁盘空间是否足够，然后再备份。"),
            user("th", 3, "กรุณาสำรองข้อมูลก่อนลบไฟล์ทั้งหมด"),
            user("ko", 4, "내일 서울에서 백업을 확인합시다"),
        ],
    );
    for (piece, id) in
        [("移行方法", "ja"), ("セッション", "ja"), ("磁盘 备份", "zh"), ("备", "zh"), ("ข้อมูล", "th"), ("ลบไฟล์", "th"), ("서울", "ko")]
    {
        let found = home.find(piece);
        assert!(found.len() == 1 && found[0].starts_with(id), "{piece}: {found:?}");
    }
    assert!(home.find("移法").is_empty());
}

#[test]
fn of_a_file_that_grew_only_what_is_new_is_read() {
    let home = Home::new();
    let much: Vec<Value> = (0..2000).map(|n| model(&format!("r{n}"), 1, &format!("{} word{n}", "filler text ".repeat(20)))).collect();
    home.write(1, &much);
    home.write(2, &[user("x", 1, "other")]);
    let first = home.updated();
    assert!(first.read > 500_000 && first.files == 2, "{first:?}");
    assert_eq!(home.updated().read, 0);
    home.append(1, &[user("new", 9, "a brand new quokka")]);
    let again = home.updated();
    assert!(again.files == 1 && again.read < 300_000, "{again:?}");
    assert_eq!(home.find("quokka"), ["new user: a brand new quokka"]);
    assert_eq!(home.find("word1999").len(), 1);
}

#[test]
fn a_file_that_was_written_anew_is_read_anew() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "walrus"), user("b", 1, "seal and more")]);
    assert_eq!(home.find("walrus").len(), 1);
    home.write(1, &[user("a", 1, "otters"), user("b", 1, "seal and more"), user("c", 1, "end")]);
    assert_eq!((home.find("walrus").len(), home.find("otters").len(), home.find("seal").len()), (0, 1, 1));
}

#[test]
fn a_session_that_is_gone_leaves_the_index_with_every_word() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "platypuswords")]);
    home.write(2, &[user("b", 1, "remaining")]);
    assert_eq!(home.find("platypuswords").len(), 1);
    assert!(home.index_has("platypuswords"));
    crate::vault::own::discard(&home.path(1));
    assert_eq!(home.updated().gone, 1);
    assert!(!home.index_has("platypuswords"));
    assert_eq!((home.find("platypuswords").len(), home.find("remaining").len()), (0, 1));
}

#[test]
fn an_index_that_is_torn_or_not_ours_is_made_anew_and_nobody_else_may_read_it() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "narwhal")]);
    std::fs::create_dir_all(&home.world.state_dir).unwrap();
    std::fs::write(home.index(), "no database at all, whatever it is".repeat(100)).unwrap();
    assert_eq!(home.find("narwhal").len(), 1);
    // Its middle is overwritten.
    let mut bytes = std::fs::read(home.index()).unwrap();
    let half = bytes.len() / 4;
    bytes[half..].fill(0x5A);
    std::fs::write(home.index(), bytes).unwrap();
    let known = home.known();
    let query = Query::read("narwhal", Filter::default()).unwrap();
    let once = |home: &Home| {
        let mut library = Library::open(&home.world)?;
        library.update(&known, &Quiet)?;
        library.search(&known, &query, 9, &|| false)
    };
    // The first that notices may fail; the next one has a new index.
    assert!((0..2).any(|_| once(&home).is_ok_and(|answer| answer.hits.len() == 1)));
    let other = rusqlite::Connection::open(home.index()).unwrap();
    other.execute_batch("PRAGMA application_id=7").unwrap();
    drop(other);
    assert_eq!(home.find("narwhal").len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |end: &str| std::fs::symlink_metadata(format!("{}{end}", home.index().display())).map(|m| m.permissions().mode() & 0o777);
        assert_eq!(mode("").unwrap(), 0o600);
        assert!(["-wal", "-shm"].iter().filter_map(|end| mode(end).ok()).all(|mode| mode == 0o600));
    }
}

#[test]
fn the_best_are_the_same_however_few_are_asked_for() {
    let home = Home::new();
    for n in 1..6 {
        let lines: Vec<Value> = (0..300)
            .map(|k| {
                model(
                    &format!("{n}-{k}"),
                    1 + (k % 28),
                    &format!("{k} {} {}", "filler words ".repeat(30), ["tea time", "time tea", "teatime timetable"][k as usize % 3]),
                )
            })
            .collect();
        home.write(n, &lines);
    }
    let known = home.known();
    let query = Query::read("tea time", Filter::default()).unwrap();
    let mut library = Library::open(&home.world).unwrap();
    library.update(&known, &Quiet).unwrap();
    let every = all(&known, &query, &query.filter, 10_000, &Stop::default());
    assert_eq!(every.total, Some(1500));
    for limit in [1, 7, 40, 600] {
        let some = library.search(&known, &query, limit, &|| false).unwrap();
        assert_eq!(some.hits, every.hits[..limit], "{limit}");
    }
}

#[test]
fn whoever_types_is_told_what_was_found_for_the_latest_question_and_that_the_index_is_done() {
    let home = Home::new();
    home.write(1, &[user("a", 1, "marmalade toast")]);
    let mut desk = Desk::open(&home.world, home.known(), false);
    let wait = |desk: &Desk, is: &dyn Fn(&News) -> bool| {
        let began = std::time::Instant::now();
        while began.elapsed().as_secs() < 30 {
            match desk.news() {
                Some(news) if is(&news) => return news,
                Some(_) => {}
                None => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        }
        panic!("nothing was told");
    };
    wait(&desk, &|news| matches!(news, News::Indexed));
    let query = |text: &str| Query::read(text, Filter::default()).unwrap();
    desk.ask(query("mar"), 9);
    let latest = desk.ask(query("marm"), 9);
    let news = wait(&desk, &|news| matches!(news, News::Answer { question, goes_on: false, .. } if *question == latest));
    let News::Answer { answer, .. } = news else { panic!() };
    assert_eq!(answer.hits.iter().map(|hit| hit.record.as_str()).collect::<Vec<_>>(), ["a"]);
    let mut reading = Desk::open(&home.world, home.known(), true);
    let one = reading.ask(query("toast"), 9);
    let news = wait(&reading, &|news| matches!(news, News::Answer { question, .. } if *question == one));
    assert!(matches!(news, News::Answer { answer, .. } if answer.hits.len() == 1));
}

#[test]
fn from_a_hit_the_reader_finds_the_turn() {
    use crate::transcript::{Book, Meter};
    let home = Home::new();
    home.write(1, &[user("a", 1, "first"), model("b", 2, "second"), call("c", 2, "ls kumquat"), user("d", 3, "the kumquat")]);
    let catalog = scan::sessions(&home.world, &scan::Options::default());
    let book = Book::open(catalog.session(SessionIx::at(0)), &std::sync::Arc::new(Meter::default())).unwrap().unwrap();
    let known = home.known();
    let query = Query::read("kumquat", Filter::default()).unwrap();
    let hits = all(&known, &query, &query.filter, 9, &Stop::default()).hits;
    let entries: Vec<_> = hits.iter().map(|hit| (hit.record.as_str(), book.entry_at(&hit.path, hit.at))).collect();
    assert_eq!(entries, [("d", book.entry_of("d")), ("c", book.entry_of("c"))]);
    assert!(entries.iter().all(|(_, entry)| entry.is_some()));
}

#[test]
fn the_session_that_made_a_file_is_found_by_its_bytes_its_path_and_its_name() {
    let home = Home::new();
    let write = |id: &str, day, path: &str, content: &str| {
        let call =
            json!([{"type": "tool_use", "id": format!("t-{id}"), "name": "Write", "input": {"file_path": path, "content": content}}]);
        let done = json!([{"type": "tool_result", "tool_use_id": format!("t-{id}"), "content": "ok"}]);
        [line(id, "assistant", day, &call), line(&format!("{id}-a"), "user", day, &done)]
    };
    home.write(1, &write("a", 1, "/s/outputs/report.md", "the report"));
    home.write(2, &write("b", 2, "/t/report.md", "another report"));
    home.write(3, &[user("c", 3, "nothing of report.md")]);
    let catalog = scan::sessions(&home.world, &scan::Options::default());
    let sessions: Vec<SessionIx> = (0..catalog.sessions.len()).map(SessionIx::at).collect();
    let known = home.known();
    let ask = |word: &str| -> Vec<(char, Sure, Option<bool>)> {
        let thing = Thing::of(&home.world, word).unwrap();
        let all = makers(&home.world, &catalog, &sessions, &known, &thing, &Stop::default());
        all.into_iter().map(|maker| (maker.session.chars().nth(7).unwrap(), maker.by, maker.same_bytes)).collect()
    };
    let copy = home.dir.path().join("kept.md");
    std::fs::write(&copy, "the report").unwrap();
    assert_eq!(ask("report.md"), [('2', Sure::Name, None), ('1', Sure::Name, None)]);
    assert_eq!(ask("/s/outputs/report.md"), [('1', Sure::Path, None), ('2', Sure::Name, None)]);
    assert_eq!(ask(blake3::hash(b"the report").to_hex().as_str()), [('1', Sure::Bytes, Some(true))]);
    assert_eq!(ask("absent.md"), []);
    // Under its own name, and under another.
    let named = home.dir.path().join("report.md");
    std::fs::write(&named, "the report").unwrap();
    assert_eq!(ask(&named.display().to_string()), [('1', Sure::Bytes, Some(true)), ('2', Sure::Name, Some(false))]);
    assert_eq!(ask(&copy.display().to_string()), [('1', Sure::Bytes, Some(true))]);
}
