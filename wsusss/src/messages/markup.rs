//! A part of a message that stands alone: with the namespace prefixes that the message declares
//! around it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mdm_xml::{Options, Reader, Tolerance, escape_text};

use crate::error::{Error, Limits};

/// The markup `inner` with the declarations of the prefixes it uses and does not declare at its
/// first element: those of its parent, which is `outer` as it stands, and those in scope around
/// that. Borrowed if it needs none, as everything that was seen.
///
/// # Errors
/// [`ErrorKind::Xml`](crate::ErrorKind::Xml) only for what the reader around it would have refused.
pub(super) fn standalone<'x>(
    around: &Reader<'x>,
    outer: &'x str,
    inner: &'x str,
    limits: &Limits,
) -> Result<Cow<'x, str>, Error> {
    let options = Options::new(&[])
        .with_limits(limits.xml)
        .with_undeclared_prefixes(Tolerance::Keep)
        .with_fragment(true);
    let mut needed: Vec<(&str, Cow<'_, str>)> = Vec::new();
    let mut own = Reader::new(inner, &options)?;
    let first = own.root()?;
    let declared: BTreeSet<&str> = own.declarations().map(|(prefix, _)| prefix).collect();
    let mut consider = |prefix: &'x str, uri: &str| {
        let known = prefix.is_empty()
            || prefix == "xml"
            || declared.contains(prefix)
            || needed.iter().any(|(known, _)| *known == prefix);
        if !known && inner.contains(&format!("{prefix}:")) {
            needed.push((prefix, Cow::Owned(escape_text(uri).replace('"', "&quot;"))));
        }
    };
    if outer.len() > inner.len() {
        let mut parent = Reader::new(outer, &options)?;
        parent.root()?;
        for (prefix, uri) in parent.declarations() {
            consider(prefix, uri);
        }
    }
    for (prefix, uri) in around.declarations() {
        consider(prefix, uri);
    }
    if needed.is_empty() {
        return Ok(Cow::Borrowed(inner));
    }
    let at = first.offset() + 1 + first.name().len();
    let (Some(before), Some(after)) = (inner.get(..at), inner.get(at..)) else {
        return Ok(Cow::Borrowed(inner));
    };
    let mut text = String::with_capacity(inner.len() + 64);
    text.push_str(before);
    for (prefix, uri) in needed {
        text.push_str(&format!(" xmlns:{prefix}=\"{uri}\""));
    }
    text.push_str(after);
    Ok(Cow::Owned(text))
}
