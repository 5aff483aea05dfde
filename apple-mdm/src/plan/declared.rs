//! The path of declarations: what the device is given, and what its status means.

use chrono::{DateTime, Utc};

use super::answers::short;
use super::goal::Path;
use super::outcome::{Event, Failure, Outcome};
use super::state::Stage;
use super::{Installed, UpdatePlan};
use crate::declarations::rules::declarations_for;
use crate::declarations::status::{InstallState, StatusItems, StatusReport, Verdict};
use crate::declarations::{
    ActivationSimple, Declaration, DeclarationSet, Endpoint, EnforcementSpecific, Identifier,
    Payload, Response, StatusSubscriptions,
};

impl UpdatePlan {
    /// The declarations that the device should have for this plan; none when there is nothing to
    /// declare, or no longer. Put them into the device's set with your own.
    #[must_use]
    pub fn declarations(&self) -> Vec<Declaration> {
        let wanted = self.s.path == Path::Declarations
            && self.s.outcome.is_none()
            && matches!(self.s.stage, Stage::Declaring | Stage::Declared | Stage::Verifying);
        if !wanted {
            return Vec::new();
        }
        let goal = &self.s.goal;
        let mut update = EnforcementSpecific::new(goal.version, goal.deadline.clone());
        if let Some(build) = &goal.build {
            update = update.with_build(build.clone());
        }
        if let Some(url) = &goal.details_url {
            update = update.with_details_url(url.clone());
        }
        let mut all = Vec::new();
        // The last one is the goal; before it there may be its base version (R15).
        for (at, one) in
            declarations_for(&update, &self.s.device.installed).into_iter().rev().enumerate()
        {
            let name = if at == 0 { "update" } else { "update-base" };
            all.push(Declaration::new(self.identifier(name), Payload::Enforcement(one)));
        }
        let status = Payload::Subscriptions(StatusSubscriptions::updates());
        all.push(Declaration::new(self.identifier("status"), status));
        let names = all.iter().map(|one| one.identifier().clone()).collect();
        let activation = Payload::Activation(ActivationSimple::new(names));
        all.push(Declaration::new(self.identifier("activation"), activation));
        all
    }

    fn identifier(&self, what: &str) -> Identifier {
        Identifier::of(&format!("{}.{what}", self.s.name))
    }

    /// Answers a device that has no declarations but those of this plan; with others, use
    /// [`declarations`](Self::declarations) and [`handle_status`](Self::handle_status).
    #[must_use]
    pub fn answer(&mut self, now: DateTime<Utc>, endpoint: &Endpoint, data: &[u8]) -> Response {
        // The identifiers differ in their ends.
        let set = DeclarationSet::new(self.declarations()).unwrap_or_default();
        let response = set.answer(endpoint, data, now);
        if let Some(report) = &response.report {
            self.handle_status(now, report);
        }
        if *endpoint == Endpoint::DeclarationItems && self.s.clearing_told {
            // It sees that there is nothing left.
            self.forgotten(now.timestamp());
        }
        response
    }

    /// Takes what the device reports.
    pub fn handle_status(&mut self, now: DateTime<Utc>, report: &StatusReport) {
        let now = self.clock(now);
        if self.is_over() {
            return;
        }
        let items = &report.status_items;
        if self.s.path == Path::Declarations {
            self.s.heard_at = now;
        }
        if self.s.stage == Stage::Clearing {
            if let Some(known) = items.declarations()
                && known.get(self.identifier("update").as_str()).is_none()
                && self.s.clearing_told
            {
                self.forgotten(now);
            }
            return;
        }
        if let Some(known) = items.declarations() {
            let has = known.get(self.identifier("update").as_str()).is_some();
            // Whoever had it synchronise: what the device has is taken back in the end.
            self.s.declare_sent |= has;
            if !has && self.s.path == Path::Commands && self.s.clearing_told {
                self.forgotten(now);
            }
        }
        if self.version_told(now, items, report.is_full()) {
            return;
        }
        if self.s.path == Path::Declarations {
            self.planned_told(items, report.is_full());
            self.state_told(items);
            self.declaration_told(now, items, report.is_full());
        }
    }

    /// The version in a status report. Gives whether it decided something.
    fn version_told(&mut self, now: i64, items: &StatusItems, full: bool) -> bool {
        let Some(system) = items.operating_system() else { return false };
        let heard_at = self.s.heard_at;
        // A report that is not full has what changed: the rest is as it was.
        let known = &self.s.device.installed;
        let version = match (system.os_version(), &system.supplemental) {
            (Some(version), _) => version,
            (None, Some(supplemental)) => {
                let extra = supplemental.extra_version.as_deref().unwrap_or_default();
                known.version.with_extra(extra).unwrap_or(known.version)
            }
            (None, None) => known.version,
        };
        let build = system.build().or_else(|| {
            let same = version == known.version;
            known.build.clone().filter(|_| same)
        });
        let installed = Installed { platform: known.platform, version, build };
        let letter = system.supplemental.as_ref().is_some_and(|one| one.extra_version.is_some());
        let decided = self.has(now, installed, full || letter);
        if self.s.path == Path::Commands {
            self.s.heard_at = heard_at;
        }
        decided
    }

    /// What the device will install, and when.
    fn planned_told(&mut self, items: &StatusItems, full: bool) {
        let update = items.softwareupdate.as_ref();
        let pending = update.and_then(|update| update.pending_version.as_ref());
        if pending.is_none() && !full {
            // As it was.
            return;
        }
        let told = pending.and_then(|pending| {
            Some((short(&pending.os_version), pending.target_local_date_time.clone()?))
        });
        let (version, at) = told.clone().unzip();
        if (&version, &at) == (&self.s.planned_version, &self.s.planned_for) {
            return;
        }
        let before = std::mem::replace(&mut self.s.planned_version, version);
        self.s.planned_for = at;
        self.event(match told {
            Some((version, at)) => Event::Planned { version, at },
            None => Event::Unplanned { version: before.unwrap_or_default() },
        });
    }

    fn state_told(&mut self, items: &StatusItems) {
        let Some(update) = &items.softwareupdate else { return };
        let state = update.install_state.as_ref();
        if let Some(state) = state.map(|state| InstallState::from_text(&short(state.as_str())))
            && self.s.install_state.as_ref() != Some(&state)
        {
            self.s.install_state = Some(state.clone());
            if state == InstallState::Installing {
                let now = self.s.heard_at;
                self.s.install_at = Some(now);
            }
            self.event(Event::State(state));
        }
        if let Some(failure) = &update.failure_reason
            && failure.count != self.s.failure_count
        {
            self.s.failure_count = failure.count;
            if failure.count > 0 {
                let words = failure.reason.as_deref().unwrap_or("no reason given");
                let failure = Failure::Install(short(words));
                self.blame(failure.clone());
                // The device tries again by itself.
                self.event(Event::Blocked(failure));
            }
        }
    }

    fn declaration_told(&mut self, now: i64, items: &StatusItems, full: bool) {
        let declared = self.declarations();
        let ours = declared.first().map(|one| {
            (
                one.identifier().clone(),
                one.server_token().clone(),
                one.declaration_type().to_owned(),
            )
        });
        let Some((identifier, token, declaration_type)) = ours else { return };
        if let Some(can) = items.client_capabilities()
            && can.supports(&declaration_type) == Some(false)
        {
            let words = "the device does not know enforced updates".to_owned();
            return self.switch(now, Outcome::Failed(Failure::Declaration(words)));
        }
        let Some(known) = items.declarations() else { return };
        let Some(status) = known.revision(identifier.as_str(), token.as_str()) else {
            if full && self.s.stage == Stage::Declared {
                // It has forgotten it.
                self.s.stage = Stage::Declaring;
                self.due_from(now);
            }
            return;
        };
        let words = || {
            let words = status.reasons().map(|reason| match &reason.description {
                Some(words) => format!("{}: {words}", reason.code),
                None => reason.code.to_string(),
            });
            short(&words.collect::<Vec<_>>().join("; "))
        };
        match status.verdict(token.as_str()) {
            Verdict::Active => {
                self.s.refused = None;
                // What was in its way is not any more.
                let last = &self.s.last_failure;
                if let Some(Failure::Declaration(_) | Failure::Inactive(_)) = last {
                    self.s.last_failure = None;
                }
                if !std::mem::replace(&mut self.s.declared, true) {
                    self.event(Event::Declared);
                }
                if self.s.stage == Stage::Declaring && self.s.sent.is_none() {
                    self.s.stage = Stage::Declared;
                }
            }
            // The device refuses what it has already (R12): its version decides.
            Verdict::Refused => {
                let failure = Failure::Declaration(words());
                if self.s.refused.replace(failure).is_none() {
                    self.due_from(now);
                }
            }
            Verdict::Inactive => {
                let failure = Failure::Inactive(words());
                if self.s.last_failure.as_ref() != Some(&failure) {
                    self.blame(failure.clone());
                    self.event(Event::Blocked(failure));
                }
            }
            Verdict::Pending => {}
        }
    }

    /// There is something to send, although the device did not come for it: it is pushed now, or
    /// when a wait is over.
    pub(super) fn due_from(&mut self, now: i64) {
        self.s.not_before = self.s.not_before.max(now);
    }

    /// The device has no declaration of this plan any more.
    fn forgotten(&mut self, now: i64) {
        if std::mem::take(&mut self.s.declare_sent) {
            // What waited for this.
            self.s.not_before = now;
        }
        self.s.declared = false;
        if self.s.outcome.is_some() {
            self.s.stage = Stage::Over;
        }
    }

    /// The device has taken the command DeclarativeManagement.
    pub(super) fn told(&mut self, now: i64) {
        if self.s.outcome.is_some() {
            self.s.clearing_told = true;
            if !self.s.declared && self.s.refused.is_some() {
                self.s.stage = Stage::Over;
            }
            return;
        }
        if self.s.path == Path::Commands {
            // It is to see that the declaration is gone, and ignores orders until then (R8). Whoever
            // handles its requests need not tell when, so the commands wait for it only so long.
            self.s.clearing_told = true;
            if self.s.declare_sent {
                self.wait(now, self.s.goal.patience.retry);
            }
            return;
        }
        self.s.heard_at = now;
        // A report that came first may have left open what the device has.
        if self.s.stage != Stage::Verifying {
            self.s.stage = Stage::Declared;
        }
    }

    /// The device said its version, and it is not the one.
    pub(super) fn still_old(&mut self, now: i64) {
        if let Some(failure) = self.s.refused.take() {
            return self.switch(now, Outcome::Failed(failure));
        }
        // Nothing was heard for long, or the plan began with a wrong version: sync again.
        self.s.stage = Stage::Declaring;
    }
}
