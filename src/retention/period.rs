//! Which setting holds at a start of the client, and which start removes most.

use super::settings::{DEFAULT, Days, Said, Scope, managed, read};
use crate::world::World;
use std::path::{Path, PathBuf};

/// How long conversations are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// So many days after their last change.
    pub days: u64,
    /// The file that says so; `None`: the client's default.
    pub by: Option<PathBuf>,
    /// So many days of those that Claude Desktop began or went on with; `None`: they stay.
    pub desktop: Option<u64>,
}

/// What a start of the client in some folder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The folder; `None`: any that has no settings of its own.
    pub folder: Option<PathBuf>,
    /// How long it keeps conversations; else which file keeps it from removing any, and why.
    pub keeps: Result<Period, (PathBuf, String)>,
}

/// The settings around one of the client's folders.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Every file that is there, with what it says, the strongest first.
    pub said: Vec<Said>,
    /// What each start does that may happen.
    pub starts: Vec<Start>,
}

impl Rules {
    /// Reads the settings in the client's folder, in those of projects and of the organisation.
    pub fn read(world: &World, root: &Path, projects: &[PathBuf]) -> Self {
        let find = |files: Vec<PathBuf>, scope| files.into_iter().filter_map(|file| read(world, file, scope)).collect::<Vec<_>>();
        let policy = find(managed(world), Scope::Managed);
        let user = find(vec![root.join("settings.json")], Scope::User);
        let of_project = |folder: &PathBuf| {
            let own = folder.join(".claude");
            let mut said = find(vec![own.join("settings.local.json")], Scope::Local);
            // In the home the project's file is the user's.
            said.extend(
                find(vec![own.join("settings.json")], Scope::Project).into_iter().filter(|s| user.iter().all(|u| u.file != s.file)),
            );
            said
        };
        let own: Vec<(&PathBuf, Vec<Said>)> =
            projects.iter().map(|folder| (folder, of_project(folder))).filter(|(_, said)| !said.is_empty()).collect();
        let start = |folder: Option<&PathBuf>, more: &[Said]| {
            let all: Vec<&Said> = policy.iter().rev().chain(more).chain(&user).collect();
            Start { folder: folder.cloned(), keeps: keeps(&all) }
        };
        let starts = std::iter::once(start(None, &[])).chain(own.iter().map(|(folder, said)| start(Some(folder), said))).collect();
        let said = policy.iter().rev().chain(own.iter().flat_map(|(_, said)| said)).chain(&user).cloned().collect();
        Self { said, starts }
    }

    /// The start that removes most, where one removes anything: it does so in all projects.
    pub fn shortest(&self) -> Option<(&Start, &Period)> {
        self.starts.iter().filter_map(|start| Some((start, start.keeps.as_ref().ok()?))).min_by_key(|(_, period)| period.days)
    }

    /// Why no start removes anything.
    pub fn paused(&self) -> Option<&(PathBuf, String)> {
        let first = self.starts.first()?.keeps.as_ref().err();
        first.filter(|_| self.shortest().is_none())
    }
}

/// What holds by these files, the strongest first.
fn keeps(all: &[&Said]) -> Result<Period, (PathBuf, String)> {
    let set = |said: &&&Said| match said.days {
        Days::Set(days) => Some((days, said.file.clone())),
        _ => None,
    };
    let by_policy = all.iter().filter(|s| s.scope == Scope::Managed).find_map(|s| set(&s));
    if let Some((days, by)) = by_policy {
        return Ok(Period { days, by: Some(by), desktop: Some(days) });
    }
    for said in all {
        match &said.days {
            Days::Broken(why) => return Err((said.file.clone(), format!("cannot be read: {why}"))),
            Days::Refused(value) => return Err((said.file.clone(), format!("says {value}, which Claude Code refuses"))),
            Days::Set(_) | Days::Unset => {}
        }
    }
    let (days, by) = all.iter().find_map(|s| set(&s)).map_or((DEFAULT, None), |(days, by)| (days, Some(by)));
    let desktop = all.iter().find_map(|s| s.desktop).map(|most| most.max(days));
    Ok(Period { days, by, desktop })
}
