//! Update metadata: answers of Microsoft Update read for what an MDM shows, whole and while they
//! arrive, escaped and compressed; answers written; the sync machine and the catalog fed.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use wsusss::catalog::Catalog;
use wsusss::messages::{self, Message, Presence, Soap, UpdateData};
use wsusss::metadata::{Part, Scratch, Select, Update};
use wsusss::simulator::Upstream;
use wsusss::stream::{Decoder, Event};
use wsusss::sync::{self, Config, Sync};
use wsusss::{Limits, UpdateKey};

use super::{Scale, rivals};
use crate::claims::Claim;
use crate::inputs;
use crate::measure::{Group, Table};
use crate::report::Report;

/// Identity, type, date, licence terms, KB, and texts in every language; and no byte of what
/// follows them.
const META: Select<'static> = Select::PROPERTIES.and(Select::LOCALIZED).stop_early();
/// What a network gives at a time.
const CHUNK: usize = 64 << 10;
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// Strings that the metadata of one update is made of: title and language in ten languages, date,
/// KB, licence terms.
const STRINGS: usize = 23;

/// Measures it.
pub fn measure(scale: &Scale, report: &mut Report) {
    let sizes: &[usize] = if scale.quick { &[1, 20] } else { &[1, 100, 2_000] };
    let one = metadata(scale, report, 1).clone();
    for &updates in sizes.iter().skip(1) {
        let table = metadata(scale, report, updates).clone();
        claim_metadata(report, updates, &table, &one);
    }
    lists(scale, report);
    compressed(scale, report);
    written(scale, report);
    machine(scale, report);
    ingest(scale, report);
}

fn metadata<'r>(scale: &Scale, report: &'r mut Report, updates: usize) -> &'r Table {
    let bytes = inputs::update_data(updates);
    let bytes = bytes.as_slice();
    // A run of the largest takes long, and the fastest of few says little on a busy machine.
    let rounds = if updates > 500 { scale.rounds.min(12) } else { scale.rounds };
    let group = Group::new(format!("GetUpdateData of {updates}, metadata of each"), bytes.len())
        .with("quick-xml raw", || rivals::quick_xml_raw(black_box(bytes)));
    #[cfg(feature = "wsus-protocol")]
    let group = group.with("wsus-protocol", || wsus_protocol_index(black_box(bytes)));
    let group = group
        .with("decode alone", || with_updates(black_box(bytes), |data| data.updates.len()))
        .with("every byte checked", || {
            visited(black_box(bytes), Select::PROPERTIES.and(Select::LOCALIZED))
        })
        .with("as structs", || read(black_box(bytes)))
        .with("part by part", || visited(black_box(bytes), META))
        .with("in chunks", || in_chunks(black_box(bytes)));
    report.table(group.measure(rounds))
}

fn claim_metadata(report: &mut Report, updates: usize, table: &Table, one: &Table) {
    let name = format!("metadata of {updates} updates");
    let ratio = table.ratio("part by part", "quick-xml raw");
    report.claim(Claim::at_least(format!("{name} vs quick-xml raw"), ratio, 1.2, 2.0));
    let ratio = table.ratio("as structs", "quick-xml raw");
    report.claim(Claim::at_least(format!("{name}, as structs, vs quick-xml raw"), ratio, 1.2, 2.0));
    if cfg!(feature = "wsus-protocol") {
        let ratio = table.ratio("part by part", "wsus-protocol");
        let what = format!("{name} vs wsus-protocol with its index");
        report.claim(Claim::at_least(what, ratio, 10.0, 20.0));
    }
    let ratio = table.ratio("in chunks", "part by part");
    report.claim(Claim::at_least(format!("{name} in chunks vs whole"), ratio, 0.5, 0.8));
    let each = |row: &str| {
        let more = table.row(row).memory.allocations - one.row(row).memory.allocations;
        more as f64 / (updates - 1) as f64
    };
    let most = (STRINGS + 2) as f64;
    // The list of updates itself grows now and then, and so does the buffer.
    for (row, goal) in [("part by part", 0.2), ("as structs", 5.0), ("in chunks", 0.2)] {
        let what = format!("{name}, {row}: allocations an update");
        report.claim(Claim::counted(what, each(row), most, goal));
    }
    let largest = inputs::update_documents(updates)
        .iter()
        .map(|(_, text)| mdm_xml::escape_text(text).len())
        .max()
        .unwrap_or_default();
    let bound = |kib: usize, blobs: usize| ((kib << 10) + blobs * largest) as f64;
    report.claim(Claim::counted(
        format!("{name} in chunks of 64 KiB: peak bytes"),
        table.row("in chunks").memory.peak as f64,
        bound(256, 3),
        bound(64, 2),
    ));
    let cost = |table: &Table, row: &str| table.row(row).seconds / table.bytes as f64;
    for row in ["part by part", "in chunks"] {
        let ratio = cost(table, row) / cost(one, row);
        let what = format!("cost of a byte, {row}, with {updates} updates vs 1");
        report.claim(Claim::at_most(what, ratio, 3.0, 1.2));
    }
}

/// What of an update counts.
fn sum(part: &Part<'_>) -> usize {
    match part {
        Part::Identity(key) => key.revision as usize,
        Part::Property { name: "UpdateType" | "CreationDate" | "EulaID", value } => value.len(),
        Part::KbArticle(number) => number.len(),
        Part::Localized(local) => local.language.len() + local.title.len(),
        _ => 0,
    }
}

fn with_updates(bytes: &[u8], work: impl FnOnce(&UpdateData<'_>) -> usize) -> usize {
    let (_, message) = messages::decode(bytes, &Limits::default()).expect("an answer");
    match message {
        Message::GetUpdateDataResponse(Presence::Value(data)) => work(&data),
        _ => 0,
    }
}

fn visited(bytes: &[u8], select: Select<'_>) -> usize {
    let (limits, mut scratch) = (Limits::default(), Scratch::default());
    with_updates(bytes, |data| {
        let mut total = 0;
        for update in &data.updates {
            let visited = update.visit(select, &limits, &mut scratch, |part| total += sum(&part));
            visited.expect("a document");
        }
        total
    })
}

fn read(bytes: &[u8]) -> usize {
    let (limits, mut scratch) = (Limits::default(), Scratch::default());
    with_updates(bytes, |data| {
        let read = data.updates.iter().map(|update| {
            let update = update.update(META, &limits, &mut scratch).expect("a document");
            let texts = update.localized.iter();
            texts.map(|local| local.language.len() + local.title.len()).sum::<usize>()
                + update.property("EulaID").map_or(0, str::len)
                + update.creation_date().map_or(0, str::len)
                + update.kb_articles.len()
        });
        read.sum()
    })
}

fn in_chunks(bytes: &[u8]) -> usize {
    let (limits, mut scratch) = (Limits::default(), Scratch::default());
    let mut decoder = Decoder::new(&limits);
    let mut total = 0;
    for chunk in bytes.chunks(CHUNK) {
        decoder.handle_bytes(chunk);
        while let Some(event) = decoder.poll_event().expect("an answer") {
            if let Event::Update(update) = event {
                let visited = update.visit(META, &limits, &mut scratch, |part| total += sum(&part));
                visited.expect("a document");
            }
        }
    }
    decoder.handle_end();
    assert!(decoder.poll_event().expect("its end").is_none() && decoder.is_finished());
    total
}

#[cfg(feature = "wsus-protocol")]
fn wsus_protocol_index(bytes: &[u8]) -> usize {
    use wsus_protocol::metadata::UpdateIndex;
    use wsus_protocol::soap::{Limits, decode_response};
    use wsus_protocol::wsusss::GetUpdateDataResponse;

    let limits = Limits { max_body_bytes: usize::MAX, ..Limits::default() };
    let answer: GetUpdateDataResponse = decode_response(bytes, &limits).expect("an answer");
    let data = answer.result.into_value().expect("its result");
    let updates = data.updates.into_value().expect("its updates").into_iter();
    let indexed = updates.map(|update| {
        let text = update.xml_update_blob.into_value().expect("a document");
        let index = UpdateIndex::parse(text.as_bytes(), &limits).expect("a document");
        index.identity.revision.0 as usize + index.properties.attributes.len()
    });
    indexed.sum()
}

/// Lists of revisions, which have tens of thousands of items.
fn lists(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 100 } else { 10_000 };
    let (few, many) = (inputs::revision_list(10), inputs::revision_list(most));
    let stream = |bytes: &[u8]| {
        let mut decoder = Decoder::new(&Limits::default());
        let mut events = 0;
        for chunk in bytes.chunks(CHUNK) {
            decoder.handle_bytes(chunk);
            while decoder.poll_event().expect("an answer").is_some() {
                events += 1;
            }
        }
        decoder.handle_end();
        assert!(decoder.poll_event().expect("its end").is_none());
        events
    };
    let group = Group::new(format!("GetRevisionIdList of {most}"), many.len())
        .with("quick-xml raw", || rivals::quick_xml_raw(black_box(&many)))
        .with("decode", || revisions(black_box(&many)))
        .with("in chunks", || stream(black_box(&many)));
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("decode", "quick-xml raw");
    report.claim(Claim::at_least("a list of revisions vs quick-xml raw", ratio, 0.5, 1.0));
    let small = Group::new("GetRevisionIdList of 10", few.len())
        .with("decode", || revisions(black_box(&few)))
        .with("in chunks", || stream(black_box(&few)));
    let small = report.table(small.measure(scale.rounds)).clone();
    for row in ["decode", "in chunks"] {
        let cost = |table: &Table| table.row(row).seconds / table.bytes as f64;
        let what = format!("list of revisions, {row}: cost of a byte with {most} vs 10");
        report.claim(Claim::at_most(what, cost(&table) / cost(&small), 3.0, 1.2));
    }
}

fn revisions(bytes: &[u8]) -> usize {
    match messages::decode(bytes, &Limits::default()).expect("an answer").1 {
        Message::GetRevisionIdListResponse(Presence::Value(list)) => list.new_revisions.len(),
        _ => 0,
    }
}

/// Cabinets in base64.
fn compressed(scale: &Scale, report: &mut Report) {
    let updates = if scale.quick { 5 } else { 100 };
    let cabinets = inputs::cabinets(updates);
    let answer = inputs::compressed_update_data(updates);
    let plain = inputs::update_documents(updates);
    let size = plain.iter().map(|(_, text)| text.encode_utf16().count() * 2).sum();
    let frames: Vec<_> = cabinets.iter().map(|(_, cabinet)| rivals::frames(cabinet)).collect();
    let mut lzxd = rivals::Lzxd::default();
    let group = Group::new(format!("{updates} compressed documents"), size)
        .with("lzxd alone", || frames.iter().map(|frames| lzxd.decode(black_box(frames))).sum())
        .with("cabinets", || {
            let files = cabinets.iter().map(|(_, cabinet)| {
                wsusss::cab::extract(black_box(cabinet), 1 << 20).expect("a file").len()
            });
            files.sum()
        })
        .with("answer to texts", || {
            with_updates(black_box(&answer), |data| {
                let texts = data.updates.iter().map(|update| {
                    update.blob().document(&Limits::default()).expect("a document").len()
                });
                texts.sum()
            })
        })
        .with("answer to metadata", || visited(black_box(&answer), META));
    let table = report.table(group.measure(scale.rounds)).clone();
    for (what, row) in [
        ("cabinets unpacked", "cabinets"),
        ("compressed answer to texts", "answer to texts"),
        ("compressed answer to metadata", "answer to metadata"),
    ] {
        let ratio = table.ratio(row, "lzxd alone");
        report.claim(Claim::at_least(format!("{what} vs lzxd alone"), ratio, 0.9, 1.5));
    }
}

/// An answer written, into memory that is used again.
fn written(scale: &Scale, report: &mut Report) {
    let updates = if scale.quick { 5 } else { 100 };
    let bytes = inputs::update_data(updates);
    let documents = inputs::update_documents(updates);
    let (_, message) = messages::decode(&bytes, &Limits::default()).expect("an answer");
    let mut plain = UpdateData::default();
    for (key, text) in &documents {
        plain.updates.push(messages::UpdateDocument::text(*key, text.as_str()));
    }
    let plain = Message::GetUpdateDataResponse(plain.into());
    let rival = rivals::Envelope::new(&documents);
    // Both write into memory that they have.
    let mut theirs = String::with_capacity(2 * bytes.len());
    let mut out = Vec::with_capacity(2 * bytes.len());
    let mut write = |message: &Message<'_>| {
        out.clear();
        messages::encode(Soap::V11, message, &mut out).expect("it can be written");
        out.len()
    };
    assert_eq!(write(&message), write(&plain));
    let group = Group::new(format!("an answer of {updates} updates written"), bytes.len())
        .with("quick-xml serde", || {
            theirs.clear();
            quick_xml::se::to_writer(&mut theirs, black_box(&rival)).expect("it can be written");
            theirs.len()
        })
        .with("quick-xml escape alone", || {
            let escaped = documents
                .iter()
                .map(|(_, text)| quick_xml::escape::partial_escape(black_box(text.as_str())).len());
            escaped.sum()
        })
        .with("wsusss", || write(black_box(&plain)));
    let table = report.table(group.measure(scale.rounds)).clone();
    let ratio = table.ratio("wsusss", "quick-xml serde");
    report.claim(Claim::at_least("GetUpdateData written vs quick-xml serde", ratio, 4.0, 8.0));
    let ratio = table.ratio("wsusss", "quick-xml escape alone");
    report.claim(Claim::at_least("GetUpdateData written vs partial_escape alone", ratio, 1.0, 2.0));
    let allocations = table.row("wsusss").memory.allocations as f64;
    report.claim(Claim::counted("GetUpdateData written: allocations", allocations, 2.0, 0.0));
}

/// The answers of a run that fetches these documents.
fn record(documents: &[(UpdateKey, String)], config: &Config) -> Vec<Vec<u8>> {
    let mut upstream = Upstream::default();
    for (_, text) in documents {
        upstream.add(text.clone()).expect("a document");
    }
    let mut answers = Vec::new();
    let handle = |body: &[u8]| {
        answers.push(upstream.handle(body, NOW).body);
        answers.last().cloned().unwrap_or_default()
    };
    fetch(documents, config, handle, |sync, token, body| {
        sync.handle_response(NOW, token, body).is_ok()
    });
    answers
}

/// A run that fetches documents and stores their number; what it delivered.
fn fetch(
    documents: &[(UpdateKey, String)],
    config: &Config,
    mut answer: impl FnMut(&[u8]) -> Vec<u8>,
    mut take: impl FnMut(&mut Sync, u64, &[u8]) -> bool,
) -> usize {
    let mut machine = Sync::new(config);
    for (key, _) in documents {
        machine.want(*key);
    }
    let mut delivered = 0;
    while let Some(request) = machine.poll_transmit(NOW) {
        let body = answer(&request.body);
        assert!(take(&mut machine, request.token, &body), "it waits for this answer");
        delivered += drain(&mut machine);
    }
    assert_eq!(delivered, documents.len(), "documents of the run");
    delivered
}

fn drain(machine: &mut Sync) -> usize {
    let mut delivered = 0;
    while let Some(event) = machine.poll_event() {
        if let sync::Event::Update { key, document, .. } = event {
            black_box(document);
            machine.committed(key);
            delivered += 1;
        }
    }
    delivered
}

fn config() -> Config {
    Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001")
}

/// A run with recorded answers.
fn run(
    config: &Config,
    documents: &[(UpdateKey, String)],
    answers: &[Vec<u8>],
    chunks: bool,
) -> usize {
    let mut answers = answers.iter();
    let next = |_: &[u8]| answers.next().cloned().unwrap_or_default();
    fetch(documents, config, next, |machine, token, body| {
        if !chunks {
            return machine.handle_response(NOW, token, body).is_ok();
        }
        body.chunks(CHUNK).all(|chunk| machine.handle_response_chunk(NOW, token, chunk).is_ok())
            && machine.handle_response_end(NOW, token).is_ok()
    })
}

/// The sync machine, with recorded answers.
fn machine(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 20 } else { 10_000 };
    let config = config();
    let runs = [10, most].map(|updates| {
        let documents = inputs::update_documents(updates);
        let answers = record(&documents, &config);
        (documents, answers)
    });
    let mut costs = Vec::new();
    for each in &runs {
        let bytes = each.1.iter().map(Vec::len).sum();
        let group =
            Group::new(format!("a run of the sync machine, {} documents", each.0.len()), bytes)
                .with("decode alone", || {
                    let decoded = each.1.iter().map(|body| {
                        usize::from(messages::decode(black_box(body), &Limits::default()).is_ok())
                    });
                    decoded.sum()
                })
                .with("whole answers", || run(&config, black_box(&each.0), &each.1, false))
                .with("in chunks", || run(&config, black_box(&each.0), &each.1, true));
        let table = report.table(group.measure(scale.rounds)).clone();
        costs.push(table.row("whole answers").seconds / bytes as f64);
        if each.0.len() == most {
            let second = most as f64 / table.row("whole answers").seconds;
            let what = "documents that the sync machine takes a second on one core";
            report.claim(Claim::at_least(what, second, 10_000.0, 40_000.0));
            let ratio = table.ratio("in chunks", "whole answers");
            report.claim(Claim::at_least("sync machine in chunks vs whole", ratio, 0.5, 0.8));
        }
    }
    let what = format!("sync machine: cost of a byte with {most} documents vs 10");
    report.claim(Claim::at_most(what, costs[1] / costs[0], 3.0, 1.2));
}

/// Documents taken into the catalog.
fn ingest(scale: &Scale, report: &mut Report) {
    let most = if scale.quick { 20 } else { 10_000 };
    let mut costs = Vec::new();
    for updates in [10, most] {
        let documents = inputs::update_documents(updates);
        let bytes = documents.iter().map(|(_, text)| text.len()).sum();
        let limits = Limits::default();
        let group = Group::new(format!("{updates} documents into the catalog"), bytes)
            .with("quick-xml raw", || {
                documents.iter().map(|(_, text)| rivals::quick_xml_raw(text.as_bytes())).sum()
            })
            .with("read alone", || {
                let read = documents.iter().map(|(_, text)| {
                    usize::from(Update::read(black_box(text), Select::CATALOG, &limits).is_ok())
                });
                read.sum()
            })
            .with("catalog", || ingested(black_box(&documents)));
        let table = report.table(group.measure(scale.rounds.min(8))).clone();
        costs.push(table.row("catalog").seconds / bytes as f64);
        if updates == most {
            let ratio = table.ratio("catalog", "quick-xml raw");
            // The bound was 0.8 over documents with a third of the tags: every element is read and
            // checked, and the other side only splits. See BENCHMARKING.md.
            report.claim(Claim::at_least("catalog vs quick-xml raw", ratio, 0.6, 1.5));
        }
    }
    let what = format!("catalog: cost of a byte with {most} documents vs 10");
    report.claim(Claim::at_most(what, costs[1] / costs[0], 3.0, 1.2));
}

fn ingested(documents: &[(UpdateKey, String)]) -> usize {
    let (limits, mut catalog) = (Limits::default(), Catalog::new(["en", "de"]));
    for (_, text) in documents {
        catalog.insert_document(text, &limits).expect("a document");
    }
    catalog.len()
}

/// The work whose instructions are counted.
pub(crate) fn metadata_work(times: usize) -> usize {
    let bytes = inputs::update_data(50);
    (0..times).map(|_| visited(black_box(&bytes), META)).sum()
}

/// The same in chunks.
pub(crate) fn chunks_work(times: usize) -> usize {
    let bytes = inputs::update_data(50);
    (0..times).map(|_| in_chunks(black_box(&bytes))).sum()
}

/// The same of cabinets.
pub(crate) fn compressed_work(times: usize) -> usize {
    let bytes = inputs::compressed_update_data(10);
    (0..times).map(|_| visited(black_box(&bytes), META)).sum()
}

/// A list of revisions.
pub(crate) fn list_work(times: usize) -> usize {
    let bytes = inputs::revision_list(1_000);
    (0..times).map(|_| revisions(black_box(&bytes))).sum()
}

/// A run of the sync machine.
pub(crate) fn machine_work(times: usize) -> usize {
    let (config, documents) = (config(), inputs::update_documents(100));
    let answers = record(&documents, &config);
    (0..times).map(|_| run(&config, black_box(&documents), &answers, false)).sum()
}

/// Documents taken into the catalog.
pub(crate) fn catalog_work(times: usize) -> usize {
    let documents = inputs::update_documents(100);
    (0..times).map(|_| ingested(black_box(&documents))).sum()
}
