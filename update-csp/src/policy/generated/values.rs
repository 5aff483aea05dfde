// Made by update-csp/tools/policies.py from update-csp/tables/update-policies.toml.
// Change those instead; `.ci/generated` compares.

use super::super::typed::{dated, enumerated, named, ranged, served};

ranged! {
    /// Hour at which active hours end; Windows restarts by itself only outside of them.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 17.
    ActiveHoursEnd: at, "hour of day", 0, 23
}
ranged! {
    /// Longest span of active hours that may be set.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 18.
    ActiveHoursMaxRange: hours, "hours", 8, 18
}
ranged! {
    /// Hour at which active hours begin.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 8.
    ActiveHoursStart: at, "hour of day", 0, 23
}
enumerated! {
    /// How updates are downloaded and installed, and who decides about the restart.
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 2.
    AllowAutoUpdate {
        /// The user is told and starts the download.
        NotifyBeforeDownload = 0,
        /// Installed at maintenance time; the user picks the restart within seven days.
        InstallAndUserRestarts = 1,
        /// Installed at maintenance time; restarts when nobody uses the device.
        InstallAndRestart = 2,
        /// Installed and restarted at the scheduled day and hour, after a countdown of 15 minutes.
        Scheduled = 3,
        /// As 2, and the user's settings are read-only.
        InstallWithoutUser = 4,
        /// No automatic updates at all, security updates included.
        Off = 5,
    }
}
enumerated! {
    /// Whether updates are downloaded by themselves over metered connections.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 0.
    AllowAutoWindowsUpdateDownloadOverMeteredNetwork {
        /// No.
        NotAllowed = 0,
        /// Yes.
        Allowed = 1,
    }
}
enumerated! {
    /// Whether updates of other Microsoft products come along, from Microsoft Update.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0.
    AllowMUUpdateService {
        /// Windows only.
        NotAllowed = 0,
        /// Other Microsoft products as well.
        Allowed = 1,
    }
}
enumerated! {
    /// Whether updates from the WSUS server may be signed by others than Microsoft.
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 1.
    AllowNonMicrosoftSignedUpdate {
        /// Only Microsoft's signature counts.
        NotAllowed = 0,
        /// Certificates among the device's trusted publishers count too.
        Allowed = 1,
    }
}
enumerated! {
    /// Which optional updates and gradually released features the device takes.
    ///
    /// Since Windows 10 21H2 (10.0.19044.3757). Default 0.
    AllowOptionalContent {
        /// None.
        Nothing = 0,
        /// Optional updates and gradual feature releases.
        UpdatesAndFeatures = 1,
        /// Optional updates only.
        Updates = 2,
        /// What the user picks.
        UserChooses = 3,
    }
}
enumerated! {
    /// Whether features that come with monthly updates, switched off at first, are switched on.
    ///
    /// Since Windows 11 22H2 (10.0.22621.1194). Default 0.
    AllowTemporaryEnterpriseFeatureControl {
        /// They stay off.
        NotAllowed = 0,
        /// They are switched on.
        Allowed = 1,
    }
}
enumerated! {
    /// Whether a device with a WSUS server may connect to public update services as well: Windows Update, Microsoft Update, the Store.
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 1.
    AllowUpdateService {
        /// No public service; the Store may stop working.
        NotAllowed = 0,
        /// Yes.
        Allowed = 1,
    }
}
ranged! {
    /// Countdown before a restart that cannot be put off, after a scheduled installation.
    ///
    /// Since Windows 11 22H2 (10.0.22621). Default 15. Kept for older releases.
    AlwaysAutoRebootAtScheduledTimeMinutes: minutes, "minutes", 15, 180
}
ranged! {
    /// Days after which a pending restart for quality updates is forced.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 7. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    AutoRestartDeadlinePeriodInDays: days, "days", 2, 30
}
ranged! {
    /// Days after which a pending restart for feature updates is forced.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 7. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    AutoRestartDeadlinePeriodInDaysForFeatureUpdates: days, "days", 2, 30
}
enumerated! {
    /// How long before an automatic restart the user is reminded.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 15. Kept for older releases.
    AutoRestartNotificationSchedule {
        /// 15 minutes.
        Minutes15 = 15,
        /// 30 minutes.
        Minutes30 = 30,
        /// One hour.
        Minutes60 = 60,
        /// Two hours.
        Minutes120 = 120,
        /// Four hours.
        Minutes240 = 240,
    }
}
enumerated! {
    /// Who closes the notice that a restart is needed.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 1. Kept for older releases.
    AutoRestartRequiredNotificationDismissal {
        /// It closes by itself.
        Automatic = 1,
        /// The user has to close it.
        ByUser = 2,
    }
}
enumerated! {
    /// Whether automatic maintenance may wake the device.
    ///
    /// Since Windows 10 1903 (10.0.18362). Default 1.
    AutomaticMaintenanceWakeUp {
        /// No.
        Disabled = 0,
        /// Yes.
        Enabled = 1,
    }
}
enumerated! {
    /// The channel that feature updates come from.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 16.
    BranchReadinessLevel {
        /// Preview builds, fast ring (Dev).
        InsiderFast = 2,
        /// Preview builds, slow ring (Beta).
        InsiderSlow = 4,
        /// Release Preview.
        ReleasePreview = 8,
        /// General availability, once called the targeted channel or current branch.
        GeneralAvailability = 16,
        /// The later business branch; Windows 10 before 1903.
        BusinessReady = 32,
        /// Release Preview of quality updates only.
        ReleasePreviewQuality = 64,
        /// Preview builds, Canary.
        Canary = 128,
    }
}
ranged! {
    /// Days until a feature update is installed, whatever the user does.
    ///
    /// Since Windows 10 1903 (10.0.18362). Default 2.
    ConfigureDeadlineForFeatureUpdates: days, "days", 0, 30
}
ranged! {
    /// Days until a quality update is installed, whatever the user does.
    ///
    /// Since Windows 10 1903 (10.0.18362). Default 7.
    ConfigureDeadlineForQualityUpdates: days, "days", 0, 30
}
ranged! {
    /// Days that the user has for the restart at least, whatever the deadline says.
    ///
    /// Since Windows 10 1903 (10.0.18362). Default 2.
    ConfigureDeadlineGracePeriod: days, "days", 0, 7
}
ranged! {
    /// The same as ConfigureDeadlineGracePeriod for feature updates, on Windows 11 22H2 and later.
    ///
    /// Since Windows 10 1809 (10.0.17763.1852), with later releases by monthly update. Default 7.
    ConfigureDeadlineGracePeriodForFeatureUpdates: days, "days", 0, 7
}
enumerated! {
    /// Whether automatic restarts wait for the end of deadline and grace period.
    ///
    /// Since Windows 10 1903 (10.0.18362). Default 0. Use [`ConfigureDeadlineNoAutoRebootForFeatureUpdates`], [`ConfigureDeadlineNoAutoRebootForQualityUpdates`] instead.
    ConfigureDeadlineNoAutoReboot {
        /// Restarts outside active hours happen before as well.
        Disabled = 0,
        /// No automatic restart before.
        Enabled = 1,
    }
}
enumerated! {
    /// The same as ConfigureDeadlineNoAutoReboot for feature updates.
    ///
    /// Since Windows 11 22H2 (10.0.22621). Default 0.
    ConfigureDeadlineNoAutoRebootForFeatureUpdates {
        /// Restarts outside active hours happen before as well.
        Disabled = 0,
        /// No automatic restart before.
        Enabled = 1,
    }
}
enumerated! {
    /// The same as ConfigureDeadlineNoAutoReboot for quality updates.
    ///
    /// Since Windows 11 22H2 (10.0.22621). Default 0.
    ConfigureDeadlineNoAutoRebootForQualityUpdates {
        /// Restarts outside active hours happen before as well.
        Disabled = 0,
        /// No automatic restart before.
        Enabled = 1,
    }
}
ranged! {
    /// Days for which a feature update can be taken back.
    ///
    /// Since Windows 10 1803 (10.0.17134). Default 10.
    ConfigureFeatureUpdateUninstallPeriod: days, "days", 2, 60
}
ranged! {
    /// Days by which feature updates come later than they are released.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0.
    DeferFeatureUpdatesPeriodInDays: days, "days", 0, 365
}
ranged! {
    /// Days by which quality updates come later than they are released; definition updates never do.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0.
    DeferQualityUpdatesPeriodInDays: days, "days", 0, 30
}
ranged! {
    /// Weeks by which updates come later, on Windows 10 1511.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Kept for older releases. Use [`DeferQualityUpdatesPeriodInDays`] instead.
    DeferUpdatePeriod: weeks, "weeks", 0, 4
}
ranged! {
    /// Months by which upgrades come later, on Windows 10 1511.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Kept for older releases. Use [`DeferFeatureUpdatesPeriodInDays`] instead.
    DeferUpgradePeriod: months, "months", 0, 8
}
ranged! {
    /// Hours between two scans against WSUS; Windows adds up to four at random.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 22.
    DetectionFrequency: hours, "hours", 1, 22
}
enumerated! {
    /// Whether deferrals make a device that uses WSUS scan against Windows Update too.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Kept for older releases. Use [`SetPolicyDrivenUpdateSourceForDriverUpdates`], [`SetPolicyDrivenUpdateSourceForFeatureUpdates`], [`SetPolicyDrivenUpdateSourceForOtherUpdates`], [`SetPolicyDrivenUpdateSourceForQualityUpdates`] instead.
    DisableDualScan {
        /// They do.
        DualScan = 0,
        /// They do not.
        WsusOnly = 1,
    }
}
enumerated! {
    /// Whether a feature update is offered although Microsoft knows of a problem with the device.
    ///
    /// Since Windows 10 1809 (10.0.17763.1490), with later releases by monthly update. Default 0.
    DisableWUfBSafeguards {
        /// Microsoft's holds are respected.
        SafeguardsOn = 0,
        /// They are not; the policy resets itself after the feature update.
        SafeguardsOff = 1,
    }
}
enumerated! {
    /// Whether scans against WSUS do without certificate pinning.
    ///
    /// Since Windows 10 1507 (10.0.10240.18818), with later releases by monthly update. Default 0.
    DoNotEnforceEnterpriseTLSCertPinningForUpdateDetection {
        /// Pinning is enforced.
        Disabled = 0,
        /// It is not.
        Enabled = 1,
    }
}
ranged! {
    /// Days after which a restart that the user should have planned is forced, for quality updates.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 14. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartDeadline: days, "days", 2, 30
}
ranged! {
    /// Days after which a restart that the user should have planned is forced, for feature updates.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 14. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartDeadlineForFeatureUpdates: days, "days", 2, 30
}
ranged! {
    /// Days for which the user can put off reminders of a restart, for quality updates.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 3. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartSnoozeSchedule: days, "days", 1, 3
}
ranged! {
    /// Days for which the user can put off reminders of a restart, for feature updates.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 3. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartSnoozeScheduleForFeatureUpdates: days, "days", 1, 3
}
ranged! {
    /// Days of trying to restart outside active hours before the user has to plan the restart, for quality updates.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 7. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartTransitionSchedule: days, "days", 0, 30
}
ranged! {
    /// Days of trying to restart outside active hours before the user has to plan the restart, for feature updates.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 7. Kept for older releases. Use [`ConfigureDeadlineForFeatureUpdates`], [`ConfigureDeadlineForQualityUpdates`], [`ConfigureDeadlineGracePeriod`], [`ConfigureDeadlineGracePeriodForFeatureUpdates`] instead.
    EngagedRestartTransitionScheduleForFeatureUpdates: days, "days", 0, 30
}
enumerated! {
    /// Whether drivers come with quality updates. Leaving them out defeats driver approvals through Graph too.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0.
    ExcludeWUDriversInQualityUpdate {
        /// They come along.
        Include = 0,
        /// They do not.
        Exclude = 1,
    }
}
enumerated! {
    /// Whether missing download addresses in WSUS metadata are made up from the alternate download server.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0.
    FillEmptyContentUrls {
        /// No.
        Disabled = 0,
        /// Yes.
        Enabled = 1,
    }
}
enumerated! {
    /// Whether apps are downloaded without limit over a mobile network, on phones.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 0. Kept for older releases.
    IgnoreMOAppDownloadLimit {
        /// The operator's limit holds.
        Respect = 0,
        /// No limit; it may cost money.
        Ignore = 1,
    }
}
enumerated! {
    /// Whether updates are downloaded without limit over a mobile network, on phones.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 0. Kept for older releases.
    IgnoreMOUpdateDownloadLimit {
        /// The operator's limit holds.
        Respect = 0,
        /// No limit; it may cost money.
        Ignore = 1,
    }
}
enumerated! {
    /// Whether the device may get preview builds of Windows.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 3.
    ManagePreviewBuilds {
        /// No.
        Disabled = 0,
        /// Not any more once the next release is out.
        DisabledAfterRelease = 1,
        /// Yes.
        Enabled = 2,
        /// As the user wants.
        UserChooses = 3,
    }
}
enumerated! {
    /// Whether notifications are held back during active hours.
    ///
    /// Since Windows 11 22H2 (10.0.22621). Default 0.
    NoUpdateNotificationsDuringActiveHours {
        /// No.
        Disabled = 0,
        /// Yes, where UpdateNotificationLevel is 1 or 2.
        Enabled = 1,
    }
}
enumerated! {
    /// Whether updates and upgrades are paused for five weeks, on Windows 10 1511.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Kept for older releases. Use [`PauseFeatureUpdates`], [`PauseQualityUpdates`], [`PauseFeatureUpdatesStartTime`], [`PauseQualityUpdatesStartTime`] instead.
    PauseDeferrals {
        /// They are not.
        NotPaused = 0,
        /// They are.
        Paused = 1,
    }
}
enumerated! {
    /// Whether feature updates are paused: 60 days on 1607, 35 days since.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Use [`PauseFeatureUpdatesStartTime`] instead.
    PauseFeatureUpdates {
        /// They are not.
        NotPaused = 0,
        /// They are, until the time is over or the value is 0 again.
        Paused = 1,
    }
}
dated! {
    /// The day from which feature updates are paused, for 35 days.
    ///
    /// Since Windows 10 1703 (10.0.15063).
    PauseFeatureUpdatesStartTime
}
enumerated! {
    /// Whether quality updates are paused, for 35 days.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Use [`PauseQualityUpdatesStartTime`] instead.
    PauseQualityUpdates {
        /// They are not.
        NotPaused = 0,
        /// They are, until the time is over or the value is 0 again.
        Paused = 1,
    }
}
dated! {
    /// The day from which quality updates are paused, for 35 days.
    ///
    /// Since Windows 10 1703 (10.0.15063).
    PauseQualityUpdatesStartTime
}
ranged! {
    /// Which updates a phone takes. Long out of use.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 4. Kept for older releases. Use [`RequireUpdateApproval`] instead.
    PhoneUpdateRestrictions: level, "a number", 0, 4
}
named! {
    /// The product that TargetReleaseVersion belongs to: `Windows 11`. Setting it accepts its licence terms.
    ///
    /// Since Windows 10 2004 (10.0.19041.1202), with later releases by monthly update.
    ProductVersion
}
enumerated! {
    /// Whether upgrades come from the business branch, on Windows 10 1511.
    ///
    /// Since Windows 10 1607 (10.0.14393). Default 0. Kept for older releases. Use [`BranchReadinessLevel`] instead.
    RequireDeferUpgrade {
        /// They do not.
        CurrentBranch = 0,
        /// They do.
        BusinessBranch = 1,
    }
}
enumerated! {
    /// Whether only approved updates are installed (Update CSP, ApprovedUpdates).
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 0. Kept for older releases.
    RequireUpdateApproval {
        /// Everything that applies is installed.
        NotRequired = 0,
        /// Only what applies and is approved.
        Required = 1,
    }
}
enumerated! {
    /// How long before an automatic restart the last warning comes.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 15. Kept for older releases.
    ScheduleImminentRestartWarning {
        /// 15 minutes.
        Minutes15 = 15,
        /// 30 minutes.
        Minutes30 = 30,
        /// One hour.
        Minutes60 = 60,
    }
}
enumerated! {
    /// How long before an automatic restart the first warning comes.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 4. Kept for older releases.
    ScheduleRestartWarning {
        /// Two hours.
        Hours2 = 2,
        /// Four hours.
        Hours4 = 4,
        /// Eight hours.
        Hours8 = 8,
        /// Twelve hours.
        Hours12 = 12,
        /// A day.
        Hours24 = 24,
    }
}
enumerated! {
    /// The day of scheduled installations.
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 0.
    ScheduledInstallDay {
        /// Each day.
        EveryDay = 0,
        /// Sundays.
        Sunday = 1,
        /// Mondays.
        Monday = 2,
        /// Tuesdays.
        Tuesday = 3,
        /// Wednesdays.
        Wednesday = 4,
        /// Thursdays.
        Thursday = 5,
        /// Fridays.
        Friday = 6,
        /// Saturdays.
        Saturday = 7,
    }
}
enumerated! {
    /// Whether the schedule runs in each week.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 1.
    ScheduledInstallEveryWeek {
        /// Only in the weeks of the other policies.
        No = 0,
        /// In each.
        Yes = 1,
    }
}
enumerated! {
    /// Whether the schedule runs in the month's first week, days 1 to 7.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 0.
    ScheduledInstallFirstWeek {
        /// No.
        No = 0,
        /// Yes.
        Yes = 1,
    }
}
enumerated! {
    /// Whether the schedule runs in the month's fourth week, day 22 to its end.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 0.
    ScheduledInstallFourthWeek {
        /// No.
        No = 0,
        /// Yes.
        Yes = 1,
    }
}
enumerated! {
    /// Whether the schedule runs in the month's second week, days 8 to 14.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 0.
    ScheduledInstallSecondWeek {
        /// No.
        No = 0,
        /// Yes.
        Yes = 1,
    }
}
enumerated! {
    /// Whether the schedule runs in the month's third week, days 15 to 21.
    ///
    /// Since Windows 10 1709 (10.0.16299). Default 0.
    ScheduledInstallThirdWeek {
        /// No.
        No = 0,
        /// Yes.
        Yes = 1,
    }
}
ranged! {
    /// The hour of scheduled installations; they begin within about half an hour of it.
    ///
    /// Since Windows 10 1507 (10.0.10240). Default 3.
    ScheduledInstallTime: at, "hour of day", 0, 23
}
enumerated! {
    /// Whether notifications of automatic restarts are left out.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 0. Kept for older releases.
    SetAutoRestartNotificationDisable {
        /// They are shown.
        Shown = 0,
        /// They are left out.
        Hidden = 1,
    }
}
enumerated! {
    /// Whether the user loses the possibility to pause updates.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 0.
    SetDisablePauseUXAccess {
        /// The user cannot.
        UserMayNotPause = 1,
        /// The user can pause.
        UserMayPause = 0,
    }
}
enumerated! {
    /// Whether the user loses Windows Update's page: scan, download and install.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 0.
    SetDisableUXWUAccess {
        /// The user can use it.
        UserMayScan = 0,
        /// The user cannot.
        UserMayNotScan = 1,
    }
}
enumerated! {
    /// Whether devices in a charging cart update overnight, if their batteries are charged enough.
    ///
    /// Since Windows 10 1703 (10.0.15063). Default 0.
    SetEDURestart {
        /// No.
        Disabled = 0,
        /// Yes.
        Enabled = 1,
    }
}
enumerated! {
    /// Where drivers come from, if a WSUS server is set.
    ///
    /// Since Windows 10 2004 (10.0.19041.1202), with later releases by monthly update. Default 1.
    SetPolicyDrivenUpdateSourceForDriverUpdates {
        /// Windows Update.
        WindowsUpdate = 0,
        /// The WSUS server.
        Wsus = 1,
    }
}
enumerated! {
    /// Where feature updates come from, if a WSUS server is set.
    ///
    /// Since Windows 10 2004 (10.0.19041.1202), with later releases by monthly update. Default 1.
    SetPolicyDrivenUpdateSourceForFeatureUpdates {
        /// Windows Update.
        WindowsUpdate = 0,
        /// The WSUS server.
        Wsus = 1,
    }
}
enumerated! {
    /// Where updates of other products come from, if a WSUS server is set.
    ///
    /// Since Windows 10 2004 (10.0.19041.1202), with later releases by monthly update. Default 1.
    SetPolicyDrivenUpdateSourceForOtherUpdates {
        /// Windows Update.
        WindowsUpdate = 0,
        /// The WSUS server.
        Wsus = 1,
    }
}
enumerated! {
    /// Where quality updates come from, if a WSUS server is set.
    ///
    /// Since Windows 10 2004 (10.0.19041.1202), with later releases by monthly update. Default 1.
    SetPolicyDrivenUpdateSourceForQualityUpdates {
        /// Windows Update.
        WindowsUpdate = 0,
        /// The WSUS server.
        Wsus = 1,
    }
}
enumerated! {
    /// Whether scans against WSUS may fall back to the user's proxy.
    ///
    /// Since Windows 10 1507 (10.0.10240.18696), with later releases by monthly update. Default 0.
    SetProxyBehaviorForUpdateDetection {
        /// The system's proxy only.
        SystemProxy = 0,
        /// The user's proxy where the system's fails.
        UserProxyFallback = 1,
    }
}
named! {
    /// The release of Windows to move to and to stay on: `24H2`. Needs ProductVersion.
    ///
    /// Since Windows 10 1803 (10.0.17134.1488), with later releases by monthly update.
    TargetReleaseVersion
}
enumerated! {
    /// Which notifications of updates the user sees.
    ///
    /// Since Windows 10 1809 (10.0.17763). Default 0.
    UpdateNotificationLevel {
        /// All.
        Default = 0,
        /// Warnings of restarts only.
        RestartWarningsOnly = 1,
        /// None, not even those.
        Nothing = 2,
    }
}
served! {
    /// The WSUS server to use instead of Windows Update. Deleting the policy, not emptying it, is the way back.
    ///
    /// Since Windows 10 1507 (10.0.10240).
    UpdateServiceUrl
}
served! {
    /// Another server to download from, beside the WSUS server.
    ///
    /// Since Windows 10 1607 (10.0.14393).
    UpdateServiceUrlAlternate
}
