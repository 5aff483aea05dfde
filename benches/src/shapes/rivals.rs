//! Others' ways to read the same bytes.

/// The bytes that XML cannot do without looking at: the limit of what a tokenizer can reach.
pub(super) fn scan(bytes: &[u8]) -> usize {
    memchr::memchr2_iter(b'<', b'&', bytes).count()
}

/// quick-xml's event loop, which knows nothing of what it reads: the yardstick.
pub(super) fn quick_xml_raw(bytes: &[u8]) -> usize {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut events = 0;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) | Err(_) => return events,
            Ok(_) => events += 1,
        }
    }
}

/// The same with namespaces resolved.
pub(super) fn quick_xml_namespaces(bytes: &[u8]) -> usize {
    let mut reader = quick_xml::NsReader::from_reader(bytes);
    let mut events = 0;
    loop {
        match reader.read_resolved_event() {
            Ok((_, quick_xml::events::Event::Eof)) | Err(_) => return events,
            Ok(_) => events += 1,
        }
    }
}

/// A tree of the whole document.
pub(super) fn roxmltree(bytes: &[u8]) -> usize {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    roxmltree::Document::parse(text).map_or(0, |tree| tree.descendants().count())
}

/// Our reader's event loop: namespaces, limits, end names and characters are checked.
pub(super) fn mdm_xml(bytes: &[u8], options: &mdm_xml::Options) -> usize {
    let source = mdm_xml::Source::new(bytes, &options.limits).expect("UTF-8");
    let mut reader = mdm_xml::Reader::new(source.text(), options).expect("a text");
    let mut events = 0;
    loop {
        match reader.next().expect("well-formed") {
            mdm_xml::Event::Eof => return events,
            _ => events += 1,
        }
    }
}

/// A piece of a document, as a program has it before it writes: names, and texts without escapes.
pub(super) enum Part {
    Start(String, Vec<(String, String)>),
    Text(String),
    End(String),
}

/// The pieces of a document.
pub(super) fn parts(bytes: &[u8]) -> Vec<Part> {
    let source = mdm_xml::Source::new(bytes, &mdm_xml::Limits::default()).expect("UTF-8");
    let text = source.text();
    let mut reader = mdm_xml::Reader::new(text, &mdm_xml::Options::default()).expect("a text");
    let mut open = Vec::new();
    let mut parts = Vec::new();
    loop {
        match reader.next().expect("well-formed") {
            mdm_xml::Event::Eof => return parts,
            mdm_xml::Event::Start(element) => {
                // Declarations of namespaces are attributes to a writer.
                let tag = &text[element.offset()..];
                let tag = quick_xml::events::BytesStart::from_content(
                    tag[1..tag.find('>').expect("its end")].trim_end_matches('/'),
                    element.name().len(),
                );
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("well-formed");
                    let name = attribute.key.as_ref().to_owned();
                    (name.to_owned(), attribute.value.clone().into_owned())
                });
                parts.push(Part::Start(element.name().to_owned(), attributes.collect()));
                open.push(element.name().to_owned());
            }
            mdm_xml::Event::Text(text) => parts.push(Part::Text(text.value().into_owned())),
            mdm_xml::Event::End => parts.push(Part::End(open.pop().expect("an open element"))),
            _ => {}
        }
    }
}

/// quick-xml's writer, with an event for each piece.
pub(super) fn write(parts: &[Part], out: &mut Vec<u8>) -> usize {
    use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
    out.clear();
    let mut writer = quick_xml::Writer::new(&mut *out);
    for part in parts {
        let event = match part {
            Part::Start(name, attributes) => {
                let mut start = BytesStart::new(name.as_str());
                for (name, value) in attributes {
                    start.push_attribute((name.as_str(), value.as_str()));
                }
                Event::Start(start)
            }
            Part::Text(text) => Event::Text(BytesText::new(text)),
            Part::End(name) => Event::End(BytesEnd::new(name.as_str())),
        };
        writer.write_event(event).expect("it can be written");
    }
    out.len()
}

/// The frames of a cabinet of one file: compressed bytes and how many they stand for.
pub(super) fn frames(cabinet: &[u8]) -> Vec<(&[u8], usize)> {
    let number =
        |at: usize| u32::from_le_bytes(cabinet[at..at + 4].try_into().expect("four bytes"));
    let short = |at: usize| usize::from(u16::from_le_bytes([cabinet[at], cabinet[at + 1]]));
    let mut at = number(36) as usize;
    let mut frames = Vec::new();
    for _ in 0..short(40) {
        let (packed, size) = (short(at + 4), short(at + 6));
        frames.push((&cabinet[at + 8..at + 8 + packed], size));
        at += 8 + packed;
    }
    frames
}

/// lzxd alone: no container, no checksums, and one window for all documents.
pub(super) struct Lzxd {
    decoder: lzxd::Lzxd,
    out: Vec<u8>,
}

impl Default for Lzxd {
    fn default() -> Self {
        Self { decoder: lzxd::Lzxd::new(lzxd::WindowSize::MB2), out: Vec::new() }
    }
}

impl Lzxd {
    pub(super) fn decode(&mut self, frames: &[(&[u8], usize)]) -> usize {
        self.decoder.reset();
        self.out.clear();
        for (packed, size) in frames {
            let frame = self.decoder.decompress_next(packed, *size).expect("a frame");
            self.out.extend_from_slice(frame);
        }
        self.out.len()
    }
}

/// An answer with update documents, for quick-xml's serde layer.
#[derive(serde::Serialize)]
#[serde(rename = "soap:Envelope")]
pub(super) struct Envelope<'x> {
    #[serde(rename = "@xmlns:soap")]
    soap: &'static str,
    #[serde(rename = "soap:Body")]
    body: Body<'x>,
}

#[derive(serde::Serialize)]
struct Body<'x> {
    #[serde(rename = "GetUpdateDataResponse")]
    response: Response<'x>,
}

#[derive(serde::Serialize)]
struct Response<'x> {
    #[serde(rename = "@xmlns")]
    namespace: &'static str,
    #[serde(rename = "GetUpdateDataResult")]
    result: UpdateData<'x>,
}

#[derive(serde::Serialize)]
struct UpdateData<'x> {
    updates: Updates<'x>,
}

#[derive(serde::Serialize)]
struct Updates<'x> {
    #[serde(rename = "ServerSyncUpdateData")]
    updates: Vec<UpdateDocument<'x>>,
}

#[derive(serde::Serialize)]
struct UpdateDocument<'x> {
    #[serde(rename = "Id")]
    key: UpdateKey,
    #[serde(rename = "XmlUpdateBlob")]
    text: &'x str,
}

#[derive(serde::Serialize)]
struct UpdateKey {
    #[serde(rename = "UpdateID")]
    id: String,
    #[serde(rename = "RevisionNumber")]
    revision: u32,
}

impl<'x> Envelope<'x> {
    pub(super) fn new(documents: &'x [(wsusss::UpdateKey, String)]) -> Self {
        let updates = documents.iter().map(|(key, text)| UpdateDocument {
            key: UpdateKey { id: key.id.to_string(), revision: key.revision },
            text,
        });
        let result = UpdateData { updates: Updates { updates: updates.collect() } };
        let namespace = "http://www.microsoft.com/SoftwareDistribution";
        Self {
            soap: "http://schemas.xmlsoap.org/soap/envelope/",
            body: Body { response: Response { namespace, result } },
        }
    }
}

/// How many texts of a document have references.
pub(super) fn texts_with_references(bytes: &[u8]) -> usize {
    let hard = |part: &Part| matches!(part, Part::Text(text) if text.contains(['<', '>', '&']));
    parts(bytes).iter().filter(|part| hard(part)).count()
}
