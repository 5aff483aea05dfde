//! Every message, made from the table of shapes in the dialects that servers have, is read, written
//! and read again without loss; what is written is in the order of the WSDL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use proptest::prelude::*;
use support::instances::{Dialect, PLAIN, Seed, instance, said};
use wsusss::messages::{self, DiagnosticCode, Fault, FaultCode, List, Message, Presence, Soap};
use wsusss::{ErrorKind, Limits};

fn envelope(body: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Body>{body}</soap:Body>\
         </soap:Envelope>"
    )
}

fn read(text: &str) -> Message<'_> {
    messages::decode_text(text, &Limits::default()).unwrap().1
}

fn encode(soap: Soap, message: &Message<'_>) -> String {
    let mut out = Vec::new();
    messages::encode(soap, message, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn round_trip(text: &str) {
    let (soap, message) = messages::decode_text(text, &Limits::default())
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(!matches!(message, Message::Other { .. }), "{text}");
    let written = encode(soap, &message);
    assert_eq!(said(&written), said(text), "{text}");
    let (soap_again, again, odd) = messages::inspect(&written, &Limits::default()).unwrap();
    assert_eq!((soap_again, &again), (soap, &message));
    assert_eq!(encode(soap, &again), written);
    let order = odd.iter().find(|odd| odd.code != DiagnosticCode::MissingElement);
    assert!(order.is_none(), "{order:?}\n{written}");
    assert_eq!(message.clone().into_owned(), message);
    let json = serde_json::to_string(&message).unwrap();
    assert_eq!(serde_json::from_str::<Message<'_>>(&json).unwrap(), message, "{json}");
}

#[test]
fn every_message_in_its_plain_form() {
    for shape in messages::shapes() {
        for seed in 0..8 {
            round_trip(&instance(shape, PLAIN, &mut Seed(seed)));
        }
    }
    assert!(messages::shapes().len() >= 44);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_message_in_every_dialect(
        seed in any::<u64>(), soap12: bool, wcf: bool, prefixed: bool, shuffled: bool, gaps: bool,
        strange: bool,
    ) {
        let dialect = Dialect { soap12, wcf, prefixed, shuffled, gaps, strange };
        let mut seed = Seed(seed);
        for shape in messages::shapes() {
            round_trip(&instance(shape, dialect, &mut seed));
        }
    }

    #[test]
    fn broken_messages_are_errors_and_no_panics(
        seed in any::<u64>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut: bool,
    ) {
        let mut seed = Seed(seed);
        for shape in messages::shapes() {
            let mut bytes = instance(shape, PLAIN, &mut seed).into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            if let Ok((soap, message)) = messages::decode(&bytes, &Limits::default()) {
                let mut out = Vec::new();
                messages::encode(soap, &message, &mut out).unwrap();
                let (_, again) = messages::decode(&out, &Limits::default()).unwrap();
                prop_assert_eq!(again, message);
            }
        }
    }
}

#[test]
fn absent_nil_and_empty_are_told_apart() {
    let message = |inside: &str| {
        envelope(&format!(
            "<GetConfigData xmlns=\"{}\">{inside}</GetConfigData>",
            messages::SERVER_SYNC
        ))
    };
    let anchor = |inside: &str| match read(&message(inside)) {
        Message::GetConfigData(request) => request.config_anchor,
        other => panic!("{other:?}"),
    };
    assert_eq!(anchor(""), Presence::Absent);
    assert_eq!(anchor("<configAnchor xsi:nil=\"true\"/>"), Presence::Nil);
    assert_eq!(anchor("<configAnchor/>"), "".into());
    assert_eq!(anchor("<configAnchor xsi:nil=\"false\">a</configAnchor>"), "a".into());
    let list = |inside: &str| {
        let text = envelope(&format!(
            "<GetRelatedRevisionsForUpdatesResponse xmlns=\"{}\">{inside}\
             </GetRelatedRevisionsForUpdatesResponse>",
            messages::SERVER_SYNC
        ));
        match read(&text) {
            Message::GetRelatedRevisionsForUpdatesResponse(list) => list,
            other => panic!("{other:?}"),
        }
    };
    let name = "GetRelatedRevisionsForUpdatesResult";
    assert_eq!(list(""), List::absent());
    assert_eq!(list(&format!("<{name} xsi:nil=\"1\"/>")), List::nil());
    assert_eq!(list(&format!("<{name}/>")), List::default());
    assert_eq!(list(&format!("<{name}><UpdateIdentity xsi:nil=\"true\"/></{name}>")).len(), 1);
}

#[test]
fn an_answer_without_its_result_is_told_from_an_empty_one() {
    let text = |inside: &str| {
        envelope(&format!(
            "<GetCookieResponse xmlns=\"{}\">{inside}</GetCookieResponse>",
            messages::SERVER_SYNC
        ))
    };
    assert_eq!(read(&text("")), Message::GetCookieResponse(Presence::Absent));
    let empty = text("<GetCookieResult/>");
    let Message::GetCookieResponse(Presence::Value(cookie)) = read(&empty) else { panic!() };
    assert!(cookie.expiration.is_absent() && cookie.encrypted_data.is_absent());
}

#[test]
fn what_is_odd_is_said_with_its_place() {
    let text = envelope(&format!(
        "\n<GetRevisionIdList xmlns=\"{}\"><filter>\n <GetConfig>true</GetConfig>\n \
         <Anchor>x</Anchor><Fresh/>\n <Anchor>y</Anchor>stray</filter></GetRevisionIdList>\
         <GetAuthConfig/>",
        messages::SERVER_SYNC
    ));
    let (_, message, odd) = messages::inspect(&text, &Limits::default()).unwrap();
    let Message::GetRevisionIdList(request) = message else { panic!() };
    // The first one counts: a stream could not take back what it gave.
    assert_eq!(request.filter.value().unwrap().anchor.as_str(), Some("x"));
    let found: Vec<_> = odd.iter().map(|odd| (odd.code, odd.position.line, &*odd.detail)).collect();
    assert_eq!(
        found,
        [
            (DiagnosticCode::MissingElement, 2, "Get63LanguageOnly"),
            (DiagnosticCode::OutOfOrder, 4, "Anchor after GetConfig"),
            (DiagnosticCode::UnknownElement, 4, "Fresh"),
            (DiagnosticCode::RepeatedElement, 5, "Anchor"),
            (DiagnosticCode::StrayText, 5, "stray"),
            (DiagnosticCode::SecondMessage, 5, "GetAuthConfig"),
        ]
    );
}

#[test]
fn a_document_as_markup_stands_alone() {
    let text = envelope(&format!(
        "<GetUpdateDataResponse xmlns=\"{}\" xmlns:upd=\"urn:upd\"><GetUpdateDataResult><updates>\
         <ServerSyncUpdateData><XmlUpdateBlob xmlns:pub=\"urn:pub\">\n<upd:Update a=\"1\">\
         <pub:X/><own:Y xmlns:own=\"urn:own\"/></upd:Update></XmlUpdateBlob>\
         </ServerSyncUpdateData></updates></GetUpdateDataResult></GetUpdateDataResponse>",
        messages::SERVER_SYNC
    ));
    let message = read(&text);
    let Message::GetUpdateDataResponse(Presence::Value(data)) = &message else { panic!() };
    let document = data.updates.first().unwrap().text.value().unwrap().to_text();
    let mut reader = mdm_xml::Reader::new(&document, &mdm_xml::Options::default()).unwrap();
    assert_eq!(reader.root().unwrap().local(), "Update");
    reader.finish().unwrap();
    // It is escaped when it is written, and the same when it is read again.
    let written = encode(Soap::V11, &message);
    assert!(written.contains("&lt;upd:Update"), "{written}");
    assert_eq!(read(&written), message);
}

#[test]
fn messages_of_other_protocols_are_kept() {
    let text = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
                xmlns:c=\"http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService\" \
                xmlns:d=\"urn:a&amp;b\"><s:Body><c:GetCookie><d:x/></c:GetCookie></s:Body></s:Envelope>";
    let (soap, message) = messages::decode_text(text, &Limits::default()).unwrap();
    assert!(matches!(&message, Message::Other { name, .. } if name == "GetCookie"), "{message:?}");
    let again = encode(soap, &message);
    assert_eq!(read(&again), message, "it stands alone, prefixes declared");
}

#[test]
fn identities_are_whole_or_an_error_with_its_place() {
    let text = |inside: &str| {
        envelope(&format!(
            "<GetUpdateData xmlns=\"{}\"><updateIds>\n<UpdateIdentity>{inside}</UpdateIdentity>\
             </updateIds></GetUpdateData>",
            messages::SERVER_SYNC
        ))
    };
    let id = "<UpdateID>44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a</UpdateID>";
    for (inside, missing) in [
        (id.to_owned(), Some("RevisionNumber")),
        ("<RevisionNumber>1</RevisionNumber>".to_owned(), Some("UpdateID")),
        (format!("{id}<RevisionNumber>-1</RevisionNumber>"), None),
        (format!("{id}<RevisionNumber>x</RevisionNumber>"), None),
        ("<UpdateID>x</UpdateID>".to_owned(), None),
    ] {
        let text = text(&inside);
        let error = messages::decode_text(&text, &Limits::default()).unwrap_err();
        match missing {
            Some(name) => assert_eq!(error.kind(), &ErrorKind::Missing(name)),
            None => assert!(matches!(error.kind(), ErrorKind::Value { .. }), "{error}"),
        }
        assert_eq!(error.position().unwrap().line, 2, "{error}");
    }
}

#[test]
fn identities_say_the_same_however_their_tags_are_written() {
    let id = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a";
    let values = [id, "44db9a1c", "", " 44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a "];
    let revisions = ["200", "-1", "2147483648", "", " 7 ", "2147483647", "1&#48;0"];
    let dialects = [("", "xmlns"), ("w:", "xmlns:w"), ("www:", "xmlns:www")];
    for (value, revision, (p, declaration)) in values
        .iter()
        .flat_map(|value| revisions.iter().map(move |revision| (value, revision)))
        .flat_map(|(value, revision)| dialects.map(|dialect| (value, revision, dialect)))
    {
        let message = |blank: &str| {
            envelope(&format!(
                "<{p}GetRevisionIdListResponse \
                 {declaration}=\"http://www.microsoft.com/SoftwareDistribution\">\
                 <{p}GetRevisionIdListResult><{p}NewRevisions><{p}UpdateIdentity>\
                 <{p}UpdateID{blank}>{value}</{p}UpdateID>\
                 <{p}RevisionNumber{blank}>{revision}</{p}RevisionNumber></{p}UpdateIdentity>\
                 </{p}NewRevisions></{p}GetRevisionIdListResult></{p}GetRevisionIdListResponse>"
            ))
        };
        let (usual, other) = (message(""), message(" "));
        match (
            messages::decode_text(&usual, &Limits::default()),
            messages::decode_text(&other, &Limits::default()),
        ) {
            (Ok(one), Ok(two)) => assert_eq!(one, two),
            (Err(one), Err(two)) => {
                assert_eq!((one.kind(), one.path()), (two.kind(), two.path()));
                // As many blanks stand before it as tags were begun.
                let at = |text: &str, error: &wsusss::Error| {
                    let offset = error.position().unwrap().offset;
                    text.get(offset..).unwrap().to_owned()
                };
                let behind = at(&other, &two).replace(" >", ">");
                assert_eq!(at(&usual, &one), behind);
            }
            (one, two) => panic!("{one:?} {two:?}\n{usual}"),
        }
    }
}

#[test]
fn faults_of_both_soaps() {
    let mut fault = Fault::new(FaultCode::InvalidParameters).with_message("updateIds");
    fault.id = Some("b6114a8d-9939-41e0-ad7f-0d9a72260804".to_owned());
    fault.method = Some(format!("\"{}/GetUpdateData\"", messages::SERVER_SYNC));
    fault.actor = Some("http://upstream/".to_owned());
    fault.detail.push("<x:More xmlns:x=\"urn:x\">1</x:More>".to_owned());
    let message = Message::Fault(fault.clone());
    assert_eq!(read(&encode(Soap::V11, &message)), message);
    fault.subcodes = vec!["a".to_owned(), "b".to_owned()];
    let message = Message::Fault(fault);
    let written = encode(Soap::V12, &message);
    // MS-WSUSSS 2.2.9.2: an element Detail without a namespace, beside SOAP's own.
    assert!(written.contains("<Detail><ErrorCode>InvalidParameters</ErrorCode>"), "{written}");
    assert_eq!(
        messages::decode(written.as_bytes(), &Limits::default()).unwrap(),
        (Soap::V12, message)
    );
    // SOAP 1.2 has codes of its own (part 1, 5.4.6), and the same fault is equal in both versions.
    for (code, own) in [
        (FaultCode::InvalidCookie, "<soap:Value>soap:Sender</soap:Value>"),
        (FaultCode::ServerBusy, "<soap:Value>soap:Receiver</soap:Value>"),
    ] {
        let message = Message::Fault(Fault::new(code));
        let written = encode(Soap::V12, &message);
        assert!(written.contains(own), "{written}");
        assert_eq!(read(&written), message);
        assert_eq!(read(&encode(Soap::V11, &message)), message);
        // Other prefixes and other codes stay as they are.
        for (there, code) in [("s:Sender", "s:Client"), ("Receiver", "Server"), ("a:B", "a:B")] {
            let Message::Fault(fault) =
                read(&written.replace(own, &format!("<soap:Value>{there}</soap:Value>")))
            else {
                panic!()
            };
            assert_eq!(fault.soap_code, code);
            let again = encode(Soap::V12, &Message::Fault(fault));
            assert!(again.contains(&format!("<soap:Value>{there}</soap:Value>")), "{again}");
        }
    }
    // A fault of WCF itself: no code, nothing to be done.
    let text = envelope(
        "<soap:Fault><faultcode xmlns:a=\"urn:a\">a:InternalServiceFault</faultcode><faultstring \
         xml:lang=\"en-US\">The server was unable to process the request.</faultstring></soap:Fault>",
    );
    let Message::Fault(fault) = read(&text) else { panic!() };
    assert_eq!(fault.code, None);
    assert_eq!(fault.reaction(messages::Asked::ids(5)), messages::Reaction::Stop);
}

#[test]
fn every_code_has_its_reaction() {
    use messages::{Asked, Reaction};
    let reaction = |code: &str, asked| Fault::new(FaultCode::from_text(code)).reaction(asked);
    let plain = Asked::default();
    for (code, asked, expected) in [
        ("InvalidCookie", plain, Reaction::RenewCookie),
        ("CookieExpired", plain, Reaction::RenewCookie),
        ("InvalidAuthorizationCookie", plain, Reaction::Reauthorize),
        ("ConfigChanged", plain, Reaction::RereadConfig),
        ("ServerChanged", plain, Reaction::ResetAnchors),
        ("ServerBusy", plain, Reaction::BackOff),
        ("FileDigestsMissing", plain, Reaction::FilesMissing),
        ("InvalidParameters", plain, Reaction::Stop),
        ("InvalidParameters", Asked::list(true), Reaction::DropAnchor),
        ("InvalidParameters", Asked::ids(2), Reaction::Split),
        ("InternalServerError", plain, Reaction::Stop),
        ("InternalServerError", Asked::list(true), Reaction::Stop),
        ("InternalServerError", Asked::ids(2), Reaction::Split),
        ("InternalServerError", Asked::ids(1), Reaction::Quarantine),
        ("TooManyIds", Asked::ids(2), Reaction::Split),
        ("IncompatibleProtocolVersion", plain, Reaction::Stop),
        ("RegistrationRequired", plain, Reaction::Stop),
        // Case matters (MS-WSUSSS 2.2.9.1).
        ("invalidcookie", plain, Reaction::Stop),
    ] {
        assert_eq!(reaction(code, asked), expected, "{code} {asked:?}");
    }
    let missing = Fault::new(FaultCode::FileDigestsMissing).with_message("AQID|/+8=|");
    let digests: Vec<String> = missing.missing_files().map(|one| one.to_string()).collect();
    assert_eq!(digests, ["AQID", "/+8="]);
}

#[test]
fn a_fault_that_names_what_is_missing_gives_it() {
    let id: wsusss::UpdateId = "44db9a1c-e8cb-45d5-a4c8-90fd1e4cc22a".parse().unwrap();
    let missing = |code: FaultCode, list: &str| -> Vec<u32> {
        let message =
            format!("Requested 9 returned 7 (test content removed: 0). Missing Revisions: {list}");
        let fault = Fault::new(code).with_message(message);
        fault
            .missing_revisions()
            .map(|key| {
                assert_eq!(key.id, id);
                key.revision
            })
            .collect()
    };
    let code = || FaultCode::InternalServerError;
    for between in [", ", ",", ";", "|", " ", "\r\n"] {
        let list = format!("{id}.1{between}{id}.2147483647.");
        assert_eq!(missing(code(), &list), [1, 0x7fff_ffff], "{between:?}");
    }
    for code in [FaultCode::InvalidParameters, FaultCode::Other("New".to_owned())] {
        assert_eq!(missing(code, &format!("{id}.3")), [3]);
    }
    // Neither a code nor a detail, and what stands before the list is not of it.
    let mut bare = Fault::default();
    for text in [format!("{id}.9 Missing Revisions: {id}.3"), format!("Missing Revisions:{id}.3")] {
        bare.message = None;
        bare.reason = text.clone();
        assert_eq!(bare.missing_revisions().count(), 1);
        bare.message = Some(text);
        bare.reason = String::new();
        assert_eq!(bare.missing_revisions().map(|key| key.revision).collect::<Vec<_>>(), [3]);
    }
    bare.message = Some(format!("{id}.3 was asked for"));
    assert_eq!(bare.missing_revisions().count(), 0);
    // Neither what is none nor faults about something else.
    let strange = format!("{id} {id}. .1 {id}.-1 {id}.x {id}.4294967296 x.1 {id}.1.2");
    assert!(missing(code(), &strange).is_empty());
    for code in [
        FaultCode::InvalidCookie,
        FaultCode::CookieExpired,
        FaultCode::InvalidAuthorizationCookie,
        FaultCode::ConfigChanged,
        FaultCode::ServerChanged,
        FaultCode::ServerBusy,
        FaultCode::IncompatibleProtocolVersion,
        FaultCode::FileDigestsMissing,
    ] {
        assert!(missing(code, &format!("{id}.1")).is_empty());
    }
    let mut plain = Fault::new(code());
    plain.message = None;
    assert_eq!(plain.missing_revisions().count(), 0);
    // Whoever asks by identifier alone asked for so many.
    let request = messages::RelatedRevisionsRequest::new(Presence::Absent, vec![id, id]);
    let request = Message::GetRelatedRevisionsForUpdates(request);
    assert_eq!(messages::Asked::of(&request), messages::Asked::ids(2));
}

#[test]
fn of_a_fault_the_first_of_each_counts_and_what_is_odd_is_said() {
    let text = envelope(
        "<soap:Fault><faultcode>a</faultcode><faultcode>b</faultcode><faultstring>c</faultstring>\
         <faultstring>d</faultstring><faultactor>e</faultactor><faultactor>f</faultactor><detail>\
         <ErrorCode>InvalidCookie</ErrorCode><ErrorCode>ServerBusy</ErrorCode><Message>g</Message>\
         <Message>h</Message><ID>i</ID><ID>j</ID><Method>k</Method><Method>l</Method><Exception \
         Type=\"x\"/><Exception/></detail></soap:Fault>",
    );
    let (_, message, odd) = messages::inspect(&text, &Limits::default()).unwrap();
    let Message::Fault(fault) = message else { panic!() };
    assert_eq!((&*fault.soap_code, &*fault.reason, fault.actor.as_deref()), ("a", "c", Some("e")));
    assert_eq!(fault.code, Some(FaultCode::InvalidCookie));
    let texts = [&fault.message, &fault.id, &fault.method].map(Option::as_deref);
    assert_eq!(texts, [Some("g"), Some("i"), Some("k")]);
    // What is not the service's own is kept whole.
    assert_eq!(fault.detail, ["<Exception Type=\"x\"/>", "<Exception/>"]);
    let repeated = odd.iter().filter(|odd| odd.code == DiagnosticCode::RepeatedElement);
    assert_eq!((repeated.count(), odd.len()), (7, 7), "{odd:?}");
    // A detail that is a text.
    let text = envelope(
        "<soap:Fault><faultcode>a</faultcode><faultstring>b</faultstring><detail> What went \
         wrong </detail></soap:Fault>",
    );
    let (_, _, odd) = messages::inspect(&text, &Limits::default()).unwrap();
    assert_eq!(odd.iter().map(|odd| odd.code).collect::<Vec<_>>(), [DiagnosticCode::StrayText]);
    assert!(odd[0].to_string().contains("What went wrong"), "{}", odd[0]);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let secret = "c2VjcmV0";
    for shape in messages::shapes() {
        let text = instance(shape, PLAIN, &mut Seed(3));
        for name in ["EncryptedData", "CookieData", "DecryptionKey"] {
            for value in ["AQID", "/+8=", "AAEC\n AwQF"] {
                let from = format!("<{name}>{value}</{name}>");
                let text = text.replace(&from, &format!("<{name}>{secret}</{name}>"));
                assert!(!format!("{:?}", read(&text)).contains(secret), "{}", shape.name);
            }
        }
    }
}

#[test]
fn messages_of_other_protocols_keep_their_cookies_to_themselves() {
    let text = envelope(
        "<SyncUpdates xmlns=\"urn:other\"><cookie><EncryptedData>QUJDREVG</EncryptedData></cookie>\
         </SyncUpdates>",
    );
    let message = read(&text);
    let said = format!("{message:?}");
    assert!(said.contains("SyncUpdates") && !said.contains("QUJDREVG"), "{said}");
    let Message::Other { raw, .. } = message else { panic!() };
    assert!(raw.contains("QUJDREVG"));
    let fault = Message::Fault(Fault::new(FaultCode::ServerBusy));
    assert!(format!("{fault:?}").starts_with("Fault(Fault {"), "{fault:?}");
}

#[test]
fn findings_are_a_thousand_at_most() {
    for (strange, found) in [(999, 999), (1000, 1000), (1001, 1000)] {
        let text = envelope(&format!(
            "<GetAuthConfig xmlns=\"{}\">{}</GetAuthConfig>",
            messages::SERVER_SYNC,
            "<x/>".repeat(strange)
        ));
        let (_, _, odd) = messages::inspect(&text, &Limits::default()).unwrap();
        assert_eq!(odd.len(), found);
        // Each has its words, for programs and for people.
        let shown = odd[0].to_string();
        assert!(shown.contains("wsusss-unknown-element") && shown.contains("line 1"), "{shown}");
    }
}

#[test]
fn a_document_of_blanks_is_none_whatever_ends_its_lines() {
    for blank in ["", " ", "\n", "\r\n", "\r", " \r\n\t&#10;"] {
        let body = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
             <GetUpdateDataResponse xmlns='http://www.microsoft.com/SoftwareDistribution'>\
             <GetUpdateDataResult><updates><ServerSyncUpdateData><XmlUpdateBlob>{blank}</XmlUpdateBlob>\
             <XmlUpdateBlobCompressed>TVND</XmlUpdateBlobCompressed></ServerSyncUpdateData></updates>\
             </GetUpdateDataResult></GetUpdateDataResponse></s:Body></s:Envelope>"
        );
        let (_, message) = messages::decode(body.as_bytes(), &Limits::default()).unwrap();
        let Message::GetUpdateDataResponse(Presence::Value(data)) = message else { panic!() };
        let update = data.updates.first().unwrap();
        assert!(matches!(update.blob(), messages::Blob::Compressed(_)), "{blank:?}");
    }
}
