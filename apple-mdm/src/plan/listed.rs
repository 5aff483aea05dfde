//! The device's list of updates, and which of them is meant.

use super::UpdatePlan;
use super::answers::short;
use super::outcome::Event;
use super::rules;
use super::state::{MAX_PRODUCT_KEY, Stage};
use crate::messages::{Answer, AvailableOsUpdatesItem, Report};
use crate::schema::Platform;
use crate::version::{Build, OsVersion};

impl UpdatePlan {
    /// Whether it is the update to the goal. Where neither version nor build is said, by the version
    /// in its name.
    fn is_target(&self, item: &AvailableOsUpdatesItem<'_>) -> bool {
        if !item.is_system_update() {
            return false;
        }
        let version = item.version().unwrap_or_default().trim();
        if let Some(build) = &self.s.goal.build {
            // *Observed*: a build in place of the version.
            let builds = [item.build(), item.supplemental_build_version(), Some(version)];
            let (platform, version) = (self.s.device.installed.platform, self.s.goal.version);
            let is = |known: &str| {
                let known = known.parse::<Build>();
                known.is_ok_and(|known| known.cmp_issue(build, platform, version).is_eq())
            };
            if builds.iter().flatten().any(|known| is(known)) {
                return true;
            }
            if builds.iter().take(2).flatten().any(|known| !known.trim().is_empty()) {
                return false;
            }
        }
        item.os_version() == Some(self.s.goal.version)
    }

    /// The device's list of updates; one error is an empty list (R9).
    pub(super) fn available(&mut self, now: i64, report: &Report<'_>) {
        let items = match report.answer() {
            Answer::AvailableOsUpdates(items) => items,
            _ => Vec::new(),
        };
        let key = |item: &AvailableOsUpdatesItem<'_>| {
            let key = item.product_key().filter(|key| !key.trim().is_empty());
            key.filter(|key| key.len() <= MAX_PRODUCT_KEY).map(str::to_owned)
        };
        let found = items.iter().filter(|item| self.is_target(item));
        let found = found.filter_map(|item| Some((key(item)?, item))).next();
        if let Some((product_key, item)) = found {
            let name = short(item.human_readable_name().unwrap_or_default());
            if item.requires_bootstrap_token() == Some(true) && self.s.token_allowed {
                self.needs_token(now);
            }
            self.s.product_key = Some(product_key.clone());
            self.s.by_version = false;
            self.s.stage = Stage::Checking;
            return self.event(Event::Found { product_key, name });
        }
        // iOS and tvOS list only the newest: an older one can be asked for by its version. A Mac
        // lists all that it can have, and other things with versions of their own (R7).
        let lists_all = self.s.device.installed.platform == Platform::MacOs;
        let newer = !lists_all
            && items.iter().any(|item| {
                let version = item.version().unwrap_or_default().parse::<OsVersion>();
                version.is_ok_and(|version| version > self.s.goal.version)
            });
        if newer && rules::takes_version(&self.s.device, &self.s.goal.version) {
            self.s.product_key = None;
            self.s.by_version = true;
            self.s.stage = Stage::Checking;
            return;
        }
        // It may have the version already.
        self.s.looks = self.s.looks.saturating_add(1);
        self.s.product_key = None;
        self.s.by_version = false;
        self.s.stage = Stage::Verifying;
    }
}
