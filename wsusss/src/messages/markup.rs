//! A part of a message that stands alone: with the namespace prefixes that the message declares
//! around it.

use std::borrow::Cow;

use mdm_xml::{Options, Reader, Tolerance, escape_text};

use super::wire::Decoder;
use crate::error::{Error, ErrorKind};

/// The markup `inner` with the declarations of the prefixes it uses and does not declare at its
/// first element: those of its parent, which is `outer` as it stands, and those in scope around
/// that. Borrowed if it needs none, as everything that was seen.
///
/// # Errors
/// [`ErrorKind::Limit`] where all declarations that were added in the message are longer than
/// [`Limits::document`](crate::Limits::document): one long name can be needed by any number of
/// parts. [`ErrorKind::Xml`] only for what the reader around it would have refused.
pub(super) fn standalone<'x>(
    d: &mut Decoder<'x>,
    outer: &'x str,
    inner: &'x str,
) -> Result<Cow<'x, str>, Error> {
    let options = Options::new(&[])
        .with_limits(d.limits.xml)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_fragment(true);
    let mut own = Reader::new(inner, &options)?;
    let first = own.root()?;
    let parent = (outer.len() > inner.len()).then(|| Reader::new(outer, &options)).transpose()?;
    let parent = match parent {
        Some(mut parent) => parent.root().map(|_| Some(parent))?,
        None => None,
    };
    // No more of them than the limit on declarations allows, each once.
    let mut needed: Vec<(&str, String)> = Vec::new();
    let mut last = "";
    for prefix in prefixes(inner) {
        let known = std::mem::replace(&mut last, prefix) == prefix
            || needed.iter().any(|(known, _)| *known == prefix)
            || own.declarations().any(|(own, _)| own == prefix);
        if known {
            continue;
        }
        let around = parent.iter().flat_map(Reader::declarations).chain(d.r.declarations());
        let found = { around }.find(|(declared, _)| *declared == prefix);
        if let Some((_, uri)) = found {
            let uri = escape_text(uri).replace('"', "&quot;");
            needed.push((prefix, format!(" xmlns:{prefix}=\"{uri}\"")));
        }
    }
    if needed.is_empty() {
        return Ok(Cow::Borrowed(inner));
    }
    let added = needed.iter().map(|(_, declaration)| declaration.len()).sum();
    d.added = d.added.saturating_add(added);
    let max = d.limits.document;
    if d.added > max {
        let kind = ErrorKind::Limit { what: "bytes of namespaces that parts need", max };
        return Err(d.fail(kind, d.r.offset()));
    }
    let at = first.offset() + 1 + first.name().len();
    let (Some(before), Some(after)) = (inner.get(..at), inner.get(at..)) else {
        return Ok(Cow::Borrowed(inner));
    };
    let mut text = String::with_capacity(inner.len() + added);
    text.push_str(before);
    for (_, declaration) in needed {
        text.push_str(&declaration);
    }
    text.push_str(after);
    Ok(Cow::Owned(text))
}

/// What stands before a colon, in names and in values that are names: each byte is looked at once.
fn prefixes(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '\u{80}'..);
    memchr::memchr_iter(b':', text.as_bytes()).filter_map(move |colon| {
        let before = text.get(..colon)?;
        let name = before.trim_end_matches(is_name).len();
        before.get(name..).filter(|name| !matches!(*name, "" | "xml" | "xmlns"))
    })
}
