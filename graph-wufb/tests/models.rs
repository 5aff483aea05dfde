//! Models: what is typed, what stays as it was, and what is reported.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use graph_wufb::ErrorKind;
use graph_wufb::json::{Code, Options};
use graph_wufb::models::{
    ApplicableContent, AzureAdDevice, AzureAdDeviceRegistrationError, CatalogEntry, CatalogEntryId,
    ComplianceChange, ContentApproval, DeployableContent, Deployment, DeploymentAudience,
    DeploymentSettings, DeploymentStateValue, EnrollmentState, GradualRollout, IsoDuration, Member,
    QualityUpdateCadence, RateDrivenRolloutSettings, UpdatableAsset, UpdateCategory, UpdatePolicy,
    decode,
};
use proptest::prelude::*;

fn read<T: graph_wufb::models::Model>(text: &str) -> T {
    let decoded = decode::<T>(text.as_bytes(), &Options::strict()).unwrap();
    assert!(decoded.diagnostics.is_empty());
    decoded.value
}

#[test]
fn a_device_says_what_it_is_enrolled_for() {
    let text = r##"{"@odata.type":"#microsoft.graph.windowsUpdates.azureADDevice","id":"7A","errors":[],"enrollment":{"driver":{"enrollmentState":"Enrolled","lastModifiedDateTime":"2026-01-02T03:04:05.1234567Z"},"feature":{"enrollmentState":"notEnrolled"},"quality":null}}"##;
    let UpdatableAsset::Device(device) = read(text) else { panic!("a device") };
    assert!(device.is_enrolled(UpdateCategory::Driver));
    assert!(!device.is_enrolled(UpdateCategory::Feature));
    assert_eq!(device.enrollment_state(UpdateCategory::Quality), None);
    let state = device.enrollment_state(UpdateCategory::Driver).unwrap();
    assert!(state.is(EnrollmentState::Enrolled));
    assert_eq!(device.to_json(), text);
    let mut failed = device;
    failed.errors = vec![AzureAdDeviceRegistrationError::default().into()].into();
    assert!(!failed.is_enrolled(UpdateCategory::Driver));
}

#[test]
fn the_type_decides_with_or_without_hash_in_any_case() {
    for (name, kind) in [
        ("#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry", "driver"),
        ("microsoft.graph.windowsUpdates.driverUpdateCatalogEntry", "driver"),
        ("#Microsoft.Graph.WindowsUpdates.DRIVERUpdateCatalogEntry", "driver"),
        ("#microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry", "quality"),
        ("#microsoft.graph.windowsUpdates.featureUpdateCatalogEntry", "feature"),
        ("#microsoft.graph.windowsUpdates.recoveryUpdateCatalogEntry", "recovery"),
        ("#microsoft.graph.windowsUpdates.softwareUpdateCatalogEntry", "abstract"),
        ("#microsoft.graph.windowsUpdates.moonUpdateCatalogEntry", "other"),
    ] {
        let text =
            format!(r#"{{"@odata.type":"{name}","id":"e1","displayName":"N","news":[1.0]}}"#);
        let entry: CatalogEntry = read(&text);
        let found = match &entry {
            CatalogEntry::Driver(_) => "driver",
            CatalogEntry::Feature(_) => "feature",
            CatalogEntry::Quality(_) => "quality",
            CatalogEntry::Recovery(_) => "recovery",
            CatalogEntry::Abstract(_) => "abstract",
            _ => "other",
        };
        assert_eq!(found, kind, "{name}");
        assert_eq!(entry.id().unwrap().as_str(), "e1");
        assert_eq!(entry.display_name(), "N");
        assert_eq!(entry.to_json(), text);
    }
    let change: ComplianceChange = read(
        r##"{"@odata.type":"#microsoft.graph.windowsUpdates.complianceChange","isRevoked":true}"##,
    );
    assert!(matches!(change, ComplianceChange::Approval(approval) if !approval.stands()));
}

#[test]
fn rollout_variants_are_told_apart() {
    let text = |kind: &str, member: &str| {
        format!(r##"{{"@odata.type":"#microsoft.graph.windowsUpdates.{kind}",{member}}}"##)
    };
    let rate =
        text("rateDrivenRolloutSettings", r#""durationBetweenOffers":"P1D","devicesPerOffer":0"#);
    let GradualRollout::RateDriven(rollout) = read(&rate) else { panic!("rate") };
    assert_eq!(rollout.devices(), None, "0 means all at once");
    let date = text("dateDrivenRolloutSettings", r#""endDateTime":"2026-02-01T00:00:00Z""#);
    assert!(matches!(read(&date), GradualRollout::DateDriven(_)));
    let duration = text("durationDrivenRolloutSettings", r#""durationUntilDeploymentEnd":"P14D""#);
    assert!(matches!(read(&duration), GradualRollout::DurationDriven(_)));
    let plain = text("gradualRolloutSettings", r#""durationBetweenOffers":"P1W""#);
    let GradualRollout::Plain(rollout) = read(&plain) else { panic!("plain") };
    assert_eq!(rollout.duration_between_offers.get().unwrap().as_str(), "P1W", "as it was read");
    assert_eq!(rollout.to_json(), plain);
}

#[test]
fn known_deviations_are_read_and_reported() {
    let text = r##"{"id":"d1","settings":{"schedule":{"gradualRollout":{
        "@odata.type":"#microsoft.graph.windowsUpdates.rateDrivenRolloutSettings",
        "DurationBetweenOffers":"7 days","devicePerOffer":"100"}}},
        "state":{"effectiveValue":"Offering","reasons":7},"createdDateTime":"String (timestamp)"}"##;
    let decoded = decode::<Deployment>(text.as_bytes(), &Options::tolerant()).unwrap();
    let found: Vec<_> =
        decoded.diagnostics.iter().map(|d| (d.code, d.pointer.as_str(), d.position.line)).collect();
    let rollout = "/settings/schedule/gradualRollout";
    assert_eq!(
        found,
        [
            (Code::NameCase, &*format!("{rollout}/DurationBetweenOffers"), 3),
            (Code::UnreadableTime, &*format!("{rollout}/DurationBetweenOffers"), 3),
            (Code::MisspelledName, &*format!("{rollout}/devicePerOffer"), 3),
            (Code::StringInteger, &*format!("{rollout}/devicePerOffer"), 3),
            (Code::UnexpectedType, "/state/reasons", 4),
            (Code::UnreadableTime, "/createdDateTime", 4),
        ]
    );
    let deployment = decoded.value;
    assert_eq!(deployment.state.get().unwrap().effective(), Some(DeploymentStateValue::Offering));
    let json = deployment.to_json();
    assert!(json.contains(r#""devicesPerOffer":100"#), "never sent as it was read: {json}");
    assert!(json.contains(r#""DurationBetweenOffers":"7 days""#), "{json}");
    assert!(json.contains(r#""reasons":7"#), "{json}");
    let error = decode::<Deployment>(text.as_bytes(), &Options::strict()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Shape { .. }));
    assert_eq!(error.position().unwrap().line, 3);
}

#[test]
fn null_absent_and_value_are_three_things() {
    let text = r#"{"schedule":null,"expedite":{"isExpedited":true}}"#;
    let mut settings: DeploymentSettings = read(text);
    assert!(settings.schedule.is_null() && settings.monitoring.is_absent());
    assert_eq!(settings.to_json(), text);
    settings.schedule = Member::Absent;
    settings.monitoring = Member::Null;
    assert_eq!(settings.to_json(), r#"{"expedite":{"isExpedited":true},"monitoring":null}"#);
}

#[test]
fn the_2021_dialect_is_kept_and_understood() {
    let text = r##"{"@odata.type":"#microsoft.graph.windowsUpdates.deployment","id":"d","state":{"value":"paused","requestedValue":"paused","effectiveSinceDate":"2021-07-01T17:00:00Z"},"content":{"@odata.type":"microsoft.graph.windowsUpdates.featureUpdateReference","version":"20H2"},"settings":null}"##;
    let deployment: Deployment = read(text);
    assert_eq!(deployment.state.get().unwrap().effective(), Some(DeploymentStateValue::Paused));
    assert!(matches!(deployment.content.get(), Some(DeployableContent::Other(_))));
    assert_eq!(deployment.to_json(), text);
}

#[test]
fn ids_are_found_where_answers_have_them() {
    let content: ApplicableContent = read(
        r##"{"matchedDevices":[{"recommendedBy":["Microsoft"],"deviceId":"d1"}],"catalogEntry":{"@odata.type":"#microsoft.graph.windowsUpdates.driverUpdateCatalogEntry","id":"5D6d"}}"##,
    );
    assert_eq!(content.entry_id(), Some(CatalogEntryId::new("5d6D").unwrap()), "without case");
    for text in [
        r#"{"id":"a1"}"#,
        r#"{"@odata.id":"a1"}"#,
        r#"{"@odata.id":"deploymentAudiences/a1"}"#,
        r#"{"@odata.id":"https://graph.microsoft.com/beta/admin/windows/updates/deploymentAudiences('a1')"}"#,
    ] {
        let audience: DeploymentAudience = read(text);
        assert_eq!(audience.target().unwrap().as_str(), "a1", "{text}");
    }
    // What is left of an answer whose line `"catalogEntry": {` was lost.
    let broken: ContentApproval = read(
        r##"{"id":"c1","content":{"@odata.type":"#microsoft.graph.windowsUpdates.catalogContent","id":"5d6d"}}"##,
    );
    assert_eq!(broken.catalog_entry_id().unwrap().as_str(), "5d6d");
    assert!(CatalogEntryId::new("").is_err());
    assert!(CatalogEntryId::new(&"x".repeat(512)).is_ok());
    assert!(CatalogEntryId::new(&"x".repeat(513)).is_err());
    assert!(CatalogEntryId::new("a\nb").is_err());
    assert!(CatalogEntryId::new("..").is_err());
}

#[test]
fn saved_models_come_back() {
    let mut rollout = RateDrivenRolloutSettings::new(100, 7);
    rollout.extra.insert("news", "x");
    let saved = serde_json::to_string(&rollout).unwrap();
    assert_eq!(serde_json::from_str::<RateDrivenRolloutSettings>(&saved).unwrap(), rollout);
    assert_eq!(saved, rollout.to_json());
    assert_eq!(serde_json::to_string(&IsoDuration::days(7)).unwrap(), "\"P7D\"");
    let cadence: graph_wufb::models::Open<QualityUpdateCadence> =
        serde_json::from_str("\"Monthly\"").unwrap();
    assert_eq!(serde_json::to_string(&cadence).unwrap(), "\"Monthly\"");
}

/// Objects with names of the schema and values of any type.
fn object() -> impl Strategy<Value = String> {
    const NAMES: [&str; 16] = [
        "id",
        "Id",
        "state",
        "settings",
        "schedule",
        "gradualRollout",
        "devicesPerOffer",
        "devicePerOffer",
        "durationBetweenOffers",
        "content",
        "catalogEntry",
        "@odata.type",
        "members",
        "enrollment",
        "errors",
        "x@odata.context",
    ];
    const TYPES: [&str; 8] = [
        "#microsoft.graph.windowsUpdates.rateDrivenRolloutSettings",
        "azureADDevice",
        "#microsoft.graph.windowsUpdates.catalogContent",
        "driverUpdateCatalogEntry",
        "contentApproval",
        "#",
        "",
        "P1W",
    ];
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("1.0".to_owned()),
        (-5..5_i32).prop_map(|number| number.to_string()),
        (-5..5_i32).prop_map(|number| format!("\"{number}\"")),
        prop::sample::select(&TYPES[..]).prop_map(|text| format!("{text:?}")),
    ];
    leaf.prop_recursive(5, 32, 5, |inner| {
        let members =
            prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members.prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_is_lost_whatever_the_members_hold(text in object()) {
        fn check<T: graph_wufb::models::Model + PartialEq + std::fmt::Debug>(text: &str) {
            let Ok(decoded) = decode::<T>(text.as_bytes(), &Options::tolerant()) else { return };
            let written = decoded.value.write().to_json();
            let mends = decoded.diagnostics.iter().any(|diagnostic| {
                matches!(diagnostic.code, Code::StringInteger | Code::MisspelledName)
            });
            if !mends {
                assert_eq!(written, text);
            }
            let again = decode::<T>(written.as_bytes(), &Options::tolerant()).unwrap();
            assert_eq!(again.value, decoded.value);
        }
        check::<Deployment>(&text);
        check::<UpdatePolicy>(&text);
        check::<ComplianceChange>(&text);
        check::<UpdatableAsset>(&text);
        check::<AzureAdDevice>(&text);
        check::<ApplicableContent>(&text);
        check::<GradualRollout>(&text);
    }
}
