//! Update rings (`windowsUpdateForBusinessConfiguration`). How they map to the policies of
//! Windows is `update-csp`'s business.

use super::intune_model;
use super::open::{
    AutoRestartNotificationDismissal, AutomaticUpdateMode, DeliveryOptimizationMode, Enablement,
    NotificationDisplayOption, PrereleaseFeatures, ServicingChannel, UpdateWeeks, WeeklySchedule,
};
use super::state::WindowsUpdateState;
use crate::json::RawObject;
use crate::models::object::polymorphic;
use crate::models::{GraphDate, GraphDateTime, IntuneProfileId, Open, TimeOfDay};

intune_model! {
    /// An update ring.
    pub struct UpdateForBusinessConfiguration = "windowsUpdateForBusinessConfiguration" {
        /// The ID.
        id: IntuneProfileId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// A description.
        description: String = "description",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// How often it was changed.
        version: i32 = "version",
        /// Who may see it. Of beta, as the next four: of answers only, because rings are made and
        /// changed in v1.0, whose `deviceConfiguration` has none of them
        /// ([`lint`](crate::requests::lint()) tells).
        role_scope_tag_ids: Vec<String> = "roleScopeTagIds",
        /// Whether that can be said of it.
        supports_scope_tags: bool = "supportsScopeTags",
        /// To which modes of a device it applies.
        device_management_applicability_rule_device_mode: RawObject
            = "deviceManagementApplicabilityRuleDeviceMode",
        /// To which editions of Windows it applies.
        device_management_applicability_rule_os_edition: RawObject
            = "deviceManagementApplicabilityRuleOsEdition",
        /// To which versions of Windows it applies.
        device_management_applicability_rule_os_version: RawObject
            = "deviceManagementApplicabilityRuleOsVersion",
        /// Whether eligible devices go to Windows 11.
        allow_windows11_upgrade: bool = "allowWindows11Upgrade",
        /// How updates are downloaded and installed.
        automatic_update_mode: Open<AutomaticUpdateMode> = "automaticUpdateMode",
        /// Who closes the notice before a restart.
        auto_restart_notification_dismissal: Open<AutoRestartNotificationDismissal>
            = "autoRestartNotificationDismissal",
        /// The servicing channel.
        business_ready_updates_only: Open<ServicingChannel> = "businessReadyUpdatesOnly",
        /// How far its devices are, if expanded.
        device_update_states: Vec<WindowsUpdateState> = "deviceUpdateStates",
        /// Days until a feature update has to be installed, 0 to 30.
        deadline_for_feature_updates_in_days: i32 = "deadlineForFeatureUpdatesInDays",
        /// Days until a quality update has to be installed, 0 to 30.
        deadline_for_quality_updates_in_days: i32 = "deadlineForQualityUpdatesInDays",
        /// Days between the deadline and a forced restart, 0 to 7.
        deadline_grace_period_in_days: i32 = "deadlineGracePeriodInDays",
        /// From where updates are downloaded.
        delivery_optimization_mode: Open<DeliveryOptimizationMode> = "deliveryOptimizationMode",
        /// Whether drivers are left out. Defeats approvals of the deployment service.
        drivers_excluded: bool = "driversExcluded",
        /// Days until a restart is forced (old; deadlines replace it).
        engaged_restart_deadline_in_days: i32 = "engagedRestartDeadlineInDays",
        /// Days that the user can put a restart off (old).
        engaged_restart_snooze_schedule_in_days: i32 = "engagedRestartSnoozeScheduleInDays",
        /// Days until the user is asked (old).
        engaged_restart_transition_schedule_in_days: i32
            = "engagedRestartTransitionScheduleInDays",
        /// Days that feature updates are put off, 0 to 30 (beta: 365).
        feature_updates_deferral_period_in_days: i32 = "featureUpdatesDeferralPeriodInDays",
        /// Whether feature updates are paused.
        feature_updates_paused: bool = "featureUpdatesPaused",
        /// When that pause ends.
        feature_updates_pause_expiry_date_time: GraphDateTime
            = "featureUpdatesPauseExpiryDateTime",
        /// When that pause began.
        feature_updates_pause_start_date: GraphDate = "featureUpdatesPauseStartDate",
        /// When a feature update was rolled back.
        feature_updates_rollback_start_date_time: GraphDateTime
            = "featureUpdatesRollbackStartDateTime",
        /// Days in which a feature update can be rolled back, 2 to 60.
        feature_updates_rollback_window_in_days: i32 = "featureUpdatesRollbackWindowInDays",
        /// Whether the newest feature update is rolled back.
        feature_updates_will_be_rolled_back: bool = "featureUpdatesWillBeRolledBack",
        /// When updates are installed.
        installation_schedule: InstallSchedule = "installationSchedule",
        /// Whether other Microsoft products are updated.
        microsoft_update_service_allowed: bool = "microsoftUpdateServiceAllowed",
        /// Whether no restart is tried before the deadline.
        postpone_reboot_until_after_deadline: bool = "postponeRebootUntilAfterDeadline",
        /// Which builds before a release.
        prerelease_features: Open<PrereleaseFeatures> = "prereleaseFeatures",
        /// Days that quality updates are put off, 0 to 30.
        quality_updates_deferral_period_in_days: i32 = "qualityUpdatesDeferralPeriodInDays",
        /// Whether quality updates are paused.
        quality_updates_paused: bool = "qualityUpdatesPaused",
        /// When that pause ends.
        quality_updates_pause_expiry_date_time: GraphDateTime
            = "qualityUpdatesPauseExpiryDateTime",
        /// When that pause began.
        quality_updates_pause_start_date: GraphDate = "qualityUpdatesPauseStartDate",
        /// When a quality update was rolled back.
        quality_updates_rollback_start_date_time: GraphDateTime
            = "qualityUpdatesRollbackStartDateTime",
        /// Whether the newest quality update is rolled back.
        quality_updates_will_be_rolled_back: bool = "qualityUpdatesWillBeRolledBack",
        /// Minutes between the last warning and a restart: 15, 30 or 60.
        schedule_imminent_restart_warning_in_minutes: i32
            = "scheduleImminentRestartWarningInMinutes",
        /// Hours between the first warning and a restart: 2, 4, 8, 12 or 24.
        schedule_restart_warning_in_hours: i32 = "scheduleRestartWarningInHours",
        /// Whether battery, display and the like are not looked at before a restart.
        skip_checks_before_restart: bool = "skipChecksBeforeRestart",
        /// What the user is told.
        update_notification_level: Open<NotificationDisplayOption> = "updateNotificationLevel",
        /// In which weeks updates are installed.
        update_weeks: Open<UpdateWeeks> = "updateWeeks",
        /// Whether the user can pause updates.
        user_pause_access: Open<Enablement> = "userPauseAccess",
        /// Whether the user can look for updates.
        user_windows_update_scan_access: Open<Enablement> = "userWindowsUpdateScanAccess",
    }
}

polymorphic! {
    /// When updates are installed (`windowsUpdateInstallScheduleType`).
    pub enum InstallSchedule = "windowsUpdateInstallScheduleType" ("an install schedule") {
        /// Outside active hours.
        ActiveHours(ActiveHoursInstall) = "windowsUpdateActiveHoursInstall",
        /// At a set time.
        Scheduled(ScheduledInstall) = "windowsUpdateScheduledInstall",
        /// The abstract type's name.
        Abstract(InstallScheduleBase) = "windowsUpdateInstallScheduleType",
    }
}

intune_model! {
    /// Not said when (`windowsUpdateInstallScheduleType`).
    pub struct InstallScheduleBase = "windowsUpdateInstallScheduleType" {}
}

intune_model! {
    /// Outside active hours.
    pub struct ActiveHoursInstall = "windowsUpdateActiveHoursInstall" {
        /// Their end.
        active_hours_end: TimeOfDay = "activeHoursEnd",
        /// Their beginning.
        active_hours_start: TimeOfDay = "activeHoursStart",
    }
}

intune_model! {
    /// At a set time.
    pub struct ScheduledInstall = "windowsUpdateScheduledInstall" {
        /// On which days.
        scheduled_install_day: Open<WeeklySchedule> = "scheduledInstallDay",
        /// At what time.
        scheduled_install_time: TimeOfDay = "scheduledInstallTime",
    }
}
