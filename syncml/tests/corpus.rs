//! Every SyncML file of the corpus: read, agreed with an independent reader, written and read again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fmt::Debug;

use mdm_test_support::{CorpusFile, corpus};
use mdm_xml::{Options, Reader, Tolerance};
use serde_json::Value;
use syncml::model::{Header, Location};
use syncml::{
    Command, Data, DecodeOptions, ErrorKind, Item, Limits, Message, Meta, decode, decode_with,
    encode, encode_own_bytes, wbxml,
};

/// Compares what was read with what another reader made of the file. Every field of the
/// expectation is looked at; one that is not known here fails the test.
struct Check<'c> {
    file: &'c str,
    wrong: Vec<String>,
    compared: usize,
}

/// What the other reader calls an element that holds elements where text is expected.
fn is_markup(value: &Value) -> bool {
    value.get("markup_children").is_some()
}

impl Check<'_> {
    fn wrong(&mut self, what: &str, expected: impl Debug, found: impl Debug) {
        self.wrong.push(format!("{}: {what}: {expected:?} is {found:?}", self.file));
    }

    /// A text, or null for an element without text.
    fn same(&mut self, what: &str, expected: &Value, found: Option<&str>) {
        self.compared += 1;
        let expected = match expected {
            Value::Null => "",
            Value::String(text) => text,
            other => return self.wrong(what, other, found),
        };
        if expected != found.unwrap_or_default() {
            self.wrong(what, expected, found);
        }
    }

    fn fields<'v>(&mut self, value: &'v Value) -> Vec<(&'v str, &'v Value)> {
        match value {
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.as_str(), value)).collect()
            }
            other => {
                self.wrong("object", other, "none");
                Vec::new()
            }
        }
    }

    fn message(&mut self, expected: &Value, message: &Message<'_>) {
        for (name, value) in self.fields(expected) {
            match name {
                "ns" => self.same(name, value, Some(message.namespace.uri())),
                "SyncHdr" if value.is_null() => {
                    if message.header.is_some() {
                        self.wrong(name, value, "a header");
                    }
                }
                "SyncHdr" => match &message.header {
                    Some(header) => self.header(value, header),
                    None => self.wrong(name, value, "no header"),
                },
                "Final" => {
                    if value.as_bool() != Some(message.body.is_final) {
                        self.wrong(name, value, message.body.is_final);
                    }
                }
                "Commands" => self.top(expected, message),
                // Elements in the body that are no commands: they are kept as they stand.
                "OtherBody" => {
                    for other in value.as_array().into_iter().flatten() {
                        let name = other.as_str().unwrap_or_default();
                        if !message.body.commands.iter().any(|command| command.name() == name) {
                            self.wrong("OtherBody", name, "nothing");
                        }
                    }
                }
                // What a part that is no message holds, by names: each is in what was read.
                "Top" => self.part(value, message),
                other => self.wrong("field", other, "not known to this test"),
            }
        }
    }

    fn part(&mut self, expected: &Value, message: &Message<'_>) {
        let names: Vec<&str> =
            expected.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut written = Vec::new();
        encode(message, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        for name in names {
            let there = written.contains(&format!("<{name}>"))
                || written.contains(&format!("<{name} "))
                || written.contains(&format!("<{name}/>"));
            self.compared += 1;
            if !there {
                self.wrong("Top", name, "nothing");
            }
        }
    }

    fn header(&mut self, expected: &Value, header: &Header<'_>) {
        for (name, value) in self.fields(expected) {
            match name {
                "VerDTD" => self.same(name, value, Some(&header.ver_dtd)),
                "VerProto" => self.same(name, value, Some(&header.ver_proto)),
                "SessionID" => self.same(name, value, Some(header.session_id.as_str())),
                "MsgID" => self.same(name, value, Some(header.msg_id.as_str())),
                "Target" => self.same(name, value, Some(&header.target.loc_uri)),
                "Source" => self.same(name, value, Some(&header.source.loc_uri)),
                "RespURI" => self.same(name, value, header.resp_uri.as_deref()),
                "Cred" => {
                    if value.as_bool() != Some(header.cred.is_some()) {
                        self.wrong(name, value, header.cred.is_some());
                    }
                }
                "Meta" => self.meta(value, header.meta.as_ref()),
                other => self.wrong("field of SyncHdr", other, "not known to this test"),
            }
        }
    }

    fn meta(&mut self, expected: &Value, meta: Option<&Meta<'_>>) {
        let empty = Meta::default();
        let meta = meta.unwrap_or(&empty);
        for (name, value) in self.fields(expected) {
            match name {
                "Format" => self.same(name, value, meta.format.as_ref().map(|f| f.as_str())),
                "Type" => self.same(name, value, meta.typ.as_deref()),
                "Mark" => self.same(name, value, meta.mark.as_deref()),
                "Size" => self.same(name, value, meta.size.as_deref()),
                "Version" => self.same(name, value, meta.version.as_deref()),
                "NextNonce" => self.same(name, value, meta.next_nonce.as_deref()),
                "MaxMsgSize" => self.same(name, value, meta.max_msg_size.as_deref()),
                "MaxObjSize" => self.same(name, value, meta.max_obj_size.as_deref()),
                "FieldLevel" => self.same(name, value, meta.field_level.as_deref()),
                "EMI" => self.same(name, value, meta.emi.first().map(|emi| &**emi)),
                "Anchor" => {
                    let anchor = meta.anchor.as_ref();
                    let parts = [
                        anchor.and_then(|anchor| anchor.last.as_ref()).map(|_| "Last"),
                        anchor.and_then(|anchor| anchor.next.as_ref()).map(|_| "Next"),
                    ];
                    let found: Vec<&str> = parts.into_iter().flatten().collect();
                    self.names("Anchor", &value["markup_children"], &found);
                }
                // Others are kept as they stand.
                other if meta.extra.iter().any(|raw| raw.local_name() == other) => {}
                other => self.wrong("field of Meta", other, "nothing"),
            }
        }
    }

    fn names(&mut self, what: &str, expected: &Value, found: &[&str]) {
        let mut expected: Vec<&str> =
            expected.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut found = found.to_vec();
        expected.sort_unstable();
        found.sort_unstable();
        self.compared += 1;
        if expected != found {
            self.wrong(what, expected, found);
        }
    }

    /// The commands at the top. For a bare command the other reader lists what is in it.
    fn top(&mut self, expected: &Value, message: &Message<'_>) {
        let commands = &message.body.commands;
        let listed = expected["Commands"].as_array().map_or(&[][..], Vec::as_slice);
        match commands.as_slice() {
            [only] if expected.get("SyncHdr").is_none() && expected.get("Final").is_none() => {
                match listed {
                    [same] if same["name"].as_str() == Some(only.name()) => {
                        self.commands(listed, commands);
                    }
                    _ => self.commands(listed, only.children()),
                }
            }
            _ if expected["Top"].is_array() && listed.is_empty() => {}
            _ => self.commands(listed, commands),
        }
    }

    fn commands(&mut self, expected: &[Value], found: &[Command<'_>]) {
        // What is no command is kept as it stands, and not listed by the other reader.
        let mut found = found.iter().filter(|command| !matches!(command, Command::Unknown(_)));
        for one in expected {
            let name = one["name"].as_str().unwrap_or_default();
            // Several CmdIDs in one command: it is read as several.
            let ids = one["CmdID"].as_array().map_or(1, Vec::len);
            let taken: Vec<&Command<'_>> = found.by_ref().take(ids).collect();
            if taken.len() != ids || taken.iter().any(|command| command.name() != name) {
                let taken: Vec<&str> = taken.iter().map(|command| command.name()).collect();
                return self.wrong("commands", name, taken);
            }
            match taken.as_slice() {
                [only] => self.command(one, only),
                several => self.several(one, several),
            }
        }
        if let Some(command) = found.next() {
            self.wrong("commands", "no more", command.name());
        }
    }

    /// One element with several pairs of CmdID and items.
    fn several(&mut self, expected: &Value, found: &[&Command<'_>]) {
        let ids = expected["CmdID"].as_array().map_or(&[][..], Vec::as_slice);
        for (id, command) in ids.iter().zip(found) {
            self.same("CmdID", id, command.cmd_id().map(|id| id.as_str()));
        }
        let items: Vec<&Item<'_>> = found.iter().flat_map(|command| command.items()).collect();
        self.items(&expected["Items"], &items);
        let mut children: Vec<String> =
            found.iter().flat_map(|command| children(command)).collect();
        children.sort_unstable();
        let children: Vec<&str> = children.iter().map(String::as_str).collect();
        self.names("children", &expected["children"], &children);
    }

    fn command(&mut self, expected: &Value, command: &Command<'_>) {
        let (mut meta, mut data, mut refs) = (None, None, [&[][..], &[][..]]);
        let (mut msg_ref, mut cmd_ref, mut cmd) = (None, None, None);
        match command {
            Command::Status(status) => {
                (msg_ref, cmd_ref, cmd) = (
                    status.msg_ref.as_ref().map(|id| id.as_str()),
                    status.cmd_ref.as_ref().map(|id| id.as_str()),
                    status.cmd.as_deref(),
                );
                refs = [&status.target_refs, &status.source_refs];
                data = status.data.as_deref();
            }
            Command::Results(results) => {
                (msg_ref, cmd_ref, cmd) = (
                    results.msg_ref.as_ref().map(|id| id.as_str()),
                    results.cmd_ref.as_ref().map(|id| id.as_str()),
                    results.cmd.as_deref(),
                );
                refs = [&results.target_refs, &results.source_refs];
                meta = results.meta.as_deref();
            }
            Command::Alert(alert) => data = alert.data.as_deref(),
            Command::Atomic(group) | Command::Sequence(group) => meta = group.meta.as_deref(),
            Command::Sync(sync) => meta = sync.meta.as_ref(),
            Command::Map(map) => meta = map.meta.as_ref(),
            other => meta = other.request().and_then(|request| request.meta.as_deref()),
        }
        for (name, value) in self.fields(expected) {
            match name {
                "name" => {}
                "children" => {
                    let found = children(command);
                    let found: Vec<&str> = found.iter().map(String::as_str).collect();
                    self.names(&format!("children of {}", command.name()), value, &found);
                }
                "CmdID" => self.same(name, value, command.cmd_id().map(|id| id.as_str())),
                "MsgRef" => self.same(name, value, msg_ref),
                "CmdRef" => self.same(name, value, cmd_ref),
                "Cmd" => self.same(name, value, cmd),
                "Data" => self.same(name, value, data),
                "Meta" => self.meta(value, meta),
                "TargetRef" | "SourceRef" => {
                    let found = if name == "TargetRef" { refs[0] } else { refs[1] };
                    let expected = value.as_array().map_or(&[][..], Vec::as_slice);
                    if expected.len() != found.len() {
                        self.wrong(name, expected, found);
                    }
                    for (expected, found) in expected.iter().zip(found) {
                        self.same(name, expected, Some(found));
                    }
                }
                "Items" => {
                    let found: Vec<&Item<'_>> = command.items().iter().collect();
                    let listed = value.as_array().map_or(0, Vec::len);
                    // An item where commands are expected is kept as it stands.
                    let kept = command.children().iter().filter(|child| child.name() == "Item");
                    if found.is_empty() && kept.count() == listed {
                        continue;
                    }
                    self.items(value, &found);
                }
                "Commands" => {
                    let listed = value.as_array().map_or(&[][..], Vec::as_slice);
                    self.commands(listed, command.children());
                }
                other => self.wrong("field of a command", other, "not known to this test"),
            }
        }
    }

    fn items(&mut self, expected: &Value, found: &[&Item<'_>]) {
        let expected = expected.as_array().map_or(&[][..], Vec::as_slice);
        if expected.len() != found.len() {
            self.wrong("items", expected.len(), found.len());
        }
        for (expected, item) in expected.iter().zip(found) {
            let uri = |place: &Option<Location<'_>>| {
                place.as_ref().map(|place| place.loc_uri.to_string())
            };
            for (name, value) in self.fields(expected) {
                match name {
                    "Target" => self.same(name, value, uri(&item.target).as_deref()),
                    "Source" => self.same(name, value, uri(&item.source).as_deref()),
                    "Meta" => self.meta(value, item.meta.as_ref()),
                    "MoreData" => {
                        if value.as_bool() != Some(item.more_data) {
                            self.wrong(name, value, item.more_data);
                        }
                    }
                    "Data" => match &item.data {
                        Some(Data::Markup(markup)) if is_markup(value) => {
                            let found = elements(markup);
                            let found: Vec<&str> = found.iter().map(String::as_str).collect();
                            self.names("markup", &value["markup_children"], &found);
                        }
                        found => self.same(name, value, found.as_ref().map(Data::as_str)),
                    },
                    other => self.wrong("field of an item", other, "not known to this test"),
                }
            }
        }
    }
}

/// The local names of the elements at the top of markup.
fn elements(markup: &str) -> Vec<String> {
    let options = Options::default().with_fragment(true).with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(markup, &options).unwrap();
    let mut names = Vec::new();
    while let Some(child) = reader.child().unwrap() {
        names.push(child.local().to_owned());
        reader.skip().unwrap();
    }
    names
}

/// The local names of a command's children, as it is written.
fn children(command: &Command<'_>) -> Vec<String> {
    let mut message = Message::default();
    message.body.commands.push(command.clone());
    let mut out = Vec::new();
    encode(&message, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let inner = text.split_once("<SyncBody>").unwrap().1.rsplit_once("</SyncBody>").unwrap().0;
    let options = Options::default().with_fragment(true).with_undeclared_prefixes(Tolerance::Keep);
    let mut reader = Reader::new(inner, &options).unwrap();
    reader.child().unwrap().unwrap();
    let mut names = Vec::new();
    while let Some(child) = reader.child().unwrap() {
        names.push(child.local().to_owned());
        reader.skip().unwrap();
    }
    names
}

fn round_trip(file: &CorpusFile, message: &Message<'_>) {
    let mut bytes = Vec::new();
    encode(message, &mut bytes).unwrap_or_else(|error| panic!("{}: {error}", file.name));
    assert_eq!(bytes.len(), syncml::encoded_len(message), "{}", file.name);
    let again = decode(&bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{}: written and not read: {error}", file.name));
    assert_eq!(&again, message, "{}: lost something", file.name);
    let mut twice = Vec::new();
    encode(&again, &mut twice).unwrap();
    assert_eq!(bytes, twice, "{}: written in two ways", file.name);
}

/// Untouched commands have their own bytes, and strict reading refuses what has findings.
fn own_bytes_and_strictness(file: &CorpusFile, message: &Message<'_>) {
    let options = DecodeOptions::default().with_own_bytes(true);
    let kept = decode_with(&file.bytes, &options).unwrap();
    assert_eq!(&kept, message, "{}: keeping bytes changes what is read", file.name);
    let mut bytes = Vec::new();
    encode_own_bytes(&kept, &mut bytes).unwrap();
    let again = decode(&bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{}: own bytes are not read: {error}", file.name));
    assert_eq!(&again, message, "{}: own bytes lost something", file.name);
    let written = String::from_utf8(bytes).unwrap();
    for command in &kept.body.commands {
        if let Some(own) = command.own_bytes() {
            assert!(written.contains(own), "{}: {} was touched", file.name, command.name());
        }
    }
    let strict = decode_with(&file.bytes, &DecodeOptions::default().strict());
    assert_eq!(strict.is_ok(), message.diagnostics.is_empty(), "{}", file.name);
}

#[test]
fn every_message_is_read_and_written_again() {
    let Some(corpus) = corpus("syncml") else { return };
    let limits = Limits::default();
    let (mut read, mut refused, mut compared, mut wrong) = (0, 0, 0, Vec::new());
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        match decode(&file.bytes, &limits) {
            Ok(message) => {
                read += 1;
                round_trip(&file, &message);
                own_bytes_and_strictness(&file, &message);
                if let Some(expected) = &file.expect {
                    let mut check = Check { file: &file.name, wrong: Vec::new(), compared: 0 };
                    check.message(expected, &message);
                    wrong.extend(check.wrong);
                    compared += check.compared;
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.position().is_some(), "{}: no place: {error}", file.name);
                // What the other reader could read is another kind of document, or ours to read.
                let other_kind = matches!(error.kind(), ErrorKind::NotSyncml(_));
                if file.expect.is_some() && !other_kind {
                    wrong.push(format!("{}: {error}", file.name));
                }
                let reason = other_kind || matches!(error.kind(), ErrorKind::Xml(_));
                assert!(reason, "{}: refused without a reason: {error}", file.name);
            }
        }
    }
    eprintln!("{read} files read, {refused} refused, {compared} values compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 0 && compared > 0, "nothing was read");
}

/// A message without what a conversion to WBXML and back by libwbxml drops: blanks around text.
fn trimmed(message: &Message<'_>) -> Value {
    fn trim(value: &mut Value) {
        match value {
            Value::String(text) => {
                *text = text.replace("\r\n", "\n").trim().to_owned();
                if text.is_empty() {
                    *value = Value::Null;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(trim),
            Value::Object(fields) => {
                fields.values_mut().for_each(trim);
                // Data without text is Data all the same.
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

#[test]
fn wbxml_is_read_as_its_reference_decoder_reads_it() {
    let Some(corpus) = corpus("syncml") else { return };
    let files = corpus.files();
    let (mut compared, mut read) = (0, 0);
    for file in files.iter().filter(|file| matches!(file.extension(), "wbxml" | "bin")) {
        let message = wbxml::decode(&file.bytes, &Limits::default());
        let stem = file.name.rsplit_once('.').map_or(&*file.name, |(stem, _)| stem);
        let reference = files.iter().find(|other| other.name == format!("{stem}.decoded.xml"));
        match (message, reference) {
            (Ok(message), Some(reference)) => {
                let expected = decode(&reference.bytes, &Limits::default())
                    .unwrap_or_else(|error| panic!("{}: {error}", reference.name));
                assert_eq!(trimmed(&message), trimmed(&expected), "{}", file.name);
                round_trip(file, &message);
                compared += 1;
            }
            (Err(error), Some(_)) => panic!("{}: {error}", file.name),
            (Ok(_), None) => read += 1,
            (Err(error), None) => eprintln!("{}: {error}", file.name),
        }
    }
    eprintln!("{compared} WBXML files compared, {read} read without a reference");
    let references = files.iter().filter(|file| file.name.ends_with(".decoded.xml")).count();
    assert_eq!(compared, references, "a reference has no WBXML file that it belongs to");
}

#[test]
fn messages_in_other_parts_of_the_corpus_are_read_too() {
    for part in ["update-csp", "enrollment"] {
        let Some(corpus) = corpus(part) else { continue };
        for file in corpus.files() {
            if let Ok(message) = decode(&file.bytes, &Limits::default()) {
                round_trip(&file, &message);
            }
        }
    }
}
