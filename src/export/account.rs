//! The account's own e-mail addresses, as the session's records tell them.

use crate::model::{Script, Session};
use crate::platform::open_beneath;
use crate::world::World;
use regex::bytes::Regex;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How much of a file is read: the address stands near its beginning, and configurations are small.
const MOST: u64 = 8 << 20;

/// The addresses in the session's record, in its own configuration and in the user's. A record may be torn, so it is not parsed.
pub fn emails(world: &World, session: &Session) -> Vec<String> {
    let beside = |file: PathBuf| Some((file.parent()?.to_owned(), file));
    let own = session.dir.as_ref().map(|dir| (dir.clone(), dir.join(".claude").join(".claude.json")));
    // A configuration folder that is elsewhere has it inside.
    let config =
        if let Script::Claude(path) = &session.script { path.ancestors().nth(3).map(|dir| dir.join(".claude.json")) } else { None };
    // A record that is the conversation itself is told of there.
    let record = session.record.clone().filter(|_| session.script == Script::Below);
    let files = [record.and_then(beside), own, config.and_then(beside), beside(world.home.join(".claude.json"))];
    let mut all: Vec<String> = files.into_iter().flatten().flat_map(|(root, file)| within(&root, &file)).collect();
    all.sort();
    all.dedup();
    all
}

fn within(root: &Path, file: &Path) -> Vec<String> {
    let mut text = Vec::new();
    let read = open_beneath(root, file).and_then(|file| file.take(MOST).read_to_end(&mut text));
    let named = Regex::new(r#""emailAddress"\s*:\s*"([^"\\\s@]{1,80}@[^"\\\s@]{3,160})""#);
    let (Ok(_), Ok(named)) = (read, named) else { return Vec::new() };
    named.captures_iter(&text).filter_map(|c| Some(String::from_utf8_lossy(c.get(1)?.as_bytes()).into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_from_record_and_configuration_torn_or_not_and_from_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let session =
            Session { record: Some(dir.path().join("local_1.json")), dir: Some(dir.path().join("local_1")), ..Session::default() };
        std::fs::create_dir_all(dir.path().join("local_1/.claude")).unwrap();
        std::fs::write(
            dir.path().join("local_1.json"),
            r#"{"emailAddress":"Robin@example.com","initialMessage":"write to kim@example.com"#,
        )
        .unwrap();
        let config = r#"{"oauthAccount": {"emailAddress": "robin@work.example", "accountUuid": "1"}}"#;
        std::fs::write(dir.path().join("local_1/.claude/.claude.json"), config).unwrap();
        let world = World::at(dir.path(), std::collections::BTreeMap::new());
        assert_eq!(emails(&world, &session), ["Robin@example.com", "robin@work.example"]);
    }
}
