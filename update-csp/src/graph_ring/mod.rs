//! Intune's update rings: Graph's `windowsUpdateForBusinessConfiguration` as policies, and back.
//!
//! *Decision*: Microsoft documents property names and values (Graph v1.0 metadata) and nowhere in one
//! place what they set on devices; the mapping is by name and meaning. What has no counterpart is
//! named, never dropped; properties that are not known stay in the configuration.
//!
//! *Observed* on devices of Intune (MDM diagnostic reports of Windows 10 17763.107 and Windows 11
//! 22631.3296): with `businessReadyUpdatesOnly` a device has ManagePreviewBuilds as well, 1 beside
//! BranchReadinessLevel 16 and 32; 2 beside the levels of preview builds is *inferred* from the
//! administrative template, which has the level only where preview builds are switched on. Older
//! devices than 1709 do not have it ([`RingConfiguration::import_for`]). And a pause that is off is a
//! flag of 0.
//!
//! What Intune's settings catalog exports is read by [`CatalogPolicy`].
//!
//! A configuration is a map of properties as they are in JSON: with the feature `serde` read it from
//! Graph's answer with `serde_json::from_str`, or build it by hand.
//!
//! ```
//! use update_csp::graph_ring::{GraphValue, RingConfiguration};
//! use update_csp::{Build, PolicyId};
//!
//! let ring = RingConfiguration::new()
//!     .with("qualityUpdatesDeferralPeriodInDays", 7)
//!     .with("driversExcluded", true)
//!     .with("deliveryOptimizationMode", "userDefined");
//! let import = ring.import();
//! assert_eq!(import.intent.policies.number(PolicyId::ExcludeWUDriversInQualityUpdate), Some(1));
//! assert_eq!(import.unmapped.len(), 1); // of another area
//! ```

mod catalog;
mod export;
mod import;
mod properties;

use std::collections::BTreeMap;

pub use catalog::CatalogPolicy;
pub use export::Export;
pub use import::Import;

use crate::policy::PolicyId;
use crate::policy::values::ManagePreviewBuilds;
use properties::properties;

/// The OData type of a ring.
pub const ODATA_TYPE: &str = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

/// A value in JSON.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
#[non_exhaustive]
pub enum GraphValue {
    /// `null`: nobody chose.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Another number.
    Fraction(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(BTreeMap<String, Self>),
}

impl From<bool> for GraphValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for GraphValue {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for GraphValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<BTreeMap<String, Self>> for GraphValue {
    fn from(value: BTreeMap<String, Self>) -> Self {
        Self::Object(value)
    }
}

properties! {
    /// A ring as Graph has it: its properties by name.
    RingConfiguration
}

/// Why something has no counterpart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Reason {
    /// A policy of another area: DeliveryOptimization, System.
    OtherArea,
    /// What the service makes of it depends on more than this property.
    DrivenByService,
    /// The service computes it; it is read-only.
    Computed,
    /// About the configuration as such: its name, its times.
    Description,
    /// Not a property that this crate knows.
    Unknown,
    /// A value that the property does not have, or of another type.
    Value,
    /// The policy takes other values.
    ValueNotTaken,
    /// Rings have no property for the policy.
    NoProperty,
    /// Rings have a property for the policy, but not for this value.
    NoMember,
    /// Another policy of the set already fills the property, or has a say about it.
    Taken,
    /// Sent as it stands, so nobody knows its property.
    Raw,
    /// There is more that was not read: Graph's next page, or what is beyond a limit. What was imported
    /// is not all that there is.
    Incomplete,
}

/// How a property's values are those of a policy.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// The same number.
    Number,
    /// `true` is 1, `false` 0.
    Bool,
    /// Members of an enumeration; those without a number stand for no policy.
    Members(&'static [(&'static str, Option<i64>)]),
    /// A day: `2026-11-21`.
    Date,
}

/// The properties that are policies, by name.
const MAPPED: &[(&str, PolicyId, Kind)] = &[
    (
        "autoRestartNotificationDismissal",
        PolicyId::AutoRestartRequiredNotificationDismissal,
        Kind::Members(&[("notConfigured", None), ("automatic", Some(1)), ("user", Some(2))]),
    ),
    (
        "automaticUpdateMode",
        PolicyId::AllowAutoUpdate,
        Kind::Members(&[
            ("userDefined", None),
            // As Windows does without the policy.
            ("windowsDefault", None),
            ("notifyDownload", Some(0)),
            ("autoInstallAtMaintenanceTime", Some(1)),
            ("autoInstallAndRebootAtMaintenanceTime", Some(2)),
            ("autoInstallAndRebootAtScheduledTime", Some(3)),
            ("autoInstallAndRebootWithoutEndUserControl", Some(4)),
        ]),
    ),
    (
        "businessReadyUpdatesOnly",
        PolicyId::BranchReadinessLevel,
        Kind::Members(&[
            ("userDefined", None),
            ("all", Some(16)),
            ("businessReadyOnly", Some(32)),
            ("windowsInsiderBuildFast", Some(2)),
            ("windowsInsiderBuildSlow", Some(4)),
            ("windowsInsiderBuildRelease", Some(8)),
        ]),
    ),
    ("deadlineForFeatureUpdatesInDays", PolicyId::ConfigureDeadlineForFeatureUpdates, Kind::Number),
    ("deadlineForQualityUpdatesInDays", PolicyId::ConfigureDeadlineForQualityUpdates, Kind::Number),
    ("deadlineGracePeriodInDays", PolicyId::ConfigureDeadlineGracePeriod, Kind::Number),
    ("driversExcluded", PolicyId::ExcludeWUDriversInQualityUpdate, Kind::Bool),
    ("engagedRestartDeadlineInDays", PolicyId::EngagedRestartDeadline, Kind::Number),
    ("engagedRestartSnoozeScheduleInDays", PolicyId::EngagedRestartSnoozeSchedule, Kind::Number),
    (
        "engagedRestartTransitionScheduleInDays",
        PolicyId::EngagedRestartTransitionSchedule,
        Kind::Number,
    ),
    ("featureUpdatesDeferralPeriodInDays", PolicyId::DeferFeatureUpdatesPeriodInDays, Kind::Number),
    ("featureUpdatesPauseStartDate", PolicyId::PauseFeatureUpdatesStartTime, Kind::Date),
    ("featureUpdatesPaused", PolicyId::PauseFeatureUpdates, Kind::Bool),
    (
        "featureUpdatesRollbackWindowInDays",
        PolicyId::ConfigureFeatureUpdateUninstallPeriod,
        Kind::Number,
    ),
    ("microsoftUpdateServiceAllowed", PolicyId::AllowMUUpdateService, Kind::Bool),
    ("postponeRebootUntilAfterDeadline", PolicyId::ConfigureDeadlineNoAutoReboot, Kind::Bool),
    ("qualityUpdatesDeferralPeriodInDays", PolicyId::DeferQualityUpdatesPeriodInDays, Kind::Number),
    ("qualityUpdatesPauseStartDate", PolicyId::PauseQualityUpdatesStartTime, Kind::Date),
    ("qualityUpdatesPaused", PolicyId::PauseQualityUpdates, Kind::Bool),
    (
        "scheduleImminentRestartWarningInMinutes",
        PolicyId::ScheduleImminentRestartWarning,
        Kind::Number,
    ),
    ("scheduleRestartWarningInHours", PolicyId::ScheduleRestartWarning, Kind::Number),
    ("skipChecksBeforeRestart", PolicyId::SetEDURestart, Kind::Bool),
    (
        "updateNotificationLevel",
        PolicyId::UpdateNotificationLevel,
        Kind::Members(&[
            ("notConfigured", None),
            ("defaultNotifications", Some(0)),
            ("restartWarningsOnly", Some(1)),
            ("disableAllNotifications", Some(2)),
        ]),
    ),
    (
        "userPauseAccess",
        PolicyId::SetDisablePauseUXAccess,
        Kind::Members(&[("notConfigured", None), ("enabled", Some(0)), ("disabled", Some(1))]),
    ),
    (
        "userWindowsUpdateScanAccess",
        PolicyId::SetDisableUXWUAccess,
        Kind::Members(&[("notConfigured", None), ("enabled", Some(0)), ("disabled", Some(1))]),
    ),
];

/// Properties of the portal's own requests (*observed* in scripts that post its bodies), which Graph's
/// v1.0 metadata does not have: they are read, and never written.
const PORTAL: &[(&str, PolicyId, Kind)] = &[
    (
        "engagedRestartSnoozeScheduleForFeatureUpdatesInDays",
        PolicyId::EngagedRestartSnoozeScheduleForFeatureUpdates,
        Kind::Number,
    ),
    (
        "engagedRestartTransitionScheduleForFeatureUpdatesInDays",
        PolicyId::EngagedRestartTransitionScheduleForFeatureUpdates,
        Kind::Number,
    ),
];

/// What a ring with this BranchReadinessLevel makes of ManagePreviewBuilds.
fn preview_builds(level: i64) -> Option<ManagePreviewBuilds> {
    match level {
        // Observed.
        16 | 32 => Some(ManagePreviewBuilds::DisabledAfterRelease),
        // Inferred.
        2 | 4 | 8 => Some(ManagePreviewBuilds::Enabled),
        _ => None,
    }
}

/// The weeks of `updateWeeks`, a set of flags that JSON writes as names with commas.
const WEEKS: [(&str, PolicyId); 4] = [
    ("firstWeek", PolicyId::ScheduledInstallFirstWeek),
    ("secondWeek", PolicyId::ScheduledInstallSecondWeek),
    ("thirdWeek", PolicyId::ScheduledInstallThirdWeek),
    ("fourthWeek", PolicyId::ScheduledInstallFourthWeek),
];

/// The days of `scheduledInstallDay`, in the order of the policy's values.
const DAYS: [&str; 8] =
    ["everyday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const SCHEDULE: &str = "installationSchedule";
const ACTIVE_HOURS_TYPE: &str = "#microsoft.graph.windowsUpdateActiveHoursInstall";
const SCHEDULED_TYPE: &str = "#microsoft.graph.windowsUpdateScheduledInstall";
