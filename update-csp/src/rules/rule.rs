//! The rules, each with a stable code and its source.

use mdm_xml::{Code, Severity};

macro_rules! rules {
    ($($(#[$meta:meta])* $name:ident = $id:literal, $severity:ident, $summary:literal, $source:literal;)*) => {
        /// A rule that a set of policies can break. Its code, severity, summary and source are
        /// those of [`Code`].
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: ", $summary, ".")] $(#[$meta])*
            #[cfg_attr(feature = "serde", serde(rename = $id))] $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        impl Code for Rule {
            fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)* }
            }

            fn reference(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }
    };
}

rules! {
    // Whether the device has the policy and takes the value.
    Build = "policy-build", Error,
        "the device's build does not have the policy",
        "DDF, OsBuildVersion (newest release that lists the policy)";
    BuildDisputed = "policy-build-disputed", Warning,
        "the DDF gives an older first build than other evidence; the device may not have the policy",
        "DDF February 2025 against older DDFs, Policy CSP - Update, 2024-09-27, and devices (C12, C22, C23, D08)";
    Edition = "policy-edition", Error,
        "the device's edition does not have the policy",
        "DDF, EditionAllowList";
    RangeOnBuild = "policy-range-on-build", Error,
        "the value is beyond what this build takes",
        "guide for MDM vendors 2017 and DDF since 1703 (C01)";
    ValueOnBuild = "policy-value-on-build", Error,
        "this build does not take the value",
        "DDF, AllowedValues of BranchReadinessLevel (C14)";
    RawValue = "policy-raw-value", Error,
        "a raw policy has a value or a format that the policy does not take",
        "DDF, AllowedValues and DFFormat";
    RawName = "policy-raw-name", Error,
        "no DDF release lists a policy of this name, and no device of this build was seen with it",
        "DDF releases 1607 to February 2025";
    RawObserved = "policy-raw-observed", Warning,
        "devices know this name, but no DDF release lists it: nobody checks its value",
        "observed: policy::observed";
    RawMisspelt = "policy-raw-misspelt", Error,
        "documentation misspelt this name; devices do not know it",
        "guide for MDM vendors 2017; windows-itpro-docs #10617 (C02, C03)";
    RawTrusted = "policy-raw-trusted", Info,
        "a raw policy that the caller vouches for is not checked",
        "decision: Target::with_unlisted";
    // Legacy.
    Legacy1511 = "policy-legacy-1511", Warning,
        "this policy is for Windows 10 1511 only",
        "Policy CSP - Update, DeferUpdatePeriod and others (C32)";
    LegacyMixed = "policy-legacy-mixed", Error,
        "policies of Windows 10 1511 are mixed with those that replaced them",
        "guide for MDM vendors 2017, \"Windows 10, version 1607 for update management\"";
    Superseded = "policy-superseded", Info,
        "another policy replaces this one",
        "Policy CSP - Update, 2024-09-27, legacy policies (C29)";
    Requires = "policy-requires", Warning,
        "the policy needs another one to do anything",
        "Policy CSP - Update, dependencies";
    TelemetryCancels1511 = "policy-telemetry-cancels-1511", Warning,
        "without diagnostic data the policies of Windows 10 1511 do nothing",
        "guide for MDM vendors 2017, DeferUpdatePeriod";
    // When updates are offered.
    PauseSupersedesDeferral = "policy-pause-supersedes-deferral", Info,
        "as long as the pause lasts, the deferral does nothing",
        "waas-configure-wufb, pause";
    PauseFlag = "policy-pause-flag", Warning,
        "since Windows 10 1703 a pause is set by its first day",
        "Policy CSP - Update, PauseFeatureUpdatesStartTime (C04)";
    PauseTwice = "policy-pause-twice", Warning,
        "a pause is set by its flag and by its first day",
        "Policy CSP - Update, PauseFeatureUpdates";
    PreviewDeferral = "policy-preview-deferral", Warning,
        "preview builds are deferred by 14 days at most",
        "WindowsUpdate.admx, DeferFeatureUpdates, explanation";
    TargetWithoutProduct = "policy-target-without-product", Error,
        "TargetReleaseVersion needs ProductVersion",
        "Policy CSP - Update, TargetReleaseVersion";
    ProductWithoutTarget = "policy-product-without-target", Warning,
        "ProductVersion does nothing without TargetReleaseVersion",
        "Policy CSP - Update, ProductVersion";
    ProductAcceptsTerms = "policy-product-accepts-terms", Info,
        "setting ProductVersion accepts the product's licence terms",
        "Policy CSP - Update, ProductVersion";
    TargetFormat = "policy-target-format", Warning,
        "no release of Windows is named so; the device would stay on the one it has",
        "Policy CSP - Update, TargetReleaseVersion";
    TargetAndDeferral = "policy-target-and-deferral", Warning,
        "TargetReleaseVersion is meant to be used instead of deferring feature updates",
        "Policy CSP - Update, TargetReleaseVersion";
    SafeguardsReset = "policy-safeguards-reset", Info,
        "the policy resets itself after the next feature update",
        "Policy CSP - Update, DisableWUfBSafeguards";
    // Installing and restarting.
    UpdatesOff = "policy-updates-off", Warning,
        "no automatic updates at all, security updates included",
        "Policy CSP - Update, AllowAutoUpdate";
    ScheduleIgnored = "policy-schedule-ignored", Warning,
        "a schedule needs AllowAutoUpdate 3 or 4",
        "Policy CSP - Update, ScheduledInstallDay";
    ActiveHoursIncomplete = "policy-active-hours-incomplete", Warning,
        "begin and end of active hours are set together",
        "Policy CSP - Update, ActiveHoursStart";
    ActiveHoursSpan = "policy-active-hours-span", Error,
        "active hours are longer than the device takes",
        "Policy CSP - Update, ActiveHoursMaxRange: 12 hours on 1607, 18 unless set since 1703";
    ActiveHoursDisabled = "policy-active-hours-disabled", Warning,
        "restarting always at the scheduled time switches active hours off",
        "WindowsUpdate.admx, ActiveHours, explanation";
    DeadlineOverridesAutoUpdate = "policy-deadline-overrides-auto-update", Warning,
        "a deadline takes the place of AllowAutoUpdate's download, installation and restart",
        "Policy CSP - Update, ConfigureDeadlineForQualityUpdates; until the update of 2024-12-10 (D10)";
    AutoUpdateUntilDeadline = "policy-auto-update-until-deadline", Info,
        "AllowAutoUpdate counts until the deadline, and not after it",
        "wufb-compliancedeadlines, 2025-03-18: since the update of 2024-12-10 (D10)";
    DeadlineOverridesLegacyRestart = "policy-deadline-overrides-legacy-restart", Warning,
        "a deadline takes the place of older restart policies",
        "Policy CSP - Update, ConfigureDeadlineForQualityUpdates";
    GraceWithoutDeadline = "policy-grace-without-deadline", Warning,
        "a grace period does nothing without a deadline",
        "Policy CSP - Update, ConfigureDeadlineGracePeriod (C30)";
    FeatureGraceIgnored = "policy-feature-grace-ignored", Warning,
        "until Windows 11 21H2 feature updates have the grace period of quality updates",
        "wufb-compliancedeadlines, 2024-05-16 (C30)";
    NoAutoRebootWithoutDeadline = "policy-no-auto-reboot-without-deadline", Warning,
        "holding restarts back until the deadline does nothing without a deadline",
        "Policy CSP - Update, ConfigureDeadlineNoAutoReboot (C29)";
    RestartOverridden = "policy-restart-overridden", Warning,
        "one older restart policy takes the place of another",
        "WindowsUpdate.admx, EngagedRestartTransitionSchedule and AutoRestartDeadline, explanation";
    LoggedOnUsersSpared = "policy-logged-on-users-spared", Warning,
        "sparing logged-on users takes the place of older restart policies and switches active hours off",
        "WindowsUpdate.admx, AlwaysAutoRebootAtScheduledTime, AutoRestartDeadline and ActiveHours, explanations";
    EduRestartOverrides = "policy-edu-restart-overrides", Warning,
        "SetEDURestart takes the place of AllowAutoUpdate's waiting for a good moment to install",
        "Policy CSP - Update, SetEDURestart";
    NotificationsNeedLevel = "policy-notifications-need-level", Warning,
        "notifications are held back during active hours only with UpdateNotificationLevel 1 or 2",
        "Policy CSP - Update, NoUpdateNotificationsDuringActiveHours";
    // Where updates come from.
    WsusMissing = "policy-wsus-missing", Warning,
        "the policy does nothing without a WSUS server",
        "Policy CSP - Update, dependencies on UpdateServiceUrl";
    WsusIgnoresLegacyDeferral = "policy-wsus-ignores-legacy-deferral", Warning,
        "with a WSUS server the policies of Windows 10 1511 do nothing",
        "guide for MDM vendors 2017, DeferUpdatePeriod";
    WsusWithDeferral = "policy-wsus-with-deferral", Warning,
        "on Windows 10, with a WSUS server, a deferral and no scan source everything comes from Windows Update",
        "wufb-wsus";
    WsusIgnoresDeferral = "policy-wsus-ignores-deferral", Warning,
        "on Windows 11, with a WSUS server and no scan source everything comes from WSUS, deferral or not",
        "wufb-wsus, since 2024-04-22 (D07)";
    ScanSourceIncomplete = "policy-scan-source-incomplete", Error,
        "the four scan-source policies are set together",
        "Policy CSP - Update, SetPolicyDrivenUpdateSourceForQualityUpdates";
    DualScanClash = "policy-dual-scan-clash", Error,
        "DisableDualScan with a scan-source policy: no updates from Windows Update",
        "wufb-wsus";
    DualScanUnsupported = "policy-dual-scan-unsupported", Warning,
        "Windows 11 does not support DisableDualScan",
        "wufb-wsus";
    ServiceForbidden = "policy-service-forbidden", Warning,
        "with a WSUS server no public update service may be used; the Store can stop working too",
        "guide for MDM vendors 2017, AllowUpdateService";
    MicrosoftUpdateStays = "policy-microsoft-update-stays", Info,
        "a device that is registered with Microsoft Update stays so",
        "Policy CSP - Update, AllowMUUpdateService";
    DriverApprovalDefeated = "policy-driver-approval-defeated", Error,
        "drivers approved through Graph are never installed",
        "windows-itpro-docs, deployment-service-drivers and -prerequisites; wufb-wsus";
    // Who decides.
    ApprovalOnDesktop = "policy-approval-on-desktop", Info,
        "approving each update is not recommended for desktops since 2020",
        "windows-itpro-docs #7183; Update CSP, ApprovedUpdates";
    GroupPolicyWins = "policy-group-policy-wins", Warning,
        "Group Policy sets this as well, and wins",
        "ControlPolicyConflict CSP, note of 2023-07 (windows-itpro-docs #11598; C31)";
    MdmWinsOverGpIgnored = "policy-mdm-wins-over-gp-ignored", Warning,
        "MDMWinsOverGP does not hold for update policies",
        "ControlPolicyConflict CSP, note of 2023-07 (windows-itpro-docs #11598; C31)";
}
