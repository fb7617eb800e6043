//! The places of the layout, numbered as spots.

use crate::stores::places::places;

places! {
    /// A place in Claude Desktop's data folder. A folder and what lies in it are two places wherever their meaning differs.
    Place {
        /// What no rule knows, outside a session's folder.
        Unknown,
        /// The data folder.
        Ud,
        /// `local-agent-mode-sessions`.
        Sessions,
        /// The first id level.
        Account,
        /// The second id level, where the records are.
        Org,
        /// `agent`: the dispatch agent's sessions.
        Agent,
        /// A session's record.
        Record,
        /// A session's folder.
        Session,
        /// What no rule knows, in a session's folder.
        Stray,
        /// `outputs` and `host-cwd` themselves.
        WorkTop,
        /// What lies in the session's working folder.
        Work,
        /// `uploads` itself.
        UploadsTop,
        /// Files the user handed over, and those on their way.
        Upload,
        /// `audit.jsonl`.
        AuditLog,
        /// Copies of claude.ai projects.
        ProjectCopy,
        /// Small programs the app puts into a session.
        Shim,
        /// `.claude` of a session.
        Config,
        /// `projects` of a session.
        Projects,
        /// Conversations, sub-agents, spilled tool results.
        Transcript,
        /// What the agent remembers.
        Memory,
        /// `plugins` of a session, its `cache` and the levels down to a copy.
        Plugins,
        /// `plugins/store`.
        PluginStore,
        /// `plugins/cache`.
        PluginCache,
        /// `plugins/cache/<marketplace>`.
        PluginMarket,
        /// `plugins/cache/<marketplace>/<plugin>`.
        PluginName,
        /// Any other folder of `plugins`.
        PluginLoose,
        /// `plugins/marketplaces`.
        Marketplaces,
        /// One plugin's copy, or one marketplace's.
        PluginCopy,
        /// What lies in a plugin's copy.
        PluginFile,
        /// Skills, agents, commands, hooks.
        Skill,
        /// `shell-snapshots`.
        Snapshots,
        /// `session-env`.
        SessionEnv,
        /// `statsig` of a session.
        Statsig,
        /// `cache` of a session.
        ConfigCache,
        /// Files the command line tool makes again at its next start.
        RuntimeFile,
        /// `sessions` of a session: which processes it has.
        Pids,
        /// `sessions/<pid>.json`.
        PidFile,
        /// `debug`.
        Debug,
        /// A debug log.
        DebugLog,
        /// Earlier versions of edited files.
        FileHistory,
        /// Text the user pasted.
        PasteCache,
        /// Todo lists and plans.
        Todos,
        /// Settings.
        Settings,
        /// Tokens, keys, cookies.
        Secret,
        /// Artifacts.
        Artifacts,
        /// Small caches beside the records.
        OrgCache,
        /// Plugins beside the records, and the mirror of skills.
        PluginSource,
        /// `sessions` of a build that runs the VM's paths on this machine.
        VmHomes,
        /// `sessions/<name>`.
        VmHome,
        /// `sessions/<name>/mnt`.
        VmMount,
        /// `vm_bundles`.
        VmBundles,
        /// One bundle.
        VmBundle,
        /// `vm_bundles/warm`.
        WarmPool,
        /// One image fetched ahead.
        WarmImage,
        /// What lies in an image fetched ahead.
        WarmFile,
        /// The VM's own system.
        VmImage,
        /// The VM's disk with the sessions' homes.
        VmSession,
        /// The topmost folder of that disk.
        VmDisk,
        /// A session's home on it.
        VmDiskHome,
        /// What lies in a session's home on it.
        VmDiskWork,
        /// A home on it whose session is not here any more.
        VmDiskLeft,
        /// What lies in such a home.
        VmDiskLeftWork,
        /// What lies on it outside of homes.
        VmDiskOther,
        /// The VM's identity, and disks nothing is known of.
        VmOther,
        /// `claude-code` and `claude-code-vm`.
        Programs,
        /// An old version of the program.
        OldProgram,
        /// What lies in an old version.
        OldProgramFile,
        /// The version in use.
        ProgramInUse,
        /// One of Chromium's cache folders.
        AppCache,
        /// A folder in a cache.
        AppCacheFolder,
        /// A file of a cache.
        AppCacheFile,
        /// `Network`.
        Network,
        /// `Service Worker`.
        ServiceWorker,
        /// `Crashpad`.
        Crashpad,
        /// Crash reports, sent or to be sent.
        CrashReports,
        /// A crash report.
        CrashReport,
        /// What the app's window keeps: drafts, read marks, bindings.
        AppState,
        /// Desktop extensions and their settings.
        Extensions,
        /// The app's logs.
        Logs,
        /// `sentry`.
        Telemetry,
        /// `blob_storage`.
        BlobStorage,
        /// Sessions of the Code tab.
        CodeSessions,
        /// The user's own files.
        UserFiles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Spot;

    #[test]
    fn every_place_comes_back_from_its_spot() {
        assert!(Place::ALL.iter().all(|p| Place::of(p.spot()) == *p));
        assert_eq!(Place::of(Spot(255)), Place::Unknown);
    }
}
