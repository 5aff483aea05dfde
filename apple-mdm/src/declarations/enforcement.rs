//! softwareupdate.enforcement.specific: install this release by then.

use super::fields::dictionary;
use super::identity::LocalDateTime;
use crate::version::{Build, OsVersion};

dictionary! {
    /// Installs one release by a time on the device's clock (iOS 17, macOS 14, tvOS 18.4,
    /// visionOS 26; supervised, on iOS, tvOS and visionOS also by device enrolment).
    ///
    /// ```
    /// use apple_mdm::declarations::{Declaration, EnforcementSpecific, Payload};
    ///
    /// let update = EnforcementSpecific::new("26.1".parse()?, "2026-01-20T18:00:00".parse()?)
    ///     .with_details_url("https://it.example.org/26.1");
    /// let declaration = Declaration::new("update-26.1".parse()?, Payload::Enforcement(update));
    /// let mut body = Vec::new();
    /// declaration.encode(&mut body);
    /// assert_eq!(Declaration::decode(&body, &Default::default())?, declaration);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct EnforcementSpecific {
        /// The version to install.
        "TargetOSVersion" => target_os_version: OsVersion,
        /// The build to install; may be the one of a Background Security Improvement.
        "TargetBuildVersion" => target_build_version: Option<Build>,
        /// When the device installs it by itself, if the user has not.
        "TargetLocalDateTime" => target_local_date_time: LocalDateTime,
        /// A page of the organisation about the update.
        "DetailsURL" => details_url: Option<String>,
    }
}

impl EnforcementSpecific {
    /// Installs this version by this time.
    #[must_use]
    pub const fn new(version: OsVersion, time: LocalDateTime) -> Self {
        Self {
            target_os_version: version,
            target_build_version: None,
            target_local_date_time: time,
            details_url: None,
            unknown: crate::json::Object::new(),
        }
    }

    /// The same, and this build of it.
    #[must_use]
    pub fn with_build(mut self, build: Build) -> Self {
        self.target_build_version = Some(build);
        self
    }

    /// The same with a page for people.
    #[must_use]
    pub fn with_details_url(mut self, url: impl Into<String>) -> Self {
        self.details_url = Some(url.into());
        self
    }
}
