//! Whether a device will do what a command says, before it is sent.
//!
//! What Apple's schema says (since and until which version, supervision, channel, access right, keys
//! and their values) is read from the generated tables ([`crate::schema`]); what only its prose, the
//! seed and real devices say are rules of their own, each named in its finding.

mod facts;
mod finding;
mod profile;
mod rules;
mod terms;

pub use facts::{BootstrapFacts, DeviceFacts, EnrollmentKind, KnownUpdate, MAX_NAME, MAX_UPDATES};
pub use finding::{Finding, FindingCode};

use crate::messages::Command;
use finding::Found;

impl Command {
    /// What is against sending this command to a device: empty if nothing is.
    ///
    /// A finding of severity [`Error`](mdm_xml::Severity::Error) means that the device refuses or
    /// ignores the command, a [`Warning`](mdm_xml::Severity::Warning) that it does not do all that
    /// is asked, an [`Info`](mdm_xml::Severity::Info) that there is something to know. A command
    /// that the tables do not have is not checked.
    ///
    /// ```
    /// use apple_mdm::check::{DeviceFacts, FindingCode, is_refused};
    /// use apple_mdm::messages::Command;
    /// use apple_mdm::schema::Platform;
    ///
    /// let phone = DeviceFacts::new(Platform::Ios, "27.0".parse()?).with_supervised(true);
    /// let findings = Command::AvailableOsUpdates.check(&phone);
    /// assert!(is_refused(&findings));
    /// assert_eq!(findings[0].code, FindingCode::Removed);
    /// assert_eq!(findings[0].to_string(), "error update-removed: the platform has it no more: iOS 27.0 [Apple, device-management schema, removed]");
    /// # Ok::<(), apple_mdm::version::VersionError>(())
    /// ```
    #[must_use]
    pub fn check(&self, device: &DeviceFacts) -> Vec<Finding> {
        if let Self::Other(dictionary) = self {
            // One that this crate has a type for is checked as that.
            let typed = Self::take(&mut dictionary.clone());
            if !matches!(typed, Self::Other(_)) {
                return typed.check(device);
            }
        }
        let mut found = Found::default();
        if let Some(group) = self.schema() {
            let dictionary = self.to_dictionary();
            terms::group(group, device, &mut found);
            terms::keys(group, &dictionary, device, &mut found);
        }
        rules::command(self, device, &mut found);
        found.finish()
    }
}

/// Whether any finding means that the device refuses or ignores what is asked.
#[must_use]
pub fn is_refused(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity() == mdm_xml::Severity::Error)
}
