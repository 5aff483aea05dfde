//! Updates in the catalog, and which devices they apply to.

use super::ids::{CatalogEntryId, DeviceId};
use super::object::{model, polymorphic};
use super::open::{CveSeverityLevel, Open, QualityUpdateCadence, QualityUpdateClassification};
use super::product::ProductRevision;
use super::time::GraphDateTime;
use crate::json::{Number, RawObject};

polymorphic! {
    /// An update in the catalog (CSDL `catalogEntry` and its subtypes).
    pub enum CatalogEntry = "catalogEntry" ("a catalog entry") {
        /// A driver or firmware.
        Driver(DriverUpdateCatalogEntry) = "driverUpdateCatalogEntry",
        /// A feature update.
        Feature(FeatureUpdateCatalogEntry) = "featureUpdateCatalogEntry",
        /// A quality update.
        Quality(QualityUpdateCatalogEntry) = "qualityUpdateCatalogEntry",
        /// A recovery update.
        Recovery(RecoveryUpdateCatalogEntry) = "recoveryUpdateCatalogEntry",
        /// An abstract type's name: the documentation sends such.
        Abstract(CatalogEntryBase) = "softwareUpdateCatalogEntry" | "catalogEntry",
    }
}

impl CatalogEntry {
    /// The ID, whatever the type.
    #[must_use]
    pub fn id(&self) -> Option<CatalogEntryId> {
        match self {
            Self::Driver(entry) => entry.id.get().cloned(),
            Self::Feature(entry) => entry.id.get().cloned(),
            Self::Quality(entry) => entry.id.get().cloned(),
            Self::Recovery(entry) => entry.id.get().cloned(),
            Self::Abstract(entry) => entry.id.get().cloned(),
            Self::Other(object) => object.text("id").and_then(|id| CatalogEntryId::new(id).ok()),
        }
    }

    /// The name to show, whatever the type; empty if there is none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        match self {
            Self::Driver(entry) => entry.display_name.text(),
            Self::Feature(entry) => entry.display_name.text(),
            Self::Quality(entry) => entry.display_name.text(),
            Self::Recovery(entry) => entry.display_name.text(),
            Self::Abstract(entry) => entry.display_name.text(),
            Self::Other(object) => object.text("displayName").unwrap_or_default(),
        }
    }
}

model! {
    /// What every update in the catalog has (CSDL `catalogEntry`).
    pub struct CatalogEntryBase = "catalogEntry" {
        /// The ID.
        id: CatalogEntryId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: GraphDateTime = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
    }
}

model! {
    /// A driver or firmware (CSDL `driverUpdateCatalogEntry`).
    pub struct DriverUpdateCatalogEntry = "driverUpdateCatalogEntry" {
        /// The ID: a hash.
        id: CatalogEntryId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: GraphDateTime = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// A description.
        description: String = "description",
        /// The class of the device that it drives.
        driver_class: String = "driverClass",
        /// Who provides it.
        provider: String = "provider",
        /// Its INF file.
        setup_information_file: String = "setupInformationFile",
        /// Who makes the device.
        manufacturer: String = "manufacturer",
        /// Its version.
        version: String = "version",
        /// When that version was made.
        version_date_time: GraphDateTime = "versionDateTime",
    }
}

model! {
    /// A feature update (CSDL `featureUpdateCatalogEntry`).
    pub struct FeatureUpdateCatalogEntry = "featureUpdateCatalogEntry" {
        /// The ID.
        id: CatalogEntryId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: GraphDateTime = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// The version, such as `24H2`.
        version: String = "version",
        /// The build.
        build_number: String = "buildNumber",
    }
}

model! {
    /// A quality update (CSDL `qualityUpdateCatalogEntry`).
    pub struct QualityUpdateCatalogEntry = "qualityUpdateCatalogEntry" {
        /// The ID.
        id: CatalogEntryId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: GraphDateTime = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// Its name in the Update Catalog.
        catalog_name: String = "catalogName",
        /// Its short name, such as `2023.08 B`.
        short_name: String = "shortName",
        /// Whether it can be expedited.
        is_expeditable: bool = "isExpeditable",
        /// Security or not.
        quality_update_classification: Open<QualityUpdateClassification>
            = "qualityUpdateClassification",
        /// Monthly or in between.
        quality_update_cadence: Open<QualityUpdateCadence> = "qualityUpdateCadence",
        /// What it mends.
        cve_severity_information: CveSeverityInformation = "cveSeverityInformation",
        /// The builds that it leads to, if expanded.
        product_revisions: Vec<ProductRevision> = "productRevisions",
    }
}

model! {
    /// The vulnerabilities that a quality update mends (CSDL `qualityUpdateCveSeverityInformation`).
    pub struct CveSeverityInformation = "qualityUpdateCveSeverityInformation" {
        /// The highest CVSS base score, 0 to 10.
        max_base_score: Number = "maxBaseScore",
        /// The worst severity.
        max_severity: Open<CveSeverityLevel> = "maxSeverity",
        /// Those that are being exploited. A navigation property in a complex type.
        exploited_cves: Vec<CveInformation> = "exploitedCves",
    }
}

model! {
    /// A vulnerability (CSDL `cveInformation`).
    pub struct CveInformation = "cveInformation" {
        /// Its number, such as `CVE-2023-32046`.
        number: String = "number",
        /// Where it is described.
        url: String = "url",
    }
}

model! {
    /// A recovery update (CSDL `recoveryUpdateCatalogEntry`).
    pub struct RecoveryUpdateCatalogEntry = "recoveryUpdateCatalogEntry" {
        /// The ID.
        id: CatalogEntryId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Until when it can be deployed; `null` for no end.
        deployable_until_date_time: GraphDateTime = "deployableUntilDateTime",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// Its name in the Update Catalog.
        catalog_name: String = "catalogName",
        /// The builds that it leads to, if expanded.
        product_revisions: Vec<ProductRevision> = "productRevisions",
    }
}

polymorphic! {
    /// What is deployed (CSDL `deployableContent`).
    pub enum DeployableContent = "deployableContent" ("deployable content") {
        /// An update of the catalog.
        Catalog(CatalogContent) = "catalogContent",
    }
}

impl DeployableContent {
    /// The ID of the update, if this is one of the catalog.
    #[must_use]
    pub fn catalog_entry_id(&self) -> Option<CatalogEntryId> {
        match self {
            Self::Catalog(content) => content.catalog_entry.get()?.id(),
            Self::Other(object) => {
                let entry = object.get_loose("catalogEntry").and_then(|entry| entry.as_object());
                let id = entry.and_then(|entry: &RawObject| entry.text("id"))?;
                CatalogEntryId::new(id).ok()
            }
        }
    }
}

model! {
    /// An update of the catalog as content (CSDL `catalogContent`).
    pub struct CatalogContent = "catalogContent" {
        /// The update. A navigation property in a complex type: an answer may have
        /// `catalogEntry@odata.context` before it.
        catalog_entry: CatalogEntry = "catalogEntry",
    }
}

model! {
    /// An update and the devices of the audience that it applies to (CSDL `applicableContent`).
    pub struct ApplicableContent = "applicableContent" {
        /// The ID of the update.
        catalog_entry_id: CatalogEntryId = "catalogEntryId",
        /// The update.
        catalog_entry: CatalogEntry = "catalogEntry",
        /// The devices.
        matched_devices: Vec<ApplicableContentDeviceMatch> = "matchedDevices",
    }
}

impl ApplicableContent {
    /// The ID of the update, wherever it is: the seed's answer has it in `catalogEntry` only.
    #[must_use]
    pub fn entry_id(&self) -> Option<CatalogEntryId> {
        self.catalog_entry_id.get().cloned().or_else(|| self.catalog_entry.get()?.id())
    }

    /// Whether it may apply to more devices than are shown here: a link leads to the rest, or none
    /// are shown at all. [`list_matched_devices`](crate::requests::list_matched_devices) gives all.
    ///
    /// ```
    /// use graph_wufb::json::RawObject;
    /// use graph_wufb::models::{ApplicableContent, Model};
    ///
    /// let shown = RawObject::from_iter([("catalogEntryId", "5d6dede6")]);
    /// assert!(ApplicableContent::from_object(shown).has_more_devices());
    /// ```
    #[must_use]
    pub fn has_more_devices(&self) -> bool {
        let is_link = |name: &str| name.eq_ignore_ascii_case("matchedDevices@odata.nextLink");
        self.matched_devices.get().is_none()
            || self.extra.iter().any(|(name, link)| is_link(name) && !link.is_null())
    }
}

model! {
    /// A device that an update applies to (CSDL `applicableContentDeviceMatch`).
    pub struct ApplicableContentDeviceMatch = "applicableContentDeviceMatch" {
        /// The device.
        device_id: DeviceId = "deviceId",
        /// Who recommends the update for it.
        recommended_by: Vec<String> = "recommendedBy",
    }
}
