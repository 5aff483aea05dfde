//! The targets of `wsusss` that are made of structure: a message, a document, a cabinet, a catalogue
//! and a run of the sync machine are built from the fuzzer's bytes. Budgets are counted, not timed.

mod choices;
mod document;
mod envelope;
mod machine;

pub use machine::{catalog, server, states, sync};

use wsusss::cab::{self, Cabinet, Compression, Maker};
use wsusss::messages::{self, Message, UpdateDocument};
use wsusss::metadata::{Scratch, Select, Skimmer, Update};
use wsusss::{Limits, UpdateId, UpdateKey};

use self::choices::Choices;

/// Small enough that the fuzzer meets them.
fn limits() -> Limits {
    let limits = Limits::default().with_items(40).with_document(20_000).with_item(8_000);
    let xml = limits.xml.with_bytes(100_000).with_depth(16).with_elements(1_000).with_namespaces(8);
    limits.with_xml(xml.with_attributes(8).with_text(8_000))
}

/// Messages in every dialect: whole and in chunks they are the same, and what was read is written
/// and read again without loss.
pub fn envelope(data: &[u8]) {
    let mut c = Choices::new(data);
    let text = envelope::message(&mut c);
    let bytes = text.as_bytes();
    for limits in [limits(), Limits::default()] {
        let whole = envelope::streamed(bytes, &limits, bytes.len());
        let size = 1 + c.below(200);
        assert_eq!(envelope::streamed(bytes, &limits, size), whole, "{text}");
        assert!(whole.0.len() <= bytes.len(), "events cost bytes");
        match messages::decode(bytes, &limits) {
            Err(error) => {
                assert!(error.position().is_some_and(|at| at.offset <= bytes.len()));
                let streamed = whole.1.expect("refused by both");
                let own_limit = matches!(streamed.kind(), wsusss::ErrorKind::Limit { .. });
                if !envelope::comes_first(error.kind()) && !own_limit {
                    assert_eq!(streamed, error, "{text}");
                }
            }
            Ok((soap, message)) => {
                if let Some(error) = &whole.1 {
                    // A stream has limits of its own.
                    assert!(
                        matches!(error.kind(), wsusss::ErrorKind::Limit { .. }),
                        "{error}: {text}"
                    );
                } else {
                    let events = envelope::events(soap, message.clone());
                    assert_eq!(envelope::sorted(whole.0), events, "{text}");
                }
                let (_, same, odd) = messages::inspect(&text, &limits).expect("it was read");
                assert_eq!(same, message);
                assert!(
                    odd.len() <= 1_000 && odd.iter().all(|odd| odd.position.offset <= text.len())
                );
                let mut out = Vec::new();
                messages::encode(soap, &message, &mut out).expect("what was read can be written");
                // Escaping costs six bytes for one, parts that stand alone what the limit says.
                assert!(out.len() <= 6 * bytes.len() + limits.document + 2_000, "{}", out.len());
                if !matches!(message, Message::Other { .. }) {
                    let again = messages::decode(&out, &Limits::default());
                    assert_eq!(again.expect("what was written can be read").1, message, "{text}");
                }
            }
        }
    }
}

/// Update documents: every reader reads the same, whatever it is asked for and however it comes.
pub fn document(data: &[u8]) {
    let mut c = Choices::new(data);
    let text = document::document(&mut c);
    let limits = Limits::default();
    let select = [
        Select::ALL,
        Select::IDENTITY,
        Select::SUMMARY,
        Select::CATALOG,
        Select::RELATIONSHIPS,
        Select::LOCALIZED,
        Select::PROPERTIES.and(Select::LOCALIZED),
    ][c.below(7)];
    let languages = ["de", "zh-tw"];
    let select = if c.one_in(2) { select.languages(&languages) } else { select };
    let size = 1 + c.below(100);
    let whole = Update::read(&text, Select::ALL, &limits);
    let key = UpdateKey::new(UpdateId::from_u128(1), 1);
    for select in [select, select.stop_early()] {
        let read = Update::read(&text, select, &limits);
        if let (Ok(whole), Ok(read)) = (&whole, &read) {
            assert_eq!(whole.key, read.key, "{text}");
            assert_eq!(whole.properties, read.properties, "{text}");
        }
        // As it travels: escaped, and in a cabinet.
        let mut scratch = Scratch::default();
        let plain = UpdateDocument::text(key, text.as_str());
        let update = plain.update(select, &limits, &mut scratch).ok().map(Update::into_owned);
        assert_eq!(update, read.clone().ok().map(Update::into_owned), "{text}");
        if !text.contains('\0')
            && let Some(escaped) = escaped(&text)
        {
            let (_, message) =
                messages::decode(escaped.as_bytes(), &limits).expect("it is escaped");
            let Message::GetUpdateDataResponse(answer) = &message else { panic!("{escaped}") };
            let there = answer.value().and_then(|data| data.updates.iter().next()).expect("one");
            let update = there.update(select, &limits, &mut scratch).ok().map(Update::into_owned);
            assert_eq!(update, read.clone().ok().map(Update::into_owned), "{text}");
        }
        // With a NUL at the beginning the bytes are UTF-16, which the text in a cabinet is not.
        if mdm_xml::Encoding::detect(text.as_bytes()) != (mdm_xml::Encoding::Utf8, 0) {
            continue;
        }
        let cabinet = cab::make_document(&text);
        let packed = cab::read_update(&cabinet, select, &limits);
        let mut skimmer = Skimmer::new(select, &limits);
        let fed = text.as_bytes().chunks(size).try_for_each(|chunk| skimmer.handle_bytes(chunk));
        let skimmed = fed.and_then(|()| skimmer.finish());
        assert_eq!(skimmed, packed, "{text}");
        // What is passed over is not checked, so it may read more, and never something else.
        match (&read, &skimmed) {
            (Ok(read), Ok(skimmed)) => assert_eq!(read, skimmed, "{text}"),
            (Ok(_), Err(error)) => assert!(select != select.stop_early(), "{error}: {text}"),
            _ => {}
        }
    }
}

/// The document in an answer, if XML can carry it.
fn escaped(text: &str) -> Option<String> {
    let key = UpdateKey::new(UpdateId::from_u128(1), 1);
    let mut data = messages::UpdateData::default();
    data.updates = vec![UpdateDocument::text(key, text.to_owned())].into();
    let mut out = Vec::new();
    let message = Message::GetUpdateDataResponse(data.into());
    messages::encode(messages::Soap::V11, &message, &mut out).ok()?;
    String::from_utf8(out).ok()
}

/// Cabinets whose frames are changed behind their checksums: never more than allowed, in blocks
/// the same, and memory for what came and not for what was announced.
pub fn frames(data: &[u8]) {
    let mut c = Choices::new(data);
    let kinds = [
        Compression::Verbatim,
        Compression::Aligned,
        Compression::Mixed,
        Compression::Uncompressed,
    ];
    let mut maker = Maker::default()
        .window_bits(15 + u32::from(c.byte() % 7))
        .compression(kinds[c.below(4)])
        .block(64 + c.below(40_000));
    if c.one_in(3) {
        maker = maker.translation(u32::from(c.byte()) << (c.byte() % 25));
    }
    if c.one_in(8) {
        maker = maker.stored();
    }
    let mut content = Vec::new();
    for _ in 0..c.below(6) {
        let times = 1 + c.below(2_000);
        let part = c.bytes(40);
        content.extend(part.repeat(times));
        content.truncate(70_000);
    }
    let cabinet = maker.make("blob", &content);
    assert_eq!(cab::extract(&cabinet, content.len()).as_deref(), Ok(&*content));
    // No checksums from here on.
    let mut changed = cabinet.clone();
    let mut at = 44 + 16 + 5;
    while let Some(packed) =
        changed.get(at + 4..at + 6).map(|two| usize::from(two[0]) | usize::from(two[1]) << 8)
    {
        changed[at..at + 4].fill(0);
        at += 8 + packed;
    }
    while !c.is_done() {
        let at = 36 + c.below(65_536) % (changed.len() - 36);
        changed[at] = c.byte();
    }
    let max = 100_000;
    let whole = cab::extract(&changed, max);
    let mut blocks = Vec::new();
    let in_blocks = Cabinet::read(&changed).and_then(|read| match read.files() {
        [file] => read.extract_in_blocks(file, max, |block| {
            blocks.extend_from_slice(block);
            std::ops::ControlFlow::Continue(())
        }),
        _ => Err(cab::CabError::Shape),
    });
    match whole {
        Ok(file) => {
            assert!(file.len() <= max && file.capacity() <= 2 * max + 8 * changed.len());
            assert_eq!((in_blocks, blocks), (Ok(()), file));
        }
        Err(error) => assert_eq!(in_blocks, Err(error)),
    }
    let _ = cab::document(&changed, &Limits::default().with_document(max));
}

/// Bodies compressed with XPRESS: any bytes, and what we compress comes back.
pub fn bodies(data: &[u8]) {
    use wsusss::xpress::{XpressError, decode, encode};
    let limits = Limits::default();
    for max in [0, 100, 1 << 20] {
        let limits = limits.with_xml(limits.xml.with_bytes(max));
        match decode(data, &limits) {
            Ok(out) => assert!(out.len() <= max && out.len() <= data.len().saturating_mul(8_192)),
            Err(XpressError::Limit(limit)) => assert_eq!(limit, max),
            Err(_) => {}
        }
    }
    let mut c = Choices::new(data);
    let mut body = Vec::new();
    while !c.is_done() && body.len() < 100_000 {
        let times = 1 + c.below(3_000);
        body.extend(c.bytes(20).repeat(times));
    }
    assert_eq!(decode(&encode(&body), &limits).as_deref(), Ok(&*body));
}

/// Identifiers, times, addresses and binary data.
pub fn values(data: &[u8]) {
    use wsusss::messages::{Base64, Guid};
    use wsusss::{XsDateTime, endpoints};
    let text = String::from_utf8_lossy(data);
    let id = text.parse::<UpdateId>();
    assert_eq!(id.is_ok(), text.parse::<Guid>().is_ok());
    if let Ok(id) = id {
        assert_eq!(id.to_string().parse::<UpdateId>(), Ok(id));
    }
    let time = XsDateTime::new(&*text);
    if let Some(time) = time.time() {
        let again = XsDateTime::from(time);
        // Five digits of a year are more than a time on the wire has.
        if again.as_str().len() == 24 {
            assert_eq!(
                again.time().map(|time| time.timestamp_millis()),
                Some(time.timestamp_millis())
            );
        }
    }
    let _ = time.is_sentinel();
    if let Some(address) = endpoints::resolve("https://upstream.example/root", &text) {
        let rest = address.get("https://upstream.example".len()..).expect("as long as the origin");
        assert!(address.to_ascii_lowercase().starts_with("https://upstream.example"));
        assert!(rest.is_empty() || rest.starts_with(['/', ':', '?']), "{address}");
        assert!(
            !rest
                .to_ascii_lowercase()
                .replace("%2e", ".")
                .split(['/', '?'])
                .any(|part| part == "..")
        );
        assert_eq!(
            endpoints::resolve("https://upstream.example/root", &address),
            Some(address.clone())
        );
    }
    if let Ok(bytes) = Base64::new(&*text).decode() {
        assert!(bytes.len() <= text.len());
        assert_eq!(Base64::encode(&bytes).decode().as_deref(), Ok(&*bytes));
    }
}
