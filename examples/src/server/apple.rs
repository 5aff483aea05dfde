//! Apple devices: a report in, the next command out, in one transaction.

use apple_mdm::messages::{Report, ReportStatus};
use apple_mdm::plan::{Event, UpdatePlan};
use apple_mdm::plist::Limits;
use rusqlite::{OptionalExtension, params};

use super::{Server, ServerError};

impl Server {
    /// Enrols an Apple device and plans its update; nothing happens if it is enrolled already.
    ///
    /// # Errors
    /// [`ServerError::Store`].
    pub fn enrol_apple(&self, udid: &str, name: &str, target: &str) -> Result<(), ServerError> {
        let plan = UpdatePlan::new(name, target);
        let plan = serde_json::to_string(&plan)?;
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
            let mut plan: UpdatePlan = serde_json::from_str(&plan)?;
            if !plan.is_current() {
                return Err(ServerError::Version("the plan is of another version".to_owned()));
            }
            plan.handle_report(self.now(), &report);
            while let Some(event) = plan.poll_event() {
                let what = match event {
                    Event::Found { name, .. } => format!("has an update: {name}"),
                    Event::DownloadStarted => "first Default: downloads".to_owned(),
                    Event::Downloaded => "has downloaded the update".to_owned(),
                    Event::InstallStarted => "second Default: installs and restarts".to_owned(),
                    Event::Done { version } => format!("is back with iOS {version}"),
                    Event::NoUpdate => "has no update".to_owned(),
                    Event::NotNow => "says NotNow".to_owned(),
                    Event::Failed { errors } => format!("refuses: {}", errors.join("; ")),
                    other => format!("{other:?}"),
                };
                self.line(&name, what);
            }
            // A device that cannot now would only refuse the next command as well.
            let command = match report.status {
                ReportStatus::NotNow => None,
                _ => plan.poll_transmit(self.now())?,
            };
            tx.execute(
                "UPDATE device SET session = ?2, last_seen = ?3 WHERE id = ?1",
                params![report.device, serde_json::to_string(&plan)?, self.now().to_rfc3339()],
            )?;
            Ok(command.unwrap_or_default())
        })
    }
}
