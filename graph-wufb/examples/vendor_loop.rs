//! A vendor's loop for one tenant: drivers, then a feature update, each to its end.

use chrono::{DateTime, TimeDelta, Utc};
use graph_wufb::models::{CatalogEntryId, DeviceId};
use graph_wufb::requests::Method;
use graph_wufb::simulator::Service;
use graph_wufb::workflow::{Cleanup, DeploymentRollout, DriverRollout, Event, Plan, Rollout};

/// Sends what can be sent until the rollout only waits, and gives what happened.
fn turn(rollout: &mut impl Rollout, tenant: &mut Service, now: &mut DateTime<Utc>) -> Vec<Event> {
    while let Some((token, request)) = rollout.poll_transmit(*now) {
        if request.method != Method::Get {
            let _row = serde_json::to_string(&rollout.state()); // into your database, before sending
        }
        // Your HTTP client and access token; without an answer: `rollout.handle_loss(…)`.
        let (status, headers, body) = tenant.handle_request(&request, *now);
        rollout.handle_response(*now, token, status, &headers, &body);
    }
    // A vendor goes home here, and comes back with the saved state at this time.
    *now = rollout.poll_timeout().unwrap_or(*now).max(*now) + TimeDelta::seconds(1);
    std::iter::from_fn(|| rollout.poll_event()).collect()
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let devices = [DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?];
    let update = CatalogEntryId::new("f341705b-0b15-4ce3-aaf2-6a1681d78606")?;
    let mut tenant = Service::new(); // the service itself, in earnest
    tenant.add_driver("5d6dede6", "Contoso - Net - 1.0.0.1", &devices);
    tenant.add_feature_update(update.as_str(), "Windows 11, version 25H2");
    let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);

    let mut drivers = DriverRollout::new(Plan::new(devices.clone()));
    while !drivers.is_done() {
        for event in turn(&mut drivers, &mut tenant, &mut now) {
            println!("{event:?}");
            match event {
                Event::ContentOffered { entry, .. } => drivers.approve(&entry, None)?,
                Event::ApprovalCreated { .. } => drivers.unenroll(Cleanup::Remove)?,
                Event::Blocked { reason, .. } => return Err(reason.into()),
                _ => {}
            }
        }
    }
    let mut feature = DeploymentRollout::feature(Plan::new(devices), update);
    while !feature.is_done() {
        for event in turn(&mut feature, &mut tenant, &mut now) {
            println!("{event:?}");
            if let Event::DeploymentChanged { effective, .. } = event {
                match effective.as_str() {
                    "offering" => feature.archive()?,
                    _ => feature.finish(Cleanup::Remove)?,
                }
            }
        }
    }
    assert_eq!(tenant.counts().audiences, 0, "nothing is left");
    Ok(())
}
