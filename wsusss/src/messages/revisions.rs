//! Which revisions there are: GetRevisionIdList (MS-WSUSSS 3.1.4.5), and GetRelatedRevisionsForUpdates
//! (3.1.4.9).

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

    /// Asks for related revisions (GetRelatedRevisionsForUpdates): for the revision that an update
    /// has now, by its identifier alone.
    ///
    /// *Specified* (MS-WSUSSS 3.1.4.9): the protocol does not use it, and a server has to ignore it.
    /// *Observed* at second hand, in the code of ArchiveTeam/microsoftupdate-grab (microsoftupdate.lua),
    /// without a capture: `sws.update.microsoft.com` does answer, with the current revision of an
    /// update, perhaps among those of others, and with none where it knows no update of that
    /// identifier. How many may be asked for at a time is not known; there it is one. What WSUS
    /// answers was not seen.
    ///
    /// It is for devices that name a revision which the server does not give (windows-itpro-docs#6883:
    /// revision 1). The sync machine asks so with
    /// [`Config::current_revisions`](crate::sync::Config::current_revisions); by hand:
    ///
    /// ```
    /// use wsusss::messages::{self, Cookie, Message, RelatedRevisionsRequest, Soap, UpdateDataRequest};
    /// use wsusss::{Limits, UpdateId};
    ///
    /// # fn post(action: String, body: &[u8]) -> Vec<u8> {
    /// #     assert!(action.ends_with("/GetRelatedRevisionsForUpdates") && body.len() > 200);
    /// #     b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
    /// #     <GetRelatedRevisionsForUpdatesResponse xmlns='http://www.microsoft.com/SoftwareDistribution'>\
    /// #     <GetRelatedRevisionsForUpdatesResult><UpdateIdentity>\
    /// #     <UpdateID>44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a</UpdateID><RevisionNumber>200</RevisionNumber>\
    /// #     </UpdateIdentity></GetRelatedRevisionsForUpdatesResult></GetRelatedRevisionsForUpdatesResponse>\
    /// #     </s:Body></s:Envelope>".to_vec()
    /// # }
    /// let cookie = Cookie::default(); // yours, of GetCookie
    /// let id: UpdateId = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a".parse()?;
    /// let request = RelatedRevisionsRequest::new(cookie.clone(), vec![id]);
    /// let request = Message::GetRelatedRevisionsForUpdates(request);
    /// let mut body = Vec::new();
    /// messages::encode(Soap::V11, &request, &mut body)?;
    /// let answer = post(messages::soap_action(&request), &body); // your HTTP
    ///
    /// let (_, answer) = messages::decode(&answer, &Limits::default())?;
    /// let current = match &answer {
    ///     Message::GetRelatedRevisionsForUpdatesResponse(told) => {
    ///         told.iter().filter(|key| key.id == id).max().copied()
    ///     }
    ///     _ => None, // a fault: this server does not tell
    /// };
    /// assert_eq!(current.map(|key| key.revision), Some(200));
    /// let documents = UpdateDataRequest::new(cookie, Vec::from_iter(current));
    /// # assert_eq!(documents.update_ids.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

impl RelatedRevisionsRequest {
    /// A request for these updates.
    #[must_use]
    pub fn new(cookie: impl Into<Presence<Cookie>>, update_ids: impl Into<List<UpdateId>>) -> Self {
        Self { cookie: cookie.into(), update_ids: update_ids.into() }
    }
}

impl IdAndDelta {
    /// This category; with `delta` only what changed since the anchor.
    #[must_use]
    pub fn new(id: impl Into<Guid>, delta: bool) -> Self {
        Self { id: Presence::Value(id.into()), delta: Presence::Value(delta) }
    }
}
