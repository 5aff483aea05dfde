//! Runs a fuzz target on files, without libFuzzer: what a finding does, and in which budget.
//!
//! `cargo run --release --manifest-path fuzz/Cargo.toml --example replay -- TARGET FILE…`

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(target) = arguments.next().and_then(|name| mdm_fuzz::named(&name)) else {
        let names: Vec<_> = mdm_fuzz::TARGETS.iter().map(|target| target.name).collect();
        eprintln!("usage: replay TARGET FILE…\ntargets: {}", names.join(" "));
        return ExitCode::from(2);
    };
    for path in arguments {
        match std::fs::read(&path) {
            Ok(bytes) => {
                let start = Instant::now();
                let used = allocation_counter::measure(|| target.run(&bytes));
                let (peak, time) = (used.bytes_max, start.elapsed());
                println!("{path}: {} bytes, {time:?}, at most {peak} bytes held", bytes.len());
            }
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}
