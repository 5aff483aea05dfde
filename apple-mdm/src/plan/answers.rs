//! What the device's answers mean.

use std::cmp::Ordering;

use super::goal::{BootstrapToken, Path};
use super::outcome::{Event, Failure, Outcome, Refusal};
use super::rules;
use super::scheduled::Order;
use super::state::{Ask, Stage};
use super::{Installed, UpdatePlan};
use crate::messages::{
    Answer, BootstrapTokenAllowed, ErrorChain, ErrorClass, Report, ReportStatus, StatusWord,
};
use crate::version::OsVersion;

/// Words of a device, short enough to be kept, and of one line.
pub(super) fn short(words: &str) -> String {
    let words: String = words.chars().take(200).collect();
    mdm_xml::printable(&words).into_owned()
}

/// What a chain of errors says to people.
pub(super) fn words_of(errors: &ErrorChain) -> String {
    let words: Vec<&str> = errors.entries.iter().map(|error| error.description.as_str()).collect();
    words.join("; ")
}

impl UpdatePlan {
    /// Takes the answer to what was asked.
    pub(super) fn answered(&mut self, now: i64, ask: &Ask, report: &Report<'_>) {
        if report.status != ReportStatus::Acknowledged {
            return self.refused(now, ask, report);
        }
        if !matches!(ask, Ask::Schedule { .. }) {
            self.taken(ask.command());
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
                self.scheduled(now, Order { action, installs: *installs }, report);
            }
            Ask::Declare => self.told(now),
        }
    }

    fn refused(&mut self, now: i64, ask: &Ask, report: &Report<'_>) {
        let command = ask.command();
        let failure = if report.status == ReportStatus::CommandFormatError {
            Failure::Format(command.to_owned())
        } else {
            let words = words_of(&report.errors);
            Failure::Refused { command: command.to_owned(), words: short(&words) }
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
        if let Ask::Schedule { action, installs, .. } = ask {
            let order = Order { action, installs: *installs };
            return self.not_scheduled(now, order, class, &report.errors, failure);
        }
        if class.is_momentary() {
            return self.hold(now, command, failure);
        }
        self.taken(command);
        match (ask, class) {
            // The commands show whether it matters; it is told once more at the end.
            (Ask::Declare, _) if self.s.path == Path::Commands => self.s.clearing_told = true,
            // What may be unknown without harm.
            (Ask::Security, _) => self.s.stage = self.after_preparing(self.s.path),
            (Ask::Scan, _) => self.s.stage = Stage::Looking,
            (Ask::Available, ErrorClass::NoUpdateAvailable) => self.available(now, report),
            (Ask::Status, ErrorClass::NoUpdateAvailable) => self.progress(now, report),
            (Ask::Status, ErrorClass::UnknownCommand) => self.after_status(now, None),
            (_, ErrorClass::NeedsSupervision) => {
                self.switch(now, Outcome::Impossible(Refusal::NotSupervised));
            }
            // Its version may be another one than the server believes.
            (Ask::Available | Ask::Declare, ErrorClass::UnknownCommand) => {
                self.s.declare_sent &= *ask != Ask::Declare;
                self.s.refused = Some(failure);
                self.s.stage = Stage::Verifying;
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
        let installed = Installed { platform: self.s.device.installed.platform, version, build };
        // It was asked for the letter wherever that matters: none is none.
        if self.has(now, installed, true) {
            return;
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

    /// What the device has now, and whether it said so of an improvement's letter as well. Gives
    /// whether that decided something.
    pub(super) fn has(&mut self, now: i64, installed: Installed, letter_said: bool) -> bool {
        self.s.heard_at = now;
        self.s.version_at = Some(now);
        let known = std::mem::replace(&mut self.s.device.installed, installed);
        let has = &self.s.device.installed;
        let newer = match has.version.base().cmp(&known.version.base()) {
            // Security updates of old Macs keep the version.
            Ordering::Equal => known.build.is_some() && has.build > known.build,
            other => other.is_gt(),
        };
        if self.s.outcome.is_some() {
            return true;
        }
        if self.s.goal.is_reached(&self.s.device.installed) {
            let version = self.s.device.installed.version.to_string();
            self.end(now, Outcome::Updated { version });
            return true;
        }
        // Somebody updated it half the way, past the end of the commands; or the server believed
        // in another version.
        let possible = match self.s.path {
            Path::Commands => rules::commands_possible(&self.s.device),
            Path::Declarations => rules::goal_declarable(&self.s.device, &self.s.goal),
        };
        match possible {
            // It may have the improvement: it is asked.
            Err(Refusal::NeedsBuild) if !letter_said => {
                self.s.stage = Stage::Verifying;
                self.due_from(now);
                false
            }
            Err(why) => {
                self.switch(now, Outcome::Impossible(why));
                true
            }
            // It has installed something and needs another update.
            Ok(()) if newer && self.s.path == Path::Commands && self.s.install_at.is_some() => {
                self.look_again(now);
                true
            }
            Ok(()) => false,
        }
    }

    /// What was found is installed and was not the last: the next update has a key of its own, its
    /// own list of actions, and its own user. Nothing that was said of the former counts for it,
    /// and an answer about that one may come yet. *Decision*: failures and installations are counted
    /// on, as versions that alternate would otherwise never end.
    fn look_again(&mut self, now: i64) {
        self.s.sent = None;
        self.s.lost = None;
        self.s.product_key = None;
        self.s.by_version = false;
        self.s.looks = 0;
        self.s.stalls = 0;
        (self.s.download_rank, self.s.install_rank) = (0, 0);
        self.s.install_at = None;
        self.s.install_answered = false;
        self.s.install_waits = false;
        self.s.download_told = false;
        self.s.install_told = false;
        self.s.deferral_told = false;
        self.s.deferrals_left = None;
        self.s.refused = None;
        self.s.held = None;
        self.s.last_failure = None;
        self.s.not_before = now;
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
            Some(key) => items.find(|item| item.product_key().map(str::trim) == Some(key.trim())),
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
}

/// How far an update is.
struct Step {
    downloaded: bool,
    status: StatusWord,
    remaining: Option<i64>,
}
