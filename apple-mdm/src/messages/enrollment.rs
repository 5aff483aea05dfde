//! Whose message it is.

use std::borrow::Cow;

use crate::plist::Dictionary;

/// The user of every Shared iPad, in `UserID`: who it is stands in `UserShortName` (*observed*:
/// nanomdm, mdm/type.go).
const SHARED_IPAD: &str = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF";

/// The channel on which a message travels.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[allow(clippy::exhaustive_enums)]
pub enum Channel {
    /// The device's.
    Device,
    /// A user's: on macOS, and on Shared iPad.
    User,
}

/// Whose message it is: the keys that every message of a device has some of.
///
/// ```
/// use apple_mdm::messages::{Channel, Report};
///
/// let body = b"<plist><dict><key>Status</key><string>Idle</string><key>UDID</key><string>D</string>
///     <key>UserID</key><string>FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF</string>
///     <key>UserShortName</key><string>ann@example.com</string></dict></plist>";
/// let report = Report::decode(body, &Default::default())?;
/// let enrollment = report.enrollment();
/// assert_eq!(enrollment.channel(), Channel::User);
/// assert_eq!(enrollment.key().as_deref(), Some("D:ann@example.com"));
/// # Ok::<(), apple_mdm::messages::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Enrollment<'a> {
    /// The device.
    pub udid: Option<&'a str>,
    /// The enrolment of a device that its user enrolled with an account; there is no UDID then.
    pub enrollment_id: Option<&'a str>,
    /// The user, on a user channel.
    pub user_id: Option<&'a str>,
    /// The user of such an enrolment.
    pub enrollment_user_id: Option<&'a str>,
    /// The user's short name; on Shared iPad it says who it is.
    pub user_short_name: Option<&'a str>,
    /// The user's name for people.
    pub user_long_name: Option<&'a str>,
}

impl<'a> Enrollment<'a> {
    pub(crate) fn read(dictionary: &'a Dictionary<'a>) -> Self {
        Self {
            udid: dictionary.str("UDID"),
            enrollment_id: dictionary.str("EnrollmentID"),
            user_id: dictionary.str("UserID"),
            enrollment_user_id: dictionary.str("EnrollmentUserID"),
            user_short_name: dictionary.str("UserShortName"),
            user_long_name: dictionary.str("UserLongName"),
        }
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        if self.user_id.is_some() || self.enrollment_user_id.is_some() {
            Channel::User
        } else {
            Channel::Device
        }
    }

    /// Whether the device is one that its user enrolled with an account (BYOD).
    #[must_use]
    pub const fn is_user_enrollment(&self) -> bool {
        self.udid.is_none() && self.enrollment_id.is_some()
    }

    /// Whether it is a user of a Shared iPad.
    #[must_use]
    pub fn is_shared_ipad(&self) -> bool {
        self.user_id.is_some_and(|user| user.eq_ignore_ascii_case(SHARED_IPAD))
    }

    /// The device or enrolment.
    #[must_use]
    pub fn device(&self) -> Option<&'a str> {
        self.udid.or(self.enrollment_id)
    }

    /// One text for the device or the user on it, to store things under: `device` or
    /// `device:user`, as nanomdm forms it.
    ///
    /// `None` for a device without a name, for a user without one, and for a device whose name has
    /// a colon: it could be taken for a user of another device.
    #[must_use]
    pub fn key(&self) -> Option<Cow<'a, str>> {
        let device = self.device().filter(|name| !name.is_empty() && !name.contains(':'))?;
        let user = match (self.user_id, self.enrollment_user_id) {
            (Some(_), _) if self.is_shared_ipad() => self.user_short_name,
            (Some(user), _) | (None, Some(user)) => Some(user),
            (None, None) => return Some(Cow::Borrowed(device)),
        };
        let user = user.filter(|name| !name.is_empty())?;
        Some(Cow::Owned(format!("{device}:{user}")))
    }
}
