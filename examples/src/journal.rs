//! What happened, for a person to read.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::Clock;

/// Prints a line for each thing that happened, with the virtual time and who it happened to.
#[derive(Clone, Debug)]
pub struct Journal {
    clock: Clock,
    quiet: Arc<AtomicBool>,
}

impl Journal {
    /// A journal of this clock's time.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, quiet: Arc::new(AtomicBool::new(false)) }
    }

    /// One line: `08:20  PC-001      4 updates installable`.
    pub fn line(&self, who: &str, what: impl std::fmt::Display) {
        if self.quiet.load(Ordering::Relaxed) {
            return;
        }
        let mut out = std::io::stdout().lock();
        // Nobody reads any more (`update-day | head`): the day goes on in silence.
        if writeln!(out, "{}  {who:<11} {what}", self.clock.now().format("%H:%M")).is_err() {
            self.quiet.store(true, Ordering::Relaxed);
        }
    }
}
