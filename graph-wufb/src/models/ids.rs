//! Identities.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::wire::{Context, Wire};
use crate::error::Error;
use crate::json::Value;

/// An ID that goes into a path: not empty, at most 512 bytes, no control character, and not one of
/// the segments that clients resolve (RFC 3986 section 5.2.4).
fn check(what: &'static str, text: &str) -> Result<(), Error> {
    if is_id(text) { Ok(()) } else { Err(Error::value(what, text)) }
}

pub(crate) fn is_id(text: &str) -> bool {
    // Those of C1 begin with C2.
    let control = |byte: u8| byte < 0x20 || byte == 0x7F || byte == 0xC2;
    let suspect = text.bytes().fold(false, |found, byte| found | control(byte));
    (1..=512).contains(&text.len())
        && !matches!(text, "." | "..")
        && (!suspect || !text.chars().any(char::is_control))
}

macro_rules! id {
    ($( $(#[$meta:meta])* pub struct $name:ident = $what:literal; )*) => {$(
        $(#[$meta])*
        ///
        /// Compared without regard to ASCII case. Not empty, at most 512 bytes (*Decision*), no
        /// control character, not `.` or `..`. An empty one in an answer is none: the member is
        /// absent, and what was read is in `extra` (*Observed*, 2026-07: the `catalogEntry` of an
        /// expedited deployment).
        #[derive(Clone)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and takes a text.
            ///
            /// # Errors
            /// [`ErrorKind::Value`](crate::ErrorKind::Value) if the text is empty, longer than
            /// 512 bytes, has a control character, or is `.` or `..`.
            pub fn new(text: &str) -> Result<Self, Error> {
                check($what, text)?;
                Ok(Self(text.into()))
            }

            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn folded(&self) -> impl Iterator<Item = u8> {
                self.0.bytes().map(|byte| byte.to_ascii_lowercase())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.eq_ignore_ascii_case(&other.0)
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                // IDs of one tenant are often alike at first: eight bytes at a time.
                let (mut ours, mut theirs) = (self.0.as_bytes(), other.0.as_bytes());
                while let (Some((a, our_rest)), Some((b, their_rest))) =
                    (ours.split_first_chunk::<8>(), theirs.split_first_chunk::<8>())
                {
                    if a != b && !a.eq_ignore_ascii_case(b) {
                        break;
                    }
                    (ours, theirs) = (our_rest, their_rest);
                }
                let theirs = theirs.iter().map(u8::to_ascii_lowercase);
                ours.iter().map(u8::to_ascii_lowercase).cmp(theirs)
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                for byte in self.folded() {
                    state.write_u8(byte);
                }
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        impl Wire for $name {
            const EXPECTED: &'static str = $what;

            fn accepts(value: &Value) -> bool {
                value.as_str().is_some_and(|text| check($what, text).is_ok())
            }

            fn read(value: Value, _: &mut Context) -> Result<Self, Value> {
                match value.as_str().map(Self::new) {
                    Some(Ok(id)) => Ok(id),
                    _ => Err(value),
                }
            }

            fn says_none(value: &Value) -> bool {
                value.as_str() == Some("")
            }

            fn write(&self) -> Value {
                Value::from(self.as_str())
            }

            fn schema_type() -> String {
                "Edm.String".to_owned()
            }
        }
    )*};
}

id! {
    /// The ID of a device in Microsoft Entra (`azureADDevice.id`), or of another updatable asset.
    pub struct DeviceId = "a device ID";
    /// The ID of a deployment audience.
    pub struct AudienceId = "an audience ID";
    /// The ID of an update policy.
    pub struct PolicyId = "a policy ID";
    /// The ID of a compliance change, that is of a content approval.
    pub struct ApprovalId = "an approval ID";
    /// The ID of an update in the catalog: a hash for a driver, not a GUID.
    pub struct CatalogEntryId = "a catalog entry ID";
    /// The ID of a deployment.
    pub struct DeploymentId = "a deployment ID";
    /// The ID of a ring of an Autopatch policy.
    pub struct RingId = "a ring ID";
    /// The ID of an approval of an Autopatch policy.
    pub struct PolicyApprovalId = "a policy approval ID";
    /// The ID of a product.
    pub struct ProductId = "a product ID";
    /// The ID of one build of a product, such as `10.0.22631.4317`.
    pub struct RevisionId = "a product revision ID";
    /// The ID of an edition of a product.
    pub struct EditionId = "an edition ID";
    /// The ID of a known issue.
    pub struct KnownIssueId = "a known issue ID";
    /// The ID of an article, such as `KB5044285`.
    pub struct ArticleId = "an article ID";
    /// The ID of a connection to another resource.
    pub struct ConnectionId = "a connection ID";
    /// The ID of a group in Microsoft Entra.
    pub struct GroupId = "a group ID";
    /// The ID of a profile or policy of Intune's, such as an update ring.
    pub struct IntuneProfileId = "an Intune profile ID";
    /// The ID of a driver in a profile of Intune's.
    pub struct DriverInventoryId = "a driver inventory ID";
    /// The ID of an MDM vendor's app in the tenant's settings (`mdmAppId` of the permissions).
    pub struct MdmAppId = "an MDM app ID";
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn case_does_not_matter_at_any_place() {
        let text = "0F0E7C8D-aaaa-BBBB-8000-00000000000z";
        let id = DeviceId::new(text).unwrap();
        assert_eq!(id.cmp(&DeviceId::new(&text.to_lowercase()).unwrap()), Ordering::Equal);
        assert_eq!(id, DeviceId::new(&text.to_uppercase()).unwrap());
        for end in 1..text.len() {
            let shorter = DeviceId::new(&text.get(..end).unwrap().to_lowercase()).unwrap();
            assert_eq!((shorter.cmp(&id), id.cmp(&shorter)), (Ordering::Less, Ordering::Greater));
            let mut other = text.to_uppercase().into_bytes();
            other[end] = b'~';
            let other = DeviceId::new(std::str::from_utf8(&other).unwrap()).unwrap();
            assert_eq!(id.cmp(&other), Ordering::Less, "{other}");
        }
    }
}
