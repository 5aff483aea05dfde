//! What a device takes: pure functions, without the state of a plan.

use super::goal::{Device, Goal, MacInstall, Path, Way};
use super::outcome::Refusal;
use crate::declarations::support::{Enrollment, check_enforcement};
use crate::messages::InstallAction;
use crate::schema::Platform;
use crate::version::OsVersion;

/// Whether the device has at least this version.
fn at_least(device: &Device, major: u32, minor: u32) -> bool {
    let version = &device.installed.version;
    (version.major(), version.minor()) >= (major, minor)
}

/// Whether a device takes the update commands (system.update.schedule, .available, .status).
///
/// # Errors
/// [`Refusal`].
pub fn commands_possible(device: &Device) -> Result<(), Refusal> {
    let first = match device.installed.platform {
        Platform::Ios => (9, 0),
        Platform::MacOs => (10, 11),
        Platform::TvOs => (12, 0),
        _ => return Err(Refusal::Platform),
    };
    if !at_least(device, first.0, first.1) {
        return Err(Refusal::TooOld);
    }
    if device.installed.version.major() >= 27 {
        return Err(Refusal::Removed);
    }
    if device.enrollment != Enrollment::Supervised {
        return Err(Refusal::NotSupervised);
    }
    Ok(())
}

/// Whether a device takes enforced updates by declaration.
///
/// # Errors
/// [`Refusal`].
pub fn declarations_possible(device: &Device) -> Result<(), Refusal> {
    let installed = &device.installed;
    check_enforcement(installed.platform, installed.version, device.enrollment).map_err(|why| {
        use crate::declarations::support::Unsupported;
        match why {
            Unsupported::Platform { .. } => Refusal::Platform,
            Unsupported::Version { .. } => Refusal::TooOld,
            Unsupported::Removed { .. } => Refusal::Removed,
            Unsupported::Enrollment { .. } => Refusal::NotSupervised,
        }
    })
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
        Way::Only(Path::Declarations) => declarations_possible(device).map(|()| Path::Declarations),
        Way::Auto => declarations_possible(device)
            .map(|()| Path::Declarations)
            .or_else(|_| commands_possible(device).map(|()| Path::Commands)),
    }
}

/// Whether a device takes ProductVersion for this version: iOS 11.3, macOS 12, tvOS 12.2, and not
/// for Background Security Improvements.
#[must_use]
pub fn takes_version(device: &Device, version: &OsVersion) -> bool {
    let since = match device.installed.platform {
        Platform::Ios => (11, 3),
        Platform::MacOs => (12, 0),
        Platform::TvOs => (12, 2),
        _ => return false,
    };
    version.extra().is_none() && at_least(device, since.0, since.1)
}

/// The actions that download an update, the best first.
pub(super) fn download_actions(device: &Device) -> Vec<InstallAction> {
    match device.installed.platform {
        // A Mac may refuse DownloadOnly for a product: then the installation downloads as well.
        Platform::MacOs if at_least(device, 11, 0) => vec![InstallAction::DownloadOnly],
        Platform::MacOs => Vec::new(),
        _ => vec![InstallAction::Default],
    }
}

/// The actions that install, the best first, with MaxUserDeferrals where it goes. After the
/// deadline nothing waits for the user any more.
pub(super) fn install_actions(
    device: &Device,
    goal: &Goal,
    overdue: bool,
) -> Vec<(InstallAction, Option<u32>)> {
    if device.installed.platform != Platform::MacOs {
        return vec![(InstallAction::Default, None)];
    }
    let asap = (InstallAction::InstallAsap, None);
    let default = (InstallAction::Default, None);
    match goal.mac_install {
        MacInstall::Asap => vec![asap, default],
        MacInstall::ForceRestart if at_least(device, 11, 0) => {
            vec![(InstallAction::InstallForceRestart, None), asap, default]
        }
        MacInstall::ForceRestart => vec![asap, default],
        MacInstall::Later { .. } if overdue => vec![asap, default],
        MacInstall::Later { deferrals } => {
            let minor = goal.version.is_minor_of(&device.installed.version);
            let deferrals = (minor && at_least(device, 12, 0)).then_some(deferrals);
            vec![(InstallAction::InstallLater, deferrals), asap, default]
        }
    }
}

/// Whether somebody at the device decides when it installs, so that another installation command
/// would overrule them (R6).
pub(super) fn user_decides(device: &Device) -> bool {
    device.installed.platform == Platform::Ios
}
