//! Decoding and encoding against the raw tokenizer, in one run: `cargo bench`, and compare the
//! throughput of a group's rows.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mdm_benches::inputs::{available_updates, device_package, driver_page, update_data};

/// quick-xml's event loop, which knows nothing of what it reads: the yardstick.
fn raw(bytes: &[u8]) -> usize {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut events = 0;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) | Err(_) => return events,
            Ok(_) => events += 1,
        }
    }
}

/// Our reader's event loop: the same with namespaces, limits, end names and characters checked.
fn ours(bytes: &[u8]) -> usize {
    let source = mdm_xml::Source::new(bytes, &mdm_xml::Limits::default()).expect("UTF-8");
    let mut reader =
        mdm_xml::Reader::new(source.text(), &mdm_xml::Options::default()).expect("a text");
    let mut events = 0;
    loop {
        match reader.next().expect("well-formed") {
            mdm_xml::Event::Eof => return events,
            _ => events += 1,
        }
    }
}

fn syncml(c: &mut Criterion) {
    for items in [10, 200, 2_000] {
        let bytes = device_package(items);
        let limits = syncml::Limits::default();
        let mut group = c.benchmark_group(format!("syncml/{items}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("quick-xml raw", |b| b.iter(|| raw(black_box(&bytes))));
        group.bench_function("mdm-xml", |b| b.iter(|| ours(black_box(&bytes))));
        group.bench_function("decode", |b| {
            b.iter(|| syncml::decode(black_box(&bytes), &limits).expect("a message"));
        });
        let message = syncml::decode(&bytes, &limits).expect("a message");
        let mut out = Vec::with_capacity(bytes.len() * 2);
        group.bench_function("encode", |b| {
            b.iter(|| {
                out.clear();
                syncml::encode(black_box(&message), &mut out).expect("it can be written");
            });
        });
        group.finish();
    }
}

fn wsusss(c: &mut Criterion) {
    use wsusss::messages::{Blob, Message};
    use wsusss::metadata::{Select, Update};
    for updates in [1, 100] {
        let bytes = update_data(updates);
        let limits = wsusss::Limits::default();
        let mut group = c.benchmark_group(format!("wsusss/{updates}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("quick-xml raw", |b| b.iter(|| raw(black_box(&bytes))));
        group.bench_function("mdm-xml", |b| b.iter(|| ours(black_box(&bytes))));
        group.bench_function("decode with metadata", |b| {
            b.iter(|| {
                let (_, message) =
                    wsusss::messages::decode(black_box(&bytes), &limits).expect("soap");
                let Message::GetUpdateDataResponse(data) = message else { return 0 };
                let mut titles = 0;
                for update in &data.updates {
                    let Blob::Text(text) = &update.blob else { continue };
                    let read = Update::read(text, Select::SUMMARY, &limits).expect("a document");
                    titles += read.localized.len();
                }
                titles
            });
        });
        group.finish();
    }
}

fn apple(c: &mut Criterion) {
    let bytes = available_updates(40);
    let mut group = c.benchmark_group("apple/40");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("quick-xml raw", |b| b.iter(|| raw(black_box(&bytes))));
    group.bench_function("plist", |b| {
        b.iter(|| {
            apple_mdm::plist::decode(black_box(&bytes), &Default::default()).expect("a list")
        });
    });
    group.finish();
}

fn graph(c: &mut Criterion) {
    let bytes = driver_page(200);
    let mut group = c.benchmark_group("graph/200");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("serde_json Value", |b| {
        b.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&bytes)).expect("JSON"));
    });
    group.bench_function("read", |b| {
        let options = graph_wufb::json::Options::strict();
        b.iter(|| graph_wufb::json::read(black_box(&bytes), &options).expect("JSON"));
    });
    group.finish();
}

criterion_group!(benches, syncml, wsusss, apple, graph);
criterion_main!(benches);
