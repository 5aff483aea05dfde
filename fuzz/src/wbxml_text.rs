//! What a message says, whatever its prefixes are: to compare one that was WBXML with one that was
//! XML.

use mdm_xml::{Event, Options, Reader, Tolerance};
use syncml::Message;
use syncml::model::Namespace;

/// Names with their namespaces, attributes and text, in order.
pub(crate) fn said(message: &Message<'_>) -> Vec<String> {
    let mut message = message.clone();
    // WBXML has no way to leave the namespace out.
    if message.namespace == Namespace::None {
        message.namespace = Namespace::V12;
    }
    let mut out = Vec::new();
    syncml::encode(&message, &mut out).expect("what was read can be written");
    let text = String::from_utf8(out).expect("UTF-8");
    let limits = super::wider_limits().xml;
    let options = Options::default().with_undeclared_prefixes(Tolerance::Keep).with_limits(limits);
    let mut reader = Reader::new(&text, &options).expect("a text");
    let mut said = Vec::new();
    loop {
        match reader.next().expect("well-formed") {
            Event::Start(element) => {
                let name =
                    format!("<{{{}}}{}", reader.namespace_uri(element.ns()), element.local());
                let attributes = reader.attributes(&element).map(|one| {
                    let uri = reader.namespace_uri(one.ns()).to_owned();
                    format!(" {{{uri}}}{}={:?}", one.local(), one.value())
                });
                let mut attributes: Vec<String> = attributes.collect();
                attributes.sort();
                said.push(name + &attributes.concat());
            }
            Event::Text(text) if !text.value().is_empty() => {
                said.push(format!("{:?}", text.value()));
            }
            Event::End => said.push(">".to_owned()),
            Event::Eof => return said,
            _ => {}
        }
    }
}
