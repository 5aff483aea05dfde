//! What the vendor decides.

use std::collections::BTreeSet;

use chrono::Duration;

use crate::error::Limits;
use crate::id::UpdateId;
use crate::messages::Soap;

/// The shortest interval between two runs that Microsoft allows.
pub const MIN_INTERVAL: Duration = Duration::hours(1);

/// What the vendor decides. It may change between two steps. Cookies of another server, account or
/// protocol version are dropped then, and so are anchors of another server. Another filter asks for
/// what it adds. Where a list can hold more than changes to the one before can say, it begins anew: a
/// higher protocol version, all languages instead of 63 or further ones, all products instead of
/// some, definition updates as well. What is known is not fetched again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's root, such as [`MICROSOFT_UPDATE`](crate::endpoints::MICROSOFT_UPDATE).
    pub server: String,
    /// Who asks: any name that is valid as a host's.
    pub account_name: String,
    /// Who asks: any GUID.
    pub account_guid: String,
    /// The protocol version. Default `1.20`.
    pub protocol_version: String,
    /// The version of the envelope. Default 1.1.
    pub soap: Soap,
    /// What is synced besides the updates that devices need. Default nothing.
    pub scope: Scope,
    /// Time between two runs. Default two hours; less than [`MIN_INTERVAL`] counts as that.
    pub interval: Duration,
    /// How long before its end a cookie counts as expired. Default two minutes.
    pub cookie_skew: Duration,
    /// The most updates in one request, if the server allows more. Default 100.
    pub max_batch: usize,
    /// How large an answer is to be, in bytes: the next batch is as long as documents of the size
    /// seen so far allow. Default 2,000,000, as servers bound theirs (MS-WSUSSS note 37).
    pub max_answer: usize,
    /// How long an update that the server does not have is left in peace at first; doubled each
    /// time up to a day. Default one hour.
    pub quarantine: Duration,
    /// How often a request is repeated if the server is busy, does not answer or answers nonsense,
    /// before the run is given up. What leads to a cookie counts together with the request that the
    /// cookie is for. Default 3 (MS-WSUSSS note 77).
    pub retries: u32,
    /// How many requests for documents in a row may be refused before the server is believed to
    /// fail instead of the updates to be unknown, and the run is given up. Default 64.
    pub max_failures: u32,
    /// Fetches definition updates too. Default false: there are many a day, each replaces the one
    /// before.
    pub definition_updates: bool,
    /// How deep bundles are followed: with 1, the updates in a bundle are fetched as well. Default 0:
    /// titles need no parts, and parts can be large.
    ///
    /// Who asks for licence terms sets it to `u32::MAX`: they are often those of a part, and of a
    /// bundle whose parts are not known, [`Catalog::terms`](crate::catalog::Catalog::terms) can only
    /// say that there may be more. So it stays with a bundle of which a part is a definition update,
    /// until [`Config::definition_updates`] is set. Updates that are no bundles are not concerned.
    /// What is needed at a time stays within [`Config::max_needed`]. Bundles that came while it was
    /// lower are not fetched again:
    /// [`Catalog::missing_members`](crate::catalog::Catalog::missing_members) has their parts, to be
    /// [wanted](super::Sync::want).
    pub bundles: u32,
    /// Asks what revision an update has now (GetRelatedRevisionsForUpdates) of which the server does
    /// not have the one that was named, once in a run, and fetches that. Default false. Devices were
    /// seen to name revision 1 of updates that the service has at others only
    /// (windows-itpro-docs#6883).
    ///
    /// MS-WSUSSS 3.1.4.9 has a server ignore the question, and that the public service answers it is
    /// known from the code of others alone (see
    /// [`RelatedRevisionsRequest`](crate::messages::RelatedRevisionsRequest)). Where it is ignored it
    /// costs a request in each run that comes upon such updates; where it is refused, of half as many
    /// each time until one is alone. Where that does not help, or whatever else goes wrong with it, it
    /// is not asked again in that run ([`Event::NoCurrentRevisions`](super::Event::NoCurrentRevisions)),
    /// which goes on. What is told is not [needed](super::Sync::needed) by itself: if the server does not
    /// have that either, it is forgotten.
    pub current_revisions: bool,
    /// The most updates that can be needed at a time. Default 100,000.
    pub max_needed: usize,
    /// The most bytes of documents, decompressed, and of what belongs to them that are taken out of
    /// one answer; what is more is asked for again. The last document may go past it, by
    /// [`Limits::document`] at most. Default 256 MiB: a cabinet can hold a thousand times its size,
    /// and an answer can have thousands of them.
    pub max_documents: usize,
    /// The most bytes of a cookie, an anchor, an address or a version that the server gives and
    /// that is stored and sent back. A longer one fails the run. Default 64 KiB; the longest that
    /// was seen has 280.
    pub max_token: usize,
    /// Asks for updates of the 63 common languages only (protocol 1.2 and later). Default false.
    pub only_63_languages: bool,
    /// A random number of the caller's, so that many servers do not come back at the same time:
    /// waits are up to five times as long by it. Give another one each time.
    pub jitter: u32,
    /// What answers may cost.
    pub limits: Limits,
}

impl Config {
    /// The defaults, for a server and an account.
    #[must_use]
    pub fn new(
        server: impl Into<String>,
        account_name: impl Into<String>,
        account_guid: impl Into<String>,
    ) -> Self {
        Self {
            server: server.into().trim_end_matches('/').to_owned(),
            account_name: account_name.into(),
            account_guid: account_guid.into(),
            protocol_version: "1.20".to_owned(),
            soap: Soap::V11,
            scope: Scope::default(),
            interval: Duration::hours(2),
            cookie_skew: Duration::minutes(2),
            max_batch: 100,
            max_answer: 2_000_000,
            quarantine: Duration::hours(1),
            retries: 3,
            max_failures: 64,
            definition_updates: false,
            bundles: 0,
            current_revisions: false,
            max_needed: 100_000,
            max_documents: 256 << 20,
            max_token: 64 << 10,
            only_63_languages: false,
            jitter: 0,
            limits: Limits::default(),
        }
    }

    /// The second number of the protocol version; what is no version counts as a new one.
    pub(super) fn protocol_minor(&self) -> u32 {
        let minor = self.protocol_version.trim().strip_prefix("1.");
        minor.and_then(|minor| minor.parse().ok()).unwrap_or(u32::MAX)
    }
}

/// What is synced besides the updates that devices need.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// Nothing: Microsoft's recommendation to MDM vendors.
    #[default]
    Needed,
    /// Categories, classifications and detectoids, so that products have names.
    Categories,
    /// Those, and the updates of a filter.
    Updates(Filter),
}

/// Which updates are synced: of some products and some classifications, or all there are.
///
/// A filter by one of the two alone cannot be made: servers answer it with an empty list.
///
/// ```
/// use wsusss::UpdateId;
/// use wsusss::sync::Filter;
///
/// let products = ["8c3fcc84-7410-4a95-8b89-a166a0190486".parse()?];
/// assert!(Filter::new(products, []).is_none());
/// let filter = Filter::new(products, [UpdateId::DEFINITION_UPDATES]).ok_or("empty")?;
/// assert_eq!(filter.products().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Filter {
    /// Empty for all.
    categories: BTreeSet<UpdateId>,
    classifications: BTreeSet<UpdateId>,
    /// Empty for all.
    languages: BTreeSet<i32>,
    /// Definition updates of the list were left out.
    without_definitions: bool,
    /// The second number of the protocol version that the list was asked for with: servers leave
    /// out what needs a later one. What a state of before does not say counts as the lowest.
    #[cfg_attr(feature = "serde", serde(default))]
    protocol_minor: u32,
    /// The list was asked for in the 63 common languages.
    #[cfg_attr(feature = "serde", serde(default))]
    only_63_languages: bool,
}

impl Filter {
    /// Updates of these products and these classifications; `None` if there are none of either.
    #[must_use]
    pub fn new(
        products: impl IntoIterator<Item = UpdateId>,
        classifications: impl IntoIterator<Item = UpdateId>,
    ) -> Option<Self> {
        let categories: BTreeSet<UpdateId> = products.into_iter().collect();
        let classifications: BTreeSet<UpdateId> = classifications.into_iter().collect();
        let whole = !categories.is_empty() && !classifications.is_empty();
        whole.then_some(Self { categories, classifications, ..Self::default() })
    }

    /// Every update there is: tens of thousands.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// The same for these languages only, by their numbers (MS-LCID); from protocol 1.3 on.
    #[must_use]
    pub fn with_languages(mut self, languages: impl IntoIterator<Item = i32>) -> Self {
        self.languages = languages.into_iter().collect();
        self
    }

    /// The products; none for all.
    pub fn products(&self) -> impl Iterator<Item = UpdateId> {
        self.categories.iter().copied()
    }

    /// The classifications; none for all.
    pub fn classifications(&self) -> impl Iterator<Item = UpdateId> {
        self.classifications.iter().copied()
    }

    /// The languages; none for all.
    pub fn languages(&self) -> impl Iterator<Item = i32> {
        self.languages.iter().copied()
    }

    pub(super) fn with_definitions(mut self, definitions: bool) -> Self {
        self.without_definitions = !definitions;
        self
    }

    /// The filter as this configuration asks for it.
    pub(super) fn asked_by(mut self, config: &Config) -> Self {
        self.protocol_minor = config.protocol_minor();
        // Those who speak 1.1 get no others (MS-WSUSSS 3.1.4.5).
        self.only_63_languages = config.only_63_languages || self.protocol_minor < 2;
        if self.protocol_minor < 3 {
            // They cannot be said, so all are sent.
            self.languages.clear();
        }
        self
    }

    /// Whether a list by `before` had everything of this product that this one could have.
    pub(super) fn had_product(before: &Self, id: UpdateId) -> bool {
        before.categories.is_empty() || before.categories.contains(&id)
    }

    pub(super) fn had_classification(before: &Self, id: UpdateId) -> bool {
        before.classifications.is_empty() || before.classifications.contains(&id)
    }

    /// Whether this one asks for more of something of which `before` asked for some, and no delta
    /// can say that. *Decision*: a further language is such a thing. It has a delta of its own, but
    /// no server was seen to go by it, and MS-WSUSSS 3.1.4.5 says of every list with an anchor that
    /// it has what is newer than that.
    pub(super) fn opens(&self, before: &Self) -> bool {
        let fewer_languages = !before.languages.is_empty()
            && (self.languages.is_empty() || !self.languages.is_subset(&before.languages));
        !self.without_definitions && before.without_definitions
            || self.categories.is_empty() && !before.categories.is_empty()
            || self.protocol_minor > before.protocol_minor
            || !self.only_63_languages && before.only_63_languages
            || fewer_languages
    }
}
