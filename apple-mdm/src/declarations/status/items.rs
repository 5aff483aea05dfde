//! The status items about updates, versions and declarations.

use super::reasons::StatusReason;
use crate::declarations::LocalDateTime;
use crate::declarations::fields::dictionary;
use crate::json::Object;
use crate::open_enum::open_enum;
use crate::schema::Platform;
use crate::version::{Build, OsVersion};

dictionary! {
    /// The items of a report, by the first part of their names. Each may be missing: a report
    /// that is not full has only what changed.
    #[derive(Default)]
    pub struct StatusItems {
        /// Items `management.…`.
        "management" => management: Option<ManagementStatus>,
        /// Items `device.…`.
        "device" => device: Option<DeviceStatus>,
        /// Items `softwareupdate.…`.
        "softwareupdate" => softwareupdate: Option<SoftwareUpdateStatus>,
    }
}

dictionary! {
    /// Items `device.…`; those about identifiers and models are in `unknown`.
    #[derive(Default)]
    pub struct DeviceStatus {
        /// Items `device.operating-system.…`.
        "operating-system" => operating_system: Option<OperatingSystemStatus>,
    }
}

dictionary! {
    /// Items `device.operating-system.…`.
    #[derive(Default)]
    pub struct OperatingSystemStatus {
        /// `iOS`, `macOS`, ….
        "family" => family: Option<String>,
        /// The version.
        "version" => version: Option<String>,
        /// The build.
        "build-version" => build_version: Option<String>,
        /// The name for people.
        "marketing-name" => marketing_name: Option<String>,
        /// The Background Security Improvement.
        "supplemental" => supplemental: Option<SupplementalStatus>,
    }
}

dictionary! {
    /// Items `device.operating-system.supplemental.…`.
    #[derive(Default)]
    pub struct SupplementalStatus {
        /// The build with the improvement.
        "build-version" => build_version: Option<String>,
        /// Its letters; *observed* with parentheses, specified without.
        "extra-version" => extra_version: Option<String>,
    }
}

impl OperatingSystemStatus {
    /// The platform, if it is one that we know.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        self.family.as_deref()?.parse().ok()
    }

    /// The version, with the letters of an improvement.
    #[must_use]
    pub fn os_version(&self) -> Option<OsVersion> {
        let version: OsVersion = self.version.as_deref()?.parse().ok()?;
        let extra = self.supplemental.as_ref().and_then(|s| s.extra_version.as_deref());
        extra.and_then(|extra| version.with_extra(extra).ok()).or(Some(version))
    }

    /// The build; where an improvement is installed, the one with it.
    #[must_use]
    pub fn build(&self) -> Option<Build> {
        let supplemental = self.supplemental.as_ref().and_then(|s| s.build_version.as_deref());
        let build = supplemental.and_then(|build| build.parse().ok());
        build.or_else(|| self.build_version.as_deref()?.parse().ok())
    }
}

open_enum! {
    /// How far an update is (softwareupdate.install-state). The schema's list lacks `waiting`;
    /// its text and Apple's guide have it.
    pub enum InstallState {
        /// Nothing is pending, and what was succeeded.
        None = "none",
        /// It is about to start.
        Waiting = "waiting",
        /// It downloads.
        Downloading = "downloading",
        /// It is ready to install.
        Prepared = "prepared",
        /// It installs.
        Installing = "installing",
        /// It failed.
        Failed = "failed",
    }
}

open_enum! {
    /// Who started an update (softwareupdate.install-reason).
    pub enum UpdateReason {
        /// The user, in the settings.
        SystemSettings = "system-settings",
        /// The user chose tonight.
        InstallTonight = "install-tonight",
        /// The device by itself.
        AutoUpdate = "auto-update",
        /// The user, from a notification.
        Notification = "notification",
        /// Setup Assistant.
        SetupAssistant = "setup-assistant",
        /// The tool softwareupdate.
        CommandLine = "command-line",
        /// An MDM command.
        Mdm = "mdm",
        /// A declaration.
        Declaration = "declaration",
    }
}

dictionary! {
    /// Why an update is pending.
    pub struct InstallReason {
        /// The reasons; none if nothing is pending.
        "reason" => reason: Vec<UpdateReason>,
        /// The declaration, if it is one's doing.
        "declaration-id" => declaration_id: Option<String>,
    }
}

impl InstallReason {
    /// These reasons.
    #[must_use]
    pub const fn new(reason: Vec<UpdateReason>, declaration_id: Option<String>) -> Self {
        Self { reason, declaration_id, unknown: Object::new() }
    }
}

dictionary! {
    /// Why an update failed.
    pub struct FailureReason {
        /// How often it failed; 0 if it did not.
        "count" => count: i64,
        /// Why the last time, in the device's words: Apple has published no list of them.
        "reason" => reason: Option<String>,
        /// When (RFC 3339).
        "timestamp" => timestamp: Option<String>,
    }
}

impl FailureReason {
    /// So many failures and the last one's words.
    #[must_use]
    pub const fn new(count: i64, reason: Option<String>) -> Self {
        Self { count, reason, timestamp: None, unknown: Object::new() }
    }
}

dictionary! {
    /// The release that is pending; empty texts if none is.
    pub struct PendingVersion {
        /// The version, with the letters of an improvement.
        "os-version" => os_version: String,
        /// The build.
        "build-version" => build_version: String,
        /// When the device will install it, on its own clock; only while the release is enforced.
        /// *Specified* in Apple's documentation (StatusSoftwareUpdatePendingVersionDictionaryObject),
        /// and not in the schema of OS 18.1. What was saved before this had a field has it in
        /// `unknown`, until the next report.
        "target-local-date-time" => target_local_date_time: Option<LocalDateTime>,
    }
}

impl PendingVersion {
    /// This version and build.
    #[must_use]
    pub fn new(version: impl Into<String>, build: impl Into<String>) -> Self {
        Self {
            os_version: version.into(),
            build_version: build.into(),
            target_local_date_time: None,
            unknown: Object::new(),
        }
    }

    /// The same, and the device will install it at this time.
    #[must_use]
    pub fn with_target_local_date_time(mut self, time: LocalDateTime) -> Self {
        self.target_local_date_time = Some(time);
        self
    }
}

dictionary! {
    /// Items `softwareupdate.…`.
    #[derive(Default)]
    pub struct SoftwareUpdateStatus {
        /// The beta programme; empty if there is none.
        "beta-enrollment" => beta_enrollment: Option<String>,
        /// The identifier to look for in the version catalogue.
        "device-id" => device_id: Option<String>,
        /// Why an update failed.
        "failure-reason" => failure_reason: Option<FailureReason>,
        /// Why an update is pending.
        "install-reason" => install_reason: Option<InstallReason>,
        /// How far it is.
        "install-state" => install_state: Option<InstallState>,
        /// Which one it is.
        "pending-version" => pending_version: Option<PendingVersion>,
    }
}

dictionary! {
    /// Items `management.…`. *Observed*: `push-token`, which no document has.
    #[derive(Default)]
    pub struct ManagementStatus {
        /// What the device can do.
        "client-capabilities" => client_capabilities: Option<ClientCapabilities>,
        /// What became of declarations.
        "declarations" => declarations: Option<DeclarationsStatus>,
    }
}

dictionary! {
    /// What the device can do. Reported without a subscription.
    #[derive(Default)]
    pub struct ClientCapabilities {
        /// Versions of the protocol.
        "supported-versions" => supported_versions: Option<Vec<String>>,
        /// Optional features by name.
        "supported-features" => supported_features: Option<Object>,
        /// Types of declarations and status items.
        "supported-payloads" => supported_payloads: Option<SupportedPayloads>,
    }
}

dictionary! {
    /// Types of declarations and status items.
    #[derive(Default)]
    pub struct SupportedPayloads {
        /// Types of declarations.
        "declarations" => declarations: Option<SupportedDeclarations>,
        /// Status items.
        "status-items" => status_items: Option<Vec<String>>,
    }
}

dictionary! {
    /// Types of declarations by kind.
    #[derive(Default)]
    pub struct SupportedDeclarations {
        /// Activations.
        "activations" => activations: Option<Vec<String>>,
        /// Assets.
        "assets" => assets: Option<Vec<String>>,
        /// Configurations.
        "configurations" => configurations: Option<Vec<String>>,
        /// Management declarations.
        "management" => management: Option<Vec<String>>,
    }
}

impl ClientCapabilities {
    /// Whether the device takes declarations of this type; `None` if it does not say.
    #[must_use]
    pub fn supports(&self, declaration_type: &str) -> Option<bool> {
        let lists = self.supported_payloads.as_ref()?.declarations.as_ref()?;
        let all = [&lists.activations, &lists.assets, &lists.configurations, &lists.management];
        Some(all.into_iter().flatten().flatten().any(|known| known == declaration_type))
    }
}

open_enum! {
    /// Whether the device could make sense of a declaration.
    pub enum Validity {
        /// It has not looked yet.
        Unknown = "unknown",
        /// No; see the reasons.
        Invalid = "invalid",
        /// Yes.
        Valid = "valid",
    }
}

dictionary! {
    /// What became of one declaration. *Observed*: active and invalid at one time.
    pub struct DeclarationStatus {
        /// The declaration.
        "identifier" => identifier: String,
        /// The revision that this is about.
        "server-token" => server_token: Option<String>,
        /// Whether it is in force.
        "active" => active: Option<bool>,
        /// Whether it is valid.
        "valid" => valid: Option<Validity>,
        /// Why not.
        "reasons" => reasons: Option<Vec<StatusReason>>,
    }
}

/// What a device says of a declaration, in one word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is in force.
    Active,
    /// It is not in force and nothing is wrong with it: no activation or configuration names it, or
    /// a predicate does not hold. *Observed*: the device may then say that it does not know whether
    /// it is valid.
    Inactive,
    /// The device refuses it, whether it calls it active or not.
    Refused,
    /// The device has not looked at it yet, or speaks of another revision.
    Pending,
}

impl DeclarationStatus {
    /// The status of this declaration.
    #[must_use]
    pub fn new(identifier: impl Into<String>, token: impl Into<String>, valid: Validity) -> Self {
        Self {
            identifier: identifier.into(),
            server_token: Some(token.into()),
            active: Some(valid == Validity::Valid),
            valid: Some(valid),
            reasons: None,
            unknown: Object::new(),
        }
    }

    /// The reasons.
    pub fn reasons(&self) -> impl Iterator<Item = &StatusReason> {
        self.reasons.iter().flatten()
    }

    /// What it means for the revision with this token.
    #[must_use]
    pub fn verdict(&self, token: &str) -> Verdict {
        if self.server_token.as_deref().is_some_and(|known| known != token) {
            return Verdict::Pending;
        }
        match (&self.valid, self.active) {
            (Some(Validity::Invalid), _) => Verdict::Refused,
            _ if self.reasons().any(|reason| reason.code.is_error()) => Verdict::Refused,
            (Some(Validity::Valid), Some(true)) => Verdict::Active,
            (Some(Validity::Valid), _) => Verdict::Inactive,
            (_, Some(true)) => Verdict::Pending,
            _ if self.reasons().any(|reason| reason.code.is_inactive()) => Verdict::Inactive,
            _ => Verdict::Pending,
        }
    }
}

dictionary! {
    /// What became of declarations, by kind.
    #[derive(Default)]
    pub struct DeclarationsStatus {
        /// Activations.
        "activations" => activations: Option<Vec<DeclarationStatus>>,
        /// Configurations.
        "configurations" => configurations: Option<Vec<DeclarationStatus>>,
        /// Assets.
        "assets" => assets: Option<Vec<DeclarationStatus>>,
        /// Management declarations.
        "management" => management: Option<Vec<DeclarationStatus>>,
    }
}

impl DeclarationsStatus {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &DeclarationStatus> {
        let all = [&self.activations, &self.configurations, &self.assets, &self.management];
        all.into_iter().flatten().flatten()
    }

    /// The status of the declaration with this identifier, the first if there are several. A
    /// device reports each revision that it has: see [`revision`](Self::revision).
    #[must_use]
    pub fn get(&self, identifier: &str) -> Option<&DeclarationStatus> {
        self.iter().find(|status| status.identifier == identifier)
    }

    /// The status of the revision of a declaration with this token; where there is none, one
    /// without a token, or else of another revision.
    ///
    /// *Observed*: one report may have a declaration under two tokens, the one that was and the one
    /// that is. The client of iOS orders them by identifier and token, so the first is any of them.
    #[must_use]
    pub fn revision(&self, identifier: &str, token: &str) -> Option<&DeclarationStatus> {
        let (mut without, mut other) = (None, None);
        for status in self.iter().filter(|status| status.identifier == identifier) {
            match status.server_token.as_deref() {
                Some(known) if known == token => return Some(status),
                Some(_) => other = other.or(Some(status)),
                None => without = without.or(Some(status)),
            }
        }
        without.or(other)
    }
}

impl StatusItems {
    /// Items `device.operating-system.…`.
    #[must_use]
    pub fn operating_system(&self) -> Option<&OperatingSystemStatus> {
        self.device.as_ref()?.operating_system.as_ref()
    }

    /// What became of declarations.
    #[must_use]
    pub fn declarations(&self) -> Option<&DeclarationsStatus> {
        self.management.as_ref()?.declarations.as_ref()
    }

    /// What the device can do.
    #[must_use]
    pub fn client_capabilities(&self) -> Option<&ClientCapabilities> {
        self.management.as_ref()?.client_capabilities.as_ref()
    }
}
