//! How devices follow declarations: the rules of the protocol notes by their numbers, and Apple's
//! three examples of several declarations ("Deploying software updates using declarative
//! management").
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use apple_mdm::declarations::merge::merge;
use apple_mdm::declarations::rules::{
    Installed, NotInstallable, Reading, Release, declarations_for, preview, queue, target,
};
use apple_mdm::declarations::support::{Enrollment, Unsupported, check_enforcement};
use apple_mdm::declarations::{
    Automatic, AutomaticActions, Beta, BetaProgram, Cadence, Deferrals, EnforcementSpecific,
    LocalDateTime, Payload, RapidSecurityResponse, SettingsError, SoftwareUpdateSettings,
};
use apple_mdm::schema::Platform;
use apple_mdm::version::OsVersion;

fn version(text: &str) -> OsVersion {
    text.parse().unwrap()
}

fn asked(text: &str, time: &str) -> EnforcementSpecific {
    EnforcementSpecific::new(version(text), time.parse().unwrap())
}

fn iphone(text: &str, build: &str) -> Installed {
    Installed::new(Platform::Ios, version(text), build.parse().ok())
}

fn release(text: &str, build: &str) -> Release {
    Release::new(version(text), build.parse().unwrap())
}

/// What users of Apple's examples see: the iPhone has 26.0; 26.1 and 26.2 are there.
fn prompts(declarations: &[EnforcementSpecific]) -> Vec<(String, String)> {
    let available = [release("26.1", "23B85"), release("26.2", "23C55")];
    let all: Vec<&EnforcementSpecific> = declarations.iter().collect();
    preview(&all, &iphone("26.0", "23A341"), &available)
        .into_iter()
        .map(|(at, release)| {
            let time = declarations[at].target_local_date_time.to_string();
            (release.version.to_string(), time)
        })
        .collect()
}

const DECEMBER: &str = "2025-12-20T12:00:00";
const JANUARY: &str = "2026-01-20T12:00:00";

fn said(version: &str, time: &str) -> (String, String) {
    (version.to_owned(), time.to_owned())
}

#[test]
fn r12_apples_first_example_two_versions_one_after_the_other() {
    let found = prompts(&[asked("26.1", DECEMBER), asked("26.2", JANUARY)]);
    assert_eq!(found, [said("26.1", DECEMBER), said("26.2", JANUARY)]);
}

#[test]
fn r12_apples_second_example_one_version_twice() {
    let found = prompts(&[asked("26.1", DECEMBER), asked("26.1", JANUARY)]);
    assert_eq!(found, [said("26.1", DECEMBER)]);
}

#[test]
fn r12_apples_third_example_the_newer_one_first() {
    let declarations = [asked("26.1", JANUARY), asked("26.2", DECEMBER)];
    assert_eq!(prompts(&declarations), [said("26.2", DECEMBER)]);
    let all: Vec<&EnforcementSpecific> = declarations.iter().collect();
    let available = [release("26.1", "23B85"), release("26.2", "23C55")];
    let before = queue(&all, &iphone("26.0", "23A341"), &available);
    assert_eq!((before.current.map(|(at, _)| at), before.waiting), (Some(1), vec![0]));
    let after = queue(&all, &iphone("26.2", "23C55"), &available);
    assert_eq!(after.current, None);
    assert_eq!(after.idle.len(), 2);
    assert!(after.idle.iter().all(|(_, why)| *why == NotInstallable::NotNewer));
}

#[test]
fn r12_the_same_or_an_older_release_is_an_error() {
    let available = [release("26.1", "23B85")];
    let not_newer = |asked: &EnforcementSpecific, has: &Installed| {
        target(asked, has, &available) == Err(NotInstallable::NotNewer)
    };
    assert!(not_newer(&asked("26.1", JANUARY), &iphone("26.1", "23B85")));
    assert!(not_newer(&asked("26.0.1", JANUARY), &iphone("26.1", "23B85")));
    let build = asked("26.1", JANUARY).with_build("23B85".parse().unwrap());
    assert!(not_newer(&build, &iphone("26.1", "23B85")));
    assert!(!not_newer(&build, &iphone("26.1", "23B80")));
    // Its twin is the same release; the twin of an issue before is not.
    let twin = asked("26.1", JANUARY).with_build("23B6085".parse().unwrap());
    assert!(not_newer(&twin, &iphone("26.1", "23B85")));
    assert!(!not_newer(&build, &iphone("26.1", "23B6080")));
    // One that is not offered does not hold up the next.
    let gone = asked("26.0.5", DECEMBER);
    let next = asked("26.1", JANUARY);
    let found = queue(&[&gone, &next], &iphone("26.0", "23A341"), &available);
    assert_eq!(found.current.map(|(at, _)| at), Some(1));
    assert_eq!(found.idle, [(0, NotInstallable::NotOffered)]);
}

#[test]
fn r13_times_are_local_and_have_no_offset() {
    let time: LocalDateTime = "2026-01-20T18:00:00".parse().unwrap();
    assert_eq!(time.earlier(chrono::Duration::hours(19)).as_str(), "2026-01-19T23:00:00");
    assert_eq!(time.latest_utc(), time.time().and_utc().timestamp() + 12 * 3600);
    let body = |time: &str| {
        format!(
            r#"{{"Type": "com.apple.configuration.softwareupdate.enforcement.specific",
                "Identifier": "1", "ServerToken": "1", "Payload": {{
                "TargetOSVersion": "26.1", "TargetLocalDateTime": "{time}"}}}}"#
        )
    };
    let read = |time: &str| {
        apple_mdm::declarations::Declaration::decode(body(time).as_bytes(), &Default::default())
    };
    assert!(read("2026-01-20T18:00:00").is_ok());
    for wrong in ["2026-01-20T18:00:00Z", "2026-01-20T18:00:00.000", "2026-01-20"] {
        let error = read(wrong).unwrap_err();
        assert_eq!(error.path(), Some("/Payload/TargetLocalDateTime"), "{error}");
    }
}

#[test]
fn r14_a_version_without_patch_means_the_latest_patch_up_to_os_26() {
    let available =
        [release("26.4", "23E200"), release("26.4.1", "23E254"), release("26.4.2", "23E261")];
    let has = iphone("26.3", "23D100");
    assert_eq!(Reading::of(&has), Reading::LatestPatch);
    assert_eq!(target(&asked("26.4", JANUARY), &has, &available).unwrap().build.as_str(), "23E261");
    // The version counts where the build belongs to another one.
    let both = asked("26.4.1", JANUARY).with_build("23E261".parse().unwrap());
    assert_eq!(target(&both, &has, &available).unwrap().build.as_str(), "23E254");
}

#[test]
fn r14_a_version_means_itself_from_os_27_on() {
    let available =
        [release("27.1", "24B30"), release("27.1.1", "24B50"), release("27.2", "24C10")];
    let has = iphone("27.0", "24A300");
    assert_eq!(Reading::of(&has), Reading::Exact);
    assert_eq!(target(&asked("27.1", JANUARY), &has, &available).unwrap().build.as_str(), "24B30");
    let other = asked("27.2", JANUARY).with_build("24B50".parse().unwrap());
    assert_eq!(target(&other, &has, &available), Err(NotInstallable::BuildMismatch));
    let missing = asked("27.2", JANUARY).with_build("24C99".parse().unwrap());
    assert_eq!(target(&missing, &has, &available), Err(NotInstallable::NotOffered));
    let only = [release("27.1.1", "24B50")];
    assert_eq!(target(&asked("27.1", JANUARY), &has, &only), Err(NotInstallable::NotOffered));
}

#[test]
fn r15_an_improvement_needs_its_base_first_before_ios_18() {
    let available = [release("17.2", "21C62"), release("17.2 (a)", "21C770350a")];
    let has = iphone("17.1", "21B74");
    let improvement = asked("17.2", JANUARY).with_build("21C770350a".parse().unwrap());
    assert_eq!(
        target(&improvement, &has, &available),
        Err(NotInstallable::NeedsBase(version("17.2")))
    );
    let on_base = target(&improvement, &iphone("17.2", "21C62"), &available);
    assert_eq!(on_base.unwrap().build.as_str(), "21C770350a");
    // A version alone brings no improvement along.
    assert_eq!(target(&asked("17.2", JANUARY), &has, &available).unwrap().build.as_str(), "21C62");
    let two = declarations_for(&improvement, &has);
    assert_eq!(two.len(), 2);
    assert_eq!(two[0].target_build_version, None);
    assert!(two[0].target_local_date_time < two[1].target_local_date_time);
    let all: Vec<&EnforcementSpecific> = two.iter().collect();
    let steps = preview(&all, &has, &available);
    let builds: Vec<&str> = steps.iter().map(|(_, release)| release.build.as_str()).collect();
    assert_eq!(builds, ["21C62", "21C770350a"]);
    assert_eq!(declarations_for(&improvement, &iphone("17.2", "21C62")).len(), 1);
}

#[test]
fn r15_a_version_is_declared_without_letters() {
    let build = "23D771330a".parse().unwrap();
    let has = iphone("26.3", "23D127");
    for release in [asked("26.3.1 (a)", JANUARY), asked("26.3.1 (a)", JANUARY).with_build(build)] {
        let all = declarations_for(&release, &has);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].target_os_version.to_string(), "26.3.1");
        assert_eq!(all[0].target_build_version, release.target_build_version);
    }
    // Before iOS 18 the base version brings no improvement, and without a build nothing else does.
    let all = declarations_for(&asked("17.2 (a)", JANUARY), &iphone("17.1", "21B74"));
    assert_eq!(all, [asked("17.2", JANUARY)]);
}

#[test]
fn r15_a_beta_is_no_improvement() {
    let beta = asked("18.0", JANUARY).with_build("22A5282m".parse().unwrap());
    assert_eq!(declarations_for(&beta, &iphone("17.5.1", "21F90")).len(), 1);
}

#[test]
fn r15_an_improvement_is_reached_in_one_step_from_ios_18_and_macos_15() {
    let available = [release("18.2", "22C150"), release("18.2 (a)", "22C770100a")];
    let has = iphone("18.1", "22B80");
    let improvement = asked("18.2", JANUARY).with_build("22C770100a".parse().unwrap());
    assert_eq!(target(&improvement, &has, &available).unwrap().version.extra(), Some('a'));
    assert_eq!(declarations_for(&improvement, &has).len(), 1);
    // A version alone brings the newest improvement along.
    let alone = target(&asked("18.2", JANUARY), &has, &available).unwrap();
    assert_eq!(alone.build.as_str(), "22C770100a");
    let mac = |text| Installed::new(Platform::MacOs, version(text), None);
    let macs = [release("15.1", "24B80"), release("15.1 (a)", "24B770100a")];
    let wanted = asked("15.1", JANUARY).with_build("24B770100a".parse().unwrap());
    assert!(target(&wanted, &mac("14.7"), &macs).is_err());
    assert!(target(&wanted, &mac("15.0"), &macs).is_ok());
}

#[test]
fn r16_settings_are_merged_as_the_schema_says() {
    let mut one = SoftwareUpdateSettings::default();
    one.notifications = Some(true);
    one.recommended_cadence = Some(Cadence::Newest);
    let mut deferrals = Deferrals::default();
    deferrals.combined_period_in_days = Some(7);
    deferrals.major_period_in_days = Some(90);
    one.deferrals = Some(deferrals);
    let mut actions = AutomaticActions::default();
    actions.download = Some(Automatic::AlwaysOn);
    actions.install_os_updates = Some(Automatic::AlwaysOff);
    one.automatic_actions = Some(actions);
    let mut beta = Beta::default();
    beta.program_enrollment = Some(Automatic::AlwaysOn);
    beta.offer_programs = Some(vec![BetaProgram::new("A", "1"), BetaProgram::new("B", "2")]);
    beta.require_program = Some(BetaProgram::new("first", "3"));
    one.beta = Some(beta);

    let mut other = SoftwareUpdateSettings::default();
    other.notifications = Some(false);
    other.recommended_cadence = Some(Cadence::Oldest);
    let mut deferrals = Deferrals::default();
    deferrals.combined_period_in_days = Some(30);
    other.deferrals = Some(deferrals);
    let mut actions = AutomaticActions::default();
    actions.download = Some(Automatic::Allowed);
    actions.install_security_update = Some(Automatic::Other("Sometimes".to_owned()));
    other.automatic_actions = Some(actions);
    let mut rapid = RapidSecurityResponse::default();
    rapid.enable = Some(true);
    other.rapid_security_response = Some(rapid);
    let mut beta = Beta::default();
    beta.offer_programs = Some(vec![BetaProgram::new("B", "2"), BetaProgram::new("C", "4")]);
    beta.require_program = Some(BetaProgram::new("second", "5"));
    other.beta = Some(beta);

    let merged = merge(&[&one, &other]);
    let settings = &merged.settings;
    assert_eq!(settings.notifications, Some(false));
    assert_eq!(settings.recommended_cadence, Some(Cadence::Newest));
    let deferrals = settings.deferrals.as_ref().unwrap();
    assert_eq!(deferrals.combined_period_in_days, Some(30));
    assert_eq!(deferrals.major_period_in_days, Some(90));
    let actions = settings.automatic_actions.as_ref().unwrap();
    assert_eq!(actions.download, Some(Automatic::AlwaysOn));
    assert_eq!(actions.install_os_updates, Some(Automatic::AlwaysOff));
    assert_eq!(actions.install_security_update.as_ref().unwrap().as_str(), "Sometimes");
    assert_eq!(settings.allow_standard_user_os_updates, None);
    let beta = settings.beta.as_ref().unwrap();
    let offered: Vec<&str> =
        beta.offer_programs.as_ref().unwrap().iter().map(|one| &*one.description).collect();
    assert_eq!(offered, ["A", "B", "C"]);
    assert_eq!(beta.require_program.as_ref().unwrap().description, "first");
    let source = |key| merged.sources.iter().find(|(known, _)| *known == key).unwrap().1.clone();
    assert_eq!(source("Notifications"), [1]);
    assert_eq!(source("Deferrals/CombinedPeriodInDays"), [1]);
    assert_eq!(source("Beta/OfferPrograms"), [0, 1]);
    assert_eq!(source("Beta/RequireProgram"), [0]);
    // Each was in order by itself but for the beta keys; together they exclude each other.
    assert!(settings.errors().contains(&SettingsError::OfferAndRequire));
    // The order matters for `first` only.
    let back = merge(&[&other, &one]);
    assert_eq!(back.settings.beta.unwrap().require_program.unwrap().description, "second");
    assert_eq!(back.settings.deferrals, merged.settings.deferrals);
}

#[test]
fn r16_settings_that_a_device_would_refuse_are_found() {
    let mut settings = SoftwareUpdateSettings::default();
    let mut deferrals = Deferrals::default();
    for (days, wrong) in [(0, true), (1, false), (90, false), (91, true)] {
        deferrals.system_period_in_days = Some(days);
        settings.deferrals = Some(deferrals.clone());
        assert_eq!(!settings.errors().is_empty(), wrong, "{days}");
    }
    let mut beta = Beta::default();
    beta.program_enrollment = Some(Automatic::AlwaysOff);
    beta.offer_programs = Some(vec![BetaProgram::new("A", "secret")]);
    beta.require_program = Some(BetaProgram::new("A", "secret"));
    let mut settings = SoftwareUpdateSettings::default();
    settings.beta = Some(beta);
    let mut actions = AutomaticActions::default();
    actions.download = Some(Automatic::AlwaysOff);
    actions.install_os_updates = Some(Automatic::AlwaysOn);
    settings.automatic_actions = Some(actions);
    assert_eq!(
        settings.errors(),
        [
            SettingsError::InstallWithoutDownload("InstallOSUpdates"),
            SettingsError::OfferWithoutEnrollment,
            SettingsError::OfferAndRequire,
            SettingsError::RequireWithoutAlwaysOn,
        ]
    );
    assert!(!format!("{settings:?}").contains("secret"), "a token is a secret");
}

#[test]
fn r16_the_table_counts_where_text_and_table_of_the_minor_deferral_differ() {
    let mut settings = SoftwareUpdateSettings::default();
    let mut deferrals = Deferrals::default();
    deferrals.minor_period_in_days = Some(7);
    settings.deferrals = Some(deferrals);
    let payload = Payload::Settings(settings);
    let found = payload.check(Platform::Ios, version("26.0"), Enrollment::Supervised);
    assert!(matches!(found.as_slice(), [Unsupported::Platform { .. }]));
    assert!(payload.check(Platform::MacOs, version("26.0"), Enrollment::Supervised).is_empty());
}

#[test]
fn enforcement_is_understood_where_the_schema_says() {
    let check = |platform, text: &str, way| check_enforcement(platform, version(text), way);
    for (platform, first, before) in [
        (Platform::Ios, "17.0", "16.7.8"),
        (Platform::MacOs, "14.0", "13.6"),
        (Platform::TvOs, "18.4", "18.3.1"),
        (Platform::VisionOs, "26.0", "2.6"),
    ] {
        assert!(check(platform, first, Enrollment::Supervised).is_ok(), "{platform}");
        assert!(check(platform, before, Enrollment::Supervised).is_err(), "{platform}");
        assert!(check(platform, first, Enrollment::User).is_err(), "{platform}");
        let device = check(platform, first, Enrollment::Device);
        assert_eq!(device.is_ok(), platform != Platform::MacOs, "{platform}");
    }
    assert!(check(Platform::WatchOs, "26.0", Enrollment::Supervised).is_err());
}
