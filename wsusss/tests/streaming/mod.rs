//! What tests of streaming share: fixtures, reading in chunks, comparing with the whole answer.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::string_slice)]

use wsusss::messages::{self, Message};
use wsusss::stream::{Decoder, Event};
use wsusss::{Error, ErrorKind, Limits};

/// Everything that comes out of the chunks, whose sizes are repeated.
pub(crate) fn read(
    bytes: &[u8],
    limits: &Limits,
    sizes: impl IntoIterator<Item = usize>,
) -> (Vec<Event<'static>>, Option<Error>) {
    let sizes: Vec<usize> = sizes.into_iter().map(|size| size.max(1)).collect();
    let mut decoder = Decoder::new(limits);
    let mut found = Vec::new();
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !decoder.is_finished() {
        if rest.is_empty() {
            decoder.handle_end();
        } else {
            let (chunk, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
            decoder.handle_bytes(chunk);
            rest = after;
        }
        loop {
            match decoder.poll_event() {
                Ok(Some(event)) => found.push(event.into_owned()),
                Ok(None) => break,
                Err(error) => return (found, Some(error)),
            }
        }
    }
    (found, None)
}

/// A whole message as events, lists one after the other.
pub(crate) fn events(soap: messages::Soap, message: Message<'_>) -> Vec<Event<'static>> {
    match message.into_owned() {
        Message::GetUpdateDataResponse(data) => {
            let data = data.into_value().unwrap_or_default();
            let updates = data.updates.into_items().into_iter().map(Event::Update);
            let files = data.file_urls.into_items().into_iter().map(Event::FileUrl);
            [Event::UpdateData(soap)].into_iter().chain(updates).chain(files).collect()
        }
        Message::GetRevisionIdListResponse(list) => {
            let list = list.into_value().unwrap_or_default();
            let anchor = list.anchor.into_value().into_iter().map(Event::Anchor);
            let revisions = list.new_revisions.into_items().into_iter().map(Event::Revision);
            [Event::RevisionList(soap)].into_iter().chain(anchor).chain(revisions).collect()
        }
        message => vec![Event::Message(soap, message)],
    }
}

/// Lists one after the other, whatever their order in the answer.
fn sorted(mut events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    events.sort_by_key(|event| match event {
        Event::UpdateData(_) | Event::RevisionList(_) => 0,
        Event::Update(_) | Event::Anchor(_) => 1,
        _ => 2,
    });
    events
}

/// The answer in chunks agrees with the whole answer: in what is read, and in what is refused and
/// where.
pub(crate) fn agree(name: &str, bytes: &[u8], limits: &Limits) {
    let (streamed, error) = read(bytes, limits, [bytes.len().max(1)]);
    match messages::decode(bytes, limits) {
        Ok((soap, message)) => {
            assert_eq!(error, None, "{name}: {}", String::from_utf8_lossy(bytes));
            assert_eq!(sorted(streamed), events(soap, message), "{name}");
        }
        Err(expected) => {
            let error = error.unwrap_or_else(|| {
                panic!("{name}: read, but {expected}: {}", String::from_utf8_lossy(bytes))
            });
            // A whole message is looked through for these before anything else.
            let first = matches!(
                expected.kind(),
                ErrorKind::Xml(
                    mdm_xml::ErrorKind::Utf8
                        | mdm_xml::ErrorKind::Utf16
                        | mdm_xml::ErrorKind::Encoding(_)
                        | mdm_xml::ErrorKind::ForbiddenChar(_)
                        | mdm_xml::ErrorKind::Limit { limit: mdm_xml::Limit::Bytes, .. }
                )
            );
            if !first {
                assert_eq!(error, expected, "{name}: {}", String::from_utf8_lossy(bytes));
            }
        }
    }
}

/// Breaks something.
pub(crate) fn edit(bytes: &mut Vec<u8>, at: usize, what: u8, byte: u8) {
    if bytes.is_empty() {
        return;
    }
    let insert = |bytes: &mut Vec<u8>, text: &[u8]| {
        bytes.splice(at..at, text.iter().copied());
    };
    match what {
        0 => bytes[at] = byte,
        1 => drop(bytes.remove(at)),
        2 => bytes.truncate(at),
        3 => insert(bytes, b"<!-- > -->"),
        4 => {
            let texts: [&[u8]; 8] = [
                b"<x/>",
                b"</x>",
                b"<x>",
                b"&amp;",
                b"&bad;",
                b"<![CDATA[<]]>",
                b"<?p ?>",
                b"<!x>",
            ];
            insert(bytes, texts[usize::from(byte) % texts.len()]);
        }
        _ => {
            let end = (at + usize::from(byte)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            insert(bytes, &copy);
        }
    }
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Answers in the dialects of servers, written by us.
pub(crate) fn fixtures() -> Vec<(&'static str, Vec<u8>)> {
    let key = |number: u32| {
        format!(
            "<UpdateID>00000000-0000-0000-0000-{number:012x}</UpdateID>\
             <RevisionNumber>{}</RevisionNumber>",
            number + 100
        )
    };
    let document = "&lt;upd:Update xmlns:upd=\"u\"&gt;&lt;T&gt;Gr\u{fc}\u{df}e \u{9dd7} \u{1d11e} \
                    &amp;amp; &#x263a;&lt;/T&gt;&lt;/upd:Update&gt;";
    let updates = format!(
        "<updates><ServerSyncUpdateData><Id>{}</Id><XmlUpdateBlob>{document}</XmlUpdateBlob>\
         <FileDigestList><base64Binary>AAEC</base64Binary></FileDigestList></ServerSyncUpdateData>\
         <!-- > <between> -->\n<ServerSyncUpdateData><Id>{}</Id><XmlUpdateBlobCompressed>TVND\r\n\
         <!-- trimmed -->Rg==</XmlUpdateBlobCompressed></ServerSyncUpdateData>\
         <ServerSyncUpdateData><XmlUpdateBlob><![CDATA[<a>]]]]><![CDATA[></a>]]></XmlUpdateBlob>\
         </ServerSyncUpdateData></updates>",
        key(1),
        key(2)
    );
    let files = "<fileUrls><ServerSyncUrlData><FileDigest>AAEC</FileDigest><MUUrl>http://a/?b=1&amp;c\
                 </MUUrl><UssUrl /></ServerSyncUrlData><ServerSyncUrlData><FileDigest>BAUG\
                 </FileDigest></ServerSyncUrlData></fileUrls>";
    let data = |updates: &str, files: &str| {
        format!(
            "<GetUpdateDataResponse xmlns=\"http://www.microsoft.com/SoftwareDistribution\">\
             <GetUpdateDataResult>{updates}{files}</GetUpdateDataResult></GetUpdateDataResponse>"
        )
    };
    let asmx = |body: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{SOAP11}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Body>{body}</soap:Body>\
             </soap:Envelope>"
        )
    };
    let whole = asmx(&data(&updates, files));
    let revisions: String =
        (0..300).map(|n| format!("<UpdateIdentity>{}</UpdateIdentity>", key(n))).collect();
    let few: String =
        (0..3).map(|n| format!("<UpdateIdentity>{}</UpdateIdentity>\n", key(n))).collect();
    let list = |anchor: &str, revisions: &str| {
        format!(
            "<GetRevisionIdListResponse xmlns=\"http://www.microsoft.com/SoftwareDistribution\">\
             <GetRevisionIdListResult>{anchor}<NewRevisions>{revisions}</NewRevisions>\
             </GetRevisionIdListResult></GetRevisionIdListResponse>"
        )
    };
    let anchor = "<Anchor>9438,2026-10-04 16:33:26.848</Anchor>";
    let wcf = |body: &str| {
        format!(
            "<s:Envelope xmlns:s=\"{SOAP12}\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <s:Header><a:Action xmlns:a=\"x\">&quot;</a:Action></s:Header><s:Body>{body}</s:Body>\
             </s:Envelope>\n<!-- end -->\n"
        )
    };
    let markup = "<updates><ServerSyncUpdateData i:nil=\"true\"/><ServerSyncUpdateData><Id i:nil=\"true\"/>\
                  <XmlUpdateBlob>\n<upd:Update xmlns:upd=\"u\"><b c='>'/></upd:Update></XmlUpdateBlob>\
                  <Unknown><Id/></Unknown></ServerSyncUpdateData><Other/></updates>";
    vec![
        ("asmx", whole.clone().into_bytes()),
        ("WCF with markup", wcf(&data(markup, "<fileUrls/>")).into_bytes()),
        ("addresses first", asmx(&data(files, &updates)).into_bytes()),
        ("UTF-16, low byte first", utf16(&whole, u16::to_le_bytes)),
        ("UTF-16 with a mark", utf16(&format!("\u{feff}{whole}"), u16::to_be_bytes)),
        ("UTF-8 with a mark", format!("\u{feff}{whole}").into_bytes()),
        ("revisions", asmx(&list(anchor, &few)).into_bytes()),
        ("revisions before their anchor", {
            let list = list("", &revisions).replace("</NewRevisions>", "</NewRevisions><Anchor/>");
            wcf(&list).into_bytes()
        }),
        ("nothing", asmx(&data("<updates />", "<fileUrls />")).into_bytes()),
        ("an empty result", asmx("<GetUpdateDataResponse/>").into_bytes()),
        ("another message", {
            let body = "<GetCookieResponse><GetCookieResult><Expiration>2026-10-04T20:33:26Z\
                        </Expiration></GetCookieResult></GetCookieResponse>";
            asmx(body).into_bytes()
        }),
    ]
}
