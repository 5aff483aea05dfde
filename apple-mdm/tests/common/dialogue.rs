//! A plan, answer by answer, with a device that the test plays.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use apple_mdm::declarations::support::Enrollment;
use apple_mdm::messages::Report;
use apple_mdm::plan::{BootstrapToken, Device, Goal, UpdatePlan};
use chrono::{DateTime, Utc};

use crate::common::{declaration_status, mac, start};

/// A plan and the device that the test plays.
#[derive(Clone)]
pub struct Dialogue {
    pub plan: UpdatePlan,
    pub now: DateTime<Utc>,
    commands: u32,
}

impl Dialogue {
    pub fn new(device: Device, goal: Goal) -> Self {
        Self { plan: UpdatePlan::new("p", device, goal), now: start(), commands: 0 }
    }

    pub fn of_mac(goal: Goal) -> Self {
        let device = Device::new(mac("13.1", "13.2").installed(), Enrollment::Supervised);
        Self::new(device.with_bootstrap_token(BootstrapToken::NotNeeded), goal)
    }

    /// The next command has this in it, and is answered with that.
    pub fn answer(&mut self, asked: &str, status: &str, more: &str) {
        self.now = self.now.max(self.plan.poll_timeout().unwrap());
        let command = self.plan.poll_transmit(self.now).unwrap().expect("a command");
        let command = String::from_utf8(command).unwrap();
        self.commands += 1;
        assert!(command.contains(asked), "{}: {command}", self.commands);
        let text = format!(
            "<plist><dict><key>Status</key><string>{status}</string>
             <key>CommandUUID</key><string>p-{:04}</string>{more}</dict></plist>",
            self.commands
        );
        let report = Report::decode(text.as_bytes(), &Default::default()).unwrap();
        self.plan.handle_report(self.now, &report);
    }

    /// A command that the test took by itself.
    pub fn passed(&mut self) {
        self.commands += 1;
    }

    pub fn said(&mut self, asked: &str, more: &str) {
        self.answer(asked, "Acknowledged", more);
    }

    pub fn has(&mut self, version: &str) {
        let said = format!(
            "<key>QueryResponses</key><dict><key>OSVersion</key><string>{version}</string></dict>"
        );
        self.said("DeviceInformation", &said);
    }

    pub fn lists(&mut self, item: &str) {
        let said = format!(
            "<key>AvailableOSUpdates</key><array><dict><key>ProductKey</key><string>K</string>
             {item}</dict></array>"
        );
        self.said("AvailableOSUpdates", &said);
    }

    pub fn refuses(&mut self, asked: &str, code: u32) {
        let chain = format!(
            "<key>ErrorChain</key><array><dict><key>ErrorDomain</key>
             <string>MCMDMErrorDomain</string><key>ErrorCode</key><integer>{code}</integer></dict>
             </array>"
        );
        self.answer(asked, "Error", &chain);
    }

    pub fn declaration(&mut self, valid: &str, reasons: &str) {
        let report = declaration_status(&self.plan, valid, reasons);
        self.plan.handle_status(self.now, &report);
    }
}
