//! Restrictions that concern updates.

use super::{DelayDays, payload};

payload! {
    /// The keys of com.apple.applicationaccess that delay updates, and those that allow background
    /// security improvements. A delay counts only with its `force…` key.
    struct UpdateRestrictions: "profile.com.apple.applicationaccess", "com.apple.applicationaccess" {
        /// Whether background security improvements are installed (iOS 16, macOS 13).
        allow_rapid_security_response_installation, with_allow_rapid_security_response_installation: bool = "allowRapidSecurityResponseInstallation";
        /// Whether the user may take them away again (iOS 16, macOS 13).
        allow_rapid_security_response_removal, with_allow_rapid_security_response_removal: bool = "allowRapidSecurityResponseRemoval";
        /// How long updates are delayed (iOS 11.3, macOS 10.13.4, tvOS 12.2).
        enforced_software_update_delay, with_enforced_software_update_delay: DelayDays = "enforcedSoftwareUpdateDelay";
        /// How long major versions are delayed (macOS 11.3).
        enforced_major_os_delay, with_enforced_major_os_delay: DelayDays = "enforcedSoftwareUpdateMajorOSDeferredInstallDelay";
        /// How long minor versions are delayed (macOS 11.3).
        enforced_minor_os_delay, with_enforced_minor_os_delay: DelayDays = "enforcedSoftwareUpdateMinorOSDeferredInstallDelay";
        /// How long what is not the system is delayed (macOS 11.3).
        enforced_non_os_delay, with_enforced_non_os_delay: DelayDays = "enforcedSoftwareUpdateNonOSDeferredInstallDelay";
        /// Whether what is not the system is delayed (macOS 11).
        force_delayed_app_software_updates, with_force_delayed_app_software_updates: bool = "forceDelayedAppSoftwareUpdates";
        /// Whether major versions are delayed (macOS 11.3).
        force_delayed_major_software_updates, with_force_delayed_major_software_updates: bool = "forceDelayedMajorSoftwareUpdates";
        /// Whether updates are delayed (iOS 11.3, macOS 10.13, tvOS 12.2).
        force_delayed_software_updates, with_force_delayed_software_updates: bool = "forceDelayedSoftwareUpdates";
    }
}
