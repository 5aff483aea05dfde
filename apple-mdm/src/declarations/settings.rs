//! softwareupdate.settings: how a device treats updates that nobody enforces.

use std::fmt;

use super::fields::dictionary;
use crate::open_enum::open_enum;

open_enum! {
    /// Whether the user decides. In the order of the schema, in which the last one of several
    /// declarations wins.
    pub enum Automatic {
        /// The user decides; the default.
        Allowed = "Allowed",
        /// Always.
        AlwaysOn = "AlwaysOn",
        /// Never.
        AlwaysOff = "AlwaysOff",
    }
}

open_enum! {
    /// Which updates the user sees when there are several (iOS, visionOS).
    pub enum Cadence {
        /// All.
        All = "All",
        /// The one with the lowest version.
        Oldest = "Oldest",
        /// The one with the highest version.
        Newest = "Newest",
    }
}

dictionary! {
    /// How long updates are kept from users, in days, 1 to 90 each.
    #[derive(Default)]
    pub struct Deferrals {
        /// Major and minor updates (not macOS).
        "CombinedPeriodInDays" => combined_period_in_days: Option<i64>,
        /// Major updates (macOS).
        "MajorPeriodInDays" => major_period_in_days: Option<i64>,
        /// Minor updates (macOS). *Conflict*: the text of 2026 says that it also defers major ones
        /// on iOS; the table of the same file says that iOS does not have it. The table counts.
        "MinorPeriodInDays" => minor_period_in_days: Option<i64>,
        /// Updates that are not of the system itself (macOS).
        "SystemPeriodInDays" => system_period_in_days: Option<i64>,
    }
}

dictionary! {
    /// What the device does by itself.
    #[derive(Default)]
    pub struct AutomaticActions {
        /// Downloads (not tvOS).
        "Download" => download: Option<Automatic>,
        /// Installations; only where downloads are automatic.
        "InstallOSUpdates" => install_os_updates: Option<Automatic>,
        /// Security updates (macOS; since 2026 also iOS); only where downloads are automatic.
        "InstallSecurityUpdate" => install_security_update: Option<Automatic>,
    }
}

dictionary! {
    /// Background Security Improvements, which were Rapid Security Responses before OS 26.
    #[derive(Default)]
    pub struct RapidSecurityResponse {
        /// Whether users are offered them.
        "Enable" => enable: Option<bool>,
        /// Whether users are offered to take them back.
        "EnableRollback" => enable_rollback: Option<bool>,
    }
}

dictionary! {
    /// A beta programme. The token is a secret of the organisation.
    pub struct BetaProgram {
        /// Its name for people.
        "Description" => description: String,
        /// The seeding service's token.
        "Token" => token: BetaToken,
    }
}

impl BetaProgram {
    /// The programme of this name and token.
    #[must_use]
    pub fn new(description: impl Into<String>, token: impl Into<String>) -> Self {
        let token = BetaToken(token.into());
        Self { description: description.into(), token, unknown: crate::json::Object::new() }
    }
}

/// A token of the seeding service; not shown in Debug.
#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct BetaToken(String);

impl BetaToken {
    /// The secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BetaToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BetaToken(…)")
    }
}

impl super::fields::Field for BetaToken {
    fn read(value: &crate::json::Value) -> Result<Self, super::fields::Wrong> {
        String::read(value).map(Self)
    }

    fn write(&self) -> crate::json::Value {
        self.0.write()
    }
}

dictionary! {
    /// Beta programmes (iOS 18, macOS 15.4).
    #[derive(Default)]
    pub struct Beta {
        /// Whether the user may enrol.
        "ProgramEnrollment" => program_enrollment: Option<Automatic>,
        /// What the user may choose from; only with Allowed or AlwaysOn, and not with a required
        /// one.
        "OfferPrograms" => offer_programs: Option<Vec<BetaProgram>>,
        /// What the device enrols in; only with AlwaysOn.
        "RequireProgram" => require_program: Option<BetaProgram>,
    }
}

dictionary! {
    /// Software update settings (iOS 18, macOS 15, tvOS 18.4, visionOS 26). Several of them are
    /// merged by the device: see [`merge`](super::merge::merge).
    #[derive(Default)]
    pub struct SoftwareUpdateSettings {
        /// Whether all notifications of an enforced update are shown; if not, only those of the
        /// last hour.
        "Notifications" => notifications: Option<bool>,
        /// How long updates are kept from users.
        "Deferrals" => deferrals: Option<Deferrals>,
        /// Which updates the user sees.
        "RecommendedCadence" => recommended_cadence: Option<Cadence>,
        /// What the device does by itself.
        "AutomaticActions" => automatic_actions: Option<AutomaticActions>,
        /// Background Security Improvements.
        "RapidSecurityResponse" => rapid_security_response: Option<RapidSecurityResponse>,
        /// Whether users who are no administrators may update (macOS).
        "AllowStandardUserOSUpdates" => allow_standard_user_os_updates: Option<bool>,
        /// Beta programmes.
        "Beta" => beta: Option<Beta>,
    }
}

/// What is wrong with settings whatever the device is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A deferral that is not 1 to 90 days.
    #[error("{key} is 1 to 90 days, not {days}")]
    Days {
        /// The key.
        key: &'static str,
        /// The days.
        days: i64,
    },
    /// OfferPrograms where the user may not enrol.
    #[error("OfferPrograms needs ProgramEnrollment to be Allowed or AlwaysOn")]
    OfferWithoutEnrollment,
    /// OfferPrograms together with RequireProgram.
    #[error("OfferPrograms and RequireProgram exclude each other")]
    OfferAndRequire,
    /// RequireProgram where enrolment is not AlwaysOn.
    #[error("RequireProgram needs ProgramEnrollment to be AlwaysOn")]
    RequireWithoutAlwaysOn,
    /// Automatic installations that never happen, as downloads are off.
    #[error("{0} does nothing while Download is AlwaysOff")]
    InstallWithoutDownload(&'static str),
}

impl SoftwareUpdateSettings {
    /// What the device would refuse or ignore, whatever device it is (R16).
    #[must_use]
    pub fn errors(&self) -> Vec<SettingsError> {
        let mut errors = Vec::new();
        if let Some(deferrals) = &self.deferrals {
            for (key, days) in [
                ("CombinedPeriodInDays", deferrals.combined_period_in_days),
                ("MajorPeriodInDays", deferrals.major_period_in_days),
                ("MinorPeriodInDays", deferrals.minor_period_in_days),
                ("SystemPeriodInDays", deferrals.system_period_in_days),
            ] {
                if let Some(days) = days.filter(|days| !(1..=90).contains(days)) {
                    errors.push(SettingsError::Days { key, days });
                }
            }
        }
        if let Some(actions) = &self.automatic_actions {
            let off = actions.download == Some(Automatic::AlwaysOff);
            for (key, action) in [
                ("InstallOSUpdates", &actions.install_os_updates),
                ("InstallSecurityUpdate", &actions.install_security_update),
            ] {
                if off && *action == Some(Automatic::AlwaysOn) {
                    errors.push(SettingsError::InstallWithoutDownload(key));
                }
            }
        }
        if let Some(beta) = &self.beta {
            let enrollment = beta.program_enrollment.as_ref();
            if beta.offer_programs.is_some() {
                // Not there is Allowed (on devices that are not supervised).
                if enrollment == Some(&Automatic::AlwaysOff) {
                    errors.push(SettingsError::OfferWithoutEnrollment);
                }
                if beta.require_program.is_some() {
                    errors.push(SettingsError::OfferAndRequire);
                }
            }
            if beta.require_program.is_some() && enrollment != Some(&Automatic::AlwaysOn) {
                errors.push(SettingsError::RequireWithoutAlwaysOn);
            }
        }
        errors
    }
}
