//! Messages made from the crate's own table of shapes, in the dialects that servers have.

use std::fmt::Write as _;

use wsusss::messages::schema::{Kind, Record, Shape};

/// Numbers that look random: what a seed gives.
pub struct Seed(pub u64);

impl Seed {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// How a server writes.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// SOAP 1.2 instead of 1.1.
    pub soap12: bool,
    /// Prefixes of namespaces as WCF has them, no declaration.
    pub wcf: bool,
    /// The message's elements with a prefix instead of a default namespace.
    pub prefixed: bool,
    /// Elements in any order.
    pub shuffled: bool,
    /// Elements left out, nil or empty.
    pub gaps: bool,
    /// Elements that nobody knows, and comments.
    pub strange: bool,
}

pub const PLAIN: Dialect = Dialect {
    soap12: false,
    wcf: false,
    prefixed: false,
    shuffled: false,
    gaps: false,
    strange: false,
};

const LETTERS: &[&str] =
    &["a", "Ü", " ", "&amp;", "&lt;", "9", "\u{1f600}", "<![CDATA[<x>]]>", "-"];

fn value(kind: &Kind, seed: &mut Seed) -> String {
    match kind {
        Kind::Text => (0..seed.below(6)).map(|_| LETTERS[seed.below(LETTERS.len())]).collect(),
        Kind::Binary => ["", "AQID", "/+8=", "AAEC\n AwQF"][seed.below(4)].to_owned(),
        Kind::Boolean => ["true", "false"][seed.below(2)].to_owned(),
        Kind::Number { min, max } => {
            [*min, *max, 0, 1, 7][seed.below(5)].clamp(*min, *max).to_string()
        }
        Kind::Guid => {
            format!("{:08x}-0000-4000-8000-{:012x}", seed.below(1 << 30), seed.below(1 << 40))
        }
        Kind::Time => [
            "2026-10-04T20:33:26.65455Z",
            "9999-12-31T23:59:59.9999999",
            "0001-01-01T00:00:00",
            "2006-05-24T15:37:08.887",
            "",
        ][seed.below(5)]
        .to_owned(),
        Kind::Word(words) => {
            if seed.one_in(4) {
                "SomethingNew".to_owned()
            } else {
                words[seed.below(words.len())].to_owned()
            }
        }
        _ => unreachable!(),
    }
}

struct Maker<'s> {
    dialect: Dialect,
    seed: &'s mut Seed,
    text: String,
}

impl Maker<'_> {
    fn tag(&self, name: &str) -> String {
        if self.dialect.prefixed { format!("m:{name}") } else { name.to_owned() }
    }

    fn nil(&mut self, tag: &str) {
        let (xsi, declared) = if self.dialect.wcf { ("i", "") } else { ("xsi", "") };
        let word = ["true", "1"][self.seed.below(2)];
        write!(self.text, "<{tag} {xsi}:nil=\"{word}\"{declared}/>").unwrap();
    }

    fn strange(&mut self) {
        if self.dialect.strange && self.seed.one_in(3) {
            self.text.push_str(
                "<!-- a comment --><x:Unknown xmlns:x=\"urn:x\" a=\"1\"><y>1</y></x:Unknown>",
            );
        }
    }

    fn element(&mut self, name: &str, kind: &Kind) {
        let tag = self.tag(name);
        match kind {
            Kind::Record(record) => {
                write!(self.text, "<{tag}").unwrap();
                for attribute in record.attributes {
                    if !self.dialect.gaps || !self.seed.one_in(3) {
                        let value = value(&attribute.kind, self.seed);
                        let value =
                            value.replace("<![CDATA[<x>]]>", "&lt;x&gt;").replace('\n', " ");
                        write!(self.text, " {}=\"{value}\"", attribute.name).unwrap();
                    }
                }
                self.text.push('>');
                self.fields(record);
                write!(self.text, "</{tag}>").unwrap();
            }
            Kind::List { item, kind } => {
                write!(self.text, "<{tag}>").unwrap();
                for _ in 0..self.seed.below(4) {
                    self.strange();
                    if self.dialect.gaps && self.seed.one_in(5) {
                        let tag = self.tag(item);
                        self.nil(&tag);
                    } else {
                        self.element(item, kind);
                    }
                }
                write!(self.text, "</{tag}>").unwrap();
            }
            scalar => {
                let value = value(scalar, self.seed);
                write!(self.text, "<{tag}>{value}</{tag}>").unwrap();
            }
        }
    }

    fn fields(&mut self, record: &Record) {
        let mut order: Vec<usize> = (0..record.elements.len()).collect();
        if self.dialect.shuffled {
            for at in (1..order.len()).rev() {
                let other = self.seed.below(at + 1);
                order.swap(at, other);
            }
        }
        // An update's identity is one value for us: it is whole or an error.
        let whole = record.elements.iter().any(|field| field.name == "UpdateID")
            && record.elements.len() == 2;
        for index in order {
            let field = &record.elements[index];
            self.strange();
            let gap = if self.dialect.gaps && !whole { self.seed.below(5) } else { 9 };
            match gap {
                0 => {}
                1 => {
                    let tag = self.tag(field.name);
                    self.nil(&tag);
                }
                _ => self.element(field.name, &field.kind),
            }
        }
        self.strange();
    }
}

/// The message's text.
pub fn instance(shape: &Shape, dialect: Dialect, seed: &mut Seed) -> String {
    let (soap, xsi) = if dialect.wcf { ("s", "i") } else { ("soap", "xsi") };
    let envelope = if dialect.soap12 {
        "http://www.w3.org/2003/05/soap-envelope"
    } else {
        "http://schemas.xmlsoap.org/soap/envelope/"
    };
    let mut maker = Maker { dialect, seed, text: String::new() };
    if !dialect.wcf {
        maker.text.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    }
    let prefix = if dialect.prefixed { ":m" } else { "" };
    let tag = maker.tag(shape.name);
    write!(
        maker.text,
        "<{soap}:Envelope xmlns:{soap}=\"{envelope}\" \
         xmlns:{xsi}=\"http://www.w3.org/2001/XMLSchema-instance\"><{soap}:Body>\
         <{tag} xmlns{prefix}=\"{}\">",
        shape.namespace
    )
    .unwrap();
    maker.fields(&shape.body);
    write!(maker.text, "</{tag}></{soap}:Body></{soap}:Envelope>").unwrap();
    maker.text
}

/// Every element's path, attributes and text, sorted: what a message says, whatever its order,
/// prefixes and white space between elements. What is not ours (`urn:x`) is left out.
pub fn said(text: &str) -> Vec<String> {
    use mdm_xml::{Event, NsId, Options, Reader};
    let mut reader =
        Reader::new(text, &Options::new(&["http://www.w3.org/2001/XMLSchema-instance", "urn:x"]))
            .unwrap();
    let (mut said, mut path, mut counts) =
        (Vec::new(), Vec::<String>::new(), Vec::<Vec<String>>::new());
    let mut texts: Vec<(String, bool)> = Vec::new();
    loop {
        match reader.next().unwrap() {
            Event::Start(element) => {
                if element.ns() == NsId::known(2) {
                    reader.skip().unwrap();
                    continue;
                }
                if let Some((_, parent)) = texts.last_mut() {
                    *parent = true;
                }
                // Elements of one name have an order that counts.
                let name = element.local().to_owned();
                let mut number = 0;
                if let Some(before) = counts.last_mut() {
                    number = before.iter().filter(|other| **other == name).count();
                    before.push(name.clone());
                }
                path.push(format!("{name}{number}"));
                counts.push(Vec::new());
                let mut attributes: Vec<String> = reader
                    .attributes(&element)
                    .map(|one| {
                        let value = one.value();
                        let value = if one.local() == "nil" { "true" } else { &*value };
                        format!("@{}={value}", one.local())
                    })
                    .collect();
                attributes.sort();
                said.push(format!("{} {}", path.join("/"), attributes.join(" ")));
                texts.push((String::new(), false));
            }
            Event::Text(text) => {
                if let Some((all, _)) = texts.last_mut() {
                    all.push_str(&text.value());
                }
            }
            Event::End => {
                let (text, parent) = texts.pop().unwrap();
                if !parent {
                    said.push(format!("{} = {text}", path.join("/")));
                }
                path.pop();
                counts.pop();
            }
            _ => break,
        }
    }
    said.sort();
    said
}
