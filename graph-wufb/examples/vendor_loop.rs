//! A vendor's loop for one tenant: drivers, then a feature update, each to its end. What is next is
//! decided by what stands, not by events: an offer is told again whenever its devices change.

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntryId, DeploymentStateValue as State, DeviceId};
use graph_wufb::simulator::Service;
use graph_wufb::workflow::{ApprovalStatus, Cleanup, DeploymentRollout, DriverRollout};
use graph_wufb::workflow::{Plan, Rollout, Step};

/// Sends what can be sent until the rollout only waits; true if there is something to decide.
fn turn(it: &mut impl Rollout, to: &mut Service, now: &mut DateTime<Utc>) -> Result<bool, String> {
    while let Some((token, request)) = it.poll_transmit(*now) {
        let _row = serde_json::to_string(&it.state()); // into your database, before sending
        // Your HTTP client and access token; without an answer: `handle_loss`.
        let (status, headers, body) = to.handle_request(&request, *now);
        it.handle_response(*now, token, status, &headers, &body);
    }
    std::iter::from_fn(|| it.poll_event()).for_each(|event| println!("{event:?}"));
    // A vendor goes home here, and comes back with the saved state at this time.
    *now = it.poll_timeout().unwrap_or(*now).max(*now) + TimeDelta::seconds(1);
    let active = it.step() == Step::Active;
    if it.is_blocked() { Err("a person has to look, and then `retry`".into()) } else { Ok(active) }
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let devices = [DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?];
    let update = CatalogEntryId::new("f341705b-0b15-4ce3-aaf2-6a1681d78606")?;
    let mut tenant = Service::new(); // the service itself, in earnest
    tenant.add_driver("5d6dede6", "Contoso - Net - 1.0.0.1", &devices);
    tenant.add_driver("7e8faf90", "Contoso - Audio - 2.0.0.1", &devices);
    tenant.add_feature_update(update.as_str(), "Windows 11, version 25H2");
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let mut drivers = DriverRollout::new(Plan::new(devices.clone()));
    while !drivers.is_done() {
        let active = turn(&mut drivers, &mut tenant, &mut now)?;
        let offers: Vec<_> = drivers.offers().map(|(entry, _)| entry.clone()).collect();
        for entry in offers.iter().filter(|_| active) {
            if !drivers.approvals().iter().any(|known| known.entry == *entry) {
                drivers.approve(entry, None)?;
            }
        }
        let open = drivers.approvals().iter().any(|it| it.status == ApprovalStatus::Requested);
        if active && !offers.is_empty() && !open {
            drivers.unenroll(Cleanup::Remove)?;
        }
    }
    let mut feature = DeploymentRollout::feature(Plan::new(devices), update);
    while !feature.is_done() {
        let active = turn(&mut feature, &mut tenant, &mut now)?;
        match feature.effective().and_then(|word| word.known()).filter(|_| active) {
            _ if active && feature.deployment().is_none() => feature.finish(Cleanup::Remove)?,
            Some(State::Offering) => feature.archive()?,
            Some(State::Archived | State::Faulted) => feature.finish(Cleanup::Remove)?,
            _ => {} // not yet, or paused
        }
    }
    assert_eq!(tenant.counts().audiences, 0, "nothing is left");
    Ok(())
}
