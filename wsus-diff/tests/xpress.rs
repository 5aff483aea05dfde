//! Compressed bodies: what one crate writes, the other reads.
#![allow(clippy::unwrap_used)]

use wsus_protocol::xpress as peer;
use wsusss::{Limits, xpress};

#[test]
fn each_reads_what_the_other_writes() {
    let mut seed = 1u32;
    for round in 0..300usize {
        let mut body = Vec::new();
        while body.len() < round * 151 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let byte = (seed >> 24) as u8;
            let times = 1 + (seed >> 8) as usize % 90;
            let far = 1 + (seed >> 4) as usize % 9_000;
            match seed % 3 {
                0 => body.push(byte),
                1 => body.extend(std::iter::repeat_n(byte % 7, times)),
                _ => {
                    let from = body.len().saturating_sub(far);
                    let part: Vec<u8> = body[from..].iter().take(times).copied().collect();
                    body.extend(part);
                }
            }
        }
        let theirs = peer::encode(&body).unwrap();
        assert_eq!(xpress::decode(&theirs, &Limits::default()).unwrap(), body);
        let ours = xpress::encode(&body);
        assert_eq!(peer::decode(&ours, &peer::Limits::default()).unwrap(), body);
    }
}
