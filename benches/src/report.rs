//! Tables and claims, for people and for machines.

use std::io::{self, Write};

use serde_json::json;

use crate::claims::{Claim, Side};
use crate::measure::Table;

/// Everything that one run measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    tables: Vec<Table>,
    claims: Vec<Claim>,
}

impl Report {
    /// Takes a table in, and prints it at once: a run takes minutes.
    pub fn table(&mut self, table: Table) -> &Table {
        print_table(&table);
        self.tables.push(table);
        &self.tables[self.tables.len() - 1]
    }

    /// Takes a claim in.
    pub fn claim(&mut self, claim: Claim) {
        self.claims.push(claim);
    }

    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// Writes the claims as a table for people.
    ///
    /// # Errors
    /// What `out` cannot take.
    pub fn write_claims(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "| what | measured | must hold | goal | |\n|---|---:|---:|---:|---|")?;
        for claim in &self.claims {
            let sign = match claim.side {
                Side::AtLeast => ">=",
                Side::AtMost => "<=",
            };
            writeln!(
                out,
                "| {} | {} | {sign} {} | {sign} {} | {} |",
                claim.what,
                short(claim.got),
                short(claim.gate),
                short(claim.goal),
                claim.verdict()
            )?;
        }
        Ok(())
    }

    /// The same for machines: one JSON document.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let tables: Vec<_> = self.tables.iter().map(table_json).collect();
        let claims: Vec<_> = self.claims.iter().map(claim_json).collect();
        json!({ "tables": tables, "claims": claims })
    }
}

/// A number with as many digits as tell something.
fn short(number: f64) -> String {
    if number.fract() == 0.0 || number.abs() >= 1_000.0 {
        format!("{number:.0}")
    } else if number.abs() >= 100.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

fn claim_json(claim: &Claim) -> serde_json::Value {
    json!({
        "what": claim.what,
        "measured": claim.got,
        "gate": claim.gate,
        "goal": claim.goal,
        "at": match claim.side { Side::AtLeast => "least", Side::AtMost => "most" },
        "verdict": claim.verdict().to_string(),
    })
}

fn table_json(table: &Table) -> serde_json::Value {
    let rows: Vec<_> = table
        .rows
        .iter()
        .map(|row| {
            json!({
                "name": row.name,
                "seconds": row.seconds,
                "bytes_per_second": table.bytes as f64 / row.seconds,
                "ratio": table.base().seconds / row.seconds,
                "allocations": row.memory.allocations,
                "peak_bytes": row.memory.peak,
            })
        })
        .collect();
    json!({ "name": table.name, "bytes": table.bytes, "rows": rows })
}

fn print_table(table: &Table) {
    println!("\n{}, {} bytes; ratios to {}", table.name, table.bytes, table.base().name);
    println!(
        "  {:34} {:>10} {:>10} {:>8} {:>12} {:>12}",
        "", "us", "MB/s", "ratio", "allocations", "peak bytes"
    );
    for row in &table.rows {
        println!(
            "  {:34} {:10.2} {:10.1} {:8.2} {:12} {:12}",
            row.name,
            row.seconds * 1e6,
            table.bytes as f64 / row.seconds / 1e6,
            table.base().seconds / row.seconds,
            row.memory.allocations,
            row.memory.peak
        );
    }
}
