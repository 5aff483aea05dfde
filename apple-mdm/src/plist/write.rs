//! Writing XML property lists: the layout is fixed, without blanks between elements.

use base64::Engine as _;
use mdm_xml::{Sink, Writer};

use super::Value;

/// Appends the property list to `out`. The same value gives the same bytes. A Uid, which XML does
/// not have, is written as Apple's tools do: a dictionary with the key `CF$UID`.
///
/// Returns how many characters XML cannot carry, which were written as U+FFFD.
///
/// ```
/// use apple_mdm::plist::{Value, write_xml};
///
/// let mut out = Vec::new();
/// write_xml(&Value::from("Idle"), &mut out);
/// assert!(String::from_utf8_lossy(&out).ends_with("<plist version=\"1.0\"><string>Idle</string></plist>"));
/// ```
pub fn write_xml(value: &Value<'_>, out: &mut Vec<u8>) -> usize {
    let mut w = Writer::new(out);
    w.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    w.raw(
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
         \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n",
    );
    w.element("plist").attr("version", "1.0").body(|w| write(value, w));
    w.replaced()
}

/// As deep as the limits of reading, or as the program built it.
fn write<S: Sink>(value: &Value<'_>, w: &mut Writer<S>) {
    match value {
        Value::Array(values) => w.element("array").body(|w| {
            for value in values {
                write(value, w);
            }
        }),
        Value::Boolean(true) => w.element("true").empty(),
        Value::Boolean(false) => w.element("false").empty(),
        Value::Data(bytes) => {
            w.element("data").text(&base64::engine::general_purpose::STANDARD.encode(bytes));
        }
        Value::Date(date) => w.element("date").text(date.as_str()),
        Value::Dictionary(dictionary) => w.element("dict").body(|w| {
            for (key, value) in dictionary.iter() {
                w.element("key").text(key);
                write(value, w);
            }
        }),
        Value::Integer(number) => w.element("integer").text_fmt(format_args!("{number}")),
        Value::Real(number) => w.element("real").text_fmt(format_args!("{number}")),
        Value::String(text) => w.element("string").text(text),
        Value::Uid(uid) => w.element("dict").body(|w| {
            w.element("key").text("CF$UID");
            w.element("integer").text_fmt(format_args!("{uid}"));
        }),
    }
}
