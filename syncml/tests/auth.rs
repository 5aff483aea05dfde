//! Authentication: known answers, and the whole life of credentials and nonces in sessions.
//!
//! The known answers were made with Python's hashlib and base64, independently of this crate:
//!
//! ```python
//! import hashlib, base64
//! H = lambda b: hashlib.md5(b).digest(); B = base64.b64encode
//! inner = B(H(user + b":" + password))
//! md5 = B(H(inner + b":" + nonce)); mac = B(H(inner + b":" + nonce + b":" + B(H(body))))
//! ```
#![cfg(feature = "auth")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{NOW, SERVER, config, device, events, message, outcomes, run, status};
use syncml::auth::{
    Account, HmacHeader, Nonce, NonceError, PasswordDigest, Scheme, basic_credentials, hmac_mac,
    md5_credentials,
};
use syncml::model::{Format, Status};
use syncml::session::{Event, Outcome, ServerSession, SessionError, SessionState};
use syncml::simulator::{DeviceSession, MemoryTree, Step};
use syncml::{Command, Data, ErrorKind, Limits, Message, StatusCode, decode};

fn nonce(bytes: &[u8]) -> Nonce {
    Nonce::new(bytes.to_vec()).unwrap()
}

#[test]
fn digests_agree_with_an_independent_implementation() {
    let all: Vec<u8> = (0..=255).collect();
    let short: Vec<u8> = (0..16).collect();
    for (user, password, bytes, inner, md5, mac, mac_of_all, basic) in [
        (
            "Bruce2",
            "OhBehave",
            &b"Nonce"[..],
            "PtEdr8lBQ45IbT1bZIkrOQ==",
            // The sample of OMA-TS-DM_Protocol 1.2.1.
            "Zz6EivR3yeaaENcRN6lpAQ==",
            "urdCeS3JUmjFgi8SX3webw==",
            "P3Rjm8bJ+jY6O84okyo+YA==",
            "QnJ1Y2UyOk9oQmVoYXZl",
        ),
        (
            "Jürgen",
            "pässwörd:x",
            &short,
            "ErI27u+xRMyUL49zBVnx9g==",
            "9f5f3+5yvmQI9YZk2kZ/QA==",
            "/PKWkwJGUxdGlFzs6u0llQ==",
            "tdkGyYvrFtaiPVg/oOKizA==",
            "SsO8cmdlbjpww6Rzc3fDtnJkOng=",
        ),
        (
            // A nonce that is no text: one implementation forces it through UTF-8.
            "dm",
            "",
            &[0xff, 0xfe, 0, 0x80],
            "iKGmzJnMXtM1qwXJ3n94lg==",
            "st0ndyQwpjRSmWQoDNsbBw==",
            "JsLnPwvdTI+Z0t0Ohk1I2Q==",
            "R1Ew1As0s5pPtZunKHfMhw==",
            "ZG06",
        ),
    ] {
        let digest = PasswordDigest::of(user, password);
        let inner_of = Nonce::new(digest.to_bytes().to_vec()).unwrap().to_base64();
        assert_eq!(inner_of, inner, "H(user:password)");
        let nonce = nonce(bytes);
        assert_eq!(md5_credentials(&digest, &nonce), md5);
        assert_eq!(hmac_mac(&digest, &nonce, b"<SyncML/>"), mac);
        assert_eq!(hmac_mac(&digest, &nonce, &all), mac_of_all);
        assert_eq!(basic_credentials(user, password), basic);
        assert!(digest.verifies_md5(&nonce, md5) && !digest.verifies_md5(&nonce, mac));
        assert!(digest.verifies_hmac(&nonce, &all, mac_of_all));
        assert!(!digest.verifies_hmac(&nonce, &all[1..], mac_of_all));
        assert!(digest.verifies_basic(basic) && !digest.verifies_basic("QQ=="));
        assert!(!digest.verifies_basic("not base64"));
        assert_eq!(PasswordDigest::from_bytes(digest.to_bytes()), digest);
    }
}

/// OMA-TS-DM_Security 1.2.1 prints a sample of `x-syncml-hmac` whose mac does not follow the formula
/// above it: it is the base64 of hexadecimal text, of a digest without a body.
#[test]
fn the_specifications_wrong_sample_is_not_what_we_compute() {
    // hashlib.md5(b"Bruce2:OhBehave:Nonce").hexdigest() begins with 52692a00 and ends with be39.
    let wrong = "NTI2OTJhMDA";
    let digest = PasswordDigest::of("Bruce2", "OhBehave");
    for body in [&b""[..], b"<SyncML/>"] {
        assert!(!hmac_mac(&digest, &nonce(b"Nonce"), body).starts_with(wrong));
    }
}

#[test]
fn nonces_have_bounds_and_survive_base64() {
    assert_eq!(Nonce::new(vec![]), Err(NonceError::Length));
    assert!(Nonce::new(vec![7; Nonce::MAX]).is_ok());
    assert_eq!(Nonce::new(vec![7; Nonce::MAX + 1]), Err(NonceError::Length));
    let longest = nonce(&[7; Nonce::MAX]).to_base64();
    assert_eq!(Nonce::from_base64(&longest).unwrap().as_bytes().len(), Nonce::MAX);
    assert_eq!(Nonce::from_base64(" Tm9u\r\nY2U= ").unwrap().as_bytes(), b"Nonce");
    assert_eq!(Nonce::from_base64("?"), Err(NonceError::Base64));
    assert_eq!(Nonce::from_base64(&"A".repeat(100_000)), Err(NonceError::Length));
}

fn account(scheme: Scheme) -> Account {
    Account::new("Bruce2", PasswordDigest::of("Bruce2", "OhBehave"), scheme)
}

/// What the device knows.
fn own(scheme: Scheme) -> Account {
    match scheme {
        Scheme::Basic => Account::basic("Bruce2", "OhBehave"),
        scheme => account(scheme),
    }
}

fn tree() -> MemoryTree {
    MemoryTree::default().with("./a", "chr", "old")
}

fn session() -> ServerSession<u32> {
    let mut session = ServerSession::new(&config());
    session.submit(1, Command::replace("./a", Format::Chr, Data::text("new"))).unwrap();
    session.submit(2, Command::get("./a")).unwrap();
    session
}

fn codes(found: &[Event<u32>]) -> Vec<String> {
    let word = |event: &Event<u32>| match event {
        Event::Challenged(code) => Some(format!("challenged {}", code.number())),
        Event::Authenticated { user } => Some(format!("authenticated {user}")),
        Event::AuthenticationFailed => Some("failed".to_owned()),
        Event::NonceChanged => Some("nonce".to_owned()),
        Event::ChallengedByDevice(code) => Some(format!("asked {}", code.number())),
        _ => None,
    };
    found.iter().filter_map(word).collect()
}

fn nonce_of(account: Option<&Account>) -> Option<Nonce> {
    account.unwrap().nonce().cloned()
}

#[test]
fn a_device_proves_itself_by_each_scheme_and_keeps_the_next_nonce() {
    for (scheme, every_message) in
        [(Scheme::Basic, false), (Scheme::Md5, false), (Scheme::Md5, true), (Scheme::Hmac, false)]
    {
        let mut server = session();
        server.authenticate_device(account(scheme), every_message);
        let mut device = device(tree()).with_account(own(scheme));
        let (found, count) = run(&mut server, &mut device, usize::MAX);
        let said = codes(&found);
        let expected: Vec<&str> = match (scheme, every_message) {
            (Scheme::Basic, _) => vec!["authenticated Bruce2"],
            (Scheme::Md5, false) => vec!["challenged 407", "authenticated Bruce2", "nonce"],
            // Package 1 again, and package 3.
            _ => {
                let mut all = vec!["challenged 407"];
                all.extend(["authenticated Bruce2", "nonce"].repeat(2));
                all
            }
        };
        assert_eq!(said, expected, "{scheme:?}");
        assert!(outcomes(found).iter().all(Outcome::is_success));
        let challenged = usize::from(scheme.has_nonce());
        assert_eq!(count, 2 + challenged);
        // Only after authentication was anything executed, and once.
        assert_eq!(device.journal().len(), 2);

        // The next session needs no challenge: both sides know the nonce.
        let mut next = session();
        next.authenticate_device(server.device_account().unwrap().clone(), every_message);
        // In the last message of the session the new nonce does not reach the device any more.
        if scheme.has_nonce() && !every_message && scheme != Scheme::Hmac {
            assert_eq!(nonce_of(server.device_account()), nonce_of(device.account()));
            let (found, _) = run(&mut next, &mut device, usize::MAX);
            assert_eq!(codes(&found), ["authenticated Bruce2", "nonce"]);
        }
    }
}

#[test]
fn a_repeated_message_with_a_nonce_gets_the_same_answer_even_where_nothing_is_to_be_done() {
    let known = account(Scheme::Md5).with_nonce(nonce(b"now"));
    let mut device = device(tree()).with_account(known.clone());
    let first = device.start(&[]).unwrap();
    let who = syncml::session::peek(&first, &Limits::default()).unwrap();
    let mut server = ServerSession::<u32>::new(&config());
    server.authenticate_device(known, false);
    server.handle_message(NOW, &first).unwrap();
    server.provide_nonce(nonce(b"next"));
    let answer = server.poll_transmit(NOW).unwrap();
    assert!(server.is_ended());
    // The answer was lost.
    let mut again = ServerSession::open(Some(server.into_state()), &who, &config()).unwrap();
    again.handle_message(NOW, &first).unwrap();
    assert_eq!(again.poll_transmit(NOW).unwrap(), answer);
}

/// With a nonce no two sessions begin with the same bytes.
#[test]
fn a_first_message_with_a_nonce_that_comes_late_does_not_begin_a_session() {
    let known = account(Scheme::Md5).with_nonce(nonce(b"first"));
    let first = with_cred(1, "Bruce2", b"first");
    let who = syncml::session::peek(&first, &Limits::default()).unwrap();
    let mut server = ServerSession::new(&config());
    server.authenticate_device(known, false);
    server.submit(1, Command::exec("./a")).unwrap();
    server.handle_message(NOW, &first).unwrap();
    server.provide_nonce(nonce(b"next"));
    server.poll_transmit(NOW).unwrap();
    server.handle_message(NOW, &message(2, "", "")).unwrap();
    let mut late = ServerSession::open(Some(server.into_state()), &who, &config()).unwrap();
    let error = late.handle_message(NOW, &first).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Session(SessionError::Stale { .. })), "{error}");
    assert!(late.unanswered().eq(&[1]));
}

/// What is taken of a device's message, and the answer with a nonce to it.
fn exchange(server: &mut ServerSession<u32>, bytes: &[u8], hmac: Option<&str>, fresh: &[u8]) {
    server.handle_message_with_hmac(NOW, bytes, hmac).unwrap();
    server.provide_nonce(nonce(fresh));
    server.poll_transmit(NOW).unwrap();
}

/// The header beside a message of the device.
fn hmac_of(bytes: &[u8], with: &[u8]) -> String {
    let digest = PasswordDigest::of("Bruce2", "OhBehave");
    HmacHeader::new("Bruce2", hmac_mac(&digest, &nonce(with), bytes)).to_string()
}

/// The account has nonces, but the message does not show them: it is the same in each session.
#[test]
fn a_device_whose_first_message_has_no_nonce_begins_anew_after_power_loss() {
    let basic = "<Cred><Meta><Type xmlns='syncml:metinf'>syncml:auth-basic</Type></Meta><Data>x\
        </Data></Cred>";
    for (scheme, header) in [(Scheme::Md5, ""), (Scheme::Md5, basic), (Scheme::Hmac, "")] {
        let first = message(1, header, "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
        let who = syncml::session::peek(&first, &Limits::default()).unwrap();
        let mut server = ServerSession::new(&config());
        server.authenticate_device(account(scheme).with_nonce(nonce(b"first")), false);
        server.submit(1, Command::exec("./a")).unwrap();
        let third = message(3, "", "");
        if scheme == Scheme::Md5 {
            exchange(&mut server, &first, None, b"n1");
            exchange(&mut server, &with_cred(2, "Bruce2", b"n1"), None, b"n2");
            server.handle_message(NOW, &third).unwrap();
        } else {
            let second = message(2, "", "");
            exchange(&mut server, &first, Some(&hmac_of(&first, b"first")), b"n1");
            exchange(&mut server, &second, Some(&hmac_of(&second, b"n1")), b"n2");
            exchange(&mut server, &third, Some(&hmac_of(&third, b"n2")), b"n3");
        }
        assert!(server.unanswered().eq(&[1]));
        let _ = events(&mut server);
        let mut next = ServerSession::open(Some(server.into_state()), &who, &config()).unwrap();
        let hmac = (scheme == Scheme::Hmac).then(|| hmac_of(&first, b"n3"));
        next.handle_message_with_hmac(NOW, &first, hmac.as_deref()).unwrap();
        let found = events(&mut next);
        let expected = if hmac.is_some() { "authenticated Bruce2" } else { "challenged 407" };
        assert_eq!(codes(&found), [expected], "{scheme:?} {header}");
        let [outcome] = outcomes(found).try_into().unwrap();
        assert_eq!(outcome.verdict, syncml::session::Verdict::Unanswered);
    }
}

#[test]
fn yesterdays_answer_is_not_given_to_todays_message_of_scheme_hmac() {
    let first = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let who = syncml::session::peek(&first, &Limits::default()).unwrap();
    let mut server = ServerSession::<u32>::new(&config());
    server.authenticate_device(account(Scheme::Hmac).with_nonce(nonce(b"first")), false);
    exchange(&mut server, &first, Some(&hmac_of(&first, b"first")), b"n1");
    assert!(server.is_ended());
    let _ = events(&mut server);
    for (with, expected) in [(&b"n1"[..], "authenticated Bruce2"), (b"first", "challenged 401")] {
        let state = server.into_state();
        server = ServerSession::open(Some(state), &who, &config()).unwrap();
        exchange(&mut server, &first, Some(&hmac_of(&first, with)), b"n2");
        assert_eq!(codes(&events(&mut server))[0], expected);
    }
}

#[test]
fn a_nonce_that_was_lost_heals_by_a_challenge() {
    let mut device =
        device(tree()).with_account(account(Scheme::Md5).with_nonce(nonce(b"of another time")));
    let mut server = session();
    server.authenticate_device(account(Scheme::Md5).with_nonce(nonce(b"now")), false);
    let (found, _) = run(&mut server, &mut device, usize::MAX);
    assert_eq!(codes(&found), ["challenged 401", "authenticated Bruce2", "nonce"]);
    assert!(outcomes(found).iter().all(Outcome::is_success));
}

#[test]
fn wrong_passwords_are_sent_away_and_see_nothing() {
    for scheme in [Scheme::Basic, Scheme::Md5, Scheme::Hmac] {
        let wrong = match scheme {
            Scheme::Basic => Account::basic("Bruce2", "wrong"),
            scheme => Account::new("Bruce2", PasswordDigest::of("Bruce2", "wrong"), scheme),
        };
        let mut server = session();
        server.authenticate_device(account(scheme).with_nonce(nonce(b"kept")), false);
        let mut device = device(tree()).with_account(wrong);
        let mut request = device.start(&[]).unwrap();
        let mut said = Vec::new();
        for round in 0..10 {
            let hmac = device.outgoing_hmac().map(str::to_owned);
            server.handle_message_with_hmac(NOW, &request, hmac.as_deref()).unwrap();
            server.provide_nonce(nonce(format!("{round}").as_bytes()));
            let answer = server.poll_transmit(NOW).unwrap().body;
            said.extend(events(&mut server));
            assert!(!String::from_utf8_lossy(&answer).contains("./a"), "no command leaks");
            match device.handle_message(&answer).unwrap() {
                Step::Send(next) => request = next,
                Step::Done => break,
            }
        }
        assert!(
            !said.iter().any(|event| matches!(event, Event::Began { .. } | Event::PackageOne(_)))
        );
        let said = codes(&said);
        assert!(said[0].starts_with("challenged 40"), "{said:?}");
        assert!(device.journal().is_empty());
        // A stranger does not spoil the device's nonce.
        assert_eq!(nonce_of(server.device_account()), Some(nonce(b"kept")));
        assert_eq!(server.queued().count(), 2);
    }
}

/// The device asks as often as the server lets it.
#[test]
fn after_n_challenges_a_device_is_sent_away_for_good() {
    for max in 0..3_u8 {
        let mut config = config();
        config.max_challenges = max;
        let mut server = ServerSession::<u32>::new(&config);
        server.authenticate_device(account(Scheme::Md5), false);
        for id in 1..=u32::from(max) + 1 {
            assert!(!server.is_ended());
            let body = "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>";
            server.handle_message(NOW, &message(id, "", body)).unwrap();
            server.provide_nonce(nonce(b"fresh"));
            let answer = server.poll_transmit(NOW).unwrap().body;
            let answer = decode(&answer, &Limits::default()).unwrap();
            let statuses = statuses(&answer);
            assert_eq!(statuses.len(), answer.body.commands.len(), "only statuses");
            assert_eq!(
                statuses.iter().map(|s| s.code().unwrap().number()).collect::<Vec<_>>(),
                [407, 407]
            );
            let last = id == u32::from(max) + 1;
            assert_eq!(statuses[0].challenge.is_none(), last);
            assert!(answer.body.is_final);
        }
        assert!(server.is_ended());
        let found = codes(&events(&mut server));
        assert_eq!(found.last().map(String::as_str), Some("failed"));
    }
}

fn statuses<'m>(message: &'m Message<'_>) -> Vec<&'m Status<'m>> {
    let status = |command: &'m Command<'_>| match command {
        Command::Status(status) => Some(status),
        _ => None,
    };
    message.body.commands.iter().filter_map(status).collect()
}

#[test]
fn a_challenge_names_type_format_and_nonce() {
    for (scheme, typ, has_nonce) in [
        (Scheme::Basic, "syncml:auth-basic", false),
        (Scheme::Md5, "syncml:auth-md5", true),
        (Scheme::Hmac, "syncml:auth-MAC", true),
    ] {
        let mut server = ServerSession::<u32>::new(&config());
        server.authenticate_device(account(scheme), false);
        server.handle_message(NOW, &message(1, "", "<Final/>")).unwrap();
        if has_nonce {
            let error = server.poll_transmit(NOW).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Session(SessionError::NonceNeeded)));
            server.provide_nonce(nonce(&[0xff, 0, 1]));
        }
        let answer = server.poll_transmit(NOW).unwrap().body;
        let again = server.poll_transmit(NOW).unwrap().body;
        assert_eq!(answer, again);
        let answer = decode(&answer, &Limits::default()).unwrap();
        let meta = &statuses(&answer)[0].challenge.as_ref().unwrap().meta;
        assert_eq!(meta.typ.as_deref(), Some(typ));
        assert_eq!(meta.format, Some(Format::B64));
        assert_eq!(meta.next_nonce.as_deref(), has_nonce.then_some("/wAB"));
        assert_eq!(Scheme::from_type(&typ.to_uppercase()), Some(scheme));
    }
}

/// A message of the device with these MD5 credentials.
fn with_cred(id: u32, user: &str, nonce: &[u8]) -> Vec<u8> {
    let digest = PasswordDigest::of(user, "OhBehave");
    let cred = md5_credentials(&digest, &Nonce::new(nonce.to_vec()).unwrap());
    let header = format!(
        "<Cred><Meta><Format xmlns='syncml:metinf'>b64</Format><Type xmlns='syncml:metinf'>\
         syncml:auth-md5</Type></Meta><Data>{cred}</Data></Cred>"
    );
    message(id, &header, "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>")
}

#[test]
fn credentials_cannot_be_used_twice() {
    let mut server = ServerSession::<u32>::new(&config());
    server.authenticate_device(account(Scheme::Md5).with_nonce(nonce(b"first")), true);
    server.handle_message(NOW, &with_cred(1, "Bruce2", b"first")).unwrap();
    server.provide_nonce(nonce(b"second"));
    server.submit(1, Command::get("./a")).unwrap();
    let answer = server.poll_transmit(NOW).unwrap().body;
    let answer = decode(&answer, &Limits::default()).unwrap();
    // 200, not 212: each message needs its own.
    assert_eq!(statuses(&answer)[0].code(), Some(StatusCode::OK));
    let _ = events(&mut server);
    server.handle_message(NOW, &with_cred(2, "Bruce2", b"first")).unwrap();
    assert_eq!(codes(&events(&mut server)), ["challenged 401"]);
    assert_eq!(server.unanswered().count(), 1, "a stranger does not end our commands");
    server.provide_nonce(nonce(b"third"));
    let _ = server.poll_transmit(NOW).unwrap();
    server.handle_message(NOW, &with_cred(3, "Bruce2", b"third")).unwrap();
    assert_eq!(codes(&events(&mut server)), ["authenticated Bruce2"]);

    // For the whole session it is 212, and later messages need none.
    let mut server = ServerSession::<u32>::new(&config());
    server.authenticate_device(account(Scheme::Md5).with_nonce(nonce(b"first")), false);
    server.handle_message(NOW, &with_cred(1, "Bruce2", b"first")).unwrap();
    server.provide_nonce(nonce(b"second"));
    server.submit(1, Command::get("./a")).unwrap();
    let answer = server.poll_transmit(NOW).unwrap().body;
    let answer = decode(&answer, &Limits::default()).unwrap();
    assert_eq!(statuses(&answer)[0].code(), Some(StatusCode::AUTHENTICATED));
    assert_eq!(nonce_of(server.device_account()), Some(nonce(b"second")));
    server.handle_message(NOW, &message(2, "", "<Final/>")).unwrap();
    assert!(!codes(&events(&mut server)).iter().any(|code| code.starts_with("challenged")));
}

/// Whoever knows the number of a session and its device, and no password, does not end it with a
/// version that is not spoken.
#[test]
fn a_version_that_is_not_spoken_ends_no_session_of_somebody_else() {
    let other =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("DM/1.2", "DM/2.0").into_bytes();
    let plain =
        |id: u32| message(id, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let digest = PasswordDigest::of("Bruce2", "OhBehave");
    for scheme in [Scheme::Md5, Scheme::Hmac] {
        // A message, and what stands beside it.
        let signed = |id: u32, known: &[u8], in_2_0: bool| {
            let bytes =
                if scheme == Scheme::Md5 { with_cred(id, "Bruce2", known) } else { plain(id) };
            let bytes = if in_2_0 { other(bytes) } else { bytes };
            let mac = hmac_mac(&digest, &nonce(known), &bytes);
            let header = HmacHeader::new("Bruce2", mac).to_string();
            (bytes, (scheme == Scheme::Hmac).then_some(header))
        };
        let mut server = ServerSession::new(&config());
        server.authenticate_device(account(scheme).with_nonce(nonce(b"first")), true);
        let (bytes, hmac) = signed(1, b"first", false);
        server.handle_message_with_hmac(NOW, &bytes, hmac.as_deref()).unwrap();
        server.provide_nonce(nonce(b"second"));
        server.submit(1, Command::exec("./a")).unwrap();
        server.poll_transmit(NOW).unwrap();
        let _ = events(&mut server);
        // A stranger's.
        server.handle_message(NOW, &other(plain(2))).unwrap();
        server.provide_nonce(nonce(b"third"));
        let answer = server.poll_transmit(NOW).unwrap().body;
        let answer = decode(&answer, &Limits::default()).unwrap();
        assert_eq!(statuses(&answer)[0].code(), Some(StatusCode::MISSING_CREDENTIALS));
        assert_eq!(events(&mut server), [Event::Challenged(StatusCode::MISSING_CREDENTIALS)]);
        assert!(!server.is_ended() && server.unanswered().eq(&[1]), "{scheme:?}");
        // The device's, which does end it.
        let (bytes, hmac) = signed(3, b"second", true);
        server.handle_message_with_hmac(NOW, &bytes, hmac.as_deref()).unwrap();
        let answered = StatusCode::PROTOCOL_NOT_SUPPORTED;
        let found = events(&mut server);
        let command = "SyncHdr".to_owned();
        assert_eq!(found[0], Event::Authenticated { user: "Bruce2".to_owned() });
        assert_eq!(found[1], Event::Violation { command, answered });
        assert!(matches!(found[2], Event::Outcome(_)));
        assert_eq!(found[3..], [Event::Ended]);
        server.provide_nonce(nonce(b"fourth"));
        let answer = server.poll_transmit(NOW).unwrap().body;
        let answer = decode(&answer, &Limits::default()).unwrap();
        assert_eq!(statuses(&answer)[0].code(), Some(answered));
        assert!(server.is_ended());
    }
}

#[test]
fn hmac_covers_every_byte_of_the_message() {
    let body = message(1, "", "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Final/>");
    let digest = PasswordDigest::of("Bruce2", "OhBehave");
    let mac = hmac_mac(&digest, &nonce(b"first"), &body);
    let header = HmacHeader::new("Bruce2", mac.clone()).to_string();
    let changed = String::from_utf8(body.clone()).unwrap().replace("1201", "1200").into_bytes();
    for (bytes, header, expected) in [
        (&body, Some(header.clone()), "authenticated Bruce2"),
        (&changed, Some(header.clone()), "challenged 401"),
        (&body, Some(header.replace("Bruce2", "Bruce3")), "challenged 401"),
        (&body, Some("nonsense".to_owned()), "challenged 401"),
        (&body, None, "challenged 407"),
    ] {
        let mut server = ServerSession::<u32>::new(&config());
        server.authenticate_device(account(Scheme::Hmac).with_nonce(nonce(b"first")), false);
        server.handle_message_with_hmac(NOW, bytes, header.as_deref()).unwrap();
        assert_eq!(codes(&events(&mut server)), [expected], "{header:?}");
    }
}

#[test]
fn the_server_proves_itself_where_the_device_asks() {
    for (scheme, every_message) in
        [(Scheme::Basic, false), (Scheme::Md5, false), (Scheme::Md5, true), (Scheme::Hmac, false)]
    {
        let mut server = session();
        server.authenticate_server(own(scheme));
        let mut device = device(tree()).asking_for(account(scheme), every_message);
        let (found, _) = run(&mut server, &mut device, usize::MAX);
        let said = codes(&found);
        assert_eq!(
            said.contains(&"asked 407".to_owned()),
            scheme.has_nonce(),
            "{scheme:?}: {said:?}"
        );
        let found = outcomes(found);
        assert_eq!(
            found.iter().map(|outcome| outcome.key).collect::<Vec<_>>(),
            [1, 2],
            "{scheme:?}"
        );
        assert!(found.iter().all(Outcome::is_success));
        assert_eq!(device.journal().len(), 2, "nothing is executed before, and nothing twice");
    }
}

/// A session of one command to a message, and the headers of its answers to these header statuses.
fn headers(account: Account, codes: &[u16]) -> Vec<syncml::model::Header<'static>> {
    let mut config = config();
    config.max_commands = 1;
    let mut server = ServerSession::new(&config);
    server.authenticate_server(account);
    for key in 0..5 {
        server.submit(key, Command::get("./a")).unwrap();
    }
    let mut headers = Vec::new();
    for (id, code) in (1..).zip([&[0][..], codes].concat()) {
        let said = match code {
            0 => String::new(),
            code => status(id - 1, 0, "SyncHdr", "", code) + &status(id - 1, 2, "Get", "", 404),
        };
        server.handle_message(NOW, &message(id, "", &format!("{said}<Final/>"))).unwrap();
        let answer = server.poll_transmit(NOW).unwrap().body;
        headers.push(decode(&answer, &Limits::default()).unwrap().into_owned().header.unwrap());
    }
    headers
}

#[test]
fn what_was_accepted_for_the_session_is_not_proven_again() {
    let md5 = || own(Scheme::Md5).with_nonce(nonce(b"now"));
    for account in [own(Scheme::Basic), md5()] {
        let found = headers(account, &[200, 212, 200, 200]);
        let proves: Vec<bool> = found.iter().map(|header| header.cred.is_some()).collect();
        assert_eq!(proves, [true, true, false, false, false]);
    }
}

/// OMA-TS-DM_RepPro 1.2.1, 4.1.1.9.
#[test]
fn the_users_name_stands_beside_md5_credentials() {
    let known = || own(Scheme::Md5).with_nonce(nonce(b"now"));
    let name =
        |header: &syncml::model::Header<'_>| header.source.loc_name.as_deref().map(str::to_owned);
    let found = headers(known(), &[212]);
    assert_eq!((name(&found[0]).as_deref(), name(&found[1])), (Some("Bruce2"), None));
    assert_eq!(name(&headers(own(Scheme::Basic), &[])[0]), None);
    let start = |account| {
        let first = device(tree()).with_account(account).start(&[]).unwrap();
        decode(&first, &Limits::default()).unwrap().into_owned().header.unwrap()
    };
    assert_eq!(name(&start(known())).as_deref(), Some("Bruce2"));
    assert_eq!(name(&start(own(Scheme::Md5))), None, "no nonce, no credentials");
    assert_eq!(name(&start(own(Scheme::Basic))), None);
}

#[test]
fn a_server_with_the_wrong_password_gets_nowhere_and_loses_nothing() {
    let wrong = Account::new("Bruce2", PasswordDigest::of("Bruce2", "wrong"), Scheme::Md5);
    let mut server = session();
    server.authenticate_server(wrong);
    let mut device = device(tree()).asking_for(account(Scheme::Md5), false);
    let mut request = device.start(&[]).unwrap();
    let mut found = Vec::new();
    for _ in 0..10 {
        server.handle_message(NOW, &request).unwrap();
        let answer = server.poll_transmit(NOW).unwrap();
        found.extend(events(&mut server));
        match device.handle_message(&answer.body).unwrap() {
            Step::Send(next) => request = next,
            Step::Done => break,
        }
    }
    assert!(device.journal().is_empty());
    let refused = Event::HeaderRefused(StatusCode::UNAUTHORIZED);
    assert!(found.contains(&refused), "{found:?}");
    let found = outcomes(found);
    assert_eq!(found.len() + server.queued().count(), 2, "each has its outcome or waits");
    assert!(!found.iter().any(Outcome::is_success));
}

#[test]
fn both_sides_prove_themselves_in_one_session_from_stored_state() {
    let mut server = session();
    server.authenticate_device(account(Scheme::Md5), true);
    server.authenticate_server(account(Scheme::Hmac));
    let mut device: DeviceSession<MemoryTree> =
        device(tree()).with_account(account(Scheme::Md5)).asking_for(account(Scheme::Hmac), false);
    let mut request = device.start(&[]).unwrap();
    let mut found = Vec::new();
    for round in 0..20 {
        // Any node can go on, at any time.
        let json = serde_json::to_string(&server.into_state()).unwrap();
        let state: SessionState<u32> = serde_json::from_str(&json).unwrap();
        server = ServerSession::resume(state, &config()).unwrap();
        server.handle_message(NOW, &request).unwrap();
        server.provide_nonce(nonce(format!("round {round}").as_bytes()));
        let answer = server.poll_transmit(NOW).unwrap();
        // A repeated request gets the same bytes, and the same code beside them.
        server.handle_message(NOW, &request).unwrap();
        assert_eq!(server.poll_transmit(NOW).unwrap(), answer);
        found.extend(events(&mut server));
        match device.handle_message_with_hmac(&answer.body, answer.hmac.as_deref()).unwrap() {
            Step::Send(next) => request = next,
            Step::Done => break,
        }
    }
    assert!(server.is_ended());
    assert!(outcomes(found).iter().all(Outcome::is_success));
    assert_eq!(device.journal().len(), 2);
}

#[test]
fn secrets_are_not_printed() {
    let account = Account::basic("Bruce2", "OhBehave").with_nonce(nonce(b"Nonce"));
    let mut server = session();
    server.authenticate_device(account.clone(), false);
    server.provide_nonce(nonce(b"Nonce"));
    let device = device(tree()).with_account(account.clone());
    let header = HmacHeader::new("Bruce2", "c2VjcmV0");
    let printed = format!(
        "{account:?} {:?} {:?} {server:?} {device:?} {header:?}",
        account.digest(),
        account.nonce()
    );
    for secret in ["OhBehave", "Tm9uY2U", "c2VjcmV0", "62, 209"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(printed.contains("Bruce2") && SERVER.len() > 1);
}
