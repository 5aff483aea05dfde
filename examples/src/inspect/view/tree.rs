//! Everything that a property list or a JSON text says, as a tree, but secrets.

use apple_mdm::plist;
use graph_wufb::json;

use crate::inspect::text::is_secret;
use crate::inspect::{View, short};

fn label(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name}: ") }
}

pub(super) fn plist(view: &mut View, value: &plist::Value<'_>) {
    let mut stack = vec![(0, String::new(), value)];
    while let Some((depth, name, value)) = stack.pop() {
        if view.is_full() {
            view.and_more(stack.len() + 1);
            return;
        }
        let label = label(&name);
        // Whether there is one is no secret.
        if is_secret(&name) && !matches!(value, plist::Value::Boolean(_)) {
            view.line(depth, format_args!("{label}({}, not shown)", value.type_name()));
            continue;
        }
        match value {
            plist::Value::Dictionary(dictionary) => {
                view.line(depth, format_args!("{label}dictionary"));
                let entries = dictionary.iter().rev();
                stack.extend(entries.map(|(key, value)| (depth + 1, short(key), value)));
            }
            plist::Value::Array(values) => {
                view.line(depth, format_args!("{label}array of {}", values.len()));
                let values = values.iter().rev();
                stack.extend(values.map(|value| (depth + 1, "-".to_owned(), value)));
            }
            plist::Value::String(text) => view.line(depth, format_args!("{label}{}", short(text))),
            plist::Value::Data(bytes) => {
                view.line(depth, format_args!("{label}{} bytes", bytes.len()));
            }
            plist::Value::Date(date) => view.line(depth, format_args!("{label}{}", date.as_str())),
            plist::Value::Boolean(value) => view.line(depth, format_args!("{label}{value}")),
            plist::Value::Integer(value) => view.line(depth, format_args!("{label}{value}")),
            plist::Value::Real(value) => view.line(depth, format_args!("{label}{value}")),
            other => view.line(depth, format_args!("{label}{other:?}")),
        }
    }
}

pub(super) fn json(view: &mut View, first: usize, value: &json::Value) {
    let mut stack = vec![(first, String::new(), value)];
    while let Some((depth, name, value)) = stack.pop() {
        if view.is_full() {
            view.and_more(stack.len() + 1);
            return;
        }
        let label = label(&name);
        let is_bare = matches!(value, json::Value::Bool(_) | json::Value::Null);
        if is_secret(&name) && !is_bare {
            view.line(depth, format_args!("{label}(not shown)"));
            continue;
        }
        match value {
            json::Value::Object(object) => {
                let kind = object.odata_type().map_or_else(|| "object".to_owned(), short);
                view.line(depth, format_args!("{label}{kind}"));
                let mut members: Vec<_> =
                    object.iter().map(|(name, value)| (depth + 1, short(name), value)).collect();
                members.reverse();
                stack.extend(members);
            }
            json::Value::Array(values) => {
                view.line(depth, format_args!("{label}{} values", values.len()));
                let values = values.iter().rev();
                stack.extend(values.map(|value| (depth + 1, "-".to_owned(), value)));
            }
            json::Value::String(text) => view.line(depth, format_args!("{label}{:?}", short(text))),
            other => view.line(depth, format_args!("{label}{}", short(&other.to_json()))),
        }
    }
}
