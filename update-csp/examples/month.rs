//! A month of the guides' update model for 1,000 simulated devices, in the evening of each day that
//! matters: `cargo run -p update-csp --features simulator --example month`.
#![allow(dead_code, reason = "the test of the same name looks closer")]

#[path = "../tests/support/month.rs"]
mod month;

fn main() {
    let days = [
        ("11-11", "the driver has terms that nobody has read; the November update is deferred"),
        ("11-15", "the November update was bad: both rings paused, the Test ring rolled back"),
        ("11-27", "resumed with its replacement: failures, and restarts that nobody does"),
        ("11-30", "the deadline forced the restarts"),
    ];
    let mut month = month::Month::new(50, 950);
    for (date, what) in days {
        while month.date() != date {
            month.day();
        }
        println!("2026-{date}: {what}\n\n{}", month.printed());
    }
}
