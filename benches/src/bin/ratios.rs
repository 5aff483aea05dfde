//! Ours beside the limit and beside rivals, in one process, as ratios.

use std::hint::black_box;

use mdm_benches::alloc::Counting;
use mdm_benches::inputs;
use mdm_benches::measure::{Group, Table};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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

fn ours(bytes: &[u8], options: &mdm_xml::Options) -> usize {
    let source = mdm_xml::Source::new(bytes, &options.limits).expect("UTF-8");
    let mut reader = mdm_xml::Reader::new(source.text(), options).expect("a text");
    let mut events = 0;
    loop {
        match reader.next().expect("well-formed") {
            mdm_xml::Event::Eof => return events,
            _ => events += 1,
        }
    }
}

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    let options = mdm_xml::Options::new(&["SYNCML:SYNCML1.2", "syncml:metinf"]);
    for items in [10, 200, 2_000] {
        let bytes = inputs::device_package(items);
        let limits = syncml::Limits::default();
        let group = Group::new(format!("syncml {items}"), bytes.len())
            .with("quick-xml raw", || raw(black_box(&bytes)))
            .with("mdm-xml", || ours(black_box(&bytes), &options))
            .with("decode", || {
                syncml::decode(black_box(&bytes), &limits).expect("a message").body.commands.len()
            });
        print(&group.measure(15));
        if only == "syncml" && items == 200 {
            for _ in 0..20_000 {
                black_box(ours(black_box(&bytes), &options));
            }
            return;
        }
    }
    let bytes = inputs::update_data(100);
    let group = Group::new("update data 100", bytes.len())
        .with("quick-xml raw", || raw(black_box(&bytes)))
        .with("mdm-xml", || ours(black_box(&bytes), &options));
    print(&group.measure(15));
    let text = std::str::from_utf8(&bytes).unwrap();
    let start = text.find("&lt;").unwrap();
    let escaped = &text[start..start + text[start..].find('<').unwrap()];
    let group = Group::new("unescape", escaped.len())
        .with("quick-xml", || quick_xml::escape::unescape(black_box(escaped)).unwrap().len())
        .with("mdm-xml", || mdm_xml::unescape(black_box(escaped)).unwrap().len());
    print(&group.measure(15));
    let bytes = inputs::available_updates(40);
    let group = Group::new("available updates 40", bytes.len())
        .with("quick-xml raw", || raw(black_box(&bytes)))
        .with("mdm-xml", || ours(black_box(&bytes), &options))
        .with("plist", || {
            apple_mdm::plist::decode(black_box(&bytes), &Default::default()).is_ok().into()
        });
    print(&group.measure(15));
}

fn print(table: &Table) {
    println!("{} ({} bytes)", table.name, table.bytes);
    let base = table.rows.first().map_or(1.0, |row| row.seconds);
    for row in &table.rows {
        println!(
            "  {:24} {:8.1} MB/s {:6.2}x {:8} allocations {:10} bytes",
            row.name,
            table.bytes as f64 / row.seconds / 1e6,
            base / row.seconds,
            row.memory.allocations,
            row.memory.peak
        );
    }
}
