//! The command Settings, as far as it concerns updates.

use crate::plist::{Dictionary, Out, Value, known};

/// Which updates iOS shows the user where there is more than one (Settings,
/// SoftwareUpdateSettings).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum RecommendationCadence {
    /// Both.
    Both,
    /// The lower version.
    Lower,
    /// The higher version.
    Higher,
    /// Another number.
    Other(i64),
}

impl RecommendationCadence {
    /// The cadence with this number.
    #[must_use]
    pub const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Both,
            1 => Self::Lower,
            2 => Self::Higher,
            other => Self::Other(other),
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            Self::Both => 0,
            Self::Lower => 1,
            Self::Higher => 2,
            Self::Other(number) => number,
        }
    }
}

/// One setting of the command Settings.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Setting {
    /// SoftwareUpdateSettings (iOS 14.5; gone in iOS 27).
    SoftwareUpdate(RecommendationCadence),
    /// Another one, as its dictionary.
    Other(Dictionary<'static>),
}

impl Setting {
    pub(super) fn read(value: &Dictionary<'_>) -> Self {
        let cadence = value.get("RecommendationCadence");
        match (value.str("Item"), cadence, value.len()) {
            (Some("SoftwareUpdateSettings"), Some(Value::Integer(cadence)), 2) => {
                match i64::try_from(*cadence) {
                    Ok(cadence) => {
                        Self::SoftwareUpdate(RecommendationCadence::from_number(cadence))
                    }
                    Err(_) => Self::Other(value.clone().into_owned()),
                }
            }
            _ => Self::Other(value.clone().into_owned()),
        }
    }

    pub(super) fn write(&self, out: &mut impl Out) {
        match self {
            Self::SoftwareUpdate(cadence) => {
                out.text_of(known!("Item"), "SoftwareUpdateSettings");
                out.key(known!("RecommendationCadence"));
                out.integer(cadence.number());
            }
            Self::Other(dictionary) => out.entries(dictionary),
        }
    }
}
