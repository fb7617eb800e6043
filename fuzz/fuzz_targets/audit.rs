//! The audit log: whatever the bytes, reading ends, and what is told is well formed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    lifeboat_fuzz::told(bytes, "audit.jsonl", false);
});
