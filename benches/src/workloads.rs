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
    ("session-of-windows", |times| crate::shapes::session::sessions(times)),
    ("plist-available-updates-40", |times| {
        let bytes = inputs::available_updates(40);
        again(times, || {
            apple_mdm::plist::decode(black_box(&bytes), &Default::default()).is_ok().into()
        })
    }),
    ("graph-page-200", |times| {
        let bytes = inputs::driver_page(200);
        let options = graph_wufb::json::Options::strict();
        again(times, || graph_wufb::json::read(black_box(&bytes), &options).is_ok().into())
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
