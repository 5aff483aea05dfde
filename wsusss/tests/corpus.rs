//! Every file of the corpus: messages are read, written and read again; documents agree with an
//! independent reader; what is neither is named as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use mdm_test_support::{CorpusFile, corpus};
use serde_json::Value;
use wsusss::messages::{self, Blob, Message};
use wsusss::metadata::{Select, Update};
use wsusss::{ErrorKind, Limits, UpdateKey};

fn clause_of(clause: &wsusss::metadata::Clause) -> Vec<(String, Option<String>)> {
    let one = |(id, revision): &(wsusss::UpdateId, Option<u32>)| {
        (id.to_string(), revision.map(|revision| revision.to_string()))
    };
    clause.any.iter().map(one).collect()
}

fn agree(name: &str, update: &Update<'_>, expected: &Value) {
    let identity = &expected["UpdateIdentity"];
    let id = identity["UpdateID"].as_str().unwrap_or_default().to_lowercase();
    assert_eq!(update.key.id.to_string(), id, "{name}");
    let revision = identity["RevisionNumber"].as_str().unwrap_or("0");
    assert_eq!(update.key.revision.to_string(), revision, "{name}");
    for (key, value) in expected["Properties"].as_object().into_iter().flatten() {
        assert_eq!(update.property(key), value.as_str(), "{name}: {key}");
    }
    let titles = expected["LocalizedProperties"].as_array().cloned().unwrap_or_default();
    assert_eq!(update.localized.len(), titles.len(), "{name}: languages");
    for (found, expected) in update.localized.iter().zip(&titles) {
        assert_eq!(expected["Language"].as_str(), Some(&*found.language), "{name}");
        assert_eq!(expected["Title"].as_str().unwrap_or_default(), &*found.title, "{name}");
        if let Some(description) = expected["Description"].as_str() {
            assert_eq!(found.description.as_deref(), Some(description), "{name}");
        }
    }
    for (field, found) in
        [("Prerequisites", &update.prerequisites), ("BundledUpdates", &update.bundled)]
    {
        let Some(clauses) = expected[field].as_array() else { continue };
        assert_eq!(found.len(), clauses.len(), "{name}: {field}");
        for (found, expected) in found.iter().zip(clauses) {
            let expected: Vec<(String, Option<String>)> = expected["any"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| {
                    let id = one["UpdateID"].as_str().unwrap_or_default().to_lowercase();
                    (id, one["RevisionNumber"].as_str().map(str::to_owned))
                })
                .collect();
            assert_eq!(clause_of(found), expected, "{name}: {field}");
        }
    }
    if let Some(files) = expected["Files"].as_array() {
        assert_eq!(update.files.len(), files.len(), "{name}: files");
    }
}

fn identity(value: &Value) -> Option<UpdateKey> {
    let id = value["UpdateID"].as_str()?.parse().ok()?;
    Some(UpdateKey::new(id, value["RevisionNumber"].as_str()?.parse().ok()?))
}

fn addresses(name: &str, found: &messages::List<messages::FileUrl>, expected: &Value) {
    let expected = expected.as_array().cloned().unwrap_or_default();
    assert_eq!(found.len(), expected.len(), "{name}: file addresses");
    for (found, expected) in found.iter().zip(&expected) {
        for (field, found) in [
            ("FileDigest", found.digest.as_str()),
            ("MUUrl", found.mu_url.as_str()),
            ("UssUrl", found.uss_url.as_str()),
        ] {
            let expected = expected[field].as_str().unwrap_or_default();
            assert_eq!(found.unwrap_or_default(), expected, "{name}: {field}");
        }
    }
}

fn round_trip(file: &CorpusFile, soap: messages::Soap, message: &Message<'_>) {
    let mut bytes = Vec::new();
    messages::encode(soap, message, &mut bytes)
        .unwrap_or_else(|error| panic!("{}: {error}", file.name));
    let (_, again) = messages::decode(&bytes, &Limits::default())
        .unwrap_or_else(|error| panic!("{}: written and not read: {error}", file.name));
    assert_eq!(&again, message, "{}: lost something", file.name);
}

#[test]
fn messages_are_read_and_written_again() {
    let Some(corpus) = corpus("wsusss") else { return };
    let limits = Limits::default();
    let (mut named, mut agreed, mut documents) = (0, 0, 0);
    for file in corpus.files() {
        let expected = file.expect.as_ref();
        let operation = expected.and_then(|expected| expected["operation"].as_str());
        named += usize::from(operation.is_some());
        match messages::decode(&file.bytes, &limits) {
            Ok((soap, message)) => {
                agreed += usize::from(operation == Some(message.name()));
                round_trip(&file, soap, &message);
                if let (Message::Fault(fault), Some(expected)) = (&message, expected) {
                    let expected = &expected["fault"];
                    for (field, found) in [
                        ("ErrorCode", fault.code.as_ref().map(wsusss::FaultCode::as_str)),
                        ("Message", fault.message.as_deref()),
                        ("ID", fault.id.as_deref()),
                        ("Method", fault.method.as_deref()),
                        ("faultcode", Some(&*fault.soap_code)),
                        ("faultstring", Some(&*fault.reason)),
                    ] {
                        assert_eq!(found, expected[field].as_str(), "{}: {field}", file.name);
                    }
                }
                if let Some(uri) = expected.and_then(|expected| expected["soap"].as_str()) {
                    let twelve = uri.contains("2003/05");
                    assert_eq!(soap == messages::Soap::V12, twelve, "{}", file.name);
                }
                if let (Message::GetRevisionIdListResponse(list), Some(expected)) =
                    (&message, expected)
                {
                    let list = list.value().unwrap();
                    let anchor = expected["Anchor"].as_str();
                    assert_eq!(list.anchor.as_str(), anchor, "{}", file.name);
                    let revisions = expected["revisions"].as_array().cloned().unwrap_or_default();
                    let keys: Vec<Option<UpdateKey>> = revisions.iter().map(identity).collect();
                    let found: Vec<_> = list.new_revisions.iter().copied().map(Some).collect();
                    assert_eq!(found, keys, "{}", file.name);
                }
                if let (Message::GetUpdateDataResponse(data), Some(expected)) = (&message, expected)
                {
                    let data = data.value().unwrap();
                    let updates = expected["updates"].as_array().cloned().unwrap_or_default();
                    assert_eq!(data.updates.len(), updates.len(), "{}", file.name);
                    addresses(&file.name, &data.file_urls, &expected["fileUrls"]);
                    for (update, expected) in data.updates.iter().zip(&updates) {
                        let key = update.key.value().copied();
                        assert_eq!(key, identity(&expected["Id"]), "{}", file.name);
                        let digests = expected["FileDigestList"].as_array();
                        let digests: Vec<&str> =
                            digests.into_iter().flatten().filter_map(Value::as_str).collect();
                        let found: Vec<&str> =
                            update.file_digests.iter().map(messages::Base64::as_str).collect();
                        assert_eq!(found, digests, "{}", file.name);
                        if let (Blob::Text(text), Value::Object(_)) =
                            (&update.blob(), &expected["update"])
                        {
                            let read = Update::read(text, Select::ALL, &limits)
                                .unwrap_or_else(|error| panic!("{}: {error}", file.name));
                            agree(&file.name, &read, &expected["update"]);
                            documents += 1;
                        }
                        let size = expected["compressed_bytes"].as_u64();
                        assert_eq!(
                            matches!(update.blob(), Blob::Compressed(_)),
                            size.is_some(),
                            "{}",
                            file.name
                        );
                        // Samples are cut in the middle: what is left of them is no base64 then.
                        let base64 =
                            messages::Base64::new(update.compressed.as_str().unwrap_or(""));
                        if let (Ok(bytes), Some(size)) = (base64.decode(), size) {
                            assert_eq!(bytes.len() as u64, size, "{}", file.name);
                        }
                    }
                }
            }
            Err(error) => {
                // The other reader knows no operation in it either, or could not read it at all.
                assert!(operation.is_none(), "{}: {error}", file.name);
                let named = matches!(error.kind(), ErrorKind::Xml(_) | ErrorKind::NotSoap(_));
                assert!(named, "{}: {error}", file.name);
            }
        }
    }
    eprintln!("{agreed} messages, {documents} documents in them");
    assert_eq!(agreed, named, "messages that the other reader recognised as something else");
}

#[test]
fn documents_agree_with_the_other_reader() {
    let Some(corpus) = corpus("wsusss") else { return };
    let mut read = 0;
    for file in corpus.files() {
        let expected = file.expect.as_ref().map(|expected| &expected["update"]);
        let Ok(source) = mdm_xml::Source::new(&file.bytes, &Limits::default().xml) else {
            continue;
        };
        match (Update::read(source.text(), Select::ALL, &Limits::default()), expected) {
            (Ok(update), Some(expected @ Value::Object(_))) => {
                agree(&file.name, &update, expected);
                // Asking for less gives less and nothing else.
                let summary =
                    Update::read(source.text(), Select::SUMMARY, &Limits::default()).unwrap();
                assert_eq!(summary.localized, update.localized, "{}", file.name);
                assert_eq!(summary.prerequisites, update.prerequisites, "{}", file.name);
                assert!(summary.applicability_rules.is_none() && summary.files.is_empty());
                read += 1;
            }
            (Err(error), Some(Value::Object(_))) => panic!("{}: {error}", file.name),
            _ => {}
        }
    }
    eprintln!("{read} documents");
}

#[test]
fn cabinets_decode_to_the_text_beside_them() {
    let Some(corpus) = corpus("wsusss") else { return };
    let files = corpus.files();
    let mut read = 0;
    for file in &files {
        let mut cabinets = Vec::new();
        if file.extension() == "cab" {
            cabinets.push(file.bytes.clone());
        }
        for cabinet in cabinets {
            let extracted = wsusss::cab::extract(&cabinet, 1 << 20)
                .unwrap_or_else(|error| panic!("{}: {error}", file.name));
            let stem = file.name.rsplit_once('.').map_or("", |(stem, _)| stem);
            let beside = |extension: &str| {
                let name = format!("{stem}.{extension}");
                files.iter().find(|other| other.name == name).map(|other| other.bytes.clone())
            };
            if let Some(expected) = beside("utf16le") {
                assert_eq!(extracted, expected, "{}", file.name);
            }
            let text = wsusss::cab::document(&cabinet, &Limits::default()).unwrap();
            if let Some(expected) = beside("xml") {
                assert_eq!(text.trim(), String::from_utf8_lossy(&expected).trim(), "{}", file.name);
            }
            assert_eq!(
                wsusss::cab::extract(&cabinet, extracted.len() - 1),
                Err(wsusss::cab::CabError::Limit(extracted.len() - 1))
            );
            // Cut or changed anywhere, it is an error or, rarely, other bytes; never more.
            for at in (0..cabinet.len()).step_by(7) {
                let mut broken = cabinet.clone();
                broken[at] ^= 0x55;
                let _ = wsusss::cab::extract(&broken, 1 << 20);
                assert!(wsusss::cab::extract(&cabinet[..at], 1 << 20).is_err());
            }
            read += 1;
        }
    }
    // Another corpus need not have any.
    eprintln!("{read} cabinets");
}
