//! The compliance report.

use apple_mdm::plan::{Outcome, PlanState, UpdatePlan};
use update_csp::Inventory;
use update_csp::compliance::{Judge, Need, Standing};

use super::store::StoreError;
use super::windows::{ledger, title};
use super::{Server, ServerError, terms};

/// One device in a report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceLine {
    /// Its name.
    pub name: String,
    /// Its kind and ring.
    pub kind: String,
    /// Whether it is as it should be.
    pub compliant: bool,
    /// How it stands, in a word or two.
    pub standing: String,
    /// How many updates are installed.
    pub installed: usize,
    /// Updates that IT could approve, or that nobody knows anything about, by title.
    pub waiting: Vec<String>,
}

/// A report over all devices.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// The devices, by name.
    pub devices: Vec<DeviceLine>,
}

impl Report {
    /// Whether every device is as it should be.
    #[must_use]
    pub fn is_compliant(&self) -> bool {
        !self.devices.is_empty() && self.devices.iter().all(|device| device.compliant)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for device in &self.devices {
            let mark = if device.compliant { "ok" } else { "!!" };
            write!(
                f,
                "  {mark}  {:<10} {:<14} {:<16} {} installed",
                device.name, device.kind, device.standing, device.installed
            )?;
            if !device.waiting.is_empty() {
                write!(f, ", not approved: {}", device.waiting.join("; "))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

struct Row {
    name: String,
    kind: String,
    ring: String,
    /// An iPhone's update plan.
    plan: Option<String>,
    inventory: Option<String>,
}

impl Server {
    /// How all devices stand now.
    ///
    /// # Errors
    /// [`ServerError`].
    pub fn report(&self) -> Result<Report, ServerError> {
        self.store().transaction(|tx| {
            let ledger = ledger(tx)?;
            let metadata = terms::known(tx, terms::all_known(tx)?)?;
            let mut statement = tx.prepare_cached(
                "SELECT name, kind, ring, CASE kind WHEN 'apple' THEN session END, inventory
                 FROM device ORDER BY kind DESC, name",
            )?;
            let rows = statement
                .query_map([], |row| {
                    Ok(Row {
                        name: row.get(0)?,
                        kind: row.get(1)?,
                        ring: row.get(2)?,
                        plan: row.get(3)?,
                        inventory: row.get(4)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()?;
            let mut report = Report::default();
            for row in rows {
                if row.kind == "apple" {
                    report.devices.push(apple_line(row)?);
                    continue;
                }
                let inventory: Inventory = match &row.inventory {
                    Some(json) => serde_json::from_str(json)?,
                    None => Inventory::default(),
                };
                // The Test ring installs what it is offered: its policy asks for no approval.
                let judge = match row.ring.as_str() {
                    "test" => Judge::new(&metadata),
                    _ => Judge::new(&metadata).with_approvals(&ledger),
                };
                let judged = judge.judge(&inventory, self.now());
                let waits = |standing: &Standing| {
                    matches!(standing, Standing::Needed(Need::NotApproved | Need::EulaMissing(_)))
                };
                let waiting = judged
                    .updates
                    .iter()
                    .filter(|(_, standing)| waits(standing))
                    .map(|(id, _)| title(tx, *id))
                    .collect::<Result<Vec<_>, StoreError>>()?;
                let installed =
                    judged.updates.values().filter(|standing| **standing == Standing::Installed);
                report.devices.push(DeviceLine {
                    compliant: judged.compliance.is_compliant(),
                    standing: judged.compliance.name().to_owned(),
                    installed: installed.count(),
                    kind: format!("windows/{}", row.ring),
                    name: row.name,
                    waiting,
                });
            }
            Ok(report)
        })
    }
}

fn apple_line(row: Row) -> Result<DeviceLine, ServerError> {
    let state: Option<PlanState> = row.plan.map(|json| serde_json::from_str(&json)).transpose()?;
    let plan = state.map(UpdatePlan::resume).transpose();
    let plan = plan.map_err(|error| ServerError::Version(error.to_string()))?;
    let stage = plan.as_ref().map(UpdatePlan::stage);
    let outcome = plan.as_ref().and_then(UpdatePlan::outcome);
    let done = matches!(outcome, Some(Outcome::Updated { .. }));
    Ok(DeviceLine {
        name: row.name,
        kind: row.kind,
        compliant: done,
        standing: if done { "compliant".to_owned() } else { format!("{stage:?}").to_lowercase() },
        installed: usize::from(done),
        waiting: Vec::new(),
    })
}
