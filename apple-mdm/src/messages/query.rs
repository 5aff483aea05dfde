//! What DeviceInformation asks.

use crate::open_enum::open_enum;
use crate::schema::{self, Family, Place, Platform, Since};
use crate::version::OsVersion;

open_enum! {
    /// A query of DeviceInformation that concerns updates. Others are kept.
    pub enum Query {
        /// Whether the device waits in Setup Assistant.
        AwaitingConfiguration = "AwaitingConfiguration",
        /// The version.
        OsVersion = "OSVersion",
        /// The letter of a background security improvement.
        SupplementalOsVersionExtra = "SupplementalOSVersionExtra",
        /// The build.
        BuildVersion = "BuildVersion",
        /// The build with a background security improvement.
        SupplementalBuildVersion = "SupplementalBuildVersion",
        /// The model number.
        Model = "Model",
        /// Whether a Mac has Apple silicon.
        IsAppleSilicon = "IsAppleSilicon",
        /// The model, such as `iPhone14,2`.
        ProductName = "ProductName",
        /// Free space.
        AvailableDeviceCapacity = "AvailableDeviceCapacity",
        /// The charge of the battery.
        BatteryLevel = "BatteryLevel",
        /// Whether the device is supervised.
        IsSupervised = "IsSupervised",
        /// Whether it is a Shared iPad.
        IsMultiUser = "IsMultiUser",
        /// The settings of macOS for updates.
        OsUpdateSettings = "OSUpdateSettings",
        /// The name of the device in the version catalogue.
        SoftwareUpdateDeviceId = "SoftwareUpdateDeviceID",
        /// The settings of iOS for updates.
        SoftwareUpdateSettings = "SoftwareUpdateSettings",
    }
}

impl Query {
    /// Every query about updates that a device of this platform and version answers.
    ///
    /// ```
    /// use apple_mdm::messages::Query;
    /// use apple_mdm::schema::Platform;
    ///
    /// let queries = Query::about_updates(Platform::Ios, "14.8".parse()?);
    /// assert!(queries.contains(&Query::SoftwareUpdateSettings));
    /// assert!(!queries.contains(&Query::SoftwareUpdateDeviceId), "since iOS 15");
    /// # Ok::<(), apple_mdm::version::VersionError>(())
    /// ```
    #[must_use]
    pub fn about_updates(platform: Platform, version: OsVersion) -> Vec<Self> {
        let Some(group) = schema::group(Family::Command, "DeviceInformation") else {
            return Vec::new();
        };
        let takes = |name: &str| {
            let path = format!("Queries/QueriesItem/{name}");
            group.key(Place::Payload, &path).is_some_and(|key| {
                match key.support.on(platform).since {
                    Since::Never => false,
                    Since::Inherited => true,
                    Since::Version(since) => version >= since,
                }
            })
        };
        Self::KNOWN.iter().filter(|name| takes(name)).map(|name| Self::from_text(name)).collect()
    }
}
