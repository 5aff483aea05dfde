//! What the device's answers mean.

use super::goal::{BootstrapToken, Path};
use super::outcome::{Event, Failure, Outcome, Refusal};
use super::rules;
use super::state::{Ask, MAX_PRODUCT_KEY, Stage};
use super::{Installed, UpdatePlan};
use crate::messages::{
    Answer, AvailableOsUpdatesItem, BootstrapTokenAllowed, ErrorClass, InstallAction, Report,
    ReportStatus, StatusWord, UpdateStatus,
};
use crate::schema::Platform;
use crate::version::{Build, OsVersion};

/// Words of a device, short enough to be kept, and of one line.
pub(super) fn short(words: &str) -> String {
    let words: String = words.chars().take(200).collect();
    mdm_xml::printable(&words).into_owned()
}

/// Whether it is an update of the system. *Observed*: Macs list data files and Safari as well.
/// *Decision*: the developer tools and Safari have versions of the same numbers as the system, and
/// names that are the same in all languages.
fn is_system(item: &AvailableOsUpdatesItem<'_>) -> bool {
    const OTHERS: [&str; 3] = ["Safari", "Command Line Tools", "Xcode"];
    let name = item.human_readable_name().unwrap_or_default().trim_start();
    item.is_config_data_update() != Some(true) && !OTHERS.iter().any(|it| name.starts_with(it))
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
        if self.s.outcome.is_some() {
            // The declaration is being taken back: whoever does not know it has forgotten it.
            self.s.stage = Stage::Over;
            return;
        }
        match (ask, report.errors.classify()) {
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

    fn is_target(&self, item: &AvailableOsUpdatesItem<'_>) -> bool {
        if !is_system(item) {
            return false;
        }
        let version = item.version().unwrap_or_default().trim();
        if let Some(build) = &self.s.goal.build {
            // *Observed*: a build in place of the version.
            let builds = [item.build(), item.supplemental_build_version(), Some(version)];
            let (platform, version) = (self.s.device.installed.platform, self.s.goal.version);
            let is = |known: &str| {
                let known = known.parse::<Build>();
                known.is_ok_and(|known| known.cmp_issue(build, platform, version).is_eq())
            };
            if builds.iter().flatten().any(|known| is(known)) {
                return true;
            }
            if builds.iter().take(2).flatten().any(|known| !known.trim().is_empty()) {
                return false;
            }
        }
        let Ok(version) = version.parse::<OsVersion>() else { return false };
        let extra = item.supplemental_os_version_extra();
        let full = extra.and_then(|extra| version.with_extra(extra).ok());
        full.unwrap_or(version) == self.s.goal.version
    }

    /// The device's list of updates; one error is an empty list (R9).
    fn available(&mut self, now: i64, report: &Report<'_>) {
        let items = match report.answer() {
            Answer::AvailableOsUpdates(items) => items,
            _ => Vec::new(),
        };
        let key = |item: &AvailableOsUpdatesItem<'_>| {
            let key = item.product_key().filter(|key| !key.trim().is_empty());
            key.filter(|key| key.len() <= MAX_PRODUCT_KEY).map(str::to_owned)
        };
        let found = items.iter().filter(|item| self.is_target(item));
        let found = found.filter_map(|item| Some((key(item)?, item))).next();
        if let Some((product_key, item)) = found {
            let name = short(item.human_readable_name().unwrap_or_default());
            if item.requires_bootstrap_token() == Some(true) && self.s.token_allowed {
                self.needs_token(now);
            }
            self.s.product_key = Some(product_key.clone());
            self.s.by_version = false;
            self.s.stage = Stage::Checking;
            return self.event(Event::Found { product_key, name });
        }
        // iOS and tvOS list only the newest: an older one can be asked for by its version. A Mac
        // lists all that it can have, and other things with versions of their own (R7).
        let lists_all = self.s.device.installed.platform == Platform::MacOs;
        let newer = !lists_all
            && items.iter().any(|item| {
                let version = item.version().unwrap_or_default().parse::<OsVersion>();
                version.is_ok_and(|version| version > self.s.goal.version)
            });
        if newer && rules::takes_version(&self.s.device, &self.s.goal.version) {
            self.s.product_key = None;
            self.s.by_version = true;
            self.s.stage = Stage::Checking;
            return;
        }
        // It may have the version already.
        self.s.looks = self.s.looks.saturating_add(1);
        self.s.product_key = None;
        self.s.by_version = false;
        self.s.stage = Stage::Verifying;
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
        let mut results = results.iter();
        let result = match &self.s.product_key {
            Some(key) => results.find(|result| result.product_key() == Some(key)),
            None => results.next(),
        };
        if installs {
            self.s.install_answered = true;
        }
        // After a restart there are none (seed 002); an iOS that has the version gives none (R10).
        let Some(result) = result else {
            self.s.stage = Stage::Verifying;
            if !installs {
                self.nothing_said(now);
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
            return self.not_scheduled(now, installs, &status, &words);
        }
        if status.is_failure() {
            return self.not_scheduled(now, installs, &status, status.as_str());
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

    /// The device takes the download command and says nothing of it. If it has the version, its
    /// next answer says so; else it is told again, but not at once, and not for ever.
    fn nothing_said(&mut self, now: i64) {
        let patience = self.s.goal.patience;
        self.s.stalls = self.s.stalls.saturating_add(1);
        if self.s.stalls > patience.failures {
            self.s.stalls = 0;
            return self.fail(now, Failure::Download("the device says nothing of it".to_owned()));
        }
        if self.s.stalls > 1 {
            self.wait(now, patience.poll);
        }
    }

    fn not_scheduled(&mut self, now: i64, installs: bool, status: &UpdateStatus, words: &str) {
        // The user was not asked: this was no installation, and is counted as a failure.
        if installs {
            self.s.install_at = None;
            self.s.installs = self.s.installs.saturating_sub(1);
        }
        let words = short(words);
        let failure = if installs { Failure::Install(words) } else { Failure::Download(words) };
        if *status == UpdateStatus::DownloadRequiresComputer {
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
