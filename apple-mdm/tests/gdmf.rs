//! The version catalogue: the best version for a device, and why not the others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::check::DeviceFacts;
use apple_mdm::gdmf::{
    Catalogue, DiagnosticCode, ErrorKind, Limits, Offer, POLL_EVERY, Policy, Set, Twins, WhyNot,
};
use apple_mdm::schema::Platform;
use apple_mdm::version::{Build, OsVersion};
use chrono::NaiveDate;
use mdm_test_support::corpus;
use serde_json::{Value as Json, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn version(text: &str) -> OsVersion {
    text.parse().unwrap()
}

fn build(text: &str) -> Build {
    text.parse().unwrap()
}

fn entry(version: &str, build: &str, devices: &[&str]) -> Json {
    json!({ "ProductVersion": version, "Build": build, "PostingDate": "2026-04-01",
        "ExpirationDate": "2026-07-10", "SupportedDevices": devices })
}

fn with(mut entry: Json, key: &str, value: &str) -> Json {
    entry[key] = json!(value);
    entry
}

fn improvement(version: &str, build: &str, needs: &str, devices: &[&str]) -> Json {
    with(
        with(entry(version, build, devices), "ProductVersionExtra", "(a)"),
        "PrerequisiteBuild",
        needs,
    )
}

/// Lists for phones, an Apple TV, a watch and a Mac, with every trap of the real one.
fn catalogue() -> Catalogue {
    let (phone, tablet) = ("iPhone12,1", "iPad7,11");
    let all = json!({
        "PublicAssetSets": {
            "iOS": [
                entry("5.3.10", "16U711", &["Watch2,3"]),
                entry("9.6.4", "20U512", &["Watch4,1"]),
                entry("26.4", "23L243", &["AppleTV14,1"]),
                entry("26.4.1", "23E6254", &[phone, "iPhone13,1"]),
                entry("26.4.1", "23E254", &[phone, "iPhone13,1"]),
                entry("18.7.7", "22H333", &[tablet]),
                entry("18.7.7", "22H6340", &[tablet]),
                entry("18.7.7", "22H340", &[tablet]),
                with(entry("26.5", "23F77", &[phone]), "PostingDate", "2026-05-01"),
                with(entry("26.3", "23D127", &[phone]), "ExpirationDate", "2026-04-11"),
            ],
            "macOS": [
                entry("15.7.5", "24G624", &["J413AP", "Mac-06F11F11946D27C5"]),
                entry("26.3.1", "25D2128", &["J413AP"]),
            ],
        },
        "AssetSets": {
            "iOS": [
                entry("26.4.1", "23E254", &[phone]),
                entry("26.4.2", "23E260", &[phone]),
                with(entry("18.6", "22G86", &[phone]), "ExpirationDate", ""),
            ],
        },
        "PublicBackgroundSecurityImprovements": {
            "iOS": [improvement("26.4.1", "23E771254a", "23E254", &[phone])],
            "macOS": [improvement("26.3.1", "25D771280a", "25D2128", &["J413AP"])],
        },
    });
    let (catalogue, found) =
        Catalogue::decode_noting(all.to_string().as_bytes(), &Limits::default()).unwrap();
    let codes: Vec<_> = found.iter().map(|found| (found.code, found.pointer.as_str())).collect();
    assert_eq!(codes, [(DiagnosticCode::Date, "/AssetSets/iOS/2/ExpirationDate")]);
    catalogue
}

fn device(platform: Platform, name: &str, at: &str, with: &str) -> DeviceFacts {
    let mut device = DeviceFacts::new(platform, version(at));
    device.build = Some(build(with));
    match platform {
        Platform::MacOs => device.software_update_device_id = Some(name.to_owned()),
        _ => device.product_name = Some(name.to_owned()),
    }
    device
}

fn phone() -> DeviceFacts {
    device(Platform::Ios, "iPhone12,1", "26.2", "23C55")
}

fn policy() -> Policy {
    Policy::new(day("2026-04-11"))
}

/// The build of the target.
fn target(policy: &Policy, device: &DeviceFacts) -> Option<String> {
    let catalogue = catalogue();
    let found = policy.resolve(&catalogue, device);
    found.target.map(|target| target.entry.build.as_ref().unwrap().to_string())
}

/// Why a build was not chosen, in the first set that has it.
fn why(policy: &Policy, device: &DeviceFacts, set: Set, build: &str) -> Option<WhyNot> {
    let catalogue = catalogue();
    let found = policy.resolve(&catalogue, device);
    let others = found.others.iter();
    let mut others = others.filter(|other| other.entry.set == set);
    let known = others.find(|other| other.entry.build.as_ref().unwrap().as_str() == build);
    known.map(|other| other.why.clone())
}

#[test]
fn a_device_finds_its_own_versions_whatever_the_list() {
    assert_eq!(target(&policy(), &phone()).as_deref(), Some("23E254"));
    let tv = device(Platform::TvOs, "AppleTV14,1", "26.0", "23J1");
    assert_eq!(target(&policy(), &tv).as_deref(), Some("23L243"));
    let watch = device(Platform::WatchOs, "Watch2,3", "5.3.9", "16U693");
    assert_eq!(target(&policy(), &watch).as_deref(), Some("16U711"), "5.3.10 is after 5.3.9");
    let mac = device(Platform::MacOs, "Mac-06F11F11946D27C5", "15.7.4", "24G517");
    assert_eq!(target(&policy(), &mac).as_deref(), Some("24G624"));
    assert_eq!(why(&policy(), &phone(), Set::Public, "23L243"), Some(WhyNot::OtherDevice));
    // A Mac is found by the name of its board, not by its model.
    let model = device(Platform::Ios, "Mac14,2", "26.2", "25C56");
    assert_eq!(target(&policy(), &model), None);
    let nameless = DeviceFacts::new(Platform::Ios, version("26.2"));
    let all = catalogue();
    let found = policy().resolve(&all, &nameless);
    assert!(found.target.is_none());
    assert!(found.others.iter().all(|other| other.why == WhyNot::NoDeviceName));
    assert_eq!(found.considered().count(), 0);
}

#[test]
fn every_entry_is_the_target_or_has_a_reason() {
    let all = catalogue();
    for device in [phone(), device(Platform::MacOs, "J413AP", "26.3", "25D125")] {
        for policy in [policy(), policy().with_non_public(true), policy().with_background(false)] {
            let found = policy.resolve(&all, &device);
            assert_eq!(found.others.len() + 1, all.entries().len());
            assert!(found.others.iter().all(|other| !other.to_string().is_empty()));
        }
    }
}

#[test]
fn days_count() {
    assert_eq!(
        why(&policy(), &phone(), Set::Public, "23F77"),
        Some(WhyNot::NotYet(day("2026-05-01")))
    );
    assert_eq!(
        why(&policy(), &phone(), Set::Public, "23D127"),
        Some(WhyNot::Expired(day("2026-04-11")))
    );
    let before = Policy::new(day("2026-04-10"));
    assert_eq!(why(&before, &phone(), Set::Public, "23D127"), Some(WhyNot::Older));
    assert_eq!(target(&Policy::new(day("2026-05-01")), &phone()).as_deref(), Some("23F77"));
    let patient = policy().with_wait_days(10);
    assert_eq!(target(&patient, &phone()).as_deref(), Some("23E254"), "posted ten days ago");
    let patient = policy().with_wait_days(11);
    assert_eq!(
        why(&patient, &phone(), Set::Public, "23E254"),
        Some(WhyNot::TooNew(day("2026-04-12")))
    );
    assert_eq!(target(&Policy::new(day("2026-07-10")), &phone()), None, "all expire that day");
}

#[test]
fn policies_bound_versions() {
    assert_eq!(target(&policy().with_maximum(version("26.4")), &phone()), None);
    assert_eq!(
        why(&policy().with_maximum(version("26.4")), &phone(), Set::Public, "23E254"),
        Some(WhyNot::AboveMaximum)
    );
    assert_eq!(
        why(&policy().with_minimum(version("26.4.2")), &phone(), Set::Public, "23E254"),
        Some(WhyNot::BelowMinimum)
    );
    let mac = device(Platform::MacOs, "J413AP", "15.7.4", "24G517");
    assert_eq!(target(&policy(), &mac).as_deref(), Some("25D2128"));
    assert_eq!(target(&policy().with_same_major(true), &mac).as_deref(), Some("24G624"));
    assert_eq!(
        why(&policy().with_same_major(true), &mac, Set::Public, "25D2128"),
        Some(WhyNot::OtherMajor)
    );
    assert_eq!(target(&policy().with_non_public(true), &phone()).as_deref(), Some("23E260"));
    assert_eq!(why(&policy(), &phone(), Set::Managed, "23E260"), Some(WhyNot::NotPublic));
    assert_eq!(why(&policy(), &phone(), Set::Managed, "23E254"), Some(WhyNot::AlsoPublic));
    let open =
        policy().with_non_public(true).with_maximum(version("26.4.1")).with_background(false);
    assert_eq!(why(&open, &phone(), Set::Managed, "23E254"), Some(WhyNot::SameAsTarget));
    let current = device(Platform::Ios, "iPhone12,1", "26.4.1", "23E254");
    assert_eq!(target(&policy().with_background(false), &current), None);
    assert_eq!(
        why(&policy(), &current, Set::Public, "23E6254"),
        Some(WhyNot::NotNewer),
        "a twin is no update"
    );
}

#[test]
fn twins_are_told_apart() {
    let catalogue = catalogue();
    let device = phone();
    let found = policy().resolve(&catalogue, &device);
    let chosen = found.target.unwrap();
    assert_eq!(chosen.twin.unwrap().build, Some(build("23E6254")));
    assert!(chosen.entry.is_twin_of(chosen.twin.unwrap()));
    assert_eq!(why(&policy(), &device, Set::Public, "23E6254"), Some(WhyNot::Twin));
    assert_eq!(target(&policy().with_twins(Twins::Higher), &device).as_deref(), Some("23E6254"));
    let mut other = phone();
    assert_eq!(target(&policy().with_twins(Twins::AsDevice), &other).as_deref(), Some("23E254"));
    other.build = Some(build("23C6055"));
    assert_eq!(target(&policy().with_twins(Twins::AsDevice), &other).as_deref(), Some("23E6254"));
}

#[test]
fn a_version_issued_again_counts_as_new() {
    let tablet = |at: &str, with: &str| device(Platform::Ios, "iPad7,11", at, with);
    assert_eq!(target(&policy(), &tablet("18.7.6", "22H320")).as_deref(), Some("22H340"));
    assert_eq!(
        why(&policy(), &tablet("18.7.6", "22H320"), Set::Public, "22H333"),
        Some(WhyNot::IssuedAgain)
    );
    assert_eq!(target(&policy(), &tablet("18.7.7", "22H333")).as_deref(), Some("22H340"));
    assert_eq!(target(&policy(), &tablet("18.7.7", "22H6333")).as_deref(), Some("22H340"));
    assert_eq!(target(&policy(), &tablet("18.7.7", "22H340")), None);
    assert_eq!(target(&policy(), &tablet("18.7.7", "22H6340")), None);
}

#[test]
fn background_improvements_need_their_build() {
    let mac = device(Platform::MacOs, "J413AP", "26.3", "25D125");
    let all = catalogue();
    let found = policy().resolve(&all, &mac);
    let chosen = found.target.unwrap();
    assert_eq!(chosen.entry.build, Some(build("25D2128")));
    assert_eq!(chosen.then.unwrap().version, version("26.3.1 (a)"), "the second step");
    let needs = WhyNot::Prerequisite(Some(build("25D2128")));
    assert_eq!(why(&policy(), &mac, Set::Background, "25D771280a"), Some(needs));
    let base = device(Platform::MacOs, "J413AP", "26.3.1", "25D2128");
    assert_eq!(target(&policy(), &base).as_deref(), Some("25D771280a"));
    assert_eq!(target(&policy().with_background(false), &base), None);
    assert_eq!(
        why(&policy().with_background(false), &base, Set::Background, "25D771280a"),
        Some(WhyNot::Background)
    );
    assert_eq!(
        target(&policy().with_maximum(version("26.3.1")), &base).as_deref(),
        Some("25D771280a"),
        "of the maximum"
    );
    let mut done = device(Platform::MacOs, "J413AP", "26.3.1", "25D771280a");
    done.version = version("26.3.1 (a)");
    assert_eq!(target(&policy(), &done), None);
    assert_eq!(why(&policy(), &done, Set::Public, "25D2128"), Some(WhyNot::NotNewer));
}

#[test]
fn improvements_keep_to_the_policy_as_well() {
    let resolved = |policy: Policy, all: &Json, version_of_mac: &str, build_of_mac: &str| {
        let all = Catalogue::decode(all.to_string().as_bytes(), &Limits::default()).unwrap();
        let mut mac = device(Platform::MacOs, "J413AP", "26.3", build_of_mac);
        mac.version = version(version_of_mac);
        let found = policy.resolve(&all, &mac);
        let text = |entry: &apple_mdm::gdmf::Entry| entry.version.to_string();
        let target = found.target.as_ref();
        (target.map(|it| text(it.entry)), target.and_then(|it| it.then).map(text))
    };
    let a = improvement("26.3.1", "25D771280a", "25D2128", &["J413AP"]);
    let b = improvement("26.3.1", "25D771290b", "25D2128", &["J413AP"]);
    let b = with(b, "ProductVersionExtra", "(b)");
    // A maximum with a letter is that letter.
    let all = json!({ "PublicBackgroundSecurityImprovements": { "macOS": [a, b] } });
    for (maximum, wanted) in [("26.3.1", "26.3.1 (b)"), ("26.3.1 (a)", "26.3.1 (a)")] {
        let policy = policy().with_maximum(version(maximum));
        let (target, _) = resolved(policy, &all, "26.3.1", "25D2128");
        assert_eq!(target.as_deref(), Some(wanted), "{maximum}");
    }
    // So does what comes after a target.
    let fresh = with(a, "PostingDate", "2026-04-10");
    let base = entry("26.3.1", "25D2128", &["J413AP"]);
    let all = json!({ "PublicAssetSets": { "macOS": [base] },
        "PublicBackgroundSecurityImprovements": { "macOS": [fresh] } });
    for (policy, then) in [
        (policy(), Some("26.3.1 (a)")),
        (policy().with_wait_days(5), None),
        (policy().with_maximum(version("26.3.1")), Some("26.3.1 (a)")),
    ] {
        let (target, found) = resolved(policy, &all, "26.3", "25D125");
        assert_eq!(target.as_deref(), Some("26.3.1"));
        assert_eq!(found.as_deref(), then);
    }
}

#[test]
fn only_macs_ever_had_two_numbers_in_a_major_version() {
    let watch = device(Platform::WatchOs, "Watch2,3", "5.2", "16T225");
    assert_eq!(target(&policy().with_same_major(true), &watch).as_deref(), Some("16U711"));
    let mac = device(Platform::MacOs, "J413AP", "10.14.6", "18G103");
    let all = json!({ "PublicAssetSets": { "macOS": [entry("10.15.7", "19H2", &["J413AP"])] } });
    let all = Catalogue::decode(all.to_string().as_bytes(), &Limits::default()).unwrap();
    assert!(policy().with_same_major(true).resolve(&all, &mac).target.is_none());
}

#[test]
fn stale_targets_are_seen() {
    let (catalogue, phone) = (catalogue(), phone());
    let offer = |at: &str, with: Option<&str>, on: &str| {
        catalogue.offer(&phone, version(at), with.map(build).as_ref(), day(on))
    };
    assert_eq!(offer("26.4.1", None, "2026-04-11"), Offer::Offered);
    assert_eq!(offer("26.4.1", Some("23E6254"), "2026-04-11"), Offer::Offered);
    assert_eq!(offer("26.4.1", Some("23E1"), "2026-04-11"), Offer::Gone);
    assert_eq!(offer("26.3", None, "2026-04-11"), Offer::Expired);
    assert_eq!(offer("26.5", None, "2026-04-11"), Offer::NotYet);
    assert_eq!(offer("26.4", None, "2026-04-11"), Offer::Gone, "that is an Apple TV's");
}

#[test]
fn r19_the_catalogue_is_fetched_once_a_day() {
    assert_eq!(POLL_EVERY, chrono::Duration::hours(24));
}

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    let all = json!({
        "PublicRapidSecurityResponses": { "macOS": [improvement("13.3.1", "22E772610a", "22E261", &["J413AP"])] },
        "NewSets": {},
        "AssetSets": { "iOS": [
            7, {}, entry("eighteen", "1A1", &["x"]), with(entry("1.0", "1A1", &["x"]), "ProductVersionExtra", "(ab)"),
            entry("1.1", "no build", &[]), with(entry("1.2", "1A2", &["x"]), "New", "kept"),
        ], "xrOS": 7 },
        "PublicAssetSets": [],
    });
    let (catalogue, found) =
        Catalogue::decode_noting(all.to_string().as_bytes(), &Limits::default()).unwrap();
    let codes: Vec<_> = found.iter().map(|found| found.code).collect();
    for code in [
        DiagnosticCode::OlderName,
        DiagnosticCode::UnknownList,
        DiagnosticCode::NoEntry,
        DiagnosticCode::Version,
        DiagnosticCode::NoDevices,
    ] {
        assert!(codes.contains(&code), "{code:?}");
    }
    assert_eq!(catalogue.entries().len(), 3);
    let background = catalogue.entries().iter().find(|entry| entry.set == Set::Background).unwrap();
    assert_eq!(background.version, version("13.3.1 (a)"));
    let kept = catalogue.entries().iter().find(|entry| entry.version == version("1.2")).unwrap();
    assert_eq!(kept.extra().str("New"), Some("kept"));
    for (body, kind) in [("[]", ErrorKind::NotObject), ("{}", ErrorKind::NoLists)] {
        assert_eq!(
            Catalogue::decode(body.as_bytes(), &Limits::default()).unwrap_err().kind(),
            &kind
        );
    }
    let error = Catalogue::decode(b"{\"AssetSets\": {", &Limits::default()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Json(_)) && error.position().is_some());
    let three = json!({ "AssetSets": { "iOS": [entry("1.0", "1A1", &["x"]), entry("1.1", "1A2", &["x"]), entry("1.2", "1A3", &["x"])] } });
    let three = three.to_string();
    assert!(Catalogue::decode(three.as_bytes(), &Limits::default().with_entries(3)).is_ok());
    assert!(Catalogue::decode(three.as_bytes(), &Limits::default().with_entries(2)).is_err());
}

#[test]
fn a_catalogue_is_kept_as_text() {
    let all = catalogue();
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<Catalogue>(&text).unwrap(), all);
}

/// Whether a file of the corpus is a catalogue.
fn lists(json: &Json) -> bool {
    ["PublicAssetSets", "AssetSets"].iter().any(|name| json[name].is_object())
}

fn numbers(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|part| part.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

/// Every device of every real catalogue, against a search that knows nothing of ours.
#[test]
fn real_catalogues_are_resolved_as_a_plain_search_does() {
    let Some(corpus) = corpus("apple-mdm") else { return };
    let mut resolved = 0;
    for file in corpus.files().iter().filter(|file| file.extension() == "json") {
        let Ok(json) = serde_json::from_slice::<Json>(&file.bytes) else { continue };
        if !lists(&json) {
            continue;
        }
        let (catalogue, found) = Catalogue::decode_noting(&file.bytes, &Limits::default()).unwrap();
        // Lists that are new do no harm; entries that cannot be read would.
        let unread = |found: &&apple_mdm::gdmf::Diagnostic| {
            matches!(found.code, DiagnosticCode::NoEntry | DiagnosticCode::Version)
        };
        assert_eq!(found.iter().find(unread), None, "{}", file.name);
        let flat = |set: &str| -> Vec<Json> {
            let platforms = json[set].as_object().into_iter().flatten();
            platforms.flat_map(|(_, list)| list.as_array().cloned().unwrap()).collect()
        };
        let public = flat("PublicAssetSets");
        let mut days: Vec<&str> =
            public.iter().map(|entry| entry["PostingDate"].as_str().unwrap()).collect();
        days.sort_unstable();
        let today = day(days.last().unwrap());
        let mut devices: Vec<&str> = public
            .iter()
            .flat_map(|entry| entry["SupportedDevices"].as_array().unwrap())
            .map(|device| device.as_str().unwrap())
            .collect();
        devices.sort_unstable();
        devices.dedup();
        for name in devices {
            let best = public
                .iter()
                .filter(|entry| {
                    entry["SupportedDevices"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|device| device == name)
                })
                .filter(|entry| {
                    entry["ExpirationDate"].as_str().is_none_or(|text| day(text) > today)
                })
                .map(|entry| numbers(entry["ProductVersion"].as_str().unwrap()))
                .max();
            let mut facts = DeviceFacts::new(Platform::Ios, version("1.0"));
            facts.product_name = Some(name.to_owned());
            let policy = Policy::new(today).with_background(false);
            let found = policy.resolve(&catalogue, &facts);
            let ours = found.target.map(|target| numbers(&target.entry.version.to_string()));
            assert_eq!(ours, best, "{}: {name}", file.name);
            assert_eq!(
                found.others.len() + usize::from(found.target.is_some()),
                catalogue.entries().len()
            );
            if let Some(target) = found.target {
                // Once it is installed, there is nothing better.
                facts.version = target.entry.version;
                facts.build.clone_from(&target.entry.build);
                assert!(
                    policy.resolve(&catalogue, &facts).target.is_none(),
                    "{}: {name}",
                    file.name
                );
                if let Some(twin) = target.twin {
                    assert!(target.entry.build < twin.build, "{}: {name}", file.name);
                }
            }
            resolved += 1;
        }
    }
    eprintln!("{resolved} devices");
    assert!(resolved > 0, "the corpus has no catalogue");
}
