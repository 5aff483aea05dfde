//! How and when content is offered (CSDL `deploymentSettings`).

use chrono::{DateTime, Utc};

use super::object::{model, polymorphic};
use super::open::{MonitoringAction, MonitoringSignal, Open, SafeguardCategory};
use super::time::{GraphDateTime, IsoDuration};

model! {
    /// How and when content is offered, of a policy, an approval or a deployment (CSDL
    /// `deploymentSettings`). An approval's settings win over its policy's, one by one.
    pub struct DeploymentSettings = "deploymentSettings" {
        /// When.
        schedule: ScheduleSettings = "schedule",
        /// What to watch.
        monitoring: MonitoringSettings = "monitoring",
        /// To which devices.
        content_applicability: ContentApplicabilitySettings = "contentApplicability",
        /// What the user sees.
        user_experience: UserExperienceSettings = "userExperience",
        /// In a hurry.
        expedite: ExpediteSettings = "expedite",
    }
}

impl DeploymentSettings {
    /// Settings that only start at a time, as the seed sends them: with `@odata.type`, without `#`.
    ///
    /// ```
    /// use graph_wufb::models::DeploymentSettings;
    ///
    /// let start = "2023-02-14T01:00:00Z".parse().unwrap();
    /// let settings = DeploymentSettings::starting(start);
    /// assert_eq!(
    ///     settings.schedule.get().unwrap().to_json(),
    ///     r#"{"startDateTime":"2023-02-14T01:00:00Z"}"#,
    /// );
    /// ```
    #[must_use]
    pub fn starting(start: DateTime<Utc>) -> Self {
        let mut settings = Self::default();
        settings.extra.insert("@odata.type", Self::TYPE);
        let schedule = ScheduleSettings {
            start_date_time: GraphDateTime::from(start).into(),
            ..Default::default()
        };
        settings.schedule = schedule.into();
        settings
    }
}

model! {
    /// When content is offered (CSDL `scheduleSettings`). A PATCH replaces it as a whole.
    pub struct ScheduleSettings = "scheduleSettings" {
        /// The first offer; without it, as soon as there are devices.
        start_date_time: GraphDateTime = "startDateTime",
        /// In which steps.
        gradual_rollout: GradualRollout = "gradualRollout",
    }
}

polymorphic! {
    /// In which steps content is offered (CSDL `gradualRolloutSettings` and its subtypes).
    pub enum GradualRollout = "gradualRolloutSettings" ("rollout settings") {
        /// So many devices at a time.
        RateDriven(RateDrivenRolloutSettings) = "rateDrivenRolloutSettings",
        /// All devices by a date.
        DateDriven(DateDrivenRolloutSettings) = "dateDrivenRolloutSettings",
        /// All devices within a time.
        DurationDriven(DurationDrivenRolloutSettings) = "durationDrivenRolloutSettings",
        /// The concrete base type: an interval only.
        Plain(GradualRolloutSettings) = "gradualRolloutSettings",
    }
}

model! {
    /// An interval only (CSDL `gradualRolloutSettings`).
    pub struct GradualRolloutSettings = "gradualRolloutSettings" {
        /// Between two offers.
        duration_between_offers: IsoDuration = "durationBetweenOffers",
    }
}

model! {
    /// So many devices at a time (CSDL `rateDrivenRolloutSettings`).
    pub struct RateDrivenRolloutSettings = "rateDrivenRolloutSettings" {
        /// Between two offers; the service's default is a day.
        duration_between_offers: IsoDuration = "durationBetweenOffers",
        /// Devices of one offer. Absent, and in answers 0, means all at once (*Observed*, seed 003).
        devices_per_offer: i32 = "devicesPerOffer",
    }
}

impl RateDrivenRolloutSettings {
    /// So many devices every so many days.
    #[must_use]
    pub fn new(devices: i32, days: u32) -> Self {
        let mut new = Self::tagged();
        new.duration_between_offers = IsoDuration::days(days).into();
        new.devices_per_offer = devices.into();
        new
    }

    /// Devices of one offer, or `None` for all at once.
    #[must_use]
    pub fn devices(&self) -> Option<i32> {
        self.devices_per_offer.get().copied().filter(|devices| *devices > 0)
    }
}

model! {
    /// All devices by a date (CSDL `dateDrivenRolloutSettings`).
    pub struct DateDrivenRolloutSettings = "dateDrivenRolloutSettings" {
        /// Between two offers.
        duration_between_offers: IsoDuration = "durationBetweenOffers",
        /// The last offer.
        end_date_time: GraphDateTime = "endDateTime",
    }
}

model! {
    /// All devices within a time (CSDL `durationDrivenRolloutSettings`).
    pub struct DurationDrivenRolloutSettings = "durationDrivenRolloutSettings" {
        /// Between two offers.
        duration_between_offers: IsoDuration = "durationBetweenOffers",
        /// From the first offer to the last.
        duration_until_deployment_end: IsoDuration = "durationUntilDeploymentEnd",
    }
}

model! {
    /// What to watch (CSDL `monitoringSettings`).
    pub struct MonitoringSettings = "monitoringSettings" {
        /// The rules; an empty list removes them.
        monitoring_rules: Vec<MonitoringRule> = "monitoringRules",
    }
}

model! {
    /// What to do when something happens too often (CSDL `monitoringRule`).
    pub struct MonitoringRule = "monitoringRule" {
        /// What is watched.
        signal: Open<MonitoringSignal> = "signal",
        /// How often is too often: percent of the devices (documentation of the resource).
        threshold: i32 = "threshold",
        /// What to do.
        action: Open<MonitoringAction> = "action",
    }
}

model! {
    /// To which devices content is offered (CSDL `contentApplicabilitySettings`).
    pub struct ContentApplicabilitySettings = "contentApplicabilitySettings" {
        /// Only while one of these recommends it; `microsoft` approves recommended drivers.
        offer_while_recommended_by: Vec<String> = "offerWhileRecommendedBy",
        /// Holds.
        safeguard: SafeguardSettings = "safeguard",
    }
}

model! {
    /// Which holds are off (CSDL `safeguardSettings`).
    pub struct SafeguardSettings = "safeguardSettings" {
        /// The holds that are off.
        disabled_safeguard_profiles: Vec<SafeguardProfile> = "disabledSafeguardProfiles",
    }
}

model! {
    /// A kind of hold (CSDL `safeguardProfile`).
    pub struct SafeguardProfile = "safeguardProfile" {
        /// The kind.
        category: Open<SafeguardCategory> = "category",
    }
}

model! {
    /// What the user sees (CSDL `userExperienceSettings`).
    pub struct UserExperienceSettings = "userExperienceSettings" {
        /// Days until a restart is forced.
        days_until_forced_reboot: i32 = "daysUntilForcedReboot",
        /// Updates without restart.
        is_hotpatch_enabled: bool = "isHotpatchEnabled",
        /// Offered as an optional update.
        offer_as_optional: bool = "offerAsOptional",
    }
}

model! {
    /// In a hurry (CSDL `expediteSettings`).
    pub struct ExpediteSettings = "expediteSettings" {
        /// Whether to hurry.
        is_expedited: bool = "isExpedited",
        /// Only test whether devices are ready.
        is_readiness_test: bool = "isReadinessTest",
    }
}
