//! Apple devices: a report in, the next command out, in one transaction.

use apple_mdm::declarations::rules::Installed;
use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::Report;
use apple_mdm::plan::{Device, Event, Goal, Outcome, Path, PlanState, UpdatePlan, Way};
use apple_mdm::plist::Limits;
use apple_mdm::schema::Platform;
use rusqlite::{OptionalExtension, params};

use super::{Server, ServerError};

impl Server {
    /// Enrols a supervised iPhone with this version and plans its update within a day, by
    /// commands; nothing happens if it is enrolled already.
    ///
    /// # Errors
    /// [`ServerError::Store`], and [`ServerError::Version`] for texts that are no versions.
    pub fn enrol_apple(
        &self,
        udid: &str,
        name: &str,
        version: &str,
        target: &str,
    ) -> Result<(), ServerError> {
        let parse = |text: &str| {
            text.parse().map_err(|error| ServerError::Version(format!("{text}: {error}")))
        };
        let deadline = self.now().naive_utc() + chrono::Duration::days(1);
        let goal = Goal::new(parse(target)?, deadline.into()).with_way(Way::Only(Path::Commands));
        let installed = Installed::new(Platform::Ios, parse(version)?, None);
        let plan = UpdatePlan::new(name, Device::new(installed, Enrollment::Supervised), goal);
        let plan = serde_json::to_string(&plan.into_state())?;
        let new = self.store().transaction(|tx| {
            Ok::<_, ServerError>(tx.execute(
                "INSERT OR IGNORE INTO device (id, name, kind, ring, session)
                 VALUES (?1, ?2, 'apple', 'all', ?3)",
                params![udid, name, plan],
            )?)
        })?;
        if new > 0 {
            self.line(name, format_args!("enrolled, to be updated to iOS {target}"));
        }
        Ok(())
    }

    /// Answers a device's report with the next command, or with nothing.
    ///
    /// # Errors
    /// [`ServerError`]; nothing is changed then.
    pub fn handle_apple(&self, body: &[u8]) -> Result<Vec<u8>, ServerError> {
        let report = Report::decode(body, &Limits::default())?;
        self.store().transaction(|tx| {
            let row: Option<(String, String)> = tx
                .query_row(
                    "SELECT name, session FROM device WHERE id = ?1 AND kind = 'apple'",
                    [&report.device],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((name, plan)) = row else {
                return Err(ServerError::NotEnrolled(report.device.chars().take(64).collect()));
            };
            let state: PlanState = serde_json::from_str(&plan)?;
            let mut plan = UpdatePlan::resume(state)
                .map_err(|error| ServerError::Version(error.to_string()))?;
            plan.handle_report(self.now(), &report);
            while let Some(event) = plan.poll_event() {
                let what = match event {
                    Event::Found { name, .. } => format!("has an update: {name}"),
                    Event::DownloadStarted => "first Default: downloads".to_owned(),
                    Event::Downloaded => "has downloaded the update".to_owned(),
                    Event::InstallStarted => "second Default: installs and restarts".to_owned(),
                    Event::Over(Outcome::Updated { version }) => {
                        format!("is back with iOS {version}")
                    }
                    Event::Over(outcome) => outcome.to_string(),
                    Event::NotNow => "says NotNow".to_owned(),
                    Event::Blocked(failure) => failure.to_string(),
                    // The phone of this day checks in every few minutes, unasked.
                    Event::Chosen(_) | Event::Push(_) => continue,
                    other => format!("{other:?}"),
                };
                self.line(&name, what);
            }
            let command = plan.poll_transmit(self.now())?;
            tx.execute(
                "UPDATE device SET session = ?2, last_seen = ?3 WHERE id = ?1",
                params![
                    report.device,
                    serde_json::to_string(&plan.into_state())?,
                    self.now().to_rfc3339()
                ],
            )?;
            Ok(command.unwrap_or_default())
        })
    }
}
