//! What a set of update policies does on a device.
//!
//! ```sh
//! cargo run -p update-csp --example policies -- 10.0.26100.2033 \
//!     DeferQualityUpdatesPeriodInDays=7 ConfigureDeadlineForQualityUpdates=3 AllowAutoUpdate=3
//! cargo run -p update-csp --example policies -- BranchReadinessLevel
//! ```
//!
//! With a build and values: what the rules say, when an update of Patch Tuesday comes, the commands
//! that a device without policies gets, and the registry values of the same by Group Policy. With
//! nothing but a name: what is known of the policy.

use std::error::Error;

use chrono::{TimeZone, Utc};
use syncml::StatusCode;
use update_csp::effects::{self, Offered, Update};
use update_csp::plan::{PolicyQuery, Reported};
use update_csp::policy::{Allowed, PolicyId, PolicySet, Setting};
use update_csp::rules::Target;
use update_csp::{Build, Classification, Edition, gpo};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [] => {
            for id in PolicyId::ALL {
                println!("{id:<56} {}", id.meta().summary);
            }
            Ok(())
        }
        [name] if name.parse::<Build>().is_err() => card(name.parse()?),
        [build, settings @ ..] => judge(build.parse()?, settings),
    }
}

/// What is known of a policy.
fn card(id: PolicyId) -> Result<(), Box<dyn Error>> {
    let meta = id.meta();
    println!("{id}\n  {}", meta.summary);
    match meta.allowed {
        Allowed::Range { min, max } => {
            let unit = meta.unit.map(|unit| format!(" {unit}")).unwrap_or_default();
            println!("  takes {min} to {max}{unit}");
        }
        Allowed::Enum(values) => {
            for known in values {
                println!("  takes {:>3}: {}", known.value, known.meaning);
            }
        }
        Allowed::Date => println!("  takes a day, yyyy-mm-dd"),
        Allowed::Url => println!("  takes the address of a server"),
        _ => println!("  takes a text"),
    }
    for floor in meta.floors {
        let (os, kb) = (floor.os.unwrap_or_default(), floor.kb.unwrap_or_default());
        println!("  since {} {os} {kb}", floor.build);
    }
    for entry in meta.history {
        let default = entry.default.unwrap_or("none");
        println!("  DDF {}: default {default}", entry.release.name());
    }
    if let Some(admx) = meta.group_policy.and_then(|gp| gp.admx) {
        let value = admx.value.unwrap_or("(none)");
        println!("  Group Policy \"{}\": HKLM\\{}, {value}", admx.title, admx.key);
    }
    Ok(())
}

/// What a set does on a device of this build.
fn judge(build: Build, settings: &[String]) -> Result<(), Box<dyn Error>> {
    let mut set = PolicySet::new();
    for text in settings {
        let (name, value) = text.split_once('=').ok_or("write a setting as Name=Value")?;
        set = set.with_setting(Setting::parse(name.parse()?, value)?);
    }
    let report = set.validate(&Target::new(build, Edition::PROFESSIONAL));
    print!("{report}");
    println!("{}\n", if report.is_accepted() { "accepted" } else { "not accepted" });

    let released = Utc.with_ymd_and_hms(2026, 11, 10, 18, 0, 0).single().ok_or("no such time")?;
    for class in
        [Classification::SECURITY_UPDATES, Classification::UPGRADES, Classification::DRIVERS]
    {
        let name = class.name().unwrap_or_default();
        match effects::offer(&set, build, &Update::new(class, released)) {
            Offered::On(offer) => println!("{name} of {released} offered {}", offer.at),
            other => println!("{name} of {released}: {other:?}"),
        }
    }

    let mut device = Reported::default();
    device.apply(&PolicyQuery::All, Some(StatusCode::NOT_FOUND), &[]);
    println!();
    for step in set.diff(&device).steps() {
        println!("{step}");
    }
    let export = gpo::export(&set, build);
    println!();
    for value in export.values {
        println!("HKLM\\{}, {} = {:?}", value.key, value.name, value.data);
    }
    for (name, reason) in export.unmapped {
        println!("{name} has no registry value: {reason:?}");
    }
    Ok(())
}
