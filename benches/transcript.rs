//! A conversation from its file to markdown, beside a bare typed `serde_json` parse of the same bytes in the same run.
//!
//! `cargo bench --bench transcript` makes two files of 256 MB: records as the clients write them, bookkeeping and all, and records
//! of which nearly every byte is text of the page. `MB=1024` makes more, `ROUNDS=9` measures more often, `TRANSCRIPT=file` takes a
//! file that is there. The bare parse reads every line, borrows every text and builds nothing else. Medians of all rounds.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench makes files of its own and prints what it measured"
)]

#[path = "transcript/made.rs"]
mod made;

use lifeboat::export::{self, Options};
use lifeboat::model::{Quiet, Session, SessionIx};
use lifeboat::world::World;
use lifeboat::{scan, transcript};
use made::{Records, make};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// What a bare parse has to say of a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    uuid: Option<Text<'a>>,
    #[serde(borrow)]
    parent_uuid: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    thinking: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    tool_use_id: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    input: Option<IgnoredAny>,
}

struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(v)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(v.to_owned())))
            }
        }
        d.deserialize_str(V)
    }
}

enum Content<'a> {
    Text(Text<'a>),
    Blocks(Vec<Block<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Content<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or blocks")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Content::Text(Text(Cow::Borrowed(v))))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Content::Text(Text(Cow::Owned(v.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(block) = seq.next_element()? {
                    all.push(block);
                }
                Ok(Content::Blocks(all))
            }
        }
        d.deserialize_any(V)
    }
}

/// Bytes of every text that the bare parse gives.
fn bytes(content: &Content<'_>) -> usize {
    let of = |text: &Option<Text<'_>>| text.as_ref().map_or(0, |t| t.0.len());
    match content {
        Content::Text(text) => text.0.len(),
        Content::Blocks(all) => all
            .iter()
            .map(|b| {
                let texts = [&b.kind, &b.text, &b.thinking, &b.id, &b.name, &b.tool_use_id].map(of);
                texts.iter().sum::<usize>() + usize::from(b.input.is_some()) + b.content.as_ref().map_or(0, bytes)
            })
            .sum(),
    }
}

fn bare(path: &Path) -> (u64, usize) {
    let mut reader = BufReader::with_capacity(1 << 18, std::fs::File::open(path).unwrap());
    let (mut line, mut records, mut texts) = (Vec::new(), 0, 0);
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        if let Ok(record) = serde_json::from_slice::<Record<'_>>(&line) {
            records += 1;
            let of = |text: &Option<Text<'_>>| text.as_ref().map_or(0, |t| t.0.len());
            texts += record.kind.0.len() + of(&record.uuid) + of(&record.parent_uuid) + of(&record.timestamp);
            if let Some(m) = &record.message {
                texts += of(&m.id) + of(&m.model) + m.content.as_ref().map_or(0, bytes);
            }
        }
        line.clear();
    }
    (records, texts)
}

fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM"));
    line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// Time this thread had a processor, where the system says; else time that passed.
fn clock(began: Instant) -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).map_or_else(|| began.elapsed(), Duration::from_nanos)
}

/// What every round took.
#[derive(Default)]
struct Took(Vec<Duration>);

impl Took {
    fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let before = clock(began);
        let value = run();
        self.0.push(clock(began) - before);
        value
    }

    fn median(&self) -> Duration {
        let mut all = self.0.clone();
        all.sort();
        all[all.len() / 2]
    }
}

fn measure(what: &str, write: impl FnOnce(&Path)) {
    let home = tempfile::tempdir_in(std::env::var_os("DIR").map_or_else(std::env::temp_dir, PathBuf::from)).unwrap();
    let org = ".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/2c09b670-92c4-4d66-8e10-5e1628693532";
    let id = "local_00000000-4628-4182-a822-292dc8a1df9d";
    let folder = home.path().join(org).join(id);
    let path = folder.join(".claude/projects/-s/795493e5-715d-4144-aeeb-2b59a096feb3.jsonl");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(
        home.path().join(org).join(format!("{id}.json")),
        format!(r#"{{"sessionId":"{id}","cliSessionId":"795493e5-715d-4144-aeeb-2b59a096feb3","title":"Bench","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#),
    )
    .unwrap();
    write(&path);
    let size = std::fs::metadata(&path).unwrap().len();
    let session = Session { dir: Some(folder.clone()), ..Session::default() };
    let world = World::at(home.path(), std::collections::BTreeMap::new());
    let catalog =
        scan::run(&world, scan::Options { walk_only: true, roots: vec![home.path().join(".config/Claude")], ..scan::Options::default() });
    let export = |raw: bool| {
        let to = tempfile::tempdir_in(home.path()).unwrap();
        let options = Options { to: Some(to.path().to_path_buf()), raw, ..Options::default() };
        let report = export::export(&world, &catalog, SessionIx::at(0), &options, &Quiet).unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        let page = report.transcript.and_then(|p| std::fs::metadata(p).ok()).map_or(0, |m| m.len());
        (page, to)
    };
    // What the file system takes for the page alone.
    let copy = |bytes: u64| {
        let (place, piece) = (home.path().join("bare"), vec![b'x'; 1 << 18]);
        let mut file = std::fs::File::create(&place).unwrap();
        for _ in 0..bytes >> 18 {
            file.write_all(&piece).unwrap();
        }
        file.sync_all().unwrap();
        std::fs::remove_file(place).unwrap();
    };

    // Whatever loads the machine loads every phase of a round alike.
    let [mut parsed, mut opened, mut told, mut raw, mut exported, mut written]: [Took; 6] = std::array::from_fn(|_| Took::default());
    let (mut counts, mut events, mut missing, mut page) = ((0, 0), 0_u64, Vec::new(), 0);
    let rounds = std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    for _ in 0..rounds {
        counts = parsed.time(|| bare(&path));
        drop(opened.time(|| transcript::open(&session).unwrap().unwrap()));
        events = 0;
        let facts = told.time(|| {
            transcript::open(&session).unwrap().unwrap().tell(&mut |_| {
                events += 1;
                Ok(())
            })
        });
        missing = facts.unwrap().missing;
        drop(raw.time(|| export(true)));
        let (size, to) = exported.time(|| export(false));
        page = size;
        drop(to);
        written.time(|| copy(page));
    }
    let megabytes = size as f64 / 1e6;
    println!(
        "\n{what}: {megabytes:.0} MB, {} records, {events} events, {} MB of texts, page {} MB",
        counts.0,
        counts.1 / 1_000_000,
        page / 1_000_000
    );
    println!("missing: {missing:?}");
    for (what, took) in [
        ("bare typed parse", &parsed),
        ("first reading", &opened),
        ("both readings", &told),
        ("… and the page, secrets kept", &raw),
        ("whole export", &exported),
        ("the page's bytes written once", &written),
    ] {
        let (speed, ratio) = (megabytes / took.median().as_secs_f64(), parsed.median().as_secs_f64() / took.median().as_secs_f64());
        println!("{what:<29} {speed:>6.0} MB/s, {ratio:.2} of the bare parse");
    }
    println!("peak memory so far {} MB", memory() / 1024);
}

fn main() {
    if let Some(given) = std::env::var_os("TRANSCRIPT") {
        return measure("a transcript", |path| {
            std::fs::hard_link(&given, path).or_else(|_| std::fs::copy(&given, path).map(drop)).unwrap()
        });
    }
    let size = std::env::var("MB").ok().and_then(|n| n.parse().ok()).unwrap_or(256) << 20;
    measure("with bookkeeping, as clients write it", |path| make(path, size, Records::with_bookkeeping));
    measure("nearly all text", |path| make(path, size, Records::of_text));
}
