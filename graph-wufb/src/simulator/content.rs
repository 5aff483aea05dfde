//! What applies to the members of an audience.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::Service;
use super::answers::Answer;
use super::store::{Audience, Driver, due};
use crate::json::Value;
use crate::models::{
    ApplicableContent, ApplicableContentDeviceMatch, CatalogEntry, CatalogEntryId, DeviceId,
    EnrollmentState,
};
use crate::requests::ROOT;

impl Service {
    pub(super) fn list_content(
        &self,
        audience: &Audience,
        path: &str,
        query: &str,
        now: DateTime<Utc>,
    ) -> Answer {
        let expanded = query.split('&').find_map(|option| option.strip_prefix("$expand="));
        let expands = |member| {
            self.inline_content || expanded.is_some_and(|all| all.split(',').any(|it| it == member))
        };
        let (entry, devices) = (expands("catalogEntry"), expands("matchedDevices"));
        let scanned = self.scanned(audience, now);
        let all = self.drivers.iter().filter(|(id, driver)| {
            !self.withdrawn.contains(*id) && driver.devices.iter().any(|it| scanned.contains(it))
        });
        self.page(path, query, all, |(id, driver)| {
            let mut content = ApplicableContent::default();
            if !self.inline_content {
                content.catalog_entry_id = id.clone().into();
            } else {
                content.matched_devices =
                    matched(driver, &scanned).map(show).collect::<Vec<_>>().into();
            }
            if entry {
                content.catalog_entry = CatalogEntry::Driver(driver.entry.clone()).into();
            }
            let mut shown = content.to_object();
            if devices && !self.inline_content {
                let link = format!("{}{ROOT}{path}/{id}/matchedDevices", self.origin);
                shown.insert("matchedDevices", Value::Array(Vec::new()));
                shown.insert("matchedDevices@odata.nextLink", link);
            }
            shown
        })
    }

    pub(super) fn list_matches(
        &self,
        audience: &Audience,
        entry: &str,
        path: &str,
        query: &str,
        now: DateTime<Utc>,
    ) -> Answer {
        let scanned = self.scanned(audience, now);
        let found = CatalogEntryId::new(entry).ok().filter(|id| !self.withdrawn.contains(id));
        let found = found.and_then(|id| self.drivers.get(&id));
        let found = found.filter(|driver| matched(driver, &scanned).next().is_some());
        let Some(driver) = found else { return Answer::not_found("applicableContent", entry) };
        self.page(path, query, matched(driver, &scanned), |id| show(id).to_object())
    }

    /// The members whose scan results have come.
    fn scanned<'a>(&self, audience: &'a Audience, now: DateTime<Utc>) -> BTreeSet<&'a DeviceId> {
        let members = audience.members.iter().filter(|(id, since)| {
            let enrolled = self.devices.get(*id).is_some_and(|device| {
                device.state("driver", &self.timing, now) == EnrollmentState::Enrolled
            });
            enrolled && !audience.exclusions.contains(*id) && due(**since, self.timing.content, now)
        });
        members.map(|(id, _)| id).collect()
    }
}

fn matched<'a>(
    driver: &'a Driver,
    scanned: &'a BTreeSet<&DeviceId>,
) -> impl Iterator<Item = &'a DeviceId> {
    driver.devices.iter().filter(|id| scanned.contains(id))
}

fn show(id: &DeviceId) -> ApplicableContentDeviceMatch {
    ApplicableContentDeviceMatch {
        recommended_by: vec!["Microsoft".to_owned()].into(),
        device_id: id.clone().into(),
        ..Default::default()
    }
}
