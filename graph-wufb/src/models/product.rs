//! Products, their builds and editions, and what is known to be wrong with them.

use super::content::CatalogEntry;
use super::ids::{ArticleId, EditionId, KnownIssueId, ProductId, RevisionId};
use super::object::model;
use super::open::{BodyType, Open, ReleaseHealthStatus};
use super::time::GraphDateTime;

model! {
    /// A product, such as Windows 11, version 23H2 (CSDL `product`).
    pub struct Product = "product" {
        /// The ID.
        id: ProductId = "id",
        /// The names that people know it by.
        friendly_names: Vec<String> = "friendlyNames",
        /// The name of the group that it belongs to.
        group_name: String = "groupName",
        /// Its name.
        name: String = "name",
        /// Its editions, if expanded.
        editions: Vec<Edition> = "editions",
        /// What is wrong with it, if expanded.
        known_issues: Vec<KnownIssue> = "knownIssues",
        /// Its builds, if expanded.
        revisions: Vec<ProductRevision> = "revisions",
    }
}

model! {
    /// One build of a product (CSDL `productRevision`).
    pub struct ProductRevision = "productRevision" {
        /// The ID: the build's number in full.
        id: RevisionId = "id",
        /// The name to show.
        display_name: String = "displayName",
        /// Whether the update that leads to it needs no restart.
        is_hotpatch_update: bool = "isHotpatchUpdate",
        /// The number.
        os_build: BuildVersion = "osBuild",
        /// The product's name.
        product: String = "product",
        /// When it was published.
        release_date_time: GraphDateTime = "releaseDateTime",
        /// The version, such as `23H2`.
        version: String = "version",
        /// The update that leads to it, if expanded.
        catalog_entry: CatalogEntry = "catalogEntry",
        /// The article about it, if expanded.
        knowledge_base_article: KnowledgeBaseArticle = "knowledgeBaseArticle",
    }
}

model! {
    /// The number of a build (CSDL `buildVersionDetails`).
    pub struct BuildVersion = "buildVersionDetails" {
        /// The third part: `22631` of `10.0.22631.4317`.
        build_number: i32 = "buildNumber",
        /// The first part.
        major_version: i32 = "majorVersion",
        /// The second part.
        minor_version: i32 = "minorVersion",
        /// The last part.
        update_build_revision: i32 = "updateBuildRevision",
    }
}

impl BuildVersion {
    /// The four parts, if all are there.
    #[must_use]
    pub fn parts(&self) -> Option<[i32; 4]> {
        Some([
            *self.major_version.get()?,
            *self.minor_version.get()?,
            *self.build_number.get()?,
            *self.update_build_revision.get()?,
        ])
    }
}

model! {
    /// An article of Microsoft's support (CSDL `knowledgeBaseArticle`).
    pub struct KnowledgeBaseArticle = "knowledgeBaseArticle" {
        /// Its number, with `KB`.
        id: ArticleId = "id",
        /// Where it is.
        url: String = "url",
    }
}

model! {
    /// An edition of a product (CSDL `edition`).
    pub struct Edition = "edition" {
        /// The ID.
        id: EditionId = "id",
        /// The kind of devices that it runs on.
        device_family: String = "deviceFamily",
        /// When it gets its last update.
        end_of_service_date_time: GraphDateTime = "endOfServiceDateTime",
        /// When it came out.
        general_availability_date_time: GraphDateTime = "generalAvailabilityDateTime",
        /// Whether it gets updates.
        is_in_service: bool = "isInService",
        /// Its name.
        name: String = "name",
        /// The name that it came out under.
        released_name: String = "releasedName",
        /// The times in which it gets updates.
        servicing_periods: Vec<ServicingPeriod> = "servicingPeriods",
    }
}

model! {
    /// A time in which an edition gets updates (CSDL `servicingPeriod`).
    pub struct ServicingPeriod = "servicingPeriod" {
        /// Its end.
        end_date_time: GraphDateTime = "endDateTime",
        /// Its name.
        name: String = "name",
        /// Its beginning.
        start_date_time: GraphDateTime = "startDateTime",
    }
}

model! {
    /// Something that is wrong with a product (CSDL `knownIssue`).
    pub struct KnownIssue = "knownIssue" {
        /// The ID.
        id: KnownIssueId = "id",
        /// What happens.
        description: String = "description",
        /// What was said about it.
        known_issue_histories: Vec<KnownIssueHistoryItem> = "knownIssueHistories",
        /// When something last changed.
        last_updated_date_time: GraphDateTime = "lastUpdatedDateTime",
        /// When it was mended.
        resolved_date_time: GraphDateTime = "resolvedDateTime",
        /// The safeguard holds that keep devices from the update.
        safeguard_hold_ids: Vec<i32> = "safeguardHoldIds",
        /// When it began.
        start_date_time: GraphDateTime = "startDateTime",
        /// How far the work on it is.
        status: Open<ReleaseHealthStatus> = "status",
        /// A title.
        title: String = "title",
        /// Where it is shown.
        web_view_url: String = "webViewUrl",
        /// The article of the update that brought it, if expanded.
        originating_knowledge_base_article: KnowledgeBaseArticle
            = "originatingKnowledgeBaseArticle",
        /// The article of the update that mends it, if expanded.
        resolving_knowledge_base_article: KnowledgeBaseArticle = "resolvingKnowledgeBaseArticle",
    }
}

model! {
    /// What was said about a known issue at one time (CSDL `knownIssueHistoryItem`).
    pub struct KnownIssueHistoryItem = "knownIssueHistoryItem" {
        /// The text.
        body: ItemBody = "body",
        /// When.
        created_date_time: GraphDateTime = "createdDateTime",
    }
}

model! {
    /// A text (CSDL `itemBody`; open: other members are expected).
    pub struct ItemBody = "itemBody" {
        /// The text. HTML is not made safe to show.
        content: String = "content",
        /// How it is written.
        content_type: Open<BodyType> = "contentType",
    }
}
