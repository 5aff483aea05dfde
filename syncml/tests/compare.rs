//! Desired against returned values: what means the same is the same, and each difference has its
//! reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::corpus;
use proptest::prelude::*;
use syncml::compare::{
    Comparison, Finding, Reason, Value, Verdict, XmlDifference, compare, verify,
};
use syncml::{Command, Data, Format, Limits, Message, Meta, decode, encode, wbxml};

/// Values as they stand in a message: `format data`, `-` for no format, and whatever XML.
fn value<'a>(format: &'a str, data: &'a str) -> Value<'a> {
    let text = format!(
        "<Results><CmdID>1</CmdID><CmdRef>1</CmdRef><Item><Source><LocURI>./A</LocURI></Source>{}{data}</Item></Results>",
        if format == "-" {
            String::new()
        } else {
            format!("<Meta><Format xmlns='syncml:metinf'>{format}</Format></Meta>")
        }
    );
    let message = decode(text.as_bytes(), &Limits::default()).expect(&text).into_owned();
    let mut values = Value::of_command(&message.body.commands[0]).map(|(_, value)| value);
    values.next().unwrap()
}

fn data(text: &str) -> String {
    format!("<Data>{text}</Data>")
}

fn check(formats: (&str, &str), desired: &str, returned: &str) -> Comparison {
    compare(&value(formats.0, &data(desired)), &value(formats.1, &data(returned)))
}

#[test]
fn numbers_truths_and_bytes_are_compared_by_what_they_say() {
    for (format, desired, returned, reason) in [
        ("int", "1", "01", Reason::Spelling),
        ("int", "0", "-0", Reason::Spelling),
        ("int", "+5", "5", Reason::Spelling),
        ("int", "5", " 5\n", Reason::OuterSpace),
        ("int", "99999999999999999999999", "099999999999999999999999", Reason::Spelling),
        ("float", "1.50", "1.5", Reason::Spelling),
        ("float", "0.5", "5e-1", Reason::Spelling),
        ("float", "2", "2.0", Reason::Spelling),
        ("bool", "true", "1", Reason::TruthSpelling),
        ("bool", "False", "false", Reason::TruthSpelling),
        ("bool", "true", " true", Reason::OuterSpace),
        ("b64", "AP8Q", "AP\r\n8Q", Reason::Base64Spelling),
        ("b64", "AA==", "AA", Reason::Base64Spelling),
        ("b64", "AP8Q", "AP8Q\n", Reason::OuterSpace),
        ("b64", "PGEvPg==", "&lt;a/>", Reason::Decoded),
        ("b64", "PABhAC8APgA=", "&lt;a/>", Reason::Decoded),
        ("date", "2026-11-21", "20261121", Reason::Spelling),
        ("time", "10:00:00", "100000", Reason::Spelling),
    ] {
        let found = check((format, format), desired, returned);
        assert_eq!(found.reasons, [reason], "{format} {desired} {returned}");
        assert_eq!(found.verdict, Verdict::Equivalent);
        assert!(found.is_same() && found.difference().is_none());
        // And the other way round.
        assert!(check((format, format), returned, desired).is_same() || format == "b64");
    }
    for (format, desired, returned, reason) in [
        ("int", "1", "2", Reason::Number),
        ("int", "1", "-1", Reason::Number),
        ("int", "1", "one", Reason::Number),
        ("int", "1", "1.0", Reason::Number),
        ("int", "4294967295", "-1", Reason::Number),
        ("float", "1.5", "1.6", Reason::Number),
        ("bool", "true", "0", Reason::Truth),
        ("bool", "true", "yes", Reason::Truth),
        ("b64", "AP8Q", "AP8R", Reason::Bytes { at: 2 }),
        ("b64", "AP8Q", "AP8QAA==", Reason::Bytes { at: 3 }),
        ("bin", "AP8Q", "AQ==", Reason::Bytes { at: 0 }),
        ("date", "2026-11-21", "20261122", Reason::Text { at: 4 }),
        ("chr", "Abc", "abc", Reason::Text { at: 0 }),
        ("chr", "ab", "abc", Reason::Text { at: 2 }),
        ("chr", "a  b", "a b", Reason::Text { at: 2 }),
        ("int", "1", "", Reason::Presence),
        ("chr", "", "x", Reason::Presence),
    ] {
        let found = check((format, format), desired, returned);
        assert_eq!(found.reasons, std::slice::from_ref(&reason), "{format} {desired} {returned}");
        assert_eq!((found.verdict, found.difference()), (Verdict::Different, Some(&reason)));
        assert!(!check((format, format), returned, desired).is_same());
    }
}

#[test]
fn formats_may_differ_where_the_values_tell() {
    // Windows leaves out Meta for chr.
    assert_eq!(check(("chr", "-"), "x", "x").verdict, Verdict::Identical);
    let found = check(("int", "-"), "1", "01");
    assert_eq!(
        found.reasons,
        [Reason::Format { desired: "int".into(), returned: String::new() }, Reason::Spelling]
    );
    assert_eq!(
        found.to_string(),
        "equivalent: no format instead of int; the same value, written in another way"
    );
    assert!(check(("bool", "int"), "true", "1").is_same());
    assert!(!check(("bool", "int"), "true", "0").is_same());
    // The desired format decides; a spelling of a format is no other one.
    assert!(check(("int", "chr"), "1", "01").is_same());
    assert!(!check(("chr", "int"), "1", "01").is_same());
    assert_eq!(check(("Integer", "int"), "1", "1").verdict, Verdict::Identical);
    assert!(check(("-", "int"), "1", "01").is_same());
}

#[test]
fn escaped_text_cdata_and_markup_are_one() {
    let desired = "<a x='1' y='2'><b>t &amp; u</b></a>";
    let escaped = mdm_xml::escape_text(desired);
    let forms = [
        (desired.to_owned(), "markup"),
        (escaped.to_string(), "escaped"),
        (format!("<![CDATA[{desired}]]>"), "CDATA"),
        (format!("\n  {escaped}\r\n"), "blanks"),
        ("<?x?><a y=\"2\"  x='1'>\n<!-- c --><b><![CDATA[t & u]]></b></a>".to_owned(), "spelling"),
        (
            "<p:a xmlns:p='SYNCML:SYNCML1.2' x='1' y='2'><p:b>t &#38; u</p:b></p:a>".to_owned(),
            "prefix",
        ),
        ("&lt;?xml version='1.0' encoding='utf-16'?&gt;".to_owned() + &escaped, "declaration"),
        // Escaped once more, as some devices give it back.
        (mdm_xml::escape_text(&escaped).into_owned(), "twice"),
    ];
    for (one, what) in &forms {
        if *what == "prefix" {
            continue;
        }
        for (other, other_what) in &forms {
            if *other_what == "prefix" {
                continue;
            }
            let found = check(("chr", "-"), one, other);
            assert!(found.is_same(), "{what} against {other_what}: {found}");
            assert!(found.reasons.iter().all(Reason::is_tolerated));
        }
        let other = check(("chr", "chr"), one, &escaped.replace("t &amp;", "T &amp;"));
        assert!(!other.is_same(), "{what}: {other}");
    }
    let markup = check(("xml", "chr"), &forms[0].0, &forms[1].0);
    assert!(markup.reasons.contains(&Reason::Escaping), "{markup}");
    assert_eq!(
        check(("chr", "chr"), &forms[1].0, &forms[2].0).verdict,
        Verdict::Identical,
        "a CDATA section is resolved when it is read"
    );
    // Prefixes say nothing, namespaces do.
    let in_ns = |prefix: &str, uri: &str| {
        mdm_xml::escape_text(&format!(
            "<{prefix}a xmlns{}='{uri}'/>",
            if prefix.is_empty() {
                String::new()
            } else {
                format!(":{}", prefix.trim_end_matches(':'))
            }
        ))
        .into_owned()
    };
    assert!(check(("chr", "chr"), &in_ns("", "urn:a"), &in_ns("p:", "urn:a")).is_same());
    assert!(!check(("chr", "chr"), &in_ns("", "urn:a"), &in_ns("", "urn:b")).is_same());
}

#[test]
fn xml_differences_have_their_place() {
    let desired = "<r><s a='1'><t>x</t><u/></s></r>";
    for (returned, path, what) in [
        ("<r><s a='2'><t>x</t><u/></s></r>", "r/s", XmlDifference::Attribute),
        ("<r><s><t>x</t><u/></s></r>", "r/s", XmlDifference::Attribute),
        ("<r><s a='1'><t>y</t><u/></s></r>", "r/s/t", XmlDifference::Text),
        ("<r><s a='1'><t/><u/></s></r>", "r/s/t", XmlDifference::Text),
        ("<r><s a='1'><t>x</t></s></r>", "r/s/u", XmlDifference::Missing),
        ("<r><s a='1'><t>x</t><v/></s></r>", "r/s/u", XmlDifference::Name),
        ("<r><s a='1'><t>x</t><u/><u/></s></r>", "r/s", XmlDifference::Additional),
        ("<r><s a='1'><t>x</t><u>z</u></s></r>", "r/s/u", XmlDifference::Text),
        ("<r><s a='1'><t>x</t><u/></s></r><r/>", "", XmlDifference::Additional),
        ("<q/>", "r", XmlDifference::Name),
        ("<!-- --><r/>", "r/s", XmlDifference::Missing),
    ] {
        let found = compare(&Value::text(desired), &Value::text(returned));
        let expected = Reason::Xml { path: path.into(), what };
        assert_eq!(found.difference(), Some(&expected), "{returned}");
    }
    let secret = compare(&Value::text("<k>hunter2</k>"), &Value::text("<k>hunter3</k>"));
    assert!(!format!("{secret} {secret:?}").contains("hunter"), "values are not quoted");
    // What is no XML on one side is text.
    let found = compare(&Value::text("<r>"), &Value::text("<r/>"));
    assert_eq!(found.difference(), Some(&Reason::Text { at: 2 }));
}

#[test]
fn admx_settings_are_compared_as_settings() {
    let desired = "<enabled/><data id=\"Drive\" value=\"C\"/><data id=\"Size\" value=\"10\"/>";
    for same in [
        "<Enabled/>\n<Data ID='size' Value='10'/>\n<Data ID='DRIVE' Value='C'/>",
        "<enabled></enabled><data value=\"C\" id=\"Drive\"></data><data id=\"Size\" value=\"10\"/>",
    ] {
        let found = compare(&Value::text(desired), &Value::text(same));
        assert_eq!(found.verdict, Verdict::Equivalent, "{same}: {found}");
    }
    for (other, id) in [
        ("<disabled/>", ""),
        ("<enabled/><data id='Drive' value='D'/><data id='Size' value='10'/>", "Drive"),
        ("<enabled/><data id='Drive' value='C'/>", "Size"),
        (
            "<enabled/><data id='Drive' value='C'/><data id='Size' value='10'/><data id='X' value=''/>",
            "X",
        ),
        // Values have a letter case.
        ("<enabled/><data id='Drive' value='c'/><data id='Size' value='10'/>", "Drive"),
    ] {
        let found = compare(&Value::text(desired), &Value::text(other));
        assert_eq!(found.difference(), Some(&Reason::Admx { id: id.into() }), "{other}");
    }
    // Half of it is no policy, and compared as XML.
    let found = compare(&Value::text("<enabled/><x/>"), &Value::text("<Enabled/><x/>"));
    assert!(matches!(found.difference(), Some(Reason::Xml { .. })));
}

#[test]
fn text_nodes_and_nothing() {
    for (desired, returned, reason) in
        [("a", " a ", Reason::OuterSpace), ("a&#13;\nb", "a\nb", Reason::LineEnds)]
    {
        let found = check(("chr", "chr"), desired, returned);
        assert_eq!(found.reasons, [reason]);
        assert!(found.is_same());
    }
    let nul = compare(&Value::text("a"), &Value::text("a\0"));
    assert_eq!(nul.reasons, [Reason::OuterSpace]);
    // An interior node comes back as the names of its children.
    let found = compare(&value("node", ""), &value("node", &data("A/B/C")));
    assert_eq!((found.verdict, found.reasons), (Verdict::Equivalent, vec![Reason::Children]));
    // null has no value.
    let found = compare(&value("null", ""), &value("null", &data("")));
    assert_eq!(found.reasons, [Reason::EmptyAndNone]);
    assert!(!compare(&value("null", ""), &value("-", &data("x"))).is_same());
    assert_eq!(compare(&value("chr", ""), &value("chr", "")).verdict, Verdict::Identical);
    assert_eq!(
        compare(&value("chr", &data("")), &value("chr", "")).reasons,
        [Reason::EmptyAndNone]
    );
}

#[test]
fn a_whole_configuration_is_verified_against_results() {
    let chr = |uri: &'static str, text: &'static str| {
        Command::replace(uri, Format::Chr, Data::text(text))
    };
    let sent = [
        Command::add("./Device/Vendor/MSFT/A/%7Bx%7D", Format::Int, Data::text("1")),
        Command::atomic(vec![chr("./Vendor/MSFT/B/C", "old"), chr("./User/Vendor/MSFT/B", "u")]),
        Command::delete("./Vendor/MSFT/B"),
        chr("./Vendor/MSFT/BB", "stays"),
        chr("./Vendor/MSFT/D", "1"),
        chr("./Vendor/MSFT/D", "2"),
        Command::delete("./Vendor/MSFT/E"),
        chr("./Vendor/MSFT/F", "x"),
        Command::get("./Vendor/MSFT/G"),
    ];
    let result = |uri: &str, text: &str| {
        format!("<Item><Source><LocURI>{uri}</LocURI></Source><Data>{text}</Data></Item>")
    };
    let answer = format!(
        "<Results><CmdID>2</CmdID><CmdRef>4</CmdRef>{}{}{}{}{}</Results><Results>{}</Results>",
        result("./vendor/msft/a/{x}", "1"),
        result("./User/Vendor/MSFT/B", "u"),
        result("./Vendor/MSFT/D", "2"),
        result("./Vendor/MSFT/E", "?"),
        result("./Vendor/MSFT/BB", "stays"),
        result("./Vendor/MSFT/G", "g"),
    );
    let answer = decode(answer.as_bytes(), &Limits::default()).unwrap();
    let checked = verify(&sent, &answer.body.commands);
    let found: Vec<(&str, bool)> =
        checked.iter().map(|one| (&*one.address, one.is_as_desired())).collect();
    assert_eq!(
        found,
        [
            ("./Device/Vendor/MSFT/A/%7Bx%7D", true),
            ("./Vendor/MSFT/B", true),
            ("./Vendor/MSFT/BB", true),
            ("./Vendor/MSFT/D", true),
            ("./Vendor/MSFT/E", false),
            ("./Vendor/MSFT/F", false),
            ("./User/Vendor/MSFT/B", true),
        ]
    );
    assert_eq!(checked[1].finding, Finding::Gone);
    assert_eq!(checked[4].finding, Finding::StillThere);
    assert_eq!(checked[5].finding, Finding::NotReturned);
}

/// What verifying says of each node, with Results of these addresses and values.
fn verified(sent: &[Command<'_>], results: &[(&str, &str)]) -> Vec<Finding> {
    let items: String = results
        .iter()
        .map(|(uri, text)| {
            format!("<Item><Source><LocURI>{uri}</LocURI></Source><Data>{text}</Data></Item>")
        })
        .collect();
    let answer = format!("<Results><CmdID>2</CmdID><CmdRef>4</CmdRef>{items}</Results>");
    let answer = decode(answer.as_bytes(), &Limits::default()).unwrap();
    verify(sent, &answer.body.commands).into_iter().map(|one| one.finding).collect()
}

#[test]
fn a_node_is_not_gone_as_long_as_something_below_it_comes_back() {
    use Finding::{Gone, StillThere};
    let delete = [Command::delete("./Vendor/A/B")];
    for (uri, finding) in [
        ("./Vendor/A/B", StillThere),
        ("./Vendor/A/B?prop=Type", StillThere),
        ("./Device/vendor/a/b/C/D", StillThere),
        ("./Vendor/A", Gone),
        ("./Vendor/A/BB", Gone),
        ("./User/Vendor/A/B/C", Gone),
    ] {
        assert_eq!(verified(&delete, &[(uri, "x")]), [finding], "{uri}");
    }
    // What is set afterwards comes back with what is above and below it, and nothing else does.
    let set = [
        Command::add("./Vendor/A/B/Old", Format::Chr, Data::text("1")),
        Command::delete("./Vendor/A/B"),
        Command::add("./Vendor/A/B/C/D", Format::Chr, Data::text("1")),
    ];
    for (uri, finding) in [
        ("./Vendor/A/B", Gone),
        ("./Vendor/A/B/C", Gone),
        ("./Vendor/A/B/C/D", Gone),
        ("./Vendor/A/B/C/D/E", Gone),
        ("./Vendor/A/B/C/E", StillThere),
        ("./Vendor/A/B/Old", StillThere),
    ] {
        assert_eq!(verified(&set, &[(uri, "1")])[0], finding, "{uri}");
    }
    // What was set above it before does not bring it back.
    let above =
        [Command::add("./Vendor/A", Format::Chr, Data::text("1")), Command::delete("./Vendor/A/B")];
    assert_eq!(verified(&above, &[("./Vendor/A/B/C", "1")])[1], StillThere);
}

#[test]
fn a_property_is_no_value() {
    let sent = [Command::replace("./Vendor/A", Format::Int, Data::text("1"))];
    for results in [
        [("./Vendor/A", "1"), ("./Vendor/A?prop=Type", "text/plain")],
        [("./Vendor/A?prop=Type", "text/plain"), ("./Vendor/A", "1")],
    ] {
        let [Finding::Compared(comparison)] = &verified(&sent, &results)[..] else {
            panic!("it came back")
        };
        assert!(comparison.is_same());
    }
    let only = [("./Vendor/A?prop=Name", "1")];
    assert_eq!(verified(&sent, &only), [Finding::NotReturned]);
    let named = [Command::replace("./Vendor/A?prop=Name", Format::Chr, Data::text("1"))];
    assert!(matches!(&verified(&named, &only)[..], [Finding::Compared(same)] if same.is_same()));
}

#[test]
fn every_value_of_the_corpus_survives_what_devices_do_to_it() {
    let Some(corpus) = corpus("syncml") else { return };
    let mut count = 0;
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        let Ok(message) = decode(&file.bytes, &Limits::default()) else { continue };
        // Sent as WBXML, and read back.
        let mut bytes = Vec::new();
        wbxml::encode(&message, &mut bytes).unwrap();
        let binary = wbxml::decode(&bytes, &Limits::default()).unwrap();
        let flat = |message: &Message<'_>| -> Vec<Value<'static>> {
            let mut values = Vec::new();
            let mut waiting: Vec<&Command<'_>> = message.body.commands.iter().collect();
            while let Some(command) = waiting.pop() {
                waiting.extend(command.children());
                let command = command.clone().into_owned();
                values.extend(Value::of_command(&command).map(|(_, value)| value));
            }
            values
        };
        let (values, others) = (flat(&message), flat(&binary));
        assert_eq!(values.len(), others.len(), "{}", file.name);
        for (value, other) in values.iter().zip(&others) {
            count += 1;
            assert_eq!(compare(value, value).verdict, Verdict::Identical, "{}", file.name);
            let found = compare(value, other);
            assert!(found.is_same(), "{}: {found}", file.name);
            let Some(text) = value.data.as_ref().map(Data::as_str) else { continue };
            // Given back as text of no format, with blanks around it.
            let padded = Value::text(format!("\r\n {text} \n"));
            let found = compare(value, &padded);
            let node = value.format.as_ref().is_some_and(|format| *format == Format::Node);
            assert!(found.is_same() || node, "{}: {found}", file.name);
            // Another value is another value.
            let other = Value::text(format!("{text}!x"));
            if !text.trim().is_empty() && !node && value.format != Some(Format::Null) {
                assert!(!compare(value, &other).is_same(), "{}", file.name);
            }
        }
    }
    eprintln!("{count} values compared");
    assert!(count > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_value_is_what_it_is(
        format in prop::sample::select(vec!["chr", "int", "bool", "b64", "xml", "float", "date", "null", "node"]),
        text in "[ -~\\t\\n\\r]{0,16}",
        other in "[ -~\\t\\n\\r]{0,16}",
    ) {
        let one = Value::new(Format::from_text(format), Data::text(text.clone()));
        prop_assert_eq!(compare(&one, &one).verdict, Verdict::Identical);
        let two = Value::new(Format::from_text(format), Data::text(other));
        let found = compare(&one, &two);
        // At most one reason that is not tolerated, and it comes last.
        let count = found.reasons.iter().filter(|reason| !reason.is_tolerated()).count();
        prop_assert!(count <= 1);
        prop_assert_eq!(count == 0, found.is_same());
        // Through a message it is still the same.
        let mut message = Message::default();
        let mut command = Command::replace("./A", Format::from_text(format), Data::text(text));
        if let Command::Replace(request) = &mut command {
            request.meta = Some(Box::new(Meta::format(Format::Int)));
        }
        message.body.commands.push(command);
        let mut out = Vec::new();
        encode(&message, &mut out).unwrap();
        let again = decode(&out, &Limits::default()).unwrap();
        let (_, value) = Value::of_command(&again.body.commands[0]).next().unwrap();
        prop_assert_eq!(compare(&one, &value).verdict, Verdict::Identical);
    }

    #[test]
    fn nothing_panics(one in "(<|>|/|a|b|=|'|&|&lt;|enabled|data|id|value| |<!--|-->|x){0,20}", two in "(<|>|/|a|enabled|data| id='x'| value='1'|/>){0,12}") {
        let _ = compare(&Value::text(one.clone()), &Value::text(two.clone()));
        let _ = compare(&Value::new(Format::Xml, Data::Markup(two.into())), &Value::text(one));
    }
}
