//! What a server offers.

use crate::id::{UpdateId, UpdateKey};
use crate::messages::{
    Base64, DeploymentData, DriverFilter, DriverList, FileDecryption, FileUrl, Guid,
};

/// What a server offers. Changes are numbered: an anchor is the number of the last change that a
/// client has seen.
pub trait Catalog {
    /// The number of the last change.
    fn change(&self) -> u64;

    /// The newest revision of each category, classification and detectoid that has changed since,
    /// or of all. *Observed*: WSUS names some of them twice.
    fn categories(&self, since: Option<u64>) -> Vec<UpdateKey>;

    /// The newest revision of each update that the selection [takes](Selection::takes).
    fn updates(&self, selection: &Selection) -> Vec<UpdateKey>;

    /// A revision's document.
    fn document(&self, key: UpdateKey) -> Option<Stored>;

    /// Whether GetRelatedRevisionsForUpdates is answered, from
    /// [`current_revision`](Self::current_revision). MS-WSUSSS 3.1.4.9 has a server ignore it, as by
    /// default: then nobody is asked for a cookie and the answer is empty. The public service answers
    /// it (see [`RelatedRevisionsRequest`](crate::messages::RelatedRevisionsRequest)).
    fn tells_current_revisions(&self) -> bool {
        false
    }

    /// The revision that an update has now, for GetRelatedRevisionsForUpdates: asked only if
    /// [`tells_current_revisions`](Self::tells_current_revisions) says so, of a client with a cookie,
    /// and about no more than [`max_updates`](super::ServerConfig::max_updates) at a time.
    fn current_revision(&self, id: UpdateId) -> Option<u32> {
        let _ = id;
        None
    }

    /// Keys of an encrypted update's files; `None` if the update is not known.
    fn decryption(&self, key: UpdateKey) -> Option<Vec<FileDecryption>> {
        self.document(key).map(|_| Vec::new())
    }

    /// Whether a file is to be had, by its digest.
    fn has_file(&self, digest: &Base64) -> bool {
        let _ = digest;
        false
    }

    /// Drivers for computers and devices. The anchor of the answer is the server's.
    fn drivers(&self, filter: &DriverFilter, since: Option<u64>) -> DriverList {
        let _ = (filter, since);
        DriverList::default()
    }

    /// A driver set's document.
    fn driver_set(&self, id: Guid) -> Option<String> {
        let _ = id;
        None
    }

    /// Deployments for replicas, added and removed since, or all; up to the change `upto`, since the
    /// client does not have the updates of later ones. Groups, hidden updates and accepted terms
    /// are told whole (MS-WSUSSS 3.1.4.10). The anchor of the answer is the server's.
    fn deployments(&self, since: Option<u64>, upto: u64) -> DeploymentData {
        let _ = (since, upto);
        DeploymentData::default()
    }
}

impl<C: Catalog + ?Sized> Catalog for &C {
    fn change(&self) -> u64 {
        (**self).change()
    }

    fn categories(&self, since: Option<u64>) -> Vec<UpdateKey> {
        (**self).categories(since)
    }

    fn updates(&self, selection: &Selection) -> Vec<UpdateKey> {
        (**self).updates(selection)
    }

    fn document(&self, key: UpdateKey) -> Option<Stored> {
        (**self).document(key)
    }

    fn tells_current_revisions(&self) -> bool {
        (**self).tells_current_revisions()
    }

    fn current_revision(&self, id: UpdateId) -> Option<u32> {
        (**self).current_revision(id)
    }

    fn decryption(&self, key: UpdateKey) -> Option<Vec<FileDecryption>> {
        (**self).decryption(key)
    }

    fn has_file(&self, digest: &Base64) -> bool {
        (**self).has_file(digest)
    }

    fn drivers(&self, filter: &DriverFilter, since: Option<u64>) -> DriverList {
        (**self).drivers(filter, since)
    }

    fn driver_set(&self, id: Guid) -> Option<String> {
        (**self).driver_set(id)
    }

    fn deployments(&self, since: Option<u64>, upto: u64) -> DeploymentData {
        (**self).deployments(since, upto)
    }
}

/// A document as the server keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stored {
    /// Its text, or, compressed, a cabinet.
    pub document: Result<String, Base64>,
    /// Digests of its files.
    pub file_digests: Vec<Base64>,
    /// Where its files can be had.
    pub file_urls: Vec<FileUrl>,
}

impl Stored {
    /// A document as text.
    #[must_use]
    pub const fn text(document: String) -> Self {
        Self { document: Ok(document), file_digests: Vec::new(), file_urls: Vec::new() }
    }

    /// A compressed document: a cabinet.
    #[must_use]
    pub const fn cabinet(cabinet: Base64) -> Self {
        Self { document: Err(cabinet), file_digests: Vec::new(), file_urls: Vec::new() }
    }
}

/// Which updates a client asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// Products, each with whether only changes are wanted. None for all.
    pub categories: Vec<(UpdateId, bool)>,
    /// Classifications likewise.
    pub classifications: Vec<(UpdateId, bool)>,
    /// Languages (MS-LCID) likewise.
    pub languages: Vec<(i32, bool)>,
    /// The last change that the client has seen.
    pub since: Option<u64>,
    /// The second number of the client's protocol version: updates that need a later one are left
    /// out (MS-WSUSSS 3.1.4.5).
    pub protocol_minor: u32,
    /// Of updates in more than the 63 common languages nothing is wanted (Get63LanguageOnly;
    /// always so in version 1.1).
    pub only_63_languages: bool,
}

impl Selection {
    /// Whether an update belongs to it, by the categories and classifications that it is in, its
    /// last change, and the protocol version that it needs. Languages are the catalogue's matter.
    ///
    /// *Observed* (WSUS 2025): half a filter takes nothing.
    #[must_use]
    pub fn takes(&self, categories: &[UpdateId], changed: u64, needs_minor: u32) -> bool {
        let new = self.since.is_none_or(|since| changed > since);
        if needs_minor > self.protocol_minor {
            return false;
        }
        if self.categories.is_empty() && self.classifications.is_empty() {
            return new;
        }
        // Of those it is in, whether one is wanted whole.
        let of = |wanted: &[(UpdateId, bool)]| {
            let mut found = wanted.iter().filter(|(id, _)| categories.contains(id)).peekable();
            found.peek().is_some().then(|| found.any(|(_, delta)| !delta))
        };
        match (of(&self.categories), of(&self.classifications)) {
            (Some(product), Some(classification)) => new || product || classification,
            _ => false,
        }
    }
}
