//! What is odd about a message that was read all the same.

use mdm_xml::{Code, Position, Severity};

use super::{Error, ErrorKind};
use crate::plist::{self, Limits};

/// A deviation from Apple's schema that is tolerated. Each was seen in a message of a device, in
/// Apple's own examples, or in a report about one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum DiagnosticCode {
    /// An oddity of the property list itself.
    Plist(plist::DiagnosticCode),
    /// A misspelt key: `ScanInititated`.
    MisspeltKey,
    /// Another key than the schema's: `ForceUpdateScan` for `Force`.
    OtherKey,
    /// The command stands inside a second `Command`.
    NestedCommand,
    /// An array where the schema has a dictionary: the answer to Settings.
    ArrayForDictionary,
    /// A key that the schema requires is missing.
    MissingKey,
    /// The version of an update is blank, and neither its name nor its metadata's has one.
    BlankVersion,
    /// The version of an update is a build.
    BuildAsVersion,
    /// A real number where the schema has a whole one: `DownloadSize`.
    RealForInteger,
    /// A whole number where the schema has a real one.
    IntegerForReal,
    /// A number where the schema has a truth value: `IsDownloaded`.
    IntegerForBoolean,
    /// A number where the schema has a text, but for `PreviousScanResult`, which is one in every
    /// real answer.
    IntegerForText,
    /// A value of another type than the schema's. It is kept, and not read.
    WrongType,
    /// An answer that repeats its command's RequestType.
    EchoedRequestType,
    /// Text with escaped bytes: `couldn\xe2\x80\x99t`.
    EscapedBytes,
    /// A query that is asked twice.
    DuplicateQuery,
    /// A key that the schema does not have.
    UnknownKey,
    /// A value that the schema does not list.
    UnknownValue,
    /// A number outside the schema's range.
    OutOfRange,
    /// A message that does not say of which device it is.
    NoDevice,
}

impl Code for DiagnosticCode {
    fn id(self) -> &'static str {
        match self {
            Self::Plist(code) => code.id(),
            Self::MisspeltKey => "apple-misspelt-key",
            Self::OtherKey => "apple-other-key",
            Self::NestedCommand => "apple-nested-command",
            Self::ArrayForDictionary => "apple-array-for-dictionary",
            Self::MissingKey => "apple-missing-key",
            Self::BlankVersion => "apple-blank-version",
            Self::BuildAsVersion => "apple-build-as-version",
            Self::RealForInteger => "apple-real-for-integer",
            Self::IntegerForReal => "apple-integer-for-real",
            Self::IntegerForBoolean => "apple-integer-for-boolean",
            Self::IntegerForText => "apple-integer-for-text",
            Self::WrongType => "apple-wrong-type",
            Self::EchoedRequestType => "apple-echoed-request-type",
            Self::EscapedBytes => "apple-escaped-bytes",
            Self::DuplicateQuery => "apple-duplicate-query",
            Self::UnknownKey => "apple-unknown-key",
            Self::UnknownValue => "apple-unknown-value",
            Self::OutOfRange => "apple-out-of-range",
            Self::NoDevice => "apple-no-device",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::Plist(code) => code.severity(),
            Self::WrongType | Self::NoDevice => Severity::Error,
            Self::EchoedRequestType
            | Self::DuplicateQuery
            | Self::UnknownKey
            | Self::IntegerForReal => Severity::Info,
            _ => Severity::Warning,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Plist(code) => code.summary(),
            Self::MisspeltKey => "a key is misspelt",
            Self::OtherKey => "the schema has another name for this key",
            Self::NestedCommand => "the command stands inside a second Command",
            Self::ArrayForDictionary => "an array where the schema has a dictionary",
            Self::MissingKey => "a key that the schema requires is missing",
            Self::BlankVersion => "the version is blank",
            Self::BuildAsVersion => "the version is a build",
            Self::RealForInteger => "a real number where the schema has a whole one",
            Self::IntegerForReal => "a whole number where the schema has a real one",
            Self::IntegerForBoolean => "a number where the schema has a truth value",
            Self::IntegerForText => "a number where the schema has a text",
            Self::WrongType => "a value of another type than the schema's",
            Self::EchoedRequestType => "an answer that repeats its RequestType",
            Self::EscapedBytes => "text with escaped bytes",
            Self::DuplicateQuery => "a query that is asked twice",
            Self::UnknownKey => "a key that the schema does not have",
            Self::UnknownValue => "a value that the schema does not list",
            Self::OutOfRange => "a number outside the schema's range",
            Self::NoDevice => "neither UDID nor EnrollmentID",
        }
    }

    fn reference(self) -> &'static str {
        match self {
            Self::Plist(code) => code.reference(),
            Self::MisspeltKey => "Apple's example system.update.scan/example2",
            Self::OtherKey => "Apple's example system.update.scan/example1",
            Self::NestedCommand => "Apple's example declarativemanagement/example1",
            Self::ArrayForDictionary => "Apple's example of an answer to Settings",
            Self::MissingKey => "answers of macOS 10.12.5 and 10.13",
            Self::BlankVersion | Self::BuildAsVersion => "answers of macOS 10.13 and 10.14",
            Self::RealForInteger => "an answer of macOS 10.13 (micromdm, 2018-10-16)",
            Self::IntegerForBoolean => "radar 45414737, iOS 11.3",
            Self::EchoedRequestType => "answers of macOS 10.12.5",
            Self::EscapedBytes => "an answer of iOS 11.3.1",
            Self::DuplicateQuery => "Apple's example information.device/example1",
            Self::NoDevice => "Apple, MDM protocol, responses",
            _ => "Apple, device-management schema",
        }
    }
}

impl From<plist::DiagnosticCode> for DiagnosticCode {
    fn from(code: plist::DiagnosticCode) -> Self {
        Self::Plist(code)
    }
}

/// A finding about a message, with its place.
pub type Diagnostic = mdm_xml::Diagnostic<DiagnosticCode>;

/// How many findings are kept.
const FINDINGS: usize = 256;

/// Findings by their paths, before their places are looked up.
#[derive(Default)]
pub(crate) struct Notes(Vec<(DiagnosticCode, String, String)>);

impl Notes {
    pub(crate) fn note(&mut self, code: DiagnosticCode, path: &str, detail: &str) {
        if self.0.len() < FINDINGS {
            let detail = detail.chars().take(64).collect();
            self.0.push((code, path.to_owned(), detail));
        }
    }

    /// The findings in the order of their places, with those of the property list.
    pub(crate) fn finish(
        self,
        bytes: &[u8],
        limits: &Limits,
        list: Vec<plist::Diagnostic>,
    ) -> Vec<Diagnostic> {
        let mut all: Vec<Diagnostic> = list
            .into_iter()
            .map(|found| {
                Diagnostic::new(
                    found.code.into(),
                    found.position,
                    found.end,
                    found.path,
                    found.detail,
                )
            })
            .collect();
        if self.0.is_empty() {
            return all;
        }
        let paths: Vec<String> = self.0.iter().map(|(_, path, _)| path.clone()).collect();
        let places = plist::places(bytes, limits, &paths);
        for ((code, path, detail), place) in self.0.into_iter().zip(places) {
            let position = place.map_or(Position::of_byte(0), |place| place.position);
            all.push(Diagnostic::new(code, position, position.offset, path, detail));
        }
        all.sort_by_key(|found| found.position.offset);
        all
    }
}

/// Turns the first finding that is more than information into an error.
pub(crate) fn strict<T>((value, found): (T, Vec<Diagnostic>)) -> Result<T, Error> {
    match found.into_iter().find(|found| found.severity() > Severity::Info) {
        None => Ok(value),
        Some(found) => {
            let place = mdm_xml::Location::new(found.position, found.path);
            Err(Error::at(ErrorKind::Odd(found.code), place))
        }
    }
}
