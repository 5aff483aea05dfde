//! What we write in WBXML is read by libwbxml, the program most servers use, as the same message.
//!
//! Runs where `MDM_WBXML2XML` names the program `wbxml2xml` (`.ci/wbxml_peer` installs it).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::ffi::OsString;
use std::process::Command as Process;

use mdm_test_support::corpus;
use serde_json::Value;
use syncml::model::{Challenge, Header, Location, Namespace};
use syncml::wbxml::{self, EncodeOptions, PublicId, Version};
use syncml::{Command, Data, Format, Limits, Message, Meta, StatusCode, decode};

/// A message without what libwbxml drops or changes: blanks around text, comments in markup, and
/// the attributes of elements that it does not know.
fn trimmed(message: &Message<'_>) -> Value {
    fn trim(value: &mut Value) {
        match value {
            Value::String(text) => {
                let words: Vec<&str> = text.split_whitespace().collect();
                *text = words.join(" ");
                if text.is_empty() {
                    *value = Value::Null;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(trim),
            Value::Object(fields) => {
                // Attributes have no form in SyncML's code pages; libwbxml drops literal ones.
                for name in ["attributes", "data_attributes", "body_attributes"] {
                    fields.remove(name);
                }
                fields.values_mut().for_each(trim);
                if fields.get("Text").is_some_and(Value::is_null) {
                    *value = Value::Null;
                }
            }
            _ => {}
        }
    }
    let mut value = serde_json::to_value(message).unwrap();
    value.as_object_mut().unwrap().remove("diagnostics");
    trim(&mut value);
    value
}

/// What libwbxml cannot give back whatever we write, by rule.
fn beyond(message: &Message<'_>) -> Option<&'static str> {
    fn any(commands: &[Command<'_>], test: &dyn Fn(&Command<'_>) -> bool) -> bool {
        commands.iter().any(|one| test(one) || any(one.children(), test))
    }
    let commands = &message.body.commands;
    let format = |command: &Command<'_>| {
        let outer = command.request().and_then(|request| request.meta.as_deref());
        let inner = command.items().iter().filter_map(|item| item.meta.as_ref());
        inner.chain(outer).any(|meta| meta.format == Some(Format::Bin))
    };
    if any(commands, &format) {
        return Some("it writes raw bytes into XML");
    }
    let markup = |command: &Command<'_>| {
        let data = command.items().iter().filter_map(|item| item.data.as_ref());
        data.into_iter().any(|data| matches!(data, Data::Markup(_)))
    };
    if any(commands, &markup) {
        return Some("it drops attributes and namespaces in markup, and knows no page 2");
    }
    let section = |command: &Command<'_>| {
        let data = command.items().iter().filter_map(|item| item.data.as_ref());
        data.into_iter().any(|data| data.as_str().contains("]]>"))
    };
    if any(commands, &section) {
        return Some("it writes ]]> into a CDATA section");
    }
    let unknown = |command: &Command<'_>| matches!(command, Command::Unknown(_));
    if any(commands, &unknown) || format!("{message:?}").contains("Raw(") {
        return Some("it drops attributes and namespaces of literals");
    }
    matches!(message.namespace, Namespace::Other(_)).then_some("it knows no other namespace")
}

fn through_libwbxml(program: &OsString, message: &Message<'_>, form: &EncodeOptions, name: &str) {
    let mut bytes = Vec::new();
    wbxml::encode_with(message, form, &mut bytes).unwrap();
    let folder = std::env::temp_dir().join(format!("mdm-wbxml-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (from, to) = (folder.join("message.wbxml"), folder.join("message.xml"));
    std::fs::write(&from, &bytes).unwrap();
    let _ = std::fs::remove_file(&to);
    let done = Process::new(program).arg("-o").arg(&to).arg(&from).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let xml = std::fs::read(&to).unwrap_or_else(|_| panic!("{name}: {form:?}: {said}"));
    let again = decode(&xml, &Limits::default())
        .unwrap_or_else(|error| panic!("{name}: {error}: {}", String::from_utf8_lossy(&xml)));
    let mut expected = message.clone();
    // A message without a namespace is written as SyncML 1.2.
    if expected.namespace == Namespace::None {
        expected.namespace = Namespace::V12;
    }
    assert_eq!(trimmed(&again), trimmed(&expected), "{name}: {form:?}");
    let _ = std::fs::remove_dir_all(&folder);
}

fn forms() -> [EncodeOptions; 4] {
    let plain = EncodeOptions::default();
    [
        plain,
        plain.with_version(Version::V11).with_string_table(true),
        plain.with_version(Version::V13).with_public_id(PublicId::Text),
        plain.with_public_id(PublicId::Text).with_string_table(true),
    ]
}

fn fixture() -> Message<'static> {
    let mut header = Header::new(
        66.into(),
        3.into(),
        Location::new("urn:uuid:1"),
        Location::new("https://mdm.example/checkin?a=1&b=2"),
    );
    let mut meta = Meta::default();
    meta.max_msg_size = Some("524288".into());
    meta.max_obj_size = Some("1048576".into());
    header.meta = Some(meta);
    let mut message = Message::new(header, Default::default());
    let mut status = Command::status(2.into(), 0.into(), "SyncHdr", StatusCode::UNAUTHORIZED);
    if let Command::Status(status) = &mut status {
        let mut meta = Meta::format(Format::B64).with_type("syncml:auth-md5");
        meta.next_nonce = Some("AP8QgIGCgw==".into());
        status.challenge = Some(Challenge::new(meta));
        status.target_refs.push("https://mdm.example/".into());
        status.source_refs.push("urn:uuid:1".into());
    }
    message.body.commands.push(status);
    let value = |data: &'static str| Data::text(data);
    message.body.commands.push(Command::replace("./A", Format::Int, value("42")));
    message.body.commands.push(Command::add("./B", Format::B64, value("AP8QgA==")));
    message.body.commands.push(Command::add("./C", Format::Chr, value("<on a=\"1\"/> & \u{e4}")));
    message.body.commands.push(Command::add("./D", Format::Bool, value("true")));
    let inside = vec![Command::delete("./E"), Command::exec("./F"), Command::add_node("./G")];
    message.body.commands.push(Command::atomic(inside));
    message.body.commands.push(Command::get("./Vendor/MSFT/Update?list=StructData"));
    message.body.is_final = true;
    let mut number = 0;
    for command in &mut message.body.commands {
        number += 1;
        command.set_cmd_id(number.into());
    }
    message
}

#[test]
fn libwbxml_reads_what_we_write() {
    let Some(program) = std::env::var_os("MDM_WBXML2XML").filter(|name| !name.is_empty()) else {
        eprintln!("skipped: MDM_WBXML2XML names no wbxml2xml");
        return;
    };
    for namespace in [Namespace::V12, Namespace::V11] {
        let mut message = fixture();
        message.namespace = namespace;
        for form in forms() {
            through_libwbxml(&program, &message, &form, "fixture");
        }
    }
    let Some(corpus) = corpus("syncml") else { return };
    let (mut compared, mut passed_over) = (0, 0);
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        let Ok(message) = decode(&file.bytes, &Limits::default()) else { continue };
        if let Some(reason) = beyond(&message) {
            eprintln!("{}: {reason}", file.name);
            passed_over += 1;
            continue;
        }
        for form in [forms()[0], forms()[3]] {
            through_libwbxml(&program, &message, &form, &file.name);
        }
        compared += 1;
    }
    eprintln!("libwbxml read {compared} messages as they are; {passed_over} are beyond it");
    assert!(compared > passed_over, "most are not beyond it");
}
