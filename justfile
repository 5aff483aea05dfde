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
    cargo run -p mdm-examples --bin update-day -- {{ args }}

# Show what a file is and what is odd about it.
inspect *files:
    cargo run -p mdm-examples --bin mdm-inspect -- {{ files }}

# Fuzz one target until it has had an hour of processor time in all (fuzz/README.md).
fuzz target:
    .ci/fuzz-hours --minutes 60 {{ target }}
