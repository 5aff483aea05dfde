//! Whether a device takes the payloads of a profile.

use super::finding::{Finding, FindingCode, Found};
use super::{DeviceFacts, terms};
use crate::plist::Dictionary;
use crate::profile::{MdmPayload, Profile, SoftwareUpdatePayload, UpdateRestrictions};
use crate::schema::{self, Family, Platform};

/// Each delay, and the keys that switch it on: one of them is enough. The second one is for apps,
/// which only a Mac puts off, since macOS 11.
const DELAYS: [(&str, &[&str]); 4] = [
    (
        "enforcedSoftwareUpdateDelay",
        &["forceDelayedSoftwareUpdates", "forceDelayedAppSoftwareUpdates"],
    ),
    ("enforcedSoftwareUpdateMajorOSDeferredInstallDelay", &["forceDelayedMajorSoftwareUpdates"]),
    ("enforcedSoftwareUpdateMinorOSDeferredInstallDelay", &["forceDelayedSoftwareUpdates"]),
    ("enforcedSoftwareUpdateNonOSDeferredInstallDelay", &["forceDelayedAppSoftwareUpdates"]),
];

fn payload(name: &str, dictionary: &Dictionary<'_>, device: &DeviceFacts, found: &mut Found) {
    if let Some(group) = schema::group(Family::Profile, name) {
        terms::group(group, device, found);
        terms::keys(group, dictionary, device, found);
    }
}

impl SoftwareUpdatePayload {
    /// What is against installing these settings on a device; see [`Command::check`].
    ///
    /// [`Command::check`]: crate::messages::Command::check
    #[must_use]
    pub fn check(&self, device: &DeviceFacts) -> Vec<Finding> {
        let mut found = Found::default();
        payload(Self::TYPE, self.dictionary(), device, &mut found);
        found.finish()
    }
}

impl UpdateRestrictions {
    /// What is against installing these restrictions on a device; see [`Command::check`].
    ///
    /// [`Command::check`]: crate::messages::Command::check
    #[must_use]
    pub fn check(&self, device: &DeviceFacts) -> Vec<Finding> {
        let mut found = Found::default();
        let dictionary = self.dictionary();
        payload(Self::TYPE, dictionary, device, &mut found);
        let apps = device.platform == Platform::MacOs && device.version.major() >= 11;
        for (delay, forces) in DELAYS {
            let known = if apps { forces.len() } else { 1 };
            let forces = forces.get(..known).unwrap_or(forces);
            let forced = forces.iter().any(|force| dictionary.bool(force) == Some(true));
            if dictionary.contains(delay) && !forced {
                found.note(FindingCode::DelayWithoutForce, delay, forces.join(" or "));
            }
        }
        found.finish()
    }
}

impl MdmPayload {
    /// What is against this enrolment on a device; see [`Command::check`].
    ///
    /// [`Command::check`]: crate::messages::Command::check
    #[must_use]
    pub fn check(&self, device: &DeviceFacts) -> Vec<Finding> {
        let mut found = Found::default();
        payload(Self::TYPE, self.dictionary(), device, &mut found);
        if self.access_rights().is_some_and(|rights| !rights.is_valid()) {
            found.note(FindingCode::InvalidRights, "AccessRights", "");
        }
        found.finish()
    }
}

impl Profile {
    /// What is against installing this profile on a device, as far as its payloads are about
    /// updates; see [`Command::check`].
    ///
    /// [`Command::check`]: crate::messages::Command::check
    #[must_use]
    pub fn check(&self, device: &DeviceFacts) -> Vec<Finding> {
        let mut all = self.software_update().map_or_else(Vec::new, |found| found.check(device));
        all.extend(self.restrictions().map_or_else(Vec::new, |found| found.check(device)));
        all.extend(self.mdm().map_or_else(Vec::new, |found| found.check(device)));
        all
    }
}
