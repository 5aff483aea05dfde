//! The known attacks on readers of XML, each with the limit that stops it. What makes
//! quadratic time or memory of little input is tried at a size at which the test would not end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_xml::{ErrorKind as XmlError, Limit};
use syncml::{
    Command, DecodeOptions, DiagnosticCode as Code, ErrorKind, Limits, LocUri, LocUriError,
    Message, decode, decode_prefix, decode_with, encode, encode_own_bytes,
};

const NS: &str = "xmlns='SYNCML:SYNCML1.2'";

/// A message with this in its SyncBody.
fn body(text: &str) -> String {
    format!("<SyncML {NS}><SyncBody>{text}</SyncBody></SyncML>")
}

fn refused_by(bytes: &[u8], limits: &Limits) -> ErrorKind {
    let error = decode(bytes, limits).expect_err("refused");
    assert!(error.position().is_some(), "{error}");
    // The same is said of what was readable before it.
    let (_, again) = decode_prefix(bytes, limits);
    assert_eq!(again.as_ref(), Some(&error));
    error.kind().clone()
}

fn refused(text: &str) -> ErrorKind {
    refused_by(text.as_bytes(), &Limits::default())
}

fn over(limit: Limit, max: usize) -> ErrorKind {
    ErrorKind::Xml(XmlError::Limit { limit, max })
}

fn read(text: &str) -> Message<'_> {
    decode(text.as_bytes(), &Limits::default()).expect("readable")
}

fn codes(message: &Message<'_>) -> Vec<Code> {
    message.diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn entities_are_never_expanded() {
    let laughs = "<!DOCTYPE SyncML [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>";
    let text = format!("{laughs}{}", body("<Get><CmdID>&b;</CmdID></Get>"));
    assert_eq!(refused(&text), ErrorKind::Xml(XmlError::InternalSubset));
    // A plain document type is passed over, and what it might declare is not fetched.
    let outside = "<!DOCTYPE SyncML SYSTEM 'file:///etc/passwd'>";
    let text = format!("{outside}{}", body("<Get><CmdID>&x;</CmdID></Get>"));
    assert_eq!(refused(&text), ErrorKind::Xml(XmlError::UnknownEntity("x".into())));
    assert!(
        decode(format!("{outside}{}", body("<Final/>")).as_bytes(), &Limits::default()).is_ok()
    );
}

#[test]
fn depth_is_taken_to_the_limit_and_no_further() {
    let deep = |n: usize| {
        // SyncML, SyncBody, Get, Item, Data are around it.
        let inner = "<x>".repeat(n) + &"</x>".repeat(n);
        body(&format!("<Get><CmdID>1</CmdID><Item><Data>{inner}</Data></Item></Get>"))
    };
    assert!(decode(deep(27).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&deep(28)), over(Limit::Depth, 32));
    assert_eq!(refused(&deep(100_000)), over(Limit::Depth, 32));
    // Groups, for which a tree is built.
    let groups = |n: usize| body(&("<Sequence>".repeat(n) + &"</Sequence>".repeat(n)));
    assert!(decode(groups(4).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&groups(5)), ErrorKind::Nesting { max: 4 });
    assert_eq!(refused(&groups(100_000)), ErrorKind::Nesting { max: 4 });
}

#[test]
fn attributes_and_declarations_are_taken_to_the_limit_and_no_further() {
    let attributes = |n: usize| {
        let list: String = (0..n).map(|i| format!(" a{i}='1'")).collect();
        body(&format!("<Get{list}><CmdID>1</CmdID></Get>"))
    };
    assert!(decode(attributes(64).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&attributes(65)), over(Limit::Attributes, 64));
    assert_eq!(refused(&attributes(100_000)), over(Limit::Attributes, 64));
    // One is the message's own.
    let declarations = |n: usize| {
        let list: String = (0..n).map(|i| format!(" xmlns:n{i}='u{i}'")).collect();
        body(&format!("<Get{list}><CmdID>1</CmdID></Get>"))
    };
    assert!(decode(declarations(31).as_bytes(), &Limits::default()).is_ok());
    assert_eq!(refused(&declarations(32)), over(Limit::Namespaces, 32));
    // They are attributes as well, and those are counted first.
    assert_eq!(refused(&declarations(10_000)), over(Limit::Attributes, 64));
    let nested: String = (0..20).map(|i| format!("<x xmlns:a{i}='u' xmlns:b{i}='v'>")).collect();
    assert_eq!(refused(&body(&nested)), over(Limit::Namespaces, 32));
}

#[test]
fn elements_commands_and_items_are_counted_wherever_they_stand() {
    let limits = Limits::default().with_commands(3).with_items(3);
    let with = |text: &str| decode(body(text).as_bytes(), &limits).map(|_| ());
    let kind = |text: &str| refused_by(body(text).as_bytes(), &limits);
    let commands = ErrorKind::Commands { max: 3 };
    for (three, more) in [
        ("<Get/><Get/><Get/>", "<Get/>"),
        // What is no command and stands where commands do.
        ("<x/><Get/><x/>", "<x/>"),
        ("<Atomic><x/><Get/></Atomic>", "<y xmlns='u'/>"),
        // One element that is several commands.
        ("<Add><CmdID>1</CmdID><Item/><CmdID>2</CmdID><Item/></Add><Get/>", "<Get/>"),
    ] {
        assert!(with(three).is_ok(), "{three}");
        assert_eq!(kind(&format!("{three}{more}")), commands, "{three}");
    }
    let several = "<CmdID>1</CmdID><Item/>".repeat(4);
    assert_eq!(kind(&format!("<Add>{several}</Add>")), commands);
    assert!(with("<Map><MapItem/><MapItem/></Map><Get><Item/></Get>").is_ok());
    let four = "<Map><MapItem/><MapItem/></Map><Get><Item/><Item/></Get>";
    assert_eq!(kind(four), ErrorKind::Items { max: 3 });
    let elements = |n: usize| Limits::default().with_xml(mdm_xml::Limits::DEFAULT.with_elements(n));
    let text = body("<Get/>");
    assert!(decode(text.as_bytes(), &elements(3)).is_ok());
    assert_eq!(refused_by(text.as_bytes(), &elements(2)), over(Limit::Elements, 2));
}

#[test]
fn a_text_that_is_announced_and_never_sent_costs_what_was_sent() {
    let text = format!("<SyncML {NS}><SyncBody><Get><CmdID>1</CmdID></Get><Get><CmdID>");
    let open = ErrorKind::Xml(XmlError::UnexpectedEnd { open: "CmdID".into() });
    assert_eq!(refused(&text), open);
    let (message, _) = decode_prefix(text.as_bytes(), &Limits::default());
    assert_eq!(message.body.commands.len(), 1, "what came before is there");
    // The whole document and one text.
    let xml = mdm_xml::Limits::DEFAULT;
    let text = body("<Get><CmdID>123456</CmdID></Get>");
    let limits = |xml| Limits::default().with_xml(xml);
    let bytes = text.len();
    assert!(decode(text.as_bytes(), &limits(xml.with_bytes(bytes).with_text(6))).is_ok());
    let less = limits(xml.with_bytes(bytes - 1));
    assert_eq!(refused_by(text.as_bytes(), &less), over(Limit::Bytes, bytes - 1));
    assert_eq!(refused_by(text.as_bytes(), &limits(xml.with_text(5))), over(Limit::Text, 5));
    let large = vec![b' '; (8 << 20) + 1];
    assert_eq!(refused_by(&large, &Limits::default()), over(Limit::Bytes, 8 << 20));
}

/// An element in a namespace that is declared further out takes the declaration along: six bytes
/// become as many as the declaration has.
#[test]
fn declarations_are_not_multiplied_beyond_the_limit() {
    let uri = "u".repeat(93);
    for one in [
        "<p:x/>",
        "<Get><Item p:a='1'/></Get>",
        "<Get><Item><Data><p:x/></Data></Item></Get>",
        "<Get><Item><Meta><p:x/></Meta></Item></Get>",
        "<Get><CmdID>1</CmdID><CmdID p:a=''/></Get>",
    ] {
        let text = |n: usize| {
            format!("<SyncML {NS}><SyncBody xmlns:p='{uri}'>{}</SyncBody></SyncML>", one.repeat(n))
        };
        // `xmlns:p` and the name.
        let limits = Limits::default().with_copies(300);
        assert!(decode(text(3).as_bytes(), &limits).is_ok(), "{one}");
        let less = Limits::default().with_copies(299);
        assert_eq!(refused_by(text(3).as_bytes(), &less), ErrorKind::Copies { max: 299 }, "{one}");
    }
    // At full size: 9,000 times a megabyte.
    let uri = "u".repeat(1 << 20);
    let text = format!(
        "<SyncML {NS}><SyncBody xmlns:p='{uri}'>{}</SyncBody></SyncML>",
        "<p:x/>".repeat(9_000)
    );
    assert_eq!(refused(&text), ErrorKind::Copies { max: 8 << 20 });
    let keep = DecodeOptions::default().with_own_bytes(true);
    assert!(decode_with(text.as_bytes(), &keep).is_err());
    // What an element declares itself is there once, however often there is such an element.
    let own = "<Get><Item><Data xmlns:p='u' p:a='1'><p:x/></Data></Item></Get>".repeat(3);
    assert!(decode(body(&own).as_bytes(), &Limits::default().with_copies(0)).is_ok());
}

#[test]
fn long_names_of_namespaces_are_not_read_for_each_element() {
    let long = "u".repeat(1 << 20);
    let many = 9_000;
    // A namespace that may be SyncML's, one that begins with a megabyte of blanks, and prefixes as
    // long as that.
    let text =
        body(&format!("<Atomic xmlns:q='SYNCML:{long}'>{}</Atomic>", "<q:Get/>".repeat(many)));
    assert_eq!(read(&text).body.commands[0].children().len(), many);
    let blanks = " ".repeat(1 << 20);
    let text =
        body(&format!("<Atomic xmlns:q='{blanks}SYNCML:'>{}</Atomic>", "<q:x/>".repeat(1_000)));
    assert_eq!(refused(&text), ErrorKind::Copies { max: 8 << 20 });
    // Six megabytes of prefixes.
    let prefixes: String = (0..6).map(|i| format!(" xmlns:{long}{i}='u{i}'")).collect();
    let unknown = "<x b='c:d'/>".repeat(many);
    let text = body(&format!("<Atomic{prefixes}>{unknown}</Atomic>"));
    assert_eq!(read(&text).body.commands[0].children().len(), many);
    // In Data, which takes along what it uses and nothing else.
    let data = "<Get><Item><Data>1</Data></Item></Get>".repeat(many);
    let text = body(&format!("<Sequence xmlns:q='{long}'>{data}</Sequence>"));
    assert_eq!(read(&text).body.commands[0].children().len(), many);
}

#[test]
fn a_meta_that_several_commands_share_is_not_multiplied_beyond_the_limit() {
    let meta = "<Meta><Type xmlns=\"syncml:metinf\">x</Type></Meta>";
    let text = |n: usize| {
        let rest = "<CmdID>2</CmdID><Item/>".repeat(n);
        body(&format!("<Add><CmdID>1</CmdID>{meta}<Item/>{rest}</Add>"))
    };
    let limits = Limits::default().with_copies(3 * meta.len());
    assert!(decode(text(3).as_bytes(), &limits).is_ok());
    let max = 3 * meta.len() - 1;
    let kind = refused_by(text(3).as_bytes(), &Limits::default().with_copies(max));
    assert_eq!(kind, ErrorKind::Copies { max });
    let large = format!(
        "<Add><CmdID>1</CmdID><Meta>{}</Meta><Item/>{}</Add>",
        "<EMI/>".repeat(50_000),
        "<CmdID>2</CmdID><Item/>".repeat(9_000)
    );
    assert_eq!(refused(&body(&large)), ErrorKind::Copies { max: 8 << 20 });
}

#[test]
fn what_was_read_is_written_again_in_linear_time() {
    // Attributes of thousands of references, each of which belongs to one of them.
    let many = 30_000;
    let references = "<TargetRef a='1'>x</TargetRef>".repeat(many);
    let text = body(&format!("<Status><CmdID>1</CmdID><Cmd>Get</Cmd>{references}</Status>"));
    let message = read(&text);
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
    let text = body(&format!("<Get><Meta>{}</Meta></Get>", "<EMI a='1'/>".repeat(many)));
    let message = read(&text);
    out.clear();
    encode(&message, &mut out).unwrap();
    let Command::Get(get) = &message.body.commands[0] else { panic!("a Get") };
    assert_eq!(get.meta.as_ref().unwrap().attributes.len(), many);
    // With their own bytes commands are read again, with the message's root in front of each.
    let root = |bytes: usize| {
        let uri = "u".repeat(bytes);
        let get = "<Get ><CmdID>1</CmdID></Get>".repeat(500);
        format!("<SyncML {NS} xmlns:p='{uri}'><SyncBody>{get}</SyncBody></SyncML>")
    };
    let keep = DecodeOptions::default().with_own_bytes(true);
    for (bytes, own) in [(10, true), (1 << 20, false)] {
        let text = root(bytes);
        let message = decode_with(text.as_bytes(), &keep).unwrap();
        out.clear();
        encode_own_bytes(&message, &mut out).unwrap();
        assert_eq!(out.windows(5).any(|window| window == b"<Get "), own);
        assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
    }
}

#[test]
fn what_occurs_twice_counts_once_and_is_kept() {
    let text = format!(
        "<SyncML {NS}><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><SessionID>2</SessionID><MsgID>1</MsgID><Target><LocURI>k</LocURI>\
         <LocURI>l</LocURI></Target><Source><LocURI>m</LocURI></Source><Source><LocURI>n</LocURI>\
         </Source></SyncHdr><SyncHdr><SessionID>3</SessionID></SyncHdr><SyncBody><Replace>\
         <CmdID>1</CmdID><CmdID>2</CmdID><Item><Target><LocURI>./A</LocURI></Target>\
         <Target><LocURI>./B</LocURI></Target><Data>1</Data><Data>2</Data></Item></Replace>\
         </SyncBody></SyncML>"
    );
    let message = read(&text);
    let header = message.header.as_ref().unwrap();
    assert_eq!(header.session_id.as_str(), "1");
    assert_eq!((&*header.target.loc_uri, &*header.source.loc_uri), ("k", "m"));
    let replace = &message.body.commands[1];
    assert_eq!(replace.cmd_id().unwrap().as_str(), "1");
    assert_eq!(replace.items()[0].loc_uri(), Some("./A"));
    assert_eq!(replace.items()[0].data.as_ref().unwrap().as_str(), "1");
    let repeated = codes(&message).into_iter().filter(|code| *code == Code::Repeated).count();
    assert_eq!(repeated, 7);
    // A check that looks for reserved nodes sees the second ones as well.
    let reserved = syncml::reserved::ReservedPaths::new(["./B"]).unwrap();
    assert_eq!(reserved.check_bytes(text.as_bytes(), &Limits::default()).unwrap().len(), 1);
    let twice = body("<Get a='1' a='2'/>");
    assert_eq!(refused(&twice), ErrorKind::Xml(XmlError::DuplicateAttribute("a".into())));
}

#[test]
fn a_value_is_one_value_whatever_stands_in_it() {
    let item = |uri: &str| {
        format!("<Get><CmdID>1</CmdID><Item><Target><LocURI>{uri}</LocURI></Target></Item></Get>")
    };
    for uri in [
        "./Vendor/MSFT",
        "./Ven<!-- x -->dor/MSFT",
        "./Vendor<![CDATA[/MSFT]]>",
        "<![CDATA[./Vendor]]><?x y?>/MSFT",
        "&#46;/Vendor&#x2F;MSFT",
        "./Vendor/MS&#70;<![CDATA[T]]>",
    ] {
        let text = body(&item(uri));
        assert_eq!(read(&text).body.commands[0].items()[0].loc_uri(), Some("./Vendor/MSFT"));
    }
    // A prefix that is bound again means what it means where it stands.
    let rebound = "<p:Get xmlns:p='SYNCML:SYNCML1.2'><p:CmdID>1</p:CmdID><p:Item xmlns:p='u'/>\
                   <Item><Data xmlns:p='v'><p:x/></Data></Item></p:Get>";
    let text = body(rebound);
    let message = read(&text);
    let Command::Get(get) = &message.body.commands[0] else { panic!("a Get") };
    assert_eq!((get.items.len(), get.extra.len()), (1, 1), "an Item of another namespace is none");
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
    // An attribute's value that looks like a declaration is none.
    let text = format!(
        "<SyncML {NS}><SyncBody xmlns:p='u'><Get><y:x xmlns:y='v' b=\" xmlns:p='w'\" p:c=''/></Get>\
         </SyncBody></SyncML>"
    );
    let message = read(&text);
    let Command::Get(get) = &message.body.commands[0] else { panic!("a Get") };
    assert!(get.extra[0].as_str().contains("xmlns:p=\"u\""), "{}", get.extra[0].as_str());
}

#[test]
fn characters_that_are_none_are_refused_with_their_place() {
    for (inside, kind) in [
        ("\0", XmlError::ForbiddenChar(0)),
        ("&#0;", XmlError::ForbiddenChar(0)),
        ("\u{1}", XmlError::ForbiddenChar(1)),
        ("\u{ffff}", XmlError::ForbiddenChar(0xFFFF)),
        ("&#xD800;", XmlError::CharReference("#xD800".into())),
        ("&#xDFFF;", XmlError::CharReference("#xDFFF".into())),
        ("&#x110000;", XmlError::CharReference("#x110000".into())),
        ("&#99999999999999999999;", XmlError::CharReference("#99999999999999999999".into())),
    ] {
        let text = body(&format!("<Get><CmdID>1{inside}</CmdID></Get>"));
        assert_eq!(refused(&text), ErrorKind::Xml(kind), "{inside:?}");
    }
    // In UTF-16, half of a pair.
    let mut bytes: Vec<u8> =
        body("<Get><CmdID>1").encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.extend(0xD800_u16.to_le_bytes());
    bytes.extend(u16::from(b'<').to_le_bytes());
    assert_eq!(refused_by(&bytes, &Limits::default()), ErrorKind::Xml(XmlError::Utf16));
    // Where a device written in C would see the end of an address.
    assert_eq!("./A/B%00/C".parse::<LocUri>(), Err(LocUriError::Character));
    assert_eq!("./A/B\0/C".parse::<LocUri>(), Err(LocUriError::Character));
}

#[test]
fn mixed_encodings_are_read_by_their_bytes_or_refused() {
    let get = body("<Get><CmdID>\u{e4}</CmdID><Item/></Get>");
    let lies = format!("<?xml version='1.0' encoding='utf-16'?>{get}");
    let message = read(&lies);
    assert!(codes(&message).contains(&Code::EncodingDeclaration));
    assert_eq!(message.body.commands[0].cmd_id().unwrap().as_str(), "\u{e4}");
    let wide: Vec<u8> = lies.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(decode(&wide, &Limits::default()).unwrap().body, message.body);
    // UTF-8 in the middle of UTF-16 is other characters, and no markup.
    let mut mixed: Vec<u8> = get.encode_utf16().flat_map(u16::to_le_bytes).collect();
    mixed.extend(b"<SyncML/>");
    assert!(decode(&mixed, &Limits::default()).is_err());
    let latin: Vec<u8> = get.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(refused_by(&latin, &Limits::default()), ErrorKind::Xml(XmlError::Utf8));
    let mut other = b"<?xml version='1.0' encoding='utf-7'?>".to_vec();
    other.extend(&latin);
    let kind = refused_by(&other, &Limits::default());
    assert_eq!(kind, ErrorKind::Xml(XmlError::Encoding("utf-7".into())));
    // A byte order mark inside is a character like any other.
    let marked = format!("\u{feff}{}", body("<Get><CmdID>\u{feff}1</CmdID></Get>"));
    assert_eq!(read(&marked).body.commands[0].cmd_id().unwrap().as_str(), "\u{feff}1");
}

#[test]
fn numbers_that_fit_nowhere_are_kept_and_noted() {
    let big = "99999999999999999999999999";
    let text = body(&format!(
        "<Status><CmdID>{big}</CmdID><MsgRef>{big}</MsgRef><CmdRef>-1</CmdRef><Cmd>Get</Cmd>\
         <Data>65736</Data></Status><Alert><CmdID>2</CmdID><Data>-1224</Data></Alert>\
         <Get><CmdID>3</CmdID><Meta><Size xmlns='syncml:metinf'>{big}</Size>\
         <MaxMsgSize xmlns='syncml:metinf'>-1</MaxMsgSize></Meta><Item/></Get>"
    ));
    let message = read(&text);
    let found = codes(&message);
    assert_eq!(found.iter().filter(|code| **code == Code::BadCode).count(), 2);
    assert_eq!(found.iter().filter(|code| **code == Code::BadNumber).count(), 2);
    let Command::Status(status) = &message.body.commands[0] else { panic!("a Status") };
    assert_eq!((status.code(), status.cmd_id.as_ref().unwrap().as_str()), (None, big));
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(decode(&out, &Limits::default()).unwrap(), message);
}

#[test]
fn addresses_have_an_end() {
    let long = |n: usize| format!("./{}", "a".repeat(n - 2)).parse::<LocUri>();
    assert!(long(LocUri::MAX_BYTES).is_ok());
    assert_eq!(long(LocUri::MAX_BYTES + 1), Err(LocUriError::TooLong));
    let deep = |n: usize| format!(".{}", "/a".repeat(n - 1)).parse::<LocUri>();
    assert!(deep(LocUri::MAX_SEGMENTS).is_ok());
    assert_eq!(deep(LocUri::MAX_SEGMENTS + 1), Err(LocUriError::TooDeep));
    // Coded again and again: as a device reads it, once; where it matters, until it is clear.
    let coded = |rounds: usize| {
        (0..rounds).fold("B".to_owned(), |text, round| {
            if round == 0 { "%42".to_owned() } else { text.replace('%', "%25") }
        })
    };
    let uri: LocUri = format!("./A/{}", coded(3)).parse().unwrap();
    assert_eq!(uri.last_segment(), "%2542");
    use syncml::reserved::{Reach, ReservedPaths};
    let reserved = ReservedPaths::new(["./A/B"]).unwrap();
    let reach = |rounds| reserved.reach(&format!("./A/{}", coded(rounds))).map(|(_, reach)| reach);
    assert_eq!(reach(8), Some(Reach::Within));
    assert_eq!(reach(9), Some(Reach::Unclear));
}
