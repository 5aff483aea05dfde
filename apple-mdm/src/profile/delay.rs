//! How long a restriction holds updates back.

use std::fmt;

use crate::fields::FromField;
use crate::plist::Value;
use crate::schema::Type;

/// A number of days that is none for a delay.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("updates can be delayed by 1 to 90 days, not {0}")]
#[non_exhaustive]
pub struct DelayError(pub i64);

/// Days by which a restriction delays updates: 1 to 90. Without one, a device takes 30.
///
/// ```
/// use apple_mdm::profile::DelayDays;
///
/// assert_eq!(DelayDays::new(90)?.days(), 90);
/// assert!(DelayDays::new(91).is_err());
/// # Ok::<(), apple_mdm::profile::DelayError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(try_from = "i64", into = "i64"))]
pub struct DelayDays(u8);

impl DelayDays {
    /// That many days.
    ///
    /// # Errors
    /// [`DelayError`] for fewer than 1 or more than 90.
    pub fn new(days: i64) -> Result<Self, DelayError> {
        match u8::try_from(days) {
            Ok(short @ 1..=90) => Ok(Self(short)),
            _ => Err(DelayError(days)),
        }
    }

    /// How many.
    #[must_use]
    pub const fn days(self) -> u8 {
        self.0
    }
}

impl fmt::Display for DelayDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<i64> for DelayDays {
    type Error = DelayError;

    fn try_from(days: i64) -> Result<Self, Self::Error> {
        Self::new(days)
    }
}

impl From<DelayDays> for i64 {
    fn from(days: DelayDays) -> Self {
        days.0.into()
    }
}

impl From<DelayDays> for Value<'_> {
    fn from(days: DelayDays) -> Self {
        Self::from(i64::from(days))
    }
}

impl<'a> FromField<'a> for DelayDays {
    const TYPE: Type = Type::Integer;
    fn from_field(value: &'a Value<'a>) -> Option<Self> {
        Self::new(value.as_int()?).ok()
    }
}
