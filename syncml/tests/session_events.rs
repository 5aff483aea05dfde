//! What a device says, as typed events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, config, device, events, handle, message, run, status};
use syncml::session::{Event, LoginStatus, Mark, Outcome, ServerSession, SyncType, peek};
use syncml::simulator::MemoryTree;
use syncml::{AlertCode, Command, Limits, StatusCode};

fn alert(id: u32, code: u32, items: &str) -> String {
    format!("<Alert><CmdID>{id}</CmdID><Data>{code}</Data>{items}</Alert>")
}

fn typed(typ: &str, rest: &str, data: &str) -> String {
    format!(
        "<Item><Meta><Type xmlns='syncml:metinf'>{typ}</Type>{rest}</Meta><Data>{data}</Data></Item>"
    )
}

const DEV_INFO: &str = "<Replace><CmdID>4</CmdID>\
    <Item><Source><LocURI>./DevInfo/Lang</LocURI></Source><Data>en-US</Data></Item>\
    <Item><Source><LocURI>./DevInfo/DevId</LocURI></Source><Data>urn:uuid:4</Data></Item>\
    <Item><Source><LocURI>./DevInfo/Ext/Vendor</LocURI></Source><Data>x</Data></Item>\
    <Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>Contoso</Data></Item></Replace>";

fn first(body: &str) -> (Vec<Event<u32>>, Vec<u16>) {
    let mut session = ServerSession::new(&config());
    let (events, answer) = handle(&mut session, &message(1, "", &format!("{body}<Final/>")));
    let codes = answer.body.commands.iter().filter_map(|command| match command {
        Command::Status(status) => Some(status.code().unwrap().number()),
        _ => None,
    });
    (events, codes.collect())
}

#[test]
fn package_one_is_reported_once_and_whole() {
    let login = typed("com.microsoft/MDM/LoginStatus", "", "user");
    let body = [alert(2, 1201, ""), alert(3, 1224, &login), DEV_INFO.to_owned()].concat();
    let (found, codes) = first(&body);
    assert_eq!(codes, [200, 200, 200, 200], "header, two alerts, Replace");
    let Event::Began { device, user } = &found[0] else { panic!("{found:?}") };
    assert_eq!((device.as_str(), user), ("urn:uuid:4", &None));
    assert_eq!(found[1], Event::Login(LoginStatus::User));
    let Event::PackageOne(package) = &found[2] else { panic!("{found:?}") };
    assert_eq!(package.initiated, Some(AlertCode::CLIENT_INITIATED));
    assert_eq!(package.login, Some(LoginStatus::User));
    // By name, wherever they stand; what the maker adds is no violation.
    assert_eq!(package.device.man.as_deref(), Some("Contoso"));
    assert_eq!(package.device.dev_id.as_deref(), Some("urn:uuid:4"));
    assert_eq!(
        (package.device.lang.as_deref(), package.device.dm_v.as_deref()),
        (Some("en-US"), None)
    );
    assert_eq!(found[3], Event::Ended);
    assert_eq!(found.len(), 4);
}

#[test]
fn a_package_in_two_messages_is_one_package() {
    let mut session = ServerSession::<u32>::new(&config());
    let (found, answer) = handle(&mut session, &message(1, "", &alert(2, 1200, "")));
    assert!(!found.iter().any(|event| matches!(event, Event::PackageOne(_))));
    assert!(!answer.body.is_final);
    let rest = format!("{DEV_INFO}<Final/>");
    let (found, answer) = handle(&mut session, &message(2, "", &rest));
    let Event::PackageOne(package) = &found[0] else { panic!("{found:?}") };
    assert_eq!(package.initiated, Some(AlertCode::SERVER_INITIATED));
    assert_eq!(package.device.man.as_deref(), Some("Contoso"));
    assert!(answer.body.is_final);
}

#[test]
fn a_package_without_alert_1201_is_one_too() {
    // MS-MDM section 4 leaves it out.
    let (found, _) = first(DEV_INFO);
    let Event::PackageOne(package) = &found[1] else { panic!("{found:?}") };
    assert_eq!(package.initiated, None);
}

#[test]
fn login_status_keeps_words_that_are_new() {
    for (word, status) in [
        ("user", LoginStatus::User),
        (" Others ", LoginStatus::Others),
        ("none", LoginStatus::Nobody),
        ("kiosk", LoginStatus::Other("kiosk".to_owned())),
    ] {
        assert_eq!(LoginStatus::from_text(word), status);
        assert_eq!(LoginStatus::from_text(status.as_str()), status);
    }
}

/// The sample of MS-MDM 3.2.5.1.5 has the Type beside an empty Meta.
#[test]
fn whose_nodes_a_session_is_for_is_told() {
    let beside = "<Item><Meta></Meta><Type xmlns='syncml:metinf'>com.microsoft.mdm.synctype</Type>\
                  <Data>user</Data></Item>";
    let inside = |word: &str| typed(" Com.Microsoft.MDM.synctype", "", word);
    for (item, sync_type) in [
        (beside.to_owned(), SyncType::User),
        (inside(" User\n"), SyncType::User),
        (inside("device"), SyncType::Device),
        (inside("mixed"), SyncType::Mixed),
        (inside("kiosk"), SyncType::Other("kiosk".to_owned())),
    ] {
        let (found, codes) = first(&alert(2, 1224, &item));
        let told = found.iter().filter(|event| matches!(event, Event::SyncType(_)));
        assert_eq!(told.collect::<Vec<_>>(), [&Event::SyncType(sync_type.clone())]);
        let package = found.iter().find_map(|event| match event {
            Event::PackageOne(package) => Some(package),
            _ => None,
        });
        assert_eq!(package.unwrap().sync_type, Some(sync_type.clone()));
        assert_eq!(SyncType::from_text(sync_type.as_str()), sync_type);
        assert_eq!(codes, [200, 200]);
    }
}

/// MS-MDM 2.2.5.1: the Data of an item can have it, and not only that of a status.
#[test]
fn the_error_behind_an_alert_is_told() {
    let item = |typ: &str| {
        typed(typ, "", "7").replace(
            "<Data>",
            "<Data xmlns:msft='http://schemas.microsoft.com/MobileDevice/MDM' \
             msft:originalerror='0x86000002'>",
        )
    };
    let items = [item("com.example:thing"), item("com.microsoft:mdm.unenrollment.userrequest")];
    let (found, _) =
        first(&alert(2, 1226, &(items.concat() + &typed("com.example:other", "", "8"))));
    let errors: Vec<_> = found
        .iter()
        .filter_map(|event| match event {
            Event::Generic(alert) | Event::Unenrolled(alert) => {
                Some(alert.original_error.as_deref())
            }
            _ => None,
        })
        .collect();
    assert_eq!(errors, [Some("0x86000002"), Some("0x86000002"), None]);
}

/// *Observed*: phones say in `./DevInfo/Ext` which firmware they have, and for which operator.
#[test]
fn what_a_maker_says_in_dev_info_is_kept() {
    let item = |uri: &str, data: &str| {
        format!("<Item><Source><LocURI>{uri}</LocURI></Source><Data>{data}</Data></Item>")
    };
    let said = [
        item("./DevInfo/Man", "Contoso"),
        item("./DevInfo/DevID", "urn:uuid:4"),
        item("./DevInfo/Ext/FwV", " 11 RP1A "),
        item("./DevInfo/Ext", "FwV/ICCID"),
        item("./devinfo/Ext/ICCID", ""),
        // Neither is one of the five, whatever it is called.
        item("./DevInfo/Bearer/Man", "x"),
        item("./DevInfo/Note", "y"),
    ];
    let replace = |items: &str| format!("<Replace><CmdID>4</CmdID>{items}</Replace>");
    let other = [
        ("./DevInfo/Bearer/Man", "x"),
        ("./DevInfo/Ext", "FwV/ICCID"),
        ("./DevInfo/Ext/FwV", "11 RP1A"),
        ("./DevInfo/Note", "y"),
        ("./devinfo/Ext/ICCID", ""),
    ];
    // An item that a device may not replace is refused, and takes nothing along.
    let foreign = item("./Vendor/x", "1");
    for (items, code) in [
        (said.concat(), 200),
        (foreign.clone() + &said.concat(), 405),
        (said.concat() + &foreign, 405),
    ] {
        let mut session = ServerSession::<u32>::new(&config());
        let (found, answer) =
            handle(&mut session, &message(1, "", &(replace(&items) + "<Final/>")));
        assert_eq!(common::said(&answer)[1], ("Replace".to_owned(), code));
        let violations = found.iter().filter(|event| matches!(event, Event::Violation { .. }));
        assert_eq!(violations.count(), usize::from(code == 405));
        let package = found.iter().find_map(|event| match event {
            Event::PackageOne(package) => Some(&package.device),
            _ => None,
        });
        let device = package.unwrap();
        let standard = (device.man.as_deref(), device.dev_id.as_deref());
        assert_eq!(standard, (Some("Contoso"), Some("urn:uuid:4")));
        let kept: Vec<_> = device.other.iter().map(|(uri, value)| (&**uri, &**value)).collect();
        assert_eq!(kept, other);
        assert!(!device.truncated);
    }
    // The same after package 1.
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let (found, _) = handle(&mut session, &message(2, "", &replace(&(foreign + &said.concat()))));
    let Some(Event::DeviceInfo(device)) =
        found.iter().find(|event| matches!(event, Event::DeviceInfo(_)))
    else {
        panic!("{found:?}")
    };
    assert_eq!((device.other.len(), device.man.as_deref()), (other.len(), Some("Contoso")));
}

/// DevInfo itself is no value of the device's.
#[test]
fn dev_info_itself_is_replaced_by_nobody() {
    for uri in ["./DevInfo", "./devinfo", "./DevInfo/", "./Device/DevInfo", "DevInfo?prop=ACL"] {
        let item = format!("<Item><Source><LocURI>{uri}</LocURI></Source><Data>x</Data></Item>");
        let (found, codes) = first(&format!("<Replace><CmdID>4</CmdID>{item}</Replace>"));
        assert_eq!(codes, [200, 405], "{uri}");
        let package = found.iter().find_map(|event| match event {
            Event::PackageOne(package) => Some(&package.device),
            _ => None,
        });
        assert!(package.unwrap().other.is_empty(), "{uri}");
    }
}

#[test]
fn what_makers_add_to_dev_info_is_not_printed() {
    let item = "<Item><Source><LocURI>./DevInfo/Ext/ICCID</LocURI></Source><Data>8949-secret</Data></Item>";
    let (found, _) = first(&format!("<Replace><CmdID>4</CmdID>{item}</Replace>"));
    let package = found.iter().find_map(|event| match event {
        Event::PackageOne(package) => Some(package),
        _ => None,
    });
    let device = &package.unwrap().device;
    assert!(device.other.values().any(|value| value == "8949-secret"));
    let printed = format!("{found:?} {device:?} {:?}", Event::<u32>::DeviceInfo(device.clone()));
    assert!(printed.contains("1 nodes") && !printed.contains("8949"), "{printed}");
}

/// fleetdm/fleet PR 15277: Windows answers commands without a CmdID with 400 and an empty CmdRef.
#[test]
fn fleet_15277_a_status_that_belongs_to_nothing_is_told() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let unmatched = |msg: &str, cmd: &str, name: &str, code: u16| Event::UnmatchedStatus {
        msg_ref: msg.to_owned(),
        cmd_ref: cmd.to_owned(),
        command: Some(name.to_owned()),
        code: StatusCode::new(code),
    };
    let blank = status(1, 2, "Replace", "", 400).replace("<CmdRef>2<", "<CmdRef><");
    let body = [
        status(1, 0, "SyncHdr", "", 200),
        status(1, 2, "Get", "", 404),
        blank,
        status(1, 7, "Get", "", 200),
        status(9, 2, "Get", "", 200),
        // The session's own alerts and statuses, and headers.
        status(1, 8, "Alert", "", 200),
        status(1, 1, "Status", "", 406),
        status(9, 0, "SyncHdr", "", 200),
    ];
    let (found, _) = handle(&mut session, &message(2, "", &(body.concat() + "<Final/>")));
    let told: Vec<_> =
        found.iter().filter(|event| matches!(event, Event::UnmatchedStatus { .. })).collect();
    let expected = [
        unmatched("1", "", "Replace", 400),
        unmatched("1", "7", "Get", 200),
        unmatched("9", "2", "Get", 200),
    ];
    assert_eq!(told, expected.iter().collect::<Vec<_>>());
    let odd = found
        .iter()
        .filter(|event| matches!(event, Event::Diagnostic(one) if one.detail == "CmdRef"));
    assert_eq!(odd.count(), 1);
    assert_eq!(common::outcomes(found)[0].code(), Some(StatusCode::NOT_FOUND));
}

/// A device that does not know the server refuses all of a message, which is sent again.
#[cfg(feature = "auth")]
#[test]
fn statuses_of_what_is_sent_again_belong_to_something() {
    let mut session = ServerSession::new(&config());
    session.authenticate_server(syncml::auth::Account::basic("server", "secret"));
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let challenge = status(1, 0, "SyncHdr", "", 401).replace(
        "<Data>",
        "<Chal><Meta><Type xmlns='syncml:metinf'>syncml:auth-basic</Type></Meta></Chal><Data>",
    );
    let body = [challenge, status(1, 2, "Get", "", 401), status(1, 2, "Get", "", 400)];
    let (found, answer) = handle(&mut session, &message(2, "", &(body.concat() + "<Final/>")));
    assert!(found.contains(&Event::ChallengedByDevice(StatusCode::UNAUTHORIZED)));
    let told: Vec<_> =
        found.iter().filter(|event| matches!(event, Event::UnmatchedStatus { .. })).collect();
    assert!(matches!(told[..], [Event::UnmatchedStatus { code: StatusCode::BAD_REQUEST, .. }]));
    assert!(answer.body.commands.iter().any(|command| command.name() == "Get"));
    // A device may say the rest of it in its next message. What was never sent is something else.
    let body = [
        status(2, 0, "SyncHdr", "", 212),
        status(1, 2, "Get", "", 401),
        status(1, 3, "Get", "", 407),
        status(9, 2, "Get", "", 401),
        status(2, 2, "Get", "", 404),
    ];
    let (found, _) = handle(&mut session, &message(3, "", &(body.concat() + "<Final/>")));
    let told: Vec<_> = found
        .iter()
        .filter_map(|event| match event {
            Event::UnmatchedStatus { msg_ref, .. } => Some(msg_ref.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, ["9"]);
    // Without an account, nothing is sent again.
    let mut session = ServerSession::<u32>::new(&config());
    let _ = handle(&mut session, &message(1, "", ""));
    let (found, _) = handle(&mut session, &message(2, "", &status(1, 7, "Get", "", 401)));
    assert!(found.iter().any(|event| matches!(event, Event::UnmatchedStatus { .. })));
}

/// The session's own alerts are known by their name only, and the vendor's look the same.
#[test]
fn statuses_of_alerts_are_not_told_and_those_without_a_name_are() {
    let mut session = ServerSession::<u32>::new(&config());
    let _ = handle(&mut session, &message(1, "", ""));
    let nameless = status(1, 2, "Alert", "", 200).replace("<Cmd>Alert</Cmd>", "");
    let body = [status(1, 2, "Alert", "", 200), status(1, 7, "Alert", "", 500), nameless];
    let (found, _) = handle(&mut session, &message(2, "", &(body.concat() + "<Final/>")));
    let told: Vec<_> =
        found.iter().filter(|event| matches!(event, Event::UnmatchedStatus { .. })).collect();
    assert!(matches!(told[..], [Event::UnmatchedStatus { command: None, .. }]), "{told:?}");
}

#[test]
fn a_user_token_is_handed_over_and_never_printed() {
    let token = typed("com.microsoft/MDM/AADUserToken", "", "eyJ0.secret");
    let (found, _) = first(&alert(2, 1224, &token));
    let Event::UserToken(token) = &found[1] else { panic!("{found:?}") };
    assert_eq!(token.as_str(), "eyJ0.secret");
    assert!(!format!("{found:?}").contains("secret"));
}

/// Pain point: one implementation took any alert 1226 for an unenrolment.
#[test]
fn unenrolment_is_told_by_its_type_and_not_by_its_number() {
    let mark =
        "<Mark xmlns='syncml:metinf'>critical</Mark><Format xmlns='syncml:metinf'>int</Format>";
    for typ in [
        "com.microsoft:mdm.unenrollment.userrequest",
        " Reversed-Domain-Name:com.microsoft:mdm.unenrollment.userrequest",
    ] {
        let (found, codes) = first(&alert(2, 1226, &typed(typ, mark, "1")));
        let told = found.iter().find(|event| matches!(event, Event::Unenrolled(_)));
        let Some(Event::Unenrolled(alert)) = told else { panic!("{found:?}") };
        assert_eq!((alert.mark.clone(), alert.format.as_deref()), (Mark::Critical, Some("int")));
        assert_eq!(codes, [200, 200]);
    }
    let other = typed("com.microsoft.mdm.declaredconfigurationdocuments", "", "<d:A xmlns:d='x'/>");
    let (found, _) = first(&alert(2, 1226, &other));
    let generic = found.iter().find(|event| matches!(event, Event::Generic(_)));
    let Some(Event::Generic(alert)) = generic else { panic!("{found:?}") };
    assert_eq!(alert.typ.as_deref(), Some("com.microsoft.mdm.declaredconfigurationdocuments"));
    assert_eq!(alert.mark, Mark::Informational);
    assert_eq!(alert.data.as_ref().unwrap().as_str(), "<d:A xmlns:d='x'/>");
}

/// OMA-TS-DM_Protocol 1.2.1, 7: a chunk need not repeat what the first said.
#[test]
fn an_unenrolment_without_a_source_is_no_chunk_of_another_object() {
    let own = typed("com.microsoft:mdm.unenrollment.userrequest", "", "1");
    let size = |size: u32| format!("<Size xmlns='syncml:metinf'>{size}</Size>");
    let open = |source: &str, typ: &str| {
        format!("<Item>{source}<Meta>{typ}{}</Meta><Data>abc</Data><MoreData/></Item>", size(6))
    };
    let from = "<Source><LocURI>./a</LocURI></Source>";
    let typ = "<Type xmlns='syncml:metinf'>t</Type>";
    for first in [open(from, ""), open(from, typ), open("", ""), open("", typ)] {
        let mut session = ServerSession::<u32>::new(&config());
        let _ = handle(&mut session, &message(1, "", &alert(2, 1226, &first)));
        let (found, answer) = handle(&mut session, &message(2, "", &alert(2, 1226, &own)));
        assert!(found.iter().any(|event| matches!(event, Event::Unenrolled(_))), "{first}");
        let answered: Vec<u16> = common::said(&answer).into_iter().map(|(_, code)| code).collect();
        assert!(answered.contains(&1225) && !answered.contains(&424), "{answered:?}");
    }
    // What repeats the type and the size goes on; another size is another object.
    for (repeated, goes_on) in [(6, true), (3, false)] {
        let mut session = ServerSession::<u32>::new(&config());
        let _ = handle(&mut session, &message(1, "", &alert(2, 1226, &open(from, typ))));
        let last = typed(" t ", &size(repeated), "def");
        let (found, _) = handle(&mut session, &message(2, "", &alert(3, 1226, &last)));
        let whole = found.iter().any(|event| matches!(event, Event::ObjectComplete { .. }));
        assert_eq!(whole, goes_on);
    }
}

#[test]
fn each_item_of_an_alert_is_an_event_of_its_own() {
    let items = [
        typed("com.microsoft/MDM/LoginStatus", "", "none"),
        typed("a.new/Type", "<Mark xmlns='syncml:metinf'>urgent</Mark>", "1"),
    ];
    let (found, _) = first(&alert(2, 1224, &items.concat()));
    assert_eq!(found[1], Event::Login(LoginStatus::Nobody));
    let Event::Generic(alert) = &found[2] else { panic!("{found:?}") };
    assert_eq!(alert.mark, Mark::Other("urgent".to_owned()));
}

#[test]
fn what_a_device_may_not_send_is_a_violation_and_is_answered() {
    for (command, name, code) in [
        (
            "<Get><CmdID>7</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Get>",
            "Get",
            405,
        ),
        ("<Put><CmdID>7</CmdID><Item/></Put>", "Put", 400),
        ("<Map><CmdID>7</CmdID></Map>", "Map", 400),
        (
            "<Replace><CmdID>7</CmdID><Item><Source><LocURI>./Vendor/x</LocURI></Source>\
             <Data>1</Data></Item></Replace>",
            "Replace",
            405,
        ),
    ] {
        let (found, codes) = first(command);
        let answered = StatusCode::new(code);
        let expected = Event::Violation { command: name.to_owned(), answered };
        assert!(found.contains(&expected), "{name}: {found:?}");
        assert_eq!(codes, [200, code], "{name}");
    }
    let (_, codes) = first("<Alert><Data>1201</Data></Alert>");
    assert_eq!(codes, [200, 400], "no CmdID");
}

#[test]
fn results_can_be_handed_over_message_by_message() {
    let mut config = config();
    config.hand_over_results = true;
    let mut session = ServerSession::new(&config);
    session.submit("sw", Command::get("./DevDetail/SwV")).unwrap();
    let tree = MemoryTree::default().with("./DevDetail/SwV", "chr", "10.0");
    let (found, _) = run(&mut session, &mut device(tree), usize::MAX);
    let results: Vec<_> = found
        .iter()
        .filter_map(|event| match event {
            Event::Results { key, items } => Some((*key, items.len())),
            _ => None,
        })
        .collect();
    assert_eq!(results, [("sw", 1)]);
    let outcome: Vec<Outcome<&str>> = common::outcomes(found);
    assert!(outcome[0].is_success() && outcome[0].results.is_empty() && !outcome[0].truncated);
}

#[test]
fn a_message_says_whose_it_is_before_it_is_handled() {
    let bytes = message(3, "", "<Final/>");
    let peek = peek(&bytes, &Limits::default()).unwrap();
    assert_eq!((peek.device.as_str(), peek.session_id.as_str()), ("urn:uuid:4", "1"));
    assert_eq!((peek.msg_id.as_str(), peek.user), ("3", None));
    assert!(syncml::session::peek(b"<SyncBody/>", &Limits::default()).is_err());
}

#[test]
fn oddities_of_a_message_are_events_with_their_place() {
    let odd = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert>stray<Final/>");
    let mut session = ServerSession::<u32>::new(&config());
    let (found, _) = handle(&mut session, &odd);
    let Some(Event::Diagnostic(diagnostic)) =
        found.iter().find(|event| matches!(event, Event::Diagnostic(_)))
    else {
        panic!("{found:?}")
    };
    assert_eq!(odd.get(diagnostic.position.offset..diagnostic.end), Some(&b"stray"[..]));
}

#[test]
fn what_cannot_be_written_is_not_echoed_as_it_stands() {
    // A device's identifiers come back in our statuses: they may never block the session.
    let mut session = ServerSession::<u32>::new(&config());
    let odd = message(1, "", "<Alert><CmdID>a&#x2;b</CmdID><Data>1201</Data></Alert><Final/>");
    if session.handle_message(NOW, &odd).is_ok() {
        let answer = session.poll_transmit(NOW).unwrap();
        assert!(String::from_utf8(answer.body).unwrap().contains("a\u{fffd}b"));
    }
}

#[test]
fn the_refusal_of_a_header_is_an_event_and_the_commands_end() {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    let _ = handle(&mut session, &message(1, "", "<Final/>"));
    let refused = format!("{}<Final/>", status(1, 0, "SyncHdr", "", 505));
    session.handle_message(NOW, &message(2, "", &refused)).unwrap();
    let found = events(&mut session);
    assert_eq!(found[0], Event::HeaderRefused(StatusCode::VERSION_NOT_SUPPORTED));
    let Event::Outcome(outcome) = &found[1] else { panic!("{found:?}") };
    let cause = syncml::session::Cause::HeaderRefused(StatusCode::VERSION_NOT_SUPPORTED);
    assert_eq!(outcome.cause, Some(cause));
    assert!(!outcome.is_success());
}

/// OMA-TS-DM_Security 1.2.1, 5.1: who cannot answer a challenge ends the session.
#[test]
fn a_challenge_that_cannot_be_met_ends_the_session_and_what_was_not_sent_waits() {
    for code in [401, 407] {
        let mut config = config();
        config.max_commands = 1;
        let mut session = ServerSession::new(&config);
        for key in 1..=3 {
            session.submit(key, Command::get("./DevDetail/SwV")).unwrap();
        }
        let _ = handle(&mut session, &message(1, "", "<Final/>"));
        let refused = [status(1, 0, "SyncHdr", "", code), status(1, 2, "Get", "", code)].concat();
        let (found, answer) = handle(&mut session, &message(2, "", &format!("{refused}<Final/>")));
        assert_eq!(found[0], Event::HeaderRefused(StatusCode::new(code)));
        assert!(answer.body.commands.iter().all(|command| command.name() != "Get"));
        assert_eq!(common::said(&answer).last().unwrap().1, 1223);
        assert!(session.is_ended() && session.queued().eq(&[2, 3]));
        let found = common::outcomes(found);
        let causes: Vec<_> = found.iter().map(|outcome| (outcome.key, outcome.cause)).collect();
        let cause = syncml::session::Cause::HeaderRefused(StatusCode::new(code));
        assert_eq!(causes, [(1, Some(cause))]);
    }
    // A refusal of long ago that is said again ends nothing.
    let mut session = ServerSession::new(&config());
    let _ = handle(&mut session, &message(1, "", ""));
    session.submit(1, Command::get("./DevDetail/SwV")).unwrap();
    let _ = handle(&mut session, &message(2, "", ""));
    let refused = format!("{}<Final/>", status(1, 0, "SyncHdr", "", 401));
    let (_, answer) = handle(&mut session, &message(3, "", &refused));
    assert!(answer.body.commands.iter().any(|command| command.name() == "Get"));
}
