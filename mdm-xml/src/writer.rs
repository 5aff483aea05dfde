//! The writer: exact escaping, no state but the output, nothing allocated.

use std::fmt;

use crate::escape;

/// Where a [`Writer`] writes to.
pub trait Sink {
    /// Appends text.
    fn push_str(&mut self, text: &str);

    /// Appends bytes that are UTF-8, for sinks that need not see that they are.
    fn push_utf8(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.push_str(text),
            // A caller's mistake, which shows.
            Err(_) => self.push_str(&String::from_utf8_lossy(bytes)),
        }
    }
}

impl Sink for Vec<u8> {
    #[inline]
    fn push_str(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }

    #[inline]
    fn push_utf8(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

impl Sink for String {
    #[inline]
    fn push_str(&mut self, text: &str) {
        Self::push_str(self, text);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    #[inline]
    fn push_str(&mut self, text: &str) {
        (**self).push_str(text);
    }

    #[inline]
    fn push_utf8(&mut self, bytes: &[u8]) {
        (**self).push_utf8(bytes);
    }
}

/// A sink that only counts bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counter(usize);

impl Counter {
    /// The bytes so far.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0
    }
}

impl Sink for Counter {
    #[inline]
    fn push_str(&mut self, text: &str) {
        self.0 = self.0.saturating_add(text.len());
    }

    #[inline]
    fn push_utf8(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len());
    }
}

/// How many bytes `write` would write.
///
/// ```
/// let length = mdm_xml::encoded_len(|w| {
///     w.element("a").text("<");
/// });
/// assert_eq!(length, "<a>&lt;</a>".len());
/// ```
#[must_use]
pub fn encoded_len(write: impl FnOnce(&mut Writer<Counter>)) -> usize {
    let mut writer = Writer::new(Counter::default());
    write(&mut writer);
    writer.sink.bytes()
}

/// Writes XML. The same calls give the same bytes.
///
/// Elements are closed by construction: [`element`](Self::element) begins one and its
/// [`text`](Tag::text), [`body`](Tag::body), [`raw`](Tag::raw) or [`empty`](Tag::empty) ends it.
/// Characters that XML cannot carry are written as U+FFFD and counted in
/// [`replaced`](Self::replaced), for an encoder to refuse the value.
///
/// ```
/// use mdm_xml::Writer;
///
/// let mut out = Vec::new();
/// let mut writer = Writer::new(&mut out);
/// writer.element("SyncML").attr("xmlns", "SYNCML:SYNCML1.2").body(|w| {
///     w.element("Data").text("1 < 2");
///     w.element("Final").empty();
/// });
/// assert_eq!(
///     String::from_utf8_lossy(&out),
///     r#"<SyncML xmlns="SYNCML:SYNCML1.2"><Data>1 &lt; 2</Data><Final/></SyncML>"#
/// );
/// ```
#[derive(Debug)]
pub struct Writer<S> {
    sink: S,
    replaced: usize,
}

impl<S: Sink> Writer<S> {
    /// Writes to `sink`, behind what it holds.
    pub fn new(sink: S) -> Self {
        Self { sink, replaced: 0 }
    }

    /// `<?xml version="1.0" encoding="utf-8"?>`.
    pub fn declaration(&mut self) {
        self.sink.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
    }

    /// Begins an element. The name is written as it is: it is the program's own, or one that a
    /// [`Reader`](crate::Reader) accepted.
    #[inline]
    pub fn element<'w>(&'w mut self, name: &'w str) -> Tag<'w, S> {
        self.sink.push_str("<");
        self.sink.push_str(name);
        Tag { writer: self, name, open: true }
    }

    /// Character data, escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.replaced += escape::text_into(text, &mut self.sink);
    }

    /// Character data from a format, escaped: `text_fmt(format_args!("{n}"))`.
    pub fn text_fmt(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a sink cannot fail; an error of a Display ends the text, no more.
        let _ = fmt::write(&mut Escaping(self), text);
    }

    /// Markup that is well-formed already, as it is.
    #[inline]
    pub fn raw(&mut self, markup: &str) {
        self.sink.push_str(markup);
    }

    /// Characters so far that XML cannot carry.
    #[must_use]
    pub fn replaced(&self) -> usize {
        self.replaced
    }

    /// The sink.
    pub fn into_sink(self) -> S {
        self.sink
    }
}

struct Escaping<'w, S>(&'w mut Writer<S>);

impl<S: Sink> fmt::Write for Escaping<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.text(text);
        Ok(())
    }
}

/// A start tag that is being written; dropped as it is, it is an empty element.
#[derive(Debug)]
pub struct Tag<'w, S: Sink> {
    writer: &'w mut Writer<S>,
    name: &'w str,
    open: bool,
}

impl<S: Sink> Tag<'_, S> {
    /// Adds an attribute; the value is escaped.
    #[must_use = "a tag that is dropped is an empty element"]
    #[inline]
    pub fn attr(self, name: &str, value: &str) -> Self {
        let writer = &mut *self.writer;
        writer.sink.push_str(" ");
        writer.sink.push_str(name);
        writer.sink.push_str("=\"");
        writer.replaced += escape::attribute_into(value, &mut writer.sink);
        writer.sink.push_str("\"");
        self
    }

    /// Adds an attribute if there is a value.
    #[must_use = "a tag that is dropped is an empty element"]
    #[inline]
    pub fn attr_opt(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// `<name/>`.
    #[inline]
    pub fn empty(self) {}

    /// `<name>text</name>`, escaped.
    #[inline]
    pub fn text(self, text: &str) {
        self.body(|writer| writer.text(text));
    }

    /// `<name>text</name>` from a format, escaped.
    pub fn text_fmt(self, text: fmt::Arguments<'_>) {
        self.body(|writer| writer.text_fmt(text));
    }

    /// `<name>…</name>` around markup that is well-formed already.
    #[inline]
    pub fn raw(self, markup: &str) {
        self.body(|writer| writer.raw(markup));
    }

    /// `<name>…</name>` around what `body` writes.
    #[inline]
    pub fn body(mut self, body: impl FnOnce(&mut Writer<S>)) {
        self.open = false;
        self.writer.sink.push_str(">");
        body(self.writer);
        self.writer.sink.push_str("</");
        self.writer.sink.push_str(self.name);
        self.writer.sink.push_str(">");
    }

    /// `<name>…</name>` around what `body` writes. The element is closed whatever it returns.
    ///
    /// # Errors
    /// What `body` returns.
    pub fn try_body<E>(self, body: impl FnOnce(&mut Writer<S>) -> Result<(), E>) -> Result<(), E> {
        let mut result = Ok(());
        self.body(|writer| result = body(writer));
        result
    }
}

impl<S: Sink> Drop for Tag<'_, S> {
    fn drop(&mut self) {
        if self.open {
            self.writer.sink.push_str("/>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_close_themselves_and_values_are_escaped() {
        let mut out = String::new();
        let mut writer = Writer::new(&mut out);
        writer.declaration();
        writer.element("a").attr("b", "\"<&>'\t\n\r\"").attr_opt("c", None).body(|w| {
            w.element("d").text("]]> \r\n\t\u{1}");
            w.element("e").empty();
            w.element("f").attr("g", "").raw("<h/>");
            let _ = w.element("i");
            w.element("j").text_fmt(format_args!("{}<", 5));
        });
        assert_eq!(writer.replaced(), 1);
        assert_eq!(
            out,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
             <a b=\"&quot;&lt;&amp;&gt;'&#9;&#10;&#13;&quot;\">\
             <d>]]&gt; &#13;\n\t\u{fffd}</d><e/><f g=\"\"><h/></f><i/><j>5&lt;</j></a>"
        );
    }
}
