//! Ours beside the limits and beside rivals, in one process, as ratios.
//!
//! `ratios [SHAPE…] [--quick] [--json FILE] [--gate | --gate-counts]`: SHAPE is one of xml, syncml,
//! session, wsusss, apple, graph, corpus (all by default; corpus needs `MDM_CORPUS`); `--quick`
//! measures small inputs a few times; `--json` writes everything for machines; `--gate` exits with 1
//! when a bound that must hold does not, `--gate-counts` only for what is counted and not timed.

use std::path::PathBuf;
use std::process::ExitCode;

use mdm_benches::alloc::Counting;
use mdm_benches::claims::{Claim, Verdict};
use mdm_benches::report::Report;
use mdm_benches::shapes::{ALL, Scale};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Asked {
    shapes: Vec<String>,
    quick: bool,
    json: Option<PathBuf>,
    gate: bool,
    gate_counts: bool,
}

fn asked() -> Result<Asked, String> {
    let mut asked =
        Asked { shapes: Vec::new(), quick: false, json: None, gate: false, gate_counts: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => asked.quick = true,
            "--gate" => asked.gate = true,
            "--gate-counts" => asked.gate_counts = true,
            "--json" => asked.json = Some(arguments.next().ok_or("--json needs a file")?.into()),
            name if ALL.iter().any(|shape| shape.0 == name) => asked.shapes.push(name.to_owned()),
            other => {
                let known: Vec<_> = ALL.iter().map(|shape| shape.0).collect();
                return Err(format!("{other} is none of {}", known.join(", ")));
            }
        }
    }
    Ok(asked)
}

fn main() -> ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let scale = Scale { rounds: if asked.quick { 3 } else { 25 }, quick: asked.quick };
    let mut report = Report::default();
    for (name, measure) in ALL {
        if asked.shapes.is_empty() || asked.shapes.iter().any(|shape| shape == name) {
            measure(&scale, &mut report);
        }
    }
    println!();
    report.write_claims(&mut std::io::stdout()).expect("the claims can be printed");
    if let Some(file) = asked.json {
        let text = serde_json::to_string_pretty(&report.to_json()).expect("numbers");
        if let Err(error) = std::fs::write(&file, text) {
            eprintln!("error: {}: {error}", file.display());
            return ExitCode::from(2);
        }
    }
    let missed = |claim: &Claim| {
        (asked.gate || (asked.gate_counts && claim.counted)) && claim.verdict() == Verdict::Missed
    };
    if report.claims().iter().any(missed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
