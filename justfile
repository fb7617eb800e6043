# What a checkout is checked with.
default: ci

# Everything that must pass.
ci:
    .ci/run

# All tests.
test:
    cargo test

# Power cuts and every syscall failing; minutes, root, Linux.
faults *PARTS:
    .ci/faults {{PARTS}}

# Ten minutes of every fuzz target; needs cargo-fuzz.
fuzz *TARGETS:
    for target in {{ if TARGETS == "" { "claude audit codex gemini opencode page prose redact" } else { TARGETS } }}; do RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $target -- -dict=fuzz/words.dict -max_total_time=600 -timeout=10 -max_len=16384; done

# The main job on a sample home.
demo:
    cargo run --release -- demo

# Benches; see the README for what they measure.
bench:
    cargo bench --locked

# The pictures in assets/, from real frames.
screenshots:
    cargo run --example screenshots

# Accept changed snapshots after looking at them.
snapshots:
    INSTA_UPDATE=always cargo test
