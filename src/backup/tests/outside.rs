//! What other programs say of our archives, and the tree of every awkward file. A program that is not here is told of
//! and passed over.

use super::*;
use std::process::Command;

/// A folder `shared/tools` beside or above the source, with programs that make and compare trees.
fn tool(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|a| a.join("shared/tools").join(name)).find(|p| p.exists());
    if found.is_none() {
        eprintln!("passed over: `{name}` is not here");
    }
    found
}

fn is_here(program: &str) -> bool {
    let here = Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success());
    if !here {
        eprintln!("passed over: `{program}` is not here");
    }
    here
}

fn superuser() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("passed over: only the superuser can make and read such a tree");
    }
    root
}

/// Runs a program and gives what it printed; panics with that where it fails.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_tree_of_every_awkward_file_comes_back_without_a_difference_but_the_socket() {
    let (Some(nasty), Some(same)) = (tool("nasty-tree"), tool("same-tree")) else { return };
    if !superuser() {
        return;
    }
    let home = Home::new();
    run(Command::new(&nasty).arg(home.store().join("outputs")));
    let report = home.backup();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    assert_eq!(report.skipped.iter().map(|s| s.path.path.rsplit('/').next().unwrap()).collect::<Vec<_>>(), ["sock"]);
    assert!(report.packed < 200_000, "a sparse file of 1 GiB swells the archive to {}", report.packed);
    let out = home.out();
    let restored = home.restore(&report.archive, &Target::Folder(out.clone()), None);
    assert!(restored.failed.is_empty(), "{:?}", restored.failed);
    let there = out.join("cowork/store");
    let compared = Command::new(&same).arg(home.store()).arg(&there).output().unwrap();
    let text = String::from_utf8_lossy(&compared.stdout).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("sock") && lines[1].ends_with(" 1 differences"), "{text}");
    let sparse = crate::platform::facts(&there.join("outputs/sparse")).unwrap();
    assert!(sparse.size == 1 << 30 && sparse.allocated < 1 << 20, "{sparse:?}");
}

/// A tree of what every tar program can put back.
fn ordinary(home: &Home) {
    home.file("a/b/text.txt", "hello");
    home.file("with space & \u{e9}.txt", "accents");
    home.file(&format!("{}/{}", "d".repeat(120), "f".repeat(200)), "long");
    home.file("big.bin", vec![3; 3 << 20]);
    fs::create_dir_all(home.store().join("empty")).unwrap();
    fs::hard_link(home.store().join("big.bin"), home.store().join("big again.bin")).unwrap();
    std::os::unix::fs::symlink("b/text.txt", home.store().join("a/link")).unwrap();
    let sparse = fs::File::create(home.store().join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_at(&sparse, b"middle", 30 << 20).unwrap();
    sparse.set_len(50 << 20).unwrap();
    age(&home.store().join("a/b/text.txt"), 1_500_000_000);
    age(&home.store().join("a/b"), 1_400_000_000);
    age(&home.store(), 1_400_000_001);
}

#[test]
fn gnu_tar_unpacks_an_archive_to_the_same_tree() {
    if !is_here("tar") {
        return;
    }
    let home = Home::new();
    ordinary(&home);
    let archive = home.backup().archive;
    fs::create_dir(home.out()).unwrap();
    run(Command::new("tar").arg("-xpzf").arg(&archive).arg("-C").arg(home.out()));
    assert_eq!(picture(&home.out().join("cowork/store")), picture(&home.store()));
    let inode = |name: &str| crate::platform::facts(&home.out().join("cowork/store").join(name)).unwrap();
    assert_eq!(inode("big.bin").ino, inode("big again.bin").ino);
    assert!(inode("sparse").allocated < 1 << 20);
    run(Command::new("gzip").arg("-t").arg(&archive));
}

#[test]
fn python_lists_every_name_and_reads_the_manifest() {
    if !is_here("python3") {
        return;
    }
    let home = Home::new();
    ordinary(&home);
    let report = home.backup();
    let script = "import sys,tarfile,json\nt=tarfile.open(sys.argv[1])\nm=json.load(t.extractfile('MANIFEST.json'))\n\
                  assert sorted(t.getnames())==sorted([e['path'] for e in m['entries']]+['MANIFEST.json'])\n\
                  assert t.extractfile('cowork/store/sparse').read()[30<<20:(30<<20)+6]==b'middle'\nprint(len(m['entries']))";
    let count: usize = run(Command::new("python3").arg("-c").arg(script).arg(&report.archive)).trim().parse().unwrap();
    assert_eq!(count, picture(&home.store()).len());
}

#[test]
fn the_hashes_of_the_manifest_are_those_sha256sum_gives() {
    if !is_here("sha256sum") {
        return;
    }
    let home = Home::new();
    let path = home.file("a.txt", "hello");
    let beside = super::super::verify::sidecar(&home.backup().archive);
    let manifest: Manifest = serde_json::from_slice(&fs::read(beside).unwrap()).unwrap();
    let said = manifest.entries.iter().find_map(|e| e.sha256.clone()).unwrap();
    assert!(run(Command::new("sha256sum").arg(path)).starts_with(&said));
}
