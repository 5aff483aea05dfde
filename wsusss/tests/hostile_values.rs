//! Numbers, times, identifiers, addresses and binary data as nobody should send them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use wsusss::messages::schema::{Field, Kind, Record};
use wsusss::messages::{self, Base64, Cookie, Guid, Message, Secret, Soap};
use wsusss::metadata::{Select, Update, read_noting};
use wsusss::simulator::{Upstream, documents};
use wsusss::{ErrorKind, Limits, UpdateId, XsDateTime, endpoints};

/// Every field of this kind in every message: the message with a value in it.
fn each_field(
    wanted: fn(&Kind) -> bool,
    visit: &mut impl FnMut(&str, &Kind, &dyn Fn(&str) -> String),
) {
    for shape in messages::shapes() {
        let around = format!("<{} xmlns=\"{}\">|</{0}>", shape.name, shape.namespace);
        walk(&shape.body, &around, wanted, visit);
    }
}

fn walk(
    record: &Record,
    around: &str,
    wanted: fn(&Kind) -> bool,
    visit: &mut impl FnMut(&str, &Kind, &dyn Fn(&str) -> String),
) {
    let envelope = |body: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}\
             </s:Body></s:Envelope>"
        )
    };
    for Field { name, kind, .. } in record.attributes {
        if wanted(kind) {
            // The attribute stands in the tag that is open last.
            visit(name, kind, &|value| {
                let at = around.find(">|").unwrap();
                let (before, after) = around.split_at(at);
                envelope(&format!("{before} {name}=\"{value}\"{}", after.replace('|', "")))
            });
        }
    }
    // An identity needs both of its parts.
    let beside = |name: &str| match (record.elements, name) {
        ([id, revision], "RevisionNumber") if id.name == "UpdateID" && revision.name == name => {
            "<UpdateID>6964aab4-c5b5-43bd-a17d-ffb4346a8e1d</UpdateID>"
        }
        ([id, revision], "UpdateID") if id.name == name && revision.name == "RevisionNumber" => {
            "<RevisionNumber>1</RevisionNumber>"
        }
        _ => "",
    };
    for Field { name, kind, .. } in record.elements {
        let inside =
            |inner: &str| around.replace('|', &format!("{}<{name}>{inner}</{name}>", beside(name)));
        match kind {
            Kind::Record(record) => walk(record, &inside("|"), wanted, visit),
            Kind::List { item, kind } => {
                let one = inside(&format!("<{item}>|</{item}>"));
                match kind {
                    Kind::Record(record) => walk(record, &one, wanted, visit),
                    kind if wanted(kind) => {
                        visit(item, kind, &|value| envelope(&one.replace('|', value)));
                    }
                    _ => {}
                }
            }
            kind if wanted(kind) => visit(name, kind, &|value| envelope(&inside(value))),
            _ => {}
        }
    }
}

fn decode(text: &str) -> Result<Message<'_>, wsusss::Error> {
    messages::decode(text.as_bytes(), &Limits::default()).map(|(_, message)| message)
}

#[test]
fn every_number_in_every_message_is_read_to_its_ends_and_refused_beyond_them() {
    let mut fields = 0;
    each_field(|kind| matches!(kind, Kind::Number { .. }), &mut |name, kind, with| {
        let Kind::Number { min, max } = kind else { panic!() };
        fields += 1;
        for number in [*min, *max, 0.max(*min)] {
            for text in [number.to_string(), format!(" \n{number}\t")] {
                let text = with(&text);
                let message = decode(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
                let mut out = Vec::new();
                messages::encode(Soap::V11, &message, &mut out).unwrap();
                let (_, again) = messages::decode(&out, &Limits::default()).unwrap();
                assert_eq!(again, message, "{name}");
            }
        }
        let beyond = [min - 1, max + 1, i64::MIN, i64::MAX].map(|number| number.to_string());
        let nonsense = [
            "",
            " ",
            "99999999999999999999999",
            "-",
            "0x1",
            "1e3",
            "1.0",
            "1 2",
            "\u{661}",
            "NaN",
            "--1",
        ];
        for text in beyond.iter().map(String::as_str).chain(nonsense) {
            let text = with(text);
            let error = decode(&text).unwrap_err();
            let value =
                matches!(error.kind(), ErrorKind::Value { what: "number" | "revision number", .. });
            assert!(value && error.position().is_some(), "{error}: {text}");
        }
    });
    assert!(fields > 60, "{fields}");
}

#[test]
fn every_identifier_in_every_message_is_a_guid_or_an_error() {
    let mut fields = 0;
    each_field(|kind| matches!(kind, Kind::Guid), &mut |_, _, with| {
        fields += 1;
        for text in [
            "6964AAB4-c5b5-43bd-a17d-ffb4346a8e1d",
            "{6964aab4-c5b5-43bd-a17d-ffb4346a8e1d}",
            " 6964aab4-c5b5-43bd-a17d-ffb4346a8e1d\n",
        ] {
            assert!(decode(&with(text)).is_ok(), "{text}");
        }
        let long = "6964aab4-".repeat(10_000);
        for text in [
            "",
            "6964aab4",
            "6964aab4-c5b5-43bd-a17d-ffb4346a8e1g",
            "6964aab4-c5b5-43bd-a17d-ffb4346a8e1d0",
            &long,
            "\u{ff16}964aab4-c5b5-43bd-a17d-ffb4346a8e1d",
        ] {
            let text = with(text);
            let error = decode(&text).unwrap_err();
            let ErrorKind::Value { what: "GUID", text } = error.kind() else { panic!("{error}") };
            // What is quoted is short.
            assert!(text.chars().count() <= 64 && error.position().is_some());
        }
    });
    assert!(fields > 20, "{fields}");
}

#[test]
fn numbers_in_documents_are_read_to_their_ends_and_noted_beyond_them() {
    let read = |attribute: &str, place: &str| {
        let text = format!(
            "<Update><UpdateIdentity UpdateID=\"6964aab4-c5b5-43bd-a17d-ffb4346a8e1d\" RevisionNumber=\"1\"/>\
             <Properties MaxDownloadSize=\"{attribute}\" MinDownloadSize=\"{attribute}\"/><Files><File Size=\"{attribute}\"/></Files>\
             <ApplicabilityRules><Metadata><WindowsDriverMetaData WhqlDriverID=\"{attribute}\"/></Metadata></ApplicabilityRules>\
             <HandlerSpecificData><CategoryInformation DisplayOrder=\"{attribute}\"/>{place}</HandlerSpecificData></Update>"
        );
        let (update, found) = read_noting(&text, Select::ALL, &Limits::default()).unwrap();
        (update.into_owned(), found.len())
    };
    let (update, odd) = read("4294967295", "");
    assert_eq!(update.max_download_size(), Some(u64::from(u32::MAX)));
    assert_eq!(
        (update.files[0].size, update.drivers[0].whql_driver_id, odd),
        (Some(u64::from(u32::MAX)), Some(u32::MAX), 0)
    );
    let (update, odd) = read("18446744073709551615", "");
    assert_eq!(
        (update.max_download_size(), update.min_download_size()),
        (Some(u64::MAX), Some(u64::MAX))
    );
    assert_eq!(
        (update.files[0].size, update.drivers[0].whql_driver_id, odd),
        (Some(u64::MAX), None, 2)
    );
    for number in ["18446744073709551616", "-1", "", "1e9", "99999999999999999999999999"] {
        let (update, odd) = read(number, "");
        assert_eq!(
            (update.max_download_size(), update.files[0].size, update.drivers[0].whql_driver_id),
            (None, None, None)
        );
        assert!(odd >= 2, "{number}");
    }
}

#[test]
fn times_at_both_ends_and_beyond_are_kept_as_text_and_never_panic() {
    for (text, seconds) in [
        ("0001-01-01T00:00:00", Some(-62_135_596_800)),
        ("9999-12-31T23:59:59.9999999", Some(253_402_300_799)),
        ("0000-01-01T00:00:00+23:59", Some(-62_167_305_540)),
        ("9999-12-31T23:59:59-23:59", Some(253_402_387_139)),
        ("2016-12-31T23:59:60Z", Some(1_483_228_799)),
        ("262142-12-31T23:59:59", None),
        ("+262142-12-31T23:59:59", Some(8_210_266_876_799)),
        ("99999999999-01-01T00:00:00Z", None),
        ("-0001-01-01T00:00:00Z", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-10-04T24:00:00Z", None),
        ("2026-10-04T20:33:26.99999999999999999999999999", None),
        ("2026-10-04T20:33:26\u{661}Z", None),
        ("", None),
        ("\u{0}", None),
    ] {
        let time = XsDateTime::new(text);
        if let Some(seconds) = seconds {
            assert_eq!(time.time().map(|time| time.timestamp()), Some(seconds), "{text}");
        }
        let _ = (time.time(), time.is_sentinel());
        assert_eq!(time.as_str(), text);
        let _ = Cookie::new(time, Secret::new("")).ends();
    }
    for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let _ = XsDateTime::from(end).time();
        // A server with such a clock answers, and says that every cookie has ended.
        let mut upstream = Upstream::default();
        for document in documents() {
            upstream.add(document).unwrap();
        }
        let mut sync = wsusss::sync::Sync::new(&wsusss::sync::Config::new(
            "http://upstream",
            "mdm.example",
            "0f0e7c8d-0000-4000-8000-000000000001",
        ));
        for key in upstream.catalog().keys() {
            sync.want(key);
        }
        for _ in 0..50 {
            let Some(request) = sync.poll_transmit(end) else { break };
            let answer = upstream.handle(&request.body, end);
            sync.handle_response(end, request.token, &answer.body).unwrap();
            while sync.poll_event().is_some() {}
        }
        assert!(sync.poll_timeout().is_some());
    }
}

#[test]
fn binary_data_that_is_none_is_an_error_that_quotes_little() {
    for text in ["A", "AAA", "AA=A", "AAAA=", "====", "AA\0A", "AAA\u{e4}", "-_-_", "QQ=\u{a0}="] {
        let error = Base64::new(text).decode().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Value { what: "base64", .. }), "{text}");
    }
    let long = format!("{}!", "A".repeat(1 << 20));
    let error = Base64::new(long).decode().unwrap_err();
    assert!(error.to_string().len() < 200);
    // White space is passed over, as much as there is.
    let blank = format!("{}QUJD{}", " \r\n\t".repeat(100_000), "\n".repeat(100_000));
    assert_eq!(Base64::new(blank).decode().unwrap(), b"ABC");
    // Bits that stand for nothing would give one text many spellings.
    assert!(Base64::new("QUI=").decode().is_ok());
    assert!(Base64::new("QUJ=").decode().is_err());
}

#[test]
fn addresses_lead_nowhere_else() {
    let server = "https://upstream.example/root";
    for evil in [
        "https://evil.example/",
        "http://upstream.example/",
        "https://upstream.example:444/",
        "https://upstream.example.evil.example/",
        "https://upstream.example@evil.example/",
        "https://evil.example\\@upstream.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example\\",
        "/\t/evil.example/",
        "https:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "../other",
        "a/../../other",
        "/a/%2e%2e/%2E%2e/other",
        "a/.%2e/other",
        "%2e./other",
        "a?b=../c/..",
        "/a#b",
        "/a\u{0}b",
        "/a b",
        "/a\u{a0}b",
        "/a\u{2028}b",
        "https://[::1]@evil.example/",
        "https://upstream.example:/../x",
        "",
        " ",
    ] {
        assert_eq!(endpoints::resolve(server, evil), None, "{evil:?}");
    }
    for (fine, to) in [
        ("https://UPSTREAM.example:443/x", "https://UPSTREAM.example:443/x"),
        ("a%2fb", "https://upstream.example/root/a%2fb"),
        ("/a/..b/%2e%2e%2e/c", "https://upstream.example/a/..b/%2e%2e%2e/c"),
        (" Dss/Dss.asmx\r\n", "https://upstream.example/root/Dss/Dss.asmx"),
    ] {
        assert_eq!(endpoints::resolve(server, fine).as_deref(), Some(to));
    }
    // As long as it is: one pass.
    let long = format!("/{}", "%2e./".repeat(100_000));
    assert_eq!(endpoints::resolve(server, &long), None);
}

#[test]
fn an_unknown_element_or_message_is_quoted_short_and_secrets_not_at_all() {
    let name = "n".repeat(100_000);
    for text in [
        format!("<{name}/>"),
        format!("<{name}><a></{name}>"),
        format!("<a></{name}>"),
        format!("<a>&{name};</a>"),
        format!("<{name}:a/>"),
    ] {
        let error = decode(&text).unwrap_err();
        assert!(error.to_string().len() < 500, "{}", error.to_string().len());
        let error = Update::read(&text, Select::ALL, &Limits::default()).unwrap_err();
        assert!(error.to_string().len() < 500);
    }
    // A cookie in the wrong place, or with markup in it.
    let secret = "c2VjcmV0c2VjcmV0";
    for body in [
        format!(
            "<GetCookieResponse><GetCookieResult><EncryptedData>{secret}<x/></EncryptedData></GetCookieResult></GetCookieResponse>"
        ),
        format!(
            "<GetCookieResponse><GetCookieResult><EncryptedData>{secret}&#0;</EncryptedData></GetCookieResult></GetCookieResponse>"
        ),
        format!(
            "<GetCookieResponse><GetCookieResult><EncryptedData>{secret}</GetCookieResult></GetCookieResponse>"
        ),
        format!("<GetCookieResponse><GetCookieResult><EncryptedData>{secret}"),
    ] {
        let text = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
        );
        let error = decode(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("c2Vj"), "{error}");
    }
    let text = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><GetCookieResponse><GetCookieResult><EncryptedData>{secret}</EncryptedData></GetCookieResult></GetCookieResponse></s:Body></s:Envelope>"
    );
    let message = decode(&text).unwrap();
    assert!(!format!("{message:?}").contains("c2Vj"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_an_identifier_a_time_an_address_or_none(text in any::<String>(), digits in "[0-9:TZ.+ -]{0,40}") {
        for text in [&text, &digits] {
            let id = text.parse::<UpdateId>().map(|id| id.to_string());
            prop_assert_eq!(id.is_ok(), text.parse::<Guid>().is_ok());
            if let Ok(id) = id {
                prop_assert_eq!(id.parse::<UpdateId>(), text.parse());
            }
            let time = XsDateTime::new(text.as_str());
            let _ = (time.time(), time.is_sentinel());
            if let Some(address) = endpoints::resolve("http://a.example/r", text) {
                prop_assert!(address.starts_with("http://a.example/"), "{}", address);
                prop_assert_eq!(endpoints::resolve("http://a.example/r", &address), Some(address.clone()));
            }
        }
    }
}
