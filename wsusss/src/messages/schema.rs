//! The shape of every message as a table: what the WSDL says, with the driver operations that only
//! the specification's prose has (MS-WSUSSS 3.1.4.7 and 3.1.4.8). For tests, proxies and tools.

/// The type of an element or attribute.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// `xs:string`.
    Text,
    /// `xs:base64Binary`.
    Binary,
    /// `xs:boolean`.
    Boolean,
    /// `xs:int`, `xs:short` or `xs:unsignedByte`, with its bounds.
    Number {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// `guid`.
    Guid,
    /// `xs:dateTime`.
    Time,
    /// A string out of a list that can grow.
    Word(&'static [&'static str]),
    /// Elements.
    Record(&'static Record),
    /// Items of one name.
    List {
        /// The items' name.
        item: &'static str,
        /// Their type.
        kind: &'static Self,
    },
}

/// An element or attribute of a record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether the WSDL says that it has to be there. Servers leave such out all the same, so
    /// reading does not insist.
    pub required: bool,
    /// Its type.
    pub kind: Kind,
}

impl Field {
    pub(super) const fn new(name: &'static str, required: bool, kind: Kind) -> Self {
        Self { name, required, kind }
    }
}

/// A complex type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Record {
    /// Its attributes.
    pub attributes: &'static [Field],
    /// Its elements, in the order of the WSDL, which is the order they are written in.
    pub elements: &'static [Field],
}

impl Record {
    pub(super) const fn new(attributes: &'static [Field], elements: &'static [Field]) -> Self {
        Self { attributes, elements }
    }
}

/// A request or an answer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Shape {
    /// The name of the element in the body.
    pub name: &'static str,
    /// Its namespace.
    pub namespace: &'static str,
    /// What is in it.
    pub body: Record,
}
