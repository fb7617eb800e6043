//! What SAFETY.md says of itself.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

#[test]
fn every_test_that_the_safety_page_names_is_there() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(top.join("SAFETY.md")).unwrap();
    let sources: String = ["src", "tests"]
        .iter()
        .flat_map(|dir| walkdir::WalkDir::new(top.join(dir)))
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let named: Vec<&str> = page.split('`').skip(1).step_by(2).filter(|word| word.matches('_').count() > 3).collect();
    let missing: Vec<&&str> = named.iter().filter(|name| !sources.contains(&format!("fn {name}() {{"))).collect();
    assert!(named.len() > 20 && missing.is_empty(), "{missing:?} of {}", named.len());
}
