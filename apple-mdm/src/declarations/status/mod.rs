//! What devices report: status reports, their items, and the merging of one report after another.

mod items;
mod reasons;
mod store;

pub use items::{
    ClientCapabilities, DeclarationStatus, DeclarationsStatus, DeviceStatus, FailureReason,
    InstallReason, InstallState, ManagementStatus, OperatingSystemStatus, PendingVersion,
    SoftwareUpdateStatus, StatusItems, SupplementalStatus, SupportedDeclarations,
    SupportedPayloads, UpdateReason, Validity, Verdict,
};
pub use reasons::{ErrorReason, ReasonCode, StatusError, StatusReason};
pub use store::{Change, StatusStore, StoreLimits};

use super::error::Error;
use super::fields::{Field, Unknown, dictionary};
use crate::json;

dictionary! {
    /// A status report (statusreport). *Observed*: without Errors, which the schema requires.
    ///
    /// ```
    /// use apple_mdm::declarations::status::{InstallState, StatusReport};
    ///
    /// let text = br#"{"StatusItems": {"softwareupdate": {"install-state": "waiting"}}}"#;
    /// let report = StatusReport::decode(text, &Default::default())?;
    /// let update = report.status_items.softwareupdate.as_ref();
    /// assert_eq!(update.and_then(|u| u.install_state.clone()), Some(InstallState::Waiting));
    /// assert!(!report.is_full());
    /// # Ok::<(), apple_mdm::declarations::Error>(())
    /// ```
    pub struct StatusReport {
        /// The items.
        "StatusItems" => status_items: StatusItems,
        /// The items that could not be had.
        "Errors" => errors: Option<Vec<StatusError>>,
        /// Whether these are all items, and not only those that changed (iOS 17, macOS 14,
        /// tvOS 17; about once a day).
        "FullReport" => full_report: Option<bool>,
    }
}

impl StatusReport {
    /// A report of these items.
    #[must_use]
    pub fn new(items: StatusItems) -> Self {
        Self {
            status_items: items,
            errors: Some(Vec::new()),
            full_report: None,
            unknown: json::Object::new(),
        }
    }

    /// Reads a report: the data of a check-in message with the endpoint `status`.
    ///
    /// # Errors
    /// [`ErrorKind::Json`](super::ErrorKind::Json), and
    /// [`ErrorKind::Missing`](super::ErrorKind::Missing) without StatusItems.
    pub fn decode(bytes: &[u8], limits: &json::Limits) -> Result<Self, Error> {
        let value = json::decode(bytes, limits)?;
        <Self as Field>::read(&value).map_err(|wrong| wrong.into_error(bytes))
    }

    /// Appends the JSON to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.write().encode(out);
    }

    /// Whether the report replaces everything that was reported before.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full_report == Some(true)
    }

    /// What this crate does not know in it.
    #[must_use]
    pub fn unknown(&self) -> Vec<Unknown> {
        let mut out = Vec::new();
        Field::unknown(self, "", &mut out);
        out
    }
}

impl StatusItems {
    /// Reads items without the report around them.
    ///
    /// # Errors
    /// [`ErrorKind::Json`](super::ErrorKind::Json), and
    /// [`ErrorKind::Type`](super::ErrorKind::Type) for what is no object.
    pub fn decode(bytes: &[u8], limits: &json::Limits) -> Result<Self, Error> {
        let value = json::decode(bytes, limits)?;
        <Self as Field>::read(&value).map_err(|wrong| wrong.into_error(bytes))
    }

    /// Appends the JSON to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.write().encode(out);
    }

    /// What this crate does not know in them.
    #[must_use]
    pub fn unknown(&self) -> Vec<Unknown> {
        let mut out = Vec::new();
        Field::unknown(self, "", &mut out);
        out
    }
}
