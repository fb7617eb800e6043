//! Packed copies beside conversations.

use super::*;
use crate::classify::still_proven;
use crate::model::Proof;

const PLAIN: &str = ".codex/sessions/2026/07/01/rollout-2026-07-01T12-00-00-01a1ffc4-edcf-7fb1-8775-9b32bbbc08cf.jsonl";

fn conversation() -> String {
    "{\"timestamp\":\"2026-07-01T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{\"cwd\":\"/u/project\"}}\n".repeat(50)
}

fn home(packed: &[u8]) -> Home {
    let home = Home(tempfile::tempdir().unwrap());
    home.write(PLAIN, conversation());
    home.write(&format!("{PLAIN}.zst"), packed);
    home
}

fn packed(text: &str) -> Vec<u8> {
    zstd::encode_all(text.as_bytes(), 3).unwrap()
}

fn classes(home: &Home) -> (Class, Class, Option<Proof>) {
    let catalog = home.scan();
    rows_add_up(&catalog);
    let find = |path: &str| catalog.find(&home.at(path)).unwrap();
    let (plain, copy) = (find(PLAIN), find(&format!("{PLAIN}.zst")));
    (catalog.node(plain).class, catalog.node(copy).class, catalog.verdict(plain).proof.clone())
}

#[test]
fn a_conversation_whose_packed_copy_holds_the_same_bytes_is_flushed_and_the_copy_is_at_risk() {
    let home = home(&packed(&conversation()));
    let (plain, copy, proof) = classes(&home);
    assert_eq!((plain, copy), (Class::Flushed, Class::AtRisk), "never both");
    let (original, proof) = (home.at(PLAIN), proof.unwrap());
    assert!(still_proven(&home.world(), &original, &proof).is_ok());
    home.write(&format!("{PLAIN}.zst"), packed("other"));
    assert!(still_proven(&home.world(), &original, &proof).is_err(), "the copy changed");
    home.write(&format!("{PLAIN}.zst"), packed(&conversation()));
    home.write(PLAIN, conversation() + "more");
    assert!(still_proven(&home.world(), &original, &proof).is_err(), "the conversation went on");
}

#[test]
fn a_packed_copy_that_is_cut_or_holds_anything_else_proves_nothing() {
    let whole = packed(&conversation());
    let longer = packed(&(conversation() + "x"));
    let shorter = packed(&conversation()[1..]);
    let other = packed(&conversation().replace('u', "v"));
    for copy in [&whole[..whole.len() - 3], &longer, &shorter, &other, b"", b"no zstd"] {
        assert_eq!(classes(&home(copy)).0, Class::AtRisk);
    }
}

#[test]
fn a_packed_file_beside_something_else_proves_nothing_whatever_it_holds() {
    let home = Home(tempfile::tempdir().unwrap());
    home.write(PLAIN, conversation());
    home.write(".codex/sessions/2026/07/01/notes.jsonl", "mine");
    home.write(".codex/sessions/2026/07/01/notes.jsonl.zst", packed("mine"));
    let catalog = home.scan();
    let notes = catalog.find(&home.at(".codex/sessions/2026/07/01/notes.jsonl")).unwrap();
    assert_eq!(catalog.node(notes).class, Class::AtRisk);
}

#[test]
fn a_proof_that_names_another_file_as_the_packed_copy_is_refused() {
    let home = home(&packed(&conversation()));
    home.write("Documents/x.zst", packed(&conversation()));
    let Some(Proof::Packed { blake3, .. }) = classes(&home).2 else { panic!("it was not proven") };
    let elsewhere = Proof::Packed { copy: home.at("Documents/x.zst"), blake3 };
    assert!(still_proven(&home.world(), &home.at(PLAIN), &elsewhere).unwrap_err().contains("no place"));
}
