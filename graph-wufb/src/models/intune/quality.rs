//! Profiles and policies for quality updates.

use super::intune_model;
use super::open::{
    CatalogCveSeverityLevel, PolicyApprovalMethod, QualityApprovalStatus, QualityCadence,
    QualityCategory,
};
use crate::json::{Number, RawObject};
use crate::models::{GraphDateTime, IntuneProfileId, Open};

intune_model! {
    /// An expedited quality update (`windowsQualityUpdateProfile`).
    pub struct QualityUpdateProfile = "windowsQualityUpdateProfile" {
        /// The ID.
        id: IntuneProfileId = "id",
        /// To whom, if expanded.
        assignments: Vec<QualityUpdateProfileAssignment> = "assignments",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// The update's name.
        deployable_content_display_name: String = "deployableContentDisplayName",
        /// A description.
        description: String = "description",
        /// The name to show.
        display_name: String = "displayName",
        /// Which update, and how soon.
        expedited_update_settings: ExpeditedQualityUpdateSettings = "expeditedUpdateSettings",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// The update's day of publication, to show.
        release_date_display_name: String = "releaseDateDisplayName",
        /// Who may see it.
        role_scope_tag_ids: Vec<String> = "roleScopeTagIds",
    }
}

intune_model! {
    /// Which update, and how soon (`expeditedWindowsQualityUpdateSettings`).
    pub struct ExpeditedQualityUpdateSettings = "expeditedWindowsQualityUpdateSettings" {
        /// Days until a restart is forced, 0 to 2.
        days_until_forced_reboot: i32 = "daysUntilForcedReboot",
        /// The update in the catalog.
        quality_update_catalog_item_id: String = "qualityUpdateCatalogItemId",
        /// The update by its day of publication.
        quality_update_release: String = "qualityUpdateRelease",
    }
}

intune_model! {
    /// To whom a profile goes (`windowsQualityUpdateProfileAssignment`).
    pub struct QualityUpdateProfileAssignment = "windowsQualityUpdateProfileAssignment" {
        /// The ID.
        id: String = "id",
        /// The group (`deviceAndAppManagementAssignmentTarget`).
        target: RawObject = "target",
    }
}

intune_model! {
    /// Which quality updates devices get (`windowsQualityUpdatePolicy`).
    pub struct QualityUpdatePolicy = "windowsQualityUpdatePolicy" {
        /// The ID.
        id: IntuneProfileId = "id",
        /// Which are approved by whom.
        approval_settings: Vec<QualityUpdateApprovalSetting> = "approvalSettings",
        /// To whom, if expanded.
        assignments: Vec<QualityUpdatePolicyAssignment> = "assignments",
        /// When it was made.
        created_date_time: GraphDateTime = "createdDateTime",
        /// A description.
        description: String = "description",
        /// The name to show.
        display_name: String = "displayName",
        /// Whether devices that can get updates without a restart get them so.
        hotpatch_enabled: bool = "hotpatchEnabled",
        /// When it was changed.
        last_modified_date_time: GraphDateTime = "lastModifiedDateTime",
        /// Who may see it.
        role_scope_tag_ids: Vec<String> = "roleScopeTagIds",
    }
}

intune_model! {
    /// Which quality updates are approved by whom (`windowsQualityUpdateApprovalSetting`).
    pub struct QualityUpdateApprovalSetting = "windowsQualityUpdateApprovalSetting" {
        /// By whom.
        approval_method_type: Open<PolicyApprovalMethod> = "approvalMethodType",
        /// Days between publication and offer.
        deferred_deployment_in_day: i32 = "deferredDeploymentInDay",
        /// Monthly or in between.
        windows_quality_update_cadence: Open<QualityCadence> = "windowsQualityUpdateCadence",
        /// Security or not.
        windows_quality_update_category: Open<QualityCategory> = "windowsQualityUpdateCategory",
    }
}

intune_model! {
    /// To whom a policy goes (`windowsQualityUpdatePolicyAssignment`).
    pub struct QualityUpdatePolicyAssignment = "windowsQualityUpdatePolicyAssignment" {
        /// The ID.
        id: String = "id",
        /// The group (`deviceAndAppManagementAssignmentTarget`).
        target: RawObject = "target",
    }
}

intune_model! {
    /// What a policy decided about an update (`windowsQualityUpdateCatalogItemPolicyDetail`).
    pub struct CatalogItemPolicyDetail = "windowsQualityUpdateCatalogItemPolicyDetail" {
        /// What.
        approval_status: Open<QualityApprovalStatus> = "approvalStatus",
        /// The update in the catalog.
        catalog_item_id: String = "catalogItemId",
        /// The policy.
        policy_id: String = "policyId",
    }
}

intune_model! {
    /// A quality update that a profile can be made of (`windowsQualityUpdateCatalogItem`).
    pub struct QualityUpdateCatalogItem = "windowsQualityUpdateCatalogItem" {
        /// The ID.
        id: String = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// When it gets no more updates.
        end_of_support_date: GraphDateTime = "endOfSupportDate",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// Security or not.
        classification: Open<QualityCategory> = "classification",
        /// What it mends.
        cve_severity_information: CatalogCveSeverity = "cveSeverityInformation",
        /// Whether it can be expedited.
        is_expeditable: bool = "isExpeditable",
        /// The article about it.
        kb_article_id: String = "kbArticleId",
        /// The builds that it leads to.
        product_revisions: Vec<CatalogProductRevision> = "productRevisions",
        /// Monthly or in between.
        quality_update_cadence: Open<QualityCadence> = "qualityUpdateCadence",
    }
}

intune_model! {
    /// A build that an update leads to (`windowsQualityUpdateCatalogProductRevision`).
    pub struct CatalogProductRevision = "windowsQualityUpdateCatalogProductRevision" {
        /// The name to show.
        display_name: String = "displayName",
        /// The article about it.
        knowledge_base_article: CatalogArticle = "knowledgeBaseArticle",
        /// Its number.
        os_build: CatalogBuildVersion = "osBuild",
        /// The product.
        product_name: String = "productName",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// The version, such as `23H2`.
        version_name: String = "versionName",
    }
}

intune_model! {
    /// The number of a build (`windowsQualityUpdateProductBuildVersionDetail`).
    pub struct CatalogBuildVersion = "windowsQualityUpdateProductBuildVersionDetail" {
        /// The third part.
        build_number: i32 = "buildNumber",
        /// The first part.
        major_version_number: i32 = "majorVersionNumber",
        /// The second part.
        minor_version_number: i32 = "minorVersionNumber",
        /// The last part.
        update_build_revision: i32 = "updateBuildRevision",
    }
}

intune_model! {
    /// An article (`windowsQualityUpdateProductKnowledgeBaseArticle`).
    pub struct CatalogArticle = "windowsQualityUpdateProductKnowledgeBaseArticle" {
        /// Its number.
        article_id: String = "articleId",
        /// Where it is.
        article_url: String = "articleUrl",
    }
}

intune_model! {
    /// The vulnerabilities that an update mends (`windowsQualityUpdateCveSeverityInformation`).
    pub struct CatalogCveSeverity = "windowsQualityUpdateCveSeverityInformation" {
        /// Those that are being exploited.
        exploited_cves: Vec<CatalogCve> = "exploitedCves",
        /// The highest CVSS base score.
        max_base_score: Number = "maxBaseScore",
        /// The worst severity.
        max_severity_level: Open<CatalogCveSeverityLevel> = "maxSeverityLevel",
    }
}

intune_model! {
    /// A vulnerability (`windowsQualityUpdateCveDetail`).
    pub struct CatalogCve = "windowsQualityUpdateCveDetail" {
        /// Where it is described.
        cve_information_url: String = "cveInformationUrl",
        /// Its number.
        cve_number: String = "cveNumber",
    }
}
