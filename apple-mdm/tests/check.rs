//! Whether a device will do what a command says: Apple's schema on every platform, and the rules
//! R1 to R19 of the protocol notes that concern commands, each by its name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::check::{
    BootstrapFacts, DeviceFacts, EnrollmentKind, Finding, FindingCode as Code, KnownUpdate,
    is_refused,
};
use apple_mdm::messages::{
    Channel, Command, InstallAction, Priority, RecommendationCadence, Report, ScheduleOsUpdate,
    ScheduledUpdate, Setting,
};
use apple_mdm::plist::Dictionary;
use apple_mdm::profile::{
    AccessRights, DelayDays, MdmPayload, Profile, SoftwareUpdatePayload, UpdateRestrictions,
};
use apple_mdm::schema::{self, Family, Platform, Since};
use apple_mdm::version::OsVersion;

fn version(text: &str) -> OsVersion {
    text.parse().unwrap()
}

fn device(platform: Platform, text: &str) -> DeviceFacts {
    DeviceFacts::new(platform, version(text)).with_supervised(true)
}

fn schedule(update: ScheduledUpdate) -> Command {
    Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]))
}

fn to_version(text: &str, action: InstallAction) -> Command {
    schedule(ScheduledUpdate::by_version(text, action).unwrap())
}

fn by_key(action: InstallAction) -> Command {
    schedule(ScheduledUpdate::by_key("k", action).unwrap())
}

fn codes(found: &[Finding]) -> Vec<Code> {
    found.iter().map(|finding| finding.code).collect()
}

fn has(command: &Command, device: &DeviceFacts, code: Code) -> bool {
    codes(&command.check(device)).contains(&code)
}

/// Every command of the table, on every platform, just before and at each of its versions.
#[test]
fn versions_are_those_of_the_schema() {
    let mut checked = 0;
    for (name, command) in [
        ("ScheduleOSUpdate", to_version("99.9", InstallAction::Default)),
        ("ScheduleOSUpdateScan", Command::ScheduleOsUpdateScan { force: Some(true) }),
        ("AvailableOSUpdates", Command::AvailableOsUpdates),
        ("OSUpdateStatus", Command::OsUpdateStatus),
        ("DeclarativeManagement", Command::DeclarativeManagement { data: None }),
        ("DeviceInformation", Command::DeviceInformation { queries: vec![] }),
        ("SecurityInfo", Command::SecurityInfo),
        ("Settings", Command::Settings(vec![])),
    ] {
        let group = schema::group(Family::Command, name).unwrap();
        for platform in Platform::ALL {
            let terms = group.support.on(platform);
            let at = |version: OsVersion| {
                let facts = DeviceFacts::new(platform, version).with_supervised(true);
                codes(&command.check(&facts))
            };
            let Since::Version(since) = terms.since else {
                assert!(at(version("26.0")).contains(&Code::NotOnPlatform), "{name} on {platform}");
                continue;
            };
            assert!(!at(since).contains(&Code::TooOld), "{name} on {platform}");
            let before = OsVersion::new(since.major() - 1, 9, 9);
            assert!(at(before).contains(&Code::TooOld), "{name} on {platform}");
            if let Some(removed) = terms.removed {
                assert!(at(removed).contains(&Code::Removed));
                assert!(at(removed).contains(&Code::Removed));
                let before = at(OsVersion::new(removed.major() - 1, 9, 0));
                assert!(!before.contains(&Code::Removed) && before.contains(&Code::Deprecated));
            }
            if let Some(deprecated) = terms.deprecated {
                assert!(
                    !at(OsVersion::new(deprecated.major() - 1, 0, 0)).contains(&Code::Deprecated)
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 25);
}

#[test]
fn r1_supervision_is_needed_but_for_available_updates_on_macs() {
    for platform in [Platform::Ios, Platform::MacOs, Platform::TvOs] {
        let device = DeviceFacts::new(platform, version("18.0"));
        let commands = [to_version("18.1", InstallAction::Default), Command::OsUpdateStatus];
        for command in commands {
            assert!(has(&command, &device, Code::NeedsSupervision), "{platform}");
            assert!(!has(&command, &device.clone().with_supervised(true), Code::NeedsSupervision));
        }
        let available = has(&Command::AvailableOsUpdates, &device, Code::NeedsSupervision);
        assert_eq!(available, platform != Platform::MacOs);
    }
}

#[test]
fn r2_default_is_two_steps_on_ios_and_tvos() {
    for (platform, two) in [(Platform::Ios, true), (Platform::TvOs, true), (Platform::MacOs, false)]
    {
        let device = device(platform, "18.0");
        assert_eq!(has(&to_version("18.1", InstallAction::Default), &device, Code::TwoSteps), two);
    }
}

#[test]
fn r3_after_a_restart_there_are_no_results() {
    let answer = Dictionary::new().with("Status", "Acknowledged").with("CommandUUID", "1");
    let report = Report::from_dictionary(answer).unwrap();
    assert_eq!(report.update_results(), None);
}

#[test]
fn r4_the_action_error_is_for_answers() {
    assert!(ScheduledUpdate::by_key("k", InstallAction::Error).is_err());
    let results = schema::group(Family::Command, "ScheduleOSUpdate").unwrap();
    let key = results.key(schema::Place::Response, "UpdateResults/UpdateResultsItem/InstallAction");
    let values = key.unwrap().values;
    assert!(values.contains(&"Error") && !values.contains(&"Default"));
}

#[test]
fn r5_actions_do_what_they_do() {
    let mac = device(Platform::MacOs, "14.0");
    for (action, code) in [
        (InstallAction::NotifyOnly, Some(Code::DoesNotInstall)),
        (InstallAction::DownloadOnly, Some(Code::DoesNotInstall)),
        (InstallAction::InstallForceRestart, Some(Code::MayLoseData)),
        (InstallAction::InstallAsap, None),
    ] {
        let found = codes(&to_version("14.1", action.clone()).check(&mac));
        for known in [Code::DoesNotInstall, Code::MayLoseData] {
            assert_eq!(found.contains(&known), code == Some(known), "{action}");
        }
        assert_eq!(action.starts_installation(), code != Some(Code::DoesNotInstall));
    }
}

#[test]
fn r6_a_user_who_chose_later_is_not_overrun_blindly() {
    let mut phone = device(Platform::Ios, "18.0");
    let command = to_version("18.1", InstallAction::Default);
    assert!(!has(&command, &phone, Code::UserChoseLater));
    phone.user_chose_later = true;
    assert!(has(&command, &phone, Code::UserChoseLater));
    assert!(has(&to_version("18.1", InstallAction::InstallAsap), &phone, Code::UserChoseLater));
    assert!(!has(&to_version("18.1", InstallAction::DownloadOnly), &phone, Code::UserChoseLater));
}

#[test]
fn r7_macs_scan_first() {
    let mut mac = device(Platform::MacOs, "14.0");
    assert!(has(&Command::AvailableOsUpdates, &mac, Code::ScanFirst));
    mac.has_scanned = Some(true);
    assert!(!has(&Command::AvailableOsUpdates, &mac, Code::ScanFirst));
    assert!(!has(&Command::AvailableOsUpdates, &device(Platform::Ios, "18.0"), Code::ScanFirst));
}

#[test]
fn r8_declarations_come_first() {
    let mut phone = device(Platform::Ios, "18.0");
    let command = to_version("18.1", InstallAction::Default);
    assert!(has(&command, &phone, Code::DeclarationIsBetter));
    assert!(!is_refused(&command.check(&phone)));
    phone.has_enforcement = true;
    assert!(has(&command, &phone, Code::DeclarationRules));
    assert!(is_refused(&command.check(&phone)), "the device ignores the command");
    for query in [Command::AvailableOsUpdates, Command::OsUpdateStatus] {
        assert!(has(&query, &phone, Code::UnmanagedOnly) && !is_refused(&query.check(&phone)));
    }
    for (platform, text, takes) in [
        (Platform::Ios, "16.7", false),
        (Platform::Ios, "17.0", true),
        (Platform::MacOs, "13.6", false),
        (Platform::MacOs, "14.0", true),
        (Platform::TvOs, "18.3", false),
        (Platform::TvOs, "18.4", true),
        (Platform::VisionOs, "2.0", false),
        (Platform::VisionOs, "26.0", true),
    ] {
        assert_eq!(device(platform, text).takes_enforcement(), takes, "{platform} {text}");
    }
    assert!(
        !DeviceFacts::new(Platform::MacOs, version("14.0")).takes_enforcement(),
        "Macs need supervision"
    );
    assert!(DeviceFacts::new(Platform::Ios, version("17.0")).takes_enforcement());
    let byod =
        DeviceFacts::new(Platform::Ios, version("17.0")).with_enrollment(EnrollmentKind::User);
    assert!(!byod.takes_enforcement());
    assert!(device(Platform::Ios, "26.5").takes_commands());
    assert!(!device(Platform::Ios, "27.0").takes_commands());
}

#[test]
fn r9_no_update_is_an_empty_list() {
    let entry =
        Dictionary::new().with("ErrorDomain", "DeviceManagement.error").with("ErrorCode", 2213);
    let answer = Dictionary::new()
        .with("Status", "Error")
        .with("ErrorChain", vec![entry.into()] as Vec<apple_mdm::Value<'_>>);
    let report = Report::from_dictionary(answer).unwrap();
    assert!(report.is_no_update());
    assert_eq!(report.available_updates(), Some(vec![]));
}

#[test]
fn r10_what_is_there_already_is_told_before_sending() {
    let phone = device(Platform::Ios, "18.7.2");
    for (target, not_newer) in
        [("18.7.1", true), ("18.7.2", true), ("18.7.3", false), ("26", false)]
    {
        let command = to_version(target, InstallAction::Default);
        assert_eq!(has(&command, &phone, Code::NotNewer), not_newer, "{target}");
        assert!(!is_refused(&command.check(&phone)));
    }
    assert!(has(&to_version("eighteen", InstallAction::Default), &phone, Code::NoVersion));
}

#[test]
fn r15_background_security_improvements_have_no_version() {
    let phone = device(Platform::Ios, "16.5.1");
    assert!(is_refused(&to_version("16.5.1 (a)", InstallAction::InstallAsap).check(&phone)));
    let mut response = KnownUpdate::new("k").with_version(version("16.5.1 (a)"));
    response.is_security_response = true;
    let phone = phone.with_updates(vec![response]);
    assert!(!is_refused(&by_key(InstallAction::InstallAsap).check(&phone)));
    assert!(!has(&by_key(InstallAction::InstallAsap), &phone, Code::NotNewer));
    let both = ScheduledUpdate::by_key("k", InstallAction::InstallAsap).unwrap();
    let both = schedule(both.with_product_version("16.5.1").unwrap());
    assert!(has(&both, &phone, Code::SecurityResponseByVersion));
}

#[test]
fn r17_the_bootstrap_token_counts_where_it_may_authorise() {
    let token = |required, allowed, escrowed, update| {
        let mut known = KnownUpdate::new("k").with_version(version("14.7"));
        known.requires_bootstrap_token = update;
        let mut mac = device(Platform::MacOs, "14.6").with_updates(vec![known]);
        mac.bootstrap = BootstrapFacts::default();
        (mac.bootstrap.required, mac.bootstrap.allowed) = (required, allowed);
        mac.bootstrap.escrowed = escrowed;
        has(&by_key(InstallAction::InstallAsap), &mac, Code::NoBootstrapToken)
    };
    assert!(token(true, Some(true), false, false), "required, and there is none");
    assert!(!token(true, Some(true), true, false));
    assert!(!token(true, Some(false), false, false), "it may not authorise: nothing is required");
    assert!(!token(true, Some(false), false, true));
    assert!(token(true, None, false, false), "nothing was said against it");
    assert!(!token(false, Some(false), false, true), "the update's word does not count");
    assert!(token(false, Some(true), false, true));
    let mac = device(Platform::MacOs, "14.6");
    let mut needs = mac.clone();
    needs.bootstrap.required = true;
    assert!(!has(&by_key(InstallAction::DownloadOnly), &needs, Code::NoBootstrapToken));
}

#[test]
fn r18_downloads_may_wait_for_power() {
    let mut mac = device(Platform::MacOs, "10.14");
    let command = by_key(InstallAction::Default);
    assert!(!has(&command, &mac, Code::OnBattery));
    mac.on_power = Some(false);
    assert!(has(&command, &mac, Code::OnBattery));
}

#[test]
fn channels_are_kept_apart() {
    let mac = device(Platform::MacOs, "14.0").with_channel(Channel::User);
    assert!(has(&Command::OsUpdateStatus, &mac, Code::WrongChannel));
    assert!(!has(&Command::SecurityInfo, &mac, Code::WrongChannel));
    let phone = device(Platform::Ios, "18.0").with_channel(Channel::User);
    assert!(has(&Command::SecurityInfo, &phone, Code::WrongChannel), "an iPhone has no users");
    let mut shared = phone;
    shared.shared_ipad = true;
    assert!(has(&Command::SecurityInfo, &shared, Code::WrongChannel));
    assert!(!has(&Command::DeviceInformation { queries: vec![] }, &shared, Code::WrongChannel));
    shared.channel = Channel::Device;
    assert!(!has(&Command::OsUpdateStatus, &shared, Code::WrongChannel));
}

#[test]
fn enrolments_of_users_take_no_update_commands() {
    let byod = device(Platform::Ios, "18.0").with_enrollment(EnrollmentKind::User);
    assert!(has(&Command::AvailableOsUpdates, &byod, Code::UserEnrollment));
    assert!(!has(&Command::DeclarativeManagement { data: None }, &byod, Code::UserEnrollment));
    let query = Command::DeviceInformation { queries: vec!["SoftwareUpdateDeviceID".to_owned()] };
    assert!(has(&query, &byod, Code::KeyEnrollment));
    assert!(!has(&query, &device(Platform::Ios, "18.0"), Code::KeyEnrollment));
}

#[test]
fn rights_are_those_of_the_enrolment() {
    let without = AccessRights::from_bits(AccessRights::ALL.bits() & !4096);
    let phone = device(Platform::Ios, "18.0").with_access_rights(without);
    assert!(has(&Command::AvailableOsUpdates, &phone, Code::MissingRight));
    // The seed names the right for all platforms; Apple's schema asks for none on macOS.
    let mac = device(Platform::MacOs, "14.0").with_access_rights(without);
    assert!(!has(&Command::AvailableOsUpdates, &mac, Code::MissingRight));
    let query = |name: &str| Command::DeviceInformation { queries: vec![name.to_owned()] };
    let blind = device(Platform::Ios, "18.0").with_access_rights(AccessRights::from_bits(4096));
    assert!(has(&query("OSVersion"), &blind, Code::MissingRight));
    assert!(!has(&query("AwaitingConfiguration"), &blind, Code::MissingRight));
    let byod = blind.with_enrollment(EnrollmentKind::User);
    assert!(!has(&query("OSVersion"), &byod, Code::MissingRight), "rights do not count there");
}

#[test]
fn keys_and_values_are_those_of_platform_and_version() {
    let later = |version: &str| {
        let update = ScheduledUpdate::by_key("k", InstallAction::InstallLater).unwrap();
        let update = update.with_max_user_deferrals(3).unwrap().with_priority(Priority::High);
        schedule(update.with_product_version(version).unwrap())
    };
    let on = |platform, at: &str, target: &str| codes(&later(target).check(&device(platform, at)));
    assert!(!on(Platform::MacOs, "14.0", "14.1").contains(&Code::KeyTooOld));
    assert!(on(Platform::MacOs, "12.2", "12.3").contains(&Code::KeyTooOld), "Priority since 12.3");
    assert!(on(Platform::MacOs, "11.7", "11.8").contains(&Code::KeyTooOld), "deferrals since 12.0");
    let phone = on(Platform::Ios, "18.0", "18.1");
    assert!(phone.contains(&Code::KeyNotOnPlatform) && phone.contains(&Code::ValueNotOnPlatform));
    for (action, platform, at, expected) in [
        (InstallAction::DownloadOnly, Platform::MacOs, "10.15", Some(Code::ValueTooOld)),
        (InstallAction::DownloadOnly, Platform::MacOs, "11.0", None),
        (InstallAction::InstallForceRestart, Platform::MacOs, "10.15.7", Some(Code::ValueTooOld)),
        (
            InstallAction::InstallForceRestart,
            Platform::TvOs,
            "18.0",
            Some(Code::ValueNotOnPlatform),
        ),
        (InstallAction::NotifyOnly, Platform::Ios, "18.0", Some(Code::ValueNotOnPlatform)),
        (
            InstallAction::Other("InstallTomorrow".to_owned()),
            Platform::Ios,
            "18.0",
            Some(Code::UnknownValue),
        ),
    ] {
        let found = codes(&by_key(action.clone()).check(&device(platform, at)));
        for code in [Code::ValueTooOld, Code::ValueNotOnPlatform, Code::UnknownValue] {
            assert_eq!(
                found.contains(&code),
                expected == Some(code),
                "{action} on {platform} {at}"
            );
        }
    }
    let untyped = Command::Other(Dictionary::new().with("RequestType", "ScheduleOSUpdateScan"));
    assert!(has(&untyped, &device(Platform::Ios, "18.0"), Code::NotOnPlatform));
    let untyped = Command::Other(Dictionary::new().with("RequestType", "AvailableOSUpdates"));
    assert!(
        has(&untyped, &device(Platform::MacOs, "14.0"), Code::ScanFirst),
        "rules count as well"
    );
    let scan = Command::ScheduleOsUpdateScan { force: None };
    assert!(has(&scan, &device(Platform::Ios, "18.0"), Code::NotOnPlatform));
}

#[test]
fn updates_are_named_as_the_device_takes_them() {
    let command = to_version("99.0", InstallAction::Default);
    for (platform, at, refused) in [
        (Platform::Ios, "11.2", true),
        (Platform::Ios, "11.3", false),
        (Platform::MacOs, "11.7", true),
        (Platform::MacOs, "12.0", false),
        (Platform::TvOs, "12.1", true),
        (Platform::TvOs, "12.2", false),
    ] {
        assert_eq!(
            has(&command, &device(platform, at), Code::NoProduct),
            refused,
            "{platform} {at}"
        );
    }
    let known = KnownUpdate::new("k").with_version(version("18.7.2"));
    let phone = device(Platform::Ios, "18.7.1").with_updates(vec![known]);
    let both = |key: &str, version: &str| {
        let update = ScheduledUpdate::by_key(key, InstallAction::Default).unwrap();
        codes(&schedule(update.with_product_version(version).unwrap()).check(&phone))
    };
    assert!(both("k", "18.7.3").contains(&Code::VersionDiffers));
    assert!(!both("k", "18.7.2").contains(&Code::VersionDiffers));
    assert!(both("other", "18.7.2").contains(&Code::UnknownProductKey));
    let empty = Command::ScheduleOsUpdate(ScheduleOsUpdate::default());
    let found = empty.check(&phone);
    assert!(codes(&found).contains(&Code::NoUpdates) && !is_refused(&found));
    let update = || ScheduledUpdate::by_key("k", InstallAction::Default).unwrap();
    let two = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update(), update()]));
    assert!(has(&two, &phone, Code::OneUpdateOnly));
    assert!(!has(&two, &device(Platform::MacOs, "14.0"), Code::OneUpdateOnly));
}

#[test]
fn deferrals_and_priority_are_for_minor_updates() {
    let known = |target| vec![KnownUpdate::new("k").with_version(version(target))];
    let later = || ScheduledUpdate::by_key("k", InstallAction::InstallLater).unwrap();
    let deferred = schedule(later().with_max_user_deferrals(3).unwrap());
    let hasty = schedule(later().with_priority(Priority::High));
    let mac = |target| device(Platform::MacOs, "14.6").with_updates(known(target));
    assert!(!has(&deferred, &mac("14.7"), Code::DeferralsForMajor));
    assert!(has(&deferred, &mac("15.0"), Code::DeferralsForMajor));
    assert!(!has(&hasty, &mac("14.7"), Code::PriorityForMajor));
    assert!(has(&hasty, &mac("15.0"), Code::PriorityForMajor));
    assert!(later().with_max_user_deferrals(1).is_ok());
    let asap = ScheduledUpdate::by_key("k", InstallAction::InstallAsap).unwrap();
    assert!(asap.with_max_user_deferrals(1).is_err());
    // What a peer wrote can be checked as well.
    let text = "<plist><dict><key>CommandUUID</key><string>1</string><key>Command</key><dict>
        <key>RequestType</key><string>ScheduleOSUpdate</string><key>Updates</key><array><dict>
        <key>ProductKey</key><string>k</string><key>InstallAction</key><string>Default</string>
        <key>MaxUserDeferrals</key><integer>-1</integer></dict></array></dict></dict></plist>";
    let request = apple_mdm::Request::decode(text.as_bytes(), &Default::default()).unwrap();
    let found = codes(&request.command.check(&mac("14.7")));
    assert!(found.contains(&Code::DeferralsWithoutInstallLater));
    assert!(found.contains(&Code::NegativeDeferrals));
    let mut not_later = mac("14.7");
    not_later.updates.as_mut().unwrap()[0].allows_install_later = Some(false);
    assert!(has(&deferred, &not_later, Code::NoInstallLater));
}

#[test]
fn space_is_counted() {
    let mut update = KnownUpdate::new("k").with_version(version("18.7"));
    update.size = Some(762_000_000);
    let mut phone = device(Platform::Ios, "18.6").with_updates(vec![update]);
    for (free, little) in [(None, false), (Some(762_000_000), false), (Some(761_999_999), true)] {
        phone.free_bytes = free;
        assert_eq!(has(&by_key(InstallAction::Default), &phone, Code::TooLittleSpace), little);
    }
}

#[test]
fn settings_are_checked_key_by_key() {
    let cadence = |cadence| Command::Settings(vec![Setting::SoftwareUpdate(cadence)]);
    let lower = cadence(RecommendationCadence::Lower);
    let phone = device(Platform::Ios, "18.0");
    assert!(lower.check(&phone).is_empty(), "{:?}", lower.check(&phone));
    assert!(has(&lower, &phone.clone().with_supervised(false), Code::KeyNeedsSupervision));
    assert!(has(&lower, &device(Platform::Ios, "14.4"), Code::KeyTooOld));
    assert!(has(&lower, &device(Platform::Ios, "26.1"), Code::KeyDeprecated));
    assert!(has(&lower, &device(Platform::Ios, "27.0"), Code::KeyRemoved));
    assert!(has(&lower, &device(Platform::MacOs, "14.0"), Code::KeyNotOnPlatform));
    assert!(has(&cadence(RecommendationCadence::Other(3)), &phone, Code::UnknownValue));
    let other =
        Command::Settings(vec![Setting::Other(Dictionary::new().with("Item", "Wallpaper"))]);
    assert!(other.check(&phone).is_empty());
}

#[test]
fn profiles_are_checked_key_by_key() {
    let mac = device(Platform::MacOs, "14.0");
    let payload = SoftwareUpdatePayload::new().with_automatic_download(true);
    assert!(payload.check(&mac).is_empty());
    assert_eq!(codes(&payload.check(&device(Platform::Ios, "18.0")))[0], Code::NotOnPlatform);
    assert_eq!(codes(&payload.check(&device(Platform::MacOs, "10.14"))), [Code::KeyTooOld]);
    assert!(codes(&payload.check(&device(Platform::MacOs, "27.0"))).contains(&Code::Removed));
    let catalog = SoftwareUpdatePayload::new().with_catalog_url("https://example.com");
    assert_eq!(codes(&catalog.check(&mac)), [Code::KeyDeprecated]);

    let delay =
        UpdateRestrictions::new().with_enforced_software_update_delay(DelayDays::new(7).unwrap());
    assert_eq!(codes(&delay.check(&mac)), [Code::DelayWithoutForce]);
    // One delay for the system and for apps: either switches it on.
    let apps = delay.clone().with_force_delayed_app_software_updates(true);
    assert!(apps.check(&mac).is_empty(), "{:?}", apps.check(&mac));
    let missing = |found: &[Finding]| {
        let found: Vec<_> =
            found.iter().filter(|it| it.code == Code::DelayWithoutForce).cloned().collect();
        let [found] = &found[..] else { panic!("{found:?}") };
        (found.path.clone(), found.detail.clone())
    };
    let key = |detail: &str| ("enforcedSoftwareUpdateDelay".to_owned(), detail.to_owned());
    let keys = "forceDelayedSoftwareUpdates or forceDelayedAppSoftwareUpdates";
    assert_eq!(missing(&delay.check(&mac)), key(keys));
    // A key that the device does not have switches nothing on, and is no advice.
    for old in [
        device(Platform::Ios, "18.0"),
        device(Platform::TvOs, "18.0"),
        device(Platform::MacOs, "10.15"),
    ] {
        assert_eq!(missing(&apps.check(&old)), key("forceDelayedSoftwareUpdates"));
    }
    assert!(apps.check(&device(Platform::MacOs, "11.0")).is_empty());
    let other = UpdateRestrictions::from_dictionary(
        Dictionary::new().with("enforcedSoftwareUpdateNonOSDeferredInstallDelay", 7),
    );
    for device in [mac.clone(), device(Platform::Ios, "18.0")] {
        assert_eq!(missing(&other.check(&device)).1, "forceDelayedAppSoftwareUpdates");
    }
    let delay = delay.with_force_delayed_software_updates(true);
    assert!(delay.check(&mac).is_empty());
    // The delay of the system's minor versions is another one.
    let minor = UpdateRestrictions::new()
        .with_enforced_minor_os_delay(DelayDays::new(7).unwrap())
        .with_force_delayed_app_software_updates(true);
    assert_eq!(codes(&minor.check(&mac)), [Code::DelayWithoutForce]);
    assert!(delay.check(&device(Platform::TvOs, "18.0")).is_empty());
    let unsupervised = DeviceFacts::new(Platform::Ios, version("18.0"));
    assert!(codes(&delay.check(&unsupervised)).contains(&Code::KeyNeedsSupervision));
    assert!(codes(&delay.check(&device(Platform::MacOs, "27.0"))).contains(&Code::KeyRemoved));
    let long = UpdateRestrictions::from_dictionary(
        Dictionary::new()
            .with("enforcedSoftwareUpdateDelay", 91)
            .with("forceDelayedSoftwareUpdates", true),
    );
    assert_eq!(codes(&long.check(&mac)), [Code::OutOfRange]);
    let major = UpdateRestrictions::new().with_force_delayed_major_software_updates(true);
    assert_eq!(codes(&major.check(&device(Platform::Ios, "18.0"))), [Code::KeyNotOnPlatform]);
    let profile = Profile::new("com.example", "U")
        .with_restrictions(delay, "V")
        .with_software_update(payload, "W");
    assert!(profile.check(&mac).is_empty(), "{:?}", profile.check(&mac));
    assert!(is_refused(&profile.check(&device(Platform::Ios, "18.0"))));
    let rights = MdmPayload::new()
        .with_identity_certificate_uuid("u")
        .with_topic("t")
        .with_server_url("https://example.com")
        .with_access_rights(AccessRights::from_bits(2));
    assert_eq!(codes(&rights.check(&mac)), [Code::InvalidRights]);
    assert!(codes(&MdmPayload::new().check(&mac)).contains(&Code::MissingKey));
}

#[test]
fn facts_are_learnt_from_answers() {
    let mut facts = DeviceFacts::new(Platform::Ios, version("1.0"));
    let learn = |facts: &mut DeviceFacts, key: &'static str, value: Dictionary<'static>| {
        let answer = Dictionary::new().with("Status", "Acknowledged").with(key, value);
        facts.learn(&Report::from_dictionary(answer).unwrap().answer());
    };
    learn(
        &mut facts,
        "QueryResponses",
        Dictionary::new()
            .with("OSVersion", "13.4.1")
            .with("SupplementalOSVersionExtra", "(a)")
            .with("BuildVersion", "22F82")
            .with("SupplementalBuildVersion", "22F770820d")
            .with("ProductName", "Mac14,2")
            .with("IsSupervised", true)
            .with("AvailableDeviceCapacity", apple_mdm::Value::Real(12.5)),
    );
    assert_eq!((facts.version, facts.platform), (version("13.4.1 (a)"), Platform::MacOs));
    assert_eq!(facts.build.as_ref().unwrap().as_str(), "22F770820d");
    assert_eq!((facts.supervised, facts.free_bytes), (true, Some(12_500_000_000)));
    // Who did not ask for the letter does not learn that there is none; another version is one.
    let asked = |version: &'static str, build: &'static str| {
        Dictionary::new().with("OSVersion", version).with("BuildVersion", build)
    };
    learn(&mut facts, "QueryResponses", asked("13.4.1", "22F82"));
    assert_eq!(facts.version, version("13.4.1 (a)"));
    assert_eq!(facts.build.as_ref().unwrap().as_str(), "22F770820d");
    let mut updated = facts.clone();
    learn(&mut updated, "QueryResponses", asked("13.5", "22G74"));
    assert_eq!((updated.version, updated.build.unwrap().as_str()), (version("13.5"), "22G74"));
    learn(
        &mut facts,
        "SecurityInfo",
        Dictionary::new()
            .with("BootstrapTokenAllowedForAuthentication", "allowed")
            .with("BootstrapTokenRequiredForSoftwareUpdate", true)
            .with("ManagementStatus", Dictionary::new().with("EnrolledViaDEP", true)),
    );
    assert_eq!((facts.bootstrap.allowed, facts.bootstrap.required), (Some(true), true));
    assert_eq!(facts.enrollment, EnrollmentKind::Automated);
    // Up to macOS 11 devices count in GiB.
    let space = |model: &'static str, version: &'static str| {
        let mut facts = DeviceFacts::new(Platform::Ios, self::version("1.0"));
        let said = Dictionary::new()
            .with("OSVersion", version)
            .with("ProductName", model)
            .with("AvailableDeviceCapacity", apple_mdm::Value::Real(12.5));
        learn(&mut facts, "QueryResponses", said);
        facts.free_bytes
    };
    assert_eq!(space("Mac14,2", "11.7"), Some(13_421_772_800));
    assert_eq!(space("Mac14,2", "12.0"), Some(12_500_000_000));
    assert_eq!(space("iPhone9,3", "11.4"), Some(12_500_000_000));
    let update = Dictionary::new()
        .with("ProductKey", "k")
        .with("Version", "18A391")
        .with("DownloadSize", 5)
        .with("InstallSize", 7);
    let answer = Dictionary::new()
        .with("Status", "Acknowledged")
        .with("AvailableOSUpdates", vec![apple_mdm::Value::from(update)]);
    facts.learn(&Report::from_dictionary(answer).unwrap().answer());
    let update = &facts.updates.as_ref().unwrap()[0];
    assert_eq!((update.version, update.size), (None, Some(12)));
    assert_eq!(update.build.as_ref().unwrap().as_str(), "18A391", "a build for a version");
    let plan = apple_mdm::plan::Device::from(&facts);
    assert_eq!(plan.bootstrap_token, apple_mdm::plan::BootstrapToken::Missing);
    // It is required only where it may authorise; who did not say may.
    let mut other = facts.clone();
    other.bootstrap.allowed = None;
    let token = |facts: &DeviceFacts| apple_mdm::plan::Device::from(facts).bootstrap_token;
    assert_eq!(token(&other), apple_mdm::plan::BootstrapToken::Missing);
    let said = Dictionary::new().with("BootstrapTokenAllowedForAuthentication", "disallowed");
    learn(&mut other, "SecurityInfo", said);
    assert_eq!(token(&other), apple_mdm::plan::BootstrapToken::NotNeeded);
    assert_eq!((plan.installed, plan.enrollment), (facts.installed(), facts.management()));
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<DeviceFacts>(&text).unwrap(), facts);
}

#[test]
fn facts_are_learnt_from_check_ins_and_before_enrolment() {
    use apple_mdm::enrollment::MachineInfo;
    use apple_mdm::messages::CheckIn;
    let mut facts = DeviceFacts::new(Platform::MacOs, version("1.0"));
    let mut learn = |message: Dictionary<'static>| {
        facts.learn_check_in(&CheckIn::from_dictionary(message).unwrap());
        facts.clone()
    };
    let token = Dictionary::new().with("MessageType", "SetBootstrapToken").with("UDID", "D");
    assert!(learn(token.clone().with("BootstrapToken", vec![1])).bootstrap.escrowed);
    assert!(!learn(token.clone()).bootstrap.escrowed, "a message without a token takes it back");
    learn(token.with("BootstrapToken", vec![1]));
    let authenticate = Dictionary::new()
        .with("MessageType", "Authenticate")
        .with("EnrollmentID", "E")
        .with("OSVersion", "17.5.1")
        .with("BuildVersion", "21F90")
        .with("ProductName", "iPhone14,2");
    let learnt = learn(authenticate);
    assert_eq!((learnt.platform, learnt.version), (Platform::Ios, version("17.5.1")));
    assert_eq!((learnt.enrollment, learnt.bootstrap.escrowed), (EnrollmentKind::User, false));
    assert_eq!(learnt.product_name.as_deref(), Some("iPhone14,2"));
    let machine = Dictionary::new()
        .with("PRODUCT", "Mac14,2")
        .with("VERSION", "23F79")
        .with("OS_VERSION", "14.5")
        .with("SOFTWARE_UPDATE_DEVICE_ID", "J413AP");
    let mut facts = learnt;
    facts.learn_machine(&MachineInfo::new(&machine));
    assert_eq!((facts.platform, facts.version), (Platform::MacOs, version("14.5")));
    assert_eq!(facts.build.unwrap().as_str(), "23F79");
    assert_eq!(facts.software_update_device_id.as_deref(), Some("J413AP"));
}
