//! Items with what their command says of all of them (MS-MDM 2.2.5.3).

use std::borrow::Cow;

use crate::encode::item_len;
use crate::model::{Format, Item, Meta};

/// A command's items, for [`Joiner::take`]. The last has its command's Meta if it is a chunk: that is
/// where both published messages with chunks have the Size. Nothing comes between two chunks, so that
/// no other item can be one, and a Meta of megabytes is copied once. The first may be the end of an
/// object, and has its command's format at least.
///
/// [`Joiner::take`]: crate::objects::Joiner::take
pub(crate) fn with_chunk<'i>(
    items: &'i [Item<'i>],
    command: Option<&'i Meta<'i>>,
) -> impl Iterator<Item = Cow<'i, Item<'i>>> {
    let last = items.len().saturating_sub(1);
    items.iter().enumerate().map(move |(index, item)| {
        let is_chunk = item.more_data && index == last;
        let outer = command.filter(|meta| !meta.is_empty());
        let format = outer.and_then(|meta| meta.format.as_ref());
        match (outer, format) {
            (Some(outer), _) if is_chunk => Cow::Owned(whole(item, Some(outer))),
            (_, Some(format)) if index == 0 && format_of(item).is_none() => {
                let mut item = item.clone();
                item.meta.get_or_insert_default().format = Some(format.clone());
                Cow::Owned(item)
            }
            _ => Cow::Borrowed(item),
        }
    })
}

fn format_of<'i>(item: &'i Item<'i>) -> Option<&'i Format<'i>> {
    item.meta.as_ref()?.format.as_ref()
}

/// An item with what its command says of all of them.
pub(super) fn whole(item: &Item<'_>, outer: Option<&Meta<'_>>) -> Item<'static> {
    let mut item = item.clone().into_owned();
    item.meta = inherited(item.meta, outer);
    item
}

/// What an item costs in a state: its value and address and 64 bytes, or as much as it takes in a
/// message if it holds more than those.
pub(super) fn size(item: &Item<'_>) -> usize {
    let data = item.data.as_ref().map_or(0, |data| data.as_str().len());
    item_len(item).max(data + item.loc_uri().map_or(0, str::len) + 64)
}

/// An item's Meta: each child overrides the command's (MS-MDM 2.2.5.3).
pub(crate) fn inherited(
    item: Option<Meta<'static>>,
    command: Option<&Meta<'_>>,
) -> Option<Meta<'static>> {
    let Some(outer) = command.filter(|meta| !meta.is_empty()) else { return item };
    let outer = outer.clone().into_owned();
    let Some(mut meta) = item else { return Some(outer) };
    meta.format = meta.format.or(outer.format);
    meta.typ = meta.typ.or(outer.typ);
    meta.mark = meta.mark.or(outer.mark);
    meta.size = meta.size.or(outer.size);
    meta.anchor = meta.anchor.or(outer.anchor);
    meta.version = meta.version.or(outer.version);
    Some(meta)
}
