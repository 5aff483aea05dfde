//! Writing XML property lists: the layout is fixed, without blanks between elements.

use base64::Engine as _;
use mdm_xml::Writer;

use super::out::{Known, Out};
use super::{Dictionary, Value};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
    \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">";

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
    write_with(out, |xml| xml.value(value))
}

/// Appends a list whose value is told by `value`; returns what [`write_xml`] does. Nothing is
/// allocated but room in `out`.
pub(crate) fn write_with(out: &mut Vec<u8>, value: impl FnOnce(&mut Xml<'_>)) -> usize {
    let mut xml = Xml { out, replaced: 0 };
    xml.raw(HEAD);
    value(&mut xml);
    xml.raw("</plist>");
    xml.replaced
}

/// XML that is being written.
pub(crate) struct Xml<'o> {
    out: &'o mut Vec<u8>,
    replaced: usize,
}

enum Step<'v> {
    Value(&'v Value<'v>),
    Key(&'v str),
    Raw(&'static str),
}

impl Xml<'_> {
    fn raw(&mut self, markup: &str) {
        self.out.extend_from_slice(markup.as_bytes());
    }

    fn escaped(&mut self, text: &str) {
        let mut writer = Writer::new(&mut *self.out);
        writer.text(text);
        self.replaced += writer.replaced();
    }

    /// An element with text that needs no escapes.
    fn element(&mut self, open: &'static str, text: &str, close: &'static str) {
        self.raw(open);
        self.raw(text);
        self.raw(close);
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        Writer::new(&mut *self.out).element("integer").text_fmt(format_args!("{number}"));
    }

    fn any_key(&mut self, key: &str) {
        self.raw("<key>");
        self.escaped(key);
        self.raw("</key>");
    }

    /// An element that is `<name/>` where nothing is in it.
    fn around(&mut self, open: &'static str, inside: impl FnOnce(&mut Self), close: &'static str) {
        self.raw(open);
        let before = self.out.len();
        inside(self);
        if self.out.len() == before {
            self.out.truncate(before - 1);
            self.raw("/>");
        } else {
            self.raw(close);
        }
    }

    /// A value, however deep.
    pub(crate) fn value(&mut self, value: &Value<'_>) {
        let mut steps = Vec::new();
        self.step(value, &mut steps);
        self.steps(steps);
    }

    /// Writes what is left, the next on top.
    fn steps<'v>(&mut self, mut steps: Vec<Step<'v>>) {
        while let Some(step) = steps.pop() {
            match step {
                Step::Raw(text) => self.raw(text),
                Step::Key(key) => self.any_key(key),
                Step::Value(value) => self.step(value, &mut steps),
            }
        }
    }

    fn step<'v>(&mut self, value: &'v Value<'v>, steps: &mut Vec<Step<'v>>) {
        match value {
            Value::Array(values) if values.is_empty() => self.raw("<array/>"),
            Value::Array(values) => {
                self.raw("<array>");
                steps.push(Step::Raw("</array>"));
                steps.extend(values.iter().rev().map(Step::Value));
            }
            Value::Dictionary(entries) if entries.is_empty() => self.raw("<dict/>"),
            Value::Dictionary(entries) => {
                self.raw("<dict>");
                steps.push(Step::Raw("</dict>"));
                for (key, value) in entries.iter().rev() {
                    steps.push(Step::Value(value));
                    steps.push(Step::Key(key));
                }
            }
            Value::Boolean(value) => self.boolean(*value),
            Value::Data(bytes) => self.data(bytes),
            Value::Date(date) => self.element("<date>", date.whole(), "Z</date>"),
            Value::Integer(number) => self.number(number),
            Value::Real(number) => real(*number, &mut Writer::new(&mut *self.out)),
            Value::String(text) => self.text(text),
            Value::Uid(uid) => {
                self.raw("<dict><key>CF$UID</key>");
                self.number(uid);
                self.raw("</dict>");
            }
        }
    }
}

impl Out for Xml<'_> {
    fn dictionary(&mut self, entries: impl FnOnce(&mut Self)) {
        self.around("<dict>", entries, "</dict>");
    }

    fn array(&mut self, values: impl FnOnce(&mut Self)) {
        self.around("<array>", values, "</array>");
    }

    fn key(&mut self, key: Known) {
        self.raw(key.xml);
    }

    fn text(&mut self, text: &str) {
        self.raw("<string>");
        self.escaped(text);
        self.raw("</string>");
    }

    fn integer(&mut self, number: i64) {
        self.number(number);
    }

    fn boolean(&mut self, value: bool) {
        self.raw(if value { "<true/>" } else { "<false/>" });
    }

    fn data(&mut self, bytes: &[u8]) {
        self.element("<data>", &base64::engine::general_purpose::STANDARD.encode(bytes), "</data>");
    }

    fn entries(&mut self, entries: &Dictionary<'_>) {
        for (key, value) in entries.iter() {
            self.any_key(key);
            self.value(value);
        }
    }

    fn text_of(&mut self, key: Known, text: &str) {
        self.raw(key.xml_text);
        self.escaped(text);
        self.raw("</string>");
    }
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
