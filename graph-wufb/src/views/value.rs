//! Values, arrays and objects where they stand.

use std::borrow::Cow;
use std::fmt;

use super::field::FieldView;
use super::scan::{self, Kind, Node};
use crate::error::Position;
use crate::json::{Number, RawObject, Value};
use crate::models::Member;

/// A value where it stands in the text.
#[derive(Clone, Copy)]
pub struct ValueView<'d> {
    text: &'d str,
    nodes: &'d [Node],
    at: usize,
}

impl<'d> ValueView<'d> {
    pub(super) fn new(text: &'d str, nodes: &'d [Node], at: usize) -> Option<Self> {
        nodes.get(at).map(|_| Self { text, nodes, at })
    }

    #[inline]
    fn node(&self) -> Option<&'d Node> {
        self.nodes.get(self.at)
    }

    #[inline]
    fn is(&self, kind: Kind) -> bool {
        self.node().is_some_and(|node| node.kind == kind)
    }

    /// The value as it stands: what a member is that nothing here has a name for.
    #[must_use]
    pub fn raw(&self) -> &'d str {
        self.node().map_or("", |node| node.raw(self.text))
    }

    /// Where it begins. Reads the text up to there again.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::of(self.text, self.node().map_or(0, Node::offset))
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.is(Kind::Null)
    }

    /// The truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.node()?.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    /// The number as it is spelt.
    #[must_use]
    pub fn as_number(&self) -> Option<&'d str> {
        self.is(Kind::Number).then(|| self.raw())
    }

    /// The integer, if this is a number that is spelt as one.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.parse().ok()
    }

    pub(super) fn is_string(&self) -> bool {
        self.is(Kind::String)
    }

    pub(super) fn is_object(&self) -> bool {
        self.is(Kind::Object)
    }

    /// The text of a string, borrowed where it has no escapes.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> Option<Cow<'d, str>> {
        let node = self.node().filter(|node| node.kind == Kind::String)?;
        Some(node.string(self.text))
    }

    /// The object.
    #[must_use]
    pub fn as_object(&self) -> Option<ObjectView<'d>> {
        self.is(Kind::Object).then_some(ObjectView(*self))
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<Elements<'d>> {
        self.is(Kind::Array).then(|| self.inside())
    }

    /// What is inside.
    #[inline]
    fn inside(&self) -> Elements<'d> {
        let end = self.node().map_or(0, |node| node.next as usize);
        Elements { text: self.text, nodes: self.nodes, at: self.at + 1, end }
    }

    /// What it is, for messages.
    pub(super) fn name(&self) -> &'static str {
        match self.node().map(|node| node.kind) {
            Some(Kind::Null) | None => "null",
            Some(Kind::True | Kind::False) => "a boolean",
            Some(Kind::Number) => "a number",
            Some(Kind::String) => "a string",
            Some(Kind::Array) => "an array",
            Some(Kind::Object) => "an object",
        }
    }

    /// A value of its own, as [`json::read`](crate::json::read) gives it.
    // Recursion is bounded: no text is deeper than `MAX_DEPTH`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let Some(node) = self.node() else { return Value::Null };
        match node.kind {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(Number::checked(self.raw())),
            Kind::String => Value::String(node.string(self.text).into_owned()),
            Kind::Array => Value::Array(self.inside().map(|element| element.to_value()).collect()),
            Kind::Object => Value::Object(ObjectView(*self).to_object()),
        }
    }
}

impl fmt::Debug for ValueView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}

/// The elements of an array.
#[derive(Clone, Debug)]
pub struct Elements<'d> {
    text: &'d str,
    nodes: &'d [Node],
    at: usize,
    end: usize,
}

impl<'d> Elements<'d> {
    pub(super) fn new(text: &'d str, nodes: &'d [Node], at: usize, end: usize) -> Self {
        Self { text, nodes, at, end }
    }

    /// Where the next one is, and what is behind the last.
    pub(super) fn range(&self) -> (usize, usize) {
        (self.at, self.end)
    }
}

impl<'d> Iterator for Elements<'d> {
    type Item = ValueView<'d>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let value = ValueView::new(self.text, self.nodes, self.at)?;
        self.at = value.node()?.next as usize;
        Some(value)
    }
}

/// An object where it stands in the text: its members in their order, known or not.
#[derive(Clone, Copy)]
pub struct ObjectView<'d>(ValueView<'d>);

impl<'d> ObjectView<'d> {
    /// The object as it stands.
    #[must_use]
    pub fn raw(&self) -> &'d str {
        self.0.raw()
    }

    /// Where it begins. Reads the text up to there again.
    #[must_use]
    pub fn position(&self) -> Position {
        self.0.position()
    }

    /// The members in their order.
    pub fn members(&self) -> impl Iterator<Item = (Cow<'d, str>, ValueView<'d>)> + use<'d> {
        let text = self.0.text;
        self.0.inside().filter_map(move |value| Some((value.node()?.name(text), value)))
    }

    /// The member of exactly this name.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &str) -> Option<ValueView<'d>> {
        let ValueView { text, nodes, at } = self.0;
        let (end, hash) = (nodes.get(at)?.next as usize, scan::hash(name.as_bytes()));
        let mut at = at + 1;
        while at < end {
            let node = nodes.get(at)?;
            if node.is_named(text, name.as_bytes(), hash) {
                return Some(ValueView { text, nodes, at });
            }
            at = node.next as usize;
        }
        None
    }

    /// The member of this name, in whatever case if none has exactly this one.
    #[must_use]
    pub fn get_loose(&self, name: &str) -> Option<ValueView<'d>> {
        self.get(name).or_else(|| self.loose(name).next())
    }

    #[inline]
    fn loose<'n>(&self, name: &'n str) -> impl Iterator<Item = ValueView<'d>> + use<'d, 'n> {
        let members = self.members().filter(move |member| member.0.eq_ignore_ascii_case(name));
        members.map(|member| member.1)
    }

    /// The text of a member, in whatever case its name is.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'d, str>> {
        self.get_loose(name)?.as_str()
    }

    /// The type that `@odata.type` names, without `#`.
    #[must_use]
    pub fn odata_type(&self) -> Option<Cow<'d, str>> {
        Some(match self.text("@odata.type")? {
            Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix('#').unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.strip_prefix('#').unwrap_or(&name).to_owned()),
        })
    }

    /// The last part of the type that `@odata.type` names.
    pub(super) fn short_type(&self) -> Option<Cow<'d, str>> {
        let name = self.text("@odata.type")?;
        let start = name.rfind('.').map_or(0, |dot| dot + 1);
        let start = if start == 0 && name.starts_with('#') { 1 } else { start };
        Some(match name {
            Cow::Borrowed(name) => Cow::Borrowed(name.get(start..).unwrap_or_default()),
            Cow::Owned(name) => Cow::Owned(name.get(start..).unwrap_or_default().to_owned()),
        })
    }

    /// A member as a type that [`models`](crate::models) has there: by its exact name, or else in
    /// another case. A value of another type is not read, as there.
    #[must_use]
    #[inline]
    pub fn member<T: FieldView<'d>>(&self, name: &str) -> Member<T> {
        if let Some(value) = self.get(name) {
            return read(value).unwrap_or_default();
        }
        self.other_case(name)
    }

    #[cold]
    fn other_case<T: FieldView<'d>>(&self, name: &str) -> Member<T> {
        self.loose(name).find_map(read).unwrap_or_default()
    }

    /// An object of its own, as [`json::read`](crate::json::read) gives it.
    #[must_use]
    pub fn to_object(&self) -> RawObject {
        let mut object = RawObject::new();
        for (name, value) in self.members() {
            // The reader saw to it that no name occurs twice.
            object.push(name.into_owned(), value.to_value());
        }
        object
    }
}

/// A member's value; nothing where it is of another type.
#[inline]
fn read<'d, T: FieldView<'d>>(value: ValueView<'d>) -> Option<Member<T>> {
    if value.is_null() {
        return Some(Member::Null);
    }
    T::read(value).map(Member::Value)
}

impl fmt::Debug for ObjectView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw())
    }
}
