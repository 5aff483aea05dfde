//! Identifiers of updates and licence terms.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is no GUID.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no GUID")]
pub struct ParseIdError(String);

/// Reads a GUID as devices and documentation write it: any case, with braces, with the braces
/// percent-coded (`%7b…%7d`).
fn parse(text: &str) -> Result<Uuid, ParseIdError> {
    let error = || ParseIdError(text.chars().take(64).collect());
    let bare = text.trim();
    let decoded =
        bare.replace("%7b", "{").replace("%7B", "{").replace("%7d", "}").replace("%7D", "}");
    let bare = match decoded.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or_else(error)?,
        None => &decoded,
    };
    // Only the form with hyphens: a bare number of 32 digits is something else.
    if bare.len() != 36 {
        return Err(error());
    }
    Uuid::try_parse(bare).map_err(|_| error())
}

macro_rules! guid {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
        pub struct $name(Uuid);

        impl $name {
            /// The identifier with this value.
            #[must_use]
            pub const fn from_u128(value: u128) -> Self {
                Self(Uuid::from_u128(value))
            }

            /// The value.
            #[must_use]
            pub const fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// In braces.
            #[must_use]
            pub fn braced(self) -> String {
                format!("{{{self}}}")
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            /// In lower case without braces, as Windows gives approvals back (*observed* by
            /// Microsoft's IoT client).
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }
    };
}

guid! {
    /// The identifier of an update, whatever its revision (MS-WSUSSS 2.2.2.2.4; Microsoft Learn,
    /// "Update CSP"). The node names of the Update CSP; of a classification as well, where it is
    /// approved as a whole.
    ///
    /// ```
    /// use update_csp::UpdateGuid;
    ///
    /// let coded: UpdateGuid = "%7bA317DAFE-baf4-453f-b232-a7075efae36e%7d".parse()?;
    /// assert_eq!(coded.to_string(), "a317dafe-baf4-453f-b232-a7075efae36e");
    /// assert_eq!(coded, "{a317dafe-baf4-453f-b232-a7075efae36e}".parse()?);
    /// # Ok::<(), update_csp::ParseIdError>(())
    /// ```
    UpdateGuid
}

guid! {
    /// The identifier of licence terms. Several updates can share them, and they are accepted
    /// once for all (Microsoft Learn, "Update CSP", ApprovedUpdates).
    EulaId
}

impl EulaId {
    /// What stands for licence terms of this update that nothing identifies: the update's own
    /// identifier. No other update shares them.
    #[must_use]
    pub const fn of_update(update: UpdateGuid) -> Self {
        Self(update.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_guid_is_one_identifier() {
        let plain: UpdateGuid = "a317dafe-baf4-453f-b232-a7075efae36e".parse().unwrap();
        for text in [
            " A317DAFE-BAF4-453F-B232-A7075EFAE36E ",
            "{a317dafe-baf4-453f-b232-a7075efae36e}",
            "%7Ba317dafe-baf4-453f-b232-a7075efae36e%7D",
        ] {
            assert_eq!(text.parse(), Ok(plain), "{text}");
        }
        for text in [
            "",
            "{}",
            "{a317dafe-baf4-453f-b232-a7075efae36e",
            "a317dafebaf4453fb232a7075efae36e",
            "x",
        ] {
            assert!(text.parse::<UpdateGuid>().is_err(), "{text}");
        }
    }
}
