//! Bodies compressed with XPRESS: what is written is read, what is broken is an error, and no more
//! comes out than allowed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;
use wsusss::Limits;
use wsusss::xpress::{MAX_BLOCK, XpressError, decode, encode};

fn limits(bytes: usize) -> Limits {
    let limits = Limits::default();
    limits.with_xml(limits.xml.with_bytes(bytes))
}

/// A block with these lengths and this content.
fn block(full: u32, packed: u32, content: &[u8]) -> Vec<u8> {
    [&full.to_le_bytes()[..], &packed.to_le_bytes()[..], content].concat()
}

#[test]
fn the_example_of_the_specification() {
    // MS-XCA 3.1: the alphabet, and "abc" a hundred times.
    let alphabet: Vec<u8> = [0x3f, 0, 0, 0].into_iter().chain(b'a'..=b'z').collect();
    let body = block(26, 30, &alphabet);
    assert_eq!(decode(&body, &Limits::default()).unwrap(), (b'a'..=b'z').collect::<Vec<u8>>());
    let abc = [0xff, 0xff, 0xff, 0x1f, 0x61, 0x62, 0x63, 0x17, 0x00, 0x0f, 0xff, 0x26, 0x01];
    let body = block(300, 13, &abc);
    assert_eq!(decode(&body, &Limits::default()).unwrap(), "abc".repeat(100).as_bytes());
    // Ours are the same bytes.
    assert_eq!(encode("abc".repeat(100).as_bytes()), body);
}

#[test]
fn blocks_of_equal_lengths_are_stored() {
    assert_eq!(decode(&block(3, 3, b"abc"), &Limits::default()).unwrap(), b"abc");
    assert_eq!(decode(&[], &Limits::default()).unwrap(), b"");
    let noise: Vec<u8> = (0u32..100).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_eq!(encode(&noise).len(), noise.len() + 8, "not worth it");
}

#[test]
fn limits_and_broken_blocks() {
    let body = encode(&[7; 50_000]);
    assert_eq!(decode(&body, &limits(50_000)).unwrap().len(), 50_000);
    assert_eq!(decode(&body, &limits(49_999)), Err(XpressError::Limit(49_999)));
    let most = u32::try_from(MAX_BLOCK).unwrap();
    let stored = |length: u32| block(length, length, &vec![1; usize::try_from(length).unwrap()]);
    assert_eq!(decode(&stored(most), &Limits::default()).unwrap().len(), MAX_BLOCK);
    assert_eq!(decode(&stored(most + 1), &Limits::default()), Err(XpressError::Length(0)));
    assert_eq!(decode(&block(0, 1, b"a"), &Limits::default()), Err(XpressError::Length(0)));
    assert_eq!(decode(&block(1, 0, b""), &Limits::default()), Err(XpressError::Length(0)));
    assert_eq!(decode(&block(4, 3, b"ab"), &Limits::default()), Err(XpressError::End(0)));
    assert_eq!(decode(&[1, 0, 0], &Limits::default()), Err(XpressError::End(0)));
    // A match before the beginning.
    let early = block(9, 6, &[0xff, 0xff, 0xff, 0xff, 0x08, 0x00]);
    assert_eq!(decode(&early, &Limits::default()), Err(XpressError::Block(0)));
    let good = block(3, 3, b"abc");
    let second = [good, early].concat();
    assert_eq!(decode(&second, &Limits::default()), Err(XpressError::Block(11)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_is_read(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..40), 1usize..200), 0..20),
    ) {
        let body: Vec<u8> = pieces.iter().flat_map(|(piece, times)| piece.repeat(*times)).collect();
        let packed = encode(&body);
        prop_assert_eq!(decode(&packed, &Limits::default()).unwrap(), body.as_slice());
        prop_assert!(packed.len() <= body.len() + 8 * (body.len() / 16_352 + 1));
    }

    #[test]
    fn anything_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..300), full in 1u32..200) {
        let _ = decode(&body, &limits(1 << 16));
        let packed = u32::try_from(body.len()).unwrap();
        if let Ok(out) = decode(&block(full, packed, &body), &limits(1 << 16)) {
            prop_assert!(out.len() <= 200 + body.len());
        }
    }
}
