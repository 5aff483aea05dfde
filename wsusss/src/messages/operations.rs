//! The messages by name: one table for reading, writing and [`schema`](super::schema).

use std::borrow::Cow;
use std::fmt;

use mdm_xml::Element;

use super::authorization::{
    AuthConfig, AuthorizationCookie, AuthorizationRequest, Cookie, CookieRequest, Empty,
};
use super::configuration::{ConfigData, ConfigRequest, PingRequest, ServiceStatus};
use super::deployments::{DeploymentData, DeploymentRequest};
use super::drivers::{DriverList, DriverRequest, DriverSetData, DriverSetRequest};
use super::fault::Fault;
use super::presence::{List, Presence};
#[cfg(feature = "reporting")]
use super::reporting::events::{EventBatch, EventBatch2, InventoryReport, InventoryTypeRequest};
#[cfg(feature = "reporting")]
use super::reporting::{
    ChangedComputer, ComputerRollup, OutOfSyncRequest, RollupConfiguration,
    RollupConfigurationRequest, ServerRollup, StatusRollup,
};
use super::revisions::{RelatedRevisionsRequest, RevisionList, RevisionRequest};
use super::schema::{Field, Kind, Record, Shape};
use super::updates::{DecryptionData, DownloadRequest, UpdateData, UpdateDataRequest};
use super::wire::{self, Body, Decoder, Own, Read, Seen, Shaped, Write};
use crate::error::Error;
use crate::id::UpdateKey;

/// The namespace of ServerSyncWebService and ReportingWebService.
pub const SERVER_SYNC: &str = "http://www.microsoft.com/SoftwareDistribution";
/// The namespace of DssAuthWebService.
pub const DSS_AUTH: &str = "http://www.microsoft.com/SoftwareDistribution/Server/DssAuthWebService";
/// The namespace of Ping, at each service.
pub const MONITORABLE: &str = "http://www.microsoft.com/SoftwareDistribution/Server/IMonitorable";

const fn record(kind: Kind) -> Record {
    match kind {
        Kind::Record(record) => *record,
        _ => Record::new(&[], &[]),
    }
}

macro_rules! operations {
    (<$life:lifetime> $(
        $(#[doc = $doc:literal])*
        $(#[cfg($cfg:meta)])?
        $name:ident($type:ty) in $namespace:ident $(as $result:literal)?;
    )*) => {
        /// A message of ServerSyncWebService, DssAuthWebService or ReportingWebService.
        #[derive(Clone, Eq, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
        #[non_exhaustive]
        pub enum Message<$life> {
            $(
                $(#[doc = $doc])*
                $(#[cfg($cfg)])?
                $name($type),
            )*
            /// What went wrong.
            Fault(Fault),
            /// A message of another protocol, kept as it stands.
            Other {
                /// The element's name.
                name: String,
                /// The element.
                raw: Cow<$life, str>,
            },
        }

        impl fmt::Debug for Message<'_> {
            /// Not what is in a message of another protocol: a cookie may be among it.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($(#[cfg($cfg)])? Self::$name(body) => {
                        f.debug_tuple(stringify!($name)).field(body).finish()
                    })*
                    Self::Fault(fault) => f.debug_tuple("Fault").field(fault).finish(),
                    Self::Other { name, raw } => f
                        .debug_struct("Other")
                        .field("name", name)
                        .field("bytes", &raw.len())
                        .finish_non_exhaustive(),
                }
            }
        }

        impl<$life> Message<$life> {
            /// The name of the element in the body.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $($(#[cfg($cfg)])? Self::$name(_) => stringify!($name),)*
                    Self::Fault(_) => "Fault",
                    Self::Other { name, .. } => name,
                }
            }

            /// The namespace of the element in the body.
            #[must_use]
            pub fn namespace(&self) -> &'static str {
                match self {
                    $($(#[cfg($cfg)])? Self::$name(_) => $namespace,)*
                    Self::Fault(_) | Self::Other { .. } => SERVER_SYNC,
                }
            }

            /// The same, independent of what it borrowed from.
            #[must_use]
            pub fn into_owned(self) -> Message<'static> {
                match self {
                    $($(#[cfg($cfg)])? Self::$name(body) => Message::$name(body.own()),)*
                    Self::Fault(fault) => Message::Fault(fault),
                    Self::Other { name, raw } => {
                        Message::Other { name, raw: Cow::Owned(raw.into_owned()) }
                    }
                }
            }

            /// Reads the element that was just opened; `None` if it is of another protocol.
            pub(super) fn read(
                d: &mut Decoder<$life>,
                element: &Element<$life>,
            ) -> Result<Option<Self>, Error> {
                Ok(Some(match element.local() {
                    $($(#[cfg($cfg)])? stringify!($name) => {
                        Self::$name(operations!(@read d, element, $type $(, $result)?))
                    })*
                    _ => return Ok(None),
                }))
            }

            pub(super) fn write_children(&self, w: &mut wire::W<'_>) {
                match self {
                    $($(#[cfg($cfg)])? Self::$name(body) => operations!(@write w, body $(, $result)?),)*
                    Self::Fault(_) | Self::Other { .. } => {}
                }
            }

            const SHAPES: &'static [Shape] = &[$($(#[cfg($cfg)])? Shape {
                name: stringify!($name),
                namespace: $namespace,
                body: operations!(@shape $type $(, $result)?),
            },)*];
        }
    };
    (@read $d:ident, $element:ident, $type:ty) => {
        <$type>::read($d, $element)?
    };
    (@read $d:ident, $element:ident, $type:ty, $result:literal) => {
        read_result::<$type>($d, $element, $result, const { &operations!(@shape $type, $result) })?
    };
    (@write $w:ident, $body:ident) => {
        $body.write_children($w)
    };
    (@write $w:ident, $body:ident, $result:literal) => {
        $body.write($w, $result)
    };
    (@shape $type:ty) => {
        record(<$type as Shaped>::KIND)
    };
    (@shape $type:ty, $result:literal) => {
        Record {
            attributes: &[],
            elements: &[Field {
                name: $result,
                required: <$type as Shaped>::IS_VALUE,
                kind: <$type as Shaped>::KIND,
            }],
        }
    };
}

/// The shape of every message that has one of its own.
#[must_use]
pub fn shapes() -> &'static [Shape] {
    Message::SHAPES
}

/// Reads an answer, which holds one element.
fn read_result<'x, T: Read<'x> + super::records::Lacking>(
    d: &mut Decoder<'x>,
    element: &Element<'x>,
    name: &str,
    record: &Record,
) -> Result<T, Error> {
    let mut result = T::LACKING;
    let mut seen = Seen::default();
    while let Some(child) = d.r.child()? {
        if child.local() == name {
            if d.came(&mut seen, &child, 0, record)? {
                result = T::read(d, &child)?;
            }
        } else {
            d.unknown(&child)?;
        }
    }
    d.ended(seen, element, record);
    Ok(result)
}

operations! { <'a>
    /// Asks how to authorize (MS-WSUSSS 3.1.4.1).
    GetAuthConfig(Empty) in SERVER_SYNC;
    /// How to authorize.
    GetAuthConfigResponse(Presence<AuthConfig>) in SERVER_SYNC as "GetAuthConfigResult";
    /// Asks for an authorization cookie (3.1.4.2).
    GetAuthorizationCookie(AuthorizationRequest) in DSS_AUTH;
    /// An authorization cookie.
    GetAuthorizationCookieResponse(Presence<AuthorizationCookie>) in DSS_AUTH
        as "GetAuthorizationCookieResult";
    /// Asks for a cookie (3.1.4.3).
    GetCookie(CookieRequest) in SERVER_SYNC;
    /// A cookie.
    GetCookieResponse(Presence<Cookie>) in SERVER_SYNC as "GetCookieResult";
    /// Asks for the server's configuration (3.1.4.4).
    GetConfigData(ConfigRequest) in SERVER_SYNC;
    /// The server's configuration.
    GetConfigDataResponse(Presence<ConfigData>) in SERVER_SYNC as "GetConfigDataResult";
    /// Asks which revisions there are (3.1.4.5).
    GetRevisionIdList(RevisionRequest) in SERVER_SYNC;
    /// Which revisions there are.
    GetRevisionIdListResponse(Presence<RevisionList>) in SERVER_SYNC as "GetRevisionIdListResult";
    /// Asks for update documents (3.1.4.6).
    GetUpdateData(UpdateDataRequest) in SERVER_SYNC;
    /// Update documents.
    GetUpdateDataResponse(Presence<UpdateData<'a>>) in SERVER_SYNC as "GetUpdateDataResult";
    /// Asks which drivers there are (3.1.4.7).
    GetDriverIdList(DriverRequest) in SERVER_SYNC;
    /// Which drivers there are.
    GetDriverIdListResponse(Presence<DriverList>) in SERVER_SYNC as "GetDriverIdListResult";
    /// Asks for driver sets (3.1.4.8).
    GetDriverSetData(DriverSetRequest) in SERVER_SYNC;
    /// Driver sets.
    GetDriverSetDataResponse(Presence<DriverSetData>) in SERVER_SYNC as "GetDriverSetDataResult";
    /// Asks for the revisions that updates have now (3.1.4.9); no part of the protocol, and answered by
    /// the public service all the same: see [`RelatedRevisionsRequest`].
    GetRelatedRevisionsForUpdates(RelatedRevisionsRequest) in SERVER_SYNC;
    /// The revisions that updates have now.
    GetRelatedRevisionsForUpdatesResponse(List<UpdateKey>) in SERVER_SYNC
        as "GetRelatedRevisionsForUpdatesResult";
    /// Asks for deployments (3.1.4.10).
    GetDeployments(DeploymentRequest) in SERVER_SYNC;
    /// Deployments.
    GetDeploymentsResponse(Presence<DeploymentData>) in SERVER_SYNC as "GetDeploymentsResult";
    /// Asks the server to fetch files (3.1.4.11).
    DownloadFiles(DownloadRequest) in SERVER_SYNC;
    /// The server will fetch them.
    DownloadFilesResponse(Empty) in SERVER_SYNC;
    /// Asks for keys of files (3.1.4.18).
    GetUpdateDecryptionData(UpdateDataRequest) in SERVER_SYNC;
    /// Keys of files.
    GetUpdateDecryptionDataResponse(Presence<DecryptionData>) in SERVER_SYNC
        as "GetUpdateDecryptionDataResult";
    /// Asks whether a service is there (3.1.4.12).
    Ping(PingRequest) in MONITORABLE;
    /// How a service is.
    PingResponse(Presence<Box<ServiceStatus>>) in MONITORABLE as "PingResult";
    /// Asks how to report (3.1.4.13).
    #[cfg(feature = "reporting")]
    GetRollupConfiguration(RollupConfigurationRequest) in SERVER_SYNC;
    /// How to report.
    #[cfg(feature = "reporting")]
    GetRollupConfigurationResponse(Presence<RollupConfiguration>) in SERVER_SYNC
        as "GetRollupConfigurationResult";
    /// Reports servers (3.1.4.14).
    #[cfg(feature = "reporting")]
    RollupDownstreamServers(ServerRollup) in SERVER_SYNC;
    /// Servers were reported.
    #[cfg(feature = "reporting")]
    RollupDownstreamServersResponse(Empty) in SERVER_SYNC;
    /// Reports computers (3.1.4.15).
    #[cfg(feature = "reporting")]
    RollupComputers(ComputerRollup) in SERVER_SYNC;
    /// Computers that are not what was reported.
    #[cfg(feature = "reporting")]
    RollupComputersResponse(List<ChangedComputer>) in SERVER_SYNC as "RollupComputersResult";
    /// Asks which computers the server knows less about (3.1.4.16).
    #[cfg(feature = "reporting")]
    GetOutOfSyncComputers(OutOfSyncRequest) in SERVER_SYNC;
    /// Computers that the server knows less about.
    #[cfg(feature = "reporting")]
    GetOutOfSyncComputersResponse(List<String>) in SERVER_SYNC as "GetOutOfSyncComputersResult";
    /// Reports updates at computers (3.1.4.17).
    #[cfg(feature = "reporting")]
    RollupComputerStatus(StatusRollup) in SERVER_SYNC;
    /// Whether that was taken; not if the server is busy.
    #[cfg(feature = "reporting")]
    RollupComputerStatusResponse(Presence<bool>) in SERVER_SYNC as "RollupComputerStatusResult";
    /// Reports events (MS-WUSP 3.1.5.11).
    #[cfg(feature = "reporting")]
    ReportEventBatch(EventBatch) in SERVER_SYNC;
    /// Whether that was taken.
    #[cfg(feature = "reporting")]
    ReportEventBatchResponse(Presence<bool>) in SERVER_SYNC as "ReportEventBatchResult";
    /// Reports events without a cookie.
    #[cfg(feature = "reporting")]
    ReportEventBatch2(EventBatch2) in SERVER_SYNC;
    /// Whether that was taken.
    #[cfg(feature = "reporting")]
    ReportEventBatch2Response(Presence<bool>) in SERVER_SYNC as "ReportEventBatch2Result";
    /// Asks which inventory is wanted.
    #[cfg(feature = "reporting")]
    GetRequiredInventoryType(InventoryTypeRequest) in SERVER_SYNC;
    /// Which inventory is wanted.
    #[cfg(feature = "reporting")]
    GetRequiredInventoryTypeResponse(Presence<i32>) in SERVER_SYNC
        as "GetRequiredInventoryTypeResult";
    /// Reports an inventory.
    #[cfg(feature = "reporting")]
    ReportInventory(InventoryReport) in SERVER_SYNC;
    /// Whether that was taken.
    #[cfg(feature = "reporting")]
    ReportInventoryResponse(Presence<bool>) in SERVER_SYNC as "ReportInventoryResult";
}
