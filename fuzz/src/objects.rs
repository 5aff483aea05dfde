//! Large objects in WBXML, where what is bytes has to be found out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use syncml::objects::{Joined, Joiner};
use syncml::{Data, Format, Item, Meta};

/// An object is whole again, whatever its chunks look like to the decoder, which tells bytes from
/// text chunk by chunk: the first byte says how many there are, the others are the object.
pub(crate) fn joined(data: &[u8]) {
    let Some((&kind, object)) = data.split_first() else { return };
    let object = object.get(..object.len().min(1 << 12)).unwrap_or_default();
    let size = object.len().div_ceil(2 + usize::from(kind % 8)).max(1);
    let mut chunks: Vec<&[u8]> = object.chunks(size).collect();
    if kind & 0x80 != 0 {
        chunks.push(&[]);
    }
    let [_, .., _] = chunks[..] else { return };
    let mut joiner = Joiner::default();
    let (mut is_text, mut taken) = (true, None);
    for (index, chunk) in chunks.iter().enumerate() {
        let mut meta = Meta::default();
        let text = match std::str::from_utf8(chunk) {
            Ok(text) if mdm_xml::forbidden_char(text).is_none() => text.to_owned(),
            _ => {
                is_text = false;
                meta.format = Some(Format::Bin);
                STANDARD.encode(chunk)
            }
        };
        if index == 0 {
            meta.size = Some(object.len().to_string().into());
        }
        let mut item = Item::source("./Log").with_data(Data::text(text)).with_meta(meta);
        item.more_data = index + 1 < chunks.len();
        taken = Some(joiner.take_from_wbxml("Results", "1/2", &item, 1 << 12));
        let stored = serde_json::to_vec(&joiner).expect("stored");
        joiner = serde_json::from_slice(&stored).expect("what was stored is read");
    }
    let Some(Joined::Whole(item)) = taken.map(|taken| taken.joined) else {
        panic!("an object is not taken: {chunks:?}");
    };
    let whole = item.data.as_ref().expect("a value");
    if is_text {
        assert_eq!(whole.as_str().as_bytes(), object, "{chunks:?}");
    } else {
        assert_eq!(item.meta.as_ref().and_then(|meta| meta.format.clone()), Some(Format::Bin));
        assert_eq!(whole.as_bytes().expect("base64"), object, "{chunks:?}");
    }
    assert!(!joiner.is_open());
}
