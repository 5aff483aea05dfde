//! Declarative management: fetching declarations, following them, reporting.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::{AppleDevice, DOWNLOAD, RESTART, write};
use crate::declarations::rules::{NotInstallable, Release, queue};
use crate::declarations::status::{
    DeclarationStatus, FailureReason, InstallReason, InstallState, PendingVersion, ReasonCode,
    StatusItems, StatusReason, StatusReport, StatusStore, StoreLimits, UpdateReason, Validity,
};
use crate::declarations::support::{check_declaration, check_status_item};
use crate::declarations::{
    Declaration, Endpoint, EnforcementSpecific, Kind, Manifest, Payload, TokensResponse,
};
use crate::json::{self, Object, Value};
use crate::plist;

/// What the device knows of declarations.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(super) struct Declared {
    enabled: bool,
    /// The revision of the set that it has.
    token: Option<String>,
    /// The revision that it is fetching.
    fetching: Option<String>,
    pub(super) declarations: Vec<Declaration>,
    /// What it asks for, in order; the first until it is answered.
    questions: VecDeque<String>,
    /// What was reported, as the server has it.
    reported: StatusStore,
    full_at: Option<i64>,
    /// Whether something may have changed since the last report.
    pub(super) changed: bool,
    /// What it is installing: the declaration, the release, its state and since when.
    work: Option<Work>,
    failure_count: i64,
}

#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Work {
    declaration: String,
    release: Release,
    state: InstallState,
    since: i64,
}

impl Declared {
    /// Whether a restart is the doing of a declaration.
    pub(super) fn is_installing(&self) -> bool {
        self.work.as_ref().is_some_and(|work| work.state == InstallState::Installing)
    }
}

const DAY: i64 = 24 * 3600;

impl AppleDevice {
    /// Told to synchronise.
    pub(super) fn sync(&mut self) {
        self.declared.enabled = true;
        if !self.declared.questions.iter().any(|known| known == "tokens") {
            self.declared.questions.push_back("tokens".to_owned());
        }
    }

    /// The next check-in message DeclarativeManagement, if it has something to ask or to report;
    /// the same one until it is answered.
    #[must_use]
    pub fn poll_check_in(&mut self, now: DateTime<Utc>) -> Option<Vec<u8>> {
        if !self.is_reachable(now) || !self.declared.enabled {
            return None;
        }
        let message = |endpoint: &str| {
            plist::Dictionary::new()
                .with("MessageType", "DeclarativeManagement")
                .with("UDID", self.udid.clone())
                .with("Endpoint", endpoint.to_owned())
        };
        if let Some(question) = self.declared.questions.front() {
            return Some(write(message(question)));
        }
        let report = self.report(now.timestamp())?;
        let mut data = Vec::new();
        report.encode(&mut data);
        Some(write(message("status").with("Data", plist::Value::Data(data.into()))))
    }

    /// Takes the answer to the last check-in message.
    pub fn handle_check_in(&mut self, now: DateTime<Utc>, status: u16, body: &[u8]) {
        let now = now.timestamp();
        self.tick(now);
        let Some(question) = self.declared.questions.front().cloned() else {
            if status == 200
                && let Some(report) = self.report(now)
            {
                if report.is_full() {
                    self.declared.full_at = Some(now);
                }
                // It does not grow beyond what this device makes.
                let _ = self.declared.reported.apply(&report, &StoreLimits::default());
            }
            return;
        };
        if status >= 500 {
            return;
        }
        self.declared.questions.pop_front();
        self.declared.changed = true;
        let limits = json::Limits::default();
        match question.parse() {
            Ok(Endpoint::Tokens) => {
                let Ok(tokens) = TokensResponse::decode(body, &limits) else { return };
                let token = tokens.sync_tokens.declarations_token.to_string();
                if self.declared.token.as_ref() != Some(&token) {
                    self.declared.questions.push_back("declaration-items".to_owned());
                }
            }
            Ok(Endpoint::DeclarationItems) => {
                let Ok(manifest) = Manifest::decode(body, &limits) else { return };
                self.take_manifest(&manifest);
            }
            Ok(Endpoint::Declaration { identifier, .. }) => {
                self.declared
                    .declarations
                    .retain(|known| known.identifier().as_str() != identifier);
                if status == 200
                    && let Ok(declaration) = Declaration::decode(body, &limits)
                {
                    self.declared.declarations.push(declaration);
                }
            }
            _ => {}
        }
        if self.declared.questions.is_empty()
            && let Some(token) = self.declared.fetching.take()
        {
            self.declared.token = Some(token);
        }
        self.tick(now);
    }

    fn take_manifest(&mut self, manifest: &Manifest) {
        self.declared.fetching = Some(manifest.declarations_token.to_string());
        self.declared.declarations.retain(|known| {
            manifest.items().any(|(_, item)| item.identifier == *known.identifier())
        });
        for (kind, item) in manifest.items() {
            let has = self.declared.declarations.iter().any(|known| {
                *known.identifier() == item.identifier && *known.server_token() == item.server_token
            });
            if !has {
                let question = format!("declaration/{kind}/{}", item.identifier);
                self.declared.questions.push_back(question);
            }
        }
    }

    fn is_active(&self, declaration: &Declaration) -> bool {
        self.declared.declarations.iter().any(|known| match known.payload() {
            // Its predicates hold.
            Payload::Activation(activation) => {
                activation.standard_configurations.contains(declaration.identifier())
            }
            _ => false,
        })
    }

    fn is_supported(&self, declaration: &Declaration) -> bool {
        let kind = declaration.declaration_type();
        check_declaration(kind, self.platform, self.version, self.enrollment).is_ok()
    }

    /// The enforced updates that are in force, with their identifiers.
    pub(super) fn active_targets(&self) -> Vec<(&str, &EnforcementSpecific)> {
        let targets = self.declared.declarations.iter().filter_map(|known| match known.payload() {
            Payload::Enforcement(target) if self.is_active(known) && self.is_supported(known) => {
                Some((known.identifier().as_str(), target))
            }
            _ => None,
        });
        targets.collect()
    }

    /// What Apple offers it: the target, its base, and what is newer.
    fn releases(&self) -> Vec<Release> {
        let mut all = vec![Release::new(self.target, self.target_build.clone())];
        let base = self.target.base();
        if base != self.target {
            all.push(Release::new(base, super::build(base)));
        }
        if let Some(newest) = self.newest {
            all.push(Release::new(newest, super::build(newest)));
        }
        all
    }

    /// Why it refuses a target, if it does: it has it already (R12).
    fn not_newer(&self, target: &EnforcementSpecific) -> bool {
        let releases = self.releases();
        let queue = queue(&[target], &self.installed(), &releases);
        matches!(queue.idle.as_slice(), [(_, NotInstallable::NotNewer)])
    }

    pub(super) fn tick_declared(&mut self, now: i64) {
        let targets = self.active_targets();
        let releases = self.releases();
        let installed = self.installed();
        let all: Vec<&EnforcementSpecific> = targets.iter().map(|(_, target)| *target).collect();
        let current = queue(&all, &installed, &releases).current;
        let current = current.and_then(|(at, release)| {
            let (identifier, target) = targets.get(at)?;
            let deadline = target.target_local_date_time.time().and_utc().timestamp();
            Some(((*identifier).to_owned(), release.clone(), deadline))
        });
        let Some((declaration, release, deadline)) = current else {
            // What has begun to install goes on; the rest is forgotten with its declaration.
            if self.back_at.is_none() {
                self.declared.changed |= self.declared.work.take().is_some();
            }
            return;
        };
        let stale = self.declared.work.as_ref().is_none_or(|work| work.release != release);
        if stale {
            let state = InstallState::Waiting;
            self.declared.changed = true;
            self.declared.work = Some(Work { declaration, release, state, since: now });
        }
        let eager = self.habits.eager;
        while let Some(work) = &mut self.declared.work {
            let (next, at) = match work.state {
                InstallState::Waiting => (InstallState::Downloading, work.since + 60),
                InstallState::Downloading => {
                    (InstallState::Prepared, work.since + DOWNLOAD.num_seconds())
                }
                InstallState::Prepared if eager => (InstallState::Installing, work.since + 60),
                InstallState::Prepared => (InstallState::Installing, deadline.max(work.since)),
                InstallState::Failed => (InstallState::Waiting, work.since + 3600),
                InstallState::Installing => {
                    (InstallState::None, work.since + RESTART.num_seconds())
                }
                _ => return,
            };
            if now < at {
                break;
            }
            (work.state, work.since) = (next, at);
            self.declared.changed = true;
            match work.state {
                InstallState::Installing if self.habits.failures > 0 => {
                    self.habits.failures -= 1;
                    self.declared.failure_count += 1;
                    work.state = InstallState::Failed;
                }
                InstallState::None => {
                    let release = work.release.clone();
                    self.declared.work = None;
                    self.declared.failure_count = 0;
                    self.back_at = None;
                    self.set_installed(release);
                    return self.tick_declared(now);
                }
                _ => {}
            }
        }
        // Installing is reported before the restart, which nobody sees from outside but by silence.
        let installing =
            self.declared.work.as_ref().filter(|w| w.state == InstallState::Installing);
        if let Some(work) = installing
            && now > work.since + 120
        {
            self.back_at = Some(work.since + RESTART.num_seconds());
        }
    }

    /// What it has to report: everything once a day, otherwise what changed.
    fn report(&self, now: i64) -> Option<StatusReport> {
        let full = self.declared.full_at.is_none_or(|at| now - at >= DAY);
        if !full && !self.declared.changed {
            return None;
        }
        let items = self.items();
        let mut report = StatusReport::new(items);
        report.full_report = Some(true);
        if full {
            return Some(report);
        }
        let mut after = self.declared.reported.clone();
        let changes = after.apply(&report, &StoreLimits::default()).unwrap_or_default();
        let mut all = Object::new();
        for change in changes {
            let Some(value) = change.after else { continue };
            insert(&mut all, &change.item, value);
        }
        if all.is_empty() {
            return None;
        }
        let text = Value::from(Object::new().with("StatusItems", all)).to_json();
        StatusReport::decode(&text, &json::Limits::default()).ok()
    }

    fn items(&self) -> StatusItems {
        let mut all = Object::new();
        for (item, value) in [
            ("device.operating-system.family", self.platform.as_str().to_owned()),
            ("device.operating-system.version", self.version.base().to_string()),
            (
                "device.operating-system.build-version",
                self.build.as_ref().map(ToString::to_string).unwrap_or_default(),
            ),
            (
                "device.operating-system.supplemental.extra-version",
                self.version.extra().map(String::from).unwrap_or_default(),
            ),
        ] {
            self.tell(&mut all, item, Value::from(value));
        }
        let work = self.declared.work.as_ref();
        let state = work.map_or(InstallState::None, |work| work.state.clone());
        self.tell(&mut all, "softwareupdate.install-state", state.as_str().into());
        let pending = work.map_or_else(
            || PendingVersion::new("", ""),
            |work| {
                let release = &work.release;
                let pending =
                    PendingVersion::new(release.version.to_string(), release.build.to_string());
                let targets = self.active_targets();
                match targets.iter().find(|(declaration, _)| *declaration == work.declaration) {
                    Some((_, target)) => {
                        let time = target.target_local_date_time.clone();
                        pending.with_target_local_date_time(time)
                    }
                    None => pending,
                }
            },
        );
        self.tell(&mut all, "softwareupdate.pending-version", value_of(&pending));
        let reason = match work {
            Some(work) => {
                InstallReason::new(vec![UpdateReason::Declaration], Some(work.declaration.clone()))
            }
            None => InstallReason::new(Vec::new(), None),
        };
        self.tell(&mut all, "softwareupdate.install-reason", value_of(&reason));
        let count = self.declared.failure_count;
        let words = (count > 0).then(|| "not enough power".to_owned());
        self.tell(
            &mut all,
            "softwareupdate.failure-reason",
            value_of(&FailureReason::new(count, words)),
        );
        insert(&mut all, "management.declarations", self.declarations_told());
        let text = Value::from(all).to_json();
        StatusItems::decode(&text, &json::Limits::default()).unwrap_or_default()
    }

    /// Puts an item in, if it is subscribed to and the device has it.
    fn tell(&self, all: &mut Object, item: &str, value: Value) {
        let subscribed = self.declared.declarations.iter().any(|known| match known.payload() {
            Payload::Subscriptions(items) => {
                self.is_active(known) && items.status_items.iter().any(|one| one.name == item)
            }
            _ => false,
        });
        if subscribed
            && check_status_item(item, self.platform, self.version, self.enrollment).is_ok()
        {
            insert(all, item, value);
        }
    }

    fn declarations_told(&self) -> Value {
        let of = |kind: Kind| {
            let known = self.declared.declarations.iter().filter(|known| known.kind() == kind);
            let told = known.map(|known| {
                let refusal = match known.payload() {
                    Payload::Enforcement(target) if self.not_newer(target) => {
                        Some(ReasonCode::ConfigurationCannotBeApplied)
                    }
                    _ if !self.is_supported(known) => Some(ReasonCode::ConfigurationNotSupported),
                    _ => None,
                };
                let valid = if refusal.is_some() { Validity::Invalid } else { Validity::Valid };
                let (identifier, token) = (known.identifier().as_str(), known.server_token());
                let mut status = DeclarationStatus::new(identifier, token.as_str(), valid);
                if let Some(code) = refusal {
                    status.reasons = Some(vec![StatusReason::new(code, "not for this device")]);
                } else if kind == Kind::Configuration && !self.is_active(known) {
                    // It is not looked at before something needs it (kmfddm).
                    (status.active, status.valid) = (Some(false), Some(Validity::Unknown));
                    let code = ReasonCode::NotReferencedByActivation;
                    status.reasons = Some(vec![StatusReason::new(code, "no activation")]);
                }
                value_of(&status)
            });
            Value::Array(told.collect())
        };
        Object::new()
            .with("activations", of(Kind::Activation))
            .with("configurations", of(Kind::Configuration))
            .with("assets", of(Kind::Asset))
            .with("management", of(Kind::Management))
            .into()
    }
}

fn value_of<T: crate::declarations::fields::Field>(item: &T) -> Value {
    item.write()
}

/// Puts a value at a name with dots.
fn insert(all: &mut Object, item: &str, value: Value) {
    match item.split_once('.') {
        Some((first, rest)) => {
            let mut inner = match all.remove(first) {
                Some(Value::Object(inner)) => inner,
                _ => Object::new(),
            };
            insert(&mut inner, rest, value);
            all.push(first, inner);
        }
        None => {
            all.set(item, value);
        }
    }
}
