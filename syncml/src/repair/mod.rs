//! From a message as it was pasted to one that is valid, with a list of what was changed.
//!
//! *Decision*: what was meant is never guessed. Identifiers, order, namespaces, escaping, blanks and
//! the spelling of addresses and formats are mended; an item without an address, a code that is no
//! number, or a Get in an Atomic is not, and the message is refused
//! ([`ErrorKind::Unrepairable`]). What came out is read strictly before it is handed out, so a
//! repaired message is a valid one, and repairing it again changes nothing.

mod change;
mod item;
mod text;
mod walk;

use std::borrow::Cow;

use mdm_xml::Source;

use crate::decode::{DecodeOptions, decode_text, decode_with};
use crate::diagnostic::DiagnosticCode;
use crate::encode::encode;
use crate::error::{Error, ErrorKind, Limits};
use crate::model::{Header, Message, Namespace};

pub use change::{Change, Remedy};

/// What repair may use.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RepairOptions<'a> {
    /// The header for a message that has none, and for what is missing in one. Without it a
    /// message that lacks its header or a part of it is refused.
    pub header: Option<Header<'a>>,
    /// What the message may cost.
    pub limits: Limits,
}

impl<'a> RepairOptions<'a> {
    /// The same with a header to fall back on.
    #[must_use]
    pub fn with_header(mut self, header: Header<'a>) -> Self {
        self.header = Some(header);
        self
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// A valid message, and what it took.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Repaired<'a> {
    /// The message. [`encode`] writes it so that it is read strictly.
    pub message: Message<'a>,
    /// What was changed, in the order of the places; what has no place in a text comes last. Empty if
    /// the message was valid.
    pub changes: Vec<Change>,
}

/// Makes a message valid.
///
/// # Errors
/// [`ErrorKind::Unrepairable`] with what is left, in the message that came out; places in it are
/// those of that message. [`ErrorKind::Unwritable`].
///
/// ```
/// use syncml::repair::{RepairOptions, repair};
/// use syncml::model::{Header, Location};
///
/// let pasted = "<Replace><Item><Target><LocURI>./A </LocURI></Target>\
///     <Data><![CDATA[<on/>]]></Data></Item></Replace>";
/// let message = syncml::decode(pasted.as_bytes(), &syncml::Limits::default())?;
/// let header =
///     Header::new(1.into(), 1.into(), Location::new("urn:uuid:1"), Location::new("https://mdm"));
/// let repaired = repair(message, &RepairOptions::default().with_header(header))?;
/// for change in &repaired.changes {
///     println!("{change}"); // no CmdID: given 1; white space around a LocURI: …
/// }
/// let mut out = Vec::new();
/// syncml::encode(&repaired.message, &mut out)?;
/// let strict = syncml::DecodeOptions::default().strict();
/// assert_eq!(syncml::decode_with(&out, &strict)?, repaired.message);
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn repair<'a>(
    message: Message<'a>,
    options: &RepairOptions<'_>,
) -> Result<Repaired<'a>, Error> {
    let mut message = message;
    let findings = std::mem::take(&mut message.diagnostics);
    let mut mended = change::Mended::default();
    // Bare commands say nothing of a namespace, so nothing is wrong with theirs.
    if findings.iter().any(|found| found.code == DiagnosticCode::Fragment)
        && message.namespace == Namespace::None
    {
        message.namespace = Namespace::V12;
    }
    walk::message(&mut message, options.header.as_ref(), &options.limits, &mut mended);
    let mut out = Vec::new();
    encode(&message, &mut out)?;
    // The message was within the limits; its canonical spelling may be a little longer.
    let limits = options.limits;
    let xml = limits.xml.with_bytes(limits.xml.bytes.max(out.len()));
    let strict = DecodeOptions::default().with_limits(limits.with_xml(xml)).strict();
    match decode_with(&out, &strict) {
        Ok(again) if again == message => {
            Ok(Repaired { message, changes: mended.with_findings(&findings) })
        }
        // It says something else when it is written: markup in it was not complete.
        Ok(_) => Err(ErrorKind::Unrepairable(Box::default()).into()),
        Err(error) => Err(match error.kind() {
            ErrorKind::Strict(left) => Error::new(ErrorKind::Unrepairable(left.clone())),
            _ => error,
        }),
    }
}

/// Reads a message or a part of one, mends also what keeps it from being XML (typographic quotes
/// and dashes in tags, bare `&` and `<`, values without quotes, XML declarations inside), and makes
/// it valid.
///
/// # Errors
/// As [`decode`](crate::decode) and [`repair`].
///
/// ```
/// use syncml::repair::{RepairOptions, repair_bytes};
///
/// let pasted = "<SyncML xmlns=\u{201d}SYNCML:SYNCML1.2\u{201d}><SyncHdr><VerDTD>1.2</VerDTD>\
///     <VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID>\
///     <Target><LocURI>a</LocURI></Target><Source><LocURI>b & c</LocURI></Source></SyncHdr>\
///     <SyncBody><Final/></SyncBody></SyncML>";
/// let repaired = repair_bytes(pasted.as_bytes(), &RepairOptions::default())?;
/// assert_eq!(repaired.changes.len(), 2);
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn repair_bytes(bytes: &[u8], options: &RepairOptions<'_>) -> Result<Repaired<'static>, Error> {
    let source = Source::new(bytes, &options.limits.xml)?;
    let lies = source.declaration_lies();
    let text = source.into_text();
    let reading = DecodeOptions::default().with_limits(options.limits);
    match decode_text(&text, lies, &reading) {
        Ok(message) => repair(message.into_owned(), options),
        Err(error) if matches!(error.kind(), ErrorKind::Xml(kind) if !is_limit(kind)) => {
            let (mended, mut changes) = text::mend(&text);
            if changes.is_empty() {
                return Err(error);
            }
            // What is wrong is told in the words of the text that was given.
            let message = decode_text(&mended, false, &reading).map_err(|_| error)?;
            let repaired = repair(message.into_owned(), options)?;
            changes.extend(repaired.changes);
            Ok(Repaired { message: repaired.message, changes })
        }
        Err(error) => Err(error),
    }
}

fn is_limit(kind: &mdm_xml::ErrorKind) -> bool {
    matches!(kind, mdm_xml::ErrorKind::Limit { .. })
}

/// Commands that a vendor's administrator pasted, made valid.
///
/// The header, if there is one, is left aside, and so is Final: the commands are to be sent in
/// messages of the vendor's own.
///
/// # Errors
/// As [`repair_bytes`].
///
/// ```
/// use syncml::repair::repair_commands;
///
/// let (commands, changes) = repair_commands(
///     b"<Get><Item><Target><LOCURI/><LocURI>./DevInfo/Lang</LocURI></Target></Item></Get>",
///     &syncml::Limits::default(),
/// )?;
/// assert_eq!(commands[0].items()[0].loc_uri(), Some("./DevInfo/Lang"));
/// assert_eq!(changes.len(), 2); // a CmdID was given, an unknown element left out
/// # Ok::<(), syncml::Error>(())
/// ```
pub fn repair_commands(
    bytes: &[u8],
    limits: &Limits,
) -> Result<(Vec<crate::model::Command<'static>>, Vec<Change>), Error> {
    let place = || crate::model::Location::new(Cow::Borrowed("./"));
    let header = Header::new(1.into(), 1.into(), place(), place());
    let options = RepairOptions::default().with_limits(*limits).with_header(header);
    let mut repaired = repair_bytes(bytes, &options)?;
    repaired.changes.retain(|change| {
        !matches!(change.code, Some(DiagnosticCode::Fragment | DiagnosticCode::NoHeader))
    });
    Ok((repaired.message.body.commands, repaired.changes))
}
