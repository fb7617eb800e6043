//! What happens when the client calls: next to nothing, at once. The work is done by another process.

use crate::watch::news::{News, write_down};
use crate::world::World;
use serde_json::{Value, json};
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// What is read of what the client says.
const MOST: u64 = 1 << 20;

/// How long the client may take to say it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Takes a call: reads who it is about, begins the work, and is done. Whatever goes wrong is written down and told nobody.
pub fn answer(world: &World, from: impl Read + Send + 'static, program: std::io::Result<std::path::PathBuf>) {
    let says = match about(from) {
        Ok((event, session)) => match program.and_then(|program| begin(&program, &session)) {
            Ok(()) => format!("{event} of {session}"),
            Err(e) => format!("{event} of {session}: the work could not be begun: {e}"),
        },
        Err(why) => why.to_owned(),
    };
    write_down(world, &News::new(world, "hook", says, json!({})));
}

/// The event and the session, as the client says them.
fn about(from: impl Read + Send + 'static) -> Result<(String, String), &'static str> {
    let (send, receive) = channel();
    // Whoever says nothing is not waited for.
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = from.take(MOST).read_to_end(&mut said);
        let _ = send.send(read.map(|_| said));
    });
    let said = receive.recv_timeout(PATIENCE).map_err(|_| "the client called and said nothing")?;
    let said: Value = said.ok().and_then(|said| serde_json::from_slice(&said).ok()).ok_or("the client called and said no JSON")?;
    let word = |key: &str| said.get(key).and_then(Value::as_str).filter(|word| is_plain(word)).map(str::to_owned);
    let session = word("session_id").ok_or("the client called and named no session")?;
    Ok((word("hook_event_name").unwrap_or_else(|| "a call".into()), session))
}

/// Whether a word is one that can be an id, and nothing else.
fn is_plain(word: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=128).contains(&word.len()) && word.bytes().all(plain) && !word.starts_with('-')
}

/// Begins the work in a process of its own, which nobody waits for.
fn begin(program: &std::path::Path, session: &str) -> std::io::Result<()> {
    let mut command = Command::new(program);
    command.args(["watch", "--once", "--session", session]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP (winbase.h)
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, 0x8 | 0x200);
    command.spawn().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn the_session_of_a_call_is_known_and_what_is_no_id_is_not_taken_for_one() {
        let ok = r#"{"session_id":"b41e1c5c-0ef1","transcript_path":"/x","cwd":"/y","hook_event_name":"SessionEnd"}"#;
        assert_eq!(about(Cursor::new(ok)), Ok(("SessionEnd".to_owned(), "b41e1c5c-0ef1".to_owned())));
        assert_eq!(about(Cursor::new(r#"{"session_id":"x","more":[1]}"#)), Ok(("a call".to_owned(), "x".to_owned())));
        for odd in
            ["", "{", "[]", "{}", r#"{"session_id":7}"#, r#"{"session_id":"--all"}"#, r#"{"session_id":"a b"}"#, r#"{"session_id":""}"#]
        {
            assert!(about(Cursor::new(odd)).is_err(), "{odd}");
        }
    }

    /// Says nothing, and never ends.
    struct Silent;
    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
    }

    #[test]
    fn a_client_that_says_nothing_is_not_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let world = World::at(home.path(), std::collections::BTreeMap::new());
        let began = std::time::Instant::now();
        answer(&world, Silent, Ok("/no/such/program".into()));
        assert!(began.elapsed() < Duration::from_secs(5));
        assert!(std::fs::read_to_string(crate::watch::news::path(&world)).unwrap().contains("said nothing"));
    }
}
