//! Editions of Windows.

use std::fmt;
use std::str::FromStr;

use crate::policy::edition_names;

/// An edition of Windows by its product type, as `GetProductInfo` and DeviceStatus/OS/Edition
/// number them. Any number is one: DDF documents list types that no public header names.
///
/// ```
/// use update_csp::Edition;
///
/// assert_eq!("48".parse(), Ok(Edition::PROFESSIONAL)); // as DeviceStatus reports it
/// assert_eq!("0x30".parse(), Ok(Edition::PROFESSIONAL)); // as DDF documents list it
/// assert_eq!(Edition::PROFESSIONAL.to_string(), "PROFESSIONAL");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Edition(u32);

/// A text that is no edition.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0:?} is no edition: neither a product type's number nor its name")]
pub struct ParseEditionError(String);

impl Edition {
    /// Home. No policy of the Update area is for it.
    pub const HOME: Self = Self(0x65);
    /// Enterprise.
    pub const ENTERPRISE: Self = Self(0x4);
    /// Pro.
    pub const PROFESSIONAL: Self = Self(0x30);
    /// Mobile Enterprise, of the Windows 10 that was for telephones.
    pub const MOBILE_ENTERPRISE: Self = Self(0x85);
    /// Education.
    pub const EDUCATION: Self = Self(0x79);
    /// Enterprise LTSC.
    pub const ENTERPRISE_S: Self = Self(0x7D);
    /// Pro for Workstations.
    pub const PRO_WORKSTATION: Self = Self(0xA1);
    /// IoT Enterprise. *Decision* (C35): the guide of 2017 says that UpdateServiceUrl is not for
    /// it; every DDF since 2022 lists it, so it is.
    pub const IOT_ENTERPRISE: Self = Self(0xBC);
    /// IoT Enterprise LTSC.
    pub const IOT_ENTERPRISE_S: Self = Self(0xBF);

    /// The edition of this product type.
    #[must_use]
    pub const fn new(product_type: u32) -> Self {
        Self(product_type)
    }

    /// The product type.
    #[must_use]
    pub const fn product_type(self) -> u32 {
        self.0
    }

    /// Its name in the Windows SDK, if it is a known one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        edition_names().iter().find(|(code, _)| *code == self.0).map(|(_, name)| *name)
    }
}

impl FromStr for Edition {
    type Err = ParseEditionError;

    /// Reads a number, decimal or with `0x`, or a name of the Windows SDK in any case.
    fn from_str(text: &str) -> Result<Self, ParseEditionError> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let number = match lower.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => lower.parse().ok(),
        };
        let named = || edition_names().iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        number
            .or_else(|| named().map(|(code, _)| *code))
            .map(Self)
            .ok_or_else(|| ParseEditionError(text.chars().take(64).collect()))
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_the_same_edition() {
        for text in ["0x7D", "125", "enterprise_s", " ENTERPRISE_S "] {
            assert_eq!(text.parse(), Ok(Edition::ENTERPRISE_S), "{text}");
        }
        assert_eq!(Edition::new(0x88).to_string(), "0x88");
        for text in ["", "0x", "0xfffffffff", "Windows", "-1"] {
            assert!(text.parse::<Edition>().is_err(), "{text}");
        }
    }
}
