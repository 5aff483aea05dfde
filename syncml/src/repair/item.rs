//! Mending items, addresses and metadata.

use std::borrow::Cow;
use std::collections::HashSet;

use super::change::{Mended, Remedy};
use crate::decode::in_own_namespace;
use crate::diagnostic::DiagnosticCode as Code;
use crate::loc_uri::LocUri;
use crate::model::{Attribute, Cred, Data, Escaped, Format, Item, Location, Meta, Rare, Raw};

/// Drops blanks around a value; whether there were any.
pub(super) fn trim(value: &mut Cow<'_, str>, mended: &mut Mended) -> bool {
    trim_as(Code::BlankValue, value, mended)
}

fn trim_as(code: Code, value: &mut Cow<'_, str>, mended: &mut Mended) -> bool {
    let trimmed = value.trim();
    if trimmed.len() == value.len() {
        return false;
    }
    let trimmed = trimmed.to_owned();
    mended.note(code, Remedy::Changed, value.to_string(), &*trimmed);
    *value = Cow::Owned(trimmed);
    true
}

/// Leaves out elements that are not known.
pub(super) fn extra(extra: &mut Rare<Raw<'_>>, mended: &mut Mended) {
    for raw in std::mem::take(extra) {
        removed(&raw, mended);
    }
}

pub(super) fn removed(raw: &Raw<'_>, mended: &mut Mended) {
    mended.note(Code::UnknownElement, Remedy::Removed, raw.as_str(), "");
}

/// Leaves out attributes that are not known, and those whose prefix nobody declares.
pub(super) fn own_attributes(
    attributes: &mut Rare<Attribute<'_>>,
    scope: &[String],
    mended: &mut Mended,
) {
    let own: HashSet<(String, u32, String)> = attributes
        .iter()
        .filter_map(|one| {
            let prefix = one.name.strip_prefix("xmlns:")?;
            Some((one.element.to_string(), one.index, format!("{prefix}:")))
        })
        .collect();
    attributes.retain(|one| {
        let here = |prefix: &str| {
            !own.is_empty()
                && own.contains(&(one.element.to_string(), one.index, prefix.to_owned()))
        };
        let keep = keep(&one.name, scope, here);
        if let Err(code) = keep {
            mended.note(code, Remedy::Removed, &*one.name, "");
        }
        keep.is_ok()
    });
}

/// The same for attributes of one element.
pub(super) fn pairs(
    attributes: &mut Rare<(Cow<'_, str>, Cow<'_, str>)>,
    scope: &[String],
    mended: &mut Mended,
) {
    let own: Vec<String> = attributes
        .iter()
        .filter_map(|(name, _)| Some(format!("{}:", name.strip_prefix("xmlns:")?)))
        .collect();
    attributes.retain(|(name, _)| {
        let keep = keep(name, scope, |prefix| own.iter().any(|declared| declared == prefix));
        if let Err(code) = keep {
            mended.note(code, Remedy::Removed, &**name, "");
        }
        keep.is_ok()
    });
}

fn keep(name: &str, scope: &[String], here: impl Fn(&str) -> bool) -> Result<(), Code> {
    let Some(colon) = name.find(':') else {
        return if name == "xmlns" { Ok(()) } else { Err(Code::UnknownAttribute) };
    };
    let prefix = name.get(..=colon).unwrap_or_default();
    let known = matches!(prefix, "xml:" | "xmlns:");
    if known || scope.iter().any(|declared| declared == prefix) || here(prefix) {
        Ok(())
    } else {
        Err(Code::UndeclaredPrefix)
    }
}

pub(super) fn location(place: &mut Location<'_>, scope: &[String], mended: &mut Mended) {
    trim_as(Code::BlankAddress, &mut place.loc_uri, mended);
    own_attributes(&mut place.attributes, scope, mended);
    extra(&mut place.extra, mended);
}

pub(super) fn cred(cred: &mut Cred<'_>, scope: &[String], mended: &mut Mended) {
    own_attributes(&mut cred.attributes, scope, mended);
    meta(&mut cred.meta, scope, mended);
    extra(&mut cred.extra, mended);
}

pub(super) fn meta(meta: &mut Meta<'_>, scope: &[String], mended: &mut Mended) {
    if let Some(Format::Other(text)) = &mut meta.format {
        trim(text, mended);
    }
    if let Some(format) = &mut meta.format {
        let known = format.known().into_owned();
        if matches!(format, Format::Other(_)) && !matches!(known, Format::Other(_)) {
            // Blanks alone are no other name.
            if format.as_str() != known.as_str() {
                mended.note(Code::BadFormat, Remedy::Changed, format.as_str(), known.as_str());
            }
            *format = known;
        }
    }
    let values = [
        &mut meta.typ,
        &mut meta.mark,
        &mut meta.size,
        &mut meta.version,
        &mut meta.next_nonce,
        &mut meta.max_msg_size,
        &mut meta.max_obj_size,
    ];
    for value in values.into_iter().flatten() {
        trim(value, mended);
    }
    own_attributes(&mut meta.attributes, scope, mended);
    if let Some(anchor) = &mut meta.anchor {
        own_attributes(&mut anchor.attributes, scope, mended);
        extra(&mut anchor.extra, mended);
    }
    if let Some(mem) = &mut meta.mem {
        own_attributes(&mut mem.attributes, scope, mended);
        extra(&mut mem.extra, mended);
    }
    // Elements of other documents may stand in Meta.
    meta.extra.retain(|raw| {
        let keep = is_foreign(raw.as_str());
        if !keep {
            removed(raw, mended);
        }
        keep
    });
}

/// Whether an element is in a namespace that is none of SyncML's.
fn is_foreign(markup: &str) -> bool {
    let options = mdm_xml::Options::default()
        .with_undeclared_prefixes(mdm_xml::Tolerance::Keep)
        .with_fragment(true);
    let Ok(mut reader) = mdm_xml::Reader::new(markup, &options) else { return false };
    let Ok(Some(element)) = reader.child() else { return false };
    let uri = reader.namespace_uri(element.ns()).trim().to_ascii_lowercase();
    !uri.is_empty() && !uri.starts_with("syncml:")
}

/// What an item's command says of it.
#[derive(Clone, Copy)]
pub(super) struct Of {
    /// The command's name.
    pub(super) verb: &'static str,
    /// Its items are for nodes.
    pub(super) addressed: bool,
    /// Whether it says that its values are XML.
    pub(super) is_xml: Option<bool>,
}

/// An item of a command.
pub(super) fn item(item: &mut Item<'_>, of: Of, scope: &[String], mended: &mut Mended) {
    own_attributes(&mut item.attributes, scope, mended);
    for place in [&mut item.target, &mut item.source].into_iter().flatten() {
        location(place, scope, mended);
        if of.addressed {
            address(&mut place.loc_uri, mended);
        }
    }
    if let Some(found) = &mut item.meta {
        meta(found, scope, mended);
    }
    extra(&mut item.extra, mended);
    match &item.data {
        Some(Data::Markup(markup)) if !in_own_namespace(markup) => {
            mended.note(Code::Markup, Remedy::Rewritten, "", "");
            item.data = Some(Data::Text(markup.clone()));
            // Declarations were for the markup.
            item.data_attributes.retain(|(name, _)| name != "xmlns");
        }
        _ => {}
    }
    unescape_again(item, of, mended);
    if let Some(Data::Text(_)) = &item.data {
        item.data_attributes.retain(|(name, _)| name != "xmlns");
    }
    pairs(&mut item.data_attributes, scope, mended);
}

/// A value of format `xml` that is escaped twice, escaped once. With elements in it as well, nobody
/// knows what was meant.
fn unescape_again(item: &mut Item<'_>, of: Of, mended: &mut Mended) {
    let own = item.meta.as_ref().and_then(Meta::is_xml);
    let is_twice = || Escaped::of(of.verb, own, of.is_xml) == Escaped::Twice;
    if !item.looks_escaped_twice() || !is_twice() {
        return;
    }
    let Some(Data::Text(text)) = &mut item.data else { return };
    let plain = Some(&*text).filter(|text| !text.contains('<'));
    if let Some(plain) = plain.and_then(|text| mdm_xml::unescape(text).ok()) {
        mended.note(Code::DoublyEscaped, Remedy::Changed, "", "");
        *text = Cow::Owned(plain.into_owned());
    }
}

/// The address that is meant, where that is clear: backslashes are slashes, there are no empty
/// segments, and it begins with `./`.
fn address(uri: &mut Cow<'_, str>, mended: &mut Mended) {
    if uri.is_empty() || LocUri::check(uri).is_ok() {
        return;
    }
    let (path, query) = match uri.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (&**uri, None),
    };
    let plain: String = path
        .chars()
        .filter(|character| !character.is_control())
        .map(|character| if character == '\\' { '/' } else { character })
        .collect();
    let mut fixed = String::with_capacity(uri.len());
    if plain.starts_with('/') {
        fixed.push('.');
        fixed.push('/');
    }
    let mut first = true;
    for segment in plain.split('/').filter(|segment| !segment.trim().is_empty()) {
        if !std::mem::take(&mut first) {
            fixed.push('/');
        }
        fixed.push_str(segment);
    }
    if let Some(query) = query {
        fixed.push('?');
        fixed.push_str(query);
    }
    if LocUri::check(&fixed).is_ok() {
        mended.note(Code::BadAddress, Remedy::Changed, uri.to_string(), &*fixed);
        *uri = Cow::Owned(fixed);
    }
}
