//! Joining chunks.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::split::is_bin;
use crate::codes::StatusCode;
use crate::model::{Data, Format, Item};
use crate::pack::{Broken, Input, Pack, packed};

/// What became of an item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Joined {
    /// It is no part of a large object.
    Plain,
    /// It is a part; more follows. Answer 213.
    Chunk,
    /// It is the last part: here is the whole, without Size.
    Whole(Box<Item<'static>>),
    /// It is a part of an object that is not taken. Answer this: 411 without a size, 413 above the
    /// limit, 424 where the size is not what was said.
    Refused(StatusCode),
}

/// An object whose end did not come. Answer Alert 1225 with this address.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Interrupted {
    /// The command that it was in.
    pub command: String,
    /// What told the command from others of its name, as [`Joiner::take`] was given it.
    pub reference: String,
    /// The node that it was for or from, if it was said.
    pub address: Option<String>,
}

/// What [`Joiner::take`] says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Taken {
    /// The object that this item interrupted, if it did and the object was not refused before.
    pub interrupted: Option<Interrupted>,
    /// What became of the item.
    pub joined: Joined,
}

/// Joins the chunks of one direction of a session. Between two messages it is a plain value. What
/// was received does not appear in `Debug` output.
///
/// ```
/// use syncml::objects::{Joined, Joiner};
/// use syncml::{Data, Item};
///
/// let mut joiner = Joiner::default();
/// let mut first = Item::source("./Log").with_data(Data::text("abc"));
/// first.meta = Some({
///     let mut meta = syncml::Meta::default();
///     meta.size = Some("5".into());
///     meta
/// });
/// first.more_data = true;
/// assert_eq!(joiner.take("Results", "1/2", &first, 100).joined, Joined::Chunk);
///
/// let last = Item::source("./Log").with_data(Data::text("de"));
/// let Joined::Whole(item) = joiner.take("Results", "1/2", &last, 100).joined else { panic!() };
/// assert_eq!(item.data, Some(Data::text("abcde")));
/// ```
#[derive(Clone, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Joiner {
    open: Option<Open>,
}

#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
struct Open {
    command: String,
    reference: String,
    address: Option<String>,
    /// The first chunk without its data.
    item: Item<'static>,
    size: usize,
    data: String,
    /// The object is not taken, and why.
    refused: Option<StatusCode>,
    /// Size counts the bytes that `data` is the base64 of: each chunk was base64 of its own.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    raw: bool,
    /// Where chunks begin in `data` that may be bytes which are text, as far as it is not `raw`.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    plain: Option<usize>,
}

packed! {
    Open { command, reference, address, item, size, data, refused, raw, plain }
}

impl Pack for Joiner {
    fn pack(&self, out: &mut Vec<u8>) {
        self.open.pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Pack::unpack(input).map(|open| Self { open })
    }

    fn is_blank(&self) -> bool {
        self.open.is_none()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::default())
    }
}

impl fmt::Debug for Joiner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.open.as_ref().map(|open| open.data.len());
        f.debug_struct("Joiner").field("open_bytes", &bytes).finish()
    }
}

impl Joiner {
    /// Whether an object has begun and not ended.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes an item of a command: its name, what tells it from another one of that name (for
    /// Results, what they answer), the item, and how many bytes an object may have. A Size in the
    /// command's Meta is the item's as well and has to be in its Meta here (MS-MDM 2.2.5.3).
    #[must_use]
    pub fn take(&mut self, command: &str, reference: &str, item: &Item<'_>, max: usize) -> Taken {
        self.take_in(command, reference, item, max, false)
    }

    /// The same for a message that was WBXML. Bytes travel raw there, and where no format is said,
    /// [`wbxml::decode`](crate::wbxml::decode) tells them from text chunk by chunk: an object of
    /// which one chunk is of format `bin` is bytes, and so are its chunks without a format, as they
    /// stand. A format in the command's Meta is the item's as well and has to be in its Meta here.
    ///
    /// ```
    /// use syncml::objects::{Joined, Joiner};
    /// use syncml::{Data, Format, Item, Meta};
    ///
    /// let mut joiner = Joiner::default();
    /// let mut meta = Meta::format(Format::Bin);
    /// meta.size = Some("6".into());
    /// let mut first = Item::source("./Log").with_data(Data::text("//79")).with_meta(meta);
    /// first.more_data = true;
    /// assert_eq!(joiner.take_from_wbxml("Results", "1/2", &first, 100).joined, Joined::Chunk);
    ///
    /// let last = Item::source("./Log").with_data(Data::text("abc"));
    /// let taken = joiner.take_from_wbxml("Results", "1/2", &last, 100);
    /// let Joined::Whole(item) = taken.joined else { panic!() };
    /// assert_eq!(item.data.unwrap().as_bytes().unwrap(), b"\xFF\xFE\xFDabc");
    /// ```
    #[must_use]
    pub fn take_from_wbxml(
        &mut self,
        command: &str,
        reference: &str,
        item: &Item<'_>,
        max: usize,
    ) -> Taken {
        self.take_in(command, reference, item, max, true)
    }

    pub(crate) fn take_in(
        &mut self,
        command: &str,
        reference: &str,
        item: &Item<'_>,
        max: usize,
        in_wbxml: bool,
    ) -> Taken {
        let address = item.loc_uri().map(|uri| uri.trim().to_owned());
        let goes_on = self.open.as_ref().is_some_and(|open| {
            let same = match &address {
                Some(_) => open.address == address,
                None => open.may_be_of(item),
            };
            open.command == command && open.reference == reference && same
        });
        let interrupted = if goes_on { None } else { self.interrupt() };
        let Some(open) = &mut self.open else {
            let joined = if item.more_data {
                self.begin((command, reference), address, item, max, in_wbxml)
            } else {
                Joined::Plain
            };
            return Taken { interrupted, joined };
        };
        open.add(item, in_wbxml);
        let joined = match (open.refused, item.more_data) {
            (Some(code), true) => Joined::Refused(code),
            (None, true) => Joined::Chunk,
            (refused, false) => match (refused, self.open.take()) {
                (None, Some(open)) if open.len() == open.size => {
                    let mut item = open.item;
                    item.data = Some(Data::text(open.data));
                    Joined::Whole(Box::new(item))
                }
                (refused, _) => Joined::Refused(refused.unwrap_or(StatusCode::SIZE_MISMATCH)),
            },
        };
        Taken { interrupted, joined }
    }

    /// Gives up an object that has begun: something else came, or nothing more. Nothing is to be
    /// said about one that was refused.
    pub fn interrupt(&mut self) -> Option<Interrupted> {
        let open = self.open.take().filter(|open| open.refused.is_none())?;
        let Open { command, reference, address, .. } = open;
        Some(Interrupted { command, reference, address })
    }

    fn begin(
        &mut self,
        (command, reference): (&str, &str),
        address: Option<String>,
        item: &Item<'_>,
        max: usize,
        in_wbxml: bool,
    ) -> Joined {
        let size = size_of(item).and_then(|size| size.parse::<usize>().ok());
        let refused = match size {
            None => Some(StatusCode::SIZE_REQUIRED),
            Some(size) if size > max => Some(StatusCode::TOO_LARGE),
            Some(_) => None,
        };
        let mut first = Item {
            target: item.target.clone(),
            source: item.source.clone(),
            meta: item.meta.clone(),
            extra: item.extra.clone(),
            data_attributes: item.data_attributes.clone(),
            ..Item::default()
        }
        .into_owned();
        if let Some(meta) = &mut first.meta {
            meta.size = None;
            if meta.is_empty() {
                first.meta = None;
            }
        }
        let mut open = Open {
            command: command.to_owned(),
            reference: reference.to_owned(),
            address,
            item: first,
            size: size.unwrap_or_default(),
            data: String::new(),
            refused,
            raw: false,
            plain: None,
        };
        open.add(item, in_wbxml);
        let joined = open.refused.map_or(Joined::Chunk, Joined::Refused);
        self.open = Some(open);
        joined
    }
}

impl Open {
    /// Whether an item without an address may be a chunk of it. What an item says of itself SHOULD
    /// be repeated (OMA-TS-DM_Protocol 1.2.1, 7), but what says something else is another one.
    fn may_be_of(&self, item: &Item<'_>) -> bool {
        let typ = type_of(item);
        (typ.is_none() || typ == type_of(&self.item))
            && size_of(item).is_none_or(|size| size.parse() == Ok(self.size))
    }

    /// Bytes that there are, as Size counts them.
    fn len(&self) -> usize {
        if !self.raw {
            return self.data.len();
        }
        let padding = self.data.bytes().rev().take_while(|byte| *byte == b'=').count();
        (self.data.len() / 4 * 3).saturating_sub(padding)
    }

    /// Adds a chunk, never more than what was said.
    fn add(&mut self, item: &Item<'_>, in_wbxml: bool) {
        if self.refused.is_some() {
            return;
        }
        let chunk = item.data.as_ref().map_or("", Data::as_str);
        let is_bytes = format_of(item).is_some_and(is_bin);
        let first = format_of(&self.item);
        if in_wbxml && is_bytes && first.is_none() {
            // What came before was bytes as well, which happened to be text.
            self.data = STANDARD.encode(&self.data);
            self.raw = true;
            self.item.meta.get_or_insert_default().format = Some(Format::Bin);
        }
        let is_bin = format_of(&self.item).is_some_and(is_bin);
        let is_plain = in_wbxml && is_bin && !is_bytes;
        // Only raw bytes come with a format and without.
        let mixed = in_wbxml && is_bytes && self.plain.is_some();
        if !self.raw && !mixed && self.data.len().saturating_add(chunk.len()) <= self.size {
            if is_plain {
                self.plain.get_or_insert(self.data.len());
            }
            self.data.push_str(chunk);
            return;
        }
        if !is_bin || self.add_bytes(chunk, is_plain).is_none_or(|bytes| bytes > self.size) {
            self.refused = Some(StatusCode::SIZE_MISMATCH);
            self.data = String::new();
            self.plain = None;
        }
    }

    /// Adds a chunk of bytes that travelled raw, in WBXML: each is base64 of its own here, or the
    /// bytes themselves (`is_plain`). Base64 text that was cut is never longer than its Size, so that
    /// the two cannot be taken for each other. Gives how many bytes there are then; nothing where
    /// there are none.
    fn add_bytes(&mut self, chunk: &str, is_plain: bool) -> Option<usize> {
        // The first time, all of it; then only what a last group of four letters does not fill.
        let kept = match (self.raw, self.data.ends_with('=')) {
            (false, _) => 0,
            (true, true) => self.data.len().checked_sub(4)?,
            (true, false) => self.data.len(),
        };
        let plain = self.plain.take().unwrap_or(self.data.len());
        let mut bytes = Vec::new();
        decode(self.data.get(kept..plain)?, &mut bytes)?;
        bytes.extend_from_slice(self.data.get(plain..)?.as_bytes());
        if is_plain {
            bytes.extend_from_slice(chunk.as_bytes());
        } else {
            decode(chunk, &mut bytes)?;
        }
        self.raw = true;
        self.data.truncate(kept);
        STANDARD.encode_string(bytes, &mut self.data);
        Some(self.len())
    }
}

fn format_of<'i>(item: &'i Item<'i>) -> Option<&'i Format<'i>> {
    item.meta.as_ref()?.format.as_ref()
}

fn type_of<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.meta.as_ref()?.typ.as_deref().map(str::trim)
}

fn size_of<'i>(item: &'i Item<'_>) -> Option<&'i str> {
    item.meta.as_ref()?.size.as_deref().map(str::trim)
}

/// The bytes of one base64 text behind another, each padded for itself.
fn decode(mut text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    while !text.is_empty() {
        let end = text.find('=').map_or(text.len(), |at| at / 4 * 4 + 4);
        let (one, rest) = text.split_at_checked(end)?;
        STANDARD.decode_vec(one, bytes).ok()?;
        text = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Meta;

    fn chunk(address: &str, data: &'static str, size: Option<usize>, more: bool) -> Item<'static> {
        let mut item = Item::target(address.to_owned()).with_data(Data::text(data));
        item.meta =
            size.map(|size| Meta { size: Some(size.to_string().into()), ..Meta::default() });
        item.more_data = more;
        item
    }

    fn take(joiner: &mut Joiner, item: &Item<'_>) -> Joined {
        joiner.take("Replace", "", item, 5).joined
    }

    #[test]
    fn an_object_of_n_bytes_is_taken_and_one_more_is_not() {
        let mut joiner = Joiner::default();
        assert_eq!(take(&mut joiner, &chunk("./a", "abc", Some(5), true)), Joined::Chunk);
        assert!(matches!(take(&mut joiner, &chunk("./a", "de", None, false)), Joined::Whole(_)));
        let refused = Joined::Refused(StatusCode::TOO_LARGE);
        assert_eq!(take(&mut joiner, &chunk("./a", "abc", Some(6), true)), refused);
        assert_eq!(take(&mut joiner, &chunk("./a", "def", None, false)), refused);
        assert!(!joiner.is_open());
    }

    #[test]
    fn a_chunk_without_an_address_goes_on_with_the_object() {
        let mut joiner = Joiner::default();
        let _ = take(&mut joiner, &chunk("./a", "abc", Some(5), true));
        let mut last = chunk("", "de", None, false);
        last.target = None;
        let Joined::Whole(item) = take(&mut joiner, &last) else { panic!() };
        assert_eq!(item.loc_uri(), Some("./a"));
        assert_eq!(item.data, Some(Data::text("abcde")));
    }

    #[test]
    fn bytes_are_counted_as_they_are_sent() {
        // "abcdef", as raw bytes that came in pieces, and as base64 text that was cut anywhere.
        let whole = Some(Data::text("YWJjZGVm"));
        for (size, parts, taken) in [
            (6, ["YWI=", "Yw==", "ZGVm"], true),
            (8, ["Y", "WJjZ", "GVm"], true),
            (8, ["YWI=", "Yw==", "ZGVm"], false),
            (7, ["YWI=", "Yw==", "ZGVm"], false),
            (5, ["YWI=", "Yw==", "ZGVm"], false),
            (6, ["YWI=", "Yw==", "ZGV"], false),
            (6, ["YWI=", "====", "ZGVm"], false),
        ] {
            for format in [Format::Bin, Format::Chr] {
                let mut joiner = Joiner::default();
                let mut joined = Joined::Plain;
                for (index, part) in parts.into_iter().enumerate() {
                    let mut item = chunk("./a", part, (index == 0).then_some(size), index < 2);
                    item.meta.get_or_insert_default().format = Some(format.clone());
                    joined = joiner.take("Results", "", &item, 100).joined;
                }
                let bin = format == Format::Bin;
                match joined {
                    Joined::Whole(item) if bin && taken => assert_eq!(item.data, whole),
                    Joined::Whole(_) => assert!(!bin && parts.concat().len() == size),
                    Joined::Refused(code) => {
                        assert_eq!(code, StatusCode::SIZE_MISMATCH);
                        assert!(!(bin && taken), "{size} {parts:?}");
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    /// In WBXML and without a format, chunks of bytes are told from chunks of text by themselves.
    #[test]
    fn bytes_of_which_some_chunks_are_text_are_joined_as_bytes() {
        for (size, parts, taken) in [
            // Each part as it stands in WBXML, and whether it is no text.
            (6, [("//79", true), ("a", false), ("bc", false)], Some("//79YWJj")),
            (6, [("abc", false), ("//4=", true), ("/Q==", true)], Some("YWJj//79")),
            (7, [("abc", false), ("//79", true), ("a", false)], Some("YWJj//79YQ==")),
            (7, [("//79", true), ("abcd", false), ("", false)], Some("//79YWJjZA==")),
            (9, [("//79", true), ("abcd", false), ("//4=", true)], Some("//79YWJjZP/+")),
            (40, [("//79", true), ("abcd", false), ("//4=", true)], None),
            (5, [("//79", true), ("a", false), ("bc", false)], None),
            // Base64 text in a document in WBXML, whose format is said once.
            (12, [("//79", true), ("YWJj", false), ("YWJj", false)], Some("//79YWJjYWJj")),
            (3, [("a", false), ("b", false), ("c", false)], Some("abc")),
        ] {
            let mut joiner = Joiner::default();
            let mut joined = Joined::Plain;
            for (index, (part, is_bin)) in parts.into_iter().enumerate() {
                let mut item = chunk("./a", part, (index == 0).then_some(size), index < 2);
                if is_bin {
                    item.meta.get_or_insert_default().format = Some(Format::Bin);
                }
                joiner = stored(&joiner);
                joined = joiner.take_from_wbxml("Results", "", &item, 100).joined;
            }
            match (joined, taken) {
                (Joined::Whole(item), Some(taken)) => {
                    assert_eq!(item.data, Some(Data::text(taken)), "{size} {parts:?}");
                    let format = item.meta.and_then(|meta| meta.format);
                    let any = parts.iter().any(|(_, is_bin)| *is_bin);
                    assert_eq!(format, any.then_some(Format::Bin));
                }
                (Joined::Refused(code), None) => assert_eq!(code, StatusCode::SIZE_MISMATCH),
                (other, _) => panic!("{size} {parts:?}: {other:?}"),
            }
        }
        // In XML nothing is bytes, and what another format says is not bytes either.
        for (format, in_wbxml) in [(None, false), (Some(Format::Chr), true)] {
            let mut joiner = Joiner::default();
            let mut first = chunk("./a", "abc", Some(6), true);
            first.meta.get_or_insert_default().format = format;
            let mut last = chunk("./a", "//79", None, false);
            last.meta = Some(Meta::format(Format::Bin));
            let _ = joiner.take_in("Results", "", &first, 100, in_wbxml);
            let taken = joiner.take_in("Results", "", &last, 100, in_wbxml);
            assert_eq!(taken.joined, Joined::Refused(StatusCode::SIZE_MISMATCH));
        }
    }

    /// As it is stored between two messages.
    fn stored(joiner: &Joiner) -> Joiner {
        let mut bytes = Vec::new();
        joiner.pack(&mut bytes);
        if joiner.is_blank() {
            Joiner::default()
        } else {
            Pack::unpack(&mut Input::new(&bytes)).unwrap()
        }
    }

    #[test]
    fn a_wrong_size_is_424_and_no_size_is_411() {
        for (size, chunks) in [(4, ["abc", "de"]), (5, ["ab", "cd"])] {
            let mut joiner = Joiner::default();
            let _ = take(&mut joiner, &chunk("./a", chunks[0], Some(size), true));
            let last = take(&mut joiner, &chunk("./a", chunks[1], None, false));
            assert_eq!(last, Joined::Refused(StatusCode::SIZE_MISMATCH));
        }
        let mut joiner = Joiner::default();
        let refused = Joined::Refused(StatusCode::SIZE_REQUIRED);
        assert_eq!(take(&mut joiner, &chunk("./a", "abc", None, true)), refused);
        assert_eq!(take(&mut joiner, &chunk("./a", "de", None, false)), refused);
    }

    #[test]
    fn another_item_interrupts_the_object() {
        let mut joiner = Joiner::default();
        let _ = take(&mut joiner, &chunk("./a", "abc", Some(5), true));
        let taken = joiner.take("Replace", "", &chunk("./b", "x", None, false), 5);
        assert_eq!(taken.joined, Joined::Plain);
        assert_eq!(taken.interrupted.unwrap().address.as_deref(), Some("./a"));
        assert!(!joiner.is_open());
    }
}
