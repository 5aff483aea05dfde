//! Messages made from the crate's own table of shapes, in the dialects of servers and of those who
//! mean them no good.

use wsusss::messages::schema::{Kind, Record, Shape};
use wsusss::messages::{self, Message};
use wsusss::stream::Event;
use wsusss::{Error, ErrorKind, Limits};

use super::choices::Choices;

/// A message's text.
pub(super) fn message(c: &mut Choices<'_>) -> String {
    let shapes = messages::shapes();
    // Those that are read in a stream come more often.
    let streamed = ["GetUpdateDataResponse", "GetRevisionIdListResponse"];
    let wanted = c.below(shapes.len() * 2);
    let shape = shapes.get(wanted).unwrap_or_else(|| {
        let name = streamed[wanted % streamed.len()];
        shapes.iter().find(|shape| shape.name == name).expect("it has a shape")
    });
    written(shape, c)
}

fn written(shape: &Shape, c: &mut Choices<'_>) -> String {
    let style = c.byte();
    let prefixed = style & 1 != 0;
    let soap = if style & 2 != 0 {
        "http://www.w3.org/2003/05/soap-envelope"
    } else {
        "http://schemas.xmlsoap.org/soap/envelope/"
    };
    let mut maker =
        Maker { c, prefix: if prefixed { "m:" } else { "" }, depth: 0, text: String::new() };
    let name = maker.tag(shape.name);
    maker.text = format!(
        "<s:Envelope xmlns:s=\"{soap}\" xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:upd=\"u\"><s:Body>{}<{name} xmlns{}=\"{}\">",
        if style & 4 != 0 { "<!-- > -->" } else { "" },
        if prefixed { ":m" } else { "" },
        if style & 8 != 0 { "urn:other" } else { shape.namespace },
    );
    if style & 16 != 0 {
        maker.text = maker.text.replace("<s:Body>", "<s:Header><x/></s:Header><s:Body>");
    }
    maker.fields(&shape.body);
    let mut text = maker.text;
    text.push_str(&format!("</{name}>"));
    if style & 32 != 0 {
        text.push_str("<s:Fault><faultcode>x</faultcode></s:Fault>");
    }
    text.push_str("</s:Body></s:Envelope>");
    text
}

struct Maker<'c, 'd> {
    c: &'c mut Choices<'d>,
    prefix: &'static str,
    depth: usize,
    text: String,
}

impl Maker<'_, '_> {
    fn tag(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn value(&mut self, kind: &Kind) -> String {
        if self.c.one_in(24) {
            return self.c.text();
        }
        match kind {
            Kind::Binary => {
                self.c.one_of(&["", "AQID", "/+8=", "AAEC\n AwQF", "TVNDRg=="]).to_owned()
            }
            Kind::Boolean => self.c.one_of(&["true", "false", "1", "0"]).to_owned(),
            Kind::Number { min, max } => [*min, *max, 0.max(*min), 1][self.c.below(4)].to_string(),
            Kind::Guid => format!("0000000{}-0000-4000-8000-000000000000", self.c.below(4)),
            Kind::Time => {
                self.c.one_of(&["2026-10-04T20:33:26.65455Z", "", "9999-12-31T23:59:59"]).to_owned()
            }
            _ => self.c.text(),
        }
    }

    fn element(&mut self, name: &str, kind: &Kind) {
        // Rarely in another namespace, twice, nil, or with something in between.
        let odd = if self.c.is_done() { 0 } else { self.c.byte() };
        let tag = if odd == 255 { format!("o:{name}") } else { self.tag(name) };
        let declared = if odd == 255 { " xmlns:o=\"urn:o\"" } else { "" };
        match odd {
            250 => return,
            251 => self.text.push_str(&format!("<{tag} i:nil=\"true\"/>")),
            252 => self.text.push_str(&format!("<{tag}/>")),
            253 => self.text.push_str("<x:y xmlns:x=\"urn:x\"><z/></x:y><!-- > -->"),
            254 => self.text.push_str("stray"),
            _ => {}
        }
        if self.depth > 12 {
            return;
        }
        self.depth += 1;
        self.text.push_str(&format!("<{tag}{declared}"));
        match kind {
            Kind::Record(record) => {
                for attribute in record.attributes {
                    let value = self.value(&attribute.kind).replace(['<', '"'], "");
                    self.text.push_str(&format!(" {}=\"{value}\"", attribute.name));
                }
                self.text.push('>');
                self.fields(record);
            }
            Kind::List { item, kind } => {
                self.text.push('>');
                for _ in 0..self.c.below(4) {
                    self.element(item, kind);
                }
            }
            scalar => {
                let value = self.value(scalar);
                self.text.push('>');
                self.text.push_str(&value);
            }
        }
        self.text.push_str(&format!("</{tag}>"));
        self.depth -= 1;
    }

    fn fields(&mut self, record: &Record) {
        let fields = record.elements;
        if fields.is_empty() {
            return;
        }
        let from = self.c.below(fields.len());
        // In another order; sometimes one of them again.
        let again = usize::from(self.c.one_in(12));
        for index in 0..fields.len() + again {
            let field = &fields[(from + index) % fields.len()];
            self.element(field.name, &field.kind);
        }
    }
}

/// What comes out of the chunks of a stream.
pub(super) fn streamed(
    data: &[u8],
    limits: &Limits,
    size: usize,
) -> (Vec<Event<'static>>, Option<Error>) {
    let mut decoder = wsusss::stream::Decoder::new(limits);
    let mut chunks = data.chunks(size.max(1));
    let mut events = Vec::new();
    loop {
        let chunk = chunks.next();
        match chunk {
            Some(chunk) => decoder.handle_bytes(chunk),
            None => decoder.handle_end(),
        }
        loop {
            match decoder.poll_event() {
                Ok(Some(event)) => events.push(event.into_owned()),
                Ok(None) => break,
                Err(error) => return (events, Some(error)),
            }
        }
        assert!(
            decoder.buffered() <= limits.item + limits.xml.text + size,
            "no more than an item is held"
        );
        if chunk.is_none() {
            return (events, None);
        }
    }
}

/// A whole message as events, lists one after the other.
pub(super) fn events(soap: messages::Soap, message: Message<'_>) -> Vec<Event<'static>> {
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

pub(super) fn sorted(mut events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    events.sort_by_key(|event| match event {
        Event::UpdateData(_) | Event::RevisionList(_) => 0,
        Event::Update(_) | Event::Anchor(_) => 1,
        _ => 2,
    });
    events
}

/// Whether a whole document is looked through for it before anything else.
pub(super) fn comes_first(kind: &ErrorKind) -> bool {
    use mdm_xml::ErrorKind as Xml;
    matches!(
        kind,
        ErrorKind::Xml(
            Xml::Utf8
                | Xml::Utf16
                | Xml::Encoding(_)
                | Xml::ForbiddenChar(_)
                | Xml::Limit { limit: mdm_xml::Limit::Bytes, .. }
        )
    )
}
