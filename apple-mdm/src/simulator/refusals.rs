//! What a device must refuse, from Apple's schema (system.update.*, declarativemanagement), apart
//! from the plan's own rules.

use super::AppleDevice;
use crate::declarations::support::Enrollment;
use crate::plist::{Dictionary, Value};
use crate::schema::Platform;

/// A command that a device had to refuse.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Refused {
    /// Its RequestType.
    pub command: String,
    /// The domain of the error.
    pub domain: String,
    /// Its number.
    pub code: i64,
    /// Why, in words.
    pub words: String,
}

impl AppleDevice {
    fn at_least(&self, major: u32, minor: u32) -> bool {
        (self.version.major(), self.version.minor()) >= (major, minor)
    }

    /// Whether this version of this platform has something since these versions of iOS, macOS and
    /// tvOS.
    fn since(&self, ios: (u32, u32), macos: (u32, u32), tvos: (u32, u32)) -> bool {
        match self.platform {
            Platform::Ios => self.at_least(ios.0, ios.1),
            Platform::MacOs => self.at_least(macos.0, macos.1),
            Platform::TvOs => self.at_least(tvos.0, tvos.1),
            Platform::VisionOs | Platform::WatchOs => false,
        }
    }

    /// Why it has to refuse a command, if it has to.
    pub(super) fn must_refuse(&self, command: &Dictionary<'_>) -> Option<Refused> {
        const NEVER: (u32, u32) = (u32::MAX, 0);
        let name = command.str("RequestType").unwrap_or_default();
        let no = |domain: &str, code, words: &str| {
            let (command, words) = (name.to_owned(), words.to_owned());
            Some(Refused { command, domain: domain.to_owned(), code, words })
        };
        let unknown = || no("MCMDMErrorDomain", 12021, "is not a valid request type");
        let (known, supervised) = match name {
            "ScheduleOSUpdate" => (self.since((9, 0), (10, 11), (12, 0)), true),
            "ScheduleOSUpdateScan" => (self.since(NEVER, (10, 11), NEVER), true),
            "AvailableOSUpdates" => {
                (self.since((9, 0), (10, 11), (12, 0)), self.platform != Platform::MacOs)
            }
            "OSUpdateStatus" => (self.since((9, 0), (10, 11), (12, 0)), true),
            "DeclarativeManagement" => {
                let known = match self.platform {
                    Platform::VisionOs => self.at_least(1, 1),
                    Platform::WatchOs => self.at_least(10, 0),
                    _ => self.since((15, 0), (13, 0), (16, 0)),
                };
                return if known { None } else { unknown() };
            }
            "DeviceInformation" | "SecurityInfo" => return None,
            _ => return unknown(),
        };
        if !known || self.version.major() >= 27 {
            return unknown();
        }
        if self.enrollment == Enrollment::User
            || (supervised && self.enrollment != Enrollment::Supervised)
        {
            return no("MDMClientError", 74, "Command requires DEP enrollment");
        }
        if name == "ScheduleOSUpdate" {
            if self.is_declared() {
                return no("MCMDMErrorDomain", 12000, "a declaration manages software updates");
            }
            let updates = command.get("Updates").and_then(Value::as_array).unwrap_or_default();
            for update in updates.iter().filter_map(Value::as_dictionary) {
                if let Some(words) = self.must_refuse_update(update) {
                    return no("MCMDMErrorDomain", 12008, words);
                }
            }
        }
        None
    }

    fn must_refuse_update(&self, update: &Dictionary<'_>) -> Option<&'static str> {
        let mac = self.platform == Platform::MacOs;
        let action = update.str("InstallAction").unwrap_or_default();
        let known = match action {
            "Default" | "InstallASAP" => true,
            "DownloadOnly" => !mac || self.at_least(11, 0),
            "NotifyOnly" | "InstallLater" => mac,
            "InstallForceRestart" => mac && self.at_least(11, 0),
            _ => false,
        };
        if !known {
            return Some("Unsupported InstallAction for this ProductKey");
        }
        if update.get("MaxUserDeferrals").is_some()
            && !(mac
                && self.at_least(12, 0)
                && action == "InstallLater"
                && self.target.is_minor_of(&self.version))
        {
            return Some("MaxUserDeferrals is not for this update");
        }
        if update.get("Priority").is_some() && !(mac && self.at_least(12, 3)) {
            return Some("Priority is not for this update");
        }
        match (update.str("ProductKey"), update.str("ProductVersion")) {
            (None, None) => Some("neither ProductKey nor ProductVersion"),
            (None, Some(_)) if !self.since((11, 3), (12, 0), (12, 2)) => {
                Some("ProductVersion is not known")
            }
            (None, Some(version)) if version.contains('(') => {
                Some("ProductVersion is not for improvements")
            }
            _ => None,
        }
    }
}
