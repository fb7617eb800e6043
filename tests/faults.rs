//! Every system call of a deed fails, or is the last the program makes: whatever stood in the store is there again
//! after the next start and an undo.
//!
//! The real program under `strace`, which makes the chosen call fail or kills the program at it. `cargo test` takes a
//! sample that meets each call and each fault; with `FAULTS=all`, as `just faults` sets it, all of them. Without `strace`
//! the tests say that they are skipped.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests")]

mod common;

use common::{PROGRAM, Tree, tree};
use lifeboat::model::{Class, OpState, Quiet};
use lifeboat::vault::{self, Consent, Selection};
use lifeboat::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const ORG: &str = ".config/Claude/local-agent-mode-sessions/1b98a569-81b3-4c55-bd0f-4d0517582421/2c09b670-92c4-4d66-8e10-5e1628693532";
const ID: &str = "local_5a7d4a86-4628-4182-a822-292dc8a1df9d";

/// The calls that a deed touches the disk with; those the system has not are passed over.
const CALLS: &str = "?openat,?openat2,?renameat2,?renameat,?mkdir,?mkdirat,?unlinkat,?fsync,?fdatasync,?write,?pwrite64,?read,\
    ?fchmod,?fchmodat,?utimensat,?statx,?newfstatat,?fstat,?flock,?fallocate,?ftruncate,?getdents64,?lseek";

/// What befalls a call.
const FAULTS: [&str; 7] = ["error=EIO", "error=ENOSPC", "error=EACCES", "error=EXDEV", "error=EROFS", "error=EMFILE", "signal=KILL"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Clean,
    Undo,
    Purge,
}

/// A home with one quiet session, and what a deed needs done before it.
struct Ready {
    home: tempfile::TempDir,
    world: World,
    /// The store at the start.
    before: Tree,
    words: Vec<String>,
}

impl Ready {
    fn for_the(deed: Deed) -> Self {
        let home = tempfile::tempdir().unwrap();
        let org = home.path().join(ORG);
        let file = |rel: &str| {
            let path = org.join(ID).join(rel);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, rel).unwrap();
        };
        for rel in ["a/tool/1.0.0/bin/run", "a/tool/1.0.0/package.json", "b/tool/1.0.0/package.json"] {
            file(&format!(".claude/plugins/cache/{rel}"));
        }
        ["outputs/thesis.tex", ".claude/debug/1.txt", ".claude/debug/2.txt"].into_iter().for_each(file);
        let record = format!(r#"{{"sessionId":"{ID}","title":"Figures","createdAt":1783372201477,"lastActivityAt":1783372232997}}"#);
        std::fs::write(org.join(format!("{ID}.json")), record).unwrap();
        let world = World::at(home.path(), [("LIFEBOAT_QUIET_AFTER".into(), "0".into())].into_iter().collect());
        let before = tree(&home.path().join(".config"));
        let mut ready = Self { before, words: Vec::new(), world, home };
        ready.words = match deed {
            Deed::Clean => ["clean", "--all", "--class", "rebuildable,at-risk", "--include-at-risk", "--yes"].map(str::to_owned).to_vec(),
            Deed::Undo => {
                ready.clean(|_| true);
                vec!["undo".to_owned()]
            }
            Deed::Purge => {
                // The first is purged; the second must not be touched.
                let first = ready.clean(|path| path.contains("plugins"));
                ready.clean(|_| true);
                ready.before.retain(|path, _| !path.to_string_lossy().contains("plugins"));
                vec!["purge".to_owned(), first, "--yes".to_owned()]
            }
        };
        ready
    }

    fn clean(&self, which: impl Fn(&str) -> bool) -> String {
        let catalog = lifeboat::scan::run(&self.world, lifeboat::scan::Options::default());
        let mut plan = vault::plan(&self.world, &catalog, &Selection { classes: Class::ALL.to_vec(), ..Selection::default() });
        plan.items.retain(|item| which(&item.path.path));
        let receipt = vault::clean(&self.world, &plan, Consent { at_risk: true, dry_run: false }, &Quiet).unwrap();
        assert!(receipt.moved > 1 && receipt.skipped.is_empty() && receipt.failed.is_empty(), "{receipt:?}");
        receipt.operation
    }

    /// Runs the deed under `strace` with these arguments; gives what `strace` wrote.
    fn run(&self, arguments: &[&str]) -> (Output, String) {
        let log = self.home.path().join("strace.log");
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-y", "-o"]).arg(&log).args(arguments).arg(PROGRAM).args(&self.words);
        strace.env_clear().env("HOME", self.home.path()).env("PATH", "/usr/bin:/bin").env("LIFEBOAT_QUIET_AFTER", "0");
        let out = strace.current_dir(self.home.path()).stdin(Stdio::null()).output().unwrap();
        (out, String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned())
    }

    /// Every call of the deed that is about this home: its name, and which of its name it is.
    fn positions(&self) -> Vec<(String, usize)> {
        let (out, log) = self.run(&["-e", &format!("trace={CALLS}")]);
        assert_eq!(out.status.code(), Some(0), "{out:?}");
        self.told(&log)
    }

    /// The same, as a log tells.
    fn told(&self, log: &str) -> Vec<(String, usize)> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let mut all = Vec::new();
        for line in log.lines() {
            let Some((call, rest)) = line.split_once('(') else { continue };
            let count = seen.entry(call).or_default();
            *count += 1;
            if rest.contains(self.home.path().to_str().unwrap()) {
                all.push((call.to_owned(), *count));
            }
        }
        all
    }

    /// The next start, then an undo of all that stands: everything is where it was, and the vault is empty. Else says what is not.
    fn all_is_well(&self, deed: Deed, killed: bool) -> Result<(), String> {
        // A child that another test starts has our lock too for a moment, between its fork and its exec.
        for _ in 0..100 {
            vault::recover(&self.world).map_err(|e| e.to_string())?;
            if vault::history(&self.world).is_ok_and(|all| all.iter().all(|o| o.state != OpState::Unfinished)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let twice = vault::recover(&self.world).map_err(|e| e.to_string())?;
        if !twice.is_empty() {
            return Err(format!("mended twice: {twice:?}"));
        }
        let history = vault::history(&self.world).map_err(|e| e.to_string())?;
        let purged = history.iter().any(|o| o.verb == "clean" && o.state == OpState::Purged);
        while vault::undo(&self.world, None, false, &Quiet).map_err(|e| e.to_string())?.moved > 0 {}
        let mut now = tree(&self.home.path().join(".config"));
        if deed == Deed::Purge {
            let stayed = now.keys().filter(|p| p.ends_with("package.json")).count();
            if stayed != if purged { 0 } else { 2 } {
                return Err(format!("{stayed} of 2 purged items are there: {history:?}"));
            }
            now.retain(|path, _| !path.to_string_lossy().contains("plugins"));
        }
        // After an error, not after a death, a folder may keep the time of the change.
        let compared = |tree: &Tree| -> Tree {
            let time = |kind: &str, time| if kind.starts_with("Dir") && (!killed || deed == Deed::Purge) { 0 } else { time };
            tree.iter().map(|(path, (kind, at, held))| (path.clone(), (kind.clone(), time(kind, *at), held.clone()))).collect()
        };
        let (was, is) = (compared(&self.before), compared(&now));
        let differ: Vec<&PathBuf> = was.keys().chain(is.keys()).filter(|p| was.get(*p) != is.get(*p)).collect();
        if !differ.is_empty() {
            return Err(format!("not as before: {differ:?}"));
        }
        let left = files(&self.world.vault_dir());
        if left.is_empty() { Ok(()) } else { Err(format!("left in the vault: {left:?}")) }
    }
}

fn files(top: &Path) -> Vec<PathBuf> {
    let all = walkdir::WalkDir::new(top).into_iter().filter_map(Result::ok);
    all.filter(|e| !e.file_type().is_dir()).map(walkdir::DirEntry::into_path).collect()
}

/// The positions and faults to try: all of them, or some four of each call, others for each deed.
fn chosen(deed: Deed, positions: &[(String, usize)]) -> Vec<(String, usize, &'static str)> {
    let product = |(call, count): &(String, usize), faults: &mut dyn Iterator<Item = &'static str>| {
        faults.map(|fault| (call.clone(), *count, fault)).collect::<Vec<_>>()
    };
    if std::env::var_os("FAULTS").is_some_and(|v| v == "all") {
        return positions.iter().flat_map(|position| product(position, &mut FAULTS.into_iter())).collect();
    }
    let calls: BTreeSet<&str> = positions.iter().map(|(call, _)| call.as_str()).collect();
    let mut all = Vec::new();
    for (turn, call) in calls.into_iter().enumerate() {
        let of_it: Vec<&(String, usize)> = positions.iter().filter(|(name, _)| name == call).collect();
        for step in 0..4 {
            let seed = blake3::hash(format!("{deed:?} {call} {step}").as_bytes());
            let at = usize::from(u16::from_le_bytes([seed.as_bytes()[0], seed.as_bytes()[1]])) % of_it.len();
            let fault = FAULTS[(turn + step * 2 + deed as usize) % FAULTS.len()];
            all.extend(product(of_it[at], &mut std::iter::once(fault)));
        }
    }
    all
}

fn may_trace() -> bool {
    let may = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output().is_ok_and(|out| out.status.success());
    if !may {
        println!("skipped: no strace here, or it may not trace");
    }
    may
}

fn try_all(deed: Deed) {
    if !may_trace() {
        return;
    }
    let positions = Ready::for_the(deed).positions();
    let (mut hit, mut calls, mut bad) = (0, BTreeSet::new(), Vec::new());
    let chosen = chosen(deed, &positions);
    for (call, at, fault) in &chosen {
        let (mut at, of_it) = (*at, |all: &[(String, usize)]| all.iter().filter(|(name, _)| name == call).map(|p| p.1).collect::<Vec<_>>());
        let which = of_it(&positions).iter().position(|n| *n == at).unwrap();
        for _ in 0..4 {
            let ready = Ready::for_the(deed);
            let (out, log) = ready.run(&["-e", &format!("trace={call}"), "-e", &format!("inject={call}:{fault}:when={at}")]);
            let said = String::from_utf8_lossy(&out.stderr);
            let well = ready.all_is_well(deed, fault.ends_with("KILL"));
            let well = if said.contains("panicked") { Err(said.into_owned()) } else { well };
            bad.extend(well.err().map(|why| format!("{fault} at {call} {at}: {why}")));
            if log.contains("(INJECTED)") || log.contains("killed by SIGKILL") {
                hit += 1;
                calls.insert(call);
                break;
            }
            // A look at the other processes takes as many calls as they are: where some ended meanwhile, the place has moved.
            let now = of_it(&ready.told(&log));
            at = now.get(which).or(now.last()).copied().unwrap_or(at);
        }
    }
    assert!(bad.is_empty(), "{deed:?}: {} of {hit} faults: {:#?}", bad.len(), bad.iter().take(20).collect::<Vec<_>>());
    println!("{deed:?}: {hit} faults at {} positions of {} calls, nothing lost", positions.len(), calls.len());
    assert!(hit * 10 >= chosen.len() * 9, "only {hit} of {} faults hit something", chosen.len());
    assert!(calls.len() >= 10, "only {calls:?} were hit");
}

#[test]
fn whichever_call_of_a_clean_fails_or_is_its_last_nothing_is_lost() {
    try_all(Deed::Clean);
}

#[test]
fn whichever_call_of_an_undo_fails_or_is_its_last_everything_comes_back() {
    try_all(Deed::Undo);
}

#[test]
fn whichever_call_of_a_purge_fails_or_is_its_last_nothing_else_goes() {
    try_all(Deed::Purge);
}

#[test]
fn what_must_last_is_synced_to_the_disk_itself() {
    if !may_trace() {
        return;
    }
    // Each with the ends of the paths that are synced.
    let deeds: [(Deed, &[&str], &[&str]); 4] = [
        (Deed::Clean, &[], &[".journal", "/operations", "/lifeboat/vault", "/vault/OPERATION"]),
        (Deed::Undo, &[], &[".journal", "/vault/OPERATION", "/.claude/debug", "/outputs"]),
        (Deed::Purge, &[], &[".journal", "/lifeboat/vault"]),
        (Deed::Clean, &["plan", "--all", "-o", "plans/plan.json"], &["/plans", ".new"]),
    ];
    for (deed, words, must) in deeds {
        let mut ready = Ready::for_the(deed);
        if !words.is_empty() {
            std::fs::create_dir(ready.home.path().join("plans")).unwrap();
            ready.words = words.iter().map(|&word| word.to_owned()).collect();
        }
        let (out, log) = ready.run(&["-f", "-e", "trace=?fsync,?fdatasync"]);
        assert_eq!(out.status.code(), Some(0), "{out:?}");
        let of_last = vault::history(&ready.world).unwrap().iter().find(|o| o.verb == "clean").map_or(String::new(), |o| o.id.clone());
        let synced: BTreeSet<&str> = log.lines().filter_map(|line| Some(line.split_once('<')?.1.split_once('>')?.0)).collect();
        let missing: Vec<String> = must
            .iter()
            .map(|end| end.replace("OPERATION", &of_last))
            .filter(|end| !synced.iter().any(|path| path.ends_with(end)))
            .collect();
        assert!(missing.is_empty(), "{deed:?} {words:?}: no sync of {missing:?}, only of {synced:#?}");
    }
}
