//! Hostile text where messages are pasted, compared and learnt from: repair, comparison of values,
//! the check for reserved nodes, what is learnt about a device. Inputs are as large as they have to
//! be for more than linear time not to end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use syncml::auth::{HmacHeader, Nonce, NonceError, PasswordDigest};
use syncml::compare::{Reason, Value, Verdict, compare, verify};
use syncml::preflight::{Knowledge, Observed, Presence, Reason as Why, predict};
use syncml::repair::{RepairOptions, repair_bytes, repair_commands};
use syncml::reserved::{Reach, ReservedPaths};
use syncml::{Command, Data, ErrorKind, Format, Limits, LocUri, decode};

fn limits() -> Limits {
    Limits::default()
}

#[test]
fn text_that_is_nearly_xml_is_mended_in_linear_time() {
    let options = RepairOptions::default();
    let many = 50_000;
    for text in [
        "&".repeat(many),
        "<a>&".repeat(many),
        "<?xml ?>".repeat(many),
        format!("{}x{}", " ".repeat(1 << 20), "<?xml version=\u{201d}1\u{201d} ?>".repeat(20_000)),
        format!("<Get a=\u{201c}{}", " b=\u{2018}c".repeat(many)),
        "< ".repeat(many),
        "< /".repeat(many),
        "<!\u{2014}".repeat(many),
        "<a b=".repeat(many),
        format!("<Get>{}", "<Item a=1 ".repeat(many)),
    ] {
        assert!(repair_bytes(text.as_bytes(), &options).is_err(), "{:?}", text.get(..30));
    }
    // What can be mended is, at the end of as much of it.
    let text = format!(
        "<Get><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target></Item></Get><!--{}-->\
         <Get><CmdID>2</CmdID><Item><Target><LocURI>./B?x=&</LocURI></Target></Item></Get>",
        "& ".repeat(many)
    );
    let (commands, _) = repair_commands(text.as_bytes(), &limits()).unwrap();
    assert_eq!(commands[1].items()[0].loc_uri(), Some("./B?x=&"));
    // The known references, at their full length, and what is longer.
    let text = "<Get><CmdID>1</CmdID><Item><Target><LOCURI/><LocURI>./A?&#x10FFFD;&#00000066;\
                </LocURI></Target></Item></Get>";
    let (commands, _) = repair_commands(text.as_bytes(), &limits()).unwrap();
    assert_eq!(commands[0].items()[0].loc_uri(), Some("./A?\u{10FFFD}B"));
}

#[test]
fn splitting_a_command_stays_within_the_limits() {
    let exec = |items: usize, rest: usize| {
        let item = "<Item><Target><LocURI>./A</LocURI></Target></Item>";
        let get = format!("<Get><CmdID>9</CmdID>{item}</Get>");
        format!("<Exec><CmdID>1</CmdID>{}</Exec>{}", item.repeat(items), get.repeat(rest))
    };
    let five = limits().with_commands(5);
    let (commands, _) = repair_commands(exec(3, 2).as_bytes(), &five).unwrap();
    assert_eq!(commands.len(), 5);
    let error = repair_commands(exec(4, 2).as_bytes(), &five).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unrepairable(left) if left.len() == 1));
    // A hundred thousand items in front of thousands of commands, and a Meta of a megabyte.
    assert!(repair_commands(exec(20_000, 5_000).as_bytes(), &limits()).is_err());
    let (commands, _) = repair_commands(exec(2_000, 2_000).as_bytes(), &limits()).unwrap();
    assert_eq!(commands.len(), 4_000);
    let typ = format!("<Meta><Type xmlns='syncml:metinf'>{}</Type></Meta>", "t".repeat(1 << 20));
    let large = exec(3_000, 0).replace("<CmdID>1</CmdID>", &format!("<CmdID>1</CmdID>{typ}"));
    assert!(matches!(
        repair_commands(large.as_bytes(), &limits()).unwrap_err().kind(),
        ErrorKind::Unrepairable(_)
    ));
    // The attributes of a list, each with a declaration of its own.
    let references = "<TargetRef xmlns:p='u' p:a='1'>x</TargetRef>".repeat(20_000);
    let text = format!(
        "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>1</CmdRef><Cmd>Get</Cmd>{references}\
         <Data>200</Data></Status>"
    );
    let (commands, _) = repair_commands(text.as_bytes(), &limits()).unwrap();
    let Command::Status(status) = &commands[0] else { panic!("a Status") };
    assert_eq!(status.target_refs.len(), 20_000);
}

#[test]
fn values_of_any_size_are_compared_in_linear_time_and_room() {
    let value = |text: String| Value::new(Format::Xml, Data::text(text));
    // A namespace of a megabyte, in which a hundred thousand elements are.
    let document =
        |uri: &str, inside: &str| format!("<a xmlns='{uri}'>{}</a>", inside.repeat(20_000));
    for (bytes, as_xml) in [(512, true), (513, false), (1 << 20, false)] {
        let uri = "u".repeat(bytes);
        let found = compare(&value(document(&uri, "<b/>")), &value(document(&uri, "<b />")));
        let expected = if as_xml { Verdict::Equivalent } else { Verdict::Different };
        assert_eq!(found.verdict, expected, "{bytes}");
    }
    let deep = |n: usize| value("<a>".repeat(n) + "1" + &"</a>".repeat(n));
    let other = |n: usize| value("<a>".repeat(n) + " 1 " + &"</a>".repeat(n));
    assert_eq!(compare(&deep(1024), &other(1024)).verdict, Verdict::Equivalent);
    assert_eq!(compare(&deep(1025), &other(1025)).verdict, Verdict::Different, "no XML to us");
    assert_eq!(compare(&deep(100_000), &other(100_000)).verdict, Verdict::Different);
    // Numbers longer than any type, and at the ends of those there are.
    let int = |text: &str| Value::new(Format::Int, Data::text(text.to_owned()));
    let long = "9".repeat(1 << 20);
    assert!(compare(&int(&long), &int(&format!("0{long}"))).is_same());
    assert_eq!(compare(&int(&long), &int(&format!("{long}9"))).difference(), Some(&Reason::Number));
    assert!(!compare(&int("-9223372036854775808"), &int("9223372036854775808")).is_same());
    let float = |text: &str| Value::new(Format::Float, Data::text(text.to_owned()));
    assert!(compare(&float("1e308"), &float("10e307")).is_same());
    assert!(!compare(&float("1e999999999"), &float("2e999999999")).is_same());
    assert!(
        !compare(&float("NaN"), &float("nan")).is_same()
            && compare(&float("-0.0"), &float("0")).is_same()
    );
    // Base64 is never more than what it codes.
    let base64 = Value::new(Format::B64, Data::text("QUJD".repeat(1 << 18)));
    let lines = Value::new(Format::B64, Data::text("QUJD\r\n".repeat(1 << 18)));
    assert!(compare(&base64, &lines).is_same());
    // Thousands of Deletes above thousands of nodes.
    let mut sent: Vec<Command<'_>> = Vec::new();
    for round in 0..3_000 {
        sent.push(Command::replace(format!("./A/{round}"), Format::Chr, Data::text("1")));
        sent.push(Command::delete("./A"));
    }
    assert_eq!(verify(&sent, &[]).len(), 1);
}

#[test]
fn reserved_nodes_are_found_in_linear_time() {
    let reserved = ReservedPaths::new(["./Vendor/MSFT/BitLocker", "./Vendor/MSFT/Update"]).unwrap();
    let item = |uri: &str| {
        format!("<Get><CmdID>1</CmdID><Item><Target><LocURI>{uri}</LocURI></Target></Item></Get>")
    };
    // Nested elements in an address put their texts together at each level.
    let nested = "<x>".repeat(25) + &"./a".repeat(100_000) + &"</x>".repeat(25);
    let found = reserved.check_bytes(item(&nested).as_bytes(), &limits()).unwrap();
    assert!(found.iter().all(|one| one.reach == Reach::Unclear), "too long to tell");
    for (n, reach) in [(8192, None), (8193, Some(Reach::Unclear))] {
        let uri = format!("./{}", "b".repeat(n - 2));
        assert_eq!(reserved.reach(&uri).map(|(_, reach)| reach), reach);
    }
    for text in ["&amp;".repeat(100_000), "%25".repeat(100_000), "<![CDATA[/]]>".repeat(50_000)] {
        let data = item("./A").replace("</Target>", &format!("</Target><Data>{text}</Data>"));
        assert!(reserved.check_bytes(data.as_bytes(), &limits()).unwrap().is_empty());
    }
}

#[test]
fn what_is_learnt_about_a_device_has_a_limit() {
    // "device", a NUL and the name: nine bytes for each node.
    let mut device = Observed::default();
    device.max_bytes = 27;
    for node in 10..20 {
        device.learn_present(&format!("./{node}"));
    }
    let known =
        |device: &Observed, node: u32| device.presence(&format!("./{node}").parse().unwrap());
    assert_eq!(known(&device, 12), Presence::Present);
    assert_eq!(known(&device, 13), Presence::Unknown);
    // What is known is kept up to date, and what is gone makes room.
    device.learn_absent("./12");
    assert_eq!(known(&device, 12), Presence::Absent);
    // Thousands of nodes, whose parent goes thousands of times.
    let mut device = Observed::default();
    for node in 0..5_000 {
        device.learn_present(&format!("./A/{node}"));
    }
    for _ in 0..5_000 {
        device.learn_absent("./A");
    }
    assert_eq!(device.presence(&"./A/7".parse().unwrap()), Presence::Absent);
    // An address without end is none.
    device.learn_present(&format!(".{}", "/b".repeat(1 << 20)));
    assert_eq!(device.presence(&"./b/b".parse().unwrap()), Presence::Unknown);
}

#[test]
fn a_plan_of_thousands_of_changes_is_predicted_in_linear_time() {
    let mut changes = Vec::new();
    for node in 0..4_000 {
        changes.push(Command::add(format!("./A/{node}"), Format::Chr, Data::text("1")));
    }
    for node in 4_000..8_000 {
        changes.push(Command::replace(format!("./A/{node}"), Format::Chr, Data::text("1")));
    }
    changes.push(Command::replace("./device/a/%37", Format::Chr, Data::text("1")));
    let [atomic] = predict(&[Command::atomic(changes)], &Observed::default()).try_into().unwrap();
    assert_eq!(atomic.parts.last().unwrap().reason, Why::AddThenReplace, "however it is spelled");
}

#[test]
fn nonces_and_headers_have_bounds() {
    assert!(Nonce::new(vec![1; Nonce::MAX]).is_ok());
    assert_eq!(Nonce::new(vec![1; Nonce::MAX + 1]), Err(NonceError::Length));
    assert_eq!(Nonce::new(Vec::new()), Err(NonceError::Length));
    // Refused before it is decoded.
    assert_eq!(Nonce::from_base64(&"A".repeat(1 << 20)), Err(NonceError::Length));
    assert_eq!(Nonce::from_base64("\u{d7ff}"), Err(NonceError::Base64));
    let header = "username=\"a\\\"".repeat(100_000);
    assert!(header.parse::<HmacHeader>().is_err());
    assert!("a=b,".repeat(100_000).parse::<HmacHeader>().is_err());
    let digest = PasswordDigest::of("a", "b");
    assert!(!digest.verifies_basic(&"YTpi".repeat(100_000)) && digest.verifies_basic("YTpi"));
}

#[test]
fn a_compared_address_is_the_same_however_it_is_spelled_and_nothing_else_is() {
    let uri = |text: &str| text.parse::<LocUri>().unwrap();
    assert!(uri("./A/%42").is_same(&uri("./a/b")));
    // Coded twice is another name, and what is not coding stays.
    assert!(!uri("./A/%2542").is_same(&uri("./A/B")));
    assert!(!uri("./A/%4").is_same(&uri("./A/B")) && !uri("./A/%C3").is_same(&uri("./A/%c4")));
    // A coded slash is part of a name.
    assert!(!uri("./A%2FB").is_same(&uri("./A/B")));
    let text = b"<Get><CmdID>1</CmdID><Item><Target><LocURI>./A/%00</LocURI></Target></Item></Get>";
    let message = decode(text, &limits()).unwrap();
    let bad = syncml::DiagnosticCode::BadAddress;
    assert!(message.diagnostics.iter().any(|found| found.code == bad));
}
