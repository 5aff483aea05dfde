//! Rules that approve content by themselves, and the filters that say which content.

use super::object::{model, polymorphic};
use super::open::{Open, QualityUpdateCadence, QualityUpdateClassification, RemediationType};
use super::time::{GraphDateTime, IsoDuration};

polymorphic! {
    /// A rule of an update policy that makes compliance changes by itself (CSDL
    /// `complianceChangeRule`).
    pub enum ComplianceChangeRule = "complianceChangeRule" ("a compliance change rule") {
        /// A rule that approves content; also where the abstract type's name is sent.
        Approval(ContentApprovalRule) = "contentApprovalRule" | "complianceChangeRule",
    }
}

model! {
    /// A rule that approves the content of a filter (CSDL `contentApprovalRule`).
    pub struct ContentApprovalRule = "contentApprovalRule" {
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// When it last looked for content.
        last_evaluated_date_time: GraphDateTime = "lastEvaluatedDateTime",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// Which content.
        content_filter: ContentFilter = "contentFilter",
        /// How long after its approval the deployment starts.
        duration_before_deployment_start: IsoDuration = "durationBeforeDeploymentStart",
    }
}

impl ContentApprovalRule {
    /// Approves recommended drivers so many days after they are published, to be sent.
    ///
    /// ```
    /// use graph_wufb::models::ContentApprovalRule;
    ///
    /// assert_eq!(
    ///     ContentApprovalRule::drivers(7).to_json(),
    ///     "{\"@odata.type\":\"#microsoft.graph.windowsUpdates.contentApprovalRule\",\
    ///      \"contentFilter\":{\"@odata.type\":\
    ///      \"#microsoft.graph.windowsUpdates.driverUpdateFilter\"},\
    ///      \"durationBeforeDeploymentStart\":\"P7D\"}"
    /// );
    /// ```
    #[must_use]
    pub fn drivers(days: u32) -> Self {
        let mut rule = Self::tagged();
        rule.content_filter = ContentFilter::Driver(DriverUpdateFilter::tagged()).into();
        rule.duration_before_deployment_start = IsoDuration::days(days).into();
        rule
    }
}

polymorphic! {
    /// Which content (CSDL `contentFilter` and its subtypes).
    pub enum ContentFilter = "contentFilter" ("a content filter") {
        /// Drivers and firmware.
        Driver(DriverUpdateFilter) = "driverUpdateFilter",
        /// Quality updates.
        Quality(QualityUpdateFilter) = "qualityUpdateFilter",
        /// Remediations.
        Remediation(RemediationUpdateFilter) = "remediationUpdateFilter",
        /// An abstract type's name.
        Abstract(WindowsUpdateFilter)
            = "windowsUpdateFilter" | "softwareUpdateFilter" | "contentFilter",
    }
}

model! {
    /// Drivers and firmware (CSDL `driverUpdateFilter`).
    pub struct DriverUpdateFilter = "driverUpdateFilter" {}
}

model! {
    /// Updates of Windows, without saying which (CSDL `windowsUpdateFilter`, abstract).
    pub struct WindowsUpdateFilter = "windowsUpdateFilter" {}
}

model! {
    /// Quality updates (CSDL `qualityUpdateFilter`).
    pub struct QualityUpdateFilter = "qualityUpdateFilter" {
        /// Monthly or in between.
        cadence: Open<QualityUpdateCadence> = "cadence",
        /// Security or not.
        classification: Open<QualityUpdateClassification> = "classification",
    }
}

model! {
    /// Remediations (CSDL `remediationUpdateFilter`).
    pub struct RemediationUpdateFilter = "remediationUpdateFilter" {
        /// Of which kind.
        remediation_type: Open<RemediationType> = "remediationType",
    }
}
