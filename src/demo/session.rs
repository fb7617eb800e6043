//! One session on disk: record, folder, conversation, plugin copies.

use super::bytes::{hex, noise, uuid};
use super::home::{DAY, Home, after};
use super::record::Record;
use super::talk::{Step, Talk};
use crate::error::Result;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// What tells one session from another.
pub(super) struct Story<'a> {
    pub(super) title: &'a str,
    /// Its name inside the VM.
    pub(super) vm_name: &'a str,
    /// Seconds since its last activity.
    pub(super) ago: i64,
    pub(super) folders: Vec<PathBuf>,
    pub(super) host_loop: bool,
    pub(super) archived: bool,
    /// The name of the transcript's folder; nothing: made from the working folder.
    pub(super) slug: Option<&'a str>,
    pub(super) steps: &'a [Step<'a>],
}

impl Default for Story<'_> {
    fn default() -> Self {
        Self { title: "", vm_name: "", ago: DAY, folders: Vec::new(), host_loop: true, archived: false, slug: None, steps: &[] }
    }
}

/// A session while it is made.
pub(super) struct Session<'a> {
    pub(super) story: Story<'a>,
    /// `local_<uuid>`.
    pub(super) id: String,
    pub(super) cli: String,
    /// The folder of the two id levels.
    pub(super) account: PathBuf,
    /// Its folder.
    pub(super) dir: PathBuf,
    pub(super) last: Timestamp,
    pub(super) started: Timestamp,
}

impl<'a> Session<'a> {
    /// A session of an account, its folder named as its record.
    pub(super) fn new(home: &Home, account: &Path, story: Story<'a>) -> Self {
        let id = format!("local_{}", uuid(story.title));
        let steps = i64::try_from(story.steps.len()).unwrap_or(0);
        let last = home.ago(story.ago);
        Self {
            dir: account.join(&id),
            cli: uuid(&format!("{} conversation", story.title)),
            account: account.to_path_buf(),
            started: after(last, -60 - 40 * steps),
            last,
            id,
            story,
        }
    }

    /// A path in its outputs.
    pub(super) fn output(&self, name: &str) -> PathBuf {
        self.dir.join("outputs").join(name)
    }

    /// A path in its uploads.
    pub(super) fn upload(&self, name: &str) -> PathBuf {
        self.dir.join("uploads").join(name)
    }

    /// A path in its private configuration.
    pub(super) fn claude(&self, name: &str) -> PathBuf {
        self.dir.join(".claude").join(name)
    }

    fn cwd(&self) -> PathBuf {
        if self.story.host_loop { self.dir.join("outputs") } else { PathBuf::from(format!("/sessions/{}", self.story.vm_name)) }
    }

    fn slug(&self) -> String {
        let cwd = self.cwd().to_string_lossy().into_owned();
        let plain: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        match (self.story.slug, self.story.host_loop) {
            (Some(slug), _) => slug.into(),
            (None, false) => plain,
            // Long host paths are cut and end in a hash.
            (None, true) => format!("{}-{}-outputs", plain.get(..24).unwrap_or(&plain), hex(&self.id, 6)),
        }
    }

    /// The transcript's path.
    pub(super) fn transcript_path(&self) -> PathBuf {
        self.claude("projects").join(self.slug()).join(format!("{}.jsonl", self.cli))
    }

    /// Its conversation.
    pub(super) fn talk(&self) -> Talk<'_> {
        let cwd = self.cwd().to_string_lossy().into_owned();
        let desktop = self.id.trim_start_matches("local_");
        Talk { cli: &self.cli, desktop, cwd, start: self.started, title: self.story.title, steps: self.story.steps }
    }

    /// Writes its record, saying its folder is elsewhere or absent.
    pub(super) fn record(&self, home: &mut Home) -> Result<()> {
        home.put(&self.account.join(format!("{}.json", self.id)), self.record_text(None).as_bytes(), self.last)
    }

    /// The text of its record.
    pub(super) fn record_text(&self, session_type: Option<&str>) -> String {
        let first_words = self.story.steps.iter().find_map(|s| if let Step::You(text) = s { Some(*text) } else { None });
        let record = Record {
            id: &self.id,
            title: self.story.title,
            vm_name: self.story.vm_name,
            cli: &self.cli,
            cwd: &self.cwd(),
            folders: &self.story.folders,
            first_words: first_words.unwrap_or_default(),
            started: self.started,
            last: self.last,
            host_loop: self.story.host_loop,
            archived: self.story.archived,
            session_type,
        };
        record.text()
    }

    /// Writes its conversation: transcript and audit log.
    pub(super) fn conversation(&self, home: &mut Home) -> Result<()> {
        home.put(&self.transcript_path(), self.talk().transcript().as_bytes(), self.last)?;
        self.audit(home)
    }

    /// Writes its audit log with its key.
    pub(super) fn audit(&self, home: &mut Home) -> Result<()> {
        home.put(&self.dir.join("audit.jsonl"), self.talk().audit().as_bytes(), self.last)?;
        home.put(&self.dir.join(".audit-key"), b"v1:not-a-real-key", self.started)
    }

    /// Writes what every session has besides: configuration, logs, shell state, a plugin copy.
    pub(super) fn runtime(&self, home: &mut Home) -> Result<()> {
        let at = self.started;
        home.folder(&self.dir.join("outputs"), at)?;
        home.put(
            &self.claude(".claude.json"),
            b"{\n  \"numStartups\": 1,\n  \"oauthAccount\": {\"emailAddress\": \"robin@example.com\"}\n}\n",
            at,
        )?;
        home.put(&self.claude(".credentials.json"), b"{\"note\":\"a made-up secret, not a real one\"}", at)?;
        home.put(&self.claude("settings.json"), b"{}\n", at)?;
        home.put(&self.claude(".last-cleanup"), at.to_string().as_bytes(), at)?;
        home.put(&self.claude("todos").join(format!("{}.json", self.cli)), b"[]", self.last)?;
        let log = format!("{}.txt", self.cli);
        home.put(&self.claude("debug").join(&log), &noise(&self.id, 6000), self.last)?;
        home.link(&self.claude("debug").join("latest"), Path::new("/sessions/gone/mnt/.claude/debug/none.txt"), self.last)?;
        home.put(&self.claude("shell-snapshots").join("snapshot-bash-1.sh"), b"# Snapshot file\nunset PROMPT_COMMAND\n", at)?;
        home.put(&self.claude("statsig").join("statsig.cached.evaluations"), b"{}", at)?;
        self.plugins(home)
    }

    fn plugins(&self, home: &mut Home) -> Result<()> {
        let (at, plugins) = (self.started, self.claude("plugins"));
        home.put(&plugins.join("installed_plugins.json"), b"{\"version\":2,\"plugins\":{\"documents@official\":[]}}\n", at)?;
        home.put(&plugins.join("known_marketplaces.json"), b"{\"official\":{}}\n", at)?;
        let copy = plugins.join("cache").join("official").join("documents").join("1.4.2");
        home.put(&copy.join(".claude-plugin").join("plugin.json"), b"{\"name\":\"documents\",\"version\":\"1.4.2\"}\n", at)?;
        for n in 0..home.bulk {
            let text = super::bytes::prose(&format!("Documents skill, reference {n}"), 3);
            home.put(&copy.join("skills").join("docx").join(format!("reference-{n:02}.md")), text.as_bytes(), at)?;
        }
        let size = if home.bulk == 0 { 65_536 } else { 180_000_000 + 7_000_000 * u64::from(noise(&self.id, 1)[0] % 16) };
        home.sparse(&copy.join("runtime").join("libreoffice.wasm"), b"\0asm\x01\0\0\0", size, at)
    }

    /// Everything: record, conversation, runtime.
    pub(super) fn whole(&self, home: &mut Home) -> Result<()> {
        self.record(home)?;
        self.conversation(home)?;
        self.runtime(home)
    }
}
