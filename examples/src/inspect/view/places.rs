//! Where values stand in a JSON text, by their pointers.

use graph_wufb::json::Limits;
use graph_wufb::views::{self, ValueView};
use mdm_xml::Position;

const START: Position = Position { offset: 0, line: 1, column: 1 };

/// The places of the values at these pointers, or of the values around them; the beginning where
/// the text is no JSON. One pass over the text, however many there are.
pub(super) fn places(bytes: &[u8], pointers: &[String]) -> Vec<Position> {
    let mut places = vec![START; pointers.len()];
    if pointers.is_empty() {
        return places;
    }
    let Ok(document) = views::read(bytes, &Limits::new()) else { return places };
    let (text, Some(root)) = (document.text(), document.root()) else { return places };
    let mut offsets: Vec<(usize, usize)> = pointers
        .iter()
        .map(|pointer| offset(text, find(root, pointer).raw()))
        .enumerate()
        .map(|(index, offset)| (offset, index))
        .collect();
    offsets.sort_unstable();
    let mut last = START;
    for (offset, index) in offsets {
        last = last.after(text.get(last.offset..offset).unwrap_or_default());
        if let Some(place) = places.get_mut(index) {
            *place = last;
        }
    }
    places
}

/// Where a part of a text begins in it.
pub(super) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr()).min(text.len())
}

/// The value at a pointer, or the innermost one on the way.
pub(super) fn find<'d>(root: ValueView<'d>, pointer: &str) -> ValueView<'d> {
    let mut at = root;
    for segment in pointer.split('/').filter(|segment| !segment.is_empty()) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let member = at.as_object().and_then(|object| object.get(&name));
        let next = member.or_else(|| at.as_array()?.nth(name.parse().ok()?));
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_any_order() {
        let text = "{\n \"a\": [1,\n  {\"b/c\": 2}],\n \"d\": 3}";
        let pointers = ["/d", "/a/1/b~1c", "/a/1/x", "a/0", "/a/9", ""];
        let pointers: Vec<String> = pointers.into_iter().map(str::to_owned).collect();
        let found: Vec<_> = places(text.as_bytes(), &pointers)
            .into_iter()
            .map(|place| (place.line, place.column))
            .collect();
        assert_eq!(found, [(4, 7), (3, 11), (3, 3), (2, 8), (2, 7), (1, 1)]);
        assert_eq!(places(b"{", &pointers), vec![START; 6]);
    }
}
