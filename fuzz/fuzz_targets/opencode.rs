//! opencode's messages: whatever the bytes, reading ends, and what is told is well formed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for second in [false, true] {
        lifeboat_fuzz::rows(bytes, second);
    }
});
