//! Commands of which nothing has to be tried out: whatever writes them, they are read again as they
//! are. Most commands are such.

use crate::model::{Command, Data, Format, Item, Location, Meta, Request};

/// More items than a plain command has.
const ITEMS: usize = 64;

/// Whether the command has nothing but addresses, formats, types and text that XML and WBXML carry
/// as it is. `false` says nothing.
pub(super) fn is_plain(command: &Command<'_>) -> bool {
    match command {
        Command::Add(request)
        | Command::Delete(request)
        | Command::Exec(request)
        | Command::Get(request)
        | Command::Replace(request) => request_is_plain(request),
        _ => false,
    }
}

// Every field is named, so that a new one has to be thought of here.
fn request_is_plain(request: &Request<'_>) -> bool {
    let Request { cmd_id: _, no_resp, cred, meta, correlator, items, extra, attributes, own_bytes } =
        request;
    !no_resp
        && cred.is_none()
        && correlator.is_none()
        && own_bytes.as_str().is_none()
        && extra.is_empty()
        && attributes.is_empty()
        && meta.as_deref().is_none_or(meta_is_plain)
        && items.len() <= ITEMS
        && items.iter().all(item_is_plain)
}

fn item_is_plain(item: &Item<'_>) -> bool {
    let Item { target, source, meta, data, data_attributes, more_data, extra, attributes } = item;
    let plain_data = match data {
        None => true,
        Some(Data::Text(text)) => is_plain_text(text),
        Some(Data::Markup(_)) => false,
    };
    plain_data
        && source.is_none()
        && !more_data
        && data_attributes.is_empty()
        && extra.is_empty()
        && attributes.is_empty()
        && target.as_ref().is_some_and(location_is_plain)
        && meta.as_ref().is_none_or(meta_is_plain)
}

fn location_is_plain(location: &Location<'_>) -> bool {
    let Location { loc_uri, loc_name, extra, attributes } = location;
    loc_name.is_none() && extra.is_empty() && attributes.is_empty() && is_plain_text(loc_uri)
}

fn meta_is_plain(meta: &Meta<'_>) -> bool {
    let Meta {
        format,
        typ,
        mark,
        size,
        anchor,
        version,
        next_nonce,
        max_msg_size,
        max_obj_size,
        emi,
        mem,
        field_level,
        extra,
        attributes,
    } = meta;
    let texts = [mark, size, version, next_nonce, max_msg_size, max_obj_size, field_level];
    let plain_format = match format {
        None => true,
        Some(format) => {
            matches!(format, Format::Bool | Format::Chr | Format::Int | Format::Node | Format::Null)
        }
    };
    plain_format
        && typ.as_deref().is_none_or(is_plain_text)
        && texts.iter().all(|text| text.is_none())
        && anchor.is_none()
        && mem.is_none()
        && emi.is_empty()
        && extra.is_empty()
        && attributes.is_empty()
}

/// Whether a text has no character that XML cannot carry or makes another one of. Nothing above
/// U+EFFF counts as plain; two of what is there are no characters.
fn is_plain_text(text: &str) -> bool {
    !text.bytes().fold(false, |found, byte| {
        found | ((byte < 0x20) & (byte != b'\t') & (byte != b'\n')) | (byte >= 0xEF)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::check::survives;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        let hard = [
            "",
            " ",
            "a",
            "<",
            "&",
            "]]>",
            "\r",
            "\n",
            "\t",
            "\"",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{e000}",
            "\u{efff}",
            "\u{fffd}",
            "\u{ffff}",
            "\0",
            "&#0;",
            "<a/>",
            "<![CDATA[x]]>",
            "\u{1f600}",
            "./x",
            "true",
            "MTIz",
        ];
        prop::collection::vec(prop::sample::select(hard.to_vec()), 0..4)
            .prop_map(|parts| parts.concat())
    }

    fn format() -> impl Strategy<Value = Option<Format<'static>>> {
        prop::sample::select(vec![
            "", "b64", "bin", "bool", "chr", "float", "int", "node", "null", "xml", "time", "other",
        ])
        .prop_map(|text| (!text.is_empty()).then(|| Format::from_text(text)))
    }

    fn command() -> impl Strategy<Value = Command<'static>> {
        let meta = (format(), prop::option::of(text()));
        (0..5_usize, text(), prop::option::of(text()), prop::option::of(meta)).prop_map(
            |(kind, uri, data, meta)| {
                let mut item = Item::target(format!("./{uri}"));
                item.data = data.map(Data::text);
                item.meta = meta.map(|(format, typ)| Meta {
                    format,
                    typ: typ.map(Into::into),
                    ..Meta::default()
                });
                let request = Request::new(item);
                match kind {
                    0 => Command::Add(request),
                    1 => Command::Delete(request),
                    2 => Command::Exec(request),
                    3 => Command::Get(request),
                    _ => Command::Replace(request),
                }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(2_000)
        })]

        #[test]
        fn what_is_plain_survives_being_written(command in command()) {
            if is_plain(&command) {
                prop_assert!(survives(&command).is_ok(), "{command:?}");
            }
        }
    }

    #[test]
    fn usual_commands_are_plain_and_odd_ones_are_not() {
        let get = Command::get("./Vendor/MSFT/Update/InstallableUpdates?list=StructData");
        assert!(is_plain(&get));
        let value = Data::text("<Enabled/> & more");
        assert!(is_plain(&Command::replace("./Vendor/MSFT/Policy", Format::Chr, value)));
        let markup = Data::Markup("<a/>".into());
        assert!(!is_plain(&Command::replace("./Vendor/MSFT/Policy", Format::Chr, markup)));
        assert!(!is_plain(&Command::atomic(vec![get])));
        let bytes = Data::text("MTIz");
        assert!(!is_plain(&Command::replace("./x", Format::B64, bytes)));
        assert!(!is_plain(&Command::get("./\u{ffff}")));
    }
}
