//! What each place means: its class, why, and how it comes back.
//!
//! Nothing is rebuildable here by the name of its folder alone: [`super::layout`] gives a rebuildable place only to
//! names the app or its command line tool gives, and everything else is at risk.

use super::place::Place as P;
use crate::stores::Meaning;
use crate::stores::meanings::{again, at_risk};

/// What a place means.
pub fn meaning(place: P) -> Meaning {
    conversation(place)
        .or_else(|| runtime(place))
        .or_else(|| kept(place))
        .or_else(|| app(place))
        .or_else(|| vm(place))
        .unwrap_or_else(unknown)
}

fn unknown() -> Meaning {
    at_risk("cowork/unknown", "no rule knows this, so it counts as the only copy")
}

/// The user's work and conversations.
fn conversation(place: P) -> Option<Meaning> {
    Some(match place {
        P::Stray => at_risk("cowork/session-unknown", "it lies in a session's folder and no rule knows it, so it counts as the only copy").copies(),
        P::WorkTop => at_risk("cowork/outputs-folder", "the session works in this folder; without it the session cannot be resumed (anthropics/claude-code#67962)")
            .protected()
            .work(),
        P::Work => at_risk("cowork/outputs", "made or changed by the session, in its working folder").work().copies(),
        P::UploadsTop => at_risk("cowork/uploads-folder", "the folder of the files handed to the session").protected(),
        P::Upload => at_risk("cowork/uploads", "a file handed to the session; pasted ones are kept nowhere else").copies(),
        P::AuditLog => at_risk("cowork/audit-log", "the log of the conversation; it is the only copy where the transcript has been swept away").copies(),
        P::Record => at_risk("cowork/record", "the session's record; without it the app no longer lists the session").with_tool(),
        P::Transcript => at_risk("cowork/transcript", "the conversation exists only in this folder").copies(),
        P::FileHistory => at_risk("cowork/file-history", "an earlier version of a file the session edited").copies(),
        P::PasteCache => at_risk("cowork/paste-cache", "text the user pasted; the transcript only refers to it").copies(),
        P::Todos => at_risk("cowork/todos", "the session's lists and plans; they belong to the conversation").copies(),
        P::Skill => at_risk("cowork/skills", "a skill, command or hook may have been written in this session").copies(),
        P::Artifacts => at_risk("cowork/artifacts", "an artifact a session made").copies(),
        P::ProjectCopy => at_risk(
            "cowork/project-copy",
            "a copy of a claude.ai project; it comes back only while you are signed in and the project still exists, which cannot be told from here",
        )
        .copies(),
        P::UserFiles => at_risk("cowork/user-files", "your own files, kept by the app").copies(),
        P::CodeSessions => at_risk("cowork/code-tab", "sessions of the Code tab; they are not Cowork's and are left alone").with_tool(),
        _ => return None,
    })
}

/// What the app and the command line tool make by themselves in a session.
fn runtime(place: P) -> Option<Meaning> {
    const STARTS: &str = "made again when the session starts";
    Some(match place {
        P::Session => at_risk("cowork/session", "a session's folder; while its record exists it must stay").protected(),
        P::Config => at_risk("cowork/config-folder", "the session's own configuration folder").protected(),
        P::Projects => at_risk("cowork/projects-folder", "the folder of the session's conversations").protected(),
        P::Pids => at_risk("cowork/pids-folder", "the session tells here which of its processes run").protected(),
        P::PidFile => at_risk("cowork/pid", "it tells whether the session runs").protected(),
        P::Plugins | P::PluginCache | P::PluginMarket | P::PluginName | P::PluginLoose | P::Marketplaces | P::PluginStore => {
            at_risk("cowork/plugins-folder", "a folder above the copies of plugins; what lies directly in it is not a copy")
        }
        P::PluginCopy => plugin().unit("plugin copies"),
        P::PluginFile => plugin(),
        P::Snapshots | P::SessionEnv | P::Statsig | P::ConfigCache | P::Debug => {
            at_risk("cowork/runtime-folder", "a folder the app keeps small working files in; only the names it gives are known")
        }
        P::RuntimeFile => {
            again("cowork/runtime", "a working file of the command line tool; it holds nothing of yours", STARTS).group("runtime files")
        }
        P::Shim => again("cowork/shim", "a small program the app puts into each session", STARTS).group("runtime files"),
        P::DebugLog => again(
            "cowork/debug-log",
            "a debug log; nothing reads it but support",
            "a new log is written as the session goes on; the old lines do not come back",
        )
        .group("debug logs"),
        P::OrgCache => again("cowork/org-cache", "a cache of what the server says about this account", "fetched again when the app starts")
            .group("app caches")
            .with_tool(),
        _ => return None,
    })
}

fn plugin() -> Meaning {
    again(
        "cowork/plugin-copies",
        "each session gets a full copy of the installed plugins (anthropics/claude-code#92158); this is one of them",
        "the app copies them again when the session starts",
    )
}

/// Settings, memory and secrets: never selected.
fn kept(place: P) -> Option<Meaning> {
    Some(match place {
        P::Settings => {
            at_risk("cowork/settings", "settings; the app has lost such files before (anthropics/claude-code#63651)").protected()
        }
        P::Secret => at_risk("cowork/secret", "a token, key or cookie; it stays where it is and out of backups").protected().secret(),
        P::Memory => at_risk("cowork/memory", "what Claude was told to remember").protected(),
        P::PluginSource => {
            at_risk("cowork/plugin-source", "plugins and skills as installed; those from a file of yours may exist only here")
        }
        P::Extensions => at_risk("cowork/extensions", "desktop extensions and their settings").protected(),
        P::AppState => at_risk("cowork/app-state", "the app's own state: drafts, read marks, bindings").protected(),
        P::Ud | P::Sessions | P::Account | P::Org | P::Agent => at_risk("cowork/store-folder", "a folder the app needs").protected(),
        _ => return None,
    })
}

/// What else lies in the app's data folder.
fn app(place: P) -> Option<Meaning> {
    const CACHE: &str = "the app's built-in browser fills it again as you use the app";
    let cache = || again("cowork/app-cache", "a cache of the app's built-in browser, by a name only it gives", CACHE).with_tool();
    let crash = || {
        again("cowork/crash-reports", "a crash report", "a new one is written at the next crash; this one does not come back").with_tool()
    };
    let old = || {
        again(
            "cowork/old-version",
            "a version of the program with a higher one beside it",
            "the app downloads a version again if it needs it",
        )
        .with_tool()
    };
    Some(match place {
        P::AppCache => cache().unit("app caches"),
        P::AppCacheFolder | P::AppCacheFile => cache(),
        P::CrashReports => crash().unit("app caches"),
        P::CrashReport => crash(),
        P::Network | P::ServiceWorker | P::Crashpad | P::BlobStorage => {
            at_risk("cowork/browser-folder", "a folder of the app's built-in browser").protected()
        }
        P::Programs => at_risk("cowork/programs-folder", "the folder of the program's versions").protected(),
        P::OldProgram => old().unit("old versions"),
        P::OldProgramFile => old(),
        P::ProgramInUse => at_risk("cowork/version-in-use", "the version in use").protected().with_tool(),
        P::Logs => at_risk(
            "cowork/logs",
            "the app's logs may hold text of conversations and outlive deleted sessions, so they count as the only copy",
        )
        .with_tool(),
        P::Telemetry => at_risk("cowork/telemetry", "reports of the app; nothing proves that they come back").with_tool(),
        _ => return None,
    })
}

/// The virtual machine.
fn vm(place: P) -> Option<Meaning> {
    let image = || {
        again(
            "cowork/vm-image",
            "the virtual machine's own system; no session's files are on it",
            "the app downloads it again (about 2 GB) before the next session that needs the machine",
        )
        .with_tool()
    };
    Some(match place {
        P::VmImage | P::WarmFile => image().group("VM system"),
        P::WarmImage => image().unit("VM system"),
        P::VmSession => {
            at_risk("cowork/vm-disk", "the virtual machine's disk with the sessions' homes; files there may exist nowhere else")
                .group("VM disk")
                .with_tool()
        }
        P::VmDisk => at_risk("cowork/vm-disk-top", "the topmost folder of the virtual machine's disk").protected().with_tool(),
        P::VmDiskHome => at_risk("cowork/vm-disk-home", "a session's home on the virtual machine's disk").protected().work().with_tool(),
        P::VmDiskWork => {
            at_risk("cowork/vm-disk-file", "a file in the session's home on the virtual machine's disk, which only the machine sees")
                .work()
                .copies()
                .with_tool()
        }
        P::VmDiskLeft => at_risk("cowork/vm-disk-left", "a home on the virtual machine's disk; its session is not here any more")
            .protected()
            .work()
            .with_tool(),
        P::VmDiskLeftWork => {
            at_risk("cowork/vm-disk-left-file", "a file in a home on the virtual machine's disk whose session is not here any more")
                .work()
                .copies()
                .with_tool()
        }
        P::VmDiskOther => {
            at_risk("cowork/vm-disk-other", "it lies on the virtual machine's disk outside of any session's home").with_tool()
        }
        P::VmOther => at_risk("cowork/vm-other", "a part of the virtual machine of which nothing is known").with_tool(),
        P::VmBundles | P::VmBundle | P::WarmPool => at_risk("cowork/vm-folder", "a folder of the virtual machine").protected().with_tool(),
        P::VmHomes | P::VmHome | P::VmMount => {
            at_risk("cowork/vm-home", "a session's home, kept on this machine by an unofficial build").protected()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Class, Marks};

    #[test]
    fn every_place_says_why_and_every_rebuildable_one_how_it_comes_back() {
        for place in P::ALL {
            let m = meaning(*place);
            assert!(m.verdict.evidence.iter().all(|e| e.rule.starts_with("cowork/") && !e.says.is_empty()), "{place:?}");
            assert_eq!(m.verdict.class == Class::Rebuildable, m.verdict.comes_back.is_some(), "{place:?}");
        }
    }

    #[test]
    fn nothing_protected_or_looked_for_elsewhere_is_rebuildable() {
        for place in P::ALL {
            let m = meaning(*place);
            if m.verdict.class == Class::Rebuildable {
                assert!(!m.marks.has(Marks::PROTECTED) && !m.marks.has(Marks::SECRET) && !m.work && !m.copies, "{place:?}");
            }
        }
    }

    #[test]
    fn only_what_no_rule_names_falls_through_to_unknown() {
        let through: Vec<_> = P::ALL.iter().filter(|p| meaning(**p).verdict.evidence[0].rule == "cowork/unknown").collect();
        assert_eq!(through, [&P::Unknown]);
    }
}
