//! What is asked next, and how it is written.

use super::UpdatePlan;
use super::goal::Path;
use super::outcome::{Failure, Outcome};
use super::rules;
use super::state::{Ask, Sent, Stage};
use crate::messages::{
    Command, CommandUuid, Error, ErrorKind, InstallAction, Request, ScheduleOsUpdate,
    ScheduledUpdate,
};

impl UpdatePlan {
    /// What to ask or to say now, if anything; the version first, if it was not told lately.
    pub(super) fn next(&mut self, now: i64) -> Option<Ask> {
        let ask = self.next_ask(now)?;
        let fresh = i64::from(self.s.goal.patience.answer);
        let known = self.s.version_at.is_some_and(|at| now.saturating_sub(at) <= fresh);
        // What is taken back was taken before.
        let asks = ask.needs_version() && !known && self.s.outcome.is_none();
        Some(if asks { Ask::Info } else { ask })
    }

    fn next_ask(&mut self, now: i64) -> Option<Ask> {
        // An enforcement that the device still has makes it ignore commands (R8).
        let is_declared = self.s.declare_sent && !self.s.clearing_told;
        if self.s.path == Path::Commands && is_declared && self.s.outcome.is_none() {
            return Some(Ask::Declare);
        }
        match self.s.stage {
            Stage::Preparing => Some(Ask::Security),
            Stage::Scanning => Some(Ask::Scan),
            Stage::Looking => Some(Ask::Available),
            Stage::Checking | Stage::AwaitingDownload => Some(Ask::Status),
            Stage::Downloading => match self.download() {
                Some(ask) => Some(ask),
                // Nothing only downloads here: the installation does it.
                None => self.install(now),
            },
            Stage::Installing => self.install(now),
            Stage::AwaitingRestart | Stage::AwaitingUser | Stage::Verifying => Some(Ask::Info),
            Stage::Declaring => Some(Ask::Declare),
            Stage::Declared => {
                let silent = self.s.heard_at.saturating_add(self.s.goal.patience.report.into());
                (now >= silent || self.s.refused.is_some()).then_some(Ask::Info)
            }
            Stage::Clearing => (!self.s.clearing_told).then_some(Ask::Declare),
            Stage::Over => None,
        }
    }

    fn download(&mut self) -> Option<Ask> {
        let actions = rules::download_actions(&self.s.device);
        let action = actions.get(self.s.download_rank)?;
        Some(Ask::Schedule {
            action: action.as_str().to_owned(),
            deferrals: None,
            installs: false,
            by_version: self.s.by_version,
        })
    }

    fn install(&mut self, now: i64) -> Option<Ask> {
        let patience = self.s.goal.patience;
        if let Some(missing) = self.s.token_missing_at
            && now < missing.saturating_add(patience.bootstrap.into())
        {
            self.wait(now, patience.user_poll);
            return None;
        }
        if self.s.installs >= patience.installs {
            self.end(now, Outcome::Failed(Failure::NotInstalled));
            return None;
        }
        let actions = rules::install_actions(&self.s.device, &self.s.goal);
        // After the deadline nothing waits for the user any more.
        let too_late =
            |action: &InstallAction| *action == InstallAction::InstallLater && self.is_overdue(now);
        let mut left = actions.iter().skip(self.s.install_rank);
        let Some((action, deferrals)) = left.find(|(action, _)| !too_late(action)) else {
            let failure = self.s.last_failure.clone().unwrap_or(Failure::NotInstalled);
            self.end(now, Outcome::Failed(failure));
            return None;
        };
        Some(Ask::Schedule {
            action: action.as_str().to_owned(),
            deferrals: *deferrals,
            installs: true,
            by_version: self.s.by_version,
        })
    }

    /// Notes that this is sent.
    pub(super) fn send(&mut self, now: i64, ask: Ask) -> Sent {
        self.s.commands = self.s.commands.saturating_add(1);
        if let Ask::Schedule { installs: true, action, .. } = &ask {
            self.s.install_waits = action == InstallAction::InstallLater.as_str();
            self.s.installs = self.s.installs.saturating_add(1);
            self.s.install_at = Some(now);
            self.s.install_answered = false;
        }
        self.s.declare_sent |= ask == Ask::Declare;
        let uuid = CommandUuid::new(format!("{}-{:04}", self.s.name, self.s.commands));
        let sent = Sent { uuid, ask, at: now, refused: false };
        self.s.sent = Some(sent.clone());
        sent
    }

    pub(super) fn request(&self, sent: &Sent) -> Result<Request, Error> {
        let command = match &sent.ask {
            Ask::Security => Command::SecurityInfo,
            Ask::Scan => Command::ScheduleOsUpdateScan { force: Some(true) },
            Ask::Available => Command::AvailableOsUpdates,
            Ask::Status => Command::OsUpdateStatus,
            // Without the tokens the device asks for them: the caller's set may hold more than ours.
            Ask::Declare => Command::DeclarativeManagement { data: None },
            Ask::Info => {
                let mut queries = vec!["OSVersion", "BuildVersion"];
                if self.s.goal.version.is_supplemental() || self.s.goal.build.is_some() {
                    queries.extend(["SupplementalBuildVersion", "SupplementalOSVersionExtra"]);
                }
                Command::DeviceInformation {
                    queries: queries.into_iter().map(str::to_owned).collect(),
                }
            }
            Ask::Schedule { action, deferrals, by_version, .. } => {
                let action = InstallAction::from_text(action);
                let update = match &self.s.product_key {
                    Some(key) if !by_version => ScheduledUpdate::by_key(key, action),
                    _ => ScheduledUpdate::by_version(self.s.goal.version.to_string(), action),
                };
                let update = update.and_then(|update| match deferrals {
                    Some(deferrals) => update.with_max_user_deferrals(*deferrals),
                    None => Ok(update),
                });
                let update = update.map_err(|_| ErrorKind::Missing("ProductKey"))?;
                Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]))
            }
        };
        Ok(Request::new(sent.uuid.clone(), command))
    }
}
