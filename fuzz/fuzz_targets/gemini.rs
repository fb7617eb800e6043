//! Gemini's chats: whatever the bytes, reading ends, and what is told is well formed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for document in [false, true] {
        lifeboat_fuzz::chat(bytes, document);
    }
});
