//! Disk images for tests.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a tool on a file; what it printed. `None`: it is not installed, which is said.
pub fn tool(name: &str, arguments: &[&str], on: &Path) -> Option<String> {
    let paths = format!("{}:/sbin:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    match Command::new(name).args(arguments).arg(on).env("PATH", paths).output() {
        Ok(done) => {
            assert!(done.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
            Some(String::from_utf8_lossy(&done.stdout).into_owned())
        }
        Err(e) => {
            println!("skipped: {name} cannot be run here ({e})");
            None
        }
    }
}

/// Makes a small disk of a tree. `None`: that cannot be done here.
pub fn disk_of(tree: &Path, image: &Path, options: &[&str]) -> Option<()> {
    let all = ["-q", "-F", "-t", "ext4", "-b", "4096", "-d", tree.to_str().unwrap()];
    let all: Vec<&str> = all.into_iter().chain(options.iter().copied()).collect();
    fs::create_dir_all(image.parent().unwrap()).unwrap();
    fs::File::create(image).unwrap().set_len(24 << 20).unwrap();
    tool("mke2fs", &all, image).map(drop)
}

/// The ways `qemu-img` makes a container.
pub fn forms(name: &str) -> &'static [&'static [&'static str]] {
    match name {
        "vhdx" => &[&["-o", "subformat=dynamic,block_size=1M"], &["-o", "subformat=fixed"]],
        _ => &[&[], &["-o", "cluster_size=4096"], &["-c"]],
    }
}

/// A disk image with a session's home on it.
pub struct Made {
    dir: tempfile::TempDir,
    /// Where it is.
    pub image: PathBuf,
    expected: BTreeMap<String, Vec<u8>>,
}

impl Made {
    /// A small disk, made with these options. `None`: it cannot be made here.
    pub fn new(options: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("tree");
        let mut expected = BTreeMap::new();
        let mut put = |path: &str, bytes: &[u8]| {
            let mut above = Path::new(path).parent();
            while let Some(folder) = above.filter(|f| *f != Path::new("/")) {
                expected.insert(folder.display().to_string(), b"folder".to_vec());
                above = folder.parent();
            }
            let to = tree.join(path.trim_start_matches('/'));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
            expected.insert(path.to_string(), bytes.to_vec());
        };
        put("/brave-quiet-noether/work/thesis.tex", b"\\documentclass{article}\n");
        put("/brave-quiet-noether/work/large", &noise(700_000));
        put("/brave-quiet-noether/empty", b"");
        for number in 0..300 {
            put(&format!("/calm-happy-euler/many/a rather long name, as names of packages are {number}"), format!("{number}").as_bytes());
        }
        let home = tree.join("brave-quiet-noether");
        let mut sparse = fs::File::create(home.join("sparse")).unwrap();
        sparse.seek(SeekFrom::Start(2 << 20)).unwrap();
        sparse.write_all(b"in the middle").unwrap();
        sparse.set_len(3 << 20).unwrap();
        drop(sparse);
        let mut bytes = Vec::new();
        fs::File::open(home.join("sparse")).unwrap().read_to_end(&mut bytes).unwrap();
        expected.insert("/brave-quiet-noether/sparse".into(), bytes);
        fs::hard_link(home.join("work/thesis.tex"), home.join("linked")).unwrap();
        expected.insert("/brave-quiet-noether/linked".into(), b"\\documentclass{article}\n".to_vec());
        let long = format!("/sessions/{}", "far/".repeat(40));
        for (name, target) in [("short-link", "work/thesis.tex"), ("folder-link", "work"), ("long-link", &long)] {
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, home.join(name)).unwrap();
            expected.insert(format!("/brave-quiet-noether/{name}"), target.as_bytes().to_vec());
        }
        let image = dir.path().join("disk.img");
        disk_of(&tree, &image, options)?;
        Some(Self { dir, image, expected })
    }

    /// What was put on it.
    pub fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        self.expected.clone()
    }

    /// The same disk in a container.
    pub fn converted(&self, to: &str, options: &[&str]) -> Option<PathBuf> {
        let out = self.dir.path().join(format!("disk.{to}"));
        let image = self.image.to_str().unwrap();
        let all: Vec<&str> = ["convert", "-f", "raw", "-O", to].into_iter().chain(options.iter().copied()).chain([image]).collect();
        tool("qemu-img", &all, &out).map(|_| out)
    }

    /// The same disk as an ASIF image, laid out by the published facts: chunks of 1 MiB behind one table.
    pub fn asif(&self) -> PathBuf {
        const CHUNK: usize = 1 << 20;
        let disk = fs::read(&self.image).unwrap();
        let mut head = vec![0; CHUNK];
        let mut set = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
        set(0, b"shdw");
        set(16, &(4096_u64).to_be_bytes());
        set(24, &(8192_u64).to_be_bytes());
        set(48, &(disk.len() as u64 / 512).to_be_bytes());
        set(64, &(1_u32 << 20).to_be_bytes());
        set(68, &512_u16.to_be_bytes());
        // The older directory points nowhere; the newer one at the table in chunk 1.
        set(4096, &1_u64.to_be_bytes());
        set(8192, &2_u64.to_be_bytes());
        set(8200, &1_u64.to_be_bytes());
        let (mut table, mut chunks) = (vec![0; CHUNK], Vec::new());
        for (number, chunk) in disk.chunks(CHUNK).enumerate().filter(|(_, c)| c.iter().any(|b| *b != 0)) {
            let place = (2 + chunks.len() / CHUNK) as u64 | if number % 2 == 0 { 1 << 63 } else { 0 };
            table[number * 8..number * 8 + 8].copy_from_slice(&place.to_be_bytes());
            chunks.extend_from_slice(chunk);
        }
        let to = self.dir.path().join("disk.asif");
        fs::write(&to, [head, table, chunks].concat()).unwrap();
        to
    }

    /// The same disk as the shared tool wraps it; `None`: the tool is not here.
    pub fn by_shared_tool(&self) -> Option<PathBuf> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/make-asif");
        if !program.exists() {
            println!("skipped: {} is not here", program.display());
            return None;
        }
        let to = self.dir.path().join("shared.asif");
        tool(program.to_str().unwrap(), &[self.image.to_str().unwrap()], &to).map(|_| to)
    }

    /// The same disk behind a partition table.
    pub fn partitioned(&self) -> PathBuf {
        let sum = |bytes: &[u8]| {
            let mut sum = flate2::Crc::new();
            sum.update(bytes);
            sum.sum().to_le_bytes()
        };
        let disk = fs::read(&self.image).unwrap();
        let mut entries = vec![0; 128 * 128];
        entries[..16].copy_from_slice(&[0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4]);
        entries[32..40].copy_from_slice(&2048_u64.to_le_bytes());
        entries[40..48].copy_from_slice(&(2047 + disk.len() as u64 / 512).to_le_bytes());
        let mut head = vec![0; 512];
        head[..8].copy_from_slice(b"EFI PART");
        head[12..16].copy_from_slice(&92_u32.to_le_bytes());
        head[72..80].copy_from_slice(&2_u64.to_le_bytes());
        head[80..84].copy_from_slice(&128_u32.to_le_bytes());
        head[84..88].copy_from_slice(&128_u32.to_le_bytes());
        head[88..92].copy_from_slice(&sum(&entries));
        let own = sum(&head[..92]);
        head[16..20].copy_from_slice(&own);
        let mut whole = vec![0; 1 << 20];
        whole[512..1024].copy_from_slice(&head);
        whole[1024..1024 + entries.len()].copy_from_slice(&entries);
        let to = self.dir.path().join("partitioned.img");
        fs::write(&to, [whole, disk].concat()).unwrap();
        to
    }
}

/// Bytes without a pattern, always the same ones.
pub fn noise(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    blake3::Hasher::new().update(b"noise").finalize_xof().fill(&mut bytes);
    bytes
}
