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
