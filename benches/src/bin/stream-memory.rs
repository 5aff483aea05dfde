//! What decoding costs in memory, counted by the allocator.
//!
//! `stream-memory` decodes an answer to GetUpdateData of 100 MB while it arrives, and reads a
//! document of 47 MB for its titles. It exits with 1 when either needs more than it may.

use std::process::ExitCode;
use std::time::Instant;

use mdm_benches::alloc::{Counting, Memory, counted};
use wsusss::Limits;
use wsusss::metadata::{Select, Update};
use wsusss::stream::{Decoder, Event};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What one run cost.
fn measure<T>(run: impl FnOnce() -> T) -> (T, Memory, f64) {
    let began = Instant::now();
    let (result, memory) = counted(run);
    (result, memory, began.elapsed().as_secs_f64())
}

const MEGABYTE: usize = 1 << 20;
/// The whole answer.
const ANSWER: usize = 100 * MEGABYTE;
/// What the issue allows for it.
const ALLOWED: usize = 16 * MEGABYTE;
/// What a chunk of a network has.
const CHUNK: usize = 64 << 10;
/// A document of a cumulative update, with its component manifest.
const DOCUMENT: usize = 47 * MEGABYTE;

/// The answer of 100 updates, of which the middle is sent again and again.
fn stream(head: &str, middle: &str, tail: &str) -> Result<(usize, usize, usize), wsusss::Error> {
    let rounds = ANSWER / middle.len() + 1;
    let limits = Limits::default();
    let mut decoder = Decoder::new(&limits);
    let (mut bytes, mut updates, mut titles) = (0, 0, 0);
    let parts = std::iter::once(head)
        .chain(std::iter::repeat_n(middle, rounds))
        .chain(std::iter::once(tail));
    for chunk in parts.flat_map(|part| part.as_bytes().chunks(CHUNK)) {
        bytes += chunk.len();
        decoder.handle_bytes(chunk);
        while let Some(event) = decoder.poll_event()? {
            if let Event::Update(update) = event {
                let blob = update.blob();
                let document = blob.document(&limits)?;
                updates += 1;
                titles += Update::read(&document, Select::SUMMARY, &limits)?.localized.len();
            }
        }
    }
    decoder.handle_end();
    while decoder.poll_event()?.is_some() {}
    assert!(decoder.is_finished());
    Ok((bytes, updates, titles))
}

fn large_document() -> String {
    let line = "<assemblyIdentity name=\"Microsoft-Windows-Something\" version=\"10.0.1.2\" />\n";
    let mut text = "<upd:Update xmlns:upd=\"http://schemas.microsoft.com/msus/2002/12/Update\">\
        <upd:UpdateIdentity UpdateID=\"00000000-0000-0000-0000-000000000007\" RevisionNumber=\"200\" />\
        <upd:Properties UpdateType=\"Software\"/><upd:ApplicabilityRules><upd:Metadata>"
        .to_owned();
    while text.len() < DOCUMENT {
        text.push_str(line);
    }
    text.push_str(
        "</upd:Metadata></upd:ApplicabilityRules><upd:LocalizedPropertiesCollection>\
         <upd:LocalizedProperties><upd:Language>en</upd:Language><upd:Title>A large one</upd:Title>\
         </upd:LocalizedProperties></upd:LocalizedPropertiesCollection></upd:Update>",
    );
    text
}

fn main() -> ExitCode {
    let text = String::from_utf8(mdm_benches::inputs::update_data(100)).expect("UTF-8");
    let item = "<ServerSyncUpdateData>";
    let (head, rest) = text.split_at(text.find(item).expect("an update"));
    let (middle, tail) = rest.split_at(rest.find("</updates>").expect("the end of the updates"));
    let (result, cost, seconds) = measure(|| stream(head, middle, tail));
    let (bytes, updates, titles) = result.expect("it can be read");
    println!(
        "{} MB in chunks of {} KiB, {updates} updates, {titles} titles: peak {} KiB of {} KiB, \
         {:.1} allocations an update, {:.0} MB/s",
        bytes / 1_000_000,
        CHUNK >> 10,
        cost.peak >> 10,
        ALLOWED >> 10,
        cost.allocations as f64 / updates as f64,
        bytes as f64 / 1e6 / seconds,
    );
    let mut passed = bytes >= 100_000_000 && cost.peak <= ALLOWED;

    let text = large_document();
    // The title is behind the rules, so all of them are passed over.
    let (title, cost, seconds) = measure(|| {
        let update = Update::read(&text, Select::SUMMARY, &Limits::default()).expect("a document");
        update.title("de").map(str::len)
    });
    println!(
        "a document of {} MB read for its titles: peak {} bytes in {} allocations, {:.0} MB/s",
        text.len() / 1_000_000,
        cost.peak,
        cost.allocations,
        text.len() as f64 / 1e6 / seconds,
    );
    passed &= title == Some(11) && cost.peak < 16 << 10 && cost.allocations < 16;

    // The same as servers send it: UTF-16 in a cabinet. The window and the frame before it are
    // what it costs.
    let cabinet = wsusss::cab::make_document(&text);
    let (title, cost, seconds) = measure(|| {
        let update = wsusss::cab::read_update(&cabinet, Select::SUMMARY, &Limits::default());
        update.expect("a document").title("de").map(str::len)
    });
    println!(
        "the same in a cabinet of {} KB: peak {} KiB in {} allocations, {:.0} MB/s of text",
        cabinet.len() / 1000,
        cost.peak >> 10,
        cost.allocations,
        text.len() as f64 / 1e6 / seconds,
    );
    passed &= title == Some(11) && cost.peak < 8 << 20;
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
