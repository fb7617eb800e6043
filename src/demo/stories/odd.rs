//! The odd ones: torn, doubled, missing, orphaned, renamed.

use crate::demo::bytes::{hex, prose, uuid};
use crate::demo::home::{DAY, Home, after};
use crate::demo::session::{Session, Story};
use crate::demo::talk::Step::{Does, Says, Skill, You};
use crate::error::Result;
use std::path::Path;

fn story<'a>(title: &'a str, vm_name: &'a str, days: i64, steps: &'a [crate::demo::talk::Step<'a>]) -> Story<'a> {
    Story { title, vm_name, ago: days * DAY, steps, ..Story::default() }
}

pub(super) fn make(home: &mut Home, account: &Path) -> Result<()> {
    only_a_record(home, account)?;
    only_a_folder(home, account)?;
    torn_record(home, account)?;
    audit_only(home, account)?;
    two_transcripts(home, account)?;
    dispatched(home, account)
}

fn only_a_record(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [You("Three days in Lisbon, no museums")];
    Session::new(home, account, story("Trip to Lisbon", "happy-far-magellan", 45, &steps)).record(home)
}

fn only_a_folder(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [You("Write a speech for the anniversary"), Says("Here is a first version, four minutes long.")];
    let s = Session::new(home, account, story("Anniversary speech", "warm-loud-cicero", 52, &steps));
    s.conversation(home)?;
    s.runtime(home)?;
    home.put(&s.output("speech.md"), prose("Forty years", 6).as_bytes(), s.last)
}

fn torn_record(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [You("Compare the three insurance offers"), Says("The second is the cheapest only in the first year.")];
    let s = Session::new(home, account, story("Insurance offers", "sober-keen-bayes", 16, &steps));
    let text = s.record_text(None);
    let torn = text.get(..text.len() / 3).unwrap_or_default();
    home.put(&account.join(format!("{}.json", s.id)), torn.as_bytes(), s.last)?;
    s.conversation(home)?;
    s.runtime(home)?;
    home.put(&s.output("comparison.md"), prose("Three offers", 5).as_bytes(), s.last)
}

/// The transcript was swept away after thirty days; the audit log was not.
fn audit_only(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Answer the tax office's letter"),
        Skill("Base directory for this skill: /sessions/calm-exact-ricardo/mnt/.skills/skills/docx\n\n# Letters"),
        Says("The answer is one page and names the paragraph they asked about."),
    ];
    let s = Session::new(home, account, story("Tax letters", "calm-exact-ricardo", 65, &steps));
    s.record(home)?;
    s.audit(home)?;
    s.runtime(home)?;
    home.put(&s.output("answer.docx"), &crate::demo::bytes::office("tax answer", 14_000), s.last)
}

/// Resumed once, so there are two transcripts; the folder has the newest builds' name, and the last line is cut off.
fn two_transcripts(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [
        You("Translate the user manual into plain German"),
        Says("Chapters 1 to 4 are done; chapter 5 has two drawings with text in them."),
        Does("Read", "uploads/manual.pdf", "96 pages"),
    ];
    let story = Story { slug: Some("session"), ..story("Manual in plain German", "patient-clear-luther", 27, &steps) };
    let s = Session::new(home, account, story);
    s.whole(home)?;
    let whole = s.talk().transcript();
    let cut = whole.get(..whole.len() - 40).unwrap_or_default();
    home.put(&s.transcript_path(), cut.as_bytes(), s.last)?;
    let other = s.transcript_path().with_file_name(format!("{}.jsonl", uuid("before the resume")));
    let first = whole.lines().next().unwrap_or_default();
    home.put(&other, format!("{first}\n").as_bytes(), s.started)?;
    home.put(&s.output("manual-de.md"), prose("Das Handbuch", 25).as_bytes(), s.last)
}

/// Work the phone sent here.
fn dispatched(home: &mut Home, account: &Path) -> Result<()> {
    let agent = account.join("agent");
    let steps = [You("Every Monday: what changed in the project folders?"), Says("Five files changed; the list is in digest.md.")];
    let mut s = Session::new(home, &agent, story("Monday digest", "early-brisk-reuter", 4, &steps));
    s.id = format!("local_ditto_{}", hex("monday", 12));
    s.dir = agent.join(&s.id);
    home.put(&agent.join(format!("{}.json", s.id)), s.record_text(Some("agent")).as_bytes(), s.last)?;
    s.conversation(home)?;
    s.runtime(home)?;
    home.put(&s.output("digest.md"), prose("What changed", 3).as_bytes(), s.last)?;
    home.put(&agent.join("memory").join("preferences.md"), b"Digests in the morning.\n", after(s.last, -DAY))
}

/// An account as newer builds lay it out.
pub(super) fn short_names(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [You("Sort the choir's scores by voice"), Says("Done: 64 scores, four folders, two without a voice.")];
    let mut s = Session::new(home, account, story("Choir scores", "bright-choral-byrd", 9, &steps));
    s.dir = account.join(s.id.trim_start_matches("local_").get(..8).unwrap_or_default());
    s.whole(home)?;
    home.put(&s.output("list.md"), prose("Scores by voice", 4).as_bytes(), s.last)
}

/// An account whose later sessions run in the cloud and leave nothing here.
pub(super) fn gone_to_the_cloud(home: &mut Home, account: &Path) -> Result<()> {
    let steps = [You("Draft the tenants' newsletter"), Says("Two pages, the boiler news first.")];
    let s = Session::new(home, account, story("Tenants' newsletter", "kind-local-hill", 130, &steps));
    s.whole(home)?;
    home.put(&s.output("newsletter.md"), prose("Tenants' newsletter", 6).as_bytes(), s.last)?;
    let remote = "{\"cse_0123456789abcdef\":{\"spaceId\":null},\"cse_fedcba9876543210\":{\"spaceId\":null}}\n";
    home.put(&account.join("remote-session-spaces.json"), remote.as_bytes(), home.ago(3 * DAY))
}
