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
    /// The device does not take the request as it stands: a Mac says so of an action that the
    /// update does not allow, iOS of any update command that it calls malformed, among them one
    /// with an action that it does not know.
    UnsupportedAction,
    /// The device does not know the command.
    UnknownCommand,
    /// The recovery lock was not set or is in the way.
    RecoveryLock,
    /// A configuration profile was refused.
    ProfileRefused,
    /// The user has to sign in to the store.
    SignInNeeded,
    /// A user is signed in on a Shared iPad, which takes no update command until they have left.
    UserSignedIn,
    /// The device is in Managed Lost Mode, in which it does not take the command.
    LostMode,
    /// The device is in Single App Mode, in which it does not take the command.
    SingleAppMode,
    /// The passcode has to be cleared first.
    PasscodeInTheWay,
    /// Looking for updates failed.
    ScanFailed,
    /// The device is downloading or installing it ([`ErrorChain::is_installing`]): nothing failed.
    InProgress,
    /// It has been downloaded: nothing failed.
    AlreadyDownloaded,
    /// It has to be downloaded before it is installed.
    NeedsDownload,
    /// The device has to be connected to a computer.
    NeedsComputer,
    /// Too little space.
    InsufficientSpace,
    /// Too little power.
    InsufficientPower,
    /// No network, or not one that will do.
    InsufficientNetwork,
    /// The download failed.
    DownloadFailed,
    /// The installation failed.
    InstallFailed,
    /// Something else.
    Other,
}

impl ErrorClass {
    /// Whether the device takes no such command in the state that it is in, and will again by
    /// itself or by its administrator's doing: a user is signed in, Lost Mode, Single App Mode. The
    /// same command works later.
    #[must_use]
    pub const fn is_momentary(self) -> bool {
        matches!(self, Self::UserSignedIn | Self::LostMode | Self::SingleAppMode)
    }
}

/// The domain of the client's own errors, those of device management below it, and those of
/// software update below these.
const CLIENT: &str = "MCMDMErrorDomain";
const MANAGEMENT: &str = "DeviceManagement.error";
const SERVICES: &str = "com.apple.softwareupdateservices.errors";

/// Domain, number, meaning. *Observed*, with where.
const MEANINGS: [(&str, i64, ErrorClass); 11] = [
    // commandment, radars 19571 and 19665.
    (SERVICES, 3, ErrorClass::NoUpdateAvailable),
    // Apple's older name of the domain.
    ("com.apple.softwareupdateservices.error", 3, ErrorClass::NoUpdateAvailable),
    // micromdm, "Updating to Mojave?".
    ("MDMClientError", 74, ErrorClass::NeedsSupervision),
    (CLIENT, 12008, ErrorClass::UnsupportedAction),
    // commandment, macOS 10.13.6.
    ("MDMClientError", 91, ErrorClass::UnknownCommand),
    (CLIENT, 12021, ErrorClass::UnknownCommand),
    // fleet.
    ("MDMClientError", 70, ErrorClass::RecoveryLock),
    ("ROSLockoutServiceDaemonErrorDomain", 8, ErrorClass::RecoveryLock),
    ("MDMClientError", 89, ErrorClass::ProfileRefused),
    ("MDMClientError", 96, ErrorClass::ProfileRefused),
    // A test of a third party; weak.
    (CLIENT, 12040, ErrorClass::SignInNeeded),
];

/// Number of the client, number of device management, meaning: the first stands above the second
/// for the same. *Observed* in the client of iOS (MDMParser, what it makes of the errors of
/// DMDSUManagerInstallTask), and 2213 in real answers.
const UPDATES: [(i64, i64, ErrorClass); 15] = [
    (12051, 2200, ErrorClass::InProgress),
    (12052, 2201, ErrorClass::AlreadyDownloaded),
    (12057, 2202, ErrorClass::DownloadFailed),
    (12056, 2203, ErrorClass::InsufficientNetwork),
    (12054, 2204, ErrorClass::InsufficientSpace),
    (12055, 2205, ErrorClass::InsufficientPower),
    (12053, 2206, ErrorClass::NeedsComputer),
    (12058, 2207, ErrorClass::InProgress),
    (12062, 2208, ErrorClass::InstallFailed),
    (12060, 2209, ErrorClass::InsufficientSpace),
    (12061, 2210, ErrorClass::InsufficientPower),
    (12059, 2211, ErrorClass::NeedsDownload),
    (12049, 2212, ErrorClass::PasscodeInTheWay),
    (12048, 2213, ErrorClass::NoUpdateAvailable),
    (12050, 2214, ErrorClass::ScanFailed),
];

/// Number of the client, meaning: what the client of iOS (MDMParser) says in the states in which it
/// does not do what it is told.
const STATES: [(i64, ErrorClass); 3] = [
    (12077, ErrorClass::UserSignedIn),
    (12078, ErrorClass::LostMode),
    (12084, ErrorClass::SingleAppMode),
];

/// What one error means by itself.
fn meaning(domain: &str, code: i64) -> Option<ErrorClass> {
    let update = |of: fn(&(i64, i64, ErrorClass)) -> i64| {
        UPDATES.iter().find(|row| of(row) == code).map(|row| row.2)
    };
    let found = match domain {
        CLIENT => update(|row| row.0)
            .or_else(|| STATES.iter().find(|(known, _)| *known == code).map(|row| row.1)),
        MANAGEMENT => update(|row| row.1),
        _ => None,
    };
    found.or_else(|| {
        let is = |row: &&(&str, i64, ErrorClass)| (row.0, row.1) == (domain, code);
        MEANINGS.iter().find(is).map(|row| row.2)
    })
}

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

    /// Whether it says that the device installs the update now, of the two things that are
    /// [`ErrorClass::InProgress`]; otherwise it downloads it.
    #[must_use]
    pub fn is_installing(&self) -> bool {
        self.has(CLIENT, 12058) || self.has(MANAGEMENT, 2207)
    }

    /// What it means: what its outermost error means that is known, as those below it are causes.
    ///
    /// Software update's error 3 below an error of device management is that one's cause and says
    /// nothing by itself, unless the one above is "no update" (2213): *observed* in the client of
    /// iOS, which has it below failed downloads and updates that were not downloaded too. The
    /// general error 12008 counts where no other is known.
    #[must_use]
    pub fn classify(&self) -> ErrorClass {
        let (mut managed, mut general) = (false, None);
        for entry in &self.entries {
            let own = std::iter::once((entry.domain.as_str(), entry.code));
            for (domain, code) in own.chain(entry.named()) {
                match meaning(domain, code) {
                    Some(ErrorClass::NoUpdateAvailable) if managed && domain != MANAGEMENT => {}
                    Some(class @ ErrorClass::UnsupportedAction) => general = Some(class),
                    Some(class) => return class,
                    None => managed |= domain == MANAGEMENT,
                }
            }
        }
        general.unwrap_or(ErrorClass::Other)
    }
}

impl<'a> FromField<'a> for ErrorChain {
    const TYPE: Type = Type::Array;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        matches!(value, Value::Array(_) | Value::Dictionary(_)).then(|| Self::read(Some(value)))
    }
}
