use super::*;
use jiff::Timestamp;
use std::collections::BTreeMap;

fn shape(bulk: usize) -> Shape {
    Shape { now: Timestamp::from_second(1_795_000_000).unwrap(), bulk }
}

/// Every path below a home with its time and, of a file, what it holds; the home's own path cut out of it.
fn everything(home: &Path) -> BTreeMap<PathBuf, (i64, Vec<u8>)> {
    walkdir::WalkDir::new(home)
        .into_iter()
        .map(|e| {
            let e = e.unwrap();
            let facts = crate::platform::facts(e.path()).unwrap();
            let held = if e.file_type().is_file() && facts.allocated > 0 && facts.size < 1 << 20 {
                std::fs::read(e.path()).unwrap()
            } else {
                Vec::new()
            };
            (e.path().strip_prefix(home).unwrap().to_path_buf(), (facts.mtime_ns, held))
        })
        .collect()
}

#[test]
fn the_same_shape_makes_the_same_home() {
    let temp = tempfile::tempdir().unwrap();
    let home = temp.path().join("home");
    make(&home, &shape(2)).unwrap();
    let kept = temp.path().join("first");
    #[expect(clippy::disallowed_methods, reason = "our own temporary folder, so that the second home has the first one's path")]
    std::fs::rename(&home, &kept).unwrap();
    make(&home, &shape(2)).unwrap();
    let (first, second) = (everything(&kept), everything(&home));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (path, what) in &first {
        assert!(second.get(path) == Some(what), "{} differs", path.display());
    }
}

#[test]
fn only_the_session_at_work_is_younger_than_ten_minutes() {
    let temp = tempfile::tempdir().unwrap();
    make(&temp.path().join("home"), &shape(0)).unwrap();
    let sessions = app_data(&temp.path().join("home")).join("local-agent-mode-sessions");
    let young = shape(0).now.as_second() - 600;
    let files: Vec<PathBuf> = walkdir::WalkDir::new(&sessions)
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .filter(|p| p.is_file() && crate::platform::facts(p).unwrap().mtime_ns / 1_000_000_000 > young)
        .collect();
    let live: Vec<_> = files.iter().filter(|p| p.ends_with("outputs/plan.md")).collect();
    assert_eq!(live.len(), 1);
    let id = live[0].ancestors().nth(2).unwrap().file_name().unwrap().to_string_lossy().into_owned();
    assert!(files.iter().all(|p| p.to_string_lossy().contains(&id)), "{files:?}");
}

#[cfg(unix)]
#[test]
fn the_visible_home_is_large_to_look_at_and_small_on_disk() {
    use std::os::unix::fs::MetadataExt;
    let temp = tempfile::tempdir().unwrap();
    let home = temp.path().join("home");
    make(&home, &shape(30)).unwrap();
    let (mut seen, mut real, mut files) = (0, 0, 0);
    for entry in walkdir::WalkDir::new(&home) {
        let meta = entry.unwrap().metadata().unwrap();
        if meta.is_file() {
            files += 1;
            seen += meta.size();
            real += meta.blocks() * 512;
        }
    }
    assert!(seen > 4_000_000_000, "{seen}");
    assert!(real < 30_000_000, "{real}");
    assert!(files < 1500, "{files}");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    std::fs::write(temp.path().join("mine.txt"), "mine").unwrap();
    assert_eq!(make(temp.path(), &shape(0)).unwrap_err().exit_code(), 3);
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1);
}
