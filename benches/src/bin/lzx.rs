//! Our decoder for cabinets against lzxd, taking turns. Exits with 1 where ours is not faster.

use std::process::ExitCode;

use mdm_benches::measure::Group;
use wsusss::cab::{self, Compression, Maker};

/// The frames of a cabinet of one file: compressed bytes and how many they stand for.
fn frames(cabinet: &[u8]) -> Vec<(&[u8], usize)> {
    let number =
        |at: usize| u32::from_le_bytes(cabinet[at..at + 4].try_into().expect("four bytes"));
    let short = |at: usize| usize::from(u16::from_le_bytes([cabinet[at], cabinet[at + 1]]));
    let mut at = number(36) as usize;
    let mut frames = Vec::new();
    for _ in 0..short(40) {
        let (packed, size) = (short(at + 4), short(at + 6));
        frames.push((&cabinet[at + 8..at + 8 + packed], size));
        at += 8 + packed;
    }
    frames
}

fn lzxd(frames: &[(&[u8], usize)]) -> usize {
    let mut decoder = lzxd::Lzxd::new(lzxd::WindowSize::MB2);
    let mut out = Vec::new();
    for (packed, size) in frames {
        out.extend_from_slice(decoder.decompress_next(packed, *size).expect("a frame"));
    }
    out.len()
}

fn main() -> ExitCode {
    let answer = String::from_utf8(mdm_benches::inputs::update_data(120)).expect("UTF-8");
    let mut passed = true;
    for (name, length) in
        [("a small document", 6_000), ("a document", 14_000), ("a large one", 1_500_000)]
    {
        let text: Vec<u8> = answer
            .chars()
            .take(length)
            .collect::<String>()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        // Its own numbers, so that it is not one long match.
        let text: Vec<u8> = text
            .chunks(1777)
            .enumerate()
            .flat_map(|(number, chunk)| {
                let number = (number * 2_654_435_761) % 1_000_003;
                [format!("{number}").as_bytes(), chunk].concat()
            })
            .collect();
        for kind in [Compression::Verbatim, Compression::Aligned] {
            let cabinet = Maker::default().compression(kind).make("blob", &text);
            let frames = frames(&cabinet);
            let table = Group::new(name, text.len())
                .with("wsusss", || cab::extract(&cabinet, text.len()).map_or(0, |out| out.len()))
                .with("lzxd", || lzxd(&frames))
                .measure(40);
            let ratio = table.ratio("wsusss", "lzxd");
            println!("{name}, {kind:?}: {} bytes from {}", text.len(), cabinet.len());
            for row in &table.rows {
                println!(
                    "  {}: {:.1} us, {:.0} MB/s, peak {} KiB",
                    row.name,
                    row.seconds * 1e6,
                    text.len() as f64 / row.seconds / 1e6,
                    row.memory.peak >> 10
                );
            }
            println!("  {ratio:.2} times as fast");
            passed &= ratio > 1.0;
        }
    }
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
