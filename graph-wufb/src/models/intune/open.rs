//! Words of Intune's resources.

use crate::models::open::vocabulary_of;

vocabulary_of! {
    "microsoft.graph.";

    /// How updates are downloaded and installed (`automaticUpdateMode`).
    pub enum AutomaticUpdateMode = "automaticUpdateMode" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// The user is asked before the download.
        NotifyDownload = "notifyDownload",
        /// Installed while the device is maintained.
        AutoInstallAtMaintenanceTime = "autoInstallAtMaintenanceTime",
        /// The same, with a restart.
        AutoInstallAndRebootAtMaintenanceTime = "autoInstallAndRebootAtMaintenanceTime",
        /// Installed at a set time, with a restart.
        AutoInstallAndRebootAtScheduledTime = "autoInstallAndRebootAtScheduledTime",
        /// Installed with a restart, and the user cannot change it.
        AutoInstallAndRebootWithoutEndUserControl = "autoInstallAndRebootWithoutEndUserControl",
        /// As Windows does without a policy.
        WindowsDefault = "windowsDefault",
    }

    /// Who closes the notice before a restart (`autoRestartNotificationDismissalMethod`).
    pub enum AutoRestartNotificationDismissal = "autoRestartNotificationDismissalMethod" hides [] {
        /// Not set.
        NotConfigured = "notConfigured",
        /// It closes by itself.
        Automatic = "automatic",
        /// The user has to.
        User = "user",
    }

    /// From where updates are downloaded (`windowsDeliveryOptimizationMode`).
    pub enum DeliveryOptimizationMode = "windowsDeliveryOptimizationMode" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// From the source only.
        HttpOnly = "httpOnly",
        /// Also from devices behind the same NAT.
        HttpWithPeeringNat = "httpWithPeeringNat",
        /// Also from devices of a group.
        HttpWithPeeringPrivateGroup = "httpWithPeeringPrivateGroup",
        /// Also from devices on the Internet.
        HttpWithInternetPeering = "httpWithInternetPeering",
        /// Without Delivery Optimization's service.
        SimpleDownload = "simpleDownload",
        /// By BITS.
        BypassMode = "bypassMode",
    }

    /// Which builds before a release (`prereleaseFeatures`).
    pub enum PrereleaseFeatures = "prereleaseFeatures" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// Settings only.
        SettingsOnly = "settingsOnly",
        /// Settings and experiments.
        SettingsAndExperimentations = "settingsAndExperimentations",
        /// None.
        NotAllowed = "notAllowed",
    }

    /// The servicing channel (`windowsUpdateType`).
    pub enum ServicingChannel = "windowsUpdateType" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// General availability.
        All = "all",
        /// The channel that ended with Windows 10, version 1903.
        BusinessReadyOnly = "businessReadyOnly",
        /// Windows Insider, fast.
        WindowsInsiderBuildFast = "windowsInsiderBuildFast",
        /// Windows Insider, slow.
        WindowsInsiderBuildSlow = "windowsInsiderBuildSlow",
        /// Windows Insider, release preview.
        WindowsInsiderBuildRelease = "windowsInsiderBuildRelease",
    }

    /// In which weeks of a month updates are installed (`windowsUpdateForBusinessUpdateWeeks`, a
    /// set: several words come with commas between them, and are then no known word).
    pub enum UpdateWeeks = "windowsUpdateForBusinessUpdateWeeks" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// The first.
        FirstWeek = "firstWeek",
        /// The second.
        SecondWeek = "secondWeek",
        /// The third.
        ThirdWeek = "thirdWeek",
        /// The fourth.
        FourthWeek = "fourthWeek",
        /// All.
        EveryWeek = "everyWeek",
    }

    /// What the user is told (`windowsUpdateNotificationDisplayOption`).
    pub enum NotificationDisplayOption = "windowsUpdateNotificationDisplayOption" hides [] {
        /// Not set.
        NotConfigured = "notConfigured",
        /// As Windows does without a policy.
        DefaultNotifications = "defaultNotifications",
        /// Of restarts only.
        RestartWarningsOnly = "restartWarningsOnly",
        /// Nothing.
        DisableAllNotifications = "disableAllNotifications",
    }

    /// On or off (`enablement`).
    pub enum Enablement = "enablement" hides [] {
        /// Not set.
        NotConfigured = "notConfigured",
        /// On.
        Enabled = "enabled",
        /// Off.
        Disabled = "disabled",
    }

    /// On which days (`weeklySchedule`).
    pub enum WeeklySchedule = "weeklySchedule" hides [] {
        /// As the user sets it.
        UserDefined = "userDefined",
        /// Every day.
        Everyday = "everyday",
        /// Sundays.
        Sunday = "sunday",
        /// Mondays.
        Monday = "monday",
        /// Tuesdays.
        Tuesday = "tuesday",
        /// Wednesdays.
        Wednesday = "wednesday",
        /// Thursdays.
        Thursday = "thursday",
        /// Fridays.
        Friday = "friday",
        /// Saturdays.
        Saturday = "saturday",
    }

    /// How far a device is (`windowsUpdateStatus`).
    pub enum UpdateStatus = "windowsUpdateStatus" hides [] {
        /// Nothing is missing.
        UpToDate = "upToDate",
        /// Something waits to be installed.
        PendingInstallation = "pendingInstallation",
        /// A restart is due.
        PendingReboot = "pendingReboot",
        /// It did not work.
        Failed = "failed",
    }

    /// What to do with a driver (`driverApprovalAction`).
    pub enum DriverApprovalAction = "driverApprovalAction" hides [] {
        /// Offer it.
        Approve = "approve",
        /// Never offer it.
        Decline = "decline",
        /// Stop offering it.
        Suspend = "suspend",
    }

    /// What was decided about a driver (`driverApprovalStatus`).
    pub enum DriverApprovalStatus = "driverApprovalStatus" hides [] {
        /// Nothing yet.
        NeedsReview = "needsReview",
        /// Not to offer it.
        Declined = "declined",
        /// To offer it.
        Approved = "approved",
        /// To stop offering it.
        Suspended = "suspended",
    }

    /// Which drivers (`driverCategory`).
    pub enum DriverCategory = "driverCategory" hides [] {
        /// The newest that the maker recommends.
        Recommended = "recommended",
        /// One that was approved before.
        PreviouslyApproved = "previouslyApproved",
        /// Others.
        Other = "other",
    }

    /// Who approves drivers (`driverUpdateProfileApprovalType`).
    pub enum DriverProfileApprovalType = "driverUpdateProfileApprovalType" hides [] {
        /// An administrator.
        Manual = "manual",
        /// Recommended ones approve themselves.
        Automatic = "automatic",
    }

    /// How the inventory of drivers went (`windowsDriverUpdateProfileInventorySyncState`).
    pub enum InventorySyncState = "windowsDriverUpdateProfileInventorySyncState" hides [] {
        /// It is not done.
        Pending = "pending",
        /// It worked.
        Success = "success",
        /// It did not.
        Failure = "failure",
    }

    /// What was decided about a quality update (`windowsQualityUpdateApprovalStatus`).
    pub enum QualityApprovalStatus = "windowsQualityUpdateApprovalStatus" hides [] {
        /// Not known.
        Unknown = "unknown",
        /// To offer it.
        Approved = "approved",
        /// To stop offering it.
        Suspended = "suspended",
    }

    /// How a quality update is published (`windowsQualityUpdateCadence`).
    pub enum QualityCadence = "windowsQualityUpdateCadence" hides [] {
        /// With the month's others.
        Monthly = "monthly",
        /// In between.
        OutOfBand = "outOfBand",
    }

    /// Which quality updates (`windowsQualityUpdateCategory`).
    pub enum QualityCategory = "windowsQualityUpdateCategory" hides ["quickMachineRecovery"] {
        /// All.
        All = "all",
        /// Security updates.
        Security = "security",
        /// Others.
        NonSecurity = "nonSecurity",
        /// Repairs of devices that do not start. Above the sentinel: see
        /// [`Vocabulary::HIDDEN`](crate::models::Vocabulary::HIDDEN).
        QuickMachineRecovery = "quickMachineRecovery",
    }

    /// What to do with a quality update (`windowsQualityUpdatePolicyActionType`).
    pub enum PolicyActionType = "windowsQualityUpdatePolicyActionType" hides [] {
        /// Offer it.
        Approve = "approve",
        /// Stop offering it.
        Suspend = "suspend",
    }

    /// Who approves quality updates (`windowsQualityUpdatePolicyApprovalMethodType`).
    pub enum PolicyApprovalMethod = "windowsQualityUpdatePolicyApprovalMethodType" hides [] {
        /// An administrator.
        Manual = "manual",
        /// They approve themselves.
        Automatic = "automatic",
    }

    /// How bad the worst vulnerability is (`windowsUpdateCveSeverityLevel`).
    pub enum CatalogCveSeverityLevel = "windowsUpdateCveSeverityLevel" hides [] {
        /// Critical.
        Critical = "critical",
        /// Important.
        Important = "important",
        /// Moderate.
        Moderate = "moderate",
    }
}
