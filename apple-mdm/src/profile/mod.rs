//! Configuration profiles that concern updates: the payloads com.apple.SoftwareUpdate (macOS),
//! com.apple.applicationaccess (restrictions that delay updates) and com.apple.mdm (what the
//! enrolment allows), and the profile around them.
//!
//! Apple deprecates the first two in OS 26 and removes them in OS 27; declarations take their place.
//!
//! *Specified*: Apple's schema, mdm/profiles.

mod delay;
mod mdm;
mod restrictions;
mod software_update;

pub use delay::{DelayDays, DelayError};
pub use mdm::{AccessRights, MdmPayload};
pub use restrictions::UpdateRestrictions;
pub use software_update::SoftwareUpdatePayload;

use crate::messages::{Error, ErrorKind};
use crate::plist::{Dictionary, Limits, Value, write_xml};

/// Defines a payload that is read and written: a view with a method to set each key.
macro_rules! payload {
    ($(#[$meta:meta])* struct $name:ident: $group:literal, $payload_type:literal {
        $($(#[$field_meta:meta])* $field:ident, $set:ident: $type:ty = $key:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name($crate::plist::Dictionary<'static>);

        impl $name {
            /// The PayloadType.
            pub const TYPE: &'static str = $payload_type;

            /// Without any setting.
            #[must_use]
            pub const fn new() -> Self {
                Self($crate::plist::Dictionary::new())
            }

            /// The payload with these keys, whatever they are.
            #[must_use]
            pub const fn from_dictionary(dictionary: $crate::plist::Dictionary<'static>) -> Self {
                Self(dictionary)
            }

            /// The keys, whatever they are.
            #[must_use]
            pub fn into_dictionary(self) -> $crate::plist::Dictionary<'static> {
                self.0
            }

            /// Everything, with the keys that have no method here.
            #[must_use]
            pub const fn dictionary(&self) -> &$crate::plist::Dictionary<'static> {
                &self.0
            }

            $(
                $(#[$field_meta])*
                #[must_use]
                pub fn $field(&self) -> Option<$type> {
                    <$type as $crate::fields::FromField<'_>>::from_field(self.0.get($key)?)
                }

                #[doc = concat!("The same with [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $set(mut self, value: $type) -> Self {
                    self.0.remove($key);
                    self.0.push($key, $crate::plist::Value::from(value).into_owned());
                    self
                }
            )*

            #[cfg(test)]
            pub(crate) fn seen(&self) -> $crate::fields::Seen {
                $crate::fields::Seen {
                    group: $group,
                    place: $crate::schema::Place::Payload,
                    path: "",
                    keys: vec![$((
                        $key,
                        <$type as $crate::fields::FromField<'_>>::TYPE,
                        self.$field().is_some(),
                    )),*],
                }
            }
        }
    };
}

pub(crate) use payload;

/// A configuration profile: payloads under one identifier.
///
/// ```
/// use apple_mdm::messages::Command;
/// use apple_mdm::profile::{DelayDays, Profile, UpdateRestrictions};
///
/// let restrictions = UpdateRestrictions::new()
///     .with_force_delayed_software_updates(true)
///     .with_enforced_software_update_delay(DelayDays::new(14)?);
/// let profile = Profile::new("com.example.updates", "5B1F4B1C-6E51-4B33-A0B4-3E8F5C1A7D10")
///     .with_restrictions(restrictions, "A2C1E0B4-94D5-4D7C-8E52-0B5A5C9E7F21");
/// let mut body = Vec::new();
/// profile.encode(&mut body)?;
/// let command = Command::install_profile(body);
/// assert_eq!(command.request_type(), "InstallProfile");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Debug shows no passwords and no certificates, of whatever payload they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile(Dictionary<'static>);

impl Profile {
    /// An empty profile. The identifier names it for ever; the UUID is the caller's and new for
    /// each content.
    #[must_use]
    pub fn new(identifier: impl Into<String>, uuid: impl Into<String>) -> Self {
        Self(
            Dictionary::new()
                .with("PayloadContent", Value::Array(Vec::new()))
                .with("PayloadIdentifier", identifier.into())
                .with("PayloadType", "Configuration")
                .with("PayloadUUID", uuid.into())
                .with("PayloadVersion", 1),
        )
    }

    /// Reads a profile that is not signed.
    ///
    /// # Errors
    /// Every [`ErrorKind`] of reading.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let (dictionary, _) = crate::messages::read_dictionary(bytes, limits)?;
        if dictionary.str("PayloadType").is_none() {
            let kind = ErrorKind::Missing("PayloadType");
            return Err(Error::in_list(kind, bytes, limits, ""));
        }
        Ok(Self(dictionary.into_owned()))
    }

    /// The identifier.
    #[must_use]
    pub fn identifier(&self) -> Option<&str> {
        self.0.str("PayloadIdentifier")
    }

    /// Everything.
    #[must_use]
    pub const fn dictionary(&self) -> &Dictionary<'static> {
        &self.0
    }

    /// The payloads of one type.
    pub fn payloads<'p>(
        &'p self,
        payload_type: &'p str,
    ) -> impl Iterator<Item = &'p Dictionary<'static>> {
        let content = self.0.array("PayloadContent").unwrap_or_default();
        content
            .iter()
            .filter_map(Value::as_dictionary)
            .filter(move |payload| payload.str("PayloadType") == Some(payload_type))
    }

    /// The settings of macOS for updates.
    #[must_use]
    pub fn software_update(&self) -> Option<SoftwareUpdatePayload> {
        let payload = self.payloads(SoftwareUpdatePayload::TYPE).next()?;
        Some(SoftwareUpdatePayload::from_dictionary(payload.clone()))
    }

    /// The restrictions.
    #[must_use]
    pub fn restrictions(&self) -> Option<UpdateRestrictions> {
        let payload = self.payloads(UpdateRestrictions::TYPE).next()?;
        Some(UpdateRestrictions::from_dictionary(payload.clone()))
    }

    /// What the enrolment allows.
    #[must_use]
    pub fn mdm(&self) -> Option<MdmPayload> {
        let payload = self.payloads(MdmPayload::TYPE).next()?;
        Some(MdmPayload::from_dictionary(payload.clone()))
    }

    /// The same with settings of macOS for updates; the UUID is the payload's.
    #[must_use]
    pub fn with_software_update(self, payload: SoftwareUpdatePayload, uuid: &str) -> Self {
        self.with_payload(payload.into_dictionary(), SoftwareUpdatePayload::TYPE, uuid)
    }

    /// The same with restrictions; the UUID is the payload's.
    #[must_use]
    pub fn with_restrictions(self, payload: UpdateRestrictions, uuid: &str) -> Self {
        self.with_payload(payload.into_dictionary(), UpdateRestrictions::TYPE, uuid)
    }

    fn with_payload(
        mut self,
        mut payload: Dictionary<'static>,
        name: &'static str,
        uuid: &str,
    ) -> Self {
        for key in ["PayloadIdentifier", "PayloadType", "PayloadUUID", "PayloadVersion"] {
            payload.remove(key);
        }
        let identifier = format!("{}.{uuid}", self.identifier().unwrap_or_default());
        payload.push("PayloadIdentifier", identifier);
        payload.push("PayloadType", name);
        payload.push("PayloadUUID", uuid.to_owned());
        payload.push("PayloadVersion", 1);
        let mut content = match self.0.remove("PayloadContent") {
            Some(Value::Array(content)) => content,
            _ => Vec::new(),
        };
        content.push(payload.into());
        self.0.push("PayloadContent", content);
        self
    }

    /// Appends the XML property list to `out`.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`]; `out` is then as it was.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let before = out.len();
        if write_xml(&self.0.clone().into(), out) > 0 {
            out.truncate(before);
            return Err(ErrorKind::Unwritable.into());
        }
        Ok(())
    }
}
