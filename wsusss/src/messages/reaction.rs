//! What to do about a fault.

use super::{Fault, FaultCode, Message};

/// What to do about a fault: MS-WSUSSS 2.2.9.3, and where real servers do otherwise, what works.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[non_exhaustive]
pub enum Reaction {
    /// Get a new cookie and repeat the request, once.
    RenewCookie,
    /// Start over with GetAuthConfig and repeat the request, once.
    Reauthorize,
    /// Read the configuration again and repeat the request.
    RereadConfig,
    /// Forget all anchors and go on.
    ResetAnchors,
    /// Forget the anchor that was sent and ask for everything, once.
    DropAnchor,
    /// Ask for half of it at a time. The specification says to stop; *observed* (WSUS 2025): one
    /// unknown update fails all that are asked for with it.
    Split,
    /// The one update that was asked for is not to be had: leave it in peace for a while.
    Quarantine,
    /// Ask again later.
    BackOff,
    /// Files are not there: see [`Fault::missing_files`].
    FilesMissing,
    /// Nothing helps. What was stored stays good.
    Stop,
}

/// What of a request decides about the reaction to a fault.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Asked {
    /// How many updates or driver sets were asked for.
    pub ids: usize,
    /// Whether it had an anchor.
    pub anchor: bool,
}

impl Asked {
    /// Of a request.
    #[must_use]
    pub fn of(request: &Message<'_>) -> Self {
        let set = |anchor: Option<&str>| anchor.is_some_and(|anchor| !anchor.is_empty());
        match request {
            Message::GetUpdateData(request) | Message::GetUpdateDecryptionData(request) => {
                Self { ids: request.update_ids.len(), anchor: false }
            }
            Message::GetDriverSetData(request) => {
                Self { ids: request.driver_sets.len(), anchor: false }
            }
            Message::GetRelatedRevisionsForUpdates(request) => {
                Self { ids: request.update_ids.len(), anchor: false }
            }
            Message::GetConfigData(request) => {
                Self { ids: 0, anchor: set(request.config_anchor.as_str()) }
            }
            Message::GetRevisionIdList(request) => {
                let filter = request.filter.value();
                Self { ids: 0, anchor: set(filter.and_then(|filter| filter.anchor.as_str())) }
            }
            Message::GetDriverIdList(request) => {
                let filter = request.filter.value();
                Self { ids: 0, anchor: set(filter.and_then(|filter| filter.anchor.as_str())) }
            }
            Message::GetDeployments(request) => {
                Self { ids: 0, anchor: set(request.deployment_anchor.as_str()) }
            }
            _ => Self::default(),
        }
    }

    /// For this many updates.
    #[must_use]
    pub const fn ids(ids: usize) -> Self {
        Self { ids, anchor: false }
    }

    /// A list, with or without an anchor.
    #[must_use]
    pub const fn list(anchor: bool) -> Self {
        Self { ids: 0, anchor }
    }
}

impl Fault {
    /// What to do about it. After GetUpdateData, see first whether the fault names what is missing, by
    /// whatever code: [`missing_revisions`](Self::missing_revisions).
    ///
    /// ```
    /// use wsusss::messages::{Asked, Fault, FaultCode, Reaction};
    ///
    /// let fault = Fault::new(FaultCode::InternalServerError);
    /// assert_eq!(fault.reaction(Asked::ids(100)), Reaction::Split);
    /// assert_eq!(fault.reaction(Asked::ids(1)), Reaction::Quarantine);
    /// assert_eq!(fault.reaction(Asked::default()), Reaction::Stop);
    /// ```
    #[must_use]
    pub fn reaction(&self, asked: Asked) -> Reaction {
        let fewer = match asked.ids {
            0 => Reaction::Stop,
            1 => Reaction::Quarantine,
            _ => Reaction::Split,
        };
        match &self.code {
            Some(FaultCode::InvalidCookie | FaultCode::CookieExpired) => Reaction::RenewCookie,
            Some(FaultCode::InvalidAuthorizationCookie) => Reaction::Reauthorize,
            Some(FaultCode::ConfigChanged) => Reaction::RereadConfig,
            Some(FaultCode::ServerChanged) => Reaction::ResetAnchors,
            Some(FaultCode::ServerBusy) => Reaction::BackOff,
            Some(FaultCode::FileDigestsMissing) => Reaction::FilesMissing,
            Some(FaultCode::InvalidParameters) if asked.anchor => Reaction::DropAnchor,
            Some(
                FaultCode::InvalidParameters
                | FaultCode::InternalServerError
                | FaultCode::TooManyIds,
            ) => fewer,
            Some(FaultCode::IncompatibleProtocolVersion | FaultCode::Other(_)) | None => {
                Reaction::Stop
            }
        }
    }
}
