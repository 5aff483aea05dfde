//! What the schema's prose, the seed and real devices say of commands about updates.

use super::facts::{DeviceFacts, KnownUpdate};
use super::finding::{FindingCode, Found};
use crate::messages::{Command, InstallAction, ScheduledUpdate};
use crate::schema::Platform;
use crate::version::OsVersion;

pub(super) fn command(command: &Command, device: &DeviceFacts, found: &mut Found) {
    let is_mac = device.platform == Platform::MacOs;
    match command {
        Command::ScheduleOsUpdate(schedule) => {
            if device.has_enforcement {
                found.note(FindingCode::DeclarationRules, "", "");
            } else if device.takes_enforcement() {
                found.note(FindingCode::DeclarationIsBetter, "", "");
            }
            if schedule.updates.is_empty() {
                found.note(FindingCode::NoUpdates, "Updates", "");
            }
            if schedule.updates.len() > 1 && !is_mac {
                found.note(FindingCode::OneUpdateOnly, "Updates", device.platform);
            }
            for (index, one) in schedule.updates.iter().enumerate() {
                update(one, device, &format!("Updates[{index}]"), found);
            }
        }
        Command::AvailableOsUpdates | Command::OsUpdateStatus if device.has_enforcement => {
            // They answer for what no declaration manages; nothing is refused.
            found.note(FindingCode::UnmanagedOnly, "", "");
        }
        Command::AvailableOsUpdates if is_mac && device.has_scanned != Some(true) => {
            found.note(FindingCode::ScanFirst, "", "");
        }
        _ => {}
    }
}

fn update(update: &ScheduledUpdate, device: &DeviceFacts, path: &str, found: &mut Found) {
    let at = |key: &str| format!("{path}/{key}");
    let known = product(update, device, path, found);
    let version = update.product_version().map(str::parse::<OsVersion>);
    if let Some(Err(_)) = version {
        let text = update.product_version().unwrap_or_default();
        found.note(FindingCode::NoVersion, &at("ProductVersion"), text);
    }
    let named = version.and_then(Result::ok);
    let response = known.is_some_and(|known| known.is_security_response) && version.is_some();
    if response || named.is_some_and(|version| version.is_supplemental()) {
        found.note(FindingCode::SecurityResponseByVersion, &at("ProductVersion"), "");
    }
    // The version it brings, as far as the device or the command says.
    let brings = known.and_then(|known| known.version).or(named);
    // A security update of an old Mac keeps the version, which stands in words only.
    let keeps = known.is_some_and(|known| known.version_in_words);
    let is_old =
        |version: &OsVersion| *version < device.version || (*version == device.version && !keeps);
    if let Some(version) = brings.filter(is_old) {
        found.note(FindingCode::NotNewer, path, version);
    }
    let is_major = brings.is_some_and(|version| !version.is_minor_of(&device.version));
    let action = update.install_action();
    if let Some(deferrals) = update.max_user_deferrals() {
        let path = at("MaxUserDeferrals");
        if deferrals < 0 {
            found.note(FindingCode::NegativeDeferrals, &path, deferrals);
        }
        if *action != InstallAction::InstallLater {
            found.note(FindingCode::DeferralsWithoutInstallLater, &path, action);
        }
        if is_major {
            found.note(FindingCode::DeferralsForMajor, &path, "");
        }
    }
    if update.priority().is_some() && is_major {
        found.note(FindingCode::PriorityForMajor, &at("Priority"), "");
    }
    self::action(update, known, device, path, found);
}

/// The name of an update: what the device takes, and what it said of it.
fn product<'d>(
    update: &ScheduledUpdate,
    device: &'d DeviceFacts,
    path: &str,
    found: &mut Found,
) -> Option<&'d KnownUpdate> {
    let takes_version = match device.platform {
        Platform::Ios => device.version >= OsVersion::new(11, 3, 0),
        Platform::MacOs => device.version >= OsVersion::new(12, 0, 0),
        Platform::TvOs => device.version >= OsVersion::new(12, 2, 0),
        Platform::VisionOs | Platform::WatchOs => false,
    };
    if update.product_key().is_none() && !(takes_version && update.product_version().is_some()) {
        found.note(FindingCode::NoProduct, path, "");
    }
    let known = device.updates.as_deref()?;
    let key = update.product_key()?;
    let Some(known) = known.iter().find(|known| known.product_key == key) else {
        found.note(FindingCode::UnknownProductKey, &format!("{path}/ProductKey"), key);
        return None;
    };
    let version = update.product_version().and_then(|text| text.parse::<OsVersion>().ok());
    if let (Some(version), Some(said)) = (version, known.version)
        && version != said
    {
        let path = format!("{path}/ProductVersion");
        found.note(FindingCode::VersionDiffers, &path, format_args!("{said}, not {version}"));
    }
    Some(known)
}

/// What the action does on this device.
fn action(
    update: &ScheduledUpdate,
    known: Option<&KnownUpdate>,
    device: &DeviceFacts,
    path: &str,
    found: &mut Found,
) {
    let action = update.install_action();
    let at = format!("{path}/InstallAction");
    let is_mac = device.platform == Platform::MacOs;
    match action {
        InstallAction::DownloadOnly | InstallAction::NotifyOnly => {
            found.note(FindingCode::DoesNotInstall, &at, action);
        }
        InstallAction::InstallForceRestart => found.note(FindingCode::MayLoseData, &at, action),
        InstallAction::Default if !is_mac => found.note(FindingCode::TwoSteps, &at, action),
        InstallAction::InstallLater
            if known.is_some_and(|known| known.allows_install_later == Some(false)) =>
        {
            found.note(FindingCode::NoInstallLater, &at, "");
        }
        _ => {}
    }
    if device.user_chose_later
        && !is_mac
        && matches!(action, InstallAction::Default | InstallAction::InstallAsap)
    {
        found.note(FindingCode::UserChoseLater, &at, action);
    }
    let bootstrap = device.bootstrap;
    let needed = known.is_some_and(|known| known.requires_bootstrap_token) || bootstrap.required;
    // What is required means nothing where the token may not authorise, and an update's own word
    // nothing where it is not said to.
    let counts = bootstrap.allowed.unwrap_or(bootstrap.required);
    if is_mac && needed && counts && action.starts_installation() && !bootstrap.escrowed {
        found.note(FindingCode::NoBootstrapToken, path, "the server has none");
    }
    if device.on_power == Some(false) {
        found.note(FindingCode::OnBattery, path, "");
    }
    let size = known.and_then(|known| known.size);
    if let (Some(size), Some(free)) = (size, device.free_bytes)
        && size > free
    {
        found.note(FindingCode::TooLittleSpace, path, format_args!("{free} of {size} bytes"));
    }
}
