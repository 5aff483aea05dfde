//! Property lists: read borrowed and bounded, from XML and from binary; written in both.
//!
//! Nothing recurses while it reads, places or writes, and the depth of a value that was read is
//! bounded, so that copying and dropping one is shallow as well.
//!
//! Paths in errors and findings are made of keys and positions: `Updates[0]/InstallAction`.

mod binary;
mod build;
mod date;
mod diagnostic;
mod dictionary;
mod error;
mod events;
mod limits;
mod out;
mod place;
mod plain;
mod scalar;
mod value;
mod write_binary;
mod write_xml;
mod xml;

use std::borrow::Cow;

pub use date::Date;
pub use diagnostic::DiagnosticCode;
pub use dictionary::Dictionary;
pub use error::{Error, ErrorKind};
pub use limits::{Duplicates, Limits};
pub use value::Value;
pub use write_binary::write_binary;
pub use write_xml::write_xml;

pub(crate) use out::{Known, Out, dictionary, known};
pub(crate) use place::{places, push_index, push_key};
pub(crate) use write_xml::write_with;

/// A finding about a property list, with its place.
pub type Diagnostic = mdm_xml::Diagnostic<DiagnosticCode>;

/// The two forms of a property list that devices send and take.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums)]
pub enum Format {
    /// XML with Apple's document type.
    Xml,
    /// `bplist00`.
    Binary,
}

impl Format {
    /// The form of these bytes: binary ones begin with `bplist`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"bplist") { Self::Binary } else { Self::Xml }
    }
}

/// Reads a property list, XML or binary.
///
/// # Errors
/// Every [`ErrorKind`].
///
/// ```
/// use apple_mdm::plist;
///
/// let text = b"<plist version=\"1.0\"><dict><key>Status</key><string>Idle</string></dict></plist>";
/// let value = plist::decode(text, &plist::Limits::default())?;
/// assert_eq!(value.as_dictionary().and_then(|report| report.str("Status")), Some("Idle"));
/// # Ok::<(), apple_mdm::plist::Error>(())
/// ```
pub fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Value<'a>, Error> {
    decode_noting(bytes, limits).map(|(value, _)| value)
}

/// Reads a property list and says what was odd about it, up to 256 findings with their places.
///
/// # Errors
/// Every [`ErrorKind`].
///
/// ```
/// use apple_mdm::plist::{DiagnosticCode, Limits, decode_noting};
///
/// let text = b"<dict><key>a</key><true/><key>a</key><false/></dict>";
/// let (value, found) = decode_noting(text, &Limits::default())?;
/// let codes: Vec<DiagnosticCode> = found.iter().map(|found| found.code).collect();
/// assert_eq!(codes, [DiagnosticCode::NoFrame, DiagnosticCode::DuplicateKey]);
/// assert_eq!((found[1].position.column, found[1].path.as_str()), (26, "a"));
/// # Ok::<(), apple_mdm::plist::Error>(())
/// ```
pub fn decode_noting<'a>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<(Value<'a>, Vec<Diagnostic>), Error> {
    if Format::of(bytes) == Format::Binary {
        let mut events = binary::Binary::open(bytes, limits).map_err(|fault| fault.in_bytes())?;
        let limits = &limits.of_binary(bytes.len());
        return match plain::read_binary(&events, limits) {
            Some(value) => Ok((value, Vec::new())),
            None => build::build(&mut events, limits),
        };
    }
    match mdm_xml::Source::new(bytes, &limits.xml)?.into_text() {
        Cow::Borrowed(text) => match plain::read_xml(text, limits) {
            Some(value) => Ok((value, Vec::new())),
            None => build::build(&mut xml::Xml::open(text, limits)?, limits),
        },
        Cow::Owned(text) => {
            let (value, found) = build::build(&mut xml::Xml::open(&text, limits)?, limits)?;
            Ok((value.into_owned(), found))
        }
    }
}

/// Reads a property list and refuses everything odd: the first finding that is more than
/// information is the error.
///
/// # Errors
/// Every [`ErrorKind`]; [`ErrorKind::Odd`] for a finding.
///
/// ```
/// use apple_mdm::plist::{Limits, decode_strict};
///
/// let error = decode_strict(b"<dict/>", &Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "the element plist is missing (plist-no-frame), at line 1, column 1");
/// ```
pub fn decode_strict<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Value<'a>, Error> {
    let (value, found) = decode_noting(bytes, limits)?;
    match found.into_iter().find(|found| found.severity() > mdm_xml::Severity::Info) {
        None => Ok(value),
        Some(found) => {
            let location = mdm_xml::Location::new(found.position, found.path);
            Err(Error::at(ErrorKind::Odd(found.code), location))
        }
    }
}

/// Appends the property list to `out` in one of its forms.
///
/// Returns how many characters the form cannot carry, which were written as U+FFFD; in binary
/// ones there are none.
pub fn write(value: &Value<'_>, format: Format, out: &mut Vec<u8>) -> usize {
    match format {
        Format::Xml => write_xml(value, out),
        Format::Binary => {
            write_binary(value, out);
            0
        }
    }
}
