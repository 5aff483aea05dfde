//! What is against sending something.

use std::fmt;

use mdm_xml::{Code, Severity};

/// What is against sending something to a device.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum FindingCode {
    /// The platform does not have it.
    NotOnPlatform,
    /// The device's version is too old for it.
    TooOld,
    /// Apple will remove it.
    Deprecated,
    /// Apple removed it.
    Removed,
    /// The device is not supervised (R1).
    NeedsSupervision,
    /// It does not travel on this channel.
    WrongChannel,
    /// Not on devices that their users enrolled with an account.
    UserEnrollment,
    /// Not on Shared iPad.
    SharedIpad,
    /// The enrolment does not allow it.
    MissingRight,
    /// A key that the platform does not have: it has no effect.
    KeyNotOnPlatform,
    /// A key that the device's version does not have yet: it has no effect.
    KeyTooOld,
    /// A key that Apple will remove.
    KeyDeprecated,
    /// A key that Apple removed: it has no effect.
    KeyRemoved,
    /// A key that counts on supervised devices only.
    KeyNeedsSupervision,
    /// A key that is not for devices of this enrolment.
    KeyEnrollment,
    /// A key that the device cannot do without.
    MissingKey,
    /// A value of another type than the schema's.
    WrongType,
    /// A key that the schema does not have.
    UnknownKey,
    /// A value that the schema does not list.
    UnknownValue,
    /// A value that the platform does not have.
    ValueNotOnPlatform,
    /// A value that the device's version does not have yet.
    ValueTooOld,
    /// A number outside the schema's range.
    OutOfRange,
    /// No update is named: the device does its default for what it knows.
    NoUpdates,
    /// An update without key and version, or with a version only, where the device needs a key.
    NoProduct,
    /// A background security improvement that is named by its version.
    SecurityResponseByVersion,
    /// The device did not name this key.
    UnknownProductKey,
    /// The device named another version for this key.
    VersionDiffers,
    /// What cannot be read as a version.
    NoVersion,
    /// The device has this version or a newer one: it will say that there is no update (R10).
    NotNewer,
    /// Deferrals count with InstallLater only.
    DeferralsWithoutInstallLater,
    /// Deferrals count for minor updates only.
    DeferralsForMajor,
    /// A negative number of deferrals.
    NegativeDeferrals,
    /// Priority counts for minor updates only.
    PriorityForMajor,
    /// The update does not allow InstallLater.
    NoInstallLater,
    /// More than one update for a system that installs one.
    OneUpdateOnly,
    /// A declaration enforces an update: the device ignores the command (R8).
    DeclarationRules,
    /// A declaration enforces an update: the answer is about what is not managed (R8).
    UnmanagedOnly,
    /// A declaration could do it, and still will when Apple removes the command.
    DeclarationIsBetter,
    /// The user chose to install later: this installs at once (R6).
    UserChoseLater,
    /// The action may lose data (R5).
    MayLoseData,
    /// The action does not install (R5).
    DoesNotInstall,
    /// A first Default downloads, and a second one installs (R2).
    TwoSteps,
    /// A Mac answers with what it found last: let it scan first (R7).
    ScanFirst,
    /// The update needs the bootstrap token, and the server has none (R17).
    NoBootstrapToken,
    /// Downloads may wait for mains power (R18).
    OnBattery,
    /// Less space is free than the update needs.
    TooLittleSpace,
    /// A delay without a key that switches it on.
    DelayWithoutForce,
    /// Rights that no enrolment can have.
    InvalidRights,
}

impl Code for FindingCode {
    fn id(self) -> &'static str {
        match self {
            Self::NotOnPlatform => "update-not-on-platform",
            Self::TooOld => "update-too-old",
            Self::Deprecated => "update-deprecated",
            Self::Removed => "update-removed",
            Self::NeedsSupervision => "update-needs-supervision",
            Self::WrongChannel => "update-wrong-channel",
            Self::UserEnrollment => "update-user-enrollment",
            Self::SharedIpad => "update-shared-ipad",
            Self::MissingRight => "update-missing-right",
            Self::KeyNotOnPlatform => "update-key-not-on-platform",
            Self::KeyTooOld => "update-key-too-old",
            Self::KeyDeprecated => "update-key-deprecated",
            Self::KeyRemoved => "update-key-removed",
            Self::KeyNeedsSupervision => "update-key-needs-supervision",
            Self::KeyEnrollment => "update-key-enrollment",
            Self::MissingKey => "update-missing-key",
            Self::WrongType => "update-wrong-type",
            Self::UnknownKey => "update-unknown-key",
            Self::UnknownValue => "update-unknown-value",
            Self::ValueNotOnPlatform => "update-value-not-on-platform",
            Self::ValueTooOld => "update-value-too-old",
            Self::OutOfRange => "update-out-of-range",
            Self::NoUpdates => "update-no-updates",
            Self::NoProduct => "update-no-product",
            Self::SecurityResponseByVersion => "update-security-response-by-version",
            Self::UnknownProductKey => "update-unknown-product-key",
            Self::VersionDiffers => "update-version-differs",
            Self::NoVersion => "update-no-version",
            Self::NotNewer => "update-not-newer",
            Self::DeferralsWithoutInstallLater => "update-deferrals-without-install-later",
            Self::DeferralsForMajor => "update-deferrals-for-major",
            Self::NegativeDeferrals => "update-negative-deferrals",
            Self::PriorityForMajor => "update-priority-for-major",
            Self::NoInstallLater => "update-no-install-later",
            Self::OneUpdateOnly => "update-one-only",
            Self::DeclarationRules => "update-declaration-rules",
            Self::UnmanagedOnly => "update-unmanaged-only",
            Self::DeclarationIsBetter => "update-declaration-is-better",
            Self::UserChoseLater => "update-user-chose-later",
            Self::MayLoseData => "update-may-lose-data",
            Self::DoesNotInstall => "update-does-not-install",
            Self::TwoSteps => "update-two-steps",
            Self::ScanFirst => "update-scan-first",
            Self::NoBootstrapToken => "update-no-bootstrap-token",
            Self::OnBattery => "update-on-battery",
            Self::TooLittleSpace => "update-too-little-space",
            Self::DelayWithoutForce => "update-delay-without-force",
            Self::InvalidRights => "update-invalid-rights",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::NotOnPlatform
            | Self::TooOld
            | Self::Removed
            | Self::NeedsSupervision
            | Self::WrongChannel
            | Self::UserEnrollment
            | Self::SharedIpad
            | Self::MissingRight
            | Self::KeyNeedsSupervision
            | Self::KeyEnrollment
            | Self::MissingKey
            | Self::WrongType
            | Self::ValueNotOnPlatform
            | Self::ValueTooOld
            | Self::NoProduct
            | Self::SecurityResponseByVersion
            | Self::NegativeDeferrals
            | Self::NoInstallLater
            | Self::DeclarationRules
            | Self::InvalidRights => Severity::Error,
            Self::Deprecated
            | Self::KeyDeprecated
            | Self::DeclarationIsBetter
            | Self::UnmanagedOnly
            | Self::DoesNotInstall
            | Self::TwoSteps
            | Self::OnBattery => Severity::Info,
            _ => Severity::Warning,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::NotOnPlatform => "the platform does not have it",
            Self::TooOld => "the device's version is too old",
            Self::Deprecated => "Apple will remove it",
            Self::Removed => "the platform has it no more",
            Self::NeedsSupervision => "the device has to be supervised",
            Self::WrongChannel => "not on this channel",
            Self::UserEnrollment => "not on devices that their users enrolled",
            Self::SharedIpad => "not on Shared iPad",
            Self::MissingRight => "the enrolment does not allow it",
            Self::KeyNotOnPlatform => "the platform does not have the key",
            Self::KeyTooOld => "the device's version does not have the key yet",
            Self::KeyDeprecated => "Apple will remove the key",
            Self::KeyRemoved => "the platform has the key no more",
            Self::KeyNeedsSupervision => "the key needs supervision",
            Self::KeyEnrollment => "the key is not for this enrolment",
            Self::MissingKey => "a key is missing",
            Self::WrongType => "a value of another type than the schema's",
            Self::UnknownKey => "a key that the schema does not have",
            Self::UnknownValue => "a value that the schema does not list",
            Self::ValueNotOnPlatform => "the platform does not have the value",
            Self::ValueTooOld => "the device's version does not have the value yet",
            Self::OutOfRange => "a number outside the schema's range",
            Self::NoUpdates => "no update is named",
            Self::NoProduct => "the update has no name that the device takes",
            Self::SecurityResponseByVersion => "a background security improvement needs its key",
            Self::UnknownProductKey => "the device did not name this update",
            Self::VersionDiffers => "the device named another version for this key",
            Self::NoVersion => "not a version",
            Self::NotNewer => "the device has this version or a newer one",
            Self::DeferralsWithoutInstallLater => "deferrals count with InstallLater only",
            Self::DeferralsForMajor => "deferrals count for minor updates only",
            Self::NegativeDeferrals => "deferrals below zero",
            Self::PriorityForMajor => "priority counts for minor updates only",
            Self::NoInstallLater => "the update does not allow InstallLater",
            Self::OneUpdateOnly => "the system installs one update",
            Self::DeclarationRules => "a declaration enforces an update; the command is ignored",
            Self::UnmanagedOnly => "the answer is about what no declaration manages",
            Self::DeclarationIsBetter => "a declaration could enforce it",
            Self::UserChoseLater => "the user chose later; this installs at once",
            Self::MayLoseData => "open documents may be lost",
            Self::DoesNotInstall => "the action does not install",
            Self::TwoSteps => "this downloads; the same again installs",
            Self::ScanFirst => "a Mac knows what its last scan found",
            Self::NoBootstrapToken => "the update needs a bootstrap token that cannot be had",
            Self::OnBattery => "the device has no mains power",
            Self::TooLittleSpace => "too little space is free",
            Self::DelayWithoutForce => "the delay is not switched on",
            Self::InvalidRights => "no enrolment can have these rights",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::Deprecated | Self::KeyDeprecated => "Apple, device-management schema, deprecated",
            Self::Removed | Self::KeyRemoved => "Apple, device-management schema, removed",
            Self::NeedsSupervision => "seed 002; MDMClientError 74",
            Self::NoUpdates | Self::NoProduct | Self::SecurityResponseByVersion => {
                "Apple, system.update.schedule, Updates"
            }
            Self::ValueNotOnPlatform | Self::ValueTooOld => {
                "Apple, system.update.schedule, InstallAction; MCMDMErrorDomain 12008"
            }
            Self::DeferralsWithoutInstallLater
            | Self::DeferralsForMajor
            | Self::NegativeDeferrals => "Apple, system.update.schedule, MaxUserDeferrals",
            Self::PriorityForMajor => "Apple, system.update.schedule, Priority",
            Self::NoInstallLater | Self::UnknownProductKey | Self::VersionDiffers => {
                "Apple, system.update.available"
            }
            Self::NotNewer => "radar mirror 19740; DeviceManagement.error 2213",
            Self::OneUpdateOnly | Self::MayLoseData | Self::DoesNotInstall | Self::TwoSteps => {
                "seed 002"
            }
            Self::DeclarationRules | Self::DeclarationIsBetter | Self::UnmanagedOnly => {
                "Apple, system.update.schedule, Updates, on declarations"
            }
            Self::UserChoseLater => "radar mirror 20594",
            Self::ScanFirst => "Apple, system.update.scan",
            Self::NoBootstrapToken => "Apple, information.security, BootstrapToken…",
            Self::OnBattery => "micromdm, 2018-10-16",
            Self::TooLittleSpace => "Apple, system.update.available, InstallSize",
            Self::DelayWithoutForce => "Apple, com.apple.applicationaccess",
            Self::InvalidRights => "Apple, com.apple.mdm, AccessRights",
            _ => "Apple, device-management schema",
        }
    }
}

/// One reason against sending something.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// What it is.
    pub code: FindingCode,
    /// The keys to what it is about, within the command; empty for the command itself.
    pub path: String,
    /// What exactly; may be empty.
    pub detail: String,
}

impl Finding {
    /// How much it matters: an error is refused or ignored by the device.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Where it is written.
    #[must_use]
    pub fn reference(&self) -> &'static str {
        self.code.reference()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.severity(), self.code.id())?;
        if !self.path.is_empty() {
            write!(f, " (in {})", self.path)?;
        }
        write!(f, ": {}", self.code.summary())?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        write!(f, " [{}]", self.reference())
    }
}

/// Findings, up to a number that no sensible command reaches.
#[derive(Default)]
pub(super) struct Found(Vec<Finding>);

impl Found {
    pub(super) fn note(&mut self, code: FindingCode, path: &str, detail: impl fmt::Display) {
        if self.0.len() < 256 {
            let detail: String = detail.to_string().chars().take(128).collect();
            self.0.push(Finding { code, path: path.to_owned(), detail });
        }
    }

    /// The findings, the gravest first.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
        self.0
    }
}
