//! A simulated iPhone, as far as updates go: it downloads and installs in virtual time, and its
//! restart swallows the answer to the installation command.

use chrono::{DateTime, Duration, Utc};

use crate::messages::{Command, Error, Request};
use crate::plist::{Dictionary, Limits, Value, write_xml};

/// The device: a plain value, serialisable with the feature `serde`.
///
/// ```
/// use apple_mdm::simulator::AppleDevice;
///
/// let phone = AppleDevice::new("00008020-000915083C80012E", "18.7.1", "18.7.2", "iOSUpdate22H100");
/// assert!(String::from_utf8_lossy(&phone.check_in()).contains("Idle"));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct AppleDevice {
    udid: String,
    version: String,
    target: String,
    product_key: String,
    /// Seconds since 1970 when the download is done.
    downloaded_at: Option<i64>,
    /// Seconds since 1970 when the restart is over.
    back_at: Option<i64>,
    /// How often it says NotNow first.
    busy: u32,
    installations: u32,
}

impl AppleDevice {
    /// A device with this version, for which the target is there under this key.
    #[must_use]
    pub fn new(
        udid: impl Into<String>,
        version: impl Into<String>,
        target: impl Into<String>,
        product_key: impl Into<String>,
    ) -> Self {
        Self {
            udid: udid.into(),
            version: version.into(),
            target: target.into(),
            product_key: product_key.into(),
            downloaded_at: None,
            back_at: None,
            busy: 0,
            installations: 0,
        }
    }

    /// The same, and it says NotNow so often first.
    #[must_use]
    pub fn with_busy(mut self, times: u32) -> Self {
        self.busy = times;
        self
    }

    /// The version it has.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How often it installed something.
    #[must_use]
    pub fn installations(&self) -> u32 {
        self.installations
    }

    /// Whether it can check in: not while it restarts.
    pub fn is_reachable(&mut self, now: DateTime<Utc>) -> bool {
        match self.back_at {
            Some(back) if now.timestamp() < back => false,
            Some(_) => {
                self.back_at = None;
                self.version.clone_from(&self.target);
                self.downloaded_at = None;
                self.installations = self.installations.saturating_add(1);
                true
            }
            None => true,
        }
    }

    /// What it says when it checks in.
    #[must_use]
    pub fn check_in(&self) -> Vec<u8> {
        let report = Dictionary::new().with("Status", "Idle").with("UDID", self.udid.clone());
        write(report)
    }

    /// Executes a command; `None` when it restarts before it answered.
    ///
    /// # Errors
    /// Those of [`Request::decode`].
    pub fn handle_command(
        &mut self,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let request = Request::decode(bytes, &Limits::default())?;
        let answer = |status: &'static str| {
            Dictionary::new()
                .with("CommandUUID", request.command_uuid.as_str().to_owned())
                .with("Status", status)
                .with("UDID", self.udid.clone())
        };
        if self.busy > 0 {
            let report = write(answer("NotNow"));
            self.busy -= 1;
            return Ok(Some(report));
        }
        let is_there = self.version != self.target;
        let list = |item: Dictionary<'static>| Value::Array(vec![item.into()]);
        let report = match &request.command {
            Command::AvailableOsUpdates if is_there => answer("Acknowledged").with(
                "AvailableOSUpdates",
                list(
                    Dictionary::new()
                        .with("HumanReadableName", format!("iOS {}", self.target))
                        .with("ProductKey", self.product_key.clone())
                        .with("RestartRequired", true)
                        .with("Version", self.target.clone()),
                ),
            ),
            Command::AvailableOsUpdates => answer("Error").with(
                "ErrorChain",
                list(
                    Dictionary::new()
                        .with("ErrorCode", 2213)
                        .with("ErrorDomain", "DeviceManagement.error")
                        .with("LocalizedDescription", "No update available."),
                ),
            ),
            Command::OsUpdateStatus => {
                let done = self.downloaded_at.is_some_and(|at| now.timestamp() >= at);
                let complete = if done { 1.0 } else { 0.5 };
                answer("Acknowledged").with(
                    "OSUpdateStatus",
                    list(
                        Dictionary::new()
                            .with("DownloadPercentComplete", Value::Real(complete))
                            .with("IsDownloaded", done)
                            .with("ProductKey", self.product_key.clone())
                            .with("Status", if done { "Idle" } else { "Downloading" }),
                    ),
                )
            }
            Command::ScheduleOsUpdate(_) if is_there => match self.downloaded_at {
                Some(at) if now.timestamp() >= at => {
                    self.back_at = Some((now + Duration::minutes(20)).timestamp());
                    return Ok(None);
                }
                _ => {
                    let done = now + Duration::minutes(15);
                    let result = Dictionary::new()
                        .with("InstallAction", "InstallASAP")
                        .with("ProductKey", self.product_key.clone())
                        .with("Status", "Downloading");
                    let report = answer("Acknowledged").with("UpdateResults", list(result));
                    self.downloaded_at.get_or_insert(done.timestamp());
                    report
                }
            },
            Command::DeviceInformation { .. } => answer("Acknowledged")
                .with("QueryResponses", Dictionary::new().with("OSVersion", self.version.clone())),
            _ => answer("Acknowledged"),
        };
        Ok(Some(write(report)))
    }
}

fn write(report: Dictionary<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_xml(&report.into(), &mut out);
    out
}
