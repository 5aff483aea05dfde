//! Chains of errors, and what they mean.

use crate::fields::FromField;
use crate::plist::{Dictionary, Value};
use crate::schema::Type;

/// One error of a chain.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ErrorEntry {
    /// Its domain.
    pub domain: String,
    /// Its number.
    pub code: i64,
    /// Words for people, in English if the device gave them.
    pub description: String,
    /// Words for people in the device's language.
    pub localized: Option<String>,
}

impl ErrorEntry {
    fn read(entry: &Dictionary<'_>) -> Self {
        let text = |key| entry.str(key).map(str::to_owned);
        let localized = text("LocalizedDescription");
        Self {
            domain: text("ErrorDomain").unwrap_or_default(),
            code: entry.int("ErrorCode").unwrap_or_default(),
            description: text("USEnglishDescription")
                .or_else(|| localized.clone())
                .unwrap_or_default(),
            localized,
        }
    }

    /// The errors that its words name: *observed* are `Unknown command: X <MDMClientError:91>`,
    /// and the words of Cocoa, `(com.apple.softwareupdateservices.errors error 3.)`.
    fn named(&self) -> impl Iterator<Item = (&str, i64)> {
        let angles = self.description.split('<').skip(1).filter_map(|part| {
            let (domain, code) = part.split_once('>')?.0.split_once(':')?;
            Some((domain, code.parse().ok()?))
        });
        let round = self.description.split('(').skip(1).filter_map(|part| {
            let (domain, code) = part.split_once(')')?.0.split_once(" error ")?;
            Some((domain, code.trim_end_matches('.').parse().ok()?))
        });
        angles.chain(round)
    }
}

/// What a chain of errors means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum ErrorClass {
    /// There is no update: an empty list, not a failure (*observed* since iOS 11.3).
    NoUpdateAvailable,
    /// The device has to be enrolled by Apple's program, or supervised.
    NeedsSupervision,
    /// The update does not allow this action.
    UnsupportedAction,
    /// The device does not know the command.
    UnknownCommand,
    /// The recovery lock was not set or is in the way.
    RecoveryLock,
    /// A configuration profile was refused.
    ProfileRefused,
    /// The user has to sign in to the store.
    SignInNeeded,
    /// Something else.
    Other,
}

/// Domain, number, meaning; the first that a chain has anywhere counts. *Observed*, with where.
const MEANINGS: [(&str, i64, ErrorClass); 12] = [
    // commandment, radars 19571 and 19665.
    ("DeviceManagement.error", 2213, ErrorClass::NoUpdateAvailable),
    ("com.apple.softwareupdateservices.errors", 3, ErrorClass::NoUpdateAvailable),
    // micromdm, "Updating to Mojave?".
    ("MDMClientError", 74, ErrorClass::NeedsSupervision),
    ("MCMDMErrorDomain", 12008, ErrorClass::UnsupportedAction),
    // commandment, macOS 10.13.6.
    ("MDMClientError", 91, ErrorClass::UnknownCommand),
    ("MCMDMErrorDomain", 12021, ErrorClass::UnknownCommand),
    // fleet.
    ("MDMClientError", 70, ErrorClass::RecoveryLock),
    ("ROSLockoutServiceDaemonErrorDomain", 8, ErrorClass::RecoveryLock),
    ("MDMClientError", 89, ErrorClass::ProfileRefused),
    ("MDMClientError", 96, ErrorClass::ProfileRefused),
    // A test of a third party; weak.
    ("MCMDMErrorDomain", 12040, ErrorClass::SignInNeeded),
    // Apple's older name of the domain.
    ("com.apple.softwareupdateservices.error", 3, ErrorClass::NoUpdateAvailable),
];

/// The errors of an answer, outermost first.
///
/// ```
/// use apple_mdm::messages::{ErrorClass, Report};
///
/// let body = b"<plist><dict><key>Status</key><string>Error</string><key>ErrorChain</key><array><dict>
///     <key>ErrorDomain</key><string>DeviceManagement.error</string>
///     <key>ErrorCode</key><integer>2213</integer></dict></array></dict></plist>";
/// let report = Report::decode(body, &Default::default())?;
/// assert_eq!(report.errors.classify(), ErrorClass::NoUpdateAvailable);
/// # Ok::<(), apple_mdm::messages::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ErrorChain {
    /// The errors.
    pub entries: Vec<ErrorEntry>,
}

impl ErrorChain {
    pub(crate) fn read(value: Option<&Value<'_>>) -> Self {
        let entries = match value {
            // A single error without its array.
            Some(Value::Dictionary(entry)) => vec![ErrorEntry::read(entry)],
            value => {
                let entries = value.and_then(Value::as_array).unwrap_or_default();
                entries.iter().filter_map(Value::as_dictionary).map(ErrorEntry::read).collect()
            }
        };
        Self { entries }
    }

    /// Whether there is no error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it has an error, as an entry or named in the words of one.
    #[must_use]
    pub fn has(&self, domain: &str, code: i64) -> bool {
        self.entries.iter().any(|entry| {
            (entry.domain == domain && entry.code == code)
                || entry.named().any(|named| named == (domain, code))
        })
    }

    /// What it means.
    #[must_use]
    pub fn classify(&self) -> ErrorClass {
        let known = MEANINGS.iter().find(|(domain, code, _)| self.has(domain, *code));
        known.map_or(ErrorClass::Other, |(_, _, class)| *class)
    }
}

impl<'a> FromField<'a> for ErrorChain {
    const TYPE: Type = Type::Array;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        matches!(value, Value::Array(_) | Value::Dictionary(_)).then(|| Self::read(Some(value)))
    }
}
