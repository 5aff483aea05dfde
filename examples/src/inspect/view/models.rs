//! Which typed model of `graph-wufb` a JSON object is, and what reading it as that has to say.

use graph_wufb::json::{Diagnostic, RawObject, Value};
use graph_wufb::models::dialect::{Change, Dialect};
use graph_wufb::models::intune::{
    CatalogItem, DriverUpdateInventory, DriverUpdateProfile, FeatureUpdateProfile,
    QualityUpdatePolicy, QualityUpdateProfile, SoftwareUpdateStatusSummary,
    UpdateForBusinessConfiguration, WindowsUpdateState,
};
use graph_wufb::models::{
    ApplicableContent, CatalogEntry, ComplianceChange, ContentApproval, Deployment,
    DeploymentAudience, Edition, KnownIssue, Model, Policy, PolicyApproval, Product,
    ProductRevision, ResourceConnection, Ring, UpdatableAsset, UpdatePolicy,
};
use graph_wufb::{Error, Response};

/// What a model's reading noted.
pub(super) struct Notes {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) dialect: Dialect,
    pub(super) changes: Vec<Change>,
    /// The objects of a page, and where the next one is.
    pub(super) page: Option<(usize, Next)>,
}

/// Whether another page comes.
pub(super) enum Next {
    None,
    Link(String),
    Unreadable,
}

/// A typed model, and how it is told.
pub(super) struct Known {
    /// What it is called.
    pub(super) name: &'static str,
    /// Short names of its types.
    types: &'static [&'static str],
    /// The last segments of the contexts that it comes with.
    lists: &'static [&'static str],
    /// Members that together say what it is.
    members: &'static [&'static [&'static str]],
    pub(super) read: fn(&Response) -> Result<Notes, Error>,
}

fn read<T: Model>(answer: &Response) -> Result<Notes, Error> {
    let value =
        answer.body.as_ref().and_then(Value::as_object).and_then(|body| body.get_loose("value"));
    if matches!(value, Some(Value::Array(_))) {
        let page = answer.page::<T>()?;
        let next = match page.next_link {
            Some(link) => Next::Link(link),
            None if page.unreadable_link => Next::Unreadable,
            None => Next::None,
        };
        return Ok(Notes {
            diagnostics: page.diagnostics,
            dialect: page.dialect,
            changes: page.changes,
            page: Some((page.items.len(), next)),
        });
    }
    Ok(match answer.entity::<T>()? {
        Some(read) => Notes {
            diagnostics: read.diagnostics,
            dialect: read.dialect,
            changes: read.changes,
            page: None,
        },
        None => Notes {
            diagnostics: Vec::new(),
            dialect: Dialect::Current,
            changes: Vec::new(),
            page: None,
        },
    })
}

macro_rules! known {
    ($($model:ty = $name:literal, [$($type:literal)*], [$($list:literal)*], [$([$($member:literal)+])*];)*) => {
        static KNOWN: &[Known] = &[$(Known {
            name: $name,
            types: &[$($type),*],
            lists: &[$($list),*],
            members: &[$(&[$($member),+]),*],
            read: read::<$model>,
        }),*];
    };
}

// Those with more telling members come first.
known! {
    Deployment = "deployment", ["deployment"], ["deployments"],
        [["content" "settings"] ["content" "state"] ["state" "audience"] ["settings" "audience"]];
    UpdatePolicy = "update policy", ["updatePolicy"], ["updatePolicies"],
        [["complianceChangeRules"] ["autoEnrollmentUpdateCategories"]];
    DeploymentAudience = "deployment audience", ["deploymentAudience"], ["deploymentAudiences"],
        [["reportingDeviceCount"] ["members" "exclusions"]];
    ComplianceChange = "compliance change", ["complianceChange" "contentApproval"],
        ["complianceChanges"], [];
    ContentApproval = "content approval", [], [], [["content" "isRevoked"] ["content" "deploymentSettings"]];
    ApplicableContent = "applicable content", ["applicableContent"], ["applicableContent"],
        [["catalogEntry" "matchedDevices"] ["catalogEntryId" "matchedDevices"]];
    CatalogEntry = "catalog entry",
        ["catalogEntry" "softwareUpdateCatalogEntry" "driverUpdateCatalogEntry"
            "featureUpdateCatalogEntry" "qualityUpdateCatalogEntry" "recoveryUpdateCatalogEntry"],
        ["entries"], [];
    UpdatableAsset = "updatable asset", ["updatableAsset" "azureADDevice" "updatableAssetGroup"],
        ["updatableAssets" "members" "exclusions"], [["enrollments"] ["enrollment"]];
    ResourceConnection = "resource connection",
        ["resourceConnection" "operationalInsightsConnection"], ["resourceConnections"], [];
    Policy = "quality update policy", ["policy" "qualityUpdatePolicy"], ["policies"],
        [["approvalRules"]];
    PolicyApproval = "policy approval", ["policyApproval"], ["approvals"],
        [["catalogEntryId" "status"]];
    Ring = "ring", ["ring" "qualityUpdateRing"], ["rings"], [];
    Product = "product", ["product"], ["products"], [["friendlyNames"] ["groupName" "editions"]];
    ProductRevision = "product revision", ["productRevision"], ["revisions"],
        [["osBuild" "knowledgeBaseArticle"]];
    Edition = "edition", ["edition"], ["editions"], [["servicingPeriods"]];
    KnownIssue = "known issue", ["knownIssue"], ["knownIssues"],
        [["knownIssueHistories"] ["safeguardHoldIds"]];
    UpdateForBusinessConfiguration = "update ring", ["windowsUpdateForBusinessConfiguration"], [],
        [["qualityUpdatesDeferralPeriodInDays"] ["featureUpdatesDeferralPeriodInDays"]];
    FeatureUpdateProfile = "feature update profile", ["windowsFeatureUpdateProfile"],
        ["windowsFeatureUpdateProfiles"], [["featureUpdateVersion" "displayName"]];
    QualityUpdateProfile = "quality update profile", ["windowsQualityUpdateProfile"],
        ["windowsQualityUpdateProfiles"], [["expeditedUpdateSettings"]];
    QualityUpdatePolicy = "quality update policy of Intune", ["windowsQualityUpdatePolicy"],
        ["windowsQualityUpdatePolicies"], [["approvalSettings"] ["hotpatchEnabled"]];
    DriverUpdateProfile = "driver update profile", ["windowsDriverUpdateProfile"],
        ["windowsDriverUpdateProfiles"], [["approvalType" "deploymentDeferralInDays"]
            ["approvalType" "displayName"]];
    DriverUpdateInventory = "driver update inventory", ["windowsDriverUpdateInventory"],
        ["driverInventories"], [["applicableDeviceCount"]];
    CatalogItem = "catalog item",
        ["windowsUpdateCatalogItem" "windowsFeatureUpdateCatalogItem"
            "windowsQualityUpdateCatalogItem"],
        ["windowsUpdateCatalogItems"], [];
    WindowsUpdateState = "update state of a device", ["windowsUpdateState"],
        ["windowsUpdateStates" "deviceUpdateStates"], [["featureUpdateVersion" "lastScanDateTime"]];
    SoftwareUpdateStatusSummary = "summary of update states", ["softwareUpdateStatusSummary"],
        ["softwareUpdateStatusSummary"], [["compliantDeviceCount" "nonCompliantDeviceCount"]];
}

/// The model of an object or of a page's objects: by `@odata.type`, by `@odata.context`, by what
/// is in it.
pub(super) fn model_of(object: &RawObject) -> Option<&'static Known> {
    // Single objects are wrapped in the documentation.
    let inner = match object.get_loose("value") {
        Some(Value::Array(items)) => items.first().and_then(Value::as_object),
        Some(Value::Object(inner)) if object.get("id").is_none() => Some(inner),
        _ => Some(object),
    };
    if let Some(inner) = inner
        && let Some(found) = inner.odata_type().and_then(by_type)
    {
        return Some(found);
    }
    // A type that has no model is told by nothing else.
    if inner.is_some_and(|inner| inner.odata_type().is_some()) {
        return None;
    }
    let context = object.text("@odata.context").and_then(by_context);
    context.or_else(|| inner.and_then(by_members))
}

fn by_type(name: &str) -> Option<&'static Known> {
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
    let short = name.strip_prefix("windowsUpdates.").unwrap_or(name);
    KNOWN.iter().find(|known| known.types.iter().any(|known| known.eq_ignore_ascii_case(short)))
}

/// The model that a context ends with:
/// `…$metadata#admin/windows/updates/deployments(content,audience())/$entity`.
fn by_context(context: &str) -> Option<&'static Known> {
    let (_, path) = context.split_once('#')?;
    if let Some(name) = path.strip_prefix("Collection(") {
        return by_type(name.trim_end_matches(')'));
    }
    let path = path.strip_suffix("/$entity").unwrap_or(path);
    // What is selected and expanded stands in brackets, and so do keys.
    let mut depth = 0usize;
    let plain: String = path
        .chars()
        .filter(|letter| {
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    let last = plain.rsplit('/').next()?;
    let ours = plain.contains("windows/updates/") || plain.contains("deviceManagement");
    let is_list = |known: &&Known| known.lists.iter().any(|list| list.eq_ignore_ascii_case(last));
    KNOWN.iter().find(is_list).filter(|_| ours).or_else(|| by_type(last))
}

fn by_members(object: &RawObject) -> Option<&'static Known> {
    let has = |name: &&str| object.get_loose(name).is_some();
    KNOWN.iter().find(|known| known.members.iter().any(|all| all.iter().all(has)))
}
