//! The catalogue as it was read.

use chrono::NaiveDate;
use mdm_xml::Location;

use super::diagnostic::{Diagnostic, DiagnosticCode};
use super::entry::{self, Entry, Set};
use super::{Error, ErrorKind, Limits};
use crate::check::DeviceFacts;
use crate::json;
use crate::version::{Build, OsVersion};

/// The version catalogue.
///
/// ```
/// use apple_mdm::check::DeviceFacts;
/// use apple_mdm::gdmf::{Catalogue, Policy};
/// use apple_mdm::schema::Platform;
///
/// let body = br#"{"PublicAssetSets": {"iOS": [
///     {"ProductVersion": "26.4", "Build": "23L243", "PostingDate": "2026-03-31", "SupportedDevices": ["AppleTV14,1"]},
///     {"ProductVersion": "18.7.7", "Build": "22H340", "PostingDate": "2026-04-01", "SupportedDevices": ["iPhone11,2"]}
/// ]}}"#;
/// let catalogue = Catalogue::decode(body, &Default::default())?;
/// let mut phone = DeviceFacts::new(Platform::Ios, "18.7.2".parse()?);
/// phone.product_name = Some("iPhone11,2".to_owned());
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 4, 11).ok_or("a day")?;
/// let found = Policy::new(today).resolve(&catalogue, &phone);
/// assert_eq!(found.target.ok_or("a target")?.entry.version.to_string(), "18.7.7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Catalogue {
    entries: Vec<Entry>,
}

/// Whether the catalogue still has a version.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Offer {
    /// It is offered.
    Offered,
    /// It will be offered from a later day on.
    NotYet,
    /// It expired: a declaration for it should be withdrawn.
    Expired,
    /// The catalogue does not have it for the device: a declaration for it should be withdrawn.
    Gone,
}

impl Catalogue {
    /// Reads a catalogue. An entry that cannot be read is left out.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::decode_noting(bytes, limits).map(|(catalogue, _)| catalogue)
    }

    /// Reads a catalogue and says what was odd about it, up to 256 findings.
    ///
    /// # Errors
    /// Every [`ErrorKind`].
    pub fn decode_noting(bytes: &[u8], limits: &Limits) -> Result<(Self, Vec<Diagnostic>), Error> {
        let at = |kind, pointer: &str| {
            let start = mdm_xml::Position { offset: 0, line: 1, column: 1 };
            Err(Error::at(kind, Location::new(start, pointer.to_owned())))
        };
        let value = json::decode(bytes, &limits.json)?;
        let Some(object) = value.as_object() else { return at(ErrorKind::NotObject, "") };
        let (mut entries, mut found, mut lists) = (Vec::new(), Vec::new(), 0);
        let odd = |found: &mut Vec<Diagnostic>, code, pointer: String| {
            if found.len() < 256 {
                found.push(Diagnostic { code, pointer, detail: String::new() });
            }
        };
        for (name, platforms) in object.iter() {
            let pointer = format!("/{}", short(name));
            let Some(set) = Set::of(name) else {
                odd(&mut found, DiagnosticCode::UnknownList, pointer);
                continue;
            };
            if name == "PublicRapidSecurityResponses" {
                odd(&mut found, DiagnosticCode::OlderName, pointer.clone());
            }
            let Some(platforms) = platforms.as_object() else {
                odd(&mut found, DiagnosticCode::NoEntry, pointer);
                continue;
            };
            lists += 1;
            for (platform, list) in platforms.iter() {
                let platform = short(platform);
                let pointer = format!("{pointer}/{platform}");
                let Some(list) = list.as_array() else {
                    odd(&mut found, DiagnosticCode::NoEntry, pointer);
                    continue;
                };
                if entries.len() + list.len() > limits.entries {
                    let kind = ErrorKind::Limit { what: "entries", max: limits.entries };
                    return at(kind, &pointer);
                }
                for (index, value) in list.iter().enumerate() {
                    let pointer = format!("{pointer}/{index}");
                    entries.extend(entry::read(value, set, &platform, &pointer, &mut found));
                }
            }
        }
        if lists == 0 {
            return at(ErrorKind::NoLists, "");
        }
        Ok((Self { entries }, found))
    }

    /// The entries, as they stand.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries for a device, whatever list they are in.
    pub fn for_device<'c>(&'c self, device: &'c DeviceFacts) -> impl Iterator<Item = &'c Entry> {
        self.entries.iter().filter(move |entry| is_for(entry, device))
    }

    /// Whether a version, and a build of it if one is named, is offered to a device on a day. What
    /// is not should not stay declared.
    #[must_use]
    pub fn offer(
        &self,
        device: &DeviceFacts,
        version: OsVersion,
        build: Option<&Build>,
        day: NaiveDate,
    ) -> Offer {
        let mut last = Offer::Gone;
        for entry in self.for_device(device) {
            if entry.version != version || build.is_some_and(|it| entry.build.as_ref() != Some(it))
            {
                continue;
            }
            if entry.is_offered(day) {
                return Offer::Offered;
            }
            let later = entry.posted().is_some_and(|posted| posted > day);
            last = if later { Offer::NotYet } else { Offer::Expired };
        }
        last
    }
}

/// Whether an entry is for a device, by either of its names.
pub(super) fn is_for(entry: &Entry, device: &DeviceFacts) -> bool {
    let names = [&device.software_update_device_id, &device.product_name];
    names.into_iter().flatten().any(|name| entry.is_for(name))
}

/// A key for a pointer, escaped (RFC 6901) and cut.
fn short(key: &str) -> String {
    let key: String = key.chars().take(64).collect();
    mdm_xml::printable(&key).replace('~', "~0").replace('/', "~1")
}
