//! The advice in circulation: menu items and commands, what each does, and its safe form.

use std::path::PathBuf;

/// What becomes of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They are gone.
    Removes,
    /// They come back by themselves.
    Fetched,
    /// Nothing on the disk changes.
    Nothing,
}

/// One piece of advice.
#[derive(Debug, PartialEq, Eq)]
pub struct Advice {
    /// A short name of its own, for other programs.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// How it is spoken of.
    pub said: Said,
    /// The tool it is about.
    pub store: &'static str,
    /// The places it removes, below the tool's root; empty: the root itself.
    pub below: &'static [&'static str],
    /// What becomes of them.
    pub effect: Effect,
    /// What it does, as a sentence, with its source.
    pub does: &'static str,
    /// The form of it that loses nothing, or what to do first.
    pub safe: &'static str,
    /// What of the safe form a plan can carry out.
    pub form: Form,
}

/// How a piece of advice is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// As a menu item or an action: words that all stand in a text which means it, in small letters.
    Words(&'static [&'static str]),
    /// As a command, which names its places.
    Command,
    /// As either.
    Both(&'static [&'static str]),
}

impl Said {
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Words(words) | Self::Both(words) => words,
            Self::Command => &[],
        }
    }
}

/// What of a safe form a plan can carry out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing: it is for a person, or another verb.
    Words,
    /// What is rebuildable in these places below the tool's root goes into the vault; empty: in all of its store.
    Clean(&'static [&'static str]),
}

/// The disk of the virtual machine's system, which is fetched again.
const SYSTEM: &[&str] = &[
    "vm_bundles/claudevm.bundle/rootfs.img",
    "vm_bundles/claudevm.bundle/rootfs.img.zst",
    "vm_bundles/claudevm.bundle/rootfs.vhdx",
    "vm_bundles/claudevm.bundle/rootfs.vhdx.zst",
];

/// That, and what waits to take its place.
const MACHINE: &[&str] = &[
    "vm_bundles/claudevm.bundle/rootfs.img",
    "vm_bundles/claudevm.bundle/rootfs.img.zst",
    "vm_bundles/claudevm.bundle/rootfs.vhdx",
    "vm_bundles/claudevm.bundle/rootfs.vhdx.zst",
    "vm_bundles/warm",
];

/// The caches of the built-in browser.
const CACHES: &[&str] =
    &["Cache", "Code Cache", "GPUCache", "DawnGraphiteCache", "DawnWebGPUCache", "DawnCache", "GrShaderCache", "ShaderCache"];

/// All of it.
pub const ADVICE: &[Advice] = &[
    Advice {
        id: "reset-application-data",
        title: "Reset Application Data",
        said: Said::Words(&["reset", "app", "data"]),
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "the menu item says cache and settings; it removes every session with its outputs, skills and projects (anthropics/claude-code#65695)",
        safe: "`lifeboat backup`, then clear the browser caches alone: `lifeboat plan --store cowork` lists them as rebuildable",
        form: Form::Clean(CACHES),
    },
    Advice {
        id: "delete-vm-sessions",
        title: "Delete Cowork VM Sessions and Restart",
        said: Said::Words(&["delete", "session", "restart"]),
        store: "cowork",
        below: &["local-agent-mode-sessions", "vm_bundles/claudevm.bundle/sessiondata.img", "vm_bundles/claudevm.bundle/sessiondata.vhdx"],
        effect: Effect::Removes,
        does: "the menu item removes sessions, plugins, skills, scheduled tasks, projects and memory (anthropics/claude-code#42495, #47497)",
        safe: "`lifeboat backup` and `lifeboat export --all` first; to free the VM's disk, delete single sessions in the app",
        form: Form::Words,
    },
    Advice {
        id: "delete-vm-bundle",
        title: "Delete Cowork VM Bundle and Restart",
        said: Said::Words(&["delete", "bundle", "restart"]),
        store: "cowork",
        below: &["vm_bundles"],
        effect: Effect::Removes,
        does: "the menu item removes the virtual machine; what sessions keep only inside of it goes with it (anthropics/claude-code#94239)",
        safe: "quit the app and remove `rootfs.*` alone: it is fetched again, and `sessiondata` with the sessions' own files stays",
        form: Form::Clean(SYSTEM),
    },
    Advice {
        id: "uninstall",
        title: "Uninstalling or resetting the Windows package",
        said: Said::Words(&["uninstall"]),
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "Windows removes a package's data with it, and so every session (anthropics/claude-code#79618)",
        safe: "`lifeboat backup` to another disk first, and `lifeboat restore --in-place` after the new installation",
        form: Form::Words,
    },
    Advice {
        id: "reset-package",
        title: "Reset or repair in the settings of Windows",
        said: Said::Words(&["reset", "windows"]),
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "resetting an app in the settings of Windows removes its data, and so every session (anthropics/claude-code#79618)",
        safe: "`lifeboat backup` to another disk first, and `lifeboat restore --in-place` afterwards",
        form: Form::Words,
    },
    Advice {
        id: "clear-cache",
        title: "Clearing the caches",
        said: Said::Words(&["clear", "cache"]),
        store: "cowork",
        below: CACHES,
        effect: Effect::Fetched,
        does: "the caches of the built-in browser are filled again as the app is used",
        safe: "this is the safe form, with the app closed; leave `IndexedDB`, `Local Storage` and `Session Storage` alone",
        form: Form::Clean(CACHES),
    },
    Advice {
        id: "clear-ui-state",
        title: "Clearing Session Storage, IndexedDB, Local Storage",
        said: Said::Both(&["clear", "storage"]),
        store: "cowork",
        below: &["Session Storage", "IndexedDB", "Local Storage"],
        effect: Effect::Removes,
        does: "drafts, what was read and how the window looks are gone; conversations do not lie there (anthropics/claude-code#38014)",
        safe: "clear the caches alone; those are filled again",
        form: Form::Clean(CACHES),
    },
    Advice {
        id: "archive",
        title: "Archiving sessions in the app",
        said: Said::Words(&["archive"]),
        store: "cowork",
        below: &[],
        effect: Effect::Nothing,
        does: "archiving hides a session in the app; nothing on the disk changes, and no space comes back",
        safe: "nothing is needed before it",
        form: Form::Words,
    },
    Advice {
        id: "remove-sessions-folder",
        title: "rm -rf …/local-agent-mode-sessions",
        said: Said::Command,
        store: "cowork",
        below: &["local-agent-mode-sessions"],
        effect: Effect::Removes,
        does: "the folder looks like a cache and holds every session: transcripts, uploads, outputs (anthropics/claude-code#49498)",
        safe: "`lifeboat clean --store cowork --all` moves what is rebuildable into the vault, and undo brings it back",
        form: Form::Clean(&["local-agent-mode-sessions"]),
    },
    Advice {
        id: "remove-sessiondata",
        title: "deleting sessiondata.img or .vhdx",
        said: Said::Both(&["delete", "sessiondata"]),
        store: "cowork",
        below: &["vm_bundles/claudevm.bundle/sessiondata.img", "vm_bundles/claudevm.bundle/sessiondata.vhdx"],
        effect: Effect::Removes,
        does: "a new, empty disk is made; files that sessions kept only inside the virtual machine are gone (anthropics/claude-code#44622)",
        safe: "rename it: that is the same for the app, and can be taken back",
        form: Form::Words,
    },
    Advice {
        id: "remove-rootfs",
        title: "rm …/claudevm.bundle/rootfs.*",
        said: Said::Command,
        store: "cowork",
        below: SYSTEM,
        effect: Effect::Fetched,
        does: "the system of the virtual machine is fetched again (2.3 GB, 10 GB unpacked) and holds nothing of yours",
        safe: "this is the safe form, with the app closed",
        form: Form::Clean(SYSTEM),
    },
    Advice {
        id: "remove-warm-and-old-programs",
        title: "rm -rf vm_bundles/warm, old versions in claude-code*",
        said: Said::Command,
        store: "cowork",
        below: &["vm_bundles/warm", "claude-code", "claude-code-vm"],
        effect: Effect::Fetched,
        does: "what waits for the next version, and the programs, are fetched again at need",
        safe: "this is the safe form, with the app closed; leave the newest version of the programs",
        form: Form::Clean(&["vm_bundles/warm", "claude-code", "claude-code-vm"]),
    },
    Advice {
        id: "remove-vm-bundles",
        title: "rm -rf vm_bundles",
        said: Said::Command,
        store: "cowork",
        below: &["vm_bundles"],
        effect: Effect::Removes,
        does: "`rootfs.*` and `warm` are fetched again; `sessiondata` is not, and holds files of sessions",
        safe: "remove `rootfs.*` and `warm` alone, with the app closed",
        form: Form::Clean(MACHINE),
    },
    Advice {
        id: "remove-app-data",
        title: "Remove-Item %APPDATA%\\Claude, Packages\\Claude_*, rm -rf ~/.config/Claude",
        said: Said::Command,
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "every session, upload and output, the settings and the virtual machine's disks are in this folder",
        safe: "`lifeboat backup` to another disk first; `lifeboat clean --store cowork --all` takes what is rebuildable alone",
        form: Form::Clean(&[]),
    },
    Advice {
        id: "remove-reinstall-marker",
        title: "rm …/claudevm.bundle/.auto_reinstall_attempted",
        said: Said::Command,
        store: "cowork",
        below: &["vm_bundles/claudevm.bundle/.auto_reinstall_attempted"],
        effect: Effect::Fetched,
        does: "the app repairs itself once more, which removes `rootfs.*` and leaves `sessiondata` alone",
        safe: "this is the safe form, with the app closed",
        form: Form::Words,
    },
    Advice {
        id: "raise-cleanup-period",
        title: "Raising cleanupPeriodDays in ~/.claude/settings.json",
        said: Said::Words(&["cleanupperioddays"]),
        store: "claude-code",
        below: &[],
        effect: Effect::Nothing,
        does: "Claude Code keeps conversations longer; nothing is removed",
        safe: "`lifeboat retention --raise 3650` makes the change, and shows it first",
        form: Form::Words,
    },
    Advice {
        id: "remove-claude-code",
        title: "rm -rf ~/.claude",
        said: Said::Command,
        store: "claude-code",
        below: &[],
        effect: Effect::Removes,
        does: "every transcript, the memory of projects, settings, plugins and checkpoints of Claude Code are gone",
        safe: "`lifeboat backup --store claude-code`; `lifeboat clean --store claude-code --all` takes what is rebuildable alone",
        form: Form::Clean(&[]),
    },
    Advice {
        id: "remove-opencode",
        title: "rm -rf ~/.local/share/opencode",
        said: Said::Command,
        store: "opencode",
        below: &[],
        effect: Effect::Removes,
        does: "every session is in this folder's database, and nowhere else",
        safe: "`lifeboat reclaim` and `lifeboat vacuum` give most of its space back and keep every conversation",
        form: Form::Words,
    },
    Advice {
        id: "remove-codex",
        title: "rm -rf ~/.codex",
        said: Said::Command,
        store: "codex",
        below: &[],
        effect: Effect::Removes,
        does: "every rollout is in this folder, and nowhere else",
        safe: "`lifeboat pack --store codex` makes old rollouts a tenth as large, byte for byte the same",
        form: Form::Words,
    },
    Advice {
        id: "remove-gemini",
        title: "rm -rf ~/.gemini",
        said: Said::Command,
        store: "gemini",
        below: &[],
        effect: Effect::Removes,
        does: "every chat, its memory and its checkpoints are in this folder, and nowhere else",
        safe: "`lifeboat backup --store gemini` first",
        form: Form::Words,
    },
];

/// The menu item or action a text means: all of its words are there, and it is no command.
pub fn of_words(text: &str) -> Option<&'static Advice> {
    let text = text.to_lowercase();
    let command = text.contains(['/', '\\', '~', '$', '%']);
    let fits = |a: &&Advice| !a.said.words().is_empty() && a.said.words().iter().all(|w| text.contains(w));
    ADVICE.iter().filter(|_| !command).find(fits)
}

impl Advice {
    /// The places it is about in stores with these names and roots.
    pub fn places(&self, roots: &[(&'static str, PathBuf)]) -> Vec<PathBuf> {
        if self.effect == Effect::Nothing {
            return Vec::new();
        }
        let own = roots.iter().filter(|(store, _)| *store == self.store).map(|(_, root)| root);
        own.flat_map(|root| if self.below.is_empty() { vec![root.clone()] } else { self.below.iter().map(|b| root.join(b)).collect() })
            .filter(|p| crate::platform::facts(p).is_ok())
            .collect()
    }

    /// The places that its safe form takes what is rebuildable from, in stores with these names and roots; `None`: no plan does
    /// its safe form.
    pub fn safe_places(&self, roots: &[(&'static str, PathBuf)]) -> Option<Vec<PathBuf>> {
        let Form::Clean(below) = self.form else { return None };
        let own = roots.iter().filter(|(store, _)| *store == self.store).map(|(_, root)| root);
        let places = own.flat_map(|root| if below.is_empty() { vec![root.clone()] } else { below.iter().map(|b| root.join(b)).collect() });
        Some(places.filter(|p| crate::platform::facts(p).is_ok()).collect())
    }

    /// Whether it speaks of a command that removes these paths: one of its places goes with them. What only tells of things
    /// that come back by themselves speaks only where nothing else goes.
    pub fn speaks_of(&self, paths: &[PathBuf], roots: &[(&'static str, PathBuf)]) -> bool {
        if matches!(self.said, Said::Words(_)) {
            return false;
        }
        let places = self.places(roots);
        match self.effect {
            Effect::Fetched => !paths.is_empty() && paths.iter().all(|p| places.iter().any(|place| p.starts_with(place))),
            _ => places.iter().any(|place| paths.iter().any(|p| place.starts_with(p))),
        }
    }
}
