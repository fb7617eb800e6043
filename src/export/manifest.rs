//! `manifest.toml`: whose durable folder it is, and what we wrote there.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

/// The schema of the file.
pub const SCHEMA: &str = "lifeboat.manifest/1";

/// The name of the file.
pub const NAME: &str = "manifest.toml";

/// A file we wrote into the durable folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path below the durable folder, parts joined by `/`.
    pub path: String,
    /// BLAKE3 of what we wrote, 64 hex digits.
    pub blake3: String,
    /// What it is a copy of, below the session's folder, where that is not `path`.
    pub from: Option<String>,
}

impl Entry {
    /// What it is a copy of, below the session's folder.
    pub fn source(&self) -> &str {
        self.from.as_deref().unwrap_or(&self.path)
    }

    /// The entry, its source told only where that is not its path.
    fn plain(self) -> Self {
        Self { from: self.from.filter(|from| *from != self.path), ..self }
    }
}

/// A manifest as far as we write it; what else is in it stays.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The session's title.
    pub task: String,
    /// Its id.
    pub session: String,
    /// When it began.
    pub started: Option<jiff::Timestamp>,
    /// When it last did something.
    pub ended: Option<jiff::Timestamp>,
    /// The transcripts we wrote, one a format.
    pub transcripts: Vec<Entry>,
    /// Files the transcripts refer to: pictures, long outputs, sub-agents' pages.
    pub beside: Vec<Entry>,
    /// Copies of what the session made.
    pub outputs: Vec<Entry>,
    /// Copies of what the user gave it.
    pub inputs: Vec<Entry>,
    /// Tables we do not know.
    pub rest: toml::Table,
}

impl Manifest {
    /// The manifest in a folder; `None` where there is none that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        let file = crate::platform::open_beneath(folder, &folder.join(NAME)).ok()?;
        let mut text = String::new();
        file.take(64 << 20).read_to_string(&mut text).ok()?;
        Self::parse(&text)
    }

    /// A manifest from its text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest: toml::Table = text.parse().ok()?;
        let schema = rest.remove("schema")?;
        if !schema.as_str()?.starts_with("lifeboat.manifest/") {
            return None;
        }
        let text = |v: toml::Value| v.as_str().map(str::to_owned);
        let time = |v: toml::Value| v.as_datetime()?.to_string().parse().ok();
        let task = rest.remove("task").and_then(text).unwrap_or_default();
        let session = rest.remove("session").and_then(text)?;
        let started = rest.remove("started").and_then(time);
        let ended = rest.remove("ended").and_then(time);
        let one = |v: &toml::Value| Some(Entry { from: Some("transcript.md".to_owned()), ..entry(v)? }.plain());
        // There was but one, and no list, as long as there was but one format.
        let single = rest.get("transcript").filter(|v| v.is_table()).and_then(one);
        rest.retain(|key, v| key != "transcript" || !v.is_table());
        let mut all = |key: &str| -> Vec<Entry> {
            // An input of another kind than our copies stays with the rest.
            let Some(toml::Value::Array(list)) = rest.remove(key) else { return Vec::new() };
            let (ours, others): (Vec<_>, Vec<_>) = list.into_iter().map(|v| (entry(&v), v)).partition(|(e, _)| e.is_some());
            if !others.is_empty() {
                rest.insert(key.to_owned(), toml::Value::Array(others.into_iter().map(|(_, v)| v).collect()));
            }
            ours.into_iter().filter_map(|(e, _)| e).collect()
        };
        let (outputs, inputs, mut transcripts, beside) = (all("output"), all("input"), all("transcript"), all("beside"));
        transcripts.extend(single);
        Some(Self { task, session, started, ended, transcripts, beside, outputs, inputs, rest })
    }

    /// The manifest's text; the same manifest always gives the same.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let quoted = |s: &str| toml::Value::from(s).to_string();
        let _ = writeln!(out, "schema  = {}\ntask    = {}\nsession = {}", quoted(SCHEMA), quoted(&self.task), quoted(&self.session));
        for (key, time) in [("started", self.started), ("ended  ", self.ended)] {
            if let Some(time) = time {
                let _ = writeln!(out, "{key} = {}", time.strftime("%Y-%m-%dT%H:%M:%SZ"));
            }
        }
        let plain: toml::Table = self.rest.iter().filter(|(_, v)| !nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        out.push_str(&plain.to_string());
        let transcripts = self.transcripts.iter().map(|e| ("[[transcript]]", e));
        let inputs = self.inputs.iter().map(|e| ("[[input]]", e));
        let outputs = self.outputs.iter().map(|e| ("[[output]]", e));
        let beside = self.beside.iter().map(|e| ("[[beside]]", e));
        for (head, entry) in transcripts.chain(beside).chain(inputs).chain(outputs) {
            let _ = writeln!(out, "\n{head}\npath   = {}\nblake3 = {}", quoted(&entry.path), quoted(&entry.blake3));
            if let Some(from) = &entry.from {
                let _ = writeln!(out, "from   = {}", quoted(from));
            }
        }
        let tables: toml::Table = self.rest.iter().filter(|(_, v)| nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        if !tables.is_empty() {
            let _ = write!(out, "\n{tables}");
        }
        out
    }
}

fn nested(value: &toml::Value) -> bool {
    value.is_table() || value.as_array().is_some_and(|a| a.iter().any(toml::Value::is_table))
}

/// An entry of ours: one with exactly the keys we write.
fn entry(value: &toml::Value) -> Option<Entry> {
    let table = value.as_table()?;
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let ours = table.keys().all(|k| matches!(k.as_str(), "path" | "blake3" | "from"));
    ours.then_some(())?;
    Some(Entry { path: text("path")?, blake3: text("blake3")?, from: text("from") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_as_it_was_with_what_others_added() {
        let manifest = Manifest {
            task: "Say \"hi\"\n\u{1b}".into(),
            session: "local_5a7d4a86".into(),
            started: Some("2026-10-02T09:14:03Z".parse().unwrap()),
            ended: None,
            transcripts: vec![Entry { path: "transcript.md".into(), blake3: "ab".into(), from: None }],
            outputs: vec![Entry { path: "outputs/a b (2).txt".into(), blake3: "cd".into(), from: Some("outputs/a b.txt".into()) }],
            ..Manifest::default()
        };
        let text = format!(
            "{}\n[[package]]\nname = \"openpyxl\"\n\n[[input]]\npath = \"~/x\"\nblake3 = \"ef\"\nseen = \"uploads/x\"\n",
            manifest.text()
        );
        let back = Manifest::parse(&text).unwrap();
        assert_eq!((&back.task, &back.session, back.started), (&manifest.task, &manifest.session, manifest.started));
        assert_eq!((&back.transcripts, &back.outputs, back.inputs.len()), (&manifest.transcripts, &manifest.outputs, 0));
        let again = Manifest::parse(&back.text()).unwrap();
        assert_eq!(again.text(), back.text());
        assert!(again.text().contains("openpyxl") && again.text().contains("seen = \"uploads/x\""), "{}", again.text());
    }

    #[test]
    fn a_transcript_that_stood_alone_in_its_table_is_the_markdown_one() {
        for (path, from) in [("transcript.md", None), ("transcript (2).md", Some("transcript.md"))] {
            let text = format!("schema = \"lifeboat.manifest/1\"\nsession = \"s\"\n\n[transcript]\npath = \"{path}\"\nblake3 = \"ab\"\n");
            let manifest = Manifest::parse(&text).unwrap();
            let entry = Entry { path: path.into(), blake3: "ab".into(), from: from.map(str::to_owned) };
            assert_eq!((&manifest.transcripts[..], manifest.rest.len()), (&[entry][..], 0));
        }
    }

    #[test]
    fn a_file_that_is_no_manifest_of_ours_is_none() {
        assert!(Manifest::parse("schema = 1").is_none());
        assert!(Manifest::parse("[package]\nname = \"x\"").is_none());
        assert!(Manifest::parse("not toml").is_none());
    }
}
