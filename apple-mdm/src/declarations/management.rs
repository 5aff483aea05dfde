//! Activations, and what a server declares besides updates.

use super::fields::dictionary;
use super::identity::Identifier;
use crate::json::Object;

dictionary! {
    /// activation.simple: which configurations are in force, and when (iOS 15, macOS 13, tvOS 16).
    /// A configuration without an activation does nothing.
    pub struct ActivationSimple {
        /// The identifiers of the configurations. One that fails does not stop the others.
        "StandardConfigurations" => standard_configurations: Vec<Identifier>,
        /// A predicate as text, such as `@status(device.model.family) == 'iPhone'`; without one
        /// the activation always holds. The device reads it; this crate does not.
        "Predicate" => predicate: Option<String>,
    }
}

impl ActivationSimple {
    /// Activates these configurations.
    #[must_use]
    pub const fn new(configurations: Vec<Identifier>) -> Self {
        Self { standard_configurations: configurations, predicate: None, unknown: Object::new() }
    }

    /// The same, where this predicate holds.
    #[must_use]
    pub fn with_predicate(mut self, predicate: impl Into<String>) -> Self {
        self.predicate = Some(predicate.into());
        self
    }
}

dictionary! {
    /// One status item to be told about.
    pub struct StatusItemName {
        /// Its name: `softwareupdate.install-state`.
        "Name" => name: String,
    }
}

dictionary! {
    /// management.status-subscriptions: what the device reports when it changes, and once a day.
    pub struct StatusSubscriptions {
        /// The items.
        "StatusItems" => status_items: Vec<StatusItemName>,
    }
}

/// The status items about updates and versions, which Apple's guide advises to subscribe to. A
/// device that does not have one says so in the report's errors.
pub const UPDATE_STATUS_ITEMS: &[&str] = &[
    "device.operating-system.build-version",
    "device.operating-system.family",
    "device.operating-system.marketing-name",
    "device.operating-system.supplemental.build-version",
    "device.operating-system.supplemental.extra-version",
    "device.operating-system.version",
    "softwareupdate.beta-enrollment",
    "softwareupdate.device-id",
    "softwareupdate.failure-reason",
    "softwareupdate.install-reason",
    "softwareupdate.install-state",
    "softwareupdate.pending-version",
];

impl StatusSubscriptions {
    /// Subscribes to these items.
    #[must_use]
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let item = |name: &str| StatusItemName { name: name.to_owned(), unknown: Object::new() };
        Self { status_items: names.into_iter().map(item).collect(), unknown: Object::new() }
    }

    /// Subscribes to [`UPDATE_STATUS_ITEMS`].
    #[must_use]
    pub fn updates() -> Self {
        Self::new(UPDATE_STATUS_ITEMS.iter().copied())
    }
}

dictionary! {
    /// management.organization-info: who manages the device.
    pub struct OrganizationInfo {
        /// The organisation's name.
        "Name" => name: String,
        /// Whom to write to.
        "Email" => email: Option<String>,
        /// Where to find support.
        "URL" => url: Option<String>,
        /// What proves it.
        "Proof" => proof: Option<Object>,
    }
}

impl OrganizationInfo {
    /// The organisation of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let unknown = Object::new();
        Self { name: name.into(), email: None, url: None, proof: None, unknown }
    }
}

dictionary! {
    /// management.server-capabilities: which protocol the server speaks.
    pub struct ServerCapabilities {
        /// The version of the protocol, `1.0.0`.
        "Version" => version: String,
        /// Optional features by name.
        "SupportedFeatures" => supported_features: Object,
    }
}

impl ServerCapabilities {
    /// Version 1.0.0 and no optional feature.
    #[must_use]
    pub fn new() -> Self {
        let version = "1.0.0".to_owned();
        Self { version, supported_features: Object::new(), unknown: Object::new() }
    }
}

impl Default for ServerCapabilities {
    fn default() -> Self {
        Self::new()
    }
}
