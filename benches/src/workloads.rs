//! The work whose instructions are counted: `work NAME TIMES` does it under valgrind.

use std::hint::black_box;

use crate::inputs;

/// A piece of work: its name, and what does it once. What it returns differs from 0.
pub type Workload = (&'static str, fn(times: usize) -> usize);

/// All of them.
pub const ALL: &[Workload] = &[
    ("syncml-decode-device-200", |times| syncml_decode(&inputs::device_package(200), times)),
    ("syncml-decode-server-100", |times| syncml_decode(&inputs::policy_package(100), times)),
    ("syncml-encode-device-200", |times| syncml_encode(&inputs::device_package(200), times)),
    ("syncml-encode-server-100", |times| syncml_encode(&inputs::policy_package(100), times)),
    ("xml-events-updates-20", |times| {
        let (bytes, options) = (inputs::update_data(20), mdm_xml::Options::default());
        again(times, || {
            let source = mdm_xml::Source::new(black_box(&bytes), &options.limits).expect("UTF-8");
            let mut reader = mdm_xml::Reader::new(source.text(), &options).expect("a text");
            let mut events = 0;
            while !matches!(reader.next().expect("well-formed"), mdm_xml::Event::Eof) {
                events += 1;
            }
            events
        })
    }),
    ("update-metadata-50", |times| crate::shapes::wsusss::metadata_work(times)),
    ("update-metadata-50-chunks", |times| crate::shapes::wsusss::chunks_work(times)),
    ("update-metadata-10-compressed", |times| crate::shapes::wsusss::compressed_work(times)),
    ("revision-list-1000", |times| crate::shapes::wsusss::list_work(times)),
    ("sync-machine-100", |times| crate::shapes::wsusss::machine_work(times)),
    ("catalog-100", |times| crate::shapes::wsusss::catalog_work(times)),
    ("session-of-windows", |times| crate::shapes::session::sessions(times)),
    ("plist-xml-updates-40", |times| {
        let bytes = inputs::available_updates(40);
        again(times, || crate::shapes::apple::typed(&bytes))
    }),
    ("plist-binary-updates-40", |times| {
        let bytes = inputs::to_binary(&inputs::available_updates(40));
        again(times, || crate::shapes::apple::typed(&bytes))
    }),
    ("plist-write-schedule", |times| {
        let (request, mut out) = (crate::shapes::apple::schedule_request(), Vec::new());
        again(times, || {
            out.clear();
            black_box(&request).encode(&mut out).expect("it can be written");
            out.len()
        })
    }),
    ("graph-views-page-200", |times| {
        let bytes = inputs::driver_page(200);
        again(times, || crate::shapes::graph::typed(&bytes))
    }),
    ("graph-models-page-200", |times| {
        let bytes = inputs::driver_page(200);
        again(times, || crate::shapes::graph::models(&bytes))
    }),
];

fn again(times: usize, mut work: impl FnMut() -> usize) -> usize {
    (0..times).fold(0, |sum, _| sum.wrapping_add(black_box(work())))
}

fn syncml_decode(bytes: &[u8], times: usize) -> usize {
    let limits = syncml::Limits::default();
    again(times, || {
        syncml::decode(black_box(bytes), &limits).expect("a message").body.commands.len()
    })
}

fn syncml_encode(bytes: &[u8], times: usize) -> usize {
    let message = syncml::decode(bytes, &syncml::Limits::default()).expect("a message");
    let mut out = Vec::with_capacity(2 * bytes.len());
    again(times, || {
        out.clear();
        syncml::encode(black_box(&message), &mut out).expect("it can be written");
        out.len()
    })
}
