//! Commands, answers and check-in messages: what peers really send is read, told and kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use apple_mdm::enrollment::{MachineInfo, SoftwareUpdateRequired};
use apple_mdm::messages::{
    Answer, Channel, CheckIn, CheckInAnswer, CheckInMessage, CheckInType, Command, CommandUuid,
    Diagnostic, DiagnosticCode, ErrorClass, InstallAction, PreviousScanResult, Priority,
    RecommendationCadence, Report, ReportStatus, Request, ScheduleOsUpdate, ScheduledUpdate,
    Setting, UpdateStatus,
};
use apple_mdm::plist::{self, Dictionary, Format, Limits, Value, write_xml};
use proptest::prelude::*;

use apple_mdm::profile::{
    AccessRights, DelayDays, MdmPayload, Profile, SoftwareUpdatePayload, UpdateRestrictions,
};

fn list(value: Dictionary<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_xml(&value.into(), &mut out);
    out
}

fn answered() -> Dictionary<'static> {
    Dictionary::new().with("Status", "Acknowledged").with("CommandUUID", "1").with("UDID", "D")
}

fn items(item: Dictionary<'static>) -> Value<'static> {
    Value::Array(vec![item.into()])
}

/// What is odd about an answer, with paths.
fn odd(report: Dictionary<'_>) -> Vec<(DiagnosticCode, String)> {
    let bytes = list(report);
    let (_, found) = Report::decode_noting(&bytes, &Limits::default()).unwrap();
    for finding in &found {
        assert!(finding.position.line > 0, "{finding}: has no place");
    }
    found.into_iter().map(|found| (found.code, found.path)).collect()
}

fn has(found: &[(DiagnosticCode, String)], code: DiagnosticCode, path: &str) -> bool {
    found.iter().any(|(known, at)| *known == code && at == path)
}

fn round(request: &Request) -> Request {
    for format in [Format::Xml, Format::Binary] {
        let (mut body, mut again) = (Vec::new(), Vec::new());
        request.encode_as(format, &mut body).unwrap();
        let read = Request::decode(&body, &Limits::default()).unwrap();
        read.encode_as(format, &mut again).unwrap();
        assert_eq!((&read, &again), (request, &body));
    }
    request.clone()
}

#[test]
fn commands_take_their_keys() {
    let update = ScheduledUpdate::by_key("012-34567", InstallAction::InstallLater)
        .unwrap()
        .with_product_version("14.7.1")
        .unwrap()
        .with_max_user_deferrals(3)
        .unwrap()
        .with_priority(Priority::High);
    let uuid = || CommandUuid::new("0001_Any text");
    let cadence = Setting::SoftwareUpdate(RecommendationCadence::Lower);
    for command in [
        Command::ScheduleOsUpdate(ScheduleOsUpdate::new(vec![update])),
        Command::ScheduleOsUpdate(ScheduleOsUpdate::default()),
        Command::ScheduleOsUpdateScan { force: Some(true) },
        Command::ScheduleOsUpdateScan { force: None },
        Command::AvailableOsUpdates,
        Command::OsUpdateStatus,
        Command::SecurityInfo,
        Command::DeviceInformation { queries: vec!["OSVersion".to_owned()] },
        Command::Settings(vec![cadence]),
        Command::DeclarativeManagement { data: None },
        Command::DeclarativeManagement { data: Some(b"{}".to_vec()) },
        Command::Other(Dictionary::new().with("RequestType", "RestartDevice")),
    ] {
        round(&Request::new(uuid(), command));
    }
}

#[test]
fn unknown_keys_and_values_survive() {
    let update = Dictionary::new()
        .with("InstallAction", "InstallTomorrow")
        .with("ProductKey", 7)
        .with("Priority", "Highest")
        .with("MaxUserDeferrals", "three")
        .with("NewKey", true);
    for command in [
        Dictionary::new().with("RequestType", "ScheduleOSUpdate").with("Updates", items(update)),
        Dictionary::new().with("RequestType", "ScheduleOSUpdate").with("Updates", "none"),
        Dictionary::new()
            .with("RequestType", "ScheduleOSUpdate")
            .with("Updates", Value::Array(vec![])),
        Dictionary::new().with("RequestType", "ScheduleOSUpdateScan").with("Force", 1),
        Dictionary::new().with("RequestType", "AvailableOSUpdates").with("New", 1),
        Dictionary::new()
            .with("RequestType", "DeviceInformation")
            .with("Queries", items(Dictionary::new())),
        Dictionary::new().with("RequestType", "Settings").with("Settings", "x"),
        Dictionary::new()
            .with("RequestType", "OSUpdateStatus")
            .with("RequestRequiresNetworkTether", true),
    ] {
        let whole = Dictionary::new()
            .with("Command", command.clone())
            .with("CommandUUID", "1")
            .with("Beside", "kept");
        let request = round(&Request::decode(&list(whole), &Limits::default()).unwrap());
        let mut body = Vec::new();
        request.encode(&mut body).unwrap();
        let again = plist::decode(&body, &Limits::default()).unwrap();
        let again = again.as_dictionary().unwrap();
        assert_eq!(again.str("Beside"), Some("kept"));
        let written = again.dictionary("Command").unwrap();
        assert_eq!(written.len(), command.len());
        for (key, value) in command.iter() {
            let found = written.get(key).unwrap();
            match (found.as_array(), value.as_array()) {
                (Some([Value::Dictionary(found)]), Some([Value::Dictionary(value)])) => {
                    assert!(value.iter().all(|(key, value)| found.get(key) == Some(value)));
                }
                _ => assert_eq!(found, value, "{key}"),
            }
        }
    }
    let action = InstallAction::from_text("InstallTomorrow");
    assert_eq!(
        (action.as_str(), action.to_string()),
        ("InstallTomorrow", "InstallTomorrow".to_owned())
    );
}

#[test]
fn the_envelope_is_typed() {
    for (name, status) in [
        ("Acknowledged", ReportStatus::Acknowledged),
        ("Error", ReportStatus::Error),
        ("CommandFormatError", ReportStatus::CommandFormatError),
        ("Idle", ReportStatus::Idle),
        ("NotNow", ReportStatus::NotNow),
        ("Later", ReportStatus::Other("Later".to_owned())),
    ] {
        let bytes = list(Dictionary::new().with("Status", name).with("EnrollmentID", "E"));
        let report = Report::decode(&bytes, &Limits::default()).unwrap();
        assert_eq!((report.status.clone(), report.device.as_str()), (status, "E"));
        assert!(report.enrollment().is_user_enrollment());
        assert_eq!(report.enrollment().channel(), Channel::Device);
    }
    let user = answered()
        .with("UserID", "U")
        .with("UserShortName", "ann")
        .with("UserLongName", "Ann")
        .with("RequestType", "DeviceInformation");
    let report = Report::from_dictionary(user).unwrap();
    let enrollment = report.enrollment();
    assert_eq!((enrollment.channel(), enrollment.key().as_deref()), (Channel::User, Some("D:U")));
    assert_eq!((enrollment.user_short_name, enrollment.user_long_name), (Some("ann"), Some("Ann")));
    let bytes = list(
        Dictionary::new()
            .with("Status", "Idle")
            .with("EnrollmentID", "E")
            .with("EnrollmentUserID", "V"),
    );
    let report = Report::decode(&bytes, &Limits::default()).unwrap();
    assert_eq!(report.enrollment().key().as_deref(), Some("E:V"));
    for missing in [Dictionary::new(), Dictionary::new().with("Status", 1)] {
        let bytes = list(missing);
        let error = Report::decode(&bytes, &Limits::default()).unwrap_err();
        assert!(error.to_string().starts_with("the key Status is missing, at line 3"), "{error}");
    }
    let error = Report::decode(b"<plist>\n<array/></plist>", &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "the message is no dictionary, at line 2, column 1");
}

#[test]
fn scan_answers_may_misspell_their_key() {
    let found = odd(answered().with("ScanInititated", true));
    assert!(has(&found, DiagnosticCode::MisspeltKey, "ScanInititated"));
    assert_eq!(found.len(), 1);
    let report = Report::from_dictionary(answered().with("ScanInititated", true)).unwrap();
    let Answer::Scan(scan) = report.answer() else { panic!() };
    assert_eq!((scan.scan_initiated(), scan.began()), (None, Some(true)));
}

#[test]
fn scan_requests_may_have_another_key() {
    let command = Dictionary::new()
        .with("ForceUpdateScan", false)
        .with("RequestType", "ScheduleOSUpdateScan");
    let bytes = list(Dictionary::new().with("Command", command).with("CommandUUID", "1"));
    let (request, found) = Request::decode_noting(&bytes, &Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code, found[0].path.as_str()),
        (DiagnosticCode::OtherKey, "Command/ForceUpdateScan")
    );
    assert_eq!(request.extra().bool("ForceUpdateScan"), Some(false));
    round(&request);
}

#[test]
fn a_command_may_be_nested_twice() {
    let inner = Dictionary::new().with("CommandUUID", "1").with(
        "Command",
        Dictionary::new().with("RequestType", "DeclarativeManagement").with("Data", b"{}".to_vec()),
    );
    let bytes = list(Dictionary::new().with("Command", inner));
    let (request, found) = Request::decode_noting(&bytes, &Limits::default()).unwrap();
    assert_eq!(request.command, Command::DeclarativeManagement { data: Some(b"{}".to_vec()) });
    assert_eq!(found[0].code, DiagnosticCode::NestedCommand);
    assert!(Request::decode_strict(&bytes, &Limits::default()).is_err());
}

#[test]
fn queries_may_be_asked_twice() {
    let queries = ["OSVersion", "HostName", "OSVersion"].map(Value::from).to_vec();
    let command =
        Dictionary::new().with("RequestType", "DeviceInformation").with("Queries", queries);
    let bytes = list(Dictionary::new().with("Command", command).with("CommandUUID", "1"));
    let (_, found) = Request::decode_noting(&bytes, &Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code, found[0].path.as_str()),
        (DiagnosticCode::DuplicateQuery, "Command/Queries[2]")
    );
}

#[test]
fn settings_may_be_an_array_or_a_dictionary() {
    let one = || Dictionary::new().with("Status", "Acknowledged").with("Identifier", "i");
    let array = answered().with("Settings", items(one()));
    assert!(has(&odd(array.clone()), DiagnosticCode::ArrayForDictionary, "Settings"));
    assert_eq!(odd(answered().with("Settings", one())), []);
    for form in [array, answered().with("Settings", one())] {
        let report = Report::from_dictionary(form).unwrap();
        let Answer::Settings(settings) = report.answer() else { panic!() };
        assert_eq!(
            (settings.len(), settings[0].status(), settings[0].identifier()),
            (1, Some("Acknowledged"), Some("i"))
        );
    }
}

#[test]
fn macs_leave_out_what_the_schema_requires() {
    let update = Dictionary::new()
        .with("HumanReadableName", "macOS")
        .with("ProductKey", "_OSX_18A391")
        .with("RestartRequired", true)
        .with("DownloadSize", Value::Real(12_000_000_000.0))
        .with("Version", "18A391");
    let found = odd(answered().with("AvailableOSUpdates", items(update.clone())));
    let of = |code| found.iter().filter(|(known, _)| *known == code).count();
    // Build, which no Mac gives, and IsSecurityResponse, which came later; what only some platforms
    // have is not missed either.
    assert_eq!(of(DiagnosticCode::MissingKey), 0);
    assert!(has(&found, DiagnosticCode::BuildAsVersion, "AvailableOSUpdates[0]/Version"));
    assert!(has(&found, DiagnosticCode::RealForInteger, "AvailableOSUpdates[0]/DownloadSize"));
    let report =
        Report::from_dictionary(answered().with("AvailableOSUpdates", items(update))).unwrap();
    let Answer::AvailableOsUpdates(updates) = report.answer() else { panic!() };
    assert_eq!(updates[0].download_size(), Some(12_000_000_000));
    assert_eq!((updates[0].build(), updates[0].restart_required()), (None, Some(true)));
    let blank = Dictionary::new().with("Version", " ");
    let found = odd(answered().with("AvailableOSUpdates", items(blank)));
    assert!(has(&found, DiagnosticCode::BlankVersion, "AvailableOSUpdates[0]/Version"));
}

#[test]
fn truth_may_be_a_number_and_a_real_may_be_whole() {
    let text = b"<plist><dict><key>Status</key><string>Acknowledged</string><key>UDID</key><string>D</string>
        <key>CommandUUID</key><string>1</string><key>OSUpdateStatus</key><array><dict>
        <key>DownloadPercentComplete</key><real>1</real><key>IsDownloaded</key><integer>1</integer>
        <key>ProductKey</key><string>k</string><key>Status</key><string>Idle</string></dict></array></dict></plist>";
    let (report, found) = Report::decode_noting(text, &Limits::default()).unwrap();
    let codes: Vec<_> = found.iter().map(|found| (found.code, found.path.as_str())).collect();
    assert_eq!(
        codes,
        [
            (
                DiagnosticCode::Plist(plist::DiagnosticCode::WholeReal),
                "OSUpdateStatus[0]/DownloadPercentComplete"
            ),
            (DiagnosticCode::IntegerForBoolean, "OSUpdateStatus[0]/IsDownloaded"),
        ]
    );
    assert_eq!(found[1].position.line, 3);
    let Answer::OsUpdateStatus(status) = report.answer() else { panic!() };
    assert_eq!(
        (status[0].is_downloaded(), status[0].download_percent_complete()),
        (Some(true), Some(1.0))
    );
    let number = Dictionary::new()
        .with("DownloadPercentComplete", 1)
        .with("IsDownloaded", true)
        .with("ProductKey", "k")
        .with("Status", "Idle");
    assert!(has(
        &odd(answered().with("OSUpdateStatus", items(number))),
        DiagnosticCode::IntegerForReal,
        "OSUpdateStatus[0]/DownloadPercentComplete"
    ));
}

#[test]
fn the_last_scan_may_be_a_number() {
    let settings = Dictionary::new().with("PreviousScanResult", 2);
    let responses = Dictionary::new().with("OSUpdateSettings", settings);
    let report = answered().with("QueryResponses", responses);
    let path = "QueryResponses/OSUpdateSettings/PreviousScanResult";
    assert!(!has(&odd(report.clone()), DiagnosticCode::IntegerForText, path), "as all Macs say it");
    let elsewhere = Dictionary::new().with("CatalogURL", 2);
    let elsewhere = Dictionary::new().with("OSUpdateSettings", elsewhere);
    let path = "QueryResponses/OSUpdateSettings/CatalogURL";
    let elsewhere = odd(answered().with("QueryResponses", elsewhere));
    assert!(has(&elsewhere, DiagnosticCode::IntegerForText, path));
    let report = Report::from_dictionary(report).unwrap();
    let Answer::DeviceInformation(device) = report.answer() else { panic!() };
    let result = device.os_update_settings().unwrap().previous_scan_result();
    assert_eq!(result, Some(PreviousScanResult::Number(2)));
}

#[test]
fn answers_may_echo_their_request_type() {
    assert!(has(
        &odd(answered().with("RequestType", "AvailableOSUpdates")),
        DiagnosticCode::EchoedRequestType,
        "RequestType"
    ));
}

#[test]
fn text_may_have_escaped_bytes() {
    let error = |text: &'static str| {
        let entry = Dictionary::new()
            .with("ErrorCode", 3)
            .with("ErrorDomain", "d")
            .with("LocalizedDescription", text);
        Dictionary::new()
            .with("Status", "Error")
            .with("UDID", "D")
            .with("CommandUUID", "1")
            .with("ErrorChain", items(entry))
    };
    let found = odd(error("couldn\\xe2\\x80\\x99t"));
    assert_eq!(
        found,
        [(DiagnosticCode::EscapedBytes, "ErrorChain[0]/LocalizedDescription".to_owned())]
    );
    assert_eq!(odd(error("c:\\xyz")), []);
}

#[test]
fn a_token_of_garbled_base64_loses_no_message() {
    let body = b"<plist><dict><key>MessageType</key><string>TokenUpdate</string><key>Topic</key><string>t</string>
        <key>UDID</key><string>D</string><key>PushMagic</key><string>M</string>
        <key>Token</key><data>(removed)</data></dict></plist>";
    let (message, found) = CheckIn::decode_noting(body, &Limits::default()).unwrap();
    assert_eq!(message.message_type, CheckInType::TokenUpdate);
    let codes: Vec<_> = found.iter().map(|found| found.code).collect();
    assert_eq!(codes, [DiagnosticCode::Plist(plist::DiagnosticCode::Base64)]);
}

#[test]
fn other_differences_from_the_schema_are_told() {
    let results = Dictionary::new()
        .with("InstallAction", "Default")
        .with("ProductKey", true)
        .with("Status", "Thinking")
        .with("New", true);
    let found = odd(answered().with("UpdateResults", items(results)));
    assert!(has(&found, DiagnosticCode::UnknownValue, "UpdateResults[0]/InstallAction"), "R4");
    assert!(has(&found, DiagnosticCode::UnknownValue, "UpdateResults[0]/Status"));
    assert!(has(&found, DiagnosticCode::WrongType, "UpdateResults[0]/ProductKey"));
    assert!(has(&found, DiagnosticCode::UnknownKey, "UpdateResults[0]/New"));
    assert!(has(
        &odd(answered().with("UpdateResults", "none")),
        DiagnosticCode::WrongType,
        "UpdateResults"
    ));
    assert!(has(&odd(Dictionary::new().with("Status", "NotNow")), DiagnosticCode::NoDevice, ""));
    assert!(has(&odd(Dictionary::new().with("Status", "NotNow")), DiagnosticCode::MissingKey, ""));
}

#[test]
fn one_item_that_is_none_hides_no_other() {
    let update = Dictionary::new().with("ProductKey", "k").with("Version", "18.7");
    let report = answered().with("AvailableOSUpdates", vec![Value::from("junk"), update.into()]);
    assert!(has(&odd(report.clone()), DiagnosticCode::WrongType, "AvailableOSUpdates[0]"));
    let report = Report::from_dictionary(report).unwrap();
    let updates = report.available_updates().unwrap();
    assert_eq!((updates.len(), updates[0].product_key()), (1, Some("k")));
}

#[test]
fn oddities_of_a_hostile_message_are_bounded() {
    let mut report = answered();
    // So many that their square would not end; each longer than what is kept of it.
    for number in 0..100_000 {
        report.push(format!("{}{number}", "Unknown".repeat(10)), Value::Real(1.0));
    }
    let updates = vec![Value::from(Dictionary::new()); 10_000];
    let bytes = list(report.with("AvailableOSUpdates", updates));
    let (_, found) = Report::decode_noting(&bytes, &Limits::default()).unwrap();
    let of_list = |finding: &&Diagnostic| matches!(finding.code, DiagnosticCode::Plist(_));
    let lists = found.iter().filter(of_list).count();
    assert_eq!((lists, found.len()), (256, 512), "256 of the list and 256 of the message");
    let longest = found.iter().map(|finding| finding.path.chars().count()).max();
    assert_eq!(longest, Some(65), "64 of a key, and a sign that there are more");
    // What is quoted is short, and so is the way to what is deep.
    let words = Dictionary::new().with("UDID", "1").with("CommandUUID", "1");
    let bytes = list(words.with("Status", "S".repeat(100_000)));
    let (_, found) = Report::decode_noting(&bytes, &Limits::default()).unwrap();
    assert_eq!((found.len(), found[0].detail.len()), (1, 64));
    let name = "n".repeat(64);
    let deep = (0..50).fold("<real>7</real>".to_owned(), |inner, _| {
        format!("<dict><key>{name}</key>{inner}</dict>")
    });
    let text = format!("<plist>{deep}</plist>");
    let (_, found) = plist::decode_noting(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(found.len(), 1);
    assert!((512..600).contains(&found[0].path.len()), "{}", found[0].path);
}

#[test]
fn results_have_twelve_states() {
    assert_eq!(UpdateStatus::KNOWN.len(), 12);
    let failures =
        UpdateStatus::KNOWN.iter().filter(|text| UpdateStatus::from_text(text).is_failure());
    assert_eq!(failures.count(), 9);
    assert!(UpdateStatus::InstallPhoneCallInProgress.is_temporary());
    assert!(!UpdateStatus::InstallFailed.is_temporary());
}

#[test]
fn chains_of_errors_have_a_meaning() {
    let class = |entries: &[(&'static str, i64, &'static str)]| {
        let entries = entries.iter().map(|(domain, code, text)| {
            Dictionary::new()
                .with("ErrorDomain", *domain)
                .with("ErrorCode", *code)
                .with("LocalizedDescription", *text)
                .into()
        });
        let chain: Vec<Value<'_>> = entries.collect();
        let bytes = list(Dictionary::new().with("Status", "Error").with("ErrorChain", chain));
        Report::decode(&bytes, &Limits::default()).unwrap().errors.classify()
    };
    for (entry, expected) in [
        (("DeviceManagement.error", 2213, "No update available."), ErrorClass::NoUpdateAvailable),
        (("com.apple.softwareupdateservices.errors", 3, ""), ErrorClass::NoUpdateAvailable),
        (("MDMClientError", 74, ""), ErrorClass::NeedsSupervision),
        (("MCMDMErrorDomain", 12008, ""), ErrorClass::UnsupportedAction),
        (("MCMDMErrorDomain", 12021, ""), ErrorClass::UnknownCommand),
        (("Any", 1, "Unknown command: X <MDMClientError:91>"), ErrorClass::UnknownCommand),
        (
            ("Any", 1, "(com.apple.softwareupdateservices.errors error 3.)"),
            ErrorClass::NoUpdateAvailable,
        ),
        (("MDMClientError", 70, ""), ErrorClass::RecoveryLock),
        (("ROSLockoutServiceDaemonErrorDomain", 8, ""), ErrorClass::RecoveryLock),
        (("MDMClientError", 96, ""), ErrorClass::ProfileRefused),
        (("MCMDMErrorDomain", 12040, ""), ErrorClass::SignInNeeded),
        (("DeviceManagement.error", 2299, "<>:(() error )"), ErrorClass::Other),
    ] {
        assert_eq!(class(&[entry]), expected, "{entry:?}");
        assert_eq!(class(&[("Outer", 1, ""), entry]), expected, "{entry:?} inside");
    }
    assert_eq!(class(&[]), ErrorClass::Other);
}

#[test]
fn secrets_stay_out_of_debug() {
    let message = Dictionary::new()
        .with("MessageType", "SetBootstrapToken")
        .with("BootstrapToken", b"hidden-token".to_vec())
        .with("UDID", "D");
    let update = Dictionary::new()
        .with("MessageType", "TokenUpdate")
        .with("PushMagic", "hidden-magic")
        .with("UnlockToken", "hidden-unlock");
    for message in [message, update] {
        let message = CheckIn::from_dictionary(message).unwrap();
        for text in [format!("{message:?}"), format!("{:?}", message.message())] {
            assert!(!text.contains("hidden") && text.contains("redacted"), "{text}");
        }
    }
    for answer in [
        CheckInAnswer::Token(b"hidden".as_slice().into()),
        CheckInAnswer::DigestChallenge(Some("hidden".into())),
        CheckInAnswer::AuthToken("hidden".into()),
    ] {
        assert!(!format!("{answer:?}").contains("hidden"));
    }
    let command = Command::install_profile(b"hidden".to_vec());
    assert!(!format!("{:?}", Request::new(CommandUuid::new("1"), command)).contains("104"));
}

#[test]
fn answers_to_check_ins() {
    let text = |answer: CheckInAnswer<'_>| {
        let mut out = Vec::new();
        answer.encode(&mut out).unwrap();
        plist::decode(&out, &Limits::default()).unwrap().into_owned()
    };
    assert_eq!(
        text(CheckInAnswer::BootstrapToken(Some(vec![1, 2].into()))),
        Dictionary::new().with("BootstrapToken", vec![1, 2]).into()
    );
    assert_eq!(text(CheckInAnswer::BootstrapToken(None)), Dictionary::new().into());
    assert_eq!(
        text(CheckInAnswer::Token(vec![3].into())),
        Dictionary::new().with("TokenData", vec![3]).into()
    );
    // Empty: the user is managed without a password.
    assert_eq!(
        text(CheckInAnswer::DigestChallenge(None)),
        Dictionary::new().with("DigestChallenge", "").into()
    );
    // To the digest that followed: a token, or an empty one where the password was wrong.
    for token in ["a1b2", ""] {
        assert_eq!(
            text(CheckInAnswer::AuthToken(token.into())),
            Dictionary::new().with("AuthToken", token).into()
        );
    }
}

#[test]
fn check_in_messages_are_told_apart() {
    for name in CheckInType::KNOWN {
        let bytes = list(Dictionary::new().with("MessageType", *name).with("UDID", "D"));
        let message = CheckIn::decode(&bytes, &Limits::default()).unwrap();
        assert!(!matches!(message.message(), CheckInMessage::Other), "{name}");
        let mut again = Vec::new();
        message.encode(Format::Xml, &mut again).unwrap();
        assert_eq!(again, bytes);
    }
    let other = CheckIn::from_dictionary(Dictionary::new().with("MessageType", "New")).unwrap();
    assert!(matches!(other.message(), CheckInMessage::Other));
    assert_eq!(other.message_type.as_str(), "New");
}

#[test]
fn what_xml_cannot_carry_leaves_the_output_alone() {
    let command = Command::DeviceInformation { queries: vec!["\u{0}".to_owned()] };
    let mut out = b"before".to_vec();
    let request = Request::new(CommandUuid::new("1"), command);
    assert!(request.encode(&mut out).is_err());
    assert_eq!(out, b"before");
    request.encode_as(Format::Binary, &mut out).unwrap();
}

#[test]
fn profiles_are_written_and_read() {
    let settings = SoftwareUpdatePayload::new()
        .with_automatic_download(true)
        .with_require_admin_to_install(false)
        .with_automatic_download(false);
    let restrictions = UpdateRestrictions::new()
        .with_enforced_major_os_delay(DelayDays::new(90).unwrap())
        .with_force_delayed_major_software_updates(true);
    let profile = Profile::new("com.example", "U1")
        .with_software_update(settings, "U2")
        .with_restrictions(restrictions.clone(), "U3");
    let mut body = Vec::new();
    profile.encode(&mut body).unwrap();
    let read = Profile::decode(&body, &Limits::default()).unwrap();
    assert_eq!(read, profile);
    let settings = read.software_update().unwrap();
    assert_eq!(
        (settings.automatic_download(), settings.require_admin_to_install()),
        (Some(false), Some(false))
    );
    assert_eq!(read.restrictions().unwrap().enforced_major_os_delay().unwrap().days(), 90);
    assert_eq!(
        read.restrictions().unwrap().dictionary().str("PayloadIdentifier"),
        Some("com.example.U3")
    );
    assert!(read.mdm().is_none());
    for days in [0, 91, -1] {
        assert!(DelayDays::new(days).is_err());
    }
    let unreadable = UpdateRestrictions::from_dictionary(
        Dictionary::new().with("enforcedSoftwareUpdateDelay", 91),
    );
    assert_eq!(unreadable.enforced_software_update_delay(), None);
    let mdm = MdmPayload::new()
        .with_access_rights(AccessRights::ALL)
        .with_server_capabilities(vec!["com.apple.mdm.bootstraptoken"]);
    assert!(mdm.access_rights().unwrap().has("AllowAppInstallation"));
    assert!(!AccessRights::from_bits(4095).has("AllowAppInstallation"));
    assert!(AccessRights::from_bits(0).has("None"));
    let valid = [1, 3, 64 | 128, 8191].map(|bits| AccessRights::from_bits(bits).is_valid());
    let not = [0, 2, 128, 130].map(|bits| AccessRights::from_bits(bits).is_valid());
    assert!(valid.iter().all(|valid| *valid) && !not.iter().any(|valid| *valid));
}

#[test]
fn an_update_may_be_required_at_enrolment() {
    let device = |product: &'static str, can: bool| {
        Dictionary::new().with("PRODUCT", product).with("MDM_CAN_REQUEST_SOFTWARE_UPDATE", can)
    };
    let taken =
        |device: &Dictionary<'_>| SoftwareUpdateRequired::is_taken_by(&MachineInfo::new(device));
    assert!(taken(&device("iPhone14,2", true)));
    assert!(!taken(&device("iPhone14,2", false)));
    assert!(!taken(&device("AppleTV11,1", true)), "tvOS does not have it");
    let answer = SoftwareUpdateRequired::new("17.5".parse().unwrap()).with_message("Update first");
    let details = answer.to_dictionary();
    assert_eq!(details.dictionary("details").unwrap().str("OSVersion"), Some("17.5"));
    assert_eq!(details.str("message"), Some("Update first"));
    assert_eq!(details.get("description"), None);
    // All that the answer can say.
    let answer = answer
        .with_build("21F79".parse().unwrap())
        .with_description("below the minimum")
        .with_beta_program("macOS 14 beta", "hidden");
    let body = answer.to_dictionary();
    let mut required = Dictionary::new().with("OSVersion", "17.5").with("BuildVersion", "21F79");
    let program = Dictionary::new().with("Description", "macOS 14 beta").with("Token", "hidden");
    required.push("RequireBetaProgram", program);
    let all = Dictionary::new()
        .with("code", "com.apple.softwareupdate.required")
        .with("description", "below the minimum")
        .with("message", "Update first")
        .with("details", required);
    assert_eq!(body, all);
    let shown = format!("{answer:?} {body:?}");
    assert!(!shown.contains("hidden") && shown.contains("17.5"), "{shown}");
}

#[test]
fn before_macos_15_only_what_everybody_is_offered_may_be_required() {
    use apple_mdm::gdmf::Set;
    let may = |product: &'static str, version: Option<&'static str>, set| {
        let device = Dictionary::new().with("PRODUCT", product).with_opt("OS_VERSION", version);
        SoftwareUpdateRequired::may_ask_for(&MachineInfo::new(&device), set)
    };
    for (product, version, managed) in [
        ("Mac14,2", Some("14.6.1"), false),
        ("Mac14,2", Some("15.0"), true),
        ("Mac14,2", Some("new"), false),
        ("Mac14,2", None, false),
        ("iPhone14,2", Some("17.0"), true),
        ("Unheard1,1", Some("17.0"), false),
    ] {
        assert_eq!(may(product, version, Set::Managed), managed, "{product} {version:?}");
        assert!(may(product, version, Set::Public) && may(product, version, Set::Background));
    }
}

/// Names that messages have, and some that they have not.
const NAMES: [&str; 24] = [
    "Status",
    "UDID",
    "EnrollmentID",
    "CommandUUID",
    "Command",
    "RequestType",
    "MessageType",
    "Updates",
    "AvailableOSUpdates",
    "OSUpdateStatus",
    "UpdateResults",
    "QueryResponses",
    "SecurityInfo",
    "Settings",
    "ErrorChain",
    "Queries",
    "Force",
    "Data",
    "ProductKey",
    "Version",
    "IsDownloaded",
    "InstallAction",
    "ScanInititated",
    "Unknown",
];

/// Texts that messages have, and some that they have not.
const TEXTS: [&str; 16] = [
    "Acknowledged",
    "Error",
    "Idle",
    "NotNow",
    "ScheduleOSUpdate",
    "ScheduleOSUpdateScan",
    "Settings",
    "DeviceInformation",
    "DeclarativeManagement",
    "TokenUpdate",
    "Authenticate",
    "InstallLater",
    "18.7.2",
    " ",
    "18A391",
    "<MDMClientError:91>",
];

fn anything() -> impl Strategy<Value = Value<'static>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-2i64..3).prop_map(Value::from),
        (-2.0f64..2.0).prop_map(Value::Real),
        prop::collection::vec(any::<u8>(), 0..3).prop_map(Value::from),
        prop::sample::select(&TEXTS[..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            entries(inner).prop_map(Value::from),
        ]
    })
}

fn entries(
    inner: impl Strategy<Value = Value<'static>>,
) -> impl Strategy<Value = Dictionary<'static>> {
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner, 0..8)
        .prop_map(|entries| entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn sorted(list: &[u8]) -> std::collections::BTreeMap<String, String> {
    let value = plist::decode(list, &Limits::default()).unwrap();
    let list = value.as_dictionary().unwrap();
    // By their bytes: Debug leaves secrets out.
    let bytes = |value: &Value<'_>| {
        let mut out = Vec::new();
        plist::write_binary(value, &mut out);
        format!("{out:?}")
    };
    let text = |value: &Value<'_>| match value.as_dictionary() {
        Some(inner) => {
            let keys: std::collections::BTreeMap<_, _> =
                inner.iter().map(|(key, value)| (key, bytes(value))).collect();
            format!("{keys:?}")
        }
        None => bytes(value),
    };
    list.iter().map(|(key, value)| (key.to_owned(), text(value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_a_message_holds_nothing_panics_and_nothing_is_lost(
        message in entries(anything()),
        command in entries(anything()),
        status in prop::sample::select(&TEXTS[..]),
        kind in prop::sample::select(&TEXTS[..]),
    ) {
        let limits = Limits::default();
        let mut report = message.clone();
        report.remove("Status");
        let report = list(report.with("Status", status));
        let (read, found) = Report::decode_noting(&report, &limits).unwrap();
        prop_assert!(found.iter().all(|found| !found.to_string().is_empty()));
        let _ = (read.answer(), read.update_results(), read.available_updates(), read.update_progress());
        let _ = (read.errors.classify(), read.enrollment().key(), format!("{read:?}"));
        let mut again = Vec::new();
        read.encode(Format::Xml, &mut again).unwrap();
        prop_assert_eq!(again, report);

        let mut check_in = message.clone();
        check_in.remove("MessageType");
        let check_in = list(check_in.with("MessageType", kind));
        let (read, _) = CheckIn::decode_noting(&check_in, &limits).unwrap();
        let _ = (read.message(), format!("{:?}", read.message()));

        let mut inner = command;
        inner.remove("RequestType");
        let nested = inner.get("Command").and_then(Value::as_dictionary).is_some();
        let mut outer = message;
        outer.remove("Command");
        outer.remove("CommandUUID");
        let outer = outer.with("CommandUUID", "1").with("Command", inner.with("RequestType", kind));
        let body = list(outer);
        if let Ok((request, _)) = Request::decode_noting(&body, &limits) {
            let mut again = Vec::new();
            request.encode(&mut again).unwrap();
            prop_assert_eq!(&Request::decode(&again, &limits).unwrap(), &request);
            if !nested {
                prop_assert_eq!(sorted(&again), sorted(&body));
            }
            let device = apple_mdm::check::DeviceFacts::new(apple_mdm::schema::Platform::Ios, "18.0".parse().unwrap());
            let _ = request.command.check(&device);
        }
    }
}
