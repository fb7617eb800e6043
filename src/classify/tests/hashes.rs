//! What is remembered of hashes, and when it is not used.

use super::*;
use crate::classify::Hashes;
use crate::model::Hashing;
use jiff::{SignedDuration, Timestamp};

struct Lab {
    home: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let this = Self { home: tempfile::tempdir().unwrap() };
        write(this.file(), "the report");
        this
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("store/a.txt")
    }

    /// The world so many seconds from now.
    fn world(&self, later: i64) -> World {
        World::at(self.home.path(), BTreeMap::new()).with_clock(Timestamp::now() + SignedDuration::from_secs(later))
    }

    /// Hashes the file as a scan would, and says what that took.
    fn scan(&self, later: i64) -> (String, Hashing) {
        let hashes = Hashes::of(&self.world(later));
        let size = crate::platform::facts(&self.file()).unwrap().size;
        let open = Ground::Disk(self.home.path().join("store")).open(&self.file()).unwrap();
        let hash = hashes.blake3(open, &self.file(), size, &Stop::default()).unwrap().unwrap();
        hashes.keep();
        (hash.to_hex().to_string(), hashes.told())
    }

    fn kept(&self) -> PathBuf {
        self.world(0).state_dir.join("hashes.bin")
    }
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

const READ: Hashing = Hashing { files: 1, bytes: 10, known: 0 };
const KNOWN: Hashing = Hashing { files: 0, bytes: 0, known: 1 };

#[cfg(unix)]
#[test]
fn a_file_that_did_not_change_is_read_by_the_first_scan_alone() {
    let lab = Lab::new();
    assert_eq!(lab.scan(60), (hash("the report"), READ));
    assert_eq!(lab.scan(60), (hash("the report"), KNOWN));
    assert_eq!(lab.scan(60), (hash("the report"), KNOWN));
}

#[test]
fn a_file_that_changed_is_read_again_even_if_its_time_was_set_back() {
    let lab = Lab::new();
    lab.scan(60);
    let before = fs::metadata(lab.file()).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(25));
    fs::write(lab.file(), "THE REPORT").unwrap();
    fs::File::options().write(true).open(lab.file()).unwrap().set_modified(before).unwrap();
    assert_eq!(lab.scan(60), (hash("THE REPORT"), READ));
}

#[test]
fn a_file_that_has_only_just_changed_is_not_remembered() {
    let lab = Lab::new();
    assert_eq!(lab.scan(1), (hash("the report"), READ));
    assert!(!lab.kept().exists());
    assert_eq!(lab.scan(60), (hash("the report"), READ));
}

#[cfg(unix)]
#[test]
fn a_torn_damaged_foreign_or_newer_file_of_hashes_is_dropped() {
    let lab = Lab::new();
    lab.scan(60);
    let good = fs::read(lab.kept()).unwrap();
    let mut flipped = good.clone();
    flipped[60] ^= 1;
    let mut newer = b"lifeboat hashes 2\n".to_vec();
    newer.extend_from_slice(&good[18..]);
    for bad in [&good[..good.len() - 1], &good[..0], &good[..40], &flipped, &newer, b"garbage"] {
        fs::write(lab.kept(), bad).unwrap();
        assert_eq!(lab.scan(60), (hash("the report"), READ));
        assert_eq!(lab.scan(60), (hash("the report"), KNOWN), "and a good one takes its place");
    }
    let names: Vec<_> = fs::read_dir(lab.world(0).state_dir).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["hashes.bin"], "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn a_hash_remembered_wrongly_moves_nothing() {
    let lab = Lab::new();
    write(lab.home.path().join("Documents/a.txt"), "the report");
    lab.scan(60);
    let proof = Proof::SameBytes { copy: lab.home.path().join("Documents/a.txt"), blake3: hash("THE REPORT") };
    assert!(still_proven(&lab.world(60), &lab.file(), &proof).is_err(), "the bytes are read at the last moment");
}
