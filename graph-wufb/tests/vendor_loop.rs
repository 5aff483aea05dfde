//! The example runs to its end.
#![allow(
    clippy::unwrap_used,
    dead_code,
    unreachable_pub,
    reason = "the example is a program of its own"
)]

#[path = "../examples/vendor_loop.rs"]
mod vendor_loop;

#[test]
fn a_vendors_loop_brings_both_rollouts_to_their_end() {
    vendor_loop::main().unwrap();
}
