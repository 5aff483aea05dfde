//! What the device makes of ScheduleOSUpdate.

use super::UpdatePlan;
use super::answers::{short, words_of};
use super::outcome::{Event, Failure, Outcome, Refusal};
use super::rules;
use super::state::{Ask, Stage};
use crate::messages::{Answer, ErrorChain, ErrorClass, InstallAction, Report, UpdateStatus};
use crate::schema::Platform;

/// The order that is answered.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) action: &'a str,
    pub(super) installs: bool,
}

impl UpdatePlan {
    /// The device has taken the order, or says in its results why not.
    pub(super) fn scheduled(&mut self, now: i64, order: Order<'_>, report: &Report<'_>) {
        let results = match report.answer() {
            Answer::UpdateResults(results) => results,
            _ => Vec::new(),
        };
        let of = |key: &str| {
            results.iter().find(|result| result.product_key().unwrap_or_default().trim() == key)
        };
        let result = match &self.s.product_key {
            // The client of iOS leaves the key out, or blank, where it has no update to name.
            Some(key) => of(key.trim()).or_else(|| of("")),
            None => results.first(),
        };
        let Order { action: asked, installs } = order;
        if installs {
            self.s.install_answered = true;
        }
        // After a restart there are none (seed 002); an iOS that has the version gives none (R10).
        let Some(result) = result else {
            self.taken(Ask::SCHEDULE);
            self.s.stage = Stage::Verifying;
            if !installs {
                let words = "the device says nothing of it".to_owned();
                self.nothing_began(now, Failure::Download(words));
            }
            return;
        };
        let status = result.status().unwrap_or(UpdateStatus::Idle);
        let got = result.install_action();
        let refused = got == Some(InstallAction::Error);
        if refused || status.is_failure() {
            let chain = result.error_chain().filter(|_| refused).unwrap_or_default();
            let words = if chain.is_empty() { status.to_string() } else { words_of(&chain) };
            let words = short(&words);
            let failure = if installs { Failure::Install(words) } else { Failure::Download(words) };
            let class = match chain.classify() {
                ErrorClass::Other if status == UpdateStatus::DownloadRequiresComputer => {
                    ErrorClass::NeedsComputer
                }
                class => class,
            };
            return self.not_scheduled(now, order, class, &chain, failure);
        }
        self.taken(Ask::SCHEDULE);
        // Default has no name of its own in answers.
        let got = got.as_ref().map_or("", InstallAction::as_str);
        let changed = asked != "Default" && !got.is_empty() && got != asked;
        if changed {
            self.event(Event::ActionChanged { asked: asked.to_owned(), got: short(got) });
        }
        if installs {
            self.s.install_waits = matches!(got, "InstallLater" | "NotifyOnly" | "DownloadOnly")
                || asked == "InstallLater";
        }
        self.does(now, installs, changed, &status);
    }

    /// What the device does now, by the order or already, and whether that is another action than
    /// the one that was asked for.
    fn does(&mut self, now: i64, installs: bool, changed: bool, status: &UpdateStatus) {
        let patience = self.s.goal.patience;
        let mac = self.s.device.installed.platform == Platform::MacOs;
        match status {
            UpdateStatus::Installing => {
                self.s.install_at.get_or_insert(now);
                self.s.install_answered = true;
                self.install_started();
                self.s.stage = Stage::AwaitingRestart;
                self.wait(now, patience.poll);
            }
            UpdateStatus::Downloading if installs && (changed || !mac) => {
                // It only downloads, on iOS and tvOS by the same action: not told to install
                // after all. A Mac installs what it downloads for an installation.
                self.s.install_at = None;
                self.s.stage = Stage::AwaitingDownload;
                self.wait(now, patience.poll);
            }
            _ if installs => {
                self.s.stage = Stage::AwaitingRestart;
                self.wait(now, patience.poll);
            }
            _ => {
                self.event(Event::DownloadStarted);
                self.s.stalls = 0;
                self.s.stage = Stage::AwaitingDownload;
                self.wait(now, patience.poll);
            }
        }
    }

    /// The device takes the download command and downloads nothing. If it has the version or the
    /// download, its next answer says so; else it is told again, but not at once, and not for ever.
    fn nothing_began(&mut self, now: i64, failure: Failure) {
        let patience = self.s.goal.patience;
        self.s.stalls = self.s.stalls.saturating_add(1);
        if self.s.stalls > patience.failures {
            self.s.stalls = 0;
            return self.fail(now, failure);
        }
        if self.s.stalls > 1 {
            self.wait(now, patience.poll);
        }
    }

    /// This was no installation: the user was not asked.
    fn not_ordered(&mut self, installs: bool) {
        if installs {
            self.s.install_at = None;
            self.s.installs = self.s.installs.saturating_sub(1);
        }
    }

    /// The device does not do it, and says why. *Observed* in the client of iOS (MDMParser): the same
    /// errors are those of the answer where the request fails, and else of one of its results.
    pub(super) fn not_scheduled(
        &mut self,
        now: i64,
        order: Order<'_>,
        class: ErrorClass,
        chain: &ErrorChain,
        failure: Failure,
    ) {
        let Order { action, installs } = order;
        if class.is_momentary() {
            self.not_ordered(installs);
            self.s.stage = Stage::Checking;
            return self.hold(now, Ask::SCHEDULE, failure);
        }
        self.taken(Ask::SCHEDULE);
        if class == ErrorClass::InProgress {
            // Nothing failed: it does it already.
            self.s.install_answered |= installs;
            let installing = chain.is_installing();
            let status =
                if installing { UpdateStatus::Installing } else { UpdateStatus::Downloading };
            return self.does(now, installs, false, &status);
        }
        self.not_ordered(installs);
        match class {
            ErrorClass::AlreadyDownloaded if !installs => {
                // Nothing failed: how far it is says OSUpdateStatus.
                self.s.stage = Stage::Checking;
                self.nothing_began(now, failure);
            }
            ErrorClass::NoUpdateAvailable => {
                // Installed meanwhile, or gone: the version says which.
                self.s.product_key = None;
                self.s.by_version = false;
                self.s.stage = Stage::Verifying;
                self.fail(now, failure);
            }
            ErrorClass::UnsupportedAction => {
                self.blame(failure);
                if installs {
                    // Of those before it, some were refused and some are too late by now.
                    let actions = rules::install_actions(&self.s.device, &self.s.goal);
                    let place = actions.iter().position(|(one, _)| one.as_str() == action);
                    self.s.install_rank = place.map_or(actions.len(), |place| place + 1);
                } else {
                    self.s.download_rank = self.s.download_rank.saturating_add(1);
                }
            }
            ErrorClass::NeedsSupervision => {
                self.switch(now, Outcome::Impossible(Refusal::NotSupervised));
            }
            // Its version may be another one than the server believes.
            ErrorClass::UnknownCommand => {
                self.s.refused = Some(failure);
                self.s.stage = Stage::Verifying;
            }
            // It does not change by waiting.
            ErrorClass::NeedsComputer => {
                self.blame(failure.clone());
                self.end(now, Outcome::Failed(failure));
            }
            _ => {
                self.s.stage = Stage::Checking;
                self.fail(now, failure);
            }
        }
    }
}
