//! The rollout of one update by a deployment of its own.

use super::engine;
use super::plan::Goal;
use super::state::State;
use super::{Cleanup, Event, Plan, RolloutState, Step};
use super::{DeviceStatus, Handled, Loss, Token};
use crate::error::Error;
use crate::models::{
    AudienceId, CatalogEntryId, DeploymentId, DeploymentSettings, DeploymentStateReasonValue,
    DeploymentStateValue, DeviceId, ExpediteSettings, Open, RequestedDeploymentStateValue,
    UserExperienceSettings,
};
use crate::requests::{Headers, Request};
use chrono::{DateTime, Utc};

/// The rollout of a feature update, or of a quality update in a hurry: enrol (feature updates
/// only), audience, members, deployment, watch, pause and go on, departure.
///
/// It is driven as [`DriverRollout`](super::DriverRollout) is, and looks for what lost answers may
/// have made in the same way: the deployment is the one for our audience, which nobody else knows.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use graph_wufb::models::{CatalogEntryId, DeviceId};
/// use graph_wufb::simulator::Service;
/// use graph_wufb::workflow::{DeploymentRollout, Plan, Step};
///
/// let device = DeviceId::new("fb95f07d-9e73-411d-99ab-7eca3a5122b1")?;
/// let update = CatalogEntryId::new("f341705b-0b15-4ce3-aaf2-6a1681d78606")?;
/// let mut service = Service::new();
/// service.add_feature_update(update.as_str(), "Windows 11, version 25H2");
/// let mut rollout = DeploymentRollout::feature(Plan::new([device]), update);
/// let mut now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
/// while rollout.effective().is_none() {
///     while let Some((token, request)) = rollout.poll_transmit(now) {
///         // A vendor saves `rollout.state()` here, then sends with its own HTTP client.
///         let (status, headers, body) = service.handle_request(&request, now);
///         rollout.handle_response(now, token, status, &headers, &body);
///     }
///     now = rollout.poll_timeout().unwrap().max(now) + TimeDelta::seconds(1);
/// }
/// assert_eq!(rollout.step(), Step::Active);
/// rollout.pause()?;
/// # Ok::<(), graph_wufb::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentRollout {
    state: State,
}

engine::rollout!(DeploymentRollout, drivers: false);

impl DeploymentRollout {
    /// Starts the rollout of a feature update of the catalog.
    #[must_use]
    pub fn feature(plan: Plan, entry: CatalogEntryId) -> Self {
        Self::start(plan, Goal::Feature { entry })
    }

    /// Starts the rollout of a quality update of the catalog in a hurry: whatever the devices'
    /// deferrals, with a restart forced after so many days (0 to 30; the documentation's examples
    /// have 2). Devices need no enrolment for that, but the Update Health Tools (KB4023057).
    #[must_use]
    pub fn expedited(mut plan: Plan, entry: CatalogEntryId, days_until_reboot: u8) -> Self {
        let mut settings = plan.settings.take().unwrap_or_default();
        let given = settings.expedite.get().cloned();
        let mut expedite = given.unwrap_or_else(ExpediteSettings::tagged);
        expedite.is_expedited = true.into();
        settings.expedite = expedite.into();
        let given = settings.user_experience.get().cloned();
        let mut experience = given.unwrap_or_else(UserExperienceSettings::tagged);
        experience.days_until_forced_reboot = i32::from(days_until_reboot).into();
        settings.user_experience = experience.into();
        plan.settings = Some(settings);
        Self::start(plan, Goal::Expedited { entry })
    }

    fn start(mut plan: Plan, goal: Goal) -> Self {
        plan.goal = goal;
        Self { state: State::new(plan) }
    }

    /// The settings that the deployment is made with.
    #[must_use]
    pub fn settings(&self) -> Option<&DeploymentSettings> {
        self.state.plan.settings.as_ref()
    }

    /// The deployment, once it stands.
    #[must_use]
    pub fn deployment(&self) -> Option<&DeploymentId> {
        self.state.deployment.as_ref()
    }

    /// What the service last said that the deployment does.
    #[must_use]
    pub fn effective(&self) -> Option<&Open<DeploymentStateValue>> {
        self.state.effective.as_ref()
    }

    /// Why, as far as the service said.
    #[must_use]
    pub fn reasons(&self) -> &[Open<DeploymentStateReasonValue>] {
        &self.state.reasons
    }

    /// Stops offering, until [`go_on`](Self::go_on).
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) if the deployment is gone, archived, or
    /// the rollout is ending.
    pub fn pause(&mut self) -> Result<(), Error> {
        self.ask("pause", RequestedDeploymentStateValue::Paused)
    }

    /// Goes on offering. After a pause by a monitoring rule ([`reasons`](Self::reasons)) this removes
    /// the deployment's monitoring rules, without which the service stays paused; to keep watching,
    /// set others with [`patch_deployment`](crate::requests::patch_deployment).
    ///
    /// # Errors
    /// As [`pause`](Self::pause).
    pub fn go_on(&mut self) -> Result<(), Error> {
        self.ask("go_on", RequestedDeploymentStateValue::None)
    }

    /// Ends the deployment for good; it stays as a record.
    ///
    /// # Errors
    /// As [`pause`](Self::pause).
    pub fn archive(&mut self) -> Result<(), Error> {
        self.ask("archive", RequestedDeploymentStateValue::Archived)
    }

    fn ask(
        &mut self,
        command: &'static str,
        requested: RequestedDeploymentStateValue,
    ) -> Result<(), Error> {
        if self.state.leaving.is_some() {
            return Err(Error::command(command, "the rollout is ending"));
        }
        let archived = Open::from(DeploymentStateValue::Archived);
        if self.state.effective.as_ref() == Some(&archived) {
            return Err(Error::command(command, "the deployment is archived"));
        }
        if self.state.step >= Step::Active && self.state.deployment.is_none() {
            return Err(Error::command(command, "the deployment is gone"));
        }
        self.state.requested = Some(requested.into());
        Ok(())
    }

    /// Ends the rollout: with a feature update the devices are unenrolled, and, with
    /// [`Cleanup::Remove`], the deployment and the audience deleted.
    ///
    /// # Errors
    /// [`ErrorKind::Command`](crate::ErrorKind::Command) if it is ending already.
    pub fn finish(&mut self, cleanup: Cleanup) -> Result<(), Error> {
        if self.state.leaving.is_some() {
            return Err(Error::command("finish", "the rollout is ending already"));
        }
        self.state.leave(cleanup);
        Ok(())
    }
}
