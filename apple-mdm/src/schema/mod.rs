//! Apple's device-management schema, as far as it concerns software updates: which message takes
//! which keys, on which platform, since and until which version, and under which conditions.
//!
//! Made by `tools/schema.py` from `tables/`: facts of github.com/apple/device-management at OS 18.1,
//! with what later releases deprecate and remove (OS 26 and 27).
//!
//! ```
//! use apple_mdm::schema::{self, Family, Platform};
//!
//! let schedule = schema::group(Family::Command, "ScheduleOSUpdate").ok_or("a command")?;
//! let terms = schedule.support.on(Platform::MacOs);
//! assert_eq!(terms.removed.map(|version| version.major()), Some(27));
//! assert_eq!(schedule.support.on(Platform::Ios).right, Some("AllowAppInstallation"));
//! # Ok::<(), &str>(())
//! ```

#[rustfmt::skip]
mod ddm;
#[rustfmt::skip]
mod mdm;

use std::fmt;
use std::str::FromStr;

use crate::version::OsVersion;

/// A platform in Apple's schema. iPadOS is iOS there.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Platform {
    /// iOS and iPadOS.
    #[cfg_attr(feature = "serde", serde(rename = "iOS"))]
    Ios,
    /// macOS.
    #[cfg_attr(feature = "serde", serde(rename = "macOS"))]
    MacOs,
    /// tvOS.
    #[cfg_attr(feature = "serde", serde(rename = "tvOS"))]
    TvOs,
    /// visionOS.
    #[cfg_attr(feature = "serde", serde(rename = "visionOS"))]
    VisionOs,
    /// watchOS.
    #[cfg_attr(feature = "serde", serde(rename = "watchOS"))]
    WatchOs,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ios, Self::MacOs, Self::TvOs, Self::VisionOs, Self::WatchOs];

    /// Its name in the schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::MacOs => "macOS",
            Self::TvOs => "tvOS",
            Self::VisionOs => "visionOS",
            Self::WatchOs => "watchOS",
        }
    }

    /// The platform of a model such as `iPhone14,2`, `Mac15,3`, `AppleTV11,1`: ProductName of check-in
    /// messages and DeviceInformation.
    ///
    /// ```
    /// use apple_mdm::schema::Platform;
    ///
    /// assert_eq!(Platform::of_model("iPad13,18"), Some(Platform::Ios));
    /// assert_eq!(Platform::of_model("iMac17,1"), Some(Platform::MacOs));
    /// ```
    #[must_use]
    pub fn of_model(model: &str) -> Option<Self> {
        let name = model.split(|character: char| character.is_ascii_digit()).next()?;
        Some(match name {
            "iPhone" | "iPad" | "iPod" => Self::Ios,
            "AppleTV" => Self::TvOs,
            "RealityDevice" => Self::VisionOs,
            "Watch" => Self::WatchOs,
            "VirtualMac" | "VMM-x" | "VMA" => Self::MacOs,
            name if name.contains("Mac") || name == "Xserve" => Self::MacOs,
            _ => return None,
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "iPadOS" => Ok(Self::Ios),
            // The older name in the version catalogue.
            "xrOS" => Ok(Self::VisionOs),
            _ => Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(UnknownPlatform),
        }
    }
}

/// A name that is of no platform.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a platform of Apple's")]
#[non_exhaustive]
pub struct UnknownPlatform;

/// What a group describes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Family {
    /// A command and its answer.
    Command,
    /// A payload of a configuration profile.
    Profile,
    /// A check-in message.
    CheckIn,
    /// A declaration.
    Declaration,
    /// A status item.
    Status,
    /// A message of declarative management.
    Protocol,
    /// An error that a server answers.
    Error,
    /// What every command or answer has around it.
    Envelope,
    /// Another one.
    Other,
}

/// The direction in which a key travels.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(clippy::exhaustive_enums)]
pub enum Place {
    /// In the request, the payload or the message of a device.
    Payload,
    /// In the answer.
    Response,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Type {
    /// Anything.
    Any,
    /// Values in order.
    Array,
    /// A truth value.
    Boolean,
    /// Bytes.
    Data,
    /// A time.
    Date,
    /// Values by keys.
    Dictionary,
    /// A whole number.
    Integer,
    /// A number.
    Real,
    /// A text.
    Text,
}

/// Whether something may, has to or must not be.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Mode {
    /// It may be.
    Allowed,
    /// It must not be.
    Forbidden,
    /// It has no effect.
    Ignored,
    /// It has to be.
    Required,
}

/// Since which version a platform has something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::exhaustive_enums)]
pub enum Since {
    /// As what it is part of.
    Inherited,
    /// The platform does not have it.
    Never,
    /// Since this version.
    Version(OsVersion),
}

/// The terms under which one platform takes something. What is `None` is as for what it is part of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Terms {
    /// Since when.
    pub since: Since,
    /// Since which version it should not be used.
    pub deprecated: Option<OsVersion>,
    /// Since which version it is gone.
    pub removed: Option<OsVersion>,
    /// Whether the device has to be supervised.
    pub supervised: Option<bool>,
    /// The access right that the enrolment needs; `None` and `SpecialCase` are words of the schema.
    pub right: Option<&'static str>,
    /// Whether the device channel takes it; of declarations: the system scope.
    pub device_channel: Option<bool>,
    /// Whether the user channel takes it; of declarations: the user scope.
    pub user_channel: Option<bool>,
    /// What holds for devices that their users enrolled with an account (BYOD).
    pub user_enrollment: Option<Mode>,
    /// What holds for Shared iPad.
    pub shared_ipad: Option<Mode>,
    /// Whether the device channel of a Shared iPad takes it.
    pub shared_device_channel: Option<bool>,
    /// Whether the user channel of a Shared iPad takes it.
    pub shared_user_channel: Option<bool>,
    /// Of declarations: the kinds of enrolment.
    pub enrollments: Option<&'static [&'static str]>,
}

impl Terms {
    /// As what it is part of.
    pub const INHERITED: Self = Self {
        since: Since::Inherited,
        deprecated: None,
        removed: None,
        supervised: None,
        right: None,
        device_channel: None,
        user_channel: None,
        user_enrollment: None,
        shared_ipad: None,
        shared_device_channel: None,
        shared_user_channel: None,
        enrollments: None,
    };
}

/// The terms on each platform.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Support {
    ios: Terms,
    macos: Terms,
    tvos: Terms,
    visionos: Terms,
    watchos: Terms,
}

impl Support {
    /// As what it is part of, on every platform.
    pub const INHERITED: Self = Self {
        ios: Terms::INHERITED,
        macos: Terms::INHERITED,
        tvos: Terms::INHERITED,
        visionos: Terms::INHERITED,
        watchos: Terms::INHERITED,
    };

    /// The terms on one platform.
    #[must_use]
    pub const fn on(&self, platform: Platform) -> &Terms {
        match platform {
            Platform::Ios => &self.ios,
            Platform::MacOs => &self.macos,
            Platform::TvOs => &self.tvos,
            Platform::VisionOs => &self.visionos,
            Platform::WatchOs => &self.watchos,
        }
    }
}

/// Since when a device takes one value of a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ValueSince {
    /// The value.
    pub value: &'static str,
    /// The terms.
    pub support: Support,
}

/// A key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Key {
    /// Its path within the message: an array and what it holds are two steps.
    pub path: &'static str,
    /// The direction.
    pub place: Place,
    /// The type of its value.
    pub value_type: Type,
    /// Whether the message cannot do without.
    pub required: bool,
    /// The values it can have; empty if any.
    pub values: &'static [&'static str],
    /// The smallest and largest number.
    pub range: Option<(i64, i64)>,
    /// The value if it is missing.
    pub default: Option<&'static str>,
    /// The terms.
    pub support: Support,
    /// Since when single values are taken.
    pub values_since: &'static [ValueSince],
}

impl Key {
    /// The last step of its path.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('/').map_or(self.path, |(_, name)| name)
    }

    /// The path of what it is part of; empty for a key of the message itself.
    #[must_use]
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
}

/// A message, payload, declaration or status item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Group {
    /// Its name in the tables.
    pub id: &'static str,
    /// Its name on the wire: RequestType, MessageType, PayloadType, Type.
    pub name: &'static str,
    /// What it is.
    pub family: Family,
    /// Whether the table has all of its keys, and not only those about updates.
    pub complete: bool,
    /// The source of the facts.
    pub source: &'static str,
    /// The terms.
    pub support: Support,
    /// Its keys, as the source orders them.
    pub keys: &'static [Key],
}

impl Group {
    /// A key by its path.
    #[must_use]
    pub fn key(&self, place: Place, path: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.place == place && key.path == path)
    }

    /// The keys directly below a path; the empty path is the message itself.
    pub fn below<'p>(
        &self,
        place: Place,
        path: &'p str,
    ) -> impl Iterator<Item = &'static Key> + 'p {
        let keys = self.keys;
        keys.iter().filter(move |key| key.place == place && key.parent() == path)
    }
}

/// All groups.
pub fn groups() -> impl Iterator<Item = &'static Group> {
    mdm::GROUPS.iter().chain(ddm::GROUPS)
}

/// A group by its name on the wire.
#[must_use]
pub fn group(family: Family, name: &str) -> Option<&'static Group> {
    groups().find(|group| group.family == family && group.name == name)
}

/// A group by its name in the tables.
pub(crate) fn by_id(id: &str) -> Option<&'static Group> {
    groups().find(|group| group.id == id)
}

const fn v(major: u32, minor: u32, patch: u32) -> OsVersion {
    OsVersion::new(major, minor, patch)
}

const fn key(place: Place, path: &'static str, value_type: Type, required: bool) -> Key {
    Key {
        path,
        place,
        value_type,
        required,
        values: &[],
        range: None,
        default: None,
        support: Support::INHERITED,
        values_since: &[],
    }
}
