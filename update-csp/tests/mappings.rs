//! Group Policy and Graph: there and back, and every row of the collected tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use serde_json::Value as Json;
use update_csp::gpo::{self, RegistryData, RegistryValue};
use update_csp::graph_ring::{GraphValue, Reason, RingConfiguration};
use update_csp::plan::{Intent, Rollback};
use update_csp::policy::values::*;
use update_csp::policy::{PolicyId, PolicySet, RawPolicy, ValueFormat};
use update_csp::rules::{Rule, Target};
use update_csp::{Build, Edition};

fn facts(name: &str) -> Option<Json> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let corpus = std::env::var_os("MDM_CORPUS").filter(|value| !value.is_empty());
    let corpus = corpus.map_or_else(|| workspace.join("../shared/corpus"), |it| workspace.join(it));
    let Ok(text) = std::fs::read_to_string(corpus.join("../facts").join(name)) else {
        assert!(!mdm_test_support::is_named(), "no facts beside the corpus that MDM_CORPUS names");
        eprintln!("skipped: no facts beside the corpus");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn dword(name: &str, number: u32) -> RegistryValue {
    RegistryValue::new(gpo::KEY, name, RegistryData::Dword(number))
}

/// The table of the guide for MDM vendors, for Windows 10 1607: each row is read as it says.
#[test]
fn the_guides_group_policy_table_is_read_row_by_row() {
    let Some(facts) = facts("gpo-table.json") else { return };
    let build = Build::WINDOWS_10_1607;
    let rows = facts["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    for row in rows {
        let name = row["gpo_key"].as_str().unwrap();
        assert_eq!(row["type"], "REG_DWORD");
        // DeferQualityUpdatesPeriodInDays stands beside DeferQualityUpdates, and so for features.
        let switch = name.strip_suffix("PeriodInDays");
        for (value, meaning) in row["values"].as_object().unwrap() {
            let numbers: Vec<u32> = match value.as_str() {
                "other/absent" => vec![],
                "range" => {
                    let range = meaning.as_str().unwrap().split(' ').next().unwrap();
                    let (first, last) = range.split_once('-').unwrap();
                    vec![first.parse().unwrap(), last.parse().unwrap()]
                }
                number => vec![number.parse().unwrap()],
            };
            for number in numbers {
                let mut values = vec![dword(name, number)];
                values.extend(switch.map(|switch| dword(switch, 1)));
                let import = gpo::import(&values, build);
                assert_eq!(import.unmapped, [], "{name} {number}");
                match name.parse::<PolicyId>() {
                    Ok(id) => {
                        assert_eq!(import.policies.number(id), Some(number.into()), "{name}");
                        // And written the same way.
                        let export = gpo::export(&import.policies, build);
                        assert_eq!(export.unmapped, [], "{name}");
                        let written: BTreeSet<_> = export.values.into_iter().collect();
                        assert_eq!(written, values.into_iter().collect(), "{name}");
                    }
                    // The switch alone defers nothing.
                    Err(_) => assert!(import.policies.is_empty(), "{name}"),
                }
            }
        }
        // Any other value is none.
        let other = gpo::import(&[dword(name, 999)], build);
        assert!(other.policies.is_empty(), "{name}");
        assert_eq!(other.unmapped.len(), 1, "{name}");
    }
}

/// A setting that is no policy, but has a say about restarts.
#[test]
fn sparing_logged_on_users_is_read_for_the_rules() {
    let au = format!(r"{}\AU", gpo::KEY);
    let value = |number| {
        let name = "NoAutoRebootWithLoggedOnUsers";
        RegistryValue::new(&*au, name, RegistryData::Dword(number))
    };
    let import = gpo::import(&[value(1)], Build::WINDOWS_11_24H2);
    assert!(import.spares_logged_on_users && import.unmapped.is_empty());
    assert!(!gpo::import(&[value(0)], Build::WINDOWS_11_24H2).spares_logged_on_users);
    assert_eq!(gpo::import(&[value(7)], Build::WINDOWS_11_24H2).unmapped.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn policies_come_back_from_the_registry(set in support::set(14), build in support::build()) {
        let export = gpo::export(&set, build);
        let import = gpo::import(&export.values, build);
        prop_assert_eq!(&import.unmapped, &[]);
        let mut left = set;
        for (name, _) in &export.unmapped {
            left = left.without(name.parse().unwrap());
        }
        prop_assert_eq!(import.policies, left);
    }

    #[test]
    fn any_registry_can_be_read(
        names in proptest::collection::vec((0_usize..90, any::<u32>(), any::<bool>()), 0..8),
        build in support::build(),
    ) {
        let values: Vec<RegistryValue> = names
            .into_iter()
            .map(|(index, number, text)| {
                let name = PolicyId::ALL.get(index).map_or("Other", |id| id.name());
                let data = if text {
                    RegistryData::Sz(number.to_string())
                } else {
                    RegistryData::Dword(number % 40)
                };
                RegistryValue::new(gpo::KEY, name, data)
            })
            .collect();
        let import = gpo::import(&values, build);
        prop_assert!(import.policies.len() <= values.len());
    }

    #[test]
    fn policies_come_back_from_a_ring(set in support::set_with_raw(14)) {
        let mut intent = Intent::from(set.clone());
        if set.len() % 2 == 0 {
            intent = intent.with_rollback(Rollback::Feature);
        }
        let export = RingConfiguration::export(&intent);
        // Through JSON, as it goes to Graph.
        let json = serde_json::to_string(&export.ring).unwrap();
        let ring: RingConfiguration = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&ring, &export.ring);
        let import = ring.import();
        prop_assert_eq!(&import.unmapped, &[("@odata.type".to_owned(), Reason::Description)]);
        prop_assert_eq!(&import.intent.rollbacks, &intent.rollbacks);
        let mut left: PolicySet = set.settings().collect();
        for (name, _) in export.unmapped.iter().filter(|(_, reason)| *reason != Reason::Raw) {
            left = left.without(name.parse().unwrap());
        }
        // A ring with a level has a say about preview builds.
        match left.number(PolicyId::BranchReadinessLevel) {
            Some(16 | 32) => left = left.with(ManagePreviewBuilds::DisabledAfterRelease),
            Some(_) => left = left.with(ManagePreviewBuilds::Enabled),
            None => prop_assert!(!left.contains(PolicyId::ManagePreviewBuilds)),
        }
        prop_assert_eq!(plain(&import.intent.policies), plain(&left));
    }
}

/// A set without what rings say in another way: flags of pauses that have a day, and weeks that are
/// off because others are on.
fn plain(set: &PolicySet) -> PolicySet {
    let mut plain = set.clone();
    for (flag, day) in [
        (PolicyId::PauseFeatureUpdates, PolicyId::PauseFeatureUpdatesStartTime),
        (PolicyId::PauseQualityUpdates, PolicyId::PauseQualityUpdatesStartTime),
    ] {
        if plain.contains(day) {
            plain = plain.without(flag);
        }
    }
    for week in [
        PolicyId::ScheduledInstallEveryWeek,
        PolicyId::ScheduledInstallFirstWeek,
        PolicyId::ScheduledInstallSecondWeek,
        PolicyId::ScheduledInstallThirdWeek,
        PolicyId::ScheduledInstallFourthWeek,
    ] {
        if plain.number(week) == Some(0) {
            plain = plain.without(week);
        }
    }
    plain
}

/// Every row of the collected table of Graph's properties: mapped as it says, or named.
#[test]
fn every_property_of_a_ring_is_mapped_or_named() {
    let Some(facts) = facts("graph-ring-to-csp.json") else { return };
    for row in facts["rows"].as_array().unwrap() {
        let property = row["graph"].as_str().unwrap();
        let (property, variant) = property.split_once(' ').unwrap_or((property, ""));
        let import = |value: GraphValue| RingConfiguration::new().with(property, value).import();
        let one = |value: GraphValue, id: PolicyId| {
            let import = import(value.clone());
            assert_eq!(import.unmapped, [], "{property} {value:?}");
            import.intent.policies.number(id)
        };
        let Some(csp) = row["csp"].as_str() else {
            let import = import(GraphValue::from("anything"));
            assert_eq!(import.unmapped.len(), 1, "{property}");
            assert_ne!(import.unmapped[0].1, Reason::Unknown, "{property}");
            continue;
        };
        if csp.starts_with("./Vendor/MSFT/Update/Rollback/") {
            let rollbacks = import(true.into()).intent.rollbacks;
            assert_eq!(
                rollbacks
                    .iter()
                    .map(|it| it.command().items()[0].loc_uri().unwrap().to_owned())
                    .collect::<Vec<_>>(),
                [csp]
            );
            assert!(import(false.into()).intent.rollbacks.is_empty());
            continue;
        }
        let Ok(id) = csp.parse::<PolicyId>() else {
            match variant {
                "(windowsUpdateActiveHoursInstall)" | "(windowsUpdateScheduledInstall)" => {}
                "" => assert_eq!(property, "updateWeeks"),
                other => panic!("{other}"),
            }
            // In the test of schedules below.
            continue;
        };
        match &row["values"] {
            Json::Object(members) => {
                for (member, value) in members {
                    assert_eq!(one(GraphValue::from(&**member), id), value.as_i64(), "{member}");
                }
                assert_eq!(import(GraphValue::from("other")).unmapped[0].1, Reason::Value);
            }
            Json::String(kind) if kind == "bool" => {
                assert_eq!(one(true.into(), id), Some(1), "{property}");
                assert_eq!(one(false.into(), id), Some(0), "{property}");
            }
            Json::String(kind) if kind == "Edm.Date" => {
                let import = import(GraphValue::from("2026-11-21"));
                assert_eq!(import.intent.policies.value(id).unwrap().text(), Some("2026-11-21"));
            }
            Json::String(kind) if kind.starts_with("enablement") => {
                assert_eq!(one("enabled".into(), id), Some(0), "{property}");
                assert_eq!(one("disabled".into(), id), Some(1), "{property}");
                assert_eq!(one("notConfigured".into(), id), None, "{property}");
            }
            Json::Null => {
                for setting in support::samples(id) {
                    let number = setting.value().number().unwrap();
                    assert_eq!(one(number.into(), id), Some(number), "{property}");
                }
                assert_eq!(import(9999.into()).unmapped[0].1, Reason::ValueNotTaken, "{property}");
            }
            other => panic!("{property}: {other}"),
        }
        assert!(import(GraphValue::Null).unmapped.is_empty(), "nobody chose {property}");
        assert_eq!(import(GraphValue::List(vec![])).unmapped[0].1, Reason::Value, "{property}");
    }
}

fn ring(json: &str) -> RingConfiguration {
    serde_json::from_str(json).unwrap()
}

#[test]
fn schedules_of_both_kinds_and_weeks_are_read() {
    let active = ring(
        r##"{"installationSchedule": {"@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
            "activeHoursStart": "08:00:00.0000000", "activeHoursEnd": "17:00:00.0000000"}}"##,
    );
    let policies = active.import().intent.policies;
    assert_eq!(policies.to_string(), "ActiveHoursEnd = 17\nActiveHoursStart = 8\n");
    for (day, number) in
        [("everyday", Some(0)), ("sunday", Some(1)), ("saturday", Some(7)), ("userDefined", None)]
    {
        let scheduled = ring(&format!(
            r##"{{"installationSchedule": {{"@odata.type": "#microsoft.graph.windowsUpdateScheduledInstall",
                "scheduledInstallDay": "{day}", "scheduledInstallTime": "03:00:00"}}}}"##
        ));
        let import = scheduled.import();
        assert_eq!(import.unmapped, []);
        assert_eq!(import.intent.policies.number(PolicyId::ScheduledInstallDay), number, "{day}");
        assert_eq!(import.intent.policies.number(PolicyId::ScheduledInstallTime), Some(3));
    }
    // The type with and without `#`, all words in any case; no mode is none.
    for (schedule, wanted) in [
        (
            r#"{"@odata.type": "microsoft.graph.windowsUpdateScheduledInstall",
                "scheduledInstallDay": "Sunday", "scheduledInstallTime": "03:00:00"}"#,
            "ScheduledInstallDay = 1\nScheduledInstallTime = 3\n",
        ),
        (
            r#"{"@odata.type": "microsoft.graph.WindowsUpdateScheduledInstall",
                "scheduledInstallDay": "UserDefined"}"#,
            "",
        ),
        (
            r##"{"@odata.type": "#Microsoft.Graph.windowsUpdateActiveHoursInstall",
                "activeHoursEnd": "17:00:00"}"##,
            "ActiveHoursEnd = 17\n",
        ),
    ] {
        let import = ring(&format!(r#"{{"installationSchedule": {schedule}}}"#)).import();
        assert_eq!(import.unmapped, [], "{schedule}");
        assert_eq!(import.intent.policies.to_string(), wanted, "{schedule}");
    }
    for (mode, number) in
        [("windowsDefault", None), ("UserDefined", None), ("AutoInstallAtMaintenanceTime", Some(1))]
    {
        let import = ring(&format!(r#"{{"automaticUpdateMode": "{mode}"}}"#)).import();
        assert_eq!(import.unmapped, [], "{mode}");
        assert_eq!(import.intent.policies.number(PolicyId::AllowAutoUpdate), number, "{mode}");
    }
    // Policies take whole hours; days are named; other objects are not schedules.
    for (json, reason) in [
        (r#"{"activeHoursStart": "08:30:00"}"#, Reason::ValueNotTaken),
        (r#"{"activeHoursStart": "25:00:00"}"#, Reason::ValueNotTaken),
        (r#"{"activeHoursStart": "8"}"#, Reason::Value),
        (r#"{"activeHoursStart": "-1:00"}"#, Reason::Value),
        (r#"{"activeHoursStart": ":"}"#, Reason::Value),
        (r#"{"scheduledInstallDay": "noScheduledScan"}"#, Reason::Value),
        (r##"{"@odata.type": "#microsoft.graph.other"}"##, Reason::Value),
        ("7", Reason::Value),
    ] {
        let import = ring(&format!(r#"{{"installationSchedule": {json}}}"#)).import();
        assert_eq!(import.unmapped, [("installationSchedule".to_owned(), reason)], "{json}");
        assert!(import.intent.policies.is_empty());
    }
    for (weeks, wanted) in [
        (r#""userDefined""#, ""),
        (r#""everyWeek""#, "ScheduledInstallEveryWeek = 1\n"),
        ("15", "ScheduledInstallEveryWeek = 1\n"),
        (
            r#""firstWeek, thirdWeek""#,
            "ScheduledInstallEveryWeek = 0\nScheduledInstallFirstWeek = 1\nScheduledInstallThirdWeek = 1\n",
        ),
        ("8", "ScheduledInstallEveryWeek = 0\nScheduledInstallFourthWeek = 1\n"),
        (r#""FourthWeek""#, "ScheduledInstallEveryWeek = 0\nScheduledInstallFourthWeek = 1\n"),
        (r#""EveryWeek""#, "ScheduledInstallEveryWeek = 1\n"),
        (r#""UserDefined""#, ""),
    ] {
        let import = ring(&format!(r#"{{"updateWeeks": {weeks}}}"#)).import();
        assert_eq!(import.intent.policies.to_string(), wanted, "{weeks}");
    }
    for weeks in [r#""fifthWeek""#, "16", "-1", "true"] {
        let import = ring(&format!(r#"{{"updateWeeks": {weeks}}}"#)).import();
        assert_eq!(import.unmapped, [("updateWeeks".to_owned(), Reason::Value)], "{weeks}");
    }
}

/// A ring as Graph returns one, written by us after the metadata.
const RING: &str = r##"{
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#deviceManagement/deviceConfigurations/$entity",
  "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
  "id": "00000000-0000-4000-8000-000000000001",
  "displayName": "All devices",
  "version": 7,
  "automaticUpdateMode": "autoInstallAtMaintenanceTime",
  "microsoftUpdateServiceAllowed": true,
  "driversExcluded": false,
  "qualityUpdatesDeferralPeriodInDays": 7,
  "featureUpdatesDeferralPeriodInDays": 0,
  "qualityUpdatesPaused": true,
  "qualityUpdatesPauseStartDate": "2026-11-21",
  "qualityUpdatesPauseExpiryDateTime": "2026-12-26T00:00:00Z",
  "featureUpdatesPaused": false,
  "featureUpdatesPauseStartDate": "2026-01-05",
  "businessReadyUpdatesOnly": "userDefined",
  "deadlineForQualityUpdatesInDays": 3,
  "deadlineGracePeriodInDays": 1,
  "postponeRebootUntilAfterDeadline": null,
  "featureUpdatesRollbackWindowInDays": 10,
  "featureUpdatesWillBeRolledBack": null,
  "updateNotificationLevel": "defaultNotifications",
  "userPauseAccess": "disabled",
  "userWindowsUpdateScanAccess": "enabled",
  "deliveryOptimizationMode": "httpWithPeeringNat",
  "allowWindows11Upgrade": true,
  "somethingNew": {"a": [1, 2.5, null]}
}"##;

#[test]
fn a_whole_ring_becomes_policies_and_keeps_what_is_not_known() {
    let configuration = ring(RING);
    let import = configuration.import();
    assert_eq!(
        import.intent.policies.to_string(),
        "AllowAutoUpdate = 1\n\
         AllowMUUpdateService = 1\n\
         ConfigureDeadlineForQualityUpdates = 3\n\
         ConfigureDeadlineGracePeriod = 1\n\
         ConfigureFeatureUpdateUninstallPeriod = 10\n\
         DeferFeatureUpdatesPeriodInDays = 0\n\
         DeferQualityUpdatesPeriodInDays = 7\n\
         ExcludeWUDriversInQualityUpdate = 0\n\
         PauseFeatureUpdates = 0\n\
         PauseQualityUpdatesStartTime = 2026-11-21\n\
         SetDisablePauseUXAccess = 1\n\
         SetDisableUXWUAccess = 0\n\
         UpdateNotificationLevel = 0\n"
    );
    let reason = |name: &str| import.unmapped.iter().find(|(it, _)| it == name).map(|(_, it)| *it);
    assert_eq!(reason("deliveryOptimizationMode"), Some(Reason::OtherArea));
    assert_eq!(reason("allowWindows11Upgrade"), Some(Reason::DrivenByService));
    assert_eq!(reason("qualityUpdatesPauseExpiryDateTime"), Some(Reason::Computed));
    assert_eq!(reason("somethingNew"), Some(Reason::Unknown));
    assert_eq!(reason("displayName"), Some(Reason::Description));
    assert_eq!(import.unmapped.len(), 9);
    // A paused ring is accepted by the devices that it is for.
    let target = Target::new(Build::WINDOWS_11_24H2, Edition::PROFESSIONAL);
    assert!(import.intent.policies.validate(&target).is_accepted());
    // Nothing is lost on the way through.
    let (before, after): (Json, Json) =
        (serde_json::from_str(RING).unwrap(), serde_json::to_value(&configuration).unwrap());
    assert_eq!(before, after);
}

/// *Observed* in MDM diagnostic reports of two devices of Intune, Windows 10 17763.107 and Windows 11
/// 22631.3296: what their rings set beside the level, and for pauses that are off.
#[test]
fn a_level_brings_preview_builds_along_and_a_pause_that_is_off_is_a_flag_of_0() {
    let policies = |level: &str| {
        let ring = RingConfiguration::new()
            .with("businessReadyUpdatesOnly", level)
            .with("featureUpdatesPaused", false)
            .with("featureUpdatesPauseStartDate", "2026-01-05");
        ring.import().intent.policies.to_string()
    };
    for (level, number, preview) in [
        ("all", 16, 1),
        ("businessReadyOnly", 32, 1),
        ("windowsInsiderBuildFast", 2, 2),
        ("windowsInsiderBuildSlow", 4, 2),
        ("windowsInsiderBuildRelease", 8, 2),
    ] {
        assert_eq!(
            policies(level),
            format!(
                "BranchReadinessLevel = {number}\nManagePreviewBuilds = {preview}\n\
                 PauseFeatureUpdates = 0\n"
            )
        );
    }
    assert_eq!(policies("userDefined"), "PauseFeatureUpdates = 0\n");
    // The other way round the level has it with it, and no other value.
    let level = PolicySet::new().with(BranchReadinessLevel::GeneralAvailability);
    let unmapped = |set: PolicySet| RingConfiguration::export(&Intent::from(set)).unmapped;
    let name = "ManagePreviewBuilds".to_owned();
    assert_eq!(unmapped(level.clone().with(ManagePreviewBuilds::DisabledAfterRelease)), []);
    let other = level.with(ManagePreviewBuilds::Disabled);
    assert_eq!(unmapped(other), [(name.clone(), Reason::Taken)]);
    let alone = PolicySet::new().with(ManagePreviewBuilds::Disabled);
    assert_eq!(unmapped(alone), [(name, Reason::NoProperty)]);
}

/// ManagePreviewBuilds came with 1709; a ring is for older devices as well.
#[test]
fn a_ring_for_devices_without_preview_builds_is_accepted() {
    let ring = RingConfiguration::new()
        .with("businessReadyUpdatesOnly", "all")
        .with("qualityUpdatesPaused", false);
    for (build, has) in [
        ("10.0.14393.1", false),
        ("10.0.15063.1", false),
        ("10.0.16299.15", true),
        ("10.0.26100.1", true),
    ] {
        let build: Build = build.parse().unwrap();
        let policies = ring.import_for(build).intent.policies;
        assert_eq!(policies.contains(PolicyId::ManagePreviewBuilds), has, "{build}");
        let target = Target::new(build, Edition::PROFESSIONAL);
        let report = policies.validate(&target);
        assert!(report.is_accepted(), "{report}");
        assert!(!report.has(Rule::Superseded), "a pause that is off: {report}");
        let all = ring.import().intent.policies;
        assert_eq!(all.validate(&target).has(Rule::Build), !has, "{build}");
    }
}

/// The portal posts them; Graph's v1.0 does not have them.
#[test]
fn properties_of_the_portal_are_read_and_not_written() {
    let import = ring(
        r#"{"engagedRestartSnoozeScheduleForFeatureUpdatesInDays": 2,
            "engagedRestartTransitionScheduleForFeatureUpdatesInDays": 5,
            "engagedRestartSnoozeScheduleInDays": null}"#,
    )
    .import();
    assert_eq!(import.unmapped, []);
    assert_eq!(
        import.intent.policies.to_string(),
        "EngagedRestartSnoozeScheduleForFeatureUpdates = 2\n\
         EngagedRestartTransitionScheduleForFeatureUpdates = 5\n"
    );
    let export = RingConfiguration::export(&import.intent);
    assert!(export.unmapped.iter().all(|(_, reason)| *reason == Reason::NoProperty));
    assert_eq!(export.unmapped.len(), 2);
}

/// What the policy editor writes for a pause without a day is no pause; hours and modes that no
/// policy has are named for what they are.
#[test]
fn choices_of_the_template_that_no_policy_has_are_told_from_wrong_values() {
    let build = Build::WINDOWS_11_24H2;
    let text = |name: &str, data: &str| {
        RegistryValue::new(gpo::KEY, name, RegistryData::Sz(data.to_owned()))
    };
    let empty = [
        dword("DeferQualityUpdates", 1),
        dword("DeferQualityUpdatesPeriodInDays", 4),
        text("PauseQualityUpdatesStartTime", ""),
        text("PauseFeatureUpdatesStartTime", " "),
    ];
    let import = gpo::import(&empty, build);
    assert_eq!(import.unmapped, []);
    assert_eq!(import.policies.to_string(), "DeferQualityUpdatesPeriodInDays = 4\n");
    let wrong = [dword("DeferQualityUpdates", 1), text("PauseQualityUpdatesStartTime", "soon")];
    assert_eq!(gpo::import(&wrong, build).unmapped[0].1, gpo::Reason::ValueNotTaken);
    let au = format!(r"{}\AU", gpo::KEY);
    let reason = |name: &str, number| {
        let value =
            |name: &str, number| RegistryValue::new(&*au, name, RegistryData::Dword(number));
        let values = [value("NoAutoUpdate", 0), value(name, number)];
        gpo::import(&values, build).unmapped.first().map(|(_, reason)| *reason)
    };
    assert_eq!(reason("ScheduledInstallTime", 24), Some(gpo::Reason::NoPolicy));
    assert_eq!(reason("ScheduledInstallTime", 25), Some(gpo::Reason::ValueNotTaken));
    assert_eq!(reason("ScheduledInstallTime", 23), None);
    assert_eq!(reason("AUOptions", 7), Some(gpo::Reason::NoPolicy));
    assert_eq!(reason("AUOptions", 4), Some(gpo::Reason::OtherNumbering));
}

#[test]
fn what_a_ring_cannot_say_is_named() {
    let set = PolicySet::new()
        .with(AllowAutoUpdate::Off)
        .with(BranchReadinessLevel::Canary)
        .with(ActiveHoursStart::MIN)
        .with(ScheduledInstallDay::Friday)
        .with(ScheduledInstallEveryWeek::No)
        .with(TargetReleaseVersion::named("24H2").unwrap())
        .with_raw(RawPolicy::new("New", ValueFormat::Int, "1").unwrap());
    let export = RingConfiguration::export(&Intent::from(set));
    let named: Vec<(&str, Reason)> =
        export.unmapped.iter().map(|(name, reason)| (&**name, *reason)).collect();
    assert_eq!(
        named,
        [
            ("AllowAutoUpdate", Reason::NoMember),
            ("BranchReadinessLevel", Reason::NoMember),
            ("New", Reason::Raw),
            ("ScheduledInstallDay", Reason::Taken),
            ("ScheduledInstallEveryWeek", Reason::NoMember),
            ("TargetReleaseVersion", Reason::NoProperty),
        ]
    );
}
