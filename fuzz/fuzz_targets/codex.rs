//! Codex's dialect: whatever the bytes, reading ends, and what is told is well formed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for within in [false, true] {
        lifeboat_fuzz::told(bytes, "rollout-1.jsonl", within);
    }
});
