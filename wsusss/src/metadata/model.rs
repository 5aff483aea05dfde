//! The parts of an update document.

use std::borrow::Cow;

use super::own::owned;
use super::words::{Impact, RebootBehavior};
use crate::id::UpdateId;

/// Title, description and addresses in one language.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Localized<'a> {
    /// `en`, `zh-cn`; `all` for every language.
    pub language: Cow<'a, str>,
    /// The title.
    pub title: Cow<'a, str>,
    /// The description.
    pub description: Option<Cow<'a, str>>,
    /// How to uninstall it.
    pub uninstall_notes: Option<Cow<'a, str>>,
    /// Where there is more.
    pub more_info_url: Option<Cow<'a, str>>,
    /// Where there is help.
    pub support_url: Option<Cow<'a, str>>,
}

/// One clause of a condition: any of these updates. A condition is all of its clauses
/// (MS-WUSP 3.1.1.1: conjunctive normal form).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Clause {
    /// The updates; the revision is there for bundles. Nothing fulfils a clause without updates, which
    /// locally published documents can have where their classification is not known.
    pub any: Vec<(UpdateId, Option<u32>)>,
    /// The updates are categories: the product or the classification. *Observed*: not every
    /// document says so of its categories.
    pub is_category: bool,
}

/// A file of an update.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct File<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its digest (base64), by which its address is found among the answer's
    /// [`file_urls`](crate::messages::UpdateData::file_urls).
    pub digest: Cow<'a, str>,
    /// The digest's algorithm, `SHA1`.
    pub algorithm: Cow<'a, str>,
    /// Other digests: algorithm and digest (base64).
    pub additional: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// When it was changed last, as it stands: with or without `Z` and fraction.
    pub modified: Option<Cow<'a, str>>,
    /// `SelfContained`, `Express`, …
    pub patching_type: Option<Cow<'a, str>>,
    /// It has to be decrypted with the key that GetUpdateDecryptionData gives.
    pub is_encrypted: Option<bool>,
    /// Attributes that nobody knows: name and value.
    pub other: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl File<'_> {
    /// Every digest: algorithm and digest (base64), the one that the file is found by first.
    pub fn digests(&self) -> impl Iterator<Item = (&str, &str)> {
        let first = (&*self.algorithm, &*self.digest);
        let additional = self.additional.iter().map(|(name, digest)| (&**name, &**digest));
        std::iter::once(first).filter(|(_, digest)| !digest.is_empty()).chain(additional)
    }

    /// The digest (base64) of this algorithm, whatever its case: `SHA256`.
    #[must_use]
    pub fn digest_of(&self, algorithm: &str) -> Option<&str> {
        self.digests()
            .find(|(name, _)| name.eq_ignore_ascii_case(algorithm))
            .map(|(_, digest)| digest)
    }
}

/// A file with licence terms (MS-WUSP note 44).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct EulaFile<'a> {
    /// The file.
    pub file: File<'a>,
    /// The language.
    pub language: Cow<'a, str>,
    /// The region, if the terms are for one.
    pub geo_id: Option<Cow<'a, str>>,
}

/// What installing or uninstalling does.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Behavior<'a> {
    /// What it means for who is at work.
    pub impact: Option<Impact<'a>>,
    /// Whether the device restarts.
    pub reboot: Option<RebootBehavior<'a>>,
    /// It may ask the user something.
    pub can_request_user_input: Option<bool>,
    /// It needs the network.
    pub requires_network: Option<bool>,
    /// Attributes that nobody knows: name and value.
    #[cfg_attr(feature = "serde", serde(default))]
    pub other: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// How far an update has got on its way to everybody (Readiness).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Readiness<'a> {
    /// `RTW`.
    pub level: Cow<'a, str>,
    /// Since when, as it stands.
    pub date: Option<Cow<'a, str>>,
    /// Attributes that nobody knows: name and value.
    #[cfg_attr(feature = "serde", serde(default))]
    pub other: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// How well a driver fits on one operating system.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct FeatureScore<'a> {
    /// `amd64.10.0`.
    pub operating_system: Cow<'a, str>,
    /// The score, hexadecimal; lower is better.
    pub score: Cow<'a, str>,
}

/// What a driver is for (WindowsDriverMetaData; the attributes are all required by the schema).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Driver<'a> {
    /// The hardware.
    pub hardware_id: Cow<'a, str>,
    /// Its date, `yyyy-mm-dd`.
    pub date: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
    /// The number of its certification.
    pub whql_driver_id: Option<u32>,
    /// Its class.
    pub class: Cow<'a, str>,
    /// Whose it is.
    pub company: Cow<'a, str>,
    /// Who provides it.
    pub provider: Cow<'a, str>,
    /// Who made the device.
    pub manufacturer: Cow<'a, str>,
    /// The device's model.
    pub model: Cow<'a, str>,
    /// How well it fits.
    pub feature_scores: Vec<FeatureScore<'a>>,
    /// Computers that it is distributed to (CHIDs).
    pub distribution_computers: Vec<Cow<'a, str>>,
    /// Computers that it is for (CHIDs).
    pub target_computers: Vec<Cow<'a, str>>,
    /// Providers whose drivers it may replace.
    pub compatible_providers: Vec<Cow<'a, str>>,
}

/// Applicability rules as they stand. Evaluating them is the device's work; to read them by
/// themselves, [`Update::namespaces`](super::Update::namespaces) has the prefixes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Rules<'a> {
    /// The whole element.
    pub raw: Cow<'a, str>,
    /// When it is installed: what is inside IsInstalled.
    pub is_installed: Option<Cow<'a, str>>,
    /// When it is superseded: what is inside IsSuperseded.
    pub is_superseded: Option<Cow<'a, str>>,
    /// When it can be installed: what is inside IsInstallable.
    pub is_installable: Option<Cow<'a, str>>,
    /// What the rules refer to: what is inside Metadata. A component store's manifest in it can
    /// have tens of megabytes.
    pub metadata: Option<Cow<'a, str>>,
}

/// An element that nobody knows, as it stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Extension<'a> {
    /// The name of the element that it is in: `Update`, `Properties`, …
    pub parent: Cow<'a, str>,
    /// The element.
    pub raw: Cow<'a, str>,
}

owned! {
    Localized { language, title, description, uninstall_notes, more_info_url, support_url }
    File {
        name, digest, algorithm, additional, size, modified, patching_type, is_encrypted, other,
    }
    EulaFile { file, language, geo_id }
    Behavior { impact, reboot, can_request_user_input, requires_network, other }
    Readiness { level, date, other }
    FeatureScore { operating_system, score }
    Driver {
        hardware_id, date, version, whql_driver_id, class, company, provider, manufacturer, model,
        feature_scores, distribution_computers, target_computers, compatible_providers,
    }
    Rules { raw, is_installed, is_superseded, is_installable, metadata }
    Extension { parent, raw }
}
