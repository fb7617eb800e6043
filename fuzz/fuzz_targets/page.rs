//! The markdown page: whatever happens in a conversation, its page is well formed for two kinds of viewer.
#![no_main]

use lifeboat::fuzzing::page;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (body, turns) = page(bytes);
    lifeboat_fuzz::well_formed(&body, turns, false);
    lifeboat_fuzz::well_formed(&body, turns, true);
});
