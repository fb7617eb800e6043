//! `manifest.toml` as text.

use super::entry::{Entry, quoted};
use super::facts::Fact;
use super::{Manifest, SCHEMA};
use std::fmt::Write as _;
use toml::Value;

/// What stands before the hash of the text above it, by which an edit is told.
const SUM: &str = "# As lifeboat wrote it: ";

impl Manifest {
    /// A manifest from its text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest: toml::Table = text.parse().ok()?;
        let schema = rest.remove("schema")?;
        if !schema.as_str()?.starts_with("lifeboat.manifest/") {
            return None;
        }
        let text = |v: Value| v.as_str().map(str::to_owned);
        let time = |v: Value| v.as_datetime()?.to_string().parse().ok();
        let task = rest.remove("task").and_then(text).unwrap_or_default();
        let session = rest.remove("session").and_then(text)?;
        let tool = rest.remove("tool").and_then(text).unwrap_or_default();
        let mut word = |key: &str| rest.remove(key).and_then(text);
        let (version, model, heard) = (word("version"), word("model"), word("heard"));
        let (started, ended) = (rest.remove("started").and_then(time), rest.remove("ended").and_then(time));
        let folders = rest.remove("folders").and_then(|v| v.try_into().ok()).unwrap_or_default();
        // There was but one, and no list, as long as there was but one format.
        let single = rest.get("transcript").filter(|v| v.is_table()).and_then(Entry::parse);
        rest.retain(|key, v| key != "transcript" || !v.is_table());
        let mut entries = |key: &str| list(&mut rest, key, Entry::parse);
        let (beside, earlier, copies, mut transcripts) = (entries("beside"), entries("earlier"), entries("copy"), entries("transcript"));
        transcripts.extend(single.map(|e| Entry { from: Some("transcript.md".to_owned()).filter(|from| *from != e.path), ..e }));
        Some(Self {
            inputs: facts(&mut rest),
            environments: facts(&mut rest),
            packages: facts(&mut rest),
            commands: facts(&mut rest),
            intermediates: facts(&mut rest),
            outputs: facts(&mut rest),
            task,
            session,
            tool,
            version,
            model,
            heard,
            started,
            ended,
            folders,
            transcripts,
            beside,
            earlier,
            copies,
            rest,
        })
    }

    /// The manifest's text; the same manifest always gives the same.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "schema  = {}\ntask    = {}\nsession = {}", quoted(SCHEMA), quoted(&self.task), quoted(&self.session));
        let tool = Some(&self.tool).filter(|t| !t.is_empty());
        let heard = self.heard.as_ref();
        for (key, text) in [("tool   ", tool), ("version", self.version.as_ref()), ("model  ", self.model.as_ref()), ("heard  ", heard)] {
            if let Some(text) = text {
                let _ = writeln!(out, "{key} = {}", quoted(text));
            }
        }
        for (key, time) in [("started", self.started), ("ended  ", self.ended)] {
            if let Some(time) = time {
                let _ = writeln!(out, "{key} = {}", time.strftime("%Y-%m-%dT%H:%M:%SZ"));
            }
        }
        if !self.folders.is_empty() {
            let _ = writeln!(out, "folders = {}", Value::from(self.folders.clone()));
        }
        let plain: toml::Table = self.rest.iter().filter(|(_, v)| !nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        out.push_str(&plain.to_string());
        tell(&mut out, &self.inputs);
        tell(&mut out, &self.environments);
        tell(&mut out, &self.packages);
        tell(&mut out, &self.commands);
        tell(&mut out, &self.intermediates);
        tell(&mut out, &self.outputs);
        for (list, entries) in self.entries() {
            for entry in entries {
                let _ = write!(out, "\n[[{list}]]\n{}", entry.text());
            }
        }
        let tables: toml::Table = self.rest.iter().filter(|(_, v)| nested(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
        if !tables.is_empty() {
            let _ = write!(out, "\n{tables}");
        }
        let sum = blake3::hash(out.as_bytes()).to_hex();
        let _ = writeln!(out, "\n{SUM}{sum}");
        out
    }

    /// What we wrote, by the name of its list.
    pub(super) fn entries(&self) -> [(&'static str, &Vec<Entry>); 4] {
        [("transcript", &self.transcripts), ("earlier", &self.earlier), ("beside", &self.beside), ("copy", &self.copies)]
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

/// What a list holds that is ours; the rest of it stays.
fn list<T>(rest: &mut toml::Table, key: &str, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let Some(Value::Array(all)) = rest.remove(key) else { return Vec::new() };
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for value in all {
        match read(&value) {
            Some(one) => ours.push(one),
            None => others.push(value),
        }
    }
    if !others.is_empty() {
        rest.insert(key.to_owned(), Value::Array(others));
    }
    ours
}

/// The facts of one kind. One with something in it that somebody added stays with the rest.
fn facts<F: Fact>(rest: &mut toml::Table) -> Vec<F> {
    let keys = |v: &Value| v.as_table().map_or(0, toml::Table::len);
    list(rest, F::LIST, |value| {
        let fact: F = value.clone().try_into().ok()?;
        let again = Value::try_from(&fact).ok()?;
        (keys(&again) == keys(value)).then_some(fact)
    })
}

fn tell<F: Fact>(out: &mut String, all: &[F]) {
    for fact in all {
        let _ = write!(out, "\n[[{}]]\n{}", F::LIST, toml::to_string(fact).unwrap_or_default());
    }
}

fn nested(value: &Value) -> bool {
    value.is_table() || value.as_array().is_some_and(|a| a.iter().any(Value::is_table))
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
            copies: vec![Entry {
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
        assert_eq!((&back.transcripts, &back.copies, back.inputs.len()), (&manifest.transcripts, &manifest.copies, 0));
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
