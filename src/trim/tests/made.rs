//! Images made for tests, and plans of what is on them.

use crate::model::{Action, Class, Identity, InImage, Kind, PathText, Plan, PlanItem, Quiet, Totals, from_bytes};
use crate::trim::census::Census;
use crate::trim::ext4::Ext4;
use crate::trim::tools::Tools;
use crate::trim::{digest, working};
use crate::world::World;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is put on an image.
pub(super) struct Tree {
    pub dir: tempfile::TempDir,
    /// Words for `mke2fs`.
    pub words: Vec<String>,
    pub size: u64,
}

impl Tree {
    pub(super) fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), words: Vec::new(), size: 48 << 20 }
    }

    /// A session's folder with its work, packages, a cache, a link and a file with two names.
    pub(super) fn plain() -> Self {
        let tree = Self::empty();
        let write = |rel: &str, bytes: &[u8]| {
            let path = tree.dir.path().join(rel);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("name/work/thesis.tex", b"the only copy");
        write("name/cache.bin", &vec![7; 3_000_000]);
        for n in 0..40 {
            write(&format!("name/work/node_modules/p{n}/index.js"), &vec![b'x'; 50_000]);
        }
        write("name/linked/one", &vec![9; 1_000_000]);
        std::fs::hard_link(tree.dir.path().join("name/linked/one"), tree.dir.path().join("name/linked/two")).unwrap();
        std::os::unix::fs::symlink("work/thesis.tex", tree.dir.path().join("name/latest")).unwrap();
        tree
    }
}

/// A home with an app's store and the image of its virtual machine.
pub(super) struct Home {
    pub dir: tempfile::TempDir,
    pub world: World,
    pub root: PathBuf,
    pub image: PathBuf,
}

/// Runs a program of e2fsprogs.
pub(super) fn run(name: &str, words: &[&std::ffi::OsStr]) -> std::io::Result<std::process::Output> {
    let path = ["/usr/sbin", "/sbin"].map(|dir| Path::new(dir).join(name)).into_iter().find(|p| p.is_file());
    Command::new(path.ok_or(std::io::ErrorKind::NotFound)?).args(words).env("LC_ALL", "C").stdin(Stdio::null()).output()
}

impl Home {
    /// A home whose image holds a tree; `None`, said aloud, where e2fsprogs is not installed.
    pub(super) fn with(tree: &Tree) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let world = World::at(&dir.path().join("home"), BTreeMap::default());
        let root = dir.path().join("home/.config/Claude");
        let image = root.join("vm_bundles/claudevm.bundle/sessiondata.img");
        std::fs::create_dir_all(image.parent().unwrap()).unwrap();
        std::fs::create_dir_all(root.join("local-agent-mode-sessions")).unwrap();
        File::create_new(&image).unwrap().set_len(tree.size).unwrap();
        let mut words: Vec<&std::ffi::OsStr> = ["-q", "-F", "-t", "ext4", "-d"].map(std::ffi::OsStr::new).to_vec();
        words.push(tree.dir.path().as_os_str());
        words.extend(tree.words.iter().map(std::ffi::OsStr::new));
        words.push(image.as_os_str());
        if Tools::find(&world).is_err() {
            println!("skipped: there is no e2fsck here");
            return None;
        }
        let Ok(made) = run("mke2fs", &words) else {
            println!("skipped: there is no mke2fs here");
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(Self { dir, world, root, image })
    }

    /// Everything on the image as it is after its journal was replayed, by our own reader.
    pub(super) fn census(&self) -> Census {
        let copy = self.dir.path().join("census.img");
        working::make(&self.image, &copy, &Quiet).unwrap();
        Tools::find(&self.world).unwrap().settle(&copy).unwrap();
        let census = Census::take(&Ext4::open(File::open(&copy).unwrap()).unwrap(), "", &Quiet).unwrap();
        std::fs::remove_file(copy).unwrap();
        census
    }

    /// A plan of these paths inside the image, all of them at risk.
    pub(super) fn plan(&self, paths: &[Vec<u8>]) -> Plan {
        let census = self.census();
        let items: Vec<PlanItem> = paths.iter().map(|path| self.item(&census, path)).collect();
        let plan = Plan {
            schema: "lifeboat.plan/1".into(),
            created: self.world.now(),
            roots: vec![PathText::new(&self.root)],
            items,
            skipped: Vec::new(),
            totals: Totals::default(),
            fingerprint: String::new(),
        };
        self.again(plan)
    }

    /// The plan with the image as it is now.
    pub(super) fn again(&self, mut plan: Plan) -> Plan {
        let now = crate::platform::facts(&self.image).unwrap();
        let identity = Identity { device: now.dev, inode: now.ino, size: now.size, mtime_ns: now.mtime_ns, tree: None };
        plan.items.iter_mut().filter_map(|item| item.image.as_mut()).for_each(|at| at.identity = identity.clone());
        plan
    }

    fn item(&self, census: &Census, path: &[u8]) -> PlanItem {
        let parts: Vec<Vec<u8>> = path.split(|b| *b == b'/').map(<[u8]>::to_vec).collect();
        let (_, number) = census.find(&parts).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(path)));
        let thing = &census.things[&number];
        let mut removal = crate::trim::removal::Removal::default();
        removal.take(census, &census.find(&parts).unwrap().0);
        removal.settle(census);
        let identity =
            Identity { device: 0, inode: number.into(), size: thing.size, mtime_ns: thing.mtime_ns, tree: digest::of(census, number) };
        let mut shown = self.image.as_os_str().to_owned();
        shown.push("!");
        PlanItem {
            path: PathText::new(&PathBuf::from(shown).join(from_bytes(path))),
            store: "cowork".into(),
            session: None,
            class: Class::AtRisk,
            bytes: if thing.kind == Kind::Dir { 0 } else { thing.size },
            allocated: removal.freed(census),
            files: 1,
            identity: identity.clone(),
            action: Action::OutOfImage,
            evidence: Vec::new(),
            comes_back: None,
            proof: None,
            group: String::new(),
            image: Some(InImage { image: PathText::new(&self.image), inner: PathText::new(Path::new(&from_bytes(path))), identity }),
        }
    }

    /// Every path on the image with what is there, as `debugfs` reads it: kind, mode, time, target or a hash of the content.
    pub(super) fn dump(&self) -> BTreeMap<Vec<u8>, String> {
        dump(&self.image)
    }

    /// `e2fsck` finds no fault.
    pub(super) fn is_sound(&self) {
        sound(&self.image);
    }

    pub(super) fn on_disk(&self) -> u64 {
        crate::platform::facts(&self.image).unwrap().allocated
    }

    /// Has the journal hold what a file's first block is to be, as after a crash.
    pub(super) fn leave_unreplayed(&self, path: &str, text: &[u8]) {
        let said = debugfs(&self.image, &format!("bmap \"/{path}\" 0"), false);
        let block = said.trim().to_owned();
        let content = self.dir.path().join("block");
        let mut bytes = text.to_vec();
        bytes.resize(4096, 0);
        std::fs::write(&content, bytes).unwrap();
        let commands = self.dir.path().join("commands");
        std::fs::write(&commands, format!("sif \"/{path}\" size {}\njo\njw -b {block} {}\njc\n", text.len(), content.display())).unwrap();
        let ran = run("debugfs", &["-w".as_ref(), "-f".as_ref(), commands.as_os_str(), self.image.as_os_str()]).unwrap();
        let head = String::from_utf8_lossy(&run("dumpe2fs", &["-h".as_ref(), self.image.as_os_str()]).unwrap().stdout).into_owned();
        assert!(head.contains("needs_recovery"), "{}", String::from_utf8_lossy(&ran.stderr));
    }
}

pub(super) fn debugfs(image: &Path, command: &str, write: bool) -> String {
    let mut words: Vec<&std::ffi::OsStr> = vec!["-R".as_ref(), command.as_ref(), image.as_os_str()];
    if write {
        words.insert(0, "-w".as_ref());
    }
    String::from_utf8_lossy(&run("debugfs", &words).unwrap().stdout).into_owned()
}

/// `e2fsck` finds no fault with an image.
pub(super) fn sound(image: &Path) {
    let ran = run("e2fsck", &["-f".as_ref(), "-n".as_ref(), image.as_os_str()]).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stdout));
}

/// Everything on an image as `debugfs` lays it out.
pub(super) fn dump(image: &Path) -> BTreeMap<Vec<u8>, String> {
    let out = tempfile::tempdir().unwrap();
    debugfs(image, &format!("rdump / {}", out.path().display()), false);
    let mut all = BTreeMap::new();
    let mut folders = vec![out.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, meta) = (entry.path(), entry.metadata().unwrap());
            let says = if meta.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if meta.is_symlink() {
                format!("to {}", std::fs::read_link(&path).unwrap().display())
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let text =
                    bytes.iter().take(40).filter(|b| b.is_ascii_graphic() || **b == b' ').map(|b| char::from(*b)).collect::<String>();
                format!("{} {} {text}", bytes.len(), blake3::hash(&bytes).to_hex())
            };
            // A link's own mode and time are not laid out.
            let facts = if meta.is_symlink() {
                String::new()
            } else {
                format!(
                    "{:o} {} {}.{}",
                    meta.permissions().mode(),
                    meta.uid(),
                    meta.mtime(),
                    if meta.is_dir() { 0 } else { meta.mtime_nsec() }
                )
            };
            all.insert(path.strip_prefix(out.path()).unwrap().as_os_str().as_bytes().to_vec(), format!("{says} {facts}"));
        }
    }
    all
}
