//! A simulated Windows Update client: the Update CSP and update policies over virtual time.
//!
//! It scans, honours approvals, installs and restarts when it is told that time has passed, and
//! keeps a journal of what it installed, so that tests can see that nothing is installed twice.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use syncml::simulator::{Leaf, MemoryTree, NodeValue, Tree};
use syncml::{LocUri, StatusCode};

use crate::classification::Classification;
use crate::id::UpdateGuid;

/// An update that Windows Update offers to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub struct Offer {
    /// The update.
    pub id: UpdateGuid,
    /// The revision that the device sees.
    pub revision: u32,
    /// `Type`: 1 security, 2 critical, 0 neither.
    pub kind: i64,
    /// Its classification.
    pub classification: Classification,
    /// Whether it needs a restart.
    pub needs_reboot: bool,
    /// The HRESULT it fails with, if it does.
    pub fails_with: Option<u32>,
}

impl Offer {
    /// An update that installs without a restart.
    #[must_use]
    pub fn new(id: UpdateGuid, revision: u32, classification: Classification) -> Self {
        let kind = i64::from(classification == Classification::SECURITY_UPDATES);
        Self { id, revision, kind, classification, needs_reboot: false, fails_with: None }
    }

    /// The same with a restart.
    #[must_use]
    pub fn with_reboot(mut self) -> Self {
        self.needs_reboot = true;
        self
    }

    /// The same, but it fails.
    #[must_use]
    pub fn failing(mut self, hresult: u32) -> Self {
        self.fails_with = Some(hresult);
        self
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Stage {
    Installable,
    PendingReboot,
    Installed,
    Failed(u32),
}

/// The client. Its management tree is the device's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct WindowsUpdate {
    offers: Vec<(Offer, Stage, Option<String>)>,
    approved: BTreeMap<UpdateGuid, String>,
    last_scan: Option<String>,
    now: String,
    other: MemoryTree,
    journal: Vec<UpdateGuid>,
    restarts: u32,
}

impl WindowsUpdate {
    /// A client on a device of this build, with these updates on offer.
    #[must_use]
    pub fn new(build: &str, offers: Vec<Offer>) -> Self {
        let offers = offers.into_iter().map(|offer| (offer, Stage::Installable, None)).collect();
        Self {
            offers,
            approved: BTreeMap::new(),
            last_scan: None,
            now: String::new(),
            other: MemoryTree::default().with("./DevDetail/SwV", "chr", build),
            journal: Vec::new(),
            restarts: 0,
        }
    }

    /// Lets time pass: scans, installs what may be installed, and restarts if a restart was
    /// pending before. Returns a line for each thing that happened.
    pub fn advance(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let mut happened = Vec::new();
        let time = now.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.now.clone_from(&time);
        let scanned = self.last_scan.replace(time.clone()).is_some();
        if self.offers.iter().any(|(_, stage, _)| *stage == Stage::PendingReboot) {
            for (_, stage, _) in &mut self.offers {
                if *stage == Stage::PendingReboot {
                    *stage = Stage::Installed;
                }
            }
            self.restarts = self.restarts.saturating_add(1);
            happened.push("restarts".to_owned());
        }
        // The first scan only finds what is there; policies come before installations.
        if !scanned {
            return happened;
        }
        let needs_approval = self.policy("RequireUpdateApproval") == Some(1);
        for (offer, stage, at) in &mut self.offers {
            let approved = self.approved.contains_key(&offer.id)
                || self.approved.contains_key(&offer.classification.id());
            if *stage != Stage::Installable || (needs_approval && !approved) {
                continue;
            }
            *at = Some(time.clone());
            if let Some(hresult) = offer.fails_with {
                *stage = Stage::Failed(hresult);
                happened.push(format!("fails to install {} (0x{hresult:08X})", offer.id));
                continue;
            }
            self.journal.push(offer.id);
            *stage = if offer.needs_reboot { Stage::PendingReboot } else { Stage::Installed };
            let restart = if offer.needs_reboot { ", which needs a restart" } else { "" };
            happened.push(format!("installs {}{restart}", offer.id));
        }
        happened
    }

    /// Every installation, in order.
    #[must_use]
    pub fn installations(&self) -> &[UpdateGuid] {
        &self.journal
    }

    /// How often the device restarted.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    fn policy(&self, name: &str) -> Option<i64> {
        let uri: LocUri = format!("{}/{name}", crate::policy::CONFIG).parse().ok()?;
        match self.other.get(&uri).ok()? {
            NodeValue::Leaf(leaf) => leaf.data.trim().parse().ok(),
            NodeValue::Interior(_) => None,
        }
    }

    /// The segments below `./Vendor/MSFT/Update`, if the address is there.
    fn below(uri: &LocUri) -> Option<Vec<String>> {
        uri.relative_to(&crate::UPDATE_CSP.parse().ok()?)
    }

    fn in_list(stage: Stage, list: &str) -> bool {
        match list.to_ascii_lowercase().as_str() {
            "installableupdates" => stage == Stage::Installable,
            "installedupdates" => stage == Stage::Installed,
            "pendingrebootupdates" => stage == Stage::PendingReboot,
            "failedupdates" => matches!(stage, Stage::Failed(_)),
            _ => false,
        }
    }

    fn update(&self, list: &str, id: &str) -> Option<&(Offer, Stage, Option<String>)> {
        let id: UpdateGuid = id.parse().ok()?;
        self.offers.iter().find(|(offer, stage, _)| offer.id == id && Self::in_list(*stage, list))
    }

    fn read(&self, segments: &[&str]) -> Result<NodeValue, StatusCode> {
        let interior = |names: &[&str]| {
            Ok(NodeValue::Interior(names.iter().map(ToString::to_string).collect()))
        };
        let leaf = |format: &str, data: String| Ok(NodeValue::Leaf(Leaf::new(format, data)));
        match segments {
            [] => interior(&[
                "ApprovedUpdates",
                "FailedUpdates",
                "InstallableUpdates",
                "InstalledUpdates",
                "PendingRebootUpdates",
                "LastSuccessfulScanTime",
                "DeferUpgrade",
            ]),
            [name] if name.eq_ignore_ascii_case("LastSuccessfulScanTime") => {
                leaf("chr", self.last_scan.clone().unwrap_or_else(|| "0".to_owned()))
            }
            [name] if name.eq_ignore_ascii_case("DeferUpgrade") => leaf("bool", "false".to_owned()),
            [name] if name.eq_ignore_ascii_case("ApprovedUpdates") => {
                Ok(NodeValue::Interior(self.approved.keys().map(ToString::to_string).collect()))
            }
            [list, id] if list.eq_ignore_ascii_case("ApprovedUpdates") => {
                let id = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
                let known = self.approved.contains_key(&id);
                if known { interior(&["ApprovedTime"]) } else { Err(StatusCode::NOT_FOUND) }
            }
            [list, id, "ApprovedTime"] if list.eq_ignore_ascii_case("ApprovedUpdates") => {
                let id = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
                let time = self.approved.get(&id).ok_or(StatusCode::NOT_FOUND)?;
                leaf("chr", time.clone())
            }
            [list] if list.to_ascii_lowercase().ends_with("updates") => {
                let here = self.offers.iter().filter(|(_, stage, _)| Self::in_list(*stage, list));
                Ok(NodeValue::Interior(here.map(|(offer, _, _)| offer.id.to_string()).collect()))
            }
            [list, id] => match self.update(list, id).ok_or(StatusCode::NOT_FOUND)?.1 {
                Stage::Installable => interior(&["Type", "RevisionNumber"]),
                Stage::PendingReboot => interior(&["InstalledTime", "RevisionNumber"]),
                Stage::Failed(_) => interior(&["HResult", "State", "RevisionNumber"]),
                Stage::Installed => interior(&["RevisionNumber"]),
            },
            [list, id, name] => {
                let (offer, stage, at) = self.update(list, id).ok_or(StatusCode::NOT_FOUND)?;
                match (*name, *stage) {
                    ("Type", _) => leaf("int", offer.kind.to_string()),
                    ("RevisionNumber", _) => leaf("int", offer.revision.to_string()),
                    ("InstalledTime", _) => leaf("chr", at.clone().unwrap_or_default()),
                    // Signed, as Windows writes HRESULTs.
                    ("HResult", Stage::Failed(code)) => leaf("int", code.cast_signed().to_string()),
                    ("State", Stage::Failed(_)) => leaf("int", "256".to_owned()),
                    _ => Err(StatusCode::NOT_FOUND),
                }
            }
            _ => Err(StatusCode::NOT_FOUND),
        }
    }
}

impl Tree for WindowsUpdate {
    fn get(&self, uri: &LocUri) -> Result<NodeValue, StatusCode> {
        match Self::below(uri) {
            Some(segments) => self.read(&segments.iter().map(String::as_str).collect::<Vec<_>>()),
            None => self.other.get(uri),
        }
    }

    fn add(&mut self, uri: &LocUri, value: Option<Leaf>) -> StatusCode {
        let Some(segments) = Self::below(uri) else { return self.other.add(uri, value) };
        match segments.as_slice() {
            [list, id] if list.eq_ignore_ascii_case("ApprovedUpdates") => match id.parse() {
                Ok(id) if self.approved.contains_key(&id) => StatusCode::ALREADY_EXISTS,
                Ok(id) => {
                    self.approved.insert(id, self.now.clone());
                    StatusCode::OK
                }
                Err(_) => StatusCode::NOT_FOUND,
            },
            _ => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    fn replace(&mut self, uri: &LocUri, value: Leaf) -> StatusCode {
        if Self::below(uri).is_some() {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        // Windows makes a policy's node on Replace.
        let policies = crate::policy::CONFIG.parse::<LocUri>();
        let policy = policies.is_ok_and(|policies| uri.is_under(&policies));
        match self.other.replace(uri, value.clone()) {
            StatusCode::NOT_FOUND if policy => self.other.add(uri, Some(value)),
            code => code,
        }
    }

    fn delete(&mut self, uri: &LocUri) -> StatusCode {
        if Self::below(uri).is_some() {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        self.other.delete(uri)
    }

    fn exec(&mut self, uri: &LocUri) -> StatusCode {
        self.other.exec(uri)
    }
}
