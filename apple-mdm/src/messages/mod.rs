//! MDM commands and what devices answer, and check-in messages.
//!
//! *Specified*: Apple's device-management schema (system.update.*, information.*, settings,
//! declarativemanagement, checkin.*) and "MDM Protocol Reference"; seed 002 for ScheduleOSUpdate.
//!
//! Each kind of message has three ways to be read: `decode` reads it, `decode_noting` says also what
//! was odd, with places, and `decode_strict` refuses what is odd.

mod answers;
mod checkin;
mod command;
mod diagnostic;
mod enrollment;
mod error;
mod error_chain;
mod inspect;
mod query;
mod report;
mod schedule;
mod settings;
#[cfg(test)]
mod walk;

use std::fmt;
use std::str::FromStr;

pub use answers::{
    Answer, AvailableOsUpdatesItem, BootstrapTokenAllowed, DeviceInformation, ManagementStatus,
    OsUpdateSettings, OsUpdateStatusItem, PreviousScanResult, ScanAnswer, SecureBoot,
    SecureBootLevel, SecurityInfo, SettingResult, SoftwareUpdateSettingsInfo, StatusWord,
    UpdateResultsItem, UpdateStatus,
};
pub use checkin::{
    Authenticate, CheckIn, CheckInAnswer, CheckInMessage, CheckInType, CheckOut,
    DeclarativeManagement, GetBootstrapToken, GetToken, SetBootstrapToken, TokenParameters,
    TokenUpdate, UserAuthenticate,
};
pub use command::{Command, Request};
pub use diagnostic::{Diagnostic, DiagnosticCode};
pub use enrollment::{Channel, Enrollment};
pub use error::{Error, ErrorKind};
pub use error_chain::{ErrorChain, ErrorClass, ErrorEntry};
pub use query::Query;
pub use report::{Report, ReportStatus};
pub use schedule::{InstallAction, Priority, ScheduleError, ScheduleOsUpdate, ScheduledUpdate};
pub use settings::{RecommendationCadence, Setting};

pub(crate) use error::dictionary as read_dictionary;

/// The identifier of a command: any text. *Observed*: not only UUIDs; Apple's own examples use
/// `0001_ScheduleOSUpdate`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct CommandUuid(String);

impl CommandUuid {
    /// The identifier with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommandUuid {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

impl fmt::Display for CommandUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
