//! What decoding costs in memory, counted by the allocator.
//!
//! `stream-memory` decodes an answer to GetUpdateData of 100 MB while it arrives, and reads a
//! document of 47 MB for its titles; then it feeds the same answer to the sync machine. It exits
//! with 1 when any of them needs more than it may.

use std::process::ExitCode;
use std::time::Instant;

use chrono::DateTime;
use mdm_benches::alloc::{Counting, Memory, counted};
use wsusss::Limits;
use wsusss::metadata::{Scratch, Select, Update};
use wsusss::simulator::Upstream;
use wsusss::stream::{Decoder, Event};
use wsusss::sync::{self, Config, Sync, SyncError};

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
    let (mut decoder, mut scratch) = (Decoder::new(&limits), Scratch::default());
    let (mut bytes, mut updates, mut titles) = (0, 0, 0);
    let parts = std::iter::once(head)
        .chain(std::iter::repeat_n(middle, rounds))
        .chain(std::iter::once(tail));
    for chunk in parts.flat_map(|part| part.as_bytes().chunks(CHUNK)) {
        bytes += chunk.len();
        decoder.handle_bytes(chunk);
        while let Some(event) = decoder.poll_event()? {
            if let Event::Update(update) = event {
                updates += 1;
                let read = update.update(Select::SUMMARY, &limits, &mut scratch)?;
                titles += read.localized.len();
            }
        }
    }
    decoder.handle_end();
    while decoder.poll_event()?.is_some() {}
    assert!(decoder.is_finished());
    Ok((bytes, updates, titles))
}

/// The same answer, taken by the sync machine.
fn sync(head: &str, middle: &str, tail: &str) -> Result<(usize, usize), SyncError> {
    let config =
        Config::new("http://upstream", "mdm.example", "0f0e7c8d-0000-4000-8000-000000000001");
    let now = DateTime::UNIX_EPOCH;
    let mut machine = Sync::new(&config);
    let mut upstream = Upstream::default();
    for (key, text) in mdm_benches::inputs::update_documents(100) {
        machine.want(key);
        upstream.add(text).expect("a document");
    }
    loop {
        let request = machine.poll_transmit(now).expect("a request");
        if !request.soap_action.contains("GetUpdateData") {
            machine.handle_response(
                now,
                request.token,
                &upstream.handle(&request.body, now).body,
            )?;
            continue;
        }
        let rounds = ANSWER / middle.len() + 1;
        let (mut bytes, mut updates) = (0, 0);
        let parts = std::iter::once(head)
            .chain(std::iter::repeat_n(middle, rounds))
            .chain(std::iter::once(tail));
        for chunk in parts.flat_map(|part| part.as_bytes().chunks(CHUNK)) {
            bytes += chunk.len();
            machine.handle_response_chunk(now, request.token, chunk)?;
            while let Some(event) = machine.poll_event() {
                updates += usize::from(matches!(event, sync::Event::Update { .. }));
            }
        }
        machine.handle_response_end(now, request.token)?;
        return Ok((bytes, updates));
    }
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

    let (result, cost, seconds) = measure(|| sync(head, middle, tail));
    let (bytes, updates) = result.expect("it waits for this answer");
    println!(
        "{} MB through the sync machine, {updates} updates that are new: peak {} KiB, {:.0} MB/s",
        bytes / 1_000_000,
        cost.peak >> 10,
        bytes as f64 / 1e6 / seconds,
    );
    passed &= updates == 100 && cost.peak <= ALLOWED;

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
