//! The advice in circulation: menu items and commands, what each does, and its safe form.

use std::path::PathBuf;

/// What becomes of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// They are gone.
    Removes,
    /// They lie under another name.
    MovesAway,
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
    /// Words that all stand in a text which means it, in small letters.
    pub words: &'static [&'static str],
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
}

/// All of it.
pub const ADVICE: &[Advice] = &[
    Advice {
        id: "reset-application-data",
        title: "Reset Application Data",
        words: &["reset", "app", "data"],
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "the menu item says cache and settings; it removes every session with its outputs, skills and projects (anthropics/claude-code#65695)",
        safe: "`lifeboat backup`, then clear the browser caches alone: `lifeboat plan --store cowork` lists them as rebuildable",
    },
    Advice {
        id: "delete-vm-sessions",
        title: "Delete Cowork VM Sessions and Restart",
        words: &["delete", "session", "restart"],
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "the menu item removes sessions, plugins, skills, scheduled tasks, projects and memory (anthropics/claude-code#42495, #47497)",
        safe: "`lifeboat backup` and `lifeboat export --all` first; to free the VM's disk, delete single sessions in the app",
    },
    Advice {
        id: "delete-vm-bundle",
        title: "Delete Cowork VM Bundle and Restart",
        words: &["delete", "bundle", "restart"],
        store: "cowork",
        below: &["vm_bundles"],
        effect: Effect::Removes,
        does: "the menu item removes the virtual machine; what sessions keep only inside of it goes with it (anthropics/claude-code#94239)",
        safe: "quit the app and remove `rootfs.*` alone: it is fetched again, and `sessiondata` with the sessions' own files stays",
    },
    Advice {
        id: "uninstall",
        title: "Uninstalling or resetting the Windows package",
        words: &["uninstall"],
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "Windows removes a package's data with it, and so every session (anthropics/claude-code#79618)",
        safe: "`lifeboat backup` to another disk first, and `lifeboat restore --in-place` after the new installation",
    },
    Advice {
        id: "reset-package",
        title: "Reset or repair in the settings of Windows",
        words: &["reset", "windows"],
        store: "cowork",
        below: &[],
        effect: Effect::Removes,
        does: "resetting an app in the settings of Windows removes its data, and so every session (anthropics/claude-code#79618)",
        safe: "`lifeboat backup` to another disk first, and `lifeboat restore --in-place` afterwards",
    },
    Advice {
        id: "clear-cache",
        title: "Clearing the caches",
        words: &["clear", "cache"],
        store: "cowork",
        below: &["Cache", "Code Cache", "GPUCache", "DawnGraphiteCache", "DawnWebGPUCache", "DawnCache", "GrShaderCache", "ShaderCache"],
        effect: Effect::Removes,
        does: "the caches of the built-in browser are filled again as the app is used",
        safe: "this is the safe form, with the app closed; leave `IndexedDB`, `Local Storage` and `Session Storage` alone",
    },
    Advice {
        id: "archive",
        title: "Archiving sessions in the app",
        words: &["archive"],
        store: "cowork",
        below: &[],
        effect: Effect::Nothing,
        does: "archiving hides a session in the app; nothing on the disk changes, and no space comes back",
        safe: "nothing is needed before it",
    },
    Advice {
        id: "remove-sessions-folder",
        title: "rm -rf …/local-agent-mode-sessions",
        words: &[],
        store: "cowork",
        below: &["local-agent-mode-sessions"],
        effect: Effect::Removes,
        does: "the folder looks like a cache and holds every session: transcripts, uploads, outputs (anthropics/claude-code#49498)",
        safe: "`lifeboat clean --store cowork --all` moves what is rebuildable into the vault, and undo brings it back",
    },
    Advice {
        id: "remove-sessiondata",
        title: "deleting sessiondata.img or .vhdx",
        words: &["delete", "sessiondata"],
        store: "cowork",
        below: &["vm_bundles/claudevm.bundle/sessiondata.img", "vm_bundles/claudevm.bundle/sessiondata.vhdx"],
        effect: Effect::Removes,
        does: "a new, empty disk is made; files that sessions kept only inside the virtual machine are gone (anthropics/claude-code#44622)",
        safe: "rename it: that is the same for the app, and can be taken back",
    },
    Advice {
        id: "remove-vm-bundles",
        title: "rm -rf vm_bundles",
        words: &[],
        store: "cowork",
        below: &["vm_bundles"],
        effect: Effect::Removes,
        does: "`rootfs.*` and `warm` are fetched again; `sessiondata` is not, and holds files of sessions",
        safe: "remove `rootfs.*` and `warm` alone, with the app closed",
    },
    Advice {
        id: "remove-claude-code",
        title: "rm -rf ~/.claude",
        words: &[],
        store: "claude-code",
        below: &[],
        effect: Effect::Removes,
        does: "every transcript, the memory of projects, settings, plugins and checkpoints of Claude Code are gone",
        safe: "`lifeboat backup --store claude-code`; `lifeboat clean --store claude-code --all` takes what is rebuildable alone",
    },
    Advice {
        id: "remove-opencode",
        title: "rm -rf ~/.local/share/opencode",
        words: &[],
        store: "opencode",
        below: &[],
        effect: Effect::Removes,
        does: "every session is in this folder's database, and nowhere else",
        safe: "`lifeboat reclaim` and `lifeboat vacuum` give most of its space back and keep every conversation",
    },
    Advice {
        id: "remove-codex",
        title: "rm -rf ~/.codex",
        words: &[],
        store: "codex",
        below: &[],
        effect: Effect::Removes,
        does: "every rollout is in this folder, and nowhere else",
        safe: "`lifeboat pack --store codex` makes old rollouts a tenth as large, byte for byte the same",
    },
    Advice {
        id: "remove-gemini",
        title: "rm -rf ~/.gemini",
        words: &[],
        store: "gemini",
        below: &[],
        effect: Effect::Removes,
        does: "every chat, its memory and its checkpoints are in this folder, and nowhere else",
        safe: "`lifeboat backup --store gemini` first",
    },
];

/// The menu item or action a text means: all of its words are there, and it is no command.
pub fn of_words(text: &str) -> Option<&'static Advice> {
    let text = text.to_lowercase();
    let command = text.contains(['/', '\\', '~', '$', '%']);
    let fits = |a: &&Advice| !a.words.is_empty() && a.words.iter().all(|w| text.contains(w));
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

    /// Whether it is about one of these paths, or one below or above it.
    pub fn speaks_of(&self, paths: &[PathBuf], roots: &[(&'static str, PathBuf)]) -> bool {
        self.words.is_empty() && self.places(roots).iter().any(|place| paths.iter().any(|p| place.starts_with(p)))
    }
}
