//! The service's own books: what took effect, whatever became of the answers.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Service;
use crate::models::{AudienceId, CatalogEntryId, DeploymentId, DeviceId, PolicyId};
use crate::moment::Moment;

/// Something that took effect. What was asked for twice and done once is there once.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[non_exhaustive]
pub enum Deed {
    /// A device was enrolled for a category, such as `driver`.
    Enrolled(DeviceId, String),
    /// A device was taken back.
    Unenrolled(DeviceId, String),
    /// An audience was made.
    AudienceMade(AudienceId),
    /// A device became a member of an audience.
    MemberAdded(AudienceId, DeviceId),
    /// A policy was made for an audience.
    PolicyMade(PolicyId, AudienceId),
    /// An update was approved in a policy.
    Approved(PolicyId, CatalogEntryId),
    /// An approval was taken back.
    Revoked(PolicyId, CatalogEntryId),
    /// A deployment was made for an audience, of an approval or by itself.
    DeploymentMade(DeploymentId, AudienceId),
    /// A deployment was asked to do something else, in the service's word for it.
    DeploymentAsked(DeploymentId, String),
    /// A policy was deleted.
    PolicyDeleted(PolicyId),
    /// A deployment was deleted.
    DeploymentDeleted(DeploymentId),
    /// An audience was deleted.
    AudienceDeleted(AudienceId),
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Log {
    most: usize,
    deeds: VecDeque<(Moment, Deed)>,
}

impl Log {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, deeds: VecDeque::new() }
    }

    pub(super) fn note(&mut self, now: DateTime<Utc>, deed: Deed) {
        if self.deeds.len() >= self.most {
            self.deeds.pop_front();
        }
        if self.most > 0 {
            self.deeds.push_back((Moment(now), deed));
        }
    }
}

impl Service {
    /// How many deeds the books hold unless [`with_log`](Self::with_log) says otherwise.
    pub const LOG: usize = 100_000;

    /// Sets how many deeds the books hold; the oldest make room.
    #[must_use]
    pub fn with_log(mut self, deeds: usize) -> Self {
        self.log = Log::new(deeds);
        self
    }

    /// What took effect and when, oldest first.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use graph_wufb::requests::create_deployment_audience;
    /// use graph_wufb::simulator::{Deed, Service};
    ///
    /// let mut service = Service::new();
    /// // The answer says that it failed, but it was carried out.
    /// service.fail_next(504, None, true);
    /// service.handle_request(&create_deployment_audience(), DateTime::UNIX_EPOCH);
    /// assert!(matches!(service.log().next(), Some((_, Deed::AudienceMade(_)))));
    /// ```
    pub fn log(&self) -> impl Iterator<Item = (DateTime<Utc>, &Deed)> {
        self.log.deeds.iter().map(|(time, deed)| (time.0, deed))
    }
}
