//! Interview notes: recordings whose originals are gone, a bound folder that is gone, sub-agents.

use crate::demo::bytes::{noise, prose, uuid};
use crate::demo::folders;
use crate::demo::home::{DAY, Home, after};
use crate::demo::session::{Session, Story};
use crate::demo::talk::{
    Step::{Does, Says, You},
    Talk,
};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Here are twelve interviews about moving house. What do people agree on?"),
        Does("Agent", "Read interviews 1 to 6 and note every reason given", "Read six interviews, 41 reasons"),
        Does("Agent", "Read interviews 7 to 12 and note every reason given", "Read six interviews, 38 reasons"),
        Says("Nine of twelve name the same three things: light, noise, and the way to work. Nobody mentions the rent first."),
        You("Write a summary I can send round, two pages."),
        Does("Write", "outputs/summary.md", "File created"),
        Says("The summary is in outputs. The quotes are anonymous; the list of names stays in `who is who.md`."),
    ];
    let story = Story {
        title: "Interview notes",
        vm_name: "brave-quiet-noether",
        ago: 11 * DAY,
        // The user has since deleted this folder.
        folders: vec![home.root.join("Documents").join("Interviews 2026")],
        steps: &steps,
        ..Story::default()
    };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    let at = after(s.last, -60);
    home.put(&s.output("summary.md"), &folders::summary_md(), at)?;
    home.put(&s.output("who is who.md"), b"1 Ana, 2 Bo, 3 Chris ... the only list there is.\n", at)?;
    for n in 1..=12 {
        let words = prose(&format!("Interview {n}"), 10);
        home.put(&s.output("transcripts").join(format!("interview-{n:02}.txt")), words.as_bytes(), at)?;
        home.put(&s.upload(&format!("interview-{n:02}.m4a")), &noise(&format!("recording {n}"), 90_000), s.started)?;
    }
    let beside = s.transcript_path().with_extension("");
    for n in 1..=2 {
        let id = uuid(&format!("reader {n}"));
        let own = [You("Read the interviews and note every reason given"), Says("Done: the reasons are listed by interview.")];
        let talk =
            Talk { cli: &s.cli, desktop: &id, cwd: "/sessions/brave-quiet-noether".into(), start: s.started, title: "Reader", steps: &own };
        home.put(&beside.join("subagents").join(format!("agent-{}.jsonl", &id[..8])), talk.transcript().as_bytes(), at)?;
    }
    home.put(&beside.join("tool-results").join("toolu_reasons.txt"), prose("All 79 reasons", 20).as_bytes(), at)
}
