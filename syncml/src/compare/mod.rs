//! Whether a device has what it was to have: the desired value of a node against the one that a Get
//! returned.
//!
//! Devices do not give values back letter by letter. A document that was sent escaped or in a CDATA
//! section comes back as markup, numbers lose their zeros, `true` becomes `1`, base64 gets line
//! ends, ADMX settings change their letter case and order. [`compare`] says whether two values mean
//! the same, and gives the reason for each difference, tolerated or not.
//!
//! *Decision*: what a format says about values decides. Nothing is tolerated that could be two
//! values for a CSP: letter case in `chr`, or another number. (Fleet compared text, could not verify
//! profiles with CDATA, and gave the comparison up: fleetdm/fleet #33350, #31921.)

mod scalar;
mod verify;
mod xml;

use std::borrow::Cow;
use std::fmt;

use crate::model::{Command, Data, Format, Item, Meta};

pub use verify::{Checked, Finding, verify};

/// A value with its format.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Value<'a> {
    /// The format; none where nothing says, which means `chr` (OMA-SyncML-MetInf 1.2).
    pub format: Option<Format<'a>>,
    /// The media type.
    pub typ: Option<Cow<'a, str>>,
    /// The data; none where the item has none.
    pub data: Option<Data<'a>>,
}

impl<'a> Value<'a> {
    /// A value of this format.
    #[must_use]
    pub fn new(format: Format<'a>, data: Data<'a>) -> Self {
        Self { format: Some(format), typ: None, data: Some(data) }
    }

    /// Text of no format, as Windows returns it for `chr`.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { format: None, typ: None, data: Some(Data::text(text)) }
    }

    /// The value of an item, with the Meta of its command: what the item's own does not say, that
    /// one does (MS-MDM 2.2.5.3).
    #[must_use]
    pub fn of(item: &Item<'a>, command: Option<&Meta<'a>>) -> Self {
        let either = |read: fn(&Meta<'a>) -> Option<Cow<'a, str>>| {
            item.meta.as_ref().and_then(read).or_else(|| command.and_then(read))
        };
        let format = either(|meta| meta.format.as_ref().map(|f| Cow::Owned(f.as_str().to_owned())));
        Self {
            format: format.map(Format::from_text),
            typ: either(|meta| meta.typ.clone()),
            data: item.data.clone(),
        }
    }

    /// The values of a command's items, with their addresses.
    pub fn of_command<'c>(
        command: &'c Command<'a>,
    ) -> impl Iterator<Item = (&'c str, Self)> + use<'c, 'a> {
        let meta = match command {
            Command::Results(results) => results.meta.as_deref(),
            other => other.request().and_then(|request| request.meta.as_deref()),
        };
        command.items().iter().filter_map(move |item| Some((item.loc_uri()?, Self::of(item, meta))))
    }

    /// The format that is meant; none is none.
    fn known(&self) -> Option<Format<'a>> {
        self.format.as_ref().map(Format::known)
    }

    fn as_str(&self) -> &str {
        self.data.as_ref().map_or("", Data::as_str)
    }
}

/// What two values have in common.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Verdict {
    /// Letter by letter the same, in the same format.
    Identical,
    /// The same meaning, written in another way.
    Equivalent,
    /// Another meaning.
    Different,
}

/// The outcome of a comparison.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a comparison changes nothing"]
#[non_exhaustive]
pub struct Comparison {
    /// What they have in common.
    pub verdict: Verdict,
    /// Why they are not identical, in the order in which it was found; tolerated reasons first, and
    /// at most one that is not.
    pub reasons: Vec<Reason>,
}

impl Comparison {
    /// Whether the device has what it was to have.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.verdict != Verdict::Different
    }

    /// Why the values differ in their meaning, if they do.
    #[must_use]
    pub fn difference(&self) -> Option<&Reason> {
        self.reasons.iter().find(|reason| !reason.is_tolerated())
    }

    fn of(reasons: Vec<Reason>) -> Self {
        let verdict = if reasons.is_empty() {
            Verdict::Identical
        } else if reasons.iter().all(Reason::is_tolerated) {
            Verdict::Equivalent
        } else {
            Verdict::Different
        };
        Self { verdict, reasons }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.verdict {
            Verdict::Identical => "identical",
            Verdict::Equivalent => "equivalent",
            Verdict::Different => "different",
        })?;
        let mut mark = ": ";
        for reason in &self.reasons {
            write!(f, "{mark}{reason}")?;
            mark = "; ";
        }
        Ok(())
    }
}

/// Why two values are not identical. None of them quotes a value: it may be a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The format is another one (tolerated: the values tell).
    Format {
        /// The one that was wanted.
        desired: String,
        /// The one that came back; empty where none was given.
        returned: String,
    },
    /// White space around the value.
    OuterSpace,
    /// Line ends.
    LineEnds,
    /// A number or a time that is written in another way: zeros, a sign, separators.
    Spelling,
    /// A truth value that is written in another way.
    TruthSpelling,
    /// Base64 with other line ends or padding.
    Base64Spelling,
    /// One is base64, the other the text that it codes.
    Decoded,
    /// One is escaped (or was in a CDATA section), the other is markup.
    Escaping,
    /// The same XML with other blanks, quotes, prefixes, comments, or order of attributes.
    XmlSpelling,
    /// Settings of an ADMX-backed policy with another letter case or order.
    AdmxSpelling,
    /// No data and empty data.
    EmptyAndNone,
    /// The node is an interior one: what came back are the names of its children.
    Children,
    /// Something came back although there is to be nothing, or the other way round.
    Presence,
    /// Another number, at least one of them being one.
    Number,
    /// Another truth value.
    Truth,
    /// Other bytes, from this one on.
    Bytes {
        /// Bytes that are the same before.
        at: usize,
    },
    /// Another text, from this byte of the desired one on.
    Text {
        /// Bytes that are the same before.
        at: usize,
    },
    /// Other XML, at this element of the desired one.
    Xml {
        /// The elements around it, outermost first, separated by `/`.
        path: String,
        /// What is different there.
        what: XmlDifference,
    },
    /// Another setting of an ADMX-backed policy.
    Admx {
        /// The `id` of the element that differs; empty for the policy's state itself.
        id: String,
    },
}

/// What is different in XML.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum XmlDifference {
    /// An element of another name.
    Name,
    /// An element that the desired one has and the other has not.
    Missing,
    /// An element that the desired one does not have.
    Additional,
    /// Another attribute, or another value of one.
    Attribute,
    /// Another text.
    Text,
}

impl Reason {
    /// Whether the values mean the same all the same.
    #[must_use]
    pub fn is_tolerated(&self) -> bool {
        !matches!(
            self,
            Self::Presence
                | Self::Number
                | Self::Truth
                | Self::Bytes { .. }
                | Self::Text { .. }
                | Self::Xml { .. }
                | Self::Admx { .. }
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Format { desired, returned } if returned.is_empty() => {
                return write!(f, "no format instead of {desired}");
            }
            Self::Format { desired, returned } => {
                return write!(f, "format {returned} instead of {desired}");
            }
            Self::Bytes { at } => return write!(f, "other bytes from byte {at} on"),
            Self::Text { at } => return write!(f, "another text from byte {at} on"),
            Self::Xml { path, what } => {
                let what = match what {
                    XmlDifference::Name => "another element",
                    XmlDifference::Missing => "an element is missing",
                    XmlDifference::Additional => "an element too many",
                    XmlDifference::Attribute => "another attribute",
                    XmlDifference::Text => "another text",
                };
                return write!(f, "{what} in {path}");
            }
            Self::Admx { id } if id.is_empty() => "the policy is in another state",
            Self::Admx { id } => return write!(f, "another value of the setting {id}"),
            Self::OuterSpace => "white space around the value",
            Self::LineEnds => "other line ends",
            Self::Spelling => "the same value, written in another way",
            Self::TruthSpelling => "the same truth value, written in another way",
            Self::Base64Spelling => "the same bytes, other base64",
            Self::Decoded => "base64 and the text that it codes",
            Self::Escaping => "escaped text and markup",
            Self::XmlSpelling => "the same XML, written in another way",
            Self::AdmxSpelling => "the same settings, written in another way",
            Self::EmptyAndNone => "empty data and no data",
            Self::Children => "the names of the node's children",
            Self::Presence => "there is a value on one side only",
            Self::Number => "another number",
            Self::Truth => "another truth value",
        };
        f.write_str(text)
    }
}

/// Compares the value that a node was to have with the one that a device returned.
///
/// The desired value's format decides what is compared; where it has none, that of the returned
/// one, and else the values are text. Text that is XML on both sides is compared as XML.
///
/// ```
/// use syncml::compare::{Reason, Value, Verdict, compare};
/// use syncml::{Data, Format};
///
/// let desired = Value::new(Format::Chr, Data::text("<enabled/><data id='A' value='1'/>"));
/// let returned = Value::text(" <Enabled /><data value=\"1\" id=\"A\"></data>\n");
/// let comparison = compare(&desired, &returned);
/// assert_eq!(comparison.verdict, Verdict::Equivalent);
///
/// let returned = Value::text("<enabled/><data id='A' value='2'/>");
/// let reason = compare(&desired, &returned).difference().cloned();
/// assert_eq!(reason, Some(Reason::Admx { id: "A".to_owned() }));
/// ```
pub fn compare(desired: &Value<'_>, returned: &Value<'_>) -> Comparison {
    let mut reasons = Vec::new();
    let (wanted, found) = (desired.known(), returned.known());
    if wanted != found && (wanted.is_some() || found.is_some()) {
        // Without a format Windows means chr.
        let chr = |format: &Option<Format<'_>>| {
            format.as_ref().is_none_or(|format| *format == Format::Chr)
        };
        if !(chr(&wanted) && chr(&found)) {
            let name =
                |format: &Option<Format<'_>>| format.as_ref().map_or("", Format::as_str).to_owned();
            reasons.push(Reason::Format { desired: name(&wanted), returned: name(&found) });
        }
    }
    let format = wanted.or(found).unwrap_or(Format::Chr);
    scalar::compare(&format, desired, returned, &mut reasons);
    Comparison::of(reasons)
}
