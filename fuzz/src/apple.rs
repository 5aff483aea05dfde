//! Targets of mdm-xml and apple-mdm that compare with other readers, build their input from parts,
//! or drive machines: bytes alone do not get that far.
//!
//! What input may cost is asserted without a clock: values, events and bytes are counted against the
//! bytes that came in.

use apple_mdm::plist::{self, Date, Dictionary, Format, Limits, Value};
use arbitrary::{Arbitrary, Result, Unstructured};
use chrono::{DateTime, Duration, Utc};

#[path = "../../mdm-xml/tests/oracle/mod.rs"]
mod oracle;
#[path = "../../apple-mdm/tests/common/mod.rs"]
mod world;

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it can be written")
}

// --- mdm-xml ------------------------------------------------------------------------------------

/// The XML tokenizer against quick-xml's, and what a document costs: an event for a byte at most.
pub fn xml_oracle(data: &[u8]) {
    use mdm_xml::{Doctype, Event, Options, Reader, Source, Tolerance};
    let Ok(source) = Source::new(data, &mdm_xml::Limits::default()) else { return };
    assert!(source.text().len() <= data.len() * 2);
    if let Err(difference) = oracle::agree(source.text()) {
        panic!("{difference}");
    }
    let options = Options::default()
        .with_fragment(true)
        .with_doctype(Doctype::IgnoreSubset)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_forbidden_chars(Tolerance::Keep);
    let Ok(mut reader) = Reader::new(source.text(), &options) else { return };
    let (mut events, mut bytes, mut attributes) = (0, 0, 0);
    let end = loop {
        match reader.next() {
            Ok(Event::Eof) => break Ok(()),
            Ok(Event::Text(text)) => bytes += text.value().len(),
            Ok(Event::Start(element)) => {
                for attribute in reader.attributes(&element) {
                    attributes += 1;
                    bytes += attribute.value().len();
                }
            }
            Ok(_) => {}
            Err(error) => break Err(error),
        }
        events += 1;
    };
    // `<a/>` is two events.
    assert!(events + attributes <= source.text().len());
    assert!(bytes <= source.text().len());
    if let Err(error) = end {
        let path = error.path().unwrap_or_default();
        assert!(path.len() <= 257 * (64 * 6 + 16), "{}", path.len());
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}

/// A tree of elements from parts: written, read in three encodings, and the same again.
pub fn xml_writer(data: &[u8]) {
    use mdm_xml::{Encoding, Event, Options, Reader, Source, Writer, encoded_len};
    #[derive(Debug)]
    enum Step {
        Open(usize, Vec<(usize, String)>),
        Text(String),
        Close,
    }
    const NAMES: [&str; 6] = ["a", "B", "p:c", "d-e.f", "\u{e9}", "_"];
    fn steps(u: &mut Unstructured<'_>) -> Result<Vec<Step>> {
        let (mut all, mut depth) = (vec![Step::Open(0, Vec::new())], 1);
        while !u.is_empty() && all.len() < 200 {
            match u.int_in_range(0..=3)? {
                0 if depth < 60 => {
                    let mut attributes = Vec::new();
                    for name in 0..u.int_in_range(0..=3)? {
                        attributes.push((name, String::arbitrary(u)?));
                    }
                    all.push(Step::Open(u.choose_index(NAMES.len())?, attributes));
                    depth += 1;
                }
                1 if depth > 1 => {
                    all.push(Step::Close);
                    depth -= 1;
                }
                _ if !matches!(all.last(), Some(Step::Text(_))) => {
                    all.push(Step::Text(String::arbitrary(u)?));
                }
                _ => {}
            }
        }
        all.extend((0..depth).map(|_| Step::Close));
        Ok(all)
    }
    fn write<S: mdm_xml::Sink>(w: &mut Writer<S>, steps: &mut std::slice::Iter<'_, Step>) {
        while let Some(step) = steps.next() {
            match step {
                Step::Open(name, attributes) => {
                    let mut tag = w.element(NAMES[*name]);
                    if steps.len() > 0 && *name == 2 {
                        tag = tag.attr("xmlns:p", "urn:p");
                    }
                    for (name, value) in attributes {
                        tag = tag.attr(NAMES[*name], value);
                    }
                    tag.body(|w| write(w, steps));
                }
                Step::Text(text) => w.text(text),
                Step::Close => return,
            }
        }
    }
    let Ok(steps) = steps(&mut Unstructured::new(data)) else { return };
    let mut out = String::new();
    let mut writer = Writer::new(&mut out);
    write(&mut writer, &mut steps.iter());
    let replaced = writer.replaced();
    assert_eq!(encoded_len(|w| write(w, &mut steps.iter())), out.len());
    let mark = format!("\u{feff}{out}");
    let wide =
        |unit: fn(u16) -> [u8; 2]| -> Vec<u8> { mark.encode_utf16().flat_map(unit).collect() };
    for (bytes, encoding) in [
        (out.clone().into_bytes(), Encoding::Utf8),
        (wide(u16::to_le_bytes), Encoding::Utf16Le),
        (wide(u16::to_be_bytes), Encoding::Utf16Be),
    ] {
        let source = Source::new(&bytes, &mdm_xml::Limits::default()).expect("text");
        assert_eq!((source.encoding(), source.text()), (encoding, out.as_str()));
    }
    // With one attribute of a prefix that only its element declares, a tree may not be well-formed.
    let prefixes = steps.iter().any(|step| {
        matches!(step, Step::Open(name, all) if *name != 2 && all.iter().any(|(at, _)| *at == 2))
    });
    if prefixes || replaced > 0 {
        return;
    }
    let mut reader = Reader::new(&out, &Options::default()).expect("no forbidden characters");
    let mut expected =
        steps.iter().filter(|step| !matches!(step, Step::Text(text) if text.is_empty()));
    loop {
        match (reader.next().expect("what was written can be read"), expected.next()) {
            (Event::Start(element), Some(Step::Open(name, attributes))) => {
                assert_eq!(element.name(), NAMES[*name]);
                let read: Vec<(String, String)> = reader
                    .attributes(&element)
                    .map(|found| (found.name().to_owned(), found.value().into_owned()))
                    .collect();
                let own: Vec<(String, String)> = attributes
                    .iter()
                    .map(|(name, value)| (NAMES[*name].to_owned(), value.clone()))
                    .collect();
                assert_eq!(read, own);
            }
            (Event::Text(text), Some(Step::Text(own))) => assert_eq!(text.value(), own.as_str()),
            (Event::End, Some(Step::Close)) => {}
            (Event::Eof, None) => return,
            (event, step) => panic!("{event:?} for {step:?}"),
        }
    }
}

// --- property lists -----------------------------------------------------------------------------

/// Values and bytes of text and data in a value. As deep as the limits.
fn cost(value: &Value<'_>) -> (usize, usize) {
    let sum = |one: (usize, usize), two: (usize, usize)| (one.0 + two.0, one.1 + two.1);
    match value {
        Value::Array(values) => values.iter().map(cost).fold((1, 0), sum),
        Value::Dictionary(entries) => {
            entries.iter().map(|(key, value)| sum((0, key.len()), cost(value))).fold((1, 0), sum)
        }
        Value::String(text) => (1, text.len()),
        Value::Data(bytes) => (1, bytes.len()),
        _ => (1, 0),
    }
}

/// A value as a line, whichever crate it is of. Times as whole seconds.
fn line(value: &Value<'_>, out: &mut String) {
    match value {
        Value::Array(values) => {
            out.push('[');
            values.iter().for_each(|value| line(value, out));
            out.push(']');
        }
        Value::Dictionary(entries) => {
            out.push('{');
            for (key, value) in entries.iter() {
                out.push_str(&format!("{key:?}:"));
                line(value, out);
            }
            out.push('}');
        }
        Value::Real(number) => out.push_str(&format!("r{:x} ", number.to_bits())),
        Value::Date(date) => out.push_str(&format!("d{} ", &date.as_str()[..19])),
        Value::String(text) => out.push_str(&format!("{text:?} ")),
        Value::Data(bytes) => out.push_str(&format!("b{bytes:?} ")),
        Value::Integer(number) => out.push_str(&format!("i{number} ")),
        Value::Boolean(value) => out.push_str(&format!("{value} ")),
        Value::Uid(number) => out.push_str(&format!("u{number} ")),
        other => panic!("{other:?}"),
    }
}

fn their_line(value: &::plist::Value, out: &mut String) {
    match value {
        ::plist::Value::Array(values) => {
            out.push('[');
            values.iter().for_each(|value| their_line(value, out));
            out.push(']');
        }
        ::plist::Value::Dictionary(entries) => {
            out.push('{');
            for (key, value) in entries {
                out.push_str(&format!("{key:?}:"));
                their_line(value, out);
            }
            out.push('}');
        }
        ::plist::Value::Real(number) => out.push_str(&format!("r{:x} ", number.to_bits())),
        ::plist::Value::Date(date) => out.push_str(&format!("d{} ", &date.to_xml_format()[..19])),
        ::plist::Value::String(text) => out.push_str(&format!("{text:?} ")),
        ::plist::Value::Data(bytes) => out.push_str(&format!("b{bytes:?} ")),
        ::plist::Value::Integer(number) => out.push_str(&format!("i{number} ")),
        ::plist::Value::Boolean(value) => out.push_str(&format!("{value} ")),
        ::plist::Value::Uid(uid) => out.push_str(&format!("u{} ", uid.get())),
        other => panic!("{other:?}"),
    }
}

/// Property lists: what they cost, and what the crate `plist` reads in those about which nothing is
/// odd. That crate has no limits, so it sees what ours found small.
pub fn plist_oracle(data: &[u8]) {
    let limits = Limits::default().with_nodes(20_000).with_expansion(1 << 20).with_depth(32);
    let Ok((value, found)) = plist::decode_noting(data, &limits) else { return };
    let (values, bytes) = cost(&value);
    let binary = Format::of(data) == Format::Binary;
    if binary {
        assert!(values <= 20_000.min(data.len() * 16) && bytes <= 1 << 20);
    } else {
        assert!(values * 5 <= data.len() && bytes <= data.len() * 2, "{values} {bytes}");
    }
    let text = std::str::from_utf8(data).unwrap_or_default();
    // Listed in apple-mdm/tests/against_plist.rs: line ends, and what stands inside values.
    // Of binary lists the crate knows `bplist00` alone; another is an OpenStep list to it.
    let clear = data.starts_with(b"bplist00")
        || (text.starts_with('<') && !text.contains(['\r', '!', '?', '\0']));
    let mut own = String::new();
    line(&value, &mut own);
    // Fractions of seconds are rounded by each in its own way.
    let fractions = plist_has_fractions(&value);
    if !found.is_empty() || !clear || fractions {
        return;
    }
    let theirs = if binary {
        ::plist::Value::from_reader(std::io::Cursor::new(data))
    } else {
        ::plist::Value::from_reader_xml(std::io::Cursor::new(data))
    };
    if let Ok(theirs) = theirs {
        let mut other = String::new();
        their_line(&theirs, &mut other);
        assert_eq!(own, other, "{}", String::from_utf8_lossy(data));
    }
}

fn plist_has_fractions(value: &Value<'_>) -> bool {
    match value {
        Value::Array(values) => values.iter().any(plist_has_fractions),
        Value::Dictionary(entries) => entries.iter().any(|(_, value)| plist_has_fractions(value)),
        Value::Date(date) => date.as_str().len() != 20,
        _ => false,
    }
}

const KEYS: [&str; 10] = [
    "Status",
    "CommandUUID",
    "UDID",
    "ErrorChain",
    "QueryResponses",
    "OSVersion",
    "Settings",
    "a",
    "\u{e9}\u{9dd7}",
    "",
];

/// A value from parts. As deep as it is asked for.
fn value(u: &mut Unstructured<'_>, depth: usize) -> Result<Value<'static>> {
    Ok(match u.int_in_range(0..=9)? {
        0 if depth > 0 => {
            let mut values = Vec::new();
            for _ in 0..u.int_in_range(0..=5)? {
                values.push(value(u, depth - 1)?);
            }
            Value::Array(values)
        }
        1 | 2 if depth > 0 => {
            let mut entries = Dictionary::new();
            for _ in 0..u.int_in_range(0..=5)? {
                let key = if bool::arbitrary(u)? {
                    String::arbitrary(u)?
                } else {
                    (*u.choose(&KEYS)?).to_owned()
                };
                entries.push(key, value(u, depth - 1)?);
            }
            entries.into()
        }
        3 => bool::arbitrary(u)?.into(),
        4 => i64::arbitrary(u)?.into(),
        5 => Value::Integer(u64::arbitrary(u)?.into()),
        6 => Value::Real(f64::arbitrary(u).map(|real| if real.is_nan() { 0.5 } else { real })?),
        7 => Vec::<u8>::arbitrary(u)?.into(),
        8 => {
            // Year 1 to 9999.
            let seconds = u.int_in_range(-62_135_596_800i64..=253_402_300_799)?;
            let time = DateTime::from_timestamp(seconds, 0).expect("in chrono's range");
            Date::from(time).into()
        }
        _ => String::arbitrary(u)?.into(),
    })
}

/// Values from parts: each form gives the value back, the same bytes again, and nothing to report
/// but what was put in.
pub fn plist_values(data: &[u8]) {
    let Ok(own) = value(&mut Unstructured::new(data), 6) else { return };
    let text = |value: &Value<'_>| {
        let mut out = String::new();
        line(value, &mut out);
        out
    };
    for format in [Format::Xml, Format::Binary] {
        let mut out = Vec::new();
        let replaced = plist::write(&own, format, &mut out);
        let (again, found) = plist::decode_noting(&out, &Limits::default()).expect("own writing");
        for found in &found {
            use plist::DiagnosticCode::{DuplicateKey, ForbiddenCharacter, WholeReal};
            // Control characters of C1 are written as themselves.
            let expected = matches!(found.code, DuplicateKey | WholeReal)
                || (found.code == ForbiddenCharacter && format == Format::Xml);
            assert!(expected, "{found}");
        }
        if replaced == 0 {
            assert_eq!(text(&again), text(&own), "{}", String::from_utf8_lossy(&out));
        }
        let mut twice = Vec::new();
        plist::write(&again, format, &mut twice);
        assert_eq!(out, twice);
        if let Value::Dictionary(dictionary) = again {
            messages(dictionary);
        }
    }
}

/// Every view of a dictionary, none of which shows a secret of it.
fn messages(dictionary: Dictionary<'_>) {
    use apple_mdm::messages::{CheckIn, Report};
    secrets_stay(&dictionary);
    if let Ok(report) = Report::from_dictionary(dictionary.clone()) {
        let _ = (report.answer(), report.update_results(), report.available_updates());
        let _ = (report.update_progress(), report.errors.classify());
        if let Some(key) = report.enrollment().key() {
            assert!(key.split(':').all(|part| !part.is_empty()) || key.contains("::"));
        }
    }
    if let Ok(message) = CheckIn::from_dictionary(dictionary) {
        let _ = format!("{:?}", message.message());
    }
}

/// Secrets that are added, and inside a profile too, are not shown.
fn secrets_stay(dictionary: &Dictionary<'_>) {
    use apple_mdm::messages::CheckIn;
    const SECRET: &str = "hunter2";
    const KEYS: [&str; 4] = ["PushMagic", "UnlockToken", "Passcode", "PersonalRecoveryKey"];
    // A fuzzer finds the word and puts it where it is none.
    if format!("{dictionary:?}").contains(SECRET) {
        return;
    }
    let mut told = dictionary.clone();
    for key in KEYS {
        told.push(key, SECRET);
    }
    let inside =
        Dictionary::new().with("Password", SECRET).with("Token", SECRET.as_bytes().to_vec());
    told.push("PayloadContent", vec![Value::from(inside)]);
    let shown = format!("{told:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("104, 117, 110"), "{shown}");
    if let Ok(message) = CheckIn::from_dictionary(told) {
        assert!(!format!("{:?}", message.message()).contains(SECRET));
    }
}

/// Texts with a grammar: what is read prints as what reads the same, and orders like it.
pub fn apple_texts(data: &[u8]) {
    use apple_mdm::declarations::{Endpoint, Identifier, LocalDateTime};
    use apple_mdm::version::{Build, OsVersion};
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (one, two) = text.split_once('\n').unwrap_or((text, text));
    if let Ok(version) = one.parse::<OsVersion>() {
        assert_eq!(version.to_string().parse(), Ok(version));
        assert!(version.to_string().len() <= 40);
        if let Ok(other) = two.parse::<OsVersion>() {
            assert_eq!(version.cmp(&other), other.cmp(&version).reverse());
            assert_eq!(version == other, version.cmp(&other).is_eq());
            let _ = (version.is_minor_of(&other), version.is_patch_of(&other));
        }
        let _ = version.with_extra(two);
    }
    if let Ok(build) = one.parse::<Build>() {
        assert_eq!(build.as_str().parse().as_ref(), Ok(&build));
        assert!(build.as_str().len() <= apple_mdm::version::MAX_BUILD);
        if let Ok(other) = two.parse::<Build>() {
            assert_eq!(build.cmp(&other), other.cmp(&build).reverse());
            let _ = (build.is_sibling_of(&other), build.number(), build.train());
        }
    }
    if let Ok(time) = one.parse::<LocalDateTime>() {
        assert_eq!(time.as_str(), one);
        assert_eq!(LocalDateTime::from(time.time()), time);
        let _ = time.latest_utc();
    }
    if let Some(date) = Date::from_text(one) {
        assert_eq!(Date::from_text(date.as_str()).as_ref(), Some(&date));
        let time = date.time().expect("a date has a time");
        assert_eq!(Date::from(time).as_str()[..19], date.as_str()[..19]);
    }
    if let Ok(endpoint) = one.parse::<Endpoint>() {
        assert_eq!(endpoint.to_string(), one);
        assert!(one.len() <= apple_mdm::declarations::MAX_ENDPOINT);
    }
    if let Ok(identifier) = one.parse::<Identifier>() {
        assert_eq!(Identifier::of(one), identifier);
    }
    assert!(Identifier::of(one).as_str().len() <= 64);
    let _ = apple_mdm::schema::Platform::of_model(one);
}

// --- machines -----------------------------------------------------------------------------------

const PARTS: [&str; 16] = [
    "management",
    "declarations",
    "client-capabilities",
    "supported-payloads",
    "status-items",
    "configurations",
    "softwareupdate",
    "install-state",
    "failure-reason",
    "device",
    "operating-system",
    "version",
    "a",
    "a.b",
    "",
    "identifier",
];

/// A JSON value from parts.
fn tree(u: &mut Unstructured<'_>, depth: usize, out: &mut String) -> Result<()> {
    match u.int_in_range(0..=6)? {
        0..=2 if depth > 0 => {
            out.push('{');
            for at in 0..u.int_in_range(0..=4)? {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&format!("{:?}:", u.choose(&PARTS)?));
                tree(u, depth - 1, out)?;
            }
            out.push('}');
        }
        3 if depth > 0 => {
            out.push('[');
            for at in 0..u.int_in_range(0..=4)? {
                let name = u.int_in_range(0..=3)?;
                let removed = if bool::arbitrary(u)? { ",\"_removed\":true" } else { "" };
                let comma = if at > 0 { "," } else { "" };
                if bool::arbitrary(u)? {
                    out.push_str(&format!("{comma}{{\"identifier\":\"{name}\"{removed}}}"));
                } else {
                    out.push_str(&format!("{comma}\"a.b\""));
                }
            }
            out.push(']');
        }
        4 => out.push_str(&i64::arbitrary(u)?.to_string()),
        5 => out.push_str("true"),
        _ => out.push_str(&format!("{:?}", u.choose(&PARTS)?)),
    }
    Ok(())
}

fn report(u: &mut Unstructured<'_>) -> Result<String> {
    let mut items = String::new();
    items.push('{');
    for at in 0..u.int_in_range(0..=4)? {
        if at > 0 {
            items.push(',');
        }
        items.push_str(&format!("{:?}:", u.choose(&PARTS)?));
        tree(u, 4, &mut items)?;
    }
    items.push('}');
    let mut errors = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        errors.push(format!("{{\"StatusItem\":{:?}}}", u.choose(&PARTS)?));
    }
    let (full, errors) = (bool::arbitrary(u)?, errors.join(","));
    Ok(format!("{{\"StatusItems\":{items},\"FullReport\":{full},\"Errors\":[{errors}]}}"))
}

/// What is kept of a device, over reports from parts: within its limits, unchanged by what is
/// refused and by what is repeated, and the same when it was saved and restored.
pub fn apple_store(data: &[u8]) {
    use apple_mdm::declarations::status::{StatusReport, StatusStore, StoreLimits};
    let limits = StoreLimits::default().with_nodes(80).with_bytes(900).with_errors(4);
    let mut u = Unstructured::new(data);
    let mut store = StatusStore::default();
    for _ in 0..24 {
        let Ok(text) = report(&mut u) else { return };
        let Ok(report) = StatusReport::decode(text.as_bytes(), &Default::default()) else {
            continue;
        };
        let before = store.clone();
        match store.apply(&report, &limits) {
            Err(_) => assert_eq!(store, before, "{text}"),
            Ok(changes) => {
                assert!(changes.iter().all(|one| one.before != one.after), "{text}");
                let once = store.clone();
                let again = store.apply(&report, &limits).expect("it fitted");
                assert!(again.is_empty(), "{text} {again:?}");
                assert_eq!(store, once, "{text}");
            }
        }
        let bytes: usize = store.iter().map(|(name, value)| name.len() + value.text_bytes()).sum();
        assert!(store.nodes() <= 80 && bytes <= 900 && store.errors().count() <= 4);
        let mut items = Vec::new();
        store.items().encode(&mut items);
        let saved = json(&store);
        assert!(saved.len() < 64 << 10);
        let restored: StatusStore = serde_json::from_str(&saved).expect("it was saved");
        assert_eq!(restored, store);
        let _ = store.items().unknown();
    }
}

/// A plan and whoever talks to it, step by step: saved and restored at each, it goes on the same;
/// decided once, it stays decided; what it keeps is bounded.
pub fn apple_plan_steps(data: &[u8]) {
    use apple_mdm::declarations::Endpoint;
    use apple_mdm::declarations::rules::Installed;
    use apple_mdm::declarations::status::StatusReport;
    use apple_mdm::declarations::support::Enrollment;
    use apple_mdm::messages::Report;
    use apple_mdm::plan::{
        BootstrapToken, Device, Goal, MAX_EVENTS, Path, PlanState, UpdatePlan, Way,
    };
    use apple_mdm::schema::Platform;
    fn run(u: &mut Unstructured<'_>) -> Result<()> {
        const VERSIONS: [&str; 8] = ["9.3", "11.2", "12.5", "16.7", "17.2", "18.4", "26.4", "27.0"];
        let version = |u: &mut Unstructured<'_>| -> Result<apple_mdm::version::OsVersion> {
            Ok(u.choose(&VERSIONS)?.parse().expect("a version"))
        };
        let platform = *u.choose(&Platform::ALL)?;
        let enrollment =
            *u.choose(&[Enrollment::Supervised, Enrollment::Device, Enrollment::User])?;
        let token = *u.choose(&[BootstrapToken::Unknown, BootstrapToken::Missing])?;
        let ways = [Way::Auto, Way::Only(Path::Commands), Way::Only(Path::Declarations)];
        let deadline = (DateTime::UNIX_EPOCH + Duration::days(3)).naive_utc();
        let goal = Goal::new(version(u)?, deadline.into()).with_way(*u.choose(&ways)?);
        let installed = Installed::new(platform, version(u)?, None);
        let device = Device::new(installed, enrollment).with_bootstrap_token(token);
        let mut plan = UpdatePlan::new("p", device, goal);
        let mut now: DateTime<Utc> = DateTime::UNIX_EPOCH;
        for _ in 0..120 {
            let before = plan.outcome().cloned();
            match u.int_in_range(0..=10)? {
                0..=3 => {
                    let Some(command) = plan.poll_transmit(now).expect("it can be written") else {
                        continue;
                    };
                    let again = plan.poll_transmit(now).expect("it can be written");
                    assert_eq!(again.as_ref(), Some(&command), "the same bytes again");
                    let text = String::from_utf8(command).expect("XML");
                    let uuid = text.split("CommandUUID</key><string>").nth(1).expect("a UUID");
                    let uuid = uuid.split('<').next().unwrap_or_default().to_owned();
                    let reported = answer(u, &uuid, &VERSIONS)?;
                    plan.handle_report(now, &Report::from_dictionary(reported).expect("a status"));
                }
                4 => {
                    let reported = answer(u, "p-0001", &VERSIONS)?;
                    plan.handle_report(now, &Report::from_dictionary(reported).expect("a status"));
                }
                5 => {
                    let idle = Dictionary::new().with("Status", "Idle");
                    plan.handle_report(now, &Report::from_dictionary(idle).expect("a status"));
                }
                6 => {
                    let text = report(u)?;
                    if let Ok(report) = StatusReport::decode(text.as_bytes(), &Default::default()) {
                        plan.handle_status(now, &report);
                    }
                }
                7 => {
                    let endpoints =
                        [Endpoint::Tokens, Endpoint::DeclarationItems, Endpoint::Status];
                    let _ = plan.answer(now, u.choose(&endpoints)?, b"{\"StatusItems\":{}}");
                }
                8 => now += Duration::seconds(i64::from(u16::arbitrary(u)?) * 4),
                9 => plan.handle_timeout(now),
                _ => match u.int_in_range(0..=9)? {
                    0 => plan.withdraw(now),
                    1 => plan.bootstrap_token_escrowed(),
                    2 => while plan.poll_event().is_some() {},
                    _ => {}
                },
            }
            if before.is_some() {
                assert_eq!(plan.outcome(), before.as_ref(), "decided once");
            }
            if plan.is_over() {
                assert!(plan.outcome().is_some() && plan.poll_timeout().is_none());
                assert_eq!(plan.clone().poll_transmit(now).expect("nothing"), None);
            }
            let saved = json(&plan.clone().into_state());
            assert!(saved.len() < (MAX_EVENTS + 8) * 1024, "{}", saved.len());
            let state: PlanState = serde_json::from_str(&saved).expect("it was saved");
            let restored = UpdatePlan::resume(state).expect("of this version");
            assert_eq!(restored, plan);
            plan = restored;
        }
        // Nobody comes any more: the time ends it.
        for _ in 0..40 {
            now += Duration::days(1);
            plan.handle_timeout(now);
            let _ = plan.poll_transmit(now);
        }
        assert!(plan.is_over(), "{:?}", plan.stage());
        Ok(())
    }
    let _ = run(&mut Unstructured::new(data));
}

/// The answer of a device to a command, from parts that answers have.
fn answer(u: &mut Unstructured<'_>, uuid: &str, versions: &[&str]) -> Result<Dictionary<'static>> {
    let statuses =
        ["Acknowledged", "Acknowledged", "Acknowledged", "Error", "NotNow", "CommandFormatError"];
    let mut list = Dictionary::new()
        .with("Status", (*u.choose(&statuses)?).to_owned())
        .with("CommandUUID", uuid.to_owned())
        .with("UDID", "1");
    let mut text = |choices: &[&str]| -> Result<String> { Ok((*u.choose(choices)?).to_owned()) };
    let version = text(versions)?;
    let queries = Dictionary::new().with("OSVersion", version.clone()).with("BuildVersion", "20A1");
    list.push("QueryResponses", queries);
    let key = text(&["K", "L", ""])?;
    let update = Dictionary::new()
        .with("ProductKey", key.clone())
        .with("Version", version)
        .with("RequiresBootstrapToken", true);
    list.push("AvailableOSUpdates", vec![Value::from(update)]);
    let progress = Dictionary::new()
        .with("ProductKey", key.clone())
        .with("IsDownloaded", text(&["", "1"])? == "1")
        .with("Status", text(&["Idle", "Downloading", "Installing", "?"])?);
    list.push("OSUpdateStatus", vec![Value::from(progress)]);
    let result = Dictionary::new()
        .with("ProductKey", key)
        .with(
            "InstallAction",
            text(&["InstallASAP", "InstallLater", "DownloadOnly", "Error", "?"])?,
        )
        .with(
            "Status",
            text(&["Idle", "Downloading", "Installing", "DownloadFailed", "InstallFailed"])?,
        );
    list.push("UpdateResults", vec![Value::from(result)]);
    let required = Dictionary::new()
        .with("BootstrapTokenRequiredForSoftwareUpdate", text(&["", "1"])? == "1")
        .with("BootstrapTokenAllowedForAuthentication", "allowed");
    list.push("SecurityInfo", required);
    let errors = [
        ("DeviceManagement.error", 2213),
        ("MDMClientError", 74),
        ("MCMDMErrorDomain", 12008),
        ("MCMDMErrorDomain", 12021),
        ("?", 0),
    ];
    let (domain, code) = *u.choose(&errors)?;
    let chain = Dictionary::new().with("ErrorDomain", domain).with("ErrorCode", code);
    list.push("ErrorChain", vec![Value::from(chain)]);
    // Which of them are there: the first that is read counts.
    for key in [
        "QueryResponses",
        "AvailableOSUpdates",
        "OSUpdateStatus",
        "UpdateResults",
        "SecurityInfo",
        "ErrorChain",
    ] {
        if u.ratio(1, 3)? {
            list.remove(key);
        }
    }
    Ok(list)
}

/// A plan and a simulated device with habits and a network from parts: the plan ends, and the device
/// was told nothing that it must refuse.
pub fn apple_pair(data: &[u8]) {
    use apple_mdm::declarations::support::Enrollment;
    use apple_mdm::plan::{Goal, Outcome, Path, Way};
    use apple_mdm::schema::Platform;
    use apple_mdm::simulator::{AppleDevice, Habits};
    use world::{Fault, World, days};
    fn run(u: &mut Unstructured<'_>) -> Result<()> {
        const CASES: [(Platform, &str, &str); 8] = [
            (Platform::Ios, "16.7", "16.7.2"),
            (Platform::Ios, "18.7.1", "18.7.2"),
            (Platform::Ios, "26.4", "27.0"),
            (Platform::MacOs, "10.15.6", "10.15.7"),
            (Platform::MacOs, "13.1", "13.2"),
            (Platform::MacOs, "14.1", "14.2"),
            (Platform::TvOs, "17.1", "17.2"),
            (Platform::VisionOs, "26.0", "26.1"),
        ];
        let (platform, from, to) = *u.choose(&CASES)?;
        let mut habits = Habits::default();
        habits.busy = u.int_in_range(0..=3)?;
        habits.deferrals = u.int_in_range(0..=3)?;
        habits.deferral_hours = u.int_in_range(1..=30)?;
        habits.swallowed = u.int_in_range(0..=2)?;
        habits.answers_installation = bool::arbitrary(u)?;
        habits.installs_later = bool::arbitrary(u)?;
        habits.failures = u.int_in_range(0..=2)?;
        habits.eager = bool::arbitrary(u)?;
        let ways = [Way::Auto, Way::Auto, Way::Only(Path::Commands), Way::Only(Path::Declarations)];
        let way = *u.choose(&ways)?;
        let mut faults = Vec::new();
        for _ in 0..u.int_in_range(0..=40)? {
            faults.push(*u.choose(&[
                Fault::None,
                Fault::None,
                Fault::Lost,
                Fault::AnswerLost,
                Fault::Twice,
            ])?);
        }
        let device =
            AppleDevice::new("1", from, to, "K").with_platform(platform).with_habits(habits);
        let goal =
            Goal::new(to.parse().expect("a version"), days(u.int_in_range(1..=4)?)).with_way(way);
        let mut world = World::enrolled(device, goal, Enrollment::Supervised).with_faults(faults);
        let outcome = world.run();
        assert!(world.device.refused().is_empty(), "{:?}", world.device.refused());
        assert!(world.commands.len() < 2_000, "{}", world.commands.len());
        if let Outcome::Updated { .. } = outcome {
            assert_eq!(world.device.version(), to);
        }
        Ok(())
    }
    let _ = run(&mut Unstructured::new(data));
}
