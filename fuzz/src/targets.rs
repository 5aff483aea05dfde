//! The fuzz targets by name, and what each may cost: one table for libFuzzer, for the tests and for
//! the program `replay`, which needs neither libFuzzer nor a nightly compiler.

use std::time::Duration;

use crate::budget;
use crate::{apple, wsus};

/// One fuzz target.
#[derive(Debug)]
pub struct Target {
    /// Its name: of the file in `fuzz_targets/`, and of its folder in `seeds/`.
    pub name: &'static str,
    /// What the bytes are to it.
    pub kind: Kind,
    run: fn(&[u8]),
}

/// What the bytes are to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message or a text, with the bytes of memory that a run may hold at any time, and those that
    /// each of its bytes may add.
    Message { base: usize, memory: usize },
    /// Decisions, from which a message or a run of a machine is made.
    Decisions,
}

/// What a run may hold at any time, whatever its input: where a limit of a crate lets a message stand
/// for more than it is (copies, string tables, what is compressed), and where it may not.
const MEMORY: usize = 16 << 20;
const PLAIN: usize = 1 << 20;

/// The processor time of a run on decisions and on a message, and what each byte of a message may
/// add: several times what is needed in a slow build. What the square of an input costs shows in
/// counted instructions, though (`benches/src/growth.rs`).
const TIME_OF_DECISIONS: Duration = Duration::from_secs(4);
const TIME: Duration = Duration::from_secs(1);
const TIME_OF_A_BYTE: Duration = Duration::from_micros(15);

impl Target {
    /// Runs it on `data`, within its budget.
    ///
    /// # Panics
    ///
    /// Where the target found something, or the budget is not kept.
    pub fn run(&self, data: &[u8]) {
        let bytes = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let (base, factor, most) = match self.kind {
            Kind::Message { base, memory } => (base, memory, TIME + TIME_OF_A_BYTE * bytes),
            Kind::Decisions => (MEMORY, 0, TIME_OF_DECISIONS),
        };
        let start = processor_time();
        budget::memory(data.len(), base, factor, || (self.run)(data));
        let took = processor_time().saturating_sub(start);
        assert!(took <= most, "{}: {took:?} for {} bytes, {most:?} at most", self.name, data.len());
    }
}

/// What this thread has had of a processor: what others do on a busy machine does not count.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Runs the target of this name.
///
/// # Panics
///
/// As [`Target::run`], and where there is no such target.
pub fn run(name: &str, data: &[u8]) {
    named(name).unwrap_or_else(|| panic!("no target {name}")).run(data);
}

/// The target of this name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

const fn message(name: &'static str, memory: usize, run: fn(&[u8])) -> Target {
    Target { name, kind: Kind::Message { base: MEMORY, memory }, run }
}

/// A message that stands for no more than it is.
const fn plain(name: &'static str, memory: usize, run: fn(&[u8])) -> Target {
    Target { name, kind: Kind::Message { base: PLAIN, memory }, run }
}

const fn decisions(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, kind: Kind::Decisions, run }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    plain("apple_catalogue", 600, crate::apple_catalogue),
    plain("apple_declarations", 600, crate::apple_declarations),
    plain("apple_messages", 600, crate::apple_messages),
    decisions("apple_pair", apple::apple_pair),
    plain("apple_plan", 600, crate::apple_plan),
    decisions("apple_plan_steps", apple::apple_plan_steps),
    decisions("apple_store", apple::apple_store),
    plain("apple_texts", 600, apple::apple_texts),
    message("cabinet", 600, crate::cabinet),
    plain("compare", 600, crate::compare),
    plain("ddf", 600, crate::ddf),
    decisions("graph_batch", crate::graph_batch),
    plain("graph_json", 600, crate::graph_json),
    plain("graph_models", 600, crate::graph_models),
    decisions("graph_pager", crate::graph_pager),
    plain("graph_repair", 600, crate::graph_repair),
    decisions("graph_rollout", crate::graph_rollout),
    plain("loc_uri", 600, crate::loc_uri),
    message("metadata", 600, crate::metadata),
    plain("plist", 600, crate::plist),
    plain("plist_oracle", 600, apple::plist_oracle),
    decisions("plist_values", apple::plist_values),
    plain("policies", 600, crate::policies),
    message("repair", 4_000, crate::repair),
    decisions("session", crate::session),
    message("session_bytes", 600, crate::session_bytes),
    decisions("session_ops", crate::session_ops),
    message("soap", 600, crate::soap),
    message("stream", 600, crate::stream),
    message("sync_answers", 600, crate::sync_answers),
    message("syncml", 600, crate::syncml),
    message("update_csp", 600, crate::update_csp),
    decisions("update_ops", crate::update_ops),
    message("wbxml", 600, crate::wbxml),
    decisions("wbxml_model", crate::wbxml_model),
    message("windows_budget", 4_000, crate::windows_budget),
    decisions("wsus_bodies", wsus::bodies),
    decisions("wsus_catalog", wsus::catalog),
    decisions("wsus_document", wsus::document),
    decisions("wsus_envelope", wsus::envelope),
    decisions("wsus_frames", wsus::frames),
    decisions("wsus_server", wsus::server),
    decisions("wsus_states", wsus::states),
    decisions("wsus_sync", wsus::sync),
    decisions("wsus_values", wsus::values),
    plain("xml", 600, crate::xml),
    plain("xml_oracle", 600, apple::xml_oracle),
    decisions("xml_writer", apple::xml_writer),
];
