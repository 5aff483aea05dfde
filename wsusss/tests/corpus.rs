//! Every file of the corpus: messages are read, written and read again; documents agree with an
//! independent reader; what is neither is named as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

#[path = "streaming/mod.rs"]
mod streaming;

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
            assert_eq!(clause_of(found), identities(expected), "{name}: {field}");
            let is_category = matches!(expected["IsCategory"].as_str(), Some("true" | "1"));
            assert_eq!(found.is_category, is_category, "{name}: {field}");
        }
    }
    if let Some(superseded) = expected["SupersededUpdates"].as_array() {
        let expected: Vec<String> =
            superseded.iter().flat_map(identities).map(|(id, _)| id).collect();
        let found: Vec<String> = update.superseded.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{name}: SupersededUpdates");
    }
    agree_on_files(name, update, expected);
    agree_on_elements(name, update, expected);
}

/// The updates of a clause as the other reader writes them.
fn identities(clause: &Value) -> Vec<(String, Option<String>)> {
    let one = |one: &Value| {
        let id = one["UpdateID"].as_str().unwrap_or_default().to_lowercase();
        (id, one["RevisionNumber"].as_str().map(str::to_owned))
    };
    clause["any"].as_array().into_iter().flatten().map(one).collect()
}

fn agree_on_files(name: &str, update: &Update<'_>, expected: &Value) {
    let Some(files) = expected["Files"].as_array() else { return };
    assert_eq!(update.files.len(), files.len(), "{name}: files");
    for (found, expected) in update.files.iter().zip(files) {
        let size = found.size.map(|size| size.to_string());
        for (field, found) in [
            ("FileName", Some(&*found.name)),
            ("Size", size.as_deref()),
            ("Modified", found.modified.as_deref()),
            ("Digest", Some(&*found.digest)),
            ("DigestAlgorithm", Some(&*found.algorithm)),
            ("PatchingType", found.patching_type.as_deref()),
        ] {
            assert_eq!(found, expected[field].as_str(), "{name}: {field}");
        }
        let others = found.additional.iter().map(|(algorithm, digest)| {
            Value::Array(vec![(&**algorithm).into(), (&**digest).into()])
        });
        let expected = expected["AdditionalDigest"].as_array().cloned().unwrap_or_default();
        assert_eq!(others.collect::<Vec<Value>>(), expected, "{name}: AdditionalDigest");
    }
}

/// The elements in Properties, in order for each name.
fn agree_on_elements(name: &str, update: &Update<'_>, expected: &Value) {
    let Some(elements) = expected["PropertyElements"].as_array() else { return };
    let named = |wanted: &str| -> Vec<String> {
        let texts = elements.iter().filter(|element| element[0].as_str() == Some(wanted));
        texts.map(|element| element[1].as_str().unwrap_or_default().to_owned()).collect()
    };
    for (field, found) in [
        ("KBArticleID", &update.kb_articles),
        ("SecurityBulletinID", &update.bulletins),
        ("CveID", &update.cves),
        ("Language", &update.languages),
    ] {
        assert_eq!(*found, named(field), "{name}: {field}");
    }
    assert_eq!(update.support_url.as_deref(), named("SupportUrl").last().map(|url| &**url));
    assert_eq!(update.installation.is_some(), !named("InstallationBehavior").is_empty());
    assert_eq!(update.uninstallation.is_some(), !named("UninstallationBehavior").is_empty());
    assert_eq!(update.readiness.is_some(), !named("Readiness").is_empty(), "{name}");
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
                // What the other reader refuses as no XML is none for us.
                let refused = expected.and_then(|expected| expected["error"].as_str());
                assert_eq!(refused, None, "{}", file.name);
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
    assert!(agreed > 0, "the corpus has no messages");
    assert_eq!(agreed, named, "messages that the other reader recognised as something else");
}

#[test]
fn documents_agree_with_the_other_reader() {
    let Some(corpus) = corpus("wsusss") else { return };
    let (mut read, mut described) = (0, 0);
    for file in corpus.files() {
        let expected = file.expect.as_ref().map(|expected| &expected["update"]);
        described += usize::from(expected.is_some_and(Value::is_object));
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
                // Half of the languages; and nothing after what was asked for.
                for language in ["de", "pt", "zh"] {
                    let languages = [language];
                    let some = Select::SUMMARY.languages(&languages).stop_early();
                    let some = Update::read(source.text(), some, &Limits::default()).unwrap();
                    assert_eq!(some.title(language), update.title(language), "{}", file.name);
                    assert!(some.localized.iter().all(|local| update.localized.contains(local)));
                }
                // What leaves the text is the same.
                let json = serde_json::to_string(&update.clone().into_owned()).unwrap();
                let again: Update<'_> = serde_json::from_str(&json).unwrap();
                assert_eq!(again, update, "{}", file.name);
                read += 1;
            }
            (Err(error), Some(Value::Object(_))) => panic!("{}: {error}", file.name),
            _ => {}
        }
    }
    eprintln!("{read} documents");
    assert_eq!(read, described, "documents that the other reader read");
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

#[test]
fn answers_in_chunks_agree_with_whole_ones() {
    let Some(corpus) = corpus("wsusss") else { return };
    let limits = Limits::default();
    let mut events = 0;
    for file in corpus.files() {
        streaming::agree(&file.name, &file.bytes, &limits);
        let whole = streaming::read(&file.bytes, &limits, [file.bytes.len()]);
        events += whole.0.len();
        for size in [1, 2, 3, 7, 64, 1021] {
            let chunks = streaming::read(&file.bytes, &limits, [size]);
            assert_eq!(chunks, whole, "{}: chunks of {size}", file.name);
        }
        // Nothing that was read is lost when the rest is.
        for end in (0..file.bytes.len()).step_by(file.bytes.len() / 50 + 1) {
            let (cut, _) = streaming::read(&file.bytes[..end], &limits, [97]);
            assert_eq!(cut, whole.0[..cut.len()], "{}: cut at {end}", file.name);
        }
    }
    eprintln!("{events} events");
    assert!(events > 0, "no message of the corpus was read");
}
