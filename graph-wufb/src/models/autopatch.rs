//! Windows Autopatch: quality update policies with rings, rules and approvals.

use super::content::{ApplicableContent, CatalogEntry};
use super::ids::{CatalogEntryId, GroupId, PolicyApprovalId, PolicyId, RingId};
use super::object::{model, polymorphic};
use super::open::{ApprovalStatus, Open, QualityUpdateCadence, QualityUpdateClassification};
use super::time::GraphDateTime;
use crate::json::RawObject;

polymorphic! {
    /// A policy of Autopatch (CSDL `policy`, abstract).
    pub enum Policy = "policy" ("a policy") {
        /// For quality updates; also where the abstract type's name is sent, as the documentation
        /// does.
        QualityUpdate(QualityUpdatePolicy) = "qualityUpdatePolicy" | "policy",
    }
}

model! {
    /// A policy for quality updates (CSDL `qualityUpdatePolicy`).
    pub struct QualityUpdatePolicy = "qualityUpdatePolicy" {
        /// The ID.
        id: PolicyId = "id",
        /// Which content is approved by itself.
        approval_rules: Vec<ApprovalRule> = "approvalRules",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// A description, at most 1,500 characters (documentation, policy-create).
        description: String = "description",
        /// The name to show, at most 200 characters (documentation, policy-create).
        display_name: String = "displayName",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// What applies to its devices, if expanded.
        applicable_content: Vec<ApplicableContent> = "applicableContent",
        /// What was approved or held back, if expanded.
        approvals: Vec<PolicyApproval> = "approvals",
        /// Who gets content when, if expanded.
        rings: Vec<Ring> = "rings",
    }
}

polymorphic! {
    /// A rule that approves content by itself (CSDL `approvalRule`, abstract).
    pub enum ApprovalRule = "approvalRule" ("an approval rule") {
        /// For quality updates.
        Quality(QualityUpdateApprovalRule) = "qualityUpdateApprovalRule",
        /// For recovery updates.
        Recovery(RecoveryApprovalRule) = "recoveryApprovalRule",
        /// The abstract type's name.
        Abstract(ApprovalRuleBase) = "approvalRule",
    }
}

model! {
    /// What every rule has (CSDL `approvalRule`).
    pub struct ApprovalRuleBase = "approvalRule" {
        /// Days after publication, 0 to 30 (documentation).
        deferral_in_days: i32 = "deferralInDays",
    }
}

model! {
    /// A rule for quality updates (CSDL `qualityUpdateApprovalRule`).
    pub struct QualityUpdateApprovalRule = "qualityUpdateApprovalRule" {
        /// Days after publication, 0 to 30 (documentation).
        deferral_in_days: i32 = "deferralInDays",
        /// Monthly or in between.
        cadence: Open<QualityUpdateCadence> = "cadence",
        /// Security or not.
        classification: Open<QualityUpdateClassification> = "classification",
    }
}

model! {
    /// A rule for recovery updates (CSDL `recoveryApprovalRule`).
    pub struct RecoveryApprovalRule = "recoveryApprovalRule" {
        /// Days after publication, 0 to 30 (documentation).
        deferral_in_days: i32 = "deferralInDays",
    }
}

model! {
    /// Content that a policy offers or holds back (CSDL `policyApproval`). It cannot be deleted,
    /// only suspended (*Observed*: the service answers 400).
    pub struct PolicyApproval = "policyApproval" {
        /// The ID.
        id: PolicyApprovalId = "id",
        /// The ID of the update. Cannot be changed (*Observed*).
        catalog_entry_id: CatalogEntryId = "catalogEntryId",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// Offered or held back.
        status: Open<ApprovalStatus> = "status",
        /// The update, if expanded.
        catalog_entry: CatalogEntry = "catalogEntry",
    }
}

impl PolicyApproval {
    /// One to be sent.
    #[must_use]
    pub fn of(entry: &CatalogEntryId, status: ApprovalStatus) -> Self {
        let mut new = Self::tagged();
        new.catalog_entry_id = entry.clone().into();
        new.status = Open::from(status).into();
        new
    }
}

polymorphic! {
    /// Devices that get content at the same time (CSDL `ring`, abstract).
    pub enum Ring = "ring" ("a ring") {
        /// For quality updates; also where the abstract type's name is sent, as the documentation
        /// does.
        QualityUpdate(QualityUpdateRing) = "qualityUpdateRing" | "ring",
    }
}

model! {
    /// Devices that get quality updates at the same time (CSDL `qualityUpdateRing`).
    pub struct QualityUpdateRing = "qualityUpdateRing" {
        /// The ID.
        id: RingId = "id",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// Days after approval, 0 to 30 (documentation).
        deferral_in_days: i32 = "deferralInDays",
        /// A description.
        description: String = "description",
        /// The name to show.
        display_name: String = "displayName",
        /// Groups whose devices are not in it.
        excluded_group_assignment: ExcludedGroupAssignment = "excludedGroupAssignment",
        /// Groups whose devices are in it.
        included_group_assignment: IncludedGroupAssignment = "includedGroupAssignment",
        /// Whether nothing is offered.
        is_paused: bool = "isPaused",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// Whether devices that can get updates without a restart get them so.
        is_hotpatch_enabled: bool = "isHotpatchEnabled",
    }
}

polymorphic! {
    /// Groups that are in or not in a ring (CSDL `groupAssignment`, abstract).
    pub enum GroupAssignment = "groupAssignment" ("a group assignment") {
        /// In.
        Included(IncludedGroupAssignment) = "includedGroupAssignment",
        /// Not in.
        Excluded(ExcludedGroupAssignment) = "excludedGroupAssignment",
    }
}

model! {
    /// Groups that are in a ring (CSDL `includedGroupAssignment`).
    pub struct IncludedGroupAssignment = "includedGroupAssignment" {
        /// The groups.
        assignments: Vec<AssignedGroup> = "assignments",
    }
}

model! {
    /// Groups that are not in a ring (CSDL `excludedGroupAssignment`).
    pub struct ExcludedGroupAssignment = "excludedGroupAssignment" {
        /// The groups.
        assignments: Vec<AssignedGroup> = "assignments",
    }
}

model! {
    /// A group of Microsoft Entra (CSDL `assignedGroup`).
    pub struct AssignedGroup = "assignedGroup" {
        /// Its ID.
        group_id: GroupId = "groupId",
        /// The group, if expanded.
        group: RawObject = "group",
    }
}

impl AssignedGroup {
    /// A group to send in a request.
    #[must_use]
    pub fn of(id: &GroupId) -> Self {
        Self { group_id: id.clone().into(), ..Self::default() }
    }
}
