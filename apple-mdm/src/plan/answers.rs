//! What the device's answers mean.

use std::cmp::Ordering;

use super::goal::{BootstrapToken, Path};
use super::outcome::{Event, Failure, Outcome, Refusal};
use super::rules;
use super::state::{Ask, Stage};
use super::{Installed, UpdatePlan};
use crate::messages::{
    Answer, BootstrapTokenAllowed, ErrorClass, InstallAction, Report, ReportStatus, StatusWord,
    UpdateStatus,
};
use crate::schema::Platform;
use crate::version::OsVersion;

/// Words of a device, short enough to be kept, and of one line.
pub(super) fn short(words: &str) -> String {
    let words: String = words.chars().take(200).collect();
    mdm_xml::printable(&words).into_owned()
}

impl UpdatePlan {
    /// Takes the answer to what was asked.
    pub(super) fn answered(&mut self, now: i64, ask: &Ask, report: &Report<'_>) {
        if report.status != ReportStatus::Acknowledged {
            return self.refused(now, ask, report);
        }
        match ask {
            Ask::Security => self.security(now, report),
            Ask::Scan => {
                // The device looks in the background; its list is of the last time.
                self.s.stage = Stage::Looking;
                self.wait(now, self.s.goal.patience.poll);
            }
            Ask::Available => self.available(now, report),
            Ask::Status => self.progress(now, report),
            Ask::Info => self.info(now, report),
            Ask::Schedule { action, installs, .. } => {
                self.scheduled(now, action, *installs, report);
            }
            Ask::Declare => self.told(now),
        }
    }

    fn refused(&mut self, now: i64, ask: &Ask, report: &Report<'_>) {
        let command = match ask {
            Ask::Security => "SecurityInfo",
            Ask::Scan => "ScheduleOSUpdateScan",
            Ask::Available => "AvailableOSUpdates",
            Ask::Status => "OSUpdateStatus",
            Ask::Info => "DeviceInformation",
            Ask::Schedule { .. } => "ScheduleOSUpdate",
            Ask::Declare => "DeclarativeManagement",
        };
        let failure = if report.status == ReportStatus::CommandFormatError {
            Failure::Format(command.to_owned())
        } else {
            let words: Vec<&str> =
                report.errors.entries.iter().map(|error| error.description.as_str()).collect();
            Failure::Refused { command: command.to_owned(), words: short(&words.join("; ")) }
        };
        let class = report.errors.classify();
        if self.s.outcome.is_some() {
            // The declaration is being taken back: whoever does not know it has forgotten it.
            if class.is_momentary() {
                return self.wait(now, self.s.goal.patience.retry);
            }
            self.s.stage = Stage::Over;
            return;
        }
        match (ask, class) {
            (Ask::Schedule { installs, .. }, class) if class.is_momentary() => {
                self.not_ordered(*installs);
                self.s.stage = Stage::Checking;
                self.hold(now, failure);
            }
            (_, class) if class.is_momentary() => self.hold(now, failure),
            // The commands show whether it matters; it is told once more at the end.
            (Ask::Declare, _) if self.s.path == Path::Commands => self.s.clearing_told = true,
            // What may be unknown without harm.
            (Ask::Security, _) => self.s.stage = self.after_preparing(self.s.path),
            (Ask::Scan, _) => self.s.stage = Stage::Looking,
            (Ask::Available, ErrorClass::NoUpdateAvailable) => self.available(now, report),
            (Ask::Status, ErrorClass::NoUpdateAvailable) => self.progress(now, report),
            (Ask::Status, ErrorClass::UnknownCommand) => self.after_status(now, None),
            (Ask::Schedule { .. }, ErrorClass::NoUpdateAvailable) => {
                // Installed meanwhile, or gone: the version says which.
                self.s.product_key = None;
                self.s.by_version = false;
                self.s.stage = Stage::Verifying;
                self.fail(now, failure);
            }
            (Ask::Schedule { installs, action, .. }, ErrorClass::UnsupportedAction) => {
                self.s.last_failure = Some(failure);
                let (device, goal) = (&self.s.device, &self.s.goal);
                if *installs {
                    // Of those before it, some were refused and some are too late by now.
                    let actions = rules::install_actions(device, goal);
                    let place = actions.iter().position(|(one, _)| one.as_str() == action);
                    self.s.install_rank = place.map_or(actions.len(), |place| place + 1);
                    // It does nothing: that was no installation.
                    self.s.install_at = None;
                } else {
                    self.s.download_rank = self.s.download_rank.saturating_add(1);
                }
            }
            (_, ErrorClass::NeedsSupervision) => {
                self.switch(now, Outcome::Impossible(Refusal::NotSupervised));
            }
            // Its version may be another one than the server believes.
            (Ask::Available | Ask::Schedule { .. } | Ask::Declare, ErrorClass::UnknownCommand) => {
                self.s.declare_sent &= *ask != Ask::Declare;
                self.s.refused = Some(failure);
                self.s.stage = Stage::Verifying;
            }
            (Ask::Schedule { installs, .. }, _) => {
                if *installs {
                    self.s.install_at = None;
                }
                self.s.stage = Stage::Checking;
                self.fail(now, failure);
            }
            _ => self.fail(now, failure),
        }
    }

    fn security(&mut self, now: i64, report: &Report<'_>) {
        let info = report.answer();
        let Answer::SecurityInfo(info) = &info else {
            self.s.stage = self.after_preparing(self.s.path);
            return;
        };
        let allowed = info.bootstrap_token_allowed();
        self.s.token_allowed = allowed == Some(BootstrapTokenAllowed::Allowed);
        // *Observed*: required where it may not authorise, and then it means nothing (R17).
        let counts = allowed.is_none() || self.s.token_allowed;
        if counts && info.bootstrap_token_required_for_software_update() == Some(true) {
            self.needs_token(now);
        } else {
            self.s.device.bootstrap_token = BootstrapToken::NotNeeded;
        }
        self.s.stage = self.after_preparing(self.s.path);
    }

    pub(super) fn needs_token(&mut self, now: i64) {
        if self.s.device.bootstrap_token == BootstrapToken::Escrowed {
            return;
        }
        self.s.device.bootstrap_token = BootstrapToken::Missing;
        if self.s.token_missing_at.is_none() {
            self.s.token_missing_at = Some(now);
            self.event(Event::BootstrapTokenNeeded);
        }
    }

    fn info(&mut self, now: i64, report: &Report<'_>) {
        let answer = report.answer();
        let Answer::DeviceInformation(said) = &answer else {
            let command = "DeviceInformation".to_owned();
            return self.fail(now, Failure::Refused { command, words: "no answer".to_owned() });
        };
        let version = said.os_version().and_then(|text| text.parse::<OsVersion>().ok());
        let Some(version) = version else {
            let words = "no OSVersion in the answer".to_owned();
            let command = "DeviceInformation".to_owned();
            return self.fail(now, Failure::Refused { command, words });
        };
        let extra = said.supplemental_os_version_extra();
        let version = extra.and_then(|extra| version.with_extra(extra).ok()).unwrap_or(version);
        let build = said.supplemental_build_version().or(said.build_version());
        let build = build.and_then(|build| build.parse().ok());
        let known = &self.s.device.installed;
        let newer = match version.base().cmp(&known.version.base()) {
            // Security updates of old Macs keep the version.
            Ordering::Equal => known.build.is_some() && build > known.build,
            other => other.is_gt(),
        };
        let installed = Installed { platform: known.platform, version, build };
        // It was asked for the letter wherever that matters: none is none.
        if self.has(now, installed, true) {
            return;
        }
        if newer && self.s.path == Path::Commands && self.s.install_at.is_some() {
            // It has installed something and needs another update, which has a key of its own.
            return self.look_again();
        }
        let between = matches!(
            self.s.stage,
            Stage::Scanning
                | Stage::Looking
                | Stage::Checking
                | Stage::Downloading
                | Stage::AwaitingDownload
                | Stage::Installing
                | Stage::Declaring
        );
        if between {
            // The version was asked for before something else.
            return;
        }
        if self.s.path == Path::Declarations {
            return self.still_old(now);
        }
        if let Some(failure) = self.s.refused.take() {
            return self.switch(now, Outcome::Failed(failure));
        }
        // Not there yet: what is the device about?
        if self.s.product_key.is_some() || self.s.by_version {
            self.s.stage = Stage::Checking;
        } else if self.s.looks >= self.s.goal.patience.looks {
            self.end(now, Outcome::NotOffered);
        } else {
            self.s.stage = self.after_preparing(Path::Commands);
            if self.s.looks > 0 {
                self.wait(now, self.s.goal.patience.retry);
            }
        }
    }

    /// What was found is installed and was not the last.
    fn look_again(&mut self) {
        self.s.product_key = None;
        self.s.by_version = false;
        self.s.install_at = None;
        self.s.install_waits = false;
        self.s.download_told = false;
        self.s.install_told = false;
        self.s.deferral_told = false;
        self.s.stage = self.after_preparing(Path::Commands);
    }

    /// How far the update is: OSUpdateStatus.
    fn progress(&mut self, now: i64, report: &Report<'_>) {
        let items = match report.answer() {
            Answer::OsUpdateStatus(items) => items,
            _ => Vec::new(),
        };
        let mut items = items.iter();
        let item = match &self.s.product_key {
            Some(key) => items.find(|item| item.product_key() == Some(key)),
            // By version the device has not said which key is ours: iOS and tvOS have one update.
            None => items.next(),
        };
        let step = item.map(|item| Step {
            downloaded: item.is_downloaded().unwrap_or_default(),
            status: item.status().unwrap_or(StatusWord::Idle),
            remaining: item.deferrals_remaining(),
        });
        self.after_status(now, step.as_ref());
    }

    fn after_status(&mut self, now: i64, step: Option<&Step>) {
        let patience = self.s.goal.patience;
        self.s.lost = None;
        match step {
            Some(step) if step.status == StatusWord::Installing => {
                self.s.install_at.get_or_insert(now);
                self.s.install_answered = true;
                self.install_started();
                self.s.stage = Stage::AwaitingRestart;
                self.wait(now, patience.poll);
            }
            Some(step) if step.downloaded => self.downloaded(now, step),
            Some(step) if step.status == StatusWord::Downloading => {
                if !matches!(self.s.stage, Stage::AwaitingDownload) {
                    self.event(Event::DownloadStarted);
                }
                self.s.stalls = 0;
                self.s.stage = Stage::AwaitingDownload;
                self.wait(now, patience.poll);
            }
            // Neither there nor on its way.
            _ if self.s.stage == Stage::AwaitingDownload => {
                self.s.stalls = self.s.stalls.saturating_add(1);
                if self.s.stalls > patience.failures {
                    self.s.stalls = 0;
                    self.s.stage = Stage::Verifying;
                    let failure = Failure::Download("it came to a standstill".to_owned());
                    return self.fail(now, failure);
                }
                self.wait(now, patience.poll);
            }
            _ if self.s.install_at.is_some() => {
                // Told to install, not installed, not downloaded: it starts again.
                self.s.install_at = None;
                self.s.stage = Stage::Downloading;
                self.fail(now, Failure::NotInstalled);
            }
            _ => self.s.stage = Stage::Downloading,
        }
    }

    /// The update is downloaded and the device does not install it.
    fn downloaded(&mut self, now: i64, step: &Step) {
        let patience = self.s.goal.patience;
        let Some(told_at) = self.s.install_at else {
            if !std::mem::replace(&mut self.s.download_told, true) {
                self.event(Event::Downloaded);
                self.s.failures = 0;
            }
            self.s.stage = Stage::Installing;
            return;
        };
        let since = now.saturating_sub(told_at);
        let answered = self.s.install_answered;
        let user = rules::user_decides(&self.s.device) || self.s.install_waits;
        if self.is_overdue(now) && since >= i64::from(patience.retry) {
            // Deliberately: the user had until now.
            self.event(Event::Insisting);
            self.s.stage = Stage::Installing;
        } else if user && answered {
            let told = std::mem::replace(&mut self.s.deferral_told, true);
            if !told || self.s.deferrals_left != step.remaining {
                self.s.deferrals_left = step.remaining;
                self.event(Event::UserDeferred { remaining: step.remaining });
            }
            self.s.stage = Stage::AwaitingUser;
            self.wait(now, patience.user_poll);
        } else {
            // No answer, and nobody knows whether the device was told at all.
            let wait = if user { patience.unanswered } else { patience.restart };
            if since >= i64::from(wait) {
                self.s.stage = Stage::Installing;
            } else {
                self.s.stage = Stage::AwaitingRestart;
                self.wait(now, patience.poll);
            }
        }
    }

    /// What the device makes of ScheduleOSUpdate.
    fn scheduled(&mut self, now: i64, asked: &str, installs: bool, report: &Report<'_>) {
        let patience = self.s.goal.patience;
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
        if installs {
            self.s.install_answered = true;
        }
        // After a restart there are none (seed 002); an iOS that has the version gives none (R10).
        let Some(result) = result else {
            self.s.stage = Stage::Verifying;
            if !installs {
                self.nothing_began(now, "the device says nothing of it");
            }
            return;
        };
        let status = result.status().unwrap_or(UpdateStatus::Idle);
        let got = result.install_action();
        if got == Some(InstallAction::Error) {
            let chain = result.error_chain().unwrap_or_default();
            let words: Vec<&str> =
                chain.entries.iter().map(|error| error.description.as_str()).collect();
            let words = if words.is_empty() { status.to_string() } else { words.join("; ") };
            return self.not_scheduled(now, installs, &status, chain.classify(), &words);
        }
        if status.is_failure() {
            let class = ErrorClass::Other;
            return self.not_scheduled(now, installs, &status, class, status.as_str());
        }
        // Default has no name of its own in answers.
        let got = got.as_ref().map_or("", InstallAction::as_str);
        let changed = asked != "Default" && !got.is_empty() && got != asked;
        if changed {
            self.event(Event::ActionChanged { asked: asked.to_owned(), got: short(got) });
        }
        let mac = self.s.device.installed.platform == Platform::MacOs;
        if installs {
            self.s.install_waits = matches!(got, "InstallLater" | "NotifyOnly" | "DownloadOnly")
                || asked == "InstallLater";
        }
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
    fn nothing_began(&mut self, now: i64, words: &str) {
        let patience = self.s.goal.patience;
        self.s.stalls = self.s.stalls.saturating_add(1);
        if self.s.stalls > patience.failures {
            self.s.stalls = 0;
            return self.fail(now, Failure::Download(words.to_owned()));
        }
        if self.s.stalls > 1 {
            self.wait(now, patience.poll);
        }
    }

    /// The user was not asked: this was no installation.
    fn not_ordered(&mut self, installs: bool) {
        if installs {
            self.s.install_at = None;
            self.s.installs = self.s.installs.saturating_sub(1);
        }
    }

    fn not_scheduled(
        &mut self,
        now: i64,
        installs: bool,
        status: &UpdateStatus,
        class: ErrorClass,
        words: &str,
    ) {
        self.not_ordered(installs);
        let words = short(words);
        if class == ErrorClass::AlreadyDownloaded && !installs {
            // Nothing failed: how far it is says OSUpdateStatus.
            self.s.stage = Stage::Checking;
            return self.nothing_began(now, &words);
        }
        let failure = if installs { Failure::Install(words) } else { Failure::Download(words) };
        if class.is_momentary() {
            self.s.stage = Stage::Checking;
            return self.hold(now, failure);
        }
        let computer = class == ErrorClass::NeedsComputer;
        if computer || *status == UpdateStatus::DownloadRequiresComputer {
            // It does not change by waiting.
            self.s.last_failure = Some(failure.clone());
            return self.end(now, Outcome::Failed(failure));
        }
        self.s.stage = Stage::Checking;
        self.fail(now, failure);
    }
}

/// How far an update is.
struct Step {
    downloaded: bool,
    status: StatusWord,
    remaining: Option<i64>,
}
