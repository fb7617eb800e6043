//! Error texts that people search for, and for each what to do, what costs least first.

use std::path::PathBuf;

/// An error, and the way out of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A short name of its own, for other programs.
    pub id: &'static str,
    /// The text as people see it.
    pub title: &'static str,
    /// Ways to tell it: words of one of them all stand in the text, in small letters.
    pub words: &'static [&'static [&'static str]],
    /// What it means, as a sentence.
    pub means: &'static str,
    /// What to do, step by step.
    pub ladder: &'static [Step],
}

/// One step.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub does: &'static str,
    /// What it removes, below the data folder of Claude Desktop.
    pub removes: &'static [&'static str],
}

const QUIT: Step = Step { does: "quit the app wholly, see that no process of it is left, and start it again", removes: &[] };
const RESTART: Step = Step { does: "restart the computer: on Windows the virtual machine's files stay locked until then", removes: &[] };
const KEEP: Step = Step { does: "`lifeboat backup` and `lifeboat export --all`, before anything is removed", removes: &[] };
const MARKER: Step = Step {
    does: "with the app closed, remove `.auto_reinstall_attempted`: the app repairs its virtual machine once more",
    removes: &["vm_bundles/claudevm.bundle/.auto_reinstall_attempted"],
};
const CACHES: Step = Step {
    does: "with the app closed, remove the browser's caches",
    removes: &["Cache", "Code Cache", "GPUCache", "DawnGraphiteCache", "DawnWebGPUCache", "DawnCache", "GrShaderCache", "ShaderCache"],
};
const SYSTEM: Step = Step {
    does: "with the app closed, remove `rootfs.*`: it is fetched again",
    removes: &[
        "vm_bundles/claudevm.bundle/rootfs.img",
        "vm_bundles/claudevm.bundle/rootfs.img.zst",
        "vm_bundles/claudevm.bundle/rootfs.vhdx",
        "vm_bundles/claudevm.bundle/rootfs.vhdx.zst",
    ],
};
const DISK: Step = Step {
    does: "last, with the app closed, rename `sessiondata.img` or `.vhdx`: the app makes an empty one, and yours can be put back",
    removes: &["vm_bundles/claudevm.bundle/sessiondata.img", "vm_bundles/claudevm.bundle/sessiondata.vhdx"],
};

/// All of them.
pub const TROUBLES: &[Trouble] = &[
    Trouble {
        id: "exited-with-code-1",
        title: "Claude Code process exited with code 1",
        words: &[&["exited with code 1"]],
        means: "the program that a session runs in ended at its start; the conversation is on the disk and not harmed by it",
        ladder: &[QUIT, RESTART, KEEP, CACHES, SYSTEM, DISK],
    },
    Trouble {
        id: "bridge-sockets",
        title: "Failed to create bridge sockets",
        words: &[&["bridge sockets"]],
        means: "the app cannot talk to its virtual machine, often since an older one of it still runs; no session is harmed by it",
        ladder: &[QUIT, RESTART, KEEP, MARKER, SYSTEM, DISK],
    },
    Trouble {
        id: "machine-disk-full",
        title: "useradd: cannot create directory /sessions/…: No space left on device (ENOSPC)",
        words: &[&["useradd", "enospc"], &["useradd", "no space left"], &["useradd", "cannot create directory"], &["workspace disk full"]],
        means: "the disk that sessions share inside the virtual machine is full: folders of earlier sessions are never removed from it",
        ladder: &[
            Step {
                does: "`lifeboat list` shows what fills it, after `sessiondata.img!`; delete sessions in the app that you need no more",
                removes: &[],
            },
            Step { does: "`lifeboat plan SESSION --script FILE` writes a script with which a session frees its own folder", removes: &[] },
            KEEP,
            QUIT,
            DISK,
        ],
    },
];

impl Step {
    /// The things it removes in stores with these names and roots.
    pub fn places(&self, roots: &[(&'static str, PathBuf)]) -> Vec<PathBuf> {
        let own = roots.iter().filter(|(store, _)| *store == "cowork").map(|(_, root)| root);
        own.flat_map(|root| self.removes.iter().map(|below| root.join(below))).filter(|p| crate::platform::facts(p).is_ok()).collect()
    }
}

/// The error that a text tells of.
pub fn of(text: &str) -> Option<&'static Trouble> {
    let text = text.to_lowercase();
    TROUBLES.iter().find(|t| t.words.iter().any(|words| words.iter().all(|w| text.contains(w))))
}
