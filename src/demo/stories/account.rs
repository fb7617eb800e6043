//! What an account keeps beside its sessions.

use crate::demo::bytes::{noise, prose, uuid};
use crate::demo::home::{DAY, Home};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home, store: &Path, account: &Path) -> Result<()> {
    let at = home.ago(6 * DAY);
    let space = uuid("space");
    let spaces = format!("{{\"spaces\":[{{\"id\":\"{space}\",\"name\":\"Studies\",\"folders\":[]}}]}}\n");
    home.put(&account.join("spaces.json"), spaces.as_bytes(), at)?;
    home.put(&account.join("spaces").join(&space).join("memory").join("habits.md"), prose("How Robin likes figures", 2).as_bytes(), at)?;
    home.put(&account.join("scheduled-tasks.json"), b"{\"scheduledTasks\":[{\"id\":\"digest\",\"cronExpression\":\"0 7 * * 1\"}]}\n", at)?;
    home.put(&account.join("memory").join("CLAUDE.md"), b"Write short. Dates as 2026-11-20.\n", at)?;
    home.put(&account.join("cowork_settings.json"), b"{\"enabledPlugins\":{\"documents@official\":true}}\n", at)?;
    home.put(&account.join("cowork-gb-cache.json"), &noise("flags", 3000), at)?;
    home.put(&account.join("artifacts.json"), b"[{\"id\":\"a1\",\"name\":\"Budget board\"}]\n", at)?;
    home.put(&account.join("artifacts").join("a1").join("index.html"), b"<h1>Budget board</h1>\n", at)?;
    let docs = account.join(".project-cache").join(uuid("project"));
    home.put(&docs.join("metadata.json"), b"{\"name\":\"Studies\"}\n", at)?;
    home.put(&docs.join("docs").join("syllabus.md"), prose("Syllabus", 5).as_bytes(), at)?;
    let mirror = store.join("skills-plugin").join(uuid("org")).join(uuid("account"));
    home.put(&mirror.join(".claude-plugin").join("plugin.json"), b"{\"name\":\"skills\"}\n", at)?;
    home.put(&mirror.join("skills").join("xlsx").join("SKILL.md"), prose("Spreadsheets", 5).as_bytes(), at)
}
