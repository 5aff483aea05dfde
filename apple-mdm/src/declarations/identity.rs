//! Identifiers, tokens and local times.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Duration, NaiveDateTime, Timelike as _};

use super::error::{Error, ErrorKind};
use super::fields::{Field, Wrong, text_field};
use crate::json::Value;

/// The most bytes of an identifier or token (declarationbase: 64 octets).
pub const MAX_IDENTIFIER: usize = 64;

macro_rules! short_text {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                match text.len() {
                    1..=MAX_IDENTIFIER => Ok(Self(text.into())),
                    other => Err(ErrorKind::Length(other).into()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Field for $name {
            // What others wrote may be longer: the schema says "should".
            fn read(value: &Value) -> Result<Self, Wrong> {
                let text = value.as_str().ok_or_else(|| Wrong::expected("a string"))?;
                if text.is_empty() {
                    return Err(Wrong::new(ErrorKind::Length(0)));
                }
                Ok(Self(text.into()))
            }

            fn write(&self) -> Value {
                self.as_str().into()
            }
        }
    };
}

short_text! {
    /// The identifier of a declaration: 1 to 64 bytes where we make one (declarationbase).
    pub struct Identifier;
}

short_text! {
    /// The revision of a declaration, or of a set of them: 1 to 64 bytes where we make one.
    pub struct ServerToken;
}

impl Identifier {
    /// The identifier of a thing with this name: the name itself where it has 1 to 64 bytes, and
    /// otherwise a digest of it.
    #[must_use]
    pub fn of(name: &str) -> Self {
        match name.len() {
            1..=MAX_IDENTIFIER => Self(name.into()),
            _ => Self(ServerToken::of(name.as_bytes()).0),
        }
    }
}

impl ServerToken {
    /// The token of this content: the same content gives the same token on every server.
    ///
    /// *Decision*: FNV-1a of 128 bits. A token has to change when the content does; nobody gains
    /// by two contents with one token, as who writes declarations may write any.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in content {
            hash ^= u128::from(*byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
        Self(format!("{hash:032x}").into())
    }
}

/// A time of day on the device's own clock: `yyyy-mm-ddThh:mm:ss`, without offset and without
/// fractions (R13; softwareupdate.enforcement.specific, OS 27).
///
/// ```
/// use apple_mdm::declarations::LocalDateTime;
///
/// let deadline: LocalDateTime = "2025-09-21T01:00:00".parse()?;
/// assert_eq!(deadline.to_string(), "2025-09-21T01:00:00");
/// for wrong in ["2025-09-21T01:00:00Z", "2025-09-21T01:00:00.5", "2025-09-21T01:00:00+02:00",
///               "2025-9-21T1:00:00", "2025-09-21 01:00:00", "2025-02-29T01:00:00"] {
///     assert!(wrong.parse::<LocalDateTime>().is_err(), "{wrong}");
/// }
/// # Ok::<(), apple_mdm::declarations::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct LocalDateTime(Box<str>);

impl LocalDateTime {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time, on the device's clock.
    #[must_use]
    pub fn time(&self) -> NaiveDateTime {
        // Checked when it was made.
        NaiveDateTime::parse_from_str(&self.0, FORM).unwrap_or_default()
    }

    /// The time so much earlier; the same where the calendar ends.
    #[must_use]
    pub fn earlier(&self, by: Duration) -> Self {
        self.time().checked_sub_signed(by).map_or_else(|| self.clone(), Self::from)
    }

    /// The last moment, in seconds since 1970, at which a device anywhere can have this time: the
    /// zone is not known, and the clock furthest behind UTC is 12 hours behind.
    #[must_use]
    pub fn latest_utc(&self) -> i64 {
        self.time().and_utc().timestamp().saturating_add(12 * 3600)
    }
}

const FORM: &str = "%Y-%m-%dT%H:%M:%S";

impl FromStr for LocalDateTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let time = NaiveDateTime::parse_from_str(text, FORM).ok();
        // Devices know no leap seconds.
        let time = time.filter(|time| time.nanosecond() < 1_000_000_000);
        // chrono also reads single digits.
        match time.map(|time| time.format(FORM).to_string()) {
            Some(same) if same == text && text.len() == 19 => Ok(Self(text.into())),
            _ => {
                let text = text.chars().take(64).collect();
                Err(ErrorKind::Value { what: "local date and time", text }.into())
            }
        }
    }
}

impl From<NaiveDateTime> for LocalDateTime {
    /// Fractions of a second are cut off, and a leap second is the one before it. A year before 0
    /// or after 9999, which the form has no room for, becomes the nearest that it has.
    fn from(time: NaiveDateTime) -> Self {
        let text = match time.year() {
            ..0 => "0000-01-01T00:00:00".to_owned(),
            0..=9999 => time.with_nanosecond(0).unwrap_or(time).format(FORM).to_string(),
            _ => "9999-12-31T23:59:59".to_owned(),
        };
        Self(text.into())
    }
}

impl TryFrom<String> for LocalDateTime {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<LocalDateTime> for String {
    fn from(time: LocalDateTime) -> Self {
        time.0.into()
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_field!(LocalDateTime, "local date and time");
