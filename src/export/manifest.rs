//! `manifest.toml`: whose durable folder it is, and what we wrote there.

use super::entry::{Entry, quoted};
use std::fmt::Write as _;

/// The schema of the file.
pub const SCHEMA: &str = "lifeboat.manifest/1";

/// The name of the file.
pub const NAME: &str = "manifest.toml";

/// What stands before the hash of the text above it, by which an edit is told.
const SUM: &str = "# As lifeboat wrote it: ";

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
    /// Transcripts we wrote earlier that hold what is gone from the session since.
    pub earlier: Vec<Entry>,
    /// Copies of what the session made.
    pub outputs: Vec<Entry>,
    /// Copies of what the user gave it.
    pub inputs: Vec<Entry>,
    /// Tables we do not know.
    pub rest: toml::Table,
}

impl Manifest {
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
        // There was but one, and no list, as long as there was but one format.
        let single = rest.get("transcript").filter(|v| v.is_table()).and_then(Entry::parse);
        rest.retain(|key, v| key != "transcript" || !v.is_table());
        let mut all = |key: &str| -> Vec<Entry> {
            // An input of another kind than our copies stays with the rest.
            let Some(toml::Value::Array(list)) = rest.remove(key) else { return Vec::new() };
            let (ours, others): (Vec<_>, Vec<_>) = list.into_iter().map(|v| (Entry::parse(&v), v)).partition(|(e, _)| e.is_some());
            if !others.is_empty() {
                rest.insert(key.to_owned(), toml::Value::Array(others.into_iter().map(|(_, v)| v).collect()));
            }
            ours.into_iter().filter_map(|(e, _)| e).collect()
        };
        let beside = all("beside");
        let (outputs, inputs, earlier, mut transcripts) = (all("output"), all("input"), all("earlier"), all("transcript"));
        transcripts.extend(single.map(|e| Entry { from: Some("transcript.md".to_owned()).filter(|from| *from != e.path), ..e }));
        Some(Self { task, session, started, ended, transcripts, beside, earlier, outputs, inputs, rest })
    }

    /// The transcript that goes into this file by default.
    pub fn transcript(&self, file: &str) -> Option<&Entry> {
        self.transcripts.iter().find(|e| e.source() == file)
    }

    /// Copies of a file of the session.
    pub fn copies<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Entry> {
        let list = if source.starts_with("uploads/") { &self.inputs } else { &self.outputs };
        list.iter().filter(move |e| e.source() == source)
    }

    /// The manifest's text; the same manifest always gives the same.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "schema  = {}\ntask    = {}\nsession = {}", quoted(SCHEMA), quoted(&self.task), quoted(&self.session));
        for (key, time) in [("started", self.started), ("ended  ", self.ended)] {
            if let Some(time) = time {
                let _ = writeln!(out, "{key} = {}", time.strftime("%Y-%m-%dT%H:%M:%SZ"));
            }
        }
        let plain: toml::Table = self.rest.iter().filter(|(_, v)| !nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        out.push_str(&plain.to_string());
        let transcripts = self.transcripts.iter().map(|e| ("[[transcript]]", e));
        let earlier = self.earlier.iter().map(|e| ("[[earlier]]", e));
        let inputs = self.inputs.iter().map(|e| ("[[input]]", e));
        let outputs = self.outputs.iter().map(|e| ("[[output]]", e));
        let beside = self.beside.iter().map(|e| ("[[beside]]", e));
        for (head, entry) in transcripts.chain(earlier).chain(beside).chain(inputs).chain(outputs) {
            let _ = write!(out, "\n{head}\n{}", entry.text());
        }
        let tables: toml::Table = self.rest.iter().filter(|(_, v)| nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        if !tables.is_empty() {
            let _ = write!(out, "\n{tables}");
        }
        let sum = blake3::hash(out.as_bytes()).to_hex();
        let _ = writeln!(out, "\n{SUM}{sum}");
        out
    }

    /// Whether a manifest's text is as we wrote it. Of one without our hash: whether all of it is carried on.
    pub fn is_untouched(text: &str) -> bool {
        if let Some((body, sum)) = text.rsplit_once(SUM) {
            let body = body.strip_suffix('\n').unwrap_or(body);
            return sum.trim_end() == blake3::hash(body.as_bytes()).to_hex().as_str();
        }
        let again = Self::parse(text).map(|m| m.text()).unwrap_or_default();
        again.rsplit_once(SUM).is_some_and(|(again, _)| again.trim_end() == text.trim_end())
    }
}

fn nested(value: &toml::Value) -> bool {
    value.is_table() || value.as_array().is_some_and(|a| a.iter().any(toml::Value::is_table))
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
            transcripts: vec![Entry { path: "transcript.md".into(), blake3: "ab".into(), ..Entry::default() }],
            outputs: vec![Entry {
                path: "outputs/a b (2).txt".into(),
                blake3: "cd".into(),
                from: Some("outputs/a b.txt".into()),
                ..Entry::default()
            }],
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
            let entry = Entry { path: path.into(), blake3: "ab".into(), from: from.map(str::to_owned), ..Entry::default() };
            assert_eq!((&manifest.transcripts[..], manifest.rest.len()), (&[entry][..], 0));
        }
    }

    #[test]
    fn an_edit_is_told() {
        let ours = Manifest { task: "Report".into(), session: "s".into(), ..Manifest::default() }.text();
        assert!(Manifest::is_untouched(&ours));
        for edited in [format!("# mine\n{ours}"), ours.replace("Report", "My report"), format!("{ours}# mine\n"), "not toml".to_owned()] {
            assert!(!Manifest::is_untouched(&edited), "{edited}");
        }
        let (body, _) = ours.rsplit_once(SUM).unwrap();
        assert!(Manifest::is_untouched(body) && !Manifest::is_untouched(&format!("# mine\n{body}")));
    }

    #[test]
    fn a_file_that_is_no_manifest_of_ours_is_none() {
        assert!(Manifest::parse("schema = 1").is_none());
        assert!(Manifest::parse("[package]\nname = \"x\"").is_none());
        assert!(Manifest::parse("not toml").is_none());
    }
}
