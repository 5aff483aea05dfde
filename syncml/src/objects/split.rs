//! Cutting commands to size: at items where it can be, inside a value where it must be.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::encode::{command_len, item_len};
use crate::model::{Alert, Command, Data, Format, Item, Meta, OwnBytes, Request, Results};
use crate::pack::{Broken, Input, Pack};

/// How much of a command was sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub(crate) struct Cursor {
    /// Items that were sent whole.
    pub(crate) item: usize,
    /// Bytes that were sent of the next one.
    pub(crate) offset: usize,
}

impl Pack for Cursor {
    fn pack(&self, out: &mut Vec<u8>) {
        (self.item, self.offset).pack(out);
    }

    fn unpack(input: &mut Input<'_>) -> Result<Self, Broken> {
        Pack::unpack(input).map(|(item, offset)| Self { item, offset })
    }

    fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    fn blank() -> Result<Self, Broken> {
        Ok(Self::default())
    }
}

/// A piece of a command.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The piece.
    pub(crate) command: Command<'static>,
    /// Where the next one begins.
    pub(crate) next: Cursor,
    /// Its last item is not complete: the next piece has to follow at once.
    pub(crate) is_chunk: bool,
}

/// The largest piece of a command, from the cursor on, that has at most `room` bytes: whole items if
/// one fits, else a chunk of one. Nothing if not even that fits, and for commands that are never
/// cut. `one_item` takes no more than one. `in_wbxml`: see [`size_of_value`].
pub(crate) fn cut(
    command: &Command<'static>,
    cursor: Cursor,
    room: usize,
    one_item: bool,
    in_wbxml: bool,
) -> Option<Cut> {
    let mut shell = with_items(command, Vec::new())?;
    if cursor.offset > 0 {
        // Size is the first chunk's.
        forget_size(&mut shell);
    }
    let items = command.items().get(cursor.item..)?;
    let base = command_len(&shell);
    let mut used = base;
    let mut taken = 0;
    if cursor.offset == 0 {
        for item in items {
            used = used.saturating_add(item_len(item));
            if used > room || (one_item && taken == 1) {
                break;
            }
            taken += 1;
        }
    }
    if taken > 0 {
        let command = with_items(command, items.get(..taken)?.to_vec())?;
        let next = Cursor { item: cursor.item + taken, offset: 0 };
        return Some(Cut { command, next, is_chunk: false });
    }
    let item = items.first()?;
    let raw = raw_size(item, command, in_wbxml);
    let (item, sent, is_chunk) = chunk(item, cursor.offset, room.checked_sub(base)?, raw)?;
    let next = if is_chunk {
        Cursor { item: cursor.item, offset: cursor.offset + sent }
    } else {
        Cursor { item: cursor.item + 1, offset: 0 }
    };
    Some(Cut { command: with_items(&shell, vec![item])?, next, is_chunk })
}

/// Bytes of the value of a command's item, as Size counts them in its message: in WBXML bytes travel
/// raw, and not as base64.
pub(crate) fn size_of_value(item: &Item<'_>, command: &Command<'_>, in_wbxml: bool) -> usize {
    let text = item.data.as_ref().map_or(0, |data| data.as_str().len());
    raw_size(item, command, in_wbxml).unwrap_or(text)
}

/// The same for a value that travels raw.
fn raw_size(item: &Item<'_>, command: &Command<'_>, in_wbxml: bool) -> Option<usize> {
    if !in_wbxml {
        return None;
    }
    let own = item.meta.as_ref().and_then(|meta| meta.format.as_ref());
    let format = own.or_else(|| outer(command)?.format.as_ref())?;
    if is_bin(format) { raw_len(item.data.as_ref()?.as_str()) } else { None }
}

/// Whether values of this format travel raw in WBXML.
pub(super) fn is_bin(format: &Format<'_>) -> bool {
    format.as_str().trim() == "bin"
}

/// How many bytes a text is the base64 of, if it is of the form that comes back letter by letter.
fn raw_len(text: &str) -> Option<usize> {
    let groups = text.len().saturating_sub(4);
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let (all, last) = text.split_at_checked(groups)?;
    let whole = text.len().is_multiple_of(4) && all.as_bytes().iter().all(is_letter);
    let last = STANDARD.decode(last).ok()?.len();
    whole.then(|| groups / 4 * 3 + last)
}

/// What a command says of all of its items.
fn outer<'c, 'm>(command: &'c Command<'m>) -> Option<&'c Meta<'m>> {
    match command {
        Command::Results(results) => results.meta.as_deref(),
        other => other.request()?.meta.as_deref(),
    }
}

fn forget_size(command: &mut Command<'_>) {
    let place = match command {
        Command::Results(results) => &mut results.meta,
        other => match other.request_mut() {
            Some(request) => &mut request.meta,
            None => return,
        },
    };
    if let Some(meta) = place {
        meta.size = None;
        if meta.is_empty() {
            *place = None;
        }
    }
}

/// A chunk of an item's value from this byte on, how many bytes of it, and whether more follow.
/// `raw`: the bytes that all of the value has, where they travel raw.
fn chunk(
    item: &Item<'static>,
    offset: usize,
    room: usize,
    raw: Option<usize>,
) -> Option<(Item<'static>, usize, bool)> {
    let data = item.data.as_ref()?.as_str();
    let rest = data.get(offset..).filter(|rest| !rest.is_empty())?;
    // The value is the one thing that is not copied whole.
    let mut piece = Item {
        target: item.target.clone(),
        source: item.source.clone(),
        meta: item.meta.clone(),
        data_attributes: item.data_attributes.clone(),
        extra: item.extra.clone(),
        ..Item::default()
    };
    if offset == 0 {
        let meta = piece.meta.get_or_insert_default();
        meta.size = Some(Cow::Owned(raw.unwrap_or(data.len()).to_string()));
    } else if let Some(meta) = &mut piece.meta {
        meta.size = None;
        if meta.is_empty() {
            piece.meta = None;
        }
    }
    piece.data = Some(Data::text("x"));
    let last = item_len(&piece) - 1;
    if offset > 0 && last.saturating_add(escaped_len(rest)) <= room {
        piece.data = Some(Data::text(rest.to_owned()));
        return Some((piece, rest.len(), false));
    }
    piece.more_data = true;
    let mut left = room.checked_sub(item_len(&piece) - 1)?;
    let mut end = 0;
    for letter in rest.chars() {
        let Some(after) = left.checked_sub(escaped_len(letter.encode_utf8(&mut [0; 4]))) else {
            break;
        };
        left = after;
        end += letter.len_utf8();
    }
    // The last chunk has something in it.
    if end == rest.len() {
        end -= rest.chars().next_back().map_or(0, char::len_utf8);
    }
    // Each chunk is base64 of its own.
    if raw.is_some() {
        end -= end % 4;
    }
    let text = rest.get(..end).filter(|text| !text.is_empty())?;
    piece.data = Some(Data::text(text.to_owned()));
    Some((piece, end, true))
}

fn escaped_len(text: &str) -> usize {
    mdm_xml::escape_text(text).len()
}

/// The same command with other items; nothing for Atomic, Sequence, Status and unknown elements.
fn with_items(command: &Command<'static>, items: Vec<Item<'static>>) -> Option<Command<'static>> {
    let items = items.into();
    let request = |request: &Request<'static>, items| Request {
        cmd_id: request.cmd_id.clone(),
        no_resp: request.no_resp,
        cred: request.cred.clone(),
        meta: request.meta.clone(),
        correlator: request.correlator.clone(),
        items,
        extra: request.extra.clone(),
        attributes: request.attributes.clone(),
        // The pieces are other commands than the one that was read.
        own_bytes: OwnBytes::default(),
    };
    Some(match command {
        Command::Add(old) => Command::Add(request(old, items)),
        Command::Copy(old) => Command::Copy(request(old, items)),
        Command::Delete(old) => Command::Delete(request(old, items)),
        Command::Exec(old) => Command::Exec(request(old, items)),
        Command::Get(old) => Command::Get(request(old, items)),
        Command::Move(old) => Command::Move(request(old, items)),
        Command::Put(old) => Command::Put(request(old, items)),
        Command::Replace(old) => Command::Replace(request(old, items)),
        Command::Alert(old) => Command::Alert(Alert {
            cmd_id: old.cmd_id.clone(),
            no_resp: old.no_resp,
            cred: old.cred.clone(),
            data: old.data.clone(),
            correlator: old.correlator.clone(),
            items,
            extra: old.extra.clone(),
            attributes: old.attributes.clone(),
            own_bytes: OwnBytes::default(),
        }),
        Command::Results(old) => Command::Results(Results {
            cmd_id: old.cmd_id.clone(),
            msg_ref: old.msg_ref.clone(),
            cmd_ref: old.cmd_ref.clone(),
            cmd: old.cmd.clone(),
            meta: old.meta.clone(),
            target_refs: old.target_refs.clone(),
            source_refs: old.source_refs.clone(),
            items,
            extra: old.extra.clone(),
            attributes: old.attributes.clone(),
            own_bytes: OwnBytes::default(),
        }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::{Joined, Joiner};

    /// All pieces of at most `room` bytes.
    fn pieces(command: &Command<'static>, room: usize) -> Option<Vec<Cut>> {
        let mut cursor = Cursor::default();
        let mut pieces = Vec::new();
        while cursor.item < command.items().len() {
            let cut = cut(command, cursor, room, false, false)?;
            assert!(command_len(&cut.command) <= room);
            assert_ne!(cut.next, cursor, "it goes on");
            cursor = cut.next;
            pieces.push(cut);
        }
        Some(pieces)
    }

    #[test]
    fn chunks_fill_the_room_and_join_to_the_same_value() {
        let value = "a<b>&\"ü\u{1F600}\r\n".repeat(40);
        let item = Item::target("./x")
            .with_meta(Meta::format(Format::Xml))
            .with_data(Data::text(value.clone()));
        let command = Command::Replace(Request::new(item));
        let whole = command_len(&command);
        assert_eq!(pieces(&command, whole).unwrap().len(), 1);
        for room in (230..whole).step_by(7).chain([whole - 1]) {
            let pieces = pieces(&command, room).unwrap();
            assert!(pieces.len() > 1);
            let mut joiner = Joiner::default();
            let mut joined = Joined::Plain;
            for (index, piece) in pieces.iter().enumerate() {
                let item = &piece.command.items()[0];
                let size = item.meta.as_ref().unwrap().size.as_deref().map(str::to_owned);
                assert_eq!(size, (index == 0).then(|| value.len().to_string()));
                assert_eq!(item.more_data, piece.is_chunk);
                assert_eq!(piece.is_chunk, index + 1 < pieces.len());
                joined = joiner.take("Replace", "", item, value.len()).joined;
                // Another letter would not have fitted.
                if index == 0 {
                    assert!(command_len(&piece.command) + 6 > room);
                }
            }
            let Joined::Whole(item) = joined else { panic!("{joined:?}") };
            assert_eq!(item.data.as_ref().unwrap().as_str(), value);
            assert_eq!(item.meta, Some(Meta::format(Format::Xml)));
        }
        assert!(pieces(&command, 60).is_none(), "not even one letter");
    }

    #[test]
    fn only_the_first_chunk_has_a_size_whoever_gave_it() {
        let size = || Meta { size: Some("9".into()), ..Meta::default() };
        let item = Item::target("./x").with_meta(size()).with_data(Data::text("a".repeat(600)));
        for meta in [size(), Meta { format: Some(Format::Chr), ..size() }] {
            let mut request = Request::new(item.clone());
            request.meta = Some(Box::new(meta.clone()));
            let pieces = pieces(&Command::Replace(request), 400).unwrap();
            assert!(pieces.len() > 2);
            for (index, piece) in pieces.iter().enumerate() {
                let request = piece.command.request().unwrap();
                let outer = request.meta.as_deref();
                assert_eq!(outer.is_some(), index == 0 || meta.format.is_some());
                assert_eq!(outer.is_some_and(|meta| meta.size.is_some()), index == 0);
                let own = request.items[0].meta.as_ref();
                assert_eq!(own.and_then(|m| m.size.as_deref()), (index == 0).then_some("600"));
            }
        }
    }

    #[test]
    fn items_stay_whole_where_they_fit() {
        let items = ["./a", "./bb", "./ccc"].map(Item::target);
        let command = Command::Get(Request { items: items.to_vec().into(), ..Request::default() });
        let two = with_items(&command, items[..2].to_vec()).unwrap();
        let count = |room| -> Vec<usize> {
            let pieces = pieces(&command, room).unwrap();
            pieces.iter().map(|piece| piece.command.items().len()).collect()
        };
        assert_eq!(count(command_len(&command)), [3]);
        assert_eq!(count(command_len(&command) - 1), [2, 1]);
        assert_eq!(count(command_len(&two)), [2, 1]);
        assert_eq!(count(command_len(&two) - 1), [1, 1, 1]);
        assert!(cut(&command, Cursor::default(), usize::MAX, true, false).unwrap().next.item == 1);
    }
}
