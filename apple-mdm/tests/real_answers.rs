//! Answers of the forms that real devices send: nothing is odd about what is usual, and each error
//! means what the device means by it. The values are ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use apple_mdm::check::{DeviceFacts, FindingCode, KnownUpdate};
use apple_mdm::messages::{
    AvailableOsUpdatesItem, Command, Diagnostic, DiagnosticCode, ErrorClass, InstallAction, Report,
    ScheduleOsUpdate, ScheduledUpdate,
};
use apple_mdm::plist::{Dictionary, Limits, Value, write_xml};
use apple_mdm::schema::Platform;

fn answer(key: &'static str, value: impl Into<Value<'static>>) -> Vec<u8> {
    let answer = Dictionary::new()
        .with("CommandUUID", "1")
        .with("Status", "Acknowledged")
        .with("UDID", "D")
        .with(key, value.into());
    let mut out = Vec::new();
    write_xml(&answer.into(), &mut out);
    out
}

fn odd(bytes: &[u8]) -> Vec<Diagnostic> {
    Report::decode_noting(bytes, &Limits::default()).unwrap().1
}

/// What is missing of the one update in a list.
fn missing(item: Dictionary<'static>) -> Vec<String> {
    let bytes = answer("AvailableOSUpdates", vec![Value::from(item)]);
    let found = odd(&bytes).into_iter().filter(|one| one.code == DiagnosticCode::MissingKey);
    let mut missing: Vec<String> = found.map(|one| one.detail.to_string()).collect();
    missing.sort();
    missing
}

/// As Macs up to 10.15 list everything.
fn of_old_mac(
    name: &'static str,
    version: &'static str,
    file: &'static str,
) -> Dictionary<'static> {
    Dictionary::new()
        .with("AllowsInstallLater", true)
        .with("AppIdentifiersToClose", Value::Array(Vec::new()))
        .with("HumanReadableName", name)
        .with("HumanReadableNameLocale", "en")
        .with("IsConfigDataUpdate", false)
        .with("IsCritical", false)
        .with("IsFirmwareUpdate", false)
        .with("MetadataURL", format!("http://example.org/content/1.5.0/{file}.smd"))
        .with("ProductKey", "001-00001")
        .with("RestartRequired", true)
        .with("Version", version)
}

/// As iPhones do.
fn of_phone() -> Dictionary<'static> {
    Dictionary::new()
        .with("AllowsInstallLater", true)
        .with("Build", "20H330")
        .with("DownloadSize", 500_000_000)
        .with("HumanReadableName", "iOS 16.7.2")
        .with("InstallSize", 100_000_000)
        .with("IsCritical", false)
        .with("ProductKey", "iOSUpdate20H330")
        .with("ProductName", "iOS")
        .with("RestartRequired", true)
        .with("Version", "16.7.2")
}

#[test]
fn what_devices_of_every_age_send_is_not_odd() {
    let list = [
        of_old_mac("macOS High Sierra 10.13.5 Update", " ", "macOSUpdCombo10.13.5Auto"),
        of_old_mac("Security Update 2017-001", " ", "macOSUpd10.13.1Supplemental"),
        of_old_mac("iTunes", "12.7.5", "iTunesX"),
        of_phone(),
        of_phone().with("IsSecurityResponse", false),
    ];
    let list: Vec<Value<'_>> = list.into_iter().map(Value::from).collect();
    let bytes = answer("AvailableOSUpdates", list);
    assert!(odd(&bytes).is_empty(), "{:?}", odd(&bytes));
    assert!(Report::decode_strict(&bytes, &Limits::default()).is_ok());
    let settings = Dictionary::new()
        .with("AutoCheckEnabled", true)
        .with("CatalogURL", "https://example.org/index.sucatalog")
        .with("IsDefaultCatalog", true)
        .with("PreviousScanResult", 2);
    let bytes = answer("QueryResponses", Dictionary::new().with("OSUpdateSettings", settings));
    assert!(odd(&bytes).is_empty(), "{:?}", odd(&bytes));
    assert!(Report::decode_strict(&bytes, &Limits::default()).is_ok());
}

#[test]
fn what_a_device_of_its_age_should_have_sent_is_missed() {
    let without = |mut item: Dictionary<'static>, key: &str| {
        item.remove(key);
        item
    };
    assert_eq!(missing(of_phone()), [""; 0]);
    assert_eq!(missing(without(of_phone(), "Build")), ["Build"]);
    assert_eq!(missing(without(of_phone(), "DownloadSize")), ["DownloadSize"]);
    assert_eq!(missing(without(of_phone(), "Version")), ["Version"]);
    // What came with it shows how old the device is at most.
    let newer = of_phone().with("SupplementalBuildVersion", "20H330");
    assert_eq!(missing(newer.clone()), ["IsSecurityResponse"]);
    assert_eq!(missing(newer.with("IsSecurityResponse", false)), [""; 0]);
    let mac = || of_old_mac("macOS", "13.2", "");
    assert_eq!(missing(mac().with("RequiresBootstrapToken", true)), [""; 0], "since macOS 11");
    let newer = mac().with("SupplementalOSVersionExtra", "(a)");
    assert_eq!(missing(newer), ["IsSecurityResponse"]);
    assert_eq!(missing(without(mac(), "ProductKey")), ["ProductKey"]);
    // Of no platform, by keys that no one platform has.
    let both = Dictionary::new().with("ProductName", "iOS").with("MetadataURL", "u");
    assert_eq!(missing(both).len(), 6);
}

#[test]
fn a_version_may_stand_in_the_name_or_in_the_file_name() {
    let version = |item: &Dictionary<'_>| {
        let item = AvailableOsUpdatesItem::new(item);
        let version = item.os_version();
        assert_eq!(KnownUpdate::read(&item).version, version);
        version.map(|version| version.to_string()).unwrap_or_default()
    };
    for (name, said, file, expected) in [
        ("macOS High Sierra 10.13.5 Update", " ", "macOSUpdCombo10.13.9Auto", "10.13.5"),
        ("Security Update 2017-001", " ", "macOSUpd10.13.1Supplemental", "10.13.1"),
        ("macOS\u{a0}Catalina\u{a0}10.15.7", "", "", "10.15.7"),
        ("Update (10.15.7)", "", "", "10.15.7"),
        ("macOS 10.15.6.", "", "", "10.15.6"),
        ("Security Update 2017-001", " ", "SecUpd2017-001", ""),
        ("macOS 27", " ", "", ""),
        ("v10.13.5", " ", "", ""),
        // What is said counts.
        ("macOS 10.13.5", "10.13.4", "", "10.13.4"),
        ("macOS Mojave 10.14.1", "18A391", "macOS10.14.2", ""),
    ] {
        assert_eq!(version(&of_old_mac(name, said, file)), expected, "{name} {said} {file}");
    }
    let built = of_old_mac("macOS 10.13.5", " ", "").with("Build", "17F77");
    assert_eq!(version(&built), "");
    let extra = of_phone().with("SupplementalOSVersionExtra", "(a)");
    assert_eq!(version(&extra), "16.7.2 (a)");
    assert_eq!(version(&Dictionary::new()), "");
    // Nothing tells.
    let bytes = answer("AvailableOSUpdates", vec![Value::from(of_old_mac("macOS", " ", ""))]);
    let codes: Vec<_> = odd(&bytes).into_iter().map(|one| one.code).collect();
    assert_eq!(codes, [DiagnosticCode::BlankVersion]);
}

/// As a Mac of 10.13.1 listed it: the update is for its version and keeps it.
#[test]
fn a_version_in_words_may_be_the_installed_one() {
    let found = |name: &'static str, said: &'static str, file: &'static str, installed: &str| {
        let item = of_old_mac(name, said, file);
        let known = KnownUpdate::read(&AvailableOsUpdatesItem::new(&item));
        let installed = installed.parse().unwrap();
        let mac = DeviceFacts::new(Platform::MacOs, installed).with_updates(vec![known]);
        let update = ScheduledUpdate::by_key("001-00001", InstallAction::InstallAsap).unwrap();
        let command = Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update]));
        let codes = command.check(&mac).into_iter().map(|finding| finding.code);
        codes.filter(|code| *code == FindingCode::NotNewer).count()
    };
    let (name, file) = ("Security Update 2017-001", "macOSUpd10.13.1Supplemental");
    assert_eq!(found(name, " ", file, "10.13.1"), 0);
    assert_eq!(found(name, " ", file, "10.13"), 0);
    assert_eq!(found(name, " ", file, "10.13.2"), 1, "for an older one");
    assert_eq!(found(name, "10.13.1", file, "10.13.1"), 1, "said");
    // What was saved before.
    let known = KnownUpdate::new("S").with_version("10.13.1".parse().unwrap());
    let text = serde_json::to_string(&known).unwrap();
    let old = text.replace(r#","version_in_words":false"#, "");
    assert_ne!(old, text);
    assert_eq!(serde_json::from_str::<KnownUpdate>(&old).unwrap(), known);
}

#[test]
fn other_products_have_versions_as_well() {
    for (name, said, file, expected) in [
        ("iTunes", "12.7.5", "iTunesX", false),
        ("サファリ", "13.1", "Safari13.1Auto", false),
        ("macOS High Sierra 10.13.5 Update", " ", "macOSUpdCombo10.13.5Auto", true),
        ("Security Update 2017-001", " ", "macOSUpd10.13.1Supplemental", true),
        ("", "", "", true),
    ] {
        let item = of_old_mac(name, said, file);
        assert_eq!(AvailableOsUpdatesItem::new(&item).is_system_update(), expected, "{name}");
    }
    let data = Dictionary::new().with("IsConfigDataUpdate", true).with("Version", "1.35");
    assert!(!AvailableOsUpdatesItem::new(&data).is_system_update());
}

fn class(entries: &[(&str, i64)]) -> ErrorClass {
    let entries = entries.iter().map(|(domain, code)| {
        let words = format!("something ({domain} error {code}.)");
        let entry = Dictionary::new().with("ErrorDomain", (*domain).to_owned());
        Value::from(entry.with("ErrorCode", *code).with("LocalizedDescription", words))
    });
    let chain: Vec<Value<'_>> = entries.collect();
    let chain = Dictionary::new().with("Status", "Error").with("ErrorChain", chain);
    Report::from_dictionary(chain).unwrap().errors.classify()
}

const CLIENT: &str = "MCMDMErrorDomain";
const MANAGEMENT: &str = "DeviceManagement.error";
const SERVICES: &str = "com.apple.softwareupdateservices.errors";

#[test]
fn errors_of_the_client_of_ios_have_a_meaning() {
    use ErrorClass as Class;
    for (client, management, expected) in [
        (12048, 2213, Class::NoUpdateAvailable),
        (12049, 2212, Class::PasscodeInTheWay),
        (12050, 2214, Class::ScanFailed),
        (12051, 2200, Class::InProgress),
        (12052, 2201, Class::AlreadyDownloaded),
        (12053, 2206, Class::NeedsComputer),
        (12054, 2204, Class::InsufficientSpace),
        (12055, 2205, Class::InsufficientPower),
        (12056, 2203, Class::InsufficientNetwork),
        (12057, 2202, Class::DownloadFailed),
        (12058, 2207, Class::InProgress),
        (12059, 2211, Class::NeedsDownload),
        (12060, 2209, Class::InsufficientSpace),
        (12061, 2210, Class::InsufficientPower),
        (12062, 2208, Class::InstallFailed),
    ] {
        // Alone, above each other, and whatever the cause.
        assert_eq!(class(&[(CLIENT, client)]), expected);
        assert_eq!(class(&[(MANAGEMENT, management)]), expected);
        assert_eq!(class(&[(CLIENT, client), (MANAGEMENT, management)]), expected);
        let whole = [(CLIENT, client), (MANAGEMENT, management), (SERVICES, 3)];
        assert_eq!(class(&whole), expected);
        assert!(!expected.is_momentary());
    }
    for (client, expected) in
        [(12077, Class::UserSignedIn), (12078, Class::LostMode), (12084, Class::SingleAppMode)]
    {
        assert_eq!(class(&[(CLIENT, client)]), expected);
        assert!(expected.is_momentary());
    }
}

#[test]
fn a_cause_is_no_meaning_of_its_own() {
    // Software update's "nothing" below what device management makes of it.
    let nothing = (SERVICES, 3);
    assert_eq!(class(&[nothing]), ErrorClass::NoUpdateAvailable);
    assert_eq!(class(&[("Any", 1), nothing]), ErrorClass::NoUpdateAvailable);
    assert_eq!(class(&[(MANAGEMENT, 2213), nothing]), ErrorClass::NoUpdateAvailable);
    assert_eq!(class(&[(MANAGEMENT, 2211), nothing]), ErrorClass::NeedsDownload);
    assert_eq!(class(&[(MANAGEMENT, 2202), nothing]), ErrorClass::DownloadFailed);
    assert_eq!(class(&[(MANAGEMENT, 2300), nothing]), ErrorClass::Other);
    assert_eq!(class(&[(MANAGEMENT, 0), (SERVICES, 7), nothing]), ErrorClass::Other);
    assert_eq!(class(&[(MANAGEMENT, 2300), (MANAGEMENT, 2213)]), ErrorClass::NoUpdateAvailable);
    // The general error of iOS counts where nothing else is known.
    assert_eq!(class(&[(CLIENT, 12008)]), ErrorClass::UnsupportedAction);
    assert_eq!(class(&[(CLIENT, 12008), ("MDMClientError", 74)]), ErrorClass::NeedsSupervision);
    assert_eq!(class(&[(CLIENT, 12008), ("Any", 1)]), ErrorClass::UnsupportedAction);
}
