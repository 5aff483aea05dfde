//! Which revisions there are: GetRevisionIdList (MS-WSUSSS 3.1.4.5), GetRelatedRevisionsForUpdates.

use super::authorization::{Cookie, Empty};
use super::presence::{List, Presence};
use super::records::{item, records};
use super::values::Guid;
use crate::id::{UpdateId, UpdateKey};

records! {
    /// Asks which revisions there are (GetRevisionIdList).
    RevisionRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// Which ones.
        filter: Presence<RevisionFilter> = "filter",
    }

    /// Which revisions are asked for (ServerSyncFilter).
    ///
    /// *Observed* (WSUS 2025): an anchor with `Delta` false gives everything again, with true only
    /// what changed; categories without classifications, or the other way round, give nothing.
    RevisionFilter {
        /// Reserved: "MUST NOT be sent".
        dss_protocol_version: Presence<Empty> = "DssProtocolVersion",
        /// The anchor of the last list; opaque. Absent the first time.
        anchor: Presence<String> = "Anchor",
        /// Categories, classifications and detectoids instead of updates.
        get_config: Presence<bool> = "GetConfig" [!],
        /// Only updates of the 63 common languages. The public service insists on it from protocol
        /// 1.2 on; 1.1 must not send it.
        get_63_language_only: Presence<bool> = "Get63LanguageOnly" [!],
        /// Products.
        categories: List<IdAndDelta> = "Categories",
        /// Classifications.
        classifications: List<IdAndDelta> = "Classifications",
        /// Languages; from protocol 1.3 on.
        languages: List<LanguageAndDelta> = "Languages",
    }

    /// A category, classification or computer to filter by.
    IdAndDelta {
        /// Which one.
        id: Presence<Guid> = "Id" [!],
        /// Only what changed since the anchor.
        delta: Presence<bool> = "Delta" [!],
    }

    /// A language to filter by.
    LanguageAndDelta {
        /// The locale's number (MS-LCID).
        id: Presence<i32> = "Id" [!],
        /// Only what changed since the anchor.
        delta: Presence<bool> = "Delta" [!],
    }

    /// Which revisions there are (RevisionIdList).
    RevisionList {
        /// The anchor for next time; opaque. *Observed*: `9438,2026-10-04 16:33:26.848` of WSUS,
        /// `2026-10-05 17:27:44.393` of the public service.
        anchor: Presence<String> = "Anchor",
        /// The revisions. *Observed*: an update may occur twice.
        new_revisions: List<UpdateKey> = "NewRevisions",
    }

    /// Asks for related revisions (GetRelatedRevisionsForUpdates); servers ignore it (3.1.4.9).
    RelatedRevisionsRequest {
        /// The cookie.
        cookie: Presence<Cookie> = "cookie",
        /// The updates.
        update_ids: List<UpdateId> = "updateIDs",
    }
}

item! {
    IdAndDelta = "IdAndDelta",
    LanguageAndDelta = "LanguageAndDelta",
}

impl IdAndDelta {
    /// This category; with `delta` only what changed since the anchor.
    #[must_use]
    pub fn new(id: impl Into<Guid>, delta: bool) -> Self {
        Self { id: Presence::Value(id.into()), delta: Presence::Value(delta) }
    }
}
