//! Executing commands.

use chrono::{DateTime, Utc};

use super::{AppleDevice, DOWNLOAD, write};
use crate::messages::{Error, ErrorKind, Request};
use crate::plist::{self, Dictionary, Limits, Value};
use crate::schema::Platform;

fn list(item: Dictionary<'static>) -> Value<'static> {
    Value::Array(vec![item.into()])
}

fn chain(domain: &str, code: i64, words: &str) -> Value<'static> {
    list(
        Dictionary::new()
            .with("ErrorCode", code)
            .with("ErrorDomain", domain.to_owned())
            .with("LocalizedDescription", words.to_owned())
            .with("USEnglishDescription", words.to_owned()),
    )
}

impl AppleDevice {
    /// Executes a command; `None` when it restarts before it answered, or the answer is lost.
    ///
    /// # Errors
    /// Those of [`Request::decode`].
    pub fn handle_command(
        &mut self,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let now = now.timestamp();
        self.tick(now);
        let request = Request::decode(bytes, &Limits::default())?;
        let Value::Dictionary(message) = plist::decode(bytes, &Limits::default())? else {
            return Err(ErrorKind::NotDictionary.into());
        };
        let command = message.get("Command").and_then(Value::as_dictionary).cloned();
        let command = command.ok_or(ErrorKind::Missing("Command"))?;
        let answer = |status: &'static str| {
            Dictionary::new()
                .with("CommandUUID", request.command_uuid.as_str().to_owned())
                .with("Status", status)
                .with("UDID", self.udid.clone())
        };
        let acknowledged = answer("Acknowledged");
        let name = command.str("RequestType").unwrap_or_default();
        // iOS never answers NotNow to this one.
        let busy = self.habits.busy > 0 && name != "DeviceInformation";
        if busy {
            let report = answer("NotNow");
            self.habits.busy -= 1;
            return Ok(Some(write(report)));
        }
        if let Some(refused) = self.must_refuse(&command) {
            let errors = chain(&refused.domain, refused.code, &refused.words);
            let report = answer("Error").with("ErrorChain", errors);
            self.refused.push(refused);
            return Ok(Some(write(report)));
        }
        let report = match name {
            "SecurityInfo" => {
                let mut info = Dictionary::new();
                if self.platform == Platform::MacOs {
                    let allowed = if self.needs_token() { "allowed" } else { "not supported" };
                    info.push("BootstrapTokenAllowedForAuthentication", allowed);
                    info.push("BootstrapTokenRequiredForSoftwareUpdate", self.needs_token());
                }
                acknowledged.with("SecurityInfo", info)
            }
            "DeviceInformation" => acknowledged.with("QueryResponses", self.information(&command)),
            "ScheduleOSUpdateScan" => {
                self.scanned = true;
                acknowledged.with("ScanInitiated", true)
            }
            "AvailableOSUpdates" => match self.list() {
                Some(item) => acknowledged.with("AvailableOSUpdates", list(item)),
                None if self.platform == Platform::MacOs => {
                    acknowledged.with("AvailableOSUpdates", Value::Array(Vec::new()))
                }
                None => {
                    let errors = chain("DeviceManagement.error", 2213, "No update available.");
                    answer("Error").with("ErrorChain", errors)
                }
            },
            "OSUpdateStatus" => {
                let items = self.status(now).map(Value::from).into_iter().collect();
                acknowledged.with("OSUpdateStatus", Value::Array(items))
            }
            "DeclarativeManagement" => {
                self.sync();
                acknowledged
            }
            "ScheduleOSUpdate" => return Ok(self.schedule(&command, acknowledged, now)),
            _ => acknowledged,
        };
        Ok(Some(write(report)))
    }

    fn information(&self, command: &Dictionary<'_>) -> Dictionary<'static> {
        let queries = command.get("Queries").and_then(Value::as_array).unwrap_or_default();
        let mut answers = Dictionary::new();
        for query in queries.iter().filter_map(Value::as_str) {
            let value = match query {
                "OSVersion" => Some(self.version.base().to_string()),
                "BuildVersion" => self.build.as_ref().map(ToString::to_string),
                "SupplementalOSVersionExtra" => {
                    self.version.extra().map(|text| format!("({text})"))
                }
                "SupplementalBuildVersion" => self
                    .build
                    .as_ref()
                    .filter(|_| self.version.is_supplemental())
                    .map(ToString::to_string),
                _ => None,
            };
            if let Some(value) = value {
                answers.push(query.to_owned(), value);
            }
        }
        answers
    }

    /// The one update in its list.
    fn list(&self) -> Option<Dictionary<'static>> {
        if !self.is_there() || (self.platform == Platform::MacOs && !self.scanned) {
            return None;
        }
        let newest = self.newest.filter(|_| self.platform != Platform::MacOs);
        let (version, key, build) = match newest {
            Some(newest) => (newest, "newest".to_owned(), super::build(newest)),
            None => (self.target, self.product_key.clone(), self.target_build.clone()),
        };
        let mut item = Dictionary::new().with("ProductKey", key).with("RestartRequired", true);
        if self.platform == Platform::MacOs && version.major() < 11 {
            // As old Macs do: only its name says what it is.
            item.push("HumanReadableName", format!("macOS {version} Update"));
            item.push("Version", " ");
        } else {
            item.push("HumanReadableName", format!("{} {version}", self.platform));
            item.push("Version", version.base().to_string());
            item.push("Build", build.to_string());
        }
        if let Some(extra) = version.extra() {
            item.push("SupplementalOSVersionExtra", format!("({extra})"));
        }
        if self.platform == Platform::MacOs {
            item.push("RequiresBootstrapToken", self.needs_token());
        }
        Some(item)
    }

    fn status(&self, now: i64) -> Option<Dictionary<'static>> {
        if !self.is_there() {
            return None;
        }
        let done = now >= self.downloaded_at?;
        let status = match (done, self.back_at) {
            (_, Some(_)) => "Installing",
            (true, None) => "Idle",
            (false, None) => "Downloading",
        };
        let mut item = Dictionary::new()
            .with("DownloadPercentComplete", Value::Real(if done { 1.0 } else { 0.5 }))
            .with("IsDownloaded", done)
            .with("ProductKey", self.product_key.clone())
            .with("Status", status);
        if self.deferred_until.is_some()
            && self.platform == Platform::MacOs
            && self.version.major() >= 13
        {
            item.push("DeferralsRemaining", i64::from(self.habits.deferrals));
        }
        Some(item)
    }

    fn schedule(
        &mut self,
        command: &Dictionary<'_>,
        acknowledged: Dictionary<'static>,
        now: i64,
    ) -> Option<Vec<u8>> {
        let update = command.get("Updates").and_then(Value::as_array).unwrap_or_default();
        let update = update.first().and_then(Value::as_dictionary);
        let asked = update.and_then(|update| update.str("InstallAction")).unwrap_or("Default");
        // Nothing to do: what a resent command meets after the restart.
        if !self.is_there() || self.back_at.is_some() {
            return Some(write(acknowledged));
        }
        let mac = self.platform == Platform::MacOs;
        let done = self.downloaded_at.is_some_and(|at| now >= at);
        let installs = match asked {
            "Default" => done || mac,
            "DownloadOnly" | "NotifyOnly" => false,
            _ => true,
        };
        let later = installs && mac && (asked == "InstallLater" || self.habits.installs_later);
        let mut action = if mac { asked } else { "InstallASAP" };
        let mut status = "Downloading";
        let mut gone = false;
        if asked != "NotifyOnly" {
            self.downloaded_at.get_or_insert(now + DOWNLOAD.num_seconds());
        }
        if installs && later {
            action = "InstallLater";
            status = "Idle";
            self.deferred_until.get_or_insert(now + self.deferral());
        } else if installs && done {
            status = "Installing";
            gone = self.start(now);
        } else if installs {
            self.installs_when_downloaded = true;
        } else if done {
            status = "Idle";
        }
        if std::mem::take(&mut self.habits.installs_later) {
            self.habits.installs_later = !later;
        }
        let mut result = Dictionary::new()
            .with("InstallAction", action.to_owned())
            .with("ProductKey", self.product_key.clone())
            .with("Status", status);
        if status == "Installing" && self.habits.failures > 0 {
            self.habits.failures -= 1;
            (self.back_at, self.deferred_until, gone) = (None, None, false);
            result = Dictionary::new()
                .with("InstallAction", "Error")
                .with("ProductKey", self.product_key.clone())
                .with("Status", "InstallInsufficientPower");
        }
        if self.habits.swallowed > 0 {
            self.habits.swallowed -= 1;
            return None;
        }
        if gone && !self.habits.answers_installation {
            return None;
        }
        Some(write(acknowledged.with("UpdateResults", list(result))))
    }

    /// Installs now, unless the user chooses later. Gives whether it restarts.
    fn start(&mut self, now: i64) -> bool {
        if self.platform == Platform::Ios {
            if self.deferred_until.take().is_some() {
                // Whoever has chosen later is overruled (openradar 20594).
                self.overruled.push(now);
            } else if self.habits.deferrals > 0 {
                self.habits.deferrals -= 1;
                self.deferred_until = Some(now + self.deferral());
                return false;
            }
        }
        self.deferred_until = None;
        self.install(now)
    }
}
