//! What a device said about its updates: reading `./Vendor/MSFT/Update`.
//!
//! *Specified*: Microsoft Learn, "Update CSP". Two shapes of answers exist: a Get of an interior
//! node returns the names of its children joined by `/`; with `?list=StructData` it returns an item
//! for each leaf below it (*observed* in Microsoft's IoT client; no capture of such an answer is
//! public, so tests use constructed ones).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use syncml::model::Item;
use syncml::{Command, LocUri, StatusCode};

use crate::id::UpdateGuid;

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Query {
    /// Updates that apply and are not installed, approved or not.
    Installable,
    /// Updates that are installed.
    Installed,
    /// Approved updates that failed.
    Failed,
    /// Updates that need a restart to be finished.
    PendingReboot,
    /// Updates and classifications that the device knows as approved.
    Approved,
    /// When the device last scanned.
    LastScan,
    /// Whether upgrades are deferred.
    DeferUpgrade,
}

/// How an interior node is asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shape {
    /// Every leaf below it. Types and revisions come along, so it is the default.
    #[default]
    StructData,
    /// The names of its children.
    Names,
}

impl Query {
    /// Everything that can be asked.
    pub const ALL: [Self; 7] = [
        Self::Installable,
        Self::Installed,
        Self::Failed,
        Self::PendingReboot,
        Self::Approved,
        Self::LastScan,
        Self::DeferUpgrade,
    ];

    /// The node's name below `./Vendor/MSFT/Update`.
    #[must_use]
    pub const fn node(self) -> &'static str {
        match self {
            Self::Installable => "InstallableUpdates",
            Self::Installed => "InstalledUpdates",
            Self::Failed => "FailedUpdates",
            Self::PendingReboot => "PendingRebootUpdates",
            Self::Approved => "ApprovedUpdates",
            Self::LastScan => "LastSuccessfulScanTime",
            Self::DeferUpgrade => "DeferUpgrade",
        }
    }

    /// The Get.
    ///
    /// ```
    /// use update_csp::{Query, Shape};
    ///
    /// let get = Query::Installable.command(Shape::StructData);
    /// assert_eq!(
    ///     get.items()[0].loc_uri(),
    ///     Some("./Vendor/MSFT/Update/InstallableUpdates?list=StructData")
    /// );
    /// ```
    #[must_use]
    pub fn command(self, shape: Shape) -> Command<'static> {
        let leaf = matches!(self, Self::LastScan | Self::DeferUpgrade);
        let list = if leaf || shape == Shape::Names { "" } else { "?list=StructData" };
        Command::get(format!("{}/{}{list}", crate::UPDATE_CSP, self.node()))
    }
}

/// What the device's `Type` says: 0 none, 1 security, 2 critical. Others are kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct UpdateKind(pub i64);

impl UpdateKind {
    /// A security update.
    pub const SECURITY: Self = Self(1);
    /// A critical update.
    pub const CRITICAL: Self = Self(2);
}

/// How far an approved update came before it failed. Values are single bits; others are kept.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct UpdateState(pub i64);

impl UpdateState {
    /// Its name, if it is a known one (Update CSP, FailedUpdates/State).
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "new",
            2 => "ready to download",
            4 => "downloading",
            8 => "download blocked",
            16 => "download failed",
            32 => "ready to install",
            64 => "installing",
            128 => "install blocked",
            256 => "install failed",
            512 => "restart required",
            1024 => "completed",
            2048 => "commit failed",
            4096 => "post-restart",
            _ => return None,
        })
    }
}

/// What a device says about one update in one of its lists. What it does not say is absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Entry {
    /// `Type` of an installable update.
    pub kind: Option<UpdateKind>,
    /// `RevisionNumber` of an installable update: what its metadata is asked for with.
    pub revision: Option<u32>,
    /// `HResult` of a failed update, as the 32 bits it is.
    pub hresult: Option<u32>,
    /// `State`, or `Status` in older documentation, of a failed update.
    pub state: Option<UpdateState>,
    /// `InstalledTime` or `ApprovedTime`, as it stands.
    pub time: Option<String>,
    /// Other leaves, in the order of their names.
    pub other: BTreeMap<String, String>,
}

/// When a device last scanned.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ScanTime {
    /// Never: the node's default `0`, nothing, or the beginning of Windows' time.
    Never,
    /// At this time, as the device wrote it: RFC 3339.
    At(String),
    /// Something that is no time.
    Unreadable(String),
}

impl ScanTime {
    fn read(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() || text == "0" || text.starts_with("1601-01-01") {
            return Self::Never;
        }
        match DateTime::parse_from_rfc3339(text) {
            Ok(_) => Self::At(text.to_owned()),
            Err(_) => Self::Unreadable(text.chars().take(64).collect()),
        }
    }

    /// The time, if there is one.
    #[must_use]
    pub fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(text) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
            Self::Never | Self::Unreadable(_) => None,
        }
    }
}

/// A list of updates, or `None` as long as the device was not asked successfully.
pub type Listing = Option<BTreeMap<UpdateGuid, Entry>>;

/// Something odd about a device's answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Finding {
    /// The read failed; what was known before stays.
    ReadFailed {
        /// The node.
        query: Query,
        /// The status.
        code: StatusCode,
    },
    /// A child whose name is no GUID.
    NotAGuid(String),
    /// An address outside the node that was asked for.
    Elsewhere(String),
    /// A leaf whose value is not of its kind.
    Unreadable {
        /// The address.
        node: String,
        /// The value.
        value: String,
    },
}

/// What is known about a device's updates. Plain and serialisable.
///
/// ```
/// use syncml::{Data, Item, StatusCode};
/// use update_csp::{Inventory, Query};
///
/// let mut inventory = Inventory::default();
/// let items = [Item::source("./Vendor/MSFT/Update/InstallableUpdates")
///     .with_data(Data::text("44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a"))];
/// let findings = inventory.apply(Query::Installable, Some(StatusCode::OK), &items);
/// assert!(findings.is_empty());
/// assert_eq!(inventory.installable.map(|updates| updates.len()), Some(1));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Inventory {
    /// Updates that apply and are not installed.
    pub installable: Listing,
    /// Updates that are installed.
    pub installed: Listing,
    /// Approved updates that failed.
    pub failed: Listing,
    /// Updates that wait for a restart.
    pub pending_reboot: Listing,
    /// What the device knows as approved: updates and classifications.
    pub approved: Listing,
    /// When the device last scanned.
    pub last_scan: Option<ScanTime>,
    /// Whether upgrades are deferred.
    pub defer_upgrade: Option<bool>,
}

impl Inventory {
    /// Takes the answer to a query: the status of the Get and the items of its Results, in any
    /// order and in either shape.
    ///
    /// 404 is an empty list. Any other failure changes nothing.
    pub fn apply(
        &mut self,
        query: Query,
        code: Option<StatusCode>,
        items: &[Item<'_>],
    ) -> Vec<Finding> {
        let code = code.unwrap_or(StatusCode::COMMAND_FAILED);
        if !code.is_success() && code != StatusCode::NOT_FOUND {
            return vec![Finding::ReadFailed { query, code }];
        }
        let mut findings = Vec::new();
        match query {
            Query::LastScan => {
                let text = items.first().and_then(|item| item.data.as_ref());
                self.last_scan = Some(ScanTime::read(text.map_or("", |data| data.as_str())));
            }
            Query::DeferUpgrade => {
                let data = items.first().and_then(|item| item.data.as_ref());
                if let Some(data) = data {
                    self.defer_upgrade = data.as_bool();
                    if self.defer_upgrade.is_none() {
                        findings.push(unreadable(query.node(), data.as_str()));
                    }
                }
            }
            _ => {
                let fresh = listing(query, items, &mut findings);
                let known = match query {
                    Query::Installable => &mut self.installable,
                    Query::Installed => &mut self.installed,
                    Query::Failed => &mut self.failed,
                    Query::PendingReboot => &mut self.pending_reboot,
                    _ => &mut self.approved,
                };
                let mut before = known.take().unwrap_or_default();
                *known = Some(
                    fresh
                        .into_iter()
                        .map(|(id, entry)| {
                            // A list of names says nothing about what was known in detail.
                            let old = before.remove(&id).filter(|_| entry == Entry::default());
                            (id, old.unwrap_or(entry))
                        })
                        .collect(),
                );
            }
        }
        findings
    }

    /// Notes that the device took an approval, so that it is not sent again before the device is
    /// asked the next time.
    pub fn note_approved(&mut self, id: UpdateGuid) {
        self.approved.get_or_insert_default().entry(id).or_default();
    }
}

fn unreadable(node: &str, value: &str) -> Finding {
    Finding::Unreadable { node: node.to_owned(), value: value.chars().take(64).collect() }
}

fn listing(
    query: Query,
    items: &[Item<'_>],
    findings: &mut Vec<Finding>,
) -> BTreeMap<UpdateGuid, Entry> {
    let mut updates: BTreeMap<UpdateGuid, Entry> = BTreeMap::new();
    let root: Option<LocUri> = format!("{}/{}", crate::UPDATE_CSP, query.node()).parse().ok();
    for item in items {
        let text = item.loc_uri().unwrap_or_default();
        let below = text.parse::<LocUri>().ok().zip(root.as_ref());
        let Some(below) = below.and_then(|(uri, root)| uri.relative_to(root)) else {
            findings.push(Finding::Elsewhere(text.chars().take(128).collect()));
            continue;
        };
        let data = item.data.as_ref().map_or("", |data| data.as_str());
        let guid = |name: &str, findings: &mut Vec<Finding>| {
            let id = name.parse().ok();
            if id.is_none() {
                findings.push(Finding::NotAGuid(name.chars().take(64).collect()));
            }
            id
        };
        match below.as_slice() {
            // The node itself: its children's names.
            [] => {
                for name in data.split('/').map(str::trim).filter(|name| !name.is_empty()) {
                    if let Some(id) = guid(name, findings) {
                        updates.entry(id).or_default();
                    }
                }
            }
            // An update without leaves, or one that is asked for by itself: its leaves' names.
            [name] => {
                if let Some(id) = guid(name, findings) {
                    updates.entry(id).or_default();
                }
            }
            [name, leaf, ..] => {
                if let Some(id) = guid(name, findings) {
                    let entry = updates.entry(id).or_default();
                    if !take(entry, leaf, data) {
                        findings.push(unreadable(text, data));
                    }
                }
            }
        }
    }
    updates
}

/// Takes one leaf; `false` if its value is not of its kind.
fn take(entry: &mut Entry, leaf: &str, data: &str) -> bool {
    let text = data.trim();
    let number = text.parse::<i64>().ok();
    match leaf {
        "Type" => entry.kind = number.map(UpdateKind),
        "RevisionNumber" => entry.revision = text.parse().ok(),
        "HResult" => entry.hresult = hresult(text),
        // The node is called Status in the documentation and State in the DDF (C19).
        "State" | "Status" => entry.state = number.map(UpdateState),
        "InstalledTime" | "ApprovedTime" => entry.time = Some(text.to_owned()),
        other => {
            entry.other.insert(other.to_owned(), data.to_owned());
        }
    }
    match leaf {
        "Type" | "State" | "Status" => number.is_some(),
        "RevisionNumber" => entry.revision.is_some(),
        "HResult" => entry.hresult.is_some(),
        _ => true,
    }
}

/// An HRESULT: signed (as the WMI bridge has it), unsigned, or hexadecimal.
fn hresult(text: &str) -> Option<u32> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if let Some(hex) = hex {
        return u32::from_str_radix(hex, 16).ok();
    }
    text.parse::<u32>().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncml::Data;

    const A: &str = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
    const B: &str = "5d6dede6-84ba-4c4a-931d-62d9c9c2a99d";

    fn leaf(uri: &str, data: &str) -> Item<'static> {
        Item::source(format!("./Vendor/MSFT/Update/{uri}")).with_data(Data::text(data.to_owned()))
    }

    fn id(text: &str) -> UpdateGuid {
        text.parse().unwrap()
    }

    #[test]
    fn both_shapes_are_read_and_names_keep_details() {
        let mut inventory = Inventory::default();
        let items = [
            leaf(&format!("InstallableUpdates/{A}/RevisionNumber"), "200"),
            leaf(&format!("InstallableUpdates/%7B{B}%7D/Type"), "1"),
            leaf(&format!("InstallableUpdates/{A}/Type"), "0"),
            leaf(&format!("InstallableUpdates/{A}/New"), "x"),
        ];
        assert_eq!(inventory.apply(Query::Installable, Some(StatusCode::OK), &items), []);
        let updates = inventory.installable.clone().unwrap();
        assert_eq!(updates[&id(A)].revision, Some(200));
        assert_eq!(updates[&id(A)].other["New"], "x");
        assert_eq!(updates[&id(B)].kind, Some(UpdateKind::SECURITY));

        let names = [leaf("InstallableUpdates", &format!("{{{A}}}/{B}"))];
        inventory.apply(Query::Installable, Some(StatusCode::OK), &names);
        assert_eq!(inventory.installable, Some(updates));
        inventory.apply(
            Query::Installable,
            Some(StatusCode::OK),
            &[leaf("InstallableUpdates", "")],
        );
        assert_eq!(inventory.installable, Some(BTreeMap::new()));
    }

    #[test]
    fn a_failed_read_keeps_what_was_known_and_404_is_empty() {
        let mut inventory = Inventory::default();
        inventory.apply(Query::Installed, Some(StatusCode::OK), &[leaf("InstalledUpdates", A)]);
        let before = inventory.clone();
        let findings = inventory.apply(Query::Installed, Some(StatusCode::COMMAND_FAILED), &[]);
        assert_eq!(inventory, before);
        assert_eq!(
            findings,
            [Finding::ReadFailed { query: Query::Installed, code: StatusCode::COMMAND_FAILED }]
        );
        inventory.apply(Query::Installed, Some(StatusCode::NOT_FOUND), &[]);
        assert_eq!(inventory.installed, Some(BTreeMap::new()));
    }

    #[test]
    fn oddities_are_findings() {
        let mut inventory = Inventory::default();
        let items = [
            leaf("FailedUpdates/nonsense/HResult", "1"),
            leaf(&format!("InstalledUpdates/{A}"), ""),
            leaf(&format!("FailedUpdates/{A}/HResult"), "-2145124329"),
            leaf(&format!("FailedUpdates/{A}/Status"), "many"),
        ];
        let findings = inventory.apply(Query::Failed, Some(StatusCode::OK), &items);
        assert!(matches!(
            findings.as_slice(),
            [Finding::NotAGuid(_), Finding::Elsewhere(_), Finding::Unreadable { .. }]
        ));
        assert_eq!(inventory.failed.unwrap()[&id(A)].hresult, Some(0x8024_0017));
        assert_eq!(hresult("2149842967"), Some(0x8024_0017));
        assert_eq!(hresult("0x80240017"), Some(0x8024_0017));
    }

    #[test]
    fn never_scanned_has_several_spellings() {
        for text in ["", "0", "1601-01-01T00:00:00Z"] {
            assert_eq!(ScanTime::read(text), ScanTime::Never);
        }
        assert!(ScanTime::read("2026-11-21T08:00:00+01:00").time().is_some());
        assert!(matches!(ScanTime::read("yesterday"), ScanTime::Unreadable(_)));
    }
}
