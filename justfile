# `just` runs on a laptop what CI runs. Without just: `.ci/run`, `.ci/run list`, `.ci/run NAME…`.

# Everything that a change has to pass.
ci:
    .ci/run

# Format, lint and test what is being worked on.
check:
    cargo fmt --all
    .ci/run clippy
    cargo test --workspace

# The tests on real messages.
corpus:
    .ci/run corpus

# A virtual day of updates on loopback.
day *args:
    cargo run --release -p mdm-examples --bin update-day -- {{ args }}

# Show what a file is and what is odd about it.
inspect *files:
    cargo run --release -p mdm-examples --bin mdm-inspect -- {{ files }}

# Fuzz one target for as long as you let it (nightly toolchain and cargo-fuzz).
fuzz target:
    cargo +nightly fuzz run {{ target }}
