//! A simulated Windows Update client: the Update CSP and update policies over virtual time.
//!
//! It scans, honours approvals, deferrals and pauses, installs, fails, restarts at deadlines or
//! when its user does, and rolls back, when it is told that time has passed; and it keeps a journal
//! of what it installed, so that tests can see that nothing is installed twice.
//!
//! What it knows of the rules it knows by itself, so that tests can hold it against the crate's own
//! reckoning: an update is offered at its release and the deferral of its category
//! (waas-wufb-csp-mdm), not while its kind is paused (35 days from the start date), and a restart
//! is forced at the later of deadline and grace period (wufb-compliancedeadlines).

mod offer;
mod tree;

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use syncml::simulator::{MemoryTree, NodeValue, Tree};
use syncml::{LocUri, StatusCode};

use crate::classification::DeferralCategory;
use crate::hresult::HResult;
use crate::id::UpdateGuid;
use crate::inventory::{Query, Rollback};

pub use offer::Offer;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
enum Stage {
    Installable,
    PendingReboot,
    Installed,
    Failed(HResult),
}

/// An offer and what became of it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Known {
    offer: Offer,
    stage: Stage,
    /// When it was installed or failed.
    at: Option<String>,
    /// When the device first saw it.
    found: Option<String>,
    attempts: u32,
    /// Whether Windows Update offers it now.
    visible: bool,
}

/// When a device restarts for updates.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Restarts {
    /// The next time that anything happens.
    #[default]
    Soon,
    /// Only when a deadline forces it: its user never does.
    Forced,
}

/// The policies that say what is offered, read when they change.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Policies {
    needs_approval: bool,
    defer_quality: u64,
    defer_feature: u64,
}

/// The client. Its management tree is the device's.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct WindowsUpdate {
    offers: Vec<Known>,
    approved: BTreeMap<UpdateGuid, String>,
    last_scan: Option<String>,
    now: String,
    build: String,
    other: MemoryTree,
    policies: Policies,
    /// Start dates of pauses (`yyyy-mm-dd`): quality, feature.
    paused_from: [Option<String>; 2],
    journal: Vec<UpdateGuid>,
    restarts: u32,
    restarts_when: Restarts,
    rollbacks: BTreeMap<Rollback, String>,
}

impl WindowsUpdate {
    /// A client on a device of this build, with these updates on offer.
    #[must_use]
    pub fn new(build: &str, offers: Vec<Offer>) -> Self {
        let mut client = Self {
            offers: Vec::new(),
            approved: BTreeMap::new(),
            last_scan: None,
            now: String::new(),
            build: build.to_owned(),
            other: MemoryTree::default()
                .with("./DevDetail/SwV", "chr", build)
                .with("./DevDetail/DevTyp", "chr", "Simulated PC")
                .with("./DevDetail/OEM", "chr", "Contoso")
                .with("./DevDetail/LrgObj", "bool", "true")
                .with("./Vendor/MSFT/DeviceStatus/OS/Edition", "chr", "4")
                .with("./Vendor/MSFT/DeviceStatus/OS/Mode", "int", "0")
                .with("./Vendor/MSFT/DeviceStatus/SecureBootState", "int", "1")
                .with("./Vendor/MSFT/DeviceStatus/Compliance/EncryptionCompliance", "bool", "true"),
            policies: Policies::default(),
            paused_from: [None, None],
            journal: Vec::new(),
            restarts: 0,
            restarts_when: Restarts::Soon,
            rollbacks: BTreeMap::new(),
        };
        for offer in offers {
            client.offer(offer);
        }
        client
    }

    /// The same, restarting at other times.
    #[must_use]
    pub fn restarting(mut self, when: Restarts) -> Self {
        self.restarts_when = when;
        self
    }

    /// Windows Update publishes an update. One that is there with another revision is revised.
    pub fn offer(&mut self, offer: Offer) {
        match self.offers.iter_mut().find(|known| known.offer.id == offer.id) {
            Some(known) => known.offer = offer,
            None => self.offers.push(Known {
                offer,
                stage: Stage::Installable,
                at: None,
                found: None,
                attempts: 0,
                visible: false,
            }),
        }
        self.look();
    }

    /// Windows Update withdraws an update. Devices that have it keep it.
    pub fn withdraw(&mut self, id: UpdateGuid) {
        let kept = |known: &Known| matches!(known.stage, Stage::Installed | Stage::PendingReboot);
        self.offers.retain(|known| known.offer.id != id || kept(known));
    }

    /// Lets time pass: scans, installs what may be installed, and restarts if a restart was
    /// pending before and is due. Returns a line for each thing that happened.
    pub fn advance(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let mut happened = Vec::new();
        let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.now.clone_from(&time);
        let scanned = self.last_scan.replace(time.clone()).is_some();
        if self.restart_is_due(now) {
            for known in &mut self.offers {
                if known.stage == Stage::PendingReboot {
                    known.stage = Stage::Installed;
                }
            }
            self.restarts = self.restarts.saturating_add(1);
            happened.push("restarts".to_owned());
        }
        self.look();
        for known in &mut self.offers {
            if known.visible && known.found.is_none() {
                known.found = Some(time.clone());
            }
        }
        // The first scan only finds what is there; policies come before installations.
        if !scanned {
            return happened;
        }
        let needs_approval = self.policies.needs_approval;
        for known in &mut self.offers {
            let offer = &known.offer;
            let approved = self.approved.contains_key(&offer.id)
                || self.approved.contains_key(&offer.classification.id());
            let open = match known.stage {
                Stage::Installable => true,
                // What fails for good is not tried again.
                Stage::Failed(_) => offer.failures.is_some(),
                Stage::PendingReboot | Stage::Installed => false,
            };
            if !open || !known.visible || (needs_approval && !approved) {
                continue;
            }
            known.at = Some(time.clone());
            let fails = offer
                .fails_with
                .filter(|_| offer.failures.is_none_or(|failures| known.attempts < failures));
            known.attempts = known.attempts.saturating_add(1);
            if let Some(hresult) = fails {
                known.stage = Stage::Failed(hresult);
                happened.push(format!("fails to install {} ({hresult})", offer.id));
                continue;
            }
            self.journal.push(offer.id);
            known.stage = if offer.needs_reboot { Stage::PendingReboot } else { Stage::Installed };
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

    fn build_number(&self) -> u32 {
        self.build.parse::<crate::Build>().map_or(0, crate::Build::number)
    }

    fn text_policy(&self, name: &str) -> Option<String> {
        let uri: LocUri = format!("{}/{name}", crate::policy::CONFIG).parse().ok()?;
        match self.other.get(&uri).ok()? {
            NodeValue::Leaf(leaf) => Some(leaf.data.trim().to_owned()),
            NodeValue::Interior(_) => None,
        }
    }

    fn policy(&self, name: &str) -> Option<i64> {
        self.text_policy(name)?.parse().ok()
    }

    fn days(&self, name: &str) -> Days {
        Days::new(self.policy(name).and_then(|days| u64::try_from(days).ok()).unwrap_or(0))
    }

    /// Reads the policies that say what is offered, and heeds them at once.
    fn heed_policies(&mut self) {
        let days = |name| self.policy(name).and_then(|days| u64::try_from(days).ok()).unwrap_or(0);
        self.policies = Policies {
            needs_approval: self.policy("RequireUpdateApproval") == Some(1),
            defer_quality: days("DeferQualityUpdatesPeriodInDays"),
            defer_feature: days("DeferFeatureUpdatesPeriodInDays"),
        };
        self.paused_from = ["PauseQualityUpdatesStartTime", "PauseFeatureUpdatesStartTime"]
            .map(|name| self.text_policy(name));
        self.look();
    }

    /// Whether updates of a kind are paused: for 35 days from the start date.
    fn is_paused(&self, kind: Rollback, now: DateTime<Utc>) -> bool {
        let [quality, feature] = &self.paused_from;
        let start = match kind {
            Rollback::Quality => quality,
            Rollback::Feature => feature,
        };
        let start = start.as_deref().and_then(|text| text.parse::<NaiveDate>().ok());
        let Some(start) = start else { return false };
        let end = start.checked_add_days(Days::new(35)).unwrap_or(NaiveDate::MAX);
        let today = now.date_naive();
        start <= today && today < end
    }

    /// Looks at what Windows Update offers to this device now, with its policies.
    fn look(&mut self) {
        let now = DateTime::parse_from_rfc3339(&self.now).ok().map(|now| now.to_utc());
        let quality = (
            Days::new(self.policies.defer_quality),
            now.is_some_and(|now| self.is_paused(Rollback::Quality, now)),
        );
        let feature = (
            Days::new(self.policies.defer_feature),
            now.is_some_and(|now| self.is_paused(Rollback::Feature, now)),
        );
        for known in &mut self.offers {
            let (defer, paused) = match known.offer.classification.deferral() {
                DeferralCategory::Upgrade => feature,
                DeferralCategory::Update => quality,
                DeferralCategory::NotDeferrable => (Days::new(0), false),
            };
            let due = match (known.offer.released_at(), now) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(at), Some(now)) => {
                    at.checked_add_days(defer).is_some_and(|offered| offered <= now)
                }
            };
            known.visible = due && !paused;
        }
    }

    fn is_in(&self, known: &Known, list: Query) -> bool {
        match (list, known.stage) {
            // Update CSP, InstallableUpdates: what applies and is not installed, failed or not.
            (Query::Installable, Stage::Installable | Stage::Failed(_)) => known.visible,
            (Query::Installed, Stage::Installed)
            | (Query::PendingReboot, Stage::PendingReboot)
            | (Query::Failed, Stage::Failed(_)) => true,
            _ => false,
        }
    }

    /// Days of grace: 2 unless set. Feature updates have days of their own since Windows 11 22H2,
    /// which fall back to the others, then to 7 (D09).
    fn grace(&self, kind: DeferralCategory) -> Days {
        let own = kind == DeferralCategory::Upgrade && self.build_number() >= 22621;
        let shared = self.policy("ConfigureDeadlineGracePeriod");
        let days = if own {
            self.policy("ConfigureDeadlineGracePeriodForFeatureUpdates").or(shared).unwrap_or(7)
        } else {
            shared.unwrap_or(2)
        };
        Days::new(u64::try_from(days).unwrap_or(0))
    }

    /// Whether a pending restart happens now.
    fn restart_is_due(&self, now: DateTime<Utc>) -> bool {
        let mut pending =
            self.offers.iter().filter(|known| known.stage == Stage::PendingReboot).peekable();
        if pending.peek().is_none() {
            return false;
        }
        if self.restarts_when == Restarts::Soon {
            return true;
        }
        pending.any(|known| {
            let kind = known.offer.classification.deferral();
            let (name, since) = match kind {
                // Until Windows 11 21H2 that of feature updates counts from the pending restart.
                DeferralCategory::Upgrade if self.build_number() < 22621 => {
                    ("ConfigureDeadlineForFeatureUpdates", &known.at)
                }
                DeferralCategory::Upgrade => ("ConfigureDeadlineForFeatureUpdates", &known.found),
                _ => ("ConfigureDeadlineForQualityUpdates", &known.found),
            };
            if self.policy(name).is_none() {
                return false;
            }
            let after = |text: &Option<String>, days: Days| {
                let at = DateTime::parse_from_rfc3339(text.as_deref()?).ok()?.to_utc();
                at.checked_add_days(days)
            };
            let deadline = after(since, self.days(name));
            let grace = after(&known.at, self.grace(kind));
            deadline.max(grace).is_some_and(|forced| forced <= now)
        })
    }

    /// Takes the latest update of a kind back, if the kind is paused and one is installed; otherwise
    /// it refuses ([`Rollback::command`]).
    fn roll_back(&mut self, kind: Rollback) -> StatusCode {
        let Ok(now) = DateTime::parse_from_rfc3339(&self.now) else { return StatusCode::NOT_FOUND };
        let wanted = match kind {
            Rollback::Quality => DeferralCategory::Update,
            Rollback::Feature => DeferralCategory::Upgrade,
        };
        let paused = self.is_paused(kind, now.to_utc());
        let latest = self
            .offers
            .iter_mut()
            .filter(|known| known.offer.classification.deferral() == wanted)
            .filter(|known| known.stage == Stage::Installed)
            .max_by(|a, b| a.at.cmp(&b.at));
        match latest {
            Some(known) if paused => {
                known.stage = Stage::Installable;
                known.at = None;
                // The words are ours: nobody documents Windows' (D06).
                self.rollbacks.insert(kind, "rolled back".to_owned());
                StatusCode::OK
            }
            _ => StatusCode::NOT_FOUND,
        }
    }
}
