//! Secrets: finding and leaving them out ends, and what was left out is not found again.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let once = lifeboat::fuzzing::redacted(text);
    let _ = lifeboat::fuzzing::redacted(&once);
});
