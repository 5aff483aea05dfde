//! Writing XML property lists: the layout is fixed, without blanks between elements.

use base64::Engine as _;
use mdm_xml::Writer;

use super::Value;

/// Appends the property list to `out`. The same value gives the same bytes. A Uid, which XML does
/// not have, is written as Apple's tools do: a dictionary with the key `CF$UID`. A fraction of a
/// second, which XML does not have either, is left out.
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
    w.raw("<plist version=\"1.0\">");
    // What is left to write, the next on top.
    let mut steps = vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Raw(text) => w.raw(text),
            Step::Key(key) => w.element("key").text(key),
            Step::Value(Value::Array(values)) if values.is_empty() => w.raw("<array/>"),
            Step::Value(Value::Array(values)) => {
                w.raw("<array>");
                steps.push(Step::Raw("</array>"));
                steps.extend(values.iter().rev().map(Step::Value));
            }
            Step::Value(Value::Dictionary(entries)) if entries.is_empty() => w.raw("<dict/>"),
            Step::Value(Value::Dictionary(entries)) => {
                w.raw("<dict>");
                steps.push(Step::Raw("</dict>"));
                for (key, value) in entries.iter().rev() {
                    steps.push(Step::Value(value));
                    steps.push(Step::Key(key));
                }
            }
            Step::Value(Value::Boolean(true)) => w.raw("<true/>"),
            Step::Value(Value::Boolean(false)) => w.raw("<false/>"),
            Step::Value(Value::Data(bytes)) => {
                w.element("data").text(&base64::engine::general_purpose::STANDARD.encode(bytes));
            }
            Step::Value(Value::Date(date)) => {
                w.element("date").text_fmt(format_args!("{}Z", date.whole()));
            }
            Step::Value(Value::Integer(number)) => {
                w.element("integer").text_fmt(format_args!("{number}"));
            }
            Step::Value(Value::Real(number)) => real(*number, &mut w),
            Step::Value(Value::String(text)) => w.element("string").text(text),
            Step::Value(Value::Uid(uid)) => {
                w.raw("<dict>");
                w.element("key").text("CF$UID");
                w.element("integer").text_fmt(format_args!("{uid}"));
                w.raw("</dict>");
            }
        }
    }
    w.raw("</plist>");
    w.replaced()
}

enum Step<'v> {
    Value(&'v Value<'v>),
    Key(&'v str),
    Raw(&'static str),
}

/// Numbers that are none have Apple's names (CFPropertyList.c).
fn real<S: mdm_xml::Sink>(number: f64, w: &mut Writer<S>) {
    let tag = w.element("real");
    if number.is_nan() {
        tag.text("nan");
    } else if number.is_infinite() {
        tag.text(if number > 0.0 { "+infinity" } else { "-infinity" });
    } else {
        tag.text_fmt(format_args!("{number}"));
    }
}
