//! Updating one device to one release, as a machine without I/O.
//!
//! By commands (system.update.schedule and its kin; seed 002): look, download, install, wait for
//! the restart, verify. On iOS and tvOS these are two `Default` commands: the first downloads, the
//! second installs. By declaration: declare, follow the status, take the declaration back. The
//! path is chosen per device, as Apple removes the commands in OS 27.
//!
//! Four things decide the order of questions:
//!
//! - A restart may swallow the answer to the installation command. So whatever got no answer is
//!   followed by questions that change nothing: which version, and how far.
//! - On iOS a second installation command overrules a user who has chosen later (R6). So none is
//!   sent before the deadline once the device has answered the first; and if it has not, only
//!   after a day ([`Patience::unanswered`]).
//! - What a device takes depends on its version, which its user may change at any time. So it is
//!   asked before each question and order that a version might not take, unless it was told in the
//!   last minutes ([`Patience::answer`]): a restart takes longer.
//! - A download command for something that is downloaded installs it. So none is sent before the
//!   device has said how far it is.

mod answers;
mod asks;
mod declared;
mod goal;
mod listed;
mod outcome;
pub mod rules;
mod scheduled;
mod state;
mod trouble;

use chrono::{DateTime, Utc};

pub use goal::{BootstrapToken, Device, Goal, MacInstall, Path, Patience, Way};
pub use outcome::{Event, Failure, Outcome, PushReason, Refusal};
pub use state::{MAX_EVENTS, MAX_PRODUCT_KEY, PlanState, STATE_VERSION, Stage};

use crate::declarations::rules::Installed;
use crate::messages::{Error, Report, ReportStatus};
use crate::schema::Platform;
use state::{Ask, Sent};

/// A saved plan that this program does not know how to read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the plan was saved as version {found}; this program knows {STATE_VERSION}")]
#[non_exhaustive]
pub struct ResumeError {
    /// The version of the state.
    pub found: u32,
}

/// The plan for one device and one release.
///
/// On each check-in of the device hand in what it said ([`handle_report`](Self::handle_report),
/// [`answer`](Self::answer) or [`handle_status`](Self::handle_status)), take the events, and send
/// what [`poll_transmit`](Self::poll_transmit) gives. At [`poll_timeout`](Self::poll_timeout) call
/// [`handle_timeout`](Self::handle_timeout), and push the device when an event says so. Between
/// two of these the plan is a value: [`into_state`](Self::into_state), [`resume`](Self::resume).
///
/// Until the device has answered a command, the plan gives the same bytes again.
///
/// ```
/// use apple_mdm::declarations::{rules::Installed, support::Enrollment};
/// use apple_mdm::messages::Report;
/// use apple_mdm::plan::{Device, Goal, UpdatePlan};
/// use apple_mdm::schema::Platform;
///
/// let phone = Installed::new(Platform::Ios, "16.7".parse()?, None);
/// let phone = Device::new(phone, Enrollment::Supervised);
/// let goal = Goal::new("16.7.2".parse()?, "2026-01-20T18:00:00".parse()?);
/// let mut plan = UpdatePlan::new("iphone-1", phone, goal);
/// let now = chrono::DateTime::UNIX_EPOCH;
/// let idle = b"<plist><dict><key>Status</key><string>Idle</string></dict></plist>";
/// plan.handle_report(now, &Report::decode(idle, &Default::default())?);
/// let command = plan.poll_transmit(now)?.ok_or("a command")?;
/// assert!(String::from_utf8_lossy(&command).contains("DeviceInformation"));
/// assert_eq!(plan.poll_transmit(now)?, Some(command), "until it is answered");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UpdatePlan {
    s: PlanState,
}

impl UpdatePlan {
    /// Updates a device. The name begins the identifiers of its commands and declarations; no two
    /// plans of one device have the same.
    #[must_use]
    pub fn new(name: impl Into<String>, device: Device, goal: Goal) -> Self {
        let chosen = rules::choose(&device, &goal);
        let state = PlanState {
            version: STATE_VERSION,
            name: name.into(),
            device,
            goal,
            path: chosen.unwrap_or(Path::Commands),
            stage: Stage::Verifying,
            outcome: None,
            events: Default::default(),
            started_at: None,
            version_at: None,
            commands: 0,
            sent: None,
            lost: None,
            not_before: 0,
            last_push: 0,
            not_now: None,
            product_key: None,
            by_version: false,
            looks: 0,
            failures: 0,
            stalls: 0,
            switches: 0,
            last_failure: None,
            download_rank: 0,
            install_rank: 0,
            installs: 0,
            install_at: None,
            install_answered: false,
            install_waits: false,
            download_told: false,
            install_told: false,
            deferral_told: false,
            deferrals_left: None,
            token_missing_at: None,
            token_allowed: false,
            declare_sent: false,
            declared: false,
            install_state: None,
            failure_count: 0,
            heard_at: 0,
            refused: None,
            clearing_at: 0,
            clearing_told: false,
            planned_for: None,
            planned_version: None,
            held: None,
        };
        let mut plan = Self { s: state };
        match chosen {
            Ok(path) => plan.begin(path),
            Err(why) => plan.end(0, Outcome::Impossible(why)),
        }
        plan
    }

    /// Goes on with a saved plan.
    ///
    /// # Errors
    /// [`ResumeError`] if another version of this crate saved it in another form.
    pub fn resume(state: PlanState) -> Result<Self, ResumeError> {
        match state.version {
            STATE_VERSION => Ok(Self { s: state }),
            found => Err(ResumeError { found }),
        }
    }

    /// The plan to be saved, with the events that were not taken.
    #[must_use]
    pub fn into_state(self) -> PlanState {
        self.s
    }

    /// Where it is.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.s.stage
    }

    /// The path it is on.
    #[must_use]
    pub const fn path(&self) -> Path {
        self.s.path
    }

    /// What it is for.
    #[must_use]
    pub const fn goal(&self) -> &Goal {
        &self.s.goal
    }

    /// The device, as far as it has told.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.s.device
    }

    /// How it ended, once that is decided.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.s.outcome.as_ref()
    }

    /// Whether nothing is left to do. A declaration is taken back after the outcome is decided.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.s.stage == Stage::Over
    }

    /// What happened since it was last asked.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.s.events.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next, if nothing is heard before.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<DateTime<Utc>> {
        if self.is_over() {
            return None;
        }
        let (due, _) = self.due();
        let end = match self.s.outcome {
            Some(_) => self.clearing_end(),
            None => self.end_of_time().unwrap_or(i64::MAX),
        };
        DateTime::from_timestamp(due.min(end), 0)
    }

    /// Takes the time: gives up when it is over, and says when to push the device.
    pub fn handle_timeout(&mut self, now: DateTime<Utc>) {
        let now = self.clock(now);
        if self.is_over() {
            return;
        }
        let (due, reason) = self.due();
        if now >= due {
            self.s.last_push = now;
            self.event(Event::Push(reason));
        }
    }

    /// Takes what the device said. An answer to another command than the last one changes nothing
    /// but what is known of NotNow: hand in all of the device's answers. Not those of a Mac's users,
    /// who have a channel of their own ([`Enrollment::channel`](crate::messages::Enrollment::channel)):
    /// update commands are for the device's.
    pub fn handle_report(&mut self, now: DateTime<Utc>, report: &Report) {
        let now = self.clock(now);
        if self.is_over() {
            return;
        }
        if report.status == ReportStatus::Idle {
            return self.idle(now);
        }
        let Some(uuid) = &report.command_uuid else { return };
        let is = |sent: &Option<Sent>| sent.as_ref().is_some_and(|sent| sent.uuid == *uuid);
        if report.status == ReportStatus::NotNow {
            if is(&self.s.sent) {
                if let Some(sent) = &mut self.s.sent {
                    sent.refused = true;
                }
                if self.s.not_now.replace(now).is_none() {
                    self.event(Event::NotNow);
                }
            }
            return;
        }
        // The device polls by itself only while NotNow is the last that it said (R11).
        if self.s.not_now.take().is_some() {
            self.s.last_push = now;
            self.event(Event::Push(PushReason::AfterNotNow));
        }
        let answered = if is(&self.s.sent) {
            self.s.sent.take()
        } else if is(&self.s.lost) && matches!(self.s.stage, Stage::Verifying | Stage::Checking) {
            // The answer was late, not lost: what was asked meanwhile is not needed.
            self.s.sent = None;
            self.s.lost.take()
        } else {
            None
        };
        if let Some(sent) = answered {
            if let Ask::Schedule { .. } = sent.ask {
                self.s.lost = None;
            }
            self.answered(now, &sent.ask, report);
        }
    }

    /// The next command, to be answered to the device's report. Until it is answered, the same
    /// bytes again.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`](crate::messages::ErrorKind::Unwritable) where the plan's name has
    /// characters that XML cannot carry.
    pub fn poll_transmit(&mut self, now: DateTime<Utc>) -> Result<Option<Vec<u8>>, Error> {
        let now = self.clock(now);
        if self.is_over() {
            return Ok(None);
        }
        let sent = match &self.s.sent {
            Some(sent) if sent.refused => return Ok(None),
            Some(sent) => sent.clone(),
            None if now < self.s.not_before => return Ok(None),
            None => match self.next(now) {
                Some(ask) => self.send(now, ask),
                None => return Ok(None),
            },
        };
        let mut body = Vec::new();
        self.request(&sent)?.encode(&mut body)?;
        Ok(Some(body))
    }

    /// The caller takes the goal back: the release is not offered any more (R19), or somebody
    /// changed their mind. What the device was told to install it may install yet.
    pub fn withdraw(&mut self, now: DateTime<Utc>) {
        let now = self.clock(now);
        if self.s.outcome.is_none() {
            let commanded = self.s.path == Path::Commands && self.s.install_at.is_some();
            let told_to_install = commanded || self.s.declared;
            self.end(now, Outcome::Withdrawn { told_to_install });
        }
    }

    /// The server has the bootstrap token now (check-in message SetBootstrapToken).
    pub fn bootstrap_token_escrowed(&mut self) {
        self.s.device.bootstrap_token = BootstrapToken::Escrowed;
        if self.s.token_missing_at.take().is_some() {
            // The last push was for something else, and nobody says how long ago it was.
            (self.s.not_before, self.s.last_push) = (0, 0);
        }
    }

    // --- the inside -----------------------------------------------------------------------------

    fn begin(&mut self, path: Path) {
        self.s.path = path;
        self.event(Event::Chosen(path));
        let mac = self.s.device.installed.platform == Platform::MacOs;
        let unknown = self.s.device.bootstrap_token == BootstrapToken::Unknown;
        self.s.stage = match path {
            // It may have been updated since the server looked.
            Path::Commands if self.s.goal.is_reached(&self.s.device.installed) => Stage::Verifying,
            // SecurityInfo has had the bootstrap token since macOS 11.
            _ if mac && unknown && self.s.device.installed.version.major() >= 11 => {
                Stage::Preparing
            }
            path => self.after_preparing(path),
        };
    }

    fn after_preparing(&self, path: Path) -> Stage {
        match path {
            Path::Declarations => Stage::Declaring,
            Path::Commands if self.s.device.installed.platform == Platform::MacOs => {
                Stage::Scanning
            }
            Path::Commands => Stage::Looking,
        }
    }

    /// Every call begins here: the first one starts the plan's time, a late one ends it.
    fn clock(&mut self, now: DateTime<Utc>) -> i64 {
        let now = now.timestamp();
        if self.s.started_at.is_none() {
            self.s.started_at = Some(now);
            self.s.heard_at = now;
            if self.s.device.bootstrap_token == BootstrapToken::Missing && !self.is_over() {
                self.needs_token(now);
            }
        }
        if self.s.outcome.is_none() && self.end_of_time().is_some_and(|end| now >= end) {
            let (stage, failure) = (self.s.stage, self.s.last_failure.clone());
            self.end(now, Outcome::TimedOut { stage, failure });
        }
        if self.s.stage == Stage::Clearing && now >= self.clearing_end() {
            self.s.stage = Stage::Over;
        }
        now
    }

    /// When the plan gives up.
    fn end_of_time(&self) -> Option<i64> {
        let last = self.s.started_at?.max(self.s.goal.deadline.latest_utc());
        Some(last.saturating_add(self.s.goal.patience.overtime.into()))
    }

    fn clearing_end(&self) -> i64 {
        self.s.clearing_at.saturating_add(self.s.goal.patience.clearing.into())
    }

    fn is_overdue(&self, now: i64) -> bool {
        now >= self.s.goal.deadline.latest_utc()
    }

    /// When the device should be heard of, and why it is pushed then.
    fn due(&self) -> (i64, PushReason) {
        let patience = &self.s.goal.patience;
        let after = |at: i64, wait: u32| at.saturating_add(wait.into());
        let (due, reason) = match (&self.s.sent, self.s.not_now) {
            (Some(_), Some(at)) => (after(at, patience.push), PushReason::Silence),
            (Some(sent), None) => (after(sent.at, patience.answer), PushReason::NoAnswer),
            (None, _) if self.s.stage == Stage::Declared && self.s.refused.is_none() => {
                (after(self.s.heard_at, patience.report), PushReason::Silence)
            }
            // Told; the rest comes by itself, or the time is over.
            (None, _) if self.s.stage == Stage::Clearing && self.s.clearing_told => {
                (i64::MAX, PushReason::Silence)
            }
            (None, _) => (self.s.not_before, PushReason::Command),
        };
        if self.s.last_push > 0 && self.s.last_push >= due {
            return (after(self.s.last_push, patience.push), PushReason::Silence);
        }
        (due, reason)
    }

    fn event(&mut self, event: Event) {
        if self.s.events.len() >= MAX_EVENTS {
            self.s.events.pop_front();
        }
        self.s.events.push_back(event);
    }

    fn wait(&mut self, now: i64, seconds: u32) {
        self.s.not_before = now.saturating_add(seconds.into());
    }

    /// The device is back and has no answer to tell.
    fn idle(&mut self, now: i64) {
        self.s.not_now = None;
        let fresh = i64::from(self.s.goal.patience.answer);
        let Some(sent) = &mut self.s.sent else { return };
        // What was a good question may be one that the device must refuse by now.
        let stale = sent.ask.needs_version() && now.saturating_sub(sent.at) > fresh;
        let refused = std::mem::take(&mut sent.refused);
        let order = matches!(sent.ask, Ask::Schedule { .. });
        if stale && (refused || !order) {
            if let Ask::Schedule { installs: true, .. } = sent.ask {
                // It did not do it.
                self.s.installs = self.s.installs.saturating_sub(1);
                self.s.install_at = None;
            }
            self.s.sent = None;
            return;
        }
        if refused {
            return;
        }
        if order {
            // It may have done what it was told: ask before telling it again.
            self.s.lost = self.s.sent.take();
            self.s.stage = Stage::Verifying;
            self.s.not_before = now;
        }
    }

    /// Decides how it ends.
    fn end(&mut self, now: i64, outcome: Outcome) {
        if self.s.outcome.is_some() {
            return;
        }
        if matches!(outcome, Outcome::Updated { .. }) && self.s.install_at.is_some() {
            self.install_started();
        }
        self.s.sent = None;
        self.s.lost = None;
        // Due now: a time before the last push would be due with the next one only.
        self.s.not_before = now;
        self.s.outcome = Some(outcome.clone());
        // A device that was not told, or does not know what it was told, has nothing to forget.
        let clears = self.s.declare_sent;
        self.s.clearing_told = false;
        self.s.stage = if clears { Stage::Clearing } else { Stage::Over };
        self.s.clearing_at = now;
        self.event(Event::Over(outcome));
    }

    /// Something went wrong: tries again later, and not for ever.
    fn fail(&mut self, now: i64, failure: Failure) {
        self.blame(failure.clone());
        self.s.failures = self.s.failures.saturating_add(1);
        if self.s.failures > self.s.goal.patience.failures {
            return self.end(now, Outcome::Failed(failure));
        }
        self.event(Event::Blocked(failure));
        self.wait(now, self.s.goal.patience.retry);
    }

    fn install_started(&mut self) {
        if !std::mem::replace(&mut self.s.install_told, true) {
            self.event(Event::InstallStarted);
        }
    }
}
