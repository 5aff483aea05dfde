//! Addresses, and the check that keeps administrators away from reserved ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use proptest::prelude::*;
use syncml::loc_uri::{List, Property, UriLimits};
use syncml::reserved::{Reach, ReservedPaths};
use syncml::{
    Command, Data, Format, Limits, LocUri, LocUriError, Message, Scope, decode, encode, wbxml,
};

fn uri(text: &str) -> LocUri {
    text.parse().expect(text)
}

#[test]
fn queries_are_typed_and_open() {
    let list = uri("./Vendor/MSFT/Update/InstallableUpdates?LIST=structdata");
    assert_eq!(list.list(), Some(List::StructData));
    assert_eq!(list.property(), None);
    assert_eq!(
        list.without_query().with_list(&List::StructData).unwrap().query(),
        Some("list=StructData")
    );
    let property = uri("./DevInfo/Lang?prop=Type");
    assert_eq!(property.property(), Some(Property::Type));
    assert_eq!(property.with_property(&Property::Acl).unwrap().as_str(), "./DevInfo/Lang?prop=ACL");
    let new = uri("./A?prop=NewOne");
    assert_eq!(new.property().unwrap().as_str(), "NewOne");
    assert_eq!(new.path(), "./A");
    assert!(list.is_same(&uri("./Device/vendor/msft/Update/InstallableUpdates")));
}

/// Whatever is put together is an address that can be read, or an error: at each limit and one over.
#[test]
fn what_is_put_together_is_an_address() {
    let root = uri("./A");
    for name in ["", ".", "..", "*", "a\0b"] {
        assert!(root.join(name).is_err(), "{name:?}");
    }
    for query in ["a\nb", "a\\b"] {
        assert_eq!(root.with_query(query), Err(LocUriError::Character), "{query:?}");
    }
    let room = LocUri::MAX_BYTES - "./A/".len();
    assert_eq!(root.join(&"a".repeat(room)).unwrap().as_str().len(), LocUri::MAX_BYTES);
    assert_eq!(root.join(&"a".repeat(room + 1)), Err(LocUriError::TooLong));
    assert_eq!(root.with_query(&"a".repeat(room)).unwrap().as_str().len(), LocUri::MAX_BYTES);
    assert_eq!(root.with_query(&"a".repeat(room + 1)), Err(LocUriError::TooLong));
    let long = List::from_text(&"a".repeat(room));
    assert_eq!(root.with_list(&long), Err(LocUriError::TooLong));
    let mut deep = root;
    for _ in 0..LocUri::MAX_SEGMENTS - 2 {
        deep = deep.join("b").unwrap();
    }
    assert_eq!(deep.as_str().split('/').count(), LocUri::MAX_SEGMENTS);
    assert_eq!(deep.join("b"), Err(LocUriError::TooDeep));
    assert_eq!(deep.in_scope(Scope::User), Err(LocUriError::TooDeep));
    assert!(deep.parent().unwrap().in_scope(Scope::User).is_ok());
    // White space behind a query is no part of an address.
    assert_eq!(uri("./A").with_query("list=Struct ").unwrap(), uri("./A?list=Struct"));
}

#[test]
fn scopes_and_parents() {
    for (text, scope, device) in [
        ("./User/Vendor/MSFT/A", Scope::User, "./Device/Vendor/MSFT/A"),
        ("./user/Vendor", Scope::User, "./Device/Vendor"),
        ("./Device/Vendor/MSFT/A?prop=Name", Scope::Device, "./Device/Vendor/MSFT/A?prop=Name"),
        ("Vendor/MSFT/A", Scope::Unscoped, "./Device/Vendor/MSFT/A"),
        (".", Scope::Unscoped, "./Device"),
    ] {
        assert_eq!(uri(text).scope(), scope, "{text}");
        assert_eq!(uri(text).in_scope(Scope::Device).unwrap().as_str(), device);
        assert_eq!(uri(text).in_scope(scope).unwrap().scope(), scope);
        assert!(uri(text).in_scope(scope).unwrap().is_same(&uri(text)), "{text}");
    }
    assert_eq!(uri("./A/B?list=Struct").parent(), Some(uri("./A")));
    assert_eq!(uri("./User/A/B").parent(), Some(uri("./User/A")));
    assert_eq!(uri("./A").parent(), None);
    assert_eq!(uri("./A/B").depth(), 2);
}

#[test]
fn a_devices_limits_hold_at_n_and_not_at_one_more() {
    let two = uri("./Vendor/MSFT?list=Struct");
    for (limits, allowed) in [
        (UriLimits::new(0, 0, 0), true),
        (UriLimits::new(2, 13, 6), true),
        (UriLimits::new(1, 0, 0), false),
        (UriLimits::new(0, 12, 0), false),
        (UriLimits::new(0, 0, 5), false),
    ] {
        assert_eq!(limits.allow(&two), allowed, "{limits:?}");
    }
}

#[test]
fn every_address_of_the_corpus_is_one_or_is_refused_for_a_rule() {
    let Some(corpus) = corpus("syncml") else { return };
    let (mut good, mut bad) = (0, 0);
    for file in corpus.files() {
        let Ok(message) = decode(&file.bytes, &Limits::default()) else { continue };
        let mut commands: Vec<&Command<'_>> = message.body.commands.iter().collect();
        while let Some(command) = commands.pop() {
            commands.extend(command.children());
            for address in command.items().iter().filter_map(|item| item.loc_uri()) {
                match address.parse::<LocUri>() {
                    Ok(uri) => {
                        good += 1;
                        // It keeps its text, and every spelling of it is the same node.
                        assert_eq!(uri.as_str(), address.trim());
                        let mut again = uri.in_scope(uri.scope()).unwrap();
                        assert!(again.is_same(&uri) && uri.is_under(&again), "{address}");
                        again = uri.in_scope(Scope::Unscoped).unwrap();
                        again = again.in_scope(uri.scope()).unwrap();
                        assert!(again.is_same(&uri), "{address}");
                        if let Some(parent) = uri.parent() {
                            assert!(uri.is_under(&parent) && !parent.is_under(&uri), "{address}");
                            let child = parent.join(&uri.last_segment()).unwrap();
                            assert!(child.is_same(&uri), "{address}");
                        }
                    }
                    Err(_) => bad += 1,
                }
            }
        }
    }
    eprintln!("{good} addresses, {bad} texts that are none");
    assert!(good > bad);
}

fn reserved() -> ReservedPaths {
    ReservedPaths::new([
        "./Vendor/MSFT/BitLocker",
        "./Device/Vendor/MSFT/Policy/Config/Update",
        "./User/Vendor/MSFT/Accounts",
    ])
    .unwrap()
}

/// Spellings that reach a reserved node.
const TRICKS: &[&str] = &[
    "./Vendor/MSFT/BitLocker",
    "./Vendor/MSFT/BitLocker/RequireDeviceEncryption",
    "Vendor/MSFT/BitLocker",
    " \n ./Vendor/MSFT/BitLocker\t ",
    // Letter case.
    "./vendor/msft/bitlocker",
    "./VENDOR/MSFT/BITLOCKER/X",
    // The alias of the device's scope, and the user's, which the path does not tell apart.
    "./Device/Vendor/MSFT/BitLocker",
    "./device/Vendor/MSFT/BitLocker",
    "Device/Vendor/MSFT/BitLocker",
    "./User/Vendor/MSFT/BitLocker",
    "./Device/Device/Vendor/MSFT/BitLocker",
    "./User/Device/Vendor/MSFT/BitLocker",
    // Dots and empty segments.
    ".//Vendor/MSFT//BitLocker/",
    "./Vendor/./MSFT/./BitLocker",
    "././Vendor/MSFT/BitLocker",
    "/Vendor/MSFT/BitLocker",
    "//Vendor/MSFT/BitLocker",
    "./Vendor/MSFT/Policy/../BitLocker",
    "./Vendor/MSFT/%2e%2e/MSFT/BitLocker",
    "./../Vendor/MSFT/BitLocker",
    "./Vendor/MSFT/BitLocker.",
    "./Vendor/MSFT/ BitLocker /X",
    // Another slash.
    ".\\Vendor\\MSFT\\BitLocker",
    "./Vendor\\MSFT/BitLocker",
    // Percent-coding, once and on top of itself, with bytes that are no text beside it.
    "./Vendor/MSFT/Bit%4Cocker",
    "./Vendor/MSFT/%42%69%74%4c%6f%63%6b%65%72",
    "./Vendor%2FMSFT%2fBitLocker",
    "./Vendor/MSFT/Bit%254Cocker",
    "./Vendor/MSFT/Bit%25254Cocker",
    "%2e/Vendor/MSFT/BitLocker",
    "./Vendor/MSFT/BitLocker/%FF%C0%AF",
    "./Vendor/MSFT/Bit%4Cocker/%FF",
    // A query, a fragment.
    "./Vendor/MSFT/BitLocker?list=StructData",
    "./Vendor/MSFT/BitLocker%3Flist=StructData",
    "./Vendor/MSFT/BitLocker#x",
    // References that are escaped once more, markup, and characters that nobody sees.
    "./Vendor/MSFT/Bit&#x4C;ocker",
    "./Vendor/MSFT/Bit<!-- x -->Locker",
    "./Vendor/MSFT/<b>BitLocker</b>",
    "./Vendor/MSFT/Bit\u{200b}Locker",
    "\u{feff}./Vendor/MSFT/BitLocker",
    // A letter that has another lower case.
    "./Vendor/M\u{17f}FT/BitLoc\u{212a}er",
    // A wildcard.
    "./Vendor/MSFT/*",
    "./Vendor/*/BitLocker/X",
];

#[test]
fn no_spelling_gets_around_the_check() {
    for trick in TRICKS {
        assert_eq!(
            reserved().reach(trick),
            Some(("./Vendor/MSFT/BitLocker", Reach::Within)),
            "{trick}"
        );
        // And so in a message, wherever it is an address.
        let mut message = Message::default();
        message.body.commands.push(Command::atomic(vec![Command::delete(*trick)]));
        let uses = reserved().check(&message).unwrap();
        assert_eq!(uses.len(), 1, "{trick}: {uses:?}");
        assert_eq!((uses[0].reach, &*uses[0].command), (Reach::Within, "Delete"), "{trick}");
    }
    for innocent in [
        "./Vendor/MSFT/BitLockers",
        "./Vendor/MSFT/xBitLocker",
        "./Vendor/BitLocker",
        "./Vendor/MSFT/Policy/BitLocker",
        "./Vendor/MSFT/Policy/Config/Updates/X",
        "./User/Vendor/MSFT/Policy/Config/Update",
        "./Vendor/MSFT/Accounts",
        "./DevInfo/Lang",
        "https://mdm.example/Vendor/MSFT/BitLocker",
        "",
    ] {
        assert!(
            !matches!(reserved().reach(innocent), Some((_, Reach::Within | Reach::Unclear))),
            "{innocent}"
        );
    }
    assert_eq!(reserved().reach("./User/Vendor/MSFT/Accounts/X").unwrap().1, Reach::Within);
    for above in ["./Vendor/MSFT", "./Vendor", ".", "./", "./Device", "./Vendor/MSFT/Policy/Config"]
    {
        assert_eq!(reserved().reach(above).unwrap().1, Reach::Above, "{above}");
    }
    // What cannot be told is not let through: one coding too many, one byte too long.
    let coded = |n: usize| format!("./Vendor/MSFT/Bit%{}4Cocker", "25".repeat(n));
    assert_eq!(reserved().reach(&coded(7)).unwrap().1, Reach::Within);
    assert_eq!(reserved().reach(&coded(8)).unwrap().1, Reach::Unclear);
    let long = |n: usize| format!("./A/{}", "x".repeat(n - 4));
    assert_eq!(reserved().reach(&long(8192)), None);
    assert_eq!(reserved().reach(&long(8193)).unwrap().1, Reach::Unclear);
}

fn uses(text: &str) -> Vec<Reach> {
    let found = reserved().check_bytes(text.as_bytes(), &Limits::default()).expect(text);
    found.iter().map(|one| one.reach).collect()
}

#[test]
fn base64_names_a_node_with_or_without_its_padding() {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    // Three lengths: two, one and no characters of padding.
    for tail in ["x", "xy", "xyz"] {
        let padded = engine.encode(format!("./Vendor/MSFT/BitLocker/{tail}"));
        let bare = padded.trim_end_matches('=');
        // The bits behind the last byte are nobody's.
        let mut odd = bare.to_owned();
        let last = odd.pop().unwrap();
        odd.push(if tail == "xyz" { last } else { char::from(last as u8 + 1) });
        for data in [&*padded, bare, &*odd] {
            let text = format!("<Add><Item><Data>{data}</Data></Item></Add>");
            assert_eq!(uses(&text), [Reach::Mention], "{data}");
        }
    }
}

#[test]
fn nothing_in_a_pasted_message_hides_an_address() {
    let item = |inner: &str| format!("<Replace><CmdID>1</CmdID><Item>{inner}</Item></Replace>");
    let target = |inner: &str| item(&format!("<Target><LocURI>{inner}</LocURI></Target>"));
    for text in [
        // What passed the check of Fleet (PR 49715).
        target("./Vendor/<!-- -->MSFT/BitLocker"),
        target("./Vendor/MSFT/<![CDATA[BitLocker]]>"),
        target("<![CDATA[./Vendor/]]>MSFT<![CDATA[/BitLocker]]>"),
        target("./Vendor/MSFT/<?x y?>BitLocker"),
        target("&#46;/Vendor/MSFT/&#x42;itLocker"),
        target("./Vendor/<b>MSFT</b>/BitLocker"),
        target("\n  ./Vendor/MSFT/BitLocker\n"),
        // Without LocURI, beside it, twice, in another letter case, in another namespace.
        item("<Target>./Vendor/MSFT/BitLocker</Target>"),
        item("<Target>./Vendor/MSFT/BitLocker<LocURI>./A</LocURI></Target>"),
        item("<Target><LocURI>./A</LocURI><LocURI>./Vendor/MSFT/BitLocker</LocURI></Target>"),
        item("<Target><LocURI>./A</LocURI></Target><Target><LocURI>./Vendor/MSFT/BitLocker</LocURI></Target>"),
        item("<target><locuri>./Vendor/MSFT/BitLocker</locuri></target>"),
        item("<x:Target xmlns:x='urn:x'><x:LocURI>./Vendor/MSFT/BitLocker</x:LocURI></x:Target>"),
        item("<TargetParent><LocURI>./Vendor/MSFT/BitLocker</LocURI></TargetParent>"),
        item("<Source><LocURI>./Vendor/MSFT/BitLocker</LocURI></Source>"),
        item("<Odd><LocURI>./Vendor/MSFT/BitLocker</LocURI></Odd>"),
        "<x:Replace xmlns:x='urn:x'><Item><Target><LocURI>./Vendor/MSFT/BitLocker</LocURI></Target></Item></x:Replace>".to_owned(),
        // Several commands in one, and in groups.
        format!("<Atomic><Sequence>{}</Sequence></Atomic>", target("./Vendor/MSFT/BitLocker")),
        "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item><CmdID>2</CmdID><Item>\
         <Target><LocURI>./Vendor/MSFT/BitLocker</LocURI></Target></Item></Get>"
            .to_owned(),
        // After the root, and where a header should be.
        format!("<SyncBody/>{}", target("./Vendor/MSFT/BitLocker")),
        format!("<SyncML><SyncHdr>{}</SyncHdr></SyncML>", target("./Vendor/MSFT/BitLocker")),
    ] {
        assert_eq!(uses(&text), [Reach::Within], "{text}");
    }
    // Values: a document that a device carries out, escaped, in CDATA, in base64, as markup.
    for data in [
        "&lt;CSP name=&quot;./Vendor/MSFT/BitLocker&quot;/>",
        "<![CDATA[<LocURI>./Vendor/MSFT/Bit%4Cocker</LocURI>]]>",
        "<![CDATA[<LocURI>./Vendor/MSFT/<!-- -->BitLocker</LocURI>]]>",
        "<CSP xmlns='' name='./vendor/msft/bitlocker'/>",
        "<a><b>x ./Device/Vendor/MSFT/Policy/Config/Update/Y z</b></a>",
        "PENTUCBuYW1lPSIuL1ZlbmRvci9NU0ZUL0JpdExvY2tlciIvPg==",
        "Config: Policy\\Config\\Update",
    ] {
        let text = item(&format!("<Target><LocURI>./A</LocURI></Target><Data>{data}</Data>"));
        assert_eq!(uses(&text), [Reach::Mention], "{text}");
    }
    for innocent in [
        item(
            "<Target><LocURI>./A</LocURI></Target><Data>https://docs.example/bitlocker/policy</Data>",
        ),
        "<SyncML><SyncHdr><Target><LocURI>./</LocURI></Target></SyncHdr><SyncBody/></SyncML>"
            .to_owned(),
    ] {
        assert_eq!(uses(&innocent), [], "{innocent}");
    }
    assert_eq!(uses(&target("./Vendor/MSFT")), [Reach::Above]);
    // What cannot be read is no answer.
    let broken = "<Get><Item><Target><LocURI>./A</LocURI>";
    assert!(reserved().check_bytes(broken.as_bytes(), &Limits::default()).is_err());
    let entity =
        "<!DOCTYPE a [<!ENTITY b 'BitLocker'>]><Get><LocURI>./Vendor/MSFT/&b;</LocURI></Get>";
    assert!(reserved().check_bytes(entity.as_bytes(), &Limits::default()).is_err());
    // UTF-16, and WBXML.
    let text = target("./Vendor/MSFT/BitLocker");
    let wide: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(reserved().check_bytes(&wide, &Limits::default()).unwrap().len(), 1);
    let mut binary = Vec::new();
    wbxml::encode(&decode(text.as_bytes(), &Limits::default()).unwrap(), &mut binary).unwrap();
    assert_eq!(reserved().check_bytes(&binary, &Limits::default()).unwrap().len(), 1);
}

#[test]
fn a_use_says_which_command_and_keeps_values_to_itself() {
    let text = "<Atomic><CmdID>1</CmdID><Add><CmdID> 2 </CmdID><Item><Target><LocURI>./A</LocURI></Target>\
        <Data>./Vendor/MSFT/BitLocker secret</Data></Item></Add><Exec><Item><Target>\
        <LocURI>./Vendor/MSFT/BitLocker/X</LocURI></Target></Item></Exec></Atomic>";
    let found = reserved().check_bytes(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((&*found[0].command, found[0].cmd_id.as_deref()), ("Add", Some("2")));
    assert_eq!((&*found[1].command, found[1].cmd_id.as_deref()), ("Exec", None));
    assert!(!format!("{found:?}").contains("secret"));
    assert_eq!(
        found[1].to_string(),
        "Exec: ./Vendor/MSFT/BitLocker/X within ./Vendor/MSFT/BitLocker"
    );
    assert!(text.get(found[1].offset..).unwrap().starts_with("<LocURI>./Vendor"));
    // Uses are listed up to 256 of them.
    let many = "<Get><Item><Target><LocURI>./Vendor/MSFT/BitLocker</LocURI></Target></Item></Get>";
    let all = reserved().check_bytes(many.repeat(256).as_bytes(), &Limits::default()).unwrap();
    let more = reserved().check_bytes(many.repeat(257).as_bytes(), &Limits::default()).unwrap();
    assert_eq!((all.len(), more.len()), (256, 256));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Tricks on top of each other.
    #[test]
    fn tricks_together_get_no_further(
        letters in prop::collection::vec((any::<bool>(), 0..6_u8), 40),
        joints in prop::collection::vec(prop::sample::select(vec!["/", "//", "/./", "\\", "%2F", "/x/../", "/%2e/"]), 5),
        prefix in prop::sample::select(vec!["", "./", "./Device/", "./dEVICE/", "/", "./User/", "././"]),
        suffix in prop::sample::select(vec!["", "/", "/X", "?list=Struct", "%3f", ".", " "]),
    ) {
        let mut letters = letters.into_iter().cycle();
        let mut trick = prefix.to_owned();
        for (index, name) in ["Vendor", "MSFT", "BitLocker"].iter().enumerate() {
            if index > 0 {
                trick.push_str(joints[index]);
            }
            for letter in name.chars() {
                let (upper, how) = letters.next().unwrap();
                let letter = if upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() };
                match how {
                    0 => trick.push_str(&format!("%{:02X}", letter as u8)),
                    1 => trick.push_str(&format!("%25{:02x}", letter as u8)),
                    2 => trick.push_str(&format!("{letter}\u{200d}")),
                    _ => trick.push(letter),
                }
            }
        }
        trick.push_str(suffix);
        prop_assert_eq!(reserved().reach(&trick).map(|(_, reach)| reach), Some(Reach::Within), "{}", trick);
    }

    #[test]
    fn names_survive_joining(names in prop::collection::vec("[^\\x00-\\x1f\\x7f-\\x9f]{1,12}", 1..5)) {
        let mut uri = uri("./Vendor");
        let names: Vec<String> = names.into_iter().filter(|name| {
            !matches!(name.as_str(), "." | ".." | "*") && !name.trim().is_empty()
        }).collect();
        for name in &names {
            uri = uri.join(name).unwrap();
        }
        let read: LocUri = uri.as_str().parse().unwrap();
        let segments: Vec<String> = read.segments().skip(1).collect();
        prop_assert_eq!(segments, names);
    }

    #[test]
    fn nothing_panics(text in "(<|>|/|\\.|%|25|4C|&|#|;|LocURI|Target|Vendor|MSFT|BitLocker|\u{212a}|<!--|-->|\\?){0,24}") {
        let _ = reserved().reach(&text);
        let _ = reserved().check_bytes(text.as_bytes(), &Limits::default());
        if let Ok(uri) = text.parse::<LocUri>() {
            prop_assert!(uri.is_same(&uri.in_scope(uri.scope()).unwrap()));
            // Whatever is under a reserved node in the eyes of LocUri is caught.
            let root: LocUri = "./Vendor/MSFT/BitLocker".parse().unwrap();
            if uri.is_under(&root) {
                prop_assert_eq!(reserved().reach(&text).map(|(_, reach)| reach), Some(Reach::Within));
            }
        }
    }
}

#[test]
fn a_message_of_ours_is_checked_as_it_is_written() {
    let mut message = Message::default();
    message.body.commands.push(Command::replace(
        "./Vendor/MSFT/DeclaredConfiguration/Host/Complete/Documents/x/Document",
        Format::Chr,
        Data::text("<DeclaredConfiguration><CSP name=\"./Vendor/MSFT/BitLocker\"/></DeclaredConfiguration>"),
    ));
    let uses = reserved().check(&message).unwrap();
    assert_eq!(uses.len(), 1);
    assert_eq!(uses[0].reach, Reach::Mention);
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    assert_eq!(reserved().check_bytes(&out, &Limits::default()).unwrap(), uses);
}
