// Made by update-csp/tools/policies.py from update-csp/tables/update-policies.toml.
// Change those instead; `.ci/generated` compares.

/// A policy of the Update area. Its name is the node's name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum PolicyId {
    /// Hour at which active hours end; Windows restarts by itself only outside of them.
    ActiveHoursEnd,
    /// Longest span of active hours that may be set.
    ActiveHoursMaxRange,
    /// Hour at which active hours begin.
    ActiveHoursStart,
    /// How updates are downloaded and installed, and who decides about the restart.
    AllowAutoUpdate,
    /// Whether updates are downloaded by themselves over metered connections.
    AllowAutoWindowsUpdateDownloadOverMeteredNetwork,
    /// Whether updates of other Microsoft products come along, from Microsoft Update.
    AllowMUUpdateService,
    /// Whether updates from the WSUS server may be signed by others than Microsoft.
    AllowNonMicrosoftSignedUpdate,
    /// Which optional updates and gradually released features the device takes.
    AllowOptionalContent,
    /// Whether features that come with monthly updates, switched off at first, are switched on.
    AllowTemporaryEnterpriseFeatureControl,
    /// Whether a device with a WSUS server may connect to public update services as well: Windows Update, Microsoft Update, the Store.
    AllowUpdateService,
    /// Countdown before a restart that cannot be put off, after a scheduled installation.
    AlwaysAutoRebootAtScheduledTimeMinutes,
    /// Days after which a pending restart for quality updates is forced.
    AutoRestartDeadlinePeriodInDays,
    /// Days after which a pending restart for feature updates is forced.
    AutoRestartDeadlinePeriodInDaysForFeatureUpdates,
    /// How long before an automatic restart the user is reminded.
    AutoRestartNotificationSchedule,
    /// Who closes the notice that a restart is needed.
    AutoRestartRequiredNotificationDismissal,
    /// Whether automatic maintenance may wake the device.
    AutomaticMaintenanceWakeUp,
    /// The channel that feature updates come from.
    BranchReadinessLevel,
    /// Days until a feature update is installed, whatever the user does.
    ConfigureDeadlineForFeatureUpdates,
    /// Days until a quality update is installed, whatever the user does.
    ConfigureDeadlineForQualityUpdates,
    /// Days that the user has for the restart at least, whatever the deadline says.
    ConfigureDeadlineGracePeriod,
    /// The same as ConfigureDeadlineGracePeriod for feature updates, on Windows 11 22H2 and later.
    ConfigureDeadlineGracePeriodForFeatureUpdates,
    /// Whether automatic restarts wait for the end of deadline and grace period.
    ConfigureDeadlineNoAutoReboot,
    /// The same as ConfigureDeadlineNoAutoReboot for feature updates.
    ConfigureDeadlineNoAutoRebootForFeatureUpdates,
    /// The same as ConfigureDeadlineNoAutoReboot for quality updates.
    ConfigureDeadlineNoAutoRebootForQualityUpdates,
    /// Days for which a feature update can be taken back.
    ConfigureFeatureUpdateUninstallPeriod,
    /// Days by which feature updates come later than they are released.
    DeferFeatureUpdatesPeriodInDays,
    /// Days by which quality updates come later than they are released; definition updates never do.
    DeferQualityUpdatesPeriodInDays,
    /// Weeks by which updates come later, on Windows 10 1511.
    DeferUpdatePeriod,
    /// Months by which upgrades come later, on Windows 10 1511.
    DeferUpgradePeriod,
    /// Hours between two scans against WSUS; Windows adds up to four at random.
    DetectionFrequency,
    /// Whether deferrals make a device that uses WSUS scan against Windows Update too.
    DisableDualScan,
    /// Whether a feature update is offered although Microsoft knows of a problem with the device.
    DisableWUfBSafeguards,
    /// Whether scans against WSUS do without certificate pinning.
    DoNotEnforceEnterpriseTLSCertPinningForUpdateDetection,
    /// Days after which a restart that the user should have planned is forced, for quality updates.
    EngagedRestartDeadline,
    /// Days after which a restart that the user should have planned is forced, for feature updates.
    EngagedRestartDeadlineForFeatureUpdates,
    /// Days for which the user can put off reminders of a restart, for quality updates.
    EngagedRestartSnoozeSchedule,
    /// Days for which the user can put off reminders of a restart, for feature updates.
    EngagedRestartSnoozeScheduleForFeatureUpdates,
    /// Days of trying to restart outside active hours before the user has to plan the restart, for quality updates.
    EngagedRestartTransitionSchedule,
    /// Days of trying to restart outside active hours before the user has to plan the restart, for feature updates.
    EngagedRestartTransitionScheduleForFeatureUpdates,
    /// Whether drivers come with quality updates. Leaving them out defeats driver approvals through Graph too.
    ExcludeWUDriversInQualityUpdate,
    /// Whether missing download addresses in WSUS metadata are made up from the alternate download server.
    FillEmptyContentUrls,
    /// Whether apps are downloaded without limit over a mobile network, on phones.
    IgnoreMOAppDownloadLimit,
    /// Whether updates are downloaded without limit over a mobile network, on phones.
    IgnoreMOUpdateDownloadLimit,
    /// Whether the device may get preview builds of Windows.
    ManagePreviewBuilds,
    /// Whether notifications are held back during active hours.
    NoUpdateNotificationsDuringActiveHours,
    /// Whether updates and upgrades are paused for five weeks, on Windows 10 1511.
    PauseDeferrals,
    /// Whether feature updates are paused: 60 days on 1607, 35 days since.
    PauseFeatureUpdates,
    /// The day from which feature updates are paused, for 35 days.
    PauseFeatureUpdatesStartTime,
    /// Whether quality updates are paused, for 35 days.
    PauseQualityUpdates,
    /// The day from which quality updates are paused, for 35 days.
    PauseQualityUpdatesStartTime,
    /// Which updates a phone takes. Long out of use.
    PhoneUpdateRestrictions,
    /// The product that TargetReleaseVersion belongs to: `Windows 11`. Setting it accepts its licence terms.
    ProductVersion,
    /// Whether upgrades come from the business branch, on Windows 10 1511.
    RequireDeferUpgrade,
    /// Whether only approved updates are installed (Update CSP, ApprovedUpdates).
    RequireUpdateApproval,
    /// How long before an automatic restart the last warning comes.
    ScheduleImminentRestartWarning,
    /// How long before an automatic restart the first warning comes.
    ScheduleRestartWarning,
    /// The day of scheduled installations.
    ScheduledInstallDay,
    /// Whether the schedule runs in each week.
    ScheduledInstallEveryWeek,
    /// Whether the schedule runs in the month's first week, days 1 to 7.
    ScheduledInstallFirstWeek,
    /// Whether the schedule runs in the month's fourth week, day 22 to its end.
    ScheduledInstallFourthWeek,
    /// Whether the schedule runs in the month's second week, days 8 to 14.
    ScheduledInstallSecondWeek,
    /// Whether the schedule runs in the month's third week, days 15 to 21.
    ScheduledInstallThirdWeek,
    /// The hour of scheduled installations; they begin within about half an hour of it.
    ScheduledInstallTime,
    /// Whether notifications of automatic restarts are left out.
    SetAutoRestartNotificationDisable,
    /// Whether the user loses the possibility to pause updates.
    SetDisablePauseUXAccess,
    /// Whether the user loses Windows Update's page: scan, download and install.
    SetDisableUXWUAccess,
    /// Whether devices in a charging cart update overnight, if their batteries are charged enough.
    SetEDURestart,
    /// Where drivers come from, if a WSUS server is set.
    SetPolicyDrivenUpdateSourceForDriverUpdates,
    /// Where feature updates come from, if a WSUS server is set.
    SetPolicyDrivenUpdateSourceForFeatureUpdates,
    /// Where updates of other products come from, if a WSUS server is set.
    SetPolicyDrivenUpdateSourceForOtherUpdates,
    /// Where quality updates come from, if a WSUS server is set.
    SetPolicyDrivenUpdateSourceForQualityUpdates,
    /// Whether scans against WSUS may fall back to the user's proxy.
    SetProxyBehaviorForUpdateDetection,
    /// The release of Windows to move to and to stay on: `24H2`. Needs ProductVersion.
    TargetReleaseVersion,
    /// Which notifications of updates the user sees.
    UpdateNotificationLevel,
    /// The WSUS server to use instead of Windows Update. Deleting the policy, not emptying it, is the way back.
    UpdateServiceUrl,
    /// Another server to download from, beside the WSUS server.
    UpdateServiceUrlAlternate,
}

impl PolicyId {
    /// Every policy, in the order of their names.
    pub const ALL: [Self; 76] = [
        Self::ActiveHoursEnd,
        Self::ActiveHoursMaxRange,
        Self::ActiveHoursStart,
        Self::AllowAutoUpdate,
        Self::AllowAutoWindowsUpdateDownloadOverMeteredNetwork,
        Self::AllowMUUpdateService,
        Self::AllowNonMicrosoftSignedUpdate,
        Self::AllowOptionalContent,
        Self::AllowTemporaryEnterpriseFeatureControl,
        Self::AllowUpdateService,
        Self::AlwaysAutoRebootAtScheduledTimeMinutes,
        Self::AutoRestartDeadlinePeriodInDays,
        Self::AutoRestartDeadlinePeriodInDaysForFeatureUpdates,
        Self::AutoRestartNotificationSchedule,
        Self::AutoRestartRequiredNotificationDismissal,
        Self::AutomaticMaintenanceWakeUp,
        Self::BranchReadinessLevel,
        Self::ConfigureDeadlineForFeatureUpdates,
        Self::ConfigureDeadlineForQualityUpdates,
        Self::ConfigureDeadlineGracePeriod,
        Self::ConfigureDeadlineGracePeriodForFeatureUpdates,
        Self::ConfigureDeadlineNoAutoReboot,
        Self::ConfigureDeadlineNoAutoRebootForFeatureUpdates,
        Self::ConfigureDeadlineNoAutoRebootForQualityUpdates,
        Self::ConfigureFeatureUpdateUninstallPeriod,
        Self::DeferFeatureUpdatesPeriodInDays,
        Self::DeferQualityUpdatesPeriodInDays,
        Self::DeferUpdatePeriod,
        Self::DeferUpgradePeriod,
        Self::DetectionFrequency,
        Self::DisableDualScan,
        Self::DisableWUfBSafeguards,
        Self::DoNotEnforceEnterpriseTLSCertPinningForUpdateDetection,
        Self::EngagedRestartDeadline,
        Self::EngagedRestartDeadlineForFeatureUpdates,
        Self::EngagedRestartSnoozeSchedule,
        Self::EngagedRestartSnoozeScheduleForFeatureUpdates,
        Self::EngagedRestartTransitionSchedule,
        Self::EngagedRestartTransitionScheduleForFeatureUpdates,
        Self::ExcludeWUDriversInQualityUpdate,
        Self::FillEmptyContentUrls,
        Self::IgnoreMOAppDownloadLimit,
        Self::IgnoreMOUpdateDownloadLimit,
        Self::ManagePreviewBuilds,
        Self::NoUpdateNotificationsDuringActiveHours,
        Self::PauseDeferrals,
        Self::PauseFeatureUpdates,
        Self::PauseFeatureUpdatesStartTime,
        Self::PauseQualityUpdates,
        Self::PauseQualityUpdatesStartTime,
        Self::PhoneUpdateRestrictions,
        Self::ProductVersion,
        Self::RequireDeferUpgrade,
        Self::RequireUpdateApproval,
        Self::ScheduleImminentRestartWarning,
        Self::ScheduleRestartWarning,
        Self::ScheduledInstallDay,
        Self::ScheduledInstallEveryWeek,
        Self::ScheduledInstallFirstWeek,
        Self::ScheduledInstallFourthWeek,
        Self::ScheduledInstallSecondWeek,
        Self::ScheduledInstallThirdWeek,
        Self::ScheduledInstallTime,
        Self::SetAutoRestartNotificationDisable,
        Self::SetDisablePauseUXAccess,
        Self::SetDisableUXWUAccess,
        Self::SetEDURestart,
        Self::SetPolicyDrivenUpdateSourceForDriverUpdates,
        Self::SetPolicyDrivenUpdateSourceForFeatureUpdates,
        Self::SetPolicyDrivenUpdateSourceForOtherUpdates,
        Self::SetPolicyDrivenUpdateSourceForQualityUpdates,
        Self::SetProxyBehaviorForUpdateDetection,
        Self::TargetReleaseVersion,
        Self::UpdateNotificationLevel,
        Self::UpdateServiceUrl,
        Self::UpdateServiceUrlAlternate,
    ];

    /// The node's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveHoursEnd => "ActiveHoursEnd",
            Self::ActiveHoursMaxRange => "ActiveHoursMaxRange",
            Self::ActiveHoursStart => "ActiveHoursStart",
            Self::AllowAutoUpdate => "AllowAutoUpdate",
            Self::AllowAutoWindowsUpdateDownloadOverMeteredNetwork => {
                "AllowAutoWindowsUpdateDownloadOverMeteredNetwork"
            }
            Self::AllowMUUpdateService => "AllowMUUpdateService",
            Self::AllowNonMicrosoftSignedUpdate => "AllowNonMicrosoftSignedUpdate",
            Self::AllowOptionalContent => "AllowOptionalContent",
            Self::AllowTemporaryEnterpriseFeatureControl => {
                "AllowTemporaryEnterpriseFeatureControl"
            }
            Self::AllowUpdateService => "AllowUpdateService",
            Self::AlwaysAutoRebootAtScheduledTimeMinutes => {
                "AlwaysAutoRebootAtScheduledTimeMinutes"
            }
            Self::AutoRestartDeadlinePeriodInDays => "AutoRestartDeadlinePeriodInDays",
            Self::AutoRestartDeadlinePeriodInDaysForFeatureUpdates => {
                "AutoRestartDeadlinePeriodInDaysForFeatureUpdates"
            }
            Self::AutoRestartNotificationSchedule => "AutoRestartNotificationSchedule",
            Self::AutoRestartRequiredNotificationDismissal => {
                "AutoRestartRequiredNotificationDismissal"
            }
            Self::AutomaticMaintenanceWakeUp => "AutomaticMaintenanceWakeUp",
            Self::BranchReadinessLevel => "BranchReadinessLevel",
            Self::ConfigureDeadlineForFeatureUpdates => "ConfigureDeadlineForFeatureUpdates",
            Self::ConfigureDeadlineForQualityUpdates => "ConfigureDeadlineForQualityUpdates",
            Self::ConfigureDeadlineGracePeriod => "ConfigureDeadlineGracePeriod",
            Self::ConfigureDeadlineGracePeriodForFeatureUpdates => {
                "ConfigureDeadlineGracePeriodForFeatureUpdates"
            }
            Self::ConfigureDeadlineNoAutoReboot => "ConfigureDeadlineNoAutoReboot",
            Self::ConfigureDeadlineNoAutoRebootForFeatureUpdates => {
                "ConfigureDeadlineNoAutoRebootForFeatureUpdates"
            }
            Self::ConfigureDeadlineNoAutoRebootForQualityUpdates => {
                "ConfigureDeadlineNoAutoRebootForQualityUpdates"
            }
            Self::ConfigureFeatureUpdateUninstallPeriod => "ConfigureFeatureUpdateUninstallPeriod",
            Self::DeferFeatureUpdatesPeriodInDays => "DeferFeatureUpdatesPeriodInDays",
            Self::DeferQualityUpdatesPeriodInDays => "DeferQualityUpdatesPeriodInDays",
            Self::DeferUpdatePeriod => "DeferUpdatePeriod",
            Self::DeferUpgradePeriod => "DeferUpgradePeriod",
            Self::DetectionFrequency => "DetectionFrequency",
            Self::DisableDualScan => "DisableDualScan",
            Self::DisableWUfBSafeguards => "DisableWUfBSafeguards",
            Self::DoNotEnforceEnterpriseTLSCertPinningForUpdateDetection => {
                "DoNotEnforceEnterpriseTLSCertPinningForUpdateDetection"
            }
            Self::EngagedRestartDeadline => "EngagedRestartDeadline",
            Self::EngagedRestartDeadlineForFeatureUpdates => {
                "EngagedRestartDeadlineForFeatureUpdates"
            }
            Self::EngagedRestartSnoozeSchedule => "EngagedRestartSnoozeSchedule",
            Self::EngagedRestartSnoozeScheduleForFeatureUpdates => {
                "EngagedRestartSnoozeScheduleForFeatureUpdates"
            }
            Self::EngagedRestartTransitionSchedule => "EngagedRestartTransitionSchedule",
            Self::EngagedRestartTransitionScheduleForFeatureUpdates => {
                "EngagedRestartTransitionScheduleForFeatureUpdates"
            }
            Self::ExcludeWUDriversInQualityUpdate => "ExcludeWUDriversInQualityUpdate",
            Self::FillEmptyContentUrls => "FillEmptyContentUrls",
            Self::IgnoreMOAppDownloadLimit => "IgnoreMOAppDownloadLimit",
            Self::IgnoreMOUpdateDownloadLimit => "IgnoreMOUpdateDownloadLimit",
            Self::ManagePreviewBuilds => "ManagePreviewBuilds",
            Self::NoUpdateNotificationsDuringActiveHours => {
                "NoUpdateNotificationsDuringActiveHours"
            }
            Self::PauseDeferrals => "PauseDeferrals",
            Self::PauseFeatureUpdates => "PauseFeatureUpdates",
            Self::PauseFeatureUpdatesStartTime => "PauseFeatureUpdatesStartTime",
            Self::PauseQualityUpdates => "PauseQualityUpdates",
            Self::PauseQualityUpdatesStartTime => "PauseQualityUpdatesStartTime",
            Self::PhoneUpdateRestrictions => "PhoneUpdateRestrictions",
            Self::ProductVersion => "ProductVersion",
            Self::RequireDeferUpgrade => "RequireDeferUpgrade",
            Self::RequireUpdateApproval => "RequireUpdateApproval",
            Self::ScheduleImminentRestartWarning => "ScheduleImminentRestartWarning",
            Self::ScheduleRestartWarning => "ScheduleRestartWarning",
            Self::ScheduledInstallDay => "ScheduledInstallDay",
            Self::ScheduledInstallEveryWeek => "ScheduledInstallEveryWeek",
            Self::ScheduledInstallFirstWeek => "ScheduledInstallFirstWeek",
            Self::ScheduledInstallFourthWeek => "ScheduledInstallFourthWeek",
            Self::ScheduledInstallSecondWeek => "ScheduledInstallSecondWeek",
            Self::ScheduledInstallThirdWeek => "ScheduledInstallThirdWeek",
            Self::ScheduledInstallTime => "ScheduledInstallTime",
            Self::SetAutoRestartNotificationDisable => "SetAutoRestartNotificationDisable",
            Self::SetDisablePauseUXAccess => "SetDisablePauseUXAccess",
            Self::SetDisableUXWUAccess => "SetDisableUXWUAccess",
            Self::SetEDURestart => "SetEDURestart",
            Self::SetPolicyDrivenUpdateSourceForDriverUpdates => {
                "SetPolicyDrivenUpdateSourceForDriverUpdates"
            }
            Self::SetPolicyDrivenUpdateSourceForFeatureUpdates => {
                "SetPolicyDrivenUpdateSourceForFeatureUpdates"
            }
            Self::SetPolicyDrivenUpdateSourceForOtherUpdates => {
                "SetPolicyDrivenUpdateSourceForOtherUpdates"
            }
            Self::SetPolicyDrivenUpdateSourceForQualityUpdates => {
                "SetPolicyDrivenUpdateSourceForQualityUpdates"
            }
            Self::SetProxyBehaviorForUpdateDetection => "SetProxyBehaviorForUpdateDetection",
            Self::TargetReleaseVersion => "TargetReleaseVersion",
            Self::UpdateNotificationLevel => "UpdateNotificationLevel",
            Self::UpdateServiceUrl => "UpdateServiceUrl",
            Self::UpdateServiceUrlAlternate => "UpdateServiceUrlAlternate",
        }
    }
}
