//! Updating one device by commands, as a machine without I/O.
//!
//! The two steps of iOS and tvOS (seed 002): a first `Default` downloads, a second one installs.
//! The restart may swallow the answer to the second; whether it worked is seen when the device
//! checks in again with the new version. Nothing is sent blindly while an installation may be
//! waiting for the user: a second installation command would start at once.

use chrono::{DateTime, Duration, Utc};

use crate::messages::{
    Command, CommandUuid, Error, ErrorClass, ErrorKind, InstallAction, Report, ReportStatus,
    Request, ScheduleOsUpdate, ScheduledUpdate,
};

/// The version of the state that this program writes and reads.
pub const STATE_VERSION: u32 = 1;

/// How long the device is left in peace between two questions how far it is.
const POLL: Duration = Duration::minutes(10);

/// Where the plan is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Stage {
    /// Asks which updates there are.
    Looking,
    /// Sends the first Default.
    Downloading,
    /// Asks whether the download is done.
    AwaitingDownload,
    /// Sends the second Default.
    Installing,
    /// Asks for the version, until it is the new one.
    Verifying,
    /// The device has the version.
    Done,
    /// There is no update to the version.
    NoUpdate,
    /// The device refused.
    Failed,
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The update was found.
    Found {
        /// Its key.
        product_key: String,
        /// Its name for people.
        name: String,
    },
    /// The device downloads.
    DownloadStarted,
    /// The device has downloaded the update.
    Downloaded,
    /// The device installs; it may not be heard of until it has restarted.
    InstallStarted,
    /// The device has the version.
    Done {
        /// The version.
        version: String,
    },
    /// There is no update to the version.
    NoUpdate,
    /// The device refused a command.
    Failed {
        /// What it said.
        errors: Vec<String>,
    },
    /// The device cannot do it now; it asks again by itself.
    NotNow,
}

/// The plan for one device: a plain value, serialisable with the feature `serde`.
///
/// On each check-in of the device, hand in what it said ([`handle_report`](Self::handle_report)),
/// then send what [`poll_transmit`](Self::poll_transmit) gives.
///
/// ```
/// use apple_mdm::messages::Report;
/// use apple_mdm::plan::UpdatePlan;
///
/// let mut plan = UpdatePlan::new("iphone-1", "18.7.2");
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let idle = b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>";
/// plan.handle_report(now, &Report::decode(idle, &Default::default())?);
/// let command = plan.poll_transmit(now)?.ok_or("a command")?;
/// assert!(String::from_utf8_lossy(&command).contains("AvailableOSUpdates"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct UpdatePlan {
    version: u32,
    name: String,
    target: String,
    stage: Stage,
    product_key: Option<String>,
    /// How many commands were made; names them.
    commands: u32,
    /// The command that waits for its answer.
    waiting: Option<CommandUuid>,
    /// Seconds since 1970 before which nothing is sent.
    not_before: i64,
    #[cfg_attr(feature = "serde", serde(skip))]
    events: Vec<Event>,
}

impl UpdatePlan {
    /// Updates a device to this version. The name begins the identifiers of its commands.
    #[must_use]
    pub fn new(name: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            version: STATE_VERSION,
            name: name.into(),
            target: target.into(),
            stage: Stage::Looking,
            product_key: None,
            commands: 0,
            waiting: None,
            not_before: 0,
            events: Vec::new(),
        }
    }

    /// Whether a saved plan is of a version that this program knows.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.version == STATE_VERSION
    }

    /// Where it is.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The version it updates to.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::NoUpdate | Stage::Failed)
    }

    /// What happened since it was last asked.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        (!self.events.is_empty()).then(|| self.events.remove(0))
    }

    /// When to push the device, so that it checks in.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        if self.is_over() { None } else { DateTime::from_timestamp(self.not_before, 0) }
    }

    /// Takes what the device said. An answer to another command than the last one changes nothing.
    pub fn handle_report(&mut self, now: DateTime<Utc>, report: &Report) {
        match report.status {
            // The device is back without an answer to the last command: after a restart the answer
            // never comes. The stage decides what is asked next.
            ReportStatus::Idle => {
                if self.waiting.take().is_some() && self.stage == Stage::Installing {
                    self.stage = Stage::Verifying;
                    self.events.push(Event::InstallStarted);
                }
                return;
            }
            _ if self.waiting.is_none() || report.command_uuid != self.waiting => return,
            ReportStatus::NotNow => {
                // The device asks again by itself and does not keep the command.
                self.waiting = None;
                self.events.push(Event::NotNow);
                return;
            }
            _ => self.waiting = None,
        }
        let failed = report.status != ReportStatus::Acknowledged;
        if failed && report.errors.classify() != ErrorClass::NoUpdateAvailable {
            let errors = report.errors.entries.iter().map(|error| error.description.clone());
            self.events.push(Event::Failed { errors: errors.collect() });
            self.stage = Stage::Failed;
            return;
        }
        match self.stage {
            Stage::Looking => {
                let updates = report.available_updates().unwrap_or_default();
                match updates.into_iter().find(|update| update.version == self.target) {
                    Some(update) => {
                        self.product_key = Some(update.product_key.clone());
                        let (product_key, name) = (update.product_key, update.name);
                        self.events.push(Event::Found { product_key, name });
                        self.stage = Stage::Downloading;
                    }
                    // It may have the version already.
                    None => self.stage = Stage::Verifying,
                }
            }
            Stage::Downloading => {
                self.events.push(Event::DownloadStarted);
                self.stage = Stage::AwaitingDownload;
                self.later(now);
            }
            Stage::AwaitingDownload => {
                let done = report.update_progress().unwrap_or_default().iter().any(|progress| {
                    progress.is_downloaded
                        && Some(&progress.product_key) == self.product_key.as_ref()
                });
                if done {
                    self.events.push(Event::Downloaded);
                    self.stage = Stage::Installing;
                } else {
                    self.later(now);
                }
            }
            Stage::Installing => {
                self.events.push(Event::InstallStarted);
                self.stage = Stage::Verifying;
                self.later(now);
            }
            Stage::Verifying => match report.query_response("OSVersion") {
                Some(version) if version == self.target => {
                    self.events.push(Event::Done { version: version.to_owned() });
                    self.stage = Stage::Done;
                }
                _ if self.product_key.is_none() => {
                    self.events.push(Event::NoUpdate);
                    self.stage = Stage::NoUpdate;
                }
                _ => self.later(now),
            },
            Stage::Done | Stage::NoUpdate | Stage::Failed => {}
        }
    }

    fn later(&mut self, now: DateTime<Utc>) {
        self.not_before = (now + POLL).timestamp();
    }

    /// The next command, to be answered to the device's check-in. Asked again before the answer,
    /// it gives the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`] where the name or version cannot be written.
    pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Result<Option<Vec<u8>>, Error> {
        if now.timestamp() < self.not_before {
            return Ok(None);
        }
        let command = match self.stage {
            Stage::Looking => Command::AvailableOsUpdates,
            Stage::AwaitingDownload => Command::OsUpdateStatus,
            Stage::Verifying => Command::DeviceInformation {
                queries: ["OSVersion", "BuildVersion"].map(str::to_owned).into(),
            },
            Stage::Downloading | Stage::Installing => {
                let update = match &self.product_key {
                    Some(key) => ScheduledUpdate::by_key(key, InstallAction::Default),
                    None => ScheduledUpdate::by_version(&self.target, InstallAction::Default),
                };
                let update = update.map_err(|_| ErrorKind::Missing("ProductKey"))?;
                Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]))
            }
            Stage::Done | Stage::NoUpdate | Stage::Failed => return Ok(None),
        };
        let uuid = match &self.waiting {
            Some(uuid) => uuid.clone(),
            None => {
                self.commands = self.commands.saturating_add(1);
                CommandUuid::new(format!("{}-{:04}", self.name, self.commands))
            }
        };
        self.waiting = Some(uuid.clone());
        let mut body = Vec::new();
        Request::new(uuid, command).encode(&mut body)?;
        Ok(Some(body))
    }
}
