//! Cabinets of every shape come back as they were; broken ones are refused, and bombs in time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg(feature = "cab")]

use proptest::prelude::*;
use wsusss::Limits;
use wsusss::cab::{self, CabError, Cabinet, Compression, Maker};

const KINDS: [Compression; 4] =
    [Compression::Verbatim, Compression::Aligned, Compression::Uncompressed, Compression::Mixed];

/// Text with repetitions near and far, some calls, and stretches without any pattern.
fn content(size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size + 100);
    let mut state = 0x2545_F491_4F6C_DD1Du64;
    while out.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match state % 8 {
            0..4 => {
                let line = format!("<upd:Language>l{}</upd:Language>", state % 37);
                out.extend(line.encode_utf16().flat_map(u16::to_le_bytes));
            }
            4 => {
                out.push(0xE8);
                out.extend((u32::try_from(state % 70_000).unwrap()).to_le_bytes());
            }
            5 => out.extend(state.to_le_bytes()),
            6 => out.extend(vec![0x41; usize::try_from(state % 300).unwrap()]),
            _ => {
                let from = usize::try_from(state).unwrap_or(0) % (out.len() + 1);
                let copy = out[from..(from + 90).min(out.len())].to_vec();
                out.extend(copy);
            }
        }
    }
    out.truncate(size);
    out
}

#[test]
fn files_of_every_size_and_shape_come_back() {
    for size in [0, 1, 2, 3, 10, 11, 255, 32_767, 32_768, 32_769, 65_536, 100_001] {
        let content = content(size);
        let stored = Maker::default().stored().make("blob", &content);
        assert_eq!(cab::extract(&stored, size), Ok(content.clone()), "{size} stored");
        for kind in KINDS {
            for block in [101, 50_000] {
                let maker = Maker::default().compression(kind).block(block);
                let cabinet = maker.make("blob", &content);
                let out = cab::extract(&cabinet, size);
                assert!(out.as_deref() == Ok(&content), "{size} {kind:?} {block}: {:?}", out.err());
            }
        }
    }
}

fn in_blocks(cabinet: &[u8], max: usize, mut each: impl FnMut(&[u8])) -> Result<(), CabError> {
    let cabinet = Cabinet::read(cabinet)?;
    cabinet.extract_in_blocks(&cabinet.files()[0], max, |block| {
        each(block);
        std::ops::ControlFlow::Continue(())
    })
}

#[test]
fn a_file_in_blocks_is_longer_than_what_is_held() {
    let piece = content(150_000);
    // Six windows of 256 KiB, and matches from each into the one before.
    let content: Vec<u8> = (0u8..10)
        .flat_map(|number| {
            let mut piece = piece.clone();
            piece.iter_mut().step_by(997).for_each(|byte| *byte ^= number);
            piece
        })
        .collect();
    for maker in
        [Maker::default().window_bits(18), Maker::default().window_bits(15).translation(9_000_000)]
    {
        let cabinet = maker.make("blob", &content);
        let (mut done, mut same) = (0, true);
        in_blocks(&cabinet, content.len(), |block| {
            same &= content.get(done..done + block.len()) == Some(block);
            done += block.len();
        })
        .unwrap();
        assert!(same && done == content.len());
        let limit = content.len() - 1;
        assert_eq!(in_blocks(&cabinet, limit, |_| panic!()), Err(CabError::Limit(limit)));
    }
    let bytes = several();
    let cabinet = Cabinet::read(&bytes).unwrap();
    let mut second = Vec::new();
    let each = |block: &[u8]| {
        second.extend_from_slice(block);
        std::ops::ControlFlow::Continue(())
    };
    cabinet.extract_in_blocks(&cabinet.files()[1], 100, each).unwrap();
    assert_eq!(second, b"bbbbbb");
}

#[test]
fn every_window_is_read_and_calls_are_translated_back() {
    let content = content(150_000);
    for bits in 15..=21 {
        let plain = Maker::default().window_bits(bits).block(40_000);
        let cabinet = plain.make("blob", &content);
        assert!(cab::extract(&cabinet, 150_000).as_deref() == Ok(&content), "{bits}");
        for kind in KINDS {
            let cabinet = plain.compression(kind).translation(80_000).make("blob", &content);
            assert!(cab::extract(&cabinet, 150_000).as_deref() == Ok(&content), "{bits} {kind:?}");
            let mut blocks = Vec::new();
            in_blocks(&cabinet, 150_000, |block| blocks.extend_from_slice(block)).unwrap();
            assert!(blocks == content, "{bits} {kind:?} in blocks");
        }
    }
    // The encoder did translate something.
    let one = Maker::default().compression(Compression::Uncompressed);
    let (plain, translated) =
        (one.make("blob", &content), one.translation(80_000).make("blob", &content));
    let differing = plain.iter().zip(&translated[4..]).filter(|(a, b)| a != b).count();
    assert!(differing > 100);
}

#[test]
fn documents_are_utf16_and_as_small_as_servers_make_them() {
    let line = "<upd:Language>pt-br</upd:Language><upd:Title>Atualização</upd:Title>\n";
    let text = line.repeat(400);
    let cabinet = cab::make_document(&text);
    assert!(cabinet.len() < text.len() / 20, "{}", cabinet.len());
    assert_eq!(cab::document(&cabinet, &Limits::default()).unwrap(), text);
    assert_eq!(&cabinet[24..30], [3, 1, 1, 0, 1, 0]);
    let units = text.encode_utf16().count() * 2;
    let at_most = |max| cab::document(&cabinet, &Limits::default().with_document(max));
    assert!(at_most(units).is_ok());
    assert!(at_most(units - 1).is_err());
}

#[test]
fn the_limit_holds_before_anything_is_decompressed() {
    let cabinet = Maker::default().make("blob", &vec![0; 1 << 20]);
    assert!(cabinet.len() < 4000, "a bomb: {}", cabinet.len());
    assert_eq!(cab::extract(&cabinet, 1 << 20).map(|out| out.len()), Ok(1 << 20));
    assert_eq!(cab::extract(&cabinet, (1 << 20) - 1), Err(CabError::Limit((1 << 20) - 1)));
    // A size that no block stands for.
    let mut lying = cabinet.clone();
    lying[44..48].copy_from_slice(&(1u32 << 30).to_le_bytes());
    assert_eq!(cab::extract(&lying, 1 << 31), Err(CabError::End));
    lying[44..48].copy_from_slice(&u32::MAX.to_le_bytes());
    lying[48..52].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(cab::extract(&lying, 1 << 31), Err(CabError::Limit(1 << 31)));
}

/// A cabinet with two folders and three files, stored, with room reserved everywhere.
fn several() -> Vec<u8> {
    let mut cab = b"MSCF\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let data = 36 + 4 + 3 + 2 * (8 + 2) + 3 * (16 + 2);
    let second = data + 8 + 1 + 10;
    cab.extend((36u32 + 4 + 3 + 20).to_le_bytes());
    cab.extend([0, 0, 0, 0, 3, 1, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0]);
    cab.extend([3, 0, 2, 1, 0xAA, 0xAA, 0xAA]);
    for start in [data, second] {
        cab.extend(u32::try_from(start).unwrap().to_le_bytes());
        cab.extend([1, 0, 0, 0, 0xBB, 0xBB]);
    }
    for (size, start, folder, name) in [(4u32, 0u32, 0u8, b'a'), (6, 4, 0, b'b'), (3, 0, 1, b'c')] {
        cab.extend(size.to_le_bytes());
        cab.extend(start.to_le_bytes());
        cab.extend([folder, 0, 0, 0, 0, 0, 0, 0, name, 0]);
    }
    for block in [&b"aaaabbbbbb"[..], b"ccc"] {
        let size = u16::try_from(block.len()).unwrap().to_le_bytes();
        cab.extend([0; 4]);
        cab.extend(size);
        cab.extend(size);
        cab.push(0xCC);
        cab.extend(block);
    }
    cab
}

#[test]
fn several_files_in_several_folders_are_found() {
    let bytes = several();
    let cabinet = Cabinet::read(&bytes).unwrap();
    let files: Vec<(&[u8], Vec<u8>)> = cabinet
        .files()
        .iter()
        .map(|file| (file.name, cabinet.extract(file, 100).unwrap()))
        .collect();
    assert_eq!(
        files,
        [(&b"a"[..], b"aaaa".to_vec()), (b"b", b"bbbbbb".to_vec()), (b"c", b"ccc".to_vec())]
    );
    assert_eq!(cab::extract(&bytes, 100), Err(CabError::Shape));
    assert_eq!(cabinet.extract(&cabinet.files()[1], 9), Err(CabError::Limit(9)));
}

#[test]
fn a_broken_cabinet_is_refused_wherever_it_is_cut_or_changed() {
    for cabinet in [
        Maker::default().stored().make("blob", b"<a/> some text that is long enough"),
        Maker::default().make("blob", b"<a/> some text that is long enough, long enough"),
    ] {
        for end in 0..cabinet.len() {
            assert!(cab::extract(&cabinet[..end], 1000).is_err(), "{end}");
        }
        let mut changed = cabinet.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(cab::extract(&changed, 1000), Err(CabError::Checksum(0)));
        for (at, value, error) in [
            (28, 0, CabError::Shape),
            (30, 1, CabError::Shape),
            (42, 1, CabError::Compression(u16::from(cabinet[43]) << 8 | 1)),
            (52, 1, CabError::Shape),
            (0, 0, CabError::Signature),
        ] {
            let mut changed = cabinet.clone();
            changed[at] = value;
            assert_eq!(cab::extract(&changed, 1000), Err(error), "{at}");
        }
    }
    // A window that there is not.
    let mut changed = Maker::default().make("blob", b"a");
    changed[43] = 22;
    assert_eq!(cab::extract(&changed, 1000), Err(CabError::Compression(0x1603)));
}

/// A cabinet around one LZX frame that says it has `size` bytes, without a checksum.
fn frame(packed: &[u8], size: u16) -> Vec<u8> {
    let mut cabinet = Maker::default().make("blob", b"");
    cabinet[40] = 1;
    cabinet[44..48].copy_from_slice(&u32::from(size).to_le_bytes());
    cabinet.extend([0; 4]);
    cabinet.extend(u16::try_from(packed.len()).unwrap().to_le_bytes());
    cabinet.extend(size.to_le_bytes());
    cabinet.extend(packed);
    cabinet
}

#[test]
fn hostile_frames_are_refused() {
    let refused = |packed: &[u8], size| {
        assert_eq!(cab::extract(&frame(packed, size), 40_000), Err(CabError::Block(0)));
    };
    // Nothing, zeros, ones: block kinds 0 and 7.
    refused(&[], 1);
    refused(&[0; 100], 1);
    refused(&[0xFF; 100], 1);
    // Kind 1 with a size, and no codes at all.
    refused(&[0x00, 0x10, 0x00, 0x10], 1);
    refused(&[[0x00, 0x10, 0x00, 0x10].as_slice(), &[0; 200]].concat(), 1);
    // A block of no bytes; it would be read again for ever.
    refused(&[[0x00, 0x30, 0, 0].as_slice(), &[0; 200]].concat(), 1);
    // Uncompressed, and shorter than it says.
    let mut packed = vec![0x00, 0x30, 0x00, 0x10];
    packed.extend([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    packed.extend([7; 20]);
    refused(&packed, 256);
    // More than a frame.
    refused(&packed, 0x8001);
    // A short frame that is not the last.
    let mut two = Maker::default().make("blob", &[1; 40_000]);
    let at = 44 + 16 + 5;
    let (low, high) = (two[at + 6], two[at + 7]);
    assert_eq!(u16::from_le_bytes([low, high]), 0x8000);
    two[at..at + 4].fill(0);
    two[at + 6] = 0xFF;
    two[at + 7] = 0x7F;
    assert_eq!(cab::extract(&two, 40_000), Err(CabError::Block(0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_in_it_comes_back(
        parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 1usize..200), 0..40),
        bits in 15u32..=21,
        kind in 0usize..4,
        block in 1usize..70_000,
        translation in prop::option::of(any::<u32>()),
    ) {
        let content: Vec<u8> =
            parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect();
        let mut maker =
            Maker::default().window_bits(bits).compression(KINDS[kind]).block(block.max(64));
        if let Some(size) = translation {
            maker = maker.translation(size >> 1);
        }
        let cabinet = maker.make("blob", &content);
        prop_assert!(cab::extract(&cabinet, content.len()).as_deref() == Ok(&content));
    }

    /// Without its checksum, a change is an error or other bytes, never more and never a panic.
    #[test]
    fn changed_frames_give_no_more_than_allowed(
        size in 1usize..60_000,
        kind in 0usize..4,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let cabinet = Maker::default().compression(KINDS[kind]).block(5000).make("blob", &content(size));
        let mut cabinet = cabinet;
        let data = 44 + 16 + 5;
        cabinet[data..data + 4].fill(0);
        for (at, byte) in edits {
            let length = cabinet.len() - data - 8;
            cabinet[data + 8 + at.index(length)] = byte;
        }
        if let Ok(out) = cab::extract(&cabinet, size) {
            prop_assert_eq!(out.len(), size);
        }
    }
}

#[test]
fn blocks_of_any_size_make_cabinets_that_can_be_read() {
    let content: Vec<u8> =
        (0..0x9000_u32).map(|n| n.to_le_bytes()[1] ^ n.to_le_bytes()[0]).collect();
    let kinds = [
        Compression::Verbatim,
        Compression::Aligned,
        Compression::Mixed,
        Compression::Uncompressed,
    ];
    for kind in kinds {
        for block in [0, 1, 8, 63, 64, 65, usize::MAX] {
            let cabinet = Maker::default().compression(kind).block(block).make("b", &content);
            assert_eq!(cab::extract(&cabinet, 1 << 20).as_ref(), Ok(&content), "{kind:?} {block}");
        }
    }
}
