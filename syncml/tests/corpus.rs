//! Every SyncML file of the corpus: read, agreed with an independent reader, written and read again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::{CorpusFile, corpus};
use serde_json::Value;
use syncml::model::{Alert, Results, Status};
use syncml::{Command, Data, ErrorKind, Item, Limits, Message, Meta, decode, encode, wbxml};

/// Texts of the expectation: a string, or null for an element without text.
fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(text).collect()
}

/// What a well-formed element is called that holds elements where text is expected.
fn is_markup(value: &Value) -> bool {
    value.is_object()
}

struct Check<'c> {
    file: &'c str,
    wrong: Vec<String>,
}

impl Check<'_> {
    fn same(&mut self, what: &str, expected: &Value, found: Option<&str>) {
        let Some(expected) = text(expected) else { return };
        if expected != found.unwrap_or_default() {
            self.wrong.push(format!("{}: {what}: {expected:?} is {found:?}", self.file));
        }
    }

    fn message(&mut self, expected: &Value, message: &Message<'_>) {
        if let (Value::Object(fields), Some(header)) = (&expected["SyncHdr"], &message.header) {
            for (name, value) in fields {
                match name.as_str() {
                    "VerDTD" => self.same(name, value, Some(&header.ver_dtd)),
                    "VerProto" => self.same(name, value, Some(&header.ver_proto)),
                    "SessionID" => self.same(name, value, Some(header.session_id.as_str())),
                    "MsgID" => self.same(name, value, Some(header.msg_id.as_str())),
                    "Target" => self.same(name, value, Some(&header.target.loc_uri)),
                    "Source" => self.same(name, value, Some(&header.source.loc_uri)),
                    "RespURI" => self.same(name, value, header.resp_uri.as_deref()),
                    _ => {}
                }
            }
        }
        if expected["Final"].is_boolean() {
            assert_eq!(
                expected["Final"].as_bool(),
                Some(message.body.is_final),
                "{}: Final",
                self.file
            );
        }
        // A bare command: the other reader lists its children, or only their names.
        let commands = &message.body.commands;
        if expected["Top"].is_array() {
            return;
        }
        let first = text(&expected["Commands"][0]["name"]);
        match commands.as_slice() {
            [only] if message.header.is_none() && first.is_some_and(|name| name != only.name()) => {
                if !only.children().is_empty() {
                    self.commands(&expected["Commands"], only.children());
                }
            }
            _ => self.commands(&expected["Commands"], commands),
        }
    }

    fn commands(&mut self, expected: &Value, found: &[Command<'_>]) {
        let Some(expected) = expected.as_array() else { return };
        // Commands that OMA DM does not have are kept as they stand; the names agree all the same.
        let mut found = found.iter().filter(|command| {
            !matches!(command, Command::Unknown(_))
                || expected.iter().any(|one| text(&one["name"]) == Some(command.name()))
        });
        for one in expected {
            let name = text(&one["name"]).unwrap_or_default();
            let children = texts(&one["children"]);
            // Several CmdIDs in one command: it is read as several.
            let several = children.iter().filter(|child| **child == "CmdID").count();
            let Some(command) = found.next() else {
                self.wrong.push(format!("{}: {name} is missing", self.file));
                return;
            };
            if command.name() != name {
                self.wrong.push(format!("{}: {name} is {}", self.file, command.name()));
                return;
            }
            if several > 1 && children.contains(&"Item") {
                for _ in 1..several {
                    let next = found.next().map(Command::name);
                    assert_eq!(next, Some(name), "{}: several commands", self.file);
                }
                continue;
            }
            self.command(one, command);
        }
        if let Some(command) = found.next() {
            self.wrong.push(format!("{}: one {} too many", self.file, command.name()));
        }
    }

    fn command(&mut self, expected: &Value, command: &Command<'_>) {
        if matches!(command, Command::Unknown(_)) {
            return;
        }
        self.same("CmdID", &expected["CmdID"], command.cmd_id().map(|id| id.as_str()));
        if let Command::Status(Status { msg_ref, cmd_ref, cmd, .. })
        | Command::Results(Results { msg_ref, cmd_ref, cmd, .. }) = command
        {
            self.same("MsgRef", &expected["MsgRef"], msg_ref.as_ref().map(|id| id.as_str()));
            self.same("CmdRef", &expected["CmdRef"], cmd_ref.as_ref().map(|id| id.as_str()));
            self.same("Cmd", &expected["Cmd"], cmd.as_deref());
        }
        if let Command::Status(Status { target_refs, source_refs, .. })
        | Command::Results(Results { target_refs, source_refs, .. }) = command
        {
            for (name, found) in [("TargetRef", target_refs), ("SourceRef", source_refs)] {
                let expected = texts(&expected[name]);
                // A reference that holds a LocURI has no text of its own for the other reader.
                for (expected, found) in expected.iter().zip(found) {
                    if !expected.trim().is_empty() {
                        self.same(name, &Value::from(*expected), Some(found));
                    }
                }
            }
        }
        if let Command::Status(Status { data, .. }) | Command::Alert(Alert { data, .. }) = command {
            self.same("Data", &expected["Data"], data.as_deref());
        }
        if matches!(command, Command::Atomic(_) | Command::Sequence(_)) {
            return self.commands(&expected["Commands"], command.children());
        }
        let items = expected["Items"].as_array().map_or(&[][..], Vec::as_slice);
        if items.len() != command.items().len() {
            let (expected, found) = (items.len(), command.items().len());
            self.wrong.push(format!("{}: {expected} items are {found}", self.file));
        }
        for (expected, item) in items.iter().zip(command.items()) {
            self.item(expected, item);
        }
    }

    fn item(&mut self, expected: &Value, item: &Item<'_>) {
        let uri = |place: &Option<syncml::model::Location<'_>>| {
            place.as_ref().map(|place| place.loc_uri.to_string())
        };
        self.same("Target", &expected["Target"], uri(&item.target).as_deref());
        self.same("Source", &expected["Source"], uri(&item.source).as_deref());
        match (&expected["Data"], &item.data) {
            (value, Some(Data::Markup(_))) if is_markup(value) => {}
            (value, found) => self.same("Data", value, found.as_ref().map(Data::as_str)),
        }
        if expected["MoreData"].as_bool() == Some(true) && !item.more_data {
            self.wrong.push(format!("{}: MoreData is missing", self.file));
        }
        let empty = Meta::default();
        let meta = item.meta.as_ref().unwrap_or(&empty);
        if let Value::Object(fields) = &expected["Meta"] {
            for (name, value) in fields {
                let found = match name.as_str() {
                    "Format" => meta.format.as_ref().map(|format| format.as_str()),
                    "Type" => meta.typ.as_deref(),
                    "Mark" => meta.mark.as_deref(),
                    "Size" => meta.size.as_deref(),
                    _ => continue,
                };
                self.same(name, value, found);
            }
        }
    }
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

#[test]
fn every_message_is_read_and_written_again() {
    let Some(corpus) = corpus("syncml") else { return };
    let limits = Limits::default();
    let (mut read, mut refused, mut wrong) = (0, 0, Vec::new());
    for file in corpus.files() {
        if matches!(file.extension(), "wbxml" | "bin") {
            continue;
        }
        match decode(&file.bytes, &limits) {
            Ok(message) => {
                read += 1;
                round_trip(&file, &message);
                if let Some(expected) = &file.expect {
                    let mut check = Check { file: &file.name, wrong: Vec::new() };
                    check.message(expected, &message);
                    wrong.extend(check.wrong);
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
    eprintln!("{read} files read, {refused} refused");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 0, "nothing was read");
}

/// A message's content without what a conversion to WBXML and back drops: blanks around text.
fn outline(message: &Message<'_>) -> Vec<String> {
    fn walk(command: &Command<'_>, lines: &mut Vec<String>) {
        let id = command.cmd_id().map(|id| id.as_str().trim().to_owned());
        lines.push(format!("{} {id:?}", command.name()));
        for item in command.items() {
            let uri = item.loc_uri().map(str::trim);
            let format = item.meta.as_ref().and_then(|meta| meta.format.as_ref());
            let data = item.data.as_ref().map(|data| data.as_str().trim().replace("\r\n", "\n"));
            lines.push(format!(
                "  {uri:?} {:?} {:?}",
                format.map(|format| format.as_str().trim().to_owned()),
                data.filter(|data| !data.is_empty())
            ));
        }
        for child in command.children() {
            walk(child, lines);
        }
    }
    let mut lines = Vec::new();
    if let Some(header) = &message.header {
        lines.push(format!(
            "{} {}",
            header.session_id.as_str().trim(),
            header.msg_id.as_str().trim()
        ));
    }
    for command in &message.body.commands {
        walk(command, &mut lines);
    }
    lines
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
                assert_eq!(outline(&message), outline(&expected), "{}", file.name);
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
