//! The short way: lists as Apple's writers write them, read without events, findings or places.
//!
//! What these readers give is what [`build`](super::build) gives over the events of the same list,
//! and a list about which that has something to report: an error, a finding, a limit that is
//! reached, is not read here at all. So they decide nothing, they are only fast at what is usual;
//! the tests below and the fuzz target `plist` compare the two.

mod binary;
mod tree;
mod xml;

pub(super) use binary::read as read_binary;
pub(super) use xml::read as read_xml;

#[cfg(test)]
mod tests {
    use mdm_test_support::corpus;
    use proptest::prelude::*;

    use crate::plist::{
        Date, Dictionary, Error, Format, Limits, Value, binary, build, write_binary, write_xml, xml,
    };

    /// A list read both ways: the short one, if it read it, and the long one.
    fn both(bytes: &[u8], limits: &Limits) -> (Option<String>, Result<String, Error>) {
        let shown = |value: &Value<'_>| format!("{value:?} []");
        if Format::of(bytes) == Format::Binary {
            let Ok(mut events) = binary::Binary::open(bytes, limits) else {
                return (None, Ok(String::new()));
            };
            let short = super::read_binary(&events, limits).as_ref().map(shown);
            let long = build::build(&mut events, limits);
            return (short, long.map(|(value, found)| format!("{value:?} {found:?}")));
        }
        let Ok(source) = mdm_xml::Source::new(bytes, &limits.xml) else {
            return (None, Ok(String::new()));
        };
        let short = super::read_xml(source.text(), limits).as_ref().map(shown);
        let long = xml::Xml::open(source.text(), limits)
            .and_then(|mut events| build::build(&mut events, limits));
        (short, long.map(|(value, found)| format!("{value:?} {found:?}")))
    }

    /// What the short way reads, the long way reads the same, with nothing to report.
    fn agree(bytes: &[u8], limits: &Limits) -> bool {
        let (short, long) = both(bytes, limits);
        if let Some(short) = &short {
            assert_eq!(Ok(short), long.as_ref(), "{}", String::from_utf8_lossy(bytes));
        }
        short.is_some()
    }

    fn value() -> impl Strategy<Value = Value<'static>> {
        let text = prop_oneof![
            "[a-zA-Z0-9 ]{0,40}",
            "[<&>'\"]{1,3}[a-z]{0,9}",
            "[ -~\u{80}-\u{17f}]{0,20}",
        ];
        let leaf = prop_oneof![
            text.prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (0i64..300).prop_map(Value::from),
            any::<u64>().prop_map(|number| Value::Integer(number.into())),
            any::<f64>().prop_map(Value::Real),
            prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::from),
            (1i64..4_000_000_000).prop_map(|at| {
                Value::from(Date::from(chrono::DateTime::from_timestamp(at, 0).unwrap()))
            }),
        ];
        leaf.prop_recursive(3, 16, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec(("[a-dA-D]{1,3}", inner), 0..8).prop_map(|all| Value::from(
                    Dictionary::from_iter(all.into_iter().map(|(key, value)| (key.into(), value)))
                )),
            ]
        })
    }

    fn limits() -> impl Strategy<Value = Limits> {
        let few = || prop_oneof![3 => Just(usize::MAX), 1 => 0usize..40];
        (few(), few(), few(), few(), few(), few()).prop_map(
            |(nodes, depth, expansion, elements, text, deep)| {
                let mut limits = Limits::default();
                limits.nodes = nodes.min(limits.nodes);
                limits.depth = depth.min(limits.depth);
                limits.expansion = expansion.min(limits.expansion);
                limits.xml.elements = elements.min(limits.xml.elements);
                limits.xml.text = text.min(limits.xml.text);
                limits.xml.depth = deep.min(limits.xml.depth);
                limits
            },
        )
    }

    /// What is cut out, where, and what is put in its place.
    fn edit() -> impl Strategy<Value = (usize, usize, String)> {
        let piece = prop_oneof![
            Just(String::new()),
            "[\\x00-\\x7f]{1,2}",
            prop::sample::select(vec![
                "<dict>",
                "</dict>",
                "<array/>",
                "<key>a</key>",
                "<string/>",
                "&#0;",
                "&lt;",
                "\r",
                "<true/>",
                "<!-- -->",
                "<![CDATA[a]]>",
                " ",
                "<integer>0x1f</integer>",
                "\u{7f}",
                "<real>1</real>",
                "<data>Zg</data>",
                "<date>2026-01-01</date>",
                "\u{85}",
                "]]>",
            ])
            .prop_map(str::to_owned),
        ];
        (any::<prop::sample::Index>().prop_map(|at| at.index(1 << 16)), 0usize..12, piece)
    }

    fn written(value: &Value<'_>, form: u8) -> Vec<u8> {
        let mut out = Vec::new();
        match form {
            0 => write_binary(value, &mut out),
            1 => {
                write_xml(value, &mut out);
            }
            // As Apple's writers do.
            _ => {
                write_xml(value, &mut out);
                let text = String::from_utf8(out).unwrap();
                out = text.replace("><", ">\n\t<").replace(">\n\t</string>", "></string>").into();
            }
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

        #[test]
        fn both_ways_read_the_same(
            value in value(),
            form in 0u8..3,
            limits in limits(),
            edits in prop::collection::vec(edit(), 0..3),
        ) {
            let mut bytes = written(&value, form);
            for (at, cut, piece) in edits {
                let at = at % (bytes.len() + 1);
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, piece.bytes());
            }
            agree(&bytes, &limits);
            agree(&bytes, &Limits::default());
        }
    }

    #[test]
    fn usual_lists_go_the_short_way() {
        let update = Dictionary::new()
            .with("Build", "22H124")
            .with("DownloadSize", 225_236_247)
            .with("HumanReadableName", "iOS & 18.7")
            .with("IsCritical", false)
            .with("Token", vec![1u8, 2, 3])
            .with("Empty", Dictionary::new())
            .with("None", Value::Array(Vec::new()))
            .with("Progress", Value::Real(0.5))
            .with("DeferredUntil", Date::from_text("2026-11-21T00:00:00Z").unwrap());
        let many = Dictionary::from_iter(
            (0..100).map(|index| (format!("Key{index}").into(), Value::from("x"))),
        );
        let list = Dictionary::new()
            .with("AvailableOSUpdates", Value::Array(vec![update.clone().into(), update.into()]))
            .with("Many", many);
        for form in 0..3 {
            assert!(agree(&written(&list.clone().into(), form), &Limits::default()), "{form}");
        }
    }

    #[test]
    fn a_key_that_occurs_twice_goes_the_long_way_however_many_there_are() {
        for count in [2, 23, 24, 25, 26, 60] {
            let mut list = Dictionary::from_iter(
                (0..count).map(|index| (format!("k{index}").into(), Value::from(true))),
            );
            assert!(agree(&written(&list.clone().into(), 1), &Limits::default()));
            for key in [0, count - 1] {
                let before = list.len();
                list.push(format!("k{key}"), false);
                for form in 0..3 {
                    assert!(!agree(&written(&list.clone().into(), form), &Limits::default()));
                }
                assert_eq!(list.len(), before + 1);
                list = Dictionary::from_iter(list.into_iter().take(before));
            }
        }
    }

    #[test]
    fn the_corpus_is_read_the_same_and_its_clean_lists_the_short_way() {
        let Some(corpus) = corpus("apple-mdm") else { return };
        let limits = Limits::default();
        let (mut all, mut short) = (0, 0);
        for file in corpus.files() {
            if both(&file.bytes, &limits).1.is_ok_and(|read| read.ends_with(" []")) {
                all += 1;
                short += usize::from(agree(&file.bytes, &limits));
            }
        }
        assert!(short * 3 >= all, "{short} of {all}");
    }
}
