//! What a device takes: pure functions, without the state of a plan.

use super::goal::{Device, Goal, MacInstall, Path, Way};
use super::outcome::Refusal;
use crate::check::{FindingCode, is_refused};
use crate::declarations::rules::installs_combined;
use crate::declarations::support::{Unsupported, check_enforcement};
use crate::messages::{Command, InstallAction, ScheduleOsUpdate, ScheduledUpdate};
use crate::schema::Platform;
use crate::version::OsVersion;

/// Whether a device takes the update commands: by the rules of [`check`](crate::check).
///
/// # Errors
/// [`Refusal`].
pub fn commands_possible(device: &Device) -> Result<(), Refusal> {
    let findings = Command::OsUpdateStatus.check(&device.facts());
    if !is_refused(&findings) {
        return Ok(());
    }
    let has = |code| findings.iter().any(|finding| finding.code == code);
    Err(if has(FindingCode::NotOnPlatform) {
        Refusal::Platform
    } else if has(FindingCode::TooOld) {
        Refusal::TooOld
    } else if has(FindingCode::Removed) {
        Refusal::Removed
    } else {
        Refusal::NotSupervised
    })
}

/// Whether a device takes this order.
fn takes(device: &Device, update: ScheduledUpdate) -> bool {
    let command = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]));
    !is_refused(&command.check(&device.facts()))
}

fn takes_action(device: &Device, action: &InstallAction) -> bool {
    ScheduledUpdate::by_key("update", action.clone()).is_ok_and(|update| takes(device, update))
}

/// Whether a device takes enforced updates by declaration.
///
/// # Errors
/// [`Refusal`].
pub fn declarations_possible(device: &Device) -> Result<(), Refusal> {
    let installed = &device.installed;
    check_enforcement(installed.platform, installed.version, device.enrollment).map_err(|why| {
        match why {
            Unsupported::Platform { .. } => Refusal::Platform,
            Unsupported::Version { .. } => Refusal::TooOld,
            Unsupported::Removed { .. } => Refusal::Removed,
            Unsupported::Enrollment { .. } => Refusal::NotSupervised,
        }
    })
}

/// Whether a declaration can bring a device to a goal: it takes enforced updates, and one can say
/// what is meant. A Background Security Improvement is named by its build; without one it comes
/// along with its version, from iOS 18 and macOS 15 on and where that is not installed (R15).
///
/// # Errors
/// [`Refusal`].
pub fn goal_declarable(device: &Device, goal: &Goal) -> Result<(), Refusal> {
    declarations_possible(device)?;
    let installed = &device.installed;
    let named = !goal.version.is_supplemental() || goal.build.is_some();
    let along = installs_combined(installed) && installed.version.base() != goal.version.base();
    if named || along || goal.is_reached(installed) {
        return Ok(());
    }
    Err(Refusal::NeedsBuild)
}

/// The path for a device: declarations where it takes them, otherwise commands.
///
/// # Errors
/// Why there is none.
///
/// ```
/// use apple_mdm::declarations::{rules::Installed, support::Enrollment};
/// use apple_mdm::plan::{Device, Goal, Path, rules::choose};
/// use apple_mdm::schema::Platform;
///
/// let goal = Goal::new("27.1".parse()?, "2026-12-20T18:00:00".parse()?);
/// let choose = |version: &str| {
///     let installed = Installed::new(Platform::Ios, version.parse().ok()?, None);
///     choose(&Device::new(installed, Enrollment::Supervised), &goal).ok()
/// };
/// assert_eq!(choose("16.7"), Some(Path::Commands));
/// assert_eq!(choose("27.0"), Some(Path::Declarations));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn choose(device: &Device, goal: &Goal) -> Result<Path, Refusal> {
    match goal.way {
        Way::Only(Path::Commands) => commands_possible(device).map(|()| Path::Commands),
        Way::Only(Path::Declarations) => goal_declarable(device, goal).map(|()| Path::Declarations),
        Way::Auto => goal_declarable(device, goal)
            .map(|()| Path::Declarations)
            .or_else(|_| commands_possible(device).map(|()| Path::Commands)),
    }
}

/// Whether a device takes ProductVersion for this version.
#[must_use]
pub fn takes_version(device: &Device, version: &OsVersion) -> bool {
    ScheduledUpdate::by_version(version.to_string(), InstallAction::Default)
        .is_ok_and(|update| takes(device, update))
}

/// The actions that download an update, the best first. A Mac installs by Default, so it has one
/// only where it knows DownloadOnly.
pub(super) fn download_actions(device: &Device) -> Vec<InstallAction> {
    match device.installed.platform {
        Platform::MacOs => vec![InstallAction::DownloadOnly],
        _ => vec![InstallAction::Default],
    }
    .into_iter()
    .filter(|action| takes_action(device, action))
    .collect()
}

/// The actions that install, the best first, with MaxUserDeferrals where it goes.
pub(super) fn install_actions(device: &Device, goal: &Goal) -> Vec<(InstallAction, Option<u32>)> {
    let mut actions = Vec::new();
    if device.installed.platform == Platform::MacOs {
        match goal.mac_install {
            MacInstall::ForceRestart => actions.push((InstallAction::InstallForceRestart, None)),
            MacInstall::Later { deferrals } => {
                // The schema lets only minor updates be put off so often; the check does not know
                // what the goal is.
                let minor = goal.version.is_minor_of(&device.installed.version);
                let counted = ScheduledUpdate::by_key("update", InstallAction::InstallLater)
                    .and_then(|update| update.with_max_user_deferrals(deferrals))
                    .is_ok_and(|update| takes_deferrals(device, update));
                let deferrals = (minor && counted).then_some(deferrals);
                actions.push((InstallAction::InstallLater, deferrals));
            }
            MacInstall::Asap => {}
        }
        actions.push((InstallAction::InstallAsap, None));
    }
    actions.push((InstallAction::Default, None));
    actions.retain(|(action, _)| takes_action(device, action));
    actions
}

/// Whether a device knows the key MaxUserDeferrals: one that it does not know has no effect, which
/// is a finding and no refusal.
fn takes_deferrals(device: &Device, update: ScheduledUpdate) -> bool {
    let command = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]));
    let findings = command.check(&device.facts());
    let unknown = [FindingCode::KeyTooOld, FindingCode::KeyNotOnPlatform];
    !is_refused(&findings) && !findings.iter().any(|finding| unknown.contains(&finding.code))
}

/// Whether somebody at the device decides when it installs, so that another installation command
/// would overrule them (R6).
pub(super) fn user_decides(device: &Device) -> bool {
    device.installed.platform == Platform::Ios
}
